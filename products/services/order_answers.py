"""Figures from order lines into drafts of the questionnaire: what nobody typed is filled, what somebody typed stays."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from dscr.access.models import User
from products.models import KpiDraft, OrderFigure, OrderUpload
from products.questionnaire import QUESTIONS, State
from products.services.kpi_draft import Change, draft_open, draft_save

# Question -> its columns, each with the count that answers it; and the number of lines behind it.
ANSWERS = {
    "fill_rate": (
        {"fill_rate_numerator": "units_complete", "fill_rate_denominator": "units_ordered"},
        "lines_ordered",
    ),
    "on_time_delivery": (
        {"on_time_delivery_numerator": "orders_on_time", "on_time_delivery_denominator": "orders_due"},
        "orders_due",
    ),
    "order_to_ship_days": ({"order_to_ship_days": "order_to_ship_days"}, "orders_shipped"),
}
STATE_KEYS = {question.code: question.state_key for question in QUESTIONS if question.code in ANSWERS}
# How an answer stands to the figure: nothing is there, the figure itself, one of an earlier file, or somebody's own.
BLANK, SAME, EARLIER, OTHER = "blank", "same", "earlier", "other"
KIND = "order_lines"


@dataclass(frozen=True, slots=True)
class Standing:
    """state: as above. said: what the questionnaire holds where it is somebody's own, and by whom ("")."""

    state: str
    said: str = ""
    by: str = ""

    @property
    def can_be_put(self) -> bool:
        return self.state in (BLANK, EARLIER)


@dataclass(frozen=True, slots=True)
class Put:
    """How many answers were filled, and how many stayed because somebody had typed another one."""

    filled: int = 0
    kept: int = 0
    products: int = 0


def answers_of(figure: OrderFigure, question: str) -> dict[str, str]:
    """Column -> text; empty where the lines give no figure for the question."""
    columns, lines = ANSWERS[question]
    return {column: str(getattr(figure, count)) for column, count in columns.items()} if getattr(figure, lines) else {}


def standing(draft: KpiDraft | None, question: str, wanted: Mapping[str, str]) -> Standing:
    """Where the figure would meet the draft."""
    if draft is None:
        return Standing(BLANK)
    state_key = STATE_KEYS[question]
    said = draft.answers.get(state_key, "")
    if said in (State.NOT_DISCLOSED.value, State.NOT_APPLICABLE.value):
        return Standing(OTHER, said.replace("_", " "), draft.edits.get(state_key, {}).get("name", ""))
    texts = {column: draft.answers.get(column, "") for column in wanted}
    given = [column for column, text in texts.items() if text]
    if texts == wanted:
        return Standing(SAME)
    if not given:
        return Standing(BLANK)
    if all(draft.sources.get(column, {}).get("kind") == KIND for column in given):
        return Standing(EARLIER)
    edit = draft.edits.get(given[0], {})
    return Standing(OTHER, " of ".join(text or "–" for text in texts.values()), edit.get("name", ""))


def put_answers(upload: OrderUpload, *, user: User, quarter_end: date, products: Iterable[int]) -> Put:
    """Fills the drafts of these products for the quarter; a product whose lines give nothing is passed over."""
    filled = kept = touched = 0
    figures = OrderFigure.objects.filter(upload=upload, quarter_end=quarter_end, product__in=list(products))
    for figure in figures.select_related("product"):
        if not any(answers_of(figure, question) for question in ANSWERS):
            continue
        with transaction.atomic():
            draft = draft_open(figure.product, organisation=upload.organisation, quarter_end=quarter_end, user=user)
            changed, stayed = _put(draft, upload, figure, user)
        filled, kept, touched = filled + changed, kept + stayed, touched + bool(changed)
    if touched:
        OrderUpload.objects.filter(pk=upload.pk).update(used_at=timezone.now())
    return Put(filled, kept, touched)


def _put(draft: KpiDraft, upload: OrderUpload, figure: OrderFigure, user: User) -> tuple[int, int]:
    """(questions that were filled, questions that somebody else's answer kept)."""
    draft = KpiDraft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    changes: dict[str, Change] = {}
    sources: dict[str, Any] = {}
    filled = kept = 0
    for question, (_, lines) in ANSWERS.items():
        wanted = answers_of(figure, question)
        if not wanted:
            continue
        stands = standing(draft, question, wanted)
        kept += stands.state == OTHER
        if stands.can_be_put:
            filled += 1
            changes |= {column: Change(draft.answers.get(column, ""), text) for column, text in wanted.items()}
            sources |= dict.fromkeys(wanted, source_of(upload, getattr(figure, lines)))
    if changes:
        draft_save(draft, user=user, answers=changes, sources=sources)
    return filled, kept


def source_of(upload: OrderUpload, lines: int) -> dict[str, Any]:
    """What the questionnaire keeps beside an answer."""
    return {
        "kind": KIND,
        "upload": upload.pk,
        "file": upload.file_name,
        "at": upload.computed_at.isoformat(timespec="seconds") if upload.computed_at else "",
        "text": f"computed from {lines:,} order line{'' if lines == 1 else 's'} in {upload.file_name}",
    }
