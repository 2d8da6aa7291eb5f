"""What every request asks, by statements compiled once: Django takes longer to build them than PostgreSQL to answer."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.db import connection
from django.db.models import Model, QuerySet


class Joined:
    """Rows of several models, each at its path from the first one: {Membership: "", User: "user__"}."""

    def __init__(self, paths: Mapping[type[Model], str], unread: Collection[str] = ()) -> None:
        self.read = {
            model: [field.attname for field in model._meta.concrete_fields if field.attname not in unread]
            for model in paths
        }
        self.columns = [paths[model] + name for model, names in self.read.items() for name in names]

    def parts(self, row: tuple[Any, ...]) -> Iterator[Any]:
        """One of each model, in the order of the paths."""
        first = 0
        for model, names in self.read.items():
            last = first + len(names)
            yield model.from_db("default", names, row[first:last])
            first = last


def sql_of(rows: QuerySet[Any]) -> str:
    """With %s where the queryset has a value."""
    return rows.query.sql_with_params()[0]


def rows_of(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
