"""Every committed change of an input leaves a mark; a change of what does not count leaves none."""

import io

import pytest
from django.db import connection, transaction
from django.db.models import ProtectedError

from products.models import KpiSubmission, SupplyNode
from ratings import triggers
from ratings.inputs import INPUTS, Input
from ratings.models import ProductRating, StaleMark
from ratings.recompute import recompute_pending
from ratings.verify import verify
from tests.ratings.changes import CASES, expected_marks, lone_row_of, row_of, update_sql, values_of
from tests.ratings.conftest import Portfolio, forget_marks, marks
from tests.ratings.independent import independent_rating

each_column = pytest.mark.parametrize(("entry", "column"), CASES, ids=lambda part: getattr(part, "table", part))
each_table = pytest.mark.parametrize("entry", INPUTS, ids=lambda entry: entry.table)


def run(sql: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)


@each_column
def test_raw_sql_on_a_column_that_counts_marks_both_sides(entry: Input, column: str, stored: Portfolio) -> None:
    row = row_of(entry, stored)
    wanted = expected_marks(entry, column, row, stored)
    run(update_sql(entry, column, row, stored))
    assert marks() == wanted


@each_column
def test_a_single_save_marks(entry: Input, column: str, stored: Portfolio) -> None:
    row = row_of(entry, stored)
    wanted = expected_marks(entry, column, row, stored)
    changed = changed_copy(entry, column, row, stored)
    changed.save()
    assert marks() == wanted


@each_column
def test_a_queryset_update_marks(entry: Input, column: str, stored: Portfolio) -> None:
    row = row_of(entry, stored)
    wanted = expected_marks(entry, column, row, stored)
    changed = changed_copy(entry, column, row, stored)
    names = {field.column: field.attname for field in entry.model._meta.fields}
    values = {names[name]: value for name, value in values_of(changed).items()}
    entry.model.objects.filter(pk=row.pk).update(**values)
    assert marks() == wanted


@each_column
def test_a_bulk_update_and_an_upsert_mark(entry: Input, column: str, stored: Portfolio) -> None:
    row = row_of(entry, stored)
    wanted = expected_marks(entry, column, row, stored)
    changed = changed_copy(entry, column, row, stored)
    fields = [f.attname for f in entry.model._meta.fields if f.column in values_of(changed) and not f.primary_key]
    names = [entry.model._meta.get_field(name.removesuffix("_id")).name if "_id" in name else name for name in fields]
    with transaction.atomic():
        point = transaction.savepoint()
        entry.model.objects.bulk_update([changed], names)
        assert marks() == wanted
        transaction.savepoint_rollback(point)
    entry.model.objects.bulk_create([changed], update_conflicts=True, unique_fields=["id"], update_fields=names)
    assert wanted <= marks()


def changed_copy(entry: Input, column: str, row: object, stored: Portfolio) -> object:
    """The row as it would be after the change, unsaved."""
    with transaction.atomic():
        point = transaction.savepoint()
        run(update_sql(entry, column, row, stored))
        changed = entry.model.objects.get(pk=row.pk)
        transaction.savepoint_rollback(point)
    assert not marks()
    return changed


ATTESTED = ("attestor_name", "attestor_title", "attestation", "attested_by_id")  # kept by the database


@each_table
def test_columns_that_do_not_count_leave_no_mark(entry: Input, stored: Portfolio) -> None:
    row = row_of(entry, stored)
    counted = {*entry.columns, *entry.condition_columns}
    rest = [name for name, value in values_of(row).items() if name not in counted]
    for column in rest:
        value = {"attested_by_id": "NULL", "superseded_by_id": "NULL", "owner_id": "NULL"}.get(column, column)
        if entry.model._meta.get_field(column.removesuffix("_id")).get_internal_type() in ("TextField", "CharField"):
            value = f"left({column} || ' more', 8)"
        if column == "product_ndc" or (entry.model is KpiSubmission and column in ATTESTED):
            continue
        run(f"UPDATE {entry.table} SET {column} = {value} WHERE id = {row.pk}")
        assert not marks(), column
    run(f"UPDATE {entry.table} SET id = id")
    assert not marks()


@each_table
def test_insert_delete_and_copy_mark(entry: Input, stored: Portfolio) -> None:
    row = lone_row_of(entry, stored)
    wanted = expected_marks(entry, "", row, stored)
    columns = ", ".join(values_of(row))
    buffer = io.BytesIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY (SELECT {columns} FROM {entry.table} WHERE id = {row.pk}) TO STDOUT", buffer)
        cursor.execute("SET session_replication_role = replica")  # clears the way without triggers or foreign keys
        cursor.execute(f"DELETE FROM {entry.table} WHERE id = {row.pk}")
        cursor.execute("SET session_replication_role = origin")
        assert not marks()
        buffer.seek(0)
        cursor.copy_expert(f"COPY {entry.table} ({columns}) FROM STDIN", buffer)
    if entry.key == "id":
        # The new row has a new key.
        wanted = {(entry.marks, entry.model.objects.latest("id").pk)}
    assert marks() == wanted
    forget_marks()
    run(f"DELETE FROM {entry.table} WHERE id = %s", entry.model.objects.latest("id").pk)
    assert marks() == wanted


@each_table
def test_bulk_create_marks_once_for_many_rows(entry: Input, stored: Portfolio) -> None:
    row = lone_row_of(entry, stored)
    wanted = expected_marks(entry, "", row, stored)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(f"DELETE FROM {entry.table} WHERE id = {row.pk}")
        cursor.execute("SET session_replication_role = origin")
    entry.model.objects.bulk_create([row])
    assert marks() == wanted
    assert StaleMark.objects.count() == 1


@each_table
@pytest.mark.django_db(transaction=True)
def test_truncate_marks_everything(entry: Input, computed: Portfolio) -> None:
    run(f"TRUNCATE {entry.table} CASCADE")
    assert ("all", 0) in marks()


def test_an_empty_flush_leaves_no_mark(db: None) -> None:
    run("TRUNCATE products_supplynode")
    assert not marks()


def test_a_draft_leaves_no_mark_until_it_is_attested(stored: Portfolio) -> None:
    draft = KpiSubmission.objects.create(product=stored.strong, quarter_end="2026-06-30", fill_rate_numerator=1,
                                         fill_rate_denominator=2)  # fmt: skip
    draft.fill_rate_numerator = 2
    draft.save()
    draft.delete()
    assert not marks()


def test_many_rows_of_one_parent_leave_one_mark(stored: Portfolio) -> None:
    SupplyNode.objects.filter(product=stored.strong).update(share=1.0)
    assert StaleMark.objects.count() == 1


@pytest.mark.parametrize(
    ("entry", "column"),
    # A release names a methodology file, and there is only one.
    [case for case in CASES if case[1] != "version"],
    ids=lambda part: getattr(part, "table", part),
)
def test_after_the_worker_the_score_is_right(entry: Input, column: str, computed: Portfolio) -> None:
    row = row_of(entry, computed)
    run(update_sql(entry, column, row, computed))
    outcome = recompute_pending()
    assert not outcome.failed
    assert not marks()
    report = verify()
    assert report.wrong == {}
    assert report.checked == 2
    for product in (computed.strong, computed.fragile):
        product.refresh_from_db()
        head = ProductRating.objects.filter(product=product).first()
        if head and head.status in (1, 2):
            rating = independent_rating(product)
            assert head.status == (1 if rating["status"] == "rated" else 2)
            assert head.score == rating["score"]
            assert head.coverage == pytest.approx(rating["coverage"], abs=1e-4)


def test_protected_rows_cannot_go_while_others_count_on_them(stored: Portfolio) -> None:
    with pytest.raises(ProtectedError):
        stored.strong.delete()


def test_drift_is_found_and_mended(stored: Portfolio) -> None:
    assert triggers.drift() == []
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("CREATE OR REPLACE FUNCTION mark_qmm_assessment_update() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN RETURN NULL; END'")  # fmt: skip
    run("ALTER TABLE products_supplynode DISABLE TRIGGER mark_products_supplynode_insert")
    run("DROP TRIGGER mark_qmm_inspection_delete ON qmm_inspection")
    run("CREATE FUNCTION mark_stranger() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
    run("CREATE TRIGGER mark_stranger AFTER INSERT ON qmm_inspection EXECUTE FUNCTION mark_stranger()")
    assert [name for name, _ in triggers.drift()] == [
        "mark_products_supplynode_insert",
        "mark_qmm_assessment_update",
        "mark_qmm_inspection_delete",
        "mark_stranger",
    ]
    triggers.sync()
    assert triggers.drift() == []


def test_a_renamed_column_is_mended_by_the_sync(stored: Portfolio) -> None:
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("ALTER TABLE qmm_inspection RENAME COLUMN resolved_on TO closed_on")
    with pytest.raises(Exception, match="resolved_on"), transaction.atomic():
        run("UPDATE qmm_inspection SET classification = 'NAI'")
    run("ALTER TABLE qmm_inspection RENAME COLUMN closed_on TO resolved_on")
    triggers.sync()
    run("UPDATE qmm_inspection SET classification = 'NAI'")
    assert marks()
