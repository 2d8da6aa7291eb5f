"""Why somebody cannot assess a firm: what they declared, and what the program's own records say."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef

from dscr.access.models import Membership, Organisation
from qmm.course.steps import Event
from qmm.models import AssessmentCase, CaseEvent, ConflictDeclaration


def conflicts_with(firm: Organisation | None, users: Collection[int] | None = None) -> dict[int, str]:
    """User id -> the reason, for the program operator's eyes; of all people where `users` is None. Two queries."""
    if firm is None:
        return {}
    worked = Membership.objects.filter(organisation=firm)
    declared = ConflictDeclaration.objects.filter(organisation=firm).order_by("user_id", "-declared_at", "-pk")
    if users is not None:
        worked, declared = worked.filter(user__in=users), declared.filter(user__in=users)
    found = dict.fromkeys(worked.values_list("user_id", flat=True), "works or worked for the firm")
    for row in declared.distinct("user_id"):
        if row.has_conflict:
            found[row.user_id] = "declared a conflict of interest with the firm"
    return found


def undeclared(case: AssessmentCase) -> set[int]:
    """User ids of who took the case of another firm: the site was sold since, and they said nothing of its owner of
    today. One query."""
    declared = ConflictDeclaration.objects.filter(user=OuterRef("by"), organisation=case.establishment.owner_id)
    took = CaseEvent.objects.filter(~Exists(declared), case=case, event=Event.TAKE).order_by()
    return set(took.values_list("by", flat=True))
