"""Products with their supply nodes, listings, packages and enrolments."""

from collections.abc import Sequence

from django.contrib import admin
from django.db.models import TextField
from django.forms import TextInput
from django.http import HttpRequest

from dscr.access.admin import CarefulAdmin, ChildForm
from products.admin.supply_nodes import SupplyNodeInline
from products.models import Enrolment, Listing, Package, Product


class EnrolmentInline(admin.StackedInline):
    model = Enrolment
    form = ChildForm
    extra = 0
    autocomplete_fields = ("organisation",)
    fields = ("organisation", ("enrolled_on", "withdrawn_on"), ("suspended_on", "suspension_reason"))


@admin.register(Product)
class ProductAdmin(CarefulAdmin):
    list_display = ("display_ndc", "nonproprietary_name", "labeler_name", "dosage_form", "strength", "last_seen_on")
    list_filter = ("is_synthetic", "product_type", "last_seen_on")
    search_fields = ("ndc", "display_ndc", "nonproprietary_name", "labeler_name")
    search_help_text = "NDC, drug or labeler"
    inlines = (EnrolmentInline, SupplyNodeInline)
    save_on_top = True
    formfield_overrides = {TextField: {"widget": TextInput(attrs={"class": "vTextField"})}}
    fieldsets = (
        (None, {"fields": ("ndc", "display_ndc", "nonproprietary_name", "proprietary_name", "labeler_name")}),
        (
            "From the directory",
            {
                "classes": ("collapse",),
                "fields": (
                    "substances",
                    "molecule",
                    "dosage_form",
                    "route",
                    "strength",
                    "product_type",
                    "marketing_category",
                    "application_number",
                    "certified_through",
                    "last_seen_on",
                    "is_synthetic",
                ),
            },
        ),
    )

    def view_on_site(self, obj: Product) -> str:
        return f"/products/{obj.ndc}/"


@admin.register(Listing)
class ListingAdmin(CarefulAdmin):
    list_display = ("listing_id", "nonproprietary_name", "labeler_name", "marketing_category", "last_seen_on")
    list_filter = ("is_excluded", "last_seen_on")
    search_fields = ("listing_id", "product__ndc", "nonproprietary_name", "labeler_name")
    raw_id_fields = ("product",)
    list_select_related = ("product",)


@admin.register(Package)
class PackageAdmin(CarefulAdmin):
    list_display = ("display_ndc", "product", "description", "marketing_starts_on", "marketing_ends_on")
    list_filter = ("is_sample", "is_excluded", "last_seen_on")
    search_fields = ("ndc", "display_ndc", "product__nonproprietary_name")
    raw_id_fields = ("product",)
    list_select_related = ("product",)


@admin.register(Enrolment)
class EnrolmentAdmin(CarefulAdmin):
    list_display = ("product", "organisation", "enrolled_on", "withdrawn_on", "suspended_on")
    list_filter = ("enrolled_on", "withdrawn_on", "suspended_on")
    search_fields = ("product__ndc", "product__display_ndc", "product__nonproprietary_name", "organisation__name")
    autocomplete_fields = ("product", "organisation", "attested_by")
    list_select_related = ("product", "organisation")
    date_hierarchy = "enrolled_on"

    def get_readonly_fields(self, request: HttpRequest, obj: Enrolment | None = None) -> Sequence[str]:
        """The database keeps what was attested."""
        return ("attested_by", "attestation") if obj and obj.attestation else ()
