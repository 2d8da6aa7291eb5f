"""The operator's draft of the rubric: begun as a copy, saved text by text, published as a new version."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from dscr.access.models import User
from dscr.sheets import Change, ClosedError, Saved
from qmm.models import Rubric
from qmm.rubric import AREAS, Texts, differences, faults, field_of
from qmm.rubric.fields import LONGEST_STORED, number_of

LONGEST_NOTE = 2_000


class DraftClosedError(ClosedError):
    """The draft was published or discarded meanwhile."""


class DraftOpenError(Exception):
    """There is a draft already, perhaps since a moment; the message says whose."""


class RevisionError(Exception):
    """The draft was changed since the revision that the writer saw."""


@transaction.atomic
def draft_begin(*, user: User) -> Rubric:
    """A copy of the version in force. DraftOpenError: there is one draft at a time."""
    newest = _in_force()  # one who begins at the same time waits
    draft = Rubric.objects.draft().select_related("created_by").first()
    if draft:
        whose = f"; {draft.created_by} began it" if draft.created_by else ""
        raise DraftOpenError(f"A draft is open already{whose}. Go on with that one.")
    return Rubric.objects.create(based_on=newest, texts=newest.texts, created_by=user, updated_by=user)


@transaction.atomic
def draft_save(draft: Rubric, *, user: User, changes: Mapping[str, Change]) -> Saved:
    """Stores what nobody else changed meanwhile and says what somebody did.

    Raises DraftClosedError, KeyError for a key that names no text of the draft, ValueError for a text that is too long.
    """
    stored = _locked(draft)
    conflicts: dict[str, dict[str, Any]] = {}
    changed = False
    for key, change in changes.items():
        code, item = field_of(key)
        texts = stored.texts[code]
        current = texts.get(item.name, "")
        if len(change.now) > LONGEST_STORED:
            raise ValueError(f"{key} is longer than {LONGEST_STORED:,} characters.")
        if current == change.now:
            continue
        if current != change.was:
            conflicts[key] = {"now": current} | stored.edits.get(key, {})
            continue
        texts[item.name] = change.now
        stored.edits[key] = {"by": user.pk, "name": str(user), "at": timezone.now().isoformat(timespec="seconds")}
        changed = True
    if changed:
        _keep(stored, user)
    return Saved(stored.revision, conflicts)


@transaction.atomic
def element_add(draft: Rubric, prefix: str, *, user: User) -> str:
    """A blank element of the practice area; its code was never given before, in no version."""
    if prefix not in {area.prefix for area in AREAS}:
        raise KeyError(prefix)
    stored = _locked(draft)
    given = [*stored.texts]
    for texts in Rubric.objects.published().values_list("texts", flat=True):
        given += texts
    code = f"{prefix}{max((number_of(code) for code in given if code.startswith(prefix)), default=0) + 1}"
    stored.texts[code] = {}
    _keep(stored, user)
    return code


@transaction.atomic
def element_leave_out(draft: Rubric, code: str, *, user: User, left_out: bool) -> None:
    """Publication leaves the element out, or not after all; the draft keeps its texts. KeyError where there is none."""
    stored = _locked(draft)
    if code not in stored.texts:
        raise KeyError(code)
    removed = {*stored.removed, code} if left_out else {*stored.removed} - {code}
    if removed != {*stored.removed}:
        stored.removed = sorted(removed)
        _keep(stored, user)


@transaction.atomic
def draft_discard(draft: Rubric, *, user: User, revision: int | None = None) -> None:
    """Sets the draft aside; the database keeps it. DraftClosedError; RevisionError where it has another revision."""
    stored = _locked(draft)
    if revision not in (None, stored.revision):
        raise RevisionError
    stored.state = Rubric.State.DISCARDED
    stored.updated_by = user
    stored.save()


@transaction.atomic
def draft_publish(draft: Rubric, *, user: User, note: str, revision: int) -> Rubric:
    """The draft becomes the version in force, and the one before is retired.

    Raises DraftClosedError, RevisionError, or ValidationError: no note, nothing changed, faults.
    """
    stored = _locked(draft)  # before the version in force: who publishes at the same time waits, and finds it closed
    before = _in_force()
    if stored.revision != revision:
        raise RevisionError
    texts = stored.kept_texts
    problem = refusal(before, texts, note.strip())
    if problem:
        raise ValidationError(problem)
    now = timezone.now()
    before.state, before.retired_at = Rubric.State.RETIRED, now
    before.save(update_fields=["state", "retired_at"])
    stored.texts, stored.removed, stored.note = texts, [], note.strip()
    stored.state, stored.version = Rubric.State.PUBLISHED, next_version()
    stored.published_at, stored.published_by, stored.updated_by = now, user, user
    stored.save()
    return stored


def next_version() -> str:
    """Year and number, such as 2026.2."""
    year = timezone.localdate().year
    numbers = [
        int(version.partition(".")[2])
        for version in Rubric.objects.filter(version__startswith=f"{year}.").values_list("version", flat=True)
    ]
    return f"{year}.{max(numbers, default=0) + 1}"


def refusal(before: Rubric, texts: Texts, note: str) -> str:
    """Why the texts cannot be published after the version `before`; empty where they can."""
    found = faults(texts)
    if found:
        return f"{len(found)} {'place is' if len(found) == 1 else 'places are'} not ready. Complete them first."
    if not differences(before.texts, texts):
        return f"Nothing differs from version {before.version}. Change something, or discard the draft."
    return note_refusal(note)


def note_refusal(note: str) -> str:
    """What is wrong with the note of a publication; empty where nothing is."""
    if len(note) < 10:
        return "Say what changed and why, in a sentence: assessors and auditors read it with the version."
    if len(note) > LONGEST_NOTE:
        return f"The note has {len(note):,} characters; shorten it to {LONGEST_NOTE:,}."
    return ""


def _in_force() -> Rubric:
    """Held until the end of the transaction. Who waited for a publication is given nothing, for the version is retired
    now, and asks for its follower."""
    rows = Rubric.objects.in_force().select_for_update(of=("self",))
    return rows.first() or rows.get()


def _locked(draft: Rubric) -> Rubric:
    stored = Rubric.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    if not stored.is_draft:
        raise DraftClosedError
    return stored


def _keep(stored: Rubric, user: User) -> None:
    stored.revision += 1
    stored.updated_by = user
    stored.save()
