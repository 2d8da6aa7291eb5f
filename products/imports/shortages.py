"""The FDA's list of drug shortages, as downloaded in 2023 (M/D/YY) and 2024 (MM/DD/YYYY, a blank first line).

An entry names its packages inside the text of its presentation. Stored is one row for each package of an entry.

What an entry is: a package and the day the entry was first posted. Between the lists of 2023 and 2024 the FDA reworded
every presentation and most names (of 1,227 packages on both, none kept generic name, company and presentation), while
1,143 kept package and posting date; with those an update changes its entry and does not stand beside it. In one file
24 rows of 2023 and 8 of 2024 share them; the latest change is taken, as it would decide anyway.
"""

import hashlib
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from dscr.intake.cells import is_garbled, us_date
from dscr.intake.command import Progress
from dscr.intake.files import FileKind
from dscr.intake.report import Report
from dscr.intake.rows import RowError, SourceFile
from dscr.intake.store import require_rows, sync
from products.imports.presentation import package_codes
from products.models import Shortage

SHORTAGE_FILE = FileKind(
    name="file",
    title="the drug shortage list",
    source="the download of the FDA's drug shortages page, comma-separated",
    columns={
        "generic_name": "Generic Name",
        "company_name": "Company Name",
        "presentation": "Presentation",
        "updated_on": "Date of Update",
        "availability": "Availability Information",
        "reason": "Reason for Shortage",
        "therapeutic_category": "Therapeutic Category",
        "status": "Status",
        "changed_on": "Change Date",
        "discontinued_on": "Date Discontinued",
        "posted_on": "Initial Posting Date",
    },
    encoding="utf-8",
    delimiter=",",
    quoted=True,
)
TEXTS = ("generic_name", "company_name", "presentation", "reason", "availability", "therapeutic_category")
STATUSES = {status.label.casefold(): status.value for status in Shortage.Status}
# Of two statuses of one day the one that warns more is taken.
GRAVITY = [Shortage.Status.RESOLVED, Shortage.Status.TO_BE_DISCONTINUED, Shortage.Status.CURRENT]


class Entry(NamedTuple):
    """One package of one row."""

    line: int
    package: str
    values: dict[str, Any]

    @property
    def key(self) -> tuple[str, str]:
        posted_on = self.values["posted_on"]
        identity = f"{self.package} {posted_on.isoformat() if posted_on else ''}"
        return hashlib.sha256(identity.encode()).hexdigest(), self.package

    @property
    def rank(self) -> tuple[date, int]:
        return self.values["changed_on"], GRAVITY.index(self.values["status"])


def load_shortages(source: SourceFile, file_date: date, report: Report, progress: Progress) -> None:
    """Create and change shortages, in the transaction that is open."""
    entries: dict[tuple[str, str], Entry] = {}
    for entry in _entries(source, file_date, report, progress):
        known = entries.setdefault(entry.key, entry)
        if known is not entry:
            kept, other = (entry, known) if entry.rank > known.rank else (known, entry)
            entries[entry.key] = kept
            remark = "same package and posting date as another row; the latest change is used"
            report.note(source.kind.title, other.line, remark, f"{entry.package}, also line {kept.line}")
    require_rows(source, report, len(entries))
    progress.step("storing shortages")
    stored = {(row.entry_key, row.package_ndc): row for row in Shortage.objects.filter(is_synthetic=False)}
    wanted = {
        key: {"entry_key": key[0], "package_ndc": entry.package, **entry.values} for key, entry in entries.items()
    }
    report.tallies["shortages"], _ = sync(Shortage, stored, wanted, file_date)


def _entries(source: SourceFile, file_date: date, report: Report, progress: Progress) -> Iterator[Entry]:
    first: dict[Any, int] = {}
    for line, row in source.rows(report, progress.reading(source)):
        if (known := first.setdefault(row, line)) != line:
            report.note(source.kind.title, line, "repeats an earlier row", f"line {known}")
            continue
        try:
            values = _values(row, file_date)
        except RowError as error:
            report.reject(source.kind.title, line, error.reason, error.text)
            continue
        if any(is_garbled(values[name]) for name in TEXTS):
            report.note(source.kind.title, line, "garbled characters, kept as published", row.presentation)
        codes, unread = package_codes(row.presentation)
        for reason, text in unread:
            report.reject(source.kind.title, line, reason, text)
        for package in codes:
            yield Entry(line, package, values)


def _values(row: Any, file_date: date) -> dict[str, Any]:
    """The fields of a shortage that all packages of a row share.

    Changed on: the latest of change, update and posting. The day of discontinuation counts only where there is no
    other: it is announced ahead, and would make an old entry outlive those that came after.
    """
    status = STATUSES.get(" ".join(row.status.split()).casefold())
    if status is None:
        raise RowError("Status is none of Current, To be discontinued, Resolved", row.status or "blank")
    columns = SHORTAGE_FILE.columns
    dates = {name: us_date(getattr(row, name), columns[name]) for name in columns if name.endswith("_on")}
    days = [dates[name] for name in ("changed_on", "updated_on", "posted_on") if dates[name]]
    changed_on = max(days, default=dates["discontinued_on"])
    if changed_on is None:
        raise RowError("no date at all")
    if changed_on > file_date:
        raise RowError("changed after the day of the file (--file-date)", changed_on.isoformat())
    return {name: getattr(row, name) for name in TEXTS} | {
        "status": status,
        "changed_on": changed_on,
        "posted_on": dates["posted_on"],
        "discontinued_on": dates["discontinued_on"],
    }
