"""The sentences of the operator's overview."""

from collections.abc import Sequence

from ratings.figures import first_up, in_words, percent, span
from ratings.queries.overview import Standing, Waiting


def standings_sentence(rows: Sequence[Standing]) -> str:
    total = sum(row.count for row in rows)
    if not total:
        return "No product is enrolled yet."
    rated = sum(row.count for row in rows if row.band)
    top = sum(row.count for row in rows if row.band and row.band >= 4)
    said = f"{rated:,} of {total:,} enrolled products {'is' if rated == 1 else 'are'} rated"
    return f"{said}, {percent(top / rated, 0)} of them High or Very high." if rated else f"{said}."


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
