"""Disclosing and withdrawing. Both take effect with the commit: every reader asks for the grants in force."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from dscr.access.models import User
from products.models import DisclosureGrant, Product

SAME = ("grantee_id", "to_all_purchasers", "kpis", "shows_supply", "shows_maturity", "valid_from", "valid_to")
LOCK = 1_807_045  # the advisory lock of an organization that discloses, beside its id


class AlreadyWithdrawnError(Exception):
    """Somebody withdrew the grant before."""


@transaction.atomic
def grant_give(grant: DisclosureGrant, *, products: Sequence[Product], user: User) -> list[DisclosureGrant]:
    """Stores the grant once for each product, or once for all products where none is given.

    Raises ValidationError with plain words where its things, its dates or its recipient make no sense.
    """
    organisation = user.membership.organisation
    with connection.cursor() as cursor:  # two at once would not see each other's grant
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, organisation.pk])
    given = [
        DisclosureGrant(
            organisation=organisation, product=product, granted_by=user, **{name: getattr(grant, name) for name in SAME}
        )
        for product in products or [None]
    ]
    given[0].validate_constraints()  # they differ by product only
    for one in given:
        one.reason = grant.reason
    _refuse_repetition(given)
    return DisclosureGrant.objects.bulk_create(given)


def grant_withdraw(grant: DisclosureGrant, *, user: User) -> None:
    """From now on nobody reads by it. Raises AlreadyWithdrawnError."""
    changed = DisclosureGrant.objects.filter(pk=grant.pk, withdrawn_at=None).update(
        withdrawn_at=timezone.now(), withdrawn_by=user
    )
    if not changed:
        raise AlreadyWithdrawnError


def _refuse_repetition(given: Sequence[DisclosureGrant]) -> None:
    """A form that was sent twice must not disclose twice: the second grant would outlive the first's withdrawal."""
    first = given[0]
    there = DisclosureGrant.objects.filter(
        organisation=first.organisation, withdrawn_at=None, **{name: getattr(first, name) for name in SAME}
    )
    products = {grant.product_id for grant in given}
    if products & set(there.values_list("product_id", flat=True)):
        raise ValidationError("You have disclosed exactly this already. It is in the list of what you disclose.")
