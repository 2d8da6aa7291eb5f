"""The pages of the quarterly figures: who opens what, what they store, and how many queries they ask."""

import json
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dscr.access.models import Organisation
from dscr.access.roles import Role
from dscr.audit.models import AuditEntry
from products.models import Enrolment, KpiDraft, SupplyNode
from products.services.kpi_draft import Change, draft_copy_forward, draft_save, draft_withhold_open
from tests.home.conftest import main_words
from tests.pages import factory
from tests.products.conftest import BEFORE, FIRM, OTHER, Desk, client_of

PLANNING = "?section=demand_and_supply"


def words(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return main_words(response.content.decode())


def complete(desk: Desk) -> KpiDraft:
    draft = desk.draft(days_inventory_on_hand="20")
    draft_copy_forward(draft, previous=desk.before, user=desk.editor)
    draft.refresh_from_db()
    draft_withhold_open(draft, user=desk.editor)
    draft.refresh_from_db()
    return draft


def send(client: Client, desk: Desk, changes: dict[str, Any], **more: Any) -> Any:
    body = {"who": f"{desk.editor.pk}-{desk.firm.pk}", "draft": 0, "section": "demand_and_supply", "changes": changes}
    return client.post(desk.address("state/"), json.dumps(body | more), content_type="application/json")


def attest(client: Client, desk: Desk, draft: KpiDraft, **given: Any) -> Any:
    sent = {"name": "Bo Attestor", "title": "Vice President", "agrees": "on", "version": draft.version}
    return client.post(desk.address("attest/"), {key: value for key, value in (sent | given).items() if value})


def test_the_questionnaire_asks_section_by_section(desk: Desk, ada: Client) -> None:
    text = words(ada, desk.address(PLANNING))
    assert "Demand and supply planning" in text
    assert "Units shipped complete on first order / units ordered" in text
    assert f"{BEFORE.name}: 98.2% (98,200 of 100,000 units)" in text
    assert "0 of 18 answered" in text
    assert not KpiDraft.objects.exists()


def test_a_change_is_stored_and_comes_back_in_words(desk: Desk, ada: Client) -> None:
    changes = {"fill_rate_numerator": {"was": "", "now": "19"}, "fill_rate_denominator": {"was": "", "now": "20"}}
    state = send(ada, desk, changes).json()
    draft = KpiDraft.objects.get()
    assert (state["draft"], state["version"], state["conflicts"]) == (draft.pk, 2, {})
    assert "95%" in state["said"]["fill_rate"]
    assert "76.4% to 99.1%" in state["said"]["fill_rate"]
    assert draft.answers == {"fill_rate_numerator": "19", "fill_rate_denominator": "20"}
    assert draft.edits["fill_rate_numerator"]["name"] == "Ada Editor"


def test_a_conflict_is_told_and_stores_nothing(desk: Desk, ada: Client) -> None:
    draft = desk.draft()
    draft_save(draft, user=desk.attestor, answers={"shelf_life_months": Change("", "24")})
    conflicts = send(ada, desk, {"shelf_life_months": {"was": "", "now": "36"}}, draft=draft.pk).json()["conflicts"]
    assert (conflicts["shelf_life_months"]["now"], conflicts["shelf_life_months"]["name"]) == ("24", "Bo Attestor")
    draft.refresh_from_db()
    assert draft.answers["shelf_life_months"] == "24"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("no json", 400),
        ("[]", 400),
        ('{"changes": []}', 400),
        ('{"changes": {"no_such": {"was": "", "now": "1"}}}', 400),
        ('{"changes": {"shelf_life_months": {"was": 1, "now": "1"}}}', 400),
        ('{"changes": {"shelf_life_months": {"was": "", "now": "1"}}, "who": "1-1"}', 409),
    ],
)
def test_what_is_no_change_is_refused(desk: Desk, ada: Client, body: str, status: int) -> None:
    assert ada.post(desk.address("state/"), body, content_type="application/json").status_code == status
    assert not KpiDraft.objects.exists()


def test_a_closed_draft_takes_no_more_changes(desk: Desk, ada: Client, bo: Client) -> None:
    draft = complete(desk)
    attest(bo, desk, draft)
    refused = send(ada, desk, {"shelf_life_months": {"was": "24", "now": "36"}}, draft=draft.pk)
    assert (refused.status_code, "attested or the draft was discarded" in refused.json()["closed"]) == (409, True)
    assert send(ada, desk, {"shelf_life_months": {"was": "", "now": "36"}}).status_code == 409
    assert KpiDraft.objects.count() == 1


def test_nothing_new_is_an_empty_answer(desk: Desk, ada: Client) -> None:
    draft = desk.draft(shelf_life_months="24")
    seen = {"draft": draft.pk, "version": draft.version, "section": "finance"}
    assert ada.get(desk.address("state/"), seen).status_code == 204
    assert ada.get(desk.address("state/"), seen | {"version": 1}).json()["version"] == draft.version


def test_the_script_is_told_that_the_session_ended(desk: Desk) -> None:
    assert Client().get(desk.address("state/"), headers={"HX-Request": "true"}).status_code == 401


def test_the_save_button_works_without_script(desk: Desk, ada: Client) -> None:
    sent = {"shelf_life_months": "24", "was-shelf_life_months": "", "fill_rate_state": "", "was-fill_rate_state": ""}
    response = ada.post(desk.address(PLANNING), sent | {"go": "finance"})
    assert response["Location"] == desk.address("?section=finance")
    assert KpiDraft.objects.get().answers == {"shelf_life_months": "24"}


def test_a_conflict_without_script_shows_both_texts(desk: Desk, ada: Client) -> None:
    draft = desk.draft()
    draft_save(draft, user=desk.attestor, answers={"shelf_life_months": Change("", "24")})
    sent = {"shelf_life_months": "36", "was-shelf_life_months": "", "draft": draft.pk}
    response = ada.post(desk.address(PLANNING), sent)
    page = response.content.decode()
    assert response.status_code == 409
    assert "“24”. You: “36”." in main_words(page)
    assert 'name="was-shelf_life_months" value="24"' in " ".join(page.split())
    ada.post(desk.address(PLANNING), sent | {"was-shelf_life_months": "24", "take": "shelf_life_months"})
    draft.refresh_from_db()
    assert draft.answers["shelf_life_months"] == "24"
    ada.post(desk.address(PLANNING), sent | {"was-shelf_life_months": "24"})
    draft.refresh_from_db()
    assert draft.answers["shelf_life_months"] == "36"


def test_copy_withhold_and_discard(desk: Desk, ada: Client) -> None:
    ada.post(desk.address("copy/"), {"section": "logistics", "shown": "logistics"})
    assert KpiDraft.objects.get().answers["on_time_delivery_numerator"] == "970"
    assert "fill_rate_numerator" not in KpiDraft.objects.get().answers
    ada.post(desk.address("withhold/"))
    assert KpiDraft.objects.get().answers["fill_rate_state"] == "not_disclosed"
    assert "18 of 18 questions are answered." in words(ada, desk.address("review/"))
    ada.post(desk.address("discard/"))
    assert KpiDraft.objects.get().discarded_at
    assert ada.get(desk.address("review/")).status_code == 302


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR])
def test_oversight_reads_and_writes_nothing(desk: Desk, role: str) -> None:
    draft = desk.draft(fill_rate_numerator="19", fill_rate_denominator="20")
    client = client_of(factory.user_with(role))
    assert client.get(desk.address())["Location"] == desk.address("review/")
    assert "95% (19 of 20 units)" in words(client, desk.address("review/"))
    assert AuditEntry.objects.filter(action="viewed", kind="kpi-draft", subject_id=draft.pk).count() == 1
    for end in ("state/", "open/", "copy/", "withhold/", "discard/", "attest/"):
        assert client.post(desk.address(end)).status_code == 404, end
    client.post(desk.address(), {"fill_rate_numerator": "1", "was-fill_rate_numerator": "19"})
    draft.refresh_from_db()
    assert (draft.answers["fill_rate_numerator"], draft.is_open) == ("19", True)
    assert client.get("/figures/").status_code == 404


def test_others_find_nothing(desk: Desk) -> None:
    draft = desk.draft(fill_rate_numerator="19")
    submission = f"/products/{desk.product.ndc}/kpis/submissions/{desk.before.pk}/"
    readers = [factory.user_of(OTHER, Role.ATTESTOR), factory.user_with(Role.PURCHASER)]
    readers.append(factory.user_of(FIRM, Role.ESTABLISHMENT_CONTACT))
    for reader in readers:
        client = client_of(reader)
        for address in (desk.address(), desk.address("review/"), submission, f"/drafts/{draft.pk}/effect/"):
            assert client.get(address).status_code == 404, (reader, address)


def test_a_firm_that_took_the_product_over_sees_nothing_of_the_one_before(desk: Desk) -> None:
    desk.draft(fill_rate_numerator="19")
    user = factory.user_of(OTHER, Role.ATTESTOR)
    day = desk.before.attested_at.date() + timedelta(days=1)
    Enrolment.objects.filter(product=desk.product).update(withdrawn_on=day)
    Enrolment.objects.create(product=desk.product, organisation=Organisation.objects.get(name=OTHER), enrolled_on=day)
    client = client_of(user)
    text = words(client, desk.address(PLANNING))
    assert "98,200" not in text
    assert "19" not in KpiDraft.objects.filter(organisation__name=OTHER).values_list("answers", flat=True)
    assert client.get(f"/products/{desk.product.ndc}/kpis/submissions/{desk.before.pk}/").status_code == 404
    assert client.get(desk.address("review/")).status_code == 302


@pytest.mark.parametrize("end", ["2026-09-29", "2026-13-31", "1900-03-31", "2990-03-31"])
def test_only_quarters_that_ended_have_a_questionnaire(desk: Desk, ada: Client, end: str) -> None:
    assert ada.get(f"/products/{desk.product.ndc}/kpis/{end}/").status_code == 404


def test_the_list_tells_how_far_each_product_is(desk: Desk, ada: Client) -> None:
    text = words(ada, "/figures/")
    assert "0 of 2 products are attested, 2 are to do." in text
    complete(desk)
    assert "Awaits attestation" in words(ada, "/figures/?state=awaits")
    assert "1 product " in words(ada, "/figures/?state=awaits")
    assert client_of(factory.user_with(Role.PURCHASER)).get("/figures/").status_code == 404


# Two queries for the session and its user; viewing is noted by one insert. The effect loads
# the inputs of one product twice.
def test_numbers_of_queries(desk: Desk, bo: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    draft = complete(desk)
    submission = f"/products/{desk.product.ndc}/kpis/submissions/{desk.before.pk}/"
    for address, queries in (
        ("/figures/", 6),
        (desk.address(PLANNING), 7),
        (desk.address("review/"), 8),  # whether the supply chain is given
        (f"{desk.address('state/')}?draft={draft.pk}&version={draft.version}", 6),
        (f"/products/{desk.product.ndc}/kpis/", 7),
        (submission, 7),
        (f"/drafts/{draft.pk}/effect/", 25),
    ):
        with django_assert_num_queries(queries):
            assert bo.get(address).status_code in (200, 204), address


def test_the_review_names_a_missing_supply_chain(desk: Desk, ada: Client) -> None:
    complete(desk)
    link = f'href="/products/{desk.product.ndc}/supply/"'
    assert "The supply chain is missing" not in words(ada, desk.address("review/"))
    SupplyNode.objects.filter(product=desk.product).update(voided_at=timezone.now(), void_reason="wrong")
    assert "The supply chain is missing" in words(ada, desk.address("review/"))
    assert link in ada.get(desk.address("review/")).content.decode()


def test_where_a_figure_came_from_is_shown_until_it_is_typed_over(desk: Desk, ada: Client) -> None:
    draft = desk.draft()
    source = {"kind": "order_lines", "file": "orders.csv", "text": "computed from 970 order lines in orders.csv"}
    draft_save(
        draft,
        user=desk.editor,
        answers={"order_to_ship_days": Change("", "3")},
        sources={"order_to_ship_days": source},
    )
    assert "Source: computed from 970 order lines in orders.csv" in words(ada, desk.address("?section=logistics"))
    draft_save(draft, user=desk.editor, answers={"order_to_ship_days": Change("3", "4")})
    assert "Source:" not in words(ada, desk.address("?section=logistics"))


def test_a_long_list_comes_in_pages(desk: Desk, ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("products.views.kpi_list"), "ON_A_PAGE", 1)
    assert "99901-101" in words(ada, "/figures/?state=late")
    second = words(ada, "/figures/?state=late&page=2")
    assert "99901-202" in second
    assert "99901-101" not in second
    assert "2 products" in second
