"""Rules 2 and 3 of "Keeping scores true" as schedules: two connections, every step in a fixed order."""

import threading
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction

from products.models import Enrolment, KpiSubmission, Product, SupplyNode
from qmm.models import Assessment, Establishment
from ratings import loaders, recompute
from ratings.models import ProductRating, RatingSnapshot, StaleMark
from ratings.recompute import lock_heads, recompute_pending
from tests.ratings.conftest import Portfolio, marks
from tests.ratings.observe import assert_right, score_of, second_connection


def test_a_node_and_an_assessment_that_cannot_see_each_other(computed: Portfolio) -> None:
    """Rule 2. T1 adds a node and stays open; T2 changes the establishment's assessment; both must count."""
    site = Establishment.objects.create(name="Late site", country="USA")
    levels = dict.fromkeys(
        (
            "management_commitment",
            "business_continuity",
            "advanced_pqs",
            "technical_excellence",
            "employee_engagement",
        ),
        2,
    )
    assessment = Assessment.objects.create(establishment=site, completed_on=date(2026, 1, 1), **levels)
    recompute_pending()
    with second_connection() as writer, writer.cursor() as cursor:
        cursor.execute(
            "UPDATE products_supplynode SET share = 0.5 WHERE product_id = %s AND stage = 'packaging'",
            [computed.strong.pk],
        )
        cursor.execute(
            """INSERT INTO products_supplynode (product_id, stage, establishment_id, share, is_qualified, valid_from,
            void_reason) VALUES (%s, 'packaging', %s, 0.5, true, '2026-01-01', '')""",
            [computed.strong.pk, site.pk],
        )
        # T2 cannot see T1's node. It commits and a worker takes its mark.
        Assessment.objects.filter(pk=assessment.pk).update(management_commitment=5)
        recompute_pending()
        assert not marks()
        assert score_of(computed.strong) == 80.1
        writer.commit()
    # T1's mark came with its commit, and whoever reads it now sees T2's assessment.
    assert marks() == {("product", computed.strong.pk)}
    recompute_pending()
    assert_right(computed.strong)


def test_a_mark_with_a_lower_number_that_commits_later_is_not_lost(computed: Portfolio) -> None:
    """Rule 3. Sequence order is not commit order, so a worker deletes the marks it read and no others."""
    own = KpiSubmission.objects.get(product=computed.strong)
    with second_connection() as writer, writer.cursor() as cursor:
        cursor.execute("UPDATE products_kpisubmission SET days_inventory_on_hand = 20 WHERE id = %s", [own.pk])
        cursor.execute("SELECT max(id) FROM ratings_stalemark")
        lower = cursor.fetchone()[0]
        SupplyNode.objects.filter(product=computed.strong, stage="testing").update(share=0.998)
        assert StaleMark.objects.get().pk > lower
        recompute_pending()
        assert not marks()
        writer.commit()
    assert list(StaleMark.objects.values_list("pk", flat=True)) == [lower]
    recompute_pending()
    assert_right(computed.strong)


def test_a_write_between_two_reads_of_the_loader_is_not_half_seen(
    computed: Portfolio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rule 3. One transaction changes KPI and nodes while a batch is between reading them: all of it or nothing."""
    published: list[float | None] = []
    read_nodes = loaders._read_nodes

    def written_between(*arguments: Any) -> Any:
        monkeypatch.setattr(loaders, "_read_nodes", read_nodes)
        with second_connection() as writer, writer.cursor() as cursor:
            cursor.execute(
                "UPDATE products_kpisubmission SET fill_rate_numerator = 0 WHERE product_id = %s", [computed.strong.pk]
            )
            cursor.execute(
                "UPDATE products_supplynode SET is_qualified = false WHERE product_id = %s AND stage = 'api'",
                [computed.strong.pk],
            )
            writer.commit()
        return read_nodes(*arguments)

    StaleMark.objects.create(kind="product", key=computed.strong.pk, source="test")
    monkeypatch.setattr(loaders, "_read_nodes", written_between)
    with connection.cursor() as cursor:
        recompute.marks.settle_heads(cursor, [computed.strong.pk])
    recompute.recompute_batch([computed.strong.pk], recompute.Tally.of_this_process())
    published.append(score_of(computed.strong))
    assert published == [80.1]  # the state before
    assert marks() == {("product", computed.strong.pk)}  # the competing write's own marks are still there
    recompute_pending()
    assert_right(computed.strong)
    assert score_of(computed.strong) == 71.3


def test_a_conflict_starts_the_batch_again(computed: Portfolio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another worker published the same head after this one's state was taken: 40001, and again from the start."""
    calls = []
    lock = recompute.lock_heads

    def changed_before_the_lock(cursor: Any, ids: Any) -> Any:
        calls.append(list(ids))
        if len(calls) == 1:
            cursor.execute("SELECT 1")  # the state is taken now
            with second_connection() as worker, worker.cursor() as other:
                other.execute("UPDATE ratings_productrating SET verified_at = now()")
                worker.commit()
        return lock(cursor, ids)

    SupplyNode.objects.filter(product=computed.strong, stage="testing").update(share=0.998)
    monkeypatch.setattr(recompute, "lock_heads", changed_before_the_lock)
    recompute_pending()
    assert len(calls) == 2
    assert_right(computed.strong)


def test_a_head_that_another_worker_holds_is_left_to_it(computed: Portfolio) -> None:
    SupplyNode.objects.filter(stage="testing").update(share=0.998)
    with second_connection() as worker, worker.cursor() as other:
        other.execute(
            "SELECT 1 FROM ratings_productrating WHERE product_id = %s FOR NO KEY UPDATE", [computed.strong.pk]
        )
        outcome = recompute_pending()
        assert outcome.recomputed == 1
        assert marks() == {("product", computed.strong.pk)}
    recompute_pending()
    assert_right(computed.strong, computed.fragile)


def test_writers_wait_for_nobody(computed: Portfolio) -> None:
    """While a worker holds the head, a writer of the same product's inputs commits at once."""
    with transaction.atomic(), connection.cursor() as cursor:
        lock_heads(cursor, sorted(computed.products))
        with second_connection() as writer, writer.cursor() as other:
            other.execute("SET lock_timeout = '500ms'")
            other.execute("UPDATE products_supplynode SET share = share * 0.999")
            other.execute("UPDATE products_product SET labeler_name = 'Someone else'")
            other.execute("SELECT 1 FROM products_product FOR UPDATE")
            writer.commit()
    recompute_pending()
    assert_right(computed.strong, computed.fragile)


def test_two_workers_at_once_do_all_of_it_once(computed: Portfolio) -> None:
    SupplyNode.objects.filter(stage="testing").update(share=0.998)
    outcomes = []

    def work() -> None:
        outcomes.append(recompute_pending())
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert sum(outcome.recomputed for outcome in outcomes) == 2
    assert_right(computed.strong, computed.fragile)


def test_an_enrolment_deleted_while_a_batch_is_on_its_way_takes_the_head_with_it(computed: Portfolio) -> None:
    """Between a worker's claim and its batch: the mark of the deletion must not be spent on a score."""
    SupplyNode.objects.filter(product=computed.strong, stage="testing").update(share=0.998)
    wanted, _ = recompute._claim(-1)
    Enrolment.objects.filter(product=computed.strong).delete()
    recompute.recompute_batch(wanted, recompute.Tally.of_this_process())
    recompute_pending()
    assert not ProductRating.objects.filter(product=computed.strong).exists()
    assert_right(computed.fragile)


def test_a_head_is_made_with_a_mark_of_its_own(computed: Portfolio) -> None:
    """Its enrolment may go before anyone has looked at it."""
    Enrolment.objects.create(
        product=computed.spare, organisation=Enrolment.objects.first().organisation, enrolled_on=date(2026, 1, 1)
    )
    wanted, _ = recompute._claim(-1)
    assert wanted == [computed.spare.pk]
    assert StaleMark.objects.filter(key=computed.spare.pk, source="ratings_productrating").count() == 1


def test_marks_of_what_was_never_enrolled_are_dropped(computed: Portfolio) -> None:
    Product.objects.filter(pk=computed.spare.pk).update(substances=["ETOPOSIDE"])
    assert recompute_pending().recomputed == 0
    assert not marks()


def test_many_marks_of_one_establishment_are_expanded_together(computed: Portfolio) -> None:
    site = computed.strong.supply_nodes.get(stage="fdf").establishment_id
    StaleMark.objects.bulk_create(StaleMark(kind="establishment", key=site, source="test") for _ in range(1000))
    with connection.cursor() as cursor:
        recompute.marks.expand(cursor)
    assert StaleMark.objects.count() == 2  # one for each product of the site


def test_a_product_that_is_no_longer_enrolled_at_all_loses_its_head_but_not_its_snapshots(computed: Portfolio) -> None:
    Enrolment.objects.filter(product=computed.strong).delete()
    recompute_pending()
    assert not ProductRating.objects.filter(product=computed.strong).exists()
    assert RatingSnapshot.objects.filter(product=computed.strong).count() == 1
    assert not marks()
