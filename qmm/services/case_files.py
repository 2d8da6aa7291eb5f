"""Files for everybody on a case, given by the establishment and the program operator while it is under way."""

from collections.abc import Collection, Sequence

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from dscr.access.models import User
from dscr.evidence.storing import evidence_kept, evidence_room
from qmm.course.steps import CLOSED_STATES, Side
from qmm.models import AssessmentCase, CaseFile
from qmm.services.course import CourseError, case_locked
from qmm.services.course_people import recused_words

FOLDER = "cases"
NOT_YOURS = "The establishment and the program operator give files, while the assessment is under way."


def may_add_files(case: AssessmentCase, sides: Collection[Side]) -> bool:
    return bool({Side.FIRM, Side.OFFICE} & {*sides}) and case.state not in CLOSED_STATES


def case_files_add(
    case: AssessmentCase, sides: Collection[Side], *, user: User, files: Sequence[UploadedFile]
) -> list[CaseFile]:
    """CourseError where it is not the user's to give files; FileError for the first file that is not taken."""
    if not may_add_files(case, sides):
        raise CourseError(recused_words(case, user) or NOT_YOURS)
    with evidence_kept(files, FOLDER, already=_count(case)) as kept, transaction.atomic():
        row = case_locked(case)
        if not may_add_files(row, sides):
            raise CourseError(NOT_YOURS)
        evidence_room(files, already=_count(row))  # others may have come while these were stored
        giver = {"given_by": user, "organisation": user.membership.organisation}
        return CaseFile.objects.bulk_create(CaseFile(case=row, **giver, **one.fields) for one in kept)


def _count(case: AssessmentCase) -> int:
    return CaseFile.objects.filter(case=case).count()
