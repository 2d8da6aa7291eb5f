"""Scratch data folders, and `manage.py` as a person runs it."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from dscr.local import VARIABLES
from dscr.local.data_folder import CHECKOUT, DataFolder
from dscr.local.servers import LocalServers

Manage = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def scratch() -> Iterator[Path]:
    """Directly in the temporary folder: as root, pytest's own is closed to the id that the servers run under."""
    path = Path(tempfile.mkdtemp(prefix="dscr-test-"))
    yield path
    if (path / "DSCR-DATA").exists():
        for server in reversed(LocalServers(DataFolder.open(path)).all):
            server.stop()
    shutil.rmtree(path)


@pytest.fixture
def folder(scratch: Path) -> DataFolder:
    return DataFolder.open(scratch)


@pytest.fixture(scope="session")
def first_made() -> Iterator[Path]:
    """A data folder whose database has been made, and is at rest."""
    path = Path(tempfile.mkdtemp(prefix="dscr-test-"))
    with LocalServers(DataFolder.open(path), ["DATABASE_URL"], durable=False):
        pass
    yield path
    shutil.rmtree(path)


@pytest.fixture
def made(scratch: Path, first_made: Path) -> DataFolder:
    """A copy, where the test is about what comes later: to make a database takes a second."""
    subprocess.run(["cp", "-a", f"{first_made}/.", scratch], check=True)
    (scratch / "postgres.port").unlink()
    return DataFolder.open(scratch)


@pytest.fixture
def manage(scratch: Path) -> Iterator[Manage]:
    """Start a command on the scratch folder; whatever still runs at the end of the test is ended."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, **variables: str) -> "subprocess.Popen[str]":
        inherited = {name: value for name, value in os.environ.items() if name not in VARIABLES}
        environment = {**inherited, "DSCR_MODE": "local", "DATA_DIR": str(scratch), **variables}
        process = subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=CHECKOUT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            descendants = psutil.Process(process.pid).children(recursive=True)
            process.kill()
            for descendant in descendants:
                if descendant.is_running():
                    descendant.kill()
        process.communicate()
