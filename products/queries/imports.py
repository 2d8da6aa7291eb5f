"""When each public list was last taken in, from the dates that the rows themselves carry."""

from dataclasses import dataclass
from datetime import date

from django.db import connection

from dscr.access.scoping import Reader, may

SOURCES = {
    "FDA NDC Directory": "products_product",
    "FDA drug shortages": "products_shortage",
    "FDA establishment registrations": "qmm_establishment",
}


@dataclass(frozen=True, slots=True)
class LastImport:
    """`seen_on` is the date of the newest file of that source; None where none was ever imported."""

    source: str
    seen_on: date | None


def last_imports(user: Reader) -> list[LastImport]:
    """One query over the three tables."""
    if not may(user, "read_operations"):
        return []
    with connection.cursor() as cursor:
        newest = ", ".join(f"(SELECT max(last_seen_on) FROM {table})" for table in SOURCES.values())  # noqa: S608
        cursor.execute(f"SELECT {newest}")
        return [LastImport(source, day) for source, day in zip(SOURCES, cursor.fetchone(), strict=True)]
