"""A product's key performance indicators for one quarter, as its manufacturer attested them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from dscr.access.models import Membership
from dscr.access.scoping import ScopedManager
from products.models.directory import Product
from qmm.models import Voidable, dates_within_reason, not_in_the_future

# Numerator and denominator of each rate: counts, not percentages, so that 19 of 20 is not taken for 9,500 of 10,000.
COUNT_PAIRS = (
    "dual_sourced_materials",
    "safety_stock_adherence",
    "fill_rate",
    "on_time_delivery",
    "disruption_notice_rate",
)
# Figures and the range the database holds them to; the upper bound also keeps NaN and infinity out.
FIGURE_RANGES = {
    "capacity_utilisation_historical": (0, 10),
    "capacity_utilisation_forecast": (0, 10),
    "operating_mode_hours_per_week": (0, 168),
    "days_inventory_on_hand": (0, 100_000),
    "safety_stock_days": (0, 100_000),
    "safety_stock_target_days": (0, 100_000),
    "shelf_life_months": (0, 1_200),
    "order_to_ship_days": (0, 100_000),
    "equipment_depreciated_share": (0, 1),
    "capital_reinvestment_ratio": (0, 1_000),
    "contribution_margin": (-1_000, 1),
}


def count_field(text: str) -> models.BigIntegerField:
    return models.BigIntegerField(null=True, blank=True, help_text=text)


def figure_field(text: str, label: str | None = None) -> models.FloatField:
    return models.FloatField(label, null=True, blank=True, help_text=text)


def past_date_field(text: str) -> models.DateField:
    return models.DateField(null=True, blank=True, validators=[not_in_the_future], help_text=text)


def tick_field(text: str) -> models.BooleanField:
    return models.BooleanField(null=True, blank=True, help_text=text)


class KpiSubmission(Voidable):
    """One product and quarter; figures cover the 12 months to its end. Null means not disclosed.

    It counts once attested and until superseded or voided. A draft counts nothing.
    """

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="kpi_submissions")
    quarter_end = models.DateField(
        validators=[not_in_the_future],
        help_text="Last day of the quarter: March 31, June 30, September 30, December 31.",
    )

    dual_sourced_materials_numerator = count_field("Critical materials with two or more qualified sources.")
    dual_sourced_materials_denominator = count_field("Critical materials in all.")
    capacity_utilisation_historical = figure_field(
        "Past demand / installed capacity, such as 0.72.", "capacity utilization, past"
    )
    capacity_utilisation_forecast = figure_field(
        "Forecast demand / installed capacity, such as 0.78.", "capacity utilization, forecast"
    )
    operating_mode_hours_per_week = figure_field("Hours scheduled per week, 0 to 168.")
    qualified_lines = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="All qualified finished-dose lines of the product; 1 if not given."
    )
    days_inventory_on_hand = figure_field("Finished goods, days, 90-day average.")
    safety_stock_days = figure_field("Actual safety stock, days of demand.")
    safety_stock_target_days = figure_field("Target, days of demand; shown, not scored.")
    safety_stock_adherence_numerator = count_field("Month-ends at or above target.")
    safety_stock_adherence_denominator = count_field("Month-ends in all.")
    shelf_life_months = figure_field("Approved shelf life, months.")
    fill_rate_numerator = count_field("Units shipped complete on first order.")
    fill_rate_denominator = count_field("Units ordered.")
    on_time_delivery_numerator = count_field("Orders delivered by the first committed date.")
    on_time_delivery_denominator = count_field("Orders due.")
    order_to_ship_days = figure_field("90th percentile, days.")
    equipment_depreciated_share = figure_field("Accumulated depreciation / gross equipment value, 0 to 1.")
    capital_reinvestment_ratio = figure_field("Capital spending / depreciation, 3-year mean.")
    contribution_margin = figure_field("Share of net price; may be negative.")
    risk_management_plan_exists = tick_field("A written risk management plan for this product.")
    risk_management_plan_reviewed_on = past_date_field("Last review.")
    risk_management_plan_tested_on = past_date_field("Last test, with its actions closed.")
    emergency_stock_process_exists = tick_field("A process to release emergency stock.")
    emergency_stock_allocation_rule = tick_field("A written rule who is served first.")
    emergency_stock_contact_24_7 = tick_field("A contact around the clock.")
    emergency_stock_tested_on = past_date_field("Last test of the process.")
    emergency_stock_ships_within_24h = tick_field("Ships within 24 hours.")
    disruption_notice_rate_numerator = count_field("Disruptions announced in time.")
    disruption_notice_rate_denominator = count_field("Disruptions; 0 of 0 where there was none.")

    attested_at = models.DateTimeField(null=True, blank=True, help_text="Empty for a draft, which counts nothing.")
    attested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    attestor_name = models.CharField(max_length=200, blank=True)
    attestor_title = models.CharField(max_length=200, blank=True)
    attestation = models.TextField(blank=True)
    superseded_at = models.DateTimeField(null=True, blank=True)
    superseded_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="supersedes"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedManager()

    class Meta(Voidable.Meta):
        verbose_name = "KPI submission"
        ordering: ClassVar = ["product_id", "-quarter_end", "-id"]
        constraints = [
            *Voidable.Meta.constraints,
            dates_within_reason(
                "kpi",
                "quarter_end",
                "risk_management_plan_reviewed_on",
                "risk_management_plan_tested_on",
                "emergency_stock_tested_on",
            ),
            models.UniqueConstraint(
                fields=["product", "quarter_end"],
                condition=Q(attested_at__isnull=False, superseded_at__isnull=True, voided_at__isnull=True),
                name="kpi_one_counting_per_quarter",
                violation_error_message="An attested submission for this quarter exists; supersede it first.",
            ),
            models.CheckConstraint(
                name="kpi_quarter_end_is_one",
                condition=Q(quarter_end__month__in=(3, 12), quarter_end__day=31)
                | Q(quarter_end__month__in=(6, 9), quarter_end__day=30),
                violation_error_message="A quarter ends on March 31, June 30, September 30 or December 31.",
            ),
            *(
                models.CheckConstraint(
                    name=f"kpi_{pair}_counts"[:60],
                    # Both or none, no more counted than there are, and only disruptions may be 0 of 0.
                    condition=Q(**{f"{pair}_numerator__isnull": True, f"{pair}_denominator__isnull": True})
                    | Q(
                        **{
                            f"{pair}_numerator__isnull": False,
                            f"{pair}_denominator__isnull": False,
                            f"{pair}_numerator__gte": 0,
                            f"{pair}_numerator__lte": F(f"{pair}_denominator"),
                            f"{pair}_denominator__gte": 0 if pair == "disruption_notice_rate" else 1,
                        }
                    ),
                    violation_error_message=f"{pair.replace('_', ' ').capitalize()}: give both counts or neither; "
                    "the first cannot exceed the second, nor be negative.",
                )
                for pair in COUNT_PAIRS
            ),
            *(
                models.CheckConstraint(
                    name=f"kpi_{figure}_range"[:60],
                    condition=Q(**{f"{figure}__isnull": True}) | Q(**{f"{figure}__gte": low, f"{figure}__lte": high}),
                    violation_error_message=f"{figure.replace('_', ' ').capitalize()} lies between {low} and {high}.",
                )
                for figure, (low, high) in FIGURE_RANGES.items()
            ),
        ]

    def __str__(self) -> str:
        return f"KPIs of {self.product} to {self.quarter_end}"

    @staticmethod
    def own_rows(membership: Membership) -> Q:
        return Q(product__in=Product.objects.filter(Product.own_rows(membership)))
