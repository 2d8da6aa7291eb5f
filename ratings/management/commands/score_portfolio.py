"""`manage.py score_portfolio FILE.json`: rates a portfolio file by the published methodology, without a database."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ratings.scoring.json_cursor import PortfolioError
from ratings.scoring.portfolio_report import FORMATS, report


class Command(BaseCommand):
    help = "Rates the products of a portfolio file. Exit code 2 and one line per fault if the file cannot be rated."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE.json", help="the portfolio file, - for standard input")
        parser.add_argument("--as-of", metavar="DATE", help="rate as of this day (YYYY-MM-DD) instead of the file's")
        parser.add_argument("--format", choices=FORMATS, default="table", help="default: table")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            name = options["file"]
            content = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
            self.stdout.write(report(content, options["as_of"], options["format"]))
        except (OSError, PortfolioError) as error:
            self.stderr.write(f"{name}: {error.strerror}" if isinstance(error, OSError) else str(error))
            sys.exit(2)
