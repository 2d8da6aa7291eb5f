"""Signing in and out, from Django's own signals."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed

from dscr.audit.actor import actor_is
from dscr.audit.notes import note


def connect() -> None:
    user_logged_in.connect(note_signed_in)
    user_logged_out.connect(note_signed_out)
    user_login_failed.connect(note_failed)


def note_signed_in(sender: Any, request: Any, user: Any, **_: Any) -> None:
    actor_is(user)
    note(_request_of(request, user), "signed in", user)


def note_signed_out(sender: Any, request: Any, user: Any, **_: Any) -> None:
    if user is not None:
        note(_request_of(request, user), "signed out", user)


def note_failed(sender: Any, credentials: dict[str, Any], request: Any = None, **_: Any) -> None:
    """Names the account only if there is one: people type passwords into the wrong field."""
    typed = str(credentials.get("username") or credentials.get("email") or "").replace("\0", "")
    account = get_user_model().objects.filter(email__iexact=typed).first() if typed else None
    subject = ("person", account.pk, account.email) if account else "an address that is no account's"
    note(_request_of(request, None), "sign-in failed", subject)


def _request_of(request: Any, user: Any) -> Any:
    """The request while it carries the user: at signing out, and in tests, it may not."""
    carried = getattr(request, "user", None)
    return request if request is not None and carried is not None and carried.is_authenticated else user
