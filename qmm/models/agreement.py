"""Figures of agreement as the last recompute left them (qmm/services/agreement.py): nothing is computed on view."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from dscr.access.models import Membership
from dscr.access.scoping import ScopedManager, ScopedQuerySet
from qmm.agreement.drift import FEWEST

FEWEST_ASSESSORS = 3  # of fewer, a public figure would tell of two people


class AgreementFigureQuerySet(ScopedQuerySet):
    def told_to_everybody(self) -> Self:
        """Without names, and only where enough assessments by enough assessors contribute, in whole fives
        (qmm/services/agreement.py)."""
        return self.filter(
            kind__in=AgreementFigure.PUBLIC, assessments__gte=FEWEST, assessors__gte=FEWEST_ASSESSORS
        ).order_by("id")


class AgreementFigure(models.Model):
    """Coefficients of one group of levels. None has no meaning there, or no interval from so few assessments."""

    class Kind(models.TextChoices):
        OVERALL = "overall", "All elements"
        AREA = "area", "Practice area"
        ELEMENT = "element", "Element"
        PAIR = "pair", "Pair of assessors"
        CALIBRATION = "calibration", "Calibration case"

    PUBLIC = (Kind.OVERALL, Kind.AREA, Kind.ELEMENT)

    cycle = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Calendar year in which the second of the two finished; none is all years."
    )
    kind = models.CharField(max_length=12, choices=Kind.choices)
    code = models.CharField(max_length=30, blank=True, help_text="Of the practice area or element.")
    first = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    calibration = models.ForeignKey("qmm.CalibrationCase", null=True, on_delete=models.CASCADE, related_name="figures")
    assessments = models.PositiveIntegerField(help_text="Of a calibration case: sheets submitted.")
    assessors = models.PositiveIntegerField()
    items = models.PositiveIntegerField(help_text="Elements that two or more gave a level, over all assessments.")
    alpha = models.FloatField(null=True, help_text="Krippendorff's, for ordinal levels.")
    alpha_low = models.FloatField(null=True)
    alpha_high = models.FloatField(null=True)
    kappa = models.FloatField(null=True, help_text="Cohen's, with quadratic weights.")
    kappa_low = models.FloatField(null=True)
    kappa_high = models.FloatField(null=True)
    icc = models.FloatField(null=True, help_text="ICC(2,1) of a pair, ICC(1,1) of groups of many pairs.")
    icc_low = models.FloatField(null=True)
    icc_high = models.FloatField(null=True)

    objects = ScopedManager.from_queryset(AgreementFigureQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cycle", "kind", "code", "first", "second", "calibration"],
                name="agreement_figure_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"Agreement, {self.kind} {self.code} {self.cycle or 'all years'}"


class ToldAssessment(models.Model):
    """An assessment as public figures count it for ever: its block of five, its pair and their levels when it was first
    told (qmm/services/agreement_told.py)."""

    case = models.OneToOneField("qmm.AssessmentCase", on_delete=models.PROTECT, related_name="+")
    block = models.PositiveIntegerField(help_text="Five that were told at once, numbered over all years.")
    cycle = models.PositiveSmallIntegerField()
    first = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    levels = models.JSONField(help_text="Code of an element -> both levels, the lead's first.")

    class Meta:
        verbose_name = "assessment in public agreement"
        verbose_name_plural = "assessments in public agreement"

    def __str__(self) -> str:
        return f"Case {self.case_id} in five {self.block}"


class AssessorDrift(models.Model):
    """How much more than others, or than the reference panel, one assessor gives, in levels."""

    class Source(models.TextChoices):
        ASSESSMENTS = "assessments", "Assessments"
        CALIBRATION = "calibration", "Calibration cases"

    assessor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drifts")
    source = models.CharField(max_length=12, choices=Source.choices)
    cycle = models.PositiveSmallIntegerField(null=True, blank=True, help_text="None is all years.")
    assessments = models.PositiveIntegerField(help_text="Or calibration cases.")
    partners = models.PositiveIntegerField(help_text="Other assessors; of calibration cases 0.")
    items = models.PositiveIntegerField()
    drift = models.FloatField()
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assessor", "source", "cycle"], name="assessor_drift_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"Drift of {self.assessor_id}, {self.source} {self.cycle or 'all years'}"

    @staticmethod
    def assigned_rows(membership: Membership) -> Q:
        """One's own, in whatever role it came about."""
        return Q(assessor=membership.user_id)


class AgreementRun(models.Model):
    """The last recompute: one row."""

    computed_at = models.DateTimeField()
    fingerprint = models.CharField(max_length=200, help_text="Of what it was computed from.")
    finished = models.JSONField(
        default=dict, help_text="Assessments that two assessors have finished, or that were told, by year and all."
    )
    levels = models.PositiveIntegerField()
    seconds = models.FloatField()

    def __str__(self) -> str:
        return f"Agreement as of {self.computed_at}"
