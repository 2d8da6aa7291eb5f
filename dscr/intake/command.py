"""The skeleton of an import command: arguments, progress, one transaction, report, exit codes."""

import argparse
import sys
from abc import abstractmethod
from collections.abc import Callable
from datetime import date
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, transaction
from django.utils import timezone
from tqdm import tqdm

from dscr.intake.files import FileError, FileKind
from dscr.intake.report import Report
from dscr.intake.rows import SourceFile


class Progress:
    """A bar on stderr while it is a terminal: lines read, and what is being done."""

    def __init__(self, total: int) -> None:
        self._bar = tqdm(total=total, unit=" lines", unit_scale=True, disable=None, file=sys.stderr, leave=False)
        self._done = 0

    def reading(self, source: SourceFile) -> Callable[[int], None]:
        """A function to call with the line reached in this file."""
        start = self._done
        self._done += source.line_count
        self.step(f"reading {source.path.name}")
        return lambda line: self._bar.update(start + line - self._bar.n)

    def step(self, text: str) -> None:
        self._bar.set_description_str(text)

    def close(self) -> None:
        self._bar.close()


class ImportCommand(BaseCommand):
    """Give `kinds`, one per file argument, and `load`.

    Exit code 0 with a report on stdout; 2 with one line on stderr where a file cannot be used, and nothing stored.
    """

    kinds: ClassVar[tuple[FileKind, ...]]

    @abstractmethod
    def load(self, files: list[SourceFile], file_date: date, report: Report, progress: Progress) -> None:
        """Store the files' rows, in the transaction that is open. FileError stores nothing."""

    def add_arguments(self, parser: CommandParser) -> None:
        for kind in self.kinds:
            parser.add_argument(kind.name, metavar=kind.name.upper(), help=f"{kind.title} ({kind.source}), may be .gz")
        parser.add_argument("--dry-run", action="store_true", help="read and check everything, store nothing")
        parser.add_argument(
            "--file-date",
            type=_file_date,
            help="the day the file describes, YYYY-MM-DD; default today. Rows that a newer file gave are kept.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        file_date = options["file_date"] or timezone.localdate()
        report, progress = Report(), None
        try:
            files = [SourceFile(options[kind.name], kind) for kind in self.kinds]
            progress = Progress(sum(source.line_count for source in files))
            with transaction.atomic():
                self._wait_for_others()
                self.load(files, file_date, report, progress)
                transaction.set_rollback(options["dry_run"])
        except FileError as error:
            self.stderr.write(str(error))
            raise SystemExit(2) from None
        finally:
            if progress:
                progress.close()
        self.stdout.write(report.text())
        if options["dry_run"]:
            self.stdout.write("\nDry run: nothing was stored.")

    def _wait_for_others(self) -> None:
        """Two imports of one kind at a time would both create the same rows: the second waits for the first."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [type(self).__module__])


def _file_date(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a date: give YYYY-MM-DD") from None
    if day > timezone.localdate():
        raise argparse.ArgumentTypeError(f"{text} lies in the future")
    return day
