"""The settings of the program as a record of changes: what holds is the newest of each name (ratings/program.py)."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from dscr.access.scoping import ScopedManager


class SettingChange(models.Model):
    """Never changed, never deleted. `version` counts the changes of one setting from 1, so that of two people who
    change it at once the second is told."""

    name = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    value = models.IntegerField()
    value_before = models.IntegerField()
    reason = models.CharField(max_length=500)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedManager()

    class Meta:
        ordering: ClassVar = ["-changed_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="setting_change_in_order")]

    def __str__(self) -> str:
        return f"{self.name} from {self.value_before} to {self.value}"
