"""Supply nodes beside their product: on every future day the shares of a stage add up to 1."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import F
from django.forms.models import BaseInlineFormSet
from django.utils import timezone

from dscr.access.admin import ChildForm
from products.models import SupplyNode

TOLERANCE = 0.005


@dataclass(frozen=True, slots=True)
class Period:
    """One node's share of its stage in the half-open period [start, end)."""

    stage: str
    share: float
    start: date
    end: date | None
    site: str = ""

    def meets(self, other: "Period") -> bool:
        return (self.end is None or other.start < self.end) and (other.end is None or self.start < other.end)

    def holds_on(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


def share_problems(periods: Sequence[Period], today: date) -> list[str]:
    """One sentence for every stage and date from today on where the sum changes to something other than 1.

    Sums change only where a period begins or ends, so today and those dates are all there is to check. A stage without
    any node on a date is allowed: its supply is then not given.
    """
    labels = dict(SupplyNode.Stage.choices)
    problems = []
    for stage in labels:
        nodes = [period for period in periods if period.stage == stage]
        for day in _boundaries(nodes, today):
            there = [period.share for period in nodes if period.holds_on(day)]
            if there and abs(sum(there) - 1) > TOLERANCE + 1e-9:
                problems.append(
                    f"{labels[stage]}: on {day:%B} {day.day}, {day.year} the shares add up to "
                    f"{sum(there):.3f}, not 1. Change a share or a date so that they do."
                )
    return problems


def overlap_problems(periods: Sequence[Period]) -> list[str]:
    """One sentence for every two rows of one form that put an establishment twice at a stage at one time."""
    labels = dict(SupplyNode.Stage.choices)
    same = (
        (one, other)
        for one, other in combinations(periods, 2)
        if (one.stage, one.site) == (other.stage, other.site) and one.meets(other)
    )
    return [
        f"{labels[one.stage]}: {one.site} stands there twice from {max(one.start, other.start):%Y-%m-%d} on. "
        "End one before the other begins."
        for one, other in same
    ]


def _boundaries(nodes: Iterable[Period], today: date) -> list[date]:
    ahead = {day for node in nodes for day in (node.start, node.end) if day and day > today}
    return [today, *sorted(ahead)]


class SupplyNodeFormSet(BaseInlineFormSet):
    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return  # first things first: a sum of faulty rows would only confuse
        periods = [
            Period(data["stage"], data["share"], data["valid_from"], data.get("valid_to"), str(data["establishment"]))
            for data in (form.cleaned_data for form in self.forms)
            if data and not data.get("DELETE") and not data.get("voided_at")
        ]
        problems = overlap_problems(periods) or share_problems(periods, timezone.localdate())
        if problems:
            raise ValidationError(problems)


class SupplyNodeInline(admin.TabularInline):
    model = SupplyNode
    form = ChildForm
    formset = SupplyNodeFormSet
    extra = 0
    # Those that hold now come first, those that ended last.
    ordering = ("stage", F("valid_to").desc(nulls_first=True), "-share")
    autocomplete_fields = ("establishment",)
    fields = (
        "stage",
        "establishment",
        "share",
        "is_qualified",
        "last_batch_on",
        "valid_from",
        "valid_to",
        "voided_at",
        "void_reason",
    )
    verbose_name_plural = (
        "supply nodes (on every day the shares of a stage add up to 1; end a node by its last date, then add the next)"
    )

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("establishment")

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)
