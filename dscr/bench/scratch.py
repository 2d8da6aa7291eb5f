"""A database of one's own on the configured server, dropped afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import psycopg2
from django.conf import settings
from psycopg2 import sql

KEYS = {"HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password"}


@contextmanager
def scratch_database(name: str) -> Iterator[str]:
    """Yields its URL."""
    database = settings.DATABASES["default"]
    server = psycopg2.connect(dbname="postgres", **{KEYS[key]: database[key] for key in KEYS if database.get(key)})
    server.autocommit = True
    identifier = sql.Identifier(name)
    user, password, host = (quote(str(database.get(key) or ""), safe="") for key in ("USER", "PASSWORD", "HOST"))
    with server.cursor() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier))
        cursor.execute(sql.SQL("CREATE DATABASE {}").format(identifier))
        try:
            yield f"postgres://{user}{':' + password if password else ''}@{host}:{database['PORT'] or 5432}/{name}"
        finally:
            cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(identifier))
            server.close()
