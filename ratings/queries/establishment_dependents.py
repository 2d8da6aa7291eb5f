"""What depends on an establishment: products and molecules, and where it is the only one."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.utils import timezone

from dscr.access.scoping import Reader, may
from products.models import Product, SupplyNode
from qmm.models import Establishment
from ratings.models import Status
from ratings.queries.establishment_list import current_nodes
from ratings.scoring import available_versions, load_methodology
from ratings.scoring.dates import add_months

PER_PAGE = 25
MOST_MOLECULES = 60


@dataclass(frozen=True, slots=True)
class Role:
    """What the establishment does for one product. `share` is None for readers without figures and for a backup."""

    stage: str
    share: float | None
    is_backup: bool
    is_only: bool


@dataclass(frozen=True, slots=True)
class Dependent:
    product: Product
    roles: list[Role]


@dataclass(frozen=True, slots=True)
class Dependents:
    """`only_count` products have a stage with no other source, or, for readers without figures (`by_sources` false),
    no other establishment given at all. `molecules` are (molecule, products), most products first."""

    by_sources: bool
    product_count: int
    rated_count: int
    molecule_count: int
    only_count: int
    molecules: list[tuple[str, int]]
    rows: list[Dependent]
    page: Page


def dependents_of(user: Reader, establishment: Establishment, number: int | str) -> Dependents:
    """Five queries, whatever the number of products."""
    by_sources = may(user, "read_figures")
    nodes = _with_only(current_nodes(user).filter(establishment=establishment).order_by(), by_sources)
    counts = nodes.aggregate(
        products=Count("product", distinct=True),
        molecules=Count("product__molecule", distinct=True),
        rated=Count("product", filter=Q(product__rating__status=Status.RATED), distinct=True),
        only=Count("product", filter=Q(is_only=True), distinct=True),
    )
    by_molecule = nodes.values("product__molecule").annotate(count=Count("product", distinct=True))
    products = (
        Product.objects.for_user(user, "read_dependence")
        .filter(pk__in=current_nodes(user).filter(establishment=establishment).order_by().values("product"))
        .select_related("rating")
        .order_by("molecule", "ndc")
    )
    paginator = Paginator(products, PER_PAGE)
    paginator.count = counts["products"]  # type: ignore[misc]  # known already
    page = paginator.get_page(number)
    listed = list(page.object_list)
    roles = _roles(nodes.filter(product__in=[product.pk for product in listed]), by_sources)
    return Dependents(
        by_sources=by_sources,
        product_count=counts["products"],
        rated_count=counts["rated"],
        molecule_count=counts["molecules"],
        only_count=counts["only"],
        molecules=[
            (row["product__molecule"], row["count"])
            for row in by_molecule.order_by("-count", "product__molecule")[:MOST_MOLECULES]
        ],
        rows=[Dependent(product, roles.get(product.pk, [])) for product in listed],
        page=page,
    )


def _with_only(nodes: QuerySet[SupplyNode], by_sources: bool) -> QuerySet[SupplyNode]:
    """Each with `is_only`: nobody else supplies its stage."""
    today = timezone.localdate()
    others = SupplyNode.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=today),
        product=OuterRef("product"),
        stage=OuterRef("stage"),
        voided_at__isnull=True,
        valid_from__lte=today,
    ).exclude(establishment=OuterRef("establishment"))
    if not by_sources:
        return nodes.annotate(is_only=~Exists(others))
    months = load_methodology(available_versions()[-1]).validity.qualification_months
    since = add_months([today], -months).astype(object)[0]
    qualified = {"is_qualified": True, "last_batch_on__gte": since, "last_batch_on__lte": today}
    is_source = ExpressionWrapper(Q(**qualified), BooleanField())
    return nodes.annotate(is_source=is_source).annotate(
        is_only=ExpressionWrapper(Q(is_source=True) & ~Exists(others.filter(**qualified)), BooleanField())
    )


def _roles(nodes: QuerySet[SupplyNode], shows_shares: bool) -> dict[int, list[Role]]:
    order: Sequence[str] = SupplyNode.Stage.values
    found: dict[int, list[tuple[int, Role]]] = {}
    for product, stage, share, is_only in nodes.values_list("product", "stage", "share", "is_only"):
        told = share if shows_shares and share else None
        role = Role(str(SupplyNode.Stage(stage).label), told, shows_shares and not share, is_only)
        found.setdefault(product, []).append((order.index(stage), role))
    return {product: [role for _, role in sorted(roles, key=lambda item: item[0])] for product, roles in found.items()}
