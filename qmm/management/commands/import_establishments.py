"""Command: the FDA's register of drug establishments."""

from datetime import date

from dscr.intake.command import ImportCommand, Progress
from dscr.intake.report import Report
from dscr.intake.rows import SourceFile
from qmm.imports.establishments import ESTABLISHMENT_FILE, load_establishments


class Command(ImportCommand):
    help = "Import establishments and their FEI and DUNS numbers from the FDA's register (DECRS)."
    kinds = (ESTABLISHMENT_FILE,)

    def load(self, files: list[SourceFile], file_date: date, report: Report, progress: Progress) -> None:
        load_establishments(*files, file_date, report, progress)
