"""An assessor's own levels and notes: saved field by field, finished, and reopened by the operator alone.

What a change takes away is kept by the database (EarlierEntry), whoever writes.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from dscr.access.models import User
from dscr.access.scoping import may
from dscr.sheets import Change, ClosedError, Saved
from dscr.texts import clean
from qmm.models import AssessmentCase, CaseAssignment, ElementScore, Rubric, ScoreReopening
from qmm.models.blind import is_revealed
from qmm.queries.scores import open_elements
from qmm.rubric import in_order
from qmm.services.course_people import recused_words

LONGEST_NOTES = 20_000  # characters
LEVELS = ("", "1", "2", "3", "4", "5")
FIELDS = ("level", "notes")
UNDECLARED = "Declare your interests on the page of the case first."
CARRIES_ON = "You carry on for a colleague whose levels stand. You give none of your own."
SCORING_STATES = (AssessmentCase.State.IN_PROGRESS, AssessmentCase.State.SCORING)


class ScoringClosedError(ClosedError):
    """Levels cannot be given now; the message says why, and what to do."""


class ScoringError(Exception):
    """What was asked does not fit what is there; the message says what to do."""


@transaction.atomic
def levels_save(assignment: CaseAssignment, changes: Mapping[str, Change], *, user: User, whole: bool = False) -> Saved:
    """Stores levels and notes, each on its own: where another window changed one since, both texts come back.

    changes: "MC1.level" or "MC1.notes" -> Change. whole: with one conflict nothing is stored. ScoringClosedError;
    KeyError for what the rubric does not have, ValueError for what is no level or a text that is too long.
    """
    stored = locked(assignment, user)
    codes = rubric_of(stored.case).texts
    read = [(*_read(key, codes), key, change) for key, change in changes.items()]
    rows = {row.element: row for row in ElementScore.objects.filter(assignment=stored)}
    conflicts: dict[str, dict[str, Any]] = {}
    touched: dict[str, ElementScore] = {}
    for code, name, key, change in read:
        _check(key, name, change.now)
        row = rows.get(code) or rows.setdefault(code, ElementScore(assignment=stored, element=code, version=0))
        current = text_of(row, name)
        if current == change.now:
            continue
        if current != change.was:
            conflicts[key] = {"now": current, "name": "Another window", "at": _when(row)}
            continue
        setattr(row, name, (int(change.now) if change.now else None) if name == "level" else change.now)
        touched[code] = row
    if not (whole and conflicts):
        _store(stored.case, touched.values())
    return Saved(ElementScore.form_version(stored), conflicts)


def text_of(row: ElementScore, name: str) -> str:
    return ("" if row.level is None else str(row.level)) if name == "level" else row.notes


def rubric_of(case: AssessmentCase) -> Rubric:
    """The version by which the case is assessed: its own, or while it has none the one in force."""
    return case.rubric or Rubric.objects.in_force().get()


@transaction.atomic
def scoring_finish(assignment: CaseAssignment, *, user: User) -> CaseAssignment:
    """The assessor is done: from now on nothing of it changes. ScoringClosedError; ScoringError while levels lack."""
    _case_held(assignment)
    stored = locked(assignment, user)
    lacking = open_elements(stored) if stored.case.rubric else in_order(rubric_of(stored.case).texts)
    if lacking:
        raise ScoringError(f"Give a level first to {', '.join(lacking)}. Then finish.")
    stored.finished_at = timezone.now()
    stored.save(update_fields=["finished_at"])
    return stored


@transaction.atomic
def scoring_reopen(assignment: CaseAssignment, *, user: User, reason: str) -> CaseAssignment:
    """The operator lets an assessor go on, and says why. Not once the other one may have read the levels."""
    _case_held(assignment)
    stored = CaseAssignment.objects.select_for_update(of=("self",)).select_related("case").get(pk=assignment.pk)
    reason = clean(reason)
    if not may(user, "reopen_scores"):
        raise ScoringError("Only the program operator reopens levels.")
    if said := recused_words(stored.case, user):
        raise ScoringError(said)
    if stored.finished_at is None:
        raise ScoringError("The assessor has not finished, so there is nothing to reopen.")
    if stored.ended_on or stored.case.state not in SCORING_STATES:
        raise ScoringError("The case is past individual scoring. What was given is kept as it was.")
    if is_revealed(stored.case_id) or _was_revealed(stored):
        raise ScoringError("Both have finished and may read each other’s levels. Settle it in consensus.")
    if not 10 <= len(reason) <= 2_000:
        raise ScoringError("Say why in a sentence, in 10 to 2,000 characters: it is kept with the case.")
    ScoreReopening.objects.create(assignment=stored, finished_at=stored.finished_at, reason=reason, reopened_by=user)
    stored.finished_at = None
    stored.save(update_fields=["finished_at"])
    return stored


def _was_revealed(stored: CaseAssignment) -> bool:
    """Whether somebody who has left since, and had finished, was there when this one had: they read each other's."""
    finished_on = timezone.localdate(stored.finished_at)
    gone = CaseAssignment.objects.filter(case=stored.case, finished_at__isnull=False, ended_on__gte=finished_on)
    return gone.exclude(pk=stored.pk).exists()


def _case_held(assignment: CaseAssignment) -> None:
    """Who finishes and who reopens wait for each other: levels are never shown between the two."""
    AssessmentCase.objects.select_for_update().only("pk").get(pk=assignment.case_id)


def locked(assignment: CaseAssignment, user: User) -> CaseAssignment:
    """The assignment and its case as they stand, held until the end of the transaction. ScoringClosedError."""
    stored = (
        CaseAssignment.objects.select_for_update(of=("self",))
        .select_related("case", "case__rubric", "membership")
        .defer("case__rubric__edits")
        .get(pk=assignment.pk)
    )
    if stored.membership.user_id != user.pk or stored.ended_on is not None:
        raise ScoringClosedError("You are not at work on this case any more. Ask the program office.")
    if stored.accepted_at is None:
        raise ScoringClosedError(UNDECLARED)
    if stored.carries_on_id:
        raise ScoringClosedError(CARRIES_ON)
    if said := closed_words(stored):
        raise ScoringClosedError(said)
    return stored


def closed_words(assignment: CaseAssignment) -> str:
    """Why nothing can be changed now; "" where it can."""
    if assignment.finished_at is not None:
        return "You have finished: your levels are kept as they are. The program operator can reopen them."
    state = assignment.case.state
    if assignment.case.closed_on or state not in SCORING_STATES:
        before = list(AssessmentCase.State).index(state) < list(AssessmentCase.State).index(SCORING_STATES[0])
        when = "Levels can be given once the visit has begun" if before else "Individual scoring is over"
        return f"{when}; the case stands at “{assignment.case.get_state_display()}”."
    return ""


def _read(key: str, codes: Mapping[str, Any]) -> tuple[str, str]:
    code, _, name = key.partition(".")
    if code not in codes or name not in FIELDS:
        raise KeyError(key)
    return code, name


def _check(key: str, name: str, text: str) -> None:
    if name == "level" and text not in LEVELS:
        raise ValueError(f"{key} is no level: give 1 to 5, or nothing.")
    if len(text) > LONGEST_NOTES:
        raise ValueError(f"{key} is longer than {LONGEST_NOTES:,} characters. Shorten it, or make findings of it.")


def _store(case: AssessmentCase, rows: Any) -> None:
    for row in rows:
        row.version += 1
        row.save()
    if rows and case.rubric is None:
        # In force when the first level was saved, and from now on the case's own.
        AssessmentCase.objects.filter(pk=case.pk, rubric=None).update(rubric=rubric_of(case))


def _when(row: ElementScore) -> str:
    return timezone.localtime(row.updated_at).isoformat(timespec="seconds") if row.updated_at else ""
