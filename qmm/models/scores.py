"""Levels that assessors gave: each their own first, unseen by the other, then what both agreed on. None is lost."""

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from dscr.access.models import Membership
from dscr.access.scoping import ScopedManager
from qmm.models.blind import BlindQuerySet, at_work, own_or_revealed, revealed
from qmm.models.case import AssessmentCase, CaseAssignment
from qmm.models.course import own_cases

LEVELS = (MinValueValidator(1), MaxValueValidator(5))


class ElementScore(models.Model):
    """One element of the case's rubric, as one assessor sees it: level 1 to 5 (None while open) and notes.

    `version` grows with every change, so that two windows do not overwrite each other unseen.
    """

    assignment = models.ForeignKey(CaseAssignment, on_delete=models.PROTECT, related_name="scores")
    element = models.CharField(max_length=4, help_text="Code in the case's version of the rubric.")
    level = models.PositiveSmallIntegerField(null=True, blank=True, validators=LEVELS)
    notes = models.TextField(blank=True, max_length=20_000)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ScopedManager.from_queryset(BlindQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assignment", "element"], name="score_once_per_assessor_and_element"),
            models.CheckConstraint(name="score_level", condition=Q(level=None) | Q(level__range=(1, 5))),
        ]

    def __str__(self) -> str:
        return f"{self.element} of assignment {self.assignment_id}"

    @classmethod
    def form_version(cls, assignment: CaseAssignment) -> int:
        """Of all an assessor has given: grows with every change of it; 0 before the first."""
        return cls.objects.filter(assignment=assignment).aggregate(sum=models.Sum("version"))["sum"] or 0

    @staticmethod
    def assigned_rows(membership: Membership) -> Q:
        return own_or_revealed(membership)


class StandingManager(ScopedManager):
    def get_queryset(self) -> Any:
        return super().get_queryset().filter(set_aside_at=None)


class ConsensusScore(models.Model):
    """The level that both agreed on; a gap of two or more between theirs needs a reason. The originals stay.

    What was agreed with somebody who left with a conflict of interest is set aside: kept, and nobody's to read.
    """

    case = models.ForeignKey(AssessmentCase, on_delete=models.PROTECT, related_name="consensus")
    element = models.CharField(max_length=4)
    level = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=LEVELS, help_text="Empty while only the reason is written."
    )
    reason = models.TextField(blank=True, max_length=5_000)
    version = models.PositiveIntegerField(default=0)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(auto_now=True)
    set_aside_at = models.DateTimeField(null=True, blank=True)

    objects = StandingManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "element"], condition=Q(set_aside_at=None), name="consensus_once_per_element"
            ),
            models.CheckConstraint(name="consensus_level", condition=Q(level__range=(1, 5))),
        ]

    def __str__(self) -> str:
        return f"{self.element} of case {self.case_id}"

    @staticmethod
    def own_rows(membership: Membership) -> Q:
        """Of the establishment's owner, once the assessment is final."""
        return Q(case__in=own_cases(membership), case__assessment__isnull=False)

    @staticmethod
    def assigned_rows(membership: Membership) -> Q:
        """Not for who came in for somebody else and has not finished: it would tell the levels of the others."""
        return Q(case__in=at_work(membership).values("case")) & revealed("case")


class ScoreReopening(models.Model):
    """The operator let an assessor go on after finishing, and why. Append-only."""

    assignment = models.ForeignKey(CaseAssignment, on_delete=models.PROTECT, related_name="reopenings")
    finished_at = models.DateTimeField(help_text="When the assessor had finished before.")
    reason = models.TextField(max_length=2_000)
    reopened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reopened_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["assignment", "finished_at"], name="reopening_once")]

    def __str__(self) -> str:
        return f"Reopening of assignment {self.assignment_id}"
