"""The first page of an assessor: the cases that were given to them. Ratings are no part of their work."""

from typing import Any

from dscr.access.scoping import Reader
from dscr.home.tasks import case_page
from qmm.queries.calibration import calibrations_open
from qmm.queries.cases import OpenCase, open_cases
from ratings.figures import day, first_up, in_words


def assessor_context(user: Reader) -> dict[str, Any]:
    cases = open_cases(user)
    calibrations = calibrations_open(user)
    return {
        "calibrations": calibrations,
        "calibrations_sentence": calibrations_sentence(len(calibrations)),
        "cases": case_rows(cases),
        "cases_sentence": cases_sentence(cases),
        "shows_synthetic": any(row.case.establishment.is_synthetic for row in cases),
    }


def calibrations_sentence(count: int) -> str:
    if not count:
        return ""
    cases, wait = ("case", "waits") if count == 1 else ("cases", "wait")
    return f"{first_up(in_words(count))} calibration {cases} {wait} for your levels. Each is scored alone."


def case_rows(cases: list[OpenCase]) -> list[dict[str, Any]]:
    return [{"row": row, "case": row.case, "address": case_page(row.case)} for row in cases]


def cases_sentence(cases: list[OpenCase]) -> str:
    if not cases:
        return ""
    late = [row for row in cases if row.is_late]
    said = f"{first_up(in_words(len(cases)))} open case{' is' if len(cases) == 1 else 's are'} yours"
    leads = sum(row.leads for row in cases)
    if leads:
        said += ", and you lead all of them" if leads == len(cases) > 1 else f", and you lead {in_words(leads)} of them"
    if late:
        first = late[0].case
        return (
            f"{said}. {first_up(in_words(len(late)))} {'is' if len(late) == 1 else 'are'} late, "
            f"{first.establishment.name} longest: since {day(first.due_on)}."
        )
    coming = next((row.case for row in cases if row.case.due_on), None)
    if coming is None:
        return f"{said}."
    return f"{said}. None is late; next is {coming.establishment.name}, by {day(coming.due_on)}."
