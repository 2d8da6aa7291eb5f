"""The sentences of a report: who reads only these understands it."""

from collections import Counter
from decimal import ROUND_HALF_UP, Decimal

from qmm.countries import place as place_of
from qmm.course.words import day
from qmm.report.contents import AreaPart, Report, step_reached

ABOUT = (
    "Levels are about practices above the legal minimum. They say nothing about a drug’s safety or effectiveness, and "
    "an assessment is no inspection."
)
DRAFT = (
    "Draft, not final. It may still change: the establishment checks its facts, and the assessors answer every comment."
)
SYNTHETIC = "Synthetic demonstration data. Firms, sites and figures are invented."
VOIDED = "This assessment was voided. It counts in no score any more."
HIGHEST = "This is the highest level."
UNKNOWN_ELEMENTS = "Levels by element are not known of this assessment: only those of its practice areas are on record."
SAID = ("overall", "change", "areas", "peers", "findings", "fact_check", "plan")  # of a report as a whole
LEAST = Decimal("0.05")  # smaller changes are none when they are told


def number(value: Decimal | float, places: int) -> str:
    """Rounded half up, as people do."""
    return str(Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def signed(value: Decimal, places: int) -> str:
    text = number(value, places)
    return f"+{text}" if Decimal(text) > 0 else text.replace("-", "−") if Decimal(text) else number(0, places)


def facts(report: Report) -> list[tuple[str, str]]:
    """What stands at the head of a report, line by line."""
    place, unknown = report.place, "not on record"
    lines = [
        ("Establishment", place.name),
        ("FEI", place.fei or unknown),
        ("Address", place_of(place.address, place.country) or unknown),
        ("Organization", place.organization or unknown),
        ("Visit", visit(report)),
        ("Rubric", f"Version {report.rubric}" if report.rubric else ""),
        ("Completed", day(report.completed_on) if report.completed_on else ""),
        ("Valid until", day(report.valid_until) if report.valid_until else ""),
        *zip(("Lead assessor", "Second assessor"), report.assessors, strict=False),
    ]
    return [(label, value) for label, value in lines if value]


def visit(report: Report) -> str:
    first, last = report.visit_from, report.visit_to
    if first is None:
        return ""
    return f"{day(first)} to {day(last)}" if last and last != first else day(first)


def notices(report: Report) -> list[str]:
    """What a reader must know before the rest."""
    said = ((DRAFT, report.is_draft), (VOIDED, report.is_voided))
    return [sentence for sentence, holds in said if holds]


def standing(report: Report) -> str:
    """Under the title and on every page."""
    if report.is_draft or report.completed_on is None or report.valid_until is None:
        return "Draft, not final"
    return f"Completed {day(report.completed_on)}, valid until {day(report.valid_until)}"


def area(part: AreaPart) -> str:
    if part.level is None:
        return "No level is agreed."
    said = f"Level {number(part.level, 2)} of 5, {part.word.lower()}: the mean of its elements"
    if part.peers is None:
        return f"{said}."
    where = part.peers.standing(float(part.level))
    return f"{said}, {where} the middle half of other organizations ({part.peers.low} to {part.peers.high})."


def overall(report: Report) -> str:
    if report.qmm is None or report.mean_level is None:
        return "No level is known."
    step = step_reached(report.mean_level).lower()
    return (
        f"The establishment’s quality management maturity is {number(report.qmm, 1)} of 100: the mean of the five "
        f"practice areas is level {number(report.mean_level, 2)} of 5, {step}."
    )


def change(report: Report) -> str:
    """Against the assessment before; "" where there is none."""
    moved = report.qmm_change
    if report.earlier is None or moved is None:
        return ""
    since = f"Since the assessment of {day(report.earlier.completed_on)}"
    if abs(moved) < LEAST:
        whole = f"{since} it is the same"
    else:
        went = "rose" if moved > 0 else "fell"
        whole = f"{since} it {went} by {number(abs(moved), 1)} points, from {number(report.earlier.qmm, 1)}"
    changed = [(area.change, area) for area in report.areas if area.change is not None]
    if not changed:
        return f"{whole}."
    most = max(abs(its) for its, _ in changed)
    if most < LEAST:
        return f"{whole}."
    up, down = ([area.label.lower() for its, area in changed if its == way] for way in (most, -most))
    if up and down:
        return f"{whole}; {listed(up)} rose and {listed(down)} fell most, by {number(most, 2)} levels."
    return f"{whole}; {listed(up or down)} moved most, by {signed(most if up else -most, 2)} levels."


def areas(report: Report) -> str:
    known = [(area.level, area.label.lower()) for area in report.areas if area.level is not None]
    if not known:
        return "No area has a level."
    low, high = min(known)[0], max(known)[0]
    if low == high:
        return f"All practice areas are at level {number(high, 2)}."
    return f"Highest {_named(known, high)} at {number(high, 2)}, lowest {_named(known, low)} at {number(low, 2)}."


def _named(known: list[tuple[Decimal, str]], level: Decimal) -> str:
    named = [label for its, label in known if its == level]
    return f"{'is' if len(named) == 1 else 'are'} {listed(named)}"


def peers(report: Report) -> str:
    told = report.peers
    if not told.organizations:
        return (
            f"Too few other organizations had an assessment that counted on {day(told.as_of)} to show them beside this "
            "one."
        )
    places = Counter(
        area.peers.standing(float(area.level)) for area in report.areas if area.peers and area.level is not None
    )
    stands = listed([f"{word} it in {WORDS[places[word]]}" for word in ("above", "within", "below") if places[word]])
    if len(places) == 1 and places.total() == len(report.areas):
        stands = f"{next(iter(places))} it in all"
    return (
        f"Against the middle half of {told.organizations} other organizations, the site is {stands} of the areas. "
        f"They are those whose assessments counted on {day(told.as_of)}, the first day of a quarter; each counts "
        "once, by the mean of its sites."
    )


def key(report: Report) -> str:
    """Under the picture."""
    said = "Levels go from 1, reactive, to 5, optimizing. The dot is this site."
    if report.earlier:
        said += f" The ring is the assessment of {day(report.earlier.completed_on)}."
    if many := report.peers.organizations:
        said += (
            f" The band is the middle half of {many} other organizations, the line in it their median. No lowest or "
            "highest is shown, as that would be one organization’s own; the last column gives median and band."
        )
    return said


def findings(report: Report) -> str:
    gaps, strengths, chances = (len(report.found(kind)) for kind in ("critical_gap", "strength", "opportunity"))
    if not gaps + strengths + chances:
        return "No finding was recorded."
    told = [count(gaps, "critical gap"), count(strengths, "strength"), count(chances, "opportunity", "opportunities")]
    return first_up(f"{listed(told)}.")


def plan(report: Report) -> str:
    part = report.plan
    return f"Sent on {day(part.sent_on)}. On {day(part.as_of)}: {part.said}" if part else ""


def fact_check(report: Report) -> str:
    check = report.fact_check
    if not check.comments:
        if report.is_draft and not check.is_finished:
            return "The establishment has made no comment yet."
        return "The establishment made no comment on the draft."
    made = f"The establishment made {count(check.comments, 'comment')} on the draft"
    waiting = check.comments - check.answered
    outcomes = (
        (check.corrected, "corrected"),
        (check.partly, "corrected in part"),
        (check.kept, "left as written"),
        (waiting, "not answered yet"),
    )
    return f"{made}: {listed([f'{WORDS.get(many, many)} {what}' for many, what in outcomes if many])}."


WORDS = {0: "no", 1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine"}


def count(many: int, one: str, more: str = "") -> str:
    """no comments, one comment, 12 comments."""
    return f"{WORDS.get(many, f'{many:,}')} {one if many == 1 else more or f'{one}s'}"


def listed(items: list[str]) -> str:
    """a, b and c."""
    *most, last = items
    return f"{', '.join(most)} and {last}" if most else last


def first_up(text: str) -> str:
    return text[:1].upper() + text[1:]
