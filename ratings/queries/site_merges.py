"""Records of establishments that were merged between two results of a product: one site, not one that came or went."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from qmm.models import EstablishmentMerge
from ratings.models import RatingSnapshot
from ratings.queries.explained import establishment_ids


@dataclass(frozen=True, slots=True)
class Joined:
    """`goes` leads to `stays` since; or, `is_undone`, stands for itself again."""

    goes: int
    stays: int
    is_undone: bool = False


class SiteMerges:
    """Those of the establishments of some snapshots, read in one query when two of them first name different sites."""

    def __init__(self, snapshots: Iterable[RatingSnapshot]) -> None:
        self.snapshots = list(snapshots)

    @cached_property
    def rows(self) -> list[tuple[int, int, datetime, datetime | None]]:
        rows = EstablishmentMerge.objects.filter(goes__in=establishment_ids(self.snapshots)).order_by("pk")
        return list(rows.values_list("goes_id", "stays_id", "merged_at", "undone_at"))

    def between(self, old: RatingSnapshot, new: RatingSnapshot) -> list[Joined]:
        before, after = establishment_ids([old]), establishment_ids([new])
        if before == after:
            return []
        found = {}
        for goes, stays, merged_at, undone_at in self.rows:
            if goes in before - after and stays in after and merged_at <= new.computed_at:
                found[goes] = Joined(goes, stays)
            elif goes in after - before and stays in before and undone_at and undone_at <= new.computed_at:
                found[goes] = Joined(goes, stays, is_undone=True)
        return list(found.values())
