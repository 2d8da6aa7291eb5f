"""The report in a real Chromium: sound at both widths, and on Letter paper without navigation."""

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from qmm.models import Assessment
from tests.chromium import OpenAs, settled, violations
from tests.course.conftest import Desk
from tests.report.conftest import beside, levelled

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("REPORT_PICTURES", "")  # a folder, to look at the pages


@pytest.fixture
def desk(transactional_db: None, later: Callable[[int], None]) -> Desk:
    return Desk(later)


def test_the_report_is_sound_on_screen_and_paper(desk: Desk, open_as: OpenAs) -> None:
    Assessment.objects.filter(establishment=desk.site).update(
        completed_on=timezone.localdate() - timedelta(days=900), employee_engagement=2
    )
    case = levelled(desk)
    for number, level in enumerate((2.0, 2.5, 3.0, 3.5, 4.5)):
        beside(number, level)
    tab = open_as(desk.contact, 390)
    tab.goto(f"/assessments/{case.pk}/report/")
    for width in (390, 1280):
        tab.set_viewport_size({"width": width, "height": 900})
        settled(tab)
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        if PICTURES:
            whole = {"x": 0, "y": 0, "width": width, "height": 2600}
            tab.screenshot(path=f"{PICTURES}/report-{width}.png", full_page=True, clip=whole)
        assert violations(tab) == []
    tab.emulate_media(media="print")
    assert seen_on_paper(tab) == ["h1", "#areas-title", "#MC1", ".report-running"]
    if PICTURES:
        tab.pdf(path=f"{PICTURES}/printed.pdf", prefer_css_page_size=True, print_background=True)
    assert tab.said == []


def seen_on_paper(tab: Any) -> list[str]:
    asked = ["h1", "#areas-title", "#MC1", ".report-running", "nav", "[data-print]", ".site-header", ".site-footer"]
    return [one for one in asked if any(place.is_visible() for place in tab.locator(one).all())]
