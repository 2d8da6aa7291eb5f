"""What is known of an establishment: its assessed maturity and how inspections of it ended."""

from decimal import Decimal
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from dscr.access.models import Membership
from dscr.access.scoping import ScopedManager
from qmm.models.dates import dates_within_reason, not_in_the_future
from qmm.models.establishment import Establishment
from qmm.models.imported import AssessmentImport
from qmm.models.voidable import Voidable

AREAS = (
    "management_commitment",
    "business_continuity",
    "advanced_pqs",
    "technical_excellence",
    "employee_engagement",
)


def level_field(label: str) -> models.DecimalField:
    return models.DecimalField(
        label,
        max_digits=4,
        decimal_places=3,
        validators=[MinValueValidator(Decimal(1)), MaxValueValidator(Decimal(5))],
        help_text="1 (reactive) to 5 (optimizing): the mean of its elements' consensus levels.",
    )


class Assessment(Voidable):
    """A completed QMM assessment: the five practice areas' levels, final."""

    establishment = models.ForeignKey(Establishment, on_delete=models.PROTECT, related_name="assessments")
    completed_on = models.DateField(validators=[not_in_the_future])
    management_commitment = level_field("management commitment to quality")
    business_continuity = level_field("business continuity")
    advanced_pqs = level_field("advanced pharmaceutical quality system")
    technical_excellence = level_field("technical excellence")
    employee_engagement = level_field("employee engagement")
    assessed_by = models.CharField(
        max_length=200, blank=True, default="", db_default="", help_text="The assessor firm, of one made elsewhere."
    )
    element_levels = models.JSONField(
        null=True, blank=True, editable=False, help_text="Code of an element -> level, as they were imported."
    )
    imported = models.ForeignKey(
        AssessmentImport,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="assessments",
        help_text="The import that brought it; blank for one made in this program.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedManager()

    class Meta(Voidable.Meta):
        ordering: ClassVar = ["-completed_on", "-id"]
        constraints = [
            *Voidable.Meta.constraints,
            dates_within_reason("assessment", "completed_on"),
            *(
                models.CheckConstraint(
                    name=f"assessment_{area}_1_to_5",
                    condition=Q(**{f"{area}__gte": 1, f"{area}__lte": 5}),
                    violation_error_message="A level lies between 1 and 5.",
                )
                for area in AREAS
            ),
        ]

    def __str__(self) -> str:
        return f"QMM assessment of {self.establishment} completed {self.completed_on}"

    @staticmethod
    def own_rows(membership: Membership) -> Q:
        return Q(establishment__owner=membership.organisation_id)

    @staticmethod
    def assigned_rows(membership: Membership) -> Q:
        return Q(establishment__in=Establishment.objects.filter(Establishment.assigned_rows(membership)))


class Inspection(Voidable):
    """An FDA inspection and how it was classified. An official action (OAI) is open until resolved."""

    class Classification(models.TextChoices):
        NAI = "NAI", "NAI: no action indicated"
        VAI = "VAI", "VAI: voluntary action indicated"
        OAI = "OAI", "OAI: official action indicated"

    establishment = models.ForeignKey(Establishment, on_delete=models.PROTECT, related_name="inspections")
    classification = models.CharField(max_length=3, choices=Classification.choices)
    ended_on = models.DateField(validators=[not_in_the_future])
    resolved_on = models.DateField(null=True, blank=True, validators=[not_in_the_future])

    objects = ScopedManager()

    class Meta(Voidable.Meta):
        ordering: ClassVar = ["-ended_on", "-id"]
        constraints = [
            *Voidable.Meta.constraints,
            dates_within_reason("inspection", "ended_on", "resolved_on"),
            models.CheckConstraint(
                name="inspection_classification_known", condition=Q(classification__in=["NAI", "VAI", "OAI"])
            ),
            models.CheckConstraint(
                name="inspection_dates_in_order",
                condition=Q(resolved_on__isnull=True) | Q(resolved_on__gte=F("ended_on")),
                violation_error_message="It cannot be resolved before the inspection ended.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.classification} inspection of {self.establishment} ended {self.ended_on}"

    @staticmethod
    def own_rows(membership: Membership) -> Q:
        return Q(establishment__owner=membership.organisation_id)

    @staticmethod
    def assigned_rows(membership: Membership) -> Q:
        return Q(establishment__in=Establishment.objects.filter(Establishment.assigned_rows(membership)))
