"""The forms by which an owner says who sees more of its establishment, whom to ask there, and what others found."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from dscr.access.forms import Worded
from dscr.access.models import Organisation
from dscr.access.roles import OrganisationKind
from dscr.texts import clean
from qmm.models import EstablishmentContact, SiteEvidence, SiteGrant

ALL, ONE = "all", "one"
LAST_YEAR = 2199


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class NoteField(forms.CharField):
    """Several lines, as the database keeps them: their ends count as one character, as browsers count them."""

    def to_python(self, value: Any) -> str:
        return clean(super().to_python(value) or "")


class SiteGrantForm(Worded, forms.Form):
    """`grant` is what a valid form asks for; nothing is stored."""

    recipient = forms.ChoiceField(
        choices=[(ONE, "One maker"), (ALL, "All makers of the program that buy from it")],
        error_messages={"required": "Choose one maker or all."},
    )
    grantee = forms.CharField(required=False, max_length=200)
    valid_from = forms.DateField(widget=DayInput(), error_messages={"required": "Give the first day."})
    last_day = forms.DateField(
        widget=DayInput(), error_messages={"required": "Give the last day; you may withdraw before."}
    )
    reason = forms.CharField(required=False, max_length=300)
    labels = {
        "recipient": "To whom",
        "grantee": "Which maker",
        "valid_from": "First day",
        "last_day": "Last day",
        "reason": "Reason (optional)",
    }
    helps = {"grantee": "Only where you chose one maker. The name as the program has it."}

    def __init__(self, owner: Organisation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.makers = Organisation.objects.filter(kinds__contains=[OrganisationKind.MANUFACTURER]).exclude(pk=owner.pk)
        self.fields["grantee"].widget.attrs |= {"list": "makers", "autocomplete": "off"}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        name = given.get("grantee", "").replace("\0", "").strip()
        given["maker"] = None
        if given.get("recipient") == ONE:
            given["maker"] = self._named(name) if name else None
            if given["maker"] is None:
                said = (
                    f"No other maker is called “{name}”. Choose one of the list." if name else "Give the maker’s name."
                )
                self.add_error("grantee", said)
        first, last = given.get("valid_from"), given.get("last_day")
        if first and first < timezone.localdate():
            self.add_error("valid_from", "The first day lies in the past; give today or a later day.")
        if first and last and last < first:
            self.add_error("last_day", "The last day comes before the first.")
        elif last and last.year > LAST_YEAR:
            self.add_error("last_day", "Give a year before 2200.")
        return given

    def _named(self, name: str) -> Organisation | None:
        """However it is capitalized, unless two makers differ in nothing else: then exactly so."""
        found = list(self.makers.filter(name__iexact=name))
        exact = [maker for maker in found if maker.name == name]
        return exact[0] if exact else found[0] if len(found) == 1 else None

    @property
    def grant(self) -> SiteGrant:
        given = self.cleaned_data
        return SiteGrant(
            grantee=given["maker"],
            to_all_makers=given["recipient"] == ALL,
            valid_from=given["valid_from"],
            valid_to=given["last_day"] + timedelta(days=1),
            reason=given["reason"],
        )


class ContactForm(forms.ModelForm, Worded):
    labels = {"name": "Name", "email": "E-mail address", "purpose": "What for"}
    helps = {"purpose": "Such as scheduling of visits, quality, supply planning."}

    class Meta:
        model = EstablishmentContact
        fields = ("name", "email", "purpose")
        error_messages = {
            "name": {"required": "Give the person’s name."},
            "email": {
                "required": "Give an e-mail address.",
                "invalid": "Give a whole address, such as name@firm.example.",
            },
            "purpose": {"required": "Say what the person is to be asked for."},
        }

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        email = given.get("email", "")
        there = EstablishmentContact.objects.filter(establishment=self.instance.establishment, ended_at=None)
        if email and there.filter(email__iexact=email).exists():
            raise ValidationError({"email": "This person is a contact of the establishment already."})
        return given


class EvidenceForm(forms.ModelForm, Worded):
    labels = {
        "kind": "Kind",
        "result": "Result, as its issuer says it",
        "issuer": "Issued by",
        "dated_on": "Date",
        "valid_until": "Valid until (optional)",
    }

    class Meta:
        model = SiteEvidence
        fields = ("kind", "result", "issuer", "dated_on", "valid_until")
        widgets = {"dated_on": DayInput(), "valid_until": DayInput()}
