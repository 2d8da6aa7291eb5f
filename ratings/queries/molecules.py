"""Molecules: how well the NDCs that may replace each other are rated, by how many makers, and what is short."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, median

from django.db.models import Count, FilteredRelation, Max, Q, QuerySet
from django.db.models.functions import Coalesce, Upper
from django.utils import timezone

from dscr.access.scoping import Reader
from products.models import DrugList, DrugListEntry, Enrolment, Product, Shortage
from products.queries.product_names import names_with
from ratings.models import Status
from ratings.queries.current_shortages import current_shortages
from ratings.queries.limits import limits_in, with_limits
from ratings.queries.list_parts import count_up_to
from ratings.queries.rating_list import called, typed
from ratings.queries.under_review import with_reviews
from ratings.queries.weakness import WEAKEST_FIRST

BANDS = range(1, 6)
NAMED = 60  # not enrolled ones on a molecule's page; the list of NDCs has them all
CONTRIBUTING = 5  # organisations, below which no statistic over peers is given


@dataclass(frozen=True, slots=True)
class MoleculeRow:
    """`bands`: how many rated NDCs each band has, from 1 to 5; `makers`: independent organisations enrolled today."""

    molecule: str
    ndcs: int
    enrolled: int
    rated: int
    makers: int
    in_shortage: int
    bands: tuple[int, ...]

    @property
    def best(self) -> int:
        return max((band for band, count in zip(BANDS, self.bands, strict=True) if count), default=0)

    @property
    def worst(self) -> int:
        return min((band for band, count in zip(BANDS, self.bands, strict=True) if count), default=0)


def enrolled_today() -> Q:
    today = timezone.localdate()
    return Q(enrolments__enrolled_on__lte=today) & (
        Q(enrolments__withdrawn_on=None) | Q(enrolments__withdrawn_on__gt=today)
    )


def molecule_names(user: Reader, text: str = "", drug_list: DrugList | None = None) -> QuerySet[Product]:
    """Products whose molecules are asked for, in no order: by a part of a name, and on a list."""
    rows = Product.objects.for_user(user, "read_published").exclude(molecule="")
    text = typed(text)
    if text:
        named = called(names_with([text])[text], text, ["nonproprietary_name", "proprietary_name"])
        rows = rows.filter(named | Q(molecule=text.upper()))
    if drug_list:
        entries = DrugListEntry.objects.filter(drug_list=drug_list).annotate(written=Upper("molecule"))
        rows = rows.filter(molecule__in=entries.values("written"))
    return rows


def molecule_list(rows: QuerySet[Product], sort: str, start: int, size: int) -> tuple[list[MoleculeRow], int]:
    """(a page of molecules, how many there are up to list_parts.COUNTED).

    sort "name", or "weakest": enrolled ones as weakness.WEAKEST_FIRST says. A molecule that nobody enrolled, or that
    the method does not rate yet, is neither weak nor strong and comes after them.
    """
    names = rows.order_by().values("molecule").distinct()
    if sort == "name":
        ordered = names.order_by("molecule")
        page = list(ordered.values_list("molecule", flat=True)[start : start + size])
    else:
        best = Coalesce(Max("rating__band"), 0)
        held = rows.annotate(held=FilteredRelation("enrolments", condition=enrolled_today()))
        in_scope = Count("held", filter=~Q(rating__status=Status.OUT_OF_SCOPE))
        heads = held.filter(rating__isnull=False).order_by().values("molecule")
        grouped = heads.annotate(in_scope=in_scope).filter(in_scope__gt=0)
        ordered = grouped.annotate(
            best=best, rated=Count("rating__band"), maker_count=Count("held__organisation", distinct=True)
        ).order_by(*WEAKEST_FIRST)
        page = list(ordered.values_list("molecule", flat=True)[start : start + size])
        if len(page) < size:
            before = start + len(page) if page or not start else grouped.distinct().count()
            rest = names.exclude(molecule__in=grouped.values("molecule")).order_by("molecule")
            first = max(0, start - before)
            page += rest.values_list("molecule", flat=True)[first : first + size - len(page)]
    found = {row.molecule: row for row in molecule_rows(page)}
    return [found[name] for name in page if name in found], count_up_to(names)


def molecule_rows(names: Sequence[str]) -> list[MoleculeRow]:
    """One query for a page of molecules. A product has one enrolment at a time, so joining it counts none twice."""
    short = current_shortages().values("product_ndc")
    grouped = (
        Product.objects.filter(molecule__in=names)
        .annotate(held=FilteredRelation("enrolments", condition=enrolled_today()))
        .order_by()
        .values("molecule")
        .annotate(
            ndcs=Count("pk"),
            enrolled=Count("held"),
            makers=Count("held__organisation", distinct=True),
            rated=Count("rating__band"),
            in_shortage=Count("pk", filter=Q(ndc__in=short)),
            **{f"band_{band}": Count("pk", filter=Q(rating__band=band)) for band in BANDS},
        )
    )
    return [
        MoleculeRow(
            row["molecule"],
            row["ndcs"],
            row["enrolled"],
            row["rated"],
            row["makers"],
            row["in_shortage"],
            tuple(row[f"band_{band}"] for band in BANDS),
        )
        for row in grouped
    ]


@dataclass(frozen=True, slots=True)
class MoleculeDetail:
    """Enrolled and withdrawn NDCs by score, best first, each with its `limits`; `not_enrolled`: the first of
    `not_enrolled_count`."""

    row: MoleculeRow
    enrolled: list[Product]
    not_enrolled: list[Product]
    not_enrolled_count: int
    makers: dict[int, str]
    rated_makers: int
    shortages: list[Shortage]
    drug_lists: list[DrugList]

    @property
    def rated(self) -> list[Product]:
        return [product for product in self.enrolled if product.rating.status == Status.RATED]

    @property
    def withdrawn_count(self) -> int:
        return sum(product.rating.status == Status.WITHDRAWN for product in self.enrolled)

    @property
    def is_combination(self) -> bool:
        """Whether the method rates none of the enrolled NDCs, since they have several active ingredients."""
        return {product.rating.status for product in self.enrolled} - {Status.WITHDRAWN} == {Status.OUT_OF_SCOPE}

    @property
    def statistics(self) -> tuple[float, float] | None:
        """(mean, median) of the scores; None where so few contribute that a maker could work out another's."""
        scores = [product.rating.score for product in self.rated]
        return (mean(scores), median(scores)) if self.rated_makers >= CONTRIBUTING else None


def molecule_detail(user: Reader, molecule: str) -> MoleculeDetail | None:
    """Seven queries; None where no NDC of that molecule exists for this user."""
    same = Product.objects.for_user(user, "read_published").filter(molecule=molecule)
    rows = molecule_rows([molecule]) if same.exists() else []
    if not rows:
        return None
    enrolled = list(with_reviews(with_limits(same.filter(rating__isnull=False).select_related("rating"))))
    for product in enrolled:
        product.limits = limits_in(product)
    enrolled.sort(key=lambda product: (-(product.rating.score or -1), product.ndc))
    rest = same.filter(rating__isnull=True).order_by("labeler_name", "ndc")
    listed = list(rest[: NAMED + 1])
    held = Enrolment.objects.filter(
        Q(withdrawn_on=None) | Q(withdrawn_on__gt=timezone.localdate()),
        enrolled_on__lte=timezone.localdate(),
        product__molecule=molecule,
    ).values_list("product_id", "organisation_id", "organisation__name")
    makers: dict[int, str] = {}
    rated = {product.pk for product in enrolled if product.rating.status == Status.RATED}
    rated_makers = set()
    for product_id, organisation, name in held:
        makers[organisation] = name
        if product_id in rated:
            rated_makers.add(organisation)
    shortages = current_shortages().filter(product_ndc__in=same.values("ndc")).order_by("posted_on", "package_ndc")
    return MoleculeDetail(
        row=rows[0],
        enrolled=enrolled,
        not_enrolled=listed[:NAMED],
        not_enrolled_count=rows[0].ndcs - len(enrolled),
        makers=makers,
        rated_makers=len(rated_makers),
        shortages=list(shortages),
        drug_lists=list(DrugList.objects.filter(entries__molecule__iexact=molecule).distinct().order_by("name")),
    )
