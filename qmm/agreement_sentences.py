"""What figures of agreement mean, in words: one rule each, tested (tests/agreement/test_sentences.py)."""

from collections.abc import Sequence

from qmm.agreement.drift import FEWEST, NOTABLE
from qmm.models import AgreementFigure, AssessorDrift
from qmm.models.agreement import FEWEST_ASSESSORS

TARGET = 0.80
MINUS = "\N{MINUS SIGN}"


def number(value: float | None) -> str:
    """Two decimals; a dash where there is none. What rounds to zero has no sign."""
    if value is None:
        return "–"
    text = f"{abs(value):.2f}"
    return f"{MINUS}{text}" if value < 0 and float(text) else text


def span(low: float | None, high: float | None) -> str:
    return f"{number(low)} to {number(high)}" if low is not None and high is not None else ""


def place(value: float) -> str:
    """Against the target, as the rounded number reads."""
    shown = round(value, 2)
    return "above" if shown > TARGET else "at" if shown == TARGET else "below"


def period(cycle: int | None) -> str:
    return "Over all years" if cycle is None else f"In {cycle}"


def overall(figure: AgreementFigure) -> str:
    """The first sentence of the public page."""
    if figure.alpha is None:
        return f"{period(figure.cycle)}, all levels were the same, so agreement beyond chance has no meaning."
    against = f"{place(figure.alpha)} the target of 0.80"
    said = f"{period(figure.cycle)}, assessors agreed at {number(figure.alpha)}, {against}."
    if figure.alpha_low is None or figure.alpha_high is None:
        return said
    said += f" The 95% interval runs from {number(figure.alpha_low)} to {number(figure.alpha_high)}"
    if figure.alpha_low < TARGET <= figure.alpha_high:
        return f"{said}, so with this many assessments it is not certain on which side of the target agreement lies."
    return f"{said}."


def waiting(cycle: int | None, finished: int) -> str:
    """The empty state."""
    when = "in any year" if cycle is None else f"in {cycle}"
    counted = {0: "None is finished yet", 1: "One is finished so far"}.get(finished, f"{finished} are finished so far")
    return (
        f"Agreement is shown once {FEWEST} assessments by {FEWEST_ASSESSORS} or more assessors are finished {when}, "
        f"and anew with every {FEWEST} more. {counted}."
    )


def counted(figure: AgreementFigure, finished: int) -> str:
    """Why the newest are not in the figure yet."""
    if figure.assessments == finished:
        return ""
    return (
        f"{finished:,} are finished. They count in fives, in the order in which they were finished, so that no change "
        "of these figures tells of a single one."
    )


def weakest(rows: Sequence[AgreementFigure], names: dict[str, str], what: str) -> str:
    """Above a table of areas or elements: how many lie below the target, and the lowest."""
    known = [row for row in rows if row.alpha is not None]
    if not known:
        return f"No {what} has enough levels yet."
    below = [row for row in known if place(row.alpha) == "below"]
    lowest = min(known, key=lambda row: row.alpha)
    if len(known) == 1:
        return (
            f"One {what} can be told, {names[lowest.code]}: {number(lowest.alpha)}, {place(lowest.alpha)} the target."
        )
    many = f"{len(known)} {what}s"
    if not below:
        return f"All {many} reach the target; the lowest is {names[lowest.code]} at {number(lowest.alpha)}."
    verb = "lies" if len(below) == 1 else "lie"
    return (
        f"{len(below)} of {many} {verb} below the target; the lowest is {names[lowest.code]} at {number(lowest.alpha)}."
    )


def pair(figure: AgreementFigure) -> str:
    """Of an AgreementFigure of two assessors, with both people read along."""
    both = f"{figure.first} and {figure.second}"
    if figure.alpha is None:
        return f"{both} gave the same level everywhere, so agreement beyond chance has no meaning."
    certain = figure.alpha_high is not None and figure.alpha_high < TARGET
    said = f"{both} agree at {number(figure.alpha)}, {place(figure.alpha)} the target"
    return f"{said}, and surely so." if certain else f"{said}."


def is_notable(row: AssessorDrift) -> bool:
    """Large enough to matter, surely not chance, and surely this assessor's own."""
    if row.low is None or row.high is None or abs(row.drift) < NOTABLE or _has_one_partner(row):
        return False
    return row.low > 0 or row.high < 0


def drift(row: AssessorDrift, who: str) -> str:
    """`who`: "You", or a name."""
    gives, others = ("give" if who == "You" else "gives"), _others(row)
    if row.low is None or row.high is None:
        return f"{who} {gives} {_levels(row.drift)} {others}; too little is known yet for an interval."
    certain = f"95% interval {span(row.low, row.high)}"
    if row.low <= 0 <= row.high:
        subject = "you" if who == "You" else who
        return f"No drift can be told: {subject} {gives} {_levels(row.drift)} {others} ({certain})."
    said = f"{who} {gives} {_levels(row.drift)} {others} ({certain})"
    if _has_one_partner(row):
        return f"{said}. With one partner only, it cannot be told whose of the two the difference is."
    word = "more lenient" if row.drift > 0 else "stricter"
    return f"{said}: {f'clearly {word}' if is_notable(row) else f'a little {word}, less than is worth a change'}."


def _has_one_partner(row: AssessorDrift) -> bool:
    return row.source == AssessorDrift.Source.ASSESSMENTS and row.partners < 2


def _others(row: AssessorDrift) -> str:
    is_panel = row.source == AssessorDrift.Source.CALIBRATION
    return "than the reference panel" if is_panel else "than the average assessor on the same elements"


def _levels(value: float) -> str:
    if number(value) == "0.00":
        return "neither more nor less"
    return f"{number(abs(value))} levels {'more' if value > 0 else 'less'}"


def distance(level: int, reference: int) -> str:
    """Own level against the panel's, on one element."""
    gap = level - reference
    if gap == 0:
        return "The same level"
    count = {1: "One level", 2: "Two levels", 3: "Three levels", 4: "Four levels"}[abs(gap)]
    return f"{count} {'higher' if gap > 0 else 'lower'} than the panel"


def feedback(gaps: Sequence[int]) -> str:
    """Own less the panel's level, of every element of a submitted case."""
    same, wide, mean = gaps.count(0), sum(abs(gap) >= 2 for gap in gaps), sum(gaps) / len(gaps)
    said = f"You gave the panel’s level on {same} of {len(gaps)} elements."
    if same == len(gaps):
        return said
    if number(mean) == "0.00":
        said += " Higher and lower levels cancel out."
    else:
        said += f" On average you were {number(abs(mean))} levels {'higher' if mean > 0 else 'lower'}."
    lie = "lies" if wide == 1 else "lie"
    return f"{said} {wide} of them {lie} two or more levels apart: begin there." if wide else said
