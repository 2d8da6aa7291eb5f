"""What an owner says of its establishment, by API: contacts, and who sees more of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from dscr.access.models import User
from dscr.access.roles import Role
from dscr.audit.models import AuditEntry
from qmm.models import Establishment, EstablishmentContact, SiteGrant
from tests.api.conftest import Machine
from tests.api.test_problems import assert_problem
from tests.pages import factory
from tests.sites.conftest import MAKER, OWNER

PERSON = {"name": "Dana Holt", "email": "dana@ashvale.example", "purpose": "Scheduling of visits"}


def path(site: Establishment, rest: str) -> str:
    return f"establishments/{site.pk}/{rest}/"


def grant(**more: Any) -> dict[str, Any]:
    today = timezone.localdate()
    dates = {"valid_from": str(today), "valid_to": str(today + timedelta(days=31))}
    return {"recipient": "halden group", "reason": "Yearly talks"} | dates | more


class TestGrants:
    def test_given_listed_and_withdrawn(self, site: Establishment, attestor: User, maker: User) -> None:
        owner = Machine(attestor)
        made = owner.post(path(site, "grants"), grant(), **{"Idempotency-Key": "g1"})
        assert made.status_code == 201, made.content
        row = made.json()
        assert (row["owner"], row["recipient"], row["to_all_makers"], row["withdrawn_at"]) == (
            OWNER,
            MAKER,
            False,
            None,
        )
        assert row["valid_to"] == grant()["valid_to"]
        assert owner.post(path(site, "grants"), grant(), **{"Idempotency-Key": "g1"}).json() == row
        assert_problem(owner.post(path(site, "grants"), grant()), 409, "grant-conflict")
        assert owner.get(path(site, "grants")).json() == {"results": [row]}
        one = path(site, f"grants/{row['id']}")
        etag = owner.get(one)["ETag"]
        assert_problem(owner.delete(one), 428, "precondition-required")
        assert_problem(owner.delete(one, if_match='W/"x"'), 412, "precondition-failed")
        assert owner.delete(one, if_match=etag).status_code == 204
        assert_problem(owner.delete(one, if_match=owner.get(one)["ETag"]), 409, "grant-conflict")
        assert SiteGrant.objects.get().withdrawn_by == attestor

    def test_for_all_makers(self, site: Establishment, attestor: User) -> None:
        made = Machine(attestor).post(path(site, "grants"), grant(recipient=None, to_all_makers=True))
        assert (made.json()["recipient"], made.json()["to_all_makers"]) == (None, True)

    @pytest.mark.parametrize(
        ("more", "place"),
        [
            ({"recipient": None}, "#/recipient"),
            ({"to_all_makers": True}, "#/recipient"),
            ({"recipient": "Nobody Ltd"}, "#/recipient"),
            ({"recipient": OWNER}, "#/recipient"),
            ({"valid_from": "2020-01-01"}, "#/valid_from"),
            ({"valid_to": "2020-01-01"}, "#/valid_to"),
            ({"valid_to": "2300-01-01"}, "#/valid_to"),
            ({"valid_to": "soon"}, "#/valid_to"),
            ({"shows": "all"}, "#/shows"),
        ],
    )
    def test_a_wrong_grant(self, site: Establishment, attestor: User, more: dict[str, Any], place: str) -> None:
        told = assert_problem(Machine(attestor).post(path(site, "grants"), grant(**more)), 400, "invalid-request")
        assert [error["pointer"] for error in told["errors"]] == [place]
        assert not SiteGrant.objects.exists()

    def test_who_reads_and_who_decides(self, site: Establishment, attestor: User, maker: User, operator: User) -> None:
        given = Machine(attestor).post(path(site, "grants"), grant()).json()
        editor = factory.user_of(OWNER, Role.MANUFACTURER_EDITOR)
        for user, status in ((editor, 200), (operator, 200), (maker, 404)):
            asked = Machine(user)
            assert asked.get(path(site, "grants")).status_code == status
            assert asked.get(path(site, f"grants/{given['id']}")).status_code == status
            refused = 403 if status == 200 else 404
            assert asked.post(path(site, "grants"), grant()).status_code == refused
            assert asked.delete(path(site, f"grants/{given['id']}"), if_match="*").status_code == refused
        elsewhere = Establishment.objects.create(name="Elsewhere", owner=site.owner)
        assert Machine(attestor).get(path(elsewhere, f"grants/{given['id']}")).status_code == 404


class TestContacts:
    def test_named_confirmed_and_ended(self, site: Establishment, attestor: User, operator: User) -> None:
        owner, office = Machine(attestor), Machine(operator)
        made = owner.post(path(site, "contacts"), PERSON, **{"Idempotency-Key": "c1"})
        assert made.status_code == 201, made.content
        row = made.json()
        assert ({name: row[name] for name in PERSON}, row["confirmed_at"]) == (PERSON, None)
        assert owner.post(path(site, "contacts"), PERSON, **{"Idempotency-Key": "c1"}).json() == row
        twice = owner.post(path(site, "contacts"), PERSON | {"email": "DANA@ashvale.example"})
        assert assert_problem(twice, 400, "invalid-request")["errors"] == [
            {"pointer": "#/email", "detail": "This person is a contact of the establishment already."}
        ]
        confirm = path(site, f"contacts/{row['id']}/confirm")
        assert owner.post(confirm, {}).status_code == 404
        assert office.post(confirm, {}).json()["confirmed_at"]
        assert_problem(office.post(confirm, {}), 409, "contact-conflict")
        [listed] = owner.get(path(site, "contacts")).json()["results"]
        assert listed["name"] == "Dana Holt"
        assert AuditEntry.objects.filter(action="viewed", detail="contacts", user_id=attestor.pk).count() == 1
        assert owner.delete(path(site, f"contacts/{row['id']}")).status_code == 204
        assert owner.get(path(site, "contacts")).json() == {"results": []}
        assert EstablishmentContact.objects.get().ended_by == attestor

    def test_whom_the_operator_names_is_confirmed(self, site: Establishment, operator: User) -> None:
        assert Machine(operator).post(path(site, "contacts"), PERSON).json()["confirmed_at"]

    def test_others(self, site: Establishment, attestor: User, maker: User) -> None:
        row = Machine(attestor).post(path(site, "contacts"), PERSON).json()
        auditor = Machine(factory.user_of("Office", Role.AUDITOR))
        assert auditor.get(path(site, "contacts")).json()["results"] == [row]
        assert auditor.post(path(site, "contacts"), PERSON).status_code == 403
        for asked in (Machine(maker), Machine(factory.user_of("Assessors", Role.ASSESSOR))):
            assert asked.get(path(site, "contacts")).status_code == 404
            assert asked.post(path(site, "contacts"), PERSON).status_code in (403, 404)
            assert asked.delete(path(site, f"contacts/{row['id']}")).status_code == 404


class TestDependents:
    def test_what_depends_on_it(self, site: Establishment, operator: User, django_assert_num_queries: Any) -> None:
        asked = Machine(operator)
        asked.get(path(site, "dependents"))
        with django_assert_num_queries(7):  # the token, the count of requests, the site, and four
            body = asked.get(path(site, "dependents")).json()
        counted = [body[name] for name in ("products", "molecules", "page", "pages")]
        assert counted == [2, len(body["by_molecule"]), 1, 1]
        assert sum(row["products"] for row in body["by_molecule"]) == 2
        roles = [role for row in body["results"] for role in row["roles"]]
        assert {role["stage"] for role in roles} == {"Active ingredient (API)"}
        assert all(role["share"] is not None for role in roles)

    def test_the_coordinator_reads_no_shares_and_others_nothing(self, site: Establishment, maker: User) -> None:
        coordinator = Machine(factory.user_of("Coordination", Role.COORDINATOR))
        roles = [row["roles"] for row in coordinator.get(path(site, "dependents")).json()["results"]]
        assert {role["share"] for found in roles for role in found} == {None}
        for user in (maker, factory.user_of("Assessors", Role.ASSESSOR)):
            assert Machine(user).get(path(site, "dependents")).status_code == 404
        assert coordinator.get(f"{path(site, 'dependents')}?page=0").status_code == 400
