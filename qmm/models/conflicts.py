"""Which firms somebody must not assess."""

from django.db.models import Q, QuerySet

from dscr.access.models import Membership, Organisation
from qmm.models.course import ConflictDeclaration


def firms_in_conflict(user_id: int) -> QuerySet[Organisation]:
    """Those for which the person works or worked, and those of which the person's newest declaration says so."""
    newest = ConflictDeclaration.objects.filter(user=user_id).order_by("organisation_id", "-declared_at", "-pk")
    declared = ConflictDeclaration.objects.filter(
        pk__in=newest.distinct("organisation_id").values("pk"), has_conflict=True
    )
    worked = Membership.objects.filter(user=user_id)
    return Organisation.objects.filter(
        Q(pk__in=declared.values("organisation")) | Q(pk__in=worked.values("organisation"))
    )
