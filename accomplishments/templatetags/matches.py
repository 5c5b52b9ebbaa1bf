"""How a match is drawn and written: the shape with its evidence, bars, numbers; nothing here decides anything."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accomplishments.queries.match import MatchPage, Named, Row
from accomplishments.scoring import evidence, matching
from accomplishments.scoring.receipt import number
from roles.templatetags.shapes import Axis, Have, draw, hatch_pattern, rungs_of

register = template.Library()


@register.filter
def percent(share: Fraction) -> str:
    """A share of 0..1 in whole per cent."""
    return f"{matching.percent(share)} %"


@register.filter
def levels(number: Fraction) -> str:
    """A number of levels with at most one decimal, never rounded up: what is short of a level must not look full."""
    return f"{max(floor(number * 10), 1 if number else 0) / 10:g}"


@register.filter
def exact(share: Fraction) -> str:
    """A number with all its digits, as the receipt writes it."""
    return number(share)


@register.filter
def plain(value: Decimal) -> str:
    """A number of the policy without the zeros at its end."""
    return number(Fraction(value))


@register.simple_tag
def verdict(row: Row) -> SafeString:
    """How far one requirement is, in two or three words."""
    if row.line.met:
        return format_html('<span class="met">{}</span>', "Met" if row.line.met_verified else "Met, self-claimed")
    if row.waits:
        return format_html('<span class="gap-n">{}</span>', "Waiting for proof")
    short = f"{row.short} level{'' if row.short == 1 else 's'} short"
    return format_html('<span class="gap-n">{}</span>', "No evidence" if row.is_empty else short)


_SAYS = {
    evidence.CONFIRMED: "Confirmed by {}",
    evidence.CONFIRMED_OTHER: "Confirmed at {level} by {}",
    evidence.CANNOT_SAY: "{} cannot say",
    evidence.DISPUTED: "Disputed by {}",
}


@register.simple_tag
def who(entry: Named, proof: str) -> SafeString:
    """Who stands behind an entry: a mark and the words."""
    said = [
        _SAYS[one.answer].format(f"{name}, manager" if one.is_manager else name, level=one.level)
        for name, one in entry.said()
        if not one.resolved
    ]
    return format_html('<span class="proof" data-proof="{}">{}</span>', proof, "; ".join(said) or "Self-claimed")


@register.simple_tag
def facts(page: MatchPage, entry: Named) -> Sequence[str]:
    """What is to be known of those who confirmed an entry: `{% facts page fill.entry as known %}`."""
    return page.facts.get(entry.claim.id, ())


@register.simple_tag
def hatch() -> SafeString:
    """The pattern that `gauge` draws claims in; once on a page that has gauges, and in each part that is swapped."""
    return format_html('<svg class="defs" aria-hidden="true">{}</svg>', hatch_pattern("hatch"))


@register.simple_tag
def gauge(fill: Fraction, verified: Fraction) -> SafeString:
    """A bar: verified solid, claimed hatched, the rest open. Its numbers stand beside it."""
    solid, claimed = (f"{float(share) * 100:.4g}%" for share in (verified, fill - verified))
    box = '<rect class="{}" x="{}" width="{}" height="100%"/>'
    return format_html(
        '<svg class="gauge" aria-hidden="true"><rect class="track" width="100%" height="100%"/>{}{}</svg>',
        format_html_join("", box, ((css, solid, claimed) for css in ("claim-bg", "claim") if fill > verified)),
        format_html(box, "fill", 0, solid) if verified else "",
    )


def _words(row: Row) -> str:
    said = f"{levels(row.have)} of {row.need}"
    return said if row.verified == row.have else f"{said}, {levels(row.verified)} verified"


def _axis(row: Row) -> Axis:
    """Beyond the need a shape reaches only where the need is met; so it shows no more than what counts."""
    line = row.line
    verified = sum((bar.verified for bar in line.bars), Fraction(0)) if line.met_verified else row.verified
    have = Have(
        float(line.rating if line.met else row.have),
        float(verified),
        [(float(bar.fill), float(bar.verified)) for bar in line.bars],
        line.met,
        _words(row),
    )
    return Axis(row.competency.name, row.tier, row.need, have=have)


@register.simple_tag
def match_shape(page: MatchPage, uid: str = "match") -> SafeString:
    """What the role needs and what there is of it, in framework order: required outlined, verified solid, claimed
    hatched, gaps dashed. `uid` keeps the ids of two drawings on one page apart.
    """
    return draw(uid, [_axis(row) for row in page.in_order], f"Your shape against {page.card.name}")


@register.simple_tag
def match_rungs(row: Row, uid: str = "rungs") -> SafeString:
    """One competency as five cells, filled as far as the evidence goes."""
    return rungs_of(f"{uid}-{row.competency.slug}", _axis(row), f"{_words(row)}, scale of 5")
