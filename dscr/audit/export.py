"""The audit as a CSV file, written while it is read; no spreadsheet takes a cell of it for a formula."""

import csv
import json
from collections.abc import Iterable, Iterator
from typing import Any

from dscr.audit.models import Action
from dscr.audit.sentences import Line

HEADINGS = (
    "Time (UTC)",
    "Person",
    "E-mail",
    "Role",
    "Organization",
    "Via",
    "Database role",
    "Action",
    "Kind of record",
    "Record number",
    "In words",
    "Records",
    "Columns",
    "Before",
    "After",
    "Address",
    "Request",
)
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class _Line:
    """What csv writes to: hands each line on."""

    def write(self, text: str) -> str:
        return text


def csv_lines(lines: Iterable[Line]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield "\ufeff"  # spreadsheets then read it as UTF-8
    yield writer.writerow(HEADINGS)
    for line in lines:
        yield writer.writerow([safe(cell) for cell in _cells(line)])


def safe(cell: Any) -> Any:
    """A text that a spreadsheet would calculate gets an apostrophe before it."""
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" ").startswith(STARTS_A_FORMULA) else cell


def _cells(line: Line) -> tuple[Any, ...]:
    entry = line.entry
    return (
        entry.at.isoformat(timespec="seconds"),
        entry.user_name,
        entry.user_email,
        entry.role,
        entry.organisation,
        entry.via,
        entry.database_role,
        Action(entry.action).label if entry.action in Action.values else entry.action,
        entry.kind,
        entry.subject_id or "",
        line.sentence,
        entry.row_count or "",
        ", ".join(line.columns),
        _as_text(entry.before),
        _as_text(entry.after),
        entry.address,
        entry.request_id,
    )


def _as_text(values: dict[str, Any] | None) -> str:
    return json.dumps(values, ensure_ascii=False) if values else ""
