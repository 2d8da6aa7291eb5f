"""Pages of a list that is cut into parts: what comes first is read first, and nothing is counted in full."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count, F, Q, QuerySet

from ratings.models import Status

COUNTED = 1_000  # a count beyond costs time and tells nobody more


class Standings(NamedTuple):
    """Numbers of products: with a head, those of them that are withdrawn, and never enrolled."""

    heads: int
    withdrawn: int
    rest: int


def slice_of(parts: Sequence[QuerySet], start: int, size: int) -> list[Any]:
    """Rows start..start+size of the parts one after the other; a part is counted only where the slice begins after
    its end."""
    rows: list[Any] = []
    for part in parts:
        found = list(part[start : start + size - len(rows)])
        rows += found
        if len(rows) == size:
            break
        start = 0 if found or not start else max(0, start - part.order_by().count())
    return rows


def count_up_to(rows: QuerySet, most: int = COUNTED) -> int:
    """Exact up to `most`; `most` + 1 is "more"."""
    return rows.order_by()[: most + 1].count()


def count_standings(rows: QuerySet, most: int = COUNTED) -> Standings:
    """Counted as count_up_to counts; two queries."""
    heads = rows.filter(rating__isnull=False).order_by().annotate(standing=F("rating__status"))[: most + 1]
    found = heads.aggregate(count=Count("pk"), gone=Count("pk", filter=Q(standing=Status.WITHDRAWN)))
    return Standings(found["count"], found["gone"], count_up_to(rows.filter(rating__isnull=True), most))


def count_standings_of_few(rows: QuerySet) -> Standings:
    """Of rows that are known to be few; one query, which leaves out what the rows are annotated with."""
    gone = Count("rating", filter=Q(rating__status=Status.WITHDRAWN))
    found = rows.order_by().aggregate(all=Count("pk"), heads=Count("rating"), gone=gone)
    return Standings(found["heads"], found["gone"], found["all"] - found["heads"])


def standings_of(rows: Collection[Any]) -> Standings:
    """Of products at hand, each with its head."""
    heads = [row.rating for row in rows if not row.not_enrolled]
    gone = sum(head.status == Status.WITHDRAWN for head in heads)
    return Standings(len(heads), gone, sum(row.not_enrolled for row in rows))


def directory_values(column: str) -> list[str]:
    """Every dosage form or route of the directory, by one probe of the index for each instead of reading all rows."""
    if column not in ("dosage_form", "route"):
        raise ValueError(f"{column!r} has no index to walk.")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH RECURSIVE found AS (
                (SELECT {column} AS value FROM products_product WHERE {column} > '' ORDER BY 1 LIMIT 1)
                UNION ALL
                SELECT (SELECT {column} FROM products_product WHERE {column} > found.value ORDER BY 1 LIMIT 1)
                FROM found WHERE found.value IS NOT NULL
            ) SELECT value FROM found WHERE value IS NOT NULL"""  # noqa: S608 - one of two names
        )
        return [value for (value,) in cursor.fetchall()]


def routes() -> list[str]:
    """Each route once, though the directory joins several."""
    return sorted({route for value in directory_values("route") for route in value.split("; ")})


def joined_routes(route: str) -> list[str]:
    """What the directory writes for products that are given by this route, perhaps among others."""
    return [value for value in directory_values("route") if route in value.split("; ")]
