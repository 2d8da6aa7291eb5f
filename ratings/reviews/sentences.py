"""What a thread says of itself: where it stands, whose turn it is and until when, for either side."""

from datetime import date

from django.utils import timezone

from ratings.figures import day
from ratings.reviews.models import ReviewMessage, ReviewRequest
from ratings.reviews.rules import DAYS, Event, Kind, Next, Outcome, Side, State

KINDS_SAID = {
    Kind.CORRECTION: (
        "A record behind the rating is wrong",
        "Something that the rating was computed from does not agree with the facts: a figure, a site, an inspection. "
        "You say which one, what it should be, and attach evidence.",
    ),
    Kind.CALCULATION: (
        "The records are right, but a number does not follow from them",
        "The method was not applied as it is published: the score, the band, or the points of a domain or an "
        "indicator. You say which number, and why.",
    ),
    Kind.APPEAL: (
        "A decision on one of these was wrong",
        "Another person at the program operator's office looks at it anew. Each decision can be appealed once.",
    ),
}
OUTCOMES_SAID = {
    Outcome.UPHELD: "The request was upheld.",
    Outcome.PARTLY: "The request was upheld in part.",
    Outcome.NOT_UPHELD: "The request was not upheld.",
}
NEXT_SAID = {
    Next.FIRM: "The firm submits corrected figures; the score then follows by itself.",
    Next.OFFICE: "The program operator corrects a record; the score then follows by itself.",
    Next.NOTHING: "No record changes.",
}


def days_sentence(kind: Kind) -> str:
    """For who is about to choose the kind."""
    days = DAYS[kind]
    said = f"Decided within {days.decide} calendar days; while a question to you is open, they stand still."
    return f"{said} You can appeal within {days.appeal} days." if days.appeal else f"{said} Its decision is final."


def standing_sentence(review: ReviewRequest, side: Side | None, today: date) -> str:
    """Where it stands and what comes next. `side` is the reader's; None for who only reads."""
    if review.state == State.WITHDRAWN:
        return f"The firm withdrew the request on {_day(review)}. Nothing more happens in it."
    if review.state == State.DECIDED:
        said = f"Decided on {_day(review)}. {OUTCOMES_SAID[Outcome(review.outcome)]}"
        return f"{said} {NEXT_SAID[Next(review.next_step)]}"
    clock = review.clock
    late = f" That was {_days((today - clock.next_on).days)} ago." if clock.is_late(today) else ""
    if review.state == State.MORE_ASKED:
        left = clock.days_left or 0
        stands = "The time to decide stands still until then."
        kept = f"{stands} {_days(left)} of it {'is' if left == 1 else 'are'} left." if left >= 0 else stands
        who = "You answer" if side == Side.FIRM else "The firm answers"
        return f"More information is asked. {who} by {day(clock.next_on)}.{late} {kept}"
    if review.state == State.SUBMITTED:
        first = "Take it into review; a" if side == Side.OFFICE else "The program operator takes it into review. A"
        return f"{first} decision is due by {day(clock.due_on)}.{late}"
    who = "You decide" if side == Side.OFFICE else "The program operator decides, or asks for more,"
    return f"In review. {who} by {day(clock.due_on)}.{late}"


def deadline_words(review: ReviewRequest, today: date) -> str:
    """For a list: what is due and when, or when it ended."""
    if not review.is_open:
        said = review.get_outcome_display() if review.outcome else review.get_state_display()
        return f"{said}, {_day(review)}"
    clock = review.clock
    what = "Answer" if review.state == State.MORE_ASKED else "Decision"
    return f"{what} {'late since' if clock.is_late(today) else 'due'} {day(clock.next_on)}"


def told_sentence(message: ReviewMessage) -> str:
    """For a mail: who did what, and what is expected. No figure, and no word of the thread."""
    review = message.request
    who = str(review.organisation) if message.side == Side.FIRM else "The program operator"
    said = f"{who} {Event(message.event).label}."
    if message.event == Event.ASK and review.answer_due_on:
        return f"{said} Your answer is due by {day(review.answer_due_on)}."
    if message.event in (Event.OPEN, Event.ANSWER, Event.WRITE) and message.side == Side.FIRM and review.is_open:
        return f"{said} A decision is due by {day(review.due_on)}."
    return said


def _day(review: ReviewRequest) -> str:
    return day(timezone.localtime(review.closed_at).date())


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"
