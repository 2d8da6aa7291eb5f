"""The audit as it is read. Every function returns nothing to who may not read it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from dscr.access.scoping import Reader
from dscr.audit.filters import older_than
from dscr.audit.kinds import KINDS
from dscr.audit.models import Action, AuditEntry
from dscr.audit.names import names_of
from dscr.audit.sentences import Line, lines, who

BATCH = 500
GROUPS = 50


@dataclass(frozen=True, slots=True)
class EntryGroup:
    """What one person (or command) did to one kind of record: Olivia Operator changed 12 KPI submissions."""

    who: str
    organisation: str
    action: str
    kind: str
    words: str  # KPI submissions
    entries: int
    rows: int
    newest_at: datetime


def entry_list(user: Reader) -> QuerySet[AuditEntry]:
    """Newest first."""
    return AuditEntry.objects.for_user(user, "read_audit").order_by("-at", "-pk")


def latest_entries(user: Reader, count: int) -> list[Line]:
    return lines(entry_list(user)[:count])


def entries_since(user: Reader, when: datetime) -> list[EntryGroup]:
    """Grouped by who, action and kind of record, the newest group first; at most 50 groups."""
    by = ("user_id", "user_name", "user_email", "organisation", "via", "database_role", "action", "kind")
    rows = (
        AuditEntry.objects.for_user(user, "read_audit")
        .filter(at__gte=when)
        .values(*by)
        .annotate(entries=Count("pk"), rows=Sum(Coalesce(F("row_count"), 1)), newest_at=Max("at"))
        .order_by("-newest_at")[:GROUPS]
    )
    return [_group(row) for row in rows]


def _group(row: dict[str, Any]) -> EntryGroup:
    actor = AuditEntry(**{name: row[name] for name in ("user_id", "user_name", "user_email", "via", "database_role")})
    kind = KINDS.get(row["kind"])
    words = (kind.word if row["rows"] == 1 else kind.words) if kind else row["kind"].replace("-", " ")
    return EntryGroup(
        who(actor),
        row["organisation"],
        Action(row["action"]).label if row["action"] in Action.values else row["action"],
        row["kind"],
        words,
        row["entries"],
        row["rows"],
        row["newest_at"],
    )


def subject_entries(user: Reader, kind: str, subject_id: int) -> QuerySet[AuditEntry]:
    """One record's history, with the large statements that name it among their ids."""
    of_it = Q(kind=kind, subject_id=subject_id) | Q(kind=kind, subject_id__isnull=True, ids__contains=[subject_id])
    return entry_list(user).filter(of_it)


def subject_name(kind: str, subject_id: int) -> str:
    """Its name today; empty where it is gone."""
    return names_of({(kind, subject_id)}).get((kind, subject_id), "")


def in_batches(entries: QuerySet[AuditEntry]) -> Iterator[Line]:
    """All of them, read by the five hundred, so that an export of any length fits into memory."""
    position = None
    while batch := list(older_than(entries, position)[:BATCH]):
        yield from lines(batch)
        position = (batch[-1].at, batch[-1].pk)
