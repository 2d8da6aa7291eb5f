"""Why an assessment or a qualification ended: it grew too old, was voided, or was taken back."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import cached_property

from django.db.models import BooleanField, CharField, Value
from django.utils import timezone

from products.models import SupplyNode
from qmm.models import Assessment
from ratings.models import RatingSnapshot
from ratings.scoring import load_methodology
from ratings.scoring.dates import add_months

ASSESSMENT = "assessment"
Row = tuple[date, datetime | None, bool]  # assessed or last batch on, voided at, still named as qualified


class Endings:
    """The assessments of a product's establishments and its nodes, read in one query when first asked for."""

    def __init__(self, product_id: int, establishments: Iterable[int]) -> None:
        self.product_id = product_id
        self.establishments = list(establishments)

    @cached_property
    def rows(self) -> dict[tuple[str, int], list[Row]]:
        """By ASSESSMENT or stage and establishment, the oldest first."""
        assessed = Assessment.objects.filter(establishment__in=self.establishments).order_by()
        nodes = SupplyNode.objects.filter(product=self.product_id).order_by()
        kind, flag = Value(ASSESSMENT, CharField()), Value(True, BooleanField())
        found: dict[tuple[str, int], list[Row]] = {}
        for what, establishment, on, voided_at, qualified in assessed.values_list(
            kind, "establishment_id", "completed_on", "voided_at", flag
        ).union(nodes.values_list("stage", "establishment_id", "last_batch_on", "voided_at", "is_qualified"), all=True):
            if on is not None:
                found.setdefault((what, establishment), []).append((on, voided_at, qualified))
        return {key: sorted(rows, key=lambda row: row[0]) for key, rows in found.items()}

    def assessment(self, establishment: int, new: RatingSnapshot) -> str:
        """Why the site counts as not assessed in the new snapshot, such as "expired after 36 months"."""
        months = load_methodology(new.methodology).qmm.valid_months
        then = [row for row in self.rows.get((ASSESSMENT, establishment), []) if row[0] <= new.as_of]
        if not then:
            return "was withdrawn"
        on, voided_at, _ = then[-1]
        if voided_at and timezone.localdate(voided_at) <= max(new.as_of, timezone.localdate(new.computed_at)):
            return "was voided"
        return f"expired after {months} months" if _last_day(on, months) < new.as_of else ""

    def qualification(self, stage: str, establishment: int, new: RatingSnapshot) -> str:
        """Why the site is no qualified source in the new snapshot, "" where the records no longer say."""
        months = load_methodology(new.methodology).validity.qualification_months
        then = [row for row in self.rows.get((stage, establishment), []) if row[0] <= new.as_of]
        if not then:
            return ""
        on, _, is_qualified = then[-1]
        if _last_day(on, months) < new.as_of:
            return f"no batch there for {months} months"
        return "" if is_qualified else "no longer named in the approved application"


def _last_day(on: date, months: int) -> date:
    return add_months([on], months).astype(object)[0]
