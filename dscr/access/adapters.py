"""How DSCR signs people in with django-allauth: its words, where signing in leads, how second factors are stored."""

import base64
import hashlib
import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.utils import get_next_redirect_url
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.totp.internal.auth import generate_totp_secret
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url

from dscr.access.lockout import lock_words, seconds_locked
from dscr.access.middleware import CHOSEN
from dscr.access.models import User
from dscr.access.rules import may_open

log = logging.getLogger(__name__)
LOCKED = "too_many_login_attempts"


def landing(user: User, target: str | None) -> str:
    """The page that asked for signing in, where the role opens it; else the first page."""
    return target if target and may_open(user, target) else resolve_url(settings.LOGIN_REDIRECT_URL)


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "This account is switched off. Ask the program operator to switch it on.",
        "email_password_mismatch": "The e-mail address or the password is not right.",
        "enter_current_password": "The current password is not right.",
        "incorrect_code": "The code is not right.",
        "incorrect_password": "The password is not right.",
        LOCKED: "Too many wrong tries. Wait 15 minutes, then try again.",
        "rate_limited": "Too many tries in a short time. Wait a minute, then try again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False  # people come by invitation

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Says how long a pause after too many wrong tries still lasts; `params["seconds"]` for machines."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as error:
            if error.code != LOCKED:
                raise
            seconds = seconds_locked(request, self._get_login_attempts_cache_key(request, **credentials))
            raise ValidationError(lock_words(seconds), code=LOCKED, params={"seconds": seconds}) from error

    def post_login(self, request: HttpRequest, user: Any, *, redirect_url: str | None, **kwargs: Any) -> HttpResponse:
        """From here on the session carries one membership, and does not slip into another when that one ends."""
        if user.membership:
            request.session[CHOSEN] = user.membership.pk
        target = landing(user, redirect_url or get_next_redirect_url(request))
        return super().post_login(request, user, redirect_url=target, **kwargs)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail server that is down is the operator's matter: it breaks no page and tells no secret."""
        try:
            super().send_mail(template_prefix, email, context)
        except (SMTPException, OSError):
            log.exception("A mail could not be sent: %s", template_prefix)


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "The code is not right. Enter the one that your app shows now, or an unused recovery code.",
    }

    def get_totp_issuer(self) -> str:
        return "DSCR"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return super().get_public_key_credential_rp_entity() | {"name": "Drug Supply Chain Reliability"}

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        return f"Passkey {user.authenticator_set.filter(type=type).count() + 1}"

    def encrypt(self, text: str) -> str:
        return _vault().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Under a lost SECRET_KEY no code fits any more (SECRET_KEY_FALLBACKS keeps old keys readable)."""
        try:
            return _vault().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            log.error("A second factor was stored under another SECRET_KEY; add that key to SECRET_KEY_FALLBACKS.")
            return generate_totp_secret()


def _vault() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(b"dscr second factor" + key.encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
