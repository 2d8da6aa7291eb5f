"""The form by which the area scores of one FDA QMM report are entered."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from dscr.access.forms import Worded
from products.imports.assessments import AREA_LABELS, EARLIEST
from qmm.forms import DayInput
from qmm.models import AREAS
from qmm.services.assessment_import import ImportedRow, sites_by_number


class FdaReportForm(Worded, forms.Form):
    number = forms.RegexField(r"^\s*(\d{7}|\d{9}|\d{10})\s*$", error_messages={"invalid": "Give 7, 9 or 10 digits."})
    report = forms.CharField(max_length=200)
    completed_on = forms.DateField(widget=DayInput())

    labels = {
        "number": "FEI or DUNS number of the establishment",
        "report": "Number or title of the report",
        "completed_on": "Assessment completed on",
    } | {area: label.capitalize() for area, label in AREA_LABELS.items()}
    helps = dict.fromkeys(AREAS, "1 to 5, at most three decimals.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.base_fields = {**self.base_fields} | {area: _level() for area in AREAS}
        super().__init__(*args, **kwargs)

    def clean_number(self) -> int:
        number = self.cleaned_data["number"].strip()
        scheme = "duns" if len(number) == 9 else "fei"
        site = sites_by_number([(scheme, number)]).get((scheme, number))
        if site is None:
            raise forms.ValidationError(f"No establishment has the {scheme.upper()} number {number}.")
        return site

    def clean_completed_on(self) -> date:
        day = self.cleaned_data["completed_on"]
        if not EARLIEST <= day <= timezone.localdate():
            raise forms.ValidationError(f"Give a day from {EARLIEST} to today.")
        return day

    @property
    def row(self) -> ImportedRow:
        given = self.cleaned_data
        levels = tuple(str(given[area]) for area in AREAS)
        return ImportedRow(given["number"], given["completed_on"], "FDA", levels)


def _level() -> forms.DecimalField:
    return forms.DecimalField(min_value=1, max_value=5, decimal_places=3, max_digits=4)
