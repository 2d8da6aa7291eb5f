"""The NDC Directory: products, their listings and packages."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from dscr.access.models import Membership
from dscr.access.scoping import ScopedManager


class Product(models.Model):
    """Labeler + product segment of an NDC. Shows the fields of its newest certified listing."""

    ndc = models.CharField("NDC", max_length=11, unique=True, help_text="Canonical 6-4 key, such as 000002-0800.")
    display_ndc = models.CharField("NDC as printed", max_length=11)
    labeler_name = models.CharField(max_length=300, blank=True)
    proprietary_name = models.TextField(blank=True)
    nonproprietary_name = models.TextField(blank=True)
    substances = ArrayField(models.TextField(), default=list, blank=True, help_text="Active ingredients.")
    molecule = models.TextField(
        blank=True, help_text="The active ingredients in alphabetical order: what makes two products comparable."
    )
    dosage_form = models.CharField(max_length=200, blank=True)
    route = models.CharField(max_length=300, blank=True)
    strength = models.TextField(blank=True)
    product_type = models.CharField(max_length=60, blank=True)
    marketing_category = models.CharField(max_length=120, blank=True)
    application_number = models.CharField(max_length=40, blank=True)
    certified_through = models.DateField(null=True, blank=True)
    last_seen_on = models.DateField(null=True, blank=True, help_text="Latest directory file that listed it.")
    is_synthetic = models.BooleanField(default=False)

    objects = ScopedManager()

    class Meta:
        ordering: ClassVar = ["ndc"]
        constraints = [
            models.CheckConstraint(
                name="product_ndc_canonical",
                condition=Q(ndc__regex=r"^\d{6}-\d{4}$"),
                violation_error_message="Give the canonical key: six digits, a dash, four digits.",
            )
        ]
        indexes = [
            models.Index(fields=["molecule"], name="product_molecule"),
            models.Index(fields=["dosage_form"], name="product_dosage_form"),
            models.Index(fields=["route"], name="product_route"),
            # The orders of the list of NDCs, as it asks for them, and products by a name that a search found.
            models.Index(Lower("nonproprietary_name"), "ndc", name="product_by_name"),
            models.Index(Lower("labeler_name"), "ndc", name="product_by_labeler"),
            models.Index(Lower("proprietary_name"), name="product_by_proprietary_name"),
        ]

    def __str__(self) -> str:
        return f"{self.nonproprietary_name or self.proprietary_name} ({self.display_ndc})"

    @staticmethod
    def own_rows(membership: Membership) -> Q:
        """Those that the organisation enrolled last, withdrawn or not."""
        from products.models.enrolment import latest_enrolments

        return Q(pk__in=latest_enrolments().filter(organisation=membership.organisation_id).values("product"))


class Listing(models.Model):
    """One row of the directory's product file, as published. A product may have many."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="listings")
    listing_id = models.CharField("PRODUCTID", max_length=80, unique=True)
    product_type = models.CharField(max_length=60, blank=True)
    proprietary_name = models.TextField(blank=True)
    proprietary_name_suffix = models.TextField(blank=True)
    nonproprietary_name = models.TextField(blank=True)
    dosage_form = models.CharField(max_length=200, blank=True)
    route = models.CharField(max_length=300, blank=True)
    marketing_starts_on = models.DateField(null=True, blank=True)
    marketing_ends_on = models.DateField(null=True, blank=True)
    marketing_category = models.CharField(max_length=120, blank=True)
    application_number = models.CharField(max_length=40, blank=True)
    labeler_name = models.CharField(max_length=300, blank=True)
    substance_names = models.TextField(blank=True)
    strengths = models.TextField(blank=True)
    units = models.TextField(blank=True)
    pharm_classes = models.TextField(blank=True)
    dea_schedule = models.CharField(max_length=10, blank=True)
    is_excluded = models.BooleanField(default=False, help_text="NDC_EXCLUDE_FLAG other than N.")
    certified_through = models.DateField(null=True, blank=True)
    last_seen_on = models.DateField()

    def __str__(self) -> str:
        return self.listing_id


class Package(models.Model):
    """A product in one presentation: the third NDC segment."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="packages")
    ndc = models.CharField("NDC", max_length=14, unique=True, help_text="Canonical 6-4-2 key.")
    display_ndc = models.CharField("NDC as printed", max_length=14)
    description = models.TextField(blank=True)
    marketing_starts_on = models.DateField(null=True, blank=True)
    marketing_ends_on = models.DateField(null=True, blank=True)
    is_excluded = models.BooleanField(default=False)
    is_sample = models.BooleanField(default=False)
    last_seen_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["ndc"]
        constraints = [
            models.CheckConstraint(
                name="package_ndc_canonical",
                condition=Q(ndc__regex=r"^\d{6}-\d{4}-\d{2}$"),
                violation_error_message="Give the canonical key: six digits, four digits, two digits.",
            )
        ]

    def __str__(self) -> str:
        return self.display_ndc
