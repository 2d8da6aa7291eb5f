"""Stored figures of agreement, for pages and API."""

from dataclasses import dataclass, field
from datetime import datetime

from dscr.access.models import User
from qmm.models import AgreementFigure, AgreementRun, AssessorDrift, Rubric
from qmm.models.agreement import AgreementFigureQuerySet
from qmm.rubric.fields import AREAS, in_order

Kind = AgreementFigure.Kind


@dataclass(frozen=True, slots=True)
class PublicAgreement:
    """What everybody may know of one cycle (None: all years). `overall` is None where too few contribute;
    `finished` counts all the same. `cycles`: those that may be shown, the newest first."""

    cycle: int | None
    finished: int
    overall: AgreementFigure | None
    areas: list[AgreementFigure] = field(default_factory=list)
    elements: list[AgreementFigure] = field(default_factory=list)
    cycles: list[int] = field(default_factory=list)
    computed_at: datetime | None = None


def public_agreement(cycle: int | None) -> PublicAgreement:
    """Three queries, whatever there is."""
    wholes = AgreementFigure.objects.told_to_everybody().filter(kind=Kind.OVERALL).exclude(cycle=None)
    run = AgreementRun.objects.first()
    told = AgreementFigure.objects.told_to_everybody().filter(cycle=cycle)
    rows = {(row.kind, row.code): row for row in told}
    areas = [rows[Kind.AREA, area.code] for area in AREAS if (Kind.AREA, area.code) in rows]
    codes = in_order(code for kind, code in rows if kind == Kind.ELEMENT)
    return PublicAgreement(
        cycle=cycle,
        finished=run.finished.get(str(cycle or "all"), 0) if run else 0,
        overall=rows.get((Kind.OVERALL, "")),
        areas=areas,
        elements=[rows[Kind.ELEMENT, code] for code in codes],
        cycles=sorted(wholes.values_list("cycle", flat=True), reverse=True),
        computed_at=run.computed_at if run else None,
    )


def names_of_groups() -> dict[str, str]:
    """Practice areas and elements by their codes, as the rubric in force names them; older elements by code alone."""
    names = {area.code: area.label for area in AREAS}
    texts = Rubric.objects.in_force().values_list("texts", flat=True).first() or {}
    return names | {code: f"{code} {fields.get('name', '')}".strip() for code, fields in texts.items()}


def pairs_of(user: User, cycle: int | None) -> AgreementFigureQuerySet:
    """The lowest agreement first."""
    rows = AgreementFigure.objects.for_user(user, "read_agreement").filter(kind=Kind.PAIR, cycle=cycle)
    return rows.select_related("first", "second").order_by("alpha", "id")


def drifts_of_everybody(user: User, cycle: int | None) -> list[AssessorDrift]:
    """In assessments of the cycle, the largest first."""
    rows = AssessorDrift.objects.for_user(user, "read_agreement").filter(source="assessments", cycle=cycle)
    return sorted(rows.select_related("assessor"), key=lambda row: -abs(row.drift))


def calibration_drifts(user: User) -> list[AssessorDrift]:
    rows = AssessorDrift.objects.for_user(user, "read_agreement").filter(source="calibration")
    return sorted(rows.select_related("assessor"), key=lambda row: -abs(row.drift))


def own_drifts(user: User) -> list[AssessorDrift]:
    """All years first, then each, the newest first."""
    rows = AssessorDrift.objects.for_user(user, "read_own_drift")
    return sorted(rows, key=lambda row: (row.cycle is not None, -(row.cycle or 0)))
