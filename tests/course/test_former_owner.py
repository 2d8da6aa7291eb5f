"""Papers that a former owner gave in confidence are not the present owner's; the outcome and its report are."""

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from dscr.access.models import Organisation, User
from dscr.access.roles import OrganisationKind, Role
from qmm.course.steps import Event, State
from qmm.models import (
    ActionFile,
    CaseFile,
    CaseSheet,
    Establishment,
    FactComment,
    ImprovementAction,
    ImprovementPlan,
    PlanReminder,
)
from qmm.services.course import CourseError, case_take
from qmm.services.fact_check import comment_add, comment_answer
from qmm.services.plan import draft_save
from qmm.services.plan_reminders import reminders_note, reminders_send
from qmm.services.rubric import Change
from ratings.mergers.services import establishments_merge
from tests.course.conftest import Desk, client_of
from tests.pages import factory

BUYER = "Linden Pharma"
SECRET = "Quibblefrost"
PAPERS = ("questionnaire/review/", "draft/review/", "fact-check/", "plan/", "plan/effect/")
API_PAPERS = ("sheets/questionnaire/", "sheets/draft/", "fact-check/", "plan/")


@pytest.fixture
def buyer(desk: Desk) -> User:
    Organisation.objects.create(name=BUYER, kinds=[OrganisationKind.MANUFACTURER])
    return factory.user_of(BUYER, Role.ESTABLISHMENT_CONTACT, "contact@linden.example")


def sell(desk: Desk) -> None:
    Establishment.objects.filter(pk=desk.site.pk).update(owner=Organisation.objects.get(name=BUYER))


def finished(desk: Desk) -> "CaseFile":
    """A case with every kind of paper, its plan sent."""
    case = desk.in_state(State.QUESTIONNAIRE_ISSUED)
    desk.write(case, text=f"{SECRET} answers")
    given = SimpleUploadedFile(f"{SECRET}.txt", b"Lines 1 to 3")
    assert client_of(desk.contact).post(f"/assessments/{case.pk}/files/", {"files": given}).status_code == 302
    while case.state != State.FACT_CHECK:
        desk.go_on(case)
    comment_add(case, user=desk.contact, element="MC1", text=f"{SECRET} is not so")
    comment_answer(FactComment.objects.get(), user=desk.lead, verdict="kept", answer="It is.")
    while case.state != State.FINAL:
        desk.go_on(case)
    desk.plan(case, desk.action(what=f"{SECRET} every month"))
    desk.step(case, Event.SUBMIT_PLAN)
    return CaseFile.objects.select_related("case").get()


def reads_nothing(file: CaseFile, user: User) -> None:
    client, case = client_of(user), file.case_id
    for address in (*PAPERS, f"files/{file.pk}/"):
        assert client.get(f"/assessments/{case}/{address}").status_code == 404, address
    for address in (*API_PAPERS, f"files/{file.pk}/"):
        assert client.get(f"/api/v1/assessments/{case}/{address}").status_code == 404, address
    for model in (CaseSheet, CaseFile, FactComment):
        assert not model.objects.for_user(user, "read_cases").exists(), model
    for model in (ImprovementPlan, ImprovementAction, ActionFile):
        assert not model.objects.for_user(user, "read_plans").exists(), model
    for address in (f"/assessments/{case}/", f"/api/v1/assessments/{case}/", f"/api/v1/assessments/{case}/files/"):
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert SECRET not in answer.content.decode(), address
    assert client.get(f"/assessments/{case}/report/").status_code == 200
    assert client.get(f"/api/v1/assessments/{case}/report/").status_code == 200


def test_a_buyer_reads_the_outcome_and_no_paper(desk: Desk, buyer: User) -> None:
    file = finished(desk)
    owner = client_of(desk.contact)
    for address in (*PAPERS, f"files/{file.pk}/"):
        assert owner.get(f"/assessments/{file.case_id}/{address}").status_code == 200, address
    sell(desk)
    reads_nothing(file, buyer)
    assert owner.get(f"/assessments/{file.case_id}/").status_code == 404
    assert client_of(desk.operator).get(f"/assessments/{file.case_id}/questionnaire/review/").status_code == 200
    Establishment.objects.filter(pk=desk.site.pk).update(owner=desk.contact.membership.organisation)
    assert owner.get(f"/assessments/{file.case_id}/plan/").status_code == 200  # bought back


def test_nor_across_a_merge_into_another_firms_record(desk: Desk, buyer: User) -> None:
    file = finished(desk)
    stays = Establishment.objects.create(
        name="Linden Plant 1", owner=Organisation.objects.get(name=BUYER), is_synthetic=True
    )
    establishments_merge(stays.pk, desk.site.pk, reason="One plant", user=desk.operator)
    file.refresh_from_db()
    reads_nothing(file, buyer)


def test_who_buys_while_the_questionnaire_is_out_answers_it_anew(desk: Desk, buyer: User) -> None:
    case = desk.in_state(State.QUESTIONNAIRE_ISSUED)
    desk.write(case, text=SECRET)
    sell(desk)
    case.refresh_from_db()
    page = client_of(buyer).get(f"/assessments/{case.pk}/questionnaire/")
    assert (page.status_code, SECRET in page.content.decode()) == (200, False)
    with pytest.raises(CourseError, match="No question is answered yet"):
        desk.step(case, Event.RETURN, buyer)
    desk.write(case, text="Anew")
    assert desk.step(case, Event.RETURN, buyer).state == State.QUESTIONNAIRE_RETURNED
    for user in (buyer, desk.operator):
        page = client_of(user).get(f"/assessments/{case.pk}/questionnaire/review/").content.decode()
        assert ("Anew" in page, SECRET in page) == (True, False)
    assert CaseSheet.objects.filter(case=case).count() == 2  # the former one is kept


def test_who_buys_while_the_plan_is_drafted_begins_their_own(desk: Desk, buyer: User) -> None:
    case = desk.in_state(State.FINAL)
    desk.plan(case, desk.action(what=f"{SECRET} every month"))
    sell(desk)
    case.refresh_from_db()
    client, office = client_of(buyer), client_of(desk.operator)
    page = client.get(f"/assessments/{case.pk}/plan/")
    assert (page.status_code, SECRET in page.content.decode()) == (200, False)
    assert SECRET not in office.get(f"/assessments/{case.pk}/plan/").content.decode()
    draft_save(case, user=buyer, changes={"none": Change("", "Every element of ours stands at its highest level.")})
    reminders_note(case.due_on)
    people = {buyer.pk}
    assert set(PlanReminder.objects.filter(case=case).values_list("user", flat=True)) == people
    assert desk.step(case, Event.SUBMIT_PLAN, buyer).state == State.IMPROVEMENT_PLAN
    former, own = ImprovementPlan.objects.filter(case=case).order_by("pk")
    assert (former.sent_at, own.owner.name, own.sent_at is not None) == (None, BUYER, True)
    for user in (buyer, desk.operator, desk.lead):
        page = client_of(user).get(f"/assessments/{case.pk}/plan/")
        assert (page.status_code, SECRET in page.content.decode()) == (200, False)
    with pytest.raises(DatabaseError, match="plan_sent_once"), transaction.atomic():
        ImprovementPlan.objects.filter(pk=former.pk).update(sent_at=own.sent_at)


def test_an_action_that_was_sent_and_sold_is_reminded_of_no_more(desk: Desk, buyer: User) -> None:
    file = finished(desk)
    action = ImprovementAction.objects.get()
    assert reminders_note(action.due_on) >= 1
    PlanReminder.objects.update(user=buyer, made_at=timezone.now())  # who works for both firms
    mail.outbox.clear()
    sell(desk)
    assert (reminders_send(), mail.outbox) == (0, [])
    assert not reminders_note(action.due_on)
    assert client_of(buyer).get(f"/assessments/{file.case_id}/plan/").status_code == 404


def test_the_database_leaves_a_paper_with_its_owner_and_a_declaration_with_its_day(desk: Desk, buyer: User) -> None:
    case = finished(desk).case
    firm, other = desk.contact.membership.organisation_id, buyer.membership.organisation_id
    for change in (
        f"UPDATE qmm_improvementplan SET owner_id = {other} WHERE case_id = {case.pk}",
        f"UPDATE qmm_casesheet SET owner_id = {other} WHERE case_id = {case.pk} AND kind = 'questionnaire'",
        f"UPDATE qmm_caseassignment SET accepted_at = NULL WHERE case_id = {case.pk}",
        f"UPDATE qmm_caseassignment SET accepted_at = now() WHERE case_id = {case.pk}",
    ):
        with pytest.raises(DatabaseError, match=r"stays with the owner|is kept as it was"), transaction.atomic():
            connection.cursor().execute(change)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE qmm_improvementplan SET owner_id = NULL WHERE case_id = {case.pk}")  # as a stale writer
    assert ImprovementPlan.objects.get(case=case).owner_id == firm


def test_a_draft_is_sent_anew_to_who_bought_the_site(desk: Desk, buyer: User) -> None:
    case = desk.in_state(State.FACT_CHECK)
    sell(desk)
    case.refresh_from_db()
    client = client_of(buyer)
    for address in ("draft/review/", "fact-check/", "report/"):
        assert client.get(f"/assessments/{case.pk}/{address}").status_code == 404, address
    with pytest.raises(CourseError, match="was sent to the former owner"):
        desk.step(case, Event.CONFIRM, buyer)
    for user in (desk.lead, desk.second):
        case_take(case, user=user, has_conflict=False)
    desk.step(case, Event.REOPEN)
    desk.step(case, Event.AGREE)
    desk.step(case, Event.SEND_DRAFT)
    assert client.get(f"/assessments/{case.pk}/fact-check/").status_code == 200
    assert desk.step(case, Event.CONFIRM, buyer).state == State.FACT_CHECK
