"""What the two assessors agree on, once both have finished: element by element, by either of them."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from dscr.access.models import User
from dscr.sheets import Change, Saved
from qmm.models import AssessmentCase, ConsensusScore
from qmm.models.blind import at_work, is_revealed
from qmm.queries.scores import codes_of
from qmm.services.scoring import LEVELS, ScoringClosedError

LONGEST_REASON = 5_000
FIELDS = ("level", "reason")


@transaction.atomic
def consensus_save(case: AssessmentCase, changes: Mapping[str, Change], *, user: User) -> Saved:
    """Stores agreed levels and reasons, each on its own; what the colleague changed since comes back with both texts.

    changes: "MC1.level" or "MC1.reason" -> Change. A wide gap without a reason stays open (`open_consensus`).
    ScoringClosedError; KeyError, ValueError as in `levels_save`.
    """
    stored = AssessmentCase.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if said := closed_words(stored, user):
        raise ScoringClosedError(said)
    codes = set(codes_of(stored))
    rows = {row.element: row for row in stored.consensus.select_related("decided_by")}
    conflicts: dict[str, dict[str, Any]] = {}
    touched: dict[str, ConsensusScore] = {}
    for key, change in changes.items():
        code, _, name = key.partition(".")
        if code not in codes or name not in FIELDS:
            raise KeyError(key)
        _check(key, name, change.now)
        row = rows.get(code) or rows.setdefault(code, ConsensusScore(case=stored, element=code))
        current = text_of(row, name)
        if current == change.now:
            continue
        if current != change.was:
            conflicts[key] = {"now": current} | decided(row)
            continue
        setattr(row, name, (int(change.now) if change.now else None) if name == "level" else change.now)
        touched[code] = row
    for row in touched.values():
        row.decided_by = user
        row.version += 1
        row.save()
    return Saved(sum(row.version for row in rows.values()), conflicts)


def text_of(row: ConsensusScore, name: str) -> str:
    return ("" if row.level is None else str(row.level)) if name == "level" else row.reason


def decided(row: ConsensusScore) -> dict[str, Any]:
    """By whom and when, as `edits` of drafts have it."""
    if row.pk is None:
        return {}
    at = timezone.localtime(row.decided_at).isoformat(timespec="seconds")
    return {"by": row.decided_by_id, "name": str(row.decided_by), "at": at}


def closed_words(case: AssessmentCase, user: User) -> str:
    """Why the user cannot agree on levels now; "" where it can be done."""
    if not at_work(user.membership).filter(case=case).exists():
        return "Only the two assessors of the case agree on its levels."
    if not is_revealed(case.pk):
        return "Consensus begins once both assessors have finished."
    if case.closed_on or case.state != AssessmentCase.State.CONSENSUS:
        return f"Levels are agreed on while the case stands at “Consensus”; it stands at “{case.get_state_display()}”."
    return ""


def _check(key: str, name: str, text: str) -> None:
    if name == "level" and text not in LEVELS:
        raise ValueError(f"{key} is no level: give 1 to 5, or nothing.")
    if len(text) > LONGEST_REASON:
        raise ValueError(f"{key} is longer than {LONGEST_REASON:,} characters. Shorten it.")
