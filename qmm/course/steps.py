"""Who may do what with an assessment, when, on which conditions and until when: data, and why all else is refused."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import pairwise

from django.db import models


class State(models.TextChoices):
    REQUESTED = "requested", "Requested"
    ACCEPTED = "accepted", "Accepted"
    ORIENTED = "oriented", "Oriented"
    QUESTIONNAIRE_ISSUED = "questionnaire_issued", "Questionnaire issued"
    QUESTIONNAIRE_RETURNED = "questionnaire_returned", "Questionnaire returned"
    SCHEDULED = "scheduled", "Scheduled"
    IN_PROGRESS = "in_progress", "In progress"
    SCORING = "scoring", "Individual scoring"
    CONSENSUS = "consensus", "Consensus"
    DRAFT_REPORT = "draft_report", "Draft report"
    FACT_CHECK = "fact_check", "Factual-accuracy review"
    FINAL = "final", "Final"
    IMPROVEMENT_PLAN = "improvement_plan", "Improvement plan"
    EXPIRED = "expired", "Expired"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"
    STOPPED = "stopped", "Stopped"


class Side(models.TextChoices):
    """A lead assessor is an assessor too."""

    FIRM = "firm", "the establishment"
    OFFICE = "office", "the program operator"
    ASSESSOR = "assessor", "the assessors"
    LEAD = "lead", "the lead assessor"


class Event(models.TextChoices):
    """The value is part of an address; the label says what happened, in the timeline and in mails."""

    REQUEST = "request", "asked for the assessment"
    ACCEPT = "accept", "accepted the request"
    DECLINE = "decline", "declined the request"
    ORIENT = "orient", "held the orientation"
    ISSUE = "issue", "issued the questionnaire"
    RETURN = "return", "returned the questionnaire"
    SEND_BACK = "send-back", "sent the questionnaire back with questions"
    SCHEDULE = "schedule", "scheduled the visit"
    RESCHEDULE = "reschedule", "moved the visit to another day"
    BEGIN = "begin", "began the visit"
    END_VISIT = "end-visit", "ended the visit"
    MEET = "meet", "began the consensus"
    AGREE = "agree", "closed the consensus"
    SEND_DRAFT = "send-draft", "sent the draft for the factual-accuracy review"
    CONFIRM = "confirm", "finished the factual-accuracy review"
    REOPEN = "reopen", "opened the consensus again"
    FINALIZE = "finalize", "made the assessment final"
    WITHDRAW = "withdraw", "withdrew from the assessment"
    STOP = "stop", "stopped the assessment"
    SUBMIT_PLAN = "submit-plan", "sent the improvement plan"
    EXPIRE = "expire", "recorded that the assessment has expired"
    # Lines of the timeline that move no state.
    ASSIGN = "assign", "assigned the assessors"
    TAKE = "take", "took the assignment and declared no conflict of interest"
    CONFLICT = "conflict", "declared a conflict of interest and left the case"


class Condition(models.TextChoices):
    """What must hold besides state and role; qmm/services/course_conditions.py looks."""

    ELIGIBLE = "eligible"
    TEAM = "team"
    NO_CONFLICT = "no_conflict"
    ANSWERED = "answered"
    VISIT_DAY = "visit_day"
    VISIT_REACHED = "visit_reached"
    BOTH_DONE = "both_done"
    AGREED = "agreed"
    DRAFTED = "drafted"
    NOT_CONFIRMED = "not_confirmed"
    CHECKED = "checked"
    PLANNED = "planned"


@dataclass(frozen=True, slots=True)
class Step:
    """`sides` may do it while the case is in a state of `leads`, which says where it leads.

    Without a side the program does it by itself, on its day. `days`: calendar days until the step after it is due; None
    leaves the day, or is the visit's. `tells`: who is told by mail. A `note` is for both sides unless it is `internal`:
    then the establishment does not read it.
    """

    sides: tuple[Side, ...]
    leads: Mapping[State, State]
    days: int | None
    tells: tuple[Side, ...]
    does: str
    conditions: tuple[Condition, ...] = ()
    needs_note: bool = False
    internal: bool = False


S, C = State, Condition
FIRM, OFFICE, ASSESSOR, LEAD = Side
EVERYONE = (FIRM, OFFICE, ASSESSOR)

PATH = (
    S.REQUESTED,
    S.ACCEPTED,
    S.ORIENTED,
    S.QUESTIONNAIRE_ISSUED,
    S.QUESTIONNAIRE_RETURNED,
    S.SCHEDULED,
    S.IN_PROGRESS,
    S.SCORING,
    S.CONSENSUS,
    S.DRAFT_REPORT,
    S.FACT_CHECK,
    S.FINAL,
    S.IMPROVEMENT_PLAN,
    S.EXPIRED,
)
# The assessment itself is over: `closed_on` is set, and another one of the site may begin.
OUTCOME_STATES = (S.FINAL, S.IMPROVEMENT_PLAN, S.EXPIRED)
CLOSED_STATES = (*OUTCOME_STATES, S.DECLINED, S.WITHDRAWN, S.STOPPED)
OPEN_STATES = tuple(state for state in State if state not in CLOSED_STATES)
BEFORE_VISIT = PATH[: PATH.index(S.IN_PROGRESS)]
ASSIGNABLE = PATH[PATH.index(S.ACCEPTED) : PATH.index(S.FINAL)]
# From here on the levels of who leaves stand, and who comes in their place carries on.
COMPARED = PATH[PATH.index(S.CONSENSUS) : PATH.index(S.FINAL)]
VISIT_DAYS = 5
WEEKS_AHEAD = 6  # between the orientation and the visit
DAYS_TO_ACCEPT = 14
DAYS_TO_ANSWER_COMMENTS = 14
DAYS_TO_PLAN = 60

STEPS: dict[Event, Step] = {
    Event.ACCEPT: Step(
        (OFFICE,), {S.REQUESTED: S.ACCEPTED}, 30, (FIRM,), "Accept the request", conditions=(C.ELIGIBLE,)
    ),
    Event.DECLINE: Step((OFFICE,), {S.REQUESTED: S.DECLINED}, None, (FIRM,), "Decline the request", needs_note=True),
    Event.ORIENT: Step(
        (OFFICE, LEAD),
        {S.ACCEPTED: S.ORIENTED},
        7,
        EVERYONE,
        "Record that the orientation was held",
        conditions=(C.TEAM, C.NO_CONFLICT),
    ),
    Event.ISSUE: Step(
        (OFFICE, LEAD), {S.ORIENTED: S.QUESTIONNAIRE_ISSUED}, 28, (FIRM, ASSESSOR), "Issue the questionnaire"
    ),
    Event.RETURN: Step(
        (FIRM,),
        {S.QUESTIONNAIRE_ISSUED: S.QUESTIONNAIRE_RETURNED},
        14,
        (OFFICE, ASSESSOR),
        "Return the questionnaire",
        conditions=(C.ANSWERED,),
    ),
    Event.SEND_BACK: Step(
        (OFFICE, LEAD),
        {S.QUESTIONNAIRE_RETURNED: S.QUESTIONNAIRE_ISSUED},
        14,
        (FIRM,),
        "Send the questionnaire back with questions",
        needs_note=True,
    ),
    Event.SCHEDULE: Step(
        (OFFICE,),
        {S.QUESTIONNAIRE_RETURNED: S.SCHEDULED},
        None,
        EVERYONE,
        "Schedule the visit",
        conditions=(C.VISIT_DAY,),
    ),
    Event.RESCHEDULE: Step(
        (OFFICE,),
        {S.SCHEDULED: S.SCHEDULED},
        None,
        EVERYONE,
        "Move the visit to another day",
        conditions=(C.VISIT_DAY,),
        needs_note=True,
    ),
    Event.BEGIN: Step(
        (LEAD,),
        {S.SCHEDULED: S.IN_PROGRESS},
        VISIT_DAYS - 1,
        (OFFICE,),
        "Begin the visit",
        conditions=(C.VISIT_REACHED, C.TEAM, C.NO_CONFLICT),
    ),
    Event.END_VISIT: Step((LEAD,), {S.IN_PROGRESS: S.SCORING}, 14, (ASSESSOR, OFFICE), "End the visit"),
    Event.MEET: Step(
        (ASSESSOR,),
        {S.SCORING: S.CONSENSUS},
        7,
        (ASSESSOR,),
        "Begin the consensus",
        conditions=(C.TEAM, C.NO_CONFLICT, C.BOTH_DONE),
    ),
    Event.AGREE: Step(
        (LEAD,),
        {S.CONSENSUS: S.DRAFT_REPORT},
        21,
        (ASSESSOR, OFFICE),
        "Close the consensus",
        conditions=(C.AGREED, C.TEAM),
    ),
    Event.SEND_DRAFT: Step(
        (LEAD,),
        {S.DRAFT_REPORT: S.FACT_CHECK},
        30,
        (FIRM, OFFICE),
        "Send the draft to the establishment",
        conditions=(C.AGREED, C.DRAFTED, C.TEAM),
    ),
    Event.CONFIRM: Step(
        (FIRM,),
        {S.FACT_CHECK: S.FACT_CHECK},
        DAYS_TO_ANSWER_COMMENTS,
        (ASSESSOR, OFFICE),
        "Finish the factual-accuracy review",
        conditions=(C.NOT_CONFIRMED,),
    ),
    Event.REOPEN: Step(
        (LEAD,),
        {S.DRAFT_REPORT: S.CONSENSUS, S.FACT_CHECK: S.CONSENSUS},
        7,
        (ASSESSOR, OFFICE),
        "Open the consensus again",
        needs_note=True,
        internal=True,
    ),
    Event.FINALIZE: Step(
        (OFFICE,),
        {S.FACT_CHECK: S.FINAL},
        DAYS_TO_PLAN,
        EVERYONE,
        "Make the assessment final",
        conditions=(C.CHECKED, C.AGREED, C.TEAM, C.NO_CONFLICT),
    ),
    Event.WITHDRAW: Step(
        (FIRM,), dict.fromkeys(BEFORE_VISIT, S.WITHDRAWN), None, (OFFICE, ASSESSOR), "Withdraw from the assessment"
    ),
    Event.STOP: Step(
        (OFFICE,),
        dict.fromkeys(PATH[PATH.index(S.ACCEPTED) : PATH.index(S.FINAL)], S.STOPPED),
        None,
        EVERYONE,
        "Stop the assessment",
        needs_note=True,
    ),
    Event.SUBMIT_PLAN: Step(
        (FIRM,),
        {S.FINAL: S.IMPROVEMENT_PLAN},
        None,
        (OFFICE, ASSESSOR),
        "Send the improvement plan",
        conditions=(C.PLANNED,),
    ),
    Event.EXPIRE: Step(
        (), dict.fromkeys((S.FINAL, S.IMPROVEMENT_PLAN), S.EXPIRED), None, (FIRM, OFFICE), "Expire on its last day"
    ),
}
# What leads on from each open state of the path.
NEXT: dict[State, Event] = {
    was: next(event for event, step in STEPS.items() if step.leads.get(was) == then) for was, then in pairwise(PATH)
}
FOUND = "what it found is never changed"
CLOSED = {
    S.FINAL: f"The assessment is final, and {FOUND}.",
    S.IMPROVEMENT_PLAN: f"The assessment is final, its improvement plan is sent, and {FOUND}.",
    S.EXPIRED: "The assessment has expired. The establishment may ask for another one.",
    S.DECLINED: "The request was declined. The establishment may ask for an assessment again.",
    S.WITHDRAWN: "The establishment has withdrawn. It may ask for an assessment again.",
    S.STOPPED: "The assessment was stopped. The establishment may ask for another one.",
}
BY_ITSELF = "Nobody does that: it comes about by itself, on the day after the last on which the assessment is valid."
VISITED = "The visit has begun, so the assessment goes on to its report. Write to the program operator."


def refusal(state: State, event: Event, sides: Collection[Side]) -> str:
    """Why someone who stands on these sides may not do that now, in plain English; "" where they may."""
    step = STEPS.get(event)
    if state in CLOSED and (step is None or state not in step.leads):
        return CLOSED[state]
    if step is None:
        return "That is no step of an assessment under way."
    if not step.sides:
        return BY_ITSELF
    if not set(step.sides) & set(sides):
        return f"Only {either(step.sides)} can do that."
    if state in step.leads:
        return ""
    if event == Event.WITHDRAW:
        return VISITED
    then = either([f"“{one.label}”" for one in step.leads])
    return f"{step.does}: that is done while the assessment is at {then}. It is at “{state.label}” now."


def assign_refusal(state: State, sides: Collection[Side]) -> str:
    """As `refusal`, of assigning and replacing assessors and handing over the lead, which is no step of the path."""
    if Side.OFFICE not in sides:
        return "Only the program operator assigns assessors."
    if state in CLOSED:
        return CLOSED[state]
    return "" if state in ASSIGNABLE else "Accept the request first; then assign two assessors."


def either(items: Collection[str]) -> str:
    """a, b or c."""
    *most, last = [item.label if isinstance(item, Side) else item for item in items]
    return f"{', '.join(most)} or {last}" if most else last
