"""Who stands on the other side of a thread, and so is told of a step."""

from django.db.models import Q, QuerySet
from django.utils import timezone

from dscr.access.models import Membership, Organisation
from dscr.access.roles import MAKERS, MAY, Role
from ratings.reviews.models import ReviewRequest
from ratings.reviews.rules import Side

OFFICERS = tuple(MAY["decide_reviews"])


def operators() -> QuerySet[Membership]:
    return _today().filter(role__in=OFFICERS)


def told(review: ReviewRequest, by: Side) -> set[int]:
    """User ids. A firm's step: who took the request into review, and all operators while nobody has. A step of the
    operator: who opened it, while they work for the firm, and the firm's attestors; without either all its makers."""
    if by == Side.FIRM:
        office = set(operators().values_list("user_id", flat=True))
        return {review.taken_by_id} & office or office
    makers = set(makers_of(review.organisation).values_list("user_id", "role"))
    first = {user for user, role in makers if user == review.opened_by_id or role == Role.ATTESTOR}
    return first or {user for user, _ in makers}


def still_stands_there(review: ReviewRequest, user: int) -> bool:
    """Whether a mail that waited, maybe for days, may still go to them: who decides reviews, or works for the firm."""
    return any(people.filter(user=user).exists() for people in (operators(), makers_of(review.organisation)))


def makers_of(firm: Organisation) -> QuerySet[Membership]:
    return _today().filter(organisation=firm, role__in=MAKERS)


def another_operator(user_id: int) -> bool:
    """Whether somebody else could decide: without a second operator an appeal would never end."""
    return operators().exclude(user=user_id).exists()


def _today() -> QuerySet[Membership]:
    today = timezone.localdate()
    held = Membership.objects.filter(Q(ends_on=None) | Q(ends_on__gt=today), starts_on__lte=today)
    return held.filter(user__is_active=True)
