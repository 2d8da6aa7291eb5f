"""Why somebody cannot assess a firm: what they declared, and what the program's own records say."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef

from dscr.access.models import Membership, Organisation, User
from qmm.course.steps import Event
from qmm.models import AssessmentCase, CaseEvent, ConflictDeclaration, EstablishmentContact


def conflicts_with(firm: Organisation | None, users: Collection[int] | None = None) -> dict[int, str]:
    """User id -> the reason, for the program operator's eyes; of all people where `users` is None. Two queries."""
    if firm is None:
        return {}
    works = Exists(Membership.objects.filter(organisation=firm, user=OuterRef("pk")))
    # Confirmed ones: a firm alone could name whom it does not want as its assessor.
    contacts = EstablishmentContact.objects.filter(establishment__owner=firm, confirmed_at__isnull=False)
    is_named = Exists(contacts.filter(email__iexact=OuterRef("email")))
    people = User.objects.annotate(works=works).filter(works | is_named)
    declared = ConflictDeclaration.objects.standing().filter(organisation=firm)
    if users is not None:
        people, declared = people.filter(pk__in=users), declared.filter(user__in=users)
    found = {
        pk: "works or worked for the firm" if worked else "is or was a contact at a site of the firm"
        for pk, worked in people.values_list("pk", "works")
    }
    for user in declared.values_list("user", flat=True):
        found[user] = "declared a conflict of interest with the firm"
    return found


def undeclared(case: AssessmentCase) -> set[int]:
    """User ids of who took the case of another firm: the site was sold since, and they said nothing of its owner of
    today. One query."""
    declared = ConflictDeclaration.objects.filter(user=OuterRef("by"), organisation=case.establishment.owner_id)
    took = CaseEvent.objects.filter(~Exists(declared), case=case, event=Event.TAKE).order_by()
    return set(took.values_list("by", flat=True))
