"""What a form says of a field that was left out names the field, in every form of the program."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from django import forms
from django.conf import settings

from dscr.access.forms import Asking, SignInForm

OURS = ("dscr", "qmm", "products", "ratings")
SILENT = forms.Field.default_error_messages["required"]


def kinds(of: type[Any]) -> Iterator[type[Any]]:
    for kind in of.__subclasses__():
        yield kind
        yield from kinds(kind)


def test_no_form_says_the_words_of_the_framework() -> None:
    import_module(settings.ROOT_URLCONF)  # with all views and their forms
    ours = {kind for kind in kinds(forms.BaseForm) if kind.__module__.split(".")[0] in OURS}
    assert len(ours) > 40
    silent = {
        kind.__name__
        for kind in ours
        if not issubclass(kind, Asking)
        and ".admin" not in kind.__module__
        and any(field.required and field.error_messages["required"] == SILENT for field in kind.base_fields.values())
    }
    assert not silent


def test_each_kind_of_field_is_asked_for_by_its_name() -> None:
    class Form(Asking):
        name = forms.CharField(label="Your name")
        on = forms.DateField(label="First day")
        kind = forms.ChoiceField(choices=[("a", "A")])
        file = forms.FileField(label="Evidence")
        agreed = forms.BooleanField(label="I agree")
        version = forms.IntegerField(widget=forms.HiddenInput)
        own = forms.CharField(error_messages={"required": "Say why."})
        free = forms.CharField(required=False)

    assert {name: said for name, [said] in Form({}).errors.items()} == {
        "name": "Fill in “Your name”.",
        "on": "Give a day under “First day”.",
        "kind": "Choose one under “Kind”.",
        "file": "Choose a file for “Evidence”.",
        "agreed": "Tick “I agree”.",
        "version": "Something that the page holds did not come with it. Reload the page, then send it again.",
        "own": "Say why.",
    }
    assert SignInForm({}).errors["login"] == ["Fill in “E-mail address”."]
