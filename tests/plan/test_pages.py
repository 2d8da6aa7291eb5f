"""Pages of a plan: who reads and writes it, without script and by the script's protocol; how a case shows its end."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from dscr.access.models import User
from qmm.course.steps import Event, State
from qmm.models import CaseAssignment, ElementScore, ImprovementAction, ImprovementPlan
from qmm.services import validity
from qmm.services.consensus import consensus_save
from qmm.services.course import CourseError, case_step
from qmm.services.course_sheet import sheet_save
from qmm.services.expiry import cases_expire
from qmm.services.fact_check import comment_add
from qmm.services.rubric import Change, DraftClosedError
from qmm.services.scoring import ScoringClosedError, levels_save
from tests.course.conftest import client_of
from tests.evidence.files import PDF, given
from tests.home.conftest import home_of, main_words
from tests.plan.conftest import Planner


def words(user: User, address: str, status: int = 200) -> str:
    response = client_of(user).get(address)
    assert response.status_code == status, (user, address)
    return main_words(response.content.decode()) if status == 200 else ""


@pytest.fixture
def place(planner: Planner) -> str:
    return f"/assessments/{planner.case.pk}/plan/"


@pytest.fixture
def firm(planner: Planner) -> Client:
    return client_of(planner.contact)


def test_a_draft_is_the_firms_and_the_offices_to_read(planner: Planner, place: str) -> None:
    planner.draft()
    assert "Where to begin" in words(planner.attestor, place)
    for user in (planner.operator, planner.auditor):
        said = words(user, place)
        assert "Quality council every month, with minutes." in said
        assert "has not sent its plan yet" in said
        assert "Send the plan" not in said
    for user in (planner.lead, planner.second, planner.third, planner.stranger):
        words(user, place, 404)
    planner.send()
    for user in (planner.lead, planner.second, planner.operator, planner.contact):
        assert "Quality council every month, with minutes." in words(user, place)
    assert "Say how it goes on" in words(planner.contact, place)
    assert "Say how it goes on" not in words(planner.operator, place)
    for user in (planner.third, planner.stranger):
        words(user, place, 404)


def test_nobody_but_the_firm_posts(planner: Planner, place: str) -> None:
    action = planner.sent()
    for user in (planner.operator, planner.auditor, planner.lead, planner.stranger):
        client = client_of(user)
        for end in ("add/", "1/left-out/", "send/", "actions/", f"actions/{action.pk}/", "state/"):
            assert client.post(place + end).status_code in (403, 404), (user, end)
    action.refresh_from_db()
    assert (action.version, ImprovementAction.objects.count()) == (1, 1)


def test_there_is_no_plan_before_the_end(planner: Planner) -> None:
    case = planner.request()
    for user in (planner.contact, planner.operator):
        words(user, f"/assessments/{case.pk}/plan/", 404)


def test_the_whole_plan_without_script(planner: Planner, place: str, firm: Client) -> None:
    page = main_words(firm.get(place).content.decode())
    assert "No action is planned yet." in page
    assert page.index("BC2") < page.index("MC1")
    assert "Critical gap: No second source for two excipients." in page
    answer = firm.post(f"{place}add/", {"answers": f"BC2:{planner.gap.pk}"})
    assert answer.url == f"{place}#action-1"
    typed = {"1.what": "Qualify a second source for both.", "1.who": "Kim Lee", "1.due": "2001-01-01", "9.what": "No"}
    firm.post(place, typed | {f"was-{key}": "" for key in ("1.what", "1.who", "1.due")})
    said = main_words(firm.get(place).content.decode())
    assert "That day lies in the past. Give a day from today on." in said
    assert "Action 1: not complete yet. See what is missing there." in said
    plan = ImprovementPlan.objects.get()
    assert "9.what" not in plan.texts
    due = planner.case.due_on.isoformat()
    clash = firm.post(place, {"1.due": due, "was-1.due": "", "1.who": "Kim", "was-1.who": "Kim Lee"})
    assert clash.status_code == 409
    assert "Somebody else changed what you changed" in main_words(clash.content.decode())
    firm.post(place, {"1.due": due, "was-1.due": "2001-01-01"})
    late = firm.post(f"{place}send/", {"revision": "1"})
    assert (late.status_code, "since you read it" in late.content.decode()) == (409, True)
    revision = ImprovementPlan.objects.get().revision
    assert firm.post(f"{place}send/", {"revision": revision}).url == place
    action = ImprovementAction.objects.get()
    assert (action.responsible, action.target, action.finding) == ("Kim", 2, planner.gap)
    form = {"version": 1, "standing": "done", "due": due, "who": "Kim", "member": "", "done": "", "text": "See file."}
    kept = firm.post(f"{place}actions/{action.pk}/", form | {"files": given("sources.pdf", PDF), "form": "f0-1"})
    assert kept.url == f"{place}?sent=f0-1#action-1"
    said = main_words(firm.get(place).content.decode())
    assert "1 of 1 action done." in said
    assert "sources.pdf" in said
    file = action.files.get()
    for user, status in ((planner.lead, 200), (planner.operator, 200), (planner.stranger, 404), (planner.third, 404)):
        assert client_of(user).get(f"{place}files/{file.pk}/").status_code == status
    again = firm.post(f"{place}actions/{action.pk}/", form | {"standing": "dropped", "text": "Typed words"})
    assert again.status_code == 409
    said = again.content.decode()
    assert "Somebody changed this action meanwhile" in said
    assert "Typed words" in said
    wrong = firm.post(f"{place}actions/", {"answers": "MC1", "target": "9", "text": "More minutes of it", "who": "Kim"})
    assert wrong.status_code == 422
    assert "Choose a level from 2 to 5. Give the day by which it is done." in main_words(wrong.content.decode())
    assert "More minutes of it" in wrong.content.decode()


def test_the_script_saves_text_by_text(planner: Planner, place: str, firm: Client) -> None:
    planner.draft()

    def store(changes: dict[str, Any], who: int | None = None, client: Client = firm) -> Any:
        body = {"who": str(who or planner.contact.pk), "changes": changes}
        return client.post(f"{place}state/", json.dumps(body), content_type="application/json")

    answer = store({"1.who": {"was": "Dana Ruiz", "now": "Sam Ode"}, "1.target": {"was": "3", "now": "2"}}).json()
    assert answer["answers"]["1.who"] == "Sam Ode"
    assert answer["problems"]["1.target"] == "Choose a level above the agreed one, which is 2."
    assert "Agreed: 2 Developing." in answer["said"]["1"]
    assert "1 open" in answer["progress"]
    same = {"draft": answer["draft"], "version": answer["version"], "who": planner.contact.pk}
    assert firm.get(f"{place}state/", same).status_code == 204
    other = client_of(planner.attestor)
    clash = store({"1.who": {"was": "Dana Ruiz", "now": "Kim"}}, planner.attestor.pk, other).json()
    assert clash["conflicts"]["1.who"]["now"] == "Sam Ode"
    assert store({"7.who": {"was": "", "now": "x"}}).status_code == 400
    assert store({"1.who": "x"}).status_code == 400
    assert store({}, planner.attestor.pk).status_code == 409
    store({"1.target": {"was": "2", "now": "4"}})
    planner.send()
    closed = store({"1.who": {"was": "Sam Ode", "now": "Late"}})
    assert (closed.status_code, "stays in this browser" in closed.json()["closed"]) == (409, True)


def test_numbers_of_queries(planner: Planner, place: str, firm: Client, django_assert_num_queries: Any) -> None:
    planner.draft()
    asked = {"draft": ImprovementPlan.objects.get().pk, "version": "0"}
    for pinned, address, data in ((12, place, {}), (10, f"{place}state/", asked)):
        firm.get(address, data)
        with django_assert_num_queries(pinned):
            firm.get(address, data)
    planner.draft(answers="BC2")
    planner.send()
    firm.get(place)
    with django_assert_num_queries(17):
        firm.get(place)
    planner.later(800)
    office = client_of(planner.operator)
    office.get("/assessments/ending/")
    with django_assert_num_queries(5):
        assert planner.site.name in main_words(office.get("/assessments/ending/").content.decode())


def test_a_case_says_until_when_it_counts_and_asks_for_the_next(planner: Planner) -> None:
    address = f"/assessments/{planner.case.pk}/"
    last = validity.last_day(planner.case.assessment.completed_on)
    until = f"{last:%B} {last.day}, {last.year}"
    said = words(planner.contact, address)
    assert f"It counts until {until} ." in said
    assert "Next: the establishment writes and sends its improvement plan by" in said
    assert "Ask for a new assessment" not in said
    planner.later(800)
    said = words(planner.contact, address)
    assert "Ask for a new assessment" in said
    site = f"/establishments/{planner.site.pk}/"
    assert "it counts as unassessed: its share of every product counts as level 1" in words(planner.contact, site)
    assert f"New assessment of {planner.site.name}" in home_of(planner.contact)
    assert "One assessment expires within 12 months with no other one under way" in home_of(planner.operator)
    assert "Improvement plan, Halden Plant 2" in home_of(planner.attestor)
    case = planner.request()
    assert "A new assessment is under way: requested ." in words(planner.contact, address)
    assert "A new assessment is under way: requested ." in words(planner.contact, site)
    said = words(planner.contact, f"/assessments/{case.pk}/")
    assert "Asking for a new one changes no score. The assessment before Its improvement plan" in said
    assert "Under way: requested" in words(planner.operator, "/assessments/ending/")
    assert "No assessment expires within 12 months without" in home_of(planner.operator)


def test_an_expired_case_shows_its_end(planner: Planner) -> None:
    planner.sent()
    planner.later(1200)
    assert cases_expire() == 1
    said = words(planner.contact, f"/assessments/{planner.case.pk}/")
    assert "This assessment has expired." in said
    assert "The program recorded that the assessment has expired" in said
    assert "Ask for a new assessment" in said
    assert "Say how it goes on" not in words(planner.contact, f"/assessments/{planner.case.pk}/plan/")
    assert "This assessment no longer counts: it has expired." in words(
        planner.lead, f"/assessments/{planner.case.pk}/plan/"
    )


def test_who_finished_a_case_reads_it_for_ever_and_writes_nothing(planner: Planner) -> None:
    """And only the case: what becomes of the site afterwards is not theirs to read."""
    case, lead = planner.case, planner.lead
    assignment = CaseAssignment.objects.get(case=case, is_lead=True)
    ElementScore.objects.create(assignment=assignment, element="MC1", level=2)
    for end in ("", "scores/", "consensus/", "draft/review/", "fact-check/"):
        words(lead, f"/assessments/{case.pk}/{end}")
    words(lead, f"/establishments/{planner.site.pk}/", 404)
    assert f"/establishments/{planner.site.pk}/" not in words(lead, f"/assessments/{case.pk}/")
    for event in Event:
        with pytest.raises(CourseError):
            case_step(case, event, lead, note="Why")
    with pytest.raises(ScoringClosedError):
        levels_save(assignment, {"MC1.level": Change("2", "3")}, user=lead)
    with pytest.raises(DraftClosedError):
        sheet_save(case, "draft", user=lead, changes={"MC1": Change("", "More")})
    assert consensus_refused(planner)
    with pytest.raises(CourseError):
        comment_add(case, user=planner.contact, element="MC1", text="Too late")
    CaseAssignment.objects.filter(pk=assignment.pk).update(ended_on=case.closed_on)  # left before the end
    words(lead, f"/assessments/{case.pk}/", 404)


def consensus_refused(planner: Planner) -> bool:
    try:
        consensus_save(planner.case, {"MC1.level": Change("2", "3")}, user=planner.lead)
    except ScoringClosedError as error:
        return "it stands at “Final”" in str(error)
    return False


def test_the_api_tells_and_changes_the_same(planner: Planner, place: str, firm: Client) -> None:
    address = f"/api/v1{place}"
    assert firm.get(address).status_code == 404
    action = planner.sent(member=str(planner.attestor.pk))
    for user, status in (
        (planner.contact, 200),
        (planner.operator, 200),
        (planner.lead, 200),
        (planner.third, 404),
        (planner.stranger, 404),
    ):
        assert client_of(user).get(address).status_code == status, user
    told = firm.get(address).json()
    assert (told["counts"], told["no_action"], len(told["actions"])) == (True, "", 1)
    first = told["actions"][0]
    assert (first["number"], first["element"], first["target"], first["standing"]) == (1, "MC1", 3, "planned")
    assert [change["field"] for change in first["changes"]] == ["added"]

    def patch(body: dict[str, Any], client: Client = firm, etag: str = first["etag"]) -> Any:
        headers = {"If-Match": etag} if etag else {}
        return client.patch(f"{address}1/", json.dumps(body), content_type="application/json", headers=headers)

    assert patch({"standing": "under_way"}, etag="").status_code == 428
    for user, status in ((planner.operator, 404), (planner.lead, 404), (planner.stranger, 404)):
        assert patch({"standing": "under_way"}, client_of(user)).status_code == status, user
    refused = patch({"standing": "done"})
    assert (refused.status_code, refused.json()["detail"]) == (
        *(409, "Say what shows that it is done, or give a file that does."),
    )
    assert patch({"level": 3}).status_code == 400
    assert patch({}).status_code == 400
    done = patch({"standing": "done", "note": "Minutes 1 to 12."})
    assert done.status_code == 200, done.json()
    assert (done.json()["standing"], done.json()["etag"]) == ("done", done.headers["ETag"])
    assert patch({"standing": "planned", "note": "No."}).status_code == 412
    action.refresh_from_db()
    assert (action.version, action.member) == (2, planner.attestor)
    assert firm.patch(f"{address}7/", "{}", content_type="application/json").status_code == 404


def test_dates_stand_in_the_time_zone_of_the_program(planner: Planner, place: str) -> None:
    planner.draft()
    planner.send()
    assert re.search(r"Sent by .* at \d+:\d\d\s[ap]m\sET", words(planner.contact, place))
    assert planner.case.state == State.IMPROVEMENT_PLAN
