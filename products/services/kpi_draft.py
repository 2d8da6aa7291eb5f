"""Saving a draft: each answer on its own, so that two people who fill different parts never meet."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from dscr.access.models import Organisation, User
from dscr.sheets import Change, ClosedError, Saved
from products.models import KpiDraft, KpiSubmission, Product
from products.questionnaire import FIELDS, QUESTIONS, State, read_answers, texts_of
from products.questionnaire.plausibility import NOTE_KEYS

ANSWER_KEYS = frozenset(FIELDS) | {question.state_key for question in QUESTIONS}
LONGEST_ANSWER, LONGEST_NOTE = 60, 2_000


class DraftClosedError(ClosedError):
    """The draft was attested or discarded meanwhile."""


class VersionError(Exception):
    """The draft was changed since the version that the writer saw."""


def draft_open(
    product: Product,
    *,
    organisation: Organisation,
    quarter_end: date,
    user: User,
    correcting: KpiSubmission | None = None,
) -> KpiDraft:
    """The open draft of the quarter. A new one is empty (`draft_copy_forward` fills it), or holds the figures of the
    submission that it is to correct."""
    draft, _ = KpiDraft.objects.get_or_create(
        product=product,
        organisation=organisation,
        quarter_end=quarter_end,
        submission=None,
        discarded_at=None,
        defaults=beginning(user, correcting),
    )
    return draft


def beginning(user: User, correcting: KpiSubmission | None) -> dict[str, Any]:
    """What a new draft holds."""
    texts = texts_of(correcting)
    return {"updated_by": user, "answers": texts, "answered": _answered(texts)}


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
    VersionError, or KeyError for an answer that no question has and a note on what is never doubted.
    """
    stored = KpiDraft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    if not stored.is_open:
        raise DraftClosedError
    if version is not None and version != stored.version:
        raise VersionError
    is_changed, conflicts = draft_change(stored, user=user, answers=answers or {}, notes=notes or {}, sources=sources)
    if is_changed:
        stored.save()
    return Saved(stored.version, conflicts)


def draft_change(
    stored: KpiDraft,
    *,
    user: User,
    answers: Mapping[str, Change],
    notes: Mapping[str, Change],
    sources: Mapping[str, Any] | None = None,
) -> tuple[bool, dict[str, dict[str, Any]]]:
    """Changes a draft that is locked, without storing it: (whether anything changed, conflicts as in Saved)."""
    unknown = [*(key for key in answers if key not in ANSWER_KEYS), *(key for key in notes if key not in NOTE_KEYS)]
    if unknown:
        raise KeyError(unknown[0])
    conflicts: dict[str, dict[str, Any]] = {}
    changed = [
        *_merge(stored, stored.answers, answers, LONGEST_ANSWER, user, conflicts),
        *_merge(stored, stored.notes, notes, LONGEST_NOTE, user, conflicts),
    ]
    for key in changed:
        stored.sources.pop(key, None)
        if sources and key in sources:
            stored.sources[key] = sources[key]
    if changed:
        stored.version += 1
        stored.answered = _answered(stored.answers)
        stored.updated_by = user
    return bool(changed), conflicts


def draft_copy_forward(
    draft: KpiDraft, *, previous: KpiSubmission, user: User, questions: Collection[str] | None = None
) -> Saved:
    """Fills the questions that are still wholly blank with the figures of an earlier submission.

    `questions`: codes of those to fill, all by default.
    """
    texts, given = texts_of(previous), {}
    for question in QUESTIONS:
        keys = (question.state_key, *question.columns)
        if (questions is None or question.code in questions) and not any(draft.answers.get(key) for key in keys):
            given |= {key: texts[key] for key in keys if texts.get(key)}
    return draft_save(draft, user=user, answers={key: Change("", text) for key, text in given.items()})


def draft_withhold_open(draft: KpiDraft, *, user: User) -> Saved:
    """Answers every question that is wholly blank with "not disclosed". What is half filled or wrong stays open."""
    states = read_answers(draft.answers, timezone.localdate()).states
    given = {
        question.state_key: Change(draft.answers.get(question.state_key, ""), State.NOT_DISCLOSED.value)
        for question in QUESTIONS
        if states[question.code] is State.OPEN and not any(draft.answers.get(column) for column in question.columns)
    }
    return draft_save(draft, user=user, answers=given)


def draft_discard(draft: KpiDraft, *, user: User) -> None:
    """Sets the draft aside; it stays readable for the operator and auditors."""
    KpiDraft.objects.filter(pk=draft.pk, submission=None, discarded_at=None).update(
        discarded_at=timezone.now(), updated_by=user
    )


def _answered(texts: Mapping[str, str]) -> int:
    """Lists of hundreds of products show it."""
    return len(QUESTIONS) - len(read_answers(texts, timezone.localdate()).open)


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
