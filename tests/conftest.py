"""What all tests share. The servers they run on are started by `dscr.local.pytest_plugin`, before the settings load."""

from typing import Any

import pytest
from django.db import connection


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Tests of committed rows end with a flush, which the guard of snapshots against TRUNCATE would refuse."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ratings_ratingsnapshot DISABLE TRIGGER snapshot_is_not_truncated")
