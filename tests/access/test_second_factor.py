"""Authenticator app, recovery codes, and the pages of passkeys."""

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from dscr.access.models import User
from tests.access.conftest import PASSWORD, code_now, recovery_codes_of, sign_in, totp_of


def confirmed(user: User) -> Client:
    """Signed in, and just confirmed by password: what changes of the second factor ask for."""
    client = sign_in(user.email)
    client.post("/account/confirm/", {"password": PASSWORD})
    return client


def test_setting_up_an_app_gives_recovery_codes(purchaser: User) -> None:
    client = sign_in(purchaser.email)
    asked = client.get("/account/second-factor/app/")
    assert asked.url == "/account/confirm/?next=%2Faccount%2Fsecond-factor%2Fapp%2F"  # type: ignore[attr-defined]
    wrong = client.post(asked.url, {"password": "wrong"}).content.decode()  # type: ignore[attr-defined]
    assert "The password is not right." in wrong
    assert client.post(asked.url, {"password": PASSWORD}).url == "/account/second-factor/app/"  # type: ignore[attr-defined]
    html = client.get("/account/second-factor/app/").content.decode()
    secret = re.search(r'<span class="one-code secret">(\w+)</span>', html).group(1)  # type: ignore[union-attr]
    refused = client.post("/account/second-factor/app/", {"code": "000000"}).content.decode()
    assert "The code is not right." in refused
    done = client.post("/account/second-factor/app/", {"code": code_now(secret)})
    assert done.url == "/account/recovery-codes/"  # type: ignore[attr-defined]
    html = client.get("/account/recovery-codes/").content.decode()
    assert "10 of 10 codes are left." in html
    assert len(re.findall(r'<li class="one-code">\d{8}</li>', html)) == 10
    download = client.get("/account/recovery-codes/download/")
    assert download["Content-Type"] == "text/plain"
    stored = Authenticator.objects.get(type="totp").data["secret"]
    assert secret not in stored


def test_the_password_alone_no_longer_signs_in(purchaser: User) -> None:
    secret = totp_of(purchaser)
    client = Client()
    half = client.post("/sign-in/", {"login": purchaser.email, "password": PASSWORD, "next": "/method/2026.1/"})
    assert half.url == "/sign-in/second-factor/"  # type: ignore[attr-defined]
    assert client.get("/").url == "/sign-in/?next=/"  # type: ignore[attr-defined]
    html = client.get("/sign-in/second-factor/").content.decode()
    assert "This account asks for one more proof." in html
    wrong = client.post("/sign-in/second-factor/", {"code": "000000"}).content.decode()
    assert "The code is not right." in wrong
    assert client.post("/sign-in/second-factor/", {"code": code_now(secret)}).url == "/method/2026.1/"  # type: ignore[attr-defined]
    assert client.get("/").status_code == 200


def test_a_code_serves_once(purchaser: User) -> None:
    code = code_now(totp_of(purchaser))
    for expected in (302, 200):
        client = sign_in(purchaser.email)
        assert client.post("/sign-in/second-factor/", {"code": code}).status_code == expected


def test_a_recovery_code_serves_once(purchaser: User) -> None:
    totp_of(purchaser)
    code = recovery_codes_of(purchaser)[3]
    for expected in (302, 200):
        client = sign_in(purchaser.email)
        assert client.post("/sign-in/second-factor/", {"code": code}).status_code == expected


def test_guessing_codes_is_paused(purchaser: User) -> None:
    secret = totp_of(purchaser)
    client = sign_in(purchaser.email)
    for _ in range(5):
        client.post("/sign-in/second-factor/", {"code": "000000"})
    html = client.post("/sign-in/second-factor/", {"code": code_now(secret)}).content.decode()
    assert "Too many wrong tries. Wait 15 minutes, then try again." in html


def test_removing_the_app_takes_the_recovery_codes_along(purchaser: User) -> None:
    client = confirmed(purchaser)
    totp_of(purchaser)
    recovery_codes_of(purchaser)
    assert "Remove the app" in client.get("/account/second-factor/").content.decode()
    client.post("/account/second-factor/app/remove/")
    assert not Authenticator.objects.exists()


def test_codes_fit_no_more_under_another_key_and_nothing_breaks(purchaser: User, settings: Any) -> None:
    secret = totp_of(purchaser)
    first = settings.SECRET_KEY
    settings.SECRET_KEY = "another key that is long enough for anything"
    client = sign_in(purchaser.email)
    assert client.post("/sign-in/second-factor/", {"code": code_now(secret)}).status_code == 200
    settings.SECRET_KEY_FALLBACKS = [first]
    assert client.post("/sign-in/second-factor/", {"code": code_now(secret)}).status_code == 302


def test_the_pages_of_passkeys_carry_their_scripts_and_no_inline_code(purchaser: User) -> None:
    client = confirmed(purchaser)
    pages = {"/account/passkeys/add/": "addForm", "/account/second-factor/": None, "/account/passkeys/": None}
    for path, form in pages.items():
        html = client.get(path).content.decode()
        assert client.get(path).status_code == 200
        assert "onclick" not in html
        assert not re.search(r"<script(?![^>]*(src=|application/json))", html)
        assert (f'data-allauth-onload="allauth.webauthn.forms.{form}"' in html) == bool(form)
    html = Client().get("/sign-in/").content.decode()
    assert "mfa/js/webauthn.js" in html
    assert "allauth.webauthn.forms.loginForm" in html


@pytest.mark.parametrize("credential", ["", "{}", "[]", '{"response": {"userHandle": "MQ"}}', "\0"])
def test_a_made_up_passkey_signs_nobody_in(purchaser: User, credential: str) -> None:
    client = Client()
    client.get("/sign-in/passkey/", headers={"Accept": "application/json"})
    response = client.post("/sign-in/passkey/", {"credential": credential})
    assert response.url == "/sign-in/"  # type: ignore[attr-defined]
    assert client.get("/").status_code == 302


def test_the_operator_removes_a_lost_second_factor_without_seeing_its_secret(purchaser: User, operator: User) -> None:
    totp_of(purchaser)
    operator.is_staff = operator.is_superuser = True
    operator.save()
    client = sign_in(operator.email)
    factor = Authenticator.objects.get()
    html = client.get(f"/admin/mfa/authenticator/{factor.pk}/change/").content.decode()
    assert purchaser.email in html
    assert factor.data["secret"] not in html
    client.post(f"/admin/mfa/authenticator/{factor.pk}/delete/", {"post": "yes"})
    assert not Authenticator.objects.exists()
    assert client.get("/admin/usersessions/usersession/").status_code == 404
