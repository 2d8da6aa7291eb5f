"""What an attacker sends to a plan: a refusal in words, never a fault of the server; and what the database keeps."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from dscr.access.models import Membership, Organisation, User
from dscr.access.roles import Role
from qmm.course.steps import Event, State
from qmm.models import ActionChange, AssessmentCase, CaseEvent, CaseNotice, ImprovementPlan, PlanReminder
from qmm.services.course import CourseError
from qmm.services.course_mail import notices_send
from qmm.services.expiry import cases_expire, warnings_note, warnings_send
from qmm.services.plan import plan_send
from qmm.services.plan_reminders import reminders_note, reminders_send
from tests.api.conftest import Machine
from tests.course.conftest import client_of
from tests.home.conftest import main_words
from tests.plan.conftest import Planner

DIGITS = "9" * 5_000  # more than Python makes a number of
FORM = {"answers": "MC1", "target": "3", "text": "More minutes of it.", "who": "Kim", "due": "2027-02-01", "member": ""}


@pytest.fixture
def place(planner: Planner) -> str:
    return f"/assessments/{planner.case.pk}/plan/"


def test_what_a_new_action_answers_is_stored_only_where_it_can_be_one(planner: Planner, place: str) -> None:
    for answers in ("MC1:\0", "MC1:" + DIGITS, "MC1:٣", "\0"):
        assert client_of(planner.contact).post(f"{place}add/", {"answers": answers}).status_code == 302
    plan = ImprovementPlan.objects.get()
    assert (plan.drafted, plan.texts) == (4, {})


@pytest.mark.parametrize("name", ["answers", "target", "who", "due", "member"])
def test_numbers_of_any_length_are_refused_in_words(planner: Planner, place: str, name: str) -> None:
    action = planner.sent()
    client = client_of(planner.contact)
    assert client.post(f"{place}actions/", FORM | {name: DIGITS}).status_code == 422
    assert client.post(f"{place}actions/{action.pk}/", {"version": DIGITS, "text": "x"}).status_code == 409


@pytest.mark.parametrize("body", ["[" * 100_000, '{"changes":' + "[" * 3_000 + "]" * 3_000 + "}", '{"a":' * 50_000])
def test_deep_bodies_are_refused(planner: Planner, place: str, body: str) -> None:
    answer = client_of(planner.contact).post(f"{place}state/", body, content_type="application/json")
    assert (answer.status_code, answer.json()) == (400, {"problem": "The body is not JSON."})


def test_keys_are_written_one_way(planner: Planner, place: str) -> None:
    planner.draft()
    body = {"who": str(planner.contact.pk), "changes": {"1٣.what": {"was": "", "now": "x"}}}
    answer = client_of(planner.contact).post(f"{place}state/", json.dumps(body), content_type="application/json")
    assert answer.status_code == 400


def test_a_plan_is_sent_as_it_was_read(planner: Planner) -> None:
    planner.draft()
    seen = str(ImprovementPlan.objects.get().revision)
    planner.change_due(1)
    with pytest.raises(CourseError, match="since you read it"):
        plan_send(planner.case, user=planner.contact, seen=seen)
    with pytest.raises(CourseError, match="Only the establishment can do that"):
        plan_send(planner.case, user=planner.stranger, seen=seen)
    plan_send(planner.case, user=planner.contact, seen=str(ImprovementPlan.objects.get().revision))
    with pytest.raises(CourseError, match="its improvement plan is sent"):
        plan_send(planner.case, user=planner.contact, seen=seen)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE qmm_improvementaction SET what = 'Nothing'",
        "UPDATE qmm_improvementaction SET target = 5",
        "UPDATE qmm_improvementaction SET added_by_id = {other}",
        "DELETE FROM qmm_improvementaction",
        "UPDATE qmm_improvementplan SET no_action = 'None needed'",
        "UPDATE qmm_improvementplan SET sent_at = NULL",
        "UPDATE qmm_improvementplan SET texts = '{{}}'",
        "DELETE FROM qmm_improvementplan",
        "DELETE FROM qmm_actionchange",
    ],
)
def test_a_sent_plan_is_kept_whoever_writes(planner: Planner, change: str) -> None:
    planner.sent()
    with pytest.raises(DatabaseError, match="kept"), transaction.atomic():
        connection.cursor().execute(change.format(other=planner.stranger.pk))


@pytest.mark.django_db(transaction=True)
def test_its_tables_cannot_be_emptied(planner: Planner) -> None:
    planner.sent()
    for table in ("qmm_actionchange", "qmm_improvementplan"):
        with pytest.raises(DatabaseError, match="cannot be emptied"):
            connection.cursor().execute(f"TRUNCATE {table} CASCADE")


def test_the_api_drops_no_day_in_silence(planner: Planner) -> None:
    action, machine = planner.sent(), Machine(planner.contact)
    path = f"assessments/{planner.case.pk}/plan/"
    tag = machine.get(path).json()["actions"][0]["etag"]
    done_on = (planner.case.requested_on + timedelta(days=1)).isoformat()
    for standing in ({}, {"standing": "dropped"}):
        answer = machine.patch(f"{path}1/", {"done_on": done_on, "note": "Since long"} | standing, if_match=tag)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["pointer"] == "#/done_on"
    assert ActionChange.objects.filter(action=action).count() == 1
    given = {"standing": "done", "done_on": done_on, "note": "Since long"}
    assert machine.patch(f"{path}1/", given, if_match=tag).json()["done_on"] == done_on


def test_an_assessor_is_told_no_untruth_of_what_counts(planner: Planner, place: str) -> None:
    planner.sent()

    def told(user: User) -> Any:
        return Machine(user).get(f"assessments/{planner.case.pk}/plan/").json()["counts"]

    assert [told(user) for user in (planner.contact, planner.operator, planner.lead)] == [True, True, None]
    said = main_words(client_of(planner.lead).get(place).content.decode())
    assert "no longer counts" not in said
    assert "is valid until" in said


def test_what_came_about_by_itself_is_nobodys(planner: Planner) -> None:
    planner.sent()
    planner.later(3 * 366)
    assert cases_expire() == 1
    assert AssessmentCase.objects.get().state == State.EXPIRED
    line = Machine(planner.contact).get(f"assessments/{planner.case.pk}/timeline/").json()["results"][0]
    assert (line["event"], line["by"], line["organization"], line["role"]) == ("expire", None, None, "")


def leave(user: User) -> None:
    """Before the mail that waits for them could be sent."""
    user.memberships.update(ends_on=timezone.localdate())
    firm, _ = Organisation.objects.get_or_create(name="Elsewhere Pharma")
    Membership.objects.create(
        user=user, organisation=firm, role=Role.ESTABLISHMENT_CONTACT, starts_on=timezone.localdate()
    )


def test_who_left_the_firm_gets_no_mail_that_still_waited(planner: Planner) -> None:
    planner.case.due_on = timezone.localdate()
    planner.case.save()
    assert reminders_note() == 1
    planner.later(35 * 30)
    assert warnings_note() == 2
    PlanReminder.objects.update(made_at=timezone.now())
    planner.draft()
    planner.send()
    AssessmentCase.objects.update(state=State.FINAL, due_on=timezone.localdate())
    CaseNotice.objects.create(event=CaseEvent.objects.get(event=Event.SUBMIT_PLAN), user=planner.contact)
    CaseNotice.objects.update(made_at=timezone.now())
    leave(planner.contact)
    assert (reminders_send(), warnings_send()) == (0, 1)
    notices_send()
    assert {to for one in mail.outbox for to in one.to} == {
        planner.operator.email,
        planner.lead.email,
        planner.second.email,
    }
