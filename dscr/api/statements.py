"""Querysets compiled once. Building the SQL of a queryset with twenty columns takes Django longer than PostgreSQL needs
to answer it, and a machine asks the same again and again."""

from collections.abc import Callable, Hashable
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from dscr.access.roles import Scope
from dscr.access.scoping import Reader, scope_of
from dscr.api.prepared import Prepared

TEXT, NUMBER = "\x7fgiven", -9_000_000_000_000_001  # stand in a queryset for what each request gives
MOST_KEPT = 2000
_KEPT: dict[Hashable, "Statement"] = {}


class Statement:
    """The SQL of a `values_list()`; `run(text=..., number=...)` puts values in the places of TEXT and NUMBER.

    Columns come as the driver reads them: JSON as text.
    """

    def __init__(self, rows: QuerySet[Any], *, prepares: bool = False) -> None:
        try:
            self.sql, parameters = rows.query.sql_with_params()
        except EmptyResultSet:
            self.sql, parameters = "", ()
        self.prepared = Prepared(self.sql) if prepares and self.sql else None
        self.parameters = list(parameters)
        self.text, self.number = (_place(self.parameters, marker) for marker in (TEXT, NUMBER))

    def run(self, text: str | None = None, number: int | None = None) -> list[tuple[Any, ...]]:
        if not self.sql:
            return []
        parameters = self.parameters.copy()
        if self.text is not None:
            parameters[self.text] = text
        if self.number is not None:
            parameters[self.number] = number
        if self.prepared:
            return self.prepared.run(parameters)
        with connection.cursor() as cursor:
            cursor.execute(self.sql, parameters)
            return cursor.fetchall()


def _place(parameters: list[Any], marker: Any) -> int | None:
    places = [place for place, value in enumerate(parameters) if value == marker]
    if len(places) > 1:
        raise ValueError("A value that each request gives may stand in a statement once.")
    return places[0] if places else None


def statement(
    user: Reader, action: str, key: Hashable, build: Callable[[], QuerySet[Any]], *, prepares: bool = False
) -> Statement:
    """The statement of a queryset that `build` scopes by `for_user(user, action)`.

    Kept by `key` where the reader may read all: then `for_user` adds nothing that depends on who reads.
    """
    if scope_of(user, action) != Scope.ALL:
        return Statement(build())
    kept = _KEPT.get(key)
    if kept is None:
        if len(_KEPT) >= MOST_KEPT:
            _KEPT.clear()
        kept = _KEPT[key] = Statement(build(), prepares=prepares)
    return kept
