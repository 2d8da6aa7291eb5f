"""A case and the merge of its establishment with another record."""

import pytest

from qmm.course.steps import Event, State
from qmm.models import Establishment
from qmm.services.course import CourseError, case_request
from ratings.mergers.services import establishments_merge, merge_undo
from tests.course.conftest import Desk, client_of


def twin(desk: Desk) -> Establishment:
    return Establishment.objects.create(name="Halden Plant Two", owner=desk.site.owner, is_synthetic=True)


def test_a_record_that_was_merged_asks_for_no_assessment(desk: Desk) -> None:
    other = twin(desk)
    establishments_merge(desk.site.pk, other.pk, reason="One plant", user=desk.operator)
    assert "Halden Plant Two" not in client_of(desk.contact).get("/assessments/request/").content.decode()
    with pytest.raises(CourseError, match="under the name it has now"):
        case_request(other, user=desk.contact)


def test_the_outcome_goes_back_with_its_case(desk: Desk) -> None:
    """A case moved with a merge, ended, and the merge was undone: the levels are those of the site that was visited."""
    case, other = desk.in_state(State.FACT_CHECK), twin(desk)
    merge = establishments_merge(other.pk, desk.site.pk, reason="One plant", user=desk.operator)
    desk.step(case, Event.CONFIRM)
    desk.step(case, Event.FINALIZE)
    assert case.assessment.establishment == other
    merge_undo(merge, reason="Two plants after all", user=desk.operator)
    case.refresh_from_db()
    assert case.establishment == case.assessment.establishment == desk.site
