"""What all tests share. The servers they run on are started by `dscr.local.pytest_plugin`, before the settings load."""

import gc
from typing import Any

import pytest
from django.conf import settings
from django.test import TransactionTestCase

from tests.committed import keep_migrated_rows, restore_migrated_rows
from tests.migrated import drop_template, use_template

pytest_plugins = ["tests.chromium"]
# The walk fills half of the first fifty that a worker takes, so that the others come to the next worker.
LONGEST = ["walk", "local", "browser"]


def pytest_configure() -> None:
    # What collecting imports stays: to look through it for garbage, again and again, took a third of the time.
    gc.disable()
    # Passwords of people who live for one test: the real hasher takes half a second for each.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    TransactionTestCase._fixture_teardown = lambda case: restore_migrated_rows()


def pytest_collection_finish() -> None:
    """From here on garbage is looked for among what the tests make, and in larger portions."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)
    gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long tests before short ones, so that no worker ends minutes after the other. Within the rest pytest-django's
    order holds: tests of committed rows come last."""
    items.sort(key=lambda item: LONGEST.index(room) if (room := item.path.parent.name) in LONGEST else len(LONGEST))


def is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Before there are workers: what a killed run left under the same name."""
    if has_workers(session.config):
        drop_template()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """After the workers, whose databases are copies of it."""
    if has_workers(session.config):
        drop_template()


def has_workers(config: pytest.Config) -> bool:
    return not is_worker(config) and bool(config.getoption("numprocesses", None))


@pytest.fixture(scope="session", autouse=True)
def private_files_of_tests(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Files that tests give in confidence, gone with pytest's own folders."""
    settings.PRIVATE_FILES = tmp_path_factory.mktemp("private")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, django_db_blocker: Any, request: pytest.FixtureRequest
) -> None:
    if is_worker(request.config):
        with django_db_blocker.unblock():
            use_template()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any, request: pytest.FixtureRequest) -> None:
    if not is_worker(request.config):
        with django_db_blocker.unblock():
            keep_migrated_rows()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The table of the walk (tests/walk): what each reader asked and how it was answered."""
    reports = [report for report in terminalreporter.getreports("passed") if report.when == "call"]
    walks = {report.nodeid: dict(report.user_properties)["walk"] for report in reports if report.user_properties}
    say = terminalreporter.write_line
    for node, (urls, answers, statuses) in walks.items():
        reader = node.partition("[")[2].rstrip("]")
        counted = ", ".join(f"{status}: {count}" for status, count in statuses)
        what = "open URLs" if reader.endswith(" outside") else "URLs"  # the closed ones are those of the one inside
        say(f"walk as {reader:<18} {urls} {what} x 7 verbs, {answers} answers searched ({counted})")
    if walks:
        say(f"walk in all: {len(walks)} readers, {sum(walk[1] for walk in walks.values())} answers")
