"""Forms of a thread. Each has a number of its own, so that one sent twice is one message."""

import uuid
from typing import Any

from django import forms
from django.conf import settings

from dscr.access.forms import Asking
from dscr.evidence.kinds import ALLOWED, BY_ENDING
from ratings.reviews.rules import Event, Kind, Next, Outcome
from ratings.reviews.services import Given
from ratings.reviews.subjects import subjects

LONGEST = 8_000


class SeveralFiles(forms.FileInput):
    allow_multiple_selected = True


class EvidenceField(forms.FileField):
    """A list of uploads; what is in them is looked at when they are taken in (dscr/evidence)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label="Evidence",
            widget=SeveralFiles(attrs={"multiple": True, "accept": ",".join(BY_ENDING), "class": "review-files"}),
            **kwargs,
        )

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = [file for file in data or [] if file]
        if self.required and not given:
            raise forms.ValidationError("Attach at least one file that shows what is right.")
        return given


class GivenForm(Asking):
    """What every step brings: the number of the form and a text."""

    form = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4, required=False)
    text = forms.CharField(
        label="Message",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"class": "usa-textarea", "rows": 6}),
        error_messages={
            "required": "Write what it is about.",
            "max_length": f"At most {LONGEST:,} characters; put the rest into a file.",
        },
    )

    @property
    def given(self) -> Given:
        cleaned = self.cleaned_data
        return Given(cleaned["text"], cleaned.get("evidence") or (), cleaned["form"] or uuid.uuid4())


def files_hint() -> str:
    return (
        f"{ALLOWED}; at most {settings.EVIDENCE_MOST_MIB} MiB each and {settings.EVIDENCE_MOST_FILES} in all. Only the "
        "firm, the program operator and auditors can open them."
    )


class RequestForm(GivenForm):
    """A correction request or a calculation review."""

    subject = forms.ChoiceField(widget=forms.Select(attrs={"class": "usa-select"}))
    should_be = forms.CharField(
        label="What it should be",
        max_length=500,
        widget=forms.TextInput(attrs={"class": "usa-input"}),
        error_messages={"required": "Say what it should be.", "max_length": "At most 500 characters."},
    )

    def __init__(self, kind: Kind, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_correction = kind == Kind.CORRECTION
        subject = self.fields["subject"]
        subject.label = "Which record is wrong" if is_correction else "Which number you doubt"
        subject.choices = [("", "Choose"), *subjects(kind)]  # type: ignore[attr-defined]
        subject.error_messages |= {"required": "Choose one.", "invalid_choice": "Choose one of the list."}
        self.fields["text"].label = "What is wrong, and how your evidence shows it" if is_correction else "Why"
        self.fields["evidence"] = EvidenceField(required=is_correction, help_text=files_hint())
        if not is_correction:
            del self.fields["should_be"]
        self.order_fields(["subject", "should_be", "text", "evidence", "form"])


class AppealForm(GivenForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = "Why the decision is wrong"
        self.fields["evidence"] = EvidenceField(required=False, help_text=files_hint())


class MessageForm(GivenForm):
    """Of the firm and the operator, with files."""

    evidence = EvidenceField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["evidence"].help_text = files_hint()


class QuestionForm(GivenForm):
    """`seen`: the newest message on the page; what came later must be read first."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**63 - 1)


class DecisionForm(QuestionForm):
    outcome = forms.ChoiceField(
        label="Decision",
        choices=Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether the request is upheld."},
    )
    next_step = forms.ChoiceField(
        label="What happens next",
        choices=Next.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Say what happens next."},
    )
    field_order = ["outcome", "next_step", "text"]


class EmptyForm(GivenForm):
    """A step for which a text may be left out."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].required = False


FORMS: dict[Event, type[GivenForm]] = {
    Event.WRITE: MessageForm,
    Event.TAKE: EmptyForm,
    Event.ASK: QuestionForm,
    Event.ANSWER: MessageForm,
    Event.NOTE: GivenForm,
    Event.DECIDE: DecisionForm,
    Event.WITHDRAW: EmptyForm,
}
LABELS = {
    Event.WRITE: "Message",
    Event.ASK: "What you need to know",
    Event.ANSWER: "Your answer",
    Event.NOTE: "Note",
    Event.DECIDE: "Reasons",
    Event.WITHDRAW: "Why (may be left out)",
}


def step_form(event: Event, *args: Any, **kwargs: Any) -> GivenForm:
    """Its fields have ids of their own, as several forms stand on one page."""
    form = FORMS[event](*args, auto_id=f"{event}-%s", **kwargs)
    form.fields["text"].label = LABELS.get(event, "Message")
    if event == Event.DECIDE:
        form.fields["text"].error_messages["required"] = "Give the reasons of the decision."
    return form
