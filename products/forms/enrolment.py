"""The forms by which a firm enrolls a product and withdraws it."""

from typing import Any

from django import forms
from django.utils import timezone

from products.forms.grant import CheckBox, DateInput


class EnrolmentForm(forms.Form):
    enrolled_on = forms.DateField(
        label="First day", widget=DateInput(), error_messages={"required": "Give the first day."}
    )
    stated = forms.BooleanField(
        label="Statement",
        widget=CheckBox(),
        error_messages={"required": "Only with this statement can the product be enrolled."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("enrolled_on", timezone.localdate())


class WithdrawalForm(forms.Form):
    withdrawn_on = forms.DateField(
        label="First day on which it is withdrawn",
        widget=DateInput(),
        error_messages={"required": "Give the day from which it is withdrawn."},
    )
    reason = forms.CharField(label="Reason", max_length=300, required=False)
    name = forms.CharField(label="Your full name", max_length=200, error_messages={"required": "Give your full name."})
    title = forms.CharField(label="Your title", max_length=200, error_messages={"required": "Give your title."})
    stated = forms.BooleanField(
        label="Statement",
        widget=CheckBox(),
        error_messages={"required": "Only with this statement can the product be withdrawn."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("reason", "name", "title"):
            self.fields[name].widget.attrs["class"] = "usa-input"
