"""What all tests share. The servers they run on are started by `dscr.local.pytest_plugin`, before the settings load."""

from collections.abc import Generator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

pytest_plugins = ["tests.chromium"]


def pytest_configure() -> None:
    """Passwords of people who live for one test: the real hasher takes half a second for each."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    """Long tests before short ones, so that no worker ends minutes after the other.

    In between pytest-django sorts: a test of committed rows ends with a flush, which takes the rows of migrations with
    it, so these come after the others that use the database. What starts servers of its own may come before all.
    """
    items.sort(key=lambda item: item.path.parent.name not in ("walk", "browser"))
    yield
    items.sort(key=lambda item: item.path.parent.name != "local")


@pytest.fixture(scope="session", autouse=True)
def private_files_of_tests(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Files that tests give in confidence, gone with pytest's own folders."""
    settings.PRIVATE_FILES = tmp_path_factory.mktemp("private")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Tests of committed rows end with a flush, which the guard of snapshots against TRUNCATE would refuse."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ratings_ratingsnapshot DISABLE TRIGGER snapshot_is_not_truncated")
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_is_not_truncated")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The table of the walk (tests/walk): what each reader asked and how it was answered."""
    reports = [report for report in terminalreporter.getreports("passed") if report.when == "call"]
    walks = {report.nodeid: dict(report.user_properties)["walk"] for report in reports if report.user_properties}
    say = terminalreporter.write_line
    for node, (urls, answers, statuses) in walks.items():
        reader = node.partition("[")[2].rstrip("]")
        counted = ", ".join(f"{status}: {count}" for status, count in statuses)
        say(f"walk as {reader:<18} {urls} URLs x 7 verbs, {answers} answers searched ({counted})")
    if walks:
        say(f"walk in all: {len(walks)} readers, {sum(walk[1] for walk in walks.values())} answers")
