"""People who sign in by the page, as in life, and the codes of their second factor."""

import time
from datetime import timedelta

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, hotp_value
from django.test import Client
from django.utils import timezone

from dscr.access.models import Membership, Organisation, User
from dscr.access.roles import KINDS_OF_ROLE, Role

PASSWORD = "a long enough secret"


def organisation(name: str, role: str) -> Organisation:
    """An organisation of the kind that the role needs."""
    made, _ = Organisation.objects.get_or_create(name=name, defaults={"kinds": [KINDS_OF_ROLE[Role(role)]]})
    return made


def member(user: User, role: str, name: str, starts: int = -30, ends: int | None = None) -> Membership:
    today = timezone.localdate()
    return Membership.objects.create(
        user=user,
        organisation=organisation(name, role),
        role=role,
        starts_on=today + timedelta(days=starts),
        ends_on=None if ends is None else today + timedelta(days=ends),
    )


def person(email: str, role: str | None = None, name: str = "Fernwick") -> User:
    user = User.objects.create_user(email, PASSWORD)
    if role:
        member(user, role, name)
    return user


def sign_in(email: str, password: str = PASSWORD, **more: str) -> Client:
    client = Client()
    response = client.post("/sign-in/", {"login": email, "password": password, **more})
    assert response.status_code == 302, response.content.decode()
    return client


def totp_of(user: User) -> str:
    """An authenticator app for the user; its secret."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def code_now(secret: str, steps: int = 0) -> str:
    return f"{hotp_value(secret, int(time.time()) // 30 + steps):06}"


def recovery_codes_of(user: User) -> list[str]:
    return RecoveryCodes.activate(user).generate_codes()


@pytest.fixture
def purchaser(db: None) -> User:
    return person("petra@fernwick.example", Role.PURCHASER)


@pytest.fixture
def operator(db: None) -> User:
    return person("olivia@office.example", Role.OPERATOR, "Program office")
