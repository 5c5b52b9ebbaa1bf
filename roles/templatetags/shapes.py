"""Competency shapes and the lattice as SVG: geometry in attributes, looks in the style sheet, words in title, desc."""

import itertools
import textwrap
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, cos, sin, tau
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from roles.queries.pages import Comparison, Lattice, RolePage
from roles.queries.snapshot import Card, Known
from roles.shapes.gap import Need
from roles.shapes.wording import Piece

register = template.Library()

RADIUS, WIDTH, HEIGHT = 108, 440, 338
MOST_AXES, FEWEST_AXES = 10, 4  # more can't be read, fewer make no shape: then bars
WEIGHT = {"core": 3, "supporting": 2, "emerging": 1}


@register.filter
def chosen(options: str, card: Card | None) -> SafeString:
    """The options of a list of roles, cached for all, with one of them chosen."""
    value = format_html('<option value="{}"', card.path) if card else ""
    return mark_safe(options.replace(value, f"{value} selected", 1) if value else options)  # noqa: S308  both are ours


@dataclass(frozen=True)
class Have:
    """What somebody has of one competency: `levels` in all, `verified` of them, 0..5; `bars` are the fills of levels
    1..5, all and verified, 0..1; `words` say it beside the axis.
    """

    levels: float
    verified: float
    bars: Sequence[tuple[float, float]]
    met: bool
    words: str


@dataclass(frozen=True)
class Axis:
    """One competency of a shape; `before` only where two shapes are laid over each other, `have` only in a match."""

    name: str
    tier: str
    need: int
    before: int = 0
    have: Have | None = None

    @property
    def is_short(self) -> bool:
        return self.have is not None and not self.have.met


def _point(radius: float, index: int, axes: int) -> tuple[float, float]:
    angle = -tau / 4 + tau * index / axes
    return WIDTH / 2 + radius * cos(angle), HEIGHT / 2 + radius * sin(angle)


def _points(values: Sequence[float], scale: int) -> str:
    points = (_point(RADIUS * value / scale, index, len(values)) for index, value in enumerate(values))
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _polygon(css: str, values: Sequence[float], scale: int) -> SafeString:
    return format_html('<polygon class="{}" points="{}"/>', css, _points(values, scale))


def _mark(tier: str, x: float, y: float) -> SafeString:
    """The end of an axis: square, ring or open diamond."""
    if tier == "supporting":
        return format_html('<circle class="mark supporting" cx="{}" cy="{}" r="4"/>', f"{x:.1f}", f"{y:.1f}")
    if tier == "core":
        return format_html(
            '<rect class="mark core" x="{}" y="{}" width="8" height="8"/>', f"{x - 4:.1f}", f"{y - 4:.1f}"
        )
    return format_html(
        '<rect class="mark emerging" x="{}" y="{}" width="7" height="7" transform="rotate(45 {} {})"/>',
        f"{x - 3.5:.1f}",
        f"{y - 3.5:.1f}",
        f"{x:.1f}",
        f"{y:.1f}",
    )


def hatch_pattern(name: str) -> SafeString:
    """What is claimed and not verified is drawn in this pattern, of each drawing's own."""
    return format_html(
        '<defs><pattern id="{}" width="5" height="5" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><path class="hatch-line" d="M0 0V5"/></pattern></defs>',
        name,
    )


def _evidence(uid: str, haves: Sequence[Have], scale: int) -> Iterable[SafeString]:
    """The evidence in a radar: verified solid, the rest around it hatched."""
    levels, verified = [have.levels for have in haves], [have.verified for have in haves]
    if levels != verified:
        outer, inner = (f"M{_points(one, scale).replace(' ', 'L')}Z" for one in (levels, verified))
        for css, fill in (("claim-bg", "currentColor"), ("claim", f"url(#{uid}-hatch)")):
            yield format_html('<path class="{}" fill="{}" fill-rule="evenodd" d="{}{}"/>', css, fill, outer, inner)
    if any(verified):
        yield _polygon("have", verified, scale)


def _gap(axis: Axis, index: int, axes: int, scale: int) -> SafeString:
    """From what there is to what is needed, dashed along the axis."""
    have = axis.have.levels if axis.have else 0
    (x1, y1), (x2, y2) = (_point(RADIUS * value / scale, index, axes) for value in (have, axis.need))
    return format_html(
        '<line class="gap-line" x1="{}" y1="{}" x2="{}" y2="{}"/>', f"{x1:.1f}", f"{y1:.1f}", f"{x2:.1f}", f"{y2:.1f}"
    )


def _label(axis: Axis, index: int, axes: int, value: str) -> SafeString:
    """Name and value at the end of an axis, out of the way of the shape."""
    x, y = _point(RADIUS + 15, index, axes)
    dx, dy = cos(-tau / 4 + tau * index / axes), sin(-tau / 4 + tau * index / axes)
    anchor = "middle" if abs(dx) < 0.2 else "start" if dx > 0 else "end"
    lines = textwrap.wrap(axis.name, 17, break_long_words=False)[:3]
    height = 14
    rise = len(lines) * height
    top = y - rise if dy < -0.9 else y + 9 if dy > 0.9 else y - rise / 2 + 4
    top -= 2 if index == 0 else 0
    rows = [*((line, "") for line in lines), (value, "val short" if axis.is_short else "val")]
    spans = format_html_join(
        "",
        '<tspan class="{}" x="{}" y="{}">{}</tspan>',
        ((css, f"{x:.1f}", f"{top + n * height:.1f}", text) for n, (text, css) in enumerate(rows)),
    )
    return format_html('<text class="{}" text-anchor="{}">{}</text>', axis.tier, anchor, spans)


def _value(axis: Axis, compared: bool) -> str:
    if axis.have:
        return axis.have.words
    if not compared:
        return f"level {axis.need}"
    if axis.before == axis.need:
        return f"{axis.need}, same"
    return f"{axis.before or '–'} to {axis.need or '–'}"


def _heaviest(axes: Sequence[Axis]) -> Sequence[Axis]:
    """At most ten, in their order: the heaviest tiers, and in a tier the highest needs."""
    if len(axes) <= MOST_AXES:
        return axes
    kept = sorted(axes, key=lambda axis: (-WEIGHT[axis.tier], -max(axis.need, axis.before)))[:MOST_AXES]
    return [axis for axis in axes if axis in kept]


def _radar(uid: str, axes: Sequence[Axis], title: str, compared: bool) -> SafeString:
    total = len(axes)
    haves = [axis.have for axis in axes if axis.have]
    scale = max(3, 1 + max(max(axis.need, axis.before, ceil(axis.have.levels if axis.have else 0)) for axis in axes))
    needs = [axis.need for axis in axes]
    parts = [_polygon("ring edge" if ring == scale else "ring", [ring] * total, scale) for ring in range(1, scale + 1)]
    ends = [_point(RADIUS, index, total) for index in range(total)]
    parts += [
        format_html(
            '<line class="axis {}" x1="{}" y1="{}" x2="{}" y2="{}"/>',
            axis.tier,
            WIDTH // 2,
            HEIGHT // 2,
            f"{x:.1f}",
            f"{y:.1f}",
        )
        for axis, (x, y) in zip(axes, ends, strict=True)
    ]
    parts.append(_polygon("need-fill", needs, scale))
    if compared:
        before = [axis.before for axis in axes]
        parts += [_polygon("from-fill", before, scale), _polygon("from-line", before, scale)]
    if haves:
        parts += [hatch_pattern(f"{uid}-hatch"), *_evidence(uid, haves, scale)]
    parts.append(_polygon("need-line", needs, scale))
    parts += [_gap(axis, index, total, scale) for index, axis in enumerate(axes) if axis.is_short]
    parts += [
        format_html(
            '<circle class="{}" cx="{}" cy="{}" r="3.5"/>',
            "dot short" if axis.is_short else "dot",
            f"{x:.1f}",
            f"{y:.1f}",
        )
        for index, axis in enumerate(axes)
        if axis.need
        for x, y in [_point(RADIUS * axis.need / scale, index, total)]
    ]
    parts += [_mark(axis.tier, x, y) for axis, (x, y) in zip(axes, ends, strict=True)]
    parts.append(
        format_html('<text class="scale" x="{}" y="{}">{}</text>', WIDTH // 2 + 8, HEIGHT // 2 - RADIUS + 3, scale)
    )
    parts += [_label(axis, index, total, _value(axis, compared)) for index, axis in enumerate(axes)]
    return _svg(uid, title, axes, compared, WIDTH, HEIGHT, SafeString("".join(parts)))


def _cells(axis: Axis, uid: str, x: float, y: float, width: float, height: float, step: float) -> Iterable[SafeString]:
    """One bar of five cells, a cell a level: asked for or not, verified solid, claimed hatched, the rest a gap."""
    box = '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>'
    for level in range(1, 6):
        left = x + (level - 1) * step
        fill, verified = axis.have.bars[level - 1] if axis.have else (0, 0)
        is_gap = axis.have is not None and fill < 1
        css = "cell" if level > axis.need else "cell gap" if is_gap else "cell need"
        yield format_html(box, css, f"{left:g}", f"{y:g}", f"{width:g}", f"{height:g}")
        if fill > verified:
            start, length = f"{left + verified * width:.4g}", f"{(fill - verified) * width:.3g}"
            for part in ("claim-bg", "claim"):
                yield format_html(
                    '<rect class="{}" x="{}" y="{}" width="{}" height="{}" fill="{}"/>',
                    part,
                    start,
                    f"{y:g}",
                    length,
                    f"{height:g}",
                    f"url(#{uid}-hatch)",
                )
        if verified:
            yield format_html(box, "have", f"{left:g}", f"{y:g}", f"{verified * width:.3g}", f"{height:g}")


def _bars(uid: str, axes: Sequence[Axis], title: str, compared: bool) -> SafeString:
    """Three axes or fewer enclose nothing worth seeing: one bar a competency, a cell a level."""
    cell, row, left = 34, 58, 12
    parts: list[SafeString] = [hatch_pattern(f"{uid}-hatch")] if any(axis.have for axis in axes) else []
    for index, axis in enumerate(axes):
        y = index * row + 34
        parts.append(_mark(axis.tier, left + 4, y - 14))
        parts.append(
            format_html(
                '<text class="{}" x="{}" y="{}">{} <tspan class="{}">{}</tspan></text>',
                axis.tier,
                left + 18,
                y - 10,
                axis.name,
                "val short" if axis.is_short else "val",
                _value(axis, compared),
            )
        )
        parts += _cells(axis, uid, left, y, cell - 4, 14, cell)
        if compared and axis.before:
            x = left + axis.before * cell - 2
            parts.append(format_html('<line class="from-line" x1="{}" x2="{}" y1="{}" y2="{}"/>', x, x, y - 5, y + 19))
        if axis.need:
            x = left + axis.need * cell - 2
            parts.append(format_html('<line class="need-line" x1="{}" x2="{}" y1="{}" y2="{}"/>', x, x, y - 5, y + 19))
    return _svg(uid, title, axes, compared, 300, len(axes) * row + 6, SafeString("".join(parts)), css="bars")


def _svg(
    uid: str,
    title: str,
    axes: Iterable[Axis],
    compared: bool,
    width: int,
    height: int,
    inner: SafeString,
    css: str = "radar",
) -> SafeString:
    said = "; ".join(f"{axis.name}, {axis.tier}, {_value(axis, compared)}" for axis in axes)
    return format_html(
        '<svg class="{}" viewBox="0 0 {} {}" role="img" aria-labelledby="{}-t {}-d">'
        '<title id="{}-t">{}</title><desc id="{}-d">{}. The table beside it says the same.</desc>{}</svg>',
        css,
        width,
        height,
        uid,
        uid,
        uid,
        title,
        uid,
        said,
        inner,
    )


def rungs_of(uid: str, axis: Axis, said: str) -> SafeString:
    """The shape of one competency in a line: five cells, and a tick where the need ends."""
    tick = 2 + axis.need * 17
    return format_html(
        '<svg class="rungs-svg" viewBox="0 0 88 17" width="88" height="17" role="img" aria-label="{}">{}{}'
        '<line class="need-line" x1="{}" x2="{}" y1="0" y2="17"/></svg>',
        said,
        hatch_pattern(f"{uid}-hatch"),
        SafeString("".join(_cells(axis, uid, 2, 3, 15, 11, 17))),
        tick - 1,
        tick - 1,
    )


def draw(uid: str, axes: Sequence[Axis], title: str, *, compared: bool = False) -> SafeString:
    """A shape as a radar, or as bars; `uid` is before every id of the drawing, so that a page may hold several."""
    if not axes:
        return SafeString("")
    if len(axes) < FEWEST_AXES:
        return _bars(uid, axes, title, compared)
    note = SafeString("")
    if len(axes) > MOST_AXES:
        note = format_html('<p class="small muted">The {} heaviest of {}; the table has all.</p>', MOST_AXES, len(axes))
    return format_html("{}{}", _radar(uid, _heaviest(axes), title, compared), note)


@register.simple_tag
def shape(page: RolePage) -> SafeString:
    """What a role needs, as a shape in framework order."""
    axes = [Axis(page.catalogue.competencies[need.competency].name, need.tier, need.need) for need in page.needs]
    return draw("shape", axes, f"Competency shape of {page.card.name}")


@register.simple_tag
def overlay(comparison: Comparison, before: str, after: str) -> SafeString:
    """Two shapes on one scale: the first dashed, the second solid."""
    axes = [Axis(known.name, change.tier, change.after, change.before) for known, change in comparison.named]
    return draw("overlay", axes, f"Shapes of {before} (dashed) and {after} (solid)", compared=True)


@register.simple_tag
def mini(card: Card, competencies: Mapping[str, Known]) -> SafeString:
    """The silhouette of a role, a decoration beside its name."""
    known = (need for need in card.needs if need.competency in competencies)
    needs: list[Need] = sorted(known, key=lambda need: competencies[need.competency].order)
    total, radius = max(len(needs), 3), 20
    values = [need.need for need in needs] + [0] * (total - len(needs))
    scale, middle = max(3, 1 + max(values)), radius + 3

    def points(lengths: Iterable[int]) -> str:
        angles = (-tau / 4 + tau * index / total for index in range(total))
        spots = ((radius * length / scale, angle) for length, angle in zip(lengths, angles, strict=False))
        return " ".join(
            f"{middle + reach * cos(angle):.1f},{middle + reach * sin(angle):.1f}" for reach, angle in spots
        )

    return format_html(
        '<svg class="mini-shape" viewBox="0 0 46 46" width="46" height="46" aria-hidden="true">'
        '<polygon class="ring" points="{}"/><polygon class="need-line" points="{}"/></svg>',
        points([scale] * total),
        points(values),
    )


@register.simple_tag
def marked(pieces: Sequence[Piece], plain: bool = False) -> SafeString:
    """One side of a comparison: `del` only before, `ins` only after; with `plain`, no line is marked as a whole."""
    if plain and len(pieces) == 1:
        return format_html("{}", pieces[0].text)
    return format_html_join(
        "",
        "{}",
        (
            (piece.text if piece.kind == "same" else format_html("<{}>{}</{}>", piece.kind, piece.text, piece.kind),)
            for piece in pieces
        ),
    )


# ── The lattice ─────────────────────────────────────────────────────────────
STEP_X, STEP_Y, BOX_W, BOX_H, LEFT, TOP = 164, 80, 140, 48, 34, 40


@dataclass(frozen=True)
class _Grid:
    columns: dict[str, int]
    rows: dict[int, int]  # level -> row, the highest level in row 0

    def at(self, card: Card) -> tuple[int, int]:
        """The upper left corner of a role's box."""
        return LEFT + self.columns[card.ladder] * STEP_X, TOP + self.rows[card.level] * STEP_Y


def _edge(grid: _Grid, here: Card, there: Card, css: str) -> SafeString:
    """From box to box: straight up a ladder, straight across to a neighbour, else around below the row."""
    (x1, y1), (x2, y2) = sorted((grid.at(here), grid.at(there)))
    if x1 == x2:
        middle, (top, bottom) = x1 + BOX_W // 2, sorted((y1, y2))
        path = f"M{middle} {top + BOX_H}V{bottom}" if bottom - top <= STEP_Y else f"M{middle} {top}V{bottom + BOX_H}"
    elif x2 - x1 == STEP_X:
        path = f"M{x1 + BOX_W} {y1 + BOX_H // 2}L{x2} {y2 + BOX_H // 2}"
    else:
        level = max(y1, y2) + BOX_H + 8
        path = f"M{x1 + BOX_W - 30} {y1 + BOX_H}V{level}H{x2 + 30}V{y2 + BOX_H}"
    return format_html('<path class="{}" d="{}"/>', css, path)


# What a box is called beside its title, the first of which also says how it looks.
_LOOKS = {"Start": "you", "Destination": "dest", "Target": "target", "You": "here"}


def _notes(card: Card, lattice: Lattice, you: str, aims: Collection[str]) -> list[str]:
    start, end = lattice.start, lattice.end
    holds = {
        "Start": start is not None and card.path == start.path,
        "Destination": end is not None and card.path == end.path,
        "Target": card.path in aims,
        "You": card.path == you,
    }
    return [note for note in _LOOKS if holds[note]]


def _node(grid: _Grid, card: Card, lattice: Lattice, notes: Sequence[str], on_route: Sequence[str]) -> SafeString:
    x, y = grid.at(card)
    start = lattice.start
    css = "node onpath" if card.path in on_route else "node"
    if notes:
        css = f"node {_LOOKS[notes[0]]}"
    gap = start.gap_to(card) if start and start.path != card.path else None
    lines = textwrap.wrap(card.title, 20)[:2]
    gain = [] if gap is None else [f"{gap} level{'' if gap == 1 else 's'} to gain"]
    said = ", ".join([card.name, *gain, *(note.lower() for note in notes)])
    text = format_html_join(
        "",
        '<text x="{}" y="{}">{}</text>',
        ((x + 9, y + (20 if len(lines) == 2 else 28) + 15 * n, line) for n, line in enumerate(lines)),
    )
    number = (
        SafeString("")
        if gap is None
        else format_html(
            '<text class="gap" x="{}" y="{}" text-anchor="end">{}</text>', x + BOX_W - 8, y + BOX_H - 7, gap
        )
    )
    return format_html(
        '<a class="{}" href="{}" aria-label="{}">'
        '<rect class="box" x="{}" y="{}" width="{}" height="{}" rx="4"/>{}{}</a>{}',
        css,
        card.url,
        said,
        x,
        y,
        BOX_W,
        BOX_H,
        text,
        number,
        _pin(", ".join(notes), x, y),
    )


def _pin(note: str, x: int, y: int) -> SafeString:
    if not note:
        return SafeString("")
    width = round(13 + 5.4 * len(note))
    return format_html(
        '<g aria-hidden="true"><rect class="pin" x="{}" y="{}" width="{}" height="16" rx="2"/>'
        '<text class="pin" x="{}" y="{}" text-anchor="middle">{}</text></g>',
        x + 8,
        y - 9,
        width,
        x + 8 + width // 2,
        y + 3,
        note,
    )


def _sides(lattice: Lattice, grid: _Grid) -> Iterable[tuple[Card, Card]]:
    """The sideways moves worth a line: between neighbours on one level, and all that start where the visitor does."""
    seen: set[frozenset[str]] = set()
    for move in lattice.moves:
        here, there = move["from"], move["to"]
        pair = frozenset((here.path, there.path))
        neighbours = here.level == there.level and abs(grid.columns[here.ladder] - grid.columns[there.ladder]) == 1
        starts = lattice.start is not None and here.path == lattice.start.path and here.ladder != there.ladder
        if pair not in seen and (neighbours or starts):
            seen.add(pair)
            yield here, there


@register.simple_tag
def lattice_svg(lattice: Lattice, you: str = "", aims: Collection[str] = ()) -> SafeString:
    """Ladders side by side; rails are steps up, dashes sideways moves, the thick line the chosen way.

    `you` and `aims` are paths of roles to mark: where the visitor is and would like to be.
    """
    ladders = lattice.ladders
    levels = sorted({card.level: card.code for cards in ladders for card in cards}.items(), reverse=True)
    grid = _Grid(
        {cards[0].ladder: column for column, cards in enumerate(ladders)},
        {level: row for row, (level, _) in enumerate(levels)},
    )
    width = LEFT + (len(ladders) - 1) * STEP_X + BOX_W + 2
    height = TOP + len(levels) * STEP_Y - 14
    parts: list[Any] = []
    for level, code in levels:
        y = TOP + grid.rows[level] * STEP_Y
        parts.append(
            format_html(
                '<line class="floor" x1="{}" x2="{}" y1="{}" y2="{}"/>', LEFT - 8, width, y + BOX_H + 16, y + BOX_H + 16
            )
        )
        parts.append(format_html('<text class="lvl" x="4" y="{}">{}</text>', y + BOX_H // 2 + 5, code))
    for cards in ladders:
        (x, low), (_, high) = grid.at(cards[0]), grid.at(cards[-1])
        for rail in (x + 14, x + BOX_W - 14):
            parts.append(
                format_html(
                    '<line class="rail" x1="{}" x2="{}" y1="{}" y2="{}"/>',
                    rail,
                    rail,
                    high + BOX_H // 2,
                    low + BOX_H // 2,
                )
            )
        parts.append(
            format_html(
                '<text class="track" x="{}" y="18" text-anchor="middle">{}</text>',
                x + BOX_W // 2,
                cards[0].specialty_name,
            )
        )
    on_route = lattice.route.roles if lattice.route else ()
    steps = list(itertools.pairwise(on_route))
    parts += [
        _edge(grid, here, there, "side")
        for here, there in _sides(lattice, grid)
        if (here.path, there.path) not in steps
    ]
    by_path = lattice.catalogue.by_path
    for here, there in steps:
        parts += [_edge(grid, by_path[here], by_path[there], css) for css in ("casing", "path")]
    parts += [
        _node(grid, card, lattice, _notes(card, lattice, you, aims), on_route) for cards in ladders for card in cards
    ]
    return format_html(
        '<svg class="lattice" viewBox="0 0 {} {}" width="{}" height="{}" role="group" aria-labelledby="map-t map-d">'
        '<title id="map-t">Map of moves</title><desc id="map-d">{} ladders side by side, the lowest level at the '
        "bottom. Rails are steps up, dashed lines sideways moves. The same moves are listed in the table under the map."
        "</desc>{}</svg>",
        width,
        height,
        width,
        height,
        len(ladders),
        SafeString("".join(parts)),
    )
