"""Measure what the design promises, each against a floor or a limit, on a generated registry."""

import json
import os
import subprocess
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from dscr.bench import MEASURES
from dscr.bench.measured import Measured, table
from dscr.bench.scratch import scratch_database


class Command(BaseCommand):
    help = "Measure speed and size on 120,000 generated products in a scratch database. Takes some minutes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("measure", nargs="*", choices=[*MEASURES, []], help="all of them if none is named")
        parser.add_argument("--products", type=int, default=120_000)
        parser.add_argument("--establishments", type=int, default=10_000)

    def handle(self, *args: Any, measure: list[str], products: int, establishments: int, **options: Any) -> None:
        rows: list[Measured] = []
        with scratch_database("dscr_bench") as url:
            # Nothing of a running DSCR hears of it: another database, and another number within Redis.
            environment = os.environ | {"DATABASE_URL": url, "REDIS_URL": settings.REDIS_URL.rsplit("/", 1)[0] + "/7"}
            self._say(f"Generating {products:,} products and {establishments:,} establishments ...")
            self._run(environment, "generate", str(products), str(establishments))
            for name in measure or MEASURES:
                self._say(f"Measuring {name} ...")
                rows += [Measured(*row) for row in self._run(environment, name)]
        self.stdout.write(table(rows))

    def _say(self, text: str) -> None:
        self.stderr.write(text)

    def _run(self, environment: dict[str, str], *arguments: str) -> list[Any]:
        """Each measure is a process of its own, so that memory and caches are its own too."""
        done = subprocess.run(
            [sys.executable, "-m", "dscr.bench", *arguments],
            env=environment,
            cwd=settings.BASE_DIR,
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
        return json.loads(done.stdout or "[]")
