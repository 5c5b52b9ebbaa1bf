"""Suggestions: what is proposed for a text, why, and that it stays the same."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from accomplishments.suggesting import (
    COLUMNS,
    NoTextColumn,
    rank,
    suggest,
    suggest_level,
    suggest_rows,
    version,
)
from accomplishments.suggesting.lexicon import default as default_lexicon
from accomplishments.suggesting.lexicon import find, parse
from accomplishments.suggesting.model import default as default_model
from accomplishments.suggesting.model import pack, unpack
from accomplishments.suggesting.words import TEXT_LIMIT, cut, stem

FRAMEWORK = Path(__file__).parents[2] / "fixtures" / "ladder" / "framework.yml"
TEXT = "Cut p99 latency of the basket from 800 ms to 90 ms with a Redis cache, and showed it with a load test"


def framework_slugs() -> set[str]:
    areas = yaml.safe_load(FRAMEWORK.read_text(encoding="utf-8"))["areas"]
    return {entry["slug"] for area in areas for entry in area["competencies"]}


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        (TEXT, "performance-scalability"),
        ("Mentored two juniors and a graduate through their first year", "mentorship"),
        ("Was on call at Easter, brought the shop back within ten minutes, wrote the post-mortem", "it-operations"),
        ("Nobody had asked for it, but I took it upon myself to renew the certificates", "ownership"),
        ("Made the calendar usable by keyboard and with a screen reader", "frontend-accessibility"),
        ("Added a partial index and partitioned the bookings table in PostgreSQL", "databases"),
        ("Loads the sales figures into Snowflake with dbt and Airflow every hour", "data-engineering"),
        ("Interviewed thirty candidates and rewrote our job adverts", "hiring-culture"),
        ("Rotated every leaked secret and closed a cross-site scripting hole", "security"),
        ("Moved our release pipeline to GitHub Actions with canary releases", "cicd-delivery"),
        ("Wrote Terraform for the VPC and the Kubernetes cluster", "cloud-infrastructure"),
        ("Put tracing and structured logs into the ordering service", "observability"),
    ],
)
def test_finds_the_competency(text: str, slug: str) -> None:
    assert rank(text)[0].slug == slug


def test_every_phrase_stands_in_the_text() -> None:
    for suggestion in rank(TEXT):
        assert all(phrase in TEXT for phrase in suggestion.phrases)
    assert {"p99", "load test"} <= set(rank(TEXT)[0].phrases)
    assert rank(TEXT)[0].because.startswith("matched on: ")


def test_word_forms_and_case_do_not_matter() -> None:
    first = rank("LOAD TESTING the gateway")[0]
    assert first.slug == rank("load tests of the gateway")[0].slug == "performance-scalability"
    assert "LOAD TESTING" in first.phrases


def test_ranks_best_first_with_slugs_of_the_framework() -> None:
    ranked = rank(TEXT, most=23)
    assert {suggestion.slug for suggestion in ranked} == framework_slugs()
    assert [suggestion.share for suggestion in ranked] == sorted((s.share for s in ranked), reverse=True)
    assert sum(suggestion.share for suggestion in ranked) == pytest.approx(1)
    assert ranked[:3] == rank(TEXT)


def test_confidence_falls_with_the_share() -> None:
    words = [suggestion.confidence for suggestion in rank(TEXT, most=23)]
    order = ["likely", "possible", "a guess"]
    assert words == sorted(words, key=order.index)
    assert words[0] == "likely"
    assert rank("Blue bananas sing")[0].confidence == "a guess"


@pytest.mark.parametrize("text", ["", "  \n\t ", "😀🎉", "...", "12 345", "\x00\x01"])
def test_a_text_without_words_says_nothing(text: str) -> None:
    assert rank(text) == suggest(text) == []


def test_a_text_without_known_words_still_ranks_but_proposes_nothing() -> None:
    assert len(rank("Zyxwv qwrtp")) == 3
    assert suggest("Zyxwv qwrtp") == []


def test_proposes_only_what_a_phrase_led_to() -> None:
    assert all(suggestion.phrases for suggestion in suggest(TEXT))
    assert suggest(TEXT)[0] == rank(TEXT)[0]


def test_control_characters_separate_words() -> None:
    assert rank("Mentored\x00a junior\x0bengineer\u200b")[0].slug == "mentorship"


def test_reads_no_more_than_the_limit() -> None:
    end = " mentored juniors"
    assert len(cut("a" * 2_000_000)) == 1
    assert rank("word " * 400_000 + end) == rank(("word " * 400_000)[:TEXT_LIMIT])


@given(st.text(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_text_is_ranked_the_same_twice(text: str) -> None:
    ranked = rank(text)
    assert ranked == rank(text)
    assert len(ranked) in (0, 3)
    assert all(phrase in text for suggestion in ranked for phrase in suggestion.phrases)


@pytest.mark.parametrize("seed", ["0", "42"])
def test_the_hash_seed_changes_nothing(seed: str) -> None:
    code = f"from accomplishments.suggesting import rank; print([tuple(s) for s in rank({TEXT!r}, 23)])"
    here = str([tuple(suggestion) for suggestion in rank(TEXT, 23)])
    run = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": seed},
        cwd=FRAMEWORK.parents[2],
    )
    assert run.stdout.strip() == here


def test_needs_neither_django_nor_the_training() -> None:
    code = (
        "import sys; from accomplishments.suggesting import rank; rank('tests');"
        "print([n for n in ('django', 'numpy', 'yaml', 'accomplishments.suggesting.train') if n in sys.modules])"
    )
    run = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=FRAMEWORK.parents[2]
    )
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "forms",
    [
        ("monitoring", "monitored", "monitors", "monitor"),
        ("automation", "automate", "automating", "automated"),
        ("organisation", "organization", "organised"),
        ("queries", "query"),
        ("team's", "teams", "team’s"),
    ],
)
def test_forms_of_a_word_have_one_stem(forms: tuple[str, ...]) -> None:
    assert len({stem(form) for form in forms}) == 1


def test_users_are_not_use() -> None:
    assert stem("users") != stem("used")


def test_the_longest_phrase_wins_and_none_crosses_a_comma() -> None:
    lexicon = parse("[one]\n2: load\n5: load test\n[two]\n3: test")
    assert [hit.key for hit in find(cut("a load test"), lexicon)] == ["load test"]
    assert [hit.key for hit in find(cut("the load, test it"), lexicon)] == ["load", "test"]


@pytest.mark.parametrize("text", ["led a team", "led my team", "led the first three new teams", "led 3 teams"])
def test_small_words_inside_a_phrase_do_not_matter(text: str) -> None:
    lexicon = parse("[one]\n8: led a team\n[two]\n3: led")
    expected = {"one": 8.0} if "three new" not in text else {"two": 3.0}
    assert [hit.weights for hit in find(cut(text), lexicon)] == [expected]


def test_a_phrase_keeps_its_small_words_where_they_are_what_it_says() -> None:
    lexicon = parse("[one]\n5: on my own, took the whole")
    assert not find(cut("worked on own hardware"), lexicon)
    assert not find(cut("took a different whole"), lexicon)
    assert [hit.key for hit in find(cut("took the whole thing on my own"), lexicon)] == ["took the whol", "on my own"]


@pytest.mark.parametrize(
    ("text", "stems"),
    [
        ("orders.customer_id", ["order", "customer_id"]),
        ("don't, I’ve, j’ai", ["don't", "i've", "j'ai"]),
        ("k8s p99 OAuth2", ["k8s", "p99", "oauth2"]),
        ("Node.js and PL/SQL", [stem("node"), "js", "and", "pl", "sql"]),
    ],
)
def test_names_of_code_and_shortened_words_stay_whole(text: str, stems: list[str]) -> None:
    assert [word.stem for word in cut(text)] == stems


def test_markup_and_spelling_make_no_difference() -> None:
    plain = rank("Mentored two juniors and organised a workshop")
    assert [s.slug for s in rank("<p>Mentored <b>two</b> juniors and organized a workshop</p>")] == [
        s.slug for s in plain
    ]


def test_special_names_are_words() -> None:
    assert [word.stem for word in cut("C++, C#, .NET and CI/CD")] == ["c++", "c#", ".net", "and", "ci", "cd"]


def test_every_section_of_the_lexicon_is_a_competency() -> None:
    slugs = {slug for weights in default_lexicon().phrases.values() for slug in weights}
    assert slugs == framework_slugs() == set(default_model().bias)


def test_the_learnt_weights_hold_no_sentence() -> None:
    model = default_model()
    assert max(len(term.split()) for term in model.terms) <= 2
    assert max(len(term.split()) for term in model.postings) == 1
    assert version() == model.version


def test_a_model_survives_its_file() -> None:
    model = default_model()
    assert unpack(pack(model)) == model
    assert json.loads(pack(model))["version"] == model.version


def test_the_level_follows_scope_part_and_wording() -> None:
    text = "Rewrote the invoice export"
    small = suggest_level(text, "task", "assisted")
    large = suggest_level(text, "organisation", "led")
    assert small.level == 1
    assert large.level == 5
    assert large.reasons[:2] == ("scope: the whole organisation", "part: led")
    assert suggest_level(text, "several-teams", "owned").level == 4
    assert suggest_level(text, "several_teams", "owned") == suggest_level(text, "Several teams", "OWNED")


def test_the_wording_speaks_alone_and_says_which_words() -> None:
    low = suggest_level("Fixed a small bug with help from a colleague, learning the basics")
    high = suggest_level("Set the technical direction across the organisation and won the board over")
    assert low.level < high.level
    assert high.reasons[0].startswith("wording: ")
    assert "technical direction" in high.reasons[0]


@pytest.mark.parametrize(
    ("text", "level", "reason"),
    [
        ("Fixed bugs under guidance of a senior", 1, "under guidance"),
        ("Helped with the move", 1, "Helped with"),
        ("Helped at the stand", 2, "Helped"),
        ("Sole developer of the booking engine from conception to production", 3, "Sole developer"),
        ("Supervised a team of 6", 4, "Supervised a team"),
        ("Managed 11 engineers in two countries", 4, "Managed 11 engineers"),
        ("Rolled it out across the company", 4, "across the company"),
        ("Set the vision and a three-year strategy for the whole company", 5, "whole company"),
    ],
)
def test_believable_levels_with_their_reasons(text: str, level: int, reason: str) -> None:
    suggestion = suggest_level(text)
    assert suggestion.level == level
    assert reason in suggestion.reasons[0]


@pytest.mark.parametrize("text", ["Did not lead a team", "Never led a team", "Read the company newsletter"])
def test_what_was_not_done_is_no_sign(text: str) -> None:
    assert suggest_level(text).reasons == ("no sign of scope or part: the usual level",)


def test_no_sign_gives_the_usual_level_and_says_so() -> None:
    plain = suggest_level("")
    assert (plain.level, plain.name) == (2, "Capable")
    assert plain.reasons == ("no sign of scope or part: the usual level",)
    assert suggest_level("", "galaxy", "watched") == plain


@given(st.text(max_size=200), st.text(max_size=12), st.text(max_size=12))
@settings(max_examples=40, deadline=None)
def test_a_level_is_always_one_of_five(text: str, scope: str, part: str) -> None:
    assert suggest_level(text, scope, part).level in {1, 2, 3, 4, 5}


def test_rows_keep_their_order_and_their_columns() -> None:
    rows = list(suggest_rows([{"text": TEXT, "id": "7"}, {"text": ""}, {"text": None}]))
    assert [list(row) for row in rows] == [COLUMNS] * 3
    assert rows[0]["text"] == TEXT
    assert rows[0]["competency_1"] == "performance-scalability"
    assert rows[0]["competency_3"]
    assert "load test" in rows[0]["phrases_1"].split("; ")
    assert rows[1] == dict.fromkeys(COLUMNS, "")


def test_rows_use_scope_and_part_where_given() -> None:
    low, high = suggest_rows(
        [{"text": TEXT, "scope": "task", "part": "assisted"}, {"text": TEXT, "scope": "organisation", "part": "led"}]
    )
    assert int(low["level"]) < int(high["level"])


def test_rows_are_made_one_at_a_time() -> None:
    rows = suggest_rows({"text": TEXT} for _ in iter(int, 1))
    assert next(rows)["competency_1"] == next(rows)["competency_1"]


def test_rows_without_a_text_column_are_refused() -> None:
    with pytest.raises(NoTextColumn, match="`text`"):
        list(suggest_rows([{"words": TEXT}]))
