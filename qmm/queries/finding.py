"""Establishments that a firm may name as its supplier: those on public registers, its own, and those it gave itself."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from dscr.access.scoping import Reader, may
from qmm.models import Establishment, EstablishmentIdentifier

LONGEST = 100  # characters of a search


def establishments_findable(user: Reader) -> QuerySet[Establishment]:
    """Names, places and numbers only; a site that one firm gave in confidence is found by that firm alone."""
    if not may(user, "edit_supply"):
        return Establishment.objects.none()
    own = user.membership.organisation_id
    return Establishment.objects.standing().filter(Q(last_seen_on__isnull=False) | Q(owner=own) | Q(reported_by=own))


def establishment_search(user: Reader, text: str) -> QuerySet[Establishment]:
    """Every word in the name, the place or a number's beginning; those whose name begins so first."""
    rows = establishments_findable(user)
    words = "".join(sign if sign.isprintable() else " " for sign in text)[:LONGEST].split()
    for word in words:
        found = Q(name__icontains=word) | Q(address__icontains=word) | Q(country__iexact=word)
        digits = word.replace("-", "")
        if digits.isascii() and digits.isdecimal():
            here = Q(establishment=OuterRef("pk")) | Q(establishment__merged_into=OuterRef("pk"))
            numbers = EstablishmentIdentifier.objects.filter(here, value__startswith=digits)
            found |= Exists(numbers)
        rows = rows.filter(found)
    return rows.prefetch_related("identifiers").order_by("name", "pk") if words else rows.none()


def named_by(scheme: str, number: str) -> Q:
    """The establishment with this number, or the one that stands for it since a merge."""
    numbers = EstablishmentIdentifier.objects.filter(scheme=scheme, value=number)
    named = numbers.values(standing=Coalesce("establishment__merged_into", "establishment"))
    return Q(pk__in=named)
