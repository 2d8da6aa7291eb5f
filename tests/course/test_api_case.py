"""One case by API: what its page says, its timeline, and its steps."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from dscr.access.models import User
from dscr.audit.models import AuditEntry
from qmm.course.steps import PATH, STEPS, Event, State, refusal
from qmm.models import AssessmentCase, CaseEvent
from qmm.services.course_people import sides_of
from tests.api.conftest import Machine
from tests.api.test_problems import assert_problem
from tests.course.conftest import Desk


def take(user: User, case: AssessmentCase, step: str, **more: Any) -> Any:
    headers = {"Idempotency-Key": more.pop("key")} if "key" in more else {}
    body = {"step": step, "from_state": case.state} | more
    return Machine(user).post(f"assessments/{case.pk}/steps/", body, **headers)


class TestCase:
    def test_it_says_what_may_be_done_and_what_stands_against_it(self, desk: Desk) -> None:
        case = desk.in_state(State.ACCEPTED)
        body = Machine(desk.operator).get(f"assessments/{case.pk}/").json()
        assert body["next"].startswith("Next: record that the orientation was held.")
        assert [stage["state"] for stage in body["path"]] == [state.value for state in PATH]
        assert [stage["standing"] for stage in body["path"][:3]] == ["done", "current", "ahead"]
        today = timezone.localdate().isoformat()
        assert [stage["on"] for stage in body["path"][:3]] == [today, today, None]
        lacking = "Two assessors, one of them the lead, must be assigned first."
        orient = {
            "step": "orient",
            "does": "Record that the orientation was held",
            "unmet": [lacking],
            "needs_note": False,
            "needs_visit_on": False,
            "is_main": True,
        }
        assert body["steps"][0] == orient
        assert [offer["step"] for offer in body["steps"]] == ["orient", "stop"]
        assert (body["sides"], body["may_assign"], body["assessors"]) == (["office"], True, [])
        assert (body["rubric"], body["outcome"], body["must_declare"]) == (None, None, False)

    def test_the_outcome_and_its_levels(self, desk: Desk) -> None:
        case = desk.in_state(State.FINAL)
        answer = Machine(desk.contact).get(f"assessments/{case.pk}/")
        body = answer.json()
        assert body["outcome"]["levels"] == dict.fromkeys(body["outcome"]["levels"], 4.0)
        assert body["outcome"]["completed_on"] == timezone.localdate().isoformat()
        assert (body["rubric"], [one["step"] for one in body["steps"]]) == ("2026.1", ["submit-plan"])
        assert body["state"] == "final"
        etag = answer["ETag"]
        again = Machine(desk.contact).get(f"assessments/{case.pk}/", **{"If-None-Match": etag})
        assert again.status_code == 304

    def test_the_establishment_is_told_of_its_own_inspections(self, desk: Desk) -> None:
        desk.inspect("OAI", days_ago=1)
        case = desk.request()
        notice = Machine(desk.contact).get(f"assessments/{case.pk}/").json()["notice"]
        assert "was classified OAI" in notice
        assert Machine(desk.operator).get(f"assessments/{case.pk}/").json()["notice"] == ""

    def test_out_of_scope_is_not_there(self, desk: Desk) -> None:
        case = desk.in_state(State.ORIENTED)
        for user in (desk.stranger, desk.third):
            for path in ("", "timeline/", "files/", "sheets/questionnaire/", "fact-check/"):
                assert Machine(user).get(f"assessments/{case.pk}/{path}").status_code == 404
        assert Machine(desk.operator).get(f"assessments/{2**70}/").status_code == 404

    def test_queries_and_the_note_of_it(self, desk: Desk, django_assert_num_queries: Any) -> None:
        case, operator = desk.in_state(State.ORIENTED), Machine(desk.operator)
        operator.get(f"assessments/{case.pk}/")
        with django_assert_num_queries(
            10
        ):  # token, count, case, recusal, team, timeline, files, ends, what counts, note
            operator.get(f"assessments/{case.pk}/")
        seen = AuditEntry.objects.filter(kind="assessment-case", action="viewed", subject_id=case.pk)
        assert [entry.user_id for entry in seen] == [desk.operator.pk]

    def test_who_has_to_declare_first_is_told_so(self, desk: Desk) -> None:
        case = desk.in_state(State.ACCEPTED)
        desk.assign(case)
        lead = Machine(desk.lead)
        body = lead.get(f"assessments/{case.pk}/").json()
        assert (body["must_declare"], body["steps"], body["sheets"]) == (True, [], [])
        refused = take(desk.lead, case, "orient")
        assert assert_problem(refused, 409, "step-refused")["detail"].startswith("Declare your interests first")
        case.refresh_from_db()
        assert case.state == State.ACCEPTED


class TestTimeline:
    def test_notes_are_for_whom_they_are(self, desk: Desk) -> None:
        case = desk.in_state(State.DRAFT_REPORT)
        desk.step(case, Event.REOPEN, note="Grizzle among us.")
        CaseEvent.objects.create(
            case=case,
            event="conflict",
            state=case.state,
            by=desk.third,
            role="Assessor",
            organisation=desk.third.membership.organisation,
            note="A cousin works there.",
            is_office=True,
            at=timezone.now(),  # of the moved clock
        )

        def newest(user: User) -> list[tuple[str, str, str]]:
            rows = Machine(user).get(f"assessments/{case.pk}/timeline/").json()["results"]
            return [(row["event"], row["note"], row["for_whom"]) for row in rows[:2]]

        for user in (desk.operator, desk.auditor):
            assert newest(user) == [
                ("conflict", "A cousin works there.", "office"),
                ("reopen", "Grizzle among us.", "not_the_establishment"),
            ]
        agreed = ("agree", "Because it is so.", "everybody")
        assert newest(desk.second) == [("reopen", "Grizzle among us.", "not_the_establishment"), agreed]
        assert newest(desk.contact) == [("reopen", "", "everybody"), agreed]


class TestSteps:
    def test_a_step_with_its_day(self, desk: Desk) -> None:
        case = desk.in_state(State.QUESTIONNAIRE_RETURNED)
        day = timezone.localdate() + timedelta(weeks=6)
        early = take(desk.operator, case, "schedule", visit_on=str(timezone.localdate()))
        told = assert_problem(early, 409, "step-refused")
        assert told["detail"].startswith("The visit begins at least 6 weeks after the orientation")
        assert told["unmet"] == [told["detail"]]
        done = take(desk.operator, case, "schedule", visit_on=str(day), note="As agreed by phone.", key="visit-1")
        assert done.status_code == 200, done.content
        assert (done.json()["state"], done.json()["visit_starts_on"]) == ("scheduled", str(day))
        again = take(desk.operator, case, "schedule", visit_on=str(day), note="As agreed by phone.", key="visit-1")
        assert (again.json(), again["Idempotency-Replayed"]) == (done.json(), "true")
        assert case.events.filter(event="schedule").count() == 1

    def test_a_stale_client_is_refused(self, desk: Desk) -> None:
        case = desk.in_state(State.ORIENTED)
        assert take(desk.operator, case, "issue").status_code == 200
        stale = take(desk.operator, case, "issue")
        told = assert_problem(stale, 412, "precondition-failed")
        assert (
            told["detail"] == "The case stands at “Questionnaire issued” now. Read it again, then send the step anew."
        )

    def test_every_condition_that_lacks_is_said(self, desk: Desk) -> None:
        case = desk.in_state(State.ACCEPTED)
        desk.assign(case)
        told = assert_problem(take(desk.operator, case, "orient"), 409, "step-refused")
        assert told["unmet"] == [
            f"{desk.lead} and {desk.second} must first take the assignment and declare no conflict of interest."
        ]

    @pytest.mark.parametrize("state", [State.REQUESTED, State.FACT_CHECK])
    def test_every_step_that_is_not_allowed_is_refused_with_its_reason(self, desk: Desk, state: State) -> None:
        """For the reasons of the course itself; nothing moves."""
        case = desk.in_state(state)
        before = case.events.count()
        for user in (desk.contact, desk.operator, desk.lead, desk.second, desk.auditor):
            sides = sides_of(case, user)
            if user in (desk.lead, desk.second) and not sides:
                continue
            for event in STEPS:
                said = refusal(state, event, sides)
                if said:
                    told = assert_problem(take(user, case, event.value, note="x"), 409, "step-refused")
                    assert told["detail"] == said
        case.refresh_from_db()
        assert (case.state, case.events.count()) == (state, before)

    @pytest.mark.parametrize(
        ("more", "place"),
        [
            ({"step": "request"}, "#/step"),
            ({"step": "assign"}, "#/step"),
            ({"from_state": None}, "#/from_state"),
            ({"note": "x" * 4_001}, "#/note"),
            ({"visit_on": "soon"}, "#/visit_on"),
            ({"why": "x"}, "#/why"),
        ],
    )
    def test_a_wrong_body(self, desk: Desk, more: dict[str, Any], place: str) -> None:
        case = desk.request()
        body = {"step": "accept", "from_state": "requested"} | more
        answer = Machine(desk.operator).post(f"assessments/{case.pk}/steps/", body)
        assert [error["pointer"] for error in assert_problem(answer, 400, "invalid-request")["errors"]] == [place]

    def test_a_step_that_needs_a_note(self, desk: Desk) -> None:
        case = desk.request()
        told = assert_problem(take(desk.operator, case, "decline"), 409, "step-refused")
        assert told["detail"] == "Say why: it stands in the timeline."
        assert "unmet" not in told
