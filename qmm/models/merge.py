"""Two records of one site: pairs that look like it, and the merges that were made of them."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from dscr.access.scoping import ScopedManager
from qmm.models.establishment import Establishment


class DuplicatePair(models.Model):
    """Two records that may be one site, and why; or that the operator looked at and found to be two."""

    class Signal(models.TextChoices):
        SAME_FEI = "same_fei", "Same FEI, written differently"
        SAME_DUNS = "same_duns", "A register file gives one DUNS number for both"
        SAME_NAME = "same_name", "Same name and place"
        NEAR_NAME = "near_name", "Similar name and place"

    first = models.ForeignKey(Establishment, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Establishment, on_delete=models.CASCADE, related_name="+")
    signals = ArrayField(models.CharField(max_length=10, choices=Signal.choices))
    likeness = models.FloatField(help_text="Of the names, 0 to 1.")
    found_at = models.DateTimeField(auto_now_add=True)
    apart_at = models.DateTimeField(null=True, blank=True)
    apart_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    apart_reason = models.CharField(max_length=300, blank=True, help_text="Why they are two sites.")

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="duplicate_pair_once"),
            models.CheckConstraint(name="duplicate_pair_in_order", condition=Q(first__lt=F("second"))),
            models.CheckConstraint(
                name="duplicate_pair_apart_has_reason", condition=Q(apart_at__isnull=True) | ~Q(apart_reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first} and {self.second}"


class EstablishmentMerge(models.Model):
    """One merge: which record stays, which leads to it since, and everything that moved.

    Never edited: the database refuses any change but its undoing, once. `moved` names rows by their primary keys, kind
    by kind (qmm/services/establishment_merge.py and the rooms above), and holds what was there before.
    """

    stays = models.ForeignKey(Establishment, on_delete=models.PROTECT, related_name="merges")
    goes = models.ForeignKey(Establishment, on_delete=models.PROTECT, related_name="+")
    moved = models.JSONField()
    reason = models.CharField(max_length=1_000)
    merged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    merged_at = models.DateTimeField(auto_now_add=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_reason = models.CharField(max_length=1_000, blank=True)

    objects = ScopedManager()

    class Meta:
        ordering: ClassVar = ["-merged_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["goes"], condition=Q(undone_at=None), name="merge_once_in_force"),
            models.CheckConstraint(name="merge_has_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="merge_undone_has_reason", condition=Q(undone_at__isnull=True) | ~Q(undone_reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.goes} into {self.stays}"
