"""Which organisation takes part with which product, and when."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q
from django.utils import timezone

from dscr.access.models import Membership, Organisation
from dscr.access.scoping import ScopedManager, ScopedQuerySet
from products.models.directory import Product
from qmm.models import dates_within_reason


class DateRange(Func):
    """daterange(from, to): half-open, open-ended where `to` is null."""

    function = "DATERANGE"

    def __init__(self, start: str, end: str) -> None:
        from django.contrib.postgres.fields import DateRangeField

        super().__init__(F(start), F(end), output_field=DateRangeField())


class Enrolment(models.Model):
    """One organisation at a time enrols a product, attesting that it is the labeler or authorised by it."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="enrolments")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="enrolments")
    enrolled_on = models.DateField()
    withdrawn_on = models.DateField(null=True, blank=True, help_text="The first day on which it is withdrawn.")
    suspended_on = models.DateField(null=True, blank=True)
    suspension_reason = models.CharField(max_length=300, blank=True)
    attested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT)
    attestation = models.TextField(
        blank=True, help_text="The statement that the organisation is the labeler or authorised by it."
    )
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawal_statement = models.TextField(
        blank=True, default="", db_default="", help_text="What was stated at the withdrawal, with name and title."
    )
    withdrawal_reason = models.CharField(max_length=300, blank=True, default="", db_default="")

    objects = ScopedManager()

    class Meta:
        verbose_name = "enrollment"
        constraints = [
            dates_within_reason("enrolment", "enrolled_on", "withdrawn_on", "suspended_on"),
            models.CheckConstraint(
                name="enrolment_dates_in_order",
                condition=Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gt=F("enrolled_on")),
                violation_error_message="The withdrawal must come after the enrolment.",
            ),
            models.CheckConstraint(
                name="enrolment_suspension_has_reason",
                condition=Q(suspended_on__isnull=True) | ~Q(suspension_reason=""),
                violation_error_message="Say why it is suspended.",
            ),
            ExclusionConstraint(
                name="enrolment_one_organisation_at_a_time",
                expressions=[
                    ("product", RangeOperators.EQUAL),
                    (DateRange("enrolled_on", "withdrawn_on"), RangeOperators.OVERLAPS),
                ],
                violation_error_message="The product is already enrolled in that time. Withdraw that enrolment first.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} by {self.organisation} from {self.enrolled_on}"

    @staticmethod
    def own_rows(membership: Membership) -> Q:
        return Q(organisation=membership.organisation_id)


def latest_enrolments() -> ScopedQuerySet:
    """For each product the enrolment that began last, up to today."""
    begun = Enrolment.objects.filter(enrolled_on__lte=timezone.localdate())
    later = begun.filter(product=OuterRef("product"), enrolled_on__gt=OuterRef("enrolled_on"))
    return begun.filter(~Exists(later))
