"""Lists that others keep: shortages (FDA) and lists of essential drugs."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Substr

from dscr.access.scoping import ScopedManager
from qmm.models import dates_within_reason


class Shortage(models.Model):
    """One package in one entry of the FDA drug shortages list, as published.

    A product is in shortage while the latest change of one of its packages says "Current".
    """

    class Status(models.TextChoices):
        CURRENT = "current", "Current"
        TO_BE_DISCONTINUED = "to_be_discontinued", "To be discontinued"
        RESOLVED = "resolved", "Resolved"

    package_ndc = models.CharField(max_length=14, help_text="Canonical 6-4-2 key.")
    product_ndc = models.GeneratedField(
        expression=Substr("package_ndc", 1, 11), output_field=models.CharField(max_length=11), db_persist=True
    )
    status = models.CharField(max_length=20, choices=Status.choices)
    changed_on = models.DateField(help_text="Date of the change or update; of several entries the latest decides.")
    generic_name = models.TextField(blank=True)
    company_name = models.TextField(blank=True)
    presentation = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    availability = models.TextField(blank=True)
    therapeutic_category = models.TextField(blank=True)
    posted_on = models.DateField(null=True, blank=True)
    discontinued_on = models.DateField(null=True, blank=True)
    entry_key = models.CharField(max_length=64, help_text="Digest of what identifies the entry in its file.")
    last_seen_on = models.DateField(null=True, blank=True)
    is_synthetic = models.BooleanField(default=False)

    objects = ScopedManager()

    class Meta:
        constraints = [
            dates_within_reason("shortage", "changed_on"),
            models.UniqueConstraint(fields=["entry_key", "package_ndc"], name="shortage_entry_unique"),
            models.CheckConstraint(
                name="shortage_ndc_canonical", condition=Q(package_ndc__regex=r"^\d{6}-\d{4}-\d{2}$")
            ),
            models.CheckConstraint(
                name="shortage_status_known",
                condition=Q(status__in=["current", "to_be_discontinued", "resolved"]),
            ),
        ]
        indexes = [models.Index(fields=["product_ndc"], name="shortage_product_ndc")]

    def __str__(self) -> str:
        return f"{self.generic_name} {self.package_ndc}: {self.get_status_display()}"


class DrugList(models.Model):
    """A list of drugs that matter, such as acute care essentials; adjustable by the operator."""

    name = models.CharField(max_length=200, unique=True)
    description = models.TextField(blank=True)
    is_synthetic = models.BooleanField(default=False)

    objects = ScopedManager()

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class DrugListEntry(models.Model):
    """A molecule on a list, perhaps only by one route."""

    drug_list = models.ForeignKey(DrugList, on_delete=models.CASCADE, related_name="entries")
    molecule = models.TextField(help_text="As on the products: active ingredients in alphabetical order.")
    route = models.CharField(max_length=300, blank=True, help_text="Blank for every route.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["drug_list", "molecule", "route"], name="drug_list_entry_unique")
        ]

    def __str__(self) -> str:
        return f"{self.molecule} on {self.drug_list}"
