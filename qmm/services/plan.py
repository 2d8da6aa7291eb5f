"""An improvement plan by the establishment: its draft, which saves itself, and its actions after it was sent."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from dscr.access.models import User
from dscr.evidence.storing import evidence_kept
from dscr.sheets import Change, Saved
from qmm.course.plans import ANSWERS, FIELDS, KEY, LONGEST, MOST, NONE, TARGETS, drafted, key_of, name_problem, read_due
from qmm.course.steps import Event, Side, State
from qmm.models import ActionChange, ActionFile, AssessmentCase, ImprovementAction, ImprovementPlan
from qmm.queries.plan import ground_of, people_of_firm, plan_of
from qmm.services.course import CourseError, case_locked, case_step
from qmm.services.course_people import sides_of
from qmm.services.plan_sending import action_row, log_added
from qmm.services.rubric import DraftClosedError

FOLDER = "actions"
Standing, Field = ImprovementAction.Standing, ActionChange.Field
NOT_NOW = "The plan is not open for changes now: it is changed once it is sent, until the assessment expires."
CHANGED = "Somebody changed the plan since you read it. Read it as it stands, then send it."


class ActionChangedError(CourseError):
    """Somebody changed the action since the writer saw it."""


def may_draft(case: AssessmentCase, sides: frozenset[Side]) -> bool:
    """Whoever owns the site today; what a former owner began stays theirs, and is sent no more."""
    return case.state == State.FINAL and Side.FIRM in sides


def may_change(case: AssessmentCase, sides: frozenset[Side]) -> bool:
    return case.state == State.IMPROVEMENT_PLAN and Side.FIRM in sides and not ImprovementPlan.sent_by_former(case)


@transaction.atomic
def draft_save(case: AssessmentCase, *, user: User, changes: Mapping[str, Change]) -> Saved:
    """Stores what nobody else changed meanwhile and says what somebody did.

    changes: "2.what" or "none" -> Change. DraftClosedError, KeyError for what is no text of the draft, ValueError for
    a text that is too long.
    """
    plan = _draft(case, user)
    conflicts: dict[str, dict[str, Any]] = {}
    changed = False
    for key, change in changes.items():
        _check(plan, key, change.now)
        current = plan.texts.get(key, "")
        if current == change.now:
            continue
        if current != change.was:
            conflicts[key] = {"now": current} | plan.edits.get(key, {})
            continue
        _write(plan, key, change.now, user)
        changed = True
    if changed:
        _keep(plan, user)
    return Saved(plan.revision, conflicts)


@transaction.atomic
def draft_add(case: AssessmentCase, *, user: User, answers: str = "") -> int:
    """One more action, with what it answers and the next level if that is known already; its number. CourseError where
    there are too many; DraftClosedError."""
    plan = _draft(case, user)
    if plan.drafted >= MOST:
        raise CourseError(f"A plan has at most {MOST} actions. Put some of them together.")
    plan.drafted += 1
    found = ANSWERS.fullmatch(answers)
    level = ground_of(case).levels.get(found[1]) if found else None
    if level is not None:
        _write(plan, key_of(plan.drafted, "answers"), answers, user)
        if level < TARGETS[-1]:
            _write(plan, key_of(plan.drafted, "target"), str(level + 1), user)
    _keep(plan, user)
    return plan.drafted


@transaction.atomic
def draft_leave_out(case: AssessmentCase, number: int, *, user: User, left_out: bool) -> None:
    """Sending leaves the action out, or not after all; the draft keeps its texts. KeyError, DraftClosedError."""
    plan = _draft(case, user)
    if not 1 <= number <= plan.drafted:
        raise KeyError(number)
    numbers = {*plan.left_out, number} if left_out else {*plan.left_out} - {number}
    if numbers != {*plan.left_out}:
        plan.left_out = sorted(numbers)
        _keep(plan, user)


@transaction.atomic
def plan_send(case: AssessmentCase, *, user: User, seen: str) -> None:
    """The draft as the sender read it: `seen` is its revision. CourseError."""
    row = case_locked(case)  # from here on nobody changes the draft
    if may_draft(row, sides_of(row, user)) and seen != str(plan_of(row).revision):
        raise CourseError(CHANGED)
    case_step(row, Event.SUBMIT_PLAN, user)


def _draft(case: AssessmentCase, user: User) -> ImprovementPlan:
    """Held until the end of the transaction: the case's lock stands for its plan's."""
    row = case_locked(case)
    if not may_draft(row, sides_of(row, user)):
        raise DraftClosedError
    return plan_of(row)


def _check(plan: ImprovementPlan, key: str, text: str) -> None:
    found = KEY.fullmatch(key)
    if key != NONE and (found is None or int(found[1]) > plan.drafted):
        raise KeyError(key)
    if len(text) > LONGEST:
        raise ValueError(f"A text has {len(text):,} characters; at most {LONGEST:,} are kept.")


def _write(plan: ImprovementPlan, key: str, text: str, user: User) -> None:
    plan.texts[key] = text
    plan.edits[key] = {"by": user.pk, "name": str(user), "at": timezone.now().isoformat(timespec="seconds")}


def _keep(plan: ImprovementPlan, user: User) -> None:
    plan.revision += plan.pk is not None
    plan.updated_by = user
    plan.save()


@transaction.atomic
def action_add(case: AssessmentCase, *, user: User, texts: Mapping[str, str], form: uuid.UUID) -> ImprovementAction:
    """One more action of a plan that was sent; `texts` by name of FIELDS. CourseError with all that is wrong."""
    row = case_locked(case)
    if not may_change(row, sides_of(row, user)):
        raise CourseError(NOT_NOW)
    plan = plan_of(row)
    if earlier := ImprovementAction.objects.filter(plan=plan, form=form).first():
        return earlier
    if plan.drafted >= MOST:
        raise CourseError(f"A plan has at most {MOST} actions.")
    action = drafted(plan.drafted + 1, {name: texts.get(name, "") for name in FIELDS}, ground_of(row).facts)
    if not action.is_complete:
        raise CourseError(" ".join(action.problems.values()))
    now = timezone.now()
    stored = action_row(plan, action, user, now)
    stored.form = form
    stored.save()
    plan.drafted = action.number
    _keep(plan, user)
    log_added([stored], user, now)
    return stored


@dataclass(frozen=True, slots=True)
class Given:
    """What a form brings of an action; None leaves as it is. `note`: why a day moves or an action is dropped, or what
    shows that it is done."""

    standing: str | None = None
    due: str | None = None  # a day, as typed
    done: str | None = None  # a day, as typed; today where it is left blank
    responsible: str | None = None
    member: str | None = None  # id of a user, "" for nobody
    note: str = ""
    files: Sequence[UploadedFile] = ()


def action_change(action: ImprovementAction, *, user: User, version: int, given: Given) -> ImprovementAction:
    """Each thing that changes gets a line of the log with what it was. ActionChangedError where `version` is not the
    present one; CourseError, FileError. Nothing is changed then."""
    there = action.files.count() if given.files else 0
    with evidence_kept(given.files, FOLDER, already=there) as kept, transaction.atomic():
        case = case_locked(action.plan.case)
        if not may_change(case, sides_of(case, user)):
            raise CourseError(NOT_NOW)
        row = (
            ImprovementAction.objects.select_for_update(of=("self",)).select_related("member", "plan").get(pk=action.pk)
        )
        if row.version != version:
            raise ActionChangedError(
                "Somebody changed this action meanwhile. Read it as it stands, then send your change again."
            )
        lines = _changes(row, case, given)
        if not lines and not kept:
            raise CourseError("Nothing differs from what stands there.")
        note, now = given.note.strip(), timezone.now()
        if len(note) > LONGEST:
            raise CourseError(f"The note has {len(note):,} characters; shorten it to {LONGEST:,}.")
        row.version += 1
        row.save()
        for one in kept:
            ActionFile.objects.create(action=row, given_by=user, **one.fields)
        lines = lines or [(Field.NOTE, "", f"{len(kept)} file{'' if len(kept) == 1 else 's'}")]
        ActionChange.objects.bulk_create(
            ActionChange(action=row, field=name, old=old, new=new, note=note, by=user, at=now)
            for name, old, new in lines
        )
        return row


Line = tuple[Field, str, str]  # what changed, its old and its new value


def _changes(row: ImprovementAction, case: AssessmentCase, given: Given) -> list[Line]:
    """Applies what differs to the row. CourseError."""
    note = given.note.strip()
    lines = _standing(row, case, given, note)
    lines += _due(row, given, note)
    lines += _responsible(row, case, given)
    if not lines and note:
        lines.append((Field.NOTE, "", ""))
    return lines


def _standing(row: ImprovementAction, case: AssessmentCase, given: Given, note: str) -> list[Line]:
    if given.standing is None or (given.standing == row.standing and row.standing != Standing.DONE):
        return []
    if given.standing not in Standing.values:
        raise CourseError("Say how the action stands: planned, under way, done or dropped.")
    was, was_on = row.standing, row.done_on
    now_on = _done_on(given, row, case) if given.standing == Standing.DONE else None
    if (given.standing, now_on) == (was, was_on):
        return []
    if given.standing == Standing.DONE and not (note or given.files or row.files.exists()):
        raise CourseError("Say what shows that it is done, or give a file that does.")
    if given.standing == Standing.DROPPED and not note:
        raise CourseError("Say why the action is dropped.")
    if was not in (Standing.PLANNED, Standing.UNDER_WAY) and not note:
        raise CourseError(f"Say why the action is no longer as it was: {Standing(was).label.lower()}.")
    row.standing, row.done_on = given.standing, now_on
    lines: list[Line] = []
    if was != given.standing:
        lines.append((Field.STANDING, Standing(was).label, Standing(given.standing).label))
    if was_on != now_on:
        lines.append((Field.DONE_ON, _iso(was_on), _iso(now_on)))
    return lines


def _done_on(given: Given, row: ImprovementAction, case: AssessmentCase) -> date:
    today = timezone.localdate()
    if not given.done:
        return row.done_on or today
    try:
        day = date.fromisoformat(given.done)
    except ValueError:
        raise CourseError("The day on which it was done is no date. Choose it anew, such as 2027-02-15.") from None
    if day > today:
        raise CourseError("The day on which it was done lies in the future. Mark it as done once it is.")
    if day < case.requested_on:
        raise CourseError("The day on which it was done lies before the assessment. Check the year.")
    return day


def _due(row: ImprovementAction, given: Given, note: str) -> list[Line]:
    if given.due is None or given.due.strip() == row.due_on.isoformat():
        return []
    day, said = read_due(given.due.strip(), timezone.localdate())
    if day is None:
        raise CourseError(f"Due: {said}")
    if not note:
        raise CourseError("Say why the day moves.")
    was, row.due_on = row.due_on, day
    return [(Field.DUE_ON, _iso(was), _iso(day))]


def _responsible(row: ImprovementAction, case: AssessmentCase, given: Given) -> list[Line]:
    name = row.responsible if given.responsible is None else given.responsible.strip()
    if said := name_problem(name):
        raise CourseError(said)
    people = {str(user.pk): user for user in people_of_firm(case)}
    key = given.member
    if key is None or key == str(row.member_id or ""):
        member = row.member
    elif key and key not in people:
        raise CourseError("The person in DSCR does not work here today. Choose another one, or nobody.")
    else:
        member = people.get(key)
    if (name, member) == (row.responsible, row.member):
        return []
    was = _named(row.responsible, row.member)
    row.responsible, row.member = name, member
    return [(Field.RESPONSIBLE, was, _named(name, member))]


def _named(name: str, member: User | None) -> str:
    return (f"{name} ({member})" if member and str(member) != name else name)[:300]


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
