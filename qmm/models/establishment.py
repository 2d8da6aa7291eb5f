"""Establishments and the numbers that registers gave them."""

from typing import ClassVar, Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from dscr.access.models import Membership, Organisation
from dscr.access.scoping import ScopedManager, ScopedQuerySet


class EstablishmentQuerySet(ScopedQuerySet):
    def standing(self) -> Self:
        """Without those that were merged into another: they are kept, and lead to it."""
        return self.filter(merged_into=None)


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
    reported_by = models.ForeignKey(
        Organisation,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The firm that gave it in confidence, where no register names it.",
    )
    operations = models.TextField(blank=True, help_text="As registered, such as API MANUFACTURE; ANALYSIS.")
    registration_expires_on = models.DateField(null=True, blank=True)
    last_seen_on = models.DateField(null=True, blank=True, help_text="Latest registration file that named it.")
    is_synthetic = models.BooleanField(default=False)
    merged_into = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="former",
        help_text="The record that stands for this one since both were found to be one site.",
    )

    objects = ScopedManager.from_queryset(EstablishmentQuerySet)()

    class Meta:
        ordering: ClassVar = ["name"]
        constraints = [
            models.CheckConstraint(
                name="establishment_not_merged_into_itself",
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=models.F("id")),
            ),
            models.CheckConstraint(
                name="establishment_country_alpha3", condition=Q(country="") | Q(country__regex=r"^[A-Z]{3}$")
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def own_rows(membership: Membership) -> Q:
        return Q(owner=membership.organisation_id)

    @staticmethod
    def assigned_rows(membership: Membership) -> Q:
        """Those of the open cases that an assessor took, declaring no conflict of interest, unless they belong to a
        firm that one must not assess: a merge or a sale may bring a site to such a firm long after that. What becomes
        of a site after its case is none of a former assessor's business."""
        from qmm.models.conflicts import firms_in_conflict  # refers to the models of cases, and these to this one

        at_work = {
            "cases__closed_on": None,
            "cases__assignments__membership": membership,
            "cases__assignments__ended_on": None,
            "cases__assignments__accepted_at__isnull": False,
        }
        sites = Establishment.objects.filter(**at_work).exclude(owner__in=firms_in_conflict(membership.user_id))
        return Q(pk__in=sites.values("pk"))


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
