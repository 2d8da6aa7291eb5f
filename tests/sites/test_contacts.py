"""People whom an owner names, confirmed by the operator before an assessor is told."""

from typing import Any

import pytest
from django.utils import timezone

from dscr.access.models import User
from dscr.access.roles import Role
from qmm.models import AssessmentCase, CaseAssignment, Establishment, EstablishmentContact
from tests.pages import factory
from tests.pages.test_establishment_page import client_of
from tests.pages.test_rating_page import words

PERSON = {"name": "Ira Quill", "email": "ira@ashvale.example", "purpose": "Scheduling"}


def seen(user: User, site: Establishment) -> str:
    response = client_of(user).get(f"/establishments/{site.pk}/contacts/")
    return words(response.content.decode()) if response.status_code == 200 else str(response.status_code)


def add(user: User, site: Establishment, **more: Any) -> Any:
    return client_of(user).post(f"/establishments/{site.pk}/contacts/new/", PERSON | more)


def test_named_confirmed_and_ended(site: Establishment, attestor: User, operator: User, maker: User) -> None:
    today = timezone.localdate()
    assessor = factory.user_of("Assessors", Role.ASSESSOR)
    case = AssessmentCase.objects.create(establishment=site, requested_on=today)
    CaseAssignment.objects.create(
        case=case, membership=assessor.membership, assigned_on=today, accepted_at=timezone.now()
    )
    assert add(attestor, site).status_code == 302
    contact = EstablishmentContact.objects.get()
    assert "to be confirmed" in seen(attestor, site)
    assert "ira@ashvale.example" not in seen(assessor, site)
    assert seen(maker, site) == "404"
    confirm = f"/establishments/contacts/{contact.pk}/confirm/"
    assert client_of(attestor).post(confirm).status_code == 404
    assert client_of(operator).post(confirm).status_code == 302
    assert "ira@ashvale.example" in seen(assessor, site)
    assert client_of(maker).post(f"/establishments/contacts/{contact.pk}/end/").status_code == 404
    assert client_of(attestor).post(f"/establishments/contacts/{contact.pk}/end/").status_code == 302
    assert "Nobody is named yet." in seen(assessor, site)
    contact.refresh_from_db()
    assert (contact.confirmed_by, contact.ended_by) == (operator, attestor)


def test_those_of_a_former_owner_end_with_the_sale(
    site: Establishment, attestor: User, operator: User, maker: User
) -> None:
    """Neither the new owner is told of them nor an assessor, who would write to the wrong firm."""
    Establishment.objects.filter(pk=site.pk).update(owner=None)
    add(operator, site, email="old@site.example")
    Establishment.objects.filter(pk=site.pk).update(owner=attestor.membership.organisation)
    add(operator, site)
    assert "old@site.example" in seen(attestor, site)
    Establishment.objects.filter(pk=site.pk).update(owner=maker.membership.organisation)
    assert "Nobody is named yet." in seen(maker, site)
    assert not EstablishmentContact.objects.filter(ended_at=None).exists()
    assert add(maker, site).status_code == 302


def test_the_operator_s_own_is_confirmed_at_once(site: Establishment, operator: User) -> None:
    add(operator, site)
    assert EstablishmentContact.objects.get().confirmed_by == operator


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": ""}, "Name: Give the person’s name."),
        ({"email": "ira"}, "Give a whole address, such as name@firm.example."),
        ({"email": "IRA@ashvale.example"}, "This person is a contact of the establishment already."),
    ],
)
def test_what_is_wrong(site: Establishment, attestor: User, given: dict[str, str], said: str) -> None:
    add(attestor, site)
    response = add(attestor, site, **given)
    assert response.status_code == 400
    assert said in words(response.content.decode())
    assert EstablishmentContact.objects.count() == 1
