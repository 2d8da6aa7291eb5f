"""A whole questionnaire as it was typed, read into the columns of a submission."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from products.questionnaire.fields import Field, Question, State, WrongAnswerError
from products.questionnaire.questions import FIELDS, QUESTIONS

NOTHING: Mapping[str, Any] = dict.fromkeys(FIELDS)


@dataclass(frozen=True, slots=True)
class Answers:
    """`values`: column -> value, None where not disclosed or not valid. `problems`: column or state key -> sentence.
    `states`: code -> State; a question with a problem counts as OPEN."""

    values: dict[str, Any] = field(default_factory=dict)
    states: dict[str, State] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def open(self) -> list[str]:
        """Codes of the questions that still have to be answered."""
        return [code for code, state in self.states.items() if state is State.OPEN]


def read_answers(texts: Mapping[str, str], today: date) -> Answers:
    """texts: column -> text as typed, and `<code>_state` -> State value. What is missing is blank.

    A question is REPORTED once all that it needs is given; its state need not be said, only the other two.
    """
    found = Answers(values=dict(NOTHING))
    for question in QUESTIONS:
        found.states[question.code] = _read_question(question, texts, today, found)
    return found


def texts_of(submission: Any) -> dict[str, str]:
    """An attested submission (or None) as the texts that would give it again."""
    texts: dict[str, str] = {}
    for question in QUESTIONS:
        values = [getattr(submission, item.column, None) for item in question.fields]
        if submission is None:
            continue
        if question.may_not_apply and values == [0, 0]:
            texts[question.state_key] = State.NOT_APPLICABLE.value
        elif all(value is None for value in values):
            texts[question.state_key] = State.NOT_DISCLOSED.value
        else:
            texts |= {item.column: item.written(value) for item, value in zip(question.fields, values, strict=True)}
    return texts


def _read_question(question: Question, texts: Mapping[str, str], today: date, found: Answers) -> State:
    """Its values and problems are put into `found`. One review reads hundreds of questionnaires, so what most answers
    are is told first."""
    said = texts.get(question.state_key)
    state = _said(question, said, found) if said else State.OPEN
    if state is State.NOT_APPLICABLE:
        found.values.update(dict.fromkeys(question.columns, 0))
    if state is not State.OPEN:
        return state
    values: dict[str, Any] = {}
    is_sound = is_given = True
    for item in question.fields:
        text = texts.get(item.column)
        value = values[item.column] = _read_field(item, text, today, found) if text else None
        if value is None:
            is_given = is_given and not item.required
            is_sound = is_sound and item.column not in found.problems
    if not is_sound or (question.is_rate and not _fit_together(question, values, found)):
        return State.OPEN
    found.values.update(values)
    return State.REPORTED if is_given else State.OPEN


def _said(question: Question, said: str, found: Answers) -> State:
    text = said.strip()
    if text in ("", State.OPEN.value, State.REPORTED.value):
        return State.OPEN
    allowed = [State.NOT_DISCLOSED, *([State.NOT_APPLICABLE] if question.may_not_apply else [])]
    if text not in [state.value for state in allowed]:
        words = " or ".join(state.value.replace("_", " ") for state in allowed)
        found.problems[question.state_key] = f"{question.label} can be reported or {words}; “{text[:30]}” is neither."
        return State.OPEN
    return State(text)


def _read_field(item: Field, text: str, today: date, found: Answers) -> Any:
    try:
        value = item.read(text)
        if isinstance(value, date):
            _check_day(value, today)
    except WrongAnswerError as error:
        found.problems[item.column] = str(error)
        return None
    return value


def _check_day(value: date, today: date) -> None:
    if value > today:
        raise WrongAnswerError(f"Give a date that is not in the future; {value} is.")
    if value.year < 1990:
        raise WrongAnswerError(f"Give a date after 1990; {value} is before.")


def _fit_together(question: Question, values: Mapping[str, Any], found: Answers) -> bool:
    """Whether the two counts of a rate can both be; what cannot is a problem."""
    first, second = question.fields
    part, whole = values[first.column], values[second.column]
    if part is None or whole is None:
        return True
    if whole == 0 and not question.may_not_apply:
        found.problems[second.column] = (
            f"{second.label} must be 1 or more. If there is nothing to count, answer “not disclosed”."
        )
        return False
    if part > whole:
        found.problems[first.column] = (
            f"{first.label} ({part:,}) cannot exceed {second.label[0].lower()}{second.label[1:]} ({whole:,})."
        )
        return False
    return True
