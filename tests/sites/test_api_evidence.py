"""Results of other programs by API: recorded with their files, shown and not scored, voided by who may."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from dscr.access.models import User
from dscr.access.roles import Role
from dscr.audit.models import AuditEntry
from qmm.models import Establishment, SiteEvidence, SiteEvidenceFile
from ratings.models import StaleMark
from tests.api.conftest import Machine
from tests.api.test_problems import assert_problem
from tests.evidence.files import PDF
from tests.pages import factory
from tests.sites.conftest import OWNER

BADGE = {"kind": "hirc_badge", "result": "Resilient", "issuer": "HIRC", "dated_on": "2026-02-01"}
TWICE = {"Idempotency-Key": "e1"}


def path(site: Establishment, rest: str = "") -> str:
    return f"establishments/{site.pk}/evidence/{rest}"


def test_recorded_with_a_file_listed_and_voided(
    site: Establishment, attestor: User, operator: User, django_assert_num_queries: Any
) -> None:
    StaleMark.objects.all().delete()
    owner, office = Machine(attestor), Machine(operator)
    made = owner.form(path(site), BADGE | {"files": SimpleUploadedFile("badge.pdf", PDF)}, **TWICE)
    assert made.status_code == 201, made.content
    row = made.json()
    assert {name: row[name] for name in BADGE} == BADGE
    assert (row["valid_until"], row["recorded_by"], [file["name"] for file in row["files"]]) == (
        None,
        OWNER,
        ["badge.pdf"],
    )
    again = owner.form(path(site), BADGE | {"files": SimpleUploadedFile("badge.pdf", PDF)}, **TWICE)
    assert again.json() == row
    without = office.post(path(site), BADGE | {"kind": "ispe_apq", "dated_on": "2026-01-05", "valid_until": None})
    assert (without.json()["recorded_by"], without.json()["files"]) == ("Office", [])
    office.get(path(site))
    with django_assert_num_queries(6):  # the token, the count of requests, the site, the note, the rows, their files
        assert office.get(path(site)).json() == {"results": [row, without.json()]}
    assert AuditEntry.objects.filter(action="viewed", detail="evidence", user_id=operator.pk).count() == 1
    assert not StaleMark.objects.exists()
    file = office.get(f"establishments/{site.pk}/evidence-files/{row['files'][0]['id']}/", Accept="application/pdf")
    assert b"".join(file.streaming_content) == PDF
    void = path(site, f"{row['id']}/void/")
    assert_problem(owner.post(void, {"reason": " "}), 400, "invalid-request")
    assert owner.post(void, {"reason": "Taken back"}).status_code == 204
    assert_problem(owner.post(void, {"reason": "Taken back"}), 409, "evidence-conflict")
    assert owner.get(path(site)).json() == {"results": [without.json()]}
    assert SiteEvidence.objects.get(pk=row["id"]).void_reason == "Taken back"


@pytest.mark.parametrize(
    ("more", "place", "said"),
    [
        ({"kind": "gold_star"}, "#/kind", "is not a valid choice"),
        ({"result": "  "}, "#/result", "may not be blank"),
        ({"issuer": "x" * 201}, "#/issuer", "no more than 200"),
        ({"issuer": "H\0"}, "#/issuer", "Null characters"),
        ({"dated_on": "2199-01-01"}, "#/dated_on", "This date lies in the future"),
        ({"dated_on": "soon"}, "#/dated_on", "Date has wrong format"),
        ({"valid_until": "2025-01-01"}, "#", "The last day must not come before its date."),
        ({"score": 5}, "#/score", "Unknown. Known are: kind, result"),
        ({"files": ["badge.pdf"]}, "#/files/0", "not a file"),
    ],
)
def test_what_is_wrong_stores_nothing(
    site: Establishment, attestor: User, more: dict[str, Any], place: str, said: str
) -> None:
    told = assert_problem(Machine(attestor).post(path(site), BADGE | more), 400, "invalid-request")
    assert [error["pointer"] for error in told["errors"]] == [place]
    assert said in told["detail"]
    assert not SiteEvidence.objects.exists()


def test_a_wrong_file_stores_nothing(site: Establishment, attestor: User) -> None:
    for content, said in ((b"MZ programs", "badge.exe"), (b"", "is empty")):
        sent = BADGE | {"files": SimpleUploadedFile("badge.exe", content)}
        told = assert_problem(Machine(attestor).form(path(site), sent), 400, "invalid-request")
        assert told["errors"][0]["pointer"] == "#/files"
        assert said in told["detail"]
    assert_problem(Machine(attestor).post(path(site), [BADGE]), 400, "invalid-request")
    assert not SiteEvidence.objects.exists()
    assert not SiteEvidenceFile.objects.exists()


def test_who_reads_records_and_voids(site: Establishment, attestor: User, maker: User, operator: User) -> None:
    offices = Machine(operator).form(path(site), BADGE | {"files": SimpleUploadedFile("a.pdf", PDF)}).json()
    file = f"establishments/{site.pk}/evidence-files/{offices['files'][0]['id']}/"
    void = path(site, f"{offices['id']}/void/")
    readers = (
        (attestor, 200, 201),
        (factory.user_of(OWNER, Role.MANUFACTURER_EDITOR), 200, 403),
        (factory.user_of("Office", Role.AUDITOR), 200, 403),
        (maker, 404, 404),
        (factory.user_of("Assessors", Role.ASSESSOR), 404, 404),
        (factory.user_of("Coordination", Role.COORDINATOR), 404, 404),
    )
    for user, reads, records in readers:
        asked = Machine(user)
        assert [asked.get(address).status_code for address in (path(site), file)] == [reads, reads], user
        assert asked.post(path(site), BADGE).status_code == records, user
        assert asked.post(void, {"reason": "x"}).status_code == (404 if reads == 404 else 403), user
    refused = assert_problem(Machine(attestor).post(void, {"reason": "Ours"}), 403, "forbidden")
    assert refused["detail"].startswith("Your organization did not record it")
    elsewhere = Establishment.objects.create(name="Elsewhere", owner=site.owner)
    assert Machine(attestor).post(path(elsewhere, f"{offices['id']}/void/"), {"reason": "x"}).status_code == 404
    assert Machine(attestor).get(file.replace(str(site.pk), str(elsewhere.pk), 1)).status_code == 404
    assert Machine(operator).post(void, {"reason": "Withdrawn"}).status_code == 204
