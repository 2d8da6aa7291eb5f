"""A merge and its undoing, each one transaction. Marks are left by the inputs' own triggers."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from dscr.access.models import User
from products.drug_names import drug_name
from products.models import Product
from products.services.establishment_merge import NodePlan, node_plan, nodes_merge, nodes_unmerge, products_at
from qmm.models import Establishment, EstablishmentMerge
from qmm.services.establishment_merge import (
    MergeRefusedError,
    Moved,
    merge_problems,
    pair_lock,
    records_merge,
    records_unmerge,
)
from ratings.kick import kick_on_commit
from ratings.loaders import NoMethodologyError, load
from ratings.mergers.plans import plans_rename
from ratings.queries.figures_effect import Effect, Given, effects_between

MOST_SCORED = 2_000  # products whose scores a preview compares


class PairChangedError(Exception):
    """Something that would move changed since the operator saw it."""


@dataclass(frozen=True, slots=True)
class MergePreview:
    """What a merge would do, found by doing it and taking it back. `effects` is None where no method is in force;
    `product_count` may be more than are scored. `seen` identifies all of it."""

    stays: Establishment
    goes: Establishment
    problems: list[str]
    moved: Moved = field(default_factory=dict)
    nodes: NodePlan = field(default_factory=lambda: NodePlan([], []))
    product_count: int = 0
    effects: list[Effect] | None = None
    seen: str = ""


def merge_preview(stays_id: int, goes_id: int) -> MergePreview:
    """Establishment.DoesNotExist where one of them is not there."""
    with transaction.atomic():
        stays, goes = pair_lock(stays_id, goes_id)
        if problems := merge_problems(stays, goes):
            return MergePreview(stays, goes, problems)
        products = products_at(stays, goes)
        rows = _called(products[:MOST_SCORED])
        plan = node_plan(stays, goes)
        now = _loaded(rows)
        moved = _move(stays, goes)
        then = _loaded(rows)
        effects = effects_between(rows, now, then, timezone.localdate()) if now and then else None
        transaction.set_rollback(True)
    stays, goes = (
        Establishment.objects.select_related("owner", "reported_by").get(pk=pk) for pk in (stays_id, goes_id)
    )
    return MergePreview(stays, goes, [], moved, plan, len(products), effects, _seen(stays_id, goes_id, moved))


def establishments_merge(stays_id: int, goes_id: int, *, reason: str, user: User, seen: str = "") -> EstablishmentMerge:
    """Raises MergeRefusedError with the reasons, PairChangedError where `seen` is no longer what would move, or
    Establishment.DoesNotExist."""
    with transaction.atomic():
        stays, goes = pair_lock(stays_id, goes_id)
        if problems := merge_problems(stays, goes):
            raise MergeRefusedError(problems)
        moved = _move(stays, goes)
        if seen and seen != _seen(stays_id, goes_id, moved):
            raise PairChangedError
        merge = EstablishmentMerge.objects.create(stays=stays, goes=goes, moved=moved, reason=reason, merged_by=user)
        kick_on_commit()
    return merge


def merge_undo(merge: EstablishmentMerge, *, reason: str, user: User) -> None:
    """Restores exactly what the record says was moved. Raises MergeRefusedError, and changes nothing then."""
    with transaction.atomic():
        stays, goes = pair_lock(merge.stays_id, merge.goes_id)
        merge = EstablishmentMerge.objects.select_for_update().get(pk=merge.pk)
        if merge.undone_at:
            raise MergeRefusedError(["It was undone already."])
        problems = records_unmerge(merge, stays, goes)
        problems = problems or nodes_unmerge(merge.moved["nodes"], stays, goes)
        if problems:
            raise MergeRefusedError(problems)
        plans_rename(stays.pk, goes.pk, merge.moved["plans"])
        EstablishmentMerge.objects.filter(pk=merge.pk).update(
            undone_at=timezone.now(), undone_by=user, undone_reason=reason
        )
        kick_on_commit()


def _move(stays: Establishment, goes: Establishment) -> Moved:
    """Nodes before the records: once a record leads to another, no row may name it."""
    nodes = nodes_merge(stays, goes)
    plans = plans_rename(goes.pk, stays.pk)
    return {**records_merge(stays, goes), "nodes": nodes, "plans": plans}


def _seen(stays: int, goes: int, moved: Mapping[str, Any]) -> str:
    """Nodes that are made get a new number with every try."""
    made = [{name: value for name, value in state.items() if name != "id"} for state in moved["nodes"]["made"]]
    told = {**moved, "nodes": {**moved["nodes"], "made": made}}
    text = json.dumps([stays, goes, told], sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def _called(ids: list[int]) -> dict[int, Given]:
    rows = Product.objects.filter(pk__in=ids).values_list(
        "pk", "display_ndc", "nonproprietary_name", "proprietary_name"
    )
    today = timezone.localdate()
    return {pk: Given(pk, ndc, drug_name(generic or brand), today, None) for pk, ndc, generic, brand in rows}


def _loaded(rows: Mapping[int, Given]) -> Any:
    try:
        with connection.cursor() as cursor:
            return load(cursor, sorted(rows), timezone.localdate())
    except NoMethodologyError:
        return None
