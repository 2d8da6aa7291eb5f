"""A small world with canaries: names and figures that occur nowhere else, and who alone may meet each of them."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from dscr.access.models import Membership, Organisation, User
from dscr.access.roles import KINDS_OF_ROLE, OrganisationKind, Role
from dscr.evidence.storing import evidence_kept
from products.models import (
    DisclosureGrant,
    DisclosureRequest,
    Enrolment,
    FiguresJob,
    KpiDraft,
    KpiSubmission,
    OrderFigure,
    OrderLineProblem,
    OrderUpload,
    Package,
    Product,
    Shortage,
    SupplyNode,
    WorkbookUpload,
)
from products.orders.files import Shape
from products.orders.mapping import OrderMapping
from products.queries.due import quarter_of
from qmm.course.steps import State as CaseState
from qmm.models import (
    AREAS,
    Assessment,
    AssessmentCase,
    AssessorDrift,
    CalibrationCase,
    CaseAssignment,
    CaseEvent,
    CaseFile,
    DuplicatePair,
    ElementScore,
    Establishment,
    EstablishmentContact,
    FactComment,
    Finding,
    FindingFile,
    Inspection,
    Rubric,
    SiteEvidence,
    SiteGrant,
)
from qmm.services.calibration import Given as GivenLevel
from qmm.services.calibration import case_begin, case_publish, case_save, sheet_save, sheet_submit
from qmm.services.course_sheet import sheet_of
from ratings.mergers.services import establishments_merge
from ratings.models import MethodologyRelease, ProductRating, ReviewFile, ReviewRequest, Scenario, WorkerTally
from ratings.reviews.rules import Event, Kind, Next, Outcome
from ratings.reviews.services import Given, Verdict, review_open, review_step
from tests.evidence.files import PDF, given
from tests.pages.factory import settle

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
    "Frumpledown": OVERSIGHT,  # stands in the draft of the rubric
    # Cases: an answer, a passage of the draft, a comment, a file; a note among assessors, one for the operator.
    "Crumblewhistle": {*OVERSIGHT, *MAKERS, "contact", "assessor", "lead assessor"},
    "Thistledraft": {*OVERSIGHT, *MAKERS, "contact", "assessor", "lead assessor"},
    "Wimblecomment": {*OVERSIGHT, *MAKERS, "contact", "assessor", "lead assessor"},
    "plumpfactory.pdf": {*OVERSIGHT, *MAKERS, "contact", "assessor", "lead assessor"},
    "Grizzlenote": {*OVERSIGHT, "assessor", "lead assessor"},
    "Squabblecousin": OVERSIGHT,
    "Hobbleford": {*OVERSIGHT, "editor outside", "attestor outside", "contact outside"},  # of the other firm
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
    users: dict[str, User] = field(default_factory=dict)
    exact: str = ""

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
    plant = _site("Zyxwarren Plant", "USA", firms["Ownfirm"], 3.137, today)
    supplier = _site("Quibblemoor Chemicals", "LIE", firms["Supplierfirm"], 4.291, today)
    far = _site("Otherfirm Plant", "USA", firms["Otherfirm"], 2.5, today)
    second_far = _site("Otherfirm Works", "USA", firms["Otherfirm"], 2.5, today)
    Inspection.objects.create(establishment=supplier, classification="OAI", ended_on=today - timedelta(days=90))
    case = AssessmentCase.objects.create(establishment=plant, state="scoring", requested_on=today, due_on=today)
    for reader in ("assessor", "lead assessor"):
        CaseAssignment.objects.create(
            case=case,
            membership=users[reader].membership,
            is_lead=reader == "lead assessor",
            assigned_on=today,
        )
    _scored(case.assignments.get(membership=users["assessor"].membership), "Wigglethorn", "Nettlecombe", "bramblewick")
    far_case = _both_finished(far, users["assessor outside"], firms["Assessors"], today)
    quarter = _last_quarter_end(today)
    own = _product("099901-0101", "Ownfirm Labs", firms["Ownfirm"], [(plant, 0.6), (supplier, 0.4)], FIGURES, quarter)
    plain = FIGURES | {"fill_rate_numerator": 880_000_000, "days_inventory_on_hand": 40}
    other = _product("099902-0202", "Otherfirm Labs", firms["Otherfirm"], [(far, 1.0)], plain, quarter)
    Shortage.objects.create(
        package_ndc=f"{own.ndc}-01", status="current", changed_on=today, generic_name="walkamine", entry_key="walk"
    )
    # Under ids of the establishments, so that an address may hold either.
    _orders(plant.pk, firms["Ownfirm"], users["editor"], own, quarter, "grumblewick.csv")
    _orders(supplier.pk, firms["Otherfirm"], users["editor outside"], other, quarter, "snorklebury.csv")
    drafted = quarter_of(quarter - timedelta(days=120)).ends_on
    drafts = (
        _draft(own, firms["Ownfirm"], drafted, "135797531"),
        _draft(other, firms["Otherfirm"], drafted, "864208642"),
    )
    twin = Establishment.objects.create(name="Grommelsby Works", country="USA")
    pair = DuplicatePair.objects.create(first=plant, second=twin, signals=["near_name"], likeness=0.6)
    merge = _merged(users["operator"])
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
    reviews = _reviews(own, other, users)
    _rubric_draft(users["operator"])
    papers = ((plant, "editor", ""), (second_far, "editor outside", "Hobbleford"))
    calibrations = _calibrations(users)
    given = [_of_site(plant, users["attestor"], "Plinkerton"), _of_site(far, users["attestor outside"], "Dunderwick")]
    uploads = [_upload(own, users["editor"], quarter), _upload(other, users["editor outside"], quarter)]
    return World(
        own=own,
        other=other,
        plant=plant,
        supplier=supplier,
        case=case,
        cases=(case.pk, *(_papers(site, users, firm, word) for site, firm, word in papers)),
        comments=tuple(FactComment.objects.order_by("pk").values_list("pk", flat=True)),
        case_files=tuple(CaseFile.objects.order_by("pk").values_list("pk", flat=True)),
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
        jobs=(_job(users["attestor"], drafts[0], "Drizzlebank"), _job(users["attestor outside"], drafts[1], "Other")),
        requests=(_request(own, users["purchaser"], "Snarfwiddle"), _request(other, users["purchaser"], "Mumblecroft")),
        pair=pair.pk,
        merge=merge,
        site_grants=tuple(row[0] for row in given),
        contacts=tuple(row[1] for row in given),
        evidence=tuple(row[2] for row in given),
        users=users,
        exact=exact,
    )


def _papers(site: Establishment, users: dict[str, User], firm: str, word: str) -> int:
    """A case with everything that its course leaves; of the other firm every text says `word`."""
    today, rubric = timezone.localdate(), Rubric.objects.in_force().get()
    case = AssessmentCase.objects.create(
        establishment=site,
        requested_on=today,
        state=CaseState.FACT_CHECK if word else CaseState.FINAL,
        closed_on=None if word else today,
        rubric=rubric,
    )
    for reader in () if word else ("assessor", "lead assessor"):
        held = {"membership": users[reader].membership, "is_lead": reader == "lead assessor"}
        CaseAssignment.objects.create(case=case, assigned_on=today, accepted_at=timezone.now(), **held)
    for kind, text in (("questionnaire", word or "Crumblewhistle"), ("draft", word or "Thistledraft")):
        sheet = sheet_of(case, kind)
        sheet.texts = {item["code"]: text for item in sheet.asked}
        sheet.save()
    by = users[firm]
    FactComment.objects.create(case=case, element="MC1", text=word or "Wimblecomment", by=by)
    with evidence_kept([given(f"{word}.pdf" if word else "plumpfactory.pdf", PDF)], "cases") as kept:
        CaseFile.objects.create(case=case, given_by=by, organisation=by.membership.organisation, **kept[0].fields)
    office = {
        "case": case,
        "by": users["operator"],
        "role": "Operator",
        "organisation": users["operator"].membership.organisation,
    }
    CaseEvent.objects.create(
        event="reopen", state=case.state, note=(word and "Quiet") or "Grizzlenote", is_internal=True, **office
    )
    CaseEvent.objects.create(event="conflict", state=case.state, note="Squabblecousin", is_office=True, **office)
    return case.pk


def _reviews(own: Product, other: Product, users: dict[str, User]) -> tuple[int, ...]:
    """An open thread with a file and a note for colleagues, a decided one, and one of the other firm."""

    def opened(product: Product, user: User, subject: str, text: str, file: str) -> ReviewRequest:
        return review_open(
            product,
            user=user,
            kind=Kind.CORRECTION,
            subject=subject,
            should_be="Twistlefen Plant" if user == users["editor"] else "Fizzlewhit Plant",
            snapshot=ProductRating.objects.get(product=product).published_snapshot,
            given=Given(text, [given(file, PDF)]),
        )

    def step(review: ReviewRequest, event: Event, text: str = "", verdict: Verdict | None = None) -> None:
        review_step(review, event, user=users["operator"], given=Given(text), verdict=verdict)

    asked = opened(own, users["editor"], "kpi:fill_rate", "Snargaloof counted it", "trundlewick.pdf")
    decided = opened(own, users["editor"], "record:supply", "Snargaloof moved", "trundlewick.pdf")
    theirs = opened(other, users["editor outside"], "record:supply", "Fizzlewhit moved", "quagmarrow.pdf")
    for review in (asked, decided, theirs):
        step(review, Event.TAKE)
        step(review, Event.NOTE, "Pumblechook doubts it")
    step(asked, Event.ASK, "Snargaloof, when?")
    step(decided, Event.DECIDE, "Snargaloof is right in part.", Verdict(Outcome.PARTLY, Next.OFFICE))
    return asked.pk, decided.pk, theirs.pk


def _scored(assignment: CaseAssignment, notes: str, finding: str, file: str) -> None:
    """A level with notes, and a finding with a file."""
    by = assignment.membership.user
    ElementScore.objects.create(assignment=assignment, element="MC1", level=2, notes=f"{notes} on the floor")
    row = Finding.objects.create(
        assignment=assignment, element="MC1", kind="opportunity", text=f"{finding} has no chart"
    )
    with evidence_kept([given(f"{file}.pdf", PDF)], "findings") as kept:
        FindingFile.objects.create(finding=row, given_by=by, **kept[0].fields)


def _both_finished(site: Establishment, one: User, firm: Organisation, today: date) -> AssessmentCase:
    """A case at consensus, of a reader and of somebody who is none."""
    other = User.objects.create_user("second@walk.example", "walk-password-1", full_name="Second Assessor")
    Membership.objects.create(user=other, organisation=firm, role=Role.ASSESSOR, starts_on=today - timedelta(days=9))
    rubric = Rubric.objects.in_force().get()
    case = AssessmentCase.objects.create(
        establishment=site, state="consensus", requested_on=today, due_on=today, rubric=rubric
    )
    for user in (one, other):
        assignment = CaseAssignment.objects.create(
            case=case, membership=user.membership, is_lead=user == one, assigned_on=today
        )
        name = "Mallowfield" if user == other else "Plain"
        _scored(assignment, name, name, "scan")
        CaseAssignment.objects.filter(pk=assignment.pk).update(finished_at=timezone.now())
    return case


def _job(user: User, draft: int, name: str) -> int:
    """Many drafts that somebody asked to attest, and that were not."""
    job = FiguresJob.objects.create(
        organisation=user.membership.organisation,
        kind="attest",
        once=f"{draft:032x}",
        asked={"drafts": [[draft, 1]]},
        name=name,
        title="VP",
        asked_by=user,
        membership=user.membership,
        asked_at=timezone.now(),
        state="refused",
        reasons=["One question is open."],
        finished_at=timezone.now(),
    )
    return job.pk


def _request(product: Product, asker: User, why: str) -> int:
    request = DisclosureRequest.objects.create(
        organisation=product.enrolments.get().organisation,
        product=product,
        asking=Organisation.objects.get(name="Farbuyers"),
        asked_by=asker,
        asked_at=timezone.now(),
        kpis=["fill_rate"],
        why=f"{why} tender",
    )
    return request.pk


def _merged(by: User) -> int:
    """A record that leads to another, of neither firm: only oversight and the coordinator know of them."""
    stays, goes = (Establishment.objects.create(name=f"Wuffington {part}", country="USA") for part in ("East", "West"))
    return establishments_merge(stays.pk, goes.pk, reason="Trubblesome twins", user=by).pk


def _of_site(site: Establishment, by: User, name: str) -> tuple[int, int, int]:
    """What its owner shows to a third firm, a contact and a piece of evidence."""
    today = timezone.localdate()
    grant = SiteGrant.objects.create(
        establishment=site,
        organisation=site.owner,
        grantee=Organisation.objects.get(name="Supplierfirm"),
        valid_from=today,
        valid_to=today + timedelta(days=30),
        reason=f"{name} talks",
        granted_by=by,
    )
    contact = EstablishmentContact.objects.create(
        establishment=site, name=name, email=f"{name.lower()}@walk.example", purpose="Visits", named_by=by
    )
    evidence = SiteEvidence.objects.create(
        establishment=site, kind="hirc_badge", result=f"{name} badge", issuer="HIRC", dated_on=today, recorded_by=by
    )
    return grant.pk, contact.pk, evidence.pk


def _rubric_draft(by: User) -> None:
    """One text changed, one that is missing."""
    newest = Rubric.objects.in_force().get()
    texts = newest.texts | {"MC1": newest.texts["MC1"] | {"name": "Culture at Frumpledown", "anchor_1": ""}}
    Rubric.objects.create(based_on=newest, texts=texts, created_by=by, updated_by=by)


def _calibrations(users: dict[str, User]) -> tuple[int, ...]:
    """A case that the lead assessor has submitted and the other has not, a draft, and a drift."""
    operator, lead = users["operator"], users["lead assessor"]
    texts = {"title": "Walk case", "setting": "A site on the walk. " * 5, "panel": "Three of Tumbleknack House."}
    published = case_begin(user=operator)
    for number, code in enumerate(("MC1", "BC1", "TE1"), 1):
        published = case_save(published, user=operator, revision=number, texts=texts, items={}, add=code)
    told = {
        "evidence": "Seen on the walk. " * 6,
        "reference": 3,
        "reason": "As seen in Glimmerthwaite hall, at length.",
    }
    items = {item.pk: told for item in published.items.all()}
    published = case_save(published, user=operator, revision=4, texts={}, items=items)
    case_publish(published, user=operator, revision=5)
    sheet_save(
        published, user=lead, given={code: GivenLevel(4, "Puddlewrist said so") for code in ("MC1", "BC1", "TE1")}
    )
    sheet_submit(published, user=lead)
    draft = case_begin(user=operator, copied=CalibrationCase.objects.get(pk=published.pk))
    case_save(draft, user=operator, revision=1, texts={"title": "Skimblefold works"}, items={})
    AssessorDrift.objects.create(
        assessor=lead, source="assessments", assessments=9, partners=3, items=180, drift=0.7373, low=0.61, high=0.86
    )
    return published.pk, draft.pk


def _upload(product: Product, user: User, quarter: date) -> WorkbookUpload:
    """A checked workbook of one product that repeats its figures; one of them is a canary of its firm."""
    figure = "987654321" if product.ndc == "099901-0101" else "880000000"
    part = {
        "product": product.pk,
        "ndc": product.display_ndc,
        "name": "walkamine",
        "row": 4,
        "draft": None,
        "set": {"fill_rate_numerator": ["", figure]},
        "changes": ["fill_rate_numerator"],
        "before": {"fill_rate_numerator": ""},
        "conflicts": [],
        "open": ["shelf_life_months"],
        "withheld": [],
        "is_settled": False,
    }
    return WorkbookUpload.objects.create(
        organisation=user.membership.organisation,
        quarter_end=quarter,
        file_name="walk.xlsx",
        size=1,
        sha256="0" * 64,
        state="ready",
        plan=[part],
        uploaded_by=user,
    )


def _draft(product: Product, firm: Organisation, quarter: date, count: str) -> int:
    answers = {"fill_rate_numerator": count, "fill_rate_denominator": "998877665", "shelf_life_months": "24"}
    return KpiDraft.objects.create(product=product, organisation=firm, quarter_end=quarter, answers=answers).pk


def _last_quarter_end(today: date) -> date:
    ends = [date(year, month, day) for year in (today.year - 1, today.year) for month, day in _QUARTER_DAYS]
    return max(end for end in ends if end <= today)


_QUARTER_DAYS = ((3, 31), (6, 30), (9, 30), (12, 31))


def _site(name: str, country: str, owner: Organisation, level: float, today: date) -> Establishment:
    site = Establishment.objects.create(name=name, country=country, owner=owner)
    Assessment.objects.create(
        establishment=site, completed_on=today - timedelta(days=200), **dict.fromkeys(AREAS, level)
    )
    return site


def _product(
    ndc: str,
    labeler: str,
    firm: Organisation,
    sources: list[tuple[Establishment, float]],
    figures: dict[str, Any],
    quarter: date,
) -> Product:
    product = Product.objects.create(
        ndc=ndc,
        display_ndc=ndc,
        labeler_name=labeler,
        nonproprietary_name="walkamine",
        substances=["WALKAMINE"],
        molecule="WALKAMINE",
        dosage_form="INJECTION",
        route="INTRAVENOUS",
    )
    Package.objects.create(product=product, ndc=f"{ndc}-01", display_ndc=f"{ndc}-01")
    Enrolment.objects.create(product=product, organisation=firm, enrolled_on=quarter - timedelta(days=400))
    for stage in SupplyNode.Stage.values:
        for site, share in sources if stage == "api" else [(sources[0][0], 1.0)]:
            SupplyNode.objects.create(
                product=product,
                stage=stage,
                establishment=site,
                share=share,
                is_qualified=True,
                last_batch_on=quarter,
                valid_from=quarter - timedelta(days=400),
            )
    attested = timezone.now() - timedelta(days=1)
    KpiSubmission.objects.create(product=product, quarter_end=quarter, attested_at=attested, **figures)
    return product


def _orders(pk: int, firm: Organisation, by: User, product: Product, quarter: date, name: str) -> None:
    """Order lines of a firm as they stand once they are computed."""
    place, units = ("Hospital of Fernwhistle", 767_676) if name == "grumblewick.csv" else ("Somewhere", 12)
    heads = ["Product", "Committed", "Delivered"]
    summary = {"lines": 3, "used": 2, "rows_used": 2, "unusable": 1, "kept": 1, "blank": 0, "unmatched_in_all": 1}
    upload = OrderUpload.objects.create(
        pk=pk,
        organisation=firm,
        uploaded_by=by,
        file_name=name,
        stored_name="orders/none",
        size=1,
        shape=Shape("csv", encoding="utf-8-sig", delimiter=",", heads=tuple(heads), lines=3).as_json(),
        preview=[[place, "2026-01-01", "2026-01-02"]],
        date_orders=["", "", ""],
        mapping=OrderMapping({"product": 0, "committed_on": 1, "delivered_on": 2}).as_json(heads),
        state="done",
        requested_at=timezone.now(),
        computed_at=timezone.now(),
        summary=summary
        | {
            "reasons": [["The name is matched to none of your products", 1]],
            "exclusions": {code: [] for code in ("fill_rate", "on_time_delivery", "order_to_ship_days")},
            "days": {"ordered_on": None, "committed_on": None, "shipped_on": None},
            "unmatched": [{"text": place, "lines": 1, "reason": "No such name", "is_name": True}],
        },
    )
    OrderFigure.objects.create(
        upload=upload,
        product=product,
        quarter_end=quarter,
        lines_ordered=2,
        units_ordered=units,
        units_complete=units,
        units_cancelled=0,
        orders_due=2,
        orders_on_time=1,
        orders_undelivered=0,
        orders_shipped=0,
    )
    OrderLineProblem.objects.create(
        upload=upload, line=2, reason="The name is matched to none of your products", value=place
    )
