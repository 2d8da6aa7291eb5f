"""A million order lines of 200 products, from the stored file to stored figures, against a floor that merely reads the
same CSV with pandas; and the deliveries of USAID, whose share on time is known. Each step is a process of its own, for
its memory is measured too, and a child's peak begins with what its parent held."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
from django.conf import settings

from dscr.bench.measured import Measured

LINES, PRODUCTS = 1_000_000, 200
RUNS = 3
SECONDS, MIB = 60.0, 500.0
FILE = "orders.csv"
USAID = settings.BASE_DIR.parent / "shared" / "data" / "scms_delivery_history_2006-2015.tsv.gz"
ON_TIME = (6_497, 7_337)  # of the USAID deliveries, as the README beside the file states


def measure() -> list[Measured]:
    """Both limits of the design, and how much more than reading it takes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILE
        _run("generate", path)
        floors, runs = [], []
        for _ in range(RUNS):
            floors.append(_run("floor", path))
            runs.append(_run("compute", path))
        usaid = [_run("usaid", USAID, path)["seconds"]] if USAID.exists() else []
    floor, million = (median(run["seconds"] for run in found) for found in (floors, runs))
    peak = max(run["peak_mib"] for run in runs)
    share = f"{ON_TIME[0]:,} of {ON_TIME[1]:,} on time, {ON_TIME[0] / ON_TIME[1]:.2%}"
    return [
        *(Measured("deliveries of USAID, seconds", seconds, SECONDS, None, share) for seconds in usaid),
        Measured("a million order lines, seconds", million, SECONDS, None, f"median of {RUNS}"),
        Measured("the same against reading the CSV", million, floor, 20.0, "pandas.read_csv as text"),
        Measured("the same, peak memory, MiB", peak, MIB, None, f"largest of {RUNS}"),
    ]


def generate(path: Path, ndcs: list[str], lines: int = LINES) -> None:
    """Two years of orders up to yesterday: most are fine, some late, partial, canceled, or unusable."""
    dice = np.random.default_rng(42)
    today = np.datetime64(time.strftime("%Y-%m-%d"), "D")
    ordered = today - dice.integers(40, 770, lines)
    committed = ordered + dice.integers(5, 15, lines)
    shipped = ordered + dice.integers(0, 12, lines)
    delivered = shipped + dice.integers(1, 5, lines)
    units = dice.integers(1, 5_000, lines)
    partly = dice.random(lines) < 0.03
    frame = pd.DataFrame(
        {
            "Order number": [f"SO{number // 4:07}" for number in range(lines)],
            "Line": np.arange(lines) % 4 + 1,
            "NDC": np.array(ndcs)[dice.integers(0, len(ndcs), lines)],
            "Customer": "Some hospital",
            "Order date": ordered.astype(str),
            "First committed date": committed.astype(str),
            "Ship date": shipped.astype(str),
            "Delivery date": np.where(dice.random(lines) < 0.002, "", delivered.astype(str)),
            "Quantity ordered": units,
            "Quantity shipped": np.where(partly, units // 2, units),
            "Canceled": np.where(dice.random(lines) < 0.01, "yes", "no"),
        }
    )
    frame.loc[dice.random(lines) < 0.001, "Order date"] = "soon 2"
    frame.to_csv(path, index=False)


def _generate(path: Path) -> float:
    import django

    django.setup()
    from products.models import Product

    own = Product.objects.filter(enrolments__organisation__name="Bench maker 1").order_by("pk")
    generate(path, list(own.values_list("display_ndc", flat=True)[:PRODUCTS]))
    return 0.0


def _run(what: str, path: Path, beside: Path | None = None) -> dict[str, Any]:
    private = (beside or path).parent / "private"
    done = subprocess.run(
        [sys.executable, "-m", "dscr.bench.orders", what, str(path)],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "dscr.settings", "PRIVATE_FILES": str(private)},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def _floor(path: Path) -> float:
    start = time.perf_counter()
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    if len(frame) < 1:
        raise RuntimeError("The floor read nothing.")
    return time.perf_counter() - start


def _compute(path: Path) -> float:
    upload, seconds = _computed(path)
    if upload.summary["used"] < upload.summary["lines"] * 0.99:
        raise RuntimeError(f"Too few lines could be used: {upload.summary}")
    return seconds


def _usaid(path: Path) -> float:
    """All lines as one product of the firm; it has no column of NDCs. The share is checked, not only printed."""
    upload, seconds = _computed(path, of_one_product=True)
    figures = upload.figures.get(quarter_end=None)
    if (figures.orders_on_time, figures.orders_due) != ON_TIME:
        raise RuntimeError(f"{figures.orders_on_time} of {figures.orders_due} on time, not {ON_TIME}")
    return seconds


def _computed(path: Path, *, of_one_product: bool = False) -> tuple[Any, float]:
    """The upload, and wall seconds of what a worker does; storing it is a request's business and not counted."""
    import django

    django.setup()
    from django.core.files import File

    from dscr.access.models import Organisation, User
    from products.models import OrderUpload, Product
    from products.orders.files import Shape
    from products.orders.mapping import OrderMapping, guess
    from products.services.order_figures import compute_waiting
    from products.services.order_upload import order_upload_compute, order_upload_create

    user, _ = User.objects.get_or_create(email="orders@bench.example")
    maker = Organisation.objects.get(name="Bench maker 1")
    one = Product.objects.filter(enrolments__organisation=maker).earliest("pk").pk if of_one_product else None
    with path.open("rb") as file:
        upload = order_upload_create(File(file, path.name), organisation=maker, user=user)
    columns = guess(Shape.from_json(upload.shape).heads, None).columns
    order_upload_compute(upload, OrderMapping(columns, one_product=one))
    start = time.perf_counter()
    compute_waiting()
    seconds = time.perf_counter() - start
    upload = OrderUpload.objects.get(pk=upload.pk)
    if upload.state != OrderUpload.State.DONE:
        raise RuntimeError(f"The figures were not computed: {upload.state} {upload.failure} {upload.summary}")
    return upload, seconds


if __name__ == "__main__":
    steps = {"generate": _generate, "floor": _floor, "compute": _compute, "usaid": _usaid}
    seconds = steps[sys.argv[1]](Path(sys.argv[2]))
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"seconds": seconds, "peak_mib": peak_mib}) + "\n")
