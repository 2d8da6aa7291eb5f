"""Invitations: by the operator's page and by command, claimed once, by the invited address, in time."""

import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from dscr.access.invitations import Invitation, hash_of, invitation_issue
from dscr.access.models import Organisation, User
from dscr.access.roles import Role
from tests.access.conftest import member, organisation, person, sign_in

NEW = {"full_name": "Nina Neu", "password1": "four words make it", "password2": "four words make it"}


def form(**changed: Any) -> dict[str, Any]:
    today = timezone.localdate().isoformat()
    given = {"email": "Nina@Larkendale.example", "organisation": "Larkendale", "role": Role.ASSESSOR}
    return {**given, "starts_on": today, **changed}


def invite(email: str = "nina@larkendale.example", **fields: Any) -> str:
    """The path of a waiting invitation."""
    given = {"organisation": organisation("Larkendale", Role.ASSESSOR), "role": Role.ASSESSOR}
    given |= {"starts_on": timezone.localdate()} | fields
    return f"/invitations/{invitation_issue(Invitation(email=email, **given))}/"


def link_in(letter: Any) -> str:
    return re.search(r"http://testserver(/invitations/\S+/)", letter.body).group(1)  # type: ignore[union-attr]


def test_from_the_form_to_the_first_page(operator: User) -> None:
    organisation("Larkendale", Role.ASSESSOR)
    desk = sign_in(operator.email)
    assert desk.post("/people/invite/", form()).url == "/people/"  # type: ignore[attr-defined]
    html = desk.get("/people/").content.decode()
    assert "The invitation is on its way to nina@larkendale.example." in html
    assert "Invited, not yet here" in html
    letter = mail.outbox[0]
    assert (letter.subject, letter.to) == ("Invitation to DSCR for Larkendale", ["nina@larkendale.example"])
    assert "to work for Larkendale as Assessor" in letter.body
    link = link_in(letter)
    assert Invitation.objects.get().token_hash == hash_of(link.split("/")[2])
    newcomer = Client()
    assert "Give your name and choose a password" in newcomer.get(link).content.decode()
    assert newcomer.post(link, NEW).url == "/"  # type: ignore[attr-defined]
    user = User.objects.get(email="nina@larkendale.example")
    assert (user.full_name, user.is_staff, user.is_superuser) == ("Nina Neu", False, False)
    assert [(m.role, m.organisation.name) for m in user.memberships_today] == [("assessor", "Larkendale")]
    assert newcomer.session["membership"] == user.memberships.get().pk
    assert newcomer.get("/").status_code == 200
    invitation = Invitation.objects.get()
    assert (invitation.accepted_by, invitation.state) == (user, "accepted")
    sign_in(user.email, NEW["password1"])


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"organisation": "Nowhere"}, "No organization is called “Nowhere”."),
        ({"role": Role.OPERATOR}, "Operator is a role in an organization of the kind “program operator”"),
        ({"email": "asa@larkendale.example"}, "asa@larkendale.example has this role at Larkendale already."),
        ({"email": "wait@larkendale.example"}, "wait@larkendale.example is invited to this role already."),
        ({"email": "no address"}, "Enter a valid email address."),
        ({"role": "emperor"}, "Select a valid choice."),
        ({"starts_on": "2999-01-02", "ends_on": "2999-01-01"}, "The end must come after the start."),
        ({"starts_on": "2020-01-01", "ends_on": "2020-02-01"}, "The end lies in the past"),
        ({"email": "a\0b@c.example"}, "Null characters are not allowed."),
    ],
)
def test_what_does_not_fit_is_said_in_words(operator: User, changed: dict[str, Any], words: str) -> None:
    person("asa@larkendale.example", Role.ASSESSOR, "Larkendale")
    invite("wait@larkendale.example")
    html = sign_in(operator.email).post("/people/invite/", form(**changed)).content.decode()
    assert words in html
    assert Invitation.objects.count() == 1


@pytest.mark.parametrize("role", [role for role in Role if role != Role.OPERATOR])
def test_nobody_else_finds_the_pages_of_people(db: None, role: str) -> None:
    invite()
    pk = Invitation.objects.get().pk
    client = sign_in(person("x@y.example", role, "Somewhere").email)
    assert client.get("/people/").status_code == 404
    assert client.post("/people/invite/", form()).status_code == 404
    assert client.post(f"/people/invitations/{pk}/resend/").status_code == 404
    assert client.post(f"/people/invitations/{pk}/revoke/").status_code == 404
    assert mail.outbox == []


def test_resending_makes_a_new_link_and_ends_the_old_one(operator: User) -> None:
    old = invite()
    pk = Invitation.objects.get().pk
    sign_in(operator.email).post(f"/people/invitations/{pk}/resend/")
    assert Client().get(old).status_code == 404
    assert Client().get(link_in(mail.outbox[0])).status_code == 200


def test_a_withdrawn_invitation_says_so(operator: User) -> None:
    link = invite(invited_by=operator)
    client = sign_in(operator.email)
    pk = Invitation.objects.get().pk
    client.post(f"/people/invitations/{pk}/revoke/")
    refused = Client().post(link, NEW)
    assert (refused.status_code, "This invitation was withdrawn" in refused.content.decode()) == (410, True)
    assert client.post(f"/people/invitations/{pk}/resend/").status_code == 404
    assert not User.objects.filter(email="nina@larkendale.example").exists()


def test_an_expired_one_says_so_and_whom_to_ask(operator: User) -> None:
    link = invite(invited_by=operator)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    refused = Client().post(link, NEW)
    html = " ".join(refused.content.decode().split())
    assert refused.status_code == 410
    assert "This invitation has expired" in html
    assert "Ask olivia@office.example, who invited you, to send it again." in html
    assert "expired" in sign_in(operator.email).get("/people/").content.decode()


def test_a_link_works_once(db: None) -> None:
    link = invite()
    Client().post(link, NEW)
    again = Client().get(link)
    assert (again.status_code, "This invitation was accepted already" in again.content.decode()) == (410, True)


def test_a_link_that_nobody_sent_is_not_known(db: None) -> None:
    response = Client().get("/invitations/made-up/")
    assert (response.status_code, "This link is not known" in response.content.decode()) == (404, True)


def test_another_s_invitation_is_not_theirs(purchaser: User) -> None:
    link = invite()
    client = sign_in(purchaser.email)
    for response in (client.get(link), client.post(link)):
        assert response.status_code == 403
        assert "This invitation is for another address" in response.content.decode()
    assert purchaser.memberships.count() == 1
    assert Invitation.objects.get().state == "waiting"


def test_a_weak_password_is_refused(db: None) -> None:
    link = invite()
    html = Client().post(link, {**NEW, "password1": "password", "password2": "password"}).content.decode()
    assert "This password is too short." in html
    html = Client().post(link, {**NEW, "password2": "another"}).content.decode()
    assert "The two passwords are not the same." in html
    assert not User.objects.exists()


def test_someone_who_is_signed_in_accepts_and_works_there(purchaser: User) -> None:
    link = invite(purchaser.email)
    client = Client()
    client.force_login(purchaser)
    assert "Accept the role" in client.get(link).content.decode()
    assert client.post(link).url == "/"  # type: ignore[attr-defined]
    joined = purchaser.memberships.get(role=Role.ASSESSOR)
    assert client.session["membership"] == joined.pk


def test_someone_with_an_account_is_asked_to_sign_in_and_that_is_enough(purchaser: User) -> None:
    link = invite(purchaser.email)
    html = Client().get(link).content.decode()
    assert "That address has an account already." in html
    assert "password1" not in html
    client = sign_in(purchaser.email)
    assert "You now work for Larkendale as Assessor." in client.get("/").content.decode()
    assert Invitation.objects.get().state == "accepted"


def test_signing_in_claims_what_waits_and_nothing_else(purchaser: User) -> None:
    invite(purchaser.email, role=Role.LEAD_ASSESSOR)
    invite(purchaser.email)
    Invitation.objects.filter(role=Role.ASSESSOR).update(revoked_at=timezone.now())
    invite("nina@larkendale.example")
    sign_in(purchaser.email)
    assert set(purchaser.memberships.values_list("role", flat=True)) == {Role.PURCHASER, Role.LEAD_ASSESSOR}


def test_a_role_that_is_held_is_not_given_twice(purchaser: User) -> None:
    held = member(purchaser, Role.ASSESSOR, "Larkendale")
    invite(purchaser.email)
    sign_in(purchaser.email)
    assert purchaser.memberships.get(role=Role.ASSESSOR) == held


def test_a_mail_that_fails_is_said_and_can_be_sent_later(operator: User, settings: Any) -> None:
    organisation("Larkendale", Role.ASSESSOR)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = 1
    html = sign_in(operator.email).post("/people/invite/", form(), follow=True).content.decode()
    assert "is stored, but the mail could not be sent. Resend it later." in html


def test_the_list_of_people_is_searched_and_costs_a_fixed_number_of_queries(
    operator: User, purchaser: User, django_assert_num_queries: Any
) -> None:
    for number in range(60):
        person(f"p{number}@larkendale.example", Role.ASSESSOR, "Larkendale")
    client = Client()
    client.force_login(operator)
    with django_assert_num_queries(5):  # session, user; invitations, count, page
        html = client.get("/people/").content.decode()
    assert "62 memberships." in html
    found = client.get("/people/?q=petra+fern").content.decode()
    assert "1 membership for “petra fern”." in found
    assert client.get("/people/?q=%00&page=x").status_code == 200


def test_the_first_operator_comes_by_command(db: None) -> None:
    out = StringIO()
    call_command("add_operator", "Olga@Office.example", "--url", "http://testserver", stdout=out)
    link = re.search(r"http://testserver(/invitations/\S+/)", out.getvalue()).group(1)  # type: ignore[union-attr]
    assert mail.outbox[0].to == ["olga@office.example"]
    client = Client()
    client.post(link, {**NEW, "full_name": "Olga"})
    user = User.objects.get()
    assert (user.email, user.is_staff, user.is_superuser) == ("olga@office.example", True, True)
    assert [(held.role, held.organisation.name) for held in user.memberships_today] == [("operator", "Program office")]
    assert client.get("/admin/").status_code == 200


def test_the_command_refuses_in_words(db: None) -> None:
    Organisation.objects.create(name="Fernwick", kinds=["purchaser"])
    with pytest.raises(CommandError, match="is not an e-mail address"):
        call_command("add_operator", "olga")
    with pytest.raises(CommandError, match="is no program operator"):
        call_command("add_operator", "olga@office.example", "--organisation", "Fernwick")
    assert not Invitation.objects.exists()


def test_nobody_makes_an_administrator_by_the_form(operator: User) -> None:
    organisation("Larkendale", Role.ASSESSOR)
    sign_in(operator.email).post("/people/invite/", form(administers="on"))
    assert Invitation.objects.get().administers is False
