"""Inputs that are voided instead of deleted."""

from django.db import models
from django.db.models import Q


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
