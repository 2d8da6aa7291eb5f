"""A questionnaire on its way to attestation: what a firm's people have typed so far for one product and quarter."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from dscr.access.models import Membership, Organisation
from dscr.access.scoping import ScopedManager
from products.models.directory import Product
from products.models.kpi_submission import KpiSubmission
from qmm.models import dates_within_reason


class KpiDraft(models.Model):
    """Texts as they were typed, valid or not: nothing typed is lost. It counts nothing and leaves no mark.

    Open until `submission` is what it became, or it was discarded; kept after either, with who wrote what.
    """

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="kpi_drafts")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    quarter_end = models.DateField()
    answers = models.JSONField(default=dict, help_text="Column or <question>_state -> text.")
    notes = models.JSONField(default=dict, help_text="Code of a plausibility warning -> the firm's answer to it.")
    sources = models.JSONField(default=dict, help_text="Column -> where its figure came from, if not typed.")
    edits = models.JSONField(default=dict, help_text="Key of an answer or note -> {by, name, at} of its last change.")
    answered = models.PositiveSmallIntegerField(default=0, help_text="Questions that are answered.")
    version = models.PositiveIntegerField(default=1, help_text="Grows with every change.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    submission = models.OneToOneField(
        KpiSubmission, null=True, blank=True, on_delete=models.PROTECT, related_name="draft"
    )
    discarded_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedManager()

    class Meta:
        verbose_name = "KPI draft"
        ordering: ClassVar = ["product_id", "-quarter_end", "-id"]
        constraints = [
            dates_within_reason("kpi_draft", "quarter_end"),
            models.UniqueConstraint(
                fields=["product", "organisation", "quarter_end"],
                condition=Q(submission__isnull=True, discarded_at__isnull=True),
                name="kpi_draft_one_open_per_quarter",
            ),
        ]

    def __str__(self) -> str:
        return f"Draft of {self.product} to {self.quarter_end}"

    @property
    def is_open(self) -> bool:
        return self.submission_id is None and self.discarded_at is None

    @staticmethod
    def own_rows(membership: Membership) -> Q:
        return Q(organisation=membership.organisation_id)
