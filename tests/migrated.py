"""One worker migrates, and all copy what it made: migrating takes ten seconds of a core."""

from contextlib import closing

import psycopg2
from django.db import connection

from tests.committed import keep_migrated_rows

LOCK = 20261123  # any number that no other lock has
ADDRESS = ("host", "port", "user", "password")


def template_name() -> str:
    """The same in all workers of a run, and in no other run."""
    return f"{connection.settings_dict['NAME']}_migrated"


def use_template() -> None:
    """Django makes this worker's database of the template, which the first to come makes before."""
    name = template_name()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if not cursor.fetchone():
            make_template(name)
    connection.settings_dict["TEST"] |= {"TEMPLATE": name, "MIGRATE": False}


def make_template(name: str) -> None:
    own, test = connection.settings_dict["NAME"], connection.settings_dict["TEST"]
    own_test, test["NAME"] = test["NAME"], name
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    keep_migrated_rows()
    connection.close()  # what somebody is connected to cannot be copied
    connection.settings_dict["NAME"], test["NAME"] = own, own_test


def drop_template() -> None:
    """Outside of tests, where Django may not connect."""
    asked = {key: value for key, value in connection.get_connection_params().items() if key in ADDRESS}
    with closing(psycopg2.connect(**asked, dbname="postgres")) as direct, direct.cursor() as cursor:
        direct.autocommit = True
        cursor.execute(f'DROP DATABASE IF EXISTS "{template_name()}"')
