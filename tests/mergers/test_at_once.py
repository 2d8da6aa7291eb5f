"""Two at once: a node that is written while a merge runs is never left with a record that leads elsewhere."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from dscr.access.models import User
from products.models import Product, SupplyNode
from products.services.supply_chain import ChainChangedError, Wanted, chain_change
from qmm.models import Establishment, EstablishmentMerge
from ratings.mergers import services
from ratings.mergers.services import establishments_merge
from tests.ratings.observe import second_connection

NODE = """
INSERT INTO products_supplynode (product_id, stage, establishment_id, share, is_qualified, valid_from, void_reason)
VALUES (%s, 'ksm', %s, 1, true, %s, '')"""


class Aside(threading.Thread):
    """Runs something in another connection; `error` is what it raised."""

    def __init__(self, work: Any) -> None:
        super().__init__(daemon=True)
        self.work, self.error = work, None

    def run(self) -> None:
        try:
            self.work()
        except Exception as error:
            self.error = error
        finally:
            connection.close()

    def done(self) -> Exception | None:
        self.join(timeout=60)
        assert not self.is_alive()
        return self.error


def wait_until_waiting(count: int) -> None:
    """For locks in this database; PostgreSQL is asked, no time is guessed."""
    with connection.cursor() as cursor:
        for _ in range(100_000):
            cursor.execute(
                "SELECT pg_stat_clear_snapshot(); SELECT count(*) FROM pg_stat_activity "
                "WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0] >= count:
                return
    raise AssertionError("Nobody waits.")


@pytest.mark.django_db(transaction=True)
def test_a_node_that_is_written_before_the_merge_commits_moves_along(
    pair: tuple[Product, Product], stays: Establishment, goes: Establishment, operator: User
) -> None:
    with second_connection() as writer, writer.cursor() as cursor:
        cursor.execute(NODE, [pair[1].pk, goes.pk, timezone.localdate()])
        merge = Aside(lambda: establishments_merge(stays.pk, goes.pk, reason="One plant", user=operator))
        merge.start()
        wait_until_waiting(1)
        writer.commit()
    assert merge.done() is None
    assert SupplyNode.objects.get(product=pair[1], stage="ksm").establishment == stays
    assert not SupplyNode.objects.filter(establishment=goes, voided_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_a_node_that_is_written_while_a_merge_runs_waits_and_is_refused(
    pair: tuple[Product, Product], stays: Establishment, goes: Establishment, operator: User
) -> None:
    today = timezone.localdate()
    wanted = {"api": [Wanted(goes.pk, 1.0, True, today - timedelta(days=9))]}

    def raw() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(NODE, [pair[1].pk, goes.pk, today])

    with transaction.atomic():
        establishments_merge(stays.pk, goes.pk, reason="One plant", user=operator)
        by_page = Aside(lambda: chain_change(pair[1], on=today, wanted=wanted, user=operator))
        by_psql = Aside(raw)
        for writer in (by_page, by_psql):
            writer.start()
        wait_until_waiting(2)
    assert isinstance(by_page.done(), ChainChangedError)
    assert isinstance(by_psql.done(), IntegrityError)
    assert not SupplyNode.objects.filter(establishment=goes, voided_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_a_merge_that_fails_late_leaves_nothing(
    pair: tuple[Product, Product],
    stays: Establishment,
    goes: Establishment,
    operator: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All or nothing: the nodes were moved already when it broke."""
    before = list(SupplyNode.objects.order_by("pk").values())

    def broken(*_: Any) -> None:
        assert SupplyNode.objects.filter(voided_at__isnull=False).exists()
        raise RuntimeError

    monkeypatch.setattr(services, "records_merge", broken)
    with pytest.raises(RuntimeError):
        establishments_merge(stays.pk, goes.pk, reason="One plant", user=operator)
    assert list(SupplyNode.objects.order_by("pk").values()) == before
    assert not EstablishmentMerge.objects.exists()
