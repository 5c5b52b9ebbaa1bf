"""The claims of an entry as somebody picks them: what was typed stays, also what cannot be."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import NamedTuple

from django.http import QueryDict
from django.utils.formats import date_format

from accomplishments.models import MOST_CLAIMS, Accomplishment
from accomplishments.queries.claiming import Ground, Option, Step, steps_of
from accomplishments.suggesting import suggest_level
from roles.queries.snapshot import Known

MOST_PICKED = 30  # of what a browser posts; a form that we made has a few at most
LEVELS = ("1", "2", "3", "4", "5")
WORDS = ("title", "situation", "action", "outcome")


class Pick(NamedTuple):
    """A claim as it was typed, whatever that is: slug, level, key of a sentence."""

    slug: str
    level: str = ""
    sentence: str = ""


class Picked(NamedTuple):
    """A claim as the form shows it. Without an option there is no such competency."""

    pick: Pick
    option: Option | None
    steps: Sequence[Step]
    need: int  # of the primary target, 0 for none
    is_new: bool
    problems: Sequence[str]

    @property
    def slug(self) -> str:
        return self.pick.slug

    @property
    def name(self) -> str:
        return self.option.known.name if self.option else self.slug

    @property
    def chosen(self) -> Step | None:
        return next((step for step in self.steps if str(step.number) == self.pick.level), None)

    @property
    def chosen_words(self) -> str:
        return f"{self.chosen.number} {self.chosen.name}" if self.chosen else "no level yet"

    @property
    def focus(self) -> Step | None:
        """The level whose button takes the focus when the claim is new."""
        return self.chosen or next(iter(self.steps), None)

    @property
    def is_open(self) -> bool:
        """Unfolded: what is new, and what needs somebody."""
        return self.is_new or bool(self.problems) or self.chosen is None


def picks_posted(data: QueryDict) -> list[Pick]:
    """The claims of a posted form in their order, each as often as it was there."""
    slugs = map(str, data.getlist("claim")[:MOST_PICKED])
    return [Pick(slug, data.get(f"level-{slug}", ""), data.get(f"indicator-{slug}", "")) for slug in slugs]


def picks_of(entry: Accomplishment) -> list[Pick]:
    """1 query."""
    rows = entry.claims.values_list("competency__slug", "level", "indicator")
    return [Pick(slug, str(level), str(sentence or "")) for slug, level, sentence in rows]


def pick_of(do: str, data: QueryDict) -> Pick | None:
    """What a button adds: `add` the competency that is chosen in `more`, at the level that the text speaks for;
    `accept:<slug>:<level>` that one.
    """
    verb, _, rest = do.partition(":")
    slug, _, level = rest.partition(":")
    if verb == "accept":
        return Pick(slug, level)
    more = data.get("more", "")
    if verb != "add" or not more:
        return None
    text = "\n".join(data.get(name, "") for name in WORDS)
    level = str(suggest_level(text, data.get("scope", ""), data.get("part", "")).level) if text.strip() else ""
    return Pick(more, level)


class Claims:
    """The claims of a form, each competency once. 2 queries where there are any."""

    def __init__(self, picks: Sequence[Pick], ground: Ground, entry: Accomplishment | None) -> None:
        self.picks = list(dict.fromkeys(picks))
        self.ground, self.entry = ground, entry
        self.new = ""
        self.problems: dict[str, list[str]] = {}  # by competency
        self.clean: list[tuple[int, int, int | None]] = []  # what can be saved: competency, level, sentence
        self._twice = {pick.slug for pick in picks if picks.count(pick) > 1}

    def press(self, do: str, data: QueryDict) -> None:
        """Add or remove one, as a button says; a sixth, a second of a kind, and what is retired are not added."""
        if do.startswith("remove:"):
            self.picks = [pick for pick in self.picks if pick.slug != do.removeprefix("remove:")]
        more = pick_of(do, data)
        if more and self.ground.is_open(more.slug) and more.slug not in self.slugs and not self.is_full:
            self.picks.append(more)
            self.new = more.slug

    @property
    def slugs(self) -> set[str]:
        return {pick.slug for pick in self.picks}

    @property
    def is_full(self) -> bool:
        return len(self.picks) >= MOST_CLAIMS

    @property
    def too_many(self) -> int:
        return max(0, len(self.picks) - MOST_CLAIMS)

    # ── Cleaning ────────────────────────────────────────────────────────────
    def check(self) -> None:
        """Find what can be saved, and what is wrong."""
        for pick in self.picks:
            if problems := list(self._wrong_with(pick)):
                self.problems[pick.slug] = problems
            option = self.ground.options.get(pick.slug)
            if option and pick.level in LEVELS and not self._is_gone(pick.slug):
                sentence = int(pick.sentence) if pick.sentence and not problems else None
                self.clean.append((option.pk, int(pick.level), sentence))
        del self.clean[MOST_CLAIMS:]

    def _wrong_with(self, pick: Pick) -> Iterator[str]:
        option = self.ground.options.get(pick.slug)
        if option is None:
            yield "There is no such competency: remove it. All else stays."
            return
        name = option.known.name
        if pick.slug in self._twice:
            yield f"{name} was claimed twice. It is here once now: check its level and save again."
        if self._is_gone(pick.slug):
            yield f"{name} was retired on {said(option.retired_on)}: remove it or claim another. All else stays."
        if not pick.level:
            yield f"Choose the level of {name} that this shows."
        elif pick.level not in LEVELS:
            yield f"There is no level {pick.level[:10]}: choose the level of {name} from 1 to 5."
        elif pick.sentence:
            yield from self._wrong_with_sentence(pick)

    def _wrong_with_sentence(self, pick: Pick) -> Iterator[str]:
        levels = {str(pk): step.number for step in self.steps[pick.slug] for pk, _ in step.indicators}
        level = levels.get(pick.sentence)
        if level is None:
            yield "That sentence is not there any more: choose another one, or none."
        elif str(level) != pick.level:
            yield (
                f"The sentence belongs to level {level}, and you chose level {pick.level}: "
                "choose a sentence of that level, none, or the other level."
            )

    def _is_gone(self, slug: str) -> bool:
        """Retired, and not claimed by this entry before."""
        return not self.ground.is_open(slug) and slug not in self._own

    @cached_property
    def _own(self) -> set[str]:
        """The competencies that the entry claims as it is stored; 1 query, where something is retired."""
        return {pick.slug for pick in picks_of(self.entry)} if self.entry else set()

    # ── What is shown ───────────────────────────────────────────────────────
    @cached_property
    def steps(self) -> Mapping[str, list[Step]]:
        """The scale of each competency; 2 queries."""
        return steps_of([pick.slug for pick in self.picks if pick.slug in self.ground.options])

    @property
    def rows(self) -> list[Picked]:
        return [
            Picked(
                pick,
                self.ground.options.get(pick.slug),
                self.steps.get(pick.slug, []),
                self.ground.needs.get(pick.slug, 0),
                pick.slug == self.new,
                self.problems.get(pick.slug, []),
            )
            for pick in self.picks
        ]

    @property
    def areas(self) -> dict[str, list[Known]]:
        """What else can be claimed, by area."""
        found: dict[str, list[Known]] = {}
        for slug, option in self.ground.options.items():
            if option.retired_on is None and slug not in self.slugs:
                found.setdefault(option.known.area, []).append(option.known)
        return found


def said(day: date | None) -> str:
    return date_format(day) if day else ""
