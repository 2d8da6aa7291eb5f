"""Where a fault run happens: servers, workers, beat and writers of its own, each an OS process that ends with it."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time

import psutil
import psycopg2

from dscr.local.data_folder import CHECKOUT, DataFolder
from dscr.local.processes import die_with_parent, end
from dscr.local.servers import LocalServers
from dscr.local.supervisor import descendants, end_trees, program

WORKERS = 3
ROLES = ("nodes", "assessments", "kpis", "lists", "probe")
Process = subprocess.Popen[bytes]


def say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {line}", flush=True)  # noqa: T201


class Stage:
    """Its processes and what can be done to them."""

    def __init__(self, folder: DataFolder, servers: LocalServers) -> None:
        self.servers = servers
        self.logs = folder.path / "log"
        self.logs.mkdir(exist_ok=True)
        for leftover in self.logs.iterdir():
            leftover.unlink()
        self.environment = {**os.environ, **servers.environment(), "DSCR_MODE": "local", "LOG_JSON": "1"}
        self.workers: list[Process] = []
        self.writers: list[Process] = []
        self.beat: Process | None = None
        self.kills = {"pool child": 0, "worker": 0}
        self.begun: set[int] = set()
        self.ended_by_themselves: list[str] = []

    # -- starting

    def spawn(self, name: str, command: list[str]) -> Process:
        with (self.logs / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=CHECKOUT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        say(f"{name}: pid {process.pid}")
        return process

    def step(self, name: str, command: list[str]) -> None:
        """One process, to its end."""
        process = self.spawn(name, command)
        try:
            if process.wait():
                raise RuntimeError(f"{name} failed, see {self.logs / name}.log")
        finally:
            end_trees([process])

    def prepare(self, products: int) -> None:
        database = self.servers.postgres.url.rsplit("/", 1)
        connection = psycopg2.connect(f"{database[0]}/postgres")
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(f"DROP DATABASE IF EXISTS {database[1]} WITH (FORCE)")
                cursor.execute(f"CREATE DATABASE {database[1]}")
        finally:
            connection.close()
        self.step("migrate", [sys.executable, "manage.py", "migrate", "--verbosity", "0"])
        self.step("create", program("dscr.faults", "create", str(products)))

    def start_workers(self) -> None:
        self.workers = [self._worker(number) for number in range(WORKERS)]
        schedule = ["--schedule", str(self.logs / "beat-schedule"), "--pidfile", ""]
        self.beat = self.spawn("beat", program("celery", "-A", "dscr", "beat", *schedule))

    def start_writers(self, until: float) -> None:
        for role in ROLES:
            arguments = ["write", role, str(self.logs / f"{role}.journal"), str(until)]
            self.writers.append(self.spawn(f"writer-{role}", program("dscr.faults", *arguments)))

    def _worker(self, number: int) -> Process:
        options = ["--concurrency", "2", "--without-gossip", "--without-mingle", "--hostname", f"w{number}@%h"]
        return self.spawn(f"worker-{number}", program("celery", "-A", "dscr", "worker", *options))

    # -- breaking

    def kill_pool_child(self) -> None:
        """Celery replaces it; a worker that has not begun yet would end instead, which is its supervisor's business."""
        children = [(worker, child) for worker in self._working() for child in descendants(worker)]
        if children:
            worker, victim = random.choice(children)  # noqa: S311
            say(f"kill -9 {victim.pid}, a pool child of worker {worker.pid}")
            victim.kill()
            self.kills["pool child"] += 1

    def _working(self) -> list[psutil.Process]:
        """The workers of which a pool child has done something; while the database is away, those known before."""
        with contextlib.suppress(psycopg2.OperationalError):
            seen = {pid for (pid,) in self.query("SELECT split_part(worker, ':', 2)::int FROM ratings_workertally")}
            self.begun |= {pid for pid, pool in self.pool_pids().items() if pool & seen}
        return [psutil.Process(w.pid) for w in self.workers if w.poll() is None and w.pid in self.begun]

    def kill_worker(self, spared: int) -> None:
        """Kill a worker's parent and start another, as a supervisor would; the first `spared` are left alone."""
        number = random.randrange(spared, WORKERS)  # noqa: S311
        worker = self.workers[number]
        say(f"kill -9 {worker.pid}, worker {number}")
        worker.kill()
        worker.wait()
        self.kills["worker"] += 1
        self.workers[number] = self._worker(number)

    def redis(self, number: signal.Signals) -> None:
        process = self.servers.redis.process()
        assert process  # noqa: S101
        say(f"Redis, pid {process.pid}: {number.name}")
        process.send_signal(number)

    def restart_redis(self) -> None:
        self.servers.redis.start()
        process = self.servers.redis.process()
        say(f"Redis again: pid {process.pid if process else '?'}")

    def restart_postgres(self) -> None:
        """As after a crash: no farewell to anybody, and recovery at the start."""
        process = self.servers.postgres.process()
        assert process  # noqa: S101
        say(f"PostgreSQL, pid {process.pid}: SIGQUIT (immediate shutdown)")
        end(process, (signal.SIGQUIT, 20), (signal.SIGKILL, 5))
        self.servers.postgres.start()
        process = self.servers.postgres.process()
        say(f"PostgreSQL again: pid {process.pid if process else '?'}")

    def notice_deaths(self) -> None:
        """Whoever ends without our doing is a finding; a supervisor would start it again, and so do we."""
        for number, worker in enumerate(self.workers):
            if worker.poll() is not None:
                self.ended_by_themselves.append(f"worker {number} (code {worker.returncode})")
                self.workers[number] = self._worker(number)
        if self.beat and self.beat.poll() is not None:
            self.ended_by_themselves.append(f"beat (code {self.beat.returncode})")
            self.beat = None

    # -- looking

    def pool_pids(self) -> dict[int, set[int]]:
        """Worker's pid -> the pids of its pool."""
        return {w.pid: {c.pid for c in descendants(psutil.Process(w.pid))} for w in self.workers if w.poll() is None}

    def query(self, sql: str, *arguments: object) -> list[tuple]:
        connection = psycopg2.connect(self.servers.postgres.url, connect_timeout=5)
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql, arguments)
                return cursor.fetchall()
        finally:
            connection.close()

    def close(self) -> None:
        end_trees([*self.writers, *self.workers, *([self.beat] if self.beat else [])])
