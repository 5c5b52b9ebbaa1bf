"""Changes of an entry: once where it is sent twice, nothing lost, nothing unasked; and what the database holds."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.base import ContentFile
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from accomplishments.choices import Answer, Happened, State, Void
from accomplishments.models import Accomplishment, Claim, Event, File, Link, Record, ScoringPolicy, Verification
from accomplishments.queries.entries import FIELDS, SUBSTANCE, content_of
from accomplishments.services.entries import (
    Claimed,
    EditedElsewhere,
    Typed,
    WouldUnverify,
    add,
    archive,
    delete,
    purge,
    save,
    unarchive,
    undelete,
)
from people.models import User
from tests.factories.accomplishments import asked, claim_of, entry, verified
from tests.factories.competencies import CompetencyFactory, IndicatorFactory
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db

LOGGED = {"title": "Made a thing", "part": "owned", "scope": "feature", "ended_on": date(2026, 6, 30)}


@pytest.fixture
def me() -> User:
    return UserFactory(name="Noor")


def draft(title: str = "Made a thing") -> Typed:
    return Typed({"title": title})


def claimed(**levels: int) -> list[Claimed]:
    return [Claimed(CompetencyFactory(slug=slug).pk, level) for slug, level in levels.items()]


def as_it_is(made: Accomplishment) -> Typed:
    """What a form sends that changed nothing."""
    return Typed(
        {name: getattr(made, name) for name in FIELDS},
        [Claimed(one.competency_id, one.level, one.indicator_id) for one in made.claims.all()],
        [link.url for link in made.links.all()],
    )


def happened(made: Accomplishment) -> list[str]:
    """The history, the earliest first."""
    return [event.happened for event in made.events.order_by("pk")]


def token_of(person: User) -> UUID:
    return Record.objects.get(pk=person.pk).token


# ── Added once ──────────────────────────────────────────────────────────────


def test_add_keeps_all_that_is_typed(me: User) -> None:
    indicator = IndicatorFactory(competency=CompetencyFactory(slug="design"))
    fields = LOGGED | {
        "situation": "s",
        "action": "a",
        "outcome": "o",
        "measure_name": "p99",
        "measure_before": Decimal("840"),
        "measure_after": Decimal("190.5"),
        "measure_unit": "ms",
        "started_on": date(2026, 6, 1),
        "context": "Quotes",
        "ai_help": "h",
        "visibility": "team",
        "confidential": True,
        "public_wording": "w",
    }
    links = ["https://b.example", "https://a.example", "https://b.example"]
    made = add(
        by=me,
        typed=Typed(fields, [*claimed(testing=1), Claimed(indicator.competency_id, 3, indicator.pk)], links),
        log=True,
    )
    made.refresh_from_db()
    assert {name: getattr(made, name) for name in FIELDS} == fields
    assert (made.state, made.day, made.edits, made.deleted_at) == (State.LOGGED, date(2026, 6, 30), 1, None)
    assert [(one.slot, one.competency.slug, one.level, one.indicator) for one in made.claims.all()] == [
        (1, "testing", 1, None),
        (2, "design", 3, indicator),
    ]
    assert [(link.position, link.url) for link in made.links.all()] == [
        (1, "https://b.example"),
        (2, "https://a.example"),
    ]
    assert happened(made) == ["logged"]


def test_add_logged_twice_by_one_form_is_one_entry(me: User) -> None:
    token = uuid4()
    first = add(by=me, typed=Typed(LOGGED, claimed(design=2)), log=True, token=token)
    moved_on = token_of(me)
    again = add(by=me, typed=Typed(LOGGED, claimed(design=2)), log=True, token=token)
    assert (again.pk, me.accomplishments.count(), happened(first)) == (first.pk, 1, ["logged"])
    assert (Claim.objects.count(), token_of(me)) == (1, moved_on)


def test_add_draft_twice_by_one_form_brings_it_to_what_is_typed_now(me: User) -> None:
    token = uuid4()
    first = add(by=me, typed=draft("Fir"), log=False, token=token)
    again = add(by=me, typed=draft("First"), log=False, token=token)
    assert (again.pk, again.title, again.state, me.accomplishments.count()) == (first.pk, "First", State.DRAFT, 1)
    logged = add(by=me, typed=Typed(LOGGED), log=True, token=token)
    assert (logged.pk, logged.state, happened(first)) == (first.pk, State.LOGGED, ["drafted", "logged"])


def test_add_again_after_the_draft_went_on_elsewhere_loses_nothing(me: User) -> None:
    token = uuid4()
    first = add(by=me, typed=draft("First"), log=False, token=token)
    save(entry=first, by=me, typed=Typed({"title": "Second"}, claimed(design=2)), edits=1, tab=uuid4())
    with pytest.raises(EditedElsewhere):
        add(by=me, typed=draft("First"), log=False, token=token)
    first.refresh_from_db()
    assert (first.title, first.claims.count()) == ("Second", 1)


def test_add_again_of_what_was_deleted_says_so_and_makes_nothing(me: User) -> None:
    token = uuid4()
    first = add(by=me, typed=draft(), log=False, token=token)
    delete(entry=first, by=me)
    with pytest.raises(EditedElsewhere):
        add(by=me, typed=draft(), log=False, token=token)
    imported = add(by=me, typed=Typed(LOGGED), log=True, origin="csv:1")
    delete(entry=imported, by=me)
    assert add(by=me, typed=Typed(LOGGED), log=True, origin="csv:1").pk == imported.pk
    assert (me.accomplishments.count(), me.accomplishments.kept().count()) == (2, 0)


def test_add_with_one_origin_is_one_entry_a_person(me: User) -> None:
    first = add(by=me, typed=Typed(LOGGED), log=True, origin="csv:1", happened=Happened.IMPORTED)
    again = add(by=me, typed=Typed(LOGGED | {"title": "Other"}), log=True, origin="csv:1", happened=Happened.IMPORTED)
    others = add(by=UserFactory(), typed=Typed(LOGGED), log=True, origin="csv:1")
    assert (again.pk, again.title, happened(first)) == (first.pk, "Made a thing", ["imported"])
    assert others.pk != first.pk
    assert Accomplishment.objects.count() == 2


def test_forms_of_two_people_may_have_one_token(me: User) -> None:
    token = uuid4()
    assert add(by=me, typed=draft(), log=False, token=token).person == me
    other = UserFactory()
    assert add(by=other, typed=draft(), log=False, token=token).person == other


def test_day_is_the_end_else_the_beginning_else_the_day_of_writing(me: User) -> None:
    made = add(by=me, typed=draft(), log=False)
    assert made.day == timezone.localdate()
    made = save(entry=made, by=me, typed=Typed({"started_on": date(2026, 1, 2)}), edits=1)
    assert made.day == date(2026, 1, 2)
    made = save(entry=made, by=me, typed=Typed({"ended_on": date(2026, 3, 4)}), edits=2)
    assert made.day == date(2026, 3, 4)


# ── Two tabs ────────────────────────────────────────────────────────────────


def test_save_from_a_form_that_is_out_of_date_is_refused(me: User) -> None:
    made = entry(person=me)
    opened = made.edits
    save(entry=made, by=me, typed=Typed({"title": "From the first tab"}), edits=opened, tab=uuid4())
    moved_on = token_of(me)
    with pytest.raises(EditedElsewhere) as refused:
        save(entry=made, by=me, typed=Typed({"title": "From the second tab"}), edits=opened, tab=uuid4())
    assert refused.value.entry.title == "From the first tab"
    made.refresh_from_db()
    assert (made.title, made.edits, token_of(me)) == ("From the first tab", opened + 1, moved_on)


def test_the_form_that_saved_last_may_save_again(me: User) -> None:
    made, tab = entry(person=me), uuid4()
    opened = made.edits
    for title in ("One", "Two", "Three"):
        save(entry=made, by=me, typed=Typed({"title": title}), edits=opened, tab=tab)
    made.refresh_from_db()
    assert (made.title, made.edits) == ("Three", opened + 3)


def test_save_of_what_was_deleted_is_refused_even_to_the_same_form(me: User) -> None:
    made, tab = entry(person=me), uuid4()
    made = save(entry=made, by=me, typed=Typed({"title": "One"}), edits=made.edits, tab=tab)
    delete(entry=made, by=me)
    with pytest.raises(EditedElsewhere):
        save(entry=made, by=me, typed=Typed({"title": "Two"}), edits=made.edits, tab=tab)


def test_archiving_makes_forms_that_are_open_out_of_date(me: User) -> None:
    made = entry(person=me)
    opened = made.edits
    archive(entry=made, by=me)
    with pytest.raises(EditedElsewhere):
        save(entry=made, by=me, typed=Typed({"title": "Late"}), edits=opened)


# ── Drafts ──────────────────────────────────────────────────────────────────


def test_save_logs_a_draft_and_never_the_other_way_round(me: User) -> None:
    made = add(by=me, typed=draft(), log=False)
    made = save(entry=made, by=me, typed=Typed(LOGGED), log=True, edits=1)
    assert made.state == State.LOGGED
    made = save(entry=made, by=me, typed=Typed({"title": "Again"}), log=False, edits=2)
    assert (made.state, happened(made)) == (State.LOGGED, ["drafted", "logged", "edited"])


def test_saving_a_draft_leaves_no_line_in_the_history(me: User) -> None:
    made = add(by=me, typed=draft("A"), log=False)
    for edits, title in enumerate(("Ab", "Abc"), start=1):
        save(entry=made, by=me, typed=draft(title), edits=edits)
    assert happened(made) == ["drafted"]


def test_saving_what_is_archived_leaves_it_archived(me: User) -> None:
    made = entry(person=me)
    archive(entry=made, by=me)
    made = save(entry=made, by=me, typed=Typed({"title": "Again"}), log=True, edits=made.edits)
    assert (made.state, made.title) == (State.ARCHIVED, "Again")


def test_logging_an_incomplete_draft_is_refused_and_changes_nothing(me: User) -> None:
    made = add(by=me, typed=draft(), log=False)
    with pytest.raises(IntegrityError, match="logged_entry_is_complete"), transaction.atomic():
        save(entry=made, by=me, typed=draft("Other"), log=True, edits=1)
    made.refresh_from_db()
    assert (made.title, made.state, happened(made)) == ("Made a thing", State.DRAFT, ["drafted"])


# ── After somebody confirmed it ─────────────────────────────────────────────

CHANGED: dict[str, Any] = {
    "title": "Made another thing",
    "situation": "Other",
    "action": "Other",
    "outcome": "Other",
    "measure_name": "Other",
    "measure_unit": "Other",
    "part": "led",
    "scope": "team",
    "measure_before": Decimal("1.5"),
    "measure_after": Decimal("2.5"),
    "started_on": date(2026, 6, 2),
    "ended_on": date(2026, 6, 29),
}


def test_every_part_of_the_substance_is_tried_here() -> None:
    assert sorted(CHANGED) == sorted(SUBSTANCE)


@pytest.mark.parametrize("name", SUBSTANCE)
def test_change_of_the_substance_asks_first(name: str, me: User) -> None:
    made = entry(person=me, claims={"design": 2, "testing": 1})
    confirmation = verified(claim_of(made, "design"))
    typed = as_it_is(made)
    typed = typed._replace(fields=typed.fields | {name: CHANGED[name]})
    moved_on = token_of(me)
    with pytest.raises(WouldUnverify) as refused:
        save(entry=made, by=me, typed=typed, edits=made.edits)
    assert [str(claim) for claim in refused.value.claims] == ["Design 2"]
    confirmation.refresh_from_db()
    unchanged = Accomplishment.objects.get(pk=made.pk)
    assert (getattr(unchanged, name), unchanged.edits) == (getattr(made, name), made.edits)
    assert (confirmation.voided_at, token_of(me), happened(made)) == (None, moved_on, ["logged"])


@pytest.mark.parametrize(
    ("name", "value"),
    [("context", "Elsewhere"), ("ai_help", "Drafted it"), ("confidential", True), ("public_wording", "Made it")],
)
def test_change_beside_the_substance_asks_nothing(name: str, value: Any, me: User) -> None:
    made = entry(person=me, claims={"design": 2})
    confirmation = verified(claim_of(made, "design"))
    typed = as_it_is(made)
    made = save(entry=made, by=me, typed=typed._replace(fields=typed.fields | {name: value}), edits=made.edits)
    confirmation.refresh_from_db()
    assert (getattr(made, name), confirmation.voided_at, happened(made)) == (value, None, ["logged", "edited"])


def test_what_is_sent_again_unchanged_asks_nothing(me: User) -> None:
    made = entry(person=me, claims={"design": 2}, measure_before=Decimal("840"), measure_after=Decimal("190"))
    verified(claim_of(made, "design"))
    typed = as_it_is(made)
    assert typed.fields["measure_before"] == Decimal("840.0000")
    save(entry=made, by=me, typed=typed, edits=made.edits)
    assert Verification.objects.standing().count() == 1


def test_change_of_a_confirmed_level_or_its_removal_asks_for_that_claim_alone(me: User) -> None:
    made = entry(person=me, claims={"design": 2, "testing": 1, "security": 1})
    for slug in ("design", "testing"):
        verified(claim_of(made, slug))
    fields = as_it_is(made).fields
    for claims in (claimed(design=3, testing=1, security=1), claimed(testing=1, security=1)):
        with pytest.raises(WouldUnverify) as refused:
            save(entry=made, by=me, typed=Typed(fields, claims), edits=made.edits)
        assert [claim.competency.slug for claim in refused.value.claims] == ["design"]
    save(entry=made, by=me, typed=Typed(fields, claimed(design=2, testing=1, writing=5)), edits=made.edits)
    assert Verification.objects.standing().count() == 2


def test_change_of_the_indicator_asks_nothing(me: User) -> None:
    made = entry(person=me, claims={"design": 2})
    claim = claim_of(made, "design")
    verified(claim)
    indicator = IndicatorFactory(competency=claim.competency)
    save(
        entry=made,
        by=me,
        typed=Typed({}, [Claimed(claim.competency_id, 2, indicator.pk)]),
        edits=made.edits,
    )
    claim.refresh_from_db()
    assert (claim.indicator, claim.verifications.standing().count()) == (indicator, 1)


@pytest.mark.parametrize("says", [Answer.CANNOT_SAY, Answer.DISPUTED, ""])
def test_what_nobody_confirmed_changes_without_asking(says: str, me: User) -> None:
    made = entry(person=me, claims={"design": 2})
    if says:
        verified(claim_of(made, "design"), says=Answer(says))
    else:
        asked(claim_of(made, "design"))
    save(entry=made, by=me, typed=Typed({"title": "Other"}, claimed(design=3)), edits=made.edits)
    assert Verification.objects.standing().count() == 1


def test_agreed_change_voids_confirmations_and_keeps_the_rest(me: User) -> None:
    made = entry(person=me, claims={"design": 2})
    claim = claim_of(made, "design")
    kinds = {
        "confirmed": verified(claim, by=UserFactory(name="Ada")),
        "other": verified(claim, says=Answer.CONFIRMED_OTHER, level=1),
        "cannot": verified(claim, says=Answer.CANNOT_SAY),
        "disputed": verified(claim, says=Answer.DISPUTED),
        "asked": asked(claim),
    }
    made = save(entry=made, by=me, typed=Typed({"title": "Other"}, claimed(design=2)), edits=made.edits, agreed=True)
    voided = {}
    for kind, one in kinds.items():
        one.refresh_from_db()
        voided[kind] = one.voided_at is not None
    assert voided == {"confirmed": True, "other": True, "cannot": False, "disputed": False, "asked": False}
    assert happened(made) == ["logged", "edited", "unverified"]
    told = [[one["name"] for one in e.content["claims"][0]["answers"]] for e in made.events.order_by("pk")]
    assert ["Ada" in names for names in told] == [False, True, False]  # the last line is whose word went


def test_voided_colleague_can_be_asked_again(me: User) -> None:
    made, ada = entry(person=me, claims={"design": 2}), UserFactory()
    first = verified(claim_of(made, "design"), by=ada)
    save(entry=made, by=me, typed=Typed({"title": "Other"}, claimed(design=2)), edits=made.edits, agreed=True)
    again = asked(claim_of(made, "design"), by=ada)
    assert again.pk != first.pk
    assert asked(claim_of(made, "design"), by=ada).pk == again.pk


# ── Claims and links ────────────────────────────────────────────────────────


def test_claims_keep_their_rows_and_take_free_places(me: User) -> None:
    made = entry(person=me, claims={"a": 1, "b": 2, "c": 3})
    rows = {one.competency.slug: one.pk for one in made.claims.all()}
    save(entry=made, by=me, typed=Typed({}, claimed(d=4, c=5, a=1)), edits=made.edits)
    found = [(one.slot, one.competency.slug, one.level) for one in made.claims.all()]
    assert found == [(1, "a", 1), (2, "d", 4), (3, "c", 5)]
    assert [claim_of(made, slug).pk == rows[slug] for slug in ("a", "c")] == [True, True]


def test_sixth_claim_is_refused_by_the_database(me: User) -> None:
    levels = {f"c{n}": 1 for n in range(6)}
    with pytest.raises(IntegrityError, match="claim_slot_1_to_5"), transaction.atomic():
        add(by=me, typed=Typed(LOGGED, claimed(**levels)), log=True)
    assert (Accomplishment.objects.count(), Claim.objects.count()) == (0, 0)
    made = add(by=me, typed=Typed(LOGGED, claimed(**dict(list(levels.items())[:5]))), log=True)
    assert [one.slot for one in made.claims.all()] == [1, 2, 3, 4, 5]


def test_links_come_as_they_are_typed(me: User) -> None:
    made = entry(person=me, links=["https://a.example", "https://b.example"])
    rows = set(made.links.values_list("pk", flat=True))
    made = save(entry=made, by=me, typed=as_it_is(made), edits=made.edits)
    assert set(made.links.values_list("pk", flat=True)) == rows
    save(entry=made, by=me, typed=Typed({}, [], ["https://b.example", "https://c.example"]), edits=made.edits)
    assert [(one.position, one.url) for one in made.links.all()] == [(1, "https://b.example"), (2, "https://c.example")]


# ── Away and back ───────────────────────────────────────────────────────────


def test_archive_and_back(me: User) -> None:
    made = entry(person=me)
    assert [archive(entry=made, by=me), archive(entry=made, by=me)] == [True, False]
    made.refresh_from_db()
    assert made.state == State.ARCHIVED
    assert [unarchive(entry=made, by=me), unarchive(entry=made, by=me)] == [True, False]
    made.refresh_from_db()
    assert (made.state, happened(made)) == (State.LOGGED, ["logged", "archived", "restored"])


def test_delete_and_back(me: User) -> None:
    made = entry(person=me)
    assert [delete(entry=made, by=me), delete(entry=made, by=me)] == [True, False]
    assert not Accomplishment.objects.kept().filter(pk=made.pk).exists()
    assert [undelete(entry=made, by=me), undelete(entry=made, by=me)] == [True, False]
    made.refresh_from_db()
    assert (made.state, made.deleted_at, happened(made)) == (State.LOGGED, None, ["logged", "deleted", "restored"])


def test_archive_leaves_drafts_and_what_is_deleted_alone(me: User) -> None:
    written = add(by=me, typed=draft(), log=False)
    assert archive(entry=written, by=me) is False
    gone = entry(person=me)
    delete(entry=gone, by=me)
    assert archive(entry=gone, by=me) is False
    gone.refresh_from_db()
    assert (gone.state, happened(gone), happened(written)) == (State.LOGGED, ["logged", "deleted"], ["drafted"])


def test_unarchive_leaves_what_is_deleted_alone(me: User) -> None:
    made = entry(person=me)
    archive(entry=made, by=me)
    delete(entry=made, by=me)
    assert unarchive(entry=made, by=me) is False


def test_every_change_moves_the_token_of_the_record_on(me: User) -> None:
    made = entry(person=me)
    seen = [token_of(me)]
    save(entry=made, by=me, typed=Typed({"context": "Here"}), edits=made.edits)
    seen.append(token_of(me))
    for change in (archive, unarchive, delete, undelete):
        change(entry=made, by=me)
        seen.append(token_of(me))
    assert len(set(seen)) == 6


def test_counting_leaves_out_drafts_archived_and_deleted(me: User) -> None:
    logged, archived, deleted = (entry(person=me, title=title) for title in ("Logged", "Archived", "Deleted"))
    add(by=me, typed=draft(), log=False)
    archive(entry=archived, by=me)
    delete(entry=deleted, by=me)
    assert list(Accomplishment.objects.counting()) == [logged]


# ── Purge ───────────────────────────────────────────────────────────────────


@pytest.fixture
def media(settings: Any, tmp_path: Any) -> Any:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def test_purge_removes_what_was_deleted_before_with_all_of_it(
    me: User, media: Any, django_capture_on_commit_callbacks: Any
) -> None:
    old, new, kept = (
        entry(person=me, title=title, claims={"design": 1}, links=["https://a.example"])
        for title in ("Old", "New", "Kept")
    )
    verified(claim_of(old, "design"))
    for one in (old, new, kept):
        file = File(accomplishment=one, name="a.txt", kind="text/plain", size=1, sha256=one.title)
        file.content.save("a", ContentFile(b"a"))
    for one in (old, new):
        delete(entry=one, by=me)
    now = timezone.now()
    Accomplishment.objects.filter(pk=old.pk).update(deleted_at=now - timedelta(days=31))
    moved_on = token_of(me)
    with django_capture_on_commit_callbacks(execute=True):
        assert purge(before=now - timedelta(days=30)) == 1
    assert list(Accomplishment.objects.order_by("pk").values_list("title", flat=True)) == ["New", "Kept"]
    counts = (Claim.objects.count(), Verification.objects.count(), Link.objects.count(), File.objects.count())
    assert counts == (2, 0, 2, 2)
    assert not Event.objects.filter(accomplishment=old.pk).exists()
    assert len([path for path in media.rglob("*") if path.is_file()]) == 2
    assert token_of(me) != moved_on
    assert purge(before=now - timedelta(days=30)) == 0


# ── What the database holds ─────────────────────────────────────────────────


def written(me: User, **values: Any) -> Accomplishment:
    return Accomplishment.objects.create(person=me, **values)


BAD_ENTRIES: list[tuple[str, dict[str, Any]]] = [
    ("entry_state_known", {"state": "lost"}),
    ("entry_part_known", {"part": "watched"}),
    ("entry_scope_known", {"scope": "world"}),
    ("entry_starts_before_it_ends", {"started_on": date(2026, 2, 2), "ended_on": date(2026, 2, 1)}),
    *(
        ("logged_entry_is_complete", LOGGED | {"state": "logged"} | missing)
        for missing in (
            {"title": ""},
            {"part": ""},
            {"scope": ""},
            {"ended_on": None},
            {"state": "archived", "part": ""},
        )
    ),
]


@pytest.mark.parametrize(("name", "values"), BAD_ENTRIES)
def test_database_refuses_entry(name: str, values: dict[str, Any], me: User) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        written(me, **values)


def refused(name: str) -> Any:
    """SQLite names the columns of a broken unique constraint and not the constraint."""
    columns = {
        "entry_once_per_form": "person_id.*token",
        "entry_once_per_origin": "entry_once_per_origin|person_id.*origin",
        "claim_slot_once": "accomplishment_id.*slot",
        "claim_once_per_competency": "accomplishment_id.*competency_id",
        "one_answer_per_person_and_claim": "one_answer_per_person_and_claim|claim_id.*verifier_id",
        "link_position_once": "accomplishment_id.*position",
        "file_once_per_entry": "accomplishment_id.*sha256",
    }
    return pytest.raises(IntegrityError, match=f"{name}|{columns.get(name, name)}")


def test_database_refuses_a_token_or_an_origin_twice(me: User) -> None:
    first = written(me, origin="csv:1")
    with refused("entry_once_per_form"), transaction.atomic():
        written(me, token=first.token)
    with refused("entry_once_per_origin"), transaction.atomic():
        written(me, origin="csv:1")
    written(me), written(me)  # no origin is no origin twice


def test_database_refuses_claims(me: User) -> None:
    made = entry(person=me, claims={"design": 1})
    testing = CompetencyFactory(slug="testing")
    bad: list[tuple[str, dict[str, Any]]] = [
        ("claim_slot_once", {"slot": 1}),
        ("claim_once_per_competency", {"competency": CompetencyFactory(slug="design")}),
        ("claim_slot_1_to_5", {"slot": 0}),
        ("claim_slot_1_to_5", {"slot": 6}),
        ("claim_level_1_to_5", {"level": 0}),
        ("claim_level_1_to_5", {"level": 6}),
    ]
    for name, values in bad:
        with refused(name), transaction.atomic():
            Claim.objects.create(accomplishment=made, **({"slot": 2, "competency": testing, "level": 1} | values))
    assert made.claims.count() == 1


def test_database_refuses_verifications(me: User) -> None:
    claim, ada, now = claim_of(entry(person=me, claims={"design": 3}), "design"), UserFactory(), timezone.now()
    verified(claim, by=ada)
    said = {"answer": Answer.CONFIRMED, "answered_at": now}
    bad: list[tuple[str, dict[str, Any]]] = [
        ("one_answer_per_person_and_claim", {"verifier": ada}),
        ("answer_known", said | {"answer": "perhaps"}),
        ("answered_all_or_none", {"answered_at": now}),
        ("answered_all_or_none", {"answer": Answer.CONFIRMED}),
        ("level_goes_with_confirmed_other", said | {"level": 2}),
        ("level_goes_with_confirmed_other", said | {"answer": Answer.CONFIRMED_OTHER}),
        ("only_a_dispute_is_resolved", said | {"resolved_at": now}),
        ("settled_by_somebody_on_a_day", {"resolved_by": ada}),
        ("settled_by_somebody_on_a_day", {"settled_note": "We talked."}),
    ]
    for name, values in bad:
        with refused(name), transaction.atomic():
            Verification.objects.create(
                **({"claim": claim, "owner": me, "verifier": UserFactory(), "name": "Eve"} | values)
            )
    assert claim.verifications.count() == 1
    claim.verifications.update(voided_at=now, voided_for=Void.EXPIRED)
    Verification.objects.create(claim=claim, owner=me, verifier=ada, name="Ada")  # what is void stands in nobody's way


def test_database_refuses_links_and_files_twice(me: User) -> None:
    made = entry(person=me, links=["https://a.example"])
    with refused("link_position_once"), transaction.atomic():
        Link.objects.create(accomplishment=made, position=1, url="https://b.example")
    file = {"accomplishment": made, "name": "a.txt", "kind": "text/plain", "size": 1, "sha256": "1"}
    File.objects.create(**file)
    with refused("file_once_per_entry"), transaction.atomic():
        File.objects.create(**file)


def test_database_refuses_events_it_does_not_know_and_days_without_a_role(me: User) -> None:
    made = entry(person=me)
    with pytest.raises(IntegrityError, match="event_known"), transaction.atomic():
        Event.objects.create(accomplishment=made, happened="lost", by=me)
    with pytest.raises(IntegrityError, match="since_needs_a_role"), transaction.atomic():
        Record.objects.filter(pk=me.pk).update(since=date(2026, 1, 1))


def test_history_never_changes(me: User) -> None:
    event = entry(person=me).events.get()
    for change in (
        {"content": {}},
        {"happened": Happened.EDITED},
        {"at": datetime(2020, 1, 1, tzinfo=timezone.get_current_timezone())},
        {"by": UserFactory()},
        {"by": None, "content": {}},
    ):
        with pytest.raises(DatabaseError, match="the history of an entry never changes"), transaction.atomic():
            Event.objects.filter(pk=event.pk).update(**change)
    with pytest.raises(DatabaseError, match="the history of an entry never changes"), transaction.atomic():
        Event.objects.filter(pk=event.pk).update(accomplishment=entry(person=me))


def test_history_outlives_whoever_wrote_it(me: User) -> None:
    editor = UserFactory()
    made = entry(person=me)
    save(entry=made, by=editor, typed=Typed({"title": "Other"}), edits=made.edits)
    content = made.events.order_by("pk").last().content
    editor.delete()
    event = made.events.order_by("pk").last()
    assert (event.by, event.content) == (None, content)


def test_policies_never_change() -> None:
    for refuse in (
        lambda: ScoringPolicy.objects.update(reason="Other"),
        lambda: ScoringPolicy.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match="a scoring policy never changes"), transaction.atomic():
            refuse()
    assert ScoringPolicy.objects.count() == 1


# ── The content that the history keeps ──────────────────────────────────────


def test_content_holds_all_of_an_entry_and_equal_entries_give_equal_content(me: User) -> None:
    made = entry(
        person=me,
        claims={"design": 2},
        links=["https://a.example"],
        measure_before=Decimal("840"),
        measure_after=Decimal("0.50"),
        started_on=date(2026, 6, 1),
    )
    verified(claim_of(made, "design"), by=UserFactory(name="Ada"), says=Answer.CONFIRMED_OTHER, level=1)
    made.refresh_from_db()
    content = content_of(made)
    assert {name: value for name, value in content.items() if value} == {
        "title": "Made a thing",
        "part": "owned",
        "scope": "feature",
        "measure_before": "840",
        "measure_after": "0.5",
        "started_on": "2026-06-01",
        "ended_on": "2026-06-30",
        "visibility": "manager",
        "state": "logged",
        "claims": [
            {
                "competency": "design",
                "level": 2,
                "indicator": "",
                "answers": [{"name": "Ada", "answer": "confirmed_other", "level": 1}],
            }
        ],
        "links": ["https://a.example"],
    }
    assert set(content) == {*FIELDS, "state", "claims", "links", "files"}


def test_content_is_read_in_four_queries(me: User, django_assert_num_queries: Any) -> None:
    made = entry(person=me, claims={"a": 1, "b": 2, "c": 3})
    for slug in "abc":
        verified(claim_of(made, slug))
    with django_assert_num_queries(4):
        content_of(made)
