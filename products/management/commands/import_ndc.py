"""Command: the FDA's NDC Directory."""

from datetime import date

from dscr.intake.command import ImportCommand, Progress
from dscr.intake.report import Report
from dscr.intake.rows import SourceFile
from products.imports.ndc_directory import load_directory
from products.imports.ndc_rows import PACKAGE_FILE, PRODUCT_FILE


class Command(ImportCommand):
    help = "Import products, listings and packages from the FDA's NDC Directory (finished drugs)."
    kinds = (PRODUCT_FILE, PACKAGE_FILE)

    def load(self, files: list[SourceFile], file_date: date, report: Report, progress: Progress) -> None:
        load_directory(*files, file_date, report, progress)
