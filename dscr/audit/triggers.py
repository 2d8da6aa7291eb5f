"""The triggers that write an entry for every committed change of a tracked table, whoever makes it: page, API, admin,
bulk write, COPY or psql.

One function serves all tables; what differs comes as the trigger's arguments, from dscr/audit/kinds.py. PostgreSQL
allows no two events with transition tables, so a table has four triggers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connections

from dscr.audit.kinds import TRACKED

ENTRIES = "audit_entry"
FUNCTION = "audit_write"
REFERENCING = {
    "insert": "REFERENCING NEW TABLE AS newtab",
    "update": "REFERENCING OLD TABLE AS oldtab NEW TABLE AS newtab",
    "delete": "REFERENCING OLD TABLE AS oldtab",
    "truncate": "",
}
ROW_BY_ROW = 100  # rows of one statement that are recorded each with its values
IDS_KEPT = 10_000

ACTOR_COLUMNS = """user_id, user_name, user_email, membership_id, role, organisation, via, database_role, request_id,
      address"""
ACTOR = """(actor->>'user_id')::bigint, coalesce(actor->>'user_name', ''), coalesce(actor->>'user_email', ''),
      (actor->>'membership_id')::bigint, coalesce(actor->>'role', ''), coalesce(actor->>'organisation', ''),
      coalesce(actor->>'via', 'database'), session_user, coalesce(actor->>'request_id', ''),
      coalesce(actor->>'address', '')"""

# A large update is recorded by its ids, and its columns are those of the first rows: comparing all of them costs
# writers of 1,000 rows another third. Only where the first rows show no change at all, every row is compared.
BODY = f"""
#variable_conflict use_variable
DECLARE
  kind text := TG_ARGV[0];
  label text := TG_ARGV[1];
  ignored text[] := TG_ARGV[2];
  secret text[] := TG_ARGV[3];
  actor jsonb := coalesce(nullif(current_setting('dscr.actor', true), ''), '{{}}')::jsonb;
  verb text := CASE TG_OP WHEN 'INSERT' THEN 'added' WHEN 'UPDATE' THEN 'changed' WHEN 'DELETE' THEN 'deleted'
    ELSE 'emptied' END;
  total bigint;
  listed bigint[];
  changed text[];
  compared text;
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT count(*) INTO total FROM newtab;
    IF total > {ROW_BY_ROW} THEN
      listed := ARRAY(SELECT new_row.id FROM newtab new_row LIMIT {IDS_KEPT});
    END IF;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT count(*) INTO total FROM oldtab;
    IF total > {ROW_BY_ROW} THEN
      listed := ARRAY(SELECT old_row.id FROM oldtab old_row LIMIT {IDS_KEPT});
    END IF;
  ELSIF TG_OP = 'UPDATE' THEN
    SELECT count(*) INTO total FROM newtab;
    IF total > {ROW_BY_ROW} THEN
      SELECT 'SELECT array_remove(ARRAY[' || string_agg(
          format('CASE WHEN bool_or(old_row.%1$I IS DISTINCT FROM new_row.%1$I) THEN %1$L END', attname),
          ', ' ORDER BY attnum)
          || '], NULL) FROM (SELECT * FROM newtab %1$s) new_row '
          || 'FULL JOIN (SELECT * FROM oldtab %1$s) old_row ON old_row.id = new_row.id'
        INTO compared FROM pg_attribute
        WHERE attrelid = TG_RELID AND attnum > 0 AND NOT attisdropped AND attname <> ALL (ignored);
      EXECUTE replace(compared, '%1$s', 'LIMIT {ROW_BY_ROW}') INTO changed;
      IF changed = '{{}}' THEN
        EXECUTE replace(compared, '%1$s', '') INTO changed;
        IF changed = '{{}}' THEN
          RETURN NULL;
        END IF;
      END IF;
      listed := ARRAY(SELECT new_row.id FROM newtab new_row LIMIT {IDS_KEPT});
    END IF;
  ELSIF NOT EXISTS (SELECT FROM {ENTRIES}) THEN
    RETURN NULL;  -- a flush of the whole database, as between tests
  END IF;

  IF TG_OP = 'TRUNCATE' OR total > {ROW_BY_ROW} THEN
    INSERT INTO {ENTRIES} (action, kind, row_count, ids, columns, {ACTOR_COLUMNS})
    VALUES (verb, kind, total, listed, changed, {ACTOR});
  ELSIF total = 0 THEN
    RETURN NULL;
  ELSIF TG_OP = 'INSERT' THEN
    INSERT INTO {ENTRIES} (action, kind, subject_id, label, after, {ACTOR_COLUMNS})
    SELECT verb, kind, new_row.id, coalesce(to_jsonb(new_row)->>label, ''),
      jsonb_strip_nulls(to_jsonb(new_row) - ignored - secret), {ACTOR}
    FROM newtab new_row;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO {ENTRIES} (action, kind, subject_id, label, before, {ACTOR_COLUMNS})
    SELECT verb, kind, old_row.id, coalesce(to_jsonb(old_row)->>label, ''),
      jsonb_strip_nulls(to_jsonb(old_row) - ignored - secret), {ACTOR}
    FROM oldtab old_row;
  ELSE
    -- A row whose key changed has no counterpart: the one side reads as deleted, the other as added.
    INSERT INTO {ENTRIES} (action, kind, subject_id, label, before, after, {ACTOR_COLUMNS})
    SELECT CASE WHEN s.o IS NULL THEN 'added' WHEN s.n IS NULL THEN 'deleted' ELSE verb END, kind, s.id,
      coalesce(coalesce(s.n, s.o)->>label, ''), d.before, d.after, {ACTOR}
    FROM (SELECT coalesce(new_row.id, old_row.id) AS id, to_jsonb(old_row) - ignored AS o,
          to_jsonb(new_row) - ignored AS n
        FROM newtab new_row FULL JOIN oldtab old_row ON old_row.id = new_row.id) s
      CROSS JOIN LATERAL (
        SELECT jsonb_object_agg(key, CASE WHEN key = ANY (secret) THEN '"(not kept)"' ELSE b.value END)
            FILTER (WHERE b.value IS NOT NULL) AS before,
          jsonb_object_agg(key, CASE WHEN key = ANY (secret) THEN '"(not kept)"' ELSE a.value END)
            FILTER (WHERE a.value IS NOT NULL) AS after
        FROM jsonb_each(s.o) b FULL JOIN jsonb_each(s.n) a USING (key)
        WHERE a.value IS DISTINCT FROM b.value) d
    WHERE d.before IS NOT NULL OR d.after IS NOT NULL;
  END IF;
  RETURN NULL;
END
"""  # noqa: S608
CREATE_FUNCTION = (
    f"CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
    f"SET search_path = pg_catalog, public, pg_temp AS $body${BODY}$body$"
)


@dataclass(frozen=True, slots=True)
class Trigger:
    table: str
    event: str
    arguments: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"audit_{self.table}_{self.event}"

    @property
    def create(self) -> str:
        arguments = ", ".join(f"'{argument}'" for argument in self.arguments)
        return (
            f"CREATE OR REPLACE TRIGGER {self.name} AFTER {self.event.upper()} ON {self.table} "
            f"{REFERENCING[self.event]} FOR EACH STATEMENT EXECUTE FUNCTION {FUNCTION}({arguments})"
        )


def wanted_triggers() -> Iterator[Trigger]:
    for kind in TRACKED:
        arguments = (kind.slug, kind.label, _array(kind.ignored), _array(kind.secret))
        for event in REFERENCING:
            yield Trigger(kind.table, event, arguments)


def _array(names: tuple[str, ...]) -> str:
    return "{" + ",".join(names) + "}"


def sync(using: str = "default") -> list[str]:
    """Make the database's triggers those of the registry; returns the names of what was made, replaced or dropped."""
    wrong = {name: table for name, table, _ in drift(using)}
    wanted = {trigger.name: trigger for trigger in wanted_triggers()}
    with connections[using].cursor() as cursor:
        if wrong.pop(FUNCTION, None) is not None:
            cursor.execute(CREATE_FUNCTION)
        for name, table in wrong.items():
            if trigger := wanted.get(name):
                cursor.execute(trigger.create)
            else:
                cursor.execute(f"DROP TRIGGER {name} ON {table}")
    return sorted(wrong)


def sync_after_migrate(using: str, **_: Any) -> None:
    """post_migrate receiver. While a migration run has not yet made every table, there is nothing to sync."""
    connection = connections[using]
    if connection.vendor == "postgresql" and tables_present(using):
        sync(using)


def tables_present(using: str) -> bool:
    return {kind.table for kind in TRACKED} | {ENTRIES} <= set(connections[using].introspection.table_names())


INSTALLED_FUNCTION = """
SELECT prosrc, prosecdef, array_to_string(proconfig, ';'), proowner = (SELECT relowner FROM pg_class
    WHERE oid = 'audit_entry'::regclass) FROM pg_proc WHERE proname = 'audit_write'
"""
INSTALLED_TRIGGERS = """
SELECT t.tgname, c.relname, t.tgtype, t.tgenabled::text, t.tgoldtable::text, t.tgnewtable::text, t.tgqual IS NULL,
    t.tgattr::text, p.proname::text, encode(t.tgargs, 'escape')
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND p.proname = 'audit_write'
"""
CONFIG = "search_path=pg_catalog, public, pg_temp"
# pg_trigger.tgtype: bits 2 insert (4), delete (8), update (16), truncate (32); statement level, after = none more.
TGTYPE = {"insert": 4, "delete": 8, "update": 16, "truncate": 32}


def drift(using: str = "default") -> list[tuple[str, str, str]]:
    """(trigger or function, its table, what is wrong) for all that is not exactly what the registry says."""
    with connections[using].cursor() as cursor:
        cursor.execute(INSTALLED_FUNCTION)
        functions = cursor.fetchall()
        cursor.execute(INSTALLED_TRIGGERS)
        installed = {row[0]: row[1:] for row in cursor.fetchall()}
    found = []
    if functions != [(BODY, True, CONFIG, True)]:
        found.append((FUNCTION, "", "differs from dscr/audit/triggers.py" if functions else "is missing"))
    for trigger in wanted_triggers():
        row = installed.pop(trigger.name, None)
        old = "oldtab" if trigger.event in ("update", "delete") else None
        new = "newtab" if trigger.event in ("insert", "update") else None
        arguments = "".join(argument + "\\000" for argument in trigger.arguments)
        if row is None:
            found.append((trigger.name, trigger.table, "is missing"))
        elif row != (trigger.table, TGTYPE[trigger.event], "O", old, new, True, "", FUNCTION, arguments):
            found.append((trigger.name, trigger.table, "differs from the registry"))
    found.extend((name, row[0], "is not in the registry") for name, row in installed.items())
    return found
