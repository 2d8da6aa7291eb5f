"""The board by API: whose cases, in which order, page by page; and asking for an assessment."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from qmm.course.steps import Event, State
from qmm.models import AssessmentCase, CaseAssignment, Establishment, EstablishmentIdentifier
from tests.api.conftest import Machine
from tests.api.test_problems import assert_problem
from tests.course.conftest import FEI, Desk


@pytest.fixture
def rows(desk: Desk) -> dict[str, AssessmentCase]:
    """Cases by name of their site: due in so many days, or without a date, or ended."""
    today, made = timezone.localdate(), {}
    for name, due in (("soon", 2), ("late", -3), ("undated", None), ("latest", -9), ("also late", -3), ("ended", None)):
        site = Establishment.objects.create(name=name, country="USA", owner=desk.site.owner)
        made[name] = AssessmentCase.objects.create(
            establishment=site,
            state=State.FINAL if name == "ended" else State.ORIENTED if name == "soon" else State.ACCEPTED,
            requested_on=today - timedelta(days=40),
            due_on=None if due is None else today + timedelta(days=due),
            closed_on=today if name == "ended" else None,
        )
    return made


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["establishment_name"] for row in answer.json()["results"]]


def test_the_longest_overdue_first_page_by_page(
    desk: Desk, rows: dict[str, AssessmentCase], django_assert_num_queries: Any
) -> None:
    operator = Machine(desk.operator)
    first = operator.get("assessments/?page_size=2")
    assert names(first) == ["latest", "late"]
    with django_assert_num_queries(4):  # the token, the count of requests, cases, their teams
        second = operator.get(first.json()["next"])
    assert names(second) == ["also late", "soon"]
    third = operator.get(second.json()["next"])
    assert names(third) == ["undated"]
    assert third.json()["next"] is None
    row = first.json()["results"][0]
    assert row == {
        "id": rows["latest"].pk,
        "establishment": rows["latest"].establishment_id,
        "establishment_name": "latest",
        "owner": "Halden Group",
        "state": "accepted",
        "next_by": "The program operator or the lead assessor",
        "due_on": (timezone.localdate() - timedelta(days=9)).isoformat(),
        "days_late": 9,
        "requested_on": (timezone.localdate() - timedelta(days=40)).isoformat(),
        "visit_starts_on": None,
        "closed_on": None,
        "assessors": [],
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=oriented", ["soon"]),
        ("state=final", ["ended"]),
        ("closed=true", ["ended"]),
        ("closed=false&state=final", []),
        ("late=true", ["latest", "late", "also late"]),
        ("assigned=me", []),
    ],
)
def test_filters(desk: Desk, rows: dict[str, AssessmentCase], query: str, found: list[str]) -> None:
    assert names(Machine(desk.operator).get(f"assessments/?{query}")) == found


def test_a_late_improvement_plan_is_late(desk: Desk, rows: dict[str, AssessmentCase]) -> None:
    AssessmentCase.objects.filter(pk=rows["ended"].pk).update(due_on=timezone.localdate() - timedelta(days=5))
    operator = Machine(desk.operator)
    assert names(operator.get("assessments/?late=true")) == ["latest", "ended", "late", "also late"]
    assert names(operator.get("assessments/?late=true&closed=false")) == ["latest", "late", "also late"]
    assert operator.get("assessments/?late=true&closed=true").json()["results"][0]["days_late"] == 5


def test_due_range_number_and_assignment(desk: Desk, rows: dict[str, AssessmentCase]) -> None:
    operator, today = Machine(desk.operator), timezone.localdate()
    since, until = today - timedelta(days=3), today + timedelta(days=2)
    assert names(operator.get(f"assessments/?due_from={since}&due_to={until}")) == ["late", "also late", "soon"]
    EstablishmentIdentifier.objects.create(establishment=rows["late"].establishment, scheme="fei", value="3009999999")
    assert names(operator.get("assessments/?fei=3009999999")) == ["late"]
    CaseAssignment.objects.create(
        case=rows["soon"], membership=desk.lead.membership, is_lead=True, assigned_on=date(2026, 1, 2)
    )
    answer = Machine(desk.lead).get("assessments/?assigned=me")
    assert names(answer) == ["soon"]
    [person] = answer.json()["results"][0]["assessors"]
    assert person == {"name": str(desk.lead), "firm": "Assessors", "is_lead": True}


def test_each_sees_their_own(desk: Desk, rows: dict[str, AssessmentCase]) -> None:
    CaseAssignment.objects.create(case=rows["soon"], membership=desk.second.membership, assigned_on=date(2026, 1, 2))
    found = {
        user.email: names(Machine(user).get("assessments/"))
        for user in (desk.contact, desk.auditor, desk.second, desk.third, desk.stranger)
    }
    everything = ["latest", "late", "also late", "soon", "undated"]
    assert list(found.values()) == [everything, everything, ["soon"], [], []]
    assert Machine(None).get("assessments/").status_code == 401


@pytest.mark.parametrize(
    "query",
    ["state=lost", "late=perhaps", "cursor=x", "cursor=MjAyNi0wMi0zMC8x", "due_from=0001-01-01", "assigned=you", "x=1"],
)
def test_a_wrong_question_is_refused(desk: Desk, query: str) -> None:
    body = assert_problem(Machine(desk.operator).get(f"assessments/?{query}"), 400, "invalid-request")
    assert body["errors"][0]["parameter"] == query.partition("=")[0]


class TestAsking:
    def test_the_owner_asks_once(self, desk: Desk) -> None:
        contact = Machine(desk.contact)
        headers = {"Idempotency-Key": "site-4"}
        made = contact.post("assessments/", {"fei": FEI, "note": "Line 2 starts in May."}, **headers)
        assert made.status_code == 201, made.content
        body = made.json()
        assert (body["state"], body["establishment"], body["sides"]) == ("requested", desk.site.pk, ["firm"])
        assert contact.post("assessments/", {"fei": FEI, "note": "Line 2 starts in May."}, **headers).json() == body
        again = contact.post("assessments/", {"establishment": desk.site.pk})
        assert assert_problem(again, 409, "step-refused")["detail"] == (
            "An assessment of this establishment is under way already."
        )
        case = AssessmentCase.objects.get()
        assert case.events.get().note == "Line 2 starts in May."

    def test_an_answer_is_not_told_again_once_the_site_is_sold(self, desk: Desk) -> None:
        contact, headers = Machine(desk.contact), {"Idempotency-Key": "site-4"}
        assert contact.post("assessments/", {"fei": FEI}, **headers).status_code == 201
        desk.site.owner = desk.stranger.membership.organisation
        desk.site.save()
        assert_problem(contact.post("assessments/", {"fei": FEI}, **headers), 400, "invalid-request")

    def test_nobody_asks_for_others(self, desk: Desk) -> None:
        stranger = Machine(desk.stranger)
        for body, place in (
            ({"establishment": desk.site.pk}, "#/establishment"),
            ({"establishment": 9_999_999}, "#/establishment"),
            ({"fei": FEI}, "#/fei"),
        ):
            told = assert_problem(stranger.post("assessments/", body), 400, "invalid-request")
            assert told["errors"] == [{"pointer": place, "detail": "This is no establishment of your organization."}]
        for user in (desk.operator, desk.auditor, desk.lead):
            assert Machine(user).post("assessments/", {"fei": FEI}).status_code == 403
        assert not AssessmentCase.objects.exists()

    @pytest.mark.parametrize(
        ("body", "place"),
        [
            ({}, "#/establishment"),
            ({"establishment": 1, "fei": FEI}, "#/establishment"),
            ({"establishment": 2**63}, "#/establishment"),
            ({"fei": FEI, "why": "x"}, "#/why"),
            ({"fei": FEI, "note": "x" * 4_001}, "#/note"),
            ([FEI], "#"),
        ],
    )
    def test_what_is_wrong_is_said_with_its_place(self, desk: Desk, body: Any, place: str) -> None:
        told = assert_problem(Machine(desk.contact).post("assessments/", body), 400, "invalid-request")
        assert [error["pointer"] for error in told["errors"]] == [place]

    def test_a_declined_request_may_be_made_anew(self, desk: Desk) -> None:
        desk.step(desk.request(), Event.DECLINE)
        assert Machine(desk.attestor).post("assessments/", {"fei": FEI}).status_code == 201
