"""Rows of the walk's world: sites, cases with all that their course leaves, levels, calibration, what owners say."""

from datetime import date, timedelta

from django.utils import timezone

from dscr.access.models import Membership, Organisation, User
from dscr.access.roles import Role
from dscr.evidence.storing import evidence_kept
from qmm.course.steps import State as CaseState
from qmm.models import (
    AREAS,
    ActionChange,
    ActionFile,
    Assessment,
    AssessmentCase,
    AssessorDrift,
    CalibrationCase,
    CaseAssignment,
    CaseEvent,
    CaseFile,
    ConsensusScore,
    ElementScore,
    Establishment,
    EstablishmentContact,
    FactComment,
    Finding,
    FindingFile,
    ImprovementAction,
    ImprovementPlan,
    Rubric,
    SiteEvidence,
    SiteEvidenceFile,
    SiteGrant,
)
from qmm.services.calibration import Given as GivenLevel
from qmm.services.calibration import case_begin, case_publish, case_save, sheet_save, sheet_submit
from qmm.services.course_sheet import sheet_of
from ratings.mergers.services import establishments_merge
from tests.evidence.files import PDF, given


def case_papers(site: Establishment, users: dict[str, User], firm: str, word: str) -> int:
    """A case with everything that its course leaves; of the other firm every text says `word`."""
    today, rubric = timezone.localdate(), Rubric.objects.in_force().get()
    case = AssessmentCase.objects.create(
        establishment=site,
        requested_on=today,
        state=CaseState.FACT_CHECK if word else CaseState.IMPROVEMENT_PLAN,
        closed_on=None if word else today,
        rubric=rubric,
        assessment=None if word else site.assessments.get(),
    )
    people = [stranger(f"{word.lower()}-{number}") for number in (1, 2)] if word else None
    report_rows(case, people or [users["lead assessor"], users["assessor"]], word or "Flumbleton")
    if not word:
        plan_rows(case, users[firm])
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


def report_rows(case: AssessmentCase, people: list[User], word: str) -> None:
    """What its report is made of besides the draft: two assessors who have finished, levels, a finding."""
    now = timezone.now()
    for person in people:
        held = {"membership": person.membership, "is_lead": person == people[0], "assigned_on": case.requested_on}
        assignment = CaseAssignment.objects.create(case=case, accepted_at=now, **held)
        Finding.objects.create(assignment=assignment, element="MC2", kind="critical_gap", text=f"{word} has no owner")
        CaseAssignment.objects.filter(pk=assignment.pk).update(finished_at=now)
    for code in case.rubric.kept_texts:
        ConsensusScore.objects.create(case=case, element=code, level=3, decided_by=people[0])


def stranger(name: str) -> User:
    """An assessor who is none of the readers."""
    user = User.objects.create_user(f"{name}@walk.example", "walk-password-1", full_name=f"Assessor {name[-1]}")
    firm = Organisation.objects.get(name="Assessors")
    Membership.objects.create(user=user, organisation=firm, role=Role.ASSESSOR, starts_on=timezone.localdate())
    return user


def plan_rows(case: AssessmentCase, by: User) -> None:
    """A plan that was sent, of a finding and with a file."""
    assignment = case.assignments.get(is_lead=False)
    finding = Finding.objects.create(
        assignment=assignment, element="MC1", kind="critical_gap", text="Gribbleham has no council"
    )
    plan = ImprovementPlan.objects.create(case=case, drafted=1, sent_at=timezone.now(), sent_by=by)
    action = ImprovementAction.objects.create(
        plan=plan,
        number=1,
        element="MC1",
        finding=finding,
        what="Plonkerworth council",
        responsible="P. Plonkerworth",
        due_on=timezone.localdate(),
        target=4,
        added_by=by,
    )
    ActionChange.objects.create(action=action, field="added", note="Snibbleton said so", by=by)
    with evidence_kept([given("snibbleton.pdf", PDF)], "actions") as kept:
        ActionFile.objects.create(action=action, given_by=by, **kept[0].fields)


def scores_of(assignment: CaseAssignment, notes: str, finding: str, file: str) -> None:
    """A level with notes, and a finding with a file."""
    by = assignment.membership.user
    ElementScore.objects.create(assignment=assignment, element="MC1", level=2, notes=f"{notes} on the floor")
    row = Finding.objects.create(
        assignment=assignment, element="MC1", kind="opportunity", text=f"{finding} has no chart"
    )
    with evidence_kept([given(f"{file}.pdf", PDF)], "findings") as kept:
        FindingFile.objects.create(finding=row, given_by=by, **kept[0].fields)


def case_of_both(site: Establishment, one: User, firm: Organisation, today: date) -> AssessmentCase:
    """A case at consensus, of a reader and of somebody who is none."""
    other = User.objects.create_user("second@walk.example", "walk-password-1", full_name="Second Assessor")
    Membership.objects.create(user=other, organisation=firm, role=Role.ASSESSOR, starts_on=today - timedelta(days=9))
    rubric = Rubric.objects.in_force().get()
    case = AssessmentCase.objects.create(
        establishment=site, state="consensus", requested_on=today, due_on=today, rubric=rubric
    )
    for user in (one, other):
        assignment = CaseAssignment.objects.create(
            case=case,
            membership=user.membership,
            is_lead=user == one,
            assigned_on=today,
            accepted_at=timezone.now(),
        )
        name = "Mallowfield" if user == other else "Plain"
        scores_of(assignment, name, name, "scan")
        CaseAssignment.objects.filter(pk=assignment.pk).update(finished_at=timezone.now())
    return case


def merge_row(by: User) -> int:
    """A record that leads to another, of neither firm: only oversight and the coordinator know of them."""
    stays, goes = (Establishment.objects.create(name=f"Wuffington {part}", country="USA") for part in ("East", "West"))
    return establishments_merge(stays.pk, goes.pk, reason="Trubblesome twins", user=by).pk


def site_records(site: Establishment, by: User, name: str, badge: str) -> tuple[int, int, int]:
    """What its owner shows to a third firm, a contact and a piece of evidence with a file."""
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
        establishment=site, kind="hirc_badge", result=f"{badge} badge", issuer="HIRC", dated_on=today, recorded_by=by
    )
    with evidence_kept([given(f"{badge}.pdf", PDF)], "evidence") as kept:
        SiteEvidenceFile.objects.create(evidence=evidence, given_by=by, **kept[0].fields)
    return grant.pk, contact.pk, evidence.pk


def rubric_draft(by: User) -> None:
    """One text changed, one that is missing."""
    newest = Rubric.objects.in_force().get()
    texts = newest.texts | {"MC1": newest.texts["MC1"] | {"name": "Culture at Frumpledown", "anchor_1": ""}}
    Rubric.objects.create(based_on=newest, texts=texts, created_by=by, updated_by=by)


def calibration_rows(users: dict[str, User]) -> tuple[int, ...]:
    """A case that the lead assessor has submitted and the other has not, a draft, and a drift."""
    operator, lead = users["operator"], users["lead assessor"]
    texts = {"title": "Walk case", "setting": "A site on the walk. " * 5, "panel": "Three of Tumbleknack House."}
    published = case_begin(user=operator)
    for number, code in enumerate(("MC1", "BC1", "TE1"), 1):
        published = case_save(published, user=operator, revision=number, texts=texts, items={}, add=[code])
    told = {
        "evidence": "Seen on the walk. " * 6,
        "reference": 3,
        "reason": "As seen in Glimmerthwaite hall, at length.",
    }
    items = {item.element: told for item in published.items.all()}
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


def site_row(name: str, country: str, owner: Organisation, level: float, today: date) -> Establishment:
    site = Establishment.objects.create(name=name, country=country, owner=owner)
    Assessment.objects.create(
        establishment=site, completed_on=today - timedelta(days=200), **dict.fromkeys(AREAS, level)
    )
    return site
