"""What the review of many drafts says of each: its changes in words, what looks unlikely, what hinders it; in parts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.http import urlencode

from products.models import KpiDraft
from products.queries.many_figures import DraftFigures
from products.questionnaire import QUESTIONS, Answers, Question, State
from products.questionnaire.plausibility import BY_CODE, is_doubted, unanswered_doubts
from products.questionnaire.words import in_words

PART = 100  # products shown at a time
LINE = 150  # ids in one address

Change = tuple[Question, str, str]  # question, before, now


@dataclass(frozen=True)
class Reviewed:
    """One product of the review. Of all of them it is told whether they changed and look likely; only of those that are
    shown, what: words for every answer of hundreds of products take long."""

    figures: DraftFigures
    answers: Answers

    @property
    def draft(self) -> KpiDraft:
        return self.figures.draft

    @property
    def hindrance(self) -> str:
        """Why it cannot be attested, "" where it can."""
        if not self.figures.is_enrolled:
            return "not enrolled today"
        count = len(self.answers.open)
        return f"{count} question{'s' if count > 1 else ''} open" if count else ""

    @property
    def withheld(self) -> int:
        return sum(state is State.NOT_DISCLOSED for state in self.answers.states.values())

    @property
    def _last(self) -> Mapping[str, Any] | None:
        return self.figures.previous.values if self.figures.previous else None

    @cached_property
    def is_doubted(self) -> bool:
        return is_doubted(self.answers, self._last, self.draft.notes)

    @cached_property
    def doubts(self) -> list[tuple[Question, str]]:
        """Those that no note answers."""
        found = unanswered_doubts(self.answers, self._last, self.draft.notes)
        return [(BY_CODE[doubt.question], doubt.text) for doubt in found]

    @cached_property
    def is_changed(self) -> bool:
        return any(True for _ in self._changes())

    @cached_property
    def changes(self) -> list[Change]:
        return list(self._changes())

    def _changes(self) -> Iterator[Change]:
        before, values = self.figures.compared, self.answers.values
        if before is None:
            return
        last = before.values
        for question in QUESTIONS:
            if all(values[column] == last[column] for column in question.columns):
                continue
            was, now = in_words(question, last), in_words(question, values)
            if was != now and self.answers.states[question.code] is not State.OPEN:
                yield question, was, now


@dataclass(frozen=True, slots=True)
class Part:
    """Rows `first` to `last` of the review, counted from 1; `query` asks for them alone."""

    first: int
    last: int
    rows: Sequence[Reviewed]

    @property
    def query(self) -> str:
        return drafts_query([row.draft.pk for row in self.rows])


def parts_of(rows: Sequence[Reviewed]) -> list[Part]:
    """A hundred products each. Two quarters of one product stay together, for only the later moves the score."""
    parts, start = [], 0
    while start < len(rows):
        end = min(start + PART, len(rows))
        while end < len(rows) and rows[end].draft.product_id == rows[end - 1].draft.product_id:
            end += 1
        parts.append(Part(start + 1, end, rows[start:end]))
        start = end
    return parts


def drafts_query(drafts: Sequence[int]) -> str:
    """A line of an address has an end; beyond it the page asks for all."""
    return urlencode({"draft": drafts}, doseq=True) if len(drafts) <= LINE else "all=yes"
