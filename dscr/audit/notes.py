"""Notes of what leaves no trace in a table: who viewed or exported confidential things, who signed in."""

import time
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Model
from django.http import HttpRequest
from django.utils.text import slugify

from dscr.audit.actor import Actor, current, described, via_of
from dscr.audit.kinds import BY_TABLE

LABEL_LENGTH = 300
COLUMNS = (
    "action",
    "kind",
    "subject_id",
    "label",
    "detail",
    "view_hour",
    "user_id",
    "user_name",
    "user_email",
    "membership_id",
    "role",
    "organisation",
    "via",
    "request_id",
    "address",
)
NUMBERS = ("subject_id", "view_hour", "user_id", "membership_id")
INSERT = f"INSERT INTO audit_entry ({', '.join(COLUMNS)}, database_role) VALUES "  # noqa: S608  the names above
ROW = f"({', '.join(['%s'] * len(COLUMNS))}, session_user)"
ONCE = " ON CONFLICT DO NOTHING"
NOTED = (
    "viewed",
    "exported",
    "downloaded",
    "signed in",
    "signed out",
    "sign-in failed",
    "token made",
    "token revoked",
    "refused",
)
Subject = Model | tuple[str, int | None, str] | str | None


def note(who: Any, action: str, subject: Subject, *, detail: str = "") -> None:
    """Record that `who` (a request, or a user) did `action` with `subject`, by one insert.

    `subject` is a row, or (kind, id, label), or the name of something that is no row, such as a list of products.
    The same view by the same membership is noted once an hour (of a disclosure grant: the same `detail` too); anything
    else always. An error of the database is
    raised: what cannot be recorded is not to be shown.
    """
    note_each(who, action, [subject], detail=detail)


def note_each(who: Any, action: str, subjects: Sequence[Subject], *, detail: str = "") -> None:
    """The same of several subjects, by one insert; none where there are none."""
    if action not in NOTED:
        raise ValueError(f"{action!r} is not noted: choose one of {', '.join(NOTED)}.")
    if not subjects:
        return
    actor = actor_of(who) | {"action": action, "detail": detail}
    if action == "viewed":
        actor["view_hour"] = int(time.time() // 3600)
    values = []
    for subject in subjects:
        kind, subject_id, label = subject_of(subject)
        entry = actor | {"kind": kind, "subject_id": subject_id, "label": label}
        values += [_storable(entry.get(name), name) for name in COLUMNS]
    with connection.cursor() as cursor:
        cursor.execute(INSERT + ", ".join([ROW] * len(subjects)) + ONCE, values)


def subject_of(subject: Subject) -> tuple[str, int | None, str]:
    """(kind, row id, label)."""
    if subject is None:
        return "", None, ""
    if isinstance(subject, str):
        return "", None, subject
    if isinstance(subject, tuple):
        return subject
    known = BY_TABLE.get(subject._meta.db_table)
    if known is None:
        return slugify(subject._meta.verbose_name), subject.pk, str(subject)
    # Where columns are secret the row's own words may tell one of them: it is named when the entry is read.
    return known.slug, subject.pk, "" if known.secret and not known.label else str(subject)


def actor_of(who: Any) -> Actor:
    """`who` is Django's or REST framework's request, or a user."""
    request = getattr(who, "_request", who)
    if isinstance(request, HttpRequest):
        return described(getattr(who, "user", None), via_of(request))
    return described(who, current().get("via", ""))


def _storable(value: Any, name: str) -> Any:
    """PostgreSQL keeps no NUL character, and what a stranger typed may hold one."""
    if name in NUMBERS:
        return value
    return str(value or "").replace("\0", "")[:LABEL_LENGTH]
