"""Getting rows into the database: COPY for the large files, plain comparison for the small ones."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import islice
from typing import Any

from django.db import models

from dscr.intake.files import FileError
from dscr.intake.report import Report, Tally
from dscr.intake.rows import SourceFile

BATCH = 1000
QUOTE = "\x01"  # control characters never get past the reader of rows, so nothing needs quoting


def stage(
    cursor: Any, table: str, columns: Mapping[str, str], keys: Iterable[str], rows: Iterable[Iterable[str]]
) -> int:
    """COPY rows into a new temporary table; returns their number.

    columns: name -> SQL type. keys: those that are joined on, which the planner must know. rows: cells without tab and
    line break, as in every file without quotes. An empty cell is an empty text, and NULL in a column of another type.
    """
    texts = ", ".join(name for name, kind in columns.items() if kind == "text")
    definition = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    cursor.execute(
        f"DROP TABLE IF EXISTS pg_temp.{table}; CREATE TEMPORARY TABLE {table} ({definition}) ON COMMIT DROP"
    )
    form = f"FORMAT csv, DELIMITER E'\\t', QUOTE '{QUOTE}', FORCE_NOT_NULL ({texts})"
    cursor.copy_expert(f"COPY {table} FROM STDIN WITH ({form})", CopyStream(rows), size=1 << 20)
    count = cursor.rowcount
    cursor.execute(f"ANALYZE {table} ({', '.join(keys)})")
    return count


class CopyStream:
    """Rows as the file that COPY reads: the server takes rows in while we make the next ones."""

    def __init__(self, rows: Iterable[Iterable[str]]) -> None:
        self._rows: Iterator[Iterable[str]] = iter(rows)
        self._ready = b""

    def read(self, size: int) -> bytes:
        while len(self._ready) < size and (lines := ["\t".join(row) for row in islice(self._rows, BATCH)]):
            self._ready += ("\n".join(lines) + "\n").encode()
        part, self._ready = self._ready[:size], self._ready[size:]
        return part


def require_rows(source: SourceFile, report: Report, used: int) -> None:
    """FileError where not one row of the file could be used: then it is not the file it was taken for."""
    if used:
        return
    if not report.files[source.kind.title][1]:
        raise FileError(f"{source.path} has a header but no rows. Download it again ({source.kind.source}).")
    reason, finding = next(((why, found) for (_, why), found in report.rejected.items()), ("", None))
    example = f" Line {finding.examples[0][0]}: {reason}." if finding else ""
    raise FileError(
        f"{source.path}: none of its rows can be used.{example} Check that it is {source.kind.title} "
        f"({source.kind.source})."
    )


def sync(
    model: type[models.Model],
    stored: Mapping[Any, models.Model],
    wanted: Mapping[Any, Mapping[str, Any]],
    file_date: date,
) -> tuple[Tally, dict[Any, models.Model]]:
    """Create and change rows until they say what is wanted; returns what was done and the rows by key.

    Only rows that differ are written, so that nothing unchanged leaves a mark; `last_seen_on` moves to the file's date
    without counting as a change. A row that a newer file gave is kept. Nothing is deleted.
    """
    tally, created, changed, seen, result = Tally(), [], [], [], {}
    for key, values in wanted.items():
        row = result[key] = stored.get(key) or model(**values, last_seen_on=file_date)
        if key not in stored:
            created.append(row)
        elif row.last_seen_on and row.last_seen_on > file_date:
            tally.kept += 1
        else:
            if row.last_seen_on != file_date:
                seen.append(row.pk)
            differing = {name for name, value in values.items() if getattr(row, name) != value}
            for name in differing:
                setattr(row, name, values[name])
            if differing:
                changed.append(row)
            else:
                tally.unchanged += 1
    tally.created, tally.changed = len(created), len(changed)
    model._default_manager.bulk_create(created, batch_size=BATCH)
    if changed:
        model._default_manager.bulk_update(changed, list(next(iter(wanted.values()))), batch_size=BATCH)
    model._default_manager.filter(pk__in=seen).update(last_seen_on=file_date)
    return tally, result
