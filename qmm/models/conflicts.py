"""Which firms somebody must not assess, and on which cases nobody of the program office acts."""

from django.db.models import Q, QuerySet

from dscr.access.models import Membership, Organisation
from qmm.models.case import AssessmentCase, CaseAssignment
from qmm.models.course import ConflictDeclaration


def firms_in_conflict(user_id: int) -> QuerySet[Organisation]:
    """Those for which the person works or worked, and those of which the person's declaration stands."""
    declared = ConflictDeclaration.objects.standing().filter(user=user_id)
    worked = Membership.objects.filter(user=user_id)
    return Organisation.objects.filter(
        Q(pk__in=declared.values("organisation")) | Q(pk__in=worked.values("organisation"))
    )


def recused_cases(user_id: int) -> QuerySet[AssessmentCase]:
    """Those on which a person, by whatever membership, takes no step for the program office: they are or were an
    assessor of it, or must not assess the firm."""
    held = CaseAssignment.objects.filter(membership__user=user_id)
    return AssessmentCase.objects.filter(
        Q(pk__in=held.values("case")) | Q(establishment__owner__in=firms_in_conflict(user_id))
    )
