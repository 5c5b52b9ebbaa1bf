"""From rows to a match, its rows, its chart, and what a newer version of a target changes."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accomplishments.choices import Answer
from accomplishments.queries.match import MatchPage
from accomplishments.queries.standing import Standing, card_at, head_of
from accomplishments.queries.targets import new_versions
from accomplishments.services import entries, targets
from accomplishments.services.entries import Typed
from accomplishments.templatetags.matches import levels, match_shape, percent
from competencies.models import Revision
from people.models import User
from roles.queries.snapshot import snapshot
from tests.factories.accomplishments import claim_of, entry, verified
from tests.factories.competencies import CompetencyFactory, IndicatorFactory, ProficiencyLevelFactory
from tests.factories.people import UserFactory, ladder_editor
from tests.factories.roles import draft, published

pytestmark = pytest.mark.django_db

PATH = "software-engineering/backend/l1"
NEEDS = {"software-engineering": (2, "core"), "it-operations": (2, "core"), "data-engineering": (1, "supporting")}


@pytest.fixture
def me() -> User:
    return UserFactory()


def page_of(person: User, path: str = PATH, number: int | None = None, **choices: Any) -> MatchPage:
    standing = Standing(person.pk, Revision.stamp())
    card = card_at(standing, path, number, person)
    assert card is not None
    return MatchPage(standing, card, **choices)


def worked_example(person: User) -> None:
    """The example of the scoring's description, as rows."""
    published(role=PATH, title="Backend Engineer", needs=NEEDS)
    today = timezone.localdate()
    verified(claim_of(entry(person=person, claims={"software-engineering": 2}, ended_on=today), "software-engineering"))
    helped = entry(person=person, claims={"it-operations": 2}, part="contributed", ended_on=today)
    verified(claim_of(helped, "it-operations"))
    entry(person=person, claims={"data-engineering": 1}, ended_on=today)


def test_worked_example_from_rows(me: User) -> None:
    worked_example(me)
    match = page_of(me).match
    assert match is not None
    assert (match.match, match.verified) == (Fraction("0.725"), Fraction("0.6"))
    assert (match.gates_met, match.gates, match.entries, match.newest) == (1, 2, 3, timezone.localdate())
    assert (percent(match.match), percent(match.verified)) == ("73 %", "60 %")


def test_rows_put_what_is_open_first_and_say_how_far_it_is(me: User) -> None:
    worked_example(me)
    found = [
        (row.competency.slug, levels(row.have), levels(row.verified), row.short, row.waits, row.line.met)
        for row in page_of(me).rows
    ]
    assert found == [
        ("it-operations", "1.2", "1.2", 2, False, False),
        ("data-engineering", "0.5", "0", 1, True, False),
        ("software-engineering", "2", "2", 0, False, True),
    ]


def test_filters_count_and_show_their_rows(me: User) -> None:
    worked_example(me)
    assert [one[:3] for one in page_of(me).shows] == [
        ("", "All", 3),
        ("gaps", "Gaps", 2),
        ("waiting", "Waiting for proof", 1),
        ("met", "Met", 1),
    ]
    shown = {show: [row.competency.slug for row in page_of(me, show=show).shown] for show in ("gaps", "waiting", "met")}
    assert shown == {
        "gaps": ["it-operations", "data-engineering"],
        "waiting": ["data-engineering"],
        "met": ["software-engineering"],
    }
    assert (page_of(me).to_go, page_of(me).to_confirm) == (3, 1)


def test_met_on_claims_alone_waits_for_proof_too(me: User) -> None:
    published(role=PATH, needs={"design": (1, "core")})
    for _ in range(2):
        entry(person=me, claims={"design": 1}, ended_on=timezone.localdate())
    (row,) = page_of(me).rows
    assert (row.line.met, row.waits, row.unproven) == (True, False, True)


@pytest.mark.parametrize("gone", ["draft", "archived", "deleted", "future"])
def test_what_does_not_count_leaves_the_match_at_nothing(gone: str, me: User) -> None:
    published(role=PATH, needs={"design": (1, "core")})
    ended = timezone.localdate() + timedelta(days=1 if gone == "future" else 0)
    made = entry(person=me, claims={"design": 1}, log=gone != "draft", ended_on=ended)
    if gone == "archived":
        entries.archive(entry=made, by=me)
    if gone == "deleted":
        entries.delete(entry=made, by=me)
    match = page_of(me).match
    assert match is not None
    assert (match.match, match.entries, match.newest) == (0, 0, None)


def test_entries_of_others_count_nothing(me: User) -> None:
    published(role=PATH, needs={"design": (1, "core")})
    entry(claims={"design": 1})
    assert page_of(me).match.match == 0


def strength_after(me: User, **said: Any) -> tuple[Fraction, Fraction]:
    published(role=PATH, needs={"design": (1, "core")})
    claim = claim_of(entry(person=me, claims={"design": 1}, ended_on=timezone.localdate()), "design")
    verified(claim, **said)
    match = page_of(me).match
    assert match is not None
    return match.match, match.verified


def test_manager_alone_counts_four_fifths(me: User) -> None:
    me.manager = UserFactory()
    me.save()
    assert strength_after(me, by=me.manager) == (Fraction("0.8"), Fraction("0.8"))


def test_dispute_counts_nothing(me: User) -> None:
    assert strength_after(me, says=Answer.DISPUTED) == (0, 0)


def test_who_cannot_say_leaves_it_self_claimed(me: User) -> None:
    assert strength_after(me, says=Answer.CANNOT_SAY) == (Fraction("0.5"), 0)


def test_void_verification_counts_nothing(me: User) -> None:
    published(role=PATH, needs={"design": (1, "core")})
    made = entry(person=me, claims={"design": 1}, ended_on=timezone.localdate())
    verified(claim_of(made, "design"))
    assert page_of(me).match.verified == 1
    claims = [entries.Claimed(claim_of(made, "design").competency_id, 1)]
    entries.save(entry=made, by=me, typed=Typed({"title": "Another thing"}, claims), edits=made.edits, agreed=True)
    assert (page_of(me).match.match, page_of(me).match.verified) == (Fraction("0.5"), 0)


def test_more_evidence_and_more_proof_never_lower_the_match(me: User) -> None:
    published(role=PATH, needs=NEEDS)
    found, today = [Fraction(0)], timezone.localdate()
    for slug, level, part in (
        ("it-operations", 1, "assisted"),
        ("it-operations", 5, "contributed"),
        ("data-engineering", 1, "led"),
        ("software-engineering", 2, "owned"),
    ):
        made = entry(person=me, claims={slug: level}, part=part, ended_on=today)
        found.append(page_of(me).match.match)
        verified(claim_of(made, slug))
        found.append(page_of(me).match.match)
    assert found == sorted(found)
    assert len(set(found)) > 4


def test_exempted_requirement_leaves_the_denominator(me: User) -> None:
    worked_example(me)
    role = published(role=PATH, effective_from=date(2126, 1, 1)).role
    targets.exempt(by=me, role=role, competency=CompetencyFactory(slug="it-operations"), reason="Another team runs it.")
    after = page_of(me)
    assert [(known.slug, reason) for known, reason in after.left_out] == [("it-operations", "Another team runs it.")]
    assert after.match.match == Fraction(3 + 1, 5)


def test_nothing_to_match_where_nothing_is_asked_or_all_is_exempt(me: User) -> None:
    role = published(role=PATH).role
    empty = page_of(me)
    assert (empty.match, empty.rows, empty.steps, list(empty.without_entries)) == (None, [], [], [])
    published(role=PATH, needs={"design": (1, "core")})
    targets.exempt(by=me, role=role, competency=CompetencyFactory(slug="design"), reason="No design here.")
    exempt = page_of(me)
    assert exempt.card.number == 2
    assert (exempt.match, exempt.rows, len(exempt.left_out)) == (None, [], 1)


def test_retired_competency_is_matched_as_the_version_says(me: User) -> None:
    published(role=PATH, needs={"design": (1, "core")})
    entry(person=me, claims={"design": 1}, ended_on=timezone.localdate())
    design = CompetencyFactory(slug="design")
    design.retired_on = timezone.localdate()
    design.save()
    Revision.bump()
    assert [(row.competency.name, row.have) for row in page_of(me).rows] == [("Design", Fraction(1, 2))]


def test_plan_ends_at_a_role_that_is_met_and_gates_alone_are_less(me: User) -> None:
    worked_example(me)
    steps, gates = page_of(me).steps, page_of(me, gates_only=True).steps
    assert [(step.kind, step.competency.slug, percent(step.match)) for step in steps] == [
        ("verify", "data-engineering", "85 %"),
        ("raise", "it-operations", "100 %"),
    ]
    assert [step.competency.slug for step in gates] == ["it-operations"]


def test_effects_name_what_the_match_rests_on(me: User) -> None:
    worked_example(me)
    page = page_of(me)
    assert [percent(one.match) for one in page.without_entries] == ["35 %", "50 %", "60 %"]
    assert [percent(one.match) for one in page.without_verifications] == ["54 %", "61 %"]


# ── Versions ────────────────────────────────────────────────────────────────


def test_version_by_number_and_who_may_see_it(me: User) -> None:
    role = published(role=PATH, title="One", needs={"design": (1, "core")}).role
    published(role=role, title="Two", needs={"design": (2, "core")})
    published(role=role, title="Three", needs={"design": (3, "core")}, effective_from=date(2126, 1, 1))
    draft(role=role, title="Four")

    def titles(person: User) -> list[str]:
        standing = Standing(person.pk, Revision.stamp())
        cards = [card_at(standing, PATH, number, person) for number in (None, 1, 2, 3, 4)]
        return [card.title if card else "" for card in cards]

    assert titles(me) == ["Two", "One", "Two", "", ""]
    assert titles(ladder_editor()) == ["Two", "One", "Two", "Three", ""]
    assert card_at(Standing(me.pk, Revision.stamp()), "data/science/l1", None, me) is None


def test_pinned_version_is_matched_as_it_was(me: User) -> None:
    old = published(role=PATH, title="One", needs={"design": (1, "core")})
    targets.pin(by=me, version=old)
    published(role=old.role, title="Two", needs={"design": (5, "core")})
    page = page_of(me, number=1)
    assert (page.card.title, page.card.number, page.rows[0].need) == ("One", 1, 1)
    assert page_of(me).rows[0].need == 5


def test_head_without_a_record_is_empty(me: User) -> None:
    head = head_of(me.pk, snapshot())
    assert (head.token, head.role, head.since, head.targets, head.policy) == ("", "", None, (), 1)


def test_head_holds_role_and_targets_the_primary_first(me: User) -> None:
    one, two = (
        published(role=f"data/science/l{n}", title=f"Scientist {n}", needs={"design": (n, "core")}) for n in (1, 2)
    )
    targets.pin(by=me, version=one)
    targets.make_primary(target=targets.pin(by=me, version=two), by=me)
    me.record.refresh_from_db()
    me.record.role = one.role
    me.record.save()
    head = head_of(me.pk, snapshot())
    assert (head.token, head.role) == (str(me.record.token), "data/science/l1")
    found = [(pin.path, pin.version_id, pin.title, pin.needs[0], pin.is_primary, pin.stayed) for pin in head.targets]
    assert found == [
        ("data/science/l2", two.pk, "Scientist 2", ("design", 2, "core"), True, 0),
        ("data/science/l1", one.pk, "Scientist 1", ("design", 1, "core"), False, 0),
    ]


def test_new_version_says_what_changed_for_this_person(me: User) -> None:
    old = published(role=PATH, needs={"design": (1, "core"), "testing": (2, "core"), "law": (1, "emerging")})
    target = targets.pin(by=me, version=old)
    entry(person=me, claims={"design": 1, "testing": 1}, ended_on=timezone.localdate())
    assert new_versions(Standing(me.pk, Revision.stamp())) == []
    newer = published(role=old.role, needs={"design": (2, "core"), "testing": (2, "core"), "ethics": (1, "emerging")})
    (new,) = new_versions(Standing(me.pk, Revision.stamp()))
    assert (new.before.number, new.after.number) == (1, 2)
    moved = {one.competency.slug: (one.change.kind, one.before, one.after) for one in new.moved}
    half, quarter = Fraction(1, 2), Fraction(1, 4)
    assert moved == {"design": ("raised", half, quarter), "ethics": ("new", None, 0), "law": ("gone", 0, None)}
    assert (new.match_before.match, new.match_after.match) == (Fraction(9, 28), Fraction(6, 28))
    targets.stay(target=target, by=me, version=newer)
    assert new_versions(Standing(me.pk, Revision.stamp())) == []
    published(role=old.role, needs={"design": (3, "core")})
    (still,) = new_versions(Standing(me.pk, Revision.stamp()))
    assert still.after.number == 3


# ── Cost ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("count", [3, 40])
def test_match_costs_the_same_queries_however_long_the_log(count: int, me: User) -> None:
    published(role=PATH, needs=NEEDS)
    IndicatorFactory(competency=CompetencyFactory(slug="it-operations"), level=ProficiencyLevelFactory(number=2))
    for _ in range(count):
        verified(claim_of(entry(person=me, claims={"it-operations": 2}), "it-operations"))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = page_of(me)
        _ = page.standing.key, page.rows, page.steps, page.without_entries, page.without_verifications
    assert len(queries) == 9


# ── The chart ───────────────────────────────────────────────────────────────


def test_shape_draws_required_verified_claimed_and_gap(me: User) -> None:
    published(role=PATH, title="Backend Engineer", needs=NEEDS | {"design": (1, "emerging")})
    today = timezone.localdate()
    verified(claim_of(entry(person=me, claims={"software-engineering": 2}, ended_on=today), "software-engineering"))
    entry(person=me, claims={"data-engineering": 1}, ended_on=today)
    drawn = str(match_shape(page_of(me), "here"))
    for piece in ('class="need-line"', 'class="have"', 'fill="url(#here-hatch)"', 'id="here-hatch"', 'id="here-t"'):
        assert drawn.count(piece) == 1
    assert drawn.count('class="gap-line"') == 3  # operations, data, design
    assert drawn.count('class="dot short"') == 3
    assert "Software Engineering, core, 2 of 2. The table" in drawn
    assert "Data Engineering, supporting, 0.5 of 1, 0 verified; " in drawn


def test_shape_of_three_is_bars_and_of_twelve_the_heaviest(me: User) -> None:
    worked_example(me)
    assert str(match_shape(page_of(me))).startswith('<svg class="bars"')
    tiers = ("core", "supporting", "emerging")
    published(role="data/science/l1", needs={f"skill-{n}": (1, tiers[n % 3]) for n in range(12)})
    drawn = str(match_shape(page_of(me, "data/science/l1")))
    assert "The 10 heaviest of 12; the table has all." in drawn
    assert drawn.count('class="gap-line"') == 10


@pytest.mark.parametrize(
    ("number", "words"), [("0", "0"), ("0.04", "0.1"), ("1.96", "1.9"), ("2", "2"), ("29/10", "2.9"), ("2/3", "0.6")]
)
def test_levels_never_look_fuller_than_they_are(number: str, words: str) -> None:
    assert levels(Fraction(number)) == words
