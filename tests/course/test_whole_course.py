"""An assessment from its request to a published change of product scores, by everybody who has a part in it.

On the processes of `make run`, in six windows of one Chromium. The chapters are in whole_course.py.
"""

import pytest

from qmm.models import AREAS, Assessment, AssessmentCase, CaseEvent
from ratings.models import ProductRating
from tests.browser.test_killed_server import Running, running  # noqa: F401  fixture
from tests.chromium import OpenAs
from tests.course import whole_course as chapter
from tests.course import whole_world
from tests.course.whole_world import LEAD, SECOND, World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def desk(transactional_db: None) -> World:
    """What the servers of `running` wait for."""
    return whole_world.make_world()


def test_from_request_to_a_published_change_of_scores(
    desk: World,
    running: Running,  # noqa: F811
    open_as: OpenAs,
) -> None:
    course = whole_world.people_at_their_browsers(desk, running, open_as)
    course.purchaser.goto(f"/products/{desk.product.ndc}/")
    before = chapter.score_on(course.purchaser)
    assert float(before) == ProductRating.objects.get(product=desk.product).score

    chapter.request_and_acceptance(course)
    chapter.assignment(course)
    chapter.orientation(course)
    answers = chapter.questionnaire(course)
    assert chapter.sheet_texts(course, "questionnaire") == answers
    chapter.visit(course)

    of_lead, of_second = chapter.words_of("Lena"), chapter.words_of("Sven")
    chapter.levels_and_notes(course, of_lead, of_second)
    for account, levels, words in (("lead-assessor", LEAD, of_lead), ("second-assessor", SECOND, of_second)):
        assert chapter.stored(course, account) == {code: (int(levels[code]), words[code]) for code in words}
    chapter.nobody_sees(course, of_lead, of_second)
    chapter.consensus(course, of_lead, of_second)

    passages = chapter.draft(course)
    assert chapter.sheet_texts(course, "draft") == passages
    chapter.facts(course, passages)
    chapter.final(course)

    case = AssessmentCase.objects.get(pk=course.case)
    assert case.assessment == Assessment.objects.filter(establishment=desk.site).first()
    assert {area: getattr(case.assessment, area) for area in AREAS} == chapter.area_levels()
    after = float(chapter.score_after(course.purchaser, before))
    assert after == ProductRating.objects.get(product=desk.product).score < float(before)
    assert [line.event for line in CaseEvent.objects.filter(case=case)] == [
        *("request", "accept", "assign", "conflict", "assign", "take", "take"),
        *("orient", "issue", "return", "schedule", "begin", "end-visit"),
        *("meet", "agree", "send-draft", "confirm", "finalize"),
    ]
    # From here the report is read and the improvement plan begins.
