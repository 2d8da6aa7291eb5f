"""A portfolio to break things on: real rows, a few hub establishments that many products share, no story."""

import random
from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from dscr.access.models import Organisation
from dscr.access.roles import OrganisationKind
from products.models import Enrolment, KpiSubmission, Product, SupplyNode
from products.models.kpi_submission import COUNT_PAIRS
from qmm.models import AREAS, Assessment, Establishment, Inspection

HUBS = 10  # establishments that the writers fight over
SITES = 60
PROBES = 20  # the last products, which only the freshness probe writes
COUNTRIES = ("USA", "IND", "CHN", "DEU", "IRL", "ITA")
FIGURES = {
    "capacity_utilisation_historical": 0.7,
    "capacity_utilisation_forecast": 0.75,
    "operating_mode_hours_per_week": 120,
    "qualified_lines": 2,
    "days_inventory_on_hand": 90,
    "safety_stock_days": 40,
    "shelf_life_months": 24,
    "order_to_ship_days": 5,
    "equipment_depreciated_share": 0.5,
    "capital_reinvestment_ratio": 1.1,
    "contribution_margin": 0.2,
    "risk_management_plan_exists": True,
    "emergency_stock_process_exists": True,
}


def create(products: int) -> None:
    roll = random.Random(20_260)  # noqa: S311  the same portfolio each time
    today = timezone.localdate()
    sites = _establishments(roll, today)
    firm = Organisation.objects.create(name="Fault run", kinds=[OrganisationKind.MANUFACTURER], is_synthetic=True)
    items = Product.objects.bulk_create(
        Product(
            ndc=f"{900_000 + i:06d}-0001",
            display_ndc=f"{900_000 + i:06d}-0001",
            nonproprietary_name=f"Drug {i}",
            substances=[f"DRUG {i}"],
            molecule=f"DRUG {i}",
            is_synthetic=True,
        )
        for i in range(products)
    )
    Enrolment.objects.bulk_create(
        Enrolment(product=item, organisation=firm, enrolled_on=today - timedelta(days=700)) for item in items
    )
    SupplyNode.objects.bulk_create(node for item in items[:-PROBES] for node in _nodes(roll, item, sites, today))
    # Nothing but the probe's own writes makes these stale, so that they tell how long a write takes to be published.
    SupplyNode.objects.bulk_create(node for item in items[-PROBES:] for node in _nodes(roll, item, sites[HUBS:], today))
    KpiSubmission.objects.bulk_create(_submission(roll, item, today) for item in items)


def _establishments(roll: random.Random, today: date) -> list[Establishment]:
    sites = Establishment.objects.bulk_create(
        Establishment(name=f"Site {i}", country=roll.choice(COUNTRIES), is_synthetic=True) for i in range(SITES)
    )
    Assessment.objects.bulk_create(
        Assessment(
            establishment=site,
            completed_on=today - timedelta(days=roll.randint(100, 500)),
            **{area: Decimal(roll.randint(100, 500)) / 100 for area in AREAS},
        )
        for site in sites
    )
    Inspection.objects.bulk_create(
        Inspection(establishment=site, classification="NAI", ended_on=today - timedelta(days=roll.randint(50, 900)))
        for site in sites
    )
    return sites


def _nodes(roll: random.Random, item: Product, sites: list[Establishment], today: date) -> list[SupplyNode]:
    """One source a stage; the finished dose comes from a hub, the rest from elsewhere."""
    return [
        SupplyNode(
            product=item,
            stage=stage,
            establishment=roll.choice(sites[:HUBS] if stage == "fdf" else sites[HUBS:]),
            share=1,
            is_qualified=True,
            last_batch_on=today - timedelta(days=30),
            valid_from=today - timedelta(days=700),
        )
        for stage in SupplyNode.Stage.values
    ]


def _submission(roll: random.Random, item: Product, today: date) -> KpiSubmission:
    counts = {}
    for pair in COUNT_PAIRS:
        counts |= {f"{pair}_numerator": roll.randint(80, 100), f"{pair}_denominator": 100}
    quarter_ends = [date(today.year - 1, 12, 31), date(today.year, 3, 31), date(today.year, 6, 30)]
    quarter_ends.append(date(today.year, 9, 30))
    latest = max(end for end in quarter_ends if end < today)
    return KpiSubmission(product=item, quarter_end=latest, attested_at=timezone.now(), **FIGURES, **counts)
