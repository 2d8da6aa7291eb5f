"""A large manufacturer for the measure `firm` and for the tests that pin its pages' queries: products that share drugs
and sites, eight quarters of figures, six supply nodes each, drafts, grants, uploads, and a history of ratings."""

import random
import tempfile
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.core.files import File
from django.utils import timezone

from dscr.access.models import Membership, Organisation, User
from dscr.access.roles import OrganisationKind, Role
from dscr.bench.orders import generate as generate_orders
from products.models import (
    DisclosureGrant,
    Enrolment,
    KpiDraft,
    KpiSubmission,
    OrderUpload,
    Package,
    Product,
    SupplyNode,
    WorkbookUpload,
)
from products.orders.files import Shape
from products.orders.mapping import OrderMapping, guess
from products.queries.due import last_quarter
from products.queries.workbook import firm_products, standings
from products.services.kpi_draft import draft_copy_forward, draft_open
from products.services.order_figures import compute_waiting
from products.services.order_upload import order_upload_compute, order_upload_create
from products.services.workbook import check_waiting, upload_create
from products.workbook.template import Template, csv_template
from qmm.models import AREAS, Assessment, Establishment, EstablishmentIdentifier, Inspection
from ratings.models import PlannerEffort, Scenario
from ratings.recompute import recompute_pending, replay

FIRM, BUYER = "Bench holding", "Bench buyers"
LABELER = 980_000
QUARTERS = 8
STAGES = (("ksm", 1.0), ("api", 0.6), ("api", 0.4), ("fdf", 1.0), ("packaging", 1.0), ("testing", 1.0))
LINES = 20  # order lines a product


@dataclass(frozen=True)
class Firm:
    """`products` in the order of their NDCs; the first has a draft, uploads and a scenario."""

    organisation: Organisation
    editor: User
    attestor: User
    products: list[Product]
    hub: Establishment
    draft: KpiDraft
    submission: KpiSubmission
    grant: DisclosureGrant
    workbook: WorkbookUpload
    orders: OrderUpload
    scenario: Scenario
    quarter_end: date


def firm_create(products: int) -> Firm:
    """Stores and rates everything. Commits, as a worker's recompute does."""
    dice, today = random.Random(products), timezone.localdate()  # noqa: S311  figures, not secrets
    firm = Organisation.objects.create(name=FIRM, kinds=[OrganisationKind.MANUFACTURER], is_synthetic=True)
    buyer = Organisation.objects.create(name=BUYER, kinds=[OrganisationKind.PURCHASER], is_synthetic=True)
    editor, attestor = (_user(firm, role) for role in (Role.MANUFACTURER_EDITOR, Role.ATTESTOR))
    ends = quarter_ends(today)
    sites = _sites(firm, max(6, products // 5), dice, today)
    own = _products(firm, products, today)
    _nodes(own, sites, dice, today)
    _submissions(own, ends, attestor, dice)
    for end in reversed(ends[:-1]):
        replay([product.pk for product in own], end + timedelta(days=40))
    recompute_pending()
    drafts = _drafts(own, firm, editor, ends[0])
    grants = _grants(own, firm, buyer, attestor, today)
    _efforts(firm)
    return Firm(
        organisation=firm,
        editor=editor,
        attestor=attestor,
        products=own,
        hub=sites[0],
        draft=drafts[0],
        submission=KpiSubmission.objects.filter(product=own[1]).earliest("quarter_end"),
        grant=grants[0],
        workbook=_workbook(firm, editor, ends[0]),
        orders=_orders(firm, editor, own),
        scenario=_scenario(own[0], firm, editor),
        quarter_end=ends[0],
    )


def quarter_ends(today: date) -> list[date]:
    """Of the last eight that have ended, the newest first."""
    ends = [last_quarter(today).ends_on]
    while len(ends) < QUARTERS:
        ends.append(last_quarter(ends[-1]).ends_on)
    return ends


def _user(firm: Organisation, role: Role) -> User:
    user = User.objects.create(email=f"{role}@holding.example", full_name=f"Bench {role.label}")
    Membership.objects.create(
        user=user, organisation=firm, role=role, starts_on=timezone.localdate() - timedelta(days=9)
    )
    return user


def _sites(firm: Organisation, count: int, dice: random.Random, today: date) -> list[Establishment]:
    """A third is the firm's own; the first, the hub, packs every product."""
    countries = ("USA", "IND", "CHN", "ITA", "DEU", "IRL")
    sites = Establishment.objects.bulk_create(
        Establishment(
            name=f"Holding site {number}",
            address=f"{number} Works Road",
            country=countries[number % len(countries)],
            owner=firm if number % 3 == 0 else None,
            last_seen_on=today,
            is_synthetic=True,
        )
        for number in range(count)
    )
    EstablishmentIdentifier.objects.bulk_create(
        EstablishmentIdentifier(establishment=site, scheme="fei", value=f"39{number:08}")
        for number, site in enumerate(sites)
    )
    Assessment.objects.bulk_create(
        Assessment(
            establishment=site,
            completed_on=today - timedelta(days=dice.randint(20, 700)),
            **{area: round(dice.uniform(1.5, 4.5), 1) for area in AREAS},
        )
        for site in sites
    )
    Inspection.objects.bulk_create(
        Inspection(
            establishment=site,
            classification=dice.choice(["NAI", "NAI", "VAI", "OAI"]),
            ended_on=today - timedelta(days=dice.randint(30, 900)),
        )
        for site in sites
    )
    return sites


def _products(firm: Organisation, count: int, today: date) -> list[Product]:
    made = Product.objects.bulk_create(
        Product(
            ndc=f"{LABELER:06}-{number:04}",
            display_ndc=f"{LABELER}-{number:04}",
            labeler_name="Bench Holding Pharma",
            nonproprietary_name=f"holdicillin {number // 3}",
            substances=[f"HOLDICILLIN {number // 3}"],
            molecule=f"HOLDICILLIN {number // 3}",
            dosage_form="INJECTION, SOLUTION",
            route="INTRAVENOUS",
            strength="1 mg/mL",
            marketing_category="ANDA",
            is_synthetic=True,
        )
        for number in range(count)
    )
    Package.objects.bulk_create(
        Package(product=product, ndc=f"{product.ndc}-01", display_ndc=f"{product.display_ndc}-01") for product in made
    )
    Enrolment.objects.bulk_create(
        Enrolment(product=product, organisation=firm, enrolled_on=today - timedelta(days=900)) for product in made
    )
    return made


def _nodes(products: list[Product], sites: list[Establishment], dice: random.Random, today: date) -> None:
    others = sites[1:]
    SupplyNode.objects.bulk_create(
        SupplyNode(
            product=product,
            stage=stage,
            establishment=sites[0] if stage == "packaging" else others[(number + place) % len(others)],
            share=share,
            is_qualified=dice.random() < 0.95,
            last_batch_on=today - timedelta(days=dice.randint(10, 1000)),
            valid_from=today - timedelta(days=900),
        )
        for number, product in enumerate(products)
        for place, (stage, share) in enumerate(STAGES)
    )


def _submissions(products: list[Product], ends: list[date], attestor: User, dice: random.Random) -> None:
    """Every fourth product, the first among them, still owes the last quarter; every fifth was corrected once."""
    rows = []
    for number, product in enumerate(products):
        for end in ends[1:] if number % 4 == 0 else ends:
            rows.append(_submission(product, end, attestor, dice))
            if number % 5 == 0 and end == ends[1]:
                rows.append(_submission(product, end, attestor, dice, superseded=True))
    KpiSubmission.objects.bulk_create(rows)


def _submission(
    product: Product, end: date, attestor: User, dice: random.Random, *, superseded: bool = False
) -> KpiSubmission:
    signed = timezone.make_aware(datetime.combine(end + timedelta(days=20), time(12)))
    return KpiSubmission(
        product=product,
        quarter_end=end,
        dual_sourced_materials_numerator=dice.randint(0, 12),
        dual_sourced_materials_denominator=12,
        capacity_utilisation_historical=round(dice.uniform(0.4, 1), 3),
        capacity_utilisation_forecast=round(dice.uniform(0.4, 1), 3),
        operating_mode_hours_per_week=dice.randint(40, 168),
        qualified_lines=dice.randint(1, 3),
        days_inventory_on_hand=dice.randint(5, 200),
        safety_stock_days=dice.choice([None, 30, 90]),
        safety_stock_target_days=90,
        safety_stock_adherence_numerator=dice.randint(0, 12),
        safety_stock_adherence_denominator=12,
        shelf_life_months=dice.randint(12, 36),
        fill_rate_numerator=dice.randint(800, 1000),
        fill_rate_denominator=1000,
        on_time_delivery_numerator=dice.randint(700, 1000),
        on_time_delivery_denominator=1000,
        order_to_ship_days=dice.randint(1, 20),
        equipment_depreciated_share=round(dice.random(), 3),
        capital_reinvestment_ratio=round(dice.uniform(0, 2), 2),
        contribution_margin=round(dice.uniform(0, 0.6), 3),
        risk_management_plan_exists=True,
        risk_management_plan_reviewed_on=end - timedelta(days=60),
        emergency_stock_process_exists=True,
        emergency_stock_allocation_rule=dice.random() < 0.5,
        disruption_notice_rate_numerator=dice.randint(0, 4),
        disruption_notice_rate_denominator=4,
        attested_at=signed,
        attested_by=attestor,
        attestor_name="Bench Attestor",
        attestor_title="Vice President",
        attestation="I attest.",
        superseded_at=signed + timedelta(days=5) if superseded else None,
    )


def _drafts(products: list[Product], firm: Organisation, user: User, end: date) -> list[KpiDraft]:
    """Of every product, each begun with its last figures; three in four are corrections of the quarter."""
    drafts = []
    for product in products:
        draft = draft_open(product, organisation=firm, quarter_end=end, user=user)
        before = KpiSubmission.objects.filter(product=product, superseded_at=None).latest("quarter_end")
        draft_copy_forward(draft, previous=before, user=user)
        draft.refresh_from_db()
        drafts.append(draft)
    return drafts


def _grants(
    products: list[Product], firm: Organisation, buyer: Organisation, user: User, today: date
) -> list[DisclosureGrant]:
    usual: dict[str, Any] = {"organisation": firm, "grantee": buyer, "granted_by": user, "kpis": ["fill_rate"]}
    days = {"valid_from": today - timedelta(days=30), "valid_to": today + timedelta(days=300)}
    return DisclosureGrant.objects.bulk_create(
        [DisclosureGrant(product=product, **usual, **days) for product in (*products[::10], None)]
    )


def _efforts(firm: Organisation) -> None:
    PlannerEffort.objects.bulk_create(
        PlannerEffort(organisation=firm, action=action, effort=4) for action in ("second_line", "further_fdf")
    )


def _scenario(product: Product, firm: Organisation, user: User) -> Scenario:
    return Scenario.objects.create(
        product=product,
        organisation=firm,
        name="More stock",
        query="days_inventory_on_hand=120",
        methodology="2026.1",
        created_by=user,
    )


def _workbook(firm: Organisation, user: User, end: date) -> WorkbookUpload:
    products = list(firm_products(Enrolment.objects.filter(organisation=firm)).values())
    found = standings([product.pk for product in products], firm, end)
    last = {pk: standing.last | {"shelf_life_months": "17"} for pk, standing in found.items()}
    content = csv_template(Template(firm.name, end, timezone.now(), products, last)).encode()
    upload = upload_create(organisation=firm, user=user, quarter_end=end, name="bench.csv", content=content)
    check_waiting()
    upload.refresh_from_db()
    if upload.state != WorkbookUpload.State.READY:
        raise RuntimeError(f"The workbook was refused: {upload.problems[:3]}")
    return upload


def _orders(firm: Organisation, user: User, products: list[Product]) -> OrderUpload:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.csv"
        generate_orders(path, [product.display_ndc for product in products], LINES * len(products))
        with path.open("rb") as file:
            upload = order_upload_create(File(file, "orders.csv"), organisation=firm, user=user)
    order_upload_compute(upload, OrderMapping(guess(Shape.from_json(upload.shape).heads, None).columns))
    compute_waiting()
    upload.refresh_from_db()
    if upload.state != OrderUpload.State.DONE:
        raise RuntimeError(f"The figures were not computed: {upload.state} {upload.failure}")
    return upload
