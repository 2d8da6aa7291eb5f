"""What owners and the operator recorded of establishments, to be read: each has pages of its own to be written on."""

from django.contrib import admin

from dscr.access.admin import ReadOnlyAdmin
from qmm.models import AssessmentImport, EstablishmentContact, SiteEvidence, SiteGrant

OF_SITE = ("establishment__name", "establishment__identifiers__value")


@admin.register(AssessmentImport)
class AssessmentImportAdmin(ReadOnlyAdmin):
    list_display = ("source", "kind", "count", "imported_by", "imported_at")
    list_filter = ("kind", "imported_at")
    list_select_related = ("imported_by",)
    search_fields = ("source", "sha256")
    search_help_text = "File, report or SHA-256"
    date_hierarchy = "imported_at"


@admin.register(SiteEvidence)
class SiteEvidenceAdmin(ReadOnlyAdmin):
    list_display = ("establishment", "kind", "result", "issuer", "dated_on", "valid_until", "voided_at")
    list_filter = ("kind", "dated_on")
    list_select_related = ("establishment",)
    search_fields = (*OF_SITE, "issuer", "result")
    search_help_text = "Establishment, its number, issuer or result"
    date_hierarchy = "dated_on"


@admin.register(SiteGrant)
class SiteGrantAdmin(ReadOnlyAdmin):
    list_display = (
        "establishment",
        "organisation",
        "grantee",
        "to_all_makers",
        "valid_from",
        "valid_to",
        "withdrawn_at",
    )
    list_filter = ("to_all_makers", "valid_from", "withdrawn_at")
    list_select_related = ("establishment", "organisation", "grantee")
    search_fields = (*OF_SITE, "organisation__name", "grantee__name")
    search_help_text = "Establishment, its number, owner or maker"


@admin.register(EstablishmentContact)
class EstablishmentContactAdmin(ReadOnlyAdmin):
    list_display = ("establishment", "name", "email", "purpose", "confirmed_at", "ended_at")
    list_filter = (("confirmed_at", admin.EmptyFieldListFilter), ("ended_at", admin.EmptyFieldListFilter))
    list_select_related = ("establishment",)
    search_fields = (*OF_SITE, "name", "email")
    search_help_text = "Establishment, its number, name or e-mail address"
