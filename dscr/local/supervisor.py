"""`make run`: the servers, the application's three processes, and one way to stop them all.

The children live in sessions of their own, so that Ctrl-C reaches only the supervisor, which ends them in order. If the
supervisor itself is killed, the kernel tells the children to end; the next start clears away any that did not.
"""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

import psutil

from dscr.access.demo_accounts import DEMO_ACCOUNTS, DEMO_PASSWORD
from dscr.local.data_folder import CHECKOUT, DataFolder, LocalError
from dscr.local.processes import HOST, die_with_parent, end, ended, port_is_free, signals_handled, wait_until
from dscr.local.servers import LocalServers

STOP_SECONDS = 10
LONGEST_PAUSE_SECONDS = 30


def program(name: str, *arguments: str) -> list[str]:
    """A command of our own virtual environment."""
    return [sys.executable, "-m", name, *arguments]


def child_commands(folder: DataFolder, port: int) -> dict[str, list[str]]:
    web = ["--bind", f"{HOST}:{port}", "--worker-class", "gthread", "--workers", "2", "--threads", "4"]
    quiet = ["--log-level", "warning", "--no-control-socket", "--graceful-timeout", "5"]
    worker = ["--concurrency", "2", "--without-gossip", "--without-mingle", "--loglevel", "warning"]
    schedule = ["--schedule", str(folder.path / "beat-schedule"), "--pidfile", "", "--loglevel", "warning"]
    return {
        "web": program("gunicorn", "dscr.wsgi", *web, *quiet),
        "worker": program("celery", "--quiet", "-A", "dscr", "worker", *worker),
        "beat": program("celery", "--quiet", "-A", "dscr", "beat", *schedule),
    }


@dataclass
class Child:
    """A process that should always run, started again with growing pauses when it dies."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    failures: int = 0
    retry_at: float = 0.0

    def tend(self, environment: dict[str, str]) -> bool:
        """Start it if it is due; say whether it was started."""
        now = time.monotonic()
        if self.process and self.process.poll() is not None:
            self.failures = 1 if now - self.started_at > 2 * LONGEST_PAUSE_SECONDS else self.failures + 1
            pause = min(2 ** (self.failures - 1), LONGEST_PAUSE_SECONDS)
            say(f"{self.name} ended with code {self.process.returncode}; it starts again in {pause} s.")
            self.retry_at, self.process = now + pause, None
        if self.process or now < self.retry_at:
            return False
        self.process, self.started_at = spawn(self.command, environment), now
        return True


class Supervisor:
    def __init__(self, folder: DataFolder, port: int) -> None:
        self.folder = folder
        self.port = port
        self.children = [Child(name, command) for name, command in child_commands(folder, port).items()]
        self.record = folder.path / "children.json"
        self.stopping = False
        self.announced = False

    def run(self) -> None:
        """Serve until told to stop. Signals only set a flag, so no step is ever left half done."""
        with self.folder.supervised(), signals_handled(self._stop):
            self._end_leftovers()
            if not port_is_free(self.port):
                raise LocalError(f"Port {self.port} is taken. Set PORT to another one.")
            say("Starting PostgreSQL and Redis")
            with LocalServers(self.folder) as servers:
                environment = {**os.environ, **servers.environment(), "DSCR_MODE": "local"}
                try:
                    self._prepare(environment)
                    while not self.stopping:
                        self._tend(servers, environment)
                        time.sleep(0.2)
                finally:
                    self._end_children()
        say("Stopped")

    def _stop(self, number: int, frame: Any) -> None:
        self.stopping = True

    def _prepare(self, environment: dict[str, str]) -> None:
        self._step(environment, "migrate", "--verbosity", "0")
        loaded = self.folder.path / "demo-loaded"
        if not loaded.exists() and has_command("load_demo"):
            say("First start: loading the demo portfolio")
            self._step(environment, "load_demo")
            if not self.stopping:
                loaded.touch()

    def _step(self, environment: dict[str, str], *arguments: str) -> None:
        """One management command, to its end or ours."""
        if self.stopping:
            return
        step = spawn([sys.executable, "manage.py", *arguments], environment)
        self._write_record(step)
        while step.poll() is None and not self.stopping:
            time.sleep(0.05)
        if self.stopping:
            end_trees([step])
        elif step.returncode:
            raise LocalError(f"`manage.py {arguments[0]}` failed with code {step.returncode}; see above.")

    def _tend(self, servers: LocalServers, environment: dict[str, str]) -> None:
        try:
            servers.revive()
        except LocalError as error:
            say(str(error))
        started = [child for child in self.children if child.tend(environment)]
        if started:
            self._write_record()
        if not self.announced and answers(self.port):
            self.announced = True
            self._announce()

    def _announce(self) -> None:
        say(f"DSCR serves at http://{HOST}:{self.port}/ (Ctrl-C stops it)")
        say("Demo accounts: " + ", ".join(account.email for account in DEMO_ACCOUNTS) + f"; password {DEMO_PASSWORD}")

    def _running(self) -> list[subprocess.Popen[bytes]]:
        return [child.process for child in self.children if child.process]

    def _end_children(self) -> None:
        end_trees(self._running())
        self.record.unlink(missing_ok=True)

    def _write_record(self, *others: subprocess.Popen[bytes]) -> None:
        """Who our children are, for a successor that has to clear up after us."""
        entries = []
        for process in (*others, *self._running()):
            with contextlib.suppress(psutil.NoSuchProcess):
                entries.append([process.pid, psutil.Process(process.pid).create_time()])
        self.record.write_text(json.dumps(entries))

    def _end_leftovers(self) -> None:
        """Children of a supervisor that was killed."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            for pid, created in json.loads(self.record.read_text()):
                with contextlib.suppress(psutil.NoSuchProcess):
                    process = psutil.Process(pid)
                    if abs(process.create_time() - created) < 1:
                        end_tree(process)
        self.record.unlink(missing_ok=True)


def spawn(command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        cwd=CHECKOUT,
        env=environment,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=die_with_parent,
    )


def end_trees(processes: list[subprocess.Popen[bytes]]) -> None:
    """All are asked at once, so that the slowest decides how long it takes."""
    trees = []
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            trees.append(psutil.Process(process.pid))
    families = [member for tree in trees for member in [tree, *descendants(tree)]]
    for tree in trees:
        with contextlib.suppress(psutil.NoSuchProcess):
            tree.terminate()
    wait_until(lambda: all(process.poll() is not None for process in processes), STOP_SECONDS)
    for member in families:
        if not ended(member):
            end(member, (signal.SIGKILL, 5))
    for process in processes:
        process.poll()


def end_tree(process: psutil.Process) -> None:
    family = descendants(process)
    end(process, (signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, 5))
    for member in family:
        if not ended(member):
            end(member, (signal.SIGKILL, 5))


def descendants(process: psutil.Process) -> list[psutil.Process]:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.children(recursive=True)
    return []


def has_command(name: str) -> bool:
    from django.core.management import get_commands

    return name in get_commands()


def answers(port: int) -> bool:
    """Any answer counts. Not asked of the health page, which would report that the worker is still on its way."""
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 the terminal is its page
