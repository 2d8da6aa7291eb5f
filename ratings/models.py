"""Ratings: marks of what became stale, one head per enrolled product, append-only snapshots.

No table here has a database foreign key to an input table: with one, writers of inputs would wait for workers
(design/recompute.md, 5). Workers drop orphans.
"""

from datetime import UTC, datetime
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Now

from dscr.access.models import Membership
from dscr.access.scoping import ScopedManager, ScopedQuerySet
from products.models import Product
from qmm.models import dates_within_reason
from ratings.plan_records import PlannerEffort, Scenario
from ratings.preview_records import Preview, Publication
from ratings.program_records import SettingChange
from ratings.reviews.models import ReviewFile, ReviewMessage, ReviewNotice, ReviewRequest
from ratings.scoring.methodology import MethodologyError, load_methodology

__all__ = [
    "EPOCH",
    "ClockTimestamp",
    "MethodologyRelease",
    "PlannerEffort",
    "Preview",
    "ProductRating",
    "Publication",
    "RatingSnapshot",
    "ReviewFile",
    "ReviewMessage",
    "ReviewNotice",
    "ReviewRequest",
    "Scenario",
    "SettingChange",
    "StaleMark",
    "Status",
    "TransactionNumber",
    "WorkerTally",
]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class ClockTimestamp(models.Func):
    """The time of the statement, not of its transaction: how long a mark waits is counted from the write."""

    template = "clock_timestamp()"
    output_field = models.DateTimeField()


class TransactionNumber(models.Func):
    """The number of this transaction, in 64 bits, which never come round."""

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = models.BigIntegerField()


class StaleMark(models.Model):
    """Names what a committed write touched. Append-only for writers; workers expand, read and delete them."""

    class Kind(models.TextChoices):
        PRODUCT = "product", "Product"
        ESTABLISHMENT = "establishment", "Establishment"
        NDC = "ndc", "NDC"
        ALL = "all", "Everything"

    kind = models.CharField(max_length=13, choices=Kind.choices)
    key = models.BigIntegerField(db_default=0, help_text="Row id; for an NDC its 6-4 key as a number.")
    source = models.CharField(max_length=63, help_text="The table that was written.")
    created_at = models.DateTimeField(db_default=ClockTimestamp())
    not_before = models.DateTimeField(db_default=models.Value(EPOCH), help_text="A failed product waits until then.")

    class Meta:
        indexes = [models.Index(fields=["kind", "key", "id"], name="stale_mark_claim")]
        constraints = [
            models.CheckConstraint(
                name="stale_mark_kind_known",
                condition=models.Q(kind__in=["product", "establishment", "ndc", "all"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key} ({self.source})"


class Status(models.IntegerChoices):
    """What a snapshot says. Only RATED carries a score; the rest is never shown as a low one."""

    RATED = 1, "Rated"
    INSUFFICIENT_DATA = 2, "Insufficient data"
    NOT_YET_RATED = 3, "Enrolled, not yet rated"
    EXPIRED = 4, "Expired"
    SUSPENDED = 5, "Suspended"
    WITHDRAWN = 6, "Withdrawn"
    OUT_OF_SCOPE = 7, "Not in scope yet"


class MethodologyRelease(models.Model):
    """A methodology file put in force from a date on. The file itself never changes."""

    version = models.CharField(max_length=20, unique=True)
    in_force_from = models.DateField(unique=True)
    released_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering: ClassVar = ["-in_force_from"]
        constraints = [dates_within_reason("methodology", "in_force_from")]

    def __str__(self) -> str:
        return self.version

    def clean(self) -> None:
        """A release without a usable file would stop every score."""
        try:
            load_methodology(self.version)
        except MethodologyError as error:
            raise ValidationError({"version": str(error)}) from error


class SnapshotQuerySet(ScopedQuerySet):
    def published(self) -> Self:
        """Without those that were only previewed, or still are. Held ones come with their publication."""
        told = models.Q(held=False) | models.Q(publication__isnull=False)
        return self.filter(told).select_related("publication")


SnapshotManager = models.Manager.from_queryset(SnapshotQuerySet)


class RatingSnapshot(models.Model):
    """A computed result with everything it was computed from. Never changed, never deleted.

    `inputs` and `explanation` are arrays in an order that the methodology version fixes (ratings/layout.py):
    a third of the size of named JSON and twenty times faster to write; names are added when read.
    """

    product = models.ForeignKey(
        Product, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="snapshots"
    )
    methodology = models.CharField(max_length=20)
    as_of = models.DateField()
    computed_at = models.DateTimeField()
    status = models.SmallIntegerField(choices=Status.choices)
    prior_band = models.SmallIntegerField(null=True)
    score = models.FloatField(null=True)
    exact = models.FloatField(null=True)
    band_uncapped = models.SmallIntegerField(null=True)
    band = models.SmallIntegerField(null=True)
    gates = models.SmallIntegerField()
    coverage = models.FloatField()
    qmm_coverage = models.FloatField()
    inputs = ArrayField(models.FloatField())
    explanation = ArrayField(models.FloatField())  # real[] in the database, see migration 0002
    fingerprint = models.UUIDField(help_text="Digest of effective inputs, methodology and prior band.")
    held = models.BooleanField(
        db_default=False, help_text="Not published when it was computed; where it was later, a Publication says when."
    )

    objects = SnapshotManager()

    class Meta:
        indexes = [models.Index(fields=["product", "-as_of", "-id"], name="snapshot_by_product")]
        constraints = [
            models.CheckConstraint(
                name="snapshot_score_only_when_rated",
                condition=models.Q(status=1, score__isnull=False, band__isnull=False, exact__isnull=False)
                | models.Q(~models.Q(status=1), score__isnull=True, band__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"Snapshot {self.pk} of product {self.product_id}, {self.as_of}"

    @property
    def published_at(self) -> datetime:
        """Of a published one. Its computation, unless it was in preview first."""
        return self.publication.published_at if self.held else self.computed_at

    @staticmethod
    def own_rows(membership: Membership) -> models.Q:
        return models.Q(product__in=Product.objects.filter(Product.own_rows(membership)))


class ProductRating(models.Model):
    """The head of one enrolled product: where its newest and its published snapshot are, and how fresh they are.

    Status, score, band and coverage are those of the published one; without any, the product is not yet rated.
    """

    product = models.OneToOneField(
        Product, on_delete=models.DO_NOTHING, db_constraint=False, primary_key=True, related_name="rating"
    )
    # No constraint: snapshots cannot be deleted, and checking 120,000 heads twice costs a second of a full recompute.
    computed_snapshot = models.ForeignKey(
        RatingSnapshot, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    published_snapshot = models.ForeignKey(
        RatingSnapshot, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    fingerprint = models.UUIDField(null=True, help_text="Of the computed snapshot.")
    status = models.SmallIntegerField(choices=Status.choices, default=Status.NOT_YET_RATED)
    score = models.FloatField(null=True)
    band = models.SmallIntegerField(null=True)
    coverage = models.FloatField(null=True)
    verified_at = models.DateTimeField(null=True, help_text="Last time a worker found or made it right.")
    next_change_on = models.DateField(null=True, help_text="Next date on which the result can change by itself.")
    published_in = models.BigIntegerField(
        db_default=TransactionNumber(), help_text="The transaction that published, so that none is missed (API)."
    )
    failed_count = models.IntegerField(default=0, help_text="Failed tries since it was last computed.")
    failed_at = models.DateTimeField(null=True)
    failure = models.TextField(blank=True, default="")

    objects = ScopedManager()

    class Meta:
        indexes = [
            models.Index(fields=["next_change_on"], name="head_due"),
            # The list of NDCs by score, either way. Other orders sort: an index more would cost every recompute.
            models.Index(fields=["status", "-score"], name="head_by_score"),
            models.Index(fields=["failed_count"], condition=models.Q(failed_count__gt=0), name="head_failed"),
        ]

    def __str__(self) -> str:
        return f"Rating of product {self.product_id}"

    @property
    def in_preview(self) -> bool:
        """Whether its firm and the operator see another result than everybody else."""
        return self.computed_snapshot_id not in (None, self.published_snapshot_id)

    @staticmethod
    def own_rows(membership: Membership) -> models.Q:
        return models.Q(product__in=Product.objects.filter(Product.own_rows(membership)))


class WorkerTally(models.Model):
    """What one worker process has done; also its heartbeat. One row a process, so workers never wait for each other."""

    worker = models.CharField(max_length=120, primary_key=True)
    started_at = models.DateTimeField(db_default=Now())
    last_seen_at = models.DateTimeField(db_default=Now())
    recomputed = models.BigIntegerField(default=0)
    published = models.BigIntegerField(default=0)
    failed = models.BigIntegerField(default=0)
    retries = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "worker tallies"

    def __str__(self) -> str:
        return self.worker
