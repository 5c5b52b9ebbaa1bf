"""The mail of the week: whom it reaches, when, what it says, and that it comes once."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accomplishments import jobs
from accomplishments.choices import Answer
from accomplishments.services import digest
from accomplishments.services.entries import delete
from outbox.models import Message
from outbox.services import sweep
from people.models import User
from tests.conftest import tree
from tests.factories.accomplishments import asked, claim_of, entry, verified
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db

FRIDAY = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
MONDAY = date(2026, 11, 16)


@pytest.fixture(autouse=True)
def friday(time_machine: Any, settings: Any) -> None:
    settings.EMAIL_BACKEND = "outbox.backend.Outbox"
    settings.OUTBOX_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.SITE_URL = "http://testserver"
    time_machine.move_to(FRIDAY, tick=False)


def active(**fields: Any) -> User:
    return UserFactory(last_login=FRIDAY - timedelta(days=1), **fields)


@pytest.fixture
def noor() -> User:
    return active(name="Noor Haddad", email="noor@ladder.example")


def promised() -> list[str]:
    return list(Message.objects.filter(kind="digest").order_by("pk").values_list("to", flat=True))


def said(person: User) -> str:
    """The text of somebody's mail, before the line that all mails have."""
    return Message.objects.get(kind="digest", to=person.email).text.partition("\n-- \n")[0].strip()


# ── When ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("zone", "at", "monday"),
    [
        ("UTC", "2026-11-20 14:59:59", None),
        ("UTC", "2026-11-20 15:00:00", MONDAY),
        ("UTC", "2026-11-22 23:59:59", MONDAY),
        ("UTC", "2026-11-23 00:00:00", None),
        ("Pacific/Kiritimati", "2026-11-20 00:59:59", None),  # first of all
        ("Pacific/Kiritimati", "2026-11-20 01:00:00", MONDAY),
        ("Asia/Kolkata", "2026-11-20 09:29:00", None),
        ("Asia/Kolkata", "2026-11-20 09:30:00", MONDAY),
        ("America/Los_Angeles", "2026-11-20 22:59:00", None),
        ("America/Los_Angeles", "2026-11-23 07:59:00", MONDAY),  # still Sunday there
        ("Europe/Berlin", "2026-03-27 14:00:00", date(2026, 3, 23)),  # two days before clocks go on
        ("Europe/Berlin", "2026-03-29 21:59:00", date(2026, 3, 23)),  # that Sunday, an hour shorter
        ("Europe/Berlin", "2026-03-29 22:00:00", None),
        ("UTC", "2027-01-01 15:00:00", date(2026, 12, 28)),  # over the end of a year
    ],
)
def test_week_is_due_from_friday_afternoon_to_sunday_night_there(zone: str, at: str, monday: date | None) -> None:
    assert digest.week_due(ZoneInfo(zone), datetime.fromisoformat(at).replace(tzinfo=UTC)) == monday


def test_each_gets_it_in_their_own_afternoon(time_machine: Any, settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    people = {zone: active(time_zone=zone).email for zone in ("Asia/Tokyo", "", "America/New_York")}
    got = []
    for hour in range(-10, 30):
        time_machine.move_to(FRIDAY + timedelta(hours=hour), tick=False)
        before = promised()
        jobs.digest()
        got += [(hour, one) for one in promised() if one not in before]
    assert got == [(-9, people["Asia/Tokyo"]), (-1, people[""]), (5, people["America/New_York"])]


# ── Whom ────────────────────────────────────────────────────────────────────


def test_only_who_is_active_and_wants_it_gets_it(noor: User) -> None:
    active(is_active=False)
    active(muted=["digest"])
    UserFactory()  # never signed in
    jobs.digest()
    assert promised() == ["noor@ladder.example"]


def test_demo_people_get_it_only_once_somebody_is_them(client: Client) -> None:
    call_command("load_demo", stdout=StringIO())
    call_command("digest")
    assert promised() == []
    client.post("/accounts/login/", {"login": "engineer@ladder.example", "password": "climb-the-ladder"})
    call_command("digest")
    assert promised() == ["engineer@ladder.example"]


# ── Once ────────────────────────────────────────────────────────────────────


def test_one_mail_a_person_and_week(noor: User, time_machine: Any) -> None:
    for days in (0, 1, 2, 7, 8):
        time_machine.move_to(FRIDAY + timedelta(days=days), tick=False)
        jobs.digest()
        jobs.digest()
    assert list(Message.objects.order_by("pk").values_list("once", flat=True)) == [
        f"digest {noor.pk} 2026-11-16",
        f"digest {noor.pk} 2026-11-23",
    ]


def test_two_that_write_at_the_same_time_write_one(noor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one wrote between our look at what is there and our own writing."""
    real, runs = digest.weeks_of, []

    def meanwhile(*args: Any) -> Any:
        if not runs:
            runs.append(1)
            digest.write([noor.pk])
        return real(*args)

    monkeypatch.setattr(digest, "weeks_of", meanwhile)
    digest.write([noor.pk])
    assert promised() == ["noor@ladder.example"]


def test_job_killed_in_the_middle_is_finished_by_the_next(noor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "LETTERS", 2)
    people = [noor.email, *(active().email for _ in range(4))]
    real, calls = digest.mail.digest, []

    def killed(*args: Any, **how: Any) -> Any:
        calls.append(1)
        if len(calls) == 4:  # the second of the second batch
            raise SystemExit
        return real(*args, **how)

    with monkeypatch.context() as trouble:
        trouble.setattr(digest.mail, "digest", killed)
        with pytest.raises(SystemExit):
            jobs.digest()
    assert promised() == people[:2]
    jobs.digest()
    assert promised() == people


def test_digest_costs_the_same_for_many(django_capture_on_commit_callbacks: Any) -> None:
    counts = {}
    for number in (3, 300):
        for _ in range(number):
            person = active()
            entry(person=person, log=False)
            asked(claim_of(entry(claims={"design": 1}), "design"), by=person)
        people = digest.due()
        with CaptureQueriesContext(connection) as queries:
            written = sum(digest.write(people[n : n + jobs.LETTERS]) for n in range(0, len(people), jobs.LETTERS))
        assert written == number
        counts[number] = len(queries) / -(-len(people) // jobs.LETTERS)
    assert counts == {3: 11, 300: 11}


# ── What ────────────────────────────────────────────────────────────────────


def test_digest_asks_and_nothing_else_where_nothing_waits(noor: User) -> None:
    jobs.digest()
    link = "http://testserver/log/new/?started_on=2026-11-16&ended_on=2026-11-20"
    assert said(noor).split("\n\n") == [
        "What did you finish this week? One line is enough for now; the rest can wait in a draft.",
        link,
    ]
    message = Message.objects.get()
    assert message.subject == "What did you finish this week?"
    assert f'href="{link.replace("&", "&amp;")}">Write it down</a>' in message.html
    assert message.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_digest_says_what_waits_and_what_came(noor: User, time_machine: Any) -> None:
    sven = UserFactory(name="Sven Lindqvist")
    draft = entry(person=noor, title="Half a story", log=False)
    delete(entry=entry(person=noor, title="Thrown away", log=False), by=noor)
    theirs = entry(person=sven, title="Moved <b>the</b> queue", claims={"design": 1, "ops": 2})
    for slug in ("design", "ops"):
        asked(claim_of(theirs, slug), by=noor)
    time_machine.move_to(FRIDAY - timedelta(days=8), tick=False)
    old = entry(person=noor, title="Long ago", claims={"design": 1})
    verified(claim_of(old, "design"), by=sven)
    time_machine.move_to(FRIDAY - timedelta(days=6), tick=False)
    new = entry(person=noor, title="Cut the latency", claims={"design": 2})
    verified(claim_of(new, "design"), by=sven, says=Answer.DISPUTED, note="No.")
    asked(claim_of(new, "design"), by=UserFactory())
    time_machine.move_to(FRIDAY, tick=False)
    jobs.digest()
    assert said(noor).split("\n\n", 2)[2].split("\n") == [
        "Drafts to be finished:",
        "",
        "  - Half a story",
        f"    http://testserver/log/{draft.pk}/edit/",
        "",
        "2 questions wait for your answer:",
        "",
        "  - Sven Lindqvist: Moved <b>the</b> queue",
        "  - Sven Lindqvist: Moved <b>the</b> queue",
        "",
        "http://testserver/verify/",
        "",
        "What colleagues said this week about your work:",
        "",
        '  - Sven Lindqvist on "Cut the latency": Design 2 disputed',
    ]
    html = Message.objects.get(to=noor.email, kind="digest").html
    assert "Moved &lt;b&gt;the&lt;/b&gt; queue" in html


def test_digest_is_short_however_much_there_is(noor: User) -> None:
    for number in range(8):
        entry(person=noor, title=f"Draft {number}", log=False)
        asked(claim_of(entry(claims={"design": 1}, title=f"Asked {number}"), "design"), by=noor)
    jobs.digest()
    text = said(noor)
    more = "and more in your log: http://testserver/log/?state=draft"
    assert [text.count(one) for one in ("  - Draft", ": Asked", more)] == [5, 5, 1]
    assert "8 questions wait for your answer" in text


def test_link_opens_an_entry_with_the_days_of_the_week_after_sign_in(noor: User) -> None:
    noor.set_password("a-rung-at-a-time-9")
    noor.save()
    jobs.digest()
    address = said(noor).split("\n\n")[1].removeprefix("http://testserver")
    client = Client()
    page = tree(client.get(address, follow=True))
    form = {one.get("name"): one.get("value") for one in page.findall(".//main//input")}
    data = {"login": noor.email, "password": "a-rung-at-a-time-9", "next": form["next"]}
    signed = client.post("/accounts/login/", data)
    assert signed.headers["Location"] == address
    page = tree(client.get(address))
    days = {name: page.find(f".//input[@name='{name}']").get("value") for name in ("started_on", "ended_on")}
    assert days == {"started_on": "2026-11-16", "ended_on": "2026-11-20"}


@pytest.mark.parametrize("wrong", ["2026-02-30", "20261116", "<script>", "2026-11-1", "0000-00-00", ""])
def test_entry_form_takes_no_day_that_there_is_not(wrong: str, noor: User) -> None:
    client = Client()
    client.force_login(noor)
    page = tree(client.get("/log/new/", {"started_on": wrong, "ended_on": wrong}))
    assert page.find(".//input[@name='started_on']").get("value") == ""
    assert page.find(".//input[@name='ended_on']").get("value") == "2026-11-20"


def test_form_that_was_opened_and_left_is_no_draft(noor: User) -> None:
    client = Client()
    client.force_login(noor)
    answer = client.post("/log/autosave/", {"started_on": "2026-11-16", "ended_on": "2026-11-20"})
    assert (answer.status_code, noor.accomplishments.count()) == (204, 0)


def test_muted_since_it_waits_is_not_sent(noor: User, django_capture_on_commit_callbacks: Any) -> None:
    jobs.digest()
    User.objects.update(muted=["digest"])
    sweep()
    assert (mail.outbox, Message.objects.get(kind="digest").state) == ([], "dropped")
    assert timezone.now() == FRIDAY
