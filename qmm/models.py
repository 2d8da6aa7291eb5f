"""Establishments and what is known of their quality management maturity (QMM)."""

from datetime import date
from decimal import Decimal
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from dscr.access.models import Organisation


def not_in_the_future(day: date) -> None:
    """For what has happened: a slip of the year would quietly take it out of every rating until then."""
    if day > timezone.localdate():
        raise ValidationError("This date lies in the future; give the day on which it happened.")


def dates_within_reason(name: str, *fields: str) -> models.CheckConstraint:
    """A slip of the century, or infinity in psql, is refused by the database: no calendar could work with it."""
    reasonable = Q()
    for field in fields:
        reasonable &= Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__range": (date(1900, 1, 1), date(2200, 12, 31))})
    return models.CheckConstraint(
        name=f"{name}_dates_within_reason",
        condition=reasonable,
        violation_error_message="Dates lie between the years 1900 and 2200.",
    )


AREAS = (
    "management_commitment",
    "business_continuity",
    "advanced_pqs",
    "technical_excellence",
    "employee_engagement",
)


class Establishment(models.Model):
    """A site that makes, packs or tests. Its own key: FEI and DUNS numbers come late, repeat and change."""

    name = models.CharField(max_length=300)
    address = models.TextField(blank=True)
    country = models.CharField(
        max_length=3,
        blank=True,
        validators=[RegexValidator(r"^[A-Z]{3}$", "Give the country as three capital letters, such as USA or IND.")],
        help_text="ISO 3166 alpha-3; blank where unknown.",
    )
    owner = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="establishments"
    )
    operations = models.TextField(blank=True, help_text="As registered, such as API MANUFACTURE; ANALYSIS.")
    registration_expires_on = models.DateField(null=True, blank=True)
    last_seen_on = models.DateField(null=True, blank=True, help_text="Latest registration file that named it.")
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints = [
            models.CheckConstraint(
                name="establishment_country_alpha3", condition=Q(country="") | Q(country__regex=r"^[A-Z]{3}$")
            )
        ]

    def __str__(self) -> str:
        return self.name


class EstablishmentIdentifier(models.Model):
    """A number that a register gave the site. At most one FEI; any number of DUNS."""

    class Scheme(models.TextChoices):
        FEI = "fei", "FEI"
        DUNS = "duns", "DUNS"

    establishment = models.ForeignKey(Establishment, on_delete=models.CASCADE, related_name="identifiers")
    scheme = models.CharField(max_length=4, choices=Scheme.choices)
    value = models.CharField(max_length=10)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scheme", "value"], name="identifier_unique"),
            models.UniqueConstraint(
                fields=["establishment"], condition=Q(scheme="fei"), name="identifier_one_fei_per_establishment"
            ),
            models.CheckConstraint(
                name="identifier_well_formed",
                condition=Q(scheme="fei", value__regex=r"^(\d{7}|\d{10})$") | Q(scheme="duns", value__regex=r"^\d{9}$"),
                violation_error_message="A FEI has 7 or 10 digits, a DUNS number 9.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_scheme_display()} {self.value}"


def level_field(label: str) -> models.DecimalField:
    return models.DecimalField(
        label,
        max_digits=4,
        decimal_places=3,
        validators=[MinValueValidator(Decimal(1)), MaxValueValidator(Decimal(5))],
        help_text="1 (reactive) to 5 (optimizing): the mean of its elements' consensus levels.",
    )


class Voidable(models.Model):
    """Inputs are voided with a reason, not deleted: what was once counted stays readable."""

    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_void_has_reason",
                condition=Q(voided_at__isnull=True) | ~Q(void_reason=""),
                violation_error_message="Say why it is voided.",
            )
        ]


class Assessment(Voidable):
    """A completed QMM assessment: the five practice areas' levels, final."""

    establishment = models.ForeignKey(Establishment, on_delete=models.PROTECT, related_name="assessments")
    completed_on = models.DateField(validators=[not_in_the_future])
    management_commitment = level_field("management commitment to quality")
    business_continuity = level_field("business continuity")
    advanced_pqs = level_field("advanced pharmaceutical quality system")
    technical_excellence = level_field("technical excellence")
    employee_engagement = level_field("employee engagement")
    created_at = models.DateTimeField(auto_now_add=True)

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
