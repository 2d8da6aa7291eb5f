"""The drug lists: how well each molecule is covered by rated products, and where their supply concentrates."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Upper
from django.utils import timezone

from dscr.access.scoping import Reader
from products.models import DrugList, DrugListEntry, Enrolment, Product, SupplyNode
from qmm.models import Establishment
from ratings.models import Status
from ratings.queries.explained import SHORT_STAGE_LABELS
from ratings.queries.weakness import WEAKEST_FIRST

TOP = 4  # the two highest bands, High and Very high
TOP_BANDS, LOWER_BANDS, NOT_RATED = "top", "lower", "none"


@dataclass(slots=True)
class MoleculeStanding:
    """A listed molecule over the products that take part; `best` is the highest band, 0 where none is rated."""

    molecule: str
    lists: list[str]
    makers: set[int] = field(default_factory=set)
    enrolled: int = 0
    out_of_scope: int = 0
    rated: int = 0
    best: int = 0

    @property
    def maker_count(self) -> int:
        return len(self.makers)

    @property
    def is_out_of_scope(self) -> bool:
        """Whether the method rates none of the products that take part, since they are combinations."""
        return 0 < self.enrolled == self.out_of_scope

    @property
    def name(self) -> str:
        return self.molecule[:1].upper() + self.molecule[1:].lower()

    @property
    def level(self) -> str:
        return TOP_BANDS if self.best >= TOP else LOWER_BANDS if self.rated else NOT_RATED


@dataclass(frozen=True, slots=True)
class ListCoverage:
    drug_list: DrugList
    molecules: list[MoleculeStanding]

    def count(self, level: str) -> int:
        return sum(molecule.level == level for molecule in self.molecules)


@dataclass(frozen=True, slots=True)
class Coverage:
    """`weakest`: every listed molecule once, no rating first, then the lowest best band and the fewest makers, without
    the `combinations`, which the method does not rate."""

    lists: list[ListCoverage]
    weakest: list[MoleculeStanding]
    combinations: int
    makers: int
    enrolled: int
    oldest_verified_at: datetime | None

    @property
    def molecule_count(self) -> int:
        return len(self.weakest) + self.combinations


def active_enrolments(user: Reader) -> QuerySet[Enrolment]:
    today = timezone.localdate()
    enrolments = Enrolment.objects.for_user(user, "read_published")
    return enrolments.filter(Q(withdrawn_on=None) | Q(withdrawn_on__gt=today), enrolled_on__lte=today)


def listed_molecules() -> QuerySet[DrugListEntry]:
    return DrugListEntry.objects.values(molecule_key=Upper("molecule"))


def coverage(user: Reader) -> Coverage:
    """Three queries: the lists, their entries, and the products that take part."""
    lists = list(DrugList.objects.for_user(user, "read_published"))
    entries = DrugListEntry.objects.filter(drug_list__in=[row.pk for row in lists]).order_by("molecule", "pk")
    rows: dict[str, list[tuple]] = defaultdict(list)
    enrolments = active_enrolments(user).filter(product__molecule__in=listed_molecules())
    for molecule, *row in enrolments.values_list(
        "product__molecule",
        "product__route",
        "organisation_id",
        "product__rating__status",
        "product__rating__band",
        "product__rating__verified_at",
    ):
        rows[molecule.upper()].append(tuple(row))
    names = {row.pk: row.name for row in lists}
    by_list: dict[int, dict[str, MoleculeStanding]] = defaultdict(dict)
    once: dict[str, MoleculeStanding] = {}
    for entry in entries:
        key = entry.molecule.upper()
        fitting = [row for row in rows[key] if not entry.route or row[0].upper() == entry.route.upper()]
        name = names[entry.drug_list_id]
        standing = by_list[entry.drug_list_id].setdefault(key, MoleculeStanding(key, [name]))
        overall = once.setdefault(key, MoleculeStanding(key, []))
        if name not in overall.lists:
            overall.lists.append(name)
        for target in (standing, overall):
            _count(target, fitting)
    every = [row for key in once for row in rows[key]]
    ranked = [item for item in once.values() if not item.is_out_of_scope]
    return Coverage(
        [ListCoverage(row, list(by_list[row.pk].values())) for row in lists],
        sorted(ranked, key=attrgetter(*WEAKEST_FIRST)),
        len(once) - len(ranked),
        len({row[1] for row in every}),
        len(every),
        min((row[4] for row in every if row[4]), default=None),
    )


def _count(standing: MoleculeStanding, rows: list[tuple]) -> None:
    standing.enrolled = max(standing.enrolled, len(rows))
    out_of_scope = sum(status == Status.OUT_OF_SCOPE for _, _, status, *_ in rows)
    standing.out_of_scope = max(standing.out_of_scope, out_of_scope)
    rated = [band for _, _, status, band, _ in rows if status == Status.RATED and band]
    standing.rated = max(standing.rated, len(rated))
    standing.best = max([standing.best, *rated])
    standing.makers |= {organisation for _, organisation, *_ in rows}


def listed_product_count(user: Reader) -> int:
    """Products of the directory whose molecule is on a list, taking part or not."""
    return Product.objects.for_user(user, "read_published").filter(molecule__in=listed_molecules()).count()


@dataclass(frozen=True, slots=True)
class Concentration:
    """An establishment and how many listed molecules and products depend on it; no share is told."""

    establishment: Establishment
    stages: list[str]
    molecules: int
    products: int


def concentration(user: Reader, most: int = 8) -> list[Concentration]:
    """The establishments on which most listed molecules depend; two queries. A backup site is none of them."""
    today = timezone.localdate()
    taking_part = active_enrolments(user).filter(product__molecule__in=listed_molecules())
    counted = (
        SupplyNode.objects.for_user(user, "read_dependence")
        .filter(Q(valid_to=None) | Q(valid_to__gt=today), voided_at=None, valid_from__lte=today, share__gt=0)
        .filter(product__in=taking_part.values("product"))
        .order_by()
        .values("establishment_id")
        .annotate(
            molecules=Count("product__molecule", distinct=True),
            products=Count("product", distinct=True),
            stages=ArrayAgg("stage", distinct=True),
        )
        .order_by("-molecules", "-products", "establishment_id")[:most]
    )
    rows = list(counted)
    sites = Establishment.objects.for_user(user, "read_establishments").in_bulk(
        [row["establishment_id"] for row in rows]
    )
    return [
        Concentration(
            sites[row["establishment_id"]],
            [label for code, label in SHORT_STAGE_LABELS.items() if code in row["stages"]],
            row["molecules"],
            row["products"],
        )
        for row in rows
        if row["establishment_id"] in sites
    ]
