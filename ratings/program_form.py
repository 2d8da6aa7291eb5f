"""The form by which the operator changes a setting of the program."""

from typing import Any

from django import forms

from dscr.access.forms import Asking
from ratings.program import Setting
from ratings.program_records import SettingChange

REASON_LENGTH = SettingChange._meta.get_field("reason").max_length


class SettingForm(Asking):
    value = forms.IntegerField(widget=forms.NumberInput(attrs={"class": "usa-input", "inputmode": "numeric"}))
    reason = forms.CharField(
        label="Reason",
        max_length=REASON_LENGTH,
        widget=forms.TextInput(attrs={"class": "usa-input", "autocomplete": "off"}),
        error_messages={
            "required": "Say why: the reason stays in the record.",
            "max_length": f"Say it in at most {REASON_LENGTH} characters.",
        },
    )
    # The version that the page showed, so that of two people who change it at once the second is told.
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput())

    def __init__(self, setting: Setting, value: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.setting, self.now = setting, value
        bounds = f"Give a whole number of {setting.unit}s from {setting.least} to {setting.most}."
        field: Any = self.fields["value"]
        field.label = f"{setting.unit.capitalize()}s"
        field.error_messages = {"required": bounds, "invalid": bounds}
        field.bounds = bounds
        field.widget.attrs |= {"min": setting.least, "max": setting.most}

    def clean_value(self) -> int:
        value: int = self.cleaned_data["value"]
        if not self.setting.least <= value <= self.setting.most:
            raise forms.ValidationError(self.fields["value"].bounds)
        if value == self.now:
            raise forms.ValidationError(f"It is {self.setting.told(value)} already.")
        return value
