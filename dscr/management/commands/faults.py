"""`make faults`: break everything that may break while writers write, then count what was lost. It should be none."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dscr.faults.run import run
from dscr.local.data_folder import LocalError
from dscr.local.processes import signals_handled


class Command(BaseCommand):
    help = (
        "Kill, freeze and restart workers, Redis and PostgreSQL under load; check that no write and no score suffers."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seconds", type=float, default=180, help="How long the writers write (default 180).")
        parser.add_argument("--products", type=int, default=520, help="Size of the portfolio (default 520).")

    def handle(self, *args: Any, seconds: float, products: int, **options: Any) -> None:
        # Ctrl-C and the rest leave through every `finally`, so that all it started is ended.
        with signals_handled(lambda number, frame: sys.exit(128 + number)):
            try:
                passed = run(seconds, products)
            except LocalError as error:
                raise CommandError(str(error)) from error
        if not passed:
            sys.exit(1)
