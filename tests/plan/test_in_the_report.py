"""The plan's section in the report of its assessment."""

from datetime import timedelta

from django.utils import timezone

from qmm.course.plans import NONE
from qmm.course.words import day
from qmm.models import ImprovementAction
from qmm.services.plan import draft_save
from qmm.services.rubric import Change
from tests.course.conftest import client_of
from tests.pdf_text import text_of
from tests.plan.conftest import Planner

REPORT, PDF = "/assessments/{}/report/", "/assessments/{}/report/pdf/"
HOSTILE = '#read("/etc/passwd") and *x* <b>bold</b>, each month'


def test_nothing_of_a_draft_stands_in_it(planner: Planner) -> None:
    planner.draft(what="Not sent yet, and nobody else’s business.")
    for user in (planner.contact, planner.lead, planner.operator):
        shown = client_of(user).get(REPORT.format(planner.case.pk)).content.decode()
        assert "Quality management maturity" in shown
        assert "Improvement plan</h2>" not in shown
        assert "Not sent yet" not in shown


def test_a_sent_plan_is_told_with_its_standing(planner: Planner) -> None:
    action = planner.sent(what=HOSTILE)
    today = timezone.localdate()
    ImprovementAction.objects.filter(pk=action.pk).update(due_on=today - timedelta(days=1))
    for user in (planner.contact, planner.lead, planner.operator):
        shown = " ".join(client_of(user).get(REPORT.format(planner.case.pk)).content.decode().split())
        assert f"Sent on {day(today)}. On {day(today)}: 0 of 1 action done; 1 is late." in shown
        assert "1. #read(&quot;/etc/passwd&quot;) and *x* &lt;b&gt;bold&lt;/b&gt;, each month" in shown
        assert "Planned, late" in shown
    said = " ".join(text_of(client_of(planner.contact).get(PDF.format(planner.case.pk)).content).split())
    assert "1. MC1" in said
    assert HOSTILE in said
    assert f"Dana Ruiz, due {day(today - timedelta(days=1))}. Planned, late." in said


def test_that_no_action_is_needed_is_told_with_the_reason(planner: Planner) -> None:
    because = "Every level is at four or above, and no gap was found in this assessment."
    draft_save(planner.case, user=planner.contact, changes={NONE: Change("", because)})
    planner.send()
    shown = client_of(planner.operator).get(REPORT.format(planner.case.pk)).content.decode()
    assert "The establishment says that no action is needed." in shown
    assert "no gap was found in this assessment." in shown
