"""The first page of someone to whom no membership opens anything today."""

from typing import Any

from django.utils import timezone

from dscr.access.models import Membership, User


def nobody_context(user: User) -> dict[str, Any]:
    """One query: the memberships that have ended and those that begin later."""
    today = timezone.localdate()
    every = list(Membership.objects.filter(user=user).select_related("organisation").order_by("-starts_on", "-pk"))
    return {
        "holding": user.memberships_today,
        "ended": [row for row in every if row.ends_on and row.ends_on <= today],
        "coming": [row for row in every if row.starts_on > today],
    }
