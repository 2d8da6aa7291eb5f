"""The score of a product by another way than the loader's: plain Python over model rows, into the portfolio format."""

from datetime import date
from typing import Any

from django.utils import timezone

from products.models import KpiSubmission, Product, Shortage, SupplyNode
from products.models.kpi_submission import COUNT_PAIRS
from qmm.models import AREAS, Establishment
from ratings.scoring import add_months
from ratings.scoring.explain import rate_portfolio

SINGLE = {
    "qualified_lines": "value",
    "days_inventory_on_hand": "value",
    "safety_stock_days": "value",
    "safety_stock_target_days": "value",
    "shelf_life_months": "value",
    "order_to_ship_days": "value",
    "equipment_depreciated_share": "value",
    "capital_reinvestment_ratio": "value",
    "contribution_margin": "value",
}


def within(day: date | None, months: int, today: date) -> bool:
    return day is not None and day <= today <= add_months(day, months).item()


def independent_rating(product: Product) -> dict[str, Any]:
    """The rating document of one product as of today, from the rows as they are."""
    today = timezone.localdate()
    nodes = [
        node
        for node in SupplyNode.objects.filter(product=product, voided_at=None).prefetch_related(
            "establishment__assessments", "establishment__inspections"
        )
        if node.valid_from <= today and (node.valid_to is None or node.valid_to > today)
    ]
    document = {
        "methodology": "2026.1",
        "as_of": today.isoformat(),
        "establishments": {fei(n.establishment_id): establishment(n.establishment) for n in nodes},
        "products": [
            {
                "ndc": "99901-101",
                "prior_band": None,
                "in_shortage": in_shortage(product, today),
                "nodes": [
                    {
                        "stage": node.stage,
                        "fei": fei(node.establishment_id),
                        "share": node.share,
                        "qualified": node.is_qualified and within(node.last_batch_on, 36, today),
                    }
                    for node in nodes
                ],
                "kpis": kpis(product, today),
            }
        ],
    }
    return rate_portfolio(document)[0]


def fei(key: int) -> str:
    return f"{3_000_000_000 + key}"


def establishment(site: Establishment) -> dict[str, Any]:
    return {
        "country": site.country or None,
        "qmm": [
            {"completed_on": a.completed_on.isoformat(), "areas": {area: float(getattr(a, area)) for area in AREAS}}
            for a in site.assessments.all()
            if a.voided_at is None
        ],
        "inspections": [
            {
                "classification": i.classification,
                "ended_on": i.ended_on.isoformat(),
                "resolved_on": i.resolved_on.isoformat() if i.resolved_on else None,
            }
            for i in site.inspections.all()
            if i.voided_at is None
        ],
    }


def in_shortage(product: Product, today: date) -> bool:
    latest: dict[str, Shortage] = {}
    for entry in Shortage.objects.filter(package_ndc__startswith=product.ndc + "-", changed_on__lte=today):
        known = latest.get(entry.package_ndc)
        if known is None or (entry.changed_on, entry.status == "current") > (
            known.changed_on,
            known.status == "current",
        ):
            latest[entry.package_ndc] = entry
    return any(entry.status == "current" for entry in latest.values())


def kpis(product: Product, today: date) -> dict[str, Any]:
    row = (
        KpiSubmission.objects.filter(
            product=product,
            attested_at__isnull=False,
            superseded_at=None,
            voided_at=None,
            quarter_end__lte=today,
        )
        .order_by("-quarter_end")
        .first()
    )
    assert row is not None
    found: dict[str, Any] = {}
    for pair in COUNT_PAIRS:
        if (below := getattr(row, f"{pair}_denominator")) is not None:
            found[pair] = {"numerator": getattr(row, f"{pair}_numerator"), "denominator": below}
    for code, name in SINGLE.items():
        if (value := getattr(row, code)) is not None:
            found[code] = {name: value}
    demand = {part: getattr(row, f"capacity_utilisation_{part}") for part in ("historical", "forecast")}
    if None not in demand.values():
        found["capacity_utilisation"] = demand
    if row.operating_mode_hours_per_week is not None:
        found["operating_mode"] = {"hours_per_week": row.operating_mode_hours_per_week}
    if row.risk_management_plan_exists is not None:
        word = "exists" if row.risk_management_plan_exists else "none"
        if word == "exists" and within(row.risk_management_plan_reviewed_on, 12, today):
            word = "reviewed"
        if word != "none" and within(row.risk_management_plan_tested_on, 12, today):
            word = "tested"
        found["risk_management_plan"] = {"value": word}
    ticks = {
        "process_exists": row.emergency_stock_process_exists,
        "allocation_rule": row.emergency_stock_allocation_rule,
        "contact_24_7": row.emergency_stock_contact_24_7,
        "ships_within_24h": row.emergency_stock_ships_within_24h,
    }
    if any(tick is not None for tick in ticks.values()) or row.emergency_stock_tested_on:
        ticks["tested_12m"] = within(row.emergency_stock_tested_on, 12, today)
        found["emergency_stock_process"] = {name: bool(tick) for name, tick in ticks.items()}
    return found
