"""The form by which a purchaser asks a firm to disclose more of a product, and the firm's words when it declines."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from products.forms.grant import CheckBox
from products.models import Product
from products.ndc import NdcError, readings
from products.questionnaire import SECTIONS

MOST_ALSO = 19
CHOICES = [(question.code, question.label) for section in SECTIONS for question in section.questions]


def _text(label: str, hint: str, *, required: bool, missing: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        required=required,
        max_length=500,
        widget=forms.Textarea(attrs={"class": "usa-textarea", "rows": 4, "maxlength": 500}),
        error_messages={"required": missing},
    )


def products_named(texts: list[str], readable: QuerySet[Product]) -> list[Product]:
    """The products that these NDCs name, in any form, each once. ValidationError names the first that is wrong."""
    keys: dict[str, list[str]] = {}
    for line in texts:
        try:
            keys[line.strip()] = sorted({reading.product for reading in readings(line)})
        except NdcError as error:
            raise ValidationError(str(error)) from None
    named = [key for found in keys.values() for key in found]
    rows = {row.ndc: row for row in readable.filter(ndc__in=named)}
    found: dict[str, Product] = {}
    for line, candidates in keys.items():
        here = [rows[key] for key in candidates if key in rows]
        if len(here) != 1:
            said = "fits several products: give it with dashes" if here else "is no product that is listed here"
            raise ValidationError(f"“{line}” {said}.")
        found[here[0].ndc] = here[0]
    return list(found.values())


class RequestForm(forms.Form):
    kpis = forms.MultipleChoiceField(
        label="Figures",
        choices=CHOICES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "“%(value)s” is no figure of the questionnaire."},
    )
    shows_supply = forms.BooleanField(label="The supply picture", required=False, widget=CheckBox())
    shows_maturity = forms.BooleanField(
        label="QMM area levels of the firm's own establishments", required=False, widget=CheckBox()
    )
    also = forms.CharField(
        label="The same of further products of this firm (optional)",
        help_text=f"Their NDCs, one a line, up to {MOST_ALSO}. The firm answers each by itself.",
        required=False,
        max_length=1_000,
        widget=forms.Textarea(attrs={"class": "usa-textarea", "rows": 3}),
    )
    why = _text(
        "Why you ask",
        "The firm reads this, with your organization's name. Up to 500 characters.",
        required=True,
        missing="Say why you ask: the firm decides by it.",
    )

    def __init__(self, *args: Any, readable: QuerySet[Product], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.readable = readable

    def clean_also(self) -> list[Product]:
        """The products that the lines name."""
        lines = [line for line in re.split(r"[\n,;]+", self.cleaned_data["also"]) if line.strip()]
        if len(lines) > MOST_ALSO:
            raise ValidationError(f"These are {len(lines)} products. Give up to {MOST_ALSO} at a time.")
        return products_named(lines, self.readable)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not (given.get("kpis") or given.get("shows_supply") or given.get("shows_maturity")):
            self.add_error("kpis", "Choose at least one thing to ask for.")
        return given

    @property
    def kinds(self) -> list[dict[str, Any]]:
        hints = {
            "shows_supply": "Establishments, countries, shares, and whether each is qualified; no levels.",
            "shows_maturity": "The five practice areas, of establishments that the firm owns.",
        }
        return [{"field": self[name], "hint": hint} for name, hint in hints.items()]

    @property
    def sections(self) -> list[tuple[str, list[Any]]]:
        boxes = {box.data["value"]: box for box in self["kpis"].subwidgets}
        return [(section.team, [boxes[question.code] for question in section.questions]) for section in SECTIONS]


class DeclineForm(forms.Form):
    answer = _text("Your answer (optional)", "Who asked reads it. Up to 500 characters.", required=False)
