"""One change of an establishment, for many products that it supplies: all of them or none."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Protocol

from django.db import transaction

from dscr.access.models import User
from products.models import SupplyNode
from products.services.supply_chain import Wanted, chain_change, chain_on, nodes_of
from qmm.models import Establishment


class SiteChange(Protocol):
    """Turns the establishment's part in a stage into what it shall be; None takes it out."""

    def __call__(self, part: Wanted) -> Wanted | None: ...


def qualified_by(batch_on: date) -> SiteChange:
    return lambda part: replace(part, is_qualified=True, last_batch_on=batch_on)


def no_longer_qualified() -> SiteChange:
    return lambda part: replace(part, is_qualified=False)


def replaced_by(other: Establishment) -> SiteChange:
    """The other one takes over the share; its qualification has to be given anew."""
    return lambda part: Wanted(other.pk, part.share, False, None)


def as_it_is() -> SiteChange:
    return lambda part: part


@transaction.atomic
def site_change(
    nodes: Sequence[SupplyNode], *, change: SiteChange, on: date, user: User, added: Wanted | None = None
) -> int:
    """From `on`, for the stages of these nodes; returns how many products changed. Two parts of one establishment at
    one stage, as after a replacement by a site that is there already, become one. `added` joins each stage where
    its establishment has no part yet."""
    changed = 0
    for product in {node.product_id: node.product for node in nodes}.values():
        holding = chain_on(nodes_of(product), on)
        wanted = {}
        for node in (node for node in nodes if node.product_id == product.pk):
            parts: dict[int, Wanted] = {}
            for held in (held for held in holding if held.stage == node.stage):
                part = Wanted(held.establishment_id, held.share, held.is_qualified, held.last_batch_on)
                new = change(part) if held.establishment_id == node.establishment_id else part
                if new is not None:
                    parts[new.establishment_id] = _joined(parts.get(new.establishment_id), new)
            if added:
                parts.setdefault(added.establishment_id, added)
            wanted[node.stage] = list(parts.values())
        changed += bool(chain_change(product, on=on, wanted=wanted, user=user))
    return changed


def _joined(one: Wanted | None, other: Wanted) -> Wanted:
    if one is None:
        return other
    known = one if one.last_batch_on else other
    return replace(known, share=min(1.0, one.share + other.share))
