"""The form of an entry: its words, its claims, and which button was pressed.

What was typed always stays. A form is made from what was posted or, to open an entry, from what a browser would post
of it; a page that asks for nothing shows a copy without errors (`again`).
"""

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, URLValidator
from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.http import url_has_allowed_host_and_scheme

from accomplishments.choices import Part, Scope, State, Visibility
from accomplishments.forms.claims import WORDS, Claims, Pick, picks_of, picks_posted, said
from accomplishments.models import MOST_CLAIMS, MOST_TEXT, Accomplishment
from accomplishments.queries.claiming import Ground
from accomplishments.queries.entries import DATES, FIELDS, NUMBERS, SUBSTANCE
from accomplishments.scoring.evidence import Claim
from ladder.text import CleanText, clean_text

LOG, DRAFT = "log", "draft"  # the buttons that save; all others only show the form again
EARLIEST = date(1950, 1, 1)
MOST_LINKS = 10
MOST_LINK = 1000  # characters
BEHIND_CLAIMS = (
    *NUMBERS,
    "measure_name",
    "measure_unit",
    "links",
    "ai_help",
    "visibility",
    "confidential",
    "public_wording",
)
FILLED_IN = (*DATES, "visibility")
NEEDED = {
    "title": "Say in one line what changed.",
    "part": "Choose your part in it.",
    "scope": "Choose how far it reached.",
    "ended_on": "Give the day on which it was finished.",
}


Entry = Accomplishment | None


class Problem(NamedTuple):
    """A line of the summary of errors: the id of the element to go to, what it is called, what to do."""

    anchor: str
    label: str
    text: str


class Ticket(NamedTuple):
    """What a form knows of itself: its own id, the entry that it was opened with and at which save, the verified claims
    (keys) that may return to unverified, and the page that it was reached from.
    """

    token: uuid.UUID
    entry: int | None = None
    edits: int | None = None
    agreed: frozenset[str] = frozenset()
    back: str = ""


def ticket_new(query: QueryDict, entry: Accomplishment | None = None) -> Ticket:
    """Of a form that is opened now; the address may say where `from`."""
    pk, edits = (entry.pk, entry.edits) if entry else (None, None)
    return Ticket(uuid.uuid4(), pk, edits, back=_path(query.get("from", "")))


def ticket_from(data: QueryDict) -> Ticket:
    """Of a posted form; what cannot be read is as if it were not there."""
    try:
        token = uuid.UUID(data.get("token", ""))
    except ValueError:
        token = uuid.uuid4()
    agreed = frozenset(data.get("agreed", "").split(","))
    back = _path(data.get("from", ""))
    return Ticket(token, _whole(data.get("entry", "")), _whole(data.get("edits", "")), agreed, back)


def _path(text: str) -> str:
    """A page of ours; nothing where it is another's."""
    return text if text.startswith("/") and url_has_allowed_host_and_scheme(text, allowed_hosts=None) else ""


def _is_day(text: str | None) -> bool:
    """As a form writes days: one that there is, such as 2026-11-14."""
    try:
        return len(text or "") == 10 and bool(parse_date(text or ""))
    except ValueError:
        return False


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


# ── What was typed ──────────────────────────────────────────────────────────
def _text(label: str, help_text: str = "", *, most: int = MOST_TEXT, rows: int = 0) -> CleanText:
    """A text that the browser doesn't cut short: what is too long is said, and stays."""
    return CleanText(
        label=label,
        help_text=help_text,
        required=False,
        widget=forms.Textarea({"rows": rows}) if rows else forms.TextInput({"autocomplete": "off"}),
        validators=[MaxLengthValidator(most, "Shorten this to %(limit_value)d characters; it has %(show_value)d.")],
    )


def _number(label: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=False,
        max_digits=18,
        decimal_places=4,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={
            "invalid": "Write a number such as 840 or 0.5; the unit has a field of its own.",
            "max_digits": "Use at most 14 digits before the point and 4 after it.",
            "max_whole_digits": "Use at most 14 digits before the point; a larger unit helps.",
            "max_decimal_places": "Use at most 4 digits after the point.",
        },
    )


def _day(label: str, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=help_text,
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Write a day that there is, such as 2026-11-14."},
    )


def _choice(label: str, choices: Any, help_text: str = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        help_text=help_text,
        required=False,
        choices=choices,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose one of these."},
    )


class EntryForm(forms.Form):
    """One entry as somebody types it; made by `posted`, `opened` or `blank`.

    `entry` is what is edited, `do` the button that was pressed, `new` the competency
    that it added. Costs 2 queries where there are claims.
    """

    title = _text("What changed?", "One line, with the number if there is one.", most=160)
    situation = _text("Situation", "What was the matter, and for whom?", rows=3)
    action = _text("What you did", "Your own part: what you decided, built or changed, and how.", rows=5)
    outcome = _text("What came of it", "The result, and how one can see it.", rows=3)
    part = _choice("Your part", Part.choices)
    scope = _choice("How far it reached", Scope.choices)
    started_on = _day("Started on")
    ended_on = _day("Finished on")
    context = _text("Project or team", most=120)
    measure_name = _text("What was measured", most=80)
    measure_before = _number("Before")
    measure_after = _number("After")
    measure_unit = _text("Unit", most=20)
    links = _text(
        "Links that show it", "One a line, at most ten. Only people who can open a link see behind it.", rows=2
    )
    ai_help = _text("How AI tools helped", "It is never graded and changes no number.", rows=2)
    visibility = _choice(
        "Who may read it",
        Visibility.choices,
        "Once it is logged, and whoever you asked to verify it. Drafts, and what you archive, are read by you alone.",
    )
    confidential = forms.BooleanField(
        label="This is confidential",
        help_text="What you wrote above is for the inside only. Whatever is chosen beside this, it goes no further "
        "than your manager and the colleagues whom you asked to verify it.",
        required=False,
    )
    public_wording = _text("Public wording", "How it may be told outside, without names and secrets.", rows=2)

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        claims: Claims,
        entry: Entry = None,
        do: str = "",
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial, label_suffix="")
        self.claims, self.entry, self.do = claims, entry, do
        self.ground = claims.ground
        self.addresses: list[str] = []

    @classmethod
    def posted(cls, data: QueryDict, *, ground: Ground, entry: Entry = None, do: str = "") -> "EntryForm":
        """What a browser sent, after the button that was pressed added or removed a claim."""
        do = do or data.get("do", LOG)
        claims = Claims(picks_posted(data), ground, entry)
        claims.press(do, data)
        return cls(data, claims=claims, entry=entry, do=do)

    @classmethod
    def opened(cls, entry: Accomplishment, *, ground: Ground) -> "EntryForm":
        """An entry as it is stored; 2 queries and those of the claims."""
        data = {name: getattr(entry, name) for name in FIELDS}
        data |= {name: data[name].isoformat() for name in DATES if data[name]}
        data |= {name: f"{data[name].normalize():f}" for name in NUMBERS if data[name] is not None}
        data["links"] = "\n".join(link.url for link in entry.links.all())
        return cls(data, claims=Claims(picks_of(entry), ground, entry), entry=entry)

    @classmethod
    def blank(cls, query: QueryDict, *, ground: Ground, visibility: str) -> "EntryForm":
        """A new entry that ended today; the address may give a `title`, days, and a `competency` with its `level`."""
        days = {name: query[name] for name in DATES if _is_day(query.get(name))}
        given = {"title": query.get("title", ""), "visibility": visibility}
        data = given | {"ended_on": ground.today.isoformat()} | days
        picks = [Pick(query.get("competency", ""), query.get("level", ""))]
        return cls(data, claims=Claims([pick for pick in picks if ground.is_open(pick.slug)], ground, None))

    # ── Cleaning ────────────────────────────────────────────────────────────
    @property
    def must_be_complete(self) -> bool:
        """A draft may lack anything."""
        return self.do == LOG or (self.entry is not None and self.entry.state != State.DRAFT)

    def clean_started_on(self) -> date | None:
        return self._day("started_on")

    def clean_ended_on(self) -> date | None:
        return self._day("ended_on")

    def _day(self, name: str) -> date | None:
        day: date | None = self.cleaned_data[name]
        if day and day > self.ground.today:
            raise ValidationError(f"This day is yet to come: choose {said(self.ground.today)} or a day before it.")
        if day and day < EARLIEST:
            raise ValidationError(f"Choose a day from {said(EARLIEST)} on.")
        return day

    def clean_links(self) -> str:
        text: str = self.cleaned_data["links"]
        check = URLValidator(schemes=["http", "https"])
        wrong = []
        for number, line in enumerate(filter(None, map(str.strip, text.split("\n"))), start=1):
            try:
                check(line)
            except ValidationError:
                wrong.append(f"Link {number} is no web address: begin it with https:// and leave no blanks in it.")
            else:
                if len(line) > MOST_LINK:
                    wrong.append(f"Link {number} is longer than {MOST_LINK} characters: use a shorter one.")
                elif line not in self.addresses:
                    self.addresses.append(line)
        if len(self.addresses) > MOST_LINKS:
            wrong.append(f"Keep at most {MOST_LINKS} links; there are {len(self.addresses)}.")
            del self.addresses[MOST_LINKS:]
        if wrong:
            raise ValidationError(wrong[:MOST_LINKS])
        return text

    def clean(self) -> None:
        started, ended = (self.cleaned_data.get(name) for name in DATES)
        if started and ended and started > ended:
            self.add_error("ended_on", f"This is before the start, {said(started)}: change one of the two days.")
        for name, text in NEEDED.items():
            if self.must_be_complete and name not in self.errors and not self.cleaned_data.get(name):
                self.add_error(name, text)
        if self.do == DRAFT and self.entry is None and self.is_blank:
            self.add_error("title", "Nothing is typed yet: write what changed, a few words are enough.")
        if self.claims.too_many:
            self.add_error(None, f"Claim at most {MOST_CLAIMS} competencies: remove {self.claims.too_many}.")
        self.claims.check()

    # ── What comes out ──────────────────────────────────────────────────────
    def is_valid(self) -> bool:
        return super().is_valid() and not self.claims.problems

    @property
    def values(self) -> dict[str, Any]:
        """The valid ones of the fields that an entry has; where a day is wrong, neither day. Who may read it is left as
        it is where nothing was chosen.
        """
        without = set(DATES) if any(name in self.errors for name in DATES) else set()
        if not self.cleaned_data.get("visibility"):
            without.add("visibility")
        return {name: self.cleaned_data[name] for name in FIELDS if name in self.cleaned_data and name not in without}

    @property
    def is_blank(self) -> bool:
        """Nobody typed anything: what is filled in from the start doesn't count."""
        typed = (clean_text(str(self.raw(name)), lines=True) for name in self.fields if name not in FILLED_IN)
        return not self.claims.picks and not any(typed)

    def raw(self, name: str) -> Any:
        """What was typed into a field, as it was typed."""
        return self.fields[name].widget.value_from_datadict(self.data, self.files, name) or ""

    @property
    def text(self) -> str:
        """What happened, for the suggestions."""
        return "\n".join(str(self.raw(name)) for name in WORDS)

    @property
    def evidence(self) -> list[Claim] | None:
        """The claims as they would count; None until part and day are chosen."""
        part, ended = self.values.get("part"), self.values.get("ended_on")
        if not part or not ended:
            return None
        slugs = {option.pk: slug for slug, option in self.ground.options.items()}
        return [Claim(f"typed {pk}", "typed", slugs[pk], level, part, ended) for pk, level, _ in self.claims.clean]

    @property
    def keeps_substance(self) -> bool:
        """Whether it says what the entry says as far as verifiers vouch for it, claims aside."""
        return self.entry is not None and all(
            name in self.values and self.values[name] == getattr(self.entry, name) for name in SUBSTANCE
        )

    @property
    def unkept(self) -> list[str]:
        """Names of what an autosave leaves out."""
        return list(dict.fromkeys(problem.label for problem in self.problems))

    # ── What is shown ───────────────────────────────────────────────────────
    @property
    def has_words(self) -> bool:
        return any(str(self[name].value() or "").strip() for name in WORDS)

    @property
    def is_after_removal(self) -> bool:
        return self.do.startswith("remove:")

    @property
    def problems(self) -> list[Problem]:
        """All errors in the order of the page."""
        found = [
            (name in BEHIND_CLAIMS, Problem(self._anchor(name), str(self.fields[name].label), str(text)))
            for name in self.fields
            for text in self.errors.get(name, ())
        ]
        claims = [Problem("claims", "Competencies", str(text)) for text in self.non_field_errors()]
        claims += [Problem(f"claim-{one.slug}", one.name, text) for one in self.claims.rows for text in one.problems]
        return [one for late, one in found if not late] + claims + [one for late, one in found if late]

    def _anchor(self, name: str) -> str:
        """The id of the element that takes the focus: of a group of radio buttons the first."""
        return f"{self[name].auto_id}{'_0' if isinstance(self.fields[name].widget, forms.RadioSelect) else ''}"

    def again(self) -> "EntryForm":
        """The same form with all that is in it, without errors."""
        self.claims.problems.clear()
        initial = {name: self.raw(name) for name in self.fields}
        return EntryForm(None, claims=self.claims, entry=self.entry, do=self.do, initial=initial)

    def differences(self, other: Accomplishment) -> list[tuple[str, str]]:
        """What an entry says otherwise than what is typed: the name of each field and what stands there."""
        theirs = EntryForm.opened(other, ground=self.ground)
        theirs.full_clean()
        found = [
            (str(self.fields[name].label), theirs.told(name))
            for name in self.fields
            if theirs.cleaned_data.get(name) != self.cleaned_data.get(name)
        ]
        if set(theirs.claims.picks) != set(self.claims.picks):
            found.append(("Competencies", ", ".join(f"{one.name} {one.pick.level}" for one in theirs.claims.rows)))
        return found

    def told(self, name: str) -> str:
        """What is in a field, in words."""
        value = self.raw(name)
        return "yes" if value is True else str(dict(getattr(self.fields[name], "choices", ())).get(value, value))
