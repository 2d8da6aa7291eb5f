"""A site that no register names, as its buyer gives it in confidence."""

from typing import Any

from django import forms
from django.db import transaction

from dscr.access.forms import Worded
from dscr.access.models import Organisation
from qmm.countries import NAMES
from qmm.models import Establishment, EstablishmentIdentifier

TAKEN = "This number stands for a site that the list does not show you. Search for it, or ask the program operator."


class NewSiteForm(Worded, forms.Form):
    use_required_attribute = False  # it stands within the editor, which is saved without it
    name = forms.CharField(max_length=300)
    address = forms.CharField(max_length=500)
    country = forms.ChoiceField(choices=[("", "Choose a country"), *sorted(NAMES.items(), key=lambda item: item[1])])
    fei = forms.RegexField(r"^(\d{7}|\d{10})$", required=False, error_messages={"invalid": "A FEI has 7 or 10 digits."})
    duns = forms.RegexField(
        r"^\d{9}$", required=False, error_messages={"invalid": "A DUNS number has 9 digits, without dashes."}
    )

    labels = {
        "name": "Name",
        "address": "Address",
        "country": "Country",
        "fei": "FEI (optional)",
        "duns": "DUNS number (optional)",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="new", **kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for scheme in ("fei", "duns"):
            value = data.get(scheme)
            if value and EstablishmentIdentifier.objects.filter(scheme=scheme, value=value).exists():
                self.add_error(scheme, TAKEN)
        return data

    @transaction.atomic
    def save(self, organisation: Organisation) -> Establishment:
        site = Establishment.objects.create(
            name=self.cleaned_data["name"],
            address=self.cleaned_data["address"],
            country=self.cleaned_data["country"],
            reported_by=organisation,
        )
        numbers = [(scheme, self.cleaned_data[scheme]) for scheme in ("fei", "duns") if self.cleaned_data[scheme]]
        EstablishmentIdentifier.objects.bulk_create(
            EstablishmentIdentifier(establishment=site, scheme=scheme, value=value) for scheme, value in numbers
        )
        return site
