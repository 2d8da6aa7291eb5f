"""The database triggers that leave a mark for every committed change of an input, generated from the registry.

Four statement-level triggers a table (PostgreSQL allows neither a column list nor two events with transition tables).
An update takes the multiset difference of old and new rows: no join, so 20,000 rows take 0.4 s and a changed primary
key or parent marks both sides. Each table has its own plain function, so that a check can compare it by text.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connections

from ratings.inputs import INPUTS, Input

MARKS = "ratings_stalemark"
EVENTS = ("insert", "update", "delete", "truncate")
REFERENCING = {
    "insert": "REFERENCING NEW TABLE AS newtab",
    "update": "REFERENCING OLD TABLE AS oldtab NEW TABLE AS newtab",
    "delete": "REFERENCING OLD TABLE AS oldtab",
    "truncate": "",
}


@dataclass(frozen=True, slots=True)
class Trigger:
    """One trigger and its function. `body` is compared with pg_proc.prosrc, `create` makes the trigger."""

    table: str
    event: str
    name: str
    body: str

    @property
    def create_function(self) -> str:
        return (
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
            f"SET search_path = pg_catalog, public, pg_temp AS $body${self.body}$body$"
        )

    @property
    def create_trigger(self) -> str:
        return (
            f"CREATE OR REPLACE TRIGGER {self.name} AFTER {self.event.upper()} ON {self.table} "
            f"{REFERENCING[self.event]} FOR EACH STATEMENT EXECUTE FUNCTION {self.name}()"
        )


def _marks_from(entry: Input, rows: str) -> str:
    return (
        f"INSERT INTO {MARKS} (kind, key, source) "  # noqa: S608
        f"SELECT DISTINCT '{entry.marks}', {entry.key}, '{entry.table}' FROM {rows}"
    )


def _body(entry: Input, event: str) -> str:
    if event == "insert":
        statement = _marks_from(entry, f"newtab WHERE {entry.condition}")
    elif event == "delete":
        statement = _marks_from(entry, f"oldtab WHERE {entry.condition}")
    elif event == "update":
        columns = ", ".join(dict.fromkeys((*key_columns(entry), *entry.columns)))
        statement = _marks_from(
            entry,
            f"(SELECT {columns} FROM ("  # noqa: S608
            f"SELECT {columns}, 1 AS side FROM newtab WHERE {entry.condition} "
            f"UNION ALL SELECT {columns}, -1 FROM oldtab WHERE {entry.condition}) AS sides "
            f"GROUP BY {columns} HAVING sum(side) <> 0) AS changed",
        )
    else:
        # A flush of everything (as tests do) leaves nothing to recompute and so no mark.
        statement = (
            f"INSERT INTO {MARKS} (kind, source) SELECT 'all', '{entry.table}' "  # noqa: S608
            "WHERE EXISTS (SELECT FROM ratings_productrating) OR EXISTS (SELECT FROM products_enrolment)"
        )
    return f"\nBEGIN\n{statement};\nRETURN NULL;\nEND\n"


def key_columns(entry: Input) -> tuple[str, ...]:
    """The columns that the key expression reads."""
    return {"ndc": ("product_ndc",), "all": ()}.get(entry.marks, (entry.key,))


def wanted_triggers() -> Iterator[Trigger]:
    for entry in INPUTS:
        for event in EVENTS:
            yield Trigger(entry.table, event, f"mark_{entry.table}_{event}", _body(entry, event))


def sync(using: str = "default") -> list[str]:
    """Make the database's triggers those of the registry; returns the names that were made or replaced."""
    wrong = {name for name, _ in drift(using)}
    wanted = {trigger.name: trigger for trigger in wanted_triggers()}
    with connections[using].cursor() as cursor:
        for name in sorted(wrong):
            if trigger := wanted.get(name):
                cursor.execute(trigger.create_function)
                cursor.execute(trigger.create_trigger)
            else:
                cursor.execute(f"DROP FUNCTION IF EXISTS {name}() CASCADE")
    return sorted(wrong)


def sync_after_migrate(using: str, apps: Any = None, **_: Any) -> None:
    """post_migrate receiver. While a migration run has not yet made every table, there is nothing to sync."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    if connection.vendor == "postgresql" and {entry.table for entry in INPUTS} | {MARKS} <= tables:
        sync(using)


INSTALLED = """
SELECT t.tgname, c.relname, t.tgtype, t.tgenabled::text, t.tgoldtable::text, t.tgnewtable::text, t.tgqual IS NULL,
       t.tgattr::text, p.proname::text, p.prosrc, p.prosecdef, coalesce(array_to_string(p.proconfig, ';'), ''),
       p.proowner = c.relowner
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND t.tgname LIKE 'mark\\_%%'
"""
# pg_trigger.tgtype: bits 2 insert (4), delete (8), update (16), truncate (32); statement level, after = none more.
TGTYPE = {"insert": 4, "delete": 8, "update": 16, "truncate": 32}
CONFIG = "search_path=pg_catalog, public, pg_temp"


def drift(using: str = "default") -> list[tuple[str, str]]:
    """(trigger, what is wrong) for every trigger that is not exactly what the registry says."""
    with connections[using].cursor() as cursor:
        cursor.execute(INSTALLED.replace("%%", "%"))
        installed = {row[0]: row[1:] for row in cursor.fetchall()}
    found = []
    for trigger in wanted_triggers():
        row = installed.pop(trigger.name, None)
        if row is None:
            found.append((trigger.name, "is missing"))
            continue
        old = "oldtab" if trigger.event in ("update", "delete") else None
        new = "newtab" if trigger.event in ("insert", "update") else None
        want = (trigger.table, TGTYPE[trigger.event], "O", old, new, True, "", trigger.name, trigger.body, True, CONFIG)
        if row[:-1] != want:
            found.append((trigger.name, "differs from the registry"))
        elif not row[-1]:
            found.append((trigger.name, "has another owner than its table"))
    found.extend((name, "is not in the registry") for name in installed)
    return found
