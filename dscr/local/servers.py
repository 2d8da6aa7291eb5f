"""Who uses the local servers: the first user starts them, the last one stops them.

A user holds a shared lock on one file for as long as it lives, so the kernel ends the use of a killed process. Servers
that a killed process left behind are joined by the next user, or recovered if they died too.
"""

import contextlib
import fcntl
import os
from collections.abc import Collection
from types import TracebackType

from dscr.local import VARIABLES
from dscr.local.data_folder import DataFolder
from dscr.local.postgres import Postgres
from dscr.local.processes import signals_deferred
from dscr.local.redis import Redis


class LocalServers:
    """A context in which the local PostgreSQL and Redis (or those of them that are asked for) run."""

    def __init__(self, folder: DataFolder, variables: Collection[str] = VARIABLES, *, durable: bool = True) -> None:
        self.folder = folder
        self.postgres = Postgres(folder, durable=durable)
        self.redis = Redis(folder)
        self.all = (self.postgres, self.redis)
        self.wanted = [server for server in self.all if server.variable in variables]

    def __enter__(self) -> "LocalServers":
        with signals_deferred(), self.folder.turn():
            self.use = self._users_file()
            fcntl.flock(self.use, fcntl.LOCK_SH)
            try:
                self._start()
            except BaseException:
                self._leave()
                raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with signals_deferred(), self.folder.turn():
            self._leave()

    def environment(self) -> dict[str, str]:
        """What an application needs in order to find them."""
        return {server.variable: server.url for server in self.wanted}

    def revive(self) -> None:
        """Start again whatever has died meanwhile, on the same ports."""
        if all(server.process() for server in self.wanted):
            return
        with self.folder.turn():
            self._start()

    def _start(self) -> None:
        for server in self.wanted:
            server.start()

    def _leave(self) -> None:
        # Closed, not unlocked: a process that we forked may still hold the same lock.
        os.close(self.use)
        probe = self._users_file()
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(probe, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for server in reversed(self.all):
                server.stop()
        os.close(probe)

    def _users_file(self) -> int:
        return os.open(self.folder.path / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
