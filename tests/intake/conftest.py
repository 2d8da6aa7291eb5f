"""Small files of every kind, written by hand, and the real ones where they are at hand."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from products.imports.ndc_rows import PACKAGE_FILE, PRODUCT_FILE
from products.imports.shortages import SHORTAGE_FILE
from qmm.imports.establishments import ESTABLISHMENT_FILE

DATA = settings.BASE_DIR.parent / "shared" / "data"


@pytest.fixture
def real_file() -> Callable[[str], str]:
    """The path of a real file; skips the test where it is absent."""

    def find(name: str) -> str:
        if not (DATA / name).exists():
            pytest.skip(f"{name} is not in ../shared/data")
        return str(DATA / name)

    return find


def mark_count() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ratings_stalemark")
        return cursor.fetchone()[0]


class Outcome:
    """What a command printed, and its exit code."""

    def __init__(self, name: str, *arguments: object, **options: object) -> None:
        out, err = io.StringIO(), io.StringIO()
        self.code = 0
        try:
            call_command(name, *map(str, arguments), stdout=out, stderr=err, **options)
        except SystemExit as stop:
            self.code = stop.code
        self.out, self.err = out.getvalue(), err.getvalue()

    def counts(self, table: str) -> list[int]:
        """Created, changed, unchanged."""
        words = next(line for line in self.out.splitlines() if line.startswith(table)).split()
        return [int(word.replace(",", "")) for word in words[1:4]]

    def findings(self) -> dict[str, int]:
        """Reason -> count, of what was rejected and noted."""
        lines = [line.split(None, 1) for line in self.out.splitlines() if line.startswith("   ") and ": " in line]
        return {text.split(": ", 1)[1]: int(count.replace(",", "")) for count, text in lines if count[0].isdigit()}


LISTING = {
    "listing_id": "0002-0800_a",
    "display_ndc": "0002-0800",
    "product_type": "HUMAN PRESCRIPTION DRUG",
    "proprietary_name": "Sterile Diluent",
    "nonproprietary_name": "Diluent",
    "dosage_form": "INJECTION, SOLUTION",
    "route": "SUBCUTANEOUS",
    "marketing_starts_on": "19870710",
    "marketing_category": "NDA",
    "application_number": "NDA018781",
    "labeler_name": "Dr. Reddy’s",
    "substance_names": "WATER",
    "strengths": "1",
    "units": "mL/mL",
    "is_excluded": "N",
    "certified_through": "20201231",
}
PACKAGE = {
    "listing_id": "0002-0800_a",
    "product_ndc": "0002-0800",
    "display_ndc": "0002-0800-01",
    "description": '1 VIAL 5" (0002-0800-01)  ',
    "marketing_starts_on": "19870710",
    "is_excluded": "N",
    "is_sample": "N",
}
SITE = {
    "fei": "3000000001",
    "duns": "111111111",
    "name": "Example Labs",
    "address": "1 Main St, Springfield (IL) 62701, United States (USA)",
    "expires": "12/31/2025",
    "operations": "MANUFACTURE; ANALYSIS",
}
SHORTAGE = {
    "generic_name": "Examplol Injection",
    "company_name": "Example Labs",
    "presentation": "10 mg (NDC 0002-0800-01)",
    "updated_on": "1/5/23",
    "status": "Current",
    "posted_on": "1/2/23",
}


class Files:
    """Writes files of each kind from rows of our names; what a row leaves out is blank."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, kind, default: dict, *rows: dict) -> Path:
        def cell(text: str) -> str:
            return '"' + text.replace('"', '""') + '"' if kind.quoted else text

        cells = ([cell((default | row).get(column, "")) for column in kind.columns] for row in rows)
        lines = [kind.delimiter.join(line) for line in (kind.columns.values(), *cells)]
        path = self.folder / name
        path.write_bytes(("\r\n".join(lines) + "\r\n").encode(kind.encoding))
        return path

    def products(self, *rows: dict) -> Path:
        return self.write("product.txt", PRODUCT_FILE, LISTING, *rows)

    def packages(self, *rows: dict) -> Path:
        return self.write("package.txt", PACKAGE_FILE, PACKAGE, *rows)

    def sites(self, *rows: dict) -> Path:
        return self.write("decrs.csv", ESTABLISHMENT_FILE, SITE, *rows)

    def shortages(self, *rows: dict) -> Path:
        return self.write("shortages.csv", SHORTAGE_FILE, SHORTAGE, *rows)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)
