"""Ratings are computed, never edited: heads, snapshots, marks and workers are only read; a methodology is released."""

from django.contrib import admin

from dscr.access.admin import CarefulAdmin, ReadOnlyAdmin
from ratings.models import MethodologyRelease, ProductRating, RatingSnapshot, StaleMark, WorkerTally


@admin.register(MethodologyRelease)
class MethodologyReleaseAdmin(CarefulAdmin):
    list_display = ("version", "in_force_from", "released_at")
    readonly_fields = ("released_at",)


@admin.register(ProductRating)
class ProductRatingAdmin(ReadOnlyAdmin):
    list_display = ("product", "status", "score", "band", "coverage", "verified_at", "next_change_on", "failed_count")
    list_filter = ("status", "band", ("failed_at", admin.EmptyFieldListFilter), "next_change_on")
    list_select_related = ("product",)
    search_fields = ("product__ndc", "product__display_ndc", "product__nonproprietary_name", "failure")
    search_help_text = "NDC, drug or reason of a failure"


@admin.register(RatingSnapshot)
class RatingSnapshotAdmin(ReadOnlyAdmin):
    list_display = ("pk", "product", "as_of", "computed_at", "status", "score", "band", "methodology")
    list_filter = ("status", "band", "as_of")
    list_select_related = ("product",)
    search_fields = ("product__ndc", "product__display_ndc", "product__nonproprietary_name")
    search_help_text = "NDC or drug"
    date_hierarchy = "as_of"
    ordering = ("-pk",)


@admin.register(StaleMark)
class StaleMarkAdmin(ReadOnlyAdmin):
    list_display = ("pk", "kind", "key", "source", "created_at", "not_before")
    list_filter = ("kind", "source")
    ordering = ("pk",)


@admin.register(WorkerTally)
class WorkerTallyAdmin(ReadOnlyAdmin):
    list_display = ("worker", "last_seen_at", "recomputed", "published", "failed", "retries")
