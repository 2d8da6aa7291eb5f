"""Load the synthetic demonstration portfolio, with its accounts and two years of history."""

import time
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from dscr.access.demo_accounts import DEMO_PASSWORD
from dscr.demo.accounts import addresses
from dscr.demo.load import NotLoadableError, is_loaded, load_demo

SEED = 2026


class Command(BaseCommand):
    help = "Load the synthetic demonstration portfolio (local mode only)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing if it is loaded already")
        parser.add_argument("--seed", type=int, default=SEED, help=f"another world for another number ({SEED})")
        parser.add_argument(
            "--today", type=date.fromisoformat, metavar="DATE", help="count its two years back from then (today)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_empty"] and is_loaded():
            return
        begun = time.monotonic()
        try:
            report = load_demo(
                options["seed"], options["today"] or timezone.localdate(), show_progress=options["verbosity"] > 0
            )
        except NotLoadableError as reason:
            if options["if_empty"] and is_loaded():  # another process was quicker
                return
            raise CommandError(str(reason)) from None
        if options["verbosity"] == 0:
            return
        counts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in report.rows.items())
        self.stdout.write(
            f"Synthetic demonstration data: {counts}.\n"
            f"{report.past_snapshots} ratings of the past, {report.rated_today} products rated today, "
            f"in {time.monotonic() - begun:.0f} s.\n"
            f"Sign in as {', '.join(addresses())}; the password is {DEMO_PASSWORD}."
        )
