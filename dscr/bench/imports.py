"""`import_ndc` on the real files against a floor that reads both with pandas and COPYs them into bare tables.

Each run is a process of its own, for its memory is measured too; floor and import take turns, for other work on the
machine moves both.
"""

import io
import json
import os
import resource
import subprocess
import sys
import time
from statistics import median
from typing import Any

import pandas as pd
import psycopg2
from django.conf import settings

from dscr.bench.measured import Measured
from dscr.bench.scratch import scratch_database

FOLDER = settings.BASE_DIR.parent / "shared" / "data"
FILES = ("ndc_product_2019-04.txt.gz", "ndc_package_2019-04.txt.gz")
RUNS = 3


def measure() -> list[Measured]:
    """A first load into an empty database, and the same files again: medians. None where the files are not at hand."""
    paths = [str(FOLDER / name) for name in FILES]
    if not all(map(os.path.exists, paths)):
        sys.stderr.write(f"import_ndc is not measured: {' and '.join(FILES)} are not beside the checkout.\n")
        return []
    floors, loads, repeats = [], [], []
    for _ in range(RUNS):
        with scratch_database("dscr_bench_ndc") as url:
            _run(url, "django", "migrate", "--verbosity", "0")
            floors.append(_run(url, "floor", *paths))
            loads.append(_run(url, "django", "import_ndc", *paths))
            repeats.append(_run(url, "django", "import_ndc", *paths))
    floor, first, again = (median(run["seconds"] for run in runs) for runs in (floors, loads, repeats))
    peak = max(run["peak_gib"] for run in loads + repeats)
    return [
        Measured("import_ndc, first load", first, floor, 4.0, "median of 3"),
        Measured("import_ndc, same files again", again, floor, 4.0, "median of 3"),
        Measured("import_ndc, peak memory, GiB", peak, 1.0, None, ""),
    ]


def _run(url: str, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "dscr.bench.imports", *arguments],
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
    peak_gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    sys.stdout.write(json.dumps({"seconds": seconds, "peak_gib": peak_gib}) + "\n")
