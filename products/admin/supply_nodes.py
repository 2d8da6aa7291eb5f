"""Supply nodes beside their product: on every future day the shares of a stage add up to 1."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import F
from django.forms.models import BaseInlineFormSet
from django.utils import timezone

from dscr.access.admin import TIMES, ChildForm
from products.models import SupplyNode
from products.rules.supply_shares import Period, overlap_problems, share_problems


class SupplyNodeForm(ChildForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["share"].error_messages["invalid"] = fraction_wanted(60)

    def clean_share(self) -> float:
        share: float = self.cleaned_data["share"]
        if share > 1:
            raise ValidationError(fraction_wanted(share if 2 <= share <= 100 else 60))
        return share


def fraction_wanted(percent: float) -> str:
    return f"Give the share as a fraction, such as {percent / 100:g} for {percent:g}%."


class SupplyNodeFormSet(BaseInlineFormSet):
    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return  # first things first: a sum of faulty rows would only confuse
        rows = [
            (
                form,
                Period(
                    data["stage"], data["share"], data["valid_from"], data.get("valid_to"), str(data["establishment"])
                ),
            )
            for form, data in ((form, form.cleaned_data) for form in self.forms)
            if data and not data.get("DELETE") and not data.get("voided_at")
        ]
        periods, today = [period for _, period in rows], timezone.localdate()
        overlaps = overlap_problems(periods)
        problems = overlaps or share_problems(periods, today)
        if not overlaps:
            _mark_rows(rows, today)
        if problems:
            raise ValidationError(problems)


def _mark_rows(rows: Sequence[tuple[Any, Period]], today: date) -> None:
    """Beside each share of a stage that does not add up; what ended has no part in it."""
    periods = [period for _, period in rows]
    off = {stage for stage in SupplyNode.Stage if share_problems([p for p in periods if p.stage == stage], today)}
    for form, period in rows:
        if period.stage in off and (period.end is None or period.end > today):
            form.add_error("share", "The shares of this stage do not add up to 1.")


class SupplyNodeInline(admin.StackedInline):
    model = SupplyNode
    form = SupplyNodeForm
    formset = SupplyNodeFormSet
    extra = 0
    # Those that hold now come first, those that ended last.
    ordering = ("stage", F("valid_to").desc(nulls_first=True), "-share")
    autocomplete_fields = ("establishment",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("stage", "establishment"),
                    ("share", "is_qualified", "last_batch_on"),
                    ("valid_from", "valid_to"),
                )
            },
        ),
        (
            "Void instead of deleting",
            {"classes": ("collapse",), "fields": ("voided_at", "void_reason"), "description": TIMES},
        ),
    )
    verbose_name_plural = (
        "supply nodes (on every day the shares of a stage add up to 1; end a node by its last date, then add the next)"
    )

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("establishment")

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)
