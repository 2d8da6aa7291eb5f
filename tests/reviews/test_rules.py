"""Every pair of a state and a step, for both sides: what the table allows happens, and all else is refused in words."""

from datetime import date
from itertools import product

import pytest

from ratings.models import ReviewMessage
from ratings.reviews.rules import (
    ANSWER_NOT_LATE,
    CLOSED,
    NOT_YOURS,
    OPEN_STATES,
    STEPS,
    Clock,
    Event,
    Side,
    State,
    refusal,
)
from ratings.reviews.services import ReviewError, review_step
from ratings.reviews.subjects import subject_words, subjects
from tests.reviews.conftest import Desk, Given

FIRM, OFFICE = Side.FIRM, Side.OFFICE
# (state, step, side) -> where it leads. Written by hand: nothing else may happen.
ALLOWED = {
    (State.SUBMITTED, Event.WRITE, FIRM): State.SUBMITTED,
    (State.SUBMITTED, Event.WRITE, OFFICE): State.SUBMITTED,
    (State.SUBMITTED, Event.TAKE, OFFICE): State.IN_REVIEW,
    (State.SUBMITTED, Event.NOTE, OFFICE): State.SUBMITTED,
    (State.SUBMITTED, Event.WITHDRAW, FIRM): State.WITHDRAWN,
    (State.IN_REVIEW, Event.WRITE, FIRM): State.IN_REVIEW,
    (State.IN_REVIEW, Event.WRITE, OFFICE): State.IN_REVIEW,
    (State.IN_REVIEW, Event.ASK, OFFICE): State.MORE_ASKED,
    (State.IN_REVIEW, Event.NOTE, OFFICE): State.IN_REVIEW,
    (State.IN_REVIEW, Event.DECIDE, OFFICE): State.DECIDED,
    (State.IN_REVIEW, Event.WITHDRAW, FIRM): State.WITHDRAWN,
    (State.MORE_ASKED, Event.ANSWER, FIRM): State.IN_REVIEW,
    (State.MORE_ASKED, Event.NOTE, OFFICE): State.MORE_ASKED,
    (State.MORE_ASKED, Event.WITHDRAW, FIRM): State.WITHDRAWN,
}
EVERY = list(product(State, STEPS, Side))


@pytest.mark.parametrize(("state", "event", "side"), EVERY)
def test_the_table(state: State, event: Event, side: Side) -> None:
    said = refusal(state, event, side)
    assert (said == "") == ((state, event, side) in ALLOWED)
    if not said:
        assert STEPS[event].leads[state] == ALLOWED[state, event, side]
    else:
        assert said.endswith(".")
        assert said[0].isupper()


def test_refusals_say_why() -> None:
    assert refusal(State.DECIDED, Event.DECIDE, OFFICE) == CLOSED[State.DECIDED]
    assert refusal(State.WITHDRAWN, Event.ANSWER, FIRM) == CLOSED[State.WITHDRAWN]
    assert refusal(State.IN_REVIEW, Event.DECIDE, FIRM) == NOT_YOURS[FIRM]
    assert refusal(State.SUBMITTED, Event.OPEN, FIRM) == "A request is opened on the page of its product."
    assert refusal(State.MORE_ASKED, Event.DECIDE, OFFICE) == ANSWER_NOT_LATE
    assert refusal(State.MORE_ASKED, Event.DECIDE, OFFICE, answer_is_late=True) == ""


@pytest.mark.parametrize("state", list(State))
def test_the_services_hold_the_table(desk: Desk, state: State) -> None:
    """Refused steps leave the request and the thread as they were."""
    review = desk.in_state(state)
    before = (review.state, review.due_on, review.outcome, ReviewMessage.objects.count())
    refused = 0
    for event, (side, user) in product(STEPS, ((FIRM, desk.editor), (OFFICE, desk.operator))):
        if (state, event, side) in ALLOWED:
            continue
        with pytest.raises(ReviewError) as error:
            desk.step(review, event, user)
        assert str(error.value) == refusal(state, event, side)
        refused += 1
    review.refresh_from_db()
    assert (review.state, review.due_on, review.outcome, ReviewMessage.objects.count()) == before
    assert refused == 14 - sum(1 for key in ALLOWED if key[0] == state)


def test_nobody_else_writes(desk: Desk) -> None:
    """Neither who only reads, nor another firm, though an error of a page let them come so far."""
    from dscr.access.roles import Role
    from tests.pages import factory

    review = desk.open()
    for stranger in (desk.auditor, factory.user_of("Other Firm", Role.ATTESTOR), factory.user_with(Role.PURCHASER)):
        with pytest.raises(ReviewError, match=r"Only the two sides of a request write in it\."):
            review_step(review, Event.WRITE, user=stranger, given=Given("x"))


def test_a_clock_stands_still_while_a_question_is_open() -> None:
    clock = Clock(date(2026, 11, 30))
    assert (clock.next_on, clock.days_left) == (date(2026, 11, 30), None)
    assert not clock.is_late(date(2026, 11, 30))
    assert clock.is_late(date(2026, 12, 1))
    asked = Clock(date(2026, 11, 30), date(2026, 11, 20), date(2026, 12, 4))
    assert (asked.next_on, asked.days_left) == (date(2026, 12, 4), 10)
    assert not asked.is_late(date(2026, 12, 4))


def test_every_state_that_is_open_has_a_way_on_for_someone() -> None:
    assert {state for state, *_ in ALLOWED} == set(OPEN_STATES)


def test_subjects_have_words() -> None:
    for kind in ("correction", "calculation"):
        codes = [code for _, choices in subjects(kind) for code, _ in choices]
        assert len(codes) == len(set(codes))
        assert max(map(len, codes)) <= 80
    assert subject_words("correction", "kpi:days_inventory_on_hand") == "Days of inventory on hand"
    assert subject_words("calculation", "domain:inventory") == "Inventory and safety stock"
    assert subject_words("correction", "kpi:no_longer_asked") == "kpi:no_longer_asked"
