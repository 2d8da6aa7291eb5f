"""The FDA's Drug Establishments Current Registration Site (DECRS): which sites are registered, where, for what.

FEI is text of 7 or 10 digits; some rows have none (blank or zeros). One FEI may stand in several rows, one for each
DUNS number: that is one establishment. The country stands last in the address, in brackets.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

from dscr.intake.cells import us_date
from dscr.intake.command import Progress
from dscr.intake.files import FileKind
from dscr.intake.report import Report
from dscr.intake.rows import RowError, SourceFile
from dscr.intake.store import BATCH, require_rows, sync
from qmm.imports.matching import Key, Matching, Stored
from qmm.models import Establishment, EstablishmentIdentifier
from qmm.services.duplicates import duplicates_find

ESTABLISHMENT_FILE = FileKind(
    name="file",
    title="the drug establishment register",
    source="the DECRS download of the FDA, comma-separated",
    columns={
        "fei": "FEI_NUMBER",
        "duns": "DUNS_NUMBER",
        "name": "FIRM_NAME",
        "address": "ADDRESS",
        "expires": "EXPIRATION_DATE",
        "operations": "OPERATIONS",
    },
    encoding="utf-8",
    delimiter=",",
    quoted=True,
)
COUNTRY = re.compile(r"\(([A-Z]{3})\)$")
NAME_LIMIT = Establishment._meta.get_field("name").max_length


class SiteRow(NamedTuple):
    """One usable row. fei and duns are "" where it has none, but not both."""

    line: int
    fei: str
    duns: str
    name: str
    address: str
    country: str
    operations: frozenset[str]
    expires_on: date | None


def load_establishments(source: SourceFile, file_date: date, report: Report, progress: Progress) -> None:
    """Create and change establishments and their identifiers, in the transaction that is open."""
    rows = list(_site_rows(source, report, progress))
    progress.step("matching establishments")
    stored = Stored.read()
    matching = Matching(rows, stored)
    sites = _sites(rows, matching, report)
    require_rows(source, report, len(sites))
    existing = Establishment.objects.in_bulk([key for key in sites if isinstance(key, int)])
    wanted = {key: _fields(group, existing.get(key)) for key, group in sites.items()}
    progress.step("storing establishments")
    report.tallies["establishments"], found = sync(Establishment, existing, wanted, file_date)
    _add_identifiers(sites, found, stored, file_date, report)
    progress.step("looking for establishments that stand there twice")
    duplicates_find(matching.disputed)


def _site_rows(source: SourceFile, report: Report, progress: Progress) -> Iterator[SiteRow]:
    for line, row in source.rows(report, progress.reading(source)):
        try:
            site = _site_row(line, row)
        except RowError as error:
            report.reject(source.kind.title, line, error.reason, error.text)
            continue
        if not site.country:
            report.note(source.kind.title, line, "no country in brackets at the end of the address", site.address)
        yield site


def _site_row(line: int, row: Any) -> SiteRow:
    fei = "" if not row.fei.strip("0") else row.fei
    duns = "" if not row.duns.strip("0") else row.duns
    if fei and not re.fullmatch(r"[0-9]{7}|[0-9]{10}", fei):
        raise RowError("FEI_NUMBER has neither 7 nor 10 digits", fei)
    if duns and not re.fullmatch(r"[0-9]{9}", duns):
        raise RowError("DUNS_NUMBER does not have 9 digits", duns)
    if not fei and not duns:
        raise RowError("neither FEI nor DUNS number", row.name)
    if not row.name:
        raise RowError("FIRM_NAME is blank")
    if len(row.name) > NAME_LIMIT:
        raise RowError(f"FIRM_NAME is longer than {NAME_LIMIT} characters", row.name)
    country = COUNTRY.search(row.address)
    operations = frozenset(part.strip() for part in row.operations.split(";") if part.strip())
    expires_on = us_date(row.expires, "EXPIRATION_DATE")
    return SiteRow(line, fei, duns, row.name, row.address, country[1] if country else "", operations, expires_on)


def _sites(rows: Iterable[SiteRow], matching: Matching, report: Report) -> dict[Key, list[SiteRow]]:
    """The rows of each establishment. Rows that may belong to two are reported and left out."""
    sites: dict[Key, list[SiteRow]] = defaultdict(list)
    for row in rows:
        try:
            sites[matching.key(row.fei, row.duns)].append(row)
        except RowError as error:
            report.reject(ESTABLISHMENT_FILE.title, row.line, error.reason, error.text)
    for key in [key for key, group in sites.items() if len({row.country for row in group if row.country}) > 1]:
        for row in sites.pop(key):
            report.reject(ESTABLISHMENT_FILE.title, row.line, "rows of one FEI give different countries", row.fei)
    return sites


def _fields(group: list[SiteRow], stored: Establishment | None) -> dict[str, Any]:
    """What the rows of one site say together: the row with most operations names it, whatever their order.

    A country that is known stays where the file has none.
    """
    main = min(group, key=lambda row: (-len(row.operations), row.duns, row.name))
    country = main.country or next((row.country for row in group if row.country), stored.country if stored else "")
    return {
        "name": main.name,
        "address": main.address,
        "country": country,
        "operations": "; ".join(sorted(set().union(*(row.operations for row in group)))),
        "registration_expires_on": max((row.expires_on for row in group if row.expires_on), default=None),
    }


def _add_identifiers(
    sites: dict[Key, list[SiteRow]],
    found: dict[Key, Establishment],
    stored: Stored,
    file_date: date,
    report: Report,
) -> None:
    tally, new = report.tallies["identifiers"], {}
    for key, group in sites.items():
        if found[key].last_seen_on and found[key].last_seen_on > file_date:
            continue
        for pair in {("fei", row.fei) for row in group} | {("duns", row.duns) for row in group}:
            if pair[1] and pair not in stored.owner:
                new[pair] = found[key]
            elif pair[1]:
                tally.unchanged += 1
    tally.created = len(new)
    EstablishmentIdentifier.objects.bulk_create(
        [
            EstablishmentIdentifier(establishment=site, scheme=scheme, value=value)
            for (scheme, value), site in new.items()
        ],
        batch_size=BATCH,
    )
