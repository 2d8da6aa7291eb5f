"""Assignment, declarations, the two sheets, files and the factual-accuracy review by API."""

from typing import Any

import pytest
from django.db import connection

from dscr.access.models import User
from dscr.api.models import KeptAnswer
from dscr.audit.models import AuditEntry
from qmm.course.steps import Event, State
from qmm.models import AssessmentCase, CaseFile, CaseSheet, ConflictDeclaration, FactComment
from qmm.services.course_sheet import sheet_of
from tests.api.conftest import Machine
from tests.api.test_problems import assert_problem
from tests.course.conftest import Desk
from tests.evidence.files import EXE, PDF, given


def path(case: AssessmentCase, rest: str) -> str:
    return f"assessments/{case.pk}/{rest}/"


class TestAssignment:
    def test_two_are_assigned_by_what_was_read(self, desk: Desk) -> None:
        case, operator = desk.in_state(State.ACCEPTED), Machine(desk.operator)
        ConflictDeclaration.objects.create(
            user=desk.third, organisation=desk.site.owner, has_conflict=True, nature="A cousin"
        )
        answer = operator.get(path(case, "assignment"))
        people = {row["name"]: row for row in answer.json()["candidates"]}
        assert people[str(desk.third)]["conflict"] == "declared a conflict of interest with the firm"
        lead = people[str(desk.lead)]
        assert (lead["may_lead"], lead["open_cases"], lead["leads"], lead["conflict"]) == (True, 0, 0, "")
        body = {"lead": desk.lead.membership.pk, "second": desk.second.membership.pk}
        assert operator.put(path(case, "assignment"), body).status_code == 428
        stored = operator.put(path(case, "assignment"), body, if_match=answer["ETag"])
        assert stored.status_code == 200, stored.content
        assigned = [(row["membership"], row["is_lead"], row["has_taken"]) for row in stored.json()["assigned"]]
        assert assigned == [(body["lead"], True, False), (body["second"], False, False)]
        stale = operator.put(path(case, "assignment"), body, if_match=answer["ETag"])
        assert_problem(stale, 412, "precondition-failed")

    def test_the_rules_of_the_page_hold(self, desk: Desk) -> None:
        case, operator = desk.in_state(State.ACCEPTED), Machine(desk.operator)
        ConflictDeclaration.objects.create(
            user=desk.third, organisation=desk.site.owner, has_conflict=True, nature="A cousin"
        )
        etag = operator.get(path(case, "assignment"))["ETag"]
        lead, second, third = (user.membership.pk for user in (desk.lead, desk.second, desk.third))
        for body, said in (
            ({"lead": lead, "second": lead}, "Choose two different people."),
            ({"lead": second, "second": lead}, f"{desk.second} is no lead assessor. Choose one as the lead."),
            (
                {"lead": lead, "second": third},
                f"{desk.third} cannot be assigned: declared a conflict of interest with the firm.",
            ),
        ):
            refused = operator.put(path(case, "assignment"), body, if_match=etag)
            assert assert_problem(refused, 409, "step-refused")["detail"] == said
        for wrong in (desk.contact.membership.pk, 9_999_999):
            refused = operator.put(path(case, "assignment"), {"lead": lead, "second": wrong}, if_match=etag)
            assert assert_problem(refused, 400, "invalid-request")["errors"][0]["pointer"] == "#/second"
        assert not case.assignments.exists()

    def test_only_the_operator_reads_who_could(self, desk: Desk) -> None:
        case = desk.in_state(State.ORIENTED)
        for user in (desk.contact, desk.lead, desk.auditor):
            assert Machine(user).get(path(case, "assignment")).status_code == 404


class TestDeclaration:
    def test_taking_and_leaving(self, desk: Desk) -> None:
        case = desk.in_state(State.ACCEPTED)
        desk.assign(case)
        lead, second = Machine(desk.lead), Machine(desk.second)
        taken = lead.post(path(case, "declarations"), {"has_conflict": False})
        assert taken.json() == {"case": case.pk, "has_conflict": False, "is_assigned": True}
        twice = lead.post(path(case, "declarations"), {"has_conflict": False})
        assert assert_problem(twice, 409, "step-refused")["detail"] == "You have taken the assignment already."
        silent = second.post(path(case, "declarations"), {"has_conflict": True})
        assert assert_problem(silent, 409, "step-refused")["detail"].startswith("Say which conflict")
        left = second.post(path(case, "declarations"), {"has_conflict": True, "nature": "A cousin"})
        assert left.json()["is_assigned"] is False
        assert second.get(f"assessments/{case.pk}/").status_code == 404
        assert "A cousin" not in lead.get(path(case, "timeline")).content.decode()

    def test_before_that_the_papers_are_closed(self, desk: Desk) -> None:
        case = desk.in_state(State.QUESTIONNAIRE_RETURNED)
        desk.assign(case, second=desk.third, note="Ill.")
        third = Machine(desk.third)
        for rest in ("sheets/questionnaire", "files", "fact-check"):
            assert third.get(path(case, rest)).status_code == 404
        desk.take(case, desk.third)
        assert third.get(path(case, "sheets/questionnaire")).status_code == 200


class TestSheets:
    def test_answers_are_written_and_read(self, desk: Desk) -> None:
        case = desk.in_state(State.QUESTIONNAIRE_ISSUED)
        contact = Machine(desk.contact)
        blank = contact.get(path(case, "sheets/questionnaire")).json()
        codes = [row["code"] for row in blank["results"]]
        assert (blank["revision"], blank["may_write"], blank["open"]) == (0, True, codes)
        texts = {codes[0]: {"was": "", "now": "  Two lines\r\nthree shifts "}}
        stored = contact.patch(path(case, "sheets/questionnaire"), {"texts": texts}, idempotency_key="q1")
        assert stored.status_code == 200, stored.content
        row = stored.json()["results"][0]
        assert (row["text"], row["edited_by"]) == ("Two lines\nthree shifts", str(desk.contact))
        assert (stored.json()["revision"], stored.json()["open"]) == (1, codes[1:])
        again = contact.patch(path(case, "sheets/questionnaire"), {"texts": texts}, idempotency_key="q1")
        assert again.json() == stored.json()
        assert Machine(desk.lead).get(path(case, "sheets/questionnaire")).status_code == 404  # not returned yet
        assert Machine(desk.operator).get(path(case, "sheets/questionnaire")).json()["may_write"] is False
        assert AuditEntry.objects.filter(action="viewed", detail="the questionnaire", user_id=desk.contact.pk).exists()

    def test_what_somebody_changed_meanwhile_comes_back_with_both_texts(self, desk: Desk) -> None:
        case = desk.in_state(State.QUESTIONNAIRE_ISSUED)
        contact, attestor = Machine(desk.contact), Machine(desk.attestor)
        one, other = [row["code"] for row in contact.get(path(case, "sheets/questionnaire")).json()["results"]][:2]
        attestor.patch(path(case, "sheets/questionnaire"), {"texts": {one: {"was": "", "now": "Theirs"}}})
        both = {one: {"was": "", "now": "Mine"}, other: {"was": "", "now": "Also mine"}}
        refused = contact.patch(path(case, "sheets/questionnaire"), {"texts": both})
        told = assert_problem(refused, 409, "texts-changed")["conflicts"]
        assert list(told) == [one]
        assert [told[one][name] for name in ("sent", "stored", "by")] == ["Mine", "Theirs", str(desk.attestor)]
        assert sheet_of(case, "questionnaire").texts == {one: "Theirs"}  # nothing of the refused request
        knowing = {one: {"was": "Theirs", "now": "Mine"}}
        done = contact.patch(path(case, "sheets/questionnaire"), {"texts": knowing})
        assert done.json()["results"][0]["text"] == "Mine"

    def test_not_out_of_turn(self, desk: Desk) -> None:
        case = desk.in_state(State.QUESTIONNAIRE_ISSUED)
        change = {"texts": {sheet_of(case, "questionnaire").asked[0]["code"]: {"was": "", "now": "x"}}}
        assert_problem(Machine(desk.operator).patch(path(case, "sheets/questionnaire"), change), 409, "sheet-closed")
        desk.write(case)
        desk.step(case, Event.RETURN)
        assert_problem(Machine(desk.contact).patch(path(case, "sheets/questionnaire"), change), 409, "sheet-closed")
        assert Machine(desk.contact).get(path(case, "sheets/draft")).status_code == 404
        assert Machine(desk.contact).get(path(case, "sheets/other")).status_code == 404

    @pytest.mark.parametrize(
        ("texts", "place"),
        [
            ({}, "#/texts"),
            ({"nothing": {"was": "", "now": "x"}}, "#/texts/nothing"),
            ({"nothing": {"now": "x"}}, "#/texts/nothing/was"),
            ({"nothing": {"was": "", "now": "x" * 30_000}}, "#/texts/nothing/now"),
            ({"nothing": "x"}, "#/texts/nothing"),
            ("x", "#/texts"),
        ],
    )
    def test_a_wrong_body(self, desk: Desk, texts: Any, place: str) -> None:
        case = desk.in_state(State.QUESTIONNAIRE_ISSUED)
        answer = Machine(desk.contact).patch(path(case, "sheets/questionnaire"), {"texts": texts})
        assert [error["pointer"] for error in assert_problem(answer, 400, "invalid-request")["errors"]] == [place]

    def test_a_closed_side_s_kept_answer_stays_closed(self, desk: Desk) -> None:
        case = desk.in_state(State.DRAFT_REPORT)
        lead = Machine(desk.lead)
        code = lead.get(path(case, "sheets/draft")).json()["results"][0]["code"]
        body = {"texts": {code: {"was": "", "now": "Seen at the line."}}}
        assert lead.patch(path(case, "sheets/draft"), body, idempotency_key="d").status_code == 200
        assert KeptAnswer.objects.get().key == "d"
        case.assignments.filter(membership=desk.lead.membership).update(ended_on="2026-01-01")
        assert lead.patch(path(case, "sheets/draft"), body, idempotency_key="d").status_code == 404


class TestFiles:
    def test_given_listed_and_sent(self, desk: Desk) -> None:
        case = desk.in_state(State.ACCEPTED)
        contact, headers = Machine(desk.contact), {"idempotency_key": "smf"}
        made = contact.upload(path(case, "files"), given("plan.pdf", PDF), **headers)
        assert made.status_code == 201, made.content
        [row] = made.json()["results"]
        assert (row["name"], row["kind"], row["size"], row["given_by"]) == (
            "plan.pdf",
            "pdf",
            len(PDF),
            "Halden Group",
        )
        again = contact.upload(path(case, "files"), given("plan.pdf", PDF), **headers)
        assert again.json() == made.json()
        other = contact.upload(path(case, "files"), given("plan.pdf", PDF + b"\n"), **headers)
        assert_problem(other, 422, "key-used")
        assert CaseFile.objects.count() == 1
        sent = Machine(desk.operator).get(path(case, f"files/{row['id']}"))
        assert b"".join(sent.streaming_content) == PDF
        assert sent["Content-Type"] == "application/pdf"
        assert Machine(desk.stranger).get(path(case, f"files/{row['id']}")).status_code == 404

    def test_what_is_no_file_of_a_case(self, desk: Desk) -> None:
        case = desk.in_state(State.ACCEPTED)
        contact = Machine(desk.contact)
        wrong = contact.upload(path(case, "files"), given("plan.pdf", PDF), given("plan.pdf", EXE))
        told = assert_problem(wrong, 400, "invalid-request")
        assert told["errors"][0]["pointer"] == "#/files"
        assert_problem(contact.upload(path(case, "files")), 400, "invalid-request")
        assert_problem(contact.post(path(case, "files"), {"files": []}), 415, "unsupported-media-type")
        assert not CaseFile.objects.exists()
        auditor = Machine(desk.auditor).upload(path(case, "files"), given("plan.pdf", PDF))
        assert_problem(auditor, 409, "step-refused")

    def test_a_damaged_file_is_not_sent(self, desk: Desk) -> None:
        case = desk.in_state(State.ACCEPTED)
        contact = Machine(desk.contact)
        [row] = contact.upload(path(case, "files"), given("plan.pdf", PDF)).json()["results"]
        with connection.cursor() as cursor:  # the database keeps the record, but for this
            cursor.execute("SET session_replication_role = replica")
            CaseFile.objects.update(sha256="0" * 64)
            cursor.execute("SET session_replication_role = origin")
        assert_problem(contact.get(path(case, f"files/{row['id']}")), 409, "file-damaged")


class TestFactCheck:
    @pytest.fixture
    def case(self, desk: Desk) -> AssessmentCase:
        return desk.in_state(State.FACT_CHECK)

    def comment(self, user: User, case: AssessmentCase, **more: str) -> Any:
        return Machine(user).post(path(case, "fact-check"), {"element": "MC1", "text": "It is SOP-119."} | more)

    def test_commented_on_answered_and_closed(self, desk: Desk, case: AssessmentCase) -> None:
        made = self.comment(desk.contact, case)
        assert made.status_code == 201, made.content
        row = made.json()
        assert (row["element"], row["passage"], row["verdict"], row["answered_at"]) == ("MC1", "Written.", None, None)
        assert self.comment(desk.contact, case).json()["id"] == row["id"]  # sent twice
        review = Machine(desk.contact).get(path(case, "fact-check")).json()
        assert (review["waiting"], review["may_comment"], review["may_answer"]) == (1, True, False)
        assert review["results"][0]["comments"] == [row]
        address = path(case, f"fact-check/{row['id']}/answer")
        answer = {"verdict": "corrected", "answer": "Changed."}
        assert Machine(desk.contact).post(address, answer).status_code == 404
        assert Machine(desk.third).post(address, answer).status_code == 404
        told = Machine(desk.second).post(address, answer).json()
        assert [told[name] for name in ("verdict", "answer", "answered_by")] == [
            "corrected",
            "Changed.",
            str(desk.second),
        ]
        twice = Machine(desk.lead).post(address, answer)
        assert assert_problem(twice, 409, "step-refused")["detail"].startswith("The comment was answered already")
        desk.step(case, Event.CONFIRM)
        late = self.comment(desk.contact, case, text="And this.")
        assert assert_problem(late, 409, "step-refused")["detail"].startswith("You have finished the review")

    def test_no_level_is_in_it(self, desk: Desk, case: AssessmentCase) -> None:
        body = Machine(desk.contact).get(path(case, "fact-check")).json()
        assert set(body["results"][0]) == {"element", "section", "label", "text", "comments"}

    def test_only_the_establishment_comments(self, desk: Desk, case: AssessmentCase) -> None:
        for user in (desk.operator, desk.lead, desk.auditor):
            assert self.comment(user, case).status_code == 403
        wrong = self.comment(desk.contact, case, element="ZZ9")
        assert assert_problem(wrong, 400, "invalid-request")["errors"][0]["pointer"] == "#/element"
        assert not FactComment.objects.exists()

    def test_while_it_is_written_again_the_establishment_waits(self, desk: Desk, case: AssessmentCase) -> None:
        self.comment(desk.contact, case)
        desk.step(case, Event.REOPEN)
        desk.write(case, CaseSheet.Kind.DRAFT, "Written anew.")
        assert Machine(desk.contact).get(path(case, "fact-check")).status_code == 404
        assert Machine(desk.contact).get(path(case, "sheets/draft")).status_code == 404
        assert Machine(desk.lead).get(path(case, "fact-check")).status_code == 200
