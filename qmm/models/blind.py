"""The blind rule: what an assessor gave is nobody else's to see before both have finished."""

from typing import Self

from django.db.models import Exists, OuterRef, Q, QuerySet

from dscr.access.models import Membership
from dscr.access.roles import Scope
from dscr.access.scoping import Reader, ScopedQuerySet, scope_of
from qmm.models.case import CaseAssignment, counting


def revealed(case: str) -> Q:
    """Rows whose case (`case` is the path to it) has levels that count of two different people, who have finished.

    Who was replaced counts no more, unless a substitute carries on; until a successor who gives levels has finished,
    the case is blind again.
    """
    counted = CaseAssignment.objects.filter(counting(), case=OuterRef(case))
    other = (
        CaseAssignment.objects.filter(counting(), case=OuterRef("case"))
        .exclude(membership__user=OuterRef("membership__user"))
        .values("pk")
    )
    return Q(Exists(counted.filter(Exists(other)))) & ~Q(Exists(counted.filter(finished_at=None)))


def is_revealed(case_id: int) -> bool:
    return CaseAssignment.objects.filter(revealed("case"), case=case_id).exists()


def at_work(membership: Membership) -> QuerySet[CaseAssignment]:
    """What an assessor took, declaring their interests, and has not left."""
    return CaseAssignment.objects.filter(membership=membership, ended_on=None, accepted_at__isnull=False)


def own_or_revealed(membership: Membership, assignment: str = "assignment") -> Q:
    """An assessor's own; all that count on the cases at which they work once all have finished."""
    mine = at_work(membership)
    others = Q(**{f"{assignment}__case__in": mine.values("case")}) & counting(assignment)
    return Q(**{f"{assignment}__in": mine}) | others & revealed(f"{assignment}__case")


def told_of(case: str) -> Q:
    """Rows that oversight may read: both have finished, or the case is closed."""
    return revealed(case) | Q(**{f"{case}__closed_on__isnull": False})


class BlindQuerySet(ScopedQuerySet):
    """Of a model with `assignment`, or the path to it in BLIND_PATH. The operator and auditors wait as well: one of
    them may sit beside an assessor. Who is or was one of the case's, or has a conflict of interest with the firm, waits
    until it is closed."""

    def for_user(self, user: Reader, action: str) -> Self:
        rows = super().for_user(user, action)
        if scope_of(user, action) != Scope.ALL:
            return rows
        from qmm.models.conflicts import recused_cases  # refers to the models of cases, and these to this one

        case = f"{getattr(self.model, 'BLIND_PATH', 'assignment')}__case"
        recused = Q(**{f"{case}__closed_on": None, f"{case}__in": recused_cases(user.pk).values("pk")})
        return rows.filter(told_of(case)).exclude(recused)
