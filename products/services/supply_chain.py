"""Changing who supplies a stage from a day on. What held before stays readable, what is planned later stays planned."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from dscr.access.models import User
from products.models import Product, SupplyNode
from products.rules.supply_shares import adds_up


@dataclass(frozen=True, slots=True)
class Wanted:
    """One establishment's part in a stage. `share` 0 is a backup; qualified only with a batch of the last 36 months."""

    establishment_id: int
    share: float
    is_qualified: bool
    last_batch_on: date | None


class ChainChangedError(Exception):
    """Somebody changed the product's supply chain since the writer saw it."""


class SharesError(ValueError):
    """The shares of a stage do not add up to 1."""


def nodes_of(product: Product) -> list[SupplyNode]:
    """All that were ever given and not voided. One query."""
    rows = SupplyNode.objects.filter(product=product, voided_at=None)
    return list(rows.select_related("establishment").order_by("stage", "valid_from", "-share", "pk"))


def chain_on(nodes: Iterable[SupplyNode], day: date) -> list[SupplyNode]:
    return [node for node in nodes if node.valid_from <= day and (node.valid_to is None or day < node.valid_to)]


def fingerprint(nodes: Iterable[SupplyNode]) -> str:
    """Changes with every change of the chain: what an editor saw, to be compared when it is saved."""
    rows = [
        (node.pk, node.establishment_id, str(node.valid_to), node.share, node.is_qualified, str(node.last_batch_on))
        for node in nodes
    ]
    return hashlib.blake2b(repr(sorted(rows)).encode(), digest_size=12).hexdigest()


def planned_after(nodes: Iterable[SupplyNode], stage: str, day: date) -> date | None:
    """The next day on which the stage changes anyway: what is changed now holds until then."""
    ends = [end for node in nodes if node.stage == stage for end in (node.valid_from, node.valid_to)]
    return min((end for end in ends if end and end > day), default=None)


@transaction.atomic
def chain_change(
    product: Product, *, on: date, wanted: Mapping[str, Sequence[Wanted]], user: User, seen: str | None = None
) -> int:
    """From `on` the stages named in `wanted` are supplied as it says; returns how many nodes began or ended.

    Raises SharesError, or ChainChangedError where `seen` is no longer the chain's fingerprint.
    """
    with connection.cursor() as cursor:  # two people who save at once come one after the other
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('supply_chain'), %s)", [product.pk % 2**31])
        _hold_sites(cursor, product, {row.establishment_id for rows in wanted.values() for row in rows})
    nodes = nodes_of(product)
    if seen is not None and seen != fingerprint(nodes):
        raise ChainChangedError
    touched = 0
    for stage, rows in wanted.items():
        if not adds_up(row.share for row in rows):
            raise SharesError(stage)
        touched += _change_stage(product, stage, on, rows, [node for node in nodes if node.stage == stage], user)
    return touched


def _hold_sites(cursor: CursorWrapper, product: Product, wanted: set[int]) -> None:
    """Waits for a merge of one of these sites and keeps others from beginning; ChainChangedError where one of them was
    merged into another since the writer saw it."""
    cursor.execute(HOLD_SITES, [product.pk, sorted(wanted)])
    if any(merged and pk in wanted for pk, merged in cursor.fetchall()):
        raise ChainChangedError


HOLD_SITES = """
SELECT id, merged_into_id IS NOT NULL FROM qmm_establishment
WHERE id IN (SELECT establishment_id FROM products_supplynode WHERE product_id = %s AND voided_at IS NULL
    UNION SELECT unnest(%s::bigint[]))
ORDER BY id FOR KEY SHARE
"""


def _change_stage(
    product: Product, stage: str, on: date, rows: Sequence[Wanted], nodes: Sequence[SupplyNode], user: User
) -> int:
    holding = {node.establishment_id: node for node in chain_on(nodes, on)}
    until = planned_after(nodes, stage, on)
    kept = {row.establishment_id for row in rows if _is_same(row, holding.get(row.establishment_id))}
    ended = [node for site, node in holding.items() if site not in kept]
    begun = [row for row in rows if row.establishment_id not in kept]
    new = [
        SupplyNode(
            product=product,
            stage=stage,
            establishment_id=row.establishment_id,
            share=row.share,
            is_qualified=row.is_qualified,
            last_batch_on=row.last_batch_on,
            valid_from=on,
            valid_to=until,
        )
        for row in begun
    ]
    for node in ended:
        if until is not None and (node.valid_to is None or node.valid_to > until):
            new.append(_resumed(node, until))
        _end(node, on, user)
    SupplyNode.objects.bulk_create(new)
    return len(new) + len(ended)


def _is_same(row: Wanted, node: SupplyNode | None) -> bool:
    return node is not None and (row.share, row.is_qualified, row.last_batch_on) == (
        node.share,
        node.is_qualified,
        node.last_batch_on,
    )


def _resumed(node: SupplyNode, start: date) -> SupplyNode:
    """The part of a node beyond a planned change of its stage: the plan was made with it."""
    return SupplyNode(
        product_id=node.product_id,
        stage=node.stage,
        establishment_id=node.establishment_id,
        share=node.share,
        is_qualified=node.is_qualified,
        last_batch_on=node.last_batch_on,
        valid_from=start,
        valid_to=node.valid_to,
    )


def _end(node: SupplyNode, on: date, user: User) -> None:
    """A node that began on that very day never held: it is voided, for a period of no day cannot be stored."""
    if node.valid_from < on:
        SupplyNode.objects.filter(pk=node.pk).update(valid_to=on)
        return
    SupplyNode.objects.filter(pk=node.pk).update(
        voided_at=timezone.now(), void_reason=f"Replaced on the day it began, {on}, by {user}"[:300]
    )
