"""The drawing of a match over time."""

from datetime import date
from fractions import Fraction

from accomplishments.queries.trends import Point
from accomplishments.templatetags.trends import _back, _steps, trend_chart, trend_table, trend_words

POINTS = [
    Point(date(2026, 1, 1), Fraction(1, 5), Fraction(0)),
    Point(date(2026, 4, 1), Fraction(3, 5), Fraction(1, 5)),
    Point(date(2026, 7, 31), Fraction(1), Fraction(3, 5)),
]


def test_chart_is_named_and_described() -> None:
    drawn = trend_chart(POINTS)
    assert 'aria-labelledby="trend-t trend-d"' in drawn
    assert '<title id="trend-t">The match over time</title>' in drawn
    assert f'<desc id="trend-d">{trend_words(POINTS)}</desc>' in drawn
    assert trend_words(POINTS) == (
        "From 20 % on 1 Jan 2026 to 100 % on 31 Jul 2026; counting verified evidence only, from 0 % to 60 %."
    )


def test_chart_tells_both_apart_without_colour() -> None:
    """The match is a line over a hatch, what is verified an area; both have their words at the end."""
    drawn = trend_chart(POINTS)
    assert '<path class="claimed" fill="url(#trend-hatch)" d="' in drawn
    assert '<path class="verified" d="' in drawn
    assert '<path class="line" d="' in drawn
    assert ">100% match</text>" in drawn
    assert ">60% verified</text>" in drawn


def test_chart_stays_where_it_is_between_two_changes() -> None:
    points = [(0.0, 10.0), (5.0, 6.0), (9.0, 6.0)]
    assert _steps(points) == "M0.0 10.0H5.0V6.0H9.0V6.0"
    assert _back(points) == "L9.0 6.0V6.0H5.0V10.0H0.0"


def test_chart_spans_its_year_and_its_scale() -> None:
    drawn = trend_chart([Point(date(2025, 7, 31), Fraction(0), Fraction(0)), *POINTS])
    line = drawn.split('<path class="line" d="')[1].split('"')[0]
    assert line.startswith("M42.0 164.0H")  # the first day at nothing
    assert line.endswith("H346.0V10.0")  # the last one at all


def test_chart_keeps_the_words_at_its_end_apart() -> None:
    same = [POINTS[0], Point(date(2026, 7, 31), Fraction(1, 2), Fraction(1, 2))]
    drawn = trend_chart(same)
    heights = [float(part.split('"')[0]) for part in drawn.split('x="354" y="')[1:]]
    assert heights[1] - heights[0] == 15.0
    nothing = [POINTS[0], Point(date(2026, 7, 31), Fraction(0), Fraction(0))]
    assert max(float(part.split('"')[0]) for part in trend_chart(nothing).split('x="354" y="')[1:]) <= 168.0


def test_table_has_every_change_the_newest_first() -> None:
    rows = trend_table(POINTS).split("<tbody>")[1].count("<tr>")
    assert rows == 3
    assert (
        '<tr><th scope="row">31 Jul 2026</th><td class="num">100 %</td><td class="num">60 %</td></tr>'
        '<tr><th scope="row">1 Apr 2026</th><td class="num">60 %</td><td class="num">20 %</td></tr>'
    ) in trend_table(POINTS)
