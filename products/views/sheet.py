"""A draft as its pages show it: every question with what was typed, what that means, and what looks unlikely."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from dscr.sheets import told
from products.queries.due import Quarter
from products.queries.quarters import QuarterlyFigures
from products.questionnaire import SECTIONS, Answers, Field, Kind, Question, Section, State, read_answers
from products.questionnaire.plausibility import Doubt, doubts
from products.questionnaire.words import in_words, interval, percent, sources_in_words

STATE_WORDS = {"": "Reported", State.NOT_DISCLOSED.value: "Not disclosed", State.NOT_APPLICABLE.value: "Not applicable"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One input: `text` as it stands in the page, `was` as it is stored."""

    key: str
    text: str
    was: str
    problem: str = ""
    edit: Mapping[str, Any] = field(default_factory=dict)
    conflict: Mapping[str, Any] = field(default_factory=dict)
    item: Field | None = None

    @property
    def control(self) -> str:
        if self.item is None or self.item.kind not in (Kind.TICK, Kind.DATE):
            return "text"
        if self.item.kind is Kind.TICK:
            return "tick" if self.text in ("", "yes", "no") else "text"
        return "date" if not self.text or _is_date(self.text) else "text"

    @property
    def keyboard(self) -> str:
        return "numeric" if self.item and self.item.kind in (Kind.COUNT, Kind.WHOLE) else "decimal"


@dataclass(frozen=True, slots=True)
class DoubtRow:
    doubt: Doubt
    note: Entry

    @property
    def is_answered(self) -> bool:
        return bool(self.note.was.strip())


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question with its entries. `previous`, `attested` (of the same quarter, to be corrected) and `words` are
    answers in words, "" where there is none."""

    question: Question
    section: Section
    state: State
    said: Entry
    entries: list[Entry]
    doubts: list[DoubtRow]
    values: Mapping[str, Any]
    previous: str
    previous_quarter: str
    attested: str
    sources: list[str]

    @property
    def choices(self) -> list[tuple[str, str]]:
        allowed = [
            "",
            State.NOT_DISCLOSED.value,
            *([State.NOT_APPLICABLE.value] if self.question.may_not_apply else []),
        ]
        return [(value, STATE_WORDS[value]) for value in allowed]

    @property
    def words(self) -> str:
        """The answer as it stands, "" while it is open."""
        return "" if self.state is State.OPEN else in_words(self.question, self.values)

    @property
    def is_changed(self) -> bool:
        return bool(self.stood) and bool(self.words) and self.stood != self.words

    @property
    def stood(self) -> str:
        """What the answer is a change of, as QuarterlyFigures.compared has it."""
        return self.attested or self.previous

    @property
    def is_blank(self) -> bool:
        return self.state is State.OPEN and not any(entry.was for entry in self.entries)

    @property
    def has_problem(self) -> bool:
        return bool(self.said.problem) or any(entry.problem for entry in self.entries)

    @property
    def rate(self) -> str:
        """97.5%"""
        part, whole = self._counts
        return percent(part / whole) if whole else ""

    @property
    def interval(self) -> str:
        part, whole = self._counts
        return interval(part, whole) if whole else ""

    @property
    def _counts(self) -> tuple[int, int]:
        if not self.question.is_rate or self.state is not State.REPORTED:
            return 0, 0
        part, whole = (self.values[column] for column in self.question.columns)
        return part, whole


@dataclass(frozen=True, slots=True)
class SectionRow:
    section: Section
    rows: list[QuestionRow]

    @property
    def done(self) -> int:
        return sum(row.state is not State.OPEN for row in self.rows)

    @property
    def problems(self) -> int:
        return sum(row.has_problem for row in self.rows)

    @property
    def blank_rows(self) -> list[QuestionRow]:
        return [row for row in self.rows if row.is_blank]

    @property
    def is_done(self) -> bool:
        return self.done == len(self.rows)


@dataclass(frozen=True, slots=True)
class Sheet:
    answers: Answers
    sections: list[SectionRow]

    @property
    def rows(self) -> list[QuestionRow]:
        return [row for section in self.sections for row in section.rows]

    @property
    def done(self) -> int:
        return sum(section.done for section in self.sections)

    @property
    def total(self) -> int:
        return len(self.rows)

    @property
    def open_rows(self) -> list[QuestionRow]:
        return [row for row in self.rows if row.state is State.OPEN]

    @property
    def blank_rows(self) -> list[QuestionRow]:
        """Those that one button answers with "not disclosed"."""
        return [row for section in self.sections for row in section.blank_rows]

    @property
    def unanswered(self) -> list[tuple[QuestionRow, DoubtRow]]:
        return [(row, doubt) for row in self.rows for doubt in row.doubts if not doubt.is_answered]

    @property
    def changed(self) -> int:
        return sum(row.is_changed for row in self.rows)

    def section(self, code: str) -> SectionRow:
        """The first one for a code that is none."""
        return next((row for row in self.sections if row.section.code == code), self.sections[0])


def sheet_of(
    figures: QuarterlyFigures,
    today: date,
    typed: Mapping[str, str] | None = None,
    conflicts: Mapping[str, Mapping[str, Any]] | None = None,
) -> Sheet:
    """`typed`: what a form sent and could not be stored, shown again with its conflicts."""
    texts = dict(figures.draft.answers) if figures.draft else {}
    notes = figures.draft.notes if figures.draft else {}
    edits = figures.draft.edits if figures.draft else {}
    sources = figures.draft.sources if figures.draft else {}
    answers = read_answers(texts, today)
    before, attested = figures.previous, figures.attested
    found = doubts(answers, before.__dict__ if before else None)
    typed, conflicts = typed or {}, conflicts or {}

    def entry(key: str, was: str, item: Field | None = None) -> Entry:
        return Entry(
            key=key,
            text=typed.get(key, was),
            was=was,
            problem=answers.problems.get(key, ""),
            edit=told(edits.get(key, {})),
            conflict=told(conflicts.get(key, {})),
            item=item,
        )

    def row(section: Section, question: Question) -> QuestionRow:
        return QuestionRow(
            question=question,
            section=section,
            state=answers.states[question.code],
            said=entry(question.state_key, texts.get(question.state_key, "")),
            entries=[entry(item.column, texts.get(item.column, ""), item) for item in question.fields],
            doubts=[
                DoubtRow(doubt, entry(doubt.code, notes.get(doubt.code, "")))
                for doubt in found
                if doubt.question == question.code
            ],
            values=answers.values,
            previous=in_words(question, before) if before else "",
            previous_quarter=Quarter(before.quarter_end).name if before else "",
            attested=in_words(question, attested) if attested else "",
            sources=sources_in_words(sources, question.columns),
        )

    return Sheet(
        answers,
        [SectionRow(section, [row(section, question) for question in section.questions]) for section in SECTIONS],
    )


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
