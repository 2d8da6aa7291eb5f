"""Copies of products in the database, each with an action of the planner done to it: what the recompute finds of
them owes nothing to the planner's way of changing arrays."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from products.models import Enrolment, KpiSubmission, Product, SupplyNode
from products.services.supply_chain import chain_on
from qmm.models import AREAS, Assessment, Establishment, Inspection
from ratings.planner.changes import Change, Kpi, Level, Move, NewNode, Qualify, Resolve
from ratings.scoring import STAGES, unpack_country
from tests.planner.stored import columns

FIRST = 700_000  # labelers that the demonstration has not


@dataclass
class Rows:
    """Rows to store, in the order in which they refer to each other."""

    sites: list[Establishment] = field(default_factory=list)
    assessments: list[Assessment] = field(default_factory=list)
    inspections: list[Inspection] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)
    enrolments: list[Enrolment] = field(default_factory=list)
    nodes: list[SupplyNode] = field(default_factory=list)
    submissions: list[KpiSubmission] = field(default_factory=list)

    def store(self) -> None:
        for rows in vars(self).values():
            if rows:
                type(rows[0])._default_manager.bulk_create(rows)


class Copier:
    """Reads the products once, and copies each as often as there are actions."""

    def __init__(self, products: Iterable[Product]) -> None:
        ids, self.today, self.rows, self.made = [p.pk for p in products], timezone.localdate(), Rows(), 0
        self.enrolments = {row.product_id: row for row in Enrolment.objects.filter(product__in=ids, withdrawn_on=None)}
        self.submissions = {
            row.product_id: row
            for row in KpiSubmission.objects.filter(
                product__in=ids, attested_at__isnull=False, superseded_at=None, voided_at=None
            ).order_by("quarter_end")
        }
        nodes = SupplyNode.objects.filter(product__in=ids, voided_at=None).select_related("establishment")
        self.nodes = _by(chain_on(nodes, self.today), "product_id")
        sites = {node.establishment_id for found in self.nodes.values() for node in found}
        self.assessments = _by(Assessment.objects.filter(establishment__in=sites, voided_at=None), "establishment_id")
        self.inspections = _by(Inspection.objects.filter(establishment__in=sites, voided_at=None), "establishment_id")

    def copy(self, product: Product, changes: Iterable[Change] = ()) -> Product:
        """Not stored yet: `rows.store()` stores all that were made."""
        ndc = f"{FIRST + self.made // 10_000}-{self.made % 10_000:04}"
        self.made += 1
        copied = _again(product, ndc=ndc, display_ndc=ndc)
        self.rows.products.append(copied)
        self.rows.enrolments.append(_again(self.enrolments[product.pk], product=copied))
        figures = {change.column: change.value for change in changes if isinstance(change, Kpi)}
        self.rows.submissions.append(_again(self.submissions[product.pk], product=copied, **columns(figures)))
        nodes = [_again(node, product=copied) for node in self.nodes[product.pk]]
        for change in changes:
            nodes += self._done(change, nodes, copied)
        self.rows.nodes += nodes
        return copied

    def _done(self, change: Any, nodes: list[SupplyNode], product: Product) -> list[SupplyNode]:
        """Does it to the nodes; returns those that it adds."""
        if isinstance(change, NewNode):
            return [self._new_node(change, product)]
        if isinstance(change, Level | Resolve):
            self._other_site(change, nodes)
        elif isinstance(change, Qualify):
            node = _at(nodes, change.stage, change.establishment)
            node.is_qualified, node.last_batch_on = True, self.today
        elif isinstance(change, Move):
            _at(nodes, change.stage, change.giver).share -= change.share
            if change.taker is not None:
                _at(nodes, change.stage, change.taker).share += change.share
        return []

    def _new_node(self, change: NewNode, product: Product) -> SupplyNode:
        site = Establishment(name="New site", country=unpack_country(change.country) or "")
        self.rows.sites.append(site)
        if change.level > 0:
            self._assess(site, change.level)
        return SupplyNode(
            product=product,
            stage=STAGES[change.stage],
            establishment=site,
            share=change.share,
            is_qualified=change.is_qualified,
            last_batch_on=self.today,
            valid_from=self.today - timedelta(days=1),
        )

    def _other_site(self, change: Level | Resolve, nodes: list[SupplyNode]) -> None:
        """The site's twin takes its place, for the site itself supplies other copies."""
        at_site = [node for node in nodes if node.establishment_id == change.establishment]
        twin = _again(at_site[0].establishment)
        self.rows.sites.append(twin)
        for found in self.assessments[change.establishment]:
            if not (isinstance(change, Level) and found.completed_on == self.today):
                self.rows.assessments.append(_again(found, establishment=twin))
        if isinstance(change, Level):
            self._assess(twin, change.value)
        for seen in self.inspections[change.establishment]:
            resolved = self.today if isinstance(change, Resolve) else seen.resolved_on
            self.rows.inspections.append(_again(seen, establishment=twin, resolved_on=resolved))
        for node in at_site:
            node.establishment = twin

    def _assess(self, site: Establishment, level: float) -> None:
        self.rows.assessments.append(Assessment(establishment=site, completed_on=self.today, **_of_mean(level)))


def _by(rows: Iterable[Any], name: str) -> dict[int, list[Any]]:
    found = defaultdict(list)
    for row in rows:
        found[getattr(row, name)].append(row)
    return found


def _at(nodes: list[SupplyNode], stage: int, site: int) -> SupplyNode:
    return next(node for node in nodes if (node.stage, node.establishment_id) == (STAGES[stage], site))


def _again(row: Any, **changes: Any) -> Any:
    """A new row with the same values but for its key and the changes."""
    there = {item.name for item in row._meta.concrete_fields}
    values = {item.attname: getattr(row, item.attname) for item in row._meta.concrete_fields if not item.primary_key}
    for name in changes:
        values.pop(f"{name}_id", None)
    return type(row)(**values | {name: value for name, value in changes.items() if name in there})


def _of_mean(level: float) -> dict[str, float]:
    """Areas whose mean is that level, which may lie between the thousandths that an area is stored in."""
    thousandths = round(level * 1000 * len(AREAS))
    each, more = divmod(thousandths, len(AREAS))
    return {area: (each + (number < more)) / 1000 for number, area in enumerate(AREAS)}
