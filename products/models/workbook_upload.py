"""A workbook of KPI figures that a firm sent: checked, shown as what it would change, then written or set aside."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from dscr.access.models import Membership, Organisation
from dscr.access.scoping import ScopedManager
from products.models.kept_file import KeptFile
from qmm.models import dates_within_reason


def _by() -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )


class WorkbookUpload(KeptFile):
    """Its state is all that a worker needs: a check that was cut off is simply made again."""

    class State(models.TextChoices):
        WAITING = "waiting", "Being checked"
        REFUSED = "refused", "Has faults, nothing stored"
        READY = "ready", "Checked, not stored yet"
        WRITTEN = "written", "Stored as drafts"
        ATTESTED = "attested", "Attested"
        DISCARDED = "discarded", "Set aside"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    quarter_end = models.DateField()
    file_name = models.CharField(max_length=200)
    size = models.PositiveIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0, help_text="Checks that were begun.")
    done = models.PositiveIntegerField(default=0, help_text="Products checked so far.")
    total = models.PositiveIntegerField(default=0, help_text="Products in the file; 0 while it is being opened.")
    made_at = models.DateTimeField(null=True, blank=True, help_text="When the template was made, if the file says so.")
    problems = models.JSONField(default=list, help_text="Faults: sheet, row, column, heading, found, wrong, expected.")
    remarks = models.JSONField(default=list, help_text="What was passed over or may be meant otherwise.")
    plan = models.JSONField(default=list, help_text="For each product what is to be written; services/workbook.py.")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    written_by = _by()
    written_at = models.DateTimeField(null=True, blank=True)
    attested_by = _by()
    attested_at = models.DateTimeField(null=True, blank=True)
    discarded_by = _by()
    discarded_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedManager()

    class Meta:
        verbose_name = "workbook upload"
        ordering: ClassVar = ["-uploaded_at", "-id"]
        constraints = [
            KeptFile.removal_has_time("workbook_upload_removal_has_time"),
            dates_within_reason("workbook_upload", "quarter_end"),
            models.CheckConstraint(
                name="workbook_upload_state_known",
                condition=Q(state__in=["waiting", "refused", "ready", "written", "attested", "discarded"]),
            ),
        ]
        indexes = [models.Index(fields=["id"], condition=Q(state="waiting"), name="workbook_upload_waiting")]

    def __str__(self) -> str:
        return f"{self.file_name}, quarter to {self.quarter_end}"

    @staticmethod
    def own_rows(membership: Membership) -> Q:
        return Q(organisation=membership.organisation_id)


class WorkbookFile(models.Model):
    """The bytes, apart from the row that is read at every step; gone once the file is refused or set aside."""

    upload = models.OneToOneField(WorkbookUpload, primary_key=True, on_delete=models.CASCADE, related_name="file")
    content = models.BinaryField()

    def __str__(self) -> str:
        return f"File of {self.upload}"
