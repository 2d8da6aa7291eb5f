"""What reports tell of other organizations' levels, as it was told last (qmm/queries/peers.py)."""

from django.db import models


class PeerTelling(models.Model):
    """Of one practice area or element. `means`: id of an organization -> [mean level of its sites, ids of the
    assessments that it is the mean of]."""

    code = models.CharField(max_length=30, unique=True)
    as_of = models.DateField()
    means = models.JSONField(default=dict)

    class Meta:
        verbose_name = "telling of peers"
        verbose_name_plural = "tellings of peers"

    def __str__(self) -> str:
        return f"{self.code} as of {self.as_of}"
