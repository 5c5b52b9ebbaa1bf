"""One form is one entry: pressed twice, in two tabs, or saved while somebody types."""

import uuid
from decimal import Decimal
from typing import Any

import pytest

from accomplishments.choices import Happened, State
from accomplishments.models import Accomplishment, Record
from accomplishments.services.entries import (
    Claimed,
    EditedElsewhere,
    Typed,
    WouldUnverify,
    add,
    archive,
    delete,
    keep_draft,
    save,
)
from people.models import User
from tests.factories.accomplishments import ENDED, claim_of, entry, verified
from tests.factories.competencies import CompetencyFactory
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db

TOKEN = uuid.UUID(int=7)
WHOLE = {"title": "Made a thing", "part": "owned", "scope": "feature", "ended_on": ENDED}


@pytest.fixture
def me() -> User:
    return UserFactory()


def typed(claims: dict[str, int] | None = None, links: tuple[str, ...] = (), **fields: Any) -> Typed:
    rows = [Claimed(CompetencyFactory(slug=slug).pk, level) for slug, level in (claims or {}).items()]
    return Typed(WHOLE | fields, rows, links)


def history(one: Accomplishment) -> list[str]:
    """What happened, the first thing first."""
    return list(one.events.order_by("pk").values_list("happened", flat=True))


def record(person: User) -> uuid.UUID | None:
    return Record.objects.filter(pk=person.pk).values_list("token", flat=True).first()


# ── One form, one entry ─────────────────────────────────────────────────────


def test_add_twice_from_one_form_is_one_entry(me: User) -> None:
    first = add(by=me, typed=typed({"design": 2}), log=True, token=TOKEN)
    seen = record(me)
    assert add(by=me, typed=typed({"design": 2}), log=True, token=TOKEN) == first
    assert Accomplishment.objects.count() == 1
    assert (history(first), record(me)) == ([Happened.LOGGED], seen)


def test_add_from_a_form_whose_draft_was_saved_brings_it_to_what_is_typed(me: User) -> None:
    draft = add(by=me, typed=typed(title="A start"), log=False, token=TOKEN)
    logged = add(by=me, typed=typed({"design": 3}), log=True, token=TOKEN)
    assert (logged.pk, logged.title, logged.state) == (draft.pk, "Made a thing", State.LOGGED)
    assert history(logged) == [Happened.DRAFTED, Happened.LOGGED]
    assert claim_of(logged, "design").level == 3


@pytest.mark.parametrize("then", [None, archive, delete])
def test_add_of_something_else_from_a_form_that_is_logged_is_refused(me: User, then: Any) -> None:
    """Back in the browser, a word more, and saved again: neither lost nor a second entry."""
    logged = add(by=me, typed=typed(), log=True, token=TOKEN)
    if then:
        then(entry=logged, by=me)
    with pytest.raises(EditedElsewhere) as problem:
        add(by=me, typed=typed(title="Made another thing"), log=True, token=TOKEN)
    assert problem.value.entry == logged
    assert list(Accomplishment.objects.values_list("title", flat=True)) == ["Made a thing"]


def test_add_from_a_form_whose_draft_was_deleted_is_refused(me: User) -> None:
    draft = add(by=me, typed=typed(), log=False, token=TOKEN)
    delete(entry=draft, by=me)
    with pytest.raises(EditedElsewhere):
        add(by=me, typed=typed(), log=True, token=TOKEN)
    assert Accomplishment.objects.get().state == State.DRAFT


def test_forms_of_two_people_may_have_one_token(me: User) -> None:
    other = UserFactory()
    add(by=other, typed=typed(), log=True, token=TOKEN)
    assert add(by=me, typed=typed(), log=True, token=TOKEN).person == me


# ── Saving what is there ────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Made it better"},
        {"measure_after": Decimal("190")},
        {"confidential": True},
        {"claims": {"design": 3}},
        {"claims": {"testing": 2}},
        {"claims": {}},
        {"links": ("https://a.example/2",)},
        {"links": ()},
    ],
)
def test_save_writes_every_change_and_a_line_of_history(me: User, change: dict[str, Any]) -> None:
    same: dict[str, Any] = {"claims": {"design": 2}, "links": ("https://a.example/1",)}
    one = add(by=me, typed=typed(**same), log=True)
    saved = save(entry=one, by=me, typed=typed(**(same | change)), edits=one.edits)
    assert saved.edits == one.edits + 1
    assert history(one) == [Happened.LOGGED, Happened.EDITED]


def test_save_of_the_same_changes_nothing_at_all(me: User) -> None:
    """Pressed twice: no second line of the history."""
    one = add(by=me, typed=typed({"design": 2, "testing": 1}, ("https://a.example/1",)), log=True)
    seen = record(me)
    again = typed({"testing": 1, "design": 2}, ("https://a.example/1", "https://a.example/1"), measure_after=None)
    saved = save(entry=one, by=me, typed=again, edits=one.edits)
    assert (saved.edits, saved.edited_at) == (one.edits, one.edited_at)
    assert (history(one), record(me)) == ([Happened.LOGGED], seen)


def test_save_logs_a_draft_that_says_all_of_it(me: User) -> None:
    one = add(by=me, typed=typed({"design": 2}), log=False)
    assert save(entry=one, by=me, typed=typed({"design": 2}), log=True, edits=one.edits).state == State.LOGGED


def test_save_never_turns_a_logged_entry_into_a_draft(me: User) -> None:
    one = add(by=me, typed=typed(), log=True)
    assert save(entry=one, by=me, typed=typed(title="New"), log=False, edits=one.edits).state == State.LOGGED


def test_save_from_a_form_opened_before_another_saved_is_refused(me: User) -> None:
    one = add(by=me, typed=typed(), log=True)
    save(entry=one, by=me, typed=typed(title="From one tab"), edits=one.edits, tab=uuid.UUID(int=1))
    with pytest.raises(EditedElsewhere) as problem:
        save(entry=one, by=me, typed=typed(title="From the other"), edits=one.edits, tab=uuid.UUID(int=2))
    assert problem.value.entry.title == "From one tab"
    assert Accomplishment.objects.get().title == "From one tab"


def test_save_twice_from_one_form_is_fine(me: User) -> None:
    one, tab = add(by=me, typed=typed(), log=True), uuid.UUID(int=1)
    save(entry=one, by=me, typed=typed(title="One"), edits=one.edits, tab=tab)
    assert save(entry=one, by=me, typed=typed(title="Two"), edits=one.edits, tab=tab).title == "Two"


def test_save_that_unverifies_asks_first(me: User) -> None:
    one = entry(person=me, claims={"design": 2, "testing": 1})
    verified(claim_of(one, "design"))
    with pytest.raises(WouldUnverify) as problem:
        save(entry=one, by=me, typed=typed({"design": 2, "testing": 1}, title="Another"), edits=one.edits)
    assert list(problem.value.claims) == [claim_of(one, "design")]
    assert history(one) == [Happened.LOGGED]
    assert claim_of(one, "design").verifications.standing().count() == 1


# ── While somebody types ────────────────────────────────────────────────────


def test_keep_draft_makes_one_draft_with_one_line_of_history(me: User) -> None:
    first = keep_draft(by=me, typed=Typed({"title": "A"}), token=TOKEN)
    second = keep_draft(by=me, typed=Typed({"title": "A start"}), token=TOKEN)
    assert (second.pk, second.title, second.state) == (first.pk, "A start", State.DRAFT)
    assert history(first) == [Happened.DRAFTED]
    assert Accomplishment.objects.count() == 1


def test_keep_draft_of_a_form_that_was_opened_with_a_draft(me: User) -> None:
    one = entry(person=me, log=False)
    kept = keep_draft(by=me, typed=Typed({"title": "Go on"}), token=TOKEN, entry=one.pk, edits=one.edits)
    assert (kept.pk, kept.title) == (one.pk, "Go on")
    again = keep_draft(by=me, typed=Typed({"title": "And on"}), token=TOKEN, entry=one.pk, edits=one.edits)
    assert (again.pk, again.title) == (one.pk, "And on")
    assert history(one) == [Happened.DRAFTED]


def test_keep_draft_that_comes_after_logging_changes_nothing(me: User) -> None:
    keep_draft(by=me, typed=Typed({"title": "A start"}), token=TOKEN)
    logged = add(by=me, typed=typed({"design": 2}), log=True, token=TOKEN)
    seen = record(me)
    for late in ({"entry": None}, {"entry": logged.pk, "edits": logged.edits}):
        with pytest.raises(EditedElsewhere):
            keep_draft(by=me, typed=Typed({"title": "A start"}), token=TOKEN, **late)
    logged.refresh_from_db()
    assert (logged.title, logged.state, record(me)) == ("Made a thing", State.LOGGED, seen)
    assert claim_of(logged, "design").level == 2


def test_keep_draft_leaves_alone_what_another_form_saved_or_deleted(me: User) -> None:
    one = entry(person=me, log=False)
    keep_draft(by=me, typed=Typed({"title": "Mine"}), token=TOKEN, entry=one.pk, edits=one.edits)
    with pytest.raises(EditedElsewhere):
        keep_draft(by=me, typed=Typed({"title": "Yours"}), token=uuid.UUID(int=8), entry=one.pk, edits=one.edits)
    delete(entry=one, by=me)
    with pytest.raises(EditedElsewhere):
        keep_draft(by=me, typed=Typed({"title": "Late"}), token=TOKEN, entry=one.pk, edits=one.edits)
    assert Accomplishment.objects.get().title == "Mine"


def test_keep_draft_never_touches_the_draft_of_somebody_else(me: User) -> None:
    theirs = add(by=UserFactory(), typed=typed(title="Theirs"), log=False, token=TOKEN)
    mine = keep_draft(by=me, typed=Typed({"title": "Mine"}), token=TOKEN)
    assert mine.pk != theirs.pk
    theirs.refresh_from_db()
    assert theirs.title == "Theirs"
