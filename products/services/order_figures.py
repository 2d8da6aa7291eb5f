"""Computing what waits: one file at a time in the whole installation, so that ratings keep their workers."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
import structlog
from django.db import connection, transaction
from django.utils import timezone

from dscr.intake import private_files
from dscr.intake.files import FileError
from products.models import OrderFigure, OrderLineProblem, OrderUpload
from products.orders.cells import WRONG, date_of
from products.orders.figures import figures, one_row_a_line
from products.orders.files import MOST_LINES, Shape, chunks, too_many_lines
from products.orders.lines import LineReader
from products.orders.mapping import OrderMapping
from products.orders.product_names import REASONS, UNKNOWN_NAME, ProductFinder
from products.queries.own_products import own_products

log = structlog.get_logger(__name__)
LOCK = 0x6F7264657273  # of the database; it ends with the connection of a worker that is killed
CHUNK = 20_000  # lines read, and then told as progress
MOST_ATTEMPTS = 3
MOST_LISTED = 200  # product texts that were matched to nothing
BROKEN_OFF = "The computation broke off three times. The program office can see why; ask it, or upload the file again."
State = OrderUpload.State


class SupersededError(Exception):
    """The firm asked for another computation meanwhile."""


def compute_waiting() -> int:
    """Computes every upload that waits, the longest waiting first; how many. 0 while another worker does it."""
    done = 0
    with _alone() as alone:
        while alone and (upload := _take()):
            _compute(upload)
            done += 1
    return done


@contextmanager
def _alone() -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        held = cursor.fetchone()[0]
    try:
        yield held
    finally:
        if held:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _take() -> OrderUpload | None:
    """The next one. One that is COMPUTING lost its worker, for whoever holds the lock is the only one."""
    while True:
        upload = OrderUpload.objects.filter(state__in=[State.WAITING, State.COMPUTING]).order_by("requested_at").first()
        if upload is None or upload.attempts < MOST_ATTEMPTS:
            break
        _fail(upload, BROKEN_OFF)
    if upload:
        upload.attempts += 1
        upload.state = State.COMPUTING
        upload.save(update_fields=["attempts", "state"])
    return upload


def _compute(upload: OrderUpload) -> None:
    try:
        _store(upload, *_read(upload))
    except SupersededError:
        return
    except FileError as error:
        _fail(upload, str(error))
    except Exception:
        # Tried again until MOST_ATTEMPTS; an error of the database ends the task as well, in _take.
        log.exception("order_upload_broke_off", upload=upload.pk, attempt=upload.attempts)


def _fail(upload: OrderUpload, reason: str) -> None:
    same_request(upload).update(state=State.FAILED, failure=reason)


def same_request(upload: OrderUpload) -> Any:
    return OrderUpload.objects.filter(pk=upload.pk, requested_at=upload.requested_at)


def _read(upload: OrderUpload) -> tuple[LineReader, pd.DataFrame, list[dict[str, Any]], dict[str, dict[str, int]]]:
    shape, mapping = Shape.from_json(upload.shape), OrderMapping.from_json(upload.mapping)
    path, today = private_files.path_of(upload.stored_name), timezone.localdate()
    if not path.exists():
        raise FileError(f"The stored copy of {upload.file_name} is gone. Upload the file again.")
    finder = ProductFinder(own_products(upload.organisation_id), mapping.names)
    reader = LineReader(mapping, len(shape.heads), shape.head, finder, today)
    for rows in chunks(path, shape, upload.file_name, CHUNK):
        reader.add(rows)
        if reader.read > MOST_LINES:
            raise too_many_lines(upload.file_name)
        if not same_request(upload).update(lines_read=reader.read):
            raise SupersededError
    lines = one_row_a_line(reader.lines(), reader.problems.add)
    return reader, lines, *figures(lines, today)


@transaction.atomic
def _store(
    upload: OrderUpload,
    reader: LineReader,
    lines: pd.DataFrame,
    rows: list[dict[str, Any]],
    exclusions: dict[str, dict[str, int]],
) -> None:
    stored = same_request(upload).select_for_update(of=("self",)).first()
    if stored is None:
        raise SupersededError
    stored.figures.all().delete()
    stored.problems.all().delete()
    OrderFigure.objects.bulk_create(
        (OrderFigure(upload=stored, product_id=row.pop("product"), **row) for row in rows), batch_size=2_000
    )
    OrderLineProblem.objects.bulk_create(
        (
            OrderLineProblem(upload=stored, line=problem.line, reason=problem.reason, value=problem.value)
            for problem in sorted(reader.problems.kept)
        ),
        batch_size=2_000,
    )
    stored.summary = _summary(reader, lines, exclusions)
    stored.state, stored.failure = State.DONE, ""
    stored.lines_read, stored.computed_at = reader.read, timezone.now()
    stored.save(update_fields=["summary", "state", "failure", "lines_read", "computed_at"])


def _summary(reader: LineReader, lines: pd.DataFrame, exclusions: dict[str, dict[str, int]]) -> dict[str, Any]:
    """lines: read; used: order lines that were counted; rows_used: rows of the file within these.

    Lists of pairs, since the database keeps no order of keys.
    """
    unusable = sum(reader.problems.counts.values())
    unmatched = reader.unmatched.most_common(MOST_LISTED)
    return {
        "lines": reader.read,
        "blank": reader.blank,
        "unusable": unusable,
        "rows_used": reader.read - unusable,
        "used": len(lines),
        "reasons": reader.problems.counts.most_common(),
        "kept": len(reader.problems.kept),
        "exclusions": {code: list(reasons.items()) for code, reasons in exclusions.items()},
        "days": {role: _span(lines[role].to_numpy()) for role in ("ordered_on", "committed_on", "shipped_on")},
        "unmatched": [
            {"text": text, "lines": count, "reason": REASONS[code], "is_name": code == UNKNOWN_NAME}
            for (text, code), count in unmatched
            if text
        ],
        "unmatched_in_all": len(reader.unmatched),
    }


def _span(days: np.ndarray) -> list[str] | None:
    """First and last day."""
    given = days[days > WRONG]
    return [date_of(int(day)).isoformat() for day in (given.min(), given.max())] if len(given) else None
