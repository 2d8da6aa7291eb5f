"""Work on the figures of many products at once, asked for by a person and done by whatever worker is free."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from dscr.access.models import Membership, Organisation
from dscr.access.scoping import ScopedManager
from products.models.workbook_upload import WorkbookUpload


class FiguresJob(models.Model):
    """All of it or nothing, in one transaction with its end: one that was cut off has left nothing and is begun again.

    `asked` is what the person saw and chose; services/figures_jobs.py says its shape for each kind.
    """

    class Kind(models.TextChoices):
        STORE = "store", "Storing a workbook as drafts"
        ATTEST = "attest", "Attesting many products"
        COPY = "copy", "Copying figures forward"

    class State(models.TextChoices):
        WAITING = "waiting", "Under way"
        DONE = "done", "Done"
        REFUSED = "refused", "Not done"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    upload = models.ForeignKey(WorkbookUpload, null=True, blank=True, on_delete=models.PROTECT, related_name="jobs")
    once = models.CharField(max_length=32, help_text="Of the page that asked: sent twice, it is one job.")
    asked = models.JSONField(default=dict)
    name = models.CharField(max_length=200, blank=True, help_text="Of who attests, as typed.")
    title = models.CharField(max_length=200, blank=True)
    statement = models.TextField(blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(help_text="When the person clicked; an attestation bears this time.")
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    done = models.PositiveIntegerField(default=0, help_text="Products so far.")
    total = models.PositiveIntegerField(default=0)
    count = models.PositiveIntegerField(default=0, help_text="Products, once it is done.")
    reasons = models.JSONField(default=list, help_text="Sentences: why it was not done.")
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedManager()

    class Meta:
        verbose_name = "work on many figures"
        ordering: ClassVar = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "once"], name="figures_job_once"),
            models.CheckConstraint(
                name="figures_job_kind_known",
                condition=Q(kind__in=["store", "attest", "copy"], state__in=["waiting", "done", "refused"]),
            ),
            models.CheckConstraint(
                name="figures_job_end_has_time", condition=Q(state="waiting") | Q(finished_at__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["upload"], condition=Q(state="waiting"), name="figures_job_one_waiting_per_upload"
            ),
        ]
        indexes = [models.Index(fields=["id"], condition=Q(state="waiting"), name="figures_job_waiting")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.organisation}"

    @property
    def is_under_way(self) -> bool:
        return self.state == self.State.WAITING

    @staticmethod
    def own_rows(membership: Membership) -> Q:
        return Q(organisation=membership.organisation_id)
