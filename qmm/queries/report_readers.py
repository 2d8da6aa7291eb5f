"""Who may read the report of a case, and from when on."""

from collections.abc import Collection

from qmm.course.steps import OUTCOME_STATES, Side
from qmm.models import AssessmentCase, CaseSheet
from qmm.models.blind import is_revealed
from qmm.services.course_sheet import may_read


def may_read_report(case: AssessmentCase, sides: Collection[Side], *, takes: bool) -> bool:
    """For a reader of the case who stands on these sides: as the draft is read, and once it is final.

    `takes`: an assessor who has not declared their interests yet reads nothing of it. While the case is open both
    assessors have finished, whatever its state says.
    """
    if takes:
        return False
    if case.state in OUTCOME_STATES:
        return True
    return may_read(case, CaseSheet.Kind.DRAFT, sides) and is_revealed(case.pk)
