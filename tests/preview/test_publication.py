"""What is held back, what is not, and how it comes to be published: workers as in life."""

import threading
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Sum
from django.utils import timezone

from products.models import Enrolment, KpiSubmission, Product
from ratings import tasks
from ratings.models import Preview, ProductRating, Publication, RatingSnapshot, SettingChange, Status, WorkerTally
from ratings.previews import publish_due, published_from
from ratings.queries.history import history, moment, published_snapshots
from ratings.queries.sight import EVERYTHING
from ratings.recompute import recompute_batch, recompute_pending
from ratings.tally import Tally
from ratings.verify import verify
from tests.preview.conftest import PREVIEWED, PUBLISHED, head, keep_stock, set_days
from tests.ratings.conftest import Portfolio, forget_marks
from tests.ratings.conftest import computed as computed
from tests.ratings.observe import second_connection

STATES = ("published_snapshot_id", "status", "score", "band", "coverage", "published_in")


def told(product: Product) -> tuple[Any, ...]:
    """Everything of the head that is about what is published."""
    return tuple(ProductRating.objects.values_list(*STATES).get(product=product))


def waits(product: Product, stock: int = 20) -> datetime:
    """Put the product in preview; since when."""
    keep_stock(product, stock)
    recompute_pending()
    return Preview.objects.get(product=product).since


class TestHeld:
    def test_a_new_result_leaves_what_is_published(self, computed: Portfolio) -> None:
        set_days(14)
        before = told(computed.strong)
        waits(computed.strong)
        found = head(computed.strong)
        assert told(computed.strong) == before
        assert (found.score, found.computed_snapshot.score, found.computed_snapshot.held) == (
            PUBLISHED,
            PREVIEWED,
            True,
        )
        assert verify().wrong == {}

    def test_later_changes_do_not_move_the_clock(self, computed: Portfolio) -> None:
        set_days(14)
        since = waits(computed.strong)
        assert waits(computed.strong, 10) == since
        publish_due(published_from(since, 14))
        assert head(computed.strong).computed_snapshot_id == head(computed.strong).published_snapshot_id
        assert head(computed.strong).score == RatingSnapshot.objects.order_by("pk").last().score
        assert Publication.objects.count() == 1  # of three that were computed
        assert verify().wrong == {}

    def test_a_result_that_returns_to_what_is_published_ends_the_preview(self, computed: Portfolio) -> None:
        set_days(14)
        stock = KpiSubmission.objects.get(product=computed.strong).days_inventory_on_hand
        waits(computed.strong)
        keep_stock(computed.strong, stock)
        recompute_pending()
        assert not Preview.objects.exists()
        assert (head(computed.strong).score, head(computed.strong).in_preview) == (PUBLISHED, False)
        assert [row.score for row in published_snapshots(computed.strong.pk, None)] == [PUBLISHED, PUBLISHED]
        assert verify().wrong == {}

    def test_what_never_was_published_is_not_yet_rated_to_others(self, computed: Portfolio) -> None:
        set_days(14)
        product = computed.spare
        Enrolment.objects.create(
            product=product, organisation=Enrolment.objects.first().organisation, enrolled_on=date(2025, 1, 1)
        )
        recompute_pending()
        assert told(product)[1:3] == (Status.NOT_YET_RATED, None)  # nothing to preview: published at once
        assert not head(product).in_preview
        given = KpiSubmission.objects.filter(product=computed.strong).get()
        given.pk, given.product = None, product
        given.save()
        recompute_pending()
        found = head(product)
        assert (found.status, found.score, found.band) == (Status.NOT_YET_RATED, None, None)
        assert found.computed_snapshot.status in (Status.RATED, Status.INSUFFICIENT_DATA)
        assert found.in_preview
        assert verify().wrong == {}

    def test_with_a_product_that_was_never_computed(self, computed: Portfolio) -> None:
        """Submitted before it is first computed: nothing at all is published."""
        set_days(14)
        ProductRating.objects.filter(product=computed.strong).delete()
        recompute_all(computed)
        found = head(computed.strong)
        assert (found.published_snapshot_id, found.status, found.score, found.coverage) == (None, 3, None, None)
        assert verify().wrong == {}
        publish_due(published_from(Preview.objects.get().since, 14))
        assert head(computed.strong).score == PUBLISHED

    def test_the_prior_band_moves_on_without_a_preview(self, computed: Portfolio) -> None:
        """The day after, the same inputs have another fingerprint and the same result: nothing to look at first."""
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE ratings_ratingsnapshot DISABLE TRIGGER snapshot_is_append_only")
            cursor.execute("UPDATE ratings_ratingsnapshot SET as_of = as_of - 1")
            cursor.execute("ALTER TABLE ratings_ratingsnapshot ENABLE TRIGGER snapshot_is_append_only")
        set_days(14)
        recompute_all(computed)
        assert RatingSnapshot.objects.count() == 4
        assert not Preview.objects.exists()
        assert not RatingSnapshot.objects.filter(held=True).exists()

    def test_results_do_not_depend_on_the_setting(self, computed: Portfolio) -> None:
        """The same changes with and without a preview: the same fingerprints and prior bands."""
        stock = KpiSubmission.objects.get(product=computed.strong).days_inventory_on_hand

        def course() -> list[tuple[Any, ...]]:
            for days in (20, 10, stock):
                keep_stock(computed.strong, days)
                recompute_pending()
            rows = RatingSnapshot.objects.filter(product=computed.strong).order_by("-pk")[:3]
            return [(row.fingerprint, row.prior_band, row.score, row.band) for row in rows]

        plain = course()
        set_days(14)
        assert course() == plain


def recompute_all(portfolio: Portfolio) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ratings_productrating SET fingerprint = NULL")
        cursor.execute(
            "INSERT INTO ratings_stalemark (kind, key, source) SELECT 'product', i, 'test' FROM unnest(%s) i",
            [sorted(portfolio.products)],
        )
    recompute_pending()


class TestAtOnce:
    """A withdrawal or suspension must never wait; an expired rating must not go on being shown as current."""

    @pytest.mark.parametrize(
        ("change", "status"),
        [
            ({"withdrawn_on": True}, Status.WITHDRAWN),
            ({"suspended_on": True, "suspension_reason": "figures in doubt"}, Status.SUSPENDED),
        ],
    )
    def test_decisions(self, computed: Portfolio, change: dict[str, Any], status: int) -> None:
        set_days(14)
        waits(computed.strong)
        today = timezone.localdate()
        given = {name: today if value is True else value for name, value in change.items()}
        Enrolment.objects.filter(product=computed.strong).update(**given)
        recompute_pending()
        assert (told(computed.strong)[1:4], head(computed.strong).in_preview) == ((status, None, None), False)
        assert not Preview.objects.exists()
        assert not Publication.objects.exists()
        assert verify().wrong == {}

    def test_an_expiry(self, computed: Portfolio) -> None:
        set_days(14)
        KpiSubmission.objects.filter(product=computed.strong).update(quarter_end=date(2024, 12, 31))
        recompute_pending()
        assert told(computed.strong)[1] == Status.EXPIRED

    def test_a_suspension_that_is_lifted_is_not_said_on(self, computed: Portfolio) -> None:
        """The rating waits, and meanwhile nothing is published; what was before stays in the history."""
        set_days(14)
        Enrolment.objects.filter(product=computed.strong).update(
            suspended_on=timezone.localdate(), suspension_reason="x"
        )
        recompute_pending()
        Enrolment.objects.filter(product=computed.strong).update(suspended_on=None, suspension_reason="")
        recompute_pending()
        assert told(computed.strong)[:5] == (None, Status.NOT_YET_RATED, None, None, None)
        assert head(computed.strong).computed_snapshot.score == PUBLISHED
        before = published_snapshots(computed.strong.pk, None)
        assert [row.status for row in before] == [Status.RATED, Status.SUSPENDED]
        assert verify().wrong == {}

    def test_a_product_that_leaves_the_program_leaves_no_preview(self, computed: Portfolio) -> None:
        set_days(14)
        waits(computed.strong)
        Enrolment.objects.filter(product=computed.strong).delete()
        recompute_pending()
        assert not Preview.objects.exists()


class TestSweep:
    def test_it_publishes_what_is_due_and_nothing_before(self, computed: Portfolio) -> None:
        set_days(14)
        since = waits(computed.strong)
        due = published_from(since, 14)
        assert publish_due(due - timedelta(seconds=1)) == 0
        before = told(computed.strong)
        assert publish_due(due) == 1
        after = told(computed.strong)
        assert after[2] == PREVIEWED
        assert after[5] > before[5]  # `updated_since` finds it
        assert publish_due(due) == 0
        assert verify().wrong == {}

    def test_the_history_tells_when_it_was_published(self, computed: Portfolio) -> None:
        set_days(14)
        since = waits(computed.strong)
        waits(computed.strong, 10)
        newest = head(computed.strong).computed_snapshot_id
        due = published_from(since, 14)
        publish_due(due)
        first, second = published_snapshots(computed.strong.pk, newest)
        assert (second.pk, moment(second), second.computed_at < due) == (newest, due, True)
        points = history([first, second], EVERYTHING, dict.fromkeys(range(1, 20), "Somewhere"))
        assert [point.at for point in points] == [timezone.localtime(first.computed_at), due]

    def test_setting_it_to_nothing_publishes_what_waits(self, computed: Portfolio) -> None:
        set_days(14)
        waits(computed.strong)
        set_days(0)
        tasks.sweep()
        assert head(computed.strong).score == PREVIEWED
        assert not Preview.objects.exists()
        assert verify().wrong == {}

    def test_a_shorter_setting_moves_the_day_and_a_longer_one_too(self, computed: Portfolio) -> None:
        set_days(14)
        since = waits(computed.strong)
        set_days(3)
        assert publish_due(published_from(since, 3) - timedelta(seconds=1)) == 0
        set_days(20)
        assert publish_due(published_from(since, 14)) == 0
        assert publish_due(published_from(since, 20)) == 1

    def test_a_change_at_once_after_the_setting_is_nothing(self, computed: Portfolio) -> None:
        """Before the sweep comes by, a batch publishes what it computes and ends the preview."""
        set_days(14)
        waits(computed.strong)
        set_days(0)
        keep_stock(computed.strong, 10)
        recompute_pending()
        assert not head(computed.strong).in_preview
        assert not Preview.objects.exists()
        assert verify().wrong == {}

    def test_the_sweep_takes_no_head_that_another_holds(self, computed: Portfolio) -> None:
        set_days(14)
        due = published_from(waits(computed.strong), 14)
        with second_connection() as other, other.cursor() as cursor:
            cursor.execute(
                "SELECT FROM ratings_productrating WHERE product_id = %s FOR NO KEY UPDATE", [computed.strong.pk]
            )
            assert publish_due(due) == 0
        assert publish_due(due) == 1

    def test_a_batch_that_read_the_head_before_it_was_published_starts_again(
        self, computed: Portfolio, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The sweep publishes between the batch's first look and its lock: neither result nor publication is lost."""
        from ratings import recompute

        set_days(14)
        since = waits(computed.strong)
        keep_stock(computed.strong, 10)
        lock = recompute.lock_heads

        def swept_between(cursor: Any, ids: Any) -> Any:
            monkeypatch.setattr(recompute, "lock_heads", lock)
            cursor.execute("SELECT 1")  # the transaction's state is taken here
            sweep = threading.Thread(target=lambda: (publish_due(published_from(since, 14)), connection.close()))
            sweep.start()
            sweep.join()
            return lock(cursor, ids)

        monkeypatch.setattr(recompute, "lock_heads", swept_between)
        before = WorkerTally.objects.aggregate(Sum("retries"))["retries__sum"]
        recompute_batch([computed.strong.pk], Tally.of_this_process())
        assert WorkerTally.objects.aggregate(Sum("retries"))["retries__sum"] == before + 1
        assert head(computed.strong).score == PREVIEWED
        assert head(computed.strong).in_preview  # the change after it waits, by a clock of its own
        assert Preview.objects.get().since > since
        assert verify().wrong == {}

    def test_two_workers_publish_each_product_once(self, computed: Portfolio) -> None:
        set_days(14)
        since = waits(computed.strong)
        waits(computed.fragile, 1)
        counts: list[int] = []

        def work() -> None:
            counts.append(publish_due(published_from(since, 15)))
            connection.close()

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        publish_due(published_from(since, 15))
        assert Publication.objects.count() == 2
        assert not Preview.objects.exists()
        assert verify().wrong == {}


class TestVerify:
    @pytest.mark.parametrize(
        ("change", "difference"),
        [
            ("UPDATE ratings_productrating SET score = 75.8", "head score is 75.8, fresh is 80.1"),
            ("DELETE FROM ratings_preview", "published snapshot is "),
            (
                "UPDATE ratings_productrating SET published_snapshot_id = computed_snapshot_id",
                "is in preview, but its computed snapshot is published",
            ),
            ("UPDATE ratings_preview SET since = now() + interval '1 day'", "its preview begins after"),
        ],
    )
    def test_it_sees_what_does_not_agree(self, computed: Portfolio, change: str, difference: str) -> None:
        set_days(14)
        waits(computed.strong)
        with connection.cursor() as cursor:
            cursor.execute(change + (f" WHERE product_id = {computed.strong.pk}"))
        assert verify().wrong[computed.strong.pk].startswith(difference)


def test_the_record_cannot_be_changed(computed: Portfolio) -> None:
    set_days(14)
    publish_due(published_from(waits(computed.strong), 14))
    for change in (
        SettingChange.objects.all().delete,
        lambda: SettingChange.objects.update(value=1),
        lambda: Publication.objects.update(published_at=timezone.now()),
        Publication.objects.all().delete,
        lambda: connection.cursor().execute("TRUNCATE ratings_settingchange"),
        lambda: connection.cursor().execute("TRUNCATE ratings_publication"),
    ):
        with pytest.raises(DatabaseError, match="kept for ever"), transaction.atomic():
            change()
    forget_marks()


def test_with_nothing_set_nothing_is_written_beside(computed: Portfolio) -> None:
    keep_stock(computed.strong, 20)
    recompute_pending()
    assert head(computed.strong).score == PREVIEWED
    assert (Preview.objects.count(), Publication.objects.count()) == (0, 0)
    assert not RatingSnapshot.objects.filter(held=True).exists()
