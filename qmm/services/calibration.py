"""Calibration cases: written as drafts, published, scored by each assessor alone, answered with the panel's levels."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from dscr.access.models import User
from dscr.celery import send
from dscr.sheets import Change, ClosedError, Saved
from qmm.calibration.faults import faults
from qmm.models import (
    CalibrationCase,
    CalibrationItem,
    CalibrationLevel,
    CalibrationNotice,
    CalibrationSheet,
    Rubric,
)
from qmm.queries.calibration import assessors_today
from qmm.rubric.fields import in_order

State = CalibrationCase.State
FIELDS = ("level", "note")
LEVELS = ("", "1", "2", "3", "4", "5")
LONGEST_NOTE = 2_000  # characters


class CaseClosedError(ClosedError):
    """The case is no draft (any more), or not open for scoring."""


class ChangedMeanwhileError(Exception):
    """The draft was changed since the writer read it."""


class IncompleteError(Exception):
    """`codes` have no level yet."""

    def __init__(self, codes: list[str]) -> None:
        super().__init__(", ".join(codes))
        self.codes = codes


@dataclass(frozen=True, slots=True)
class Given:
    """One element on a sheet; `level` is None while it is open."""

    level: int | None
    note: str


# --- Writing cases --------------------------------------------------------------------------------------------------


@transaction.atomic
def case_begin(*, user: User, copied: CalibrationCase | None = None) -> CalibrationCase:
    """A draft by the rubric in force: blank, or with the texts and levels of another case."""
    case = CalibrationCase.objects.create(
        title=f"Copy of {copied.title}"[:120] if copied else "New case",
        setting=copied.setting if copied else "",
        panel=copied.panel if copied else "",
        rubric=Rubric.objects.in_force().get(),
        updated_by=user,
    )
    if copied:
        CalibrationItem.objects.bulk_create(
            CalibrationItem(
                case=case, element=row.element, evidence=row.evidence, reference=row.reference, reason=row.reason
            )
            for row in copied.items.all()
        )
    return case


@transaction.atomic
def case_save(
    case: CalibrationCase,
    *,
    user: User,
    revision: int,
    texts: Mapping[str, str],
    items: Mapping[str, Mapping[str, Any]],
    add: Collection[str] = (),
    remove: Collection[str] = (),
) -> CalibrationCase:
    """texts: title, setting, panel. items: element -> evidence, reference, reason; add, remove: elements. Raises
    CaseClosedError, ChangedMeanwhileError, or ValidationError to add what stands already or the rubric has not."""
    stored = _draft(case, revision)
    for name, text in texts.items():
        setattr(stored, name, text)
    rows = {row.element: row for row in stored.items.all()}
    for code in add:
        if code in rows or code not in stored.rubric.kept_texts:
            raise ValidationError(f"{code[:10]} stands in the case already, or is no element of this rubric.")
        rows[code] = CalibrationItem(case=stored, element=code)
    for code, row in rows.items():
        if code in remove:
            row.delete()
        elif code in items or code in add:
            for name, value in items.get(code, {}).items():
                setattr(row, name, value)
            row.save()
    stored.revision += 1
    stored.updated_by = user
    stored.save()
    return stored


@transaction.atomic
def case_publish(case: CalibrationCase, *, user: User, revision: int) -> CalibrationCase:
    """Open to every assessor from now on, who are told by mail, and never changed. ValidationError where something is
    missing."""
    stored = _draft(case, revision)
    missing = faults(stored, stored.items.all(), stored.rubric.kept_texts)
    if missing:
        raise ValidationError([fault.text for fault in missing])
    stored.state, stored.published_at, stored.updated_by = State.PUBLISHED, timezone.now(), user
    stored.save()
    CalibrationNotice.objects.bulk_create(CalibrationNotice(case=stored, user=person) for person in assessors_today())
    transaction.on_commit(_mail, robust=True)
    return stored


@transaction.atomic
def case_retire(case: CalibrationCase, *, user: User) -> None:
    """No new sheets; who submitted one reads it on."""
    stored = CalibrationCase.objects.select_for_update().get(pk=case.pk)
    if stored.state != State.PUBLISHED:
        raise CaseClosedError
    stored.state, stored.retired_at, stored.updated_by = State.RETIRED, timezone.now(), user
    stored.save()


@transaction.atomic
def case_discard(case: CalibrationCase, *, revision: int) -> None:
    """A draft that nobody has seen goes for good; the audit keeps that it was there."""
    _draft(case, revision).delete()


def _draft(case: CalibrationCase, revision: int) -> CalibrationCase:
    stored = CalibrationCase.objects.select_for_update(of=("self",)).select_related("rubric").filter(pk=case.pk).first()
    if stored is None or stored.state != State.DRAFT:
        raise CaseClosedError
    if stored.revision != revision:
        raise ChangedMeanwhileError
    return stored


# --- Scoring them ---------------------------------------------------------------------------------------------------


@transaction.atomic
def sheet_save(case: CalibrationCase, *, user: User, given: Mapping[str, Given]) -> CalibrationSheet:
    """Keeps what is given of the case's elements; others stay. CaseClosedError once submitted or retired."""
    sheet = _open_sheet(case, user)
    asked = set(case.items.values_list("element", flat=True))
    for code, entry in given.items():
        if code in asked:
            CalibrationLevel.objects.update_or_create(
                sheet=sheet, element=code, defaults={"level": entry.level, "note": entry.note}
            )
    sheet.save()
    return sheet


@transaction.atomic
def levels_save(case: CalibrationCase, changes: Mapping[str, Change], *, user: User) -> Saved:
    """Stores levels and notes, each on its own: where another window changed one since, both texts come back.

    changes: "MC1.level" or "MC1.note" -> Change. CaseClosedError; KeyError for what the case does not ask, ValueError
    for what is no level or a note that is too long.
    """
    sheet = _open_sheet(case, user)
    asked = set(case.items.values_list("element", flat=True))
    rows = {row.element: row for row in sheet.levels.all()}
    conflicts: dict[str, dict[str, Any]] = {}
    touched: dict[str, CalibrationLevel] = {}
    for key, change in changes.items():
        code, _, name = key.partition(".")
        if code not in asked or name not in FIELDS:
            raise KeyError(key)
        _check(code, name, change.now)
        row = rows.get(code) or rows.setdefault(code, CalibrationLevel(sheet=sheet, element=code))
        current = text_of(row, name)
        if current == change.now:
            continue
        if current != change.was:
            at = timezone.localtime(sheet.updated_at).isoformat(timespec="seconds")
            conflicts[key] = {"now": current, "name": "Another window", "at": at}
            continue
        setattr(row, name, (int(change.now) if change.now else None) if name == "level" else change.now)
        touched[code] = row
    for row in touched.values():
        row.save()
    if touched:
        sheet.save()
    return Saved(sheet.version, conflicts)


def text_of(row: CalibrationLevel | None, name: str) -> str:
    value = getattr(row, name) if row else None
    return "" if value is None else str(value)


def _check(code: str, name: str, text: str) -> None:
    if name == "level" and text not in LEVELS:
        raise ValueError(f"Give {code} a level from 1 to 5, or none.")
    if len(text) > LONGEST_NOTE:
        raise ValueError(f"The note on {code} has {len(text):,} characters; shorten it to {LONGEST_NOTE:,}.")


@transaction.atomic
def sheet_submit(case: CalibrationCase, *, user: User) -> CalibrationSheet:
    """The last word on the case: feedback opens, and what was saved counts. IncompleteError names what is open."""
    sheet = _open_sheet(case, user)
    done = set(sheet.levels.filter(level__isnull=False).values_list("element", flat=True))
    missing = [code for code in in_order(case.items.values_list("element", flat=True)) if code not in done]
    if missing:
        raise IncompleteError(missing)
    sheet.submitted_at = timezone.now()
    sheet.save()
    transaction.on_commit(_kick, robust=True)
    return sheet


def _open_sheet(case: CalibrationCase, user: User) -> CalibrationSheet:
    """Made at the first save. A second window waits for the first."""
    if not CalibrationCase.objects.filter(pk=case.pk, state=State.PUBLISHED).exists():
        raise CaseClosedError
    CalibrationSheet.objects.get_or_create(case=case, assessor=user)
    sheet = CalibrationSheet.objects.select_for_update().get(case=case, assessor=user)
    if sheet.submitted_at:
        raise CaseClosedError
    return sheet


def _kick() -> None:
    from qmm.tasks import recompute_agreement

    send(recompute_agreement, unless_waiting=5)


def _mail() -> None:
    from qmm.tasks import mail_cases

    send(mail_cases, unless_waiting=5)
