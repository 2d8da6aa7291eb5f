"""Actions of a plan that was sent: every change with its reason and its old value, for ever."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from qmm.course.steps import State
from qmm.models import ActionChange, ActionFile, ImprovementAction
from qmm.services.course import CourseError
from qmm.services.plan import ActionChangedError, Given, action_add, action_change
from tests.evidence.files import PDF, given
from tests.plan.conftest import Planner


def change(planner: Planner, action: ImprovementAction, version: int = 1, user: Any = None, **asked: Any) -> Any:
    return action_change(action, user=user or planner.contact, version=version, given=Given(**asked))


def lines(action: ImprovementAction) -> list[tuple[str, str, str, str]]:
    rows = ActionChange.objects.filter(action=action).exclude(field="added")
    return list(rows.values_list("field", "old", "new", "note"))


def test_changes_keep_what_was(planner: Planner) -> None:
    action = planner.sent()
    was, moved = action.due_on.isoformat(), (action.due_on + timedelta(days=30)).isoformat()
    change(planner, action, standing="under_way")
    change(planner, action, 2, due=moved, note="The vendor is late.")
    change(planner, action, 3, responsible="Sam Ode", member=str(planner.attestor.pk))
    today = timezone.localdate().isoformat()
    change(planner, action, 4, standing="done", note="Minutes of six councils.", files=[given("minutes.pdf", PDF)])
    assert lines(action) == [
        ("standing", "Planned", "Under way", ""),
        ("due_on", was, moved, "The vendor is late."),
        ("responsible", "Dana Ruiz", "Sam Ode (attestor@halden.example)", ""),
        ("standing", "Under way", "Done", "Minutes of six councils."),
        ("done_on", "", today, "Minutes of six councils."),
    ]
    action.refresh_from_db()
    assert (action.standing, action.version, action.done_on) == ("done", 5, timezone.localdate())
    assert ActionFile.objects.get().action == action
    change(planner, action, 5, standing="under_way", note="Two councils were not held.")
    action.refresh_from_db()
    assert (action.standing, action.done_on) == ("under_way", None)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"standing": "done"}, "Say what shows that it is done, or give a file that does."),
        ({"standing": "dropped"}, "Say why the action is dropped."),
        ({"standing": "lost"}, "Say how the action stands"),
        ({"standing": "done", "done": "2199-01-01", "note": "x"}, "lies in the future"),
        ({"standing": "done", "done": "2001-01-01", "note": "x"}, "lies before the assessment"),
        ({"standing": "done", "done": "soon", "note": "x"}, "is no date"),
        ({"due": "2199-01-01", "note": "x"}, "more than 5 years ahead"),
        ({"responsible": " "}, "Name the person who is responsible."),
        ({"member": "999"}, "does not work here today"),
        ({"standing": "planned"}, "Nothing differs from what stands there."),
        ({"note": "x" * 2_001}, "shorten it to 2,000"),
    ],
)
def test_what_is_not_right_changes_nothing(planner: Planner, asked: dict[str, Any], said: str) -> None:
    action = planner.sent()
    with pytest.raises(CourseError, match=said):
        change(planner, action, **asked)
    action.refresh_from_db()
    assert (action.version, action.standing, lines(action)) == (1, "planned", [])


def test_a_day_moves_with_a_reason_only(planner: Planner) -> None:
    action = planner.sent()
    with pytest.raises(CourseError, match="Say why the day moves"):
        change(planner, action, due=(action.due_on + timedelta(days=1)).isoformat())


def test_the_second_of_two_who_change_it_at_once_reads_it_first(planner: Planner) -> None:
    action = planner.sent()
    change(planner, action, standing="under_way", user=planner.attestor)
    with pytest.raises(ActionChangedError, match="Somebody changed this action meanwhile"):
        change(planner, action, standing="dropped", note="Not needed.")
    action.refresh_from_db()
    assert action.standing == "under_way"


def test_only_the_firm_changes_it_and_only_while_the_plan_runs(planner: Planner) -> None:
    action = planner.sent()
    for user in (planner.operator, planner.lead, planner.stranger, planner.auditor):
        with pytest.raises(CourseError, match="not open for changes now"):
            change(planner, action, user=user, standing="under_way")
    planner.case.state = State.EXPIRED
    planner.case.save()
    with pytest.raises(CourseError, match="not open for changes now"):
        change(planner, action, standing="under_way")


def test_an_action_is_added_once_however_often_its_form_is_sent(planner: Planner) -> None:
    planner.sent()
    form = uuid.uuid4()
    due = (timezone.localdate() + timedelta(days=60)).isoformat()
    texts = {"answers": "BC2", "what": "A second source for two excipients.", "who": "Kim", "due": due, "target": "3"}
    for _ in range(2):
        action = action_add(planner.case, user=planner.contact, texts=texts, form=form)
    assert (action.number, ImprovementAction.objects.count()) == (2, 2)
    with pytest.raises(CourseError, match=r"^Choose a level from 2 to 5\. Name the person who is responsible\.$"):
        action_add(planner.case, user=planner.contact, texts=texts | {"target": "1", "who": ""}, form=uuid.uuid4())
    with pytest.raises(CourseError, match="not open for changes"):
        action_add(planner.case, user=planner.lead, texts=texts, form=uuid.uuid4())


def test_the_log_and_the_files_are_kept_for_ever(planner: Planner) -> None:
    action = planner.sent()
    change(planner, action, standing="done", files=[given("minutes.pdf", PDF)])
    for rows in (ActionChange.objects.all(), ActionFile.objects.all()):
        with pytest.raises(DatabaseError, match="kept for ever"), transaction.atomic():
            rows._raw_delete("default")
    with pytest.raises(DatabaseError, match="kept for ever"), transaction.atomic():
        ActionChange.objects.update(note="Something else")
