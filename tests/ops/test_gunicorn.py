"""With several processes behind one address, /metrics adds up what all of them served."""

import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from urllib.error import HTTPError

import pytest
from django.conf import settings
from django.db import connection

from dscr.local.data_folder import CHECKOUT
from dscr.local.processes import free_port, wait_until


def get(url: str, **headers: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as response:
            return response.status, response.read().decode()
    except HTTPError as error:
        return error.code, ""


@pytest.fixture
def address(transactional_db, tmp_path) -> Iterator[str]:
    url = f"http://127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "gunicorn", "dscr.wsgi", "--bind", url.removeprefix("http://"), "--workers", "3"]
    database = re.sub(r"/[^/]*$", f"/{connection.settings_dict['NAME']}", os.environ["DATABASE_URL"])
    environment = {**os.environ, "DSCR_MODE": "local", "DATABASE_URL": database, "TMPDIR": str(tmp_path)}
    process = subprocess.Popen([*command, "--log-level", "warning"], cwd=CHECKOUT, env=environment)
    try:
        assert wait_until(lambda: answers(url), 20)
        yield url
    finally:
        process.terminate()
        process.wait(20)
    assert not list(tmp_path.glob("dscr-metrics-*"))


def answers(url: str) -> bool:
    try:
        return get(f"{url}/health/")[0] in (200, 503)
    except OSError:
        return False


def test_request_counts_of_all_processes_add_up(address: str) -> None:
    def counted() -> float:
        status, text = get(f"{address}/metrics", Authorization=f"Bearer {settings.METRICS_TOKEN}")
        assert status == 200
        found = re.search(r'^django_http_requests_total_by_method_total\{method="GET"\} (\S+)$', text, re.MULTILINE)
        return float(found[1]) if found else 0

    before = counted()
    for _ in range(60):
        get(f"{address}/nowhere/")
    assert counted() == before + 60 + 1
