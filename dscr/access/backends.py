"""Who is signed in, read by one query with what they may work as: every request asks for both."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from dscr.access.models import Membership, User, holding_today


class ReaderBackend(AuthenticationBackend):
    def get_user(self, user_id: Any) -> User | None:
        ever = Membership.objects.filter(user_id=user_id).order_by("starts_on", "id")
        held = list(ever.select_related("user", "organisation"))
        user = held[0].user if held else super().get_user(user_id)
        if user is None or not self.user_can_authenticate(user):
            return None
        user.memberships_today = holding_today(held)
        return user
