"""Findings of an assessor: added with their evidence, changed and taken out until the assessor has finished."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from dscr.access.models import User
from dscr.evidence.storing import Kept, evidence_kept
from dscr.intake import private_files
from qmm.models import CaseAssignment, Finding, FindingFile
from qmm.services.scoring import ScoringError, locked, rubric_of

FOLDER = "findings"
LONGEST, LONGEST_EVIDENCE = 5_000, 1_000  # characters
MOST = 200  # of an assessor: ten for each element; the report has them all


@dataclass(frozen=True, slots=True)
class Given:
    """What a form brings. `form` names the form itself: sent twice, it is one finding."""

    kind: str
    text: str
    evidence: str = ""
    files: Sequence[UploadedFile] = ()
    form: uuid.UUID = field(default_factory=uuid.uuid4)


class FindingChangedError(ScoringError):
    """Another window changed it since the writer saw it."""


def finding_add(assignment: CaseAssignment, element: str, *, user: User, given: Given) -> Finding:
    """ScoringClosedError, ScoringError, FileError; nothing is kept then."""
    _check(given)
    with evidence_kept(given.files, FOLDER) as kept, transaction.atomic():
        stored = locked(assignment, user)
        if element not in rubric_of(stored.case).texts:
            raise ScoringError("The rubric has no such element.")
        earlier = Finding.objects.filter(assignment=stored, form=given.form).first()
        if earlier:
            for one in kept:
                private_files.remove(one.stored.name)
            return _back(earlier)
        if Finding.objects.filter(assignment=stored, removed_at=None).count() >= MOST:
            raise ScoringError(f"A form has at most {MOST} findings. Put some of them together.")
        row = Finding.objects.create(
            assignment=stored,
            element=element,
            kind=given.kind,
            text=given.text,
            evidence=given.evidence,
            form=given.form,
        )
        _keep(row, kept, user)
        return row


def finding_change(finding: Finding, *, user: User, version: int, given: Given) -> Finding:
    """New words, and more files. FindingChangedError where `version` is not the present one; as `finding_add`."""
    _check(given)
    there = finding.files.count() if given.files else 0
    with evidence_kept(given.files, FOLDER, already=there) as kept, transaction.atomic():
        row = _present(finding, user, version)
        row.kind, row.text, row.evidence = given.kind, given.text, given.evidence
        row.version += 1
        row.save()
        _keep(row, kept, user)
        return row


@transaction.atomic
def finding_remove(finding: Finding, *, user: User, version: int) -> None:
    """Takes it out of the form; the database keeps it."""
    row = _present(finding, user, version)
    row.removed_at = timezone.now()
    row.version += 1
    row.save()


def _present(finding: Finding, user: User, version: int) -> Finding:
    locked(finding.assignment, user)
    row = Finding.objects.select_for_update(of=("self",)).get(pk=finding.pk)
    if row.version != version or row.removed_at:
        raise FindingChangedError("Another window changed this finding. Read it as it stands, then send yours again.")
    return row


def _back(row: Finding) -> Finding:
    """The same finding sent again, as a row of a workbook is: what was taken out since stands again."""
    if row.removed_at:
        row.removed_at = None
        row.version += 1
        row.save()
    return row


def _check(given: Given) -> None:
    if given.kind not in Finding.Kind.values:
        raise ScoringError("Say whether it is a strength, an opportunity or a critical gap.")
    if not given.text:
        raise ScoringError("Write what you found.")
    if len(given.text) > LONGEST or len(given.evidence) > LONGEST_EVIDENCE:
        raise ScoringError(
            f"A finding has at most {LONGEST:,} characters, its evidence references {LONGEST_EVIDENCE:,}. Shorten it, "
            "or make two of it."
        )


def _keep(row: Finding, kept: Sequence[Kept], user: User) -> None:
    for one in kept:
        FindingFile.objects.create(finding=row, given_by=user, **one.fields)
