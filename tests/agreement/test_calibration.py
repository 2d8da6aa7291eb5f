"""Calibration cases: what comes with the program, writing one, scoring one blind, and what it tells of drift."""

import html
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from dscr.access.models import Membership, User
from dscr.access.roles import Role
from qmm.calibration.faults import faults
from qmm.calibration.shipped import shipped_cases
from qmm.models import AgreementFigure, AssessorDrift, CalibrationCase, CalibrationLevel, CalibrationSheet
from qmm.rubric.shipped import shipped
from qmm.services.agreement import recompute
from qmm.services.calibration import (
    CaseClosedError,
    ChangedMeanwhileError,
    Given,
    IncompleteError,
    case_begin,
    case_discard,
    case_publish,
    case_retire,
    case_save,
    sheet_save,
    sheet_submit,
)
from qmm.services.calibration_mail import calibration_notices_send
from tests.pages import factory

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator() -> User:
    return factory.user_of("Office", Role.OPERATOR)


@pytest.fixture
def marrow() -> CalibrationCase:
    """References: MC1 3, BC1 4, PQ2 2, PQ6 3, EE2 3."""
    return CalibrationCase.objects.get(title="Marrow Bay Injectables")


def submit(case: CalibrationCase, user: User, levels: dict[str, int]) -> CalibrationSheet:
    sheet_save(case, user=user, given={code: Given(level, "") for code, level in levels.items()})
    return sheet_submit(case, user=user)


LEVELS = {"MC1": 3, "BC1": 4, "PQ2": 3, "PQ6": 4, "EE2": 4}


def test_shipped_cases_are_complete_and_published_once() -> None:
    assert len(shipped_cases()) == CalibrationCase.objects.filter(state="published").count() == 3
    for case in CalibrationCase.objects.all():
        assert faults(case, case.items.all(), shipped()) == []
        assert case.rubric.version == "2026.1"
    references = [item.reference for case in shipped_cases() for item in case.items]
    assert (len(references), min(references), max(references)) == (14, 2, 4)
    from qmm.services.first_calibration import publish_after_migrate

    publish_after_migrate("default")
    assert CalibrationCase.objects.count() == 3


def test_a_draft_grows_into_a_case(operator: User) -> None:
    case = case_begin(user=operator)
    with pytest.raises(ValidationError):
        case_publish(case, user=operator, revision=1)
    texts = {"title": "Norrick Vials", "setting": "A site of many vials. " * 5, "panel": "Three lead assessors."}
    for number, code in enumerate(("MC1", "TE3", "BC2"), 1):
        case = case_save(case, user=operator, revision=number, texts=texts, items={}, add=[code])
    item = {"evidence": "Seen and heard on the floor. " * 4, "reference": 4, "reason": "As the anchor says. " * 3}
    case = case_save(case, user=operator, revision=4, texts={}, items={row.element: item for row in case.items.all()})
    assert case_publish(case, user=operator, revision=5).state == "published"
    with pytest.raises(CaseClosedError):
        case_save(case, user=operator, revision=5, texts={"title": "X"}, items={})


def test_a_draft_changed_meanwhile_is_not_overwritten(operator: User) -> None:
    case = case_begin(user=operator)
    case_save(case, user=operator, revision=1, texts={"title": "One"}, items={})
    for act in (
        lambda: case_save(case, user=operator, revision=1, texts={"title": "Two"}, items={}),
        lambda: case_publish(case, user=operator, revision=1),
        lambda: case_discard(case, revision=1),
    ):
        with pytest.raises(ChangedMeanwhileError):
            act()
    case.refresh_from_db()
    assert case.title == "One"
    with pytest.raises(ValidationError):
        case_save(case, user=operator, revision=2, texts={}, items={}, add=["ZZ9"])


def test_a_copy_is_a_draft_with_the_same_texts(operator: User, marrow: CalibrationCase) -> None:
    copy = case_begin(user=operator, copied=marrow)
    assert copy.state == "draft"
    assert copy.shipped_as is None
    assert list(copy.items.values_list("element", "reference")) == list(
        marrow.items.values_list("element", "reference")
    )
    case_discard(copy, revision=1)
    assert not CalibrationCase.objects.filter(pk=copy.pk).exists()


def test_the_database_keeps_what_was_published_and_submitted(assessors: list[User], marrow: CalibrationCase) -> None:
    sheet = submit(marrow, assessors[0], LEVELS)
    for change in (
        lambda: marrow.items.update(reference=5),
        lambda: marrow.items.all().delete(),
        lambda: CalibrationCase.objects.filter(pk=marrow.pk).update(setting="Another site"),
        lambda: CalibrationCase.objects.filter(pk=marrow.pk).update(state="draft", published_at=None),
        lambda: CalibrationLevel.objects.filter(sheet=sheet).update(level=1),
        lambda: CalibrationLevel.objects.filter(sheet=sheet).delete(),
    ):
        with pytest.raises(DatabaseError, match="kept as it is"), transaction.atomic():
            change()


def test_a_sheet_is_complete_before_it_is_submitted_and_closed_after(
    assessors: list[User], operator: User, marrow: CalibrationCase
) -> None:
    person = assessors[0]
    sheet_save(marrow, user=person, given={"MC1": Given(3, "Seen on nights"), "TE1": Given(5, "not asked")})
    with pytest.raises(IncompleteError) as missing:
        sheet_submit(marrow, user=person)
    assert missing.value.codes == ["BC1", "PQ2", "PQ6", "EE2"]
    assert list(CalibrationLevel.objects.values_list("element", "level", "note")) == [("MC1", 3, "Seen on nights")]
    submit(marrow, person, LEVELS)
    with pytest.raises(CaseClosedError):
        sheet_save(marrow, user=person, given={"MC1": Given(5, "")})
    case_retire(marrow, user=operator)
    with pytest.raises(CaseClosedError):
        sheet_save(marrow, user=assessors[1], given={"MC1": Given(5, "")})


def test_drift_and_agreement_on_calibration_cases(assessors: list[User], marrow: CalibrationCase) -> None:
    lenient, exact, open_still, _ = assessors
    submit(marrow, lenient, LEVELS)
    submit(marrow, exact, {"MC1": 3, "BC1": 4, "PQ2": 2, "PQ6": 3, "EE2": 3})
    sheet_save(marrow, user=open_still, given={"MC1": Given(1, "")})
    recompute()
    drift = {row.assessor_id: row for row in AssessorDrift.objects.filter(source="calibration")}
    assert set(drift) == {lenient.pk, exact.pk}
    assert (drift[lenient.pk].drift, drift[exact.pk].drift) == (0.6, 0)
    assert (drift[lenient.pk].assessments, drift[lenient.pk].items) == (1, 5)
    assert drift[lenient.pk].low == pytest.approx(0.6 - 0.6801, abs=1e-3)  # t(4) 2.7764 × 0.5477 / √5
    figure = AgreementFigure.objects.get(kind="calibration")
    assert (figure.calibration_id, figure.assessments, figure.items) == (marrow.pk, 2, 5)
    assert 0 < figure.alpha < 1
    assert figure.alpha_low is None


# --- Pages ----------------------------------------------------------------------------------------------------------


def page(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def said(response: Any) -> str:
    return " ".join(response.content.decode().split())


def form(levels: dict[str, int], **was: str) -> dict[str, str]:
    """As the page's form sends it; `was`: levels by code that stood in the page before, nothing elsewhere."""
    fields = {}
    for code, level in levels.items():
        fields |= {f"{code}.level": str(level), f"was-{code}.level": was.get(code, "")}
        fields |= {f"{code}.note": f"About {code}", f"was-{code}.note": f"About {code}" if code in was else ""}
    return fields


def stored_by(client: Client, user: User, address: str, changes: dict[str, tuple[str, str]], **body: Any) -> Any:
    """As the script does it."""
    sent = {key: {"was": was, "now": now} for key, (was, now) in changes.items()}
    whole = {"who": str(user.pk), "draft": address.split("/")[2], "section": "", "changes": sent} | body
    return client.post(f"{address}state/", json.dumps(whole), content_type="application/json")


def test_an_assessor_scores_blind_and_then_reads_why(assessors: list[User], marrow: CalibrationCase) -> None:
    other, me = assessors[:2]
    sheet_save(marrow, user=other, given={code: Given(level, "Grumblewood") for code, level in LEVELS.items()})
    sheet_submit(marrow, user=other)
    client, address = page(me), f"/calibration/{marrow.pk}/"
    reasons = list(marrow.items.values_list("reason", flat=True))
    for shown in (said(client.get("/calibration/")), said(client.get(address))):
        assert not any(reason.split(".")[0] in shown for reason in reasons)
        assert "Grumblewood" not in shown
        assert str(other) not in shown
        assert "Written with the case" not in shown

    first = stored_by(client, me, address, {"MC1.level": ("", "3"), "MC1.note": ("", "About MC1")})
    assert first.json()["answers"]["MC1.level"] == "3"
    assert "1 of 5" in first.json()["progress"]
    client.post(address, form({"BC1": 4}))
    answer = client.post(f"{address}submit/")
    assert 'Not submitted: some elements have no level yet. <a class="usa-link" href="#element-PQ2">PQ2' in said(answer)
    assert "checked" in said(answer)
    client.post(address, form({"PQ2": 4, "PQ6": 3, "EE2": 3}))
    answer = client.post(f"{address}submit/")
    assert answer.status_code == 302
    shown = said(client.get(address))
    assert "You gave the panel’s level on 4 of 5 elements. On average you were 0.40 levels higher." in shown
    assert "1 of them lies two or more levels apart" in shown
    assert "Two levels higher than the panel" in shown
    assert reasons[0].split(".")[0] in shown
    assert "About PQ2" in shown
    assert "Grumblewood" not in shown
    closed = stored_by(client, me, address, {"MC1.level": ("3", "5")})
    assert (closed.status_code, closed.json()["closed"].split(".")[0]) == (
        409,
        "This case is not open for scoring any more",
    )
    asked = client.get(f"{address}state/", {"who": me.pk, "draft": marrow.pk, "version": 1})
    assert (asked.status_code, asked.json()) == (closed.status_code, closed.json())
    assert client.post(address, form({"MC1": 5}, MC1="3"))["Location"] == "/calibration/"
    assert CalibrationLevel.objects.get(sheet__assessor=me, element="MC1").level == 3


def test_a_sheet_refuses_what_is_no_level(assessors: list[User], marrow: CalibrationCase) -> None:
    client, address = page(assessors[0]), f"/calibration/{marrow.pk}/"
    for key, text, problem in (
        ("MC1.level", "6", "Give MC1 a level from 1 to 5, or none."),
        ("MC1.note", "x" * 2_001, "The note on MC1 has 2,001 characters; shorten it to 2,000."),
        ("TE1.level", "3", "There is no text 'TE1.level'."),
    ):
        answer = stored_by(client, assessors[0], address, {key: ("", text)})
        assert (answer.status_code, answer.json()) == (400, {"problem": problem})
        answer = client.post(address, {key: text, f"was-{key}": ""})
        assert answer.status_code == 400
        assert html.escape(f"{problem} Nothing was stored.") in said(answer)
    assert stored_by(client, assessors[0], address, {"MC1.level": ("", "3")}, who="0").status_code == 409
    assert stored_by(client, assessors[0], address, {"MC1.level": ("", "3")}, draft="0815").status_code == 409
    assert stored_by(client, assessors[0], address, {"title": ("", "3")}).status_code == 400
    assert client.post(f"{address}state/", "[]", content_type="application/json").status_code == 400
    assert not CalibrationSheet.objects.filter(levels__isnull=False).exists()


def test_two_windows_of_one_sheet_are_told_of_each_other(assessors: list[User], marrow: CalibrationCase) -> None:
    me, address = assessors[0], f"/calibration/{marrow.pk}/"
    client = page(me)
    version = stored_by(client, me, address, {"MC1.level": ("", "3")}).json()["version"]
    asked = {"who": me.pk, "draft": marrow.pk, "version": version}
    assert client.get(f"{address}state/", asked).status_code == 204
    other = stored_by(client, me, address, {"MC1.level": ("", "4"), "BC1.level": ("", "2")}).json()
    assert (other["conflicts"]["MC1.level"]["now"], other["answers"]["MC1.level"]) == ("3", "3")
    assert other["answers"]["BC1.level"] == "2"
    assert client.get(f"{address}state/", asked).json()["answers"]["BC1.level"] == "2"
    shown = client.post(address, form({"MC1": 5}))
    assert shown.status_code == 409
    assert "Another window" in said(shown)
    assert CalibrationLevel.objects.get(sheet__assessor=me, element="MC1").level == 3


def test_a_new_case_is_mailed_once_and_stands_on_the_first_page(
    assessors: list[User], operator: User, marrow: CalibrationCase
) -> None:
    submit(marrow, assessors[0], LEVELS)
    copy = case_begin(user=operator, copied=marrow)
    assert "Copy of Marrow Bay" not in said(page(assessors[0]).get("/"))
    case_publish(copy, user=operator, revision=1)
    assert calibration_notices_send() == 4
    assert sorted(one.to[0] for one in mail.outbox) == [f"assessor{number}@demo.example" for number in range(4)]
    first = mail.outbox[0]
    assert first.subject == "New calibration case: Copy of Marrow Bay Injectables"
    assert f"/calibration/{copy.pk}/" in first.body or 'under "Calibration"' in first.body
    assert not any(item.reason[:30] in first.body or item.evidence[:30] in first.body for item in marrow.items.all())
    assert calibration_notices_send() == 0
    shown = said(page(assessors[0]).get("/"))
    assert "Three calibration cases wait for your levels." in shown
    assert shown.index("Copy of Marrow Bay") < shown.index("Tessaly Oral Solids")
    assert f'href="/calibration/{marrow.pk}/"' not in shown
    case_retire(copy, user=operator)
    assert "Two calibration cases wait" in said(page(assessors[0]).get("/"))


def test_no_mail_to_who_left_nor_of_a_case_that_was_retired_meanwhile(
    assessors: list[User], operator: User, marrow: CalibrationCase
) -> None:
    case_publish(case_begin(user=operator, copied=marrow), user=operator, revision=1)
    yesterday = timezone.localdate() - timedelta(days=1)
    Membership.objects.filter(user=assessors[0]).update(ends_on=yesterday)
    Membership.objects.filter(user=assessors[1]).update(role=Role.AUDITOR)
    User.objects.filter(pk=assessors[2].pk).update(is_active=False)
    assert calibration_notices_send() == 1
    assert [one.to for one in mail.outbox] == [["assessor3@demo.example"]]
    copy = case_publish(case_begin(user=operator, copied=marrow), user=operator, revision=1)
    case_retire(copy, user=operator)
    assert calibration_notices_send() == 0


def test_a_draft_and_a_retired_case_are_not_there_for_assessors(
    assessors: list[User], operator: User, marrow: CalibrationCase
) -> None:
    draft = case_begin(user=operator)
    submit(marrow, assessors[0], LEVELS)
    case_retire(marrow, user=operator)
    statuses = [
        [page(person).get(f"/calibration/{case.pk}/").status_code for case in (draft, marrow)]
        for person in (assessors[0], assessors[1], operator)
    ]
    assert statuses == [[404, 200], [404, 404], [200, 200]]


def test_the_office_writes_publishes_and_reads_results(
    assessors: list[User], operator: User, marrow: CalibrationCase
) -> None:
    client = page(operator)
    address = client.post("/calibration/new/", {"copy": marrow.pk})["Location"]
    copy = CalibrationCase.objects.get(state="draft")
    item = copy.items.get(element="PQ2")
    sent = {
        "revision": 1,
        "title": "Marrow Bay, second look",
        f"evidence-{item.pk}": "Short",
        f"reference-{item.pk}": "1",
    }
    answer = client.post(address, sent | {f"reason-{item.pk}": "Too short", "save": "yes"}, follow=True)
    assert "PQ2: write what was seen, in 80 characters or more." in said(answer)
    answer = client.post(address, sent | {"add": "yes", "element": "TE3"})
    assert answer.status_code == 409
    assert "What you sent was not stored and stands below" in said(answer)
    assert "Marrow Bay, second look" in said(answer)
    client.post(address, {"revision": 2, "add": "yes", "element": "TE3"})
    added = copy.items.get(element="TE3").pk
    client.post(address, {"revision": 3, "remove": item.pk, "title": "Marrow Bay, second look"})
    client.post(address, {"revision": 4, "remove": added})
    assert sorted(copy.items.values_list("element", flat=True)) == ["BC1", "EE2", "MC1", "PQ6"]
    confirm = f"/calibration/{copy.pk}/publish/"
    assert "with 4 elements to score" in said(client.get(confirm))
    assert client.post(confirm, {"revision": 5}).status_code == 302
    assert client.get(address).status_code == 404

    submit(copy, assessors[0], {"MC1": 3, "BC1": 2, "PQ6": 3, "EE2": 5})
    shown = said(client.get(f"/calibration/{copy.pk}/"))
    assert "1 assessor submitted it" in shown
    assert '<td class="number"> 2 (−2) </td>' in shown
    assert '<td class="number"> 5 (+2) </td>' in shown
    assert "Not submitted by Assessor B, Assessor C, Assessor D." in shown
    assert client.post(f"/calibration/{copy.pk}/retire/").status_code == 302
    assert "Retired" in said(client.get("/calibration/"))


def test_queries_of_the_pages(
    assessors: list[User], operator: User, marrow: CalibrationCase, django_assert_num_queries: Any
) -> None:
    for person in assessors[:3]:
        submit(marrow, person, LEVELS)
    client, office = page(assessors[3]), page(operator)
    read = page(assessors[0])
    address = f"/calibration/{marrow.pk}/"
    for reader in (client, office, read):
        reader.get(address)
    with django_assert_num_queries(4):  # session, user, cases, sheets
        client.get("/calibration/")
    with django_assert_num_queries(5):  # the case, its sheet, its items
        client.get(address)
    with django_assert_num_queries(6):  # and the levels given
        read.get(address)
    with django_assert_num_queries(4):
        office.get("/calibration/")
    with django_assert_num_queries(9):  # the case, note, items, sheets, levels, assessors, figure
        office.get(address)
