"""Drafts of many products in one request: all or none, everything wrong at once, done once for its key."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dscr.access.models import Organisation
from products.models import Enrolment, KpiDraft, Product
from products.services.kpi_draft import Change, draft_save
from ratings.models import StaleMark
from tests.api.conftest import Machine
from tests.api.test_problems import assert_problem
from tests.products.conftest import BEFORE, QUARTER, Desk

ADDRESS = "kpi-drafts/"
LONG_AGO = {"ndc": "99901-101", "etag": "x", "answers": {}}


@pytest.fixture
def editor(desk: Desk) -> Machine:
    return Machine(desk.editor)


def rows(asked: Machine, **query: str) -> list[dict[str, Any]]:
    asks = "&".join(f"{name}={value}" for name, value in {"page_size": "200", **query}.items())
    found, address = [], f"{ADDRESS}?{asks}"
    while address:
        page = asked.get(address).json()
        found, address = found + page["results"], page["next"]
    return found


def body(rows: list[dict[str, Any]], *answers: dict[str, Any], **more: Any) -> dict[str, Any]:
    given = [{"ndc": row["ndc"], "etag": row["etag"], "answers": each} for row, each in zip(rows, answers, strict=True)]
    return {"quarter_end": QUARTER.ends_on.isoformat(), "drafts": given} | more


def products(firm: Organisation, count: int) -> list[Product]:
    made = Product.objects.bulk_create(
        Product(ndc=f"0888{n // 100:02}-{n % 100:04}", display_ndc=f"888{n // 100:02}-{n % 100:04}", molecule="X")
        for n in range(count)
    )
    Enrolment.objects.bulk_create(
        Enrolment(product=product, organisation=firm, enrolled_on="2025-01-01") for product in made
    )
    return made


def test_many_are_put_and_read_again(desk: Desk, editor: Machine) -> None:
    listed = rows(editor)
    StaleMark.objects.all().delete()
    counts = {"fill_rate_numerator": 80_000, "fill_rate_denominator": 100_000}
    answer = editor.put(ADDRESS, body(listed, counts, {"shelf_life_months": 24}, source="ERP"))
    assert answer.status_code == 200
    told = answer.json()["results"]
    now = rows(editor)
    assert told == [
        {
            "ndc": row["ndc"],
            "version": 2,
            "etag": row["etag"],
            "answered": 1,
            "questions_in_all": 18,
            "open": told[place]["open"],
            "warnings": told[place]["warnings"],
        }
        for place, row in enumerate(now)
    ]
    assert [len(row["open"]) for row in told] == [17, 17]
    assert [warning["code"] for warning in told[0]["warnings"]] == ["fill_rate.jump"]
    drafts = list(KpiDraft.objects.order_by("product__ndc"))
    assert [draft.answers for draft in drafts] == [
        {"fill_rate_numerator": "80000", "fill_rate_denominator": "100000"},
        {"shelf_life_months": "24"},
    ]
    assert drafts[1].sources["shelf_life_months"]["text"] == f"ERP, by API (token “{editor.token.name}”)"
    assert not StaleMark.objects.exists()

    patched = editor.patch(ADDRESS, body(now, {"fill_rate_numerator": 81_000}, {"order_to_ship_days": 3}))
    assert patched.status_code == 200
    drafts[1].refresh_from_db()
    assert drafts[1].answers == {"shelf_life_months": "24", "order_to_ship_days": "3"}


def test_one_fault_stores_nothing_and_all_are_named(desk: Desk, editor: Machine) -> None:
    first, second = rows(editor)
    wrong = body(
        [first, second, first],
        {"shelf_life_months": 24, "fill_rate_numerator": 2, "fill_rate_denominator": 1},
        {"shelf_life_months": "long", "price": 1},
        {},
    )
    wrong["drafts"][1]["notes"] = {"price.jump": "x"}
    wrong["drafts"] += [
        {"ndc": "99999-9999-99", "answers": {"qualified_lines": 1}},
        {"ndc": 5, "etag": "x", "answer": {}},
        "nothing",
    ]
    draft = desk.draft(qualified_lines="3")  # so that the first one's ETag is old
    response = editor.put(ADDRESS, wrong | {"source": 3})
    assert_problem(response, 400, "invalid-request")
    unknown = "There is no answer of the questionnaire of this name. GET /api/v1/questionnaire/ names them."
    changed = "Somebody changed this draft since you read it. Read it again and send its new ETag."
    assert {item["pointer"]: item["detail"] for item in response.json()["errors"]} == {
        "#/source": "Give one line of at most 200 characters.",
        "#/drafts/0/answers/fill_rate_numerator": "Units shipped complete on first order (2) cannot exceed units "
        "ordered (1).",
        "#/drafts/0/etag": changed,
        "#/drafts/1/answers/price": unknown,
        "#/drafts/1/answers/shelf_life_months": "Give a number from 0 to 1,200, such as 45.5. “long” is not one.",
        "#/drafts/1/notes/price.jump": "There is no warning that a note could answer of this name. "
        "GET /api/v1/questionnaire/ names them.",
        "#/drafts/2/etag": changed,
        "#/drafts/2/ndc": "99901-101 stands here twice. Give each product once.",
        "#/drafts/3/etag": "Give the ETag of the draft as you read it; the list tells it.",
        "#/drafts/3/ndc": "“99999-9999-99” is no product of yours, or names several.",
        "#/drafts/4/answer": "Unknown. Known are: ndc, etag, answers, notes, is_correction.",
        "#/drafts/4/answers": "Give an object of values by their names.",
        "#/drafts/4/ndc": "“5” is no product of yours, or names several.",
        "#/drafts/5": 'Give an object, such as {"answers": {"shelf_life_months": 24}}.',
    }
    assert [row.pk for row in KpiDraft.objects.all()] == [draft.pk]
    draft.refresh_from_db()
    assert draft.answers == {"qualified_lines": "3"}


@pytest.mark.parametrize(
    ("given", "pointers"),
    [
        ({}, {"#/quarter_end", "#/drafts"}),
        ([], {"#"}),
        ({"quarter_end": "2026-09-29", "drafts": []}, {"#/quarter_end", "#/drafts"}),
        ({"quarter_end": "9999-12-31", "drafts": [{}] * 501}, {"#/quarter_end", "#/drafts"}),
        ({"quarter_end": "2001-03-31", "drafts": [LONG_AGO]}, {"#/drafts/0/ndc"}),
    ],
)  # fmt: skip
def test_a_body_that_is_no_batch(desk: Desk, editor: Machine, given: Any, pointers: set[str]) -> None:
    body = assert_problem(editor.put(ADDRESS, given), 400, "invalid-request")
    assert {item["pointer"] for item in body["errors"]} == pointers


def test_an_old_etag_and_an_attested_quarter_are_named(desk: Desk, editor: Machine) -> None:
    listed = rows(editor)
    draft = desk.draft(qualified_lines="3")
    stale = assert_problem(editor.put(ADDRESS, body(listed, {}, {})), 412, "precondition-failed")
    assert [item["pointer"] for item in stale["errors"]] == ["#/drafts/0"]
    attested = body(rows(editor, quarter_end=str(BEFORE.ends_on)), {"qualified_lines": 2}, {"qualified_lines": 2})
    attested["quarter_end"] = str(BEFORE.ends_on)
    settled = assert_problem(editor.patch(ADDRESS, attested), 409, "attested-already")
    assert [item["pointer"] for item in settled["errors"]] == ["#/drafts/0", "#/drafts/1"]
    for row in attested["drafts"]:
        row["is_correction"] = True
    assert editor.patch(ADDRESS, attested).status_code == 200
    assert KpiDraft.objects.exclude(pk=draft.pk).filter(quarter_end=BEFORE.ends_on).count() == 2


def test_who_comes_between_reading_and_storing_is_not_overwritten(
    desk: Desk, editor: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both ETags were right when they were looked at."""
    from products.api import drafts as endpoint

    desk.draft(qualified_lines="3")
    listed, put = rows(editor), endpoint.drafts_put

    def late(parts: Any, **options: Any) -> None:
        draft_save(desk.draft(), user=desk.attestor, answers={"qualified_lines": Change("3", "4")})
        put(parts, **options)

    monkeypatch.setattr(endpoint, "drafts_put", late)
    stale = assert_problem(editor.put(ADDRESS, body(listed, {}, {"qualified_lines": 1})), 412, "precondition-failed")
    assert [item["pointer"] for item in stale["errors"]] == ["#/drafts/0"]
    # On this one connection the other's change goes back with the request; nothing of the request is left.
    assert [draft.answers for draft in KpiDraft.objects.all()] == [{"qualified_lines": "3"}]


def test_500_products_at_once_are_done_once(desk: Desk, editor: Machine) -> None:
    """Counted as 50 requests."""
    products(desk.firm, 500)
    listed = [row for row in rows(editor) if row["ndc"].startswith("0888")]
    assert len(listed) == 500
    before = int(editor.get("questionnaire/")["RateLimit-Remaining"])
    given = body(listed, *[{"shelf_life_months": 25, "order_to_ship_days": 3}] * 500)
    first = editor.put(ADDRESS, given, idempotency_key="five-hundred")
    assert first.status_code == 200
    assert before - int(first["RateLimit-Remaining"]) == 50
    assert KpiDraft.objects.filter(answers__shelf_life_months="25", answered=2, version=2).count() == 500
    again = editor.put(ADDRESS, given, idempotency_key="five-hundred")
    assert (again.status_code, again.content) == (200, first.content)
    assert KpiDraft.objects.filter(version=2).count() == 500


def test_what_is_no_longer_the_firms_is_not_told_again(desk: Desk, editor: Machine) -> None:
    listed = rows(editor)
    given = body(listed, *[{"shelf_life_months": 24}] * len(listed))
    assert editor.put(ADDRESS, given, idempotency_key="once").status_code == 200
    Enrolment.objects.filter(product__ndc=listed[1]["ndc"]).delete()
    again = editor.put(ADDRESS, given, idempotency_key="once")
    assert_problem(again, 400, "invalid-request")
    assert [error["pointer"] for error in again.json()["errors"]] == ["#/drafts/1/ndc"]
    assert "results" not in again.json()
    other = editor.put(ADDRESS, given | {"source": "ERP"}, idempotency_key="once")
    assert_problem(other, 422, "key-used")


def test_it_costs_as_many_statements_for_few_as_for_many(desk: Desk, editor: Machine) -> None:
    products(desk.firm, 12)

    def count(given: list[dict[str, Any]]) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert editor.put(ADDRESS, body(given, *[{"shelf_life_months": 24}] * len(given))).status_code == 200
        return len(asked)

    listed = [row for row in rows(editor) if row["ndc"].startswith("0888")]
    assert count(listed[:2]) == count(listed[2:])
