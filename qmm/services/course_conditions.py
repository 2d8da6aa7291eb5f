"""What must hold before a step besides state and role. Each condition answers with the reason, "" where it holds."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from qmm.course.steps import WEEKS_AHEAD, Condition, Event
from qmm.models import AssessmentCase, CaseEvent, CaseSheet, FactComment, Inspection
from qmm.models.blind import is_revealed
from qmm.queries.conflicts import conflicts_with, undeclared
from qmm.queries.scores import open_consensus, open_elements
from qmm.services.course_people import team_of
from qmm.services.course_places import levels_given, team_or_givers
from qmm.services.market import on_us_market
from qmm.services.plan_sending import plan_refusal

WORST_FIRST = {"OAI": 0, "VAI": 1, "NAI": 2}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a condition looks at: the locked case, today, and the day that a form gave for the visit."""

    case: AssessmentCase
    today: date
    visit_on: date | None = None


def unmet(condition: Condition, asked: Asked) -> str:
    return CONDITIONS[condition](asked)


def eligibility(asked: Asked) -> str:
    """Last inspection NAI or VAI, and something for the US market."""
    return inspection_refusal(asked.case.establishment_id) or market_refusal(asked.case.establishment_id, asked.today)


def inspection_refusal(establishment_id: int) -> str:
    found = Inspection.objects.filter(establishment=establishment_id, voided_at=None).order_by("-ended_on", "-pk")
    rows = list(found.values_list("ended_on", "classification")[:5])
    if not rows:
        return "No inspection of the establishment is recorded. Its last one must have ended with NAI or VAI."
    ended_on = rows[0][0]
    worst = min((one for day, one in rows if day == ended_on), key=WORST_FIRST.__getitem__)
    if worst == "OAI":
        return f"The last inspection, ended {said(ended_on)}, was classified OAI. It must have ended with NAI or VAI."
    return ""


def market_refusal(establishment_id: int, today: date) -> str:
    if on_us_market(establishment_id, today):
        return ""
    return "No enrolled or marketed product names the establishment in its supply chain. It needs one on the US market."


def _team(asked: Asked) -> str:
    team = list(team_of(asked.case))
    if len(team) != 2 or not team[0].is_lead:
        return "Two assessors, one of them the lead, must be assigned first."
    waiting = [str(one.membership.user) for one in team if one.accepted_at is None]
    if waiting:
        return f"{' and '.join(waiting)} must first take the assignment and declare no conflict of interest."
    return ""


def _no_conflict(asked: Asked) -> str:
    people = team_or_givers(asked.case)
    known = {one.membership.user_id: one.membership.user for one in people}
    users = {one.membership.user_id: one.membership.user for one in people if one.ended_on is None}
    owner = asked.case.establishment.owner
    if owner is None:
        return "The establishment has no owner on record. The program operator enters one first."
    conflicts = conflicts_with(owner, known)
    if conflicts:
        return f"{known[min(conflicts)]} has a conflict of interest with the firm. Assign somebody else first."
    silent = sorted(str(users[one]) for one in undeclared(asked.case) & set(users))
    if silent:
        return f"{' and '.join(silent)} must first declare their interests in {owner}, which owns the site now."
    return ""


def _answered(asked: Asked) -> str:
    owner = asked.case.establishment.owner_id
    sheet = CaseSheet.objects.filter(case=asked.case, kind=CaseSheet.Kind.QUESTIONNAIRE, owner=owner).first()
    if sheet is None:
        return "No question is answered yet."
    return _open(sheet, "question is not answered", "questions are not answered")


def _drafted(asked: Asked) -> str:
    sheet = CaseSheet.objects.filter(case=asked.case, kind=CaseSheet.Kind.DRAFT).first()
    if sheet is None:
        return "Nothing of the draft is written yet."
    return _open(sheet, "element of the draft has no text", "elements of the draft have no text")


def _open(sheet: CaseSheet, one: str, many: str) -> str:
    count = len(sheet.open_codes)
    return f"{count} {one if count == 1 else many} yet." if count else ""


def _visit_day(asked: Asked) -> str:
    if asked.visit_on is None:
        return "Give the first day of the visit."
    if asked.visit_on < asked.today:
        return "The first day of the visit lies in the past. Give a day from today on."
    if asked.visit_on > asked.today + timedelta(days=730):
        return "The visit lies more than two years ahead. Check the year."
    oriented = asked.case.events.filter(event=Event.ORIENT).order_by("-pk").values_list("at", flat=True).first()
    if oriented is None:
        return ""
    first = timezone.localtime(oriented).date() + timedelta(weeks=WEEKS_AHEAD)
    if asked.visit_on < first:
        return f"The visit begins at least {WEEKS_AHEAD} weeks after the orientation: on {said(first)} or later."
    return ""


def _visit_reached(asked: Asked) -> str:
    day = asked.case.visit_starts_on
    if day is None or asked.today < day:
        when = f"begins on {said(day)}" if day else "has no day yet"
        return f"The visit {when}. If it was held earlier, the program operator moves it first."
    return ""


def _both_done(asked: Asked) -> str:
    """Who is not done is no secret; what they gave is."""
    for one in levels_given(asked.case):
        if one.finished_at is None or open_elements(one):
            who = one.membership.user
            return f"{who} has not finished the individual scoring yet. The consensus begins when both have."
    return ""


def _agreed(asked: Asked) -> str:
    left = open_consensus(asked.case)
    if asked.case.rubric is None:
        return "The case has no version of the rubric yet. It is kept when the visit begins."
    if not is_revealed(asked.case.pk):
        return (
            "An assessor has left the case with a conflict of interest, so nothing stands that two agree on. The "
            "program operator assigns another one, who gives levels of their own."
        )
    return f"No agreed level, or no reason for a wide gap: {', '.join(left)}." if left else ""


def _not_confirmed(asked: Asked) -> str:
    if CaseSheet.is_former(asked.case, kind=CaseSheet.Kind.DRAFT):
        return "The draft was sent to the former owner. The lead assessor opens the consensus again and sends it anew."
    return "The factual-accuracy review is finished already." if is_confirmed(asked.case) else ""


def _checked(asked: Asked) -> str:
    waiting = FactComment.objects.filter(case=asked.case, answered_at=None).count()
    if waiting:
        return f"{waiting} comment{' waits' if waiting == 1 else 's wait'} for the assessors’ answer."
    due_on = asked.case.due_on
    if is_confirmed(asked.case) or (due_on and due_on < asked.today):
        return ""
    until = f" until {said(due_on)}" if due_on else ""
    return f"The establishment has not finished its review yet. It has time{until}."


def _planned(asked: Asked) -> str:
    return plan_refusal(asked.case)


def is_confirmed(case: AssessmentCase) -> bool:
    """Whether the establishment finished its review of the draft that was sent last."""
    last = CaseEvent.objects.filter(case=case, event__in=[Event.SEND_DRAFT, Event.CONFIRM]).order_by("-pk").first()
    return last is not None and last.event == Event.CONFIRM


def said(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


CONDITIONS: dict[Condition, Callable[[Asked], str]] = {
    Condition.ELIGIBLE: eligibility,
    Condition.TEAM: _team,
    Condition.NO_CONFLICT: _no_conflict,
    Condition.ANSWERED: _answered,
    Condition.VISIT_DAY: _visit_day,
    Condition.VISIT_REACHED: _visit_reached,
    Condition.BOTH_DONE: _both_done,
    Condition.AGREED: _agreed,
    Condition.DRAFTED: _drafted,
    Condition.NOT_CONFIRMED: _not_confirmed,
    Condition.CHECKED: _checked,
    Condition.PLANNED: _planned,
}


def unmet_for_firm(case: AssessmentCase) -> str:
    """What of the eligibility the establishment may be told: its own inspections. Who buys there is others' secret."""
    return inspection_refusal(case.establishment_id)
