"""The table of steps: every pair of state and event, for every side, is allowed as it says or refused with a reason."""

from itertools import product

import pytest

from qmm.course.levels import area_levels
from qmm.course.questions import questions
from qmm.course.steps import (
    CLOSED_STATES,
    NEXT,
    OPEN_STATES,
    PATH,
    STEPS,
    Condition,
    Event,
    Side,
    State,
    refusal,
)
from qmm.services.course_conditions import CONDITIONS

SIDES = {
    "firm": {Side.FIRM},
    "office": {Side.OFFICE},
    "assessor": {Side.ASSESSOR},
    "lead": {Side.ASSESSOR, Side.LEAD},
    "nobody": set(),
}
# Event -> states in which, and sides by whom, it may be done. Written out by hand, not taken from the table.
ALLOWED = {
    "accept": (["requested"], ["office"]),
    "decline": (["requested"], ["office"]),
    "orient": (["accepted"], ["office", "lead"]),
    "issue": (["oriented"], ["office", "lead"]),
    "return": (["questionnaire_issued"], ["firm"]),
    "send-back": (["questionnaire_returned"], ["office", "lead"]),
    "schedule": (["questionnaire_returned"], ["office"]),
    "reschedule": (["scheduled"], ["office"]),
    "begin": (["scheduled"], ["lead"]),
    "end-visit": (["in_progress"], ["lead"]),
    "meet": (["scoring"], ["assessor", "lead"]),
    "agree": (["consensus"], ["lead"]),
    "send-draft": (["draft_report"], ["lead"]),
    "confirm": (["fact_check"], ["firm"]),
    "reopen": (["draft_report", "fact_check"], ["lead"]),
    "finalize": (["fact_check"], ["office"]),
    "submit-plan": (["final"], ["firm"]),
    "expire": (["final", "improvement_plan"], []),  # nobody: it comes about by itself
    "withdraw": (
        ["requested", "accepted", "oriented", "questionnaire_issued", "questionnaire_returned", "scheduled"],
        ["firm"],
    ),
    "stop": (
        [
            *["accepted", "oriented", "questionnaire_issued", "questionnaire_returned", "scheduled"],
            *["in_progress", "scoring", "consensus", "draft_report", "fact_check"],
        ],
        ["office"],
    ),
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", Event)
def test_every_pair_is_allowed_as_written_or_refused_with_a_reason(state: State, event: Event) -> None:
    states, sides = ALLOWED.get(event, ([], []))
    for name, held in SIDES.items():
        said = refusal(state, event, held)
        assert (said == "") == (state in states and name in sides), (name, said)
        assert said == "" or said.endswith(".")


def test_reasons_are_plain() -> None:
    assert refusal(State.REQUESTED, Event.ACCEPT, {Side.FIRM}) == "Only the program operator can do that."
    assert (
        refusal(State.ACCEPTED, Event.ORIENT, {Side.FIRM})
        == "Only the program operator or the lead assessor can do that."
    )
    assert refusal(State.SCORING, Event.BEGIN, SIDES["lead"]) == (
        "Begin the visit: that is done while the assessment is at “Scheduled”. It is at “Individual scoring” now."
    )
    assert refusal(State.SCORING, Event.WITHDRAW, {Side.FIRM}).startswith("The visit has begun")
    assert (
        refusal(State.FINAL, Event.STOP, {Side.OFFICE})
        == "The assessment is final, and what it found is never changed."
    )
    assert refusal(State.IMPROVEMENT_PLAN, Event.SUBMIT_PLAN, {Side.FIRM}) == (
        "The assessment is final, its improvement plan is sent, and what it found is never changed."
    )
    assert refusal(State.FINAL, Event.EXPIRE, {Side.OFFICE}) == (
        "Nobody does that: it comes about by itself, on the day after the last on which the assessment is valid."
    )
    assert refusal(State.EXPIRED, Event.EXPIRE, set()) == (
        "The assessment has expired. The establishment may ask for another one."
    )
    assert refusal(State.ACCEPTED, Event.ASSIGN, {Side.OFFICE}) == "That is no step of an assessment under way."


def test_the_path_leads_from_the_request_to_the_end() -> None:
    assert list(NEXT) == list(PATH[:-1])
    assert [STEPS[NEXT[state]].leads[state] for state in PATH[:-1]] == list(PATH[1:])
    assert {*OPEN_STATES, *CLOSED_STATES} == {*State}
    after = [(event, state) for event, state in product(STEPS, CLOSED_STATES) if state in STEPS[event].leads]
    assert after == [("submit-plan", "final"), ("expire", "final"), ("expire", "improvement_plan")]
    assert all(STEPS[event].leads[state] in CLOSED_STATES for event, state in after)


def test_every_step_tells_somebody_and_every_condition_is_looked_at() -> None:
    assert all(step.tells and step.does for step in STEPS.values())
    assert {condition for step in STEPS.values() for condition in step.conditions} == {*Condition} == {*CONDITIONS}


def test_an_areas_level_is_the_mean_of_its_elements() -> None:
    levels = {"MC1": 3, "MC2": 4, "MC3": 4, "BC1": 1, "BC2": 2, "PQ1": 5, "TE1": 2, "TE2": 3, "EE1": 4}
    assert {area: str(level) for area, level in area_levels(levels).items()} == {
        "management_commitment": "3.667",
        "business_continuity": "1.500",
        "advanced_pqs": "5.000",
        "technical_excellence": "2.500",
        "employee_engagement": "4.000",
    }
    with pytest.raises(ValueError, match=r"No level is agreed in Business continuity, Employee engagement\."):
        area_levels({"MC1": 3, "PQ1": 5, "TE1": 2})


def test_questions_have_codes_of_their_own() -> None:
    codes = [question.code for question in questions()]
    assert len(codes) == len(set(codes)) == 15
