"""Lists that others keep: essential drugs and shortages."""

from django.contrib import admin

from dscr.access.admin import CarefulAdmin, ChildForm
from products.models import DrugList, DrugListEntry, Shortage


class DrugListEntryInline(admin.TabularInline):
    model = DrugListEntry
    form = ChildForm
    extra = 1


@admin.register(DrugList)
class DrugListAdmin(CarefulAdmin):
    list_display = ("name", "description", "is_synthetic")
    search_fields = ("name", "entries__molecule")
    inlines = (DrugListEntryInline,)


@admin.register(Shortage)
class ShortageAdmin(CarefulAdmin):
    list_display = ("generic_name", "company_name", "package_ndc", "status", "changed_on", "posted_on")
    list_filter = ("status", "changed_on", "is_synthetic")
    search_fields = ("package_ndc", "generic_name", "company_name")
    search_help_text = "NDC (6-4-2), drug or company"
    date_hierarchy = "changed_on"
    readonly_fields = ("product_ndc",)
