"""On which sides of a case somebody stands, and who stands there."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from dscr.access.models import Membership, User
from dscr.access.roles import ASSESSORS, FIRM, Role, Scope
from dscr.access.scoping import scope_of
from qmm.course.steps import Side
from qmm.models import AssessmentCase, CaseAssignment
from qmm.models.conflicts import recused_cases

RECUSED = "You are or were an assessor here, or have a conflict of interest with the firm. Another operator acts on it."


def sides_of(case: AssessmentCase, user: User) -> frozenset[Side]:
    """Empty for who only reads, and for everybody else; for an operator too who is recused. At most one query."""
    membership = user.membership
    if scope_of(user, "run_cases") == Scope.ALL:
        return frozenset() if is_recused(case, user) else frozenset({Side.OFFICE})
    if scope_of(user, "request_cases") == Scope.OWN:
        return frozenset({Side.FIRM} if case.establishment.owner_id == membership.organisation_id else ())
    if scope_of(user, "assess_cases") == Scope.ASSIGNED:
        held = team_of(case).filter(membership=membership).values_list("is_lead", flat=True)
        return frozenset({Side.ASSESSOR, *(side for side in (Side.LEAD,) if any(held))} if held else ())
    return frozenset()


def is_recused(case: AssessmentCase, user: User) -> bool:
    """Whether another operator must take the office's steps on the case."""
    return recused_cases(user.pk).filter(pk=case.pk).exists()


def recused_words(case: AssessmentCase, user: User) -> str:
    """Why an operator takes no step on the case; "" for who may, and for everybody who is none."""
    if scope_of(user, "run_cases") != Scope.ALL or not is_recused(case, user):
        return ""
    return RECUSED


def team_of(case: AssessmentCase) -> QuerySet[CaseAssignment]:
    """The assessors of today, the lead first."""
    held = CaseAssignment.objects.filter(case=case, ended_on=None)
    return held.select_related("membership__user", "membership__organisation").order_by("-is_lead", "pk")


def has_taken(case: AssessmentCase, user: User) -> bool:
    """Whether an assessor of the case declared no conflict of interest, and so works on it."""
    return team_of(case).filter(membership=user.membership, accepted_at__isnull=False).exists()


def people_of(case: AssessmentCase, sides: Iterable[Side]) -> set[int]:
    """User ids: who works for the establishment's owner, all operators, the assessors of the case."""
    found: set[int] = set()
    for side in sides:
        if side == Side.FIRM and case.establishment.owner_id:
            rows = today().filter(organisation=case.establishment.owner_id, role__in=FIRM)
        elif side == Side.OFFICE:
            found |= operators()
            continue
        elif side in (Side.ASSESSOR, Side.LEAD):
            team = team_of(case) if side == Side.ASSESSOR else team_of(case).filter(is_lead=True)
            rows = today().filter(pk__in=team.values("membership"))
        else:
            continue
        found |= set(rows.values_list("user_id", flat=True))
    return found


def contacts_of_firms(organisations: Collection[int | None]) -> dict[int, set[int]]:
    """Organization -> user ids of its establishment contacts; of all its people where it has none. One query."""
    found: dict[int, dict[bool, set[int]]] = {}
    rows = today().filter(organisation__in=[one for one in organisations if one], role__in=FIRM)
    for organisation, user, role in rows.values_list("organisation", "user", "role"):
        found.setdefault(organisation, {}).setdefault(role == Role.ESTABLISHMENT_CONTACT, set()).add(user)
    return {organisation: people.get(True) or people[False] for organisation, people in found.items()}


def operators() -> set[int]:
    return set(today().filter(role=Role.OPERATOR).values_list("user", flat=True))


def firms_to_tell(user: int) -> Callable[[int | None], bool]:
    """Whether a mail about a site of that owner may still go to somebody whom it waited for, maybe for days: who works
    for the owner, for the program operator or as an assessor today. One query."""
    held = set(today().filter(user=user).values_list("organisation", "role"))
    everywhere = any(role == Role.OPERATOR or role in ASSESSORS for _, role in held)
    firms = {organisation for organisation, role in held if role in FIRM}
    return lambda owner: everywhere or owner in firms


def today() -> QuerySet[Membership]:
    """Memberships that hold today, of people who may sign in."""
    day = timezone.localdate()
    held = Membership.objects.filter(Q(ends_on=None) | Q(ends_on__gt=day), starts_on__lte=day)
    return held.filter(user__is_active=True)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be assigned, with what they have to do already."""

    membership: Membership
    open_cases: int
    leads: int
    conflict: str = ""

    @property
    def may_lead(self) -> bool:
        return self.membership.role == Role.LEAD_ASSESSOR

    @property
    def label(self) -> str:
        load = f"{self.open_cases} open case{'' if self.open_cases == 1 else 's'}, leads {self.leads}"
        return f"{self.membership.user}, {self.membership.organisation}: {load}"


def candidates(conflicts: dict[int, str] | None = None) -> list[Candidate]:
    """Every assessor of today, the least loaded first; two queries."""
    open_now = CaseAssignment.objects.filter(ended_on=None, case__closed_on=None).order_by()
    counted = open_now.values("membership").annotate(count=Count("pk"), leads=Count("pk", filter=Q(is_lead=True)))
    load = {row["membership"]: (row["count"], row["leads"]) for row in counted}
    people = today().filter(role__in=ASSESSORS).select_related("user", "organisation")
    found = [
        Candidate(person, *load.get(person.pk, (0, 0)), (conflicts or {}).get(person.user_id, "")) for person in people
    ]
    return sorted(found, key=lambda one: (one.open_cases, str(one.membership.user), one.membership.pk))
