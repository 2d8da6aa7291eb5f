"""A save is never an error and hardly slower because of the broker: answering, dead or frozen."""

import time
from collections.abc import Iterator

import pytest
from django.db import transaction

from dscr import celery
from dscr.celery import app, send
from products.models import Product
from ratings.tasks import recompute, sweep

from .conftest import Broker


@pytest.fixture(autouse=True)
def own_broker(broker: Broker) -> Iterator[None]:
    """The application, pointed at the test's Redis, with no memory of earlier failures."""
    before = app.conf.broker_url
    use(broker.url)
    yield
    use(before)


def use(url: str) -> None:
    app.close()
    app.conf.broker_url = app.conf.broker_read_url = app.conf.broker_write_url = url
    app.__dict__.pop("amqp", None)
    celery.circuit.closed_from = 0.0


def timed_send() -> float:
    celery.circuit.closed_from = 0.0
    started = time.perf_counter()
    assert not send(recompute, expires=5)
    return time.perf_counter() - started


def test_a_kick_reaches_the_queue(broker: Broker) -> None:
    assert send(recompute, expires=5)
    assert broker.waiting() == 1


def test_a_flood_of_kicks_leaves_one_in_the_queue(broker: Broker) -> None:
    assert sum(send(recompute, expires=5) for _ in range(1000)) == 1
    assert broker.waiting() == 1


def test_a_sweep_is_queued_behind_a_kick_but_not_behind_many(broker: Broker) -> None:
    send(recompute, expires=5)
    for _ in range(9):
        send(sweep, expires=2, unless_waiting=5)
    assert broker.waiting() == 5


def test_a_dead_broker_costs_next_to_nothing(broker: Broker) -> None:
    send(recompute)
    broker.kill()
    assert timed_send() < 0.05
    assert timed_send() < 0.05


def test_a_frozen_broker_costs_half_a_second_at_most(broker: Broker) -> None:
    send(recompute)
    broker.freeze()
    assert timed_send() < 0.5  # by the connection it has
    assert timed_send() < 0.5  # by a new one, which the kernel still accepts


def test_a_frozen_broker_costs_many_saves_hardly_more_than_one(broker: Broker) -> None:
    broker.freeze()
    started = time.perf_counter()
    for _ in range(1000):
        send(recompute, expires=5)
    assert time.perf_counter() - started < 1


def test_kicks_go_on_when_the_broker_is_back(broker: Broker) -> None:
    send(recompute)
    broker.freeze()
    timed_send()
    broker.thaw()
    celery.circuit.closed_from = 0.0
    with celery.app.producer_or_acquire() as producer:
        producer.channel.client.delete("dscr")
    assert send(recompute)
    broker.kill()
    timed_send()
    broker.start()
    celery.circuit.closed_from = 0.0
    assert send(recompute)
    assert broker.waiting() == 1


@pytest.mark.django_db(transaction=True)
def test_a_save_kicks_once_after_its_commit(broker: Broker) -> None:
    with transaction.atomic():
        for number in range(3):
            Product.objects.create(ndc=f"90000{number}-0001", display_ndc="x")
        assert broker.waiting() == 0
    assert broker.waiting() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fault", ["kill", "freeze"])
def test_a_save_beside_a_broken_broker_is_no_error(broker: Broker, fault: str) -> None:
    getattr(broker, fault)()
    started = time.perf_counter()
    Product.objects.create(ndc="900001-0001", display_ndc="x")
    assert time.perf_counter() - started < 0.6
    assert Product.objects.count() == 1
