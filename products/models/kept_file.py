"""Files that people sent and that are kept for a time only, unlike what came of them."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class KeptFile(models.Model):
    """Who removed the file, and when; nobody where its time had come (services/raw_files.py)."""

    file_removed_at = models.DateTimeField(null=True, blank=True)
    file_removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        abstract = True

    @staticmethod
    def removal_has_time(name: str) -> models.CheckConstraint:
        return models.CheckConstraint(
            name=name, condition=Q(file_removed_by__isnull=True) | Q(file_removed_at__isnull=False)
        )
