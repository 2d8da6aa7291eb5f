"""Tokens: how a machine reads as one membership of one person. And answers that wait for a repeated request."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from dscr.access.models import Membership, User


class ApiToken(models.Model):
    """A secret that stands for one membership until it expires, is revoked or the membership ends.

    Only its digest is kept: 256 random bits need no salt and no slow hash, and a unique index finds them.
    """

    digest = models.BinaryField(max_length=32, unique=True, editable=False, help_text="SHA-256 of the secret.")
    hint = models.CharField(max_length=12, help_text="How the secret begins, to tell tokens apart.")
    name = models.CharField(max_length=100, help_text="What uses it.")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="api_tokens")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="To the hour.")

    class Meta:
        verbose_name = "API token"
        constraints = [
            models.CheckConstraint(name="api_token_dates_in_order", condition=Q(expires_at__gt=F("created_at"))),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}...)"

    @property
    def user(self) -> User:
        return self.membership.user

    @property
    def state(self) -> str:
        """In a word, for people: active, revoked, expired, or that its membership ended."""
        if self.revoked_at:
            return "revoked"
        if self.expires_at <= timezone.now():
            return "expired"
        return "active" if self.membership_holds else "membership ended"

    @property
    def membership_holds(self) -> bool:
        today, membership = timezone.localdate(), self.membership
        return membership.starts_on <= today and (membership.ends_on is None or membership.ends_on > today)


class KeptAnswer(models.Model):
    """What a request with an Idempotency-Key was answered, so that its repeat is answered alike and does nothing.

    It may hold what only its membership may read; it is deleted after a day (dscr/api/idempotency.py).
    """

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    digest = models.BinaryField(max_length=32, editable=False, help_text="SHA-256 of method, address and body.")
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict, help_text="Those that a client needs to go on, such as ETag.")
    body = models.BinaryField(editable=False, help_text="As it was sent.")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["membership", "key"], name="kept_answer_one_per_key")]

    def __str__(self) -> str:
        return f"{self.status} of {self.created_at:%Y-%m-%d %H:%M}"
