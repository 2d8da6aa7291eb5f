"""The demonstration, loaded once into a copy of the test database that is thrown away afterwards.

A copy, because loading commits and snapshots cannot be deleted: other tests must not meet its 730 products.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from dscr.demo.load import Report, load_demo


@contextmanager
def database_copied(django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        original = connection.settings_dict["NAME"]
        connection.close()
        connection.creation.clone_test_db("demo")
        connection.settings_dict["NAME"] = connection.creation.get_test_db_clone_settings("demo")["NAME"]
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = original
            connection.creation.destroy_test_db(suffix="demo", verbosity=0, keepdb=False)
            connection.settings_dict["NAME"] = original


@pytest.fixture(scope="package")
def empty_copy(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with database_copied(django_db_blocker):
        yield


@pytest.fixture(scope="package")
def loaded(empty_copy: None, django_db_blocker: Any) -> Report:
    with django_db_blocker.unblock():
        return load_demo(seed=2026, today=timezone.localdate(), show_progress=False)
