"""A firm enrolls a product by itself, and withdraws it. Both are its own decision, stated by its attestor and dated."""

from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from dscr.access.models import Membership, Organisation, User
from products.models import Enrolment, Product

STATEMENT = (
    "I state that {organisation} is the labeler of this product or authorized by the labeler to enroll it, that taking "
    "part is voluntary, and that I may state this for {organisation}."
)
WITHDRAWAL = (
    "I state that {organisation} withdraws this product from the program of its own will, from the day given on, and "
    "that I may state this for {organisation}."
)
LONGEST_AHEAD = timedelta(days=365)


class EnrolledError(Exception):
    """The product is enrolled in that time: `by_own` organisation, or by one that is not told."""

    def __init__(self, *, by_own: bool) -> None:
        super().__init__("The product is enrolled in that time.")
        self.by_own = by_own


class WrongDayError(Exception):
    """The message says which days are possible."""


class TakenOverError(Exception):
    """The product is enrolled from the day of the withdrawal on, so that the withdrawal stands."""


def statement(organisation: Organisation) -> str:
    return STATEMENT.format(organisation=organisation.name)


def withdrawal_statement(organisation: Organisation) -> str:
    return WITHDRAWAL.format(organisation=organisation.name)


def enrolment_create(product: Product, *, user: User, enrolled_on: date) -> Enrolment:
    """From a day on, today or within a year. Raises WrongDayError or EnrolledError."""
    today = timezone.localdate()
    if not today <= enrolled_on <= today + LONGEST_AHEAD:
        raise WrongDayError("Give today or a day within the next year.")
    membership: Membership = user.membership
    _refuse_overlap(product, membership.organisation_id, enrolled_on)
    try:
        with transaction.atomic():
            return Enrolment.objects.create(
                product=product,
                organisation=membership.organisation,
                enrolled_on=enrolled_on,
                attested_by=user,
                attestation=statement(membership.organisation),
            )
    except IntegrityError:  # another firm came first by a moment
        _refuse_overlap(product, membership.organisation_id, enrolled_on)
        raise


def enrolment_withdraw(
    enrolment: Enrolment, *, user: User, withdrawn_on: date, name: str, title: str, reason: str = ""
) -> None:
    """From a day on, at least one day after the enrolment began; stated by name and title. Raises WrongDayError."""
    first = max(timezone.localdate(), enrolment.enrolled_on + timedelta(days=1))
    if not first <= withdrawn_on <= first + LONGEST_AHEAD:
        raise WrongDayError(f"Give {first:%B} {first.day}, {first.year}, or a day within the year after it.")
    changed = Enrolment.objects.filter(pk=enrolment.pk, withdrawn_on=None).update(
        withdrawn_on=withdrawn_on,
        withdrawn_by=user,
        withdrawal_statement=f"{withdrawal_statement(enrolment.organisation)} {name}, {title}",
        withdrawal_reason=reason,
    )
    if not changed:
        raise WrongDayError("It was withdrawn already.")


def withdrawal_take_back(enrolment: Enrolment) -> bool:
    """Before its day; False where that day has come or nothing is to be taken back. Who did it is in the audit.

    Raises TakenOverError.
    """
    coming = Enrolment.objects.filter(pk=enrolment.pk, withdrawn_on__gt=timezone.localdate())
    try:
        with transaction.atomic():
            changed = coming.update(withdrawn_on=None, withdrawn_by=None, withdrawal_statement="", withdrawal_reason="")
    except IntegrityError as error:
        raise TakenOverError from error
    return bool(changed)


def _refuse_overlap(product: Product, own_id: int, enrolled_on: date) -> None:
    held = Enrolment.objects.filter(Q(withdrawn_on=None) | Q(withdrawn_on__gt=enrolled_on), product=product)
    firms = set(held.values_list("organisation", flat=True))
    if firms:
        raise EnrolledError(by_own=own_id in firms)
