"""What a product's row would change, beside what stands: the dry run of one product."""

import math
from datetime import date, datetime
from typing import Any

from products.models import KpiDraft
from products.queries.workbook import Standing
from products.questionnaire import FIELDS, QUESTIONS, State, read_answers
from products.questionnaire.fields import WrongAnswerError
from products.workbook.layout import BY_CODE
from products.workbook.reading import ProductRow, expected_in
from products.workbook.report import Problem
from products.workbook.table import Table

_OPEN = ("", State.OPEN.value, State.REPORTED.value)  # three ways to say that the figures speak
_QUESTION_OF = {key: question for question in QUESTIONS for key in (*question.columns, question.state_key)}


def plan_product(
    row: ProductRow, standing: Standing, table: Table, made_at: datetime | None, user_id: int, today: date
) -> tuple[dict[str, Any], list[Problem]]:
    """(the plan, faults that only show beside what stands). The plan, as JSON:

    product, ndc, name, row; draft: its open draft or None; set: key -> [text in the draft now, text to write];
    changes: keys that differ from what stands in this quarter; conflicts: of these, what somebody typed after the
    template was made; open: codes of questions still to be answered; withheld: codes not disclosed; is_settled: the
    quarter is attested and nothing would change, so that no draft is made; carried: key -> [text attested last, text,
    by whom] of what the draft holds already beside the file, and which would be attested with it.
    """
    base = standing.base
    changes = {key: text for key, text in row.answers.items() if not _same(key, base.get(key, ""), text)}
    final = base | changes
    answers = read_answers(final, today)
    problems = [
        _problem(row, table, key, said)
        for key, said in answers.problems.items()
        if any(column in row.answers for column in _QUESTION_OF[key].columns) or key in row.answers
    ]
    drafted = standing.draft.answers if standing.draft else {}
    started = {} if standing.draft else base  # a correction begins with what was attested
    plan = {
        "product": row.product.pk,
        "ndc": row.product.display_ndc,
        "name": row.product.name,
        "row": row.row,
        "draft": standing.draft.pk if standing.draft else None,
        "set": {key: [drafted.get(key, ""), text] for key, text in (started | changes).items()},
        "changes": list(changes),
        "before": {key: standing.last.get(key, "") for key in changes},
        "conflicts": _conflicts(changes, row, standing, made_at, user_id),
        "open": answers.open,
        "withheld": [code for code, state in answers.states.items() if state is State.NOT_DISCLOSED],
        "carried": _carried(standing, changes),
        "is_settled": standing.draft is None and standing.attested is not None and not changes,
    }
    return plan, problems


def _same(key: str, before: str, now: str) -> bool:
    """Alike as answers: 97,500 and 97500; a state that is not said and one that says reported."""
    if before == now:
        return True
    item = FIELDS.get(key)
    if item is None:
        return before in _OPEN and now in _OPEN
    try:
        first, second = (item.read(before) if before else None), item.read(now)
    except WrongAnswerError:
        return False
    if isinstance(first, float) and isinstance(second, float):
        return math.isclose(first, second, rel_tol=1e-12)  # a spreadsheet keeps 15 digits
    return first is not None and first == second


def _carried(standing: Standing, changes: dict[str, str]) -> dict[str, list[str]]:
    """What a colleague typed and nobody attested rides along unseen, unless it is named."""
    draft = standing.draft
    if draft is None:
        return {}
    final = draft.answers | changes
    found = {}
    for key, text in draft.answers.items():
        state_key = _QUESTION_OF[key].state_key
        is_withheld = key != state_key and final.get(state_key, "") not in _OPEN
        before = standing.counting.get(key, "")
        if text and key not in changes and not is_withheld and not _same(key, before, text):
            found[key] = [before, text, draft.edits.get(key, {}).get("name", "")]
    return found


def _conflicts(
    changes: dict[str, str], row: ProductRow, standing: Standing, made_at: datetime | None, user_id: int
) -> list[dict[str, Any]]:
    """`key` is what the file would write, `of` the answer that it would overwrite or withhold."""
    draft = standing.draft
    if draft is None:
        return []
    found = []
    for key, text in changes.items():
        question = _QUESTION_OF[key]
        withholds = key == question.state_key and text not in _OPEN
        rivals = (key, *question.columns) if withholds else (key,)
        rival = next((other for other in rivals if _typed_since(draft, other, made_at, user_id)), None)
        if rival:
            place = row.places.get(key) or next((row.places[c] for c in question.columns if c in row.places), 0)
            stands = {"of": rival, "stands": draft.answers[rival]} | draft.edits[rival]
            found.append({"key": key, "place": place, "file": text} | stands)
    return found


def _typed_since(draft: KpiDraft, key: str, made_at: datetime | None, user_id: int) -> bool:
    """Whether somebody gave the answer after the template was made; a workbook of one's own is no rival."""
    edit = draft.edits.get(key)
    if not edit or not draft.answers.get(key):
        return False
    if draft.sources.get(key, {}).get("kind") == "workbook" and edit.get("by") == user_id:
        return False
    # Answers carry whole seconds: one of the same second counts as later.
    return made_at is None or datetime.fromisoformat(edit["at"]) >= made_at.replace(microsecond=0)


def _problem(row: ProductRow, table: Table, key: str, said: str) -> Problem:
    question = _QUESTION_OF[key]
    code = key if key in row.places else next((c for c in question.columns if c in row.places), question.columns[0])
    given = row.answers.get(code, "")
    expected = expected_in(BY_CODE[code])
    return table.problem(row.row, row.places.get(code, 0), given, said, expected)
