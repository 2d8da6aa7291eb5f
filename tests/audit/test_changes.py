"""Every committed change of a tracked record leaves its entry, by whatever door it came."""

import io
from datetime import date

import pytest
from django.core.checks import run_checks
from django.db import connection

from dscr.access.models import Membership, Organisation, User
from dscr.audit import triggers
from dscr.audit.kinds import TRACKED
from dscr.audit.models import AuditEntry
from products.models import DrugList, KpiSubmission, Product, SupplyNode
from qmm.models import Assessment, Establishment
from tests.audit.conftest import Trail, sql


def test_a_new_row_is_kept_with_its_values(trail: Trail) -> None:
    made = DrugList.objects.create(name="Essential", description="Acute care")
    entry = trail.entry()
    assert (entry.action, entry.kind, entry.subject_id, entry.label) == ("added", "drug-list", made.pk, "Essential")
    assert entry.before is None
    assert entry.after == {"id": made.pk, "name": "Essential", "description": "Acute care", "is_synthetic": False}


def test_a_saved_row_is_kept_with_the_columns_that_changed(product: Product, trail: Trail) -> None:
    row = KpiSubmission.objects.get(product=product)
    was = row.fill_rate_numerator
    row.fill_rate_numerator -= 1
    row.save()
    entry = trail.entry()
    assert (entry.action, entry.kind, entry.subject_id) == ("changed", "kpi-submission", row.pk)
    assert (entry.before, entry.after) == ({"fill_rate_numerator": was}, {"fill_rate_numerator": was - 1})


def test_a_value_that_came_or_went_is_kept_as_null(product: Product, trail: Trail) -> None:
    SupplyNode.objects.filter(product=product, stage="fdf").update(valid_to=date(2031, 1, 1))
    entry = trail.entry()
    assert (entry.before, entry.after) == ({"valid_to": None}, {"valid_to": "2031-01-01"})


def test_a_deleted_row_is_kept_with_its_values(product: Product, trail: Trail) -> None:
    node = SupplyNode.objects.get(product=product, stage="testing")
    key = node.pk
    node.delete()
    entry = trail.entry()
    assert (entry.action, entry.subject_id, entry.after) == ("deleted", key, None)
    assert (entry.before["stage"], entry.before["product_id"], entry.before["share"]) == ("testing", product.pk, 1)


def test_every_row_of_a_small_statement_has_its_entry(product: Product, trail: Trail) -> None:
    nodes = SupplyNode.objects.filter(product=product)
    nodes.update(last_batch_on=date(2026, 1, 1))
    entries = trail.entries()
    assert {entry.subject_id for entry in entries} == set(nodes.values_list("pk", flat=True))
    assert all(entry.after == {"last_batch_on": "2026-01-01"} for entry in entries)


def test_raw_sql_and_upserts_are_seen(trail: Trail) -> None:
    sql("INSERT INTO products_druglist (name, description, is_synthetic) VALUES ('A', '', false)")
    sql(
        "INSERT INTO products_druglist (name, description, is_synthetic) VALUES ('A', 'x', false), ('B', '', false) "
        "ON CONFLICT (name) DO UPDATE SET description = excluded.description"
    )
    seen = sorted((entry.action, entry.label) for entry in trail.entries())
    assert seen == [("added", "A"), ("added", "B"), ("changed", "A")]


@pytest.mark.parametrize("count", [100, 101])
def test_bulk_create_is_one_entry_a_row_up_to_a_hundred(trail: Trail, count: int) -> None:
    DrugList.objects.bulk_create([DrugList(name=f"List {number}") for number in range(count)])
    entries = trail.entries()
    if count == 100:
        assert len(entries) == 100
        assert {entry.label for entry in entries} == {f"List {number}" for number in range(100)}
    else:
        [entry] = entries
        assert (entry.action, entry.kind, entry.row_count, entry.subject_id) == ("added", "drug-list", 101, None)
        assert sorted(entry.ids) == sorted(DrugList.objects.values_list("pk", flat=True))


def test_a_large_update_is_one_entry_with_ids_and_columns(trail: Trail) -> None:
    rows = DrugList.objects.bulk_create([DrugList(name=f"List {number}") for number in range(150)])
    trail.forget()
    DrugList.objects.update(description="adjusted", is_synthetic=True)
    entry = trail.entry()
    assert (entry.action, entry.row_count) == ("changed", 150)
    assert entry.columns == ["description", "is_synthetic"]
    assert sorted(entry.ids) == sorted(row.pk for row in rows)
    assert entry.before is entry.after is None


def test_a_large_update_that_changes_only_its_last_row_is_seen(trail: Trail) -> None:
    DrugList.objects.bulk_create([DrugList(name=f"List {number}") for number in range(150)])
    last = DrugList.objects.order_by("pk").last()
    trail.forget()
    sql(f"UPDATE products_druglist SET description = CASE WHEN id = {last.pk} THEN 'x' ELSE description END")
    assert trail.entry().columns == ["description"]


def test_a_large_update_of_keys_is_seen(trail: Trail) -> None:
    DrugList.objects.bulk_create([DrugList(name=f"List {number}") for number in range(150)])
    trail.forget()
    sql("UPDATE products_druglist SET id = id + 100000")
    assert "id" in trail.entry().columns


def test_a_changed_key_reads_as_deleted_and_added(trail: Trail) -> None:
    made = DrugList.objects.create(name="Essential")
    trail.forget()
    sql("UPDATE products_druglist SET id = id + 100000 WHERE id = %s", made.pk)
    seen = {(entry.action, entry.subject_id, entry.label) for entry in trail.entries()}
    assert seen == {("deleted", made.pk, "Essential"), ("added", made.pk + 100_000, "Essential")}


def test_ids_of_very_large_statements_are_capped_and_counted(trail: Trail) -> None:
    sql(
        "INSERT INTO products_druglist (name, description, is_synthetic) "
        "SELECT 'List ' || i, '', false FROM generate_series(1, 10001) i"
    )
    entry = trail.entry()
    assert (entry.row_count, len(entry.ids)) == (10_001, 10_000)
    sql("DELETE FROM products_druglist")
    entry = trail.entry()
    assert (entry.action, entry.row_count, len(entry.ids)) == ("deleted", 10_001, 10_000)


def test_copy_is_seen(trail: Trail) -> None:
    rows = io.StringIO("".join(f"List {number}\t\tf\n" for number in range(3)))
    with connection.cursor() as cursor:
        cursor.copy_expert("COPY products_druglist (name, description, is_synthetic) FROM STDIN", rows)
    assert [entry.label for entry in trail.entries()] == ["List 0", "List 1", "List 2"]


def test_truncate_is_seen(trail: Trail) -> None:
    sql("TRUNCATE products_druglistentry")
    entry = trail.entry()
    assert (entry.action, entry.kind, entry.row_count) == ("emptied", "drug-list-entry", None)


@pytest.mark.parametrize("many", [False, True])
def test_what_changes_nothing_leaves_nothing(trail: Trail, many: bool) -> None:
    DrugList.objects.bulk_create([DrugList(name=f"List {number}") for number in range(150 if many else 1)])
    trail.forget()
    sql("UPDATE products_druglist SET name = name")
    sql("UPDATE products_druglist SET name = 'x' WHERE false")
    sql("DELETE FROM products_druglist WHERE false")
    assert trail.entries() == []


def test_what_is_rolled_back_leaves_nothing(trail: Trail) -> None:
    sql("SAVEPOINT here")
    DrugList.objects.create(name="Essential")
    sql("ROLLBACK TO SAVEPOINT here")
    assert trail.entries() == []


def test_a_password_is_never_kept_and_a_sign_in_date_is_no_change(trail: Trail) -> None:
    user = User.objects.create_user("someone@demo.example", "dscr-demo-password")
    assert {"password", "last_login"}.isdisjoint(trail.entry().after)
    user.set_password("another-password-of-mine")
    user.save()
    entry = trail.entry()
    assert (entry.before, entry.after) == ({"password": "(not kept)"}, {"password": "(not kept)"})
    sql("UPDATE access_user SET last_login = now()")
    assert trail.entries() == []
    user.delete()
    assert "password" not in trail.entry().before


def test_a_large_change_of_sign_in_dates_is_no_change(trail: Trail) -> None:
    User.objects.bulk_create([User(email=f"{number}@demo.example", password="!") for number in range(120)])
    trail.forget()
    sql("UPDATE access_user SET last_login = now()")
    assert trail.entries() == []


def test_every_tracked_table_is_recorded(trail: Trail, product: Product) -> None:
    """The triggers are those of the registry, and each of them fires."""
    assert triggers.drift() == []
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    for kind in TRACKED:
        sql(f"TRUNCATE {kind.table} CASCADE")
        assert kind.slug in {entry.kind for entry in trail.entries(action="emptied")}


def test_rights_are_recorded(trail: Trail) -> None:
    user = User.objects.create_user("someone@demo.example", "dscr-demo-password")
    firm = Organisation.objects.create(name="Firm", kinds=["manufacturer"])
    held = Membership.objects.create(user=user, organisation=firm, role="attestor", starts_on=date(2026, 1, 1))
    trail.forget()
    Membership.objects.filter(pk=held.pk).update(role="operator")
    entry = trail.entry()
    assert (entry.kind, entry.before, entry.after) == ("membership", {"role": "attestor"}, {"role": "operator"})


def test_a_renamed_column_stops_no_writer(trail: Trail) -> None:
    """A later migration may rename a column and then write, before the triggers are synced."""
    DrugList.objects.bulk_create([DrugList(name=f"List {number}") for number in range(150)])
    sql("ALTER TABLE products_druglist RENAME COLUMN description TO about")
    trail.forget()
    sql("UPDATE products_druglist SET about = 'x'")
    assert trail.entry().columns == ["about"]
    assert triggers.drift() == []


def test_a_gutted_trigger_is_found_and_mended(db: None) -> None:
    sql("CREATE OR REPLACE FUNCTION audit_write() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
    sql("ALTER TABLE qmm_assessment DISABLE TRIGGER audit_qmm_assessment_update")
    sql("DROP TRIGGER audit_qmm_inspection_delete ON qmm_inspection")
    sql(
        "CREATE OR REPLACE TRIGGER audit_access_user_delete AFTER DELETE ON access_user "
        "REFERENCING OLD TABLE AS oldtab FOR EACH STATEMENT "
        "EXECUTE FUNCTION audit_write('person', 'email', '{}', '{}')"
    )
    sql(
        "CREATE TRIGGER audit_extra AFTER TRUNCATE ON products_product "
        "EXECUTE FUNCTION audit_write('x', '', '{}', '{}')"
    )
    said = {error.msg for error in run_checks(databases=["default"]) if error.id == "audit.E001"}
    assert said == {
        "Audit trigger audit_write differs from dscr/audit/triggers.py.",
        "Audit trigger audit_qmm_assessment_update differs from the registry.",
        "Audit trigger audit_qmm_inspection_delete is missing.",
        "Audit trigger audit_access_user_delete differs from the registry.",
        "Audit trigger audit_extra is not in the registry.",
    }
    triggers.sync()
    assert triggers.drift() == []


def test_a_missing_guard_is_found(db: None) -> None:
    sql("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_is_append_only")
    said = {error.msg for error in run_checks(databases=["default"]) if error.id == "audit.E002"}
    assert "Trigger audit_entry_is_append_only is missing or off: the audit could be changed." in said


def test_a_moved_assessment_names_both_sites(product: Product, trail: Trail) -> None:
    row = Assessment.objects.first()
    other = Establishment.objects.exclude(pk=row.establishment_id).first()
    Assessment.objects.filter(pk=row.pk).update(establishment=other)
    entry = trail.entry()
    assert (entry.before, entry.after) == (
        {"establishment_id": row.establishment_id},
        {"establishment_id": other.pk},
    )
    assert AuditEntry.objects.filter(pk=entry.pk, via="database").exists()


def test_a_column_may_have_any_name(trail: Trail) -> None:
    """None of a tracked table's columns is mistaken for a variable of the function."""
    columns = "kind, label, total, changed, actor, o, n, key, value, secret, ignored"
    values = ", ".join(["'a'"] * len(columns.split(",")))
    sql("CREATE TABLE odd (id bigint PRIMARY KEY, " + columns.replace(",", " text,") + " text)")
    for trigger in triggers.wanted_triggers():
        if trigger.table == "products_druglist":
            sql(trigger.create.replace("products_druglist", "odd"))
    sql(f"INSERT INTO odd (id, {columns}) SELECT i, {values} FROM generate_series(1, 2) i")
    sql("UPDATE odd SET kind = 'b', o = 'b' WHERE id = 1")
    sql("DELETE FROM odd WHERE id = 1")
    sql(f"INSERT INTO odd (id, {columns}) SELECT i, {values} FROM generate_series(3, 200) i")
    sql("UPDATE odd SET key = 'b'")
    entries = trail.entries()
    assert [entry.action for entry in entries] == ["added", "added", "changed", "deleted", "added", "changed"]
    assert entries[2].after == {"kind": "b", "o": "b"}
    assert entries[-1].columns == ["key"]
