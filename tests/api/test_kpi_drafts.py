"""Quarterly figures by machine: read, put, refused with every fault at once, and shown on the page."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from dscr.audit.models import AuditEntry
from products.models import KpiDraft, Product
from products.questionnaire import QUESTIONS
from products.services.kpi_draft import Change, draft_discard, draft_save
from products.services.kpi_submission import submission_attest
from ratings.models import StaleMark
from tests.api.conftest import Machine
from tests.api.test_problems import assert_problem
from tests.products.conftest import BEFORE, QUARTER, Desk

NB = "\u00a0"
OWED = "late" if QUARTER.due_on < timezone.localdate() else "due"


@pytest.fixture
def editor(desk: Desk) -> Machine:
    return Machine(desk.editor)


@pytest.fixture
def address(desk: Desk) -> str:
    return f"kpi-drafts/{desk.product.ndc}/{QUARTER.ends_on}/"


def put(asked: Machine, address: str, body: Any, verb: str = "put", **headers: str) -> Any:
    """As who has just read it."""
    return getattr(asked, verb)(address, body, if_match=asked.get(address)["ETag"], **headers)


def errors(response: Any) -> dict[str, str]:
    assert_problem(response, 400, "invalid-request")
    return {item["pointer"]: item["detail"] for item in response.json()["errors"]}


def question(body: dict[str, Any], code: str) -> dict[str, Any]:
    return next(row for row in body["questions"] if row["code"] == code)


def test_nothing_is_begun_and_a_put_begins_it(desk: Desk, editor: Machine, address: str) -> None:
    first = editor.get(address)
    told = first.json()
    assert (told["state"], told["version"], told["answered"], told["duty"]) == ("none", 0, 0, OWED)
    assert set(told["answers"].values()) == {None}
    assert first["ETag"] == told["etag"]
    StaleMark.objects.all().delete()
    answer = editor.put(
        address,
        {
            "answers": {
                "fill_rate_numerator": 97_500,
                "fill_rate_denominator": "100,000",
                "capacity_utilisation_historical": 72.5,
                "risk_management_plan_exists": True,
                "risk_management_plan_reviewed_on": "2026-02-10",
                "contribution_margin_state": "not_disclosed",
            },
            "source": "Order system",
        },
        if_match=first["ETag"],
    )
    body = answer.json()
    assert answer.status_code == 200
    assert answer["ETag"] == body["etag"] != first["ETag"]
    assert (body["state"], body["version"], body["answered"]) == ("draft", 2, 3)
    assert question(body, "fill_rate") == {
        "code": "fill_rate",
        "section": "demand_and_supply",
        "state": "reported",
        "words": "97.5% (97,500 of 100,000 units)",
        "before": "98.2% (98,200 of 100,000 units)",
        "rate": {"share": 0.975, "low": 0.974014, "high": 0.97595},
        "sources": [f"Order system, by API (token “{editor.token.name}”)"],
        "edited": {"by": "Ada Editor", "at": question(body, "fill_rate")["edited"]["at"]},
    }
    assert question(body, "contribution_margin")["state"] == "not_disclosed"
    assert "capacity_utilisation" in body["open"]  # its second figure is missing
    assert body["attest_page"] == f"http://testserver{desk.address('review/')}"
    draft = KpiDraft.objects.get(product=desk.product)
    assert draft.answers == {
        "fill_rate_numerator": "97500",
        "fill_rate_denominator": "100000",
        "capacity_utilisation_historical": "72.5",
        "risk_management_plan_exists": "yes",
        "risk_management_plan_reviewed_on": "2026-02-10",
        "contribution_margin_state": "not_disclosed",
    }
    assert set(draft.sources) == set(draft.answers) - {"contribution_margin_state"}
    assert draft.sources["fill_rate_numerator"]["kind"] == "api"
    assert not StaleMark.objects.exists()  # a draft counts nothing


def test_the_page_shows_who_put_what_and_how(desk: Desk, editor: Machine, address: str) -> None:
    put(editor, address, {"answers": {"shelf_life_months": 31}})
    browser = Client()
    browser.force_login(desk.attestor)
    page = browser.get(desk.address("?section=demand_and_supply")).content.decode()
    assert f"Source: API (token “{editor.token.name}”)" in page
    assert 'value="31"' in page
    assert "Ada Editor" in page


def test_what_was_read_can_be_put_back_unchanged(desk: Desk, editor: Machine, address: str) -> None:
    typed = {"fill_rate_numerator": "97,500", "fill_rate_denominator": "100 000", "contribution_margin": "30 %"}
    desk.draft(**typed, shelf_life_months="24", shelf_life_months_state="not_disclosed")
    told = editor.get(address).json()
    assert (told["answers"]["fill_rate_numerator"], told["answers"]["contribution_margin"]) == (97_500, 30)
    answer = put(editor, address, {"answers": told["answers"], "notes": told["notes"]})
    assert (answer.status_code, answer.json()["version"]) == (200, told["version"])
    draft = KpiDraft.objects.get(product=desk.product)
    assert draft.answers["fill_rate_numerator"] == "97,500"
    assert draft.sources == {}


def test_put_is_whole_and_patch_is_not(desk: Desk, editor: Machine, address: str) -> None:
    desk.draft(shelf_life_months="24", order_to_ship_days="3")
    patched = put(editor, address, {"answers": {"order_to_ship_days": 4}}, "patch").json()["answers"]
    assert (patched["shelf_life_months"], patched["order_to_ship_days"]) == (24, 4)
    whole = put(editor, address, {"answers": {"order_to_ship_days": 4}}).json()["answers"]
    assert (whole["shelf_life_months"], whole["order_to_ship_days"]) == (None, 4)


def test_a_figure_takes_back_that_it_is_withheld(desk: Desk, editor: Machine, address: str) -> None:
    desk.draft(shelf_life_months_state="not_disclosed")
    body = put(editor, address, {"answers": {"shelf_life_months": 24}}, "patch").json()
    assert question(body, "shelf_life_months")["words"] == f"24{NB}months"
    assert question(body, "shelf_life_months")["state"] == "reported"


def test_all_that_is_wrong_is_said_at_once(desk: Desk, editor: Machine, address: str) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    wrong = {
        "answers": {
            "fill_rate_numerator": 10,
            "fill_rate_denominator": 5,
            "days_inventory_on_hand": "many",
            "qualified_lines": 1.5,
            "safety_stock_days": -1,
            "operating_mode_hours_per_week": 169,
            "emergency_stock_contact_24_7": "perhaps",
            "risk_management_plan_tested_on": tomorrow.isoformat(),
            "shelf_life_months": 24,
            "shelf_life_months_state": "not_disclosed",
            "order_to_ship_days_state": "not_applicable",
            "capital_reinvestment_ratio": [1],
            "contribution_margin": "1" * 61,
            "price/unit": 3,
        },
        "notes": {"fill_rate.jump": 7, "fill_rate.whim": "x", "fill_rate.size": "x" * 2001},
        "source": "two\nlines",
        "is_correction": "yes",
        "answer": {},
    }
    assert errors(put(editor, address, wrong)) == {
        "#/answers/fill_rate_numerator": "Units shipped complete on first order (10) cannot exceed units ordered (5).",
        "#/answers/days_inventory_on_hand": "Give a number from 0 to 100,000, such as 45.5. “many” is not one.",
        "#/answers/qualified_lines": "Give a whole number, such as 2. “1.5” is not one.",
        "#/answers/safety_stock_days": "Give a number from 0 to 100,000, such as 45.5. “-1” is not one.",
        "#/answers/operating_mode_hours_per_week": "Give a number from 0 to 168, such as 45.5. “169” is not one.",
        "#/answers/emergency_stock_contact_24_7": "Give yes or no. “perhaps” is neither.",
        "#/answers/risk_management_plan_tested_on": f"Give a date that is not in the future; {tomorrow} is.",
        "#/answers/shelf_life_months_state": "Shelf life is not disclosed here, and given as well. Leave out one of "
        "the two.",
        "#/answers/order_to_ship_days_state": "Order to shipment can be reported or not disclosed; “not_applicable” is "
        "neither.",
        "#/answers/capital_reinvestment_ratio": "Give a number, a text, true, false or null.",
        "#/answers/contribution_margin": "At most 60 characters are kept; these are 61.",
        "#/answers/price~1unit": "There is no answer of the questionnaire of this name. GET /api/v1/questionnaire/ "
        "names them.",
        "#/notes/fill_rate.jump": "Give a text.",
        "#/notes/fill_rate.whim": "There is no warning that a note could answer of this name. "
        "GET /api/v1/questionnaire/ names them.",
        "#/notes/fill_rate.size": "At most 2,000 characters are kept; these are 2,001.",
        "#/source": "Give one line of at most 200 characters.",
        "#/is_correction": "Give true or false.",
        "#/answer": "Unknown. Known are: answers, notes, source, is_correction.",
    }
    assert not KpiDraft.objects.exists()


@pytest.mark.parametrize("body", [{}, [], None, {"answers": None}, {"answers": [1]}])
def test_a_body_that_is_none_is_refused(desk: Desk, editor: Machine, address: str, body: Any) -> None:
    assert set(errors(put(editor, address, body))) <= {"#", "#/answers"}


def test_what_a_person_typed_wrong_elsewhere_is_told_and_no_fault(
    desk: Desk,
    editor: Machine,
    address: str,
) -> None:
    desk.draft(days_inventory_on_hand="a lot", fill_rate_denominator="5")
    body = put(editor, address, {"answers": {"shelf_life_months": 24}}, "patch").json()
    assert body["answers"]["days_inventory_on_hand"] == "a lot"
    assert body["problems"] == [
        {
            "name": "days_inventory_on_hand",
            "detail": "Give a number from 0 to 100,000, such as 45.5. “a lot” is not one.",
        }
    ]
    refused = put(editor, address, {"answers": {"fill_rate_numerator": 6}}, "patch")
    assert set(errors(refused)) == {"#/answers/fill_rate_numerator"}


def test_warnings_come_back_and_are_answered_with_a_note(desk: Desk, editor: Machine, address: str) -> None:
    counts = {"fill_rate_numerator": 80_000, "fill_rate_denominator": 100_000}
    warned = put(editor, address, {"answers": counts}).json()
    assert warned["warnings"] == [
        {
            "code": "fill_rate.jump",
            "question": "fill_rate",
            "detail": "It was 98.2% last time and is 80% now.",
            "note": "",
        }
    ]
    note = {"notes": {"fill_rate.jump": "A line stood still."}, "answers": {}}
    noted = put(editor, address, note, "patch").json()
    assert [item["note"] for item in noted["warnings"]] == ["A line stood still."]
    assert KpiDraft.objects.get(product=desk.product).edits["fill_rate.jump"]["name"] == "Ada Editor"


def test_a_write_says_which_version_it_means(desk: Desk, editor: Machine, address: str) -> None:
    body = {"answers": {"shelf_life_months": 24}}
    assert_problem(editor.put(address, body), 428, "precondition-required")
    read = editor.get(address)
    draft = desk.draft(order_to_ship_days="3")
    assert_problem(editor.put(address, body, if_match=read["ETag"]), 412, "precondition-failed")
    now = editor.get(address)
    assert editor.get(address, **{"If-None-Match": now["ETag"]}).status_code == 304
    draft_save(draft, user=desk.attestor, answers={"order_to_ship_days": Change("3", "4")})
    assert_problem(editor.patch(address, body, if_match=now["ETag"]), 412, "precondition-failed")
    draft_discard(draft, user=desk.attestor)
    assert_problem(editor.patch(address, body, if_match=now["ETag"]), 412, "precondition-failed")
    assert editor.get(address).json()["state"] == "none"


def test_an_attested_quarter_is_corrected_on_purpose_only(desk: Desk, editor: Machine) -> None:
    address = f"kpi-drafts/{desk.product.ndc}/{BEFORE.ends_on}/"
    told = editor.get(address).json()
    assert (told["state"], told["answers"]["fill_rate_numerator"]) == ("attested", 98_200)
    body = {"answers": {"fill_rate_numerator": 97_000}}
    assert_problem(put(editor, address, body, "patch"), 409, "attested-already")
    corrected = put(editor, address, body | {"is_correction": True}, "patch").json()
    assert (corrected["state"], corrected["answers"]["fill_rate_denominator"]) == ("correction", 100_000)
    assert corrected["answers"]["fill_rate_numerator"] == 97_000
    assert question(corrected, "fill_rate")["sources"] != question(corrected, "shelf_life_months")["sources"] == []
    desk.before.refresh_from_db()
    assert desk.before.superseded_at is None


def test_a_machine_cannot_attest(desk: Desk, address: str) -> None:
    attestor = Machine(desk.attestor)
    for end in ("attest/", "submission/", "review/"):
        assert_problem(attestor.post(f"{address}{end}", {}), 404, "not-found")
    assert_problem(attestor.post(address, {"name": "Bo", "title": "VP"}), 405, "method-not-allowed")
    assert_problem(attestor.post("kpi-drafts/", {}), 405, "method-not-allowed")


def test_what_a_machine_put_a_person_attests(desk: Desk, editor: Machine, address: str) -> None:
    withheld = {question.state_key: "not_disclosed" for question in QUESTIONS}
    given = withheld | {"shelf_life_months_state": None, "shelf_life_months": 36}
    body = put(editor, address, {"answers": given}).json()
    assert body["open"] == []
    draft = KpiDraft.objects.get(product=desk.product)
    made = submission_attest(draft, user=desk.attestor, name="Bo", title="VP", version=body["version"])
    assert (made.shelf_life_months, made.fill_rate_numerator) == (36, None)
    told = editor.get(address).json()
    assert (told["state"], told["duty"], told["answered"]) == ("attested", "attested", len(QUESTIONS))


def test_other_addresses_are_nothing(desk: Desk, editor: Machine) -> None:
    for end in (f"000000-0000/{QUARTER.ends_on}", f"{desk.product.ndc}/2026-09-29", f"{desk.product.ndc}/1991-03-31"):
        assert_problem(editor.get(f"kpi-drafts/{end}/"), 404, "not-found")


def test_any_form_of_the_ndc_is_read(desk: Desk, editor: Machine) -> None:
    for text in ("99901-101", "99901-0101-01", desk.product.ndc):
        assert editor.get(f"kpi-drafts/{text}/{QUARTER.ends_on}/").json()["ndc"] == desk.product.ndc


def test_the_list_says_how_far_each_product_is(
    desk: Desk,
    editor: Machine,
    address: str,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    put(editor, address, {"answers": {"shelf_life_months": 24}})
    with django_assert_num_queries(7):  # token, requests, products, enrollments, drafts, what is attested, in full
        rows = editor.get("kpi-drafts/").json()["results"]
    other = Product.objects.exclude(pk=desk.product.pk).get()
    assert [(row["ndc"], row["state"], row["answered"]) for row in rows] == [
        (desk.product.ndc, "draft", 1),
        (other.ndc, "none", 0),
    ]
    assert rows[0]["etag"] == editor.get(address)["ETag"]
    assert (rows[0]["updated_by"], rows[0]["questions_in_all"]) == ("Ada Editor", len(QUESTIONS))
    assert (rows[0]["quarter_end"], rows[0]["due_on"]) == (QUARTER.ends_on.isoformat(), QUARTER.due_on.isoformat())
    before = editor.get(f"kpi-drafts/?quarter_end={BEFORE.ends_on}").json()["results"]
    assert [(row["state"], row["duty"], row["answered"]) for row in before] == [("attested", "attested", 18)] * 2
    one = editor.get("kpi-drafts/?page_size=1").json()
    assert editor.get(one["next"]).json()["results"] == rows[1:]
    for wrong in ("2026-09-29", "1999-12-31", "x"):
        assert editor.get(f"kpi-drafts/?quarter_end={wrong}").status_code == 400


def test_reading_and_writing_cost_few_queries_and_are_noted(
    desk: Desk,
    editor: Machine,
    address: str,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    desk.draft(order_to_ship_days="3")
    tag = editor.get(address)["ETag"]
    assert AuditEntry.objects.filter(action="viewed", kind="kpi-draft", user_id=desk.editor.pk).count() == 1
    with django_assert_num_queries(8):  # and the product; the note
        editor.get(address)
    # The actor, told and taken back; reading twice, and in between a lock and a change, in a transaction.
    with django_assert_num_queries(21):
        assert editor.patch(address, {"answers": {"shelf_life_months": 24}}, if_match=tag).status_code == 200


def test_the_duty_follows_the_calendar(desk: Desk, editor: Machine) -> None:
    enrolment = desk.product.enrolments.get()
    enrolment.suspended_on, enrolment.suspension_reason = date(2026, 1, 1), "Asked for"
    enrolment.save()
    rows = {row["ndc"]: row["duty"] for row in editor.get("kpi-drafts/").json()["results"]}
    assert rows[desk.product.ndc] == "suspended"
    enrolment.withdrawn_on = timezone.localdate()
    enrolment.save()
    assert desk.product.ndc not in editor.get("kpi-drafts/").content.decode()
