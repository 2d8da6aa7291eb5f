"""The sentences of the operator's overview."""

from collections.abc import Sequence
from datetime import date

from products.queries.imports import LastImport
from ratings.figures import day, first_up, in_words, joined, percent, span
from ratings.models import Status
from ratings.queries.overview import Standing, Waiting

OLD_IMPORT_DAYS = 31


def standings_sentence(rows: Sequence[Standing]) -> str:
    """Withdrawn ones are no longer enrolled: they are told apart."""
    withdrawn = sum(row.count for row in rows if row.label == Status.WITHDRAWN.label)
    total = sum(row.count for row in rows) - withdrawn
    left = f" {withdrawn_words(withdrawn)}" if withdrawn else ""
    if not total:
        return "No product is enrolled yet." if not withdrawn else f"No product is enrolled now.{left}"
    rated = sum(row.count for row in rows if row.band)
    top = sum(row.count for row in rows if row.band and row.band >= 4)
    said = f"{rated:,} of {total:,} enrolled products {'is' if rated == 1 else 'are'} rated"
    return f"{said}, {percent(top / rated, 0)} of them High or Very high.{left}" if rated else f"{said}.{left}"


def withdrawn_words(count: int) -> str:
    return f"{first_up(in_words(count))} more {'is' if count == 1 else 'are'} withdrawn." if count else ""


def failed_sentence(count: int) -> str:
    if not count:
        return "Every product can be computed."
    verb = "product cannot" if count == 1 else "products cannot"
    return f"{first_up(in_words(count))} {verb} be computed until their inputs are corrected; the last rating stays."


def waiting_sentence(waiting: Waiting) -> str:
    if not waiting.count:
        return "Nothing waits: every rating shows the latest inputs."
    marks = f"{waiting.count:,} {'change waits' if waiting.count == 1 else 'changes wait'}"
    age = f", the oldest for {span(waiting.oldest_seconds)}" if waiting.oldest_seconds else ", set back after a failure"
    return f"{marks} to be computed{age}."


def late_cases_sentence(count: int) -> str:
    if not count:
        return "No assessment case is late."
    return f"{first_up(in_words(count))} assessment case{' is' if count == 1 else 's are'} late."


def ending_sentence(count: int, first: date | None) -> str:
    """Of assessments that end within a year while no other one is under way."""
    if not count or first is None:
        return "No assessment expires within 12 months without another one under way."
    said = f"{first_up(in_words(count))} assessment{' expires' if count == 1 else 's expire'} within 12 months"
    return f"{said} with no other one under way{'' if count == 1 else ', the first'} on {day(first)}."


def reviews_sentence(count: int, late: int, *, is_more: bool = False) -> str:
    """`is_more`: there are more than were counted."""
    if not count:
        return "No request for review waits for the program operator."
    number = f"More than {in_words(count - 1)}" if is_more else first_up(in_words(count))
    waits = "request for review waits" if count == 1 else "requests for review wait"
    said = f"{number} {waits} for the program operator"
    return f"{said}, {'at least ' if is_more else ''}{in_words(late)} of them late." if late else f"{said}."


def duplicates_sentence(count: int) -> str:
    if not count:
        return ""
    if count == 1:
        return "One pair of establishment records looks like one site."
    return f"{first_up(in_words(count))} pairs of establishment records look like one site each."


def invitations_sentence(count: int) -> str:
    if not count:
        return "No invitation waits to be accepted."
    return f"{first_up(in_words(count))} invited {'person has' if count == 1 else 'people have'} not accepted yet."


def imports_sentence(imports: Sequence[LastImport], today: date) -> str:
    """Names what was never imported and what is older than a month."""
    never = [row.source for row in imports if row.seen_on is None]
    if len(never) == len(imports):
        return "No public list was imported yet."
    old = [row.source for row in imports if row.seen_on and (today - row.seen_on).days > OLD_IMPORT_DAYS]
    told = [f"never imported: {joined(never)}"] if never else []
    told += [f"older than a month: {joined(old)}"] if old else []
    return f"{first_up('; '.join(told))}." if told else "Every public list was imported within a month."
