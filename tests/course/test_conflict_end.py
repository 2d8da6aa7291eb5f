"""A declared conflict of interest that is over is ended from a day on; what was declared is kept."""

from typing import Any

import pytest
from django.db import InternalError, transaction
from django.utils import timezone

from qmm.course.steps import State
from qmm.models import AssessmentCase, ConflictDeclaration, ConflictEnd
from qmm.models.conflicts import firms_in_conflict
from qmm.queries.conflicts import conflicts_with
from qmm.services.conflict_end import conflict_end
from qmm.services.course import CourseError, case_take
from tests.course.conftest import Desk, client_of, days

WHY = "Sold all shares; broker's letter of May."


@pytest.fixture
def case(desk: Desk) -> AssessmentCase:
    """Aron declared a conflict and left; Tess came."""
    case = desk.in_state(State.ACCEPTED)
    desk.assign(case)
    case_take(case, user=desk.second, has_conflict=True, nature="Shares")
    desk.later(1100)
    return case


def end(desk: Desk, case: AssessmentCase, **more: Any) -> ConflictEnd:
    given = {"user": desk.operator, "ends_on": timezone.localdate(), "reason": WHY} | more
    return conflict_end(case, ConflictDeclaration.objects.latest("pk").pk, **given)


def test_who_is_free_again_is_assigned_to_other_cases(desk: Desk, case: AssessmentCase) -> None:
    with pytest.raises(CourseError, match="declared a conflict"):
        desk.assign(case)
    end(desk, case)
    assert desk.second.pk not in conflicts_with(desk.site.owner)
    assert desk.site.owner not in firms_in_conflict(desk.second.pk)
    with pytest.raises(CourseError, match="declared a conflict of interest in this case and left it"):
        desk.assign(case)
    case.state, case.closed_on = State.STOPPED, timezone.localdate()
    case.save()
    again = desk.request()
    AssessmentCase.objects.filter(pk=again.pk).update(state=State.ACCEPTED)
    desk.assign(again)
    desk.take(again)
    assert again.assignments.filter(accepted_at__isnull=False).count() == 2
    # Another one later counts again, and what was recorded is kept.
    case_take(again, user=desk.second, has_conflict=True, nature="Shares again")
    assert desk.second.pk in conflicts_with(desk.site.owner)
    for statement in (ConflictEnd.objects.all().delete, lambda: ConflictEnd.objects.update(reason="Another one")):
        with pytest.raises(InternalError, match="cannot be changed"), transaction.atomic():
            statement()


def test_it_holds_until_its_day(desk: Desk, case: AssessmentCase) -> None:
    end(desk, case, ends_on=days(20))
    assert desk.second.pk in conflicts_with(desk.site.owner)
    desk.later(20)
    assert desk.second.pk not in conflicts_with(desk.site.owner)


def test_what_is_wrong_is_refused(desk: Desk, case: AssessmentCase) -> None:
    for more, said in (
        ({"reason": "Over"}, "Say in 10 to"),
        ({"ends_on": days(-1200)}, "Give a day from"),
        ({"ends_on": days(400)}, "Give a day from"),
        ({"user": desk.lead}, "Only the program operator"),
        ({"user": desk.auditor}, "Only the program operator"),
    ):
        with pytest.raises(CourseError, match=said):
            end(desk, case, **more)
    end(desk, case)
    with pytest.raises(CourseError, match="ended already"):
        end(desk, case)


def test_by_page_and_api(desk: Desk, case: AssessmentCase) -> None:
    office, conflict = client_of(desk.operator), ConflictDeclaration.objects.latest("pk").pk
    place, api = f"/assessments/{case.pk}/assign/", f"/api/v1/assessments/{case.pk}/assignment/"
    assert "End the conflict of interest of aron@assessors.example" in office.get(place).content.decode()
    sent = {"conflict": conflict, "ends_on": str(timezone.localdate()), "reason": WHY}
    for user in (desk.lead, desk.contact, desk.auditor):
        assert client_of(user).post(f"{place}conflict-end/", sent).status_code in (403, 404)
    answer = office.post(f"{place}conflict-end/", sent | {"reason": ""}, follow=True)
    assert "Say why it is over" in answer.content.decode()
    known = {one["name"]: one["declared_conflict"] for one in office.get(api).json()["candidates"]}
    assert known["aron@assessors.example"] == conflict
    told = office.post(f"{api}conflict-end/", sent, content_type="application/json").json()
    assert told == {"conflict": conflict, "name": "aron@assessors.example", "ends_on": sent["ends_on"]}
    assert office.post(f"{api}conflict-end/", sent, content_type="application/json").status_code == 409
    page = office.post(f"{place}conflict-end/", sent, follow=True).content.decode()
    assert "has ended already" in page
    assert "End the conflict of interest of" not in page
