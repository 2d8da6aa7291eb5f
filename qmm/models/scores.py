"""Levels that assessors gave: each their own first, unseen by the other, then what both agreed on. None is lost."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from dscr.access.models import Membership
from dscr.access.scoping import ScopedManager
from qmm.models.case import AssessmentCase, CaseAssignment

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

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assignment", "element"], name="score_once_per_assessor_and_element"),
            models.CheckConstraint(name="score_level", condition=Q(level=None) | Q(level__range=(1, 5))),
        ]

    def __str__(self) -> str:
        return f"{self.element} of assignment {self.assignment_id}"

    @staticmethod
    def assigned_rows(membership: Membership) -> Q:
        """An assessor's own; the other's once both have finished."""
        mine = CaseAssignment.objects.filter(membership=membership, ended_on=None)
        open_still = CaseAssignment.objects.filter(ended_on=None, finished_at=None).values("case")
        both = mine.exclude(case__in=open_still).values("case")
        return Q(assignment__in=mine) | Q(assignment__case__in=both)


class ConsensusScore(models.Model):
    """The level that both agreed on; a gap of two or more between theirs needs a reason. The originals stay."""

    case = models.ForeignKey(AssessmentCase, on_delete=models.PROTECT, related_name="consensus")
    element = models.CharField(max_length=4)
    level = models.PositiveSmallIntegerField(validators=LEVELS)
    reason = models.TextField(blank=True, max_length=5_000)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(auto_now=True)

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "element"], name="consensus_once_per_element"),
            models.CheckConstraint(name="consensus_level", condition=Q(level__range=(1, 5))),
        ]

    def __str__(self) -> str:
        return f"{self.element} of case {self.case_id}"

    @staticmethod
    def assigned_rows(membership: Membership) -> Q:
        mine = CaseAssignment.objects.filter(membership=membership, ended_on=None)
        return Q(case__in=mine.values("case"))
