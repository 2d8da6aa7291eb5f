"""The kick: after a commit that touched an input, tell a worker that there are marks. It carries nothing.

A lost kick costs at most the time to the next sweep, so a dead or frozen broker is logged and never an error.
"""

from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save

from dscr.celery import send
from ratings.inputs import INPUTS


def kick_on_commit(using: str = "default") -> None:
    """Kick once after this transaction commits. Services that write in bulk call this themselves."""
    connection = transaction.get_connection(using)
    if not connection.in_atomic_block and not connection.get_autocommit():
        return  # the caller commits by hand and Django cannot tell when; the sweep finds the marks
    if any(entry[1] is _kick for entry in connection.run_on_commit):
        return
    transaction.on_commit(_kick, using=using, robust=True)


def _kick() -> None:
    from ratings.tasks import recompute

    send(recompute, expires=5)


def _input_written(using: str = "default", **_: Any) -> None:
    kick_on_commit(using)


def connect() -> None:
    for entry in INPUTS:
        for signal in (post_save, post_delete):
            signal.connect(_input_written, sender=entry.model, dispatch_uid=f"kick_{entry.table}_{id(signal)}")
