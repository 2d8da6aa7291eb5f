"""Making, finding and revoking tokens."""

import hashlib
import secrets
from datetime import timedelta
from functools import cache

from django.utils import timezone

from dscr.access.joined import Joined, sql_of
from dscr.access.models import Membership, Organisation, User
from dscr.api.models import ApiToken
from dscr.api.prepared import Prepared

PREFIX = "dscr_"  # so that scanners for leaked secrets can know it
DEFAULT_DAYS, MOST_DAYS = 90, 365
SEEN_EVERY = timedelta(hours=1)


def token_create(membership: Membership, *, name: str = "", days: int = DEFAULT_DAYS) -> tuple[ApiToken, str]:
    """The stored token and its secret, which is told once and kept nowhere."""
    secret = PREFIX + secrets.token_urlsafe(32)
    now = timezone.now()
    token = ApiToken.objects.create(
        digest=digest_of(secret),
        hint=secret[:9],
        name=name.strip() or f"Token of {timezone.localdate():%B %-d, %Y}",
        membership=membership,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    return token, secret


def token_revoke(token: ApiToken) -> None:
    ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=timezone.now())


def token_of(secret: str) -> ApiToken | None:
    """The token with its membership, user and organisation in one query, whether it is still good or not.

    By a statement compiled once: this runs with every request.
    """
    digest = digest_of(secret)
    rows = _by_digest().run([digest])
    if not rows:
        return None
    token, membership, user, organisation = WITH_ITS_HOLDER.parts(rows[0])
    membership.user, membership.organisation = user, organisation
    token.membership = membership
    return token


WITH_ITS_HOLDER = Joined(
    {
        ApiToken: "",
        Membership: "membership__",
        User: "membership__user__",
        Organisation: "membership__organisation__",
    },
    unread={"digest", "password", "last_login"},  # never needed by a request
)


@cache
def _by_digest() -> Prepared:
    return Prepared(sql_of(ApiToken.objects.filter(digest=b"").values_list(*WITH_ITS_HOLDER.columns)))


def token_seen(token: ApiToken) -> None:
    """Remembers the use, with a write an hour at most."""
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - SEEN_EVERY:
        ApiToken.objects.filter(pk=token.pk, last_used_at=token.last_used_at).update(last_used_at=now)


def user_of(token: ApiToken) -> User:
    """The user, who sees the world of the token's membership and no other."""
    user = token.user
    user.chosen_membership_id = token.membership_id
    # What was read with the token: asking for the membership costs no further query.
    user.__dict__["memberships_today"] = [token.membership] if token.membership_holds else []
    return user


def digest_of(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()
