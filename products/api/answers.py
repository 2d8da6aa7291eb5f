"""Answers of a questionnaire as JSON: how they are told, how a body is read, and all that is wrong with it at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from products.queries.quarters import QuarterlyFigures
from products.questionnaire import FIELDS, QUESTIONS, Answers, Field, Kind, Question, State, read_answers, texts_of
from products.questionnaire.fields import WrongAnswerError
from products.questionnaire.plausibility import NOTE_KEYS
from products.services.kpi_draft import ANSWER_KEYS, LONGEST_ANSWER, LONGEST_NOTE, Change

WITHHELD = (State.NOT_DISCLOSED.value, State.NOT_APPLICABLE.value)
LONGEST_SOURCE = 200
QUESTION_OF = {key: question for question in QUESTIONS for key in (*question.columns, question.state_key)}
STATE_KEYS = {question.state_key for question in QUESTIONS}
UNSAID = (State.OPEN.value, State.REPORTED.value)  # the figures speak
MEMBERS = ("answers", "notes", "source", "is_correction")


@dataclass(slots=True)
class Body:
    """What a request gives of one draft: texts by key. `problems`: member -> key -> sentence, as errors nest."""

    answers: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    source: str = ""
    is_correction: bool = False
    problems: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Changes:
    """`problems`: key -> sentence of the answers that were given."""

    answers: dict[str, Change]
    notes: dict[str, Change]
    problems: dict[str, str]


# --- Telling ----------------------------------------------------------------------------------------------------------


def told(texts: Mapping[str, str]) -> dict[str, Any]:
    """Every key -> its value, null where blank or withheld; a text that is no answer stays the text that was typed."""
    values: dict[str, Any] = {}
    for question in QUESTIONS:
        state = texts.get(question.state_key, "")
        is_withheld = state in WITHHELD
        for item in question.fields:
            values[item.column] = None if is_withheld else _value(item, texts.get(item.column, ""))
        values[question.state_key] = state if is_withheld else None
    return values


def _value(item: Field, text: str) -> Any:
    try:
        read = item.read(text)
    except WrongAnswerError:
        return text
    if read is None or isinstance(read, bool):
        return read
    if isinstance(read, date):
        return read.isoformat()
    written = item.written(read)
    return float(written) if "." in written else int(written)


# --- Reading ----------------------------------------------------------------------------------------------------------


def read_body(given: Any, members: tuple[str, ...] = MEMBERS) -> Body:
    """Unknown members are refused too: a misspelled one would be taken for a blank answer."""
    body = Body()
    if not isinstance(given, dict):
        body.problems["non_field_errors"] = 'Give an object, such as {"answers": {"shelf_life_months": 24}}.'
        return body
    for name in given:
        if name not in members:
            body.problems[name] = f"Unknown. Known are: {', '.join(members)}."
    if "answers" in members:
        _read_texts(given.get("answers"), ANSWER_KEYS, LONGEST_ANSWER, "answers", body, is_required=True)
        _read_texts(given.get("notes", {}), NOTE_KEYS, LONGEST_NOTE, "notes", body)
    source = given.get("source", "")
    if not isinstance(source, str) or len(source) > LONGEST_SOURCE or not source.isprintable():
        body.problems["source"] = f"Give one line of at most {LONGEST_SOURCE} characters."
    else:
        body.source = source.strip()
    is_correction = given.get("is_correction", False)
    if isinstance(is_correction, bool):
        body.is_correction = is_correction
    else:
        body.problems["is_correction"] = "Give true or false."
    return body


def _read_texts(
    given: Any, known: frozenset[str], longest: int, member: str, body: Body, *, is_required: bool = False
) -> None:
    texts: dict[str, str] = getattr(body, member)
    problems: dict[str, str] = {}
    if given is None and not is_required:
        return
    if not isinstance(given, dict):
        body.problems[member] = "Give an object of values by their names."
        return
    for key, value in given.items():
        if key not in known:
            what = "answer of the questionnaire" if member == "answers" else "warning that a note could answer"
            problems[key] = f"There is no {what} of this name. GET /api/v1/questionnaire/ names them."
        elif isinstance(value, dict | list) or (member == "notes" and not isinstance(value, str | None)):
            problems[key] = "Give a text." if member == "notes" else "Give a number, a text, true, false or null."
        else:
            text = _text(key, value)
            if len(text) > longest:
                problems[key] = f"At most {longest:,} characters are kept; these are {len(text):,}."
            elif "\0" in text:
                problems[key] = "This holds a character that cannot be kept (NUL)."
            else:
                texts[key] = text
    if problems:
        body.problems[member] = problems


def _text(key: str, value: Any) -> str:
    """The text by which a person would have typed the value; a valid answer in the one way that `written` has."""
    item = FIELDS.get(key)
    if value is None:
        return ""
    if isinstance(value, bool):
        return ("yes" if value else "no") if item and item.kind is Kind.TICK else str(value).lower()
    if isinstance(value, int | float):
        value = format(Decimal(str(value)).normalize() + 0, "f")
    text = value.replace("\r\n", "\n").strip()
    if key in STATE_KEYS and text in UNSAID:
        return ""
    try:
        return item.written(item.read(text)) if item else text
    except WrongAnswerError:
        return text


def nested(problems: dict[str, Any], answers: Mapping[str, str]) -> dict[str, Any]:
    """The problems of a body with those that only show beside what stands."""
    if not answers:
        return problems
    return problems | {"answers": {**answers, **problems.get("answers", {})}}


# --- What it changes --------------------------------------------------------------------------------------------------


def changes_of(figures: QuarterlyFigures, body: Body, today: date, *, whole: bool) -> Changes:
    """`whole`: what is not given becomes blank; otherwise it stays, and a figure takes back that its question is
    withheld."""
    base = base_of(figures)
    given = dict(body.answers)
    problems = _contradictions(given)
    wanted = dict.fromkeys(ANSWER_KEYS, "") | given if whole else _with_states(given)
    now, then = told(base | wanted), told(base)
    changed = {key: wanted[key] for key in wanted if now[key] != then[key]}
    problems |= _problems(read_answers(base | wanted, today), read_answers(base, today), wanted)
    notes = figures.draft.notes if figures.draft else {}
    noted = dict.fromkeys(notes, "") | body.notes if whole else body.notes
    return Changes(
        answers={key: Change(base.get(key, ""), text) for key, text in changed.items()},
        notes={key: Change(notes.get(key, ""), text) for key, text in noted.items() if text != notes.get(key, "")},
        problems=problems,
    )


def base_of(figures: QuarterlyFigures) -> dict[str, str]:
    """The texts of the draft, or those with which a draft would begin."""
    return dict(figures.draft.answers) if figures.draft else texts_of(figures.attested)


def _with_states(given: dict[str, str]) -> dict[str, str]:
    """A state that goes unsaid beside a figure is that the figure is reported."""
    reported = {
        question.state_key: "" for question in QUESTIONS if any(given.get(column) for column in question.columns)
    }
    return reported | given


def _contradictions(given: Mapping[str, str]) -> dict[str, str]:
    return {
        question.state_key: f"{question.label} is {given[question.state_key].replace('_', ' ')} here, and given as "
        "well. Leave out one of the two."
        for question in QUESTIONS
        if given.get(question.state_key) in WITHHELD and any(given.get(column) for column in question.columns)
    }


def _problems(after: Answers, before: Answers, wanted: Mapping[str, str]) -> dict[str, str]:
    """Of what is given; what somebody typed wrong elsewhere in the draft is no fault of this request."""
    found: dict[str, str] = {}
    for key, text in after.problems.items():
        if key in wanted:
            found[key] = text
        elif before.problems.get(key) != text:
            question: Question = QUESTION_OF[key]
            place = next(name for name in (*question.columns, question.state_key) if name in wanted)
            found[place] = text
    return found
