"""Command: the FDA's list of drug shortages."""

from datetime import date

from dscr.intake.command import ImportCommand, Progress
from dscr.intake.report import Report
from dscr.intake.rows import SourceFile
from products.imports.shortages import SHORTAGE_FILE, load_shortages


class Command(ImportCommand):
    help = "Import the FDA's list of drug shortages; the packages stand inside the text."
    kinds = (SHORTAGE_FILE,)

    def load(self, files: list[SourceFile], file_date: date, report: Report, progress: Progress) -> None:
        load_shortages(*files, file_date, report, progress)
