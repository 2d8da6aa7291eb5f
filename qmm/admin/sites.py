"""The operator's admin of establishments, their assessments and inspections."""

from django.contrib import admin

from dscr.access.admin import TIMES, CarefulAdmin, ChildForm
from qmm.models import AREAS, Assessment, AssessmentCase, Establishment, EstablishmentIdentifier, Inspection
from qmm.models.conflicts import recused_cases


class IdentifierInline(admin.TabularInline):
    model = EstablishmentIdentifier
    form = ChildForm
    extra = 0


class VoidedFilter(admin.SimpleListFilter):
    title = "counts"
    parameter_name = "counts"

    def lookups(self, request, model_admin):
        return (("yes", "Counts"), ("voided", "Voided"))

    def queryset(self, request, queryset):
        if self.value():
            return queryset.filter(voided_at__isnull=self.value() == "yes")
        return queryset


@admin.register(Establishment)
class EstablishmentAdmin(CarefulAdmin):
    list_display = ("name", "country", "owner", "registration_expires_on", "is_synthetic")
    list_filter = ("is_synthetic", "country")
    list_select_related = ("owner",)
    search_fields = ("name", "identifiers__value")
    search_help_text = "Name, FEI or DUNS number"
    autocomplete_fields = ("owner",)
    inlines = (IdentifierInline,)


@admin.register(Assessment)
class AssessmentAdmin(CarefulAdmin):
    list_display = ("establishment", "completed_on", *AREAS, "voided_at")
    list_filter = (VoidedFilter, "completed_on")
    list_select_related = ("establishment",)
    search_fields = ("establishment__name", "establishment__identifiers__value")
    search_help_text = "Establishment's name, FEI or DUNS number"
    autocomplete_fields = ("establishment",)
    date_hierarchy = "completed_on"
    readonly_fields = ("created_at",)
    fieldsets = (
        (None, {"fields": ("establishment", "completed_on", *AREAS, "created_at")}),
        ("Void instead of deleting", {"fields": ("voided_at", "void_reason"), "description": TIMES}),
    )

    def has_change_permission(self, request, obj=None):
        """Nor does who assessed it, or has a conflict of interest with the firm, void it: another operator does."""
        held = super().has_change_permission(request, obj)
        return held and (obj is None or not recused_cases(request.user.pk).filter(assessment=obj).exists())

    def get_readonly_fields(self, request, obj=None):
        """What a case came to is what its assessors agreed on: it can be voided, never changed."""
        if obj is not None and AssessmentCase.objects.filter(assessment=obj).exists():
            return ("establishment", "completed_on", *AREAS, "created_at")
        return self.readonly_fields


@admin.register(Inspection)
class InspectionAdmin(CarefulAdmin):
    list_display = ("establishment", "classification", "ended_on", "resolved_on", "voided_at")
    list_filter = (VoidedFilter, "classification", "ended_on")
    list_select_related = ("establishment",)
    search_fields = ("establishment__name", "establishment__identifiers__value")
    search_help_text = "Establishment's name, FEI or DUNS number"
    autocomplete_fields = ("establishment",)
    date_hierarchy = "ended_on"
