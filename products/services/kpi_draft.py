"""Saving a draft: each answer on its own, so that two people who fill different parts never meet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from dscr.access.models import Organisation, User
from products.models import KpiDraft, KpiSubmission, Product
from products.questionnaire import FIELDS, QUESTIONS, texts_of

ANSWER_KEYS = frozenset(FIELDS) | {question.state_key for question in QUESTIONS}
LONGEST_ANSWER, LONGEST_NOTE = 60, 2_000


@dataclass(frozen=True, slots=True)
class Change:
    """An answer or note as it was when the writer last saw it, and as it shall be."""

    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Saved:
    """`conflicts`: key -> {"now": text, "name", "at"} of another's newer change; nothing was stored for these."""

    version: int
    conflicts: dict[str, dict[str, Any]] = field(default_factory=dict)


class DraftClosedError(Exception):
    """The draft was attested or discarded meanwhile."""


class VersionError(Exception):
    """The draft was changed since the version that the writer saw."""


def draft_open(product: Product, *, organisation: Organisation, quarter_end: date, user: User) -> KpiDraft:
    """The open draft of the quarter; a new one is empty (`draft_copy_forward` fills it)."""
    draft, _ = KpiDraft.objects.get_or_create(
        product=product,
        organisation=organisation,
        quarter_end=quarter_end,
        submission=None,
        discarded_at=None,
        defaults={"updated_by": user},
    )
    return draft


@transaction.atomic
def draft_save(
    draft: KpiDraft,
    *,
    user: User,
    answers: Mapping[str, Change] | None = None,
    notes: Mapping[str, Change] | None = None,
    sources: Mapping[str, Any] | None = None,
    version: int | None = None,
) -> Saved:
    """Stores what nobody else changed meanwhile and says what somebody did; all or nothing where `version` is given.

    `sources` names where answers of this call came from; an answer without one was typed. Raises DraftClosedError,
    VersionError, or KeyError for an answer that no question has.
    """
    stored = KpiDraft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    if not stored.is_open:
        raise DraftClosedError
    if version is not None and version != stored.version:
        raise VersionError
    if unknown := [key for key in answers or {} if key not in ANSWER_KEYS]:
        raise KeyError(unknown[0])
    conflicts: dict[str, dict[str, Any]] = {}
    changed = [
        *_merge(stored, stored.answers, answers or {}, LONGEST_ANSWER, user, conflicts),
        *_merge(stored, stored.notes, notes or {}, LONGEST_NOTE, user, conflicts),
    ]
    for key in changed:
        stored.sources.pop(key, None)
        if sources and key in sources:
            stored.sources[key] = sources[key]
    if changed:
        stored.version += 1
        stored.updated_by = user
        stored.save()
    return Saved(stored.version, conflicts)


def draft_copy_forward(draft: KpiDraft, *, previous: KpiSubmission, user: User) -> Saved:
    """Fills what is still blank with the figures of an earlier submission."""
    given = {key: text for key, text in texts_of(previous).items() if not draft.answers.get(key)}
    return draft_save(draft, user=user, answers={key: Change("", text) for key, text in given.items()})


def draft_discard(draft: KpiDraft, *, user: User) -> None:
    """Sets the draft aside; it stays readable for the operator and auditors."""
    KpiDraft.objects.filter(pk=draft.pk, submission=None, discarded_at=None).update(
        discarded_at=timezone.now(), updated_by=user
    )


def _merge(
    stored: KpiDraft,
    texts: dict[str, str],
    changes: Mapping[str, Change],
    longest: int,
    user: User,
    conflicts: dict[str, dict[str, Any]],
) -> list[str]:
    """The keys that changed. What two people wrote alike is no conflict."""
    changed = []
    for key, change in changes.items():
        now, current = change.now[:longest], texts.get(key, "")
        if current == now:
            continue
        if current != change.was:
            conflicts[key] = {"now": current} | stored.edits.get(key, {})
            continue
        texts[key] = now
        stored.edits[key] = {
            "by": user.pk,
            "name": str(user),
            "at": timezone.now().isoformat(timespec="seconds"),
        }
        changed.append(key)
    return changed
