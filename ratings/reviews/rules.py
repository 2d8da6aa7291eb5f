"""Who may do what with a request for review, when, and until when: data, and the refusal of everything else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import models


class Kind(models.TextChoices):
    CORRECTION = "correction", "Correction request"
    CALCULATION = "calculation", "Calculation review"
    APPEAL = "appeal", "Appeal"


class State(models.TextChoices):
    SUBMITTED = "submitted", "Submitted"
    IN_REVIEW = "in_review", "In review"
    MORE_ASKED = "more_asked", "More information asked"
    DECIDED = "decided", "Decided"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Outcome(models.TextChoices):
    UPHELD = "upheld", "Upheld"
    PARTLY = "partly", "Partly upheld"
    NOT_UPHELD = "not_upheld", "Not upheld"


class Next(models.TextChoices):
    """What a decision leads to. It changes no score itself: scores follow from records, and nobody edits one."""

    FIRM = "firm", "The firm submits corrected figures"
    OFFICE = "office", "The program operator corrects a record"
    NOTHING = "nothing", "Nothing changes"


class Side(models.TextChoices):
    FIRM = "firm", "Firm"
    OFFICE = "office", "Program operator"


class Event(models.TextChoices):
    """The value is part of an address; the label says what happened, in a thread and in a mail."""

    OPEN = "open", "asked for the review"
    WRITE = "write", "wrote"
    TAKE = "take", "took it into review"
    ASK = "ask", "asked for more information"
    ANSWER = "answer", "answered"
    NOTE = "note", "noted for colleagues"
    DECIDE = "decide", "decided"
    WITHDRAW = "withdraw", "withdrew the request"


OPEN_STATES = (State.SUBMITTED, State.IN_REVIEW, State.MORE_ASKED)
CLOSED_STATES = (State.DECIDED, State.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Step:
    """`sides` may do it while the request is in a state of `leads`, which says where it leads."""

    sides: tuple[Side, ...]
    leads: Mapping[State, State]
    needs_text: bool = True
    takes_files: bool = False


def _stays(*states: State) -> dict[State, State]:
    return {state: state for state in states}


STEPS: dict[Event, Step] = {
    Event.WRITE: Step((Side.FIRM, Side.OFFICE), _stays(State.SUBMITTED, State.IN_REVIEW), takes_files=True),
    Event.TAKE: Step((Side.OFFICE,), {State.SUBMITTED: State.IN_REVIEW}, needs_text=False),
    Event.ASK: Step((Side.OFFICE,), {State.IN_REVIEW: State.MORE_ASKED}),
    Event.ANSWER: Step((Side.FIRM,), {State.MORE_ASKED: State.IN_REVIEW}, takes_files=True),
    Event.NOTE: Step((Side.OFFICE,), _stays(*OPEN_STATES)),
    # While more is asked only once the answer is late, see `refusal`.
    Event.DECIDE: Step((Side.OFFICE,), {State.IN_REVIEW: State.DECIDED, State.MORE_ASKED: State.DECIDED}),
    Event.WITHDRAW: Step((Side.FIRM,), dict.fromkeys(OPEN_STATES, State.WITHDRAWN), needs_text=False),
}

NOT_YOURS = {
    Side.FIRM: "Only the program operator does that.",
    Side.OFFICE: "Only the firm that asked for the review does that.",
}
REFUSALS: dict[tuple[State, Event], str] = {
    (State.SUBMITTED, Event.ASK): "Take the request into review first; then you can ask for more information.",
    (State.SUBMITTED, Event.DECIDE): "Take the request into review first; then you can decide it.",
    (State.SUBMITTED, Event.ANSWER): "The program operator has asked nothing yet. Add a message instead.",
    (State.IN_REVIEW, Event.TAKE): "The request is in review already.",
    (State.IN_REVIEW, Event.ANSWER): "No question is open: it was answered already. Add a message instead.",
    (State.MORE_ASKED, Event.TAKE): "The request is in review already, and more information is asked.",
    (State.MORE_ASKED, Event.ASK): "A question is open already. Wait for its answer.",
    (State.MORE_ASKED, Event.WRITE): "A question of the program operator is open: the next message is its answer.",
}
CLOSED = {
    State.DECIDED: "The request is decided, and a decision is never changed. The firm may appeal it once, in time.",
    State.WITHDRAWN: "The firm has withdrawn the request, so nothing more happens in it.",
}
ANSWER_NOT_LATE = "More information is asked. You can decide without it once the time to answer has passed."
SAME_PERSON = "You decided the request that this appeals. Another operator takes and decides the appeal."


def refusal(state: State, event: Event, side: Side, *, answer_is_late: bool = False) -> str:
    """Why this side may not do that now, in plain English; "" where it may."""
    step = STEPS.get(event)
    if step is None:
        return "A request is opened on the page of its product."
    if state in CLOSED_STATES:
        return CLOSED[state]
    if side not in step.sides:
        return NOT_YOURS[side]
    if state not in step.leads:
        return REFUSALS[state, event]
    if event == Event.DECIDE and state == State.MORE_ASKED and not answer_is_late:
        return ANSWER_NOT_LATE
    return ""


@dataclass(frozen=True, slots=True)
class Days:
    """Calendar days. `decide`: to a decision, while no question is open. `answer`: to the firm's answer to a question.
    `appeal`: after a decision; 0 where there is no appeal."""

    decide: int
    answer: int
    appeal: int


DAYS: dict[Kind, Days] = {
    Kind.CORRECTION: Days(decide=30, answer=14, appeal=30),
    Kind.CALCULATION: Days(decide=20, answer=14, appeal=30),
    Kind.APPEAL: Days(decide=45, answer=14, appeal=0),
}


@dataclass(frozen=True, slots=True)
class Clock:
    """The days of one request. While a question is open (`asked_on`) the time to decide stands still."""

    due_on: date
    asked_on: date | None = None
    answer_due_on: date | None = None

    @property
    def days_left(self) -> int | None:
        """Days to decide that are kept for the operator while the clock stands still; below 0 it was late already."""
        return (self.due_on - self.asked_on).days if self.asked_on else None

    @property
    def next_on(self) -> date:
        """The day by which somebody has to act."""
        return self.answer_due_on or self.due_on

    def is_late(self, today: date) -> bool:
        return today > self.next_on
