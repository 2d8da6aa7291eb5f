"""The form by which a firm discloses figures."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from dscr.access.models import Organisation, User
from products.models import DisclosureGrant, Product
from products.queries.grants import owns_establishments, possible_grantees, products_to_disclose
from products.questionnaire import SECTIONS

ALL, SOME, ONE = "all", "some", "one"


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d", attrs={"class": "usa-input usa-input--medium"})


class CheckBox(forms.CheckboxInput):
    def __init__(self) -> None:
        super().__init__(attrs={"class": "usa-checkbox__input"})


class GrantForm(forms.Form):
    """`grant` and `chosen_products` are what a valid form asks for; nothing is stored."""

    scope = forms.ChoiceField(
        label="Products",
        choices=[(ALL, "All our products, also those that we enroll later"), (SOME, "These products")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose these products or all."},
    )
    products = forms.ModelMultipleChoiceField(
        label="Which products",
        queryset=Product.objects.none(),
        required=False,
        to_field_name="ndc",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": "“%(value)s” is no product that you have enrolled today.",
            "invalid_pk_value": "“%(pk)s” is no NDC.",
        },
    )
    kpis = forms.MultipleChoiceField(
        label="Figures",
        choices=[(question.code, question.label) for section in SECTIONS for question in section.questions],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "“%(value)s” is no figure of the questionnaire."},
    )
    shows_supply = forms.BooleanField(label="The supply picture", required=False, widget=CheckBox())
    shows_maturity = forms.BooleanField(
        label="QMM area levels of our own establishments", required=False, widget=CheckBox()
    )
    recipient = forms.ChoiceField(
        label="To whom",
        choices=[(ALL, "All purchasers of the program"), (ONE, "One organization")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one organization or all purchasers."},
    )
    grantee = forms.CharField(
        label="Which organization",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"class": "usa-input", "list": "organizations", "autocomplete": "off"}),
    )
    valid_from = forms.DateField(
        label="First day", widget=DateInput(), error_messages={"required": "Give the first day."}
    )
    last_day = forms.DateField(
        label="Last day", widget=DateInput(), error_messages={"required": "Give the last day; you may withdraw before."}
    )
    reason = forms.CharField(
        label="Reason (optional)",
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"class": "usa-input"}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["products"].queryset = products_to_disclose(user)
        self.organisations = possible_grantees(user)
        self.owns_sites = owns_establishments(user)
        self.fields["shows_maturity"].disabled = not self.owns_sites  # then it counts as not ticked
        if not self.owns_sites:
            self.initial["shows_maturity"] = False

    def clean_grantee(self) -> Organisation | None:
        name = self.cleaned_data["grantee"].replace("\0", "").strip()
        if self.cleaned_data.get("recipient") != ONE:
            return None
        if not name:
            raise ValidationError("Give the organization's name.")
        found = self.organisations.filter(name__iexact=name).first()
        if found is None:
            raise ValidationError(f"No purchaser or coordinator is called “{name}”. Choose one of the list.")
        return found

    def clean_valid_from(self) -> Any:
        day = self.cleaned_data["valid_from"]
        if day < timezone.localdate():
            raise ValidationError("The first day lies in the past; give today or a later day.")
        return day

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("scope") == SOME and not given.get("products") and "products" not in self.errors:
            self.add_error("products", "Choose at least one product.")
        if not (given.get("kpis") or given.get("shows_supply") or given.get("shows_maturity")):
            self.add_error("kpis", "Choose at least one thing to disclose.")
        first, last = given.get("valid_from"), given.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", "The last day comes before the first.")
        elif last and last.year > 2199:
            self.add_error("last_day", "Give a year before 2200.")
        return given

    @property
    def grant(self) -> DisclosureGrant:
        given = self.cleaned_data
        return DisclosureGrant(
            grantee=given["grantee"],
            to_all_purchasers=given["recipient"] == ALL,
            kpis=given["kpis"],
            shows_supply=given["shows_supply"],
            shows_maturity=given["shows_maturity"],
            valid_from=given["valid_from"],
            valid_to=given["last_day"] + timedelta(days=1),
            reason=given["reason"],
        )

    @property
    def chosen_products(self) -> list[Product]:
        """None of them stands for all."""
        return list(self.cleaned_data["products"]) if self.cleaned_data["scope"] == SOME else []

    @property
    def kinds(self) -> list[dict[str, Any]]:
        """The two kinds of things that are no figures, with what they are."""
        hints = {
            "shows_supply": "Establishments, countries, shares, and whether each is qualified; no levels.",
            "shows_maturity": "The five practice areas, of establishments that your organization owns."
            if self.owns_sites
            else "Your organization owns no establishment on record today, so there are no levels to disclose.",
        }
        return [{"field": self[name], "hint": hint} for name, hint in hints.items()]

    @property
    def sections(self) -> list[tuple[str, list[Any]]]:
        """The check boxes of the figures by section of the questionnaire."""
        boxes = {box.data["value"]: box for box in self["kpis"].subwidgets}
        return [(section.team, [boxes[question.code] for question in section.questions]) for section in SECTIONS]
