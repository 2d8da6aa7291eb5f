"""KPI submissions. What was attested stays as it was signed: it is voided with a reason, and the firm attests anew."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from dscr.access.admin import TIMES, CarefulAdmin
from products.models import KpiSubmission


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> tuple[tuple[str, str], ...]:
        return (
            ("counts", "Attested, counts"),
            ("draft", "Draft"),
            ("superseded", "Superseded"),
            ("voided", "Voided"),
        )

    def queryset(self, request: HttpRequest, queryset: QuerySet[KpiSubmission]) -> QuerySet[KpiSubmission]:
        wanted = {
            "counts": {"attested_at__isnull": False, "superseded_at__isnull": True, "voided_at__isnull": True},
            "draft": {"attested_at__isnull": True},
            "superseded": {"superseded_at__isnull": False},
            "voided": {"voided_at__isnull": False},
        }
        return queryset.filter(**wanted.get(self.value() or "", {}))


def fields_starting(*beginnings: str) -> tuple[str, ...]:
    """The model's fields whose names begin so, in the model's order; a pair of counts on one line."""
    names = [field.name for field in KpiSubmission._meta.fields if field.name.startswith(beginnings)]
    lines: list[Any] = []
    for name in names:
        if name.endswith("_denominator"):
            lines[-1] = (lines[-1], name)
        else:
            lines.append(name)
    return tuple(lines)


VOIDING = ("voided_at", "void_reason")
DESCRIPTION = (
    "An empty figure means: not disclosed. What was attested is not edited here: void it with a reason, and the firm "
    "attests anew."
)


@admin.register(KpiSubmission)
class KpiSubmissionAdmin(CarefulAdmin):
    list_display = ("product", "quarter_end", "state", "attestor_name", "attested_at")
    list_filter = (StateFilter, "quarter_end", "attested_at")
    list_select_related = ("product",)
    search_fields = ("product__ndc", "product__display_ndc", "product__nonproprietary_name", "product__labeler_name")
    search_help_text = "NDC, drug or labeler"
    autocomplete_fields = ("product", "attested_by")
    raw_id_fields = ("superseded_by",)
    date_hierarchy = "quarter_end"
    save_on_top = True
    fieldsets = (
        (None, {"fields": ("product", "quarter_end"), "description": DESCRIPTION}),
        ("Sourcing", {"fields": fields_starting("dual_sourced")}),
        ("Capacity and redundancy", {"fields": fields_starting("capacity", "operating", "qualified")}),
        ("Inventory and safety stock", {"fields": fields_starting("days_inventory", "safety_stock", "shelf")}),
        ("Delivery", {"fields": fields_starting("fill", "on_time", "order_to")}),
        ("Investment and economics", {"fields": fields_starting("equipment", "capital", "contribution")}),
        ("Continuity and notice", {"fields": fields_starting("risk", "emergency", "disruption")}),
        (
            "Attestation",
            {
                "fields": (*fields_starting("attest"), "superseded_at", "superseded_by", "created_at"),
                "description": TIMES,
            },
        ),
        ("Void instead of deleting", {"fields": VOIDING, "description": TIMES}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: KpiSubmission | None = None) -> Sequence[str]:
        if obj is None or obj.attested_at is None:
            return ("created_at",)
        return [field.name for field in KpiSubmission._meta.fields if field.name not in VOIDING]

    @admin.display(description="state")
    def state(self, obj: KpiSubmission) -> str:
        if obj.voided_at:
            return "Voided"
        if obj.superseded_at:
            return "Superseded"
        return "Attested, counts" if obj.attested_at else "Draft"
