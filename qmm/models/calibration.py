"""Calibration cases: invented sites that every assessor scores alone, beside the levels of a reference panel."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from dscr.access.models import Membership
from dscr.access.scoping import ScopedManager
from qmm.models.rubric import Rubric
from qmm.models.scores import LEVELS


class CalibrationCase(models.Model):
    """One written case. Once published it is never changed, or assessors would have scored different cases."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        RETIRED = "retired", "Retired"

    title = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    rubric = models.ForeignKey(Rubric, on_delete=models.PROTECT, related_name="calibration_cases")
    setting = models.TextField(max_length=4_000, blank=True, help_text="The site: what it makes, its people, its past.")
    panel = models.TextField(max_length=1_000, blank=True, help_text="Who gave the reference levels, and how.")
    shipped_as = models.SlugField(max_length=60, null=True, blank=True, unique=True, help_text="Came with the program.")
    revision = models.PositiveIntegerField(default=1, help_text="Grows with every change of a draft.")
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedManager()

    class Meta:
        ordering: ClassVar = ["id"]
        constraints = [
            models.CheckConstraint(
                name="calibration_published_has_time",
                condition=Q(state="draft", published_at=None) | ~Q(state="draft") & Q(published_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.title

    @staticmethod
    def assigned_rows(membership: Membership) -> Q:
        """Published ones, and retired ones that the assessor submitted."""
        mine = CalibrationSheet.objects.filter(assessor=membership.user_id, submitted_at__isnull=False)
        return Q(state="published") | Q(state="retired", pk__in=mine.values("case"))


class CalibrationItem(models.Model):
    """What was seen of one element, and the level that the reference panel gives it, with its reason."""

    case = models.ForeignKey(CalibrationCase, on_delete=models.CASCADE, related_name="items")
    element = models.CharField(max_length=4, help_text="Code in the case's version of the rubric.")
    evidence = models.TextField(max_length=4_000, blank=True)
    reference = models.PositiveSmallIntegerField(null=True, blank=True, validators=LEVELS)
    reason = models.TextField(max_length=2_000, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "element"], name="calibration_element_once"),
            models.CheckConstraint(
                name="calibration_reference", condition=Q(reference=None) | Q(reference__range=(1, 5))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.element} of {self.case_id}"


class CalibrationSheet(models.Model):
    """One assessor's levels for one case: open until submitted, then for ever."""

    case = models.ForeignKey(CalibrationCase, on_delete=models.PROTECT, related_name="sheets")
    assessor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="calibration_sheets")
    started_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    submitted_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "assessor"], name="calibration_sheet_once")]

    def __str__(self) -> str:
        return f"Sheet of {self.assessor_id} for case {self.case_id}"

    @property
    def version(self) -> int:
        """Grows with every change, as a browser's numbers hold it: microseconds."""
        return int(self.updated_at.timestamp() * 1_000_000)

    @staticmethod
    def assigned_rows(membership: Membership) -> Q:
        return Q(assessor=membership.user_id)


class CalibrationLevel(models.Model):
    sheet = models.ForeignKey(CalibrationSheet, on_delete=models.CASCADE, related_name="levels")
    element = models.CharField(max_length=4)
    level = models.PositiveSmallIntegerField(null=True, blank=True, validators=LEVELS)
    note = models.TextField(max_length=2_000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sheet", "element"], name="calibration_level_once"),
            models.CheckConstraint(name="calibration_level", condition=Q(level=None) | Q(level__range=(1, 5))),
        ]

    def __str__(self) -> str:
        return f"{self.element} of sheet {self.sheet_id}"


class CalibrationNotice(models.Model):
    """One assessor is to be told of one published case by mail; written with it, sent by a worker."""

    case = models.ForeignKey(CalibrationCase, on_delete=models.PROTECT, related_name="notices")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="calibration_notice_once")]
        indexes = [
            models.Index(fields=["made_at"], name="calibration_notice_waiting", condition=Q(sent_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.case}"
