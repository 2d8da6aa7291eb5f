"""What a workbook would do to the scores of its products, by the scorer itself: a fragment of the workbook's page."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from products.models import KpiDraft, WorkbookUpload
from products.questionnaire import read_answers
from ratings.figures import joined, plain, points
from ratings.loaders import Loaded, load, read_submissions
from ratings.models import Status
from ratings.scoring import ScoreTable, score
from ratings.supposed import supposed

State = WorkbookUpload.State


@dataclass(frozen=True, slots=True)
class Effect:
    """Scores and bands now and then; where there is none, `status` says why."""

    ndc: str
    name: str
    score_now: float | None
    score_then: float | None
    band_now: int
    band_then: int
    status_now: str
    status_then: str

    @property
    def change(self) -> float | None:
        """As the two rounded scores show it."""
        if self.score_now is None or self.score_then is None:
            return None
        return round(round(self.score_then, 1) - round(self.score_now, 1), 1)

    @property
    def change_in_words(self) -> str:
        if self.change is None:
            return ""
        return f"{'+' if self.change > 0 else ''}{points(self.change)}" if self.change else "0"

    @property
    def moves_band(self) -> bool:
        return self.band_now != self.band_then or self.status_now != self.status_then


@require_safe
@never_cache
def workbook_effect(request: HttpRequest, upload: int) -> HttpResponse:
    uploads = WorkbookUpload.objects.for_user(request.user, "enter_kpis")
    found = get_object_or_404(uploads, pk=upload, state__in=[State.READY, State.WRITTEN])
    effects = effects_of(found)
    context = {"effects": effects, "sentence": effect_sentence(effects), "upload": found}
    return render(request, "ratings/_workbook_effect_part.html", context)


def effects_of(upload: WorkbookUpload) -> list[Effect]:
    """One for each product of the file, the largest change first; ten queries or so, whatever their number."""
    today = timezone.localdate()
    ids = sorted(part["product"] for part in upload.plan)
    answers = _answers(upload)
    with connection.cursor() as cursor:
        recorded = read_submissions(cursor, ids, today)
        now = load(cursor, ids, today, submissions=recorded)
        then = load(cursor, ids, today, submissions=supposed(recorded, answers, upload.quarter_end))
    tables = [(loaded, score(loaded.frames, loaded.methodology, today)) for loaded in (now, then)]
    row_of = {pk: row for row, pk in enumerate(now.frames.product_ids.tolist())}
    effects = [_effect(part, row_of[part["product"]], tables) for part in upload.plan if part["product"] in row_of]
    return sorted(effects, key=lambda effect: (not effect.moves_band, -abs(effect.change or 0), effect.ndc))


def _answers(upload: WorkbookUpload) -> dict[int, dict[str, Any]]:
    """Product id -> values as they would be attested; what is open counts as not disclosed."""
    drafts = KpiDraft.objects.in_bulk([part["draft"] for part in upload.plan if part["draft"]])
    today = timezone.localdate()
    values = {}
    for part in upload.plan:
        draft = drafts.get(part["draft"])
        texts = dict(draft.answers) if draft else {}
        if upload.state == State.READY:
            texts |= {key: now for key, (_, now) in part["set"].items()}
        if not part["is_settled"]:
            values[part["product"]] = read_answers(texts, today).values
    return values


def _effect(part: dict[str, Any], row: int, tables: list[tuple[Loaded, ScoreTable]]) -> Effect:
    (score_now, band_now, status_now), (score_then, band_then, status_then) = (
        _standing(loaded, table, row) for loaded, table in tables
    )
    return Effect(part["ndc"], part["name"], score_now, score_then, band_now, band_then, status_now, status_then)


def _standing(loaded: Loaded, table: ScoreTable, row: int) -> tuple[float | None, int, str]:
    """(score, band, status in words)."""
    status = int(loaded.standing[row]) or int(table.status[row])
    if status != Status.RATED:
        return None, 0, Status(status).label if status else "Cannot be computed"
    value = float(table.score[row])
    return (None if np.isnan(value) else value), int(table.band[row]), Status.RATED.label


def effect_sentence(effects: list[Effect]) -> str:
    """Of 500 products 120 rise, 3 fall and 377 stay; 12 change their band. The mean moves by +0.4."""
    changes = [effect.change for effect in effects if effect.change is not None]
    rise, fall = sum(change > 0 for change in changes), sum(change < 0 for change in changes)
    other = len(effects) - len(changes)
    told = [
        f"{count:,} {word}{'s' if count == 1 else ''}"
        for count, word in ((rise, "rise"), (fall, "fall"), (len(changes) - rise - fall, "stay"))
        if count
    ]
    if other:
        told.append(f"{other:,} {'has' if other == 1 else 'have'} no score before or after")
    bands = sum(effect.moves_band for effect in effects)
    said = f"Of {len(effects):,} product{'' if len(effects) == 1 else 's'}, {joined(told)}. "
    said += f"{bands:,} change{'s' if bands == 1 else ''} band or status." if bands else "No band changes."
    if changes and (rise or fall):
        mean = sum(changes) / len(changes)
        said += f" The mean score moves by {'+' if mean > 0 else ''}{plain(mean)} points."
    return said
