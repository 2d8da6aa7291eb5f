"""The two sheets of a case that save themselves: the questionnaire, which the establishment fills in before the visit,
and the draft of the report, which both assessors write after the consensus."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from dscr.access.models import User
from dscr.sheets import Change, Saved
from qmm.course.questions import LONGEST, questions
from qmm.course.steps import PATH, Side, State
from qmm.models import AssessmentCase, CaseSheet
from qmm.rubric import read
from qmm.services.course import case_locked
from qmm.services.course_people import sides_of
from qmm.services.rubric import DraftClosedError

Kind = CaseSheet.Kind
# While what is written by whom, and from when on the others read it.
WRITTEN = {Kind.QUESTIONNAIRE: (State.QUESTIONNAIRE_ISSUED,), Kind.DRAFT: (State.DRAFT_REPORT, State.FACT_CHECK)}
WRITERS = {Kind.QUESTIONNAIRE: Side.FIRM, Kind.DRAFT: Side.ASSESSOR}
READ_FROM = {
    (Kind.QUESTIONNAIRE, Side.FIRM): State.QUESTIONNAIRE_ISSUED,
    (Kind.QUESTIONNAIRE, Side.ASSESSOR): State.QUESTIONNAIRE_RETURNED,
    (Kind.DRAFT, Side.FIRM): State.FACT_CHECK,
    (Kind.DRAFT, Side.ASSESSOR): State.DRAFT_REPORT,
}


def sheet_of(case: AssessmentCase, kind: str) -> CaseSheet:
    """As it is stored, or a blank one that is stored with its first text. While the establishment answers, its owner's
    of today: what a former owner wrote is not theirs to read or send."""
    rows = CaseSheet.objects.filter(case=case, kind=kind).select_related("updated_by").order_by("-pk")
    if kind == Kind.QUESTIONNAIRE and case.state in WRITTEN[Kind.QUESTIONNAIRE]:
        rows = rows.filter(owner=case.establishment.owner_id)
    found = rows.first()
    return found or CaseSheet(case=case, kind=kind, asked=_asked(case, kind))


def may_write(case: AssessmentCase, kind: str, sides: Collection[Side]) -> bool:
    return case.state in WRITTEN[Kind(kind)] and WRITERS[Kind(kind)] in sides and _begins(case, kind)


def may_read(case: AssessmentCase, kind: str, sides: Collection[Side]) -> bool:
    """For a reader of the case. Who stands on no side, and the program operator, read it from its beginning."""
    side = next((side for side in (Side.FIRM, Side.ASSESSOR) if side in sides), None)
    first = State.QUESTIONNAIRE_ISSUED if kind == Kind.QUESTIONNAIRE else State.DRAFT_REPORT
    if side is not None:
        first = READ_FROM[Kind(kind), side]
    if case.state not in PATH[PATH.index(first) :] or not _begins(case, kind):
        return False
    return side != Side.FIRM or not _is_formers(case, kind)


def _is_formers(case: AssessmentCase, kind: str) -> bool:
    """What is written anew is today's owner's; of the rest the newest says whose it is."""
    if kind == Kind.QUESTIONNAIRE and case.state in WRITTEN[Kind.QUESTIONNAIRE]:
        return False
    newest = CaseSheet.objects.filter(case=case, kind=kind).order_by("-pk").values_list("owner", flat=True)[:1]
    return any(owner != case.establishment.owner_id for owner in newest)


@transaction.atomic
def sheet_save(case: AssessmentCase, kind: str, *, user: User, changes: Mapping[str, Change]) -> Saved:
    """Stores what nobody else changed meanwhile and says what somebody did.

    Raises DraftClosedError where it is not the writer's turn, KeyError for a code that is not asked, ValueError for a
    text that is too long.
    """
    row = case_locked(case)
    if not may_write(row, kind, sides_of(row, user)):
        raise DraftClosedError
    sheet = sheet_of(row, kind)
    codes = {item["code"] for item in sheet.asked}
    conflicts: dict[str, dict[str, Any]] = {}
    changed = False
    for code, change in changes.items():
        if code not in codes:
            raise KeyError(code)
        if len(change.now) > LONGEST:
            raise ValueError(f"An answer has {len(change.now):,} characters; at most {LONGEST:,} are kept.")
        current = sheet.texts.get(code, "")
        if current == change.now:
            continue
        if current != change.was:
            conflicts[code] = {"now": current} | sheet.edits.get(code, {})
            continue
        sheet.texts[code] = change.now
        sheet.edits[code] = {"by": user.pk, "name": str(user), "at": timezone.now().isoformat(timespec="seconds")}
        changed = True
    if changed:
        sheet.revision += sheet.pk is not None
        sheet.updated_by = user
        sheet.save()
    return Saved(sheet.revision, conflicts)


def _begins(case: AssessmentCase, kind: str) -> bool:
    """A draft is written by elements, which only a case with its version of the rubric has."""
    return kind == Kind.QUESTIONNAIRE or case.rubric_id is not None


def _asked(case: AssessmentCase, kind: str) -> list[dict[str, str]]:
    """Questions of the file, or the elements of the case's rubric by area."""
    if kind == Kind.QUESTIONNAIRE:
        return [
            {"code": asked.code, "section": asked.section, "label": asked.label, "hint": asked.hint}
            for asked in questions()
        ]
    texts = case.rubric.kept_texts if case.rubric else {}
    return [
        {
            "code": element.code,
            "section": section.area.label,
            "label": f"{element.code} {element.name}",
            "hint": "What was seen and heard, in facts that the establishment can check. No level.",
        }
        for section in read(texts)
        for element in section.elements
    ]
