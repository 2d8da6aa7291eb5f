"""The pages of the course: who meets what, what is offered and refused, what is typed and kept; numbers of queries."""

import json
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dscr.access.models import User
from qmm.countries import place
from qmm.course.steps import PATH, Event, State
from qmm.course.words import next_sentence
from qmm.models import AssessmentCase, CaseFile, CaseSheet, FactComment
from qmm.services.course_sheet import sheet_of
from qmm.services.fact_check import comment_add, comment_answer
from tests.course.conftest import Desk, client_of, days
from tests.evidence.files import EXE, PDF, given


def text_of(user: User, address: str, status: int = 200) -> str:
    response = client_of(user).get(address)
    assert response.status_code == status, (address, response.status_code)
    return " ".join(response.content.decode().split())


def test_from_the_request_to_the_end_by_forms(desk: Desk) -> None:
    firm, office = client_of(desk.contact), client_of(desk.operator)
    page = firm.get("/assessments/request/").content.decode()
    assert "Halden Plant 2" in page
    response = firm.post("/assessments/request/", {"establishment": desk.site.pk, "note": "Line 4 is new."})
    case = AssessmentCase.objects.get()
    assert response["Location"] == f"/assessments/{case.pk}/"
    assert "The request is with the program operator." in firm.get(response["Location"]).content.decode()
    assert office.post(f"/assessments/{case.pk}/step/accept/").status_code == 302
    lead, second = desk.lead.membership, desk.second.membership
    office.post(f"/assessments/{case.pk}/assign/", {"lead": lead.pk, "second": second.pk})
    for user in (desk.lead, desk.second):
        page = text_of(user, f"/assessments/{case.pk}/")
        assert "Your interests in Halden Group" in page
        client_of(user).post(f"/assessments/{case.pk}/declare/", {"declares": "none"})
    assert office.post(f"/assessments/{case.pk}/step/orient/").status_code == 302
    assert office.post(f"/assessments/{case.pk}/step/issue/").status_code == 302
    codes = [item["code"] for item in sheet_of(case, "questionnaire").asked]
    address = f"/assessments/{case.pk}/questionnaire/"
    firm.post(f"{address}?section=1", dict.fromkeys(codes, "Answered.") | {f"was-{code}": "" for code in codes})
    assert "All 15 questions are answered." in text_of(desk.contact, f"{address}review/")
    assert firm.post(f"/assessments/{case.pk}/step/return/").status_code == 302
    office.post(f"/assessments/{case.pk}/step/schedule/", {"visit_on": days(42).isoformat()})
    case.refresh_from_db()
    assert (case.state, case.visit_starts_on) == ("scheduled", days(42))


def test_a_refused_step_says_why_and_keeps_what_was_typed(desk: Desk) -> None:
    case = desk.in_state(State.QUESTIONNAIRE_RETURNED)
    office = client_of(desk.operator)
    typed = {"visit_on": days(3).isoformat(), "note": "As soon as possible"}
    response = office.post(f"/assessments/{case.pk}/step/schedule/", typed)
    page = response.content.decode()
    assert response.status_code == 409
    assert "at least 6 weeks after the orientation" in page
    assert "As soon as possible" in page
    assert f'value="{days(3).isoformat()}"' in page
    response = office.post(f"/assessments/{case.pk}/step/schedule/", {"visit_on": "soon"})
    assert (response.status_code, "is no date" in response.content.decode()) == (422, True)
    response = office.post(f"/assessments/{case.pk}/step/begin/")
    assert (response.status_code, "Only the lead assessor can do that." in response.content.decode()) == (409, True)
    assert office.post(f"/assessments/{case.pk}/step/assign/").status_code == 404


def test_what_stands_against_a_step_is_said_before_it_is_tried(desk: Desk) -> None:
    case = desk.in_state(State.ACCEPTED)
    page = text_of(desk.operator, f"/assessments/{case.pk}/")
    assert "Not yet:" in page
    assert "Two assessors, one of them the lead, must be assigned first." in page
    assert "Next: record that the orientation was held. The program operator or the lead assessor does that by" in page


def test_cases_out_of_scope_are_not_found(desk: Desk) -> None:
    case = desk.in_state(State.FACT_CHECK)
    comment = comment_add(case, user=desk.contact, element="MC1", text="Wrong")
    ends = ("", "questionnaire/", "questionnaire/review/", "questionnaire/state/", "draft/", "fact-check/", "files/1/")
    for user in (desk.stranger, desk.third):
        client = client_of(user)
        for end in ends:
            assert client.get(f"/assessments/{case.pk}/{end}").status_code == 404, (user, end)
        for end in ("step/confirm/", "declare/", "files/", f"fact-check/{comment.pk}/", "assign/"):
            assert client.post(f"/assessments/{case.pk}/{end}").status_code == 404, (user, end)
        assert "No assessment is under way." in text_of(user, "/assessments/")
    huge = 2**70
    assert client_of(desk.operator).get(f"/assessments/{huge}/").status_code == 404


@pytest.mark.parametrize("state", PATH)
def test_papers_open_when_it_is_time(desk: Desk, state: State) -> None:
    case = desk.in_state(state)
    place = PATH.index(state)
    answers = {
        "contact": place >= PATH.index(State.QUESTIONNAIRE_ISSUED),
        "lead": place >= PATH.index(State.QUESTIONNAIRE_RETURNED),
    }
    drafts = {"contact": place >= PATH.index(State.FACT_CHECK), "lead": place >= PATH.index(State.DRAFT_REPORT)}
    for kind, opens in (("questionnaire", answers), ("draft", drafts)):
        for name, is_open in opens.items():
            response = client_of(getattr(desk, name)).get(f"/assessments/{case.pk}/{kind}/review/")
            assert response.status_code == (200 if is_open else 404), (kind, name)
    facts = client_of(desk.contact).get(f"/assessments/{case.pk}/fact-check/").status_code
    assert facts == (200 if place >= PATH.index(State.FACT_CHECK) else 404)
    for user in (desk.contact, desk.operator, desk.auditor, desk.lead):
        if user != desk.lead or place > PATH.index(State.ACCEPTED):
            assert client_of(user).get(f"/assessments/{case.pk}/").status_code == 200


def test_an_assessor_reads_no_paper_before_declaring_their_interests(desk: Desk) -> None:
    case = desk.in_state(State.QUESTIONNAIRE_RETURNED)
    desk.assign(case, desk.third, note="Aron is ill.")
    assert "Your interests in Halden Group" in text_of(desk.third, f"/assessments/{case.pk}/")
    text_of(desk.third, f"/assessments/{case.pk}/questionnaire/review/", 404)
    text_of(desk.second, f"/assessments/{case.pk}/", 404)
    desk.take(case, desk.third)
    text_of(desk.third, f"/assessments/{case.pk}/questionnaire/review/")
    client = client_of(desk.third)
    response = client.post(f"/assessments/{case.pk}/declare/", {"declares": "maybe"})
    assert response.status_code == 422
    client.post(f"/assessments/{case.pk}/declare/", {"declares": "conflict", "nature": "My cousin leads the site."})
    text_of(desk.third, f"/assessments/{case.pk}/", 404)
    assert "My cousin leads the site." in text_of(desk.operator, f"/assessments/{case.pk}/")
    for user in (desk.lead, desk.contact):
        assert "cousin" not in text_of(user, f"/assessments/{case.pk}/")
    assert "Not offered: declared a conflict of interest" in text_of(desk.operator, f"/assessments/{case.pk}/assign/")


def test_levels_are_nowhere_on_these_pages(desk: Desk) -> None:
    """Neither the establishment nor the other assessor meets a level, a note or a reason here, in any state."""
    case = desk.in_state(State.SCORING)
    desk.score(case, desk.lead, 3, notes="Snorkelnote")
    desk.score(case, desk.second, 4, notes="Snorkelnote")
    for end in ("", "questionnaire/review/"):
        for user in (desk.contact, desk.lead, desk.second, desk.operator):
            assert "Snorkelnote" not in text_of(user, f"/assessments/{case.pk}/{end}")
    desk.step(case, Event.MEET)
    desk.agree(case)
    desk.step(case, Event.AGREE)
    desk.write(case, CaseSheet.Kind.DRAFT)
    desk.step(case, Event.SEND_DRAFT)
    desk.step(case, Event.REOPEN, note="MC1 goes from 3 to 4.")
    assert "MC1 goes from 3 to 4." in text_of(desk.second, f"/assessments/{case.pk}/")
    page = text_of(desk.contact, f"/assessments/{case.pk}/")
    assert "opened the consensus again" in page
    assert "MC1" not in page


def state_of(client: Client, case: AssessmentCase, **body: Any) -> Any:
    address = f"/assessments/{case.pk}/questionnaire/state/"
    return client.post(address, json.dumps(body), content_type="application/json")


def test_answers_save_themselves_and_nobody_is_overwritten_unseen(desk: Desk) -> None:
    case = desk.in_state(State.QUESTIONNAIRE_ISSUED)
    one, two = client_of(desk.contact), client_of(desk.attestor)
    who = str(desk.contact.pk)
    first = state_of(one, case, who=who, section="1", changes={"l1": {"was": "", "now": " A council \r\nof five "}})
    assert first.status_code == 200
    said = first.json()
    assert (said["answers"]["l1"], said["version"], said["by"]) == ("A council \nof five", 1, "contact@halden.example")
    assert "14 of 15" not in said["progress"]
    assert "<strong>1 of 15</strong>" in said["progress"]
    address = f"/assessments/{case.pk}/questionnaire/state/?draft={said['draft']}&version=1&section=1"
    assert one.get(f"{address}&who={who}").status_code == 204
    assert one.get(f"{address}&who={desk.attestor.pk}").status_code == 409
    theirs = state_of(two, case, who=str(desk.attestor.pk), section="1", changes={"l1": {"was": "", "now": "Other"}})
    assert theirs.json()["conflicts"]["l1"]["now"] == "A council \nof five"
    assert sheet_of(case, "questionnaire").texts["l1"] == "A council \nof five"
    wrong = state_of(two, case, who=who, section="1", changes={})
    assert (wrong.status_code, "somebody else" in wrong.json()["closed"]) == (409, True)
    for body in ({"changes": []}, {"who": who}, {"who": who, "changes": {"l1": "x"}}):
        assert state_of(one, case, **body).status_code == 400
    assert state_of(one, case, who=who, changes={"zz": {"was": "", "now": "x"}}).status_code == 400
    assert state_of(one, case, who=who, changes={"l2": {"was": "", "now": "x" * 5001}}).status_code == 400
    assert "l2" not in sheet_of(case, "questionnaire").texts
    AssessmentCase.objects.update(state=State.QUESTIONNAIRE_RETURNED)
    late = state_of(one, case, who=who, section="1", changes={"l1": {"was": "A council \nof five", "now": "x"}})
    assert (late.status_code, "stays in this browser" in late.json()["closed"]) == (409, True)


def test_a_sheet_works_without_script(desk: Desk) -> None:
    case = desk.in_state(State.QUESTIONNAIRE_ISSUED)
    one, two = client_of(desk.contact), client_of(desk.attestor)
    address = f"/assessments/{case.pk}/questionnaire/?section=1"
    response = one.post(address, {"l1": "Mine", "was-l1": "", "go": "2"})
    assert response["Location"] == f"/assessments/{case.pk}/questionnaire/?section=2"
    clash = two.post(address, {"l1": "Theirs", "was-l1": ""})
    page = clash.content.decode()
    assert clash.status_code == 409
    assert "nothing of theirs was overwritten" in page
    assert "Keep mine" in page
    two.post(address, {"l1": "Theirs", "was-l1": "Mine"})
    assert sheet_of(case, "questionnaire").texts["l1"] == "Theirs"
    one.post(address, {"l1": "Mine", "was-l1": "Theirs", "take": "l1"})
    assert sheet_of(case, "questionnaire").texts["l1"] == "Theirs"
    assert one.post(address, {"l1": "x" * 5001, "was-l1": "Theirs"}).status_code == 422


def test_the_fact_check_by_forms(desk: Desk) -> None:
    case = desk.in_state(State.FACT_CHECK)
    address = f"/assessments/{case.pk}/fact-check/"
    firm, assessor = client_of(desk.contact), client_of(desk.second)
    assert "There is no comment yet." in text_of(desk.contact, address)
    assert firm.post(address, {"element": "MC2", "text": " "}).status_code == 409
    number = f"{'0' * 32}-MC2"
    for _ in range(2):  # a form that is sent twice is one comment
        back = firm.post(address, {"element": "MC2", "text": "It is every two weeks.", "form": number})
    assert back["Location"] == f"{address}?sent={number}#passage-MC2"
    assert f'data-sent="{number}"' in text_of(desk.contact, f"{address}?sent={number}")
    assert 'data-sent=""' in text_of(desk.contact, f"{address}?sent=<b>")
    comment = FactComment.objects.get()
    assert "1 comment; 1 waits for an answer." in text_of(desk.second, address)
    assert firm.post(f"{address}{comment.pk}/", {"verdict": "kept", "text": "No"}).status_code == 404
    response = assessor.post(f"{address}{comment.pk}/", {"text": "So it is."})
    assert (response.status_code, "So it is." in response.content.decode()) == (409, True)
    assessor.post(f"{address}{comment.pk}/", {"verdict": "corrected", "text": "So it is."})
    page = text_of(desk.contact, address)
    assert "1 comment, all answered." in page
    assert "The draft is corrected." in page
    firm.post(f"/assessments/{case.pk}/step/confirm/")
    assert firm.post(address, {"element": "MC2", "text": "And more"}).status_code == 409


def test_files_are_for_everybody_on_the_case(desk: Desk) -> None:
    case = desk.in_state(State.QUESTIONNAIRE_RETURNED)
    address = f"/assessments/{case.pk}/files/"
    firm = client_of(desk.contact)
    assert firm.post(address, {"files": given("plan.pdf", EXE)}).status_code == 422
    assert firm.post(address).status_code == 422
    firm.post(address, {"files": given("plan.pdf", PDF)})
    file = CaseFile.objects.get()
    for user in (desk.contact, desk.operator, desk.lead, desk.auditor):
        response = client_of(user).get(f"{address}{file.pk}/")
        assert b"".join(response.streaming_content) == PDF
        assert "plan.pdf" in text_of(user, f"/assessments/{case.pk}/")
    assert client_of(desk.lead).post(address, {"files": given("notes.pdf", PDF)}).status_code == 409


def test_the_board_shows_late_ones_first_and_how_much_everybody_has_to_do(desk: Desk) -> None:
    case = desk.in_state(State.QUESTIONNAIRE_ISSUED)
    other = AssessmentCase.objects.create(
        establishment=desk.site.__class__.objects.exclude(pk=desk.site.pk).first(),
        requested_on=days(0),
        due_on=days(-3),
    )
    page = text_of(desk.operator, "/assessments/")
    assert "2 assessments are under way; one is late." in page or "2 assessments are under way; 1 is late." in page
    assert page.index(f"/assessments/{other.pk}/") < page.index(f"/assessments/{case.pk}/")
    assert "3 days late" in page
    assert "Workload of the assessors" in page
    assert "Workload" not in text_of(desk.lead, "/assessments/")
    assert "One assessment is under way; none is late." in text_of(desk.lead, "/assessments/")
    assert f"/assessments/{case.pk}/" not in text_of(desk.operator, "/assessments/?late=1")
    assert f"/assessments/{other.pk}/" not in text_of(desk.operator, "/assessments/?state=questionnaire_issued")
    assert f"/assessments/{case.pk}/" in text_of(desk.operator, "/assessments/?q=halden")
    assert "No assessment fits." in text_of(desk.operator, "/assessments/?q=nowhere&state=consensus&page=x")
    assert "Nothing is here yet." in text_of(desk.operator, "/assessments/?closed=1")


def test_the_board_tells_of_late_improvement_plans(desk: Desk) -> None:
    """Their assessment is final, and so no longer under way."""
    sites = desk.site.__class__.objects.exclude(pk=desk.site.pk)
    late, early = (
        AssessmentCase.objects.create(
            establishment=site, state=State.FINAL, requested_on=days(-200), closed_on=days(-50), due_on=due_on
        )
        for site, due_on in zip(sites, (days(-4), days(0)), strict=False)
    )
    page = text_of(desk.operator, "/assessments/")
    assert "No assessment is under way. One more is final, and its improvement plan is late." in page
    assert "<strong>1</strong> late" in page
    assert f"/assessments/{late.pk}/" not in page
    page = text_of(desk.operator, "/assessments/?late=1")
    assert f"/assessments/{late.pk}/" in page
    assert "4 days late" in page
    assert f"/assessments/{early.pk}/" not in page


def test_lines_count_as_browsers_count_them(desk: Desk) -> None:
    """A field takes 4,000 characters with line ends of one, and sends them as two."""
    case, note = desk.request(), "\r\n".join(["x" * 99] * 40)
    answer = client_of(desk.operator).post(f"/assessments/{case.pk}/step/decline/", {"note": note})
    assert answer.status_code == 302
    assert len(case.events.last().note) == 3_999


def test_after_its_review_the_establishment_is_asked_nothing_more(desk: Desk) -> None:
    case = desk.in_state(State.FACT_CHECK)
    assert "Check the draft for accuracy" in text_of(desk.contact, "/")
    desk.step(case, Event.CONFIRM)
    assert "Check the draft for accuracy" not in text_of(desk.contact, "/")
    board = text_of(desk.operator, "/assessments/")
    assert 'data-label="Next step by">The program operator<' in board
    comment = FactComment.objects.create(case=case, element="MC1", text="Not so", by=desk.contact)
    assert "The assessors or the program operator" in text_of(desk.operator, "/assessments/")
    comment_answer(comment, user=desk.lead, verdict="kept", answer="It is.")
    assert 'data-label="Next step by">The program operator<' in text_of(desk.operator, "/assessments/")


def test_half_a_character_is_kept_as_a_missing_one(desk: Desk) -> None:
    case, contact = desk.in_state(State.QUESTIONNAIRE_ISSUED), client_of(desk.contact)
    body = {"who": str(desk.contact.pk), "section": "1", "changes": {"l1": {"was": "", "now": "Cut \ud83d"}}}
    answer = contact.post(f"/assessments/{case.pk}/questionnaire/state/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["answers"]["l1"]) == (200, "Cut \ufffd")


def test_numbers_of_queries(desk: Desk, django_assert_num_queries: Any) -> None:
    case = desk.in_state(State.FACT_CHECK)
    for pinned, user, address in (
        (8, desk.operator, "/assessments/"),
        (6, desk.lead, "/assessments/"),
        (23, desk.operator, f"/assessments/{case.pk}/"),
        (16, desk.contact, f"/assessments/{case.pk}/"),
        (14, desk.lead, f"/assessments/{case.pk}/"),
        (8, desk.contact, f"/assessments/{case.pk}/fact-check/"),
        (6, desk.lead, f"/assessments/{case.pk}/draft/"),
        (6, desk.operator, f"/assessments/{case.pk}/questionnaire/review/"),
    ):
        client = client_of(user)
        client.get(address)
        with django_assert_num_queries(pinned):
            assert client.get(address).status_code == 200, address


def test_the_home_pages_lead_to_the_case(desk: Desk) -> None:
    case = desk.in_state(State.QUESTIONNAIRE_ISSUED)
    assert f'href="/assessments/{case.pk}/"' in text_of(desk.contact, "/")
    assert f'href="/assessments/{case.pk}/"' in text_of(desk.lead, "/")
    assert timezone.localdate() >= case.requested_on


def test_a_step_that_waits_leads_to_where_its_work_is_done(desk: Desk) -> None:
    case = desk.in_state(State.QUESTIONNAIRE_ISSUED)
    page = text_of(desk.contact, f"/assessments/{case.pk}/")
    assert f'href="/assessments/{case.pk}/questionnaire/">Fill in the questionnaire</a>' in page
    page = text_of(desk.contact, "/assessments/request/")
    assert "Each establishment of your organization has an assessment under way." in page
    assert '<a class="usa-link" href="/assessments/">Assessments under way</a>' in page


def test_nothing_waits_for_the_assessors_once_every_comment_is_answered() -> None:
    assert next_sentence("fact_check", date(2026, 12, 1), is_confirmed=True, is_answered=True) == (
        "Next: the program operator makes it final by December 1, 2026. No comment waits for an answer."
    )


def test_an_address_names_its_country_once() -> None:
    assert place("1 Lantern Road, Pune 411001, India (IND)", "India") == "1 Lantern Road, Pune 411001, India (IND)"
    assert place("1 Lantern Road, Pune 411001", "India") == "1 Lantern Road, Pune 411001, India"
    assert (place("", "India"), place("", "")) == ("India", "")
