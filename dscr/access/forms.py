"""The sign-in form, and the demonstration accounts that local mode offers beside it."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.forms import AuthenticationForm

DEMO_PASSWORD = "dscr-demo"  # noqa: S105


@dataclass(frozen=True, slots=True)
class DemoAccount:
    email: str
    role: str
    purpose: str


DEMO_ACCOUNTS = tuple(
    DemoAccount(f"{name}@demo.example", role, purpose)
    for name, role, purpose in (
        ("operator", "Operator", "runs the program, sees every rating, changes any record"),
        ("manufacturer", "Manufacturer", "answers the questionnaire for its products"),
        ("purchaser", "Purchaser", "compares products before buying"),
        ("assessor", "Assessor", "scores establishments"),
        ("coordinator", "HHS coordinator", "watches essential drugs"),
        ("auditor", "Auditor", "reads everything, changes nothing"),
    )
)


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": "The e-mail address or the password is not right.",
        "inactive": "This account is switched off. Ask the program operator to switch it on.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "E-mail address"
        for field in self.fields.values():
            field.widget.attrs["class"] = "usa-input"
        self.fields["username"].widget.attrs["type"] = "email"
