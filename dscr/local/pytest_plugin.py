"""Tests run on a real PostgreSQL and a real Redis, in a data folder of their own, unless DATABASE_URL is given.

Runs that overlap share the servers, and each has its own database name and Redis database. pytest-xdist's workers
inherit the addresses; pytest-django gives each of them a database of its own.
"""

import os
import re
import signal
from collections.abc import Generator

import pytest
from dotenv import load_dotenv

from dscr.local.data_folder import CHECKOUT, DataFolder, LocalError
from dscr.local.servers import LocalServers

OURS = "DSCR_TEST_SERVERS"


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> Generator[None]:
    """A wrapper, so that it comes before pytest-django reads the settings."""
    load_dotenv(CHECKOUT / ".env")
    os.environ.setdefault("DSCR_MODE", "local")
    os.environ.setdefault("LOG_LEVEL", "WARNING")  # two lines for each of many thousands of requests
    if not os.environ.get("DATABASE_URL"):
        start_servers(early_config, keep_name="--reuse-db" in args)
    if os.environ.get(OURS):
        os.environ["REDIS_URL"] = re.sub(r"/\d+$", f"/{os.getpid() % 4096}", os.environ["REDIS_URL"])
    return (yield)


def start_servers(config: pytest.Config, *, keep_name: bool) -> None:
    try:
        folder = DataFolder.open(DataFolder.open().path / "test")
        servers = LocalServers(folder, durable=False).__enter__()
    except LocalError as error:
        pytest.exit(str(error), returncode=1)
    config.add_cleanup(lambda: servers.__exit__(None, None, None))
    # A terminated run stops its servers too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    os.environ.update(servers.environment())
    os.environ[OURS] = "1"
    if not keep_name:
        os.environ["DATABASE_URL"] += f"_{os.getpid()}"
