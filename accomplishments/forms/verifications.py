"""Asking and answering."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.text import get_text_list

from accomplishments.choices import Answer, Part
from accomplishments.models import MOST_SETTLED, Accomplishment, Claim, Verification
from accomplishments.queries.verifications import Question
from ladder.text import CleanText
from people.choices import Kind
from people.mail import is_wanted
from people.models import User
from people.queries.addresses import colleague_at, whose

MOST_ASKED = 10  # people at once


def keys_in(values: Iterable[Any]) -> set[int]:
    """Those that a row can have."""
    texts = (str(value) for value in values)
    return {int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) < 19}


class Choices(forms.ModelMultipleChoiceField):
    """Keys that no row can have are wrong choices, not a trouble of the database."""

    def clean(self, value: Any) -> Any:
        for key in value or ():
            if not keys_in([key]):
                raise forms.ValidationError(self.error_messages["invalid_pk_value"], params={"pk": str(key)[:40]})
        return super().clean(value)


class AskForm(forms.Form):
    """Which claims, whom, and a note. People come by their keys among `people`, or from outside by address."""

    claims = Choices(
        Claim.objects.none(), widget=forms.CheckboxSelectMultiple, error_messages={"required": "Choose a claim."}
    )
    people = Choices(User.objects.none(), required=False, widget=forms.CheckboxSelectMultiple, label="Colleagues")
    email = forms.EmailField(required=False, max_length=254, label="Their e-mail address")
    name = CleanText(required=False, max_length=120, label="Their name")
    question = CleanText(
        required=False,
        max_length=1000,
        label="Note to them",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="What they saw of it, so that they remember.",
    )

    def __init__(self, data: Any = None, *, entry: Accomplishment, initial: Any = None) -> None:
        super().__init__(data, initial=initial, label_suffix="")
        self.entry = entry
        others = User.objects.filter(is_active=True).exclude(pk=entry.person_id)
        self.fields["claims"].queryset = entry.claims.select_related("competency")  # type: ignore[attr-defined]
        self.fields["people"].queryset = others  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("people") and not given.get("email") and not self.errors:
            self.add_error(None, "Choose a colleague, or give the address of somebody outside.")
        if len(given.get("people") or ()) > MOST_ASKED:
            self.add_error("people", f"Ask {MOST_ASKED} people at once at most.")
        if given.get("email") and not given.get("name"):
            self.add_error("name", "Say who that is.")
        if given.get("email") and self.entry.person in whose(given["email"]):
            self.add_error("email", "Nobody verifies their own work.")
        if given.get("email") and self.entry.confidential and colleague_at(given["email"]) is None:
            self.add_error("email", "This entry is confidential: only colleagues can be asked about it.")
        if given.get("email") and not is_wanted(Kind.OUTSIDE, given["email"]):
            self.add_error("email", "They want no mail from Ladder, whoever asks. Speak to them, or ask somebody else.")
        return given

    def whom(self) -> list[dict[str, Any]]:
        """The fields of each `services.verifications.Asked`; a colleague's address asks the colleague."""
        found: list[dict[str, Any]] = [{"verifier": person} for person in self.cleaned_data["people"]]
        if address := self.cleaned_data["email"]:
            colleague = colleague_at(address)
            asked = {"verifier": colleague} if colleague else {"email": address, "name": self.cleaned_data["name"]}
            found += [asked] if asked not in found else []
        return found


class AnswerForm(forms.Form):
    """What somebody states about one claim."""

    answer = forms.ChoiceField(
        choices=[
            (Answer.CONFIRMED.value, "Yes, at this level"),
            (Answer.CONFIRMED_OTHER.value, "Yes, but at another level"),
            (Answer.CANNOT_SAY.value, "I can't say"),
            (Answer.DISPUTED.value, "No, that is not how it was"),
        ],
        widget=forms.RadioSelect,
        label="Did you see this?",
        error_messages={"required": "Choose an answer."},
    )
    level = forms.TypedChoiceField(
        choices=[("", "The other level"), *((n, str(n)) for n in range(1, 6))],
        coerce=int,
        empty_value=None,
        required=False,
        label="At which level, if another",
    )
    part = forms.ChoiceField(
        choices=[
            ("", "As they say"),
            (Part.OWNED.value, "They owned it"),
            (Part.LED.value, "They led it"),
            (Part.CONTRIBUTED.value, "They contributed"),
            (Part.ASSISTED.value, "They assisted"),
        ],
        required=False,
        label="What was their part?",
    )
    note = CleanText(
        required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}), label="Note, or the reason"
    )

    def __init__(self, data: Any = None, *, row: Verification) -> None:
        said = {"answer": row.answer, "level": row.level, "part": row.part, "note": row.note} if row.answer else {}
        super().__init__(data, prefix=str(row.pk), initial=said, label_suffix="")
        self.row = row

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("answer") != Answer.CONFIRMED_OTHER:
            given["level"] = None
        elif given.get("level") is None:
            self.add_error("level", "Say at which level it was.")
        elif given["level"] == self.row.claim.level:
            self.add_error("level", "That is the level that is claimed: choose “Yes, at this level”.")
        if given.get("answer") == Answer.DISPUTED and not given.get("note"):
            self.add_error("note", forms.ValidationError("Say what is not so. They will read it.", code="required"))
        return given

    @property
    def needs(self) -> str:
        """What keeps it from being sent, in words."""
        note = "a reason" if self.has_error("note", "required") else "another note"
        named = {"answer": "an answer", "level": "another level", "part": "another part", "note": note}
        return get_text_list([words for name, words in named.items() if name in self.errors], "and")


class SettleForm(forms.Form):
    """How a dispute was settled, for those who read what was stated."""

    note = CleanText(max_length=MOST_SETTLED, error_messages={"required": "Say in a line how it was settled."})


def answer_forms(question: Question, data: Any = None) -> list[AnswerForm]:
    return [AnswerForm(data, row=row) for row in question.rows]
