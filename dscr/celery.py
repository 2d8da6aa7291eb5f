"""The Celery application: one queue, no results, a broker that may die or freeze without hurting anybody.

Tasks here carry nothing: what is to be done stands in the database. So a task that is lost, late or sent twice costs
nothing but time, and whoever sends one never waits for the broker.
"""

import ctypes
import os
import signal
import time
from logging.config import dictConfig
from pathlib import Path
from typing import Any

import structlog
from celery import Celery, Task
from celery.app.amqp import AMQP
from celery.beat import ScheduleEntry, Scheduler
from celery.signals import setup_logging, worker_process_init
from django_structlog.celery.steps import DjangoStructLogInitStep
from kombu import Connection
from kombu.transport.virtual import QoS

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dscr.settings")
log = structlog.get_logger(__name__)

PR_SET_PDEATHSIG = 1
PAUSE_AFTER_FAILURE = 2.0  # seconds


# Messages carry nothing, so none is put back when a connection dies. Doing so over the dead connection ended the worker
# (kombu 5.7: "'NoneType' object has no attribute 'hostname'"), three of three in a minute of restarts under load.
QoS.restore_at_shutdown = False


class BrokerConnection(Connection):
    """Tries again every second; Celery's own growing gaps would leave a worker idle for 30 s after a long outage."""

    def ensure_connection(self, errback: Any = None, max_retries: int | None = None, **options: Any) -> Connection:
        steady = {"interval_start": 1, "interval_step": 0, "interval_max": 1}
        return super().ensure_connection(errback, max_retries, **{**options, **steady})


class Messaging(AMQP):
    Connection = BrokerConnection


class Application(Celery):
    amqp_cls = Messaging

    def connection_for_write(self, url: str | None = None, **options: Any) -> Connection:
        """Who sends waits for a fifth of a second at most, for a connection and again for an answer.

        Who reads needs longer time-outs than that: it waits for messages.
        """
        impatient = {"socket_connect_timeout": 0.2, "socket_timeout": 0.2}
        options["transport_options"] = {**(options.get("transport_options") or {}), **impatient}
        return super().connection_for_write(url, **options)


app = Application("dscr")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)


class Circuit:
    """Open for a moment after each failure, so that a thousand saves beside a frozen broker wait once and not each."""

    closed_from = 0.0

    def is_open(self) -> bool:
        return time.monotonic() < self.closed_from

    def trip(self) -> None:
        self.closed_from = time.monotonic() + PAUSE_AFTER_FAILURE


circuit = Circuit()


def send(task: Task, *, unless_waiting: int = 1, **options: Any) -> bool:
    """Queue a task that carries nothing; True if it was sent. Never an error and never a long wait.

    Not sent while `unless_waiting` tasks wait in the queue: whichever runs next does this one's work too.
    """
    if circuit.is_open():
        return False
    try:
        with app.producer_or_acquire() as producer:
            if producer.channel.client.llen(app.conf.task_default_queue) >= unless_waiting:
                return False
            task.apply_async(producer=producer, retry=False, ignore_result=True, **options)
    except Exception as error:  # kombu, redis and socket errors alike
        circuit.trip()
        log.warning("task_not_sent", task=task.name, reason=f"{type(error).__name__}: {error}")
        return False
    return True


class Beat(Scheduler):
    """Sends what is due and remembers nothing: after a restart everything is due again within a second anyway.

    Its schedule file only says by its age that beat lives, for a container's health check.
    """

    producer = None  # send() takes one from the pool; the inherited one would wait for a dead broker

    def __init__(self, *arguments: Any, schedule_filename: str = "", **options: Any) -> None:
        self.sign_of_life = Path(schedule_filename or os.devnull)
        super().__init__(*arguments, **options)

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        send(app.tasks[entry.task], **entry.options)
        self.sign_of_life.touch()


@setup_logging.connect
def log_like_django(**_: Any) -> None:
    """Celery leaves logging to whoever listens to this signal."""
    from django.conf import settings

    dictConfig(settings.LOGGING)


@worker_process_init.connect
def end_with_parent(**_: Any) -> None:
    """A worker killed with -9 takes its pool along (on Linux); its children would otherwise stay, idle, for ever."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
