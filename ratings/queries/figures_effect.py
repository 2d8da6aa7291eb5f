"""What figures of many products would do to their scores, by the scorer itself, before anybody attests them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from dscr.access.scoping import Reader
from ratings.figures import joined, plain, points
from ratings.loaders import Loaded, load, read_submissions
from ratings.models import Status
from ratings.preview_sentences import published_aside
from ratings.queries.preview import previews_of
from ratings.queries.published import is_on_watch
from ratings.scoring import ScoreTable, score
from ratings.supposed import supposed

Standing = tuple[float | None, int, str, bool]  # score, band, status in words, whether the band is on watch


@dataclass(frozen=True, slots=True)
class Effect:
    """Scores and bands now and then; where there is none, `status` says why."""

    product: int
    ndc: str
    name: str
    score_now: float | None
    score_then: float | None
    band_now: int
    band_then: int
    status_now: str
    status_then: str
    is_on_watch: bool = False  # then
    aside: str = ""  # what is published instead of the score now, where that is in preview

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


@dataclass(frozen=True, slots=True)
class Given:
    """A product with the values of its submission as they would be attested for a quarter; None for those it has."""

    product: int
    ndc: str
    name: str
    quarter_end: date
    values: Mapping[str, Any] | None


def figures_effects(given: list[Given]) -> list[Effect]:
    """One for each product, the largest change first; ten queries or so, whatever their number.

    Of several drafts of one product that of the latest quarter decides. Raises NoMethodologyError.
    """
    today = timezone.localdate()
    rows = {row.product: row for row in sorted(given, key=lambda row: row.quarter_end)}
    ids = sorted(rows)
    is_outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if is_outermost:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        recorded = read_submissions(cursor, ids, today)
        now = load(cursor, ids, today, recorded)
        attested = recorded
        for quarter_end in sorted({row.quarter_end for row in rows.values()}):
            of_quarter = {row.product: row.values for row in rows.values() if row.quarter_end == quarter_end}
            answers = {pk: values for pk, values in of_quarter.items() if values is not None}
            attested = supposed(attested, answers, quarter_end)
        then = load(cursor, ids, today, attested)
    return effects_between(rows, now, then, today)


def effects_between(rows: Mapping[int, Given], now: Loaded, then: Loaded, today: date) -> list[Effect]:
    """rows: product id -> what it is called. Of two states of the inputs of the same products."""
    tables = [(loaded, score(loaded.frames, loaded.methodology, today)) for loaded in (now, then)]
    place_of = {pk: place for place, pk in enumerate(now.frames.product_ids.tolist())}
    effects = [_effect(rows[pk], place_of[pk], tables) for pk in sorted(rows) if pk in place_of]
    return sorted(effects, key=lambda effect: (not effect.moves_band, -abs(effect.change or 0), effect.ndc))


def with_previews(user: Reader, effects: list[Effect]) -> list[Effect]:
    """The same with what is published beside each score now that is in preview."""
    notes = previews_of(user, [effect.product for effect in effects])
    return [replace(effect, aside=published_aside(notes.get(effect.product))) for effect in effects]


def _effect(row: Given, place: int, tables: list[tuple[Loaded, ScoreTable]]) -> Effect:
    (score_now, band_now, status_now, _), (score_then, band_then, status_then, watched) = (
        _standing(loaded, table, place) for loaded, table in tables
    )
    return Effect(
        row.product, row.ndc, row.name, score_now, score_then, band_now, band_then, status_now, status_then, watched
    )


def _standing(loaded: Loaded, table: ScoreTable, place: int) -> Standing:
    status = int(loaded.standing[place]) or int(table.status[place])
    if status != Status.RATED:
        return None, 0, Status(status).label if status else "Cannot be computed", False
    value = float(table.score[place])
    uncapped = int(table.band_uncapped[place])
    watched = is_on_watch(value, uncapped, loaded.methodology)
    return (None if np.isnan(value) else value), int(table.band[place]), Status.RATED.label, watched


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
