"""Logs are lines of JSON in a deployment; each names its request or its task."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from unittest.mock import patch

import pytest
import structlog
from celery import signals
from django.test import Client
from django_structlog.celery.receivers import CeleryReceiver

from dscr.celery import app
from dscr.logs import logging_config
from ratings.recompute import Outcome
from ratings.tasks import sweep


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], list[dict]]]:
    """The lines logged so far, as a deployment writes them."""
    caplog.set_level("INFO")
    options = dict(logging_config(as_json=True, level="INFO")["formatters"]["structured"])
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(options.pop("()")(**options))
    logging.getLogger().addHandler(handler)
    yield lambda: [json.loads(line) for line in handler.stream.getvalue().splitlines()]
    logging.getLogger().removeHandler(handler)
    structlog.contextvars.clear_contextvars()


@pytest.mark.django_db
def test_every_line_of_a_request_is_json_with_its_id(client: Client, lines) -> None:
    client.get("/nowhere/")
    started, *between, finished = lines()
    assert started["event"] == "request_started"
    assert finished["event"] == "request_finished"
    assert finished["code"] == 404
    assert finished["timestamp"]
    assert len({line["request_id"] for line in (started, *between, finished)}) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/invitations/tell-nobody/", "/account/password/reset/key/tell-nobody/"])
def test_no_log_holds_what_opens_an_account(client: Client, lines, path: str) -> None:
    client.get(path)
    started, *between, finished = lines()
    assert "tell-nobody" not in json.dumps([started, *between, finished])
    assert started["request"] == f"GET {path.replace('tell-nobody', '…')}"


def run_sweep(outcome: Outcome) -> None:
    """As a worker runs it: the signals that django-structlog listens to, and the task."""
    with patch("ratings.tasks.recompute_pending", return_value=outcome), patch("ratings.tasks.mark_due"):
        receiver = CeleryReceiver()
        receiver.receiver_task_prerun(task_id="task-1", task=sweep)
        sweep()
        receiver.receiver_task_success(sender=sweep)


@pytest.mark.django_db
def test_a_task_that_found_work_logs_its_id_and_counts(lines) -> None:
    run_sweep(Outcome(recomputed=3, published=2, failed={7: "no nodes"}))
    (line,) = lines()
    assert line["event"] == "recomputed"
    assert line["task_id"] == "task-1"
    assert (line["products"], line["published"], line["failed"]) == (3, 2, 1)


@pytest.mark.django_db
def test_a_sweep_that_found_nothing_logs_nothing(lines) -> None:
    run_sweep(Outcome())
    assert lines() == []


def test_workers_log_task_ids_and_celery_leaves_logging_to_django() -> None:
    assert [step.__name__ for step in app.steps["worker"]].count("DjangoStructLogInitStep") == 1
    assert any(receiver for _, receiver in signals.setup_logging.receivers)
