"""The arithmetic on shapes and texts. No database."""

from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roles.shapes import content, review, stems, wording
from roles.shapes.gap import Change, Need, compare, gap, shared
from roles.shapes.lattice import Route, routes

SLUGS = ("design", "delivery", "testing", "writing")
shape = st.dictionaries(st.sampled_from(SLUGS), st.integers(1, 5)).map(
    lambda needs: tuple(Need(slug, need, "core") for slug, need in needs.items())
)
text = st.text(alphabet=st.sampled_from("ab \n\tÉ.\u00a0\u2028"), max_size=30)


def needs(**levels: int) -> tuple[Need, ...]:
    return tuple(Need(slug, level, "core") for slug, level in levels.items())


# ── gap ─────────────────────────────────────────────────────────────────────


def test_gap_counts_what_rises() -> None:
    assert gap(needs(design=1, testing=2), needs(design=3, testing=3)) == 3


def test_gap_counts_a_new_competency_from_nothing() -> None:
    assert gap(needs(design=1), needs(design=1, testing=4)) == 4


def test_gap_takes_nothing_off_for_a_lower_need() -> None:
    assert gap(needs(design=5, testing=1), needs(design=1, testing=2)) == 1


def test_gap_to_nothing_is_nothing() -> None:
    assert gap(needs(design=5), ()) == 0


@given(shape)
def test_gap_to_itself_is_nothing(one: tuple[Need, ...]) -> None:
    assert gap(one, one) == 0


@given(shape, shape, shape)
def test_gap_is_never_longer_than_a_detour(a: tuple[Need, ...], b: tuple[Need, ...], c: tuple[Need, ...]) -> None:
    assert gap(a, c) <= gap(a, b) + gap(b, c)


@given(shape, shape)
def test_gap_both_ways_is_the_sum_of_all_differences(a: tuple[Need, ...], b: tuple[Need, ...]) -> None:
    assert gap(a, b) + gap(b, a) == sum(abs(change.difference) for change in compare(a, b))


def test_shared_counts_competencies_of_both() -> None:
    assert shared(needs(design=1, testing=1, writing=1), needs(testing=5, writing=1, delivery=1)) == 2


# ── compare ─────────────────────────────────────────────────────────────────


def test_compare_stands_in_the_order_of_after_then_what_is_gone() -> None:
    changes = compare(needs(writing=1, design=2, testing=3), needs(testing=3, delivery=1))
    assert [(one.competency, one.before, one.after, one.kind) for one in changes] == [
        ("testing", 3, 3, "unchanged"),
        ("delivery", 0, 1, "new"),
        ("writing", 1, 0, "gone"),
        ("design", 2, 0, "gone"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [(0, 2, "new"), (2, 0, "gone"), (2, 2, "unchanged"), (1, 3, "raised"), (3, 1, "lowered")],
)
def test_change_kind_says_what_happened(before: int, after: int, kind: str) -> None:
    assert Change("design", before, after, "core" if before else "", "core" if after else "").kind == kind


@pytest.mark.parametrize(
    ("before", "after", "move"),
    [
        ("supporting", "core", "up"),
        ("emerging", "supporting", "up"),
        ("core", "emerging", "down"),
        ("core", "core", ""),
        ("", "core", ""),
        ("core", "", ""),
    ],
)
def test_change_tier_move_is_up_towards_core(before: str, after: str, move: str) -> None:
    assert Change("design", 1, 1, before, after).tier_move == move


def test_change_is_different_by_tier_alone() -> None:
    assert Change("design", 2, 2, "core", "supporting").is_different
    assert not Change("design", 2, 2, "core", "core").is_different


def test_change_tier_is_that_of_after_or_else_of_before() -> None:
    assert Change("design", 2, 2, "core", "supporting").tier == "supporting"
    assert Change("design", 2, 0, "core", "").tier == "core"


# ── routes ──────────────────────────────────────────────────────────────────

ROLES = {
    "a1": needs(design=1),
    "a2": needs(design=2),
    "a3": needs(design=3),
    "b2": needs(design=1, testing=3),
    "z9": needs(writing=5),
}
UP = [("a1", "a2"), ("a2", "a3"), ("a1", "b2"), ("b2", "a3")]


def test_routes_come_with_the_gap_of_each_step_best_first() -> None:
    assert routes(ROLES, UP, "a1", "a3") == [
        Route(("a1", "a2", "a3"), (1, 1)),
        Route(("a1", "b2", "a3"), (3, 2)),
    ]


def test_route_totals_levels_and_moves() -> None:
    route = Route(("a1", "b2", "a3"), (3, 2))
    assert (route.total, route.moves) == (5, 2)


def test_routes_prefer_fewest_levels_or_fewest_moves() -> None:
    shapes = {**ROLES, "c": needs(design=1, writing=1)}
    edges = [*UP, ("a1", "c"), ("c", "z9"), ("a3", "z9"), ("b2", "z9")]
    dear = {**shapes, "z9": needs(design=3, writing=5)}
    assert [route.roles for route in routes(dear, edges, "a1", "z9", most=1)] == [("a1", "c", "z9")]
    far = {"s": (), "m": needs(a=1), "n": needs(a=2), "e": needs(a=2), "x": needs(b=4)}
    ways = [("s", "m"), ("m", "n"), ("n", "e"), ("s", "x"), ("x", "e")]
    assert [route.roles for route in routes(far, ways, "s", "e", prefer="gap")] == [
        ("s", "m", "n", "e"),
        ("s", "x", "e"),
    ]
    assert [route.roles for route in routes(far, ways, "s", "e", prefer="moves")] == [
        ("s", "x", "e"),
        ("s", "m", "n", "e"),
    ]


def test_routes_break_a_tie_of_levels_by_moves() -> None:
    shapes = {"s": (), "m": needs(a=1), "e": needs(a=2)}
    edges = [("s", "m"), ("m", "e"), ("s", "e")]
    assert [route.roles for route in routes(shapes, edges, "s", "e", prefer="gap")] == [("s", "e"), ("s", "m", "e")]


def test_routes_break_a_tie_of_moves_by_levels() -> None:
    shapes = {"s": (), "m": needs(b=1), "n": needs(a=1), "e": needs(a=2)}
    edges = [("s", "m"), ("m", "e"), ("s", "n"), ("n", "e")]
    assert [route.roles for route in routes(shapes, edges, "s", "e", prefer="moves")] == [
        ("s", "n", "e"),
        ("s", "m", "e"),
    ]


@pytest.mark.parametrize("edges", list(permutations([("s", "m"), ("m", "e"), ("s", "n"), ("n", "e")])))
def test_routes_break_the_rest_by_keys(edges: tuple[tuple[str, str], ...]) -> None:
    shapes = {"s": (), "n": needs(a=1), "m": needs(a=1), "e": needs(a=2)}
    assert [route.roles for route in routes(shapes, edges, "s", "e")] == [("s", "m", "e"), ("s", "n", "e")]


def test_routes_give_at_most_as_many_as_asked_for() -> None:
    shapes = dict.fromkeys(("s", "e", *"klmno"), ())
    edges = [pair for key in "klmno" for pair in (("s", key), (key, "e"))]
    assert len(routes(shapes, edges, "s", "e")) == 3
    assert len(routes(shapes, edges, "s", "e", most=5)) == 5
    assert len(routes(shapes, edges, "s", "e", most=9)) == 5


def test_routes_against_the_arrow_there_are_none() -> None:
    assert routes(ROLES, UP, "a3", "a1") == []


def test_routes_to_what_no_move_reaches_there_are_none() -> None:
    assert routes(ROLES, UP, "a1", "z9") == []


def test_routes_from_a_role_to_itself_there_are_none() -> None:
    assert routes(ROLES, [*UP, ("a1", "a1")], "a1", "a1") == []


@pytest.mark.parametrize(("start", "end"), [("a1", "nowhere"), ("nowhere", "a1")])
def test_routes_of_an_unknown_role_there_are_none(start: str, end: str) -> None:
    assert routes(ROLES, UP, start, end) == []


def all_routes(shapes: dict[str, tuple[Need, ...]], edges: set[tuple[str, str]], prefer: str) -> list[Route]:
    """Every way from "a" to "e" without a loop, sorted as the docstring of `routes` says."""
    found = []
    for length in range(4):
        for between in permutations([key for key in shapes if key not in "ae"], length):
            path = ("a", *between, "e")
            if all(pair in edges for pair in pairwise(path)):
                found.append(Route(path, tuple(gap(shapes[x], shapes[y]) for x, y in pairwise(path))))
    wish = {
        "gap": lambda one: (one.total, one.moves, one.roles),
        "moves": lambda one: (one.moves, one.total, one.roles),
    }
    return sorted(found, key=wish[prefer])


@given(
    st.fixed_dictionaries(dict.fromkeys("abcde", shape)),
    st.sets(st.sampled_from(list(permutations("abcde", 2)))),
    st.sampled_from(["gap", "moves"]),
)
def test_routes_are_the_best_of_all(
    shapes: dict[str, tuple[Need, ...]], edges: set[tuple[str, str]], prefer: str
) -> None:
    def rank(route: Route) -> tuple[int, int]:
        return (route.total, route.moves) if prefer == "gap" else (route.moves, route.total)

    found = routes(shapes, edges, "a", "e", prefer=prefer)
    assert [rank(route) for route in found] == [rank(route) for route in all_routes(shapes, edges, prefer)[:3]]


def test_routes_of_one_rank_stand_by_their_keys() -> None:
    shapes: dict[str, tuple[Need, ...]] = dict.fromkeys("abcde", ())
    edges = {("a", "b"), ("a", "c"), ("b", "d"), ("b", "e"), ("c", "b"), ("d", "e")}
    found = [route.roles for route in routes(shapes, edges, "a", "e")]
    assert found == [("a", "b", "e"), ("a", "b", "d", "e"), ("a", "c", "b", "e")]


# ── wording ─────────────────────────────────────────────────────────────────


@given(text, text)
def test_pieces_of_a_side_give_the_text_back(before: str, after: str) -> None:
    pair = wording.pieces(before, after)
    assert "".join(piece.text for piece in pair.before) == before
    assert "".join(piece.text for piece in pair.after) == after


@given(text, text)
def test_pieces_keep_to_their_side_and_agree_on_what_is_the_same(before: str, after: str) -> None:
    pair = wording.pieces(before, after)
    assert {piece.kind for piece in pair.before} <= {"same", "del"}
    assert {piece.kind for piece in pair.after} <= {"same", "ins"}
    assert [one for one in pair.before if one.kind == "same"] == [one for one in pair.after if one.kind == "same"]


@given(text)
def test_pieces_of_equal_texts_are_the_same(one: str) -> None:
    assert not wording.pieces(one, one).is_different


def test_pieces_mark_the_words_that_changed() -> None:
    pair = wording.pieces("Writes unit tests for code", "Writes careful tests for code")
    assert pair.before == (
        wording.Piece("same", "Writes "),
        wording.Piece("del", "unit"),
        wording.Piece("same", " tests for code"),
    )
    assert pair.after == (
        wording.Piece("same", "Writes "),
        wording.Piece("ins", "careful"),
        wording.Piece("same", " tests for code"),
    )
    assert pair.is_different


def test_pieces_of_texts_with_little_in_common_stay_whole() -> None:
    pair = wording.pieces("Writes tests", "Leads a department of people")
    assert pair.before == (wording.Piece("del", "Writes tests"),)
    assert pair.after == (wording.Piece("ins", "Leads a department of people"),)


def test_pieces_of_a_new_or_gone_text_have_one_side() -> None:
    assert wording.pieces("", "New") == wording.Pair((), (wording.Piece("ins", "New"),))
    assert wording.pieces("Gone", "") == wording.Pair((wording.Piece("del", "Gone"),), ())


@given(st.lists(text, max_size=5), st.lists(text, max_size=5))
def test_lists_lose_and_invent_nothing(before: list[str], after: list[str]) -> None:
    pairs = wording.lists(before, after)
    sides = [["".join(piece.text for piece in side) for side in (pair.before, pair.after)] for pair in pairs]
    assert sorted(old for old, _ in sides if old) == sorted(filter(None, before))
    assert [new for _, new in sides if new] == list(filter(None, after))


def test_lists_pair_a_reworded_sentence_and_put_what_is_gone_last() -> None:
    pairs = wording.lists(
        ["Runs the weekly planning meeting.", "Writes unit tests for code."],
        ["Writes careful unit tests for code.", "Mentors juniors."],
    )
    assert [("".join(p.text for p in one.before), "".join(p.text for p in one.after)) for one in pairs] == [
        ("Writes unit tests for code.", "Writes careful unit tests for code."),
        ("", "Mentors juniors."),
        ("Runs the weekly planning meeting.", ""),
    ]


def test_lists_in_another_order_are_not_different() -> None:
    assert not any(
        pair.is_different
        for pair in wording.lists(["Runs meetings.", "Writes code."], ["Writes code.", "Runs meetings."])
    )


def test_lists_keep_an_unchanged_sentence_when_a_similar_one_is_new() -> None:
    kept = "Writes unit tests for every service."
    pairs = wording.lists([kept], ["Writes unit tests for every server.", kept])
    assert [pair.is_different for pair in pairs] == [True, False]


# ── review ──────────────────────────────────────────────────────────────────


def full(**parts: object) -> dict[str, object]:
    """A document that nobody has to look at again; `parts` replaces parts of it."""
    return {
        "title": "Engineer",
        "summary": "Builds things.",
        "mission": "Make things that work.",
        "tour_of_duty": "Build one thing.",
        "about_family": "They build.",
        "about_specialty": "They build things.",
        "responsibilities": {"primary": ["Builds a thing."]},
        "skills": {"hard": ["Sawing."], "soft": ["Listening."]},
        "education": {"minimum": ["None."], "fields": ["Woodwork"]},
        "ai_accelerators": ["Asks a machine."],
        "moves": {"up": [{"title": "Master"}]},
        "next_level": {"changes": ["From one thing to many."]},
        "requirements": [{"competency": "design", "need": 2, "tier": "core"}],
        **parts,
    }


def test_warnings_of_a_full_document_are_none() -> None:
    assert review.warnings(full()) == []


def test_warnings_name_all_that_an_empty_document_lacks() -> None:
    assert review.warnings({"title": "Engineer"}) == [
        "No requirement is core: nothing in this role would be a gate.",
        "There is no summary.",
        "There is no mission.",
        "There is no tour of duty.",
        "There is no text about the family.",
        "There is no text about the specialty.",
        "There is no way in, up or sideways.",
        "There is nothing on responsibilities.",
        "There is nothing on hard skills.",
        "There is nothing on soft skills.",
        "There is nothing on minimum education.",
        "There is nothing on AI accelerators.",
        "There is nothing on what changes at the next level.",
    ]


@pytest.mark.parametrize(
    ("parts", "warning"),
    [
        ({"summary": ""}, "There is no summary."),
        ({"mission": ""}, "There is no mission."),
        ({"tour_of_duty": ""}, "There is no tour of duty."),
        ({"about_family": ""}, "There is no text about the family."),
        ({"about_specialty": ""}, "There is no text about the specialty."),
        ({"moves": {}}, "There is no way in, up or sideways."),
        ({"responsibilities": {"secondary": ["Sweeps."]}}, "There is nothing on responsibilities."),
        ({"skills": {"soft": ["Listening."]}}, "There is nothing on hard skills."),
        ({"skills": {"hard": ["Sawing."]}}, "There is nothing on soft skills."),
        ({"education": {"fields": ["Woodwork"]}}, "There is nothing on minimum education."),
        ({"ai_accelerators": []}, "There is nothing on AI accelerators."),
        ({"next_level": {"theme": "Many"}}, "There is nothing on what changes at the next level."),
        (
            {"requirements": [{"competency": "design", "need": 2, "tier": "supporting"}]},
            "No requirement is core: nothing in this role would be a gate.",
        ),
        (
            {"requirements": [{"competency": f"c{n}", "need": 2, "tier": "core"} for n in range(11)]},
            "11 requirements; more than 10 can't be worked on at once.",
        ),
    ],
)
def test_warnings_name_the_one_thing_that_is_wrong(parts: dict[str, object], warning: str) -> None:
    assert review.warnings(full(**parts)) == [warning]


def test_warnings_allow_ten_requirements() -> None:
    ten = [{"competency": f"c{n}", "need": 2, "tier": "core"} for n in range(10)]
    assert review.warnings(full(requirements=ten)) == []


def test_warnings_tell_of_a_need_above_the_level_above() -> None:
    here = full(
        requirements=[
            {"competency": "design", "need": 3, "tier": "core"},
            {"competency": "testing", "need": 1, "tier": "core"},
        ]
    )
    above = full(requirements=[{"competency": "design", "need": 2, "tier": "core"}])
    assert review.warnings(here, above=above) == [
        "design needs 3 here but needs 2 at the level above.",
        "testing needs 1 here but is not asked for at the level above.",
    ]


def test_warnings_tell_of_a_need_below_the_level_below() -> None:
    below = full(
        requirements=[
            {"competency": "design", "need": 3, "tier": "core"},
            {"competency": "testing", "need": 1, "tier": "core"},
            {"competency": "writing", "need": 2, "tier": "core"},
        ]
    )
    here = full(
        requirements=[
            {"competency": "design", "need": 2, "tier": "core"},
            {"competency": "writing", "need": 2, "tier": "core"},
        ]
    )
    assert review.warnings(here, below=below) == [
        "design needs 2 here but needs 3 at the level below.",
        "testing is not asked for here but needs 1 at the level below.",
    ]


def test_warnings_tell_of_a_sentence_taken_over() -> None:
    other = full(
        summary="Other.",
        mission="Other still.",
        tour_of_duty="One more.",
        responsibilities={"primary": ["  BUILDS a thing. "]},
        skills={"hard": ["Drilling."], "soft": ["Talking."]},
        ai_accelerators=["Asks two machines."],
        next_level={"changes": ["From two."]},
    )
    assert review.warnings(full(), others={"L2": other}) == ["Taken over from L2: “Builds a thing.”"]


def test_warnings_tell_of_a_mission_taken_over() -> None:
    other = {"title": "Other", "mission": "Make things that work."}
    assert review.warnings(full(), others={"L2": other}) == ["Taken over from L2: “Make things that work.”"]


def test_warnings_let_levels_share_fields_and_education() -> None:
    assert review.warnings(full(), others={"L2": {"education": {"minimum": ["None."], "fields": ["Woodwork"]}}}) == []


# ── content ─────────────────────────────────────────────────────────────────

MESSY = {
    "requirements": [{"tier": "core", "need": 2, "competency": "design"}],
    "moves": {
        "sideways": [],
        "up": [{"focus": "", "role": "a/b/l2"}],
        "entry": [{"focus": "More.", "title": "Intern"}],
    },
    "experience": {"note": "", "maximum_years": 2, "minimum_years": 0},
    "education": {"minimum": []},
    "tags": [],
    "mission": "",
    "salary": {"period": "year", "currency": "USD", "maximum": 9, "minimum": 0},
    "level": "l1",
    "effective": "2025-07-01",
    "title": "Engineer",
}


def test_canonical_has_one_order_and_no_empty_parts() -> None:
    document = content.canonical(MESSY)
    assert repr(document) == repr(
        {
            "title": "Engineer",
            "salary": {"minimum": 0, "maximum": 9, "currency": "USD", "period": "year"},
            "experience": {"minimum_years": 0, "maximum_years": 2},
            "moves": {"entry": [{"title": "Intern", "focus": "More."}], "up": [{"role": "a/b/l2"}]},
            "requirements": [{"competency": "design", "need": 2, "tier": "core"}],
        }
    )


sentences = st.lists(st.text(max_size=3), max_size=2)
documents = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(content.TEXTS, st.text(max_size=3)),
        "tags": sentences,
        "ai_accelerators": sentences,
        **{
            key: st.dictionaries(st.sampled_from(order), sentences)
            for key, order in content.INNER_ORDER.items()
            if key not in {"salary", "moves", "experience", "next_level"}
        },
        "experience": st.dictionaries(st.sampled_from(["minimum_years", "maximum_years"]), st.integers(0, 3)),
        "moves": st.dictionaries(
            st.sampled_from(content.INNER_ORDER["moves"]),
            st.lists(st.dictionaries(st.sampled_from(content.MOVE_ORDER), st.text(max_size=2)), max_size=2),
        ),
        "other": st.integers(),
    },
)


@given(documents)
def test_canonical_twice_is_as_once(document: dict[str, object]) -> None:
    once = content.canonical(document)
    assert repr(content.canonical(once)) == repr(once)


@given(documents)
def test_canonical_leaves_its_argument_alone(document: dict[str, object]) -> None:
    before = repr(document)
    content.canonical(document)
    assert repr(document) == before


@given(documents)
def test_canonical_keeps_every_sentence(document: dict[str, object]) -> None:
    assert list(content.sentences(content.canonical(document))) == list(content.sentences(document))


def test_sentences_come_with_their_section_in_reading_order() -> None:
    assert list(content.sentences(full())) == [
        ("primary", "Builds a thing."),
        ("hard", "Sawing."),
        ("soft", "Listening."),
        ("minimum_education", "None."),
        ("field", "Woodwork"),
        ("ai", "Asks a machine."),
        ("change", "From one thing to many."),
    ]


@pytest.mark.parametrize(
    ("experience", "words"),
    [
        ({}, ""),
        ({"minimum_years": 3, "maximum_years": 7}, "3 to 7 years"),
        ({"minimum_years": 8}, "8 years or more"),
        ({"minimum_years": 0, "maximum_years": 2}, "0 to 2 years"),
        ({"maximum_years": 2}, "0 to 2 years"),
    ],
)
def test_years_are_in_words(experience: dict[str, int], words: str) -> None:
    assert content.years({"experience": experience}) == words


@pytest.mark.parametrize(
    ("period", "words"), [("year", "60,000 to 85,000 USD a year"), ("hour", "60,000 to 85,000 USD an hour")]
)
def test_salary_is_in_words(period: str, words: str) -> None:
    pay = {"minimum": 60_000, "maximum": 85_000, "currency": "USD", "period": period}
    assert content.salary({"salary": pay}) == words


def test_salary_of_nothing_is_no_word() -> None:
    assert content.salary({}) == ""


# ── stems ───────────────────────────────────────────────────────────────────


def test_stems_of_word_forms_are_one() -> None:
    assert len({stems.stem(word) for word in ("migrating", "migrations", "Migrated", "migrate")}) == 1


def test_stems_leave_out_stop_words() -> None:
    assert stems.stems("What is the architecture of it?") == [stems.stem("architecture")]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("CI/CD", ["ci", "cd"]),
        ("front-end", ["front", "end"]),
        ("C++ and C#", ["c++", "c#"]),
        ("Node.js.", ["node", "js"]),
        ("", []),
        ("… — !", []),
    ],
)
def test_stems_of_a_compound_are_its_parts(words: str, found: list[str]) -> None:
    assert stems.stems(words) == found


@given(st.text())
def test_stems_fit_into_their_column(words: str) -> None:
    assert all(0 < len(one) <= stems.LONGEST for one in stems.stems(words))


def test_stems_cut_an_endless_word() -> None:
    assert stems.stems("x" * 100) == ["x" * 40]


def test_terms_weigh_by_where_a_word_stands() -> None:
    document = {
        "title": "Saw",
        "mission": "saw wood",
        "keywords": ["wood"],
        "responsibilities": {"primary": ["Wood!"], "secondary": ["Glue, glue."]},
    }
    assert stems.terms(document) == {"saw": 40.0 + 4.0, "wood": 4.0 + 3.0 + 1.5, "glue": 2.0}
