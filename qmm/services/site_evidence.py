"""Results of other programs: recording them with their files, and who takes them back."""

from collections.abc import Sequence

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from dscr.access.models import User
from dscr.access.roles import Scope
from dscr.access.scoping import Reader, scope_of
from dscr.evidence.storing import evidence_kept
from qmm.models import Establishment, SiteEvidence, SiteEvidenceFile

FOLDER = "evidence"
NOT_YOURS = "Your organization did not record it: whoever did, or the program operator, voids it."


def evidence_of(site: Establishment, *, user: User) -> SiteEvidence:
    """A blank one, not stored, that the user's organization records."""
    return SiteEvidence(establishment=site, recorded_by=user, recorded_for=user.membership.organisation)


def evidence_record(evidence: SiteEvidence, files: Sequence[UploadedFile], *, user: User) -> SiteEvidence:
    """With its files, or nothing of it. FileError names the first file that is wrong."""
    with evidence_kept(files, FOLDER) as kept, transaction.atomic():
        evidence.save()
        for one in kept:
            SiteEvidenceFile.objects.create(evidence=evidence, given_by=user, **one.fields)
    return evidence


def may_void(user: Reader, evidence: SiteEvidence) -> bool:
    """Of evidence that the user may read. An owner thus voids neither the office's nor its predecessor's."""
    scope = scope_of(user, "record_evidence")
    return scope == Scope.ALL or (scope == Scope.OWN and evidence.recorded_for_id == user.membership.organisation_id)


def evidence_take_back(evidence: SiteEvidence, *, reason: str) -> bool:
    """It is shown no more. False where it was voided before."""
    rows = SiteEvidence.objects.filter(pk=evidence.pk, voided_at=None)
    return bool(rows.update(voided_at=timezone.now(), void_reason=reason))
