"""The job: told as it goes, taken up by another worker, given up for a newer request, failed with a reason."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, connections

from products.models import OrderFigure, OrderLineProblem, OrderUpload
from products.services import order_figures
from products.services.order_figures import BROKEN_OFF, LOCK, compute_waiting
from products.tasks import compute_orders
from tests.orders.conftest import Firm, columns, computed_upload, csv_file, uploaded

P = "99901-101"
GOOD = f"A,1,{P},2026-07-01,2026-07-10,2026-07-04,2026-07-10,100,100,"


def asked(firm: Firm, *lines: str) -> OrderUpload:
    client = firm.client()
    upload = uploaded(client, csv_file(*lines or (GOOD,)))
    client.post(f"/order-lines/{upload.pk}/columns/", columns(upload))
    return OrderUpload.objects.get(pk=upload.pk)


def test_the_task_computes_what_waits(firm: Firm) -> None:
    upload = asked(firm)
    compute_orders()
    upload.refresh_from_db()
    assert (upload.state, upload.lines_read, upload.attempts) == ("done", 1, 1)
    assert upload.summary["lines"] == 1
    assert compute_waiting() == 0


def test_progress_is_told_after_each_chunk(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = asked(firm, *(GOOD.replace("A,1", f"A,{at}") for at in range(5)))
    monkeypatch.setattr(order_figures, "CHUNK", 2)
    seen: list[tuple[str, int]] = []
    add = order_figures.LineReader.add

    def watch(reader: Any, rows: Any) -> None:
        seen.append(OrderUpload.objects.values_list("state", "lines_read").get(pk=upload.pk))
        add(reader, rows)

    monkeypatch.setattr(order_figures.LineReader, "add", watch)
    compute_waiting()
    assert seen == [("computing", 0), ("computing", 2), ("computing", 4)]


def test_what_a_killed_worker_left_is_begun_afresh(firm: Firm) -> None:
    upload = asked(firm)
    OrderUpload.objects.filter(pk=upload.pk).update(state="computing", attempts=1, lines_read=400_000)
    OrderLineProblem.objects.create(upload=upload, line=7, reason="of an earlier try")
    assert compute_waiting() == 1
    upload.refresh_from_db()
    assert (upload.state, upload.attempts, upload.lines_read) == ("done", 2, 1)
    assert not upload.problems.exists()


@pytest.fixture
def other_worker() -> Iterator[Any]:
    """Another connection to the same database."""
    connections["default"].ensure_connection()
    other = connections.create_connection("default")
    other.settings_dict = connections["default"].settings_dict
    yield other
    other.close()


def test_one_worker_at_a_time_until_its_connection_ends(firm: Firm, other_worker: Any) -> None:
    upload = asked(firm)
    with other_worker.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    assert compute_waiting() == 0
    other_worker.close()
    assert compute_waiting() == 1
    upload.refresh_from_db()
    assert upload.state == "done"
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        assert cursor.fetchone() == (0,)


def test_an_upload_that_breaks_three_workers_is_given_up(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    upload, next_one = asked(firm), None

    def break_off(*_: Any) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(order_figures.LineReader, "add", break_off)
        assert compute_waiting() == 3
    upload.refresh_from_db()
    assert (upload.state, upload.failure) == ("failed", BROKEN_OFF)
    client = firm.client("attestor")
    assert BROKEN_OFF in client.get(f"/order-lines/{upload.pk}/").content.decode()
    next_one = computed_upload(client, GOOD)
    assert next_one.state == "done", "the queue goes on"


def test_a_newer_request_wins(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """The columns are changed while a worker reads: its result is not stored, the newer one is."""
    client = firm.client()
    upload = uploaded(client, csv_file(GOOD))
    client.post(f"/order-lines/{upload.pk}/columns/", columns(upload))
    add, asked_again = order_figures.LineReader.add, []

    def ask_again(reader: Any, rows: Any) -> None:
        if not asked_again:
            asked_again.append(True)
            client.post(f"/order-lines/{upload.pk}/columns/", columns(upload, quantity_shipped=""))
        add(reader, rows)

    monkeypatch.setattr(order_figures.LineReader, "add", ask_again)
    assert compute_waiting() == 2
    upload.refresh_from_db()
    assert (upload.state, upload.attempts) == ("done", 1)
    assert OrderFigure.objects.filter(upload=upload, quarter_end=None).get().units_complete == 0


def test_a_file_that_is_gone(firm: Firm, private_files: Any) -> None:
    upload = asked(firm)
    (private_files / upload.stored_name).unlink()
    compute_waiting()
    upload.refresh_from_db()
    assert (upload.state, upload.failure) == (
        "failed",
        "The stored copy of orders.csv is gone. Upload the file again.",
    )


def test_too_many_lines(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = asked(firm, *(GOOD.replace("A,1", f"A,{at}") for at in range(4)))
    monkeypatch.setattr(order_figures, "MOST_LINES", 3)
    compute_waiting()
    upload.refresh_from_db()
    assert upload.failure == "orders.csv has more than 1,000,000 lines. Split it, for example by product."
    assert not upload.figures.exists()


def test_unusable_lines_are_all_counted_and_the_first_kept(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("products.orders.lines.MOST_PROBLEMS", 2)
    upload = computed_upload(firm.client(), *["A,1,x,2026-07-01,,,,1,1,"] * 5)
    assert (upload.summary["unusable"], upload.summary["kept"], upload.problems.count()) == (5, 2, 2)
    client = firm.client("attestor")
    assert "the first 2 as CSV" in " ".join(client.get(f"/order-lines/{upload.pk}/").content.decode().split())


def test_figures_of_a_withdrawn_product_are_not_computed(firm: Firm) -> None:
    firm.vial.enrolments.update(withdrawn_on="2026-01-01")
    upload = computed_upload(firm.client(), GOOD)
    assert upload.summary["reasons"] == [["The NDC is of no product that you have enrolled", 1]]
