"""Calibration cases as their readers meet them. Before an assessor has submitted, no query here reads the panel's
levels or anybody else's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from dscr.access.models import Membership, User
from dscr.access.roles import ASSESSORS
from qmm.agreement_sentences import distance
from qmm.models import AgreementFigure, CalibrationCase, CalibrationItem, CalibrationLevel, CalibrationSheet
from qmm.queries.score_sheet import Entry
from qmm.rubric.content import Element, element_of
from qmm.rubric.fields import in_order

BLIND = ("id", "case_id", "element", "evidence")


@dataclass(frozen=True, slots=True)
class Asked:
    """One element on the sheet of an assessor; the panel's level and the distance only once it is submitted."""

    item: CalibrationItem
    element: Element
    level: int | None
    note: str
    entries: list[Entry] = field(default_factory=list)  # the same as inputs: level, note
    distance: str = ""
    gap: int = 0


def cases_of(user: User, action: str = "read_calibration") -> QuerySet[CalibrationCase]:
    return CalibrationCase.objects.for_user(user, action).select_related("rubric").defer("rubric__edits")


def list_of_assessor(user: User) -> list[tuple[CalibrationCase, CalibrationSheet | None, int]]:
    """Each case with one's own sheet, and how many elements it asks for; the open ones first."""
    cases = cases_of(user).defer("rubric__texts", "rubric__edits").annotate(asked=Count("items"))
    sheets = {sheet.case_id: sheet for sheet in CalibrationSheet.objects.for_user(user, "score_calibration")}
    rows = [(case, sheets.get(case.pk), case.asked) for case in cases]
    return sorted(rows, key=lambda row: (bool(row[1] and row[1].submitted_at), row[0].pk))


def list_of_office(user: User) -> list[CalibrationCase]:
    """Each case with `asked`, `submitted` and `begun`, counts, and `alpha` of those who submitted; drafts first."""
    counted = CalibrationCase.objects.for_user(user, "read_calibration").annotate(
        asked=Count("items", distinct=True),
        submitted=Count("sheets", filter=Q(sheets__submitted_at__isnull=False), distinct=True),
        begun=Count("sheets", filter=Q(sheets__submitted_at=None), distinct=True),
    )
    figures = AgreementFigure.objects.for_user(user, "read_agreement").filter(kind="calibration")
    alpha = dict(figures.values_list("calibration_id", "alpha"))
    order = {state: place for place, state in enumerate(CalibrationCase.State.values)}
    rows = sorted(counted, key=lambda case: (order[case.state], case.pk))
    for case in rows:
        case.alpha = alpha.get(case.pk)
    return rows


def own_sheet(case: CalibrationCase, user: User) -> CalibrationSheet | None:
    return CalibrationSheet.objects.for_user(user, "score_calibration").filter(case=case).first()


def asked_of(
    case: CalibrationCase,
    sheet: CalibrationSheet | None,
    typed: Mapping[str, str] | None = None,
    conflicts: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[Asked]:
    """In the rubric's order; `typed`: what a form sent and could not be stored. The panel's levels are read only where
    the sheet is submitted."""
    typed, conflicts = typed or {}, conflicts or {}
    is_in = sheet is not None and sheet.submitted_at is not None
    items = case.items.all() if is_in else case.items.only(*BLIND)
    given = {row.element: row for row in CalibrationLevel.objects.filter(sheet=sheet)} if sheet else {}
    by_code = {item.element: item for item in items}
    rows = []
    for code in in_order(by_code):
        own, item = given.get(code), by_code[code]
        level = own.level if own else None
        told = {}
        if is_in and level is not None and item.reference is not None:
            told = {"distance": distance(level, item.reference), "gap": level - item.reference}
        note, stored = own.note if own else "", "" if level is None else str(level)
        entries = [
            Entry(key, typed.get(key, was), was, conflicts.get(key, {}))
            for key, was in ((f"{code}.level", stored), (f"{code}.note", note))
        ]
        rows.append(Asked(item, element_of(code, case.rubric.texts[code]), level, note, entries, **told))
    return rows


def results_of(case: CalibrationCase) -> dict[str, Any]:
    """For the office: `codes`, `sheets` [(assessor, submitted at, [(level, gap)])], and `open`: today's assessors
    who have not submitted, by name."""
    items = {item.element: item for item in case.items.all()}
    codes = in_order(items)
    sheets = list(case.sheets.select_related("assessor").order_by("submitted_at"))
    levels = {
        (sheet, element): level
        for sheet, element, level in CalibrationLevel.objects.filter(
            sheet__case=case, sheet__submitted_at__isnull=False
        ).values_list("sheet_id", "element", "level")
    }
    rows = [
        (sheet.assessor, sheet.submitted_at, [_cell(levels.get((sheet.pk, code)), items[code]) for code in codes])
        for sheet in sheets
        if sheet.submitted_at
    ]
    done = {sheet.assessor_id for sheet in sheets if sheet.submitted_at}
    return {
        "codes": codes,
        "items": [(items[code], element_of(code, case.rubric.texts.get(code, {}))) for code in codes],
        "sheets": rows,
        "open": sorted({str(person) for person in assessors_today() if person.pk not in done}),
    }


def calibrations_open(user: User) -> list[CalibrationCase]:
    """Published cases that the assessor has not submitted, the newest first; one query."""
    mine = CalibrationSheet.objects.filter(case=OuterRef("pk"), assessor=user.pk)
    cases = CalibrationCase.objects.for_user(user, "score_calibration").filter(state="published")
    return list(
        cases.exclude(Exists(mine.filter(submitted_at__isnull=False)))
        .annotate(is_begun=Exists(mine))
        .order_by("-published_at", "-pk")
    )


def assessors_today() -> list[User]:
    """Each once, however many firms they work for."""
    today = timezone.localdate()
    held = Membership.objects.filter(role__in=ASSESSORS, starts_on__lte=today, user__is_active=True)
    return list({row.user_id: row.user for row in held.exclude(ends_on__lte=today).select_related("user")}.values())


def _cell(level: int | None, item: CalibrationItem) -> tuple[int | None, int]:
    return level, 0 if level is None or item.reference is None else level - item.reference
