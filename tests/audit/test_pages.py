"""The audit's pages: who may open them, what they say, how they narrow, and the file that comes of them."""

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from dscr import audit
from dscr.access.models import User
from dscr.access.roles import Role
from dscr.audit.export import safe
from dscr.audit.models import AuditEntry
from dscr.audit.queries import entries_since, latest_entries
from products.models import DrugList, KpiSubmission, Product, SupplyNode
from tests.audit.conftest import Trail
from tests.pages.factory import user_with

PAGES = ("/audit/", "/audit/export/", "/audit/drug-list/{}/")


def text_of(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def test_operator_and_auditor_alone_open_it(trail: Trail) -> None:
    made = DrugList.objects.create(name="Essential")
    for role in [*Role.values, None]:
        client = Client()
        client.force_login(user_with(role, f"{role}@walk.example"))
        expected = 200 if role in (Role.OPERATOR, Role.AUDITOR) else 404
        assert {client.get(page.format(made.pk)).status_code for page in PAGES} == {expected}, role
    anonymous = Client()
    assert {anonymous.get(page.format(made.pk)).status_code for page in PAGES} == {302}


def test_it_cannot_be_written_to(auditor_client: Client) -> None:
    assert {auditor_client.post(page.format(1)).status_code for page in PAGES} == {405}


def test_a_change_is_told_in_plain_words(
    auditor_client: Client, product: Product, operator: User, trail: Trail
) -> None:
    row = KpiSubmission.objects.get(product=product)
    with audit.acting_as(operator, "page"):
        KpiSubmission.objects.filter(pk=row.pk).update(days_inventory_on_hand=20, shelf_life_months=18)
    [line] = latest_entries(operator, 1)
    assert line.sentence == (
        "Olivia Operator (Operator, DSCR program office) changed 2 details of KPI submission cisplatin (99901-101), "
        f"quarter to 2026-09-30 – days inventory on hand: {row.days_inventory_on_hand:g} → 20; "
        f"shelf life months: {row.shelf_life_months:g} → 18."
    )
    page = text_of(auditor_client, "/audit/")
    assert "<strong>Olivia Operator</strong>" in page
    assert reverse("audit:subject-history", args=["kpi-submission", row.pk]) in page


def test_rows_are_named_also_when_they_are_gone(product: Product, operator: User, trail: Trail) -> None:
    node = SupplyNode.objects.get(product=product, stage="fdf")
    site = node.establishment
    node.delete()
    [line] = latest_entries(operator, 1)
    assert line.what == f"deleted supply node cisplatin (99901-101), Finished dose at {site}"
    facts = {fact.name: fact.before for fact in line.facts}
    assert facts["product"] == "cisplatin (99901-101)"
    assert facts["stage"] == "Finished dose"
    assert facts["is qualified"] == "yes"


def test_large_statements_read_as_one(operator: User, trail: Trail) -> None:
    DrugList.objects.bulk_create([DrugList(name=f"List {number}") for number in range(150)])
    DrugList.objects.update(description="adjusted")
    said = [line.what for line in latest_entries(operator, 2)]
    assert said == ["changed 150 drug lists at once: description", "added 150 drug lists at once"]
    assert latest_entries(operator, 1)[0].who.startswith("Someone at the database, signed in as ")


@pytest.mark.parametrize(
    ("narrow", "found"),
    [
        ("person=olivia", {"by Olivia"}),
        ("person=operator@demo", {"by Olivia"}),
        ("organization=office", {"by Olivia"}),
        ("kind=drug-list", {"by Olivia", "by nobody"}),
        ("kind=admin-group", set()),
        ("action=added&q=by", {"by Olivia", "by nobody"}),
        ("action=deleted", set()),
        ("q=nobody", {"by nobody"}),
        ("q=NOBODY&kind=drug-list", {"by nobody"}),
        ("since=2999-01-01", set()),
        ("until=2020-01-01", set()),
        ("since=2020-01-01&until=2999-01-01&q=by+", {"by Olivia", "by nobody"}),
    ],
)
def test_filters(auditor_client: Client, operator: User, trail: Trail, narrow: str, found: set[str]) -> None:
    with audit.acting_as(operator, "page"):
        DrugList.objects.create(name="by Olivia")
    DrugList.objects.create(name="by nobody")
    page = text_of(auditor_client, f"/audit/?{narrow}")
    assert {name for name in ("by Olivia", "by nobody") if f"drug list {name}" in page} == found
    if not found:
        assert "Nothing was done that fits all of this." in page


@pytest.mark.parametrize(
    "narrow", ["since=yesterday", "kind=%00", "action=x", "before=x", "before=2026-01-01_1", "q=%00"]
)
def test_what_is_no_filter_is_no_error(auditor_client: Client, narrow: str) -> None:
    assert auditor_client.get(f"/audit/?{narrow}").status_code == 200
    assert auditor_client.get(f"/audit/export/?{narrow}").status_code == 200


def test_a_date_that_is_none_is_said(auditor_client: Client) -> None:
    assert "Enter a valid date." in text_of(auditor_client, "/audit/?since=yesterday")


def test_older_entries_follow_without_gap_or_repetition(auditor_client: Client, trail: Trail) -> None:
    for number in range(120):
        DrugList.objects.create(name=f"List {number:03}")
    seen, query = [], "kind=drug-list"
    for turn in range(3):
        response = auditor_client.get(f"/audit/?{query}")
        seen += [line.entry.label for line in response.context["lines"]]
        DrugList.objects.create(name=f"meanwhile {turn}")
        query = response.context["older"]
    assert seen == [f"List {number:03}" for number in reversed(range(120))]
    assert query == ""


def test_an_empty_audit_says_so(auditor_client: Client) -> None:
    page = text_of(auditor_client, "/audit/?q=no-such-thing")
    assert "Nothing was done that fits all of this. Take one of the filters away." in page


def test_one_records_history_has_the_large_statements_too(auditor_client: Client, operator: User, trail: Trail) -> None:
    rows = DrugList.objects.bulk_create([DrugList(name=f"List {number}") for number in range(150)])
    rows[7].description = "mine"
    rows[7].save()
    audit.note(operator, "viewed", rows[7])
    page = auditor_client.get(f"/audit/drug-list/{rows[7].pk}/")
    assert [line.entry.action for line in page.context["lines"]] == ["viewed", "changed", "added"]
    assert "Drug list List 7" in " ".join(page.content.decode().split())
    assert auditor_client.get(f"/audit/drug-list/{rows[-1].pk + 99}/").status_code == 404
    assert auditor_client.get("/audit/no-such-kind/1/").status_code == 404
    assert auditor_client.get(f"/audit/drug-list/{10**30}/").status_code == 404


def test_a_record_that_is_gone_keeps_its_history(auditor_client: Client, trail: Trail) -> None:
    made = DrugList.objects.create(name="Essential")
    key = made.pk
    made.delete()
    assert "This record is gone." in text_of(auditor_client, f"/audit/drug-list/{key}/")


def test_nothing_in_it_is_taken_for_markup(auditor_client: Client, trail: Trail) -> None:
    DrugList.objects.create(name="<script>alert(1)</script>")
    page = auditor_client.get("/audit/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_the_page_takes_the_same_queries_however_many_entries(
    auditor_client: Client, product: Product, trail: Trail, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Session, user, entries; and one for each kind of row that has to be named."""
    auditor_client.get("/audit/")
    SupplyNode.objects.filter(product=product).update(is_qualified=False)
    with django_assert_num_queries(4):
        auditor_client.get("/audit/?kind=supply-node&action=changed")
    KpiSubmission.objects.update(shelf_life_months=18)
    with django_assert_num_queries(5):
        auditor_client.get("/audit/?action=changed")


def test_the_export_holds_what_is_seen_and_is_noted_itself(
    auditor_client: Client, operator: User, trail: Trail
) -> None:
    with audit.acting_as(operator, "page"):
        DrugList.objects.create(name="=HYPERLINK(1)", description="@SUM(A1)")
    DrugList.objects.create(name="another")
    trail.forget()
    response = auditor_client.get("/audit/export/?person=olivia&kind=drug-list")
    assert response["Content-Disposition"].startswith('attachment; filename="dscr-audit-')
    text = response.getvalue().decode()
    assert text.startswith("\ufeff")
    [row] = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert row["Person"] == "Olivia Operator"
    assert row["In words"].endswith("added drug list =HYPERLINK(1).")
    assert row["Action"] == "Added"
    assert '"description": "@SUM(A1)"' in row["After"]
    noted = trail.entry()
    assert (noted.action, noted.label) == ("exported", "the audit")
    assert noted.detail == "Person: olivia; Kind of record: Drug lists"


def test_the_export_goes_on_beyond_one_batch(auditor_client: Client, trail: Trail) -> None:
    for start in range(0, 600, 100):
        DrugList.objects.bulk_create([DrugList(name=f"List {start + number}") for number in range(100)])
    text = auditor_client.get("/audit/export/?kind=drug-list").getvalue().decode()
    names = {row["In words"].split()[-1] for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))}
    assert len(names) == 600


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1", "＝1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert safe(cell) == f"'{cell}"
    assert safe("plain - text") == "plain - text"
    assert safe(-1) == -1


def test_groups_since(operator: User, trail: Trail) -> None:
    since = timezone.now()
    with audit.acting_as(operator, "page"):
        DrugList.objects.create(name="A")
        DrugList.objects.create(name="B")
    DrugList.objects.bulk_create([DrugList(name=f"List {number}") for number in range(150)])
    groups = entries_since(operator, since)
    assert [(group.organisation, group.action, group.words, group.entries, group.rows) for group in groups] == [
        ("", "Added", "drug lists", 1, 150),
        ("DSCR program office", "Added", "drug lists", 2, 2),
    ]
    assert groups[1].who == "Olivia Operator"
    assert entries_since(operator, timezone.now() + timedelta(hours=1)) == []


def test_the_queries_give_nothing_to_others(trail: Trail) -> None:
    DrugList.objects.create(name="A")
    purchaser = user_with(Role.PURCHASER)
    assert latest_entries(purchaser, 5) == []
    assert entries_since(purchaser, timezone.now() - timedelta(days=1)) == []
    assert not AuditEntry.objects.for_user(purchaser, "read_audit").exists()
