"""`make run`: it serves, it says in one line why it cannot, it leaves nothing behind, and it comes back."""

import contextlib
import json
import signal
import socket
import subprocess
import threading
from pathlib import Path

import psutil
import pytest

from dscr.local.data_folder import DataFolder
from dscr.local.processes import HOST, ended, free_port, wait_until
from dscr.local.servers import LocalServers
from dscr.local.supervisor import answers
from tests.local.conftest import Manage

SERVE_SECONDS = 180  # of a machine with much else to do; a quiet one takes ten


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def folder(scratch: Path) -> DataFolder:
    """Without the demo portfolio, which has tests of its own."""
    folder = DataFolder.open(scratch)
    (scratch / "demo-loaded").touch()
    return folder


def serving(manage: Manage, port: int) -> "subprocess.Popen[str]":
    """Start it and wait until it says that it serves."""
    supervisor = manage("run_local", PORT=str(port))
    deadline = threading.Timer(SERVE_SECONDS, supervisor.kill)
    deadline.start()
    assert supervisor.stdout
    said = next((line for line in supervisor.stdout if "manufacturer@demo.example" in line), None)
    deadline.cancel()
    assert said, supervisor.communicate()
    assert answers(port)
    return supervisor


def family(folder: DataFolder) -> list[psutil.Process]:
    """Every process of this folder: the servers, the supervisor's children and theirs."""
    members = [process for server in LocalServers(folder).all if (process := server.process())]
    for pid, _ in json.loads((folder.path / "children.json").read_text()):
        with contextlib.suppress(psutil.NoSuchProcess):
            members.append(psutil.Process(pid))
    for member in list(members):
        with contextlib.suppress(psutil.NoSuchProcess):
            members += member.children(recursive=True)
    return members


def gone(members: list[psutil.Process]) -> bool:
    return all(ended(member) for member in members)


def assert_a_signal_ends_it(supervisor: "subprocess.Popen[str]", folder: DataFolder, number: signal.Signals) -> None:
    """Everything stops and no process is left."""
    members = family(folder)
    assert len(members) > 5
    supervisor.send_signal(number)
    supervisor.send_signal(number)  # as from both make and the terminal
    supervisor.communicate(timeout=60)
    assert supervisor.returncode == 0
    assert gone(members)
    assert not (folder.path / "children.json").exists()


def refusal(supervisor: "subprocess.Popen[str]") -> str:
    output, errors = supervisor.communicate(timeout=30)
    assert supervisor.returncode == 1
    assert output == ""
    assert errors.count("\n") == 1
    return errors


def test_a_taken_port_is_one_line_and_exit_code_1(folder: DataFolder, manage: Manage, port: int) -> None:
    with socket.create_server((HOST, port)):
        assert refusal(manage("run_local", PORT=str(port))) == f"Port {port} is taken. Set PORT to another one.\n"


def test_a_port_that_is_no_number_is_one_line_and_exit_code_1(folder: DataFolder, manage: Manage) -> None:
    assert "must be a number" in refusal(manage("run_local", PORT="http"))


def test_a_folder_in_use_is_one_line_and_exit_code_1(folder: DataFolder, manage: Manage, port: int) -> None:
    with folder.supervised():
        assert "is in use by pid" in refusal(manage("run_local", PORT=str(port)))


def test_a_signal_during_the_start_leaves_no_process(folder: DataFolder, manage: Manage, port: int) -> None:
    supervisor = manage("run_local", PORT=str(port))
    assert wait_until((folder.path / "children.json").exists, SERVE_SECONDS)
    supervisor.terminate()
    supervisor.communicate(timeout=60)
    assert supervisor.returncode == 0
    assert not any(server.process() for server in LocalServers(folder).all)


def test_it_serves_again_whatever_has_died(folder: DataFolder, manage: Manage, port: int) -> None:
    """One installation through everything that can happen to it, since each start takes many seconds. It is ended as by
    the terminal; what `kill` sends ends one that starts, above, by the same handler."""
    supervisor = serving(manage, port)
    a_web_server_that_dies_is_started_again(supervisor, port)
    kill_everything(supervisor, folder)

    servers = LocalServers(folder)
    supervisor = serving(manage, port)
    database = servers.postgres.process()
    kill_alone(supervisor)
    successor = serving(manage, port)
    assert servers.postgres.process() == database
    assert_a_signal_ends_it(successor, folder, signal.SIGINT)
    assert not any(server.process() for server in servers.all)


def a_web_server_that_dies_is_started_again(supervisor: "subprocess.Popen[str]", port: int) -> None:
    children = psutil.Process(supervisor.pid).children()
    (web,) = [child for child in children if "gunicorn" in child.cmdline()]
    web.kill()
    assert wait_until(lambda: ended(web) and answers(port), SERVE_SECONDS)


def kill_everything(supervisor: "subprocess.Popen[str]", folder: DataFolder) -> None:
    members = family(folder)
    for member in [psutil.Process(supervisor.pid), *members]:
        with contextlib.suppress(psutil.NoSuchProcess):
            member.kill()
    assert wait_until(lambda: gone(members), 20)


def kill_alone(supervisor: "subprocess.Popen[str]") -> None:
    """Its children end by themselves; the database and the broker stay for whoever comes."""
    application = psutil.Process(supervisor.pid).children(recursive=True)
    supervisor.kill()
    supervisor.wait()
    assert wait_until(lambda: gone(application), 20)
