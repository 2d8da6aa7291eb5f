"""Credentials of machines: the same limits and second factor as on the page."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import RequestFactory

from dscr.access.credentials import (
    LockedOutError,
    SecondFactorNeededError,
    SecondFactorWrongError,
    WrongCredentialsError,
    check_credentials,
)
from dscr.access.models import User
from tests.access.conftest import PASSWORD, code_now, recovery_codes_of, totp_of


def request() -> HttpRequest:
    made = RequestFactory().post("/api/v1/tokens/")
    made.user = AnonymousUser()
    return made


def test_address_and_password_are_enough_without_a_second_factor(purchaser: User) -> None:
    assert check_credentials(request(), "Petra@fernwick.example ", PASSWORD) == purchaser


@pytest.mark.parametrize(
    ("email", "password"),
    [("petra@fernwick.example", "wrong"), ("a@b.example", PASSWORD), ("", ""), ("petra@fernwick.example", "a\0b")],
)
def test_wrong_ones_are_told_alike(purchaser: User, email: str, password: str) -> None:
    with pytest.raises(WrongCredentialsError, match="e-mail address or the password is not right"):
        check_credentials(request(), email, password)


def test_a_switched_off_account_is_wrong_too(purchaser: User) -> None:
    User.objects.filter(pk=purchaser.pk).update(is_active=False)
    with pytest.raises(WrongCredentialsError):
        check_credentials(request(), purchaser.email, PASSWORD)


def test_five_wrong_tries_lock_out_with_the_seconds(purchaser: User) -> None:
    for _ in range(5):
        with pytest.raises(WrongCredentialsError):
            check_credentials(request(), purchaser.email, "wrong")
    with pytest.raises(LockedOutError) as locked:
        check_credentials(request(), purchaser.email, PASSWORD)
    assert 890 <= locked.value.seconds <= 900


def test_too_many_from_one_place_lock_out_whatever_the_address(purchaser: User, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    check_credentials(request(), purchaser.email, PASSWORD)
    with pytest.raises(LockedOutError) as locked:
        check_credentials(request(), purchaser.email, PASSWORD)
    assert 55 <= locked.value.seconds <= 60


def test_the_second_factor_is_asked_for_and_checked(purchaser: User) -> None:
    secret = totp_of(purchaser)
    with pytest.raises(SecondFactorNeededError):
        check_credentials(request(), purchaser.email, PASSWORD)
    with pytest.raises(SecondFactorWrongError):
        check_credentials(request(), purchaser.email, PASSWORD, "000000")
    code = code_now(secret)
    assert check_credentials(request(), purchaser.email, PASSWORD, code) == purchaser
    with pytest.raises(SecondFactorWrongError):  # a code serves once
        check_credentials(request(), purchaser.email, PASSWORD, code)


def test_a_recovery_code_serves_once(purchaser: User) -> None:
    totp_of(purchaser)
    code = recovery_codes_of(purchaser)[0]
    assert check_credentials(request(), purchaser.email, PASSWORD, code) == purchaser
    with pytest.raises(SecondFactorWrongError):
        check_credentials(request(), purchaser.email, PASSWORD, code)


def test_guessing_codes_locks_out(purchaser: User) -> None:
    secret = totp_of(purchaser)
    for _ in range(5):
        with pytest.raises(SecondFactorWrongError):
            check_credentials(request(), purchaser.email, PASSWORD, "000000")
    with pytest.raises(LockedOutError) as locked:
        check_credentials(request(), purchaser.email, PASSWORD, code_now(secret))
    assert 890 <= locked.value.seconds <= 900
