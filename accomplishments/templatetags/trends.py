"""A match over time, drawn: `{% load trends %}`."""

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction

from django import template
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accomplishments.queries.trends import Point
from accomplishments.scoring.matching import percent

register = template.Library()

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 440, 190, 42, 94, 10, 26
APART = 15  # so much at least between two labels


def _x(day: date, first: date, days: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (day - first).days / days


def _y(share: Fraction) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - float(share))


def _steps(points: Sequence[tuple[float, float]]) -> str:
    """A path that stays where it is until the next point."""
    (x, y), *rest = points
    return f"M{x:.1f} {y:.1f}" + "".join(f"H{x:.1f}V{y:.1f}" for x, y in rest)


def _back(points: Sequence[tuple[float, float]]) -> str:
    """The same way from its end to its start."""
    pairs = zip(reversed(points), list(reversed(points))[1:], strict=False)
    (x, y) = points[-1]
    return f"L{x:.1f} {y:.1f}" + "".join(f"V{before:.1f}H{x:.1f}" for (_, _), (x, before) in pairs)


def _day(day: date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")


@register.simple_tag
def trend_chart(points: Sequence[Point]) -> SafeString:
    """The match as a line, the verified match as an area under it, what is only claimed hatched between them."""
    first, last = points[0], points[-1]
    days = max(1, (last.day - first.day).days)
    match = [(_x(point.day, first.day, days), _y(point.match)) for point in points]
    verified = [(_x(point.day, first.day, days), _y(point.verified)) for point in points]
    floor = f"V{_y(Fraction(0)):.1f}H{LEFT}Z"
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img" aria-labelledby="trend-t trend-d">'
        '<title id="trend-t">The match over time</title><desc id="trend-d">{}</desc>'
        '<defs><pattern id="trend-hatch" width="5" height="5" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><path class="hatch-line" d="M0 0V5"/></pattern></defs>'
        '{}<path class="claimed" fill="url(#trend-hatch)" d="{}{}Z"/><path class="verified" d="{}{}"/>'
        '<path class="line" d="{}"/>{}{}</svg>',
        WIDTH,
        HEIGHT,
        trend_words(points),
        _scale(),
        _steps(match),
        _back(verified),
        _steps(verified),
        floor,
        _steps(match),
        _days(first.day, last.day),
        _ends(last),
    )


@register.simple_tag
def trend_words(points: Sequence[Point]) -> str:
    """What the chart says, in a sentence."""
    first, last = points[0], points[-1]
    return (
        f"From {percent(first.match)} % on {_day(first.day)} to {percent(last.match)} % on {_day(last.day)}; "
        f"counting verified evidence only, from {percent(first.verified)} % to {percent(last.verified)} %."
    )


def _scale() -> SafeString:
    return format_html_join(
        "",
        '<line class="rule" x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<text class="axis" x="{}" y="{}" text-anchor="end">{}%</text>',
        (
            (LEFT, WIDTH - RIGHT, f"{y:.1f}", f"{y:.1f}", LEFT - 6, f"{y + 4:.1f}", number)
            for number in (0, 50, 100)
            for y in [_y(Fraction(number, 100))]
        ),
    )


def _days(first: date, last: date) -> SafeString:
    return format_html(
        '<text class="axis" x="{}" y="{}">{}</text><text class="axis" x="{}" y="{}" text-anchor="end">{}</text>',
        LEFT,
        HEIGHT - 6,
        _day(first),
        WIDTH - RIGHT,
        HEIGHT - 6,
        _day(last),
    )


def _ends(last: Point) -> SafeString:
    """What both are now, beside their ends; apart where these are near each other."""
    up, down = _y(last.match), _y(last.verified)
    if down - up < APART:
        middle = min((up + down) / 2, HEIGHT - BOTTOM - APART / 2)
        up, down = middle - APART / 2, middle + APART / 2
    labels: Iterable[tuple[str, float, int, str]] = (
        ("now", up, percent(last.match), "match"),
        ("axis", down, percent(last.verified), "verified"),
    )
    return format_html_join(
        "",
        '<text class="{}" x="{}" y="{}">{}% {}</text>',
        ((css, WIDTH - RIGHT + 8, f"{y + 4:.1f}", number, word) for css, y, number, word in labels),
    )


@register.simple_tag
def trend_table(points: Sequence[Point]) -> SafeString:
    """The values of the chart."""
    rows = format_html_join(
        "",
        '<tr><th scope="row">{}</th><td class="num">{} %</td><td class="num">{} %</td></tr>',
        ((_day(point.day), percent(point.match), percent(point.verified)) for point in reversed(points)),
    )
    return format_html(
        '<details class="small"><summary>These values as a table</summary><table class="trend-table">'
        '<caption class="vh">The match on each day on which it changed</caption><thead><tr><th scope="col">From</th>'
        '<th scope="col">Match</th><th scope="col">Verified only</th></tr></thead><tbody>{}</tbody></table></details>',
        rows,
    )
