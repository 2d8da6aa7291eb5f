"""Who is signed in, read by one query with what they may work as: every request asks for both."""

from functools import cache
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from dscr.access.joined import Joined, rows_of, sql_of
from dscr.access.models import Membership, Organisation, User, holding_today

HELD = Joined({Membership: "", User: "user__", Organisation: "organisation__"})


class ReaderBackend(AuthenticationBackend):
    def get_user(self, user_id: Any) -> User | None:
        held = [_membership(row) for row in rows_of(_of_one_user(), user_id)]
        user = held[0].user if held else super().get_user(user_id)
        if user is None or not self.user_can_authenticate(user):
            return None
        user.memberships_today = holding_today(held)
        return user


@cache
def _of_one_user() -> str:
    return sql_of(Membership.objects.filter(user_id=0).order_by("starts_on", "id").values_list(*HELD.columns))


def _membership(row: tuple[Any, ...]) -> Membership:
    membership, membership.user, membership.organisation = HELD.parts(row)
    return membership
