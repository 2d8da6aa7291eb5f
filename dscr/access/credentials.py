"""Who signs in by machine: address, password and, where one is set up, a second factor, under the pages' own limits."""

from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.core.internal import ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from dscr.access.adapters import LOCKED
from dscr.access.forms import SecondFactorForm
from dscr.access.lockout import APP, seconds_locked
from dscr.access.models import User

SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


class CredentialsError(Exception):
    """Why nobody signed in; the text is for the person."""


class WrongCredentialsError(CredentialsError):
    """No such address, not its password, or a switched-off account."""


class SecondFactorNeededError(CredentialsError):
    """Address and password are right, and a code is missing."""


class SecondFactorWrongError(CredentialsError):
    """Address and password are right, the code is not."""


class LockedOutError(CredentialsError):
    """Too many tries; `seconds` until the next one is let in."""

    def __init__(self, words: str, seconds: int) -> None:
        super().__init__(words)
        self.seconds = seconds


def check_credentials(request: HttpRequest, email: str, password: str, otp: str = "") -> User:
    """The active user. `otp` is the code of an authenticator app or a recovery code, which is used up. Signs nobody in.

    Raises WrongCredentialsError, SecondFactorNeededError, SecondFactorWrongError or LockedOutError.
    """
    request = getattr(request, "_request", request)  # of REST framework
    with context.request_context(request):
        user = _user_by_password(request, email.strip().lower(), password)
        if is_mfa_enabled(user, SECOND_FACTORS):
            _check_second_factor(request, user, otp.strip())
        return user


def _user_by_password(request: HttpRequest, email: str, password: str) -> User:
    if not ratelimit.consume(request, app=APP, action="login"):
        wait = max(1, seconds_locked(request, email, "login"))
        raise LockedOutError("Too many sign-ins from this address of the network. Try again in a minute.", wait)
    wrong = WrongCredentialsError(get_adapter().error_messages["email_password_mismatch"])
    if not email or not password or "\0" in email + password:
        raise wrong
    try:
        user = get_adapter().authenticate(request, email=email, password=password)
    except ValidationError as error:
        raise LockedOutError(error.messages[0], error.params["seconds"]) from error
    if user is None or not user.is_active:
        raise wrong
    return user


def _check_second_factor(request: HttpRequest, user: User, otp: str) -> None:
    if not otp:
        raise SecondFactorNeededError("This account has a second factor: send its code as `otp`.")
    form = SecondFactorForm(user=user, data={"code": otp})
    if form.is_valid():
        return
    error = form.errors.as_data()["code"][0]
    if error.code == LOCKED:
        raise LockedOutError(error.messages[0], max(1, seconds_locked(request, f"mfa-auth-user-{user.pk}")))
    raise SecondFactorWrongError("The code is not right. Send the one that the app shows now, or a recovery code.")
