"""The factual-accuracy review: the establishment comments on passages of the draft, the assessors answer one by one."""

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from dscr.access.models import User
from dscr.texts import clean
from qmm.course.steps import OUTCOME_STATES, PATH, Side, State
from qmm.models import AssessmentCase, CaseSheet, FactComment
from qmm.services.course import CourseError, case_locked
from qmm.services.course_conditions import is_confirmed
from qmm.services.course_people import sides_of
from qmm.services.course_sheet import sheet_of

LONGEST = 5_000
MOST = 200  # comments of one review: a thorough reader of all 20 passages writes some dozens
FULL = (
    f"A review has at most {MOST} comments, and each is answered. Put what is left into one file, and send it with the "
    "files of the assessment."
)
NOT_NOW = "The draft is not in its factual-accuracy review now."


def may_read_facts(case: AssessmentCase, sides: Collection[Side]) -> bool:
    """From when the draft was sent on; while it is written again only the establishment waits, and who owns it now does
    not read what was sent to a former owner."""
    if Side.FIRM in sides and CaseSheet.is_former(case, kind=CaseSheet.Kind.DRAFT):
        return False
    if case.state in (State.FACT_CHECK, *OUTCOME_STATES):
        return True
    sent = case.state in PATH[PATH.index(State.CONSENSUS) :] and case.comments.exists()
    return sent and Side.FIRM not in sides


@transaction.atomic
def comment_add(case: AssessmentCase, *, user: User, element: str, text: str) -> FactComment:
    """By the establishment, until it has finished its review. CourseError."""
    row = case_locked(case)
    if Side.FIRM not in sides_of(row, user):
        raise CourseError("Only the establishment comments on the draft.")
    if row.state != State.FACT_CHECK:
        raise CourseError(NOT_NOW)
    if is_confirmed(row):
        raise CourseError("You have finished the review. Write to the program operator if something is still wrong.")
    sheet = sheet_of(row, CaseSheet.Kind.DRAFT)
    if element not in {item["code"] for item in sheet.asked}:
        raise CourseError("Choose the passage that you comment on.")
    text = _checked(text, "Write what is not accurate, and what is right.")
    passage = sheet.texts.get(element, "")
    same = FactComment.objects.filter(case=row, element=element, text=text, by=user)
    if earlier := same.first():  # the form was sent twice
        return earlier
    if FactComment.objects.filter(case=row).count() >= MOST:
        raise CourseError(FULL)
    return FactComment.objects.create(case=row, element=element, passage=passage, text=text, by=user)


@transaction.atomic
def comment_answer(comment: FactComment, *, user: User, verdict: str, answer: str) -> None:
    """By one of the assessors, once. CourseError."""
    row = case_locked(comment.case)
    if Side.ASSESSOR not in sides_of(row, user):
        raise CourseError("Only the assessors answer comments.")
    if row.state != State.FACT_CHECK:
        raise CourseError(NOT_NOW)
    if verdict not in FactComment.Verdict.values:
        raise CourseError("Say what becomes of the draft.")
    answer = _checked(answer, "Write the answer: the establishment reads it.")
    free = FactComment.objects.filter(pk=comment.pk, answered_at=None)
    if not free.update(verdict=verdict, answer=answer, answered_by=user, answered_at=timezone.now()):
        raise CourseError("The comment was answered already. Read the answer below it.")


def _checked(text: str, missing: str) -> str:
    text = clean(text)
    if not text:
        raise CourseError(missing)
    if len(text) > LONGEST:
        raise CourseError(f"The text has {len(text):,} characters; shorten it to {LONGEST:,}.")
    return text
