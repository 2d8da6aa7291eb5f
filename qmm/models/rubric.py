"""Versions of the rubric by which assessors give levels: published ones for ever, and at most one draft."""

from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from dscr.access.scoping import ScopedManager, ScopedQuerySet


class RubricQuerySet(ScopedQuerySet):
    def published(self) -> Self:
        """Those that assessments may have used, the newest first."""
        return self.filter(state__in=Rubric.PUBLISHED_STATES).order_by("-published_at", "-id")

    def in_force(self) -> Self:
        return self.filter(state=Rubric.State.PUBLISHED)

    def draft(self) -> Self:
        return self.filter(state=Rubric.State.DRAFT)


class Rubric(models.Model):
    """One version. The database refuses any change of what was published but its retirement, when a newer one follows.

    Assessments refer to the version they were made with, and to elements by code; codes are never given again.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "In force"
        RETIRED = "retired", "Retired"
        DISCARDED = "discarded", "Discarded"

    PUBLISHED_STATES = (State.PUBLISHED, State.RETIRED)

    version = models.CharField(
        max_length=10, null=True, blank=True, unique=True, help_text="Year and number; given by publication."
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    texts = models.JSONField(default=dict, help_text="Element code -> field -> text (qmm/rubric/fields.py).")
    removed = ArrayField(
        models.CharField(max_length=4),
        default=list,
        blank=True,
        help_text="Codes of elements that publication leaves out; their texts stay in the draft.",
    )
    edits = models.JSONField(default=dict, help_text="Key of a text -> {by, name, at} of its last change.")
    revision = models.PositiveIntegerField(default=1, help_text="Grows with every change of a draft.")
    based_on = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="followers")
    note = models.TextField(blank=True, max_length=2_000, help_text="What changed, and why.")
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedManager.from_queryset(RubricQuerySet)()

    class Meta:
        ordering: ClassVar = ["-published_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=Q(state="draft"), name="rubric_one_draft"),
            models.UniqueConstraint(fields=["state"], condition=Q(state="published"), name="rubric_one_in_force"),
            models.CheckConstraint(
                name="rubric_published_has_version",
                condition=Q(state__in=["published", "retired"], version__isnull=False, published_at__isnull=False)
                | Q(state__in=["draft", "discarded"], version__isnull=True, published_at__isnull=True),
            ),
            models.CheckConstraint(
                name="rubric_retired_has_time",
                condition=Q(state="retired", retired_at__isnull=False)
                | ~Q(state="retired") & Q(retired_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"Rubric {self.version}" if self.version else "Draft of the rubric"

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT

    @property
    def kept_texts(self) -> dict[str, dict[str, str]]:
        """Without the elements that the draft removes."""
        return {code: fields for code, fields in self.texts.items() if code not in self.removed}
