"""What of a case's rows stands in its report, and what never does; levels of others from five organizations on."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from dscr.access.models import Organisation
from qmm.course.steps import Event, State
from qmm.models import AREAS, Assessment, AssessmentCase, CaseAssignment, ConsensusScore, Establishment, Finding
from qmm.queries.peers import peers_of
from qmm.queries.report import report_of, reported_case
from qmm.report.contents import AreaPart, Earlier, ElementPart, FactCheck, Report
from qmm.report.peers import Spread, told_as_of
from qmm.rubric.shipped import shipped
from qmm.services.validity import last_day
from qmm.tasks import keep_peers
from tests.course.conftest import Desk
from tests.report.conftest import HOSTILE, beside, levelled


def element(report: Report, code: str) -> ElementPart:
    return next(found for area in report.areas for found in area.elements if found.code == code)


def areas(report: Report) -> dict[str, AreaPart]:
    return {area.prefix: area for area in report.areas}


def test_a_final_report_holds_agreed_levels_anchors_findings_and_the_change(desk: Desk) -> None:
    before = timezone.localdate() - timedelta(days=900)
    Assessment.objects.filter(establishment=desk.site).delete()
    Assessment.objects.create(establishment=desk.site, completed_on=before, **dict.fromkeys(AREAS, 3), voided_at=None)
    case = levelled(desk)
    report = report_of(AssessmentCase.objects.get(pk=case.pk))
    today = timezone.localdate()
    assert (report.is_draft, report.is_voided, report.rubric) == (False, False, "2026.1")
    assert (report.completed_on, report.valid_until) == (today, last_day(today))
    assert (report.visit_from, report.visit_to) == (case.visit_starts_on, today)
    assert (report.place.name, report.place.fei, report.place.organization) == (
        "Halden Plant 2",
        "3001000001",
        "Halden Group",
    )
    assert report.assessors == ["lena@assessors.example, Assessors", "aron@assessors.example, Assessors"]
    # MC 2 3 4 4, BC 5 4 4 4, PQ 4 1 4 4 4 4, TE 4 4 4, EE 4 4 5: the assessment that counts.
    assert [area.level for area in report.areas] == [
        Decimal(level) for level in ("3.250", "4.250", "3.500", "4.000", "4.333")
    ]
    assert report.qmm == Decimal("77.3320")
    assert report.earlier == Earlier(before, Decimal(60))
    assert areas(report)["PQ"].change == Decimal("0.500")
    first, top = element(report, "PQ2"), element(report, "BC1")
    texts = shipped()["PQ2"]
    assert (first.level, first.text, first.before) == (1, "Written.", None)
    assert (first.here.number, first.next.number) == (1, 2)
    assert first.next.anchor == " ".join(texts["anchor_2"].split())
    assert first.next.evidence == [" ".join(line.split()) for line in texts["evidence_2"].splitlines() if line.strip()]
    assert (top.level, top.next, top.is_highest) == (5, None, True)
    assert [(found.kind, found.element) for found in report.findings] == [
        ("critical_gap", "PQ2"),
        ("strength", "BC1"),
        ("opportunity", "MC2"),
    ]
    assert report.findings[0].text == f"Actions close late: {HOSTILE}"
    assert report.fact_check == FactCheck(True, 1, 1, 0, 0)


def test_findings_that_were_taken_out_or_of_who_left_are_not_in_it(desk: Desk) -> None:
    case = levelled(desk, State.FACT_CHECK)
    lead = CaseAssignment.objects.get(case=case, membership=desk.lead.membership)
    gone = {"kind": "strength", "element": "TE1", "text": "Taken out", "removed_at": timezone.now()}
    Finding.objects.create(assignment=lead, **gone)
    assert [found.element for found in report_of(case).findings] == ["PQ2", "BC1", "MC2"]
    CaseAssignment.objects.filter(pk=lead.pk).update(ended_on=timezone.localdate())
    assert report_of(case).findings == []


def test_a_re_assessment_tells_the_change_of_each_element(desk: Desk) -> None:
    levelled(desk)
    desk.later(30)
    case = levelled(desk, PQ2=3)
    report = report_of(AssessmentCase.objects.get(pk=case.pk))
    assert report.earlier.qmm == Decimal("77.3320")
    assert (element(report, "PQ2").level, element(report, "PQ2").before) == (3, 1)
    assert report.qmm_change == Decimal("1.332")


def test_a_draft_tells_levels_as_they_are_agreed_now(desk: Desk) -> None:
    case = levelled(desk, State.DRAFT_REPORT)
    report = report_of(case)
    assert (report.is_draft, report.completed_on, report.valid_until) == (True, None, None)
    assert areas(report)["MC"].level == Decimal("3.250")
    ConsensusScore.objects.filter(case=case, element="MC1").update(level=3)
    assert areas(report_of(case))["MC"].level == Decimal("3.500")
    assert report.fact_check == FactCheck(False, 0, 0, 0, 0)


def test_a_case_without_a_rubric_tells_what_is_known(desk: Desk) -> None:
    """Such as one that was brought in with its outcome."""
    outcome = Assessment.objects.filter(establishment=desk.site).latest("completed_on")
    case = AssessmentCase.objects.create(
        establishment=desk.site,
        state=State.FINAL,
        requested_on=outcome.completed_on,
        closed_on=outcome.completed_on,
        assessment=outcome,
    )
    report = report_of(case)
    assert not report.has_elements
    assert [area.level for area in report.areas] == [getattr(outcome, area) for area in AREAS]
    assert report.rubric == ""


def test_others_are_told_from_five_organizations_on(desk: Desk) -> None:
    for number, level in ((1, 2.0), (2, 2.5), (3, 3.0), (3, 4.0), (4, 4.5)):
        beside(number, level)
    own = Establishment.objects.create(name="Own second", owner=desk.site.owner)
    Assessment.objects.create(establishment=own, completed_on=timezone.localdate(), **dict.fromkeys(AREAS, 1))
    others = set(Organisation.objects.filter(establishments__assessments__isnull=False).values_list("name", flat=True))
    counting = others - {"Halden Group"}
    assert len(counting) == 4
    assert peers_of(desk.site).organizations == 0
    keep_peers()
    assert (peers_of(desk.site).organizations, peers_of(desk.site).areas) == (0, {})
    beside(5, 2.25)
    keep_peers()
    told = peers_of(desk.site)
    assert told.organizations == 5
    # 2.0, 2.25, 2.5, the mean of 3.0 and 4.0, 4.5
    assert told.areas == dict.fromkeys(AREAS, Spread(2.2, 2.5, 3.5))
    assert told.elements == {}


@pytest.mark.parametrize("change", ["voided", "expired", "future_owner", "merged"])
def test_only_what_counts_today_contributes(desk: Desk, change: str) -> None:
    sites = [beside(number, 3.0) for number in range(1, 7)]
    before = told_as_of(timezone.localdate())
    last = Assessment.objects.filter(establishment=sites[-1])
    if change == "voided":
        last.update(voided_at=timezone.now(), void_reason="Wrong site")
    elif change == "expired":
        last.update(completed_on=before - timedelta(days=1097))
    elif change == "future_owner":
        Establishment.objects.filter(pk=sites[-1].pk).update(owner=None)
    else:  # the assessment moves to the record that stays
        last.update(establishment=sites[0])
    keep_peers()
    assert peers_of(desk.site).organizations == 5


def test_the_newest_assessment_of_a_site_counts_and_of_two_on_a_day_the_lower(desk: Desk) -> None:
    sites = [beside(number, 4.0) for number in range(1, 6)]
    day = timezone.localdate() - timedelta(days=100)
    for site in sites:
        Assessment.objects.create(establishment=site, completed_on=day, **dict.fromkeys(AREAS, 3))
        Assessment.objects.create(establishment=site, completed_on=day, **dict.fromkeys(AREAS, 2))
    assert peers_of(desk.site).areas["advanced_pqs"] == Spread(2.0, 2.0, 2.0)


@pytest.mark.parametrize(
    ("today", "first"),
    [((2026, 1, 1), (2026, 1, 1)), ((2026, 11, 23), (2026, 10, 1)), ((2028, 2, 29), (2028, 1, 1))],
)
def test_others_are_told_as_of_a_quarters_first_day(today: tuple[int, int, int], first: tuple[int, int, int]) -> None:
    assert told_as_of(date(*today)) == date(*first)


def test_what_one_assessment_changes_is_not_told_before_the_next_quarter(
    desk: Desk, later: Callable[[int], None]
) -> None:
    """Told at once, its levels could be reckoned from the quartiles of the day before and the day after."""
    sites = [beside(number, level) for number, level in enumerate((2.0, 2.0, 3.0, 4.0, 5.0), 1)]
    told = peers_of(desk.site)
    assert told.areas["advanced_pqs"] == Spread(2.0, 3.0, 4.0)
    for number in range(6, 12):
        beside(number, 1.0, timezone.localdate())
    Assessment.objects.filter(establishment=sites[0]).update(voided_at=timezone.now(), void_reason="Wrong site")
    keep_peers()
    assert peers_of(desk.site) == told
    later(92)
    told = peers_of(desk.site)
    assert (told.organizations, told.areas["advanced_pqs"]) == (10, Spread(1.0, 1.0, 2.8))


def test_nor_before_those_of_six_organizations_have_changed(desk: Desk, later: Callable[[int], None]) -> None:
    """Of two quarters between which one firm was assessed, the difference is that firm."""
    sites = [beside(number, 3.0) for number in range(1, 6)]
    told = peers_of(desk.site)
    for quarter, site in enumerate(sites, 1):
        Assessment.objects.create(
            establishment=site, completed_on=timezone.localdate(), **dict.fromkeys(AREAS, 1 + quarter % 2)
        )
        later(92)
        keep_peers()
        assert peers_of(desk.site) == told
    beside(6, 4.0, timezone.localdate())  # the sixth that differs
    later(92)
    keep_peers()
    now = peers_of(desk.site)
    assert (now.organizations, now.as_of) == (6, told_as_of(timezone.localdate()))
    assert now.areas["advanced_pqs"] == Spread(1.2, 2.0, 2.0)


def test_elements_of_others_are_told_where_five_have_agreed_on_them(desk: Desk) -> None:
    sites = [beside(number, 3.0) for number in range(1, 7)]
    today = timezone.localdate()
    for number, site in enumerate(sites):
        case = AssessmentCase.objects.create(
            establishment=site,
            state=State.FINAL,
            requested_on=today,
            closed_on=today,
            assessment=site.assessments.get(),
        )
        for code in ("MC1", "MC2") if number else ("MC1",):
            level = min(number + 1, 5)
            ConsensusScore.objects.create(case=case, element=code, level=level, decided_by=desk.lead)
    assert peers_of(desk.site).elements == {"MC1": Spread(2.2, 3.5, 4.8)}


def test_a_site_of_no_known_owner_has_no_others(desk: Desk) -> None:
    for number in range(1, 7):
        beside(number, 3.0)
    desk.site.owner = None
    assert peers_of(desk.site).organizations == 0


def test_a_voided_outcome_is_said(desk: Desk) -> None:
    case = levelled(desk)
    Assessment.objects.filter(case=case).update(voided_at=timezone.now(), void_reason="Wrong site")
    assert report_of(AssessmentCase.objects.get(pk=case.pk)).is_voided


def test_reopening_takes_the_report_back(desk: Desk) -> None:
    case = levelled(desk, State.FACT_CHECK)
    desk.step(case, Event.REOPEN)
    assert case.state == State.CONSENSUS


def test_who_never_declared_their_interests_reads_no_report(desk: Desk, case: AssessmentCase) -> None:
    CaseAssignment.objects.create(case=case, membership=desk.third.membership, assigned_on=timezone.localdate())
    assert [reported_case(user, case.pk) for user in (desk.lead, desk.third)] == [case, None]
