"""Where a product comes from: which establishment does which stage, and how much of it."""

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from dscr.access.models import Membership
from dscr.access.scoping import ScopedManager
from products.models.directory import Product
from products.models.enrolment import DateRange
from qmm.models import Establishment, Voidable, dates_within_reason, not_in_the_future


class SupplyNode(Voidable):
    """One establishment at one stage of one product for a half-open period [valid_from, valid_to)."""

    class Stage(models.TextChoices):
        KSM = "ksm", "Key starting material"
        API = "api", "Active ingredient (API)"
        FDF = "fdf", "Finished dose"
        PACKAGING = "packaging", "Packaging"
        TESTING = "testing", "Testing"

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="supply_nodes")
    stage = models.CharField(max_length=9, choices=Stage.choices)
    establishment = models.ForeignKey(Establishment, on_delete=models.PROTECT, related_name="supply_nodes")
    share = models.FloatField(
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text="Share of this stage's supply in the last 12 months, 0 to 1; 0 for a backup.",
    )
    is_qualified = models.BooleanField(default=False, help_text="Named in the approved application.")
    last_batch_on = models.DateField(
        null=True,
        blank=True,
        validators=[not_in_the_future],
        help_text="Last commercial or validation batch there; qualified only within 36 months of it.",
    )
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True, help_text="The first day on which it no longer holds.")

    objects = ScopedManager()

    class Meta(Voidable.Meta):
        ordering: ClassVar = ["product_id", "stage", "-share", "id"]
        constraints = [
            *Voidable.Meta.constraints,
            dates_within_reason("node", "last_batch_on", "valid_from", "valid_to"),
            models.CheckConstraint(
                name="node_share_0_to_1",
                condition=Q(share__gte=0, share__lte=1),
                violation_error_message="A share lies between 0 and 1.",
            ),
            models.CheckConstraint(
                name="node_stage_known", condition=Q(stage__in=["ksm", "api", "fdf", "packaging", "testing"])
            ),
            models.CheckConstraint(
                name="node_dates_in_order",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                violation_error_message="The end must come after the start.",
            ),
            ExclusionConstraint(
                name="node_no_overlap",
                expressions=[
                    ("product", RangeOperators.EQUAL),
                    ("stage", RangeOperators.EQUAL),
                    ("establishment", RangeOperators.EQUAL),
                    (DateRange("valid_from", "valid_to"), RangeOperators.OVERLAPS),
                ],
                condition=Q(voided_at__isnull=True),
                violation_error_message="This establishment already has a node at this stage in that time.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()} at {self.establishment}, {self.share:.0%}"

    @staticmethod
    def own_rows(membership: Membership) -> Q:
        return Q(product__in=Product.objects.filter(Product.own_rows(membership)))
