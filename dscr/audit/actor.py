"""Who acts on this connection, told to the database so that its triggers can write it down.

The setting `dscr.actor` outlives a request on a kept connection, so whoever sets it takes it back, also after an error.
"""

import contextlib
import json
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

import structlog
from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.transaction import TransactionManagementError
from django.http import HttpRequest

Actor = dict[str, Any]
_acting: ContextVar[Actor | None] = ContextVar("dscr_actor", default=None)
_process: Actor = {}
OF_THE_REQUEST = {"request_id": "request_id", "address": "ip"}


def process_is(via: str) -> None:
    """What this process does by itself, such as `command import_ndc`: holds wherever nobody acts."""
    _process.clear()
    _process["via"] = via


def current() -> Actor:
    return _acting.get() or _process


def described(user: Any, via: str) -> Actor:
    """The user, their active membership and this request, as they are now."""
    actor: Actor = {"via": via} if via else {}
    known = structlog.contextvars.get_contextvars()  # by django-structlog's middleware
    actor |= {key: str(known[name]) for key, name in OF_THE_REQUEST.items() if known.get(name)}
    if user is None or not user.is_authenticated:
        return actor
    actor |= {"user_id": user.pk, "user_name": user.full_name, "user_email": user.email}
    if membership := _membership_of(user):
        actor |= {
            "membership_id": membership.pk,
            "role": membership.get_role_display(),
            "organisation": membership.organisation.name,
        }
    return actor


def _membership_of(user: Any) -> Any:
    """The active membership. What was not remembered before is not remembered after: the request may be the one that
    gives or takes it."""
    while hasattr(user, "_wrapped"):
        user = user._wrapped
    remembered = set(vars(user))
    membership = user.membership
    for name in {"membership", "memberships_today"} - remembered:
        vars(user).pop(name, None)
    return membership


def via_of(request: HttpRequest) -> str:
    if request.path.startswith("/admin/"):
        return "admin"
    return "API" if request.path.startswith("/api/") else "page"


@contextlib.contextmanager
def acting_as(user: Any, via: str) -> Iterator[None]:
    """All that is written inside is recorded as done by the user, or by nobody but `via` where user is None."""
    outside = _acting.get()
    _acting.set(described(user, via))
    try:
        _tell()
        yield
    finally:
        _acting.set(outside)
        _take_back()


def actor_is(user: Any) -> None:
    """Within a request that writes: who it turned out to be, once a token or a password has been read."""
    if acting := _acting.get():
        _acting.set(described(user, acting.get("via", "")))
        _tell()


def tell_new_connection(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """A connection that was lost in the middle, or the first of a command."""
    if connection.alias == "default" and connection.vendor == "postgresql" and current():
        with connection.cursor() as cursor:
            cursor.execute(SET, [json.dumps(current())])


SET = "SELECT set_config('dscr.actor', %s, false)"


def _tell() -> None:
    # A connection that is not open yet is told when it opens.
    if connection.connection is None:
        connection.ensure_connection()
        return
    with connection.cursor() as cursor:
        cursor.execute(SET, [json.dumps(current()) if current() else ""])


def _take_back() -> None:
    if connection.connection is None:
        return
    try:
        _tell()
    except (DatabaseError, TransactionManagementError):
        # In a failed transaction its rollback takes the setting back; outside of one, the connection goes.
        if not connection.in_atomic_block:
            connection.close()
