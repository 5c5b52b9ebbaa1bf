"""What an editor types into a draft: clean text, rows that are kept or dropped, and whether somebody was faster."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from django.utils import timezone
from django.utils.formats import date_format

from competencies.models import Competency
from ladder.text import CleanText, clean_text
from roles.choices import Section
from roles.models import Level, Move, Requirement, Role, RoleVersion, Sentence, Specialty
from roles.shapes.content import LISTS, TEXTS, Document, canonical

LONGEST_TEXT = 10_000  # characters of a text such as the mission
LONGEST_SENTENCE = 2_000  # characters of one line of a list
LONGEST_WORD = 60  # characters of one tag or keyword
MOST_WORDS = 60  # tags, or keywords, of one version
MOST_ROWS = 80  # lines of one list
MOST_YEARS = 60


# ── Text ────────────────────────────────────────────────────────────────────
class Words(CleanText):
    """A list of words or short phrases: one a line, or on one line with commas between them; each once."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "\n".join([*value, ""]) if any("," in word for word in value) else ", ".join(value)

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        between = "\n" if "\n" in str(value or "") else ","
        words = [clean_text(word.strip(), lines=False) for word in str(value or "").replace("\r", "").split(between)]
        return list({word.casefold(): word for word in reversed(words) if word}.values())[::-1]

    def run_validators(self, value: Any) -> None:
        if len(value) > MOST_WORDS:
            raise ValidationError(f"These are {len(value)}; {MOST_WORDS} at most.")
        if long := next((word for word in value if len(word) > LONGEST_WORD), None):
            raise ValidationError(f"“{long[:LONGEST_WORD]}…” is longer than {LONGEST_WORD} characters.")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or []) != self.to_python(data)


def box(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "cols": 90, "class": "vLargeTextField"})


def line(**kwargs: Any) -> CleanText:
    return CleanText(widget=forms.TextInput(attrs={"class": "vTextField"}), **kwargs)


def area(rows: int) -> CleanText:
    return CleanText(required=False, max_length=LONGEST_TEXT, widget=box(rows))


# ── The version ─────────────────────────────────────────────────────────────
class AddForm(forms.ModelForm):
    """A new draft: its role and its title. A role has one open draft at most."""

    title = line(max_length=120)

    class Meta:
        model = RoleVersion
        fields: ClassVar[tuple[str, ...]] = ("role", "title")

    def clean_role(self) -> Role:
        role: Role = self.cleaned_data["role"]
        if RoleVersion.objects.filter(role=role, state="draft").exists():
            raise ValidationError("This role has an open draft already. Open it from the list of versions.")
        return role


class DraftForm(forms.ModelForm):
    """A draft as one editor sees it.

    `seen` is the draft's counter of edits when the page was made. Where the counter has moved on, the form is refused
    unless `overwrite` names the counter as it is now.
    """

    title = line(max_length=120)
    summary, mission, tour_of_duty = area(3), area(3), area(3)
    about_family, about_specialty = area(3), area(3)
    tags = Words(required=False, widget=box(2), help_text="One a line, or with commas between them.")
    keywords = Words(required=False, widget=box(2), help_text="One a line, or with commas between them.")
    salary_currency = CleanText(required=False, max_length=3, help_text="ISO 4217, such as USD.")
    experience_note = area(2)
    minimum_years = forms.IntegerField(label="Years, from", required=False, min_value=0, max_value=MOST_YEARS)
    maximum_years = forms.IntegerField(label="Years, to", required=False, min_value=0, max_value=MOST_YEARS)
    next_theme = line(label="Theme of the next level", required=False, max_length=80)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    overwrite = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = RoleVersion
        fields: ClassVar[tuple[str, ...]] = (
            "title",
            "effective_from",
            "summary",
            "mission",
            "tour_of_duty",
            "about_family",
            "about_specialty",
            "tags",
            "keywords",
            "salary_minimum",
            "salary_maximum",
            "salary_currency",
            "salary_period",
            "minimum_years",
            "maximum_years",
            "experience_note",
            "next_theme",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = self.instance.edits
        if "effective_from" in self.fields:
            self.fields["effective_from"].show_hidden_initial = False
        self.conflict = False

    def clean_salary_currency(self) -> str:
        currency: str = self.cleaned_data["salary_currency"].upper()
        if currency and not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
            raise ValidationError("A currency has three letters, such as USD.")
        return currency

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        newest = self.instance.edits
        if newest not in (self.cleaned_data.get("seen"), self.cleaned_data.get("overwrite")):
            self.conflict = True
            who = self.instance.edited_by or "Somebody"
            when = date_format(timezone.localtime(self.instance.edited_at), "DATETIME_FORMAT")
            raise ValidationError(
                f"{who} saved this draft on {when}, after you opened it. Nothing of yours is stored yet; "
                "everything that you typed is still here.",
                code="conflict",
            )
        return data


# ── Its rows ────────────────────────────────────────────────────────────────
class RowForm(forms.ModelForm):
    """One row. Where all of `says` is empty, the row isn't kept."""

    says: ClassVar[tuple[str, ...]] = ()
    position = forms.IntegerField(
        label="No.",
        required=False,
        min_value=0,
        max_value=999,
        widget=forms.NumberInput(attrs={"class": "row-position"}),
    )

    def has_changed(self) -> bool:
        return any(str(self[name].value() or "").strip() for name in self.says) if self.is_bound else False

    def validate_constraints(self) -> None:
        """Without those that look at the stored rows: these rows replace them."""
        exclude = {*self._get_validation_exclusions(), "version"}  # type: ignore[attr-defined]
        try:
            self.instance.validate_constraints(exclude=exclude)
        except ValidationError as error:
            self._update_errors(error)  # type: ignore[attr-defined]

    def validate_unique(self) -> None:
        """Two rows alike are found by the formset; what is stored now is replaced."""


class SentenceForm(RowForm):
    says = ("text",)
    text = CleanText(max_length=LONGEST_SENTENCE, widget=box(2))

    class Meta:
        model = Sentence
        fields: ClassVar[tuple[str, ...]] = ("position", "text")


class RequirementForm(RowForm):
    says = ("competency", "need")

    class Meta:
        model = Requirement
        fields: ClassVar[tuple[str, ...]] = ("position", "competency", "need", "tier")


class MoveForm(RowForm):
    says = ("role", "outside_title", "focus")
    outside_title = line(required=False, max_length=120)
    focus = CleanText(required=False, max_length=LONGEST_SENTENCE, widget=box(2))

    class Meta:
        model = Move
        fields: ClassVar[tuple[str, ...]] = ("position", "direction", "role", "outside_title", "focus")


class RowFormSet(BaseInlineFormSet):
    """All rows of one list, as typed: saving replaces the stored rows by these, in the order of their numbers.

    Rows have no identity of their own, so what somebody else did to a stored row never gets in the way of showing or
    saving what this editor typed.
    """

    model: Any
    name: ClassVar[str] = ""
    shown: ClassVar[tuple[str, ...]] = ()  # attributes that make two rows the same

    def __init__(self, data: Any = None, files: Any = None, instance: Any = None, **kwargs: Any) -> None:
        queryset = kwargs.get("queryset")
        rows = (
            self.stored(queryset.filter(version=instance)) if queryset is not None and instance and instance.pk else []
        )
        self.rows_before = list(rows)
        if data is None:
            kwargs["initial"] = [self.initial_of(row, number) for number, row in enumerate(self.rows_before, start=1)]
            self.extra = len(self.rows_before)
        super().__init__(data, files, instance, **kwargs)

    @classmethod
    def get_default_prefix(cls) -> str:
        return cls.name

    def stored(self, rows: Any) -> Any:
        return rows

    def initial_of(self, row: Any, number: int) -> dict[str, Any]:
        return {"position": number, **{name: getattr(row, name) for name in self.shown}}

    def initial_form_count(self) -> int:
        return 0

    def get_queryset(self) -> Any:
        return self.model._default_manager.none()

    def rows(self) -> list[Any]:
        """The forms that say something, by their numbers; those without one come last."""
        said = [form for form in self.forms if form.has_changed()]
        return sorted(said, key=lambda form: getattr(form, "cleaned_data", {}).get("position") or 10_000)

    def clean(self) -> None:
        """Nothing across rows unless a list says so."""

    def numbered(self) -> list[Any]:
        """The new rows, numbered from 1."""
        made = [form.instance for form in self.rows()]
        for number, row in enumerate(made, start=1):
            row.pk, row.position, row.version = None, number, self.instance
        return made

    def save(self, commit: bool = True) -> list[Any]:
        made = self.numbered()
        self.note(made)
        self.stored(self.model._default_manager.filter(version=self.instance)).delete()
        self.model._default_manager.bulk_create(made)
        return made

    def note(self, made: Sequence[Any]) -> None:
        """For the log: what came, what went, or what only moved."""

        def same(row: Any) -> tuple[Any, ...]:
            return tuple(getattr(row, name) for name in self.shown)

        before, after = [same(row) for row in self.rows_before], [same(row) for row in made]
        self.new_objects = [row for row in made if same(row) not in before]
        self.deleted_objects = [row for row in self.rows_before if same(row) not in after]
        only_moved = before != after and not self.new_objects and not self.deleted_objects
        self.changed_objects = (
            [(row, ["position"]) for row, was in zip(made, before, strict=False) if same(row) != was]
            if only_moved
            else []
        )


class SentenceFormSet(RowFormSet):
    shown = ("text",)

    def stored(self, rows: Any) -> Any:
        return rows.filter(section=self.name)

    def numbered(self) -> list[Any]:
        made = super().numbered()
        for row in made:
            row.section = self.name
        return made


class RequirementFormSet(RowFormSet):
    name = "requirements"
    shown = ("competency_id", "need", "tier")

    def stored(self, rows: Any) -> Any:
        return rows.select_related("competency")

    def initial_of(self, row: Any, number: int) -> dict[str, Any]:
        return {**super().initial_of(row, number), "competency": row.competency_id}

    def clean(self) -> None:
        """Each competency once."""
        seen: set[int] = set()
        for form in self.rows():
            competency = getattr(form, "cleaned_data", {}).get("competency")
            if competency and competency.pk in seen:
                form.add_error("competency", f"{competency} is required twice; keep one of the two rows.")
            seen |= {competency.pk} if competency else set()


class MoveFormSet(RowFormSet):
    name = "moves"
    shown = ("direction", "role_id", "outside_title", "focus")

    def stored(self, rows: Any) -> Any:
        return rows.select_related("role__level", "role__specialty__family")

    def initial_of(self, row: Any, number: int) -> dict[str, Any]:
        return {**super().initial_of(row, number), "role": row.role_id}

    def clean(self) -> None:
        """No move leads to where it starts."""
        for form in self.rows():
            role = getattr(form, "cleaned_data", {}).get("role")
            if role and role.pk == self.instance.role_id:
                form.add_error("role", "This is the role itself.")

    def numbered(self) -> list[Any]:
        """From 1 within each direction."""
        made = super().numbered()
        counts: dict[str, int] = {}
        for row in made:
            row.position = counts[row.direction] = counts.get(row.direction, 0) + 1
        return made


SENTENCE_FORMSETS: dict[Section, type[SentenceFormSet]] = {
    section: type(f"{section.name.title()}FormSet", (SentenceFormSet,), {"name": section.value}) for section in Section
}


# ── What was typed, as a document ───────────────────────────────────────────
def _said(form: Any, name: str) -> Any:
    """A clean value, or the bare text where it is wrong."""
    data = getattr(form, "cleaned_data", {})
    return data[name] if name in data else form[name].value()


def _number(value: Any) -> Any:
    return int(value) if str(value or "").strip().isdecimal() else None


def _move(form: Any) -> dict[str, Any]:
    role = _said(form, "role")
    target = {"role": str(role)} if isinstance(role, Role) else {"title": _said(form, "outside_title") or ""}
    return {**target, "focus": _said(form, "focus")}


def _need(form: Any) -> dict[str, Any]:
    competency = _said(form, "competency")
    return {
        "competency": competency.slug if isinstance(competency, Competency) else "",
        "need": _number(_said(form, "need")),
        "tier": _said(form, "tier"),
    }


def typed_document(form: Any, formsets: Iterable[Any]) -> Document:
    """The document that a form holds, be it right or wrong."""
    data: dict[str, Any] = {name: _said(form, name) for name in TEXTS}
    data |= {name: form.fields[name].to_python(form[name].data) for name in ("tags", "keywords")}
    pay = {key: _said(form, f"salary_{key}") for key in ("minimum", "maximum", "currency", "period")}
    if all(value not in (None, "") for value in pay.values()):
        data["salary"] = {**pay, "minimum": _number(pay["minimum"]) or 0, "maximum": _number(pay["maximum"]) or 0}
    data["experience"] = {key: _number(_said(form, key)) for key in ("minimum_years", "maximum_years")}
    data["experience"]["note"] = _said(form, "experience_note")
    data["next_level"] = {"theme": _said(form, "next_theme")}
    for formset in formsets:
        _add_rows(data, formset)
    return canonical(data)


def _add_rows(data: dict[str, Any], formset: RowFormSet) -> None:
    if formset.name == "requirements":
        data["requirements"] = [_need(form) for form in formset.rows()]
    elif formset.name == "moves":
        moves: dict[str, list[dict[str, Any]]] = {}
        for form in formset.rows():
            moves.setdefault(str(_said(form, "direction")), []).append(_move(form))
        data["moves"] = moves
    else:
        path = LISTS[formset.name]
        part = data if len(path) == 1 else data.setdefault(path[0], {})
        part[path[-1]] = [str(_said(form, "text")) for form in formset.rows()]


# ── Clone ───────────────────────────────────────────────────────────────────
class CloneForm(forms.Form):
    """Where a copy goes."""

    specialty = forms.ModelChoiceField(Specialty.objects.select_related("family"))
    level = forms.ModelChoiceField(Level.objects.all())
