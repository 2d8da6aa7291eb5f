"""A new password ends every token: whoever changes a stolen one must not leave the thief inside."""

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from django.dispatch import receiver
from django.utils import timezone

from dscr.access.models import User
from dscr.api.models import ApiToken


@receiver([password_changed, password_reset, password_set], dispatch_uid="revoke_tokens")
def revoke_tokens(user: User, **kwargs: Any) -> None:
    live = ApiToken.objects.filter(membership__user=user, revoked_at__isnull=True)
    live.update(revoked_at=timezone.now())
