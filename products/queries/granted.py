"""What was disclosed to a reader of one product: by whom, which things, and until when."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from dscr.access.scoping import Reader, may
from products.models import DisclosureGrant, Enrolment, KpiSubmission, Product, SupplyNode


@dataclass(frozen=True, slots=True)
class Granted:
    """All grants in force that the reader has for one product; they are of one firm, which has it enrolled today.

    Of each thing the last day on which it is disclosed; None, or no key, where it is not.
    """

    grants: tuple[DisclosureGrant, ...]
    kpis: dict[str, date] = field(default_factory=dict)
    supply: date | None = None
    maturity: date | None = None

    @property
    def firm(self) -> str:
        return self.grants[0].organisation.name

    @property
    def organisation_id(self) -> int:
        return self.grants[0].organisation_id


def grants_for(user: Reader, product: Product) -> Granted | None:
    """One query, and none for who does not read by grants."""
    if not may(user, "read_granted"):
        return None
    rows = DisclosureGrant.objects.for_user(user, "read_granted").in_force().of_product(product)
    grants = tuple(rows.select_related("organisation", "grantee", "product").order_by("pk"))
    return granted_by(grants) if grants else None


def granted_by(grants: tuple[DisclosureGrant, ...]) -> Granted:
    """Taken together: a thing that several grants show is shown until the last of them ends."""
    kpis: dict[str, date] = {}
    for grant in grants:
        for code in grant.kpis:
            kpis[code] = max(kpis.get(code, date.min), grant.last_day)
    return Granted(
        grants,
        kpis,
        _last(grant for grant in grants if grant.shows_supply),
        _last(grant for grant in grants if grant.shows_maturity),
    )


def _last(grants: Iterable[DisclosureGrant]) -> date | None:
    return max((grant.last_day for grant in grants), default=None)


def grants_received(user: Reader) -> QuerySet[DisclosureGrant]:
    """In force for the reader, of products that the granting firm has enrolled today. What ends first comes first."""
    today = timezone.localdate()
    enrolled = Enrolment.objects.filter(
        Q(withdrawn_on=None) | Q(withdrawn_on__gt=today),
        product=OuterRef("product"),
        organisation=OuterRef("organisation"),
        enrolled_on__lte=today,
    )
    rows = DisclosureGrant.objects.for_user(user, "read_granted").in_force(today)
    rows = rows.filter(Q(product=None) | Exists(enrolled)).select_related("organisation", "product")
    return rows.order_by("valid_to", "product__nonproprietary_name", "pk")


def with_grants(products: QuerySet[Product], user: Reader) -> QuerySet[Product]:
    """Adds `grant_ids`, those in force for the reader, where the reader reads by grants: no query more."""
    if not may(user, "read_granted"):
        return products
    rows = DisclosureGrant.objects.for_user(user, "read_granted").in_force().of_product(OuterRef("pk"))
    return products.annotate(grant_ids=ArraySubquery(rows.order_by("pk").values("pk")))


def own_part(granted: Granted, product: Product, since: date) -> Granted:
    """Of a product that another firm had enrolled before `since`: without what that firm reported and still counts,
    for a firm gives away only what is its own. Two queries."""
    if granted.kpis and not firm_attested(product.pk, granted.organisation_id, since):
        granted = replace(granted, kpis={})
    nodes = SupplyNode.objects.filter(product=product, voided_at=None, valid_from__lt=since)
    if granted.supply and nodes.filter(Q(valid_to=None) | Q(valid_to__gt=timezone.localdate())).exists():
        granted = replace(granted, supply=None)
    return granted


def firm_attested(product_id: int, organisation_id: int, since: date) -> bool:
    """Whether the newest figures are the firm's: attested since its enrollment, and by one of its people."""
    newest = (
        KpiSubmission.objects.filter(product=product_id, attested_at__isnull=False, superseded_at=None, voided_at=None)
        .order_by("-quarter_end", "-pk")
        .values_list("attested_at", "attested_by__memberships__organisation")
    )
    rows = list(newest[:20])
    if not rows or timezone.localdate(rows[0][0]) < since:
        return False
    firms = {firm for attested_at, firm in rows if attested_at == rows[0][0]}
    return firms == {None} or organisation_id in firms
