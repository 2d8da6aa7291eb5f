"""What people send: a file with its quarter, and an attestation."""

from datetime import date
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from dscr.access.forms import Asking
from dscr.intake.sheets import MOST_BYTES, too_large
from products.queries.workbook import quarters


def _quarter_choices() -> list[tuple[str, str]]:
    return [(quarter.ends_on.isoformat(), f"{quarter.name} (to {quarter.ends_on})") for quarter in quarters()]


class QuarterForm(Asking):
    quarter = forms.ChoiceField(label="Quarter", choices=_quarter_choices)

    def clean_quarter(self) -> date:
        return date.fromisoformat(self.cleaned_data["quarter"])


class UploadForm(QuarterForm):
    file = forms.FileField(
        label="Filled-in workbook",
        help_text=f"XLSX or CSV, up to {MOST_BYTES >> 20} MB.",
        allow_empty_file=True,  # the report says so
        error_messages={"required": "Choose the file."},
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["quarter"].widget.attrs["class"] = "usa-select"
        self.fields["file"].widget.attrs |= {"class": "usa-file-input", "accept": ".xlsx,.csv"}

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(too_large(file.size))
        return file


class AttestForm(Asking):
    name = forms.CharField(label="Your full name", max_length=200, error_messages={"required": "Give your full name."})
    title = forms.CharField(label="Your title", max_length=200, error_messages={"required": "Give your title."})
    agreed = forms.BooleanField(
        label="I attest the statement above.", error_messages={"required": "Tick that you attest the statement."}
    )
    versions = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for name in ("name", "title"):
            self.fields[name].widget.attrs["class"] = "usa-input"
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        self.fields["title"].widget.attrs["autocomplete"] = "organization-title"
        self.fields["agreed"].widget.attrs["class"] = "usa-checkbox__input"
