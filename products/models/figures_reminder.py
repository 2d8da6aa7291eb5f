"""Which reminders were mailed, so that nobody gets one twice."""

from django.conf import settings
from django.db import models

from dscr.access.models import Organisation


class FiguresReminder(models.Model):
    """One person was reminded of one firm's figures of a quarter in one state (due, late or missing)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    quarter_end = models.DateField()
    state = models.CharField(max_length=10)
    sent_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "quarter_end", "state"], name="figures_reminder_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.state} to {self.quarter_end}"
