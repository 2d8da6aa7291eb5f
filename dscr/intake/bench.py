"""How long `import_ndc` takes, against a floor that reads both files with pandas and COPYs them into bare tables.

Each measurement is a process of its own (peak memory is that of the process) on a scratch database that is dropped
afterwards. Runs take turns and medians are compared, because other work on the machine moves both.
"""

import io
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple
from urllib.parse import quote

import pandas as pd
import psycopg2
from django.conf import settings
from psycopg2 import sql

SCRATCH = "dscr_bench_ndc"


class Measured(NamedTuple):
    """Wall seconds, those of the floor, their ratio, and peak memory in MiB."""

    name: str
    seconds: float
    floor_seconds: float
    ratio: float
    peak_rss_mb: float


def bench_import_ndc(product_path: str | Path, package_path: str | Path, runs: int = 3) -> list[Measured]:
    """A first load into an empty database, and the same files again: medians. CalledProcessError where a run fails."""
    paths = (str(Path(product_path).resolve()), str(Path(package_path).resolve()))
    floor, first, again = [], [], []
    for _ in range(runs):
        with _scratch_database() as url:
            _run(url, "django", "migrate", "--verbosity", "0")
            floor.append(_run(url, "floor", *paths))
            first.append(_run(url, "django", "import_ndc", *paths))
            again.append(_run(url, "django", "import_ndc", *paths))
    named = {"import_ndc, first load": first, "import_ndc, same files again": again}
    return [_measured(name, results, floor) for name, results in named.items()]


def _measured(name: str, results: list[dict[str, float]], floor: list[dict[str, float]]) -> Measured:
    seconds, bare = (median(run["seconds"] for run in each) for each in (results, floor))
    return Measured(name, seconds, bare, seconds / bare, max(run["rss_mb"] for run in results))


@contextmanager
def _scratch_database() -> Iterator[str]:
    """The address of a new database on the server that the settings name; dropped at the end."""
    database = settings.DATABASES["default"]
    keys = {"HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password"}
    connection = psycopg2.connect(dbname="postgres", **{keys[k]: database[k] for k in keys if database.get(k)})
    connection.autocommit = True
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(SCRATCH))
    user, password, host = (quote(str(database.get(key) or ""), safe="") for key in ("USER", "PASSWORD", "HOST"))
    port = f":{database['PORT']}" if database.get("PORT") else ""
    try:
        with connection.cursor() as cursor:
            cursor.execute(drop)
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(SCRATCH)))
            try:
                yield f"postgres://{user}{':' + password if password else ''}@{host}{port}/{SCRATCH}"
            finally:
                cursor.execute(drop)
    finally:
        connection.close()


def _run(url: str, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "dscr.intake.bench", *arguments],
        env=os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "dscr.settings"},
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def _floor(*paths: str) -> None:
    with psycopg2.connect(os.environ["DATABASE_URL"]) as connection, connection.cursor() as cursor:
        for number, path in enumerate(paths):
            frame = pd.read_csv(path, sep="\t", encoding="cp1252", quoting=3, dtype=str, keep_default_na=False)
            columns = ", ".join(f'"{column}" text' for column in frame)
            cursor.execute(f"DROP TABLE IF EXISTS bare_{number}; CREATE TABLE bare_{number} ({columns})")
            buffer = io.StringIO()
            frame.to_csv(buffer, index=False, header=False)
            buffer.seek(0)
            cursor.copy_expert(f"COPY bare_{number} FROM STDIN WITH (FORMAT csv)", buffer, size=1 << 20)


def _django(*arguments: str) -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command(*arguments)


if __name__ == "__main__":
    start = time.perf_counter()
    {"floor": _floor, "django": _django}[sys.argv[1]](*sys.argv[2:])
    seconds = time.perf_counter() - start
    rss_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "rss_mb": rss_mb}))  # noqa: T201
