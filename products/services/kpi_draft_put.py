"""Storing what a machine put into drafts: one or hundreds of products, all of them or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from dscr.access.models import User
from products.models import KpiDraft
from products.queries.quarters import QuarterlyFigures
from products.questionnaire import FIELDS
from products.services.kpi_draft import Change, beginning, draft_change

KIND = "api"
NEW = 1  # the version of a draft that was just begun
STORED = ("answers", "notes", "sources", "edits", "answered", "version", "updated_by", "updated_at")


@dataclass(frozen=True, slots=True)
class DraftPut:
    """Changes of the draft as it stood in `figures`; one that is not there is begun."""

    figures: QuarterlyFigures
    answers: dict[str, Change]
    notes: dict[str, Change]


class StaleDraftsError(Exception):
    """`products`: ids of those whose draft somebody changed, attested or discarded since it was read."""

    def __init__(self, products: set[int]) -> None:
        super().__init__("Drafts were changed since they were read.")
        self.products = products


@transaction.atomic
def drafts_put(parts: Sequence[DraftPut], *, user: User, source: dict[str, Any]) -> None:
    """`parts`: of one quarter, each product once. `source`: what every figure that changes keeps of where it came from.

    Three statements however many parts there are. Raises StaleDraftsError.
    """
    drafts, stale, changed = _locked(parts, user), set(), []
    for part in parts:
        figures, draft = part.figures, drafts.get(part.figures.product.pk)
        if draft is None or draft.version != (figures.draft.version if figures.draft else NEW):
            stale.add(figures.product.pk)
            continue
        sources = {key: source for key, change in part.answers.items() if change.now and key in FIELDS}
        is_changed, _ = draft_change(draft, user=user, answers=part.answers, notes=part.notes, sources=sources)
        if is_changed:
            draft.updated_at = timezone.now()
            changed.append(draft)
    if stale:
        raise StaleDraftsError(stale)
    # They are all there, and locked. An UPDATE of hundreds would choose each value by CASE: seconds to put into SQL.
    KpiDraft.objects.bulk_create(changed, update_conflicts=True, unique_fields=["id"], update_fields=STORED)


def _locked(parts: Sequence[DraftPut], user: User) -> dict[int, KpiDraft]:
    """Product -> its draft that is open still, begun where there was none. Always in one order, so that two writers
    never wait for each other."""
    new = sorted((part.figures for part in parts if not part.figures.draft), key=lambda figures: figures.product.pk)
    KpiDraft.objects.bulk_create(
        (
            KpiDraft(
                product=figures.product,
                organisation=figures.organisation,
                quarter_end=figures.quarter.ends_on,
                **beginning(user, figures.attested),
            )
            for figures in new
        ),
        ignore_conflicts=True,  # somebody began the same one meanwhile: then that is it
    )
    known = Q(pk__in=[part.figures.draft.pk for part in parts if part.figures.draft])
    begun = Q(
        product__in=[figures.product for figures in new],
        organisation__in={figures.organisation for figures in new},
        quarter_end__in={figures.quarter.ends_on for figures in new},
    )
    rows = KpiDraft.objects.select_for_update().filter(known | begun, submission=None, discarded_at=None)
    return {draft.product_id: draft for draft in rows.order_by("pk")}


def source_of(at: str, *, token: str = "", said: str = "") -> dict[str, Any]:
    """What a draft keeps beside a figure; `text` is what its page shows. `at`: ISO time. `token`: its name."""
    by = f"API (token “{token}”)" if token else "API"
    return {"kind": KIND, "token": token, "at": at, "text": f"{said}, by {by}" if said else by}
