"""Attesting a draft: it becomes the submission that counts, and supersedes the one that did."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from dscr.access.models import User
from products.models import Enrolment, KpiDraft, KpiSubmission
from products.questionnaire import Answers, read_answers
from products.services.kpi_draft import DraftClosedError, VersionError

STATEMENT = (
    "I attest that these figures are true and complete to the best of my knowledge, that they follow the definitions "
    "of the questionnaire, and that I am authorized to submit them."
)


class NotEnrolledError(Exception):
    """The product is not enrolled by the draft's organization today."""


class NotCompleteError(Exception):
    """Questions are open or answers not valid; `answers` says which."""

    def __init__(self, answers: Answers) -> None:
        super().__init__("The questionnaire is not complete.")
        self.answers = answers


@transaction.atomic
def submission_attest(
    draft: KpiDraft,
    *,
    user: User,
    name: str,
    title: str,
    version: int,
    today: date | None = None,
    at: datetime | None = None,
    statement: str = STATEMENT,
) -> KpiSubmission:
    """Raises DraftClosedError, NotEnrolledError, NotCompleteError, or VersionError (changed since it was read).

    `at`: when the person attested, where it is not now.
    """
    stored = KpiDraft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    if not stored.is_open:
        raise DraftClosedError
    if stored.version != version:
        raise VersionError
    answers = read_answers(stored.answers, today or timezone.localdate())
    if answers.problems or answers.open:
        raise NotCompleteError(answers)
    now = at or timezone.now()
    _require_enrolment(stored, today or timezone.localdate())
    older = list(
        KpiSubmission.objects.select_for_update().filter(
            product=stored.product_id,
            quarter_end=stored.quarter_end,
            attested_at__isnull=False,
            superseded_at=None,
            voided_at=None,
        )
    )
    KpiSubmission.objects.filter(pk__in=[row.pk for row in older]).update(superseded_at=now)
    submission = KpiSubmission.objects.create(
        product_id=stored.product_id,
        quarter_end=stored.quarter_end,
        **answers.values,
        attested_at=now,
        attested_by=user,
        attestor_name=name,
        attestor_title=title,
        attestation=statement,
    )
    KpiSubmission.objects.filter(pk__in=[row.pk for row in older]).update(superseded_by=submission)
    stored.submission = submission
    stored.save(update_fields=["submission"])
    return submission


def _require_enrolment(draft: KpiDraft, today: date) -> None:
    held = Enrolment.objects.filter(
        product=draft.product_id, organisation=draft.organisation_id, enrolled_on__lte=today
    )
    if not held.filter(Q(withdrawn_on=None) | Q(withdrawn_on__gt=today)).exists():
        raise NotEnrolledError
