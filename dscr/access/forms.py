"""The forms of signing in and of one's account: allauth's, in the program's words and the design system's classes."""

from typing import Any, ClassVar

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms

NEW_PASSWORD = "At least 12 characters. Not a common password, and not like your name or address."  # noqa: S105  a hint
CLASSES = {forms.CheckboxInput: "usa-checkbox__input", forms.Select: "usa-select", forms.HiddenInput: ""}


class Asking(forms.Form):
    """What is left out is asked for by its name, where the field has no words of its own for it."""

    def full_clean(self) -> None:
        for name, field in self.fields.items():
            if field.error_messages["required"] == forms.Field.default_error_messages["required"]:
                field.error_messages["required"] = missing_words(field, str(self[name].label))
        super().full_clean()


def missing_words(field: forms.Field, label: str) -> str:
    if field.widget.is_hidden:
        return "Something that the page holds did not come with it. Reload the page, then send it again."
    if isinstance(field, forms.FileField):
        return f"Choose a file for “{label}”."
    if isinstance(field, forms.BooleanField):
        return f"Tick “{label}”."
    if isinstance(field, (forms.ChoiceField, forms.ModelChoiceField)):
        return f"Choose one under “{label}”."
    return f"Give a day under “{label}”." if isinstance(field, forms.DateField) else f"Fill in “{label}”."


class Worded(Asking):
    """Labels by `labels`, help by `helps`; no placeholder instead of a label."""

    labels: ClassVar[dict[str, str]] = {}
    helps: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = self.labels.get(name, field.label)
            field.help_text = self.helps.get(name, "")
            field.widget.attrs.pop("placeholder", None)
            css = next((css for widget, css in CLASSES.items() if isinstance(field.widget, widget)), "usa-input")
            if css:
                field.widget.attrs["class"] = css


class SignInForm(Worded, account.LoginForm):
    labels = {"login": "E-mail address"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class ResetForm(Worded, account.ResetPasswordForm):
    labels = {"email": "E-mail address"}


class NewPassword(Worded):
    labels = {"oldpassword": "Current password", "password1": "New password", "password2": "New password again"}
    helps = {"password1": NEW_PASSWORD}


class ResetByMailForm(NewPassword, account.ResetPasswordKeyForm):
    pass


class ChangePasswordForm(NewPassword, account.ChangePasswordForm):
    pass


class SetPasswordForm(NewPassword, account.SetPasswordForm):
    pass


class ReauthenticateForm(Worded, account.ReauthenticateForm):
    pass


class Code(Worded):
    labels = {"code": "Code"}
    helps = {"code": "The 6 digits that your app shows now, or one of your recovery codes."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs["inputmode"] = "numeric"


class SecondFactorForm(Code, mfa.AuthenticateForm):
    pass


class ReauthenticateByCodeForm(Code, mfa.ReauthenticateForm):
    pass


class ActivateAppForm(Code, ActivateTOTPForm):
    helps = {"code": "The 6 digits that your app shows now."}


class AddPasskeyForm(Worded, AddWebAuthnForm):
    labels = {"name": "Name of the passkey", "passwordless": "Sign in with this passkey alone"}
    helps = {
        "name": "To tell it from others, such as “Office laptop”.",
        "passwordless": "Without a password. The device then asks for your fingerprint, your face or its PIN.",
    }


class RenamePasskeyForm(Worded, EditWebAuthnForm):
    labels = {"name": "Name of the passkey"}
