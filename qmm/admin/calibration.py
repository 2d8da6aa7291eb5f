"""Calibration cases with the panel's levels, and what assessors gave once they have submitted it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from dscr.access.admin import ReadOnlyAdmin
from qmm.models import CalibrationCase, CalibrationItem, CalibrationLevel, CalibrationSheet


class ReadOnlyInline(admin.TabularInline):
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ItemInline(ReadOnlyInline):
    model = CalibrationItem


class LevelInline(ReadOnlyInline):
    model = CalibrationLevel


@admin.register(CalibrationCase)
class CalibrationCaseAdmin(ReadOnlyAdmin):
    list_display = ("title", "state", "rubric", "published_at", "retired_at", "updated_by")
    list_filter = ("state",)
    list_select_related = ("rubric", "updated_by")
    search_fields = ("title",)
    inlines = (ItemInline,)


@admin.register(CalibrationSheet)
class CalibrationSheetAdmin(ReadOnlyAdmin):
    list_display = ("case", "assessor", "started_at", "submitted_at")
    list_filter = (("submitted_at", admin.EmptyFieldListFilter), "case")
    list_select_related = ("case", "assessor")
    search_fields = ("case__title", "assessor__full_name", "assessor__email")
    search_help_text = "Case or assessor"

    def get_inlines(self, request: HttpRequest, obj: CalibrationSheet | None) -> list[type[admin.TabularInline]]:
        """Blind until it is submitted, as on the pages."""
        return [LevelInline] if obj and obj.submitted_at else []
