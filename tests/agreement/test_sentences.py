"""Each sentence from its figures."""

import pytest

from qmm import agreement_sentences as sentences
from qmm.models import AgreementFigure, AssessorDrift


def figure(
    alpha: float | None, low: float | None = None, high: float | None = None, **about: object
) -> AgreementFigure:
    return AgreementFigure(**{"kind": "overall", "cycle": 2026} | about, alpha=alpha, alpha_low=low, alpha_high=high)


def drift(value: float, low: float | None, high: float | None, **about: object) -> AssessorDrift:
    return AssessorDrift(**{"source": "assessments", "partners": 3} | about, drift=value, low=low, high=high)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            figure(0.84, 0.81, 0.87),
            "In 2026, assessors agreed at 0.84, above the target of 0.80. The 95% interval runs from 0.81 to 0.87.",
        ),
        (figure(0.8, cycle=None), "Over all years, assessors agreed at 0.80, at the target of 0.80."),
        (
            figure(0.78, 0.7, 0.85),
            "In 2026, assessors agreed at 0.78, below the target of 0.80. The 95% interval runs from 0.70 to 0.85, "
            "so with this many assessments it is not certain on which side of the target agreement lies.",
        ),
        (
            figure(0.6, 0.5, 0.7),
            "In 2026, assessors agreed at 0.60, below the target of 0.80. The 95% interval runs from 0.50 to 0.70.",
        ),
        (figure(None), "In 2026, all levels were the same, so agreement beyond chance has no meaning."),
    ],
)
def test_the_whole(given: AgreementFigure, expected: str) -> None:
    assert sentences.overall(given) == expected


def test_what_rounds_to_the_target_reads_as_the_target() -> None:
    assert sentences.place(0.7951) == "at"
    assert sentences.place(0.8049) == "at"
    assert sentences.place(0.7949) == "below"


def test_the_weakest_group() -> None:
    names = {"PQ1": "PQ1 Risk", "PQ2": "PQ2 CAPA"}
    rows = [figure(0.9, kind="element", code="PQ1"), figure(0.7, kind="element", code="PQ2")]
    below = "1 of 2 elements lies below the target; the lowest is PQ2 CAPA at 0.70."
    assert sentences.weakest(rows, names, "element") == below
    assert sentences.weakest(rows[:1], names, "element") == "One element can be told, PQ1 Risk: 0.90, above the target."
    high = [figure(0.9, kind="element", code="PQ1"), figure(0.8, kind="element", code="PQ2")]
    reached = "All 2 elements reach the target; the lowest is PQ2 CAPA at 0.80."
    assert sentences.weakest(high, names, "element") == reached
    assert sentences.weakest([figure(None, code="PQ1")], names, "element") == "No element has enough levels yet."


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            drift(0.42, 0.3, 0.54),
            "You give 0.42 levels more than the average assessor on the same elements (95% interval 0.30 to "
            "0.54): clearly more lenient.",
        ),
        (
            drift(-0.1, -0.15, -0.05),
            "You give 0.10 levels less than the average assessor on the same elements (95% interval −0.15 to "
            "−0.05): a little stricter, less than is worth a change.",
        ),
        (
            drift(0.4, -0.1, 0.9),
            "No drift can be told: you give 0.40 levels more than the average assessor on the same elements "
            "(95% interval −0.10 to 0.90).",
        ),
        (
            drift(0.004, -0.1, 0.1),
            "No drift can be told: you give neither more nor less than the average assessor on the same "
            "elements (95% interval −0.10 to 0.10).",
        ),
        (
            drift(-0.5, None, None),
            "You give 0.50 levels less than the average assessor on the same elements; too little is known "
            "yet for an interval.",
        ),
        (
            drift(0.5, 0.4, 0.6, partners=1),
            "You give 0.50 levels more than the average assessor on the same elements (95% interval 0.40 to "
            "0.60). With one partner only, it cannot be told whose of the two the difference is.",
        ),
        (
            drift(0.5, 0.4, 0.6, partners=0, source="calibration"),
            "You give 0.50 levels more than the reference panel (95% interval 0.40 to 0.60): clearly more lenient.",
        ),
    ],
)
def test_a_drift(given: AssessorDrift, expected: str) -> None:
    assert sentences.drift(given, "You") == expected


def test_a_drift_is_notable_when_it_is_large_sure_and_ones_own() -> None:
    assert sentences.is_notable(drift(0.25, 0.1, 0.4))
    assert sentences.is_notable(drift(-0.3, -0.5, -0.1))
    assert not sentences.is_notable(drift(0.24, 0.1, 0.4))
    assert not sentences.is_notable(drift(0.5, -0.1, 1.1))
    assert not sentences.is_notable(drift(0.5, 0.4, 0.6, partners=1))


def test_feedback_on_a_case() -> None:
    assert sentences.feedback([0, 0, 0]) == "You gave the panel’s level on 3 of 3 elements."
    cancelled = "You gave the panel’s level on 1 of 3 elements. Higher and lower levels cancel out."
    assert sentences.feedback([1, -1, 0]) == cancelled
    assert (
        sentences.feedback([-1, -1])
        == "You gave the panel’s level on 0 of 2 elements. On average you were 1.00 levels lower."
    )
    assert sentences.distance(1, 4) == "Three levels lower than the panel"
