"""Figures from order lines into drafts of the questionnaire: what nobody typed is filled; what somebody typed or
attested stays, unless the firm asks for the computed figure instead."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from dscr.access.models import User
from products.models import KpiDraft, KpiSubmission, OrderFigure, OrderUpload
from products.queries.quarters import attested_of
from products.questionnaire import QUESTIONS, State, texts_of
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
    """state: as above. said: what the questionnaire holds where it is somebody's own, and by whom ("").

    is_attested: there is no draft, and this is what counts for the quarter.
    """

    state: str
    said: str = ""
    by: str = ""
    is_attested: bool = False

    @property
    def can_be_put(self) -> bool:
        return self.state in (BLANK, EARLIER)


@dataclass(frozen=True, slots=True)
class Put:
    """How many answers were filled, how many of these replaced another, and how many others stayed."""

    filled: int = 0
    kept: int = 0
    products: int = 0
    replaced: int = 0


def answers_of(figure: OrderFigure, question: str) -> dict[str, str]:
    """Column -> text; empty where the lines give no figure for the question."""
    columns, lines = ANSWERS[question]
    return {column: str(getattr(figure, count)) for column, count in columns.items()} if getattr(figure, lines) else {}


def mark_of(product: int, draft: KpiDraft | None, attested: KpiSubmission | None) -> str:
    """What a reader saw of a product; nobody replaces an answer that was given since."""
    if draft:
        return f"{product}-draft-{draft.pk}-{draft.version}"
    return f"{product}-attested-{attested.pk}" if attested else f"{product}-nothing"


def standing(
    draft: KpiDraft | None, question: str, wanted: Mapping[str, str], attested: KpiSubmission | None = None
) -> Standing:
    """Where the figure would meet the draft, or the attested figures with which a draft would begin."""
    if draft is None and attested:
        # Never stored: what a correction would begin with.
        begun = KpiDraft(answers=texts_of(attested))
        found = standing(begun, question, wanted)
        return replace(found, is_attested=True, by=attested.attestor_name if found.said else "")
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
    return Standing(OTHER, " of ".join(_shown(text) for text in texts.values()), edit.get("name", ""))


def _shown(text: str) -> str:
    return f"{int(text):,}" if text.isascii() and text.isdecimal() else text or "–"


def put_answers(
    upload: OrderUpload, *, user: User, quarter_end: date, products: Iterable[int], instead: Iterable[str] = ()
) -> Put:
    """Fills the drafts of these products for the quarter; a product whose lines give nothing is passed over.

    instead: marks (`mark_of`) of products whose answers are replaced as well; where a quarter is attested that begins
    a correction, which holds the attested figures otherwise.
    """
    marks, chosen = set(instead), set(products)
    wanted = chosen | {int(mark.partition("-")[0]) for mark in marks}
    attested = attested_of(upload.organisation_id, wanted, quarter_end)
    total = Put()
    figures = OrderFigure.objects.filter(upload=upload, quarter_end=quarter_end, product__in=wanted)
    for figure in figures.select_related("product"):
        total = _added(total, _put(upload, figure, attested.get(figure.product_id), marks, user))
    if total.filled:
        OrderUpload.objects.filter(pk=upload.pk).update(used_at=timezone.now())
    return total


def _added(total: Put, put: Put) -> Put:
    return Put(
        total.filled + put.filled,
        total.kept + put.kept,
        total.products + bool(put.filled),
        total.replaced + put.replaced,
    )


@transaction.atomic
def _put(upload: OrderUpload, figure: OrderFigure, attested: KpiSubmission | None, marks: set[str], user: User) -> Put:
    open_drafts = KpiDraft.objects.filter(
        product=figure.product_id,
        organisation=upload.organisation_id,
        quarter_end=figure.quarter_end,
        submission=None,
        discarded_at=None,
    )
    draft = open_drafts.select_for_update(of=("self",)).first()
    replaces = mark_of(figure.product_id, draft, attested) in marks
    chosen: dict[str, tuple[dict[str, str], dict[str, Any]]] = {}  # question -> its answers, and where they are from
    kept = replaced = 0
    for question, (_, lines) in ANSWERS.items():
        wanted = answers_of(figure, question)
        stands = standing(draft, question, wanted, attested)
        if not wanted or stands.state == SAME:
            continue
        if stands.state == OTHER and not replaces:
            kept += 1
            continue
        replaced += stands.state == OTHER
        chosen[question] = wanted, source_of(upload, getattr(figure, lines), stands)
    if chosen:
        seen = draft.answers if draft else texts_of(attested)
        draft = draft or draft_open(
            figure.product,
            organisation=upload.organisation,
            quarter_end=figure.quarter_end,
            user=user,
            correcting=attested,
        )
        _save(draft, seen, chosen, user)
    return Put(len(chosen), kept, bool(chosen), replaced)


def _save(
    draft: KpiDraft, seen: Mapping[str, str], chosen: Mapping[str, tuple[dict[str, str], dict[str, Any]]], user: User
) -> None:
    """`seen`: the texts that the choice rests on; what somebody typed in the same moment is no part of them."""
    texts: dict[str, str] = {}
    sources: dict[str, Any] = {}
    for question, (wanted, source) in chosen.items():
        texts |= {STATE_KEYS[question]: ""} | wanted  # a figure takes back that its question is withheld
        sources |= dict.fromkeys(wanted, source)
    changes = {key: Change(seen.get(key, ""), text) for key, text in texts.items()}
    draft_save(draft, user=user, answers=changes, sources=sources)


def source_of(upload: OrderUpload, lines: int, stood: Standing) -> dict[str, Any]:
    """What the questionnaire keeps beside an answer; what it replaced is named."""
    before = f", instead of {stood.said}{f' by {stood.by}' if stood.by else ''}" if stood.said else ""
    return {
        "kind": KIND,
        "upload": upload.pk,
        "file": upload.file_name,
        "at": upload.computed_at.isoformat(timespec="seconds") if upload.computed_at else "",
        "text": f"computed from {lines:,} order line{'' if lines == 1 else 's'} in {upload.file_name}{before}",
    }
