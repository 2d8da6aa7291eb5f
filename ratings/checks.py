"""System checks of the ratings: are the triggers in the database those of the registry (check --database default)?"""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from ratings import triggers


@register(Tags.database)
def triggers_match_registry(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for alias in databases or ():
        if triggers.MARKS not in connections[alias].introspection.table_names():
            continue
        found.extend(
            Error(f"Trigger {name} {what}.", hint="Run: python manage.py migrate", id="ratings.E001")
            for name, what in triggers.drift(alias)
        )
    return found
