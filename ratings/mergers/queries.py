"""What the operator compares: two records side by side, the pairs that wait, and what a merge moved."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When

from dscr.access.models import Membership
from dscr.access.scoping import Reader
from products.models import SupplyNode
from qmm.countries import country_name, place
from qmm.models import (
    Assessment,
    AssessmentCase,
    DuplicatePair,
    Establishment,
    EstablishmentIdentifier,
    EstablishmentMerge,
    Inspection,
)
from ratings.figures import day

# What speaks most for one site comes first.
STRENGTH = ("same_fei", "same_duns", "same_name", "near_name")


@dataclass(frozen=True, slots=True)
class SiteRecord:
    """One record as it is compared."""

    site: Establishment
    fei: str
    duns: list[str]
    assessed: list[Assessment]
    inspected: list[Inspection]
    case: AssessmentCase | None  # the open one
    products: int
    nodes: int

    @property
    def assessments(self) -> list[str]:
        return [f"completed {day(row.completed_on)}" for row in self.assessed]

    @property
    def inspections(self) -> list[str]:
        return [f"{row.classification}, ended {day(row.ended_on)}" for row in self.inspected]

    @property
    def open_case(self) -> str:
        return str(self.case.get_state_display()) if self.case else ""

    @property
    def standing(self) -> str:
        """Who knows it: the register, or one firm in confidence."""
        if self.site.last_seen_on:
            return f"in the register file of {day(self.site.last_seen_on)}"
        return f"given in confidence by {self.site.reported_by}" if self.site.reported_by else "not in a register file"

    @property
    def place(self) -> str:
        country = country_name(self.site.country) if self.site.country else ""
        return place(self.site.address, country) or "no address"


@dataclass(frozen=True, slots=True)
class PairRow:
    pair: DuplicatePair
    first: SiteRecord
    second: SiteRecord
    signals: list[str]

    @property
    def likeness(self) -> int:
        return round(self.pair.likeness * 100)


def pairs_waiting(user: Reader) -> QuerySet[DuplicatePair]:
    """The strongest signs first, then the most alike."""
    standing = {"apart_at": None, "first__merged_into": None, "second__merged_into": None}
    order = [When(signals__contains=[signal], then=Value(place)) for place, signal in enumerate(STRENGTH)]
    rows = DuplicatePair.objects.for_user(user, "read_merges").filter(**standing)
    return rows.annotate(strength=Case(*order, default=Value(9), output_field=IntegerField())).order_by(
        "strength", "-likeness", "pk"
    )


def pairs_apart(user: Reader) -> QuerySet[DuplicatePair]:
    rows = DuplicatePair.objects.for_user(user, "read_merges").filter(apart_at__isnull=False)
    return rows.select_related("first", "second", "apart_by").order_by("-apart_at")


def pair_rows(pairs: Sequence[DuplicatePair]) -> list[PairRow]:
    """Six queries, whatever their number."""
    records = site_records({pk for pair in pairs for pk in (pair.first_id, pair.second_id)})
    labels = dict(DuplicatePair.Signal.choices)
    return [
        PairRow(pair, records[pair.first_id], records[pair.second_id], [str(labels[code]) for code in pair.signals])
        for pair in pairs
    ]


def site_records(ids: Iterable[int]) -> dict[int, SiteRecord]:
    ids = list(ids)
    sites = Establishment.objects.select_related("owner", "reported_by").in_bulk(ids)
    numbers = _by_site(EstablishmentIdentifier.objects.filter(establishment__in=ids).order_by("value"))
    assessed = _by_site(Assessment.objects.filter(establishment__in=ids, voided_at=None))
    inspected = _by_site(Inspection.objects.filter(establishment__in=ids, voided_at=None))
    cases = _by_site(AssessmentCase.objects.filter(establishment__in=ids, closed_on=None))
    nodes = SupplyNode.objects.filter(establishment__in=ids, voided_at=None).order_by()
    counts = {
        site: (products, count)
        for site, products, count in nodes.values_list("establishment").annotate(
            products=Count("product", distinct=True), count=Count("pk")
        )
    }
    return {
        pk: SiteRecord(
            site=site,
            fei=next((row.value for row in numbers.get(pk, []) if row.scheme == "fei"), ""),
            duns=[row.value for row in numbers.get(pk, []) if row.scheme == "duns"],
            assessed=assessed.get(pk, []),
            inspected=inspected.get(pk, []),
            case=next(iter(cases.get(pk, [])), None),
            products=counts.get(pk, (0, 0))[0],
            nodes=counts.get(pk, (0, 0))[1],
        )
        for pk, site in sites.items()
    }


def _by_site(rows: QuerySet) -> dict[int, list]:
    found: dict[int, list] = {}
    for row in rows:
        found.setdefault(row.establishment_id, []).append(row)
    return found


def merge_list(user: Reader) -> QuerySet[EstablishmentMerge]:
    rows = EstablishmentMerge.objects.for_user(user, "read_merges")
    return rows.select_related("stays", "goes", "merged_by", "undone_by")


def merges_of(user: Reader, site: Establishment) -> list[EstablishmentMerge]:
    """Those by which another record was joined to this one, undone or not, and those of this one into another."""
    return list(merge_list(user).filter(touching(site.pk)))


def touching(site: int) -> Q:
    return Q(stays=site) | Q(goes=site)


def assessors_of(*sites: Establishment) -> list[str]:
    """People who are assigned to a case of one of them, and will read what is known of the site that stays."""
    held = Membership.objects.filter(
        case_assignments__case__establishment__in=sites, case_assignments__ended_on=None
    ).annotate(firm=F("organisation__name"))
    return sorted({f"{row.user} ({row.firm})" for row in held.select_related("user")})
