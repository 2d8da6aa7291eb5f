"""System checks: do the database's triggers record every tracked table, and refuse to change what they recorded
(check --database default)?"""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from dscr.audit import triggers

GUARDS = """
SELECT t.tgname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
WHERE t.tgrelid = 'audit_entry'::regclass AND t.tgenabled = 'O' AND p.proname = 'audit_entry_protect'
"""


@register(Tags.database)
def audit_records_everything(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for alias in databases or ():
        if not triggers.tables_present(alias):
            continue
        found.extend(
            Error(f"Audit trigger {name} {what}.", hint="Run: python manage.py migrate", id="audit.E001")
            for name, _, what in triggers.drift(alias)
        )
        with connections[alias].cursor() as cursor:
            cursor.execute(GUARDS)
            missing = {"audit_entry_is_append_only", "audit_entry_is_not_truncated"} - {row[0] for row in cursor}
        found.extend(
            Error(f"Trigger {name} is missing or off: the audit could be changed.", id="audit.E002")
            for name in sorted(missing)
        )
    return found
