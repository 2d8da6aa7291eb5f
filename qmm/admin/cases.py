"""What establishments gave in the course of assessments, to be read. Nothing of an assessor's is here."""

from django.contrib import admin

from dscr.access.admin import ReadOnlyAdmin
from qmm.models import CaseFile, FactComment


@admin.register(FactComment)
class FactCommentAdmin(ReadOnlyAdmin):
    list_display = ("case", "element", "by", "at", "verdict", "answered_by", "answered_at")
    list_filter = ("verdict", "at")
    list_select_related = ("case__establishment", "by", "answered_by")
    search_fields = ("case__establishment__name", "element")
    search_help_text = "Establishment or element"
    date_hierarchy = "at"


@admin.register(CaseFile)
class CaseFileAdmin(ReadOnlyAdmin):
    list_display = ("name", "case", "organisation", "kind", "size", "given_by", "given_at")
    list_filter = ("kind", "given_at")
    list_select_related = ("case__establishment", "organisation", "given_by")
    search_fields = ("name", "case__establishment__name", "sha256")
    search_help_text = "File, establishment or SHA-256"
    exclude = ("stored_name",)
    date_hierarchy = "given_at"
