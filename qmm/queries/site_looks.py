"""Which organizations looked through what an owner shows of its establishment."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from dscr.access.scoping import Reader, may
from dscr.audit.models import AuditEntry

MOST = 100  # told at once


@dataclass(frozen=True, slots=True)
class SiteLook:
    """One reading through a grant. `person` is for oversight only: an owner learns which organization looked."""

    at: datetime
    organisation: str
    person: str


def site_looks(user: Reader, grants: Collection[int]) -> list[SiteLook]:
    """Through these grants, by primary key, which the reader may read; the newest first. One query."""
    entries = AuditEntry.objects.filter(kind="site-grant", action="viewed", subject_id__in=grants)
    tells_person = may(user, "read_audit")
    found = entries.order_by("-at", "-pk").values_list("at", "organisation", "user_name", "user_email")[:MOST]
    return [SiteLook(at, firm, (name or email) if tells_person else "") for at, firm, name, email in found]
