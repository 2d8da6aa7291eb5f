"""Signing in by password, the pause after too many wrong tries, and the reset by mail."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import NoReverseMatch, reverse

from dscr.access.models import User
from tests.access.conftest import PASSWORD, sign_in


def wrong(client: Client, email: str) -> str:
    return client.post("/sign-in/", {"login": email, "password": "wrong"}).content.decode()


def test_signing_in_starts_a_session_with_one_membership(purchaser: User) -> None:
    client = sign_in("Petra@Fernwick.example")
    assert client.session["membership"] == purchaser.memberships.get().pk
    assert client.get("/").status_code == 200
    assert client.post("/sign-out/").url == "/sign-in/"  # type: ignore[attr-defined]
    assert client.get("/").status_code == 302


def test_the_errors_link_to_their_fields_and_are_named_there(db: None) -> None:
    html = Client().post("/sign-in/", {"login": "no address", "password": ""}).content.decode()
    assert '<a class="usa-link" href="#id_login">E-mail address: Enter a valid email address.</a>' in html
    assert 'id="id_login_error"' in html
    assert re.search(r'<input[^>]*aria-describedby="id_login_error"[^>]*>', html)
    assert re.search(r'<input[^>]*autocomplete="current-password"[^>]*>', html)
    assert re.search(r'<input type="email"[^>]*autocomplete="username"[^>]*>', html)


def test_a_sixth_wrong_try_is_paused_and_says_for_how_long(purchaser: User) -> None:
    client = Client()
    assert "After 5 wrong tries, sign-in pauses for 15 minutes." in client.get("/sign-in/").content.decode()
    for _ in range(5):
        assert "The e-mail address or the password is not right." in wrong(client, purchaser.email)
    html = wrong(client, purchaser.email)
    assert "Sign-in for this address is paused; try again in 15 minutes" in html
    right = client.post("/sign-in/", {"login": purchaser.email, "password": PASSWORD})
    assert "Sign-in for this address is paused" in right.content.decode()


def test_an_address_without_account_is_paused_just_so(db: None) -> None:
    client = Client()
    for _ in range(5):
        assert "The e-mail address or the password is not right." in wrong(client, "nobody@else.example")
    assert "paused" in wrong(client, "nobody@else.example")


def test_the_pause_of_one_address_is_not_that_of_another(purchaser: User) -> None:
    client = Client()
    for _ in range(6):
        wrong(client, "nobody@else.example")
    sign_in(purchaser.email)


def test_a_forwarded_address_that_nobody_vouches_for_opens_no_new_count(purchaser: User) -> None:
    client = Client()
    for number in range(10):
        address = {"X-Forwarded-For": f"10.0.0.{number}"}
        client.post("/sign-in/", {"login": f"n{number}@else.example", "password": "wrong"}, headers=address)
    html = client.post("/sign-in/", {"login": "n11@else.example", "password": "x"}, headers=address).content.decode()
    assert "Too many wrong tries" in html


def test_too_many_sign_ins_are_a_page_in_words(db: None, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    client = Client()
    wrong(client, "a@b.example")
    response = client.post("/sign-in/", {"login": "a@b.example", "password": "x"})
    assert response.status_code == 429
    assert "Wait a minute, go back and try again." in response.content.decode()


def test_a_switched_off_account_is_told_so(purchaser: User) -> None:
    User.objects.filter(pk=purchaser.pk).update(is_active=False)
    response = Client().post("/sign-in/", {"login": purchaser.email, "password": PASSWORD}, follow=True)
    assert "This account is switched off" in response.content.decode()


def test_nobody_signs_up_by_themselves(db: None) -> None:
    with pytest.raises(NoReverseMatch):
        reverse("account_signup")
    assert Client().get("/account/signup/").status_code == 404


def test_an_account_s_address_counts_as_confirmed_and_follows_it(purchaser: User) -> None:
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [(purchaser.email, True, True)]
    purchaser.email = "new@fernwick.example"
    purchaser.save()
    assert list(EmailAddress.objects.values_list("email", flat=True)) == ["new@fernwick.example"]


def test_a_new_password_by_mail(purchaser: User) -> None:
    client = Client()
    for _ in range(6):
        wrong(client, purchaser.email)
    assert client.post("/account/password/reset/", {"email": purchaser.email}).url == "/account/password/reset/sent/"  # type: ignore[attr-defined]
    assert "Look into your mail" in client.get("/account/password/reset/sent/").content.decode()
    letter = mail.outbox[0]
    assert (letter.subject, letter.to) == ("Choose a new DSCR password", [purchaser.email])
    link = re.search(r"http://testserver(\S+)", letter.body).group(1)  # type: ignore[union-attr]
    form = client.get(link, follow=True)
    assert "Choose a new password" in form.content.decode()
    given = {"password1": "another long secret", "password2": "another long secret"}
    done = client.post(form.redirect_chain[-1][0], given, follow=True)
    assert "Your password is changed" in done.content.decode()
    assert mail.outbox[1].subject == "Your DSCR password was changed"
    sign_in(purchaser.email, "another long secret")  # the pause is over too
    assert "This link no longer works" in Client().get(link, follow=True).content.decode()


def test_an_unknown_address_gets_the_same_answer_and_no_mail(db: None) -> None:
    answer = Client().post("/account/password/reset/", {"email": "nobody@else.example"})
    assert answer.url == "/account/password/reset/sent/"  # type: ignore[attr-defined]
    assert mail.outbox == []


def test_a_mail_server_that_is_down_breaks_no_page(purchaser: User, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = 1
    answer = Client().post("/account/password/reset/", {"email": purchaser.email})
    assert answer.url == "/account/password/reset/sent/"  # type: ignore[attr-defined]


def test_changing_the_password_asks_for_the_current_one(purchaser: User) -> None:
    client = sign_in(purchaser.email)
    given = {"oldpassword": "wrong", "password1": "another long secret", "password2": "another long secret"}
    assert "The current password is not right." in client.post("/account/password/", given).content.decode()
    weak = {"oldpassword": PASSWORD, "password1": "short", "password2": "short"}
    assert "This password is too short." in client.post("/account/password/", weak).content.decode()
    client.post("/account/password/", {**given, "oldpassword": PASSWORD})
    assert client.get("/").status_code == 200  # this session goes on
    sign_in(purchaser.email, "another long secret")
