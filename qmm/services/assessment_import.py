"""Storing assessments that were made elsewhere: all of an import or none. They count by the methodology's validity."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.db.models.functions import Coalesce

from dscr.access.models import User
from qmm.models import AREAS, Assessment, AssessmentImport, Establishment, EstablishmentIdentifier

CHANGED = "Something changed since the file was checked, so nothing was stored. Send the file again."
ON_RECORD = "An assessment of this establishment and day is on record already."


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """One assessment. levels: of the five areas in the order of AREAS, as text. elements: code -> level, or none."""

    site: int
    completed_on: date
    assessed_by: str
    levels: tuple[str, ...]
    elements: dict[str, int] = field(default_factory=dict)


class ImportChangedError(Exception):
    """What the operator saw holds no more: an establishment went, or has an assessment of that day by now."""


def sites_by_number(numbers: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """(scheme, number) -> the establishment that stands for it. One query."""
    wanted = set(numbers)
    standing = Coalesce("establishment__merged_into", "establishment")
    rows = EstablishmentIdentifier.objects.filter(value__in={value for _, value in wanted})
    found = rows.values_list("scheme", "value", standing)
    return {(scheme, value): site for scheme, value, site in found if (scheme, value) in wanted}


def days_taken(sites: Iterable[int]) -> set[tuple[int, date]]:
    """(establishment, day) of assessments that count already."""
    rows = Assessment.objects.filter(establishment__in=set(sites), voided_at=None)
    return set(rows.values_list("establishment_id", "completed_on"))


@transaction.atomic
def assessments_import(
    rows: Sequence[ImportedRow], *, kind: str, source: str, sha256: str = "", user: User
) -> AssessmentImport:
    """Raises ImportChangedError, and stores nothing then."""
    sites = {row.site for row in rows}
    standing = Establishment.objects.standing().select_for_update(no_key=True).filter(pk__in=sites).order_by("pk")
    if len(standing) != len(sites) or days_taken(sites) & {(row.site, row.completed_on) for row in rows}:
        raise ImportChangedError
    record = AssessmentImport.objects.create(kind=kind, source=source, sha256=sha256, count=len(rows), imported_by=user)
    for row in rows:  # each by itself, so that those who watch inputs are told
        Assessment.objects.create(
            establishment_id=row.site,
            completed_on=row.completed_on,
            assessed_by=row.assessed_by,
            element_levels=row.elements or None,
            imported=record,
            **dict(zip(AREAS, row.levels, strict=True)),
        )
    return record
