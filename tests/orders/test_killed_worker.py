"""A worker that is killed with -9 in the middle of a file: the next one takes it again."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from products.models import OrderUpload
from products.services.order_figures import LOCK, compute_waiting
from tests.orders.conftest import Firm, columns, csv_file, uploaded

WORKER = """
import sys, time, django
django.setup()
from products.services import order_figures
def stop(reader, rows):
    print("reading", flush=True)
    time.sleep(60)
order_figures.LineReader.add = stop
order_figures.compute_waiting()
"""


@pytest.mark.django_db(transaction=True)
def test_another_worker_takes_it_again(firm: Firm, private_files: Path) -> None:
    client = firm.client()
    upload = uploaded(client, csv_file("A,1,99901-101,2026-07-01,2026-07-10,2026-07-04,2026-07-10,100,100,"))
    client.post(f"/order-lines/{upload.pk}/columns/", columns(upload))
    database = connection.settings_dict
    address = f"{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    environment = os.environ | {
        "DATABASE_URL": f"postgres://{address}",
        "PRIVATE_FILES": str(private_files),
        "DJANGO_SETTINGS_MODULE": "dscr.settings",
    }
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER], env=environment, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True
    )
    try:
        assert worker.stdout
        assert any(line.startswith("reading") for line in worker.stdout)
        assert compute_waiting() == 0, "the other one holds it"
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait(timeout=10)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])  # waits until the server has noticed
        cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    assert OrderUpload.objects.values_list("state", "attempts").get(pk=upload.pk) == ("computing", 1)
    assert compute_waiting() == 1
    assert OrderUpload.objects.values_list("state", "attempts").get(pk=upload.pk) == ("done", 2)
