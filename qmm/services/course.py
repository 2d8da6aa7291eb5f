"""The steps of an assessment. Each is one transaction: the case moves, its timeline gets a line, and who is to be told
is written down; the mail follows after the commit."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from dscr.access.models import Membership, User
from dscr.access.roles import ASSESSORS, Role
from dscr.celery import send
from dscr.texts import clean
from qmm.course.levels import area_levels
from qmm.course.steps import (
    CLOSED,
    CLOSED_STATES,
    DAYS_TO_ACCEPT,
    STEPS,
    Event,
    Side,
    State,
    assign_refusal,
    refusal,
)
from qmm.models import (
    Assessment,
    AssessmentCase,
    CaseAssignment,
    CaseEvent,
    CaseNotice,
    CaseSheet,
    ConflictDeclaration,
    ConsensusScore,
    Establishment,
    Rubric,
)
from qmm.queries.conflicts import conflicts_with, undeclared
from qmm.services import course_people
from qmm.services.course_conditions import Asked, unmet
from qmm.services.course_places import TeamChange, change_carry_out, change_refusal, team_change
from qmm.services.plan_sending import plan_seal

LONGEST_NOTE = 4_000
LONGEST_NATURE = 2_000


class CourseError(Exception):
    """It cannot be done now; the message says why, and what to do. `unmet`: every condition that does not hold."""

    def __init__(self, said: str, unmet: Sequence[str] = ()) -> None:
        super().__init__(said)
        self.unmet = list(unmet)


def case_request(establishment: Establishment, *, user: User, note: str = "") -> AssessmentCase:
    """By the firm that owns the establishment. CourseError where it may not, or where one is under way."""
    own = Establishment.objects.for_user(user, "request_cases").standing().filter(pk=establishment.pk)
    if not own.exists():
        raise CourseError(
            "Only the organization that owns the establishment asks for its assessment, under the name it has now."
        )
    today = timezone.localdate()
    try:
        with transaction.atomic():
            case = AssessmentCase.objects.create(
                establishment=establishment, requested_on=today, due_on=today + timedelta(days=DAYS_TO_ACCEPT)
            )
            event_log(case, Event.REQUEST, user, note=_noted(note), tells=[Side.OFFICE])
    except IntegrityError:
        raise CourseError("An assessment of this establishment is under way already.") from None
    return case


@transaction.atomic
def case_step(
    case: AssessmentCase, event: Event | str, user: User, *, note: str = "", visit_on: date | None = None
) -> AssessmentCase:
    """One step of STEPS; returns the case as it stands then. `visit_on` is the day that SCHEDULE and RESCHEDULE give.

    CourseError, whose text is the reason, where it may not be now; nothing is changed then.
    """
    event, row = Event(event), case_locked(case)
    came_from, today = State(row.state), timezone.localdate()
    sides = course_people.sides_of(row, user)
    if said := (not sides and course_people.recused_words(row, user)) or refusal(came_from, event, sides):
        raise CourseError(said)
    if Side.ASSESSOR in sides and not course_people.has_taken(row, user):
        raise CourseError("Declare your interests first; then the case is yours to work on.")
    step, note = STEPS[event], _noted(note)
    if step.needs_note and not note:
        raise CourseError("Say why: it stands in the timeline.")
    asked = Asked(row, today, visit_on)
    if lacking := [said for condition in step.conditions if (said := unmet(condition, asked))]:
        raise CourseError(lacking[0], lacking)
    tells = course_people.people_of(row, step.tells)
    row.state = step.leads[came_from]
    row.due_on = today + timedelta(days=step.days) if step.days is not None else None
    _keep(row, event, asked, user)
    row.save()
    event_log(row, event, user, came_from=came_from, note=note, is_internal=step.internal, people=tells)
    return row


def _keep(row: AssessmentCase, event: Event, asked: Asked, user: User) -> None:
    """What a step keeps besides the state."""
    if event in (Event.SCHEDULE, Event.RESCHEDULE):
        row.visit_starts_on = row.due_on = asked.visit_on
    if event == Event.BEGIN:
        row.rubric = row.rubric or Rubric.objects.in_force().first()
        if row.rubric is None:
            raise CourseError("No version of the rubric is in force. Publish one first.")
    if event == Event.SEND_DRAFT:
        CaseSheet.objects.filter(case=row, kind=CaseSheet.Kind.DRAFT).update(owner=row.establishment.owner)
    if event == Event.FINALIZE:
        row.assessment = _assessment(row, asked.today)
    if event == Event.SUBMIT_PLAN:
        plan_seal(row, user, timezone.now())
    if row.state in CLOSED_STATES:
        row.closed_on = row.closed_on or asked.today


def _assessment(row: AssessmentCase, today: date) -> Assessment:
    """Its triggers mark every product of the establishment, which are then computed and published."""
    agreed = dict(ConsensusScore.objects.filter(case=row).values_list("element", "level"))
    kept = row.rubric.kept_texts if row.rubric else {}
    try:
        levels = area_levels({element: level for element, level in agreed.items() if element in kept})
    except ValueError as error:
        raise CourseError(str(error)) from None
    return Assessment.objects.create(establishment=row.establishment, completed_on=today, **levels)


@transaction.atomic
def case_assign(case: AssessmentCase, *, user: User, lead: Membership, second: Membership, note: str = "") -> None:
    """The two assessors of a case and who leads; who was assigned before and is not named any more leaves it.

    Once the levels are compared, who comes carries on with the levels of who leaves (qmm/services/course_places.py).
    `note`, the reason, is read by the program office and by who is replaced. CourseError.
    """
    row = case_locked(case)
    sides = course_people.sides_of(row, user)
    if said := (not sides and course_people.recused_words(row, user)) or assign_refusal(State(row.state), sides):
        raise CourseError(said)
    if user.pk in (lead.user_id, second.user_id):
        raise CourseError("Nobody assigns themselves. Another operator does.")
    conflicts = conflicts_with(row.establishment.owner, [lead.user_id, second.user_id])
    change = team_change(row, [lead, second])
    if said := _unfit(lead, second, conflicts) or change_refusal(change):
        raise CourseError(said)
    handing = [one for one in change.stays if one.is_lead and one.membership_id != lead.pk]
    concerned = [one.membership.user_id for one in (*change.leaving, *handing) if one.accepted_at]
    if concerned and not (note := _noted(note)):
        raise CourseError("Say why: the program office reads it, and who is replaced or hands over the lead.")
    today, came_from = timezone.localdate(), row.state
    change_carry_out(change, lead, today)
    people = {lead.user_id, second.user_id, *(one.membership.user_id for one in change.leaving)} - {*concerned}
    if change.is_blind_again:
        if came_from == State.FACT_CHECK:
            people |= course_people.people_of(row, [Side.FIRM])
        row.state, row.due_on = State.SCORING, today + timedelta(days=STEPS[Event.END_VISIT].days or 0)
        row.save(update_fields=["state", "due_on"])
    said = _said(change, lead, second)
    event_log(row, Event.ASSIGN, user, came_from=came_from, note=said, is_internal=True, people=people)
    for one in concerned or [None] * bool(note):
        told = {one} if one else ()
        event_log(row, Event.ASSIGN, user, came_from=row.state, note=note, is_office=True, about_id=one, people=told)


def _said(change: TeamChange, lead: Membership, second: Membership) -> str:
    """For the assessors: who is on the case now, and in whose place."""
    said = [f"{lead.user} leads, {second.user} is the second assessor."]
    for one in change.coming:
        if place := change.carries.get(one.pk):
            said.append(f"{one.user} carries on for {place.membership.user}, whose levels stand.")
        elif change.is_blind_again:
            said.append(f"{one.user} gives levels of their own, so the case is back at the individual scoring.")
    return " ".join(said)


def _unfit(lead: Membership, second: Membership, conflicts: dict[int, str]) -> str:
    for member in (lead, second):
        if member.role not in ASSESSORS or not course_people.today().filter(pk=member.pk).exists():
            return f"{member.user} is no assessor of the program today."
        if member.user_id in conflicts:
            return f"{member.user} cannot be assigned: {conflicts[member.user_id]}."
    if lead.user_id == second.user_id:
        return "Choose two different people."
    if lead.role != Role.LEAD_ASSESSOR:
        return f"{lead.user} is no lead assessor. Choose one as the lead."
    return ""


@transaction.atomic
def case_take(case: AssessmentCase, *, user: User, has_conflict: bool, nature: str = "") -> None:
    """An assigned assessor declares their interests in the firm: takes the assignment, or leaves. CourseError."""
    row = case_locked(case)
    assignment = course_people.team_of(row).filter(membership=user.membership).first()
    if assignment is None or Side.ASSESSOR not in course_people.sides_of(row, user):
        raise CourseError("Only an assessor who is assigned to the case declares that.")
    if row.state in CLOSED:
        raise CourseError(CLOSED[State(row.state)])
    owner, now, nature = row.establishment.owner, timezone.now(), _noted(nature, LONGEST_NATURE)
    if owner is None:
        raise CourseError("The establishment has no owner on record. Tell the program operator.")
    if not has_conflict and (said := _not_taken(row, assignment)):
        raise CourseError(said)
    if has_conflict and not nature:
        raise CourseError("Say which conflict of interest it is. Only the program operator and auditors read it.")
    ConflictDeclaration.objects.create(
        user=user, organisation=owner, has_conflict=has_conflict, nature=nature, declared_at=now
    )
    if has_conflict:
        assignment.ended_on = timezone.localtime(now).date()
        event_log(row, Event.CONFLICT, user, came_from=row.state, note=nature, is_office=True, tells=[Side.OFFICE])
    else:
        assignment.accepted_at = assignment.accepted_at or now
        event_log(row, Event.TAKE, user, came_from=row.state, tells=[Side.OFFICE])
    assignment.save(update_fields=["ended_on", "accepted_at"])


def _not_taken(row: AssessmentCase, assignment: CaseAssignment) -> str:
    """Why the assignment cannot be taken now; "" where it can, also anew once the site has another owner."""
    user = assignment.membership.user
    if assignment.accepted_at and user.pk not in undeclared(row):
        return "You have taken the assignment already."
    if conflicts_with(row.establishment.owner, [user.pk]):
        return "A conflict of interest between you and the firm is on record. Declare it here too, and leave the case."
    return ""


def case_locked(case: AssessmentCase) -> AssessmentCase:
    rows = AssessmentCase.objects.select_for_update(of=("self",)).select_related("establishment__owner", "rubric")
    return rows.get(pk=case.pk)


def _noted(text: str, longest: int = LONGEST_NOTE) -> str:
    text = clean(text)
    if len(text) > longest:
        raise CourseError(f"The note has {len(text):,} characters; shorten it to {longest:,}.")
    return text


def event_log(
    row: AssessmentCase,
    event: Event,
    user: User | None,
    *,
    came_from: str = "",
    people: Iterable[int] = (),
    tells: Iterable[Side] = (),
    **fields: Any,
) -> None:
    """The line of the timeline, and who is told: `people` by user id, and who stands on the sides `tells`. Without a
    user it came about by itself."""
    membership = user.membership if user else None
    line = CaseEvent.objects.create(
        case=row,
        event=event,
        came_from=came_from,
        state=row.state,
        by=user,
        role=membership.get_role_display() if membership else "",
        organisation=membership.organisation if membership else None,
        at=timezone.now(),
        due_on=row.due_on,
        **fields,
    )
    to = ({*people} | course_people.people_of(row, tells)) - {user.pk if user else None}
    CaseNotice.objects.bulk_create(CaseNotice(event=line, user_id=one) for one in sorted(to))
    if to:
        transaction.on_commit(_kick, robust=True)


def _kick() -> None:
    from qmm.tasks import mail_cases

    send(mail_cases, expires=60, unless_waiting=5)
