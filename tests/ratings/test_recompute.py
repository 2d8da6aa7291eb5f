"""The rules of "Keeping scores true" as schedules: two connections, every step in a fixed order."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import psycopg2
import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from products.models import Enrolment, KpiSubmission, Product, SupplyNode
from qmm.models import Assessment, Establishment, Inspection
from ratings import loaders, recompute
from ratings.models import MethodologyRelease, ProductRating, RatingSnapshot, StaleMark, Status
from ratings.recompute import lock_heads, recompute_pending
from ratings.sweep import mark_due
from ratings.verify import verify
from tests.ratings.conftest import Portfolio, marks
from tests.ratings.independent import independent_rating


@contextmanager
def second_connection() -> Iterator[Any]:
    """Another client, as psql would be: its transaction stays open until it commits."""
    given = connection.get_connection_params()
    own = {name: given[name] for name in ("dbname", "user", "password", "host", "port") if given.get(name)}
    other = psycopg2.connect(**own)
    try:
        yield other
    finally:
        other.close()


def score_of(product: Product) -> float | None:
    return ProductRating.objects.get(product=product).score


def assert_right(*products: Product) -> None:
    assert not marks()
    assert verify().wrong == {}
    for product in products:
        assert score_of(product) == independent_rating(product)["score"]


def test_the_pair_of_the_brief_has_its_scores(computed: Portfolio) -> None:
    assert (score_of(computed.strong), score_of(computed.fragile)) == (80.1, 29.8)


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


def test_one_product_that_cannot_be_scored_beside_a_hundred_that_can(computed: Portfolio) -> None:
    """Rule 5. It fails alone, says why, keeps its last published score, and is tried again with growing gaps."""
    organisation = Enrolment.objects.first().organisation
    template = KpiSubmission.objects.get(product=computed.strong)
    nodes = list(SupplyNode.objects.filter(product=computed.strong))
    crowd = Product.objects.bulk_create(
        Product(ndc=f"099902-{number:04}", display_ndc=f"99902-{number:04}", substances=["CISPLATIN"])
        for number in range(100)
    )
    Enrolment.objects.bulk_create(
        Enrolment(product=product, organisation=organisation, enrolled_on=date(2025, 1, 1)) for product in crowd
    )
    for product in crowd:
        for node in nodes:
            node.pk, node.product = None, product
        SupplyNode.objects.bulk_create(nodes)
        template.pk, template.product = None, product
        template.save(force_insert=True)
    SupplyNode.objects.filter(product=computed.strong, stage="fdf").update(share=0.5)
    outcome = recompute_pending()
    assert outcome.recomputed == 100
    assert outcome.failed == {computed.strong.pk: "the shares of stage fdf add up to 0.5, not to 1"}
    head = ProductRating.objects.get(product=computed.strong)
    assert (head.score, head.failed_count) == (80.1, 1)
    assert head.failure == outcome.failed[computed.strong.pk]
    gaps = []
    for _ in range(4):
        mark = StaleMark.objects.latest("not_before")
        gaps.append(round((mark.not_before - ProductRating.objects.get(pk=head.pk).failed_at).total_seconds()))
        assert recompute_pending().failed == {}  # not before its time
        StaleMark.objects.update(not_before=timezone.now() - timedelta(seconds=1))
        recompute_pending()
    assert gaps == [2, 4, 8, 16]
    SupplyNode.objects.filter(product=computed.strong, stage="fdf").update(share=1)
    recompute_pending()
    assert ProductRating.objects.get(pk=head.pk).failed_count == 0
    assert_right(computed.strong, *crowd[:3])


def test_an_error_in_a_batch_isolates_the_product_that_causes_it(
    computed: Portfolio, monkeypatch: pytest.MonkeyPatch
) -> None:
    score_batch = recompute.score_batch

    def broken(loaded: Any, as_of: date) -> Any:
        if computed.fragile.pk in loaded.frames.product_ids:
            raise ZeroDivisionError("a bug")
        return score_batch(loaded, as_of)

    SupplyNode.objects.filter(stage="testing").update(share=0.998)
    monkeypatch.setattr(recompute, "score_batch", broken)
    outcome = recompute_pending()
    assert outcome.failed == {computed.fragile.pk: "ZeroDivisionError: a bug"}
    assert outcome.recomputed == 1
    assert score_of(computed.fragile) == 29.8
    assert ProductRating.objects.get(product=computed.fragile).failed_count == 1


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


def test_nothing_changed_writes_no_snapshot(computed: Portfolio) -> None:
    before = RatingSnapshot.objects.count()
    verified = ProductRating.objects.get(product=computed.strong).verified_at
    StaleMark.objects.create(kind="all", key=0, source="test")
    recompute_pending()
    assert RatingSnapshot.objects.count() == before
    assert ProductRating.objects.get(product=computed.strong).verified_at > verified


def test_a_snapshot_alone_gives_its_figures_again(computed: Portfolio) -> None:
    from ratings.layout import unpack_inputs
    from ratings.scoring import load_methodology, score_effective

    for snapshot in RatingSnapshot.objects.all():
        inputs = unpack_inputs(snapshot.product_id, snapshot.prior_band, snapshot.inputs)
        table = score_effective(inputs, load_methodology(snapshot.methodology))
        assert table.score[0] == snapshot.score
        assert table.exact[0] == snapshot.exact
        assert table.domains[0] == pytest.approx(snapshot.explanation[:8], abs=1e-4)


@pytest.mark.parametrize(
    "change", ["UPDATE ratings_ratingsnapshot SET score = 99", "DELETE FROM ratings_ratingsnapshot"]
)
def test_snapshots_cannot_be_changed(computed: Portfolio, change: str) -> None:
    with pytest.raises(Exception, match="kept for ever"), connection.cursor() as cursor:
        cursor.execute(change)


def test_snapshots_cannot_be_truncated(computed: Portfolio) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ratings_ratingsnapshot ENABLE TRIGGER snapshot_is_not_truncated")
        with pytest.raises(Exception, match="kept for ever"):
            cursor.execute("TRUNCATE ratings_ratingsnapshot")
        cursor.execute("ALTER TABLE ratings_ratingsnapshot DISABLE TRIGGER snapshot_is_not_truncated")


def test_time_makes_a_head_due(computed: Portfolio) -> None:
    """Rule 6. An assessment that expires tomorrow changes the score tomorrow, without any write."""
    today = timezone.localdate()
    KpiSubmission.objects.filter(product=computed.strong).update(emergency_stock_tested_on=today - timedelta(days=365))
    recompute_pending()
    head = ProductRating.objects.get(product=computed.strong)
    assert head.next_change_on == today + timedelta(days=1)
    assert mark_due(today) == 0
    assert mark_due(today + timedelta(days=1)) == 1
    assert marks() == {("product", computed.strong.pk)}
    assert mark_due(today + timedelta(days=1)) == 0  # once is enough


def test_the_prior_band_is_of_an_earlier_day(computed: Portfolio) -> None:
    """Rule 7. However often a product is computed in a day, the buffer looks at the day before."""
    first = RatingSnapshot.objects.get(product=computed.strong)
    KpiSubmission.objects.filter(product=computed.strong).update(
        fill_rate_numerator=0, days_inventory_on_hand=0, safety_stock_days=0, order_to_ship_days=30
    )
    recompute_pending()
    today = RatingSnapshot.objects.filter(product=computed.strong).latest("id")
    assert (first.prior_band, today.prior_band) == (None, None)
    assert today.band_uncapped == 3
    with transaction.atomic(), connection.cursor() as cursor:
        loaded = loaders.load(cursor, [computed.strong.pk], timezone.localdate() + timedelta(days=1))
    assert loaded.frames.prior_band.tolist() == [3]


def test_verify_finds_what_was_tampered_with_and_repairs_it(computed: Portfolio) -> None:
    from django.core.management import call_command

    ProductRating.objects.filter(product=computed.strong).update(score=99.9)
    assert verify().wrong == {computed.strong.pk: "head score is 99.9, fresh is 80.1"}
    with pytest.raises(SystemExit) as stop:
        call_command("verify_ratings")
    assert stop.value.code == 1
    call_command("verify_ratings", "--repair")
    assert score_of(computed.strong) == 80.1


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ("published_snapshot_id = NULL", "published snapshot is None"),
        ("computed_snapshot_id = {other}, published_snapshot_id = {other}", "product of the snapshot is"),
        ("next_change_on = NULL", "next change is None, fresh is 20"),
        ("coverage = 0.1", "head coverage is 0.1, fresh is 1.0"),
        ("failed_count = 7", "failures without a mark is 7, fresh is 0"),
        ("fingerprint = gen_random_uuid()", "head fingerprint is"),
    ],
)
def test_verify_sees_what_readers_see(computed: Portfolio, change: str, difference: str) -> None:
    other = ProductRating.objects.get(product=computed.fragile).computed_snapshot_id
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE ratings_productrating SET {change.format(other=other)} WHERE product_id = {computed.strong.pk}"
        )
    assert verify().wrong[computed.strong.pk].startswith(difference)


def test_pending_products_stand_apart(computed: Portfolio) -> None:
    site = computed.strong.supply_nodes.get(stage="fdf").establishment
    Inspection.objects.create(establishment=site, classification="OAI", ended_on=timezone.localdate())
    report = verify()
    assert (report.checked, report.pending, report.wrong) == (0, 2, {})


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"suspended_on": date(2026, 1, 1), "suspension_reason": "figures in doubt"}, Status.SUSPENDED),
        ({"withdrawn_on": date(2026, 1, 1)}, Status.WITHDRAWN),
    ],
)
def test_what_is_not_rated_has_no_score(computed: Portfolio, change: dict[str, Any], status: Status) -> None:
    Enrolment.objects.filter(product=computed.strong).update(**change)
    recompute_pending()
    head = ProductRating.objects.get(product=computed.strong)
    assert (head.status, head.score, head.band) == (status, None, None)


def test_a_submission_expires_a_year_after_its_quarter(computed: Portfolio) -> None:
    KpiSubmission.objects.filter(product=computed.strong).update(quarter_end=date(2024, 12, 31))
    KpiSubmission.objects.filter(product=computed.fragile).delete()
    Product.objects.filter(pk=computed.spare.pk).update(substances=["A", "B"])
    Enrolment.objects.create(
        product=computed.spare, organisation=Enrolment.objects.first().organisation, enrolled_on=date(2026, 1, 1)
    )
    recompute_pending()
    statuses = dict(ProductRating.objects.values_list("product", "status"))
    assert statuses == {
        computed.strong.pk: Status.EXPIRED,
        computed.fragile.pk: Status.NOT_YET_RATED,
        computed.spare.pk: Status.OUT_OF_SCOPE,
    }


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


def test_time_heals_a_product_that_failed(computed: Portfolio) -> None:
    """It is due on the day on which its nodes change, however long its marks are set back."""
    tomorrow = timezone.localdate() + timedelta(days=1)
    node = SupplyNode.objects.get(product=computed.strong, stage="testing")
    node.share, node.valid_to = 0.5, tomorrow
    node.save()
    node.pk, node.share, node.valid_from, node.valid_to = None, 1, tomorrow, None
    node.save()
    assert set(recompute_pending().failed) == {computed.strong.pk}
    assert ProductRating.objects.get(product=computed.strong).next_change_on == tomorrow
    assert mark_due() == 0
    assert mark_due(tomorrow) == 1


def test_a_release_without_a_file_stops_nobody_for_good(computed: Portfolio) -> None:
    """It is refused at the form; by SQL it raises, no product is set back, and all goes on once it is right again."""
    with pytest.raises(ValidationError, match=r"unknown; available: 2026\.1"):
        MethodologyRelease(version="2026.l", in_force_from=date(2026, 2, 1)).full_clean()
    MethodologyRelease.objects.create(version="2026.l", in_force_from=date(2026, 2, 1))
    with pytest.raises(loaders.NoMethodologyError):
        recompute_pending()
    assert marks() == {("product", key) for key in computed.products}
    assert not ProductRating.objects.filter(failed_count__gt=0).exists()
    MethodologyRelease.objects.filter(version="2026.l").delete()
    recompute_pending()
    assert_right(computed.strong, computed.fragile)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE products_supplynode SET valid_to = 'infinity'",
        "UPDATE products_enrolment SET enrolled_on = '-infinity'",
        "UPDATE products_kpisubmission SET emergency_stock_tested_on = 'infinity'",
        "UPDATE qmm_assessment SET completed_on = '20000-01-01'",
        "UPDATE qmm_inspection SET ended_on = '-infinity'",
        "UPDATE products_shortage SET changed_on = 'infinity'",
        "UPDATE ratings_methodologyrelease SET in_force_from = '-infinity'",
        "UPDATE ratings_stalemark SET kind = 'Product'",
    ],
)
def test_the_database_refuses_what_no_calendar_could_work_with(stored: Portfolio, change: str) -> None:
    StaleMark.objects.create(kind="product", key=1, source="test")
    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute(change)


def test_a_negative_zero_is_the_same_figure(computed: Portfolio) -> None:
    own = KpiSubmission.objects.filter(product=computed.strong)
    own.update(contribution_margin=0.0)
    recompute_pending()
    before = RatingSnapshot.objects.count()
    own.update(contribution_margin=-0.0)
    StaleMark.objects.create(kind="product", key=computed.strong.pk, source="test")
    recompute_pending()
    assert RatingSnapshot.objects.count() == before


def test_a_save_outside_autocommit_is_no_error(computed: Portfolio) -> None:
    transaction.set_autocommit(False)
    try:
        SupplyNode.objects.get(product=computed.strong, stage="testing").save()
        transaction.commit()
    finally:
        transaction.set_autocommit(True)


def test_a_product_that_is_no_longer_enrolled_at_all_loses_its_head_but_not_its_snapshots(computed: Portfolio) -> None:
    Enrolment.objects.filter(product=computed.strong).delete()
    recompute_pending()
    assert not ProductRating.objects.filter(product=computed.strong).exists()
    assert RatingSnapshot.objects.filter(product=computed.strong).count() == 1
    assert not marks()
