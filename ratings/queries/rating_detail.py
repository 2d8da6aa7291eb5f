"""Everything that a product's rating page shows, read in a known number of queries."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from dscr.access.models import User
from products.models import DrugList, DrugListEntry, Enrolment, Product
from ratings.models import RatingSnapshot, Status
from ratings.queries.explained import Explained, establishment_ids, establishment_names, explain
from ratings.queries.freshness import Freshness, freshness_of, product_list
from ratings.queries.history import HistoryPoint, history, published_snapshots
from ratings.queries.peers import Peers, peers_of

NOT_ENROLLED, CANNOT_BE_COMPUTED = "not_enrolled", "cannot_be_computed"


@dataclass(frozen=True, slots=True)
class RatingDetail:
    product: Product
    standing: str  # a name of models.Status in lower case, or one of the two above
    explained: Explained | None  # the published snapshot
    freshness: Freshness
    enrolment: Enrolment | None  # the latest
    drug_lists: list[DrugList]
    history: list[HistoryPoint]
    peers: Peers

    @property
    def snapshot(self) -> RatingSnapshot | None:
        return self.explained.snapshot if self.explained else None

    @property
    def is_rated(self) -> bool:
        return self.standing == "rated"

    @property
    def last_rated(self) -> HistoryPoint | None:
        return next((point for point in reversed(self.history) if point.score is not None), None)


def rating_detail(user: User | AnonymousUser, ndc: str) -> RatingDetail | None:
    """The page of one product by its canonical NDC; None where it does not exist for this user."""
    product = product_list(user).select_related("rating").filter(ndc=ndc).first()
    if product is None:
        return None
    freshness = freshness_of(product)
    enrolment = (
        Enrolment.objects.filter(product=product, enrolled_on__lte=timezone.localdate())
        .select_related("organisation")
        .order_by("-enrolled_on")
        .first()
    )
    snapshots = published_snapshots(product.pk, freshness.snapshot_id)
    names = establishment_names(establishment_ids(snapshots)) if snapshots else {}
    published = next((row for row in reversed(snapshots) if row.pk == freshness.snapshot_id), None)
    return RatingDetail(
        product=product,
        standing=_standing(freshness, published, enrolment),
        explained=explain(published, names) if published else None,
        freshness=freshness,
        enrolment=enrolment,
        drug_lists=_drug_lists(product),
        history=history(snapshots, names),
        peers=peers_of(user, product),
    )


def _standing(freshness: Freshness, published: RatingSnapshot | None, enrolment: Enrolment | None) -> str:
    if published:
        return Status(published.status).name.lower()
    if freshness.failed_count:
        return CANNOT_BE_COMPUTED
    return Status.NOT_YET_RATED.name.lower() if enrolment else NOT_ENROLLED


def _drug_lists(product: Product) -> list[DrugList]:
    if not product.molecule:
        return []
    entries = DrugListEntry.objects.filter(
        Q(route="") | Q(route__iexact=product.route), drug_list=OuterRef("pk"), molecule__iexact=product.molecule
    )
    return list(DrugList.objects.filter(Exists(entries)).order_by("name"))
