"""The report of one assessment, read from its case."""

from datetime import date
from decimal import Decimal

from django.db.models import Count, Q
from django.utils import timezone

from dscr.access.models import User
from qmm.countries import country_name
from qmm.course.levels import area_levels
from qmm.course.steps import OUTCOME_STATES, Event
from qmm.course.words import first_up
from qmm.models import (
    AREAS,
    Assessment,
    AssessmentCase,
    CaseEvent,
    CaseSheet,
    ConsensusScore,
    Establishment,
    FactComment,
    Finding,
    ImprovementPlan,
)
from qmm.models.case import counting
from qmm.queries.case_page import taken_case
from qmm.queries.peers import peers_of
from qmm.queries.plan_page import sent_sentence
from qmm.queries.report_readers import may_read_report
from qmm.report.contents import (
    KINDS,
    POINTS,
    AreaPart,
    Earlier,
    ElementPart,
    FactCheck,
    FindingPart,
    Place,
    PlannedAction,
    PlanPart,
    Report,
)
from qmm.rubric import Element, Texts, in_order, read
from qmm.services.course_conditions import is_confirmed
from qmm.services.course_people import team_of
from qmm.services.validity import last_day


def reported_case(user: User, pk: int) -> AssessmentCase | None:
    """The case, if this reader may read its report now; None otherwise."""
    found = taken_case(user, pk)
    return found[0] if found and may_read_report(*found, takes=False) else None


def report_of(case: AssessmentCase, user: User | None = None) -> Report:
    """For who may read it (`reported_case`), and the same for each of them: agreed levels, findings and passages are
    read without a reader's scope. Area levels of a final one are those that count. The improvement plan alone is read
    as far as `user` may."""
    texts = case.rubric.kept_texts if case.rubric else {}
    agreed = {code: level for code, level in _agreed(case).items() if code in texts}
    assessment, earlier = case.assessment, _earlier(case)
    levels = _levels_of(assessment) if assessment else _area_levels(agreed)
    levels_before, before = _levels_of(earlier), _elements_of(earlier)
    peers = peers_of(case.establishment)
    sheet = CaseSheet.objects.filter(case=case, kind=CaseSheet.Kind.DRAFT).first()
    passages = sheet.texts if sheet else {}

    def element(found: Element) -> ElementPart:
        level = agreed.get(found.code)
        rungs = {rung.number: rung for rung in found.levels}
        return ElementPart(
            code=found.code,
            name=found.name,
            text=passages.get(found.code, "").strip(),
            level=level,
            here=rungs.get(level) if level else None,
            next=rungs.get(level + 1) if level else None,
            before=before.get(found.code),
            peers=peers.elements.get(found.code),
        )

    areas = [
        AreaPart(
            code=section.area.code,
            prefix=section.area.prefix,
            label=section.area.label,
            level=levels.get(section.area.code),
            before=levels_before.get(section.area.code),
            elements=[element(found) for found in section.elements],
            peers=peers.areas.get(section.area.code),
        )
        for section in read(texts)
    ]
    days, is_final = _days(case), case.state in OUTCOME_STATES
    completed_on = (assessment.completed_on if assessment else case.closed_on) if is_final else None
    return Report(
        case=case.pk,
        place=_place(case.establishment),
        is_draft=not is_final,
        is_voided=bool(assessment and assessment.voided_at),
        rubric=(case.rubric.version or "") if case.rubric else "",
        visit_from=days.get(Event.BEGIN, case.visit_starts_on),
        visit_to=days.get(Event.END_VISIT),
        completed_on=completed_on,
        valid_until=last_day(completed_on) if completed_on else None,
        assessors=[f"{one.membership.user}, {one.membership.organisation}" for one in team_of(case)],
        areas=areas,
        findings=_findings(case, texts),
        fact_check=_fact_check(case),
        earlier=Earlier(earlier.completed_on, _qmm(earlier)) if earlier else None,
        peers=peers,
        is_synthetic=case.establishment.is_synthetic,
        plan=_plan(case, user, texts) if user and is_final else None,
    )


def _agreed(case: AssessmentCase) -> dict[str, int]:
    rows = ConsensusScore.objects.filter(case=case, level__isnull=False)
    return dict(rows.values_list("element", "level"))


def _area_levels(agreed: dict[str, int]) -> dict[str, Decimal]:
    """Of a draft: none before every area has a level, which the steps see to."""
    try:
        return area_levels(agreed)
    except ValueError:
        return {}


def _levels_of(assessment: Assessment | None) -> dict[str, Decimal]:
    return {area: getattr(assessment, area) for area in AREAS} if assessment else {}


def _qmm(assessment: Assessment) -> Decimal:
    return Decimal(sum(_levels_of(assessment).values())) / len(AREAS) * POINTS


def _earlier(case: AssessmentCase) -> Assessment | None:
    """The newest one of the same establishment that was complete before this one, however old."""
    rows = Assessment.objects.filter(establishment=case.establishment_id, voided_at=None)
    if case.assessment:
        own = case.assessment
        rows = rows.filter(Q(completed_on__lt=own.completed_on) | Q(completed_on=own.completed_on, pk__lt=own.pk))
    elif case.closed_on:
        rows = rows.filter(completed_on__lt=case.closed_on)
    return rows.order_by("-completed_on", "-pk").first()


def _elements_of(assessment: Assessment | None) -> dict[str, int]:
    """Agreed in this program. The elements of an imported one are those of another rubric."""
    if assessment is None:
        return {}
    rows = ConsensusScore.objects.filter(case__assessment=assessment, level__isnull=False)
    return dict(rows.values_list("element", "level"))


def _place(site: Establishment) -> Place:
    fei = site.identifiers.filter(scheme="fei").values_list("value", flat=True).first()
    return Place(
        id=site.pk,
        name=site.name,
        fei=fei or "",
        address=" ".join(site.address.split()),
        country=first_up(country_name(site.country)) if site.country else "",
        organization=str(site.owner or ""),
    )


def _days(case: AssessmentCase) -> dict[str, date]:
    """Event -> when it happened last, of the visit's first and last day."""
    lines = CaseEvent.objects.filter(case=case, event__in=[Event.BEGIN, Event.END_VISIT]).order_by("pk")
    return {event: timezone.localtime(at).date() for event, at in lines.values_list("event", "at")}


def _findings(case: AssessmentCase, texts: Texts) -> list[FindingPart]:
    """Of the assessors who finished, by kind and then as the rubric goes; whose it is, no report says."""
    rows = Finding.objects.filter(
        counting("assignment"), assignment__case=case, assignment__finished_at__isnull=False, removed_at=None
    )
    places = {code: place for place, code in enumerate(in_order(texts))}
    kinds = list(KINDS)
    found = sorted(
        (row for row in rows if row.element in places), key=lambda row: (kinds.index(row.kind), places[row.element])
    )
    return [FindingPart(row.kind, row.element, _name(texts, row.element), row.text, row.evidence) for row in found]


def _plan(case: AssessmentCase, user: User, texts: Texts) -> PlanPart | None:
    plan = ImprovementPlan.objects.for_user(user, "read_plans").filter(case=case, sent_at__isnull=False).first()
    if plan is None or plan.sent_at is None:
        return None
    actions, today = list(plan.actions.all()), timezone.localdate()
    return PlanPart(
        sent_on=timezone.localdate(plan.sent_at),
        as_of=today,
        said=sent_sentence(plan, actions),
        no_action=plan.no_action,
        actions=[
            PlannedAction(
                number=action.number,
                element=action.element,
                element_name=_name(texts, action.element),
                what=action.what,
                responsible=action.responsible,
                due_on=action.due_on,
                target=action.target,
                standing=action.get_standing_display() + (", late" if action.is_open and action.due_on < today else ""),
            )
            for action in actions
        ],
    )


def _name(texts: Texts, element: str) -> str:
    return " ".join(texts.get(element, {}).get("name", "").split())


def _fact_check(case: AssessmentCase) -> FactCheck:
    counted = FactComment.objects.filter(case=case).aggregate(
        all=Count("pk"), **{verdict: Count("pk", filter=Q(verdict=verdict)) for verdict in FactComment.Verdict.values}
    )
    return FactCheck(
        is_finished=case.closed_on is not None or is_confirmed(case),
        comments=counted["all"],
        corrected=counted["corrected"],
        partly=counted["partly"],
        kept=counted["kept"],
    )
