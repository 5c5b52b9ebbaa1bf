"""The pages that every check of the browser goes through, and what accessibility means here."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

BACKEND = "/roles/software-engineering/backend"
WAY = "from=software-engineering/backend/l1&to=management/engineering-management/l5"
CATALOGUE = {
    "home": "/",
    "roles": "/roles/",
    "search": "/roles/?q=bakend+enginer",
    "nothing found": "/roles/?q=zzzz",
    "role l1": f"{BACKEND}/l1/",
    "role l3": f"{BACKEND}/l3/",
    "compare": "/roles/compare/?from=software-engineering/backend/l1&to=software-engineering/backend/l2",
    "map": "/roles/map/",
    "map with a path": f"/roles/map/?{WAY}",
    "ladder": f"{BACKEND}/",
    "competencies": "/competencies/",
    "competency": "/competencies/system-design/",
    "history": f"{BACKEND}/l1/history/",
    "difference": f"{BACKEND}/l1/difference/",
    "version": f"{BACKEND}/l1/history/1/",
    "appearance": "/appearance/",
    "missing": "/nothing/",
}
STRANGERS = {
    "sign in": "/accounts/login/",
    "sign up": "/accounts/signup/",
    "forgotten password": "/accounts/password/reset/",
    "forgotten password, sent": "/accounts/password/reset/done/",
}
OWN = {
    "profile": "/accounts/profile/",
    "passkeys": "/accounts/2fa/webauthn/",
    "sessions": "/accounts/sessions/",
    "mail": "/accounts/mail/",
    "e-mail addresses": "/accounts/email/",
    "password": "/accounts/password/change/",
    "second factor": "/accounts/2fa/",
    "my data": "/accounts/data/",
    "what is kept": "/accounts/data/kept/",
    "sign out": "/accounts/logout/",
    "current role": "/record/role/",
    "people": "/people/",
    "who viewed my record": "/record/views/",
    "match": "/match/software-engineering/backend/l2/",
    "match, gaps only": "/match/software-engineering/backend/l2/?show=gaps&plan=core",
    "best fit": "/match/",
    "targets": "/targets/",
    "log": "/log/",
    "log, filtered": "/log/?proof=verified&from=2025-01-01",
    "log, archived": "/log/?state=archived",
    "log, nothing found": "/log/?q=zzzz",
    "new entry": "/log/new/?competency=system-design&level=2",
}


def violations(page: Page, only: str = "") -> list[str]:
    """What axe finds on the page as it stands, one line a node. Injected past the policy, which is left as it is."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE_SCRIPT)
    options = {"resultTypes": ["violations"]} | ({"runOnly": [only]} if only else {})
    result: dict[str, Any] = page.evaluate("(options) => axe.run(options)", options)
    return [
        f"{one['id']} ({one['impact']}): {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for one in result["violations"]
        for node in one["nodes"]
    ]


# Every rule once at each width; in the other scheme only the colours can be wrong.
QUICK = ((1280, "light", ""), (390, "dark", ""))
ALL = ((1280, "light", ""), (1280, "dark", "color-contrast"), (390, "dark", ""), (390, "light", "color-contrast"))


def violations_everywhere(page: Page, looks: tuple[tuple[int, str, str], ...] = ALL) -> dict[str, list[str]]:
    """What is wrong at both widths, light and dark."""
    found = {}
    for width, scheme, only in looks:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found[f"{width} {scheme}"] = violations(page, only)
    return {where: lines for where, lines in found.items() if lines}
