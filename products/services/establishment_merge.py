"""The supply nodes of two records of one establishment, put together over time, and taken apart again.

Where only the record that goes has a node of a product's stage, the node moves. Where both have one on the same days,
the site's share is what both have together: new nodes take their place, cut where one of them began or ended.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from products.models import Product, SupplyNode
from products.services.supply_chain import chain_on
from qmm.models import Establishment

State = dict[str, Any]  # of a node, as the merge's record keeps it


@dataclass(frozen=True, slots=True)
class Joint:
    """Nodes of one product's stage that overlap, and the unsaved ones that take their place."""

    before: list[SupplyNode]
    after: list[SupplyNode]


@dataclass(frozen=True, slots=True)
class NodePlan:
    moving: list[SupplyNode]
    joints: list[Joint]


def node_plan(stays: Establishment, goes: Establishment) -> NodePlan:
    """One query. Voided nodes stay where they were."""
    rows = SupplyNode.objects.filter(establishment__in=[stays, goes], voided_at=None).select_related("product")
    by_stage: dict[tuple[int, str], list[SupplyNode]] = defaultdict(list)
    for node in rows.order_by("product__ndc", "stage", "valid_from", "pk"):
        by_stage[node.product_id, node.stage].append(node)
    plan = NodePlan([], [])
    for nodes in by_stage.values():
        for group in _overlapping(nodes):
            if len(group) > 1:
                plan.joints.append(Joint(group, _joined(group, stays)))
            elif group[0].establishment_id == goes.pk:
                plan.moving.append(group[0])
    return plan


def _overlapping(nodes: Sequence[SupplyNode]) -> list[list[SupplyNode]]:
    """Groups that touch on some day, in order of their beginning."""
    groups: list[list[SupplyNode]] = []
    until: date | None = date.min
    for node in nodes:
        if until is None or node.valid_from < until:
            groups[-1].append(node)
        else:
            groups.append([node])
            until = date.min
        until = None if until is None or node.valid_to is None else max(until, node.valid_to)
    return groups


def _joined(group: Sequence[SupplyNode], stays: Establishment) -> list[SupplyNode]:
    days = sorted({day for node in group for day in (node.valid_from, node.valid_to) if day})
    spans: list[tuple[date, date | None]] = [*pairwise(days)]
    if any(node.valid_to is None for node in group):
        spans.append((days[-1], None))
    made: list[SupplyNode] = []
    for start, end in spans:
        node = _together(chain_on(group, start), stays, start, end)
        if made and made[-1].valid_to == start and _facts(made[-1]) == _facts(node):
            made[-1].valid_to = end
        else:
            made.append(node)
    return made


def _together(parts: Sequence[SupplyNode], stays: Establishment, start: date, end: date | None) -> SupplyNode:
    """One site: it has both shares, is qualified if either record is, and made the later of the batches."""
    first = parts[0]
    return SupplyNode(
        product=first.product,
        stage=first.stage,
        establishment=stays,
        share=min(1.0, round(sum(part.share for part in parts), 12)),
        is_qualified=any(part.is_qualified for part in parts),
        last_batch_on=max((part.last_batch_on for part in parts if part.last_batch_on), default=None),
        valid_from=start,
        valid_to=end,
    )


def _facts(node: SupplyNode) -> tuple[Any, ...]:
    return node.share, node.is_qualified, node.last_batch_on


def products_at(*sites: Establishment) -> list[int]:
    """The products that any of them supplies, supplied or is going to supply, in order."""
    rows = SupplyNode.objects.filter(establishment__in=sites, voided_at=None).order_by("product")
    return list(rows.values_list("product", flat=True).distinct())


def nodes_merge(stays: Establishment, goes: Establishment) -> dict[str, list[State]]:
    """Carries out the plan, in the caller's transaction. Both establishments must be locked.

    Returns the states of the nodes that moved, that were replaced, and that were made in their place.
    """
    plan = node_plan(stays, goes)
    replaced = [node for joint in plan.joints for node in joint.before]
    made = [node for joint in plan.joints for node in joint.after]
    SupplyNode.objects.filter(pk__in=[node.pk for node in replaced]).update(
        voided_at=timezone.now(), void_reason=f"Merged: {goes} (establishment {goes.pk}) is the same site"[:300]
    )
    SupplyNode.objects.filter(pk__in=[node.pk for node in plan.moving]).update(establishment=stays)
    SupplyNode.objects.bulk_create(made)
    return {"moved": _states(plan.moving), "replaced": _states(replaced), "made": _states(made)}


def nodes_unmerge(kept: dict[str, list[State]], stays: Establishment, goes: Establishment) -> list[str]:
    """Puts every node back; returns why it cannot, having changed nothing then."""
    known = {state["id"] for states in kept.values() for state in states}
    now = {node.pk: node for node in SupplyNode.objects.filter(pk__in=known)}
    changed = {
        (state["product"], state["stage"])
        for kind, states in kept.items()
        for state in states
        if not _is_as_kept(state, now.get(state["id"]), kind, stays)
    }
    if changed:
        return _said(changed)
    try:
        with transaction.atomic():
            SupplyNode.objects.filter(pk__in=_keys(kept["made"])).update(
                voided_at=timezone.now(),
                void_reason=f"The merge with {goes} (establishment {goes.pk}) was undone"[:300],
            )
            SupplyNode.objects.filter(pk__in=_keys(kept["moved"])).update(establishment=goes)
            SupplyNode.objects.filter(pk__in=_keys(kept["replaced"])).update(voided_at=None, void_reason="")
    except IntegrityError:
        return ["New supply nodes of the site stand where the old ones would come back. End or void them first."]
    return []


def _is_as_kept(state: State, node: SupplyNode | None, kind: str, stays: Establishment) -> bool:
    if node is None or _state(node) != state:
        return False
    return (
        node.voided_at is not None
        if kind == "replaced"
        else node.voided_at is None and node.establishment_id == stays.pk
    )


def _said(changed: Iterable[tuple[int, str]]) -> list[str]:
    ndcs = dict(Product.objects.filter(pk__in={pk for pk, _ in changed}).values_list("pk", "display_ndc"))
    said = sorted((ndcs.get(pk, str(pk)), str(SupplyNode.Stage(stage).label)) for pk, stage in changed)
    return [
        f"NDC {ndc}, {stage[0].lower() + stage[1:]}: its supply nodes were changed since the merge. Correct the supply "
        "chain by hand instead."
        for ndc, stage in said
    ]


def _keys(states: Iterable[State]) -> list[int]:
    return [state["id"] for state in states]


def _states(nodes: Iterable[SupplyNode]) -> list[State]:
    return [_state(node) for node in nodes]


def _state(node: SupplyNode) -> State:
    """Without the establishment, which is what moves, and without whether it is voided."""
    return {
        "id": node.pk,
        "product": node.product_id,
        "stage": node.stage,
        "share": node.share,
        "qualified": node.is_qualified,
        "batch": node.last_batch_on and node.last_batch_on.isoformat(),
        "from": node.valid_from.isoformat(),
        "to": node.valid_to and node.valid_to.isoformat(),
    }
