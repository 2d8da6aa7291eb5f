"""What a product would score if its draft of the questionnaire were attested today, beside what it scores now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from dscr.access.scoping import Reader
from products.models import KpiDraft, Product
from products.questionnaire import read_answers
from ratings.figures import known
from ratings.loaders import NoMethodologyError, load, read_submissions
from ratings.models import Status
from ratings.publish import Batch, score_batch
from ratings.queries.published import is_on_watch
from ratings.queries.sight import by_grant, hides_levels, readable_of, sites_in_qmm
from ratings.queries.told import told_coverage
from ratings.scoring import Methodology
from ratings.scoring.bands import gates_in
from ratings.scoring.rules import QMM, Gate
from ratings.supposed import supposed


@dataclass(frozen=True, slots=True)
class Side:
    """One rating: `score` and `band` are None without one, `domains` are points of 100, None where not scored."""

    status: Status | None
    score: float | None
    band: int | None
    coverage: float | None
    gates: list[Gate]
    domains: list[float | None]
    is_on_watch: bool = False

    @property
    def words(self) -> str:
        return self.status.label if self.status else "Cannot be computed"


@dataclass(frozen=True, slots=True)
class DomainChange:
    label: str
    before: float | None
    after: float | None

    @property
    def change(self) -> float | None:
        """To one decimal; None where there is nothing to compare."""
        if self.before is None or self.after is None:
            return None
        return round(self.after, 1) - round(self.before, 1)


@dataclass(frozen=True, slots=True)
class DraftEffect:
    """`is_outdone`: a later quarter is attested, so these figures change nothing today. `open`: questions that are
    open and were counted as not disclosed. `site_grants`: by which the QMM domain may be told, where it is by any."""

    draft: KpiDraft
    methodology: Methodology
    before: Side
    after: Side
    domains: list[DomainChange]
    is_outdone: bool
    open: int
    hides_levels: bool = False
    site_grants: tuple[int, ...] = ()

    @property
    def change(self) -> float | None:
        if self.before.score is None or self.after.score is None:
            return None
        return round(self.after.score - self.before.score, self.methodology.score.decimals)


def draft_effect(user: Reader, pk: int) -> DraftEffect | None:
    """None where the open draft, or its product, does not exist for this reader, or no method is in force."""
    drafts = KpiDraft.objects.for_user(user, "read_figures").filter(submission=None, discarded_at=None)
    readable = Product.objects.for_user(user, "read_figures")
    draft = drafts.filter(product__in=readable).select_related("product").filter(pk=pk).first()
    if draft is None:
        return None
    today = timezone.localdate()
    answers = read_answers(draft.answers, today)
    try:
        before, after, is_outdone = _scored(draft, answers.values, today)
    except NoMethodologyError:
        return None
    sides = _side(before), _side(after)
    readable = readable_of(user)
    is_masked = hides_levels(after.effective, after.methodology, readable)
    grants = by_grant(readable or {})
    told = [] if is_masked else [site for site in sites_in_qmm(after.effective, after.methodology) if site in grants]
    if is_masked:
        place = [domain.code for domain in after.methodology.domains].index(QMM)
        for side in sides:
            side.domains[place] = None
    labels = [domain.label for domain in after.methodology.domains]
    return DraftEffect(
        draft=draft,
        methodology=after.methodology,
        before=sides[0],
        after=sides[1],
        domains=[DomainChange(*row) for row in zip(labels, sides[0].domains, sides[1].domains, strict=True)],
        is_outdone=is_outdone,
        open=len(answers.open),
        hides_levels=is_masked,
        site_grants=tuple(sorted({grants[site] for site in told})),
    )


def _scored(draft: KpiDraft, values: Mapping[str, Any], today: date) -> tuple[Batch, Batch, bool]:
    """By the scorer itself, both from one state of the database."""
    ids = [draft.product_id]
    is_outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if is_outermost:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        recorded = read_submissions(cursor, ids, today)
        quarter = np.datetime64(draft.quarter_end, "D")
        is_outdone = bool((recorded["quarter_end"] > quarter).any())
        with_draft = supposed(recorded, {draft.product_id: values}, draft.quarter_end)
        before = load(cursor, ids, today, submissions=recorded)
        after = before if is_outdone else load(cursor, ids, today, submissions=with_draft)
    return score_batch(before, today), score_batch(after, today), is_outdone


def _side(batch: Batch) -> Side:
    status, table = int(batch.status[0]), batch.table
    is_rated, is_scored = status == Status.RATED, status in (Status.RATED, Status.INSUFFICIENT_DATA)
    codes = gates_in(int(table.gates[0])) if is_rated else []
    return Side(
        status=Status(status) if status else None,
        score=float(table.score[0]) if is_rated else None,
        band=int(table.band[0]) if is_rated else None,
        coverage=told_coverage(known(float(table.coverage[0])), status),  # as the product's page tells it
        gates=[batch.methodology.gates[code] for code in codes],
        domains=[known(float(value)) if is_scored else None for value in table.domains[0]],
        is_on_watch=is_rated and is_on_watch(float(table.score[0]), int(table.band_uncapped[0]), batch.methodology),
    )
