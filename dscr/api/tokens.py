"""Making, finding and revoking tokens."""

import hashlib
import secrets
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import Any

from django.db.models import Model
from django.utils import timezone

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
    token, membership, user, organisation = _parts(rows[0])
    membership.user, membership.organisation = user, organisation
    token.membership = membership
    return token


# Never needed by a request, so not read.
UNREAD = {"digest", "password", "last_login"}
READ: dict[type[Model], list[str]] = {
    model: [field.attname for field in model._meta.concrete_fields if field.attname not in UNREAD]
    for model in (ApiToken, Membership, User, Organisation)
}


@cache
def _by_digest() -> Prepared:
    paths = dict(zip(READ, ("", "membership__", "membership__user__", "membership__organisation__"), strict=True))
    columns = [paths[model] + name for model, names in READ.items() for name in names]
    return Prepared(ApiToken.objects.filter(digest=b"").values_list(*columns).query.sql_with_params()[0])


def _parts(row: tuple[Any, ...]) -> Iterator[Any]:
    first = 0
    for model, names in READ.items():
        last = first + len(names)
        yield model.from_db("default", names, row[first:last])
        first = last


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
