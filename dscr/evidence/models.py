"""What is kept of every file of evidence; a room above adds what the file belongs to, and who may read it."""

from django.conf import settings
from django.db import models

from dscr.evidence.kinds import KINDS


class EvidenceFile(models.Model):
    """The file itself lies in the private folder under `stored_name`, which holds nothing that a person typed."""

    name = models.CharField(max_length=150, help_text="As it was given, made harmless.")
    kind = models.CharField(max_length=5, choices=[(kind.code, kind.word) for kind in KINDS.values()])
    stored_name = models.CharField(max_length=100, unique=True, help_text="Within the private folder.")
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name
