"""What a firm discloses, and which organizations looked."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from dscr.access.models import Organisation
from dscr.access.roles import OrganisationKind
from dscr.access.scoping import Reader, may
from dscr.audit.models import AuditEntry
from products.grant_sentences import joined, recipient, things
from products.models import DisclosureGrant, Enrolment, Product
from qmm.models import Establishment

KIND = "disclosure-grant"
LOOKED = ("viewed", "exported")
MOST, MOST_ENDED, MOST_LOOKS = 500, 50, 100  # shown on the page


@dataclass(frozen=True, slots=True)
class Look:
    """One reading through a grant. `person` is for oversight only: a firm learns which organization looked."""

    at: datetime
    organisation: str
    person: str
    what: str


@dataclass(slots=True)
class Disclosures:
    """Grants by what they are today, the newest first."""

    in_force: list[DisclosureGrant] = field(default_factory=list)
    coming: list[DisclosureGrant] = field(default_factory=list)
    ended: list[DisclosureGrant] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)


def grant_list(user: Reader) -> QuerySet[DisclosureGrant]:
    """Those that the reader's firm gave; for oversight those of every firm."""
    rows = DisclosureGrant.objects.for_user(user, "read_grants")
    return rows.select_related("organisation", "grantee", "product", "granted_by", "withdrawn_by")


def disclosures(user: Reader, product: str = "") -> Disclosures:
    """Of one product (its canonical NDC), or of all. Three queries."""
    today = timezone.localdate()
    rows = grant_list(user)
    if product:
        rows = rows.filter(Q(product__ndc=product) | Q(product=None))
    lasting = Q(withdrawn_at=None, valid_to__gt=today)
    found = Disclosures()
    for grant in rows.filter(lasting)[:MOST]:
        (found.in_force if grant.valid_from <= today else found.coming).append(grant)
    found.ended = list(rows.exclude(lasting)[:MOST_ENDED])
    found.looks = looks_at(user, rows)
    return found


def looks_at(user: Reader, grants: QuerySet[DisclosureGrant]) -> list[Look]:
    """Who read through these grants, the newest first: a firm may know it of its own grants, and of nothing else."""
    entries = AuditEntry.objects.filter(kind=KIND, action__in=LOOKED, subject_id__in=grants.order_by().values("pk"))
    tells_person = may(user, "read_audit")
    return [
        Look(at, organisation, person if tells_person else "", f"{'export of ' * (action == 'exported')}{detail}")
        for at, action, organisation, person, detail in entries.order_by("-at", "-pk").values_list(
            "at", "action", "organisation", "user_name", "detail"
        )[:MOST_LOOKS]
    ]


def disclosed_to(user: Reader, product: Product) -> str:
    """For the maker's own product page: all purchasers (fill rate) and Northwind (the supply picture), or nobody."""
    rows = DisclosureGrant.objects.for_user(user, "read_grants").in_force().of_product(product)
    by_recipient: dict[str, list[str]] = {}
    for grant in rows.select_related("grantee").order_by("pk"):
        by_recipient.setdefault(recipient(grant), []).append(things(grant))
    return joined([f"{name} ({'; '.join(dict.fromkeys(said))})" for name, said in by_recipient.items()]) or "nobody"


def products_to_disclose(user: Reader, today: date | None = None) -> QuerySet[Product]:
    """Those that the reader's firm has enrolled today, by name."""
    today = today or timezone.localdate()
    held = Enrolment.objects.for_user(user, "disclose").filter(
        Q(withdrawn_on=None) | Q(withdrawn_on__gt=today), enrolled_on__lte=today
    )
    return Product.objects.filter(pk__in=held.values("product")).order_by("nonproprietary_name", "ndc")


def owns_establishments(user: Reader) -> bool:
    """Whether the reader's organization has levels of its own to disclose. One query."""
    return user.membership is not None and Establishment.objects.filter(owner=user.membership.organisation_id).exists()


def possible_grantees(user: Reader) -> QuerySet[Organisation]:
    """Organizations that buy or coordinate; not one's own."""
    kinds = [OrganisationKind.PURCHASER, OrganisationKind.COORDINATOR]
    own = user.membership.organisation_id if user.membership else None
    return Organisation.objects.filter(kinds__overlap=kinds).exclude(pk=own).order_by("name")
