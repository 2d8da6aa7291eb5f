"""Statements that PostgreSQL plans once a connection instead of once a request: for these few, which run with every
request, planning takes longer than the answer."""

import hashlib
from typing import Any

from django.db import connection


class Prepared:
    """A fixed SQL text with %s for its parameters."""

    def __init__(self, sql: str) -> None:
        parts = sql.split("%s")
        self.count = len(parts) - 1
        text = parts[0] + "".join(f"${number}{part}" for number, part in enumerate(parts[1:], 1))
        self.name = "dscr_" + hashlib.sha256(text.encode()).hexdigest()[:16]
        self.prepare = f"PREPARE {self.name} AS {text.replace('%%', '%')}"
        self.execute = f"EXECUTE {self.name}" + (f" ({', '.join(['%s'] * self.count)})" if self.count else "")

    def run(self, parameters: list[Any]) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            known = _prepared()
            if self.name not in known:
                cursor.execute(self.prepare)
                known.add(self.name)
            cursor.execute(self.execute, parameters)
            return cursor.fetchall()


def _prepared() -> set[str]:
    """The names that this very connection knows; a new one knows none."""
    raw, names = getattr(connection, "dscr_prepared", (None, set()))
    if raw is not connection.connection:
        names = set()
        connection.dscr_prepared = (connection.connection, names)
    return names
