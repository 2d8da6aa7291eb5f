"""Recomputes the figures of agreement, in the background only: read once, computed in arrays, stored at once.

Levels count once both assessors have finished. The cycle is the calendar year, in the program's time zone, in which the
second of them did.

What everybody may know counts assessments in fives that stay as they were told (qmm/services/agreement_told.py).
"""

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import structlog
from django.db import connection, transaction
from django.db.models import Count, F, Max, Q, Sum
from django.utils import timezone
from numpy.typing import NDArray

from qmm.agreement.coefficients import ordinal_alpha
from qmm.agreement.drift import mean_drift
from qmm.agreement.figures import (
    Coefficient,
    Figure,
    Finished,
    Levels,
    drifts_of,
    figures_of_groups,
    figures_of_pairs,
)
from qmm.models import (
    AgreementFigure,
    AgreementRun,
    AssessorDrift,
    CalibrationItem,
    CalibrationLevel,
    CalibrationSheet,
    CaseAssignment,
    ElementScore,
)
from qmm.rubric import AREAS
from qmm.rubric.fields import AREA_OF_PREFIX, CODE, in_order
from qmm.services.agreement_told import counts_of, read_told, tell

LOCK = 1_807_044  # of this database, beside those of other jobs
CHUNK = 20_000
BATCH = 1_000
NONE = Coefficient(None, None, None)
# Who was replaced, or left with a conflict of interest, counts no more, unless a substitute carries on for them; an
# assignment may end with its case.
STAYED = Q(ended_on=None) | Q(case__closed_on__lte=F("ended_on")) | Q(levels_stand=True)
Kind, Source = AgreementFigure.Kind, AssessorDrift.Source
log = structlog.get_logger(__name__)


def recompute_if_changed() -> bool:
    """True where it computed. One at a time: who comes meanwhile leaves the work to the next look."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if cursor.fetchone() != (True,):
            return False
        now = fingerprint()
        if AgreementRun.objects.filter(fingerprint=now).exists():
            return False
        _recompute(now)
    return True


def recompute() -> None:
    """Whatever changed or not, waiting for whoever computes."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        _recompute(fingerprint())


def fingerprint() -> str:
    """Of who has finished, and of the day: a night's recompute mends what a repair of records changed."""
    finished = CaseAssignment.objects.filter(STAYED, finished_at__isnull=False).aggregate(
        Count("id"), Sum("id"), Max("finished_at")
    )
    sheets = CalibrationSheet.objects.filter(submitted_at__isnull=False).aggregate(Count("id"), Max("submitted_at"))
    return " ".join(str(part) for part in (timezone.localdate(), *finished.values(), *sheets.values()))


def _recompute(now: str) -> None:
    started = time.monotonic()
    finished = read_finished()
    figures, drifts = [], []
    for cycle, levels in _by_cycle(finished.levels, finished.cycles):
        figures += _figures_of_pairs(cycle, levels)
        drifts += _drifts(cycle, levels)
    tell(finished)
    told = read_told()
    for cycle, levels in _by_cycle(told.levels, told.cycles):
        figures += _figures_of_groups(cycle, levels)
    figures += _calibration_figures()
    drifts += _calibration_drifts()
    AgreementFigure.objects.all().delete()
    AssessorDrift.objects.all().delete()
    AgreementFigure.objects.bulk_create(figures, batch_size=BATCH)
    AssessorDrift.objects.bulk_create(drifts, batch_size=BATCH)
    seconds = time.monotonic() - started
    AgreementRun.objects.update_or_create(
        pk=1,
        defaults={
            "computed_at": timezone.now(),
            "fingerprint": now,
            "finished": counts_of(finished, told),
            "levels": int((finished.levels.levels > 0).sum()),
            "seconds": seconds,
        },
    )
    log.info("agreement_recomputed", assessments=len(finished.levels), figures=len(figures), seconds=round(seconds, 1))


# --- Reading --------------------------------------------------------------------------------------------------------


def read_finished() -> Finished:
    """Every case with exactly two assessors who finished and did not leave it; half a million levels are two megabytes
    here."""
    cases: dict[int, list[tuple[int, int, int]]] = {}
    when: dict[int, Any] = {}
    rows = CaseAssignment.objects.filter(STAYED, finished_at__isnull=False).order_by("case_id", "-is_lead", "id")
    blind = set(
        CaseAssignment.objects.filter(finished_at=None, ended_on=None, carries_on=None).values_list(
            "case_id", flat=True
        )
    )  # the other still scores
    for pk, case, person, at in rows.values_list("id", "case_id", "membership__user_id", "finished_at"):
        if case not in blind:
            cases.setdefault(case, []).append((pk, person, case))
            when[case] = max(at, when.get(case, at))
    pairs = [both for both in cases.values() if len(both) == 2 and both[0][1] != both[1][1]]
    pairs.sort(key=lambda both: (when[both[0][2]], both[0][2]))
    place = {pk: (number, side) for number, both in enumerate(pairs) for side, (pk, _, _) in enumerate(both)}
    elements = tuple(in_order(code for code in _codes() if CODE.fullmatch(code)))
    levels = np.zeros((len(pairs), len(elements), 2), dtype=np.int8)
    column = {code: number for number, code in enumerate(elements)}
    for assignment, element, level in _levels():
        if assignment in place and element in column:
            number, side = place[assignment]
            levels[number, column[element], side] = level
    people = np.array([[one[1], other[1]] for one, other in pairs], dtype=np.int64).reshape(-1, 2)
    cycles = np.array([timezone.localtime(when[both[0][2]]).year for both in pairs], dtype=np.int16)
    ids = np.array([both[0][2] for both in pairs], dtype=np.int64)
    return Finished(Levels(levels, people, elements), ids, cycles)


def _codes() -> list[str]:
    return list(ElementScore.objects.order_by().values_list("element", flat=True).distinct())


def _levels() -> Iterator[tuple[int, str, int]]:
    rows = ElementScore.objects.filter(level__isnull=False, assignment__finished_at__isnull=False).order_by()
    return rows.values_list("assignment_id", "element", "level").iterator(chunk_size=CHUNK)


def _by_cycle(levels: Levels, cycles: NDArray[np.int16]) -> Iterator[tuple[int | None, Levels]]:
    """All years first, then each; nothing while nobody has finished."""
    if len(levels):
        yield None, levels
    for cycle in np.unique(cycles):
        yield int(cycle), levels.of(cycles == cycle)


# --- Figures --------------------------------------------------------------------------------------------------------


def _figures_of_groups(cycle: int | None, levels: Levels) -> list[AgreementFigure]:
    groups = groups_of(levels.elements)
    found = figures_of_groups(levels, {name: codes for name, (_, _, codes) in groups.items()})
    return [_row(figure, cycle=cycle, kind=groups[name][0], code=groups[name][1]) for name, figure in found.items()]


def _figures_of_pairs(cycle: int | None, levels: Levels) -> list[AgreementFigure]:
    return [
        _row(figure, cycle=cycle, kind=Kind.PAIR, first_id=first, second_id=second)
        for first, second, figure in figures_of_pairs(levels)
    ]


def groups_of(elements: tuple[str, ...]) -> dict[str, tuple[str, str, list[str]]]:
    """Name -> (kind, code, elements): all, then each practice area, then each element."""
    groups: dict[str, tuple[str, str, list[str]]] = {"overall": (Kind.OVERALL, "", list(elements))}
    for area in AREAS:
        codes = [code for code in elements if AREA_OF_PREFIX[code[:2]] is area]
        if codes:
            groups[area.code] = (Kind.AREA, area.code, codes)
    return groups | {code: (Kind.ELEMENT, code, [code]) for code in elements}


def _drifts(cycle: int | None, levels: Levels) -> list[AssessorDrift]:
    items = levels.both.sum(axis=1)
    return [
        AssessorDrift(
            assessor_id=each.assessor,
            source=Source.ASSESSMENTS,
            cycle=cycle,
            assessments=each.assessments,
            partners=each.partners,
            items=int(items[(levels.assessors == each.assessor).any(axis=1)].sum()),
            drift=each.drift,
            low=each.low,
            high=each.high,
        )
        for each in drifts_of(levels)
    ]


def _row(figure: Figure, **about: Any) -> AgreementFigure:
    values = {}
    for name in ("alpha", "kappa", "icc"):
        found = getattr(figure, name)
        values |= {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}
    return AgreementFigure(
        assessments=figure.assessments, assessors=figure.assessors, items=figure.items, **values, **about
    )


# --- Calibration ----------------------------------------------------------------------------------------------------


def _submitted() -> Any:
    return CalibrationLevel.objects.filter(sheet__submitted_at__isnull=False, level__isnull=False).order_by("sheet_id")


def _calibration_figures() -> list[AgreementFigure]:
    """Alpha of all who submitted a case, without the panel. Its few elements are no sample: there is no interval."""
    cases: dict[int, dict[int, dict[str, int]]] = {}
    for case, sheet, element, level in _submitted().values_list("sheet__case_id", "sheet_id", "element", "level"):
        cases.setdefault(case, {}).setdefault(sheet, {})[element] = level
    rows = []
    for case, sheets in sorted(cases.items()):
        if len(sheets) < 2:
            continue
        elements = sorted(set().union(*sheets.values()))
        ratings = np.array([[given.get(code, np.nan) for code in elements] for given in sheets.values()], dtype=float)
        alpha = ordinal_alpha(ratings)
        value = Coefficient(alpha if np.isfinite(alpha) else None, None, None)
        items = int((np.isfinite(ratings).sum(axis=0) >= 2).sum())
        figure = Figure(len(sheets), len(sheets), items, value, NONE, NONE)
        rows.append(_row(figure, cycle=None, kind=Kind.CALIBRATION, calibration_id=case))
    return rows


def _calibration_drifts() -> list[AssessorDrift]:
    """Own level less the panel's, each element of each case."""
    reference = {
        (case, element): level
        for case, element, level in CalibrationItem.objects.values_list("case_id", "element", "reference")
    }
    gaps: dict[int, list[int]] = {}
    cases: dict[int, set[int]] = {}
    for person, case, element, level in _submitted().values_list(
        "sheet__assessor_id", "sheet__case_id", "element", "level"
    ):
        panel = reference.get((case, element))
        if panel is not None:
            gaps.setdefault(person, []).append(level - panel)
            cases.setdefault(person, set()).add(case)
    return [_calibration_drift(person, given, len(cases[person])) for person, given in sorted(gaps.items())]


def _calibration_drift(person: int, gaps: list[int], cases: int) -> AssessorDrift:
    drift, low, high = mean_drift(gaps)
    return AssessorDrift(
        assessor_id=person,
        source=Source.CALIBRATION,
        cycle=None,
        assessments=cases,
        partners=0,
        items=len(gaps),
        drift=drift,
        low=low,
        high=high,
    )
