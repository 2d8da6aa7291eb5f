"""A small world with canaries: names and figures that occur nowhere else, and who alone may meet each of them."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils import timezone

from dscr.access.models import Membership, Organisation, User
from dscr.access.roles import KINDS_OF_ROLE, OrganisationKind, Role
from products.models import (
    DisclosureGrant,
    KpiSubmission,
    Product,
    Shortage,
    WorkbookUpload,
)
from products.queries.due import quarter_of
from qmm.models import (
    ActionFile,
    AssessmentCase,
    CaseAssignment,
    CaseFile,
    DuplicatePair,
    Establishment,
    FactComment,
    Finding,
    FindingFile,
    ImprovementAction,
    Inspection,
    SiteEvidenceFile,
)
from ratings.models import MethodologyRelease, ProductRating, ReviewFile, Scenario, WorkerTally
from tests.pages.factory import settle
from tests.walk.product_rows import (
    draft_row,
    job_row,
    last_quarter_end,
    order_rows,
    product_row,
    request_row,
    review_rows,
    workbook_row,
)
from tests.walk.site_rows import (
    calibration_rows,
    case_of_both,
    case_papers,
    merge_row,
    rubric_draft,
    scores_of,
    site_records,
    site_row,
)

ANONYMOUS, NOBODY = "anonymous", "nobody"
# Reader -> role and organisation. "Outside" ones hold the same role in another organisation.
READERS = {
    "editor": (Role.MANUFACTURER_EDITOR, "Ownfirm"),
    "editor outside": (Role.MANUFACTURER_EDITOR, "Otherfirm"),
    "attestor": (Role.ATTESTOR, "Ownfirm"),
    "attestor outside": (Role.ATTESTOR, "Otherfirm"),
    "contact": (Role.ESTABLISHMENT_CONTACT, "Ownfirm"),
    "contact outside": (Role.ESTABLISHMENT_CONTACT, "Otherfirm"),
    "purchaser": (Role.PURCHASER, "Buyers"),
    "assessor": (Role.ASSESSOR, "Assessors"),
    "assessor outside": (Role.ASSESSOR, "Assessors"),
    "lead assessor": (Role.LEAD_ASSESSOR, "Assessors"),
    "operator": (Role.OPERATOR, "Office"),
    "coordinator": (Role.COORDINATOR, "Coordination"),
    "auditor": (Role.AUDITOR, "Office"),
}
KINDS = {
    "Ownfirm": OrganisationKind.MANUFACTURER,
    "Otherfirm": OrganisationKind.MANUFACTURER,
    "Supplierfirm": OrganisationKind.MANUFACTURER,
    "Buyers": OrganisationKind.PURCHASER,
    "Farbuyers": OrganisationKind.PURCHASER,
    "Assessors": OrganisationKind.ASSESSOR_FIRM,
    "Office": OrganisationKind.OPERATOR,
    "Coordination": OrganisationKind.COORDINATOR,
}
OVERSIGHT = {"operator", "auditor"}
MAKERS = {"editor", "attestor"}
# What may meet the eyes of these readers only.
CANARIES = {
    "Zyxwarren Plant": {*OVERSIGHT, *MAKERS, "contact", "assessor", "lead assessor", "coordinator"},
    "Quibblemoor Chemicals": {*OVERSIGHT, *MAKERS, "coordinator"},
    "Liechtenstein": {*OVERSIGHT, *MAKERS, "coordinator"},
    "LIE": {*OVERSIGHT, *MAKERS, "coordinator"},
    "3.137": {*OVERSIGHT, *MAKERS, "contact", "assessor", "lead assessor"},  # the plant's level
    "62.74": {*OVERSIGHT, *MAKERS, "contact", "assessor", "lead assessor"},  # the same in points
    "4.291": OVERSIGHT,  # the supplier's level: its buyer meets only the stage's loss
    "85.82": OVERSIGHT,
    "987654321": {*OVERSIGHT, *MAKERS},  # a count of the fill rate
    "987,654,321": {*OVERSIGHT, *MAKERS},
    "31313": {*OVERSIGHT, *MAKERS},  # days of inventory
    "31,313": {*OVERSIGHT, *MAKERS},
    "Grubblesome": MAKERS,  # a scenario's name: the firm's own thoughts
    "17171": MAKERS,  # what it tries
    "grumblewick.csv": {*OVERSIGHT, *MAKERS},  # order lines: a file's name, a line that was not used, a figure
    "Hospital of Fernwhistle": {*OVERSIGHT, *MAKERS},
    "767,676": {*OVERSIGHT, *MAKERS},
    "snorklebury.csv": {*OVERSIGHT, "editor outside", "attestor outside"},
    "135797531": {*OVERSIGHT, *MAKERS},  # a count in a draft
    "135,797,531": {*OVERSIGHT, *MAKERS},
    "864208642": {*OVERSIGHT, "editor outside", "attestor outside"},  # of the other firm
    "864,208,642": {*OVERSIGHT, "editor outside", "attestor outside"},
    # Threads of reviews: what was written, what it should be, a file's name, and a note that the firm never meets.
    "Snargaloof": {*OVERSIGHT, *MAKERS},
    "Twistlefen": {*OVERSIGHT, *MAKERS},
    "trundlewick.pdf": {*OVERSIGHT, *MAKERS},
    "Pumblechook": OVERSIGHT,
    "Fizzlewhit": {*OVERSIGHT, "editor outside", "attestor outside"},
    "quagmarrow.pdf": {*OVERSIGHT, "editor outside", "attestor outside"},
    "Snarfwiddle": {*OVERSIGHT, *MAKERS},  # why somebody else asks for a disclosure
    "Mumblecroft": {*OVERSIGHT, "editor outside", "attestor outside"},
    "Drizzlebank": {*OVERSIGHT, *MAKERS},  # who attests many figures at once
    "Wigglethorn": {"assessor"},  # an assessor's notes, finding and file before both have finished
    "Nettlecombe": {"assessor"},
    "bramblewick.pdf": {"assessor"},
    "Mallowfield": {*OVERSIGHT, "assessor outside"},  # a case on which both have finished
    # Of establishments: records that were merged, and what owners say of their sites.
    "Trubblesome": OVERSIGHT,
    "Wuffington": {*OVERSIGHT, "coordinator"},
    "Grommelsby": {*OVERSIGHT, "coordinator"},
    "Plinkerton": {*OVERSIGHT, *MAKERS, "contact", "assessor", "lead assessor"},
    "Dunderwick": {*OVERSIGHT, "editor outside", "attestor outside", "contact outside"},
    # Evidence on it: for who is assigned to a case of the site besides.
    "Spindlewhit": {*OVERSIGHT, "editor outside", "attestor outside", "contact outside", "assessor outside"},
    "Frumpledown": OVERSIGHT,  # stands in the draft of the rubric
    # Cases: an answer, a passage of the draft, a comment, a file; a note among assessors, one for the operator.
    "Crumblewhistle": {*OVERSIGHT, *MAKERS, "contact", "assessor", "lead assessor"},
    "Thistledraft": {*OVERSIGHT, *MAKERS, "contact", "assessor", "lead assessor"},
    "Wimblecomment": {*OVERSIGHT, *MAKERS, "contact", "assessor", "lead assessor"},
    "Flumbleton": {*OVERSIGHT, *MAKERS, "contact", "assessor", "lead assessor"},  # a finding, as the report tells it
    "plumpfactory.pdf": {*OVERSIGHT, *MAKERS, "contact", "assessor", "lead assessor"},
    "Grizzlenote": {*OVERSIGHT, "assessor", "lead assessor"},
    "Squabblecousin": OVERSIGHT,
    "Hobbleford": {*OVERSIGHT, "editor outside", "attestor outside", "contact outside"},  # of the other firm
    # Of a final case: a finding, an action of the improvement plan, a note in its log, its file.
    "Gribbleham": {*OVERSIGHT, *MAKERS, "contact", "assessor", "lead assessor"},
    "Plonkerworth": {*OVERSIGHT, *MAKERS, "contact", "assessor", "lead assessor"},
    "Snibbleton": {*OVERSIGHT, *MAKERS, "contact", "assessor", "lead assessor"},
    "snibbleton.pdf": {*OVERSIGHT, *MAKERS, "contact", "assessor", "lead assessor"},
    "Glimmerthwaite": {*OVERSIGHT, "lead assessor"},  # why the panel gave a level: for who submitted the case
    "Tumbleknack": {*OVERSIGHT, "lead assessor"},  # who sat on the panel
    "Puddlewrist": {"lead assessor"},  # an assessor's own note
    "Skimblefold": OVERSIGHT,  # stands in the draft of a case
    "0.7373": set(),  # a drift is told in two decimals
    "+0.74": OVERSIGHT,  # the lead assessor's drift, as the office reads it
    "0.74 levels": {*OVERSIGHT, "lead assessor"},
    "Wobblethorpe": {"operator", "auditor", ANONYMOUS},  # a person; the name stands only in people's own pages
}
FIGURES = {
    "fill_rate_numerator": 987_654_321,
    "fill_rate_denominator": 998_877_665,
    "days_inventory_on_hand": 31_313,
    "safety_stock_days": 45,
    "safety_stock_adherence_numerator": 10,
    "safety_stock_adherence_denominator": 12,
    "shelf_life_months": 24,
    "on_time_delivery_numerator": 890,
    "on_time_delivery_denominator": 1000,
    "order_to_ship_days": 3,
    "dual_sourced_materials_numerator": 3,
    "dual_sourced_materials_denominator": 4,
    "capacity_utilisation_historical": 0.71,
    "capacity_utilisation_forecast": 0.74,
    "operating_mode_hours_per_week": 120,
    "equipment_depreciated_share": 0.4,
    "capital_reinvestment_ratio": 1.1,
    "contribution_margin": 0.3,
    "risk_management_plan_exists": True,
    "disruption_notice_rate_numerator": 0,
    "disruption_notice_rate_denominator": 0,
}


@dataclass
class World:
    own: Product
    other: Product
    plant: Establishment
    supplier: Establishment
    case: AssessmentCase
    cases: tuple[int, ...]  # that one, one of the same site with all papers, one of the other firm
    comments: tuple[int, ...]
    case_files: tuple[int, ...]
    actions: tuple[int, ...]  # of an improvement plan
    action_files: tuple[int, ...]
    far_case: AssessmentCase
    assignments: tuple[int, ...]
    findings: tuple[int, ...]
    finding_files: tuple[int, ...]
    grant: DisclosureGrant
    other_grant: DisclosureGrant
    scenario: Scenario
    reviews: tuple[int, ...]  # of the own firm, open and decided, then of the other
    review_files: tuple[int, ...]
    upload: WorkbookUpload
    other_upload: WorkbookUpload
    quarter: date  # attested
    drafted: date  # a quarter with open drafts
    drafts: tuple[int, ...]  # of both firms
    submissions: tuple[int, ...]
    calibrations: tuple[int, ...] = ()  # published, and a draft
    jobs: tuple[int, ...] = ()  # of both firms
    requests: tuple[int, ...] = ()  # to both firms, of a purchaser that is none of the readers
    pair: int = 0
    merge: int = 0
    site_grants: tuple[int, ...] = ()  # of the own firm's plant, and of the other's
    contacts: tuple[int, ...] = ()
    evidence: tuple[int, ...] = ()
    evidence_files: tuple[int, ...] = ()
    users: dict[str, User] = field(default_factory=dict)
    exact: str = ""
    # (URL, verb) whose answer is known for every reader (tests/walk/test_walk.py).
    settled: set[tuple[str, str]] = field(default_factory=set)

    def forbidden(self, reader: str) -> list[str]:
        """The canaries that this reader may never meet, the unrounded score among them."""
        hidden = [canary for canary, readers in CANARIES.items() if reader not in readers]
        return hidden if reader in OVERSIGHT | MAKERS else [*hidden, self.exact]


def build_world() -> World:
    today = timezone.localdate()
    firms = {name: Organisation.objects.create(name=name, kinds=[kind]) for name, kind in KINDS.items()}
    users = {NOBODY: User.objects.create_user("nobody@walk.example", "walk-password-1", full_name="No Body")}
    for reader, (role, firm) in READERS.items():
        assert KINDS_OF_ROLE[role] in firms[firm].kinds
        email = f"{reader.replace(' ', '-')}@walk.example"
        users[reader] = user = User.objects.create_user(email, "walk-password-1", full_name=f"Reader {reader}")
        Membership.objects.create(user=user, organisation=firms[firm], role=role, starts_on=today - timedelta(days=9))
    users["operator"].is_staff = users["operator"].is_superuser = True
    users["operator"].save()
    stranger = User.objects.create_user("wobblethorpe@walk.example", "walk-password-1", full_name="W Wobblethorpe")
    Membership.objects.create(
        user=stranger, organisation=firms["Supplierfirm"], role=Role.ATTESTOR, starts_on=today - timedelta(days=9)
    )
    MethodologyRelease.objects.get_or_create(version="2026.1", defaults={"in_force_from": date(2025, 1, 1)})
    plant = site_row("Zyxwarren Plant", "USA", firms["Ownfirm"], 3.137, today)
    supplier = site_row("Quibblemoor Chemicals", "LIE", firms["Supplierfirm"], 4.291, today)
    far = site_row("Otherfirm Plant", "USA", firms["Otherfirm"], 2.5, today)
    second_far = site_row("Otherfirm Works", "USA", firms["Otherfirm"], 2.5, today)
    Inspection.objects.create(establishment=supplier, classification="OAI", ended_on=today - timedelta(days=90))
    case = AssessmentCase.objects.create(establishment=plant, state="scoring", requested_on=today, due_on=today)
    for reader in ("assessor", "lead assessor"):
        CaseAssignment.objects.create(
            case=case,
            membership=users[reader].membership,
            is_lead=reader == "lead assessor",
            assigned_on=today,
            accepted_at=timezone.now(),
        )
    scores_of(
        case.assignments.get(membership=users["assessor"].membership), "Wigglethorn", "Nettlecombe", "bramblewick"
    )
    far_case = case_of_both(far, users["assessor outside"], firms["Assessors"], today)
    quarter = last_quarter_end(today)
    own = product_row(
        "099901-0101", "Ownfirm Labs", firms["Ownfirm"], [(plant, 0.6), (supplier, 0.4)], FIGURES, quarter
    )
    plain = FIGURES | {"fill_rate_numerator": 880_000_000, "days_inventory_on_hand": 40}
    other = product_row("099902-0202", "Otherfirm Labs", firms["Otherfirm"], [(far, 1.0)], plain, quarter)
    Shortage.objects.create(
        package_ndc=f"{own.ndc}-01", status="current", changed_on=today, generic_name="walkamine", entry_key="walk"
    )
    # Under ids of the establishments, so that an address may hold either.
    order_rows(plant.pk, firms["Ownfirm"], users["editor"], own, quarter, "grumblewick.csv")
    order_rows(supplier.pk, firms["Otherfirm"], users["editor outside"], other, quarter, "snorklebury.csv")
    drafted = quarter_of(quarter - timedelta(days=120)).ends_on
    drafts = (
        draft_row(own, firms["Ownfirm"], drafted, "135797531"),
        draft_row(other, firms["Otherfirm"], drafted, "864208642"),
    )
    twin = Establishment.objects.create(name="Grommelsby Works", country="USA")
    pair = DuplicatePair.objects.create(first=plant, second=twin, signals=["near_name"], likeness=0.6)
    merge = merge_row(users["operator"])
    settle(own, other)  # and leaves no mark, whose age would make the health page answer 503
    scenario = Scenario.objects.create(
        product=own,
        organisation=firms["Ownfirm"],
        name="Grubblesome stock",
        query="days_inventory_on_hand=17171",
        methodology="2026.1",
        created_by=users["editor"],
    )
    # Without a living worker the health page would answer 503.
    WorkerTally.objects.create(worker="walk", last_seen_at=timezone.now() + timedelta(hours=1))
    exact = str(ProductRating.objects.get(product=own).published_snapshot.exact)[:8]
    # What is disclosed to somebody else changes nothing for any of these readers.
    grant, other_grant = (
        DisclosureGrant.objects.create(
            organisation=firms[firm],
            product=product,
            grantee=firms["Farbuyers"],
            kpis=["fill_rate", "days_inventory_on_hand"],
            shows_supply=True,
            shows_maturity=True,
            valid_from=today,
            valid_to=today + timedelta(days=30),
            granted_by=users[attestor],
        )
        for firm, product, attestor in (("Ownfirm", own, "attestor"), ("Otherfirm", other, "attestor outside"))
    )
    reviews = review_rows(own, other, users)
    rubric_draft(users["operator"])
    papers = ((plant, "editor", ""), (second_far, "editor outside", "Hobbleford"))
    calibrations = calibration_rows(users)
    given = [
        site_records(plant, users["attestor"], "Plinkerton", "Plinkerton"),
        site_records(far, users["attestor outside"], "Dunderwick", "Spindlewhit"),
    ]
    uploads = [workbook_row(own, users["editor"], quarter), workbook_row(other, users["editor outside"], quarter)]
    return World(
        own=own,
        other=other,
        plant=plant,
        supplier=supplier,
        case=case,
        cases=(case.pk, *(case_papers(site, users, firm, word) for site, firm, word in papers)),
        comments=tuple(FactComment.objects.order_by("pk").values_list("pk", flat=True)),
        case_files=tuple(CaseFile.objects.order_by("pk").values_list("pk", flat=True)),
        actions=tuple(ImprovementAction.objects.values_list("pk", flat=True)),
        action_files=tuple(ActionFile.objects.values_list("pk", flat=True)),
        far_case=far_case,
        assignments=tuple(CaseAssignment.objects.order_by("pk").values_list("pk", flat=True)),
        findings=tuple(Finding.objects.order_by("pk").values_list("pk", flat=True)),
        finding_files=tuple(FindingFile.objects.order_by("pk").values_list("pk", flat=True)),
        scenario=scenario,
        calibrations=calibrations,
        reviews=reviews,
        review_files=tuple(ReviewFile.objects.order_by("pk").values_list("pk", flat=True)),
        grant=grant,
        other_grant=other_grant,
        upload=uploads[0],
        other_upload=uploads[1],
        quarter=quarter,
        drafted=drafted,
        drafts=drafts,
        submissions=tuple(KpiSubmission.objects.values_list("pk", flat=True)),
        jobs=(
            job_row(users["attestor"], drafts[0], "Drizzlebank"),
            job_row(users["attestor outside"], drafts[1], "Other"),
        ),
        requests=(
            request_row(own, users["purchaser"], "Snarfwiddle"),
            request_row(other, users["purchaser"], "Mumblecroft"),
        ),
        pair=pair.pk,
        merge=merge,
        site_grants=tuple(row[0] for row in given),
        contacts=tuple(row[1] for row in given),
        evidence=tuple(row[2] for row in given),
        evidence_files=tuple(SiteEvidenceFile.objects.order_by("pk").values_list("pk", flat=True)),
        users=users,
        exact=exact,
    )
