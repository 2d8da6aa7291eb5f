"""First user in, last user out; and what happens when users or servers are killed."""

import contextlib
import os
import signal
import socket
from collections.abc import Iterator

import psutil
import psycopg2
import pytest
import redis

from dscr.local.data_folder import DataFolder
from dscr.local.postgres import Postgres
from dscr.local.processes import HOST, ended, wait_until
from dscr.local.servers import LocalServers


def user_of(folder: DataFolder, *, durable: bool = False) -> LocalServers:
    return LocalServers(folder, durable=durable)


def running(servers: LocalServers) -> list[bool]:
    return [server.process() is not None for server in servers.all]


@contextlib.contextmanager
def cursor_of(servers: LocalServers) -> Iterator[psycopg2.extensions.cursor]:
    with contextlib.closing(psycopg2.connect(servers.postgres.url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor


def user_killed_while_servers_run(folder: DataFolder) -> None:
    """Another process starts the servers and is killed with -9."""
    receive, send = os.pipe()
    if (child := os.fork()) == 0:
        try:
            user_of(folder, durable=True).__enter__()
            os.write(send, b"1")
            signal.pause()
        finally:
            os._exit(1)
    os.close(send)
    assert os.read(receive, 1) == b"1"
    os.close(receive)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def test_the_last_user_stops_what_the_first_one_started(folder: DataFolder) -> None:
    first, second = user_of(folder), user_of(folder)
    with contextlib.ExitStack() as second_user:
        with first:
            pids = [server.process().pid for server in first.all]
            second_user.enter_context(second)
            assert [server.process().pid for server in second.all] == pids
        assert running(first) == [True, True]
        assert redis.Redis.from_url(second.redis.url).ping()
        with cursor_of(second) as cursor:
            cursor.execute("CREATE EXTENSION btree_gist; CREATE EXTENSION pg_trgm")
    assert running(second) == [False, False]


def test_only_the_servers_that_are_asked_for_are_started(folder: DataFolder) -> None:
    with LocalServers(folder, ["REDIS_URL"]) as servers:
        assert running(servers) == [False, True]
        assert list(servers.environment()) == ["REDIS_URL"]


def test_servers_of_a_killed_user_are_joined_and_then_stopped(made: DataFolder) -> None:
    user_killed_while_servers_run(made)
    servers = user_of(made)
    pids = [server.process().pid for server in servers.all]
    with servers:
        assert [server.process().pid for server in servers.all] == pids
    assert running(servers) == [False, False]


def test_data_survives_when_users_and_servers_are_all_killed(made: DataFolder) -> None:
    user_killed_while_servers_run(made)
    servers = user_of(made, durable=True)
    with cursor_of(servers) as cursor:
        cursor.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    victims = [server.process() for server in servers.all]
    for victim in [*victims, *victims[0].children(recursive=True)]:
        victim.kill()
    assert wait_until(lambda: all(ended(victim) for victim in victims), 10)
    assert (servers.postgres.data / "postmaster.pid").exists()
    with servers, cursor_of(servers) as cursor:
        cursor.execute("SELECT answer FROM kept")
        assert cursor.fetchone() == (42,)
    assert running(servers) == [False, False]


def test_a_stale_process_id_that_now_belongs_to_another_program_does_not_stop_the_start(made: DataFolder) -> None:
    servers = user_of(made)
    with servers:
        content = (servers.postgres.data / "postmaster.pid").read_text()
    other = str(os.getpid())
    (servers.postgres.data / "postmaster.pid").write_text(content.replace(content.split("\n", 1)[0], other, 1))
    servers.redis.pid_file.write_text(other)
    with servers:
        assert running(servers) == [True, True]
    assert psutil.pid_exists(os.getpid())


def test_taken_ports_are_chosen_anew_and_free_ones_kept(made: DataFolder) -> None:
    servers = user_of(made)
    with servers:
        urls = servers.environment()
    with servers:
        assert servers.environment() == urls
    with contextlib.ExitStack() as occupied:
        for server in servers.all:
            occupied.enter_context(socket.create_server((HOST, int(server.port_file.read_text()))))
        with servers:
            assert not set(servers.environment().values()) & set(urls.values())


def test_a_frozen_redis_is_replaced_and_a_frozen_postgres_goes_on(made: DataFolder) -> None:
    user_killed_while_servers_run(made)
    servers = user_of(made)
    frozen = [server.process() for server in servers.all]
    for process in frozen:
        process.suspend()
    with servers:
        assert redis.Redis.from_url(servers.redis.url).ping()
        assert servers.postgres.process() == frozen[0]
        assert servers.redis.process() != frozen[1]


def test_the_database_has_a_password_and_no_socket_file(made: DataFolder) -> None:
    servers = user_of(made)
    with servers:
        with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
            psycopg2.connect(servers.postgres.url.replace(made.password(), "guess"))
        with pytest.raises(redis.AuthenticationError):
            redis.Redis.from_url(servers.redis.url.replace(made.password(), "guess")).ping()
        with cursor_of(servers) as cursor:
            cursor.execute("SELECT current_setting('unix_socket_directories'), current_setting('listen_addresses')")
            assert cursor.fetchone() == ("", HOST)


def test_an_interrupted_creation_is_done_again(folder: DataFolder) -> None:
    postgres = Postgres(folder)
    folder.server_folder("postgres")
    (postgres.home / "draft").mkdir()
    (postgres.home / "draft" / "PG_VERSION").write_text("18")
    with user_of(folder) as servers:
        assert running(servers) == [True, True]
