"""What an assessor found, with the evidence for it, and every earlier text of levels and findings."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from dscr.access.models import Membership
from dscr.access.scoping import Reader, ScopedManager, ScopedQuerySet
from dscr.evidence.models import EvidenceFile
from qmm.models.blind import BlindQuerySet, own_or_revealed
from qmm.models.case import CaseAssignment, counting
from qmm.models.course import own_cases
from qmm.models.scores import ElementScore


class Finding(models.Model):
    """One assessor's, to one element. It is changed until the assessor has finished; earlier texts are kept."""

    class Kind(models.TextChoices):
        STRENGTH = "strength", "Strength"
        OPPORTUNITY = "opportunity", "Opportunity"
        CRITICAL_GAP = "critical_gap", "Critical gap"

    assignment = models.ForeignKey(CaseAssignment, on_delete=models.PROTECT, related_name="findings")
    element = models.CharField(max_length=4, help_text="Code in the case's version of the rubric.")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    text = models.TextField(max_length=5_000)
    evidence = models.TextField(blank=True, max_length=1_000, help_text="Documents, records, interviews.")
    form = models.UUIDField(default=uuid.uuid4, help_text="Of the form it was sent by: sent twice, it is one finding.")
    version = models.PositiveIntegerField(default=1)
    removed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ScopedManager.from_queryset(BlindQuerySet)()

    class Meta:
        ordering: ClassVar = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["assignment", "form"], name="finding_once"),
            models.CheckConstraint(
                name="finding_kind_known", condition=Q(kind__in=["strength", "opportunity", "critical_gap"])
            ),
        ]

    def __str__(self) -> str:
        return f"Finding {self.pk} on {self.element}"

    @staticmethod
    def own_rows(membership: Membership) -> Q:
        """Of the establishment's owner, once the assessment is final: those that count."""
        final = Q(assignment__case__in=own_cases(membership), assignment__case__assessment__isnull=False)
        return final & counting("assignment")

    @staticmethod
    def assigned_rows(membership: Membership) -> Q:
        return own_or_revealed(membership)


class FindingFile(EvidenceFile):
    """A file that supports a finding; append-only."""

    BLIND_PATH = "finding__assignment"

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="files")

    objects = ScopedManager.from_queryset(BlindQuerySet)()

    class Meta:
        verbose_name = "file of a finding"
        verbose_name_plural = "files of findings"
        ordering: ClassVar = ["given_at", "id"]

    @staticmethod
    def assigned_rows(membership: Membership) -> Q:
        return own_or_revealed(membership, "finding__assignment")


class EarlierQuerySet(ScopedQuerySet):
    def for_user(self, user: Reader, action: str) -> Self:
        """Who may see what stands there now may see what stood there before; nobody else, whatever the role."""
        scores = ElementScore.objects.for_user(user, action).values("pk")
        findings = Finding.objects.for_user(user, action).values("pk")
        return self.filter(Q(score__in=scores) | Q(finding__in=findings))


class EarlierEntry(models.Model):
    """What stood in a score or a finding before a change took something of it away; written by the database, so that
    no writer can forget it. A text that was only written on is kept in what follows it."""

    score = models.ForeignKey(
        ElementScore, null=True, blank=True, on_delete=models.PROTECT, related_name="earlier", db_index=True
    )
    finding = models.ForeignKey(Finding, null=True, blank=True, on_delete=models.PROTECT, related_name="earlier")
    version = models.PositiveIntegerField()
    entry = models.JSONField(help_text="level, notes; or kind, text, evidence, removed.")
    kept_at = models.DateTimeField()

    objects = ScopedManager.from_queryset(EarlierQuerySet)()

    class Meta:
        verbose_name_plural = "earlier entries"
        ordering: ClassVar = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="earlier_of_one",
                condition=Q(score__isnull=False, finding__isnull=True) | Q(score__isnull=True, finding__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"Version {self.version}"
