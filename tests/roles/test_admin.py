"""The admin of roles, as a ladder editor meets it."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.admin import site
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from competencies.models import Revision
from people.models import User
from roles.admin.versions import Moved, RoleVersionAdmin
from roles.choices import Section, State
from roles.models import Family, Move, Requirement, Role, RoleVersion, Sentence
from roles.services.publishing import publish, start_draft
from tests.factories.competencies import CompetencyFactory
from tests.factories.people import UserFactory, ladder_editor
from tests.factories.roles import LevelFactory, draft, published, role_at

pytestmark = pytest.mark.django_db

PATH = "software-engineering/backend/l2"
LISTS = (*Section.values, "requirements", "moves")
SAID = {
    "primary": ["Builds services", "Runs services"],
    "hard": ["Python"],
}


@pytest.fixture
def editor(db: None) -> User:
    return ladder_editor(name="Edda")


@pytest.fixture
def admin_page(client: Client, editor: User) -> Client:
    client.force_login(editor)
    return client


@pytest.fixture
def version(db: None) -> RoleVersion:
    return draft(
        role=PATH,
        title="Engineer",
        needs={"coding": (3, "core"), "testing": (2, "supporting")},
        summary="Builds things.",
        tags=["Building"],
        responsibilities={"primary": ["Builds services", "Runs services"]},
        skills={"hard": ["Python"]},
        moves={"up": [{"title": "Astronaut", "focus": "Height"}]},
    )


def address(version: RoleVersion, page: str = "change") -> str:
    return reverse(f"admin:roles_roleversion_{page}", args=[version.pk])


def line(text: str, position: int | str = 1) -> dict[str, Any]:
    return {"position": position, "text": text}


def need(competency: Any, need: Any = 1, position: int = 1) -> dict[str, Any]:
    return {"position": position, "competency": competency, "need": need, "tier": "core"}


def rows(prefix: str, given: list[dict[str, Any]]) -> dict[str, Any]:
    data: dict[str, Any] = {f"{prefix}-TOTAL_FORMS": len(given), f"{prefix}-INITIAL_FORMS": 0}
    for place, row in enumerate(given):
        data |= {f"{prefix}-{place}-{name}": value for name, value in row.items()}
    return data


def form_of(version: RoleVersion, **changes: Any) -> dict[str, Any]:
    """What a browser sends for a draft as it is stored, with changes; a list's name replaces the whole list."""
    lists: dict[str, Any] = {
        section: [{"position": one.position, "text": one.text} for one in version.sentences.filter(section=section)]
        for section in Section.values
    }
    lists["requirements"] = [
        {"position": one.position, "competency": one.competency_id, "need": one.need, "tier": one.tier}
        for one in version.requirements.all()
    ]
    lists["moves"] = [
        {
            "position": one.position,
            "direction": one.direction,
            "role": one.role_id or "",
            "outside_title": one.outside_title,
            "focus": one.focus,
        }
        for one in version.moves.all()
    ]
    data: dict[str, Any] = {
        name: getattr(version, name) if getattr(version, name) is not None else ""
        for name in [
            "title",
            "summary",
            "mission",
            "tour_of_duty",
            "about_family",
            "about_specialty",
            "salary_minimum",
            "salary_maximum",
            "salary_currency",
            "salary_period",
            "minimum_years",
            "maximum_years",
            "experience_note",
            "next_theme",
        ]
    }
    data |= {
        "effective_from": version.effective_from.isoformat(),
        "tags": ", ".join(version.tags),
        "keywords": ", ".join(version.keywords),
        "seen": version.edits,
    }
    data |= {name: value for name, value in changes.items() if name not in lists}
    for name, given in lists.items():
        data |= rows(name, changes.get(name, given))
    return data


def texts(version: RoleVersion, section: str) -> list[tuple[int, str]]:
    return list(version.sentences.filter(section=section).values_list("position", "text"))


def save(client: Client, version: RoleVersion, follow: bool = False, **changes: Any) -> Any:
    return client.post(address(version), form_of(version, **changes), follow=follow)


def shown(response: Any) -> str:
    return response.content.decode()


# ── The draft form ──────────────────────────────────────────────────────────
def test_draft_form_shows_what_is_stored(admin_page: Client, version: RoleVersion) -> None:
    page = shown(admin_page.get(address(version)))
    for text in ("Builds things.", "Builds services", "Runs services", "Python", "Astronaut", "Height", "Building"):
        assert text in page
    assert "Hard skills" in page


def test_draft_form_sent_back_unchanged_changes_nothing_but_the_counter(
    admin_page: Client, editor: User, version: RoleVersion
) -> None:
    before = start_document(version)
    assert save(admin_page, version).status_code == 302
    version.refresh_from_db()
    assert start_document(version) == before
    assert (version.edits, version.edited_by) == (1, editor)


def start_document(version: RoleVersion) -> Any:
    return (
        list(version.sentences.values_list("section", "position", "text")),
        list(version.requirements.values_list("position", "competency", "need", "tier")),
        list(version.moves.values_list("position", "direction", "role", "outside_title", "focus")),
        version.title,
        version.tags,
    )


def test_draft_form_saves_fields_and_lists(admin_page: Client, version: RoleVersion) -> None:
    response = save(
        admin_page,
        version,
        title="  Senior\x00 Engineer\x07 ",
        mission="\r\nMake it work.\r\nKeep it.\x01 ",
        tags="Cloud, cloud\u0000, Data",
        keywords="One thing\nAnother, with a comma",
        salary_minimum=10,
        salary_maximum=20,
        salary_currency="eur",
        salary_period="year",
        soft=[line(" Listens\x00 ", "")],
    )
    assert response.status_code == 302
    version.refresh_from_db()
    assert version.title == "Senior Engineer"
    assert version.mission == "Make it work.\nKeep it."
    assert version.tags == ["Cloud", "Data"]
    assert version.keywords == ["One thing", "Another, with a comma"]
    assert version.salary_currency == "EUR"
    assert texts(version, "soft") == [(1, "Listens")]


def test_words_with_a_comma_survive_the_form(admin_page: Client, version: RoleVersion) -> None:
    RoleVersion.objects.filter(pk=version.pk).update(tags=["One, two"])
    form = admin_page.get(address(version)).context["adminform"].form
    given = (
        form["tags"].value()
        if not isinstance(form["tags"].value(), list)
        else form.fields["tags"].prepare_value(form["tags"].value())
    )
    save(admin_page, version, tags=given)
    version.refresh_from_db()
    assert version.tags == ["One, two"]


def test_rows_are_renumbered_by_their_numbers_within_their_list(admin_page: Client, version: RoleVersion) -> None:
    save(
        admin_page,
        version,
        primary=[
            line("C", 30),
            line("D", ""),
            line("B", 7),
            line("A"),
        ],
        moves=[
            {"position": 9, "direction": "up", "outside_title": "Second"},
            {"position": 8, "direction": "sideways", "outside_title": "Aside"},
            {"position": 3, "direction": "up", "outside_title": "First"},
        ],
    )
    assert texts(version, "primary") == [(1, "A"), (2, "B"), (3, "C"), (4, "D")]
    assert texts(version, "hard") == [(1, "Python")]
    assert list(version.moves.values_list("direction", "position", "outside_title")) == [
        ("sideways", 1, "Aside"),
        ("up", 1, "First"),
        ("up", 2, "Second"),
    ]


def test_empty_rows_are_dropped(admin_page: Client, version: RoleVersion) -> None:
    save(
        admin_page,
        version,
        primary=[line("  "), line("Runs services", 2)],
        requirements=[need("", "")],
    )
    assert texts(version, "primary") == [(1, "Runs services")]
    assert not version.requirements.exists()


def test_two_requirements_can_change_places(admin_page: Client, version: RoleVersion) -> None:
    first, second = version.requirements.all()
    save(
        admin_page,
        version,
        requirements=[
            {"position": 1, "competency": second.competency_id, "need": 5, "tier": "core"},
            {"position": 2, "competency": first.competency_id, "need": 1, "tier": "emerging"},
        ],
    )
    assert list(version.requirements.values_list("competency__slug", "need")) == [("testing", 5), ("coding", 1)]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"salary_minimum": 5}, "A salary range needs both ends"),
        (
            {"salary_minimum": 9, "salary_maximum": 5, "salary_currency": "USD", "salary_period": "year"},
            "A salary range needs",
        ),
        ({"salary_currency": "U1"}, "A currency has three letters"),
        ({"minimum_years": 5, "maximum_years": 2}, "The range of years ends before it starts."),
        ({"maximum_years": 99_999}, "less than or equal to 60"),
        ({"salary_minimum": 10**30}, "less than or equal to"),
        ({"title": ""}, "This field is required."),
        ({"title": "\x00"}, "This field is required."),
        ({"title": "x" * 121}, "at most 120 characters"),
        ({"mission": "x" * 10_001}, "at most 10000 characters"),
        ({"tags": "x" * 61}, "is longer than 60 characters"),
        ({"tags": ",".join(map(str, range(61)))}, "60 at most"),
        ({"effective_from": "someday"}, "Enter a valid date."),
        ({"primary": [{"position": 1, "text": "x" * 2_001}]}, "at most 2000 characters"),
        ({"primary": [line("x", "one")]}, "Enter a whole number."),
        ({"primary": [line(f"x{n}") for n in range(81)]}, "at most 80 forms"),
        ({"moves": [{"position": 1, "direction": "up", "focus": "Nowhere"}]}, "one of the two"),
        (
            {"moves": [{"position": 1, "direction": "up", "role": "self", "outside_title": ""}]},
            "This is the role itself.",
        ),
        ({"moves": [{"position": 1, "direction": "up", "role": "other", "outside_title": "Both"}]}, "one of the two"),
        ({"moves": [{"position": 1, "direction": "down", "outside_title": "Away"}]}, "Select a valid choice"),
        (
            {"requirements": [need("twice", 1)] * 2},
            "is required twice",
        ),
        ({"requirements": [need("retired", 1)]}, "is not in use"),
        (
            {"requirements": [need("twice", 9)]},
            "Select a valid choice",
        ),
        (
            {"requirements": [need("twice", "")]},
            "This field is required.",
        ),
    ],
)
def test_wrong_input_is_a_form_error(
    admin_page: Client, version: RoleVersion, changes: dict[str, Any], error: str
) -> None:
    CompetencyFactory(slug="retired", retired_on=date(2024, 1, 1))
    ids = {
        "twice": CompetencyFactory(slug="twice").pk,
        "retired": CompetencyFactory(slug="retired").pk,
        "self": version.role_id,
        "other": role_at("software-engineering/backend/l3").pk,
    }

    def known(row: dict[str, Any]) -> dict[str, Any]:
        return {name: ids.get(value, value) for name, value in row.items()}

    sent = {
        name: [known(row) for row in value] if isinstance(value, list) else value for name, value in changes.items()
    }
    response = save(admin_page, version, **sent)
    assert response.status_code == 200
    assert error in shown(response)
    assert RoleVersion.objects.get(pk=version.pk).edits == 0


def test_retired_competency_stays_where_the_draft_names_it(admin_page: Client, version: RoleVersion) -> None:
    CompetencyFactory(slug="coding")
    version.requirements.get(competency__slug="coding").competency.__class__.objects.filter(slug="coding").update(
        retired_on=date(2024, 1, 1)
    )
    assert save(admin_page, version).status_code == 302
    assert version.requirements.filter(competency__slug="coding").exists()


@pytest.mark.parametrize(
    "broken",
    [{"primary-TOTAL_FORMS": "many"}, {"seen": "x", "title": "y"}, {"overwrite": "x"}, {"primary-0-version": "999999"}],
)
def test_tampered_form_is_no_crash(admin_page: Client, version: RoleVersion, broken: dict[str, str]) -> None:
    response = admin_page.post(address(version), form_of(version) | broken)
    assert response.status_code == 200
    assert RoleVersion.objects.get(pk=version.pk).edits == 0


def test_log_says_which_rows_came_and_went(admin_page: Client, version: RoleVersion) -> None:
    save(
        admin_page,
        version,
        primary=[line("Runs services"), line("Mends services", 2)],
    )
    message = LogEntry.objects.latest("pk").get_change_message()
    assert "Added sentence “Mends services”." in message
    assert "Deleted sentence “Builds services”." in message
    assert "Runs services" not in message


# ── Two editors ─────────────────────────────────────────────────────────────
@pytest.fixture
def conflict(admin_page: Client, version: RoleVersion) -> dict[str, Any]:
    """What the editor sends after somebody else saved: a row of theirs is gone, another one came."""
    mine = form_of(
        version,
        summary="Mine.",
        primary=[line("Builds services"), line("My line", 2)],
    )
    other = Client()
    other.force_login(ladder_editor(name="Otto"))
    assert save(other, version, summary="Theirs.", primary=[line("Their line")], hard=[]).status_code == 302
    return mine


def test_conflict_is_refused_and_keeps_what_was_typed(
    admin_page: Client, version: RoleVersion, conflict: dict[str, Any]
) -> None:
    response = admin_page.post(address(version), conflict)
    page = shown(response)
    assert response.status_code == 200
    assert "Otto saved this draft on" in page
    assert "Save mine over it" in page
    assert [row["label"] if isinstance(row, dict) else row.label for row in response.context["conflict"]["rows"]] == [
        "Summary",
        "Responsibilities",
        "Hard skills",
    ]
    form = response.context["adminform"].form
    assert form["summary"].value() == "Mine."
    typed = {
        one.formset.prefix: [row["text"].value() for row in one.formset.forms]
        for one in response.context["inline_admin_formsets"]
        if one.formset.prefix in ("primary", "hard")
    }
    assert typed == {"primary": ["Builds services", "My line"], "hard": ["Python"]}
    version.refresh_from_db()
    assert version.summary == "Theirs."
    assert texts(version, "primary") == [(1, "Their line")]


def test_conflict_next_submit_stays_refused_without_the_tick(
    admin_page: Client, version: RoleVersion, conflict: dict[str, Any]
) -> None:
    for _ in range(2):
        assert admin_page.post(address(version), conflict).status_code == 200
    assert RoleVersion.objects.get(pk=version.pk).summary == "Theirs."


def test_conflict_save_mine_over_it_stores_all_of_mine(
    admin_page: Client, version: RoleVersion, conflict: dict[str, Any]
) -> None:
    response = admin_page.post(address(version), conflict | {"overwrite": 1})
    assert response.status_code == 302
    version.refresh_from_db()
    assert (version.summary, version.edits) == ("Mine.", 2)
    assert texts(version, "primary") == [(1, "Builds services"), (2, "My line")]
    assert texts(version, "hard") == [(1, "Python")]


def test_conflict_tick_holds_only_for_the_counter_that_was_shown(
    admin_page: Client, version: RoleVersion, conflict: dict[str, Any]
) -> None:
    version.refresh_from_db()
    other = Client()
    other.force_login(ladder_editor(name="Third"))
    save(other, version, summary="Third.")
    response = admin_page.post(address(version), conflict | {"overwrite": 1})
    assert "Third saved this draft on" in shown(response)
    assert RoleVersion.objects.get(pk=version.pk).summary == "Third."


def test_scheduled_version_says_how_another_takes_its_place(admin_page: Client) -> None:
    day = timezone.localdate() + timedelta(days=9)
    wrong = published(role=PATH, title="Wrong", effective_from=day)
    hint = "publish a new draft with the same day"
    assert hint in admin_page.get(address(wrong)).content.decode()
    right = published(role=PATH, title="Right", effective_from=day)
    with time_machine.travel(timezone.now() + timedelta(days=9)):
        assert RoleVersion.objects.current().get(role=wrong.role) == right
        assert hint not in admin_page.get(address(right)).content.decode()


def test_save_of_a_draft_that_moved_on_writes_nothing(editor: User, version: RoleVersion, rf: RequestFactory) -> None:
    """The last guard: whatever the form saw, the row itself must still be the one that was read."""
    request = rf.post("/")
    request.user = editor
    mine = RoleVersion.objects.get(pk=version.pk)
    mine.title = "Mine"
    RoleVersion.objects.filter(pk=version.pk).update(title="Theirs", edits=version.edits + 1)
    with pytest.raises(Moved):
        RoleVersionAdmin(RoleVersion, site).save_model(request, mine, form=None, change=True)
    publish(version=version)
    with pytest.raises(Moved):
        RoleVersionAdmin(RoleVersion, site).save_model(request, mine, form=None, change=True)
    version.refresh_from_db()
    assert (version.title, version.edits, version.state) == ("Theirs", mine.edits + 1, State.PUBLISHED)


def test_conflict_with_wrong_input_shows_both(
    admin_page: Client, version: RoleVersion, conflict: dict[str, Any]
) -> None:
    bad = conflict | {"title": "", "maximum_years": "many", "requirements-0-need": "99", "effective_from": "x"}
    page = shown(admin_page.post(address(version), bad))
    assert "Otto saved this draft on" in page
    assert "This field is required." in page


def test_same_form_twice_is_no_conflict(admin_page: Client, version: RoleVersion) -> None:
    data = form_of(version, summary="Once.")
    assert [admin_page.post(address(version), data).status_code for _ in range(2)] == [302, 302]
    assert RoleVersion.objects.get(pk=version.pk).edits == 1


def test_draft_published_meanwhile_gives_the_text_back(admin_page: Client, version: RoleVersion) -> None:
    data = form_of(version, summary="Late words", primary=[line("A late line")])
    publish(version=version)
    response = admin_page.post(address(version), data)
    page = shown(response)
    assert response.status_code == 409
    assert "published as version 1 while you were typing" in page
    for text in ("Late words", "A late line", "Coding: 3, core"):
        assert text in page
    assert RoleVersion.objects.get(pk=version.pk).summary == "Builds things."


def test_draft_deleted_meanwhile_gives_the_text_back(admin_page: Client, version: RoleVersion) -> None:
    data = form_of(version, summary="Late words")
    where = address(version)
    version.delete()
    response = admin_page.post(where, data)
    assert response.status_code == 409
    assert "This draft was deleted while you were typing" in shown(response)
    assert "Late words" in shown(response)
    assert not RoleVersion.objects.exists()


def test_address_without_a_version_is_no_crash(admin_page: Client) -> None:
    for where in ("nothing", "999999"):
        base = f"/admin/roles/roleversion/{where}"
        assert admin_page.get(f"{base}/change/").status_code == 302
        assert admin_page.post(f"{base}/change/", {}).status_code in (404, 409)
        for page in ("preview", "review", "clone"):
            assert admin_page.get(f"{base}/{page}/").status_code == 404
        assert admin_page.post(f"{base}/new-draft/").status_code == 404


# ── Add, new draft, clone ───────────────────────────────────────────────────
def test_add_makes_one_draft_however_often_it_is_sent(admin_page: Client, editor: User) -> None:
    role = role_at(PATH)
    data = {"role": role.pk, "title": "New title\x00"}
    response = admin_page.post(reverse("admin:roles_roleversion_add"), data)
    made = RoleVersion.objects.get()
    assert response.headers["Location"] == address(made)
    assert (made.title, made.role, made.edited_by, made.state) == ("New title", role, editor, "draft")
    again = admin_page.post(reverse("admin:roles_roleversion_add"), data)
    assert "This role has an open draft already" in shown(again)
    assert RoleVersion.objects.count() == 1


def test_add_begins_with_what_the_role_says_now(admin_page: Client, version: RoleVersion) -> None:
    publish(version=version)
    admin_page.post(reverse("admin:roles_roleversion_add"), {"role": version.role_id, "title": "Renamed"})
    made = RoleVersion.objects.get(state=State.DRAFT)
    assert (made.title, made.summary) == ("Renamed", "Builds things.")
    assert texts(made, "hard") == [(1, "Python")]


@pytest.mark.parametrize("where", ["roleversion", "role"])
def test_new_draft_opens_one_draft(admin_page: Client, version: RoleVersion, where: str) -> None:
    publish(version=version)
    pk = version.pk if where == "roleversion" else version.role_id
    url = reverse(f"admin:roles_{where}_new_draft", args=[pk])
    assert admin_page.get(url).status_code == 405
    first, second = (admin_page.post(url).headers["Location"] for _ in range(2))
    assert first == second == address(RoleVersion.objects.get(state=State.DRAFT))
    assert LogEntry.objects.count() == 1


def test_clone_copies_to_another_role_once(admin_page: Client, version: RoleVersion) -> None:
    level = LevelFactory(number=3)
    data = {"specialty": version.role.specialty_id, "level": level.pk}
    assert admin_page.get(address(version, "clone")).status_code == 200
    response = admin_page.post(address(version, "clone"), data)
    made = RoleVersion.objects.exclude(pk=version.pk).get()
    assert response.headers["Location"] == address(made)
    assert (made.role.level, made.title) == (level, "Engineer")
    again = admin_page.post(address(version, "clone"), data)
    assert f'<a href="{address(made)}">Engineer</a>' in shown(again)
    assert RoleVersion.objects.count() == 2


def test_clone_with_wrong_input_says_so(admin_page: Client, version: RoleVersion) -> None:
    response = admin_page.post(address(version, "clone"), {"specialty": "x", "level": ""})
    assert response.status_code == 200
    assert "Select a valid choice" in shown(response)
    assert RoleVersion.objects.count() == 1


# ── Preview ─────────────────────────────────────────────────────────────────
def test_preview_shows_what_is_typed_and_stores_nothing(admin_page: Client, version: RoleVersion) -> None:
    before = (start_document(version), Revision.stamp())
    for words in ("Typed just now", "Typed a moment later"):
        response = admin_page.post(
            address(version, "preview"),
            form_of(version, title=words, primary=[line(f"{words} too")]),
        )
        assert response.status_code == 200
        assert "This is a preview." in shown(response)
        assert f"{words} too" in shown(response)
    version.refresh_from_db()
    assert (start_document(version), Revision.stamp()) == before
    assert (version.edits, version.title, LogEntry.objects.count()) == (0, "Engineer", 0)


def test_preview_of_wrong_input_shows_the_form(admin_page: Client, version: RoleVersion) -> None:
    response = admin_page.post(address(version, "preview"), form_of(version, title="", summary="Kept"))
    assert "This field is required." in shown(response)
    assert "Kept" in shown(response)
    assert f'action="{address(version)}"' in shown(response)


def test_preview_get_shows_the_stored_draft(admin_page: Client, version: RoleVersion) -> None:
    page = shown(admin_page.get(address(version, "preview")))
    assert "This is a preview." in page
    assert "Builds services" in page


def test_preview_and_review_of_an_empty_draft(admin_page: Client) -> None:
    empty = draft(role=PATH)
    for page in ("preview", "review"):
        assert admin_page.get(address(empty, page)).status_code == 200


def test_preview_of_a_published_version_leads_to_it(admin_page: Client, version: RoleVersion) -> None:
    publish(version=version)
    assert admin_page.get(address(version, "preview")).headers["Location"] == address(version)
    assert admin_page.post(address(version, "preview"), form_of(version)).status_code == 409


# ── Review and publish ──────────────────────────────────────────────────────
def test_review_saves_first(admin_page: Client, version: RoleVersion) -> None:
    response = save(admin_page, version, summary="Saved before review", _review="1")
    assert response.headers["Location"] == address(version, "review")
    assert RoleVersion.objects.get(pk=version.pk).summary == "Saved before review"


def test_review_shows_warnings_with_names_and_changes(admin_page: Client) -> None:
    published(
        role="software-engineering/backend/l1", title="Junior", needs={"coding": (5, "core")}, summary="Shared words."
    )
    first = published(
        role=PATH, title="Engineer", needs={"coding": (2, "core"), "testing": (1, "core")}, summary="Old words."
    )
    fresh = start_draft(role=first.role, by=None)
    fresh.requirements.filter(competency__slug="testing").update(need=4)
    RoleVersion.objects.filter(pk=fresh.pk).update(summary="Shared words.")
    page = shown(admin_page.get(address(fresh, "review")))
    assert "Coding needs 2 here but needs 5 at the level below." in page
    assert "Taken over from Junior, L1: “Shared words.”" in page
    assert "What changes against version 1" in page
    assert "1, core" in page
    assert "4, core" in page
    assert "<del>" in page
    assert "Publish now" in page


def test_review_of_a_first_version_says_so(admin_page: Client, version: RoleVersion) -> None:
    assert "No version of this role is in force" in shown(admin_page.get(address(version, "review")))


def test_review_warns_of_a_day_before_the_version_in_force(admin_page: Client) -> None:
    published(role=PATH, effective_from=date(2025, 6, 1))
    late = draft(role=PATH, effective_from=date(2025, 5, 1))
    assert "with its present day it would never hold" in shown(admin_page.get(address(late, "review")))


def test_publish_publishes_what_was_reviewed(admin_page: Client, editor: User, version: RoleVersion) -> None:
    response = admin_page.post(address(version, "review"), {"edits": 0}, follow=True)
    version.refresh_from_db()
    assert (version.state, version.number, version.edited_by) == ("published", 1, None)
    assert "Engineer: version 1 is in force from 1 January 2025." in shown(response)
    entry = LogEntry.objects.get()
    assert (entry.user, entry.change_message) == (editor, "Published as version 1, in force from 1 January 2025.")


def test_publish_later_schedules(admin_page: Client, version: RoleVersion) -> None:
    day = timezone.localdate() + timedelta(days=30)
    RoleVersion.objects.filter(pk=version.pk).update(effective_from=day)
    assert "Schedule for" in shown(admin_page.get(address(version, "review")))
    page = shown(admin_page.post(address(version, "review"), {"edits": 0}, follow=True))
    assert "is scheduled for" in page


def test_publish_twice_publishes_once(admin_page: Client, version: RoleVersion) -> None:
    for _ in range(2):
        response = admin_page.post(address(version, "review"), {"edits": 0}, follow=True)
    assert "This is published already, as version 1." in shown(response)
    assert (RoleVersion.objects.count(), LogEntry.objects.count()) == (1, 1)
    assert admin_page.get(address(version, "review")).headers["Location"] == address(version)


@pytest.mark.parametrize("edits", [{"edits": 0}, {}, {"edits": "x"}])
def test_publish_refuses_what_was_not_reviewed(admin_page: Client, version: RoleVersion, edits: dict[str, Any]) -> None:
    save(admin_page, version, summary="Changed after the review")
    response = admin_page.post(address(version, "review"), edits, follow=True)
    assert "Look again before you publish." in shown(response)
    assert RoleVersion.objects.get(pk=version.pk).state == "draft"


# ── Published versions ──────────────────────────────────────────────────────
def test_published_version_is_read_only(admin_page: Client, version: RoleVersion) -> None:
    publish(version=version)
    response = admin_page.get(address(version))
    page = shown(response)
    assert not response.context["has_change_permission"]
    assert 'name="_save"' not in page
    for text in ("New draft from this role", "Clone to…", "Runs services", "Coding: 3, core"):
        assert text in page
    assert (
        admin_page.post(reverse("admin:roles_roleversion_delete", args=[version.pk]), {"post": "yes"}).status_code
        == 403
    )


def test_draft_can_be_deleted(admin_page: Client, version: RoleVersion) -> None:
    url = reverse("admin:roles_roleversion_delete", args=[version.pk])
    assert admin_page.get(url).status_code == 200
    admin_page.post(url, {"post": "yes"})
    assert not RoleVersion.objects.exists()
    assert not Sentence.objects.exists()
    assert not Requirement.objects.exists()
    assert not Move.objects.exists()


def test_bulk_delete_takes_drafts_only(admin_page: Client, version: RoleVersion) -> None:
    kept = published(role="software-engineering/backend/l1")
    url = reverse("admin:roles_roleversion_changelist")
    data = {"action": "delete_selected", "_selected_action": [version.pk, kept.pk], "post": "yes"}
    assert "1 of these is published" in shown(admin_page.post(url, data, follow=True))
    assert RoleVersion.objects.count() == 2
    data["_selected_action"] = [version.pk]
    assert "Successfully deleted 1 role version" in shown(admin_page.post(url, data, follow=True))
    assert RoleVersion.objects.get() == kept


# ── The list ────────────────────────────────────────────────────────────────
@pytest.fixture
def of_every_state(db: None) -> dict[str, RoleVersion]:
    return {
        "superseded": published(role=PATH, title="Old", effective_from=date(2025, 1, 1)),
        "in-force": published(role=PATH, title="Now", effective_from=date(2025, 2, 1)),
        "scheduled": published(role=PATH, title="Soon", effective_from=timezone.localdate() + timedelta(days=9)),
        "draft": draft(role=PATH, title="Written"),
    }


def test_list_shows_and_filters_the_state(admin_page: Client, of_every_state: dict[str, RoleVersion]) -> None:
    url = reverse("admin:roles_roleversion_changelist")
    listed = admin_page.get(url).context["cl"].result_list
    assert [one.standing for one in listed] == ["draft", "scheduled", "in-force", "superseded"]
    for state, version in of_every_state.items():
        found = admin_page.get(url, {"state": state}).context["cl"].result_list
        assert list(found) == [version]


def test_list_filters_and_searches(admin_page: Client, of_every_state: dict[str, RoleVersion]) -> None:
    other = published(role="data/analytics/l1", title="Analyst")
    url = reverse("admin:roles_roleversion_changelist")
    for query in (
        {"q": "analy"},
        {"specialty": other.role.specialty_id},
        {"role__specialty__family__id__exact": other.role.specialty.family_id},
        {"role__level__id__exact": other.role.level_id},
    ):
        assert list(admin_page.get(url, query).context["cl"].result_list) == [other]
    assert admin_page.get(url, {"specialty": "x"}).status_code == 200


@pytest.mark.parametrize("model", ["roleversion", "role", "specialty"])
def test_lists_ask_the_same_of_any_number_of_rows(admin_page: Client, model: str) -> None:
    url = reverse(f"admin:roles_{model}_changelist")
    published(role="software-engineering/backend/l1")
    with CaptureQueriesContext(connection) as one:
        admin_page.get(url)
    published(role="data/analytics/l2")
    published(role="design/research/l3")
    with CaptureQueriesContext(connection) as three:
        admin_page.get(url)
    tables = [[query["sql"].partition("WHERE")[0] for query in asked.captured_queries] for asked in (one, three)]
    assert tables[1] == tables[0]
    assert 0 < len(tables[0]) <= 20


# ── Structure ───────────────────────────────────────────────────────────────
def test_structure_changes_move_the_revision_on(admin_page: Client) -> None:
    before = Revision.stamp()
    data = {"name": "Data\x00", "slug": "data", "about": " x ", "position": 1}
    assert admin_page.post(reverse("admin:roles_family_add"), data).status_code == 302
    assert Family.objects.get().name == "Data"
    assert Revision.stamp() != before


@pytest.mark.parametrize(
    ("model", "data", "error"),
    [
        ("role", {"specialty": "specialty", "level": "level"}, "There is a role at this level"),
        ("family", {"name": "x", "slug": "software-engineering", "position": 0}, "already exists"),
        ("family", {"name": "x", "slug": "not a slug", "position": 10**9}, "Enter a valid"),
        ("level", {"number": 0, "slug": "l9", "name": "x"}, "greater than or equal to 1"),
        (
            "specialty",
            {"family": "family", "name": "x", "slug": "backend", "track": "individual", "position": 0},
            "already",
        ),
    ],
)
def test_structure_wrong_input_is_a_form_error(
    admin_page: Client, model: str, data: dict[str, Any], error: str
) -> None:
    role = role_at(PATH)
    ids = {"specialty": role.specialty_id, "level": role.level_id, "family": role.specialty.family_id}
    sent = {name: ids.get(value, value) for name, value in data.items()}
    response = admin_page.post(reverse(f"admin:roles_{model}_add"), sent)
    assert response.status_code == 200
    assert error in shown(response)


def test_address_of_a_used_part_stays(admin_page: Client, version: RoleVersion) -> None:
    role = version.role
    for model, pk, fixed in (
        ("family", role.specialty.family_id, {"slug"}),
        ("specialty", role.specialty_id, {"family", "slug"}),
        ("level", role.level_id, {"slug"}),
        ("role", role.pk, {"specialty", "level"}),
    ):
        page = admin_page.get(reverse(f"admin:roles_{model}_change", args=[pk]))
        assert page.status_code == 200
        assert not fixed & set(page.context["adminform"].form.fields)


def test_role_with_versions_is_not_deleted(admin_page: Client, version: RoleVersion) -> None:
    url = reverse("admin:roles_role_delete", args=[version.role_id])
    assert "protected" in shown(admin_page.get(url))
    admin_page.post(url, {"post": "yes"})
    assert Role.objects.filter(pk=version.role_id).exists()


def test_role_is_found_by_the_title_of_a_version(admin_page: Client, version: RoleVersion) -> None:
    query = {"term": "engin", "app_label": "roles", "model_name": "move", "field_name": "role"}
    found = admin_page.get(reverse("admin:autocomplete"), query).json()["results"]
    assert found == [{"id": str(version.role_id), "text": PATH}]


# ── Who may ─────────────────────────────────────────────────────────────────
PAGES = ("preview", "review", "clone", "new_draft")


@pytest.mark.parametrize("which", PAGES)
def test_staff_without_the_right_get_403(client: Client, version: RoleVersion, which: str) -> None:
    reader = UserFactory(is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_roleversion"))
    client.force_login(reader)
    if which != "new_draft":
        assert client.get(address(version, which)).status_code == 403
    assert client.post(address(version, which), form_of(version) | {"edits": 0}).status_code == 403
    assert client.post(address(version), form_of(version)).status_code == 403
    assert "Runs services" in shown(client.get(address(version)))
    assert RoleVersion.objects.get().state == "draft"


@pytest.mark.parametrize("which", PAGES)
def test_those_who_are_no_staff_are_sent_to_sign_in(client: Client, version: RoleVersion, which: str) -> None:
    client.force_login(UserFactory())
    response = client.post(address(version, which), {"edits": 0})
    assert response.status_code == 302
    assert "login" in response.headers["Location"]
    assert RoleVersion.objects.get().state == "draft"


@pytest.mark.parametrize("which", ["change", *PAGES])
def test_posts_need_the_token(editor: User, version: RoleVersion, which: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(editor)
    assert strict.post(address(version, which), form_of(version) | {"edits": 0}).status_code == 403
    assert RoleVersion.objects.get().edits == 0


def test_pages_hold_nothing_that_the_policy_forbids(admin_page: Client, version: RoleVersion) -> None:
    for page in ("change", "review", "clone"):
        text = shown(admin_page.get(address(version, page)))
        assert " style=" not in text
        assert "<script>" not in text
        assert " onclick=" not in text
