"""Nobody meets another assessor's levels, notes, findings or files before both have finished; makers never do."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.utils import timezone

from dscr.access.models import User
from dscr.audit.models import AuditEntry
from qmm.models import CaseAssignment, ConsensusScore, EarlierEntry, ElementScore, Finding, FindingFile
from qmm.services.consensus import consensus_save
from qmm.services.findings import Given, finding_add
from qmm.services.scoring import Change, levels_save
from tests.evidence.files import PDF, given
from tests.pages import factory
from tests.scores.conftest import CODES, Visit, client_of

SECRETS = ("Zwirbelnote", "Quarkfinding", "snorkfile.pdf", "Evidenzia")
MODELS = (ElementScore, Finding, FindingFile)


@pytest.fixture
def told(visit: Visit) -> Visit:
    """Bo has written; level 5 to MC1."""
    changes = {"MC1.level": Change("", "5"), "MC1.notes": Change("", "Zwirbelnote")}
    levels_save(visit.second, changes, user=visit.bo)
    levels_save(visit.second, {"MC1.notes": Change("Zwirbelnote", "Zwirbelnote, other")}, user=visit.bo)
    file = given("snorkfile.pdf", PDF)
    finding_add(visit.second, "MC1", user=visit.bo, given=Given("strength", "Quarkfinding", "Evidenzia", [file]))
    return visit


def seen(user: User, visit: Visit) -> tuple[int, ...]:
    """How many of Bo's rows the user may read."""
    paths = ("assignment", "assignment", "finding__assignment")
    return tuple(
        model.objects.for_user(user, "read_scores").filter(**{path: visit.second}).count()
        for model, path in zip(MODELS, paths, strict=True)
    )


def pages(user: User, visit: Visit) -> str:
    """Everything that the user is told, unpacked."""
    client, said = client_of(user), ""
    file = FindingFile.objects.get()
    finding = Finding.objects.get()
    for address in (
        visit.address,
        f"{visit.address}?q=Zwirbelno",
        f"{visit.address}state/?draft={visit.first.pk}&version=-1",
        f"{visit.address}workbook/",
        f"{visit.address}workbook/file/",
        f"{visit.address}files/{file.pk}/",
        visit.consensus,
        f"{visit.consensus}state/?version=-1",
        f"/api/v1/assessments/{visit.case.pk}/scores/",
        f"/api/v1/assessments/{visit.case.pk}/scores/MC1/",
        f"/establishments/{visit.case.establishment_id}/",
        "/",
        "/audit/",
        "/audit/?q=Zwirbelno",
        f"/audit/finding/{finding.pk}/",
        f"/audit/element-score/{ElementScore.objects.get(assignment=visit.second, element='MC1').pk}/",
    ):
        response = client.get(address)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        if body.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(body)) as book:
                body = b"".join(book.read(name) for name in book.namelist())
        said += str(dict(response.items())) + body.decode(errors="replace")
    return said


def leaked(user: User, visit: Visit) -> list[str]:
    said = pages(user, visit)
    return [secret for secret in SECRETS if secret in said]


@pytest.mark.parametrize("finished", ["nobody", "ada", "bo"])
@pytest.mark.parametrize("reader", ["ada", "cyd", "dan", "operator", "auditor"])
def test_before_both_have_finished_nobody_else_reads(told: Visit, reader: str, finished: str) -> None:
    if finished == "ada":
        told.finish(told.first)
    if finished == "bo":
        levels_save(told.second, {f"{code}.level": Change("", "3") for code in CODES[1:]}, user=told.bo)
        CaseAssignment.objects.filter(pk=told.second.pk).update(finished_at=timezone.now())
    user = getattr(told, reader)
    assert seen(user, told) == (0, 0, 0)
    assert leaked(user, told) == []


def test_an_assessor_reads_their_own(told: Visit) -> None:
    assert seen(told.bo, told) == (1, 1, 1)
    said = pages(told.bo, told)
    assert "Zwirbelnote" in said
    assert "Quarkfinding" in said
    assert EarlierEntry.objects.for_user(told.bo, "give_scores").count() == 0  # it was only written on


def test_the_audit_of_a_download_tells_neither_name_nor_digest(told: Visit) -> None:
    file = FindingFile.objects.get()
    assert client_of(told.bo).get(f"{told.address}files/{file.pk}/").status_code == 200
    entry = AuditEntry.objects.get(action="downloaded")
    assert (entry.kind, entry.subject_id, entry.label, entry.detail) == ("finding-file", file.pk, "", "")
    for user in (told.operator, told.auditor):
        assert leaked(user, told) == []
        said = client_of(user).get("/audit/?action=downloaded").content.decode()
        assert f"number {file.pk}" in said
        assert file.name not in said
        assert file.sha256 not in said


def both_finish(visit: Visit) -> None:
    visit.finish(visit.first)
    levels_save(visit.second, {f"{code}.level": Change("", "3") for code in CODES[1:]}, user=visit.bo)
    CaseAssignment.objects.filter(pk=visit.second.pk).update(finished_at=timezone.now())
    visit.move("consensus")


def test_once_both_have_finished_those_at_work_and_oversight_read(told: Visit) -> None:
    both_finish(told)
    for reader in (told.ada, told.bo, told.operator, told.auditor):
        assert seen(reader, told) == (20, 1, 1)
        assert leaked(reader, told) != []
    for reader in (told.cyd, told.dan):
        assert seen(reader, told) == (0, 0, 0)
        assert leaked(reader, told) == []


def test_who_comes_in_for_somebody_is_blind_and_blinds_the_rest(told: Visit) -> None:
    both_finish(told)
    consensus_save(told.case, {"MC1.level": Change("", "4")}, user=told.ada)
    CaseAssignment.objects.filter(pk=told.second.pk).update(ended_on=timezone.localdate())
    for reader in (told.ada, told.bo, told.cyd):  # nobody beside Ada: one alone is no pair
        assert seen(reader, told) == (0, 0, 0)
    third = CaseAssignment.objects.create(
        case=told.case,
        membership=told.cyd.membership,
        assigned_on=timezone.localdate(),
        accepted_at=timezone.now(),
    )
    for reader in (told.ada, told.cyd, told.operator):
        assert seen(reader, told) == (0, 0, 0)
        assert leaked(reader, told) == []
        assert not ElementScore.objects.for_user(reader, "read_scores").filter(assignment=third).exists()
    assert not ElementScore.objects.for_user(told.cyd, "read_scores").filter(assignment=told.first).exists()
    assert not ConsensusScore.objects.for_user(told.cyd, "read_scores").exists()
    CaseAssignment.objects.filter(pk=third.pk).update(finished_at=timezone.now())
    assert ElementScore.objects.for_user(told.cyd, "read_scores").filter(assignment=told.first).count() == 20
    assert seen(told.cyd, told) == (0, 0, 0)  # who was replaced counts no more
    assert seen(told.operator, told) == (20, 1, 1)  # and is kept


def test_the_same_person_in_two_roles_is_no_pair(visit: Visit) -> None:
    other = visit.ada.memberships.create(
        organisation=visit.ada.membership.organisation,
        role="assessor",
        starts_on=timezone.localdate() - timedelta(days=3),
    )
    CaseAssignment.objects.filter(pk=visit.second.pk).update(membership=other)
    CaseAssignment.objects.filter(case=visit.case).update(finished_at=timezone.now())
    ElementScore.objects.create(assignment=visit.second, element="MC1", level=3)
    assert not ElementScore.objects.for_user(visit.operator, "read_scores").exists()


def test_the_audit_tells_that_never_what(told: Visit) -> None:
    entries = AuditEntry.objects.filter(kind__in=["element-score", "finding", "finding-file"])
    assert entries.count() >= 3
    said = " ".join(f"{entry.label} {entry.before} {entry.after}" for entry in entries)
    assert not [secret for secret in SECRETS if secret in said]
    levels = AuditEntry.objects.filter(kind="element-score", action="added").get()
    assert "level" not in levels.after
    levels_save(told.second, {"MC1.level": Change("5", "4")}, user=told.bo)
    changed = AuditEntry.objects.filter(kind="element-score", action="changed").latest("pk")
    assert changed.after == {"level": "(not kept)"}


def test_the_audit_tells_no_file_apart(told: Visit) -> None:
    file, entry = FindingFile.objects.get(), AuditEntry.objects.get(kind="finding-file")
    assert not {"sha256", "size", "kind", "name"} & set(entry.after)
    assert file.sha256 not in pages(told.operator, told)


def test_earlier_texts_are_as_blind_as_present_ones(told: Visit) -> None:
    levels_save(told.second, {"MC1.level": Change("5", "4")}, user=told.bo)
    assert EarlierEntry.objects.for_user(told.bo, "read_scores").count() == 1
    for reader in (told.ada, told.operator, told.auditor):
        assert not EarlierEntry.objects.for_user(reader, "read_scores").exists()
    both_finish(told)
    assert EarlierEntry.objects.for_user(told.operator, "read_scores").count() == 1


def test_a_stranger_s_ids_lead_nowhere(told: Visit) -> None:
    ada, finding = client_of(told.ada), Finding.objects.get()
    assert ada.post(f"{told.address}findings/{finding.pk}/", {"remove": "yes", "version": "1"}).status_code == 404
    assert ada.get(f"{told.address}files/{FindingFile.objects.get().pk}/").status_code == 404
    assert ada.get("/assessments/99999999/scores/").status_code == 404
    assert ada.get(f"/assessments/{'9' * 30}/scores/").status_code == 404
    assert client_of(factory.user_of("Buyers", "purchaser")).get(told.address).status_code == 404
