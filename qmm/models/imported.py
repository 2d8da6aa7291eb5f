"""What came from elsewhere: imports of earlier assessments, and evidence that is shown and never scored."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from dscr.access.models import Membership, Organisation
from dscr.access.scoping import ScopedManager
from dscr.evidence.models import EvidenceFile
from qmm.models.dates import dates_within_reason, not_in_the_future
from qmm.models.establishment import Establishment
from qmm.models.voidable import Voidable


class AssessmentImport(models.Model):
    """One import that was carried out: all of its assessments or none."""

    class Kind(models.TextChoices):
        SPREADSHEET = "spreadsheet", "Spreadsheet of assessments"
        FDA_REPORT = "fda_report", "FDA QMM report"

    kind = models.CharField(max_length=11, choices=Kind.choices)
    source = models.CharField(max_length=200, help_text="The file's name, or the report's number.")
    sha256 = models.CharField("SHA-256", max_length=64, blank=True, help_text="Of the file.")
    count = models.PositiveIntegerField(help_text="Assessments that it brought.")
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    imported_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedManager()

    class Meta:
        ordering: ClassVar = ["-imported_at", "-id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.source}"


class SiteEvidence(Voidable):
    """A dated result of another program. It is shown beside the assessments and counts in no score."""

    class Kind(models.TextChoices):
        HIRC = "hirc_badge", "HIRC resiliency badge"
        APQ = "ispe_apq", "ISPE APQ result"
        OTHER = "other", "Other evidence"

    establishment = models.ForeignKey(Establishment, on_delete=models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    result = models.CharField(max_length=300, help_text="What was found, as its issuer says it.")
    issuer = models.CharField(max_length=200)
    dated_on = models.DateField("date", validators=[not_in_the_future])
    valid_until = models.DateField(null=True, blank=True, help_text="The last day, where its issuer gives one.")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_for = models.ForeignKey(
        Organisation,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Who may void it.",
    )
    recorded_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedManager()

    class Meta(Voidable.Meta):
        ordering: ClassVar = ["-dated_on", "-id"]
        constraints = [
            *Voidable.Meta.constraints,
            dates_within_reason("evidence", "dated_on", "valid_until"),
            models.CheckConstraint(
                name="evidence_dates_in_order",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("dated_on")),
                violation_error_message="The last day must not come before its date.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.establishment}, {self.dated_on}"

    @staticmethod
    def own_rows(membership: Membership) -> Q:
        return Q(establishment__owner=membership.organisation_id)

    @staticmethod
    def assigned_rows(membership: Membership) -> Q:
        return Q(establishment__in=Establishment.objects.filter(Establishment.assigned_rows(membership)))


class SiteEvidenceFile(EvidenceFile):
    """The certificate or report that was given with it."""

    evidence = models.ForeignKey(SiteEvidence, on_delete=models.PROTECT, related_name="files")

    objects = ScopedManager()

    class Meta:
        ordering: ClassVar = ["given_at", "id"]

    @staticmethod
    def own_rows(membership: Membership) -> Q:
        return Q(evidence__in=SiteEvidence.objects.filter(SiteEvidence.own_rows(membership)))

    @staticmethod
    def assigned_rows(membership: Membership) -> Q:
        return Q(evidence__in=SiteEvidence.objects.filter(SiteEvidence.assigned_rows(membership)))
