"""Small portfolios for the page tests: the pair of golden/appendix_b, stored and computed as in life."""

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from dscr.access.models import Membership, Organisation, User
from dscr.access.roles import KINDS_OF_ROLE, Role
from products.models import Enrolment, KpiSubmission, Package, Product, SupplyNode
from products.ndc import product_key
from qmm.models import AREAS, Assessment, Establishment, EstablishmentIdentifier, Inspection
from ratings.loaders import load
from ratings.models import MethodologyRelease, StaleMark
from ratings.publish import publish, score_batch
from ratings.recompute import lock_heads
from ratings.scoring.questionnaire import KPIS

PORTFOLIO = Path(__file__).parents[1] / "golden" / "appendix_b.json"
NAMES = {"3001000001": "Halden Plant 2", "3001000002": "Ashvale Chemicals", "3001000003": "Corvo Fine Chem"}
LABELERS = {"99901-101": "Halden Sterile", "99901-202": "Vantry Pharma"}
SIGNED = datetime(2026, 10, 12, 15, 0, tzinfo=timezone.get_default_timezone())


def user_with(role: str | None, email: str = "") -> User:
    """A user with one membership of that role that holds today; None for no membership."""
    if role:
        return user_of("DSCR program office", role, email)
    return User.objects.create_user(email or "nobody@demo.example", "dscr-demo-password")


def user_of(organisation: str, role: str, email: str = "") -> User:
    """A user with that role in the organisation of that name, which is made where it is not there yet."""
    firm, _ = Organisation.objects.get_or_create(
        name=organisation, defaults={"kinds": [KINDS_OF_ROLE[Role(role)]], "is_synthetic": True}
    )
    taken = User.objects.filter(email=f"{role}@demo.example").exists()
    user = User.objects.create_user(
        email or (f"{role}.{firm.pk}@demo.example" if taken else f"{role}@demo.example"), "dscr-demo-password"
    )
    Membership.objects.create(
        user=user, organisation=firm, role=role, starts_on=timezone.localdate() - timedelta(days=30)
    )
    return user


def operator() -> User:
    user = user_with(Role.OPERATOR)
    user.is_staff = user.is_superuser = True
    user.save()
    return user


def kpi_columns(kpis: dict[str, Any], on: date) -> dict[str, Any]:
    """The columns of a submission from the portfolio format; ticks that age get the date `on`."""
    columns: dict[str, Any] = {}
    for kpi in KPIS:
        given = kpis.get(kpi.code, {})
        if given.get("state") == "not_applicable":
            given = {"numerator": 0, "denominator": 0}
        if given.get("state"):
            continue
        if kpi.code == "risk_management_plan":
            word = given.get("value")
            columns["risk_management_plan_exists"] = None if word is None else word != "none"
            columns["risk_management_plan_reviewed_on"] = on if word in ("reviewed", "tested") else None
            columns["risk_management_plan_tested_on"] = on if word == "tested" else None
            continue
        for field in kpi.fields:
            if field.column == "emergency_stock_tested_12m":
                columns["emergency_stock_tested_on"] = on if given.get(field.name) else None
            else:
                columns[field.column] = given.get(field.name)
    return columns


def last_quarter_end() -> date:
    """Of a quarter that has ended, so that its figures count whenever the tests run."""
    today = timezone.localdate()
    first = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1)
    return first - timedelta(days=1)


def appendix_b(quarter_end: date | None = None) -> tuple[Product, Product]:
    """The brief's two products of one maker at one site, enrolled, with nodes, assessments and KPIs."""
    quarter_end = quarter_end or last_quarter_end()
    portfolio = json.loads(PORTFOLIO.read_text())
    MethodologyRelease.objects.get_or_create(version="2026.1", defaults={"in_force_from": date(2025, 1, 1)})
    firm, _ = Organisation.objects.get_or_create(name="Halden Group", defaults={"kinds": ["manufacturer"]})
    sites = {fei: establishment(NAMES[fei], fei, facts) for fei, facts in portfolio["establishments"].items()}
    products = []
    for given in portfolio["products"]:
        key = product_key(given["ndc"])
        product = Product.objects.create(
            ndc=key,
            display_ndc=given["ndc"],
            labeler_name=LABELERS[given["ndc"]],
            nonproprietary_name="cisplatin",
            substances=["CISPLATIN"],
            molecule="CISPLATIN",
            dosage_form="INJECTION, SOLUTION",
            route="INTRAVENOUS",
            strength="1 mg/mL",
            marketing_category="ANDA",
            is_synthetic=True,
        )
        Package.objects.create(product=product, ndc=f"{key}-01", display_ndc=f"{given['ndc']}-01")
        Enrolment.objects.create(product=product, organisation=firm, enrolled_on=date(2025, 1, 1))
        for node in given["nodes"]:
            SupplyNode.objects.create(
                product=product,
                stage=node["stage"],
                establishment=sites[node["fei"]],
                share=node["share"],
                is_qualified=node["qualified"],
                last_batch_on=quarter_end,
                valid_from=date(2025, 1, 1),
            )
        KpiSubmission.objects.create(
            product=product, quarter_end=quarter_end, attested_at=SIGNED, **kpi_columns(given["kpis"], quarter_end)
        )
        products.append(product)
    return products[0], products[1]


def establishment(name: str, fei: str, facts: dict[str, Any]) -> Establishment:
    site = Establishment.objects.create(name=name, country=facts["country"] or "", is_synthetic=True)
    EstablishmentIdentifier.objects.create(establishment=site, scheme="fei", value=fei)
    for given in facts["qmm"]:
        levels = {area: given["areas"][area] for area in AREAS}
        Assessment.objects.create(establishment=site, completed_on=given["completed_on"], **levels)
    for given in facts["inspections"]:
        Inspection.objects.create(establishment=site, **given)
    return site


def settle(*products: Product) -> None:
    """Publish the products as of today and leave no mark, as a worker would."""
    for product in products:
        publish_as_of(product, timezone.localdate())
    StaleMark.objects.all().delete()


def publish_as_of(product: Product, as_of: date) -> None:
    """What a worker would have published on that date from the inputs as they stand now; marks stay."""
    at = timezone.make_aware(datetime.combine(as_of, time(0, 30))).astimezone(UTC)
    with transaction.atomic(), connection.cursor() as cursor:
        # It empties itself on commit, and the transaction of a test never commits.
        cursor.execute("DROP TABLE IF EXISTS pg_temp.ratings_head_update")
        cursor.execute(
            "INSERT INTO ratings_productrating (product_id, status, failed_count, failure) VALUES (%s, 3, 0, '') "
            "ON CONFLICT DO NOTHING",
            [product.pk],
        )
        batch = score_batch(load(cursor, [product.pk], as_of), as_of)
        publish(cursor, batch, lock_heads(cursor, [product.pk]), at)
