"""/health/ tells anybody whether DSCR is well, and nothing more."""

from collections.abc import Iterator
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from dscr.health import checks
from ratings.models import StaleMark, WorkerTally

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def everything_runs() -> Iterator[None]:
    WorkerTally.objects.create(worker="here:1")
    with patch("redis.Redis.ping", return_value=True):
        yield


def answer(client: Client) -> tuple[int, dict]:
    response = client.get("/health/")
    assert "no-store" in response["Cache-Control"]
    return response.status_code, response.json()


OK = (200, {"status": "ok"})
UNAVAILABLE = (503, {"status": "unavailable"})


def test_all_well_is_ok_for_anybody(client: Client) -> None:
    assert answer(client) == OK


def test_a_database_that_does_not_answer_is_unavailable(client: Client) -> None:
    with patch.object(checks.connection, "cursor", side_effect=OperationalError("secret address")):
        assert answer(client) == UNAVAILABLE


def test_a_broker_that_does_not_answer_is_unavailable(client: Client, settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    with patch("redis.Redis.ping", side_effect=OSError("connection refused")):
        assert answer(client) == UNAVAILABLE


def test_no_worker_seen_lately_is_unavailable(client: Client) -> None:
    WorkerTally.objects.update(last_seen_at=timezone.now() - timedelta(minutes=1))
    assert answer(client) == UNAVAILABLE


def test_a_mark_that_waits_too_long_is_unavailable(client: Client) -> None:
    StaleMark.objects.create(kind="product", key=1, source="t", created_at=timezone.now() - timedelta(seconds=61))
    assert answer(client) == UNAVAILABLE


def test_a_faulty_product_that_is_tried_again_and_again_is_not_an_outage(client: Client) -> None:
    long_ago, just_due = timezone.now() - timedelta(days=1), timezone.now() - timedelta(seconds=1)
    StaleMark.objects.create(kind="product", key=1, source="t", created_at=long_ago, not_before=just_due)
    assert answer(client) == OK


def test_it_is_read_only(client: Client) -> None:
    assert client.post("/health/").status_code == 405
