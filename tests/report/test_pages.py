"""The report as page, PDF and by API: who reads it from when on, what is noted, numbers of queries."""

import json
from typing import Any

import jsonschema
from django.core import mail
from django.test import Client
from django.utils import timezone

from dscr.access.models import User
from dscr.access.roles import Role
from dscr.api.schema_endpoint import document
from dscr.audit.models import AuditEntry
from qmm.course.steps import PATH, Event, State
from qmm.models import AssessmentCase, CaseAssignment, CaseNotice, ConsensusScore
from qmm.queries.case_page import case_page
from qmm.services.course_mail import notices_send
from tests.course.conftest import Desk, client_of
from tests.pages import factory
from tests.pdf_text import text_of
from tests.report.conftest import HOSTILE, beside, levelled

ENDS = ("/assessments/{}/report/", "/assessments/{}/report/pdf/", "/api/v1/assessments/{}/report/")
READS_FROM = {
    "contact": State.FACT_CHECK,
    "attestor": State.FACT_CHECK,
    "lead": State.DRAFT_REPORT,
    "second": State.DRAFT_REPORT,
    "operator": State.DRAFT_REPORT,
    "auditor": State.DRAFT_REPORT,
    "third": None,
    "stranger": None,
}


def statuses(user: User, case: AssessmentCase) -> list[int]:
    """Of the page, the PDF and the API."""
    client = client_of(user)
    return [client.get(end.format(case.pk)).status_code for end in ENDS]


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


def page(user: User, case: AssessmentCase) -> str:
    response = client_of(user).get(ENDS[0].format(case.pk))
    assert response.status_code == 200
    return words(response)


def assert_read(desk: Desk, case: AssessmentCase) -> None:
    for name, first in READS_FROM.items():
        reads = first is not None and PATH.index(State(case.state)) >= PATH.index(first)
        assert statuses(getattr(desk, name), case) == [200 if reads else 404] * 3, (name, case.state)


def test_each_reader_from_when_on(desk: Desk) -> None:
    """Through the whole course: nothing before the draft, the establishment from its review on, others never."""
    case = desk.request()
    outside = [factory.user_of("Buyers", Role.PURCHASER), factory.user_of("HHS", Role.COORDINATOR)]
    while case.state != State.FINAL:
        if case.state in (State.REQUESTED, State.SCORING, *PATH[PATH.index(State.CONSENSUS) :]):
            assert_read(desk, case)
        desk.go_on(case)
    assert_read(desk, case)
    assert [statuses(user, case) for user in outside] == [[404] * 3] * 2
    assert client_of(desk.operator).get(ENDS[0].format(2**70)).status_code == 404
    assert Client().get(ENDS[0].format(case.pk))["Location"].startswith("/sign-in/")


def test_while_the_consensus_is_open_again_nobody_reads_it(desk: Desk) -> None:
    case = levelled(desk, State.FACT_CHECK)
    assert statuses(desk.contact, case) == [200] * 3
    desk.step(case, Event.REOPEN)
    for user in (desk.contact, desk.lead, desk.operator):
        assert statuses(user, case) == [404] * 3


def test_a_state_alone_shows_nothing_before_both_have_finished(desk: Desk) -> None:
    """Whoever moved the case: in the admin, or by psql."""
    case = desk.in_state(State.SCORING)
    desk.score(case, desk.lead, 3)
    desk.agree(case)
    AssessmentCase.objects.filter(pk=case.pk).update(state=State.FACT_CHECK)
    for user in (desk.contact, desk.lead, desk.second, desk.operator, desk.auditor):
        assert statuses(user, case) == [404] * 3
        assert "/report/" not in words(client_of(user).get(f"/assessments/{case.pk}/"))


def test_when_an_assessor_leaves_for_a_conflict_it_closes(desk: Desk) -> None:
    case = levelled(desk, State.FACT_CHECK)
    CaseAssignment.objects.filter(case=case, is_lead=False).update(ended_on=timezone.localdate())
    assert statuses(desk.second, case) == [404] * 3
    assert statuses(desk.contact, case) == [404] * 3


def test_the_draft_says_that_it_is_none_yet(desk: Desk) -> None:
    case = levelled(desk, State.FACT_CHECK)
    text = page(desk.contact, case)
    assert "Draft, not final" in text
    assert "valid until" not in text
    assert "Report, not final" in words(client_of(desk.contact).get(f"/assessments/{case.pk}/"))
    pdf = client_of(desk.contact).get(ENDS[1].format(case.pk))
    assert "Draft, not final" in text_of(pdf.content)
    assert client_of(desk.contact).get(ENDS[2].format(case.pk)).json()["status"] == "draft"


def test_the_final_page(desk: Desk) -> None:
    for number in range(1, 6):
        beside(number, 3.5)
    case = levelled(desk)
    text = page(desk.contact, case)
    assert "The establishment’s quality management maturity is 77.3 of 100" in text
    assert "Highest is employee engagement at 4.33, lowest is management commitment to quality at 3.25." in text
    assert "Against the middle half of 5 other organizations, the site is above it in three, within it in one" in text
    assert "One critical gap, one strength and one opportunity." in text
    assert text.index("Actions close late") < text.index("Forecasts are shared") < text.index("Targets lack an owner")
    assert "#read(&quot;/etc/passwd&quot;) and *x* &lt;b&gt;bold&lt;/b&gt;" in text
    assert text.count("What the next level looks like") == 20
    assert text.count("This is the highest level.") == 2
    assert "The establishment made one comment on the draft: one corrected." in text
    assert "Level 1, reactive" in text


def test_no_level_of_a_single_assessor_is_in_it(desk: Desk) -> None:
    """The lead gave 3 to everything, the second 4; agreed is 5."""
    case = desk.in_state(State.DRAFT_REPORT)
    ConsensusScore.objects.filter(case=case).update(level=5)
    told = client_of(desk.operator).get(ENDS[2].format(case.pk)).json()
    assert {element["level"] for area in told["areas"] for element in area["elements"]} == {5}
    assert '"level": 3' not in json.dumps(told)
    assert '"level": 4' not in json.dumps(told)


def test_the_pdf_is_private_named_and_noted(desk: Desk) -> None:
    case = levelled(desk)
    response = client_of(desk.contact).get(ENDS[1].format(case.pk))
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f'attachment; filename="qmm-report-halden-plant-2-{case.pk}.pdf"'
    assert {"private", "no-store"} <= set(response["Cache-Control"].replace(" ", "").split(","))
    text = text_of(response.content)
    assert HOSTILE in text
    assert "77.3 of 100" in text
    client_of(desk.contact).get(ENDS[0].format(case.pk))
    noted = AuditEntry.objects.filter(user_id=desk.contact.pk, kind="assessment-case", subject_id=case.pk)
    assert list(noted.order_by("pk").values_list("action", "detail")) == [
        ("exported", "the report as PDF"),
        ("viewed", "the report"),
    ]


def test_the_api_answers_with_the_same_contents(desk: Desk) -> None:
    case = levelled(desk)
    client = client_of(desk.contact)
    response = client.get(ENDS[2].format(case.pk))
    told = response.json()
    today = timezone.localdate()
    assert (told["status"], told["qmm"], told["mean_level"], told["rubric"]) == ("final", 77.332, 3.867, "2026.1")
    assert (told["completed_on"], told["valid_until"]) == (today.isoformat(), today.replace(year=2030).isoformat())
    assert told["visit"]["to"] == today.isoformat()
    assert [area["level"] for area in told["areas"]] == [3.25, 4.25, 3.5, 4.0, 4.333]
    assert told["findings"][0] == {
        "kind": "critical_gap",
        "element": "PQ2",
        "text": f"Actions close late: {HOSTILE}",
        "evidence": "",
    }
    assert told["fact_check"] == {
        "is_finished": True,
        "comments": 1,
        "answered": 1,
        "corrected": 1,
        "partly": 0,
        "kept": 0,
    }
    assert told["peers"] is None
    [element] = [one for area in told["areas"] for one in area["elements"] if one["code"] == "PQ2"]
    assert (element["level"], element["reached"]["level"], element["next"]["level"]) == (1, 1, 2)
    jsonschema.validate(told, {"$ref": "#/components/schemas/Report", "components": document()["components"]})
    again = client.get(ENDS[2].format(case.pk), headers={"If-None-Match": response["ETag"]})
    assert again.status_code == 304
    assert client.get(ENDS[2].format(case.pk) + "?level=3").status_code == 400


def test_links_lead_to_it_where_it_may_be_read(desk: Desk) -> None:
    case = desk.in_state(State.DRAFT_REPORT)
    address = f"/assessments/{case.pk}/report/"
    assert address in words(client_of(desk.lead).get(f"/assessments/{case.pk}/"))
    assert address not in words(client_of(desk.contact).get(f"/assessments/{case.pk}/"))
    site = f"/establishments/{desk.site.pk}/"
    assert address not in words(client_of(desk.operator).get(site))
    while case.state != State.FINAL:
        desk.go_on(case)
    for user in (desk.contact, desk.operator, desk.auditor):
        assert address in words(client_of(user).get(site))
        assert address in words(client_of(user).get(f"/assessments/{case.pk}/"))


def test_the_mail_of_a_final_assessment_leads_to_it(desk: Desk, settings: Any) -> None:
    settings.SITE_URL = "https://dscr.example"
    case = desk.in_state(State.FINAL)
    CaseNotice.objects.update(made_at=timezone.now())  # the clock of this test has gone weeks ahead
    notices_send()
    final = [one for one in mail.outbox if one.subject.endswith(": final")]
    assert final
    assert all(f"https://dscr.example/assessments/{case.pk}/report/" in one.body for one in final)


def test_an_assessor_who_has_not_declared_reads_none(desk: Desk) -> None:
    case = levelled(desk, State.DRAFT_REPORT)
    today = timezone.localdate()
    CaseAssignment.objects.filter(case=case, membership=desk.second.membership).update(ended_on=today)
    CaseAssignment.objects.create(case=case, membership=desk.third.membership, assigned_on=today)
    assert statuses(desk.third, case) == [404] * 3
    assert case_page(case, desk.third).reads_report is False


def test_numbers_of_queries(desk: Desk, django_assert_max_num_queries: Any) -> None:
    for number in range(1, 6):
        beside(number, 3.5)
    case = levelled(desk, State.FACT_CHECK)
    counts = {}
    for name in ("contact", "lead", "operator"):
        client = client_of(getattr(desk, name))
        client.get(ENDS[0].format(case.pk))  # what is kept of others, and the session's first
        counts[name] = [queries(client, end.format(case.pk), django_assert_max_num_queries) for end in ENDS[:2]]
    assert counts == {"contact": [18, 18], "lead": [19, 19], "operator": [18, 18]}


def queries(client: Client, address: str, within: Any) -> int:
    with within(30) as asked:
        assert client.get(address).status_code == 200
    return len(asked)
