"""Establishments found by name, number or country, or by the product that depends on them."""

from collections.abc import Iterable

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from dscr.access.scoping import Reader, may
from products.models import Product, SupplyNode
from qmm.countries import NAMES
from qmm.models import Establishment, EstablishmentIdentifier

LONGEST = 100  # characters of a search


def typed(text: str) -> str:
    """What a person can have typed: no control characters (the database refuses NUL), one space, not endless."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:LONGEST]


def sorts_for(user: Reader) -> tuple[str, ...]:
    """The orders that the reader may choose; a minus is down, and "name" the usual one."""
    return ("name", "dependents", "-dependents") if may(user, "read_dependence") else ("name",)


def establishment_list(
    user: Reader, text: str = "", product: Product | None = None, sort: str = "name"
) -> QuerySet[Establishment]:
    """Each with `assessed_on`, the day of its newest assessment; in one of `sorts_for(user)`, then by name.

    With `product` those that it depends on, where the reader may know them.
    """
    newest = Max("assessments__completed_on", filter=Q(assessments__voided_at__isnull=True))
    rows = Establishment.objects.for_user(user, "read_establishments").standing().select_related("owner")
    if product is not None:
        nodes = current_nodes(user).filter(product=product, establishment=OuterRef("pk"))
        rows = rows.filter(Exists(nodes))
    if text:
        rows = rows.filter(_matches(text))
    rows = rows.prefetch_related("identifiers").annotate(assessed_on=newest)
    if sort == "name":
        return rows.order_by("name", "pk")
    depending = current_nodes(user).filter(establishment=OuterRef("pk")).order_by().values("establishment")
    counted = Subquery(depending.annotate(count=Count("product", distinct=True)).values("count"))
    rows = rows.annotate(depending=Coalesce(counted, 0))
    return rows.order_by("-depending" if sort.startswith("-") else "depending", "name", "pk")


def current_nodes(user: Reader) -> QuerySet[SupplyNode]:
    """The nodes in force today whose product the reader may know to depend on their establishment."""
    today = timezone.localdate()
    return SupplyNode.objects.for_user(user, "read_dependence").filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=today),
        voided_at__isnull=True,
        valid_from__lte=today,
        product__rating__isnull=False,
    )


def dependent_counts(user: Reader, establishments: Iterable[Establishment]) -> dict[int, int]:
    """How many enrolled products depend on each, by its id. One query."""
    nodes = current_nodes(user).filter(establishment__in=[site.pk for site in establishments]).order_by()
    return dict(nodes.values_list("establishment").annotate(count=Count("product", distinct=True)))


def stages_at(user: Reader, product: Product, establishments: Iterable[Establishment]) -> dict[int, list[str]]:
    """What each of them does for the product, in the order of supply, by its id. One query."""
    nodes = current_nodes(user).filter(product=product, establishment__in=[site.pk for site in establishments])
    found: dict[int, list[str]] = {}
    for establishment, stage in nodes.order_by().values_list("establishment", "stage"):
        found.setdefault(establishment, []).append(stage)
    order = SupplyNode.Stage.values
    return {
        number: [str(SupplyNode.Stage(stage).label) for stage in sorted(set(stages), key=order.index)]
        for number, stages in found.items()
    }


def _matches(text: str) -> Q:
    """A number or its beginning, a part of the name, or a country by name or code."""
    word = text.lower()
    countries = [code for code, name in NAMES.items() if name.lower().startswith(word)]
    found = Q(name__icontains=text) | Q(country__in=[*countries, text.upper()])
    digits = text.replace(" ", "").replace("-", "")
    if digits.isdecimal():
        here = Q(establishment=OuterRef("pk")) | Q(establishment__merged_into=OuterRef("pk"))
        numbers = EstablishmentIdentifier.objects.filter(here, value__startswith=digits)
        found |= Exists(numbers)
    return found
