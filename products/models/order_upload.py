"""Order lines that a firm uploaded, and the figures that were computed from them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from dscr.access.models import Membership, Organisation
from dscr.access.scoping import ScopedManager
from products.models.directory import Product
from products.models.kept_file import KeptFile


class OrderUpload(KeptFile):
    """One file of order lines. The file itself lies in the private folder under `stored_name`.

    NEW until the firm has said which column is what, WAITING until a worker takes it, COMPUTING while one reads it,
    then DONE or FAILED with the reason. A worker that is killed leaves it COMPUTING, and the next one begins afresh.
    """

    class State(models.TextChoices):
        NEW = "new", "Columns to choose"
        WAITING = "waiting", "Waiting"
        COMPUTING = "computing", "Computing"
        DONE = "done", "Computed"
        FAILED = "failed", "Failed"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)
    file_name = models.CharField(max_length=200)
    stored_name = models.CharField(max_length=100, help_text="Within the private folder.")
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    shape = models.JSONField(help_text="How the file is read (products.orders.files.Shape).")
    preview = models.JSONField(default=list, help_text="The first rows below the heads.")
    date_orders = models.JSONField(default=list, help_text="For each column the order of day and month in its dates.")
    mapping = models.JSONField(null=True, help_text="Which column is what (products.orders.mapping.OrderMapping).")
    state = models.CharField(max_length=9, choices=State.choices, default=State.NEW)
    requested_at = models.DateTimeField(null=True, help_text="A result of an earlier request is not stored.")
    attempts = models.PositiveSmallIntegerField(default=0)
    lines_read = models.PositiveIntegerField(default=0)
    failure = models.TextField(blank=True)
    computed_at = models.DateTimeField(null=True)
    summary = models.JSONField(default=dict, help_text="Counts, exclusions, and lines that were not used.")

    used_at = models.DateTimeField(null=True, help_text="When figures of it were last put into the questionnaire.")

    objects = ScopedManager()

    class Meta:
        constraints: ClassVar = [KeptFile.removal_has_time("order_upload_removal_has_time")]
        verbose_name = "order line upload"
        ordering: ClassVar = ["-uploaded_at", "-id"]
        indexes = [
            models.Index(
                fields=["requested_at"], name="order_upload_waiting", condition=Q(state__in=["waiting", "computing"])
            )
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_under_way(self) -> bool:
        return self.state in (self.State.WAITING, self.State.COMPUTING)

    @property
    def percent_read(self) -> int:
        lines = self.shape.get("lines") or 1
        return min(99, self.lines_read * 100 // lines)

    @staticmethod
    def own_rows(membership: Membership) -> Q:
        return Q(organisation=membership.organisation_id)


class OrderFigure(models.Model):
    """What the lines of one product give for one quarter, or (`quarter_end` null) all of them whatever their day."""

    upload = models.ForeignKey(OrderUpload, on_delete=models.CASCADE, related_name="figures")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    quarter_end = models.DateField(null=True)
    lines_ordered = models.PositiveIntegerField()
    units_ordered = models.PositiveBigIntegerField()
    units_complete = models.PositiveBigIntegerField(help_text="Of lines that were shipped complete at once.")
    units_cancelled = models.PositiveBigIntegerField(help_text="Part of the units ordered.")
    orders_due = models.PositiveIntegerField()
    orders_on_time = models.PositiveIntegerField()
    orders_undelivered = models.PositiveIntegerField(help_text="Part of those due: without a day of delivery.")
    orders_shipped = models.PositiveIntegerField()
    order_to_ship_days = models.PositiveIntegerField(null=True, help_text="90th percentile.")

    class Meta:
        ordering: ClassVar = ["product__ndc"]
        constraints = [
            models.UniqueConstraint(
                fields=["upload", "product", "quarter_end"], name="order_figure_unique", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.product} to {self.quarter_end or 'any day'}"


class OrderLineProblem(models.Model):
    """A line that could not be used; of many, the first."""

    upload = models.ForeignKey(OrderUpload, on_delete=models.CASCADE, related_name="problems")
    line = models.PositiveIntegerField()
    reason = models.CharField(max_length=200)
    value = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering: ClassVar = ["line", "id"]

    def __str__(self) -> str:
        return f"Line {self.line}: {self.reason}"
