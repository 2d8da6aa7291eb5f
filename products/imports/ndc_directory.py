"""Storing the NDC Directory: both files staged by COPY, then a few statements over whole tables.

Only rows that differ are written, so that a product whose counted columns stay the same leaves no mark.
"""

from datetime import date
from typing import Any

from django.db import connection

from dscr.intake.command import Progress
from dscr.intake.report import Report, Tally
from dscr.intake.rows import SourceFile
from dscr.intake.store import require_rows, stage
from products.imports.ndc_rows import (
    LISTING_FIELDS,
    PACKAGE_FIELDS,
    PACKAGE_FILE,
    PRODUCT_FILE,
    listing_derived,
    listing_rows,
    package_rows,
)

TYPES = {"marketing_starts_on": "date", "marketing_ends_on": "date", "certified_through": "date"}
TYPES |= {"is_excluded": "boolean", "is_sample": "boolean"}
DERIVED = ("substance_lines", "molecule", "strength")


def _typed(names: tuple[str, ...]) -> dict[str, str]:
    return {"line": "integer"} | {name: TYPES.get(name, "text") for name in names}


STAGED_LISTING = _typed(("product_ndc", *LISTING_FIELDS, *DERIVED))
STAGED_PACKAGE = _typed(("product_key", "ndc", *PACKAGE_FIELDS))

# What a product shows, and from which expression over its staged listing.
SHOWN = {
    name: name
    for name in LISTING_FIELDS
    if name
    in {
        "display_ndc",
        "labeler_name",
        "proprietary_name",
        "nonproprietary_name",
        "dosage_form",
        "route",
        "product_type",
        "marketing_category",
        "application_number",
        "certified_through",
    }
}
SHOWN |= {"substances": "string_to_array(substance_lines, E'\\n')", "molecule": "molecule", "strength": "strength"}
LISTED = tuple(name for name in LISTING_FIELDS if name not in ("listing_id", "display_ndc"))
PACKED = tuple(name for name in PACKAGE_FIELDS if name not in ("listing_id", "product_ndc"))

# The newest certified listing first; the last column makes the order the same every time.
NEWEST = (
    "{0}.certified_through DESC NULLS LAST, {0}.is_excluded NULLS LAST, "
    "{0}.marketing_starts_on DESC NULLS LAST, {0}.listing_id NULLS LAST"
)


def load_directory(
    product_file: SourceFile, package_file: SourceFile, file_date: date, report: Report, progress: Progress
) -> None:
    """Create and change products, listings and packages, in the transaction that is open."""
    with connection.cursor() as cursor:
        load = DirectoryLoad(cursor, file_date, report)
        load.stage_listings(product_file, progress)
        load.stage_packages(package_file, progress)
        progress.step("storing products")
        load.store_products()
        progress.step("storing listings")
        load.store_listings()
        progress.step("storing packages")
        load.store_packages()


class DirectoryLoad:
    """The steps, in the order in which `load_directory` takes them."""

    def __init__(self, cursor: Any, file_date: date, report: Report) -> None:
        self.cursor, self.file_date, self.report = cursor, file_date, report

    def stage_listings(self, source: SourceFile, progress: Progress) -> None:
        rows = listing_rows(source, self.report, progress.reading(source))
        require_rows(source, self.report, stage(self.cursor, "staged_listing", STAGED_LISTING, rows))
        self._keep_newer("staged_listing", "products_listing", "listing_id", "listings")
        self._reject_staged(
            "staged_listing",
            PRODUCT_FILE.title,
            "PRODUCTID is stored with another PRODUCTNDC",
            "SELECT l.listing_id FROM products_listing l JOIN products_product p ON p.id = l.product_id "
            "WHERE l.listing_id = staged.listing_id AND p.ndc <> staged.product_ndc",
            "listing_id",
        )
        self._stage_other_listings()

    def stage_packages(self, source: SourceFile, progress: Progress) -> None:
        rows = package_rows(source, self.report, progress.reading(source))
        require_rows(source, self.report, stage(self.cursor, "staged_package", STAGED_PACKAGE, rows))
        self._keep_newer("staged_package", "products_package", "ndc", "packages")

    def store_products(self) -> None:
        """Each product shows the newest certified of its listings, in this file or stored before."""
        self._upsert(
            "products_product",
            "ndc",
            tuple(SHOWN),
            f"SELECT DISTINCT ON (product_ndc) product_ndc AS ndc, {_aliased(SHOWN)}, is_synthetic "  # noqa: S608
            "FROM (SELECT *, false AS is_synthetic FROM staged_listing UNION ALL SELECT *, false FROM other_listing) l "
            f"ORDER BY product_ndc, {NEWEST.format('l')}",
            "products",
            extra=("is_synthetic",),
        )

    def store_listings(self) -> None:
        self._upsert(
            "products_listing",
            "listing_id",
            ("product_id", *LISTED),
            f"SELECT s.listing_id, p.id AS product_id, {_of('s', LISTED)} "  # noqa: S608
            "FROM staged_listing s JOIN products_product p ON p.ndc = s.product_ndc",
            "listings",
        )

    def store_packages(self) -> None:
        self._reject_staged(
            "staged_package",
            PACKAGE_FILE.title,
            "its product is in no product file",
            "SELECT WHERE NOT EXISTS (SELECT FROM products_product p WHERE p.ndc = staged.product_key)",
            "display_ndc",
        )
        self._drop_repeated_packages()
        self._upsert(
            "products_package",
            "ndc",
            ("product_id", *PACKED),
            f"SELECT s.ndc, p.id AS product_id, {_of('s', PACKED)} "  # noqa: S608
            "FROM staged_package s JOIN products_product p ON p.ndc = s.product_key",
            "packages",
        )

    def _stage_other_listings(self) -> None:
        """Stored listings of the file's products that the file does not name: they may be the newest certified."""
        stored = tuple(name for name in LISTING_FIELDS if name != "display_ndc")
        self.cursor.execute(
            f"SELECT p.ndc, p.display_ndc, {_of('l', stored)} "  # noqa: S608
            "FROM products_listing l JOIN products_product p ON p.id = l.product_id "
            "WHERE p.ndc IN (SELECT product_ndc FROM staged_listing) "
            "AND NOT EXISTS (SELECT FROM staged_listing s WHERE s.listing_id = l.listing_id)"
        )
        names = ("product_ndc", "display_ndc", *stored)
        rows = [dict(zip(names, row, strict=True)) for row in self.cursor.fetchall()]
        for row in rows:
            derived = listing_derived(row["substance_names"], row["strengths"], row["units"])
            row.update(zip(DERIVED, derived, strict=True), line=0)
        stage(self.cursor, "other_listing", STAGED_LISTING, ([row[name] for name in STAGED_LISTING] for row in rows))

    def _drop_repeated_packages(self) -> None:
        """Of several rows with one package code, that of the newest certified listing is stored."""
        self.cursor.execute(
            "WITH repeated AS (SELECT ndc FROM staged_package GROUP BY ndc HAVING count(*) > 1), "
            "ranked AS (SELECT s.ctid AS place, row_number() OVER "  # noqa: S608
            f"(PARTITION BY s.ndc ORDER BY {NEWEST.format('l')}, s.line) AS rank "
            "FROM staged_package s JOIN repeated USING (ndc) LEFT JOIN products_listing l USING (listing_id)) "
            "DELETE FROM staged_package s USING ranked WHERE s.ctid = ranked.place AND rank > 1 "
            "RETURNING s.line, s.display_ndc"
        )
        remark = "package code repeated: the row of the newest certified listing, or the first of one listing, is used"
        for line, code in sorted(self.cursor.fetchall()):
            self.report.note(PACKAGE_FILE.title, line, remark, code)

    def _reject_staged(self, table: str, title: str, reason: str, wrong: str, shown: str) -> None:
        self.cursor.execute(
            f"DELETE FROM {table} staged WHERE EXISTS ({wrong}) RETURNING line, {shown}"  # noqa: S608
        )
        for line, text in sorted(self.cursor.fetchall()):
            self.report.reject(title, line, reason, text)

    def _keep_newer(self, staged: str, table: str, key: str, label: str) -> None:
        """Rows that a newer file gave stay as they are."""
        self.cursor.execute(
            f"DELETE FROM {staged} s USING {table} t WHERE t.{key} = s.{key} AND t.last_seen_on > %s",  # noqa: S608
            [self.file_date],
        )
        self.report.tallies[label].kept = self.cursor.rowcount

    def _upsert(
        self, table: str, key: str, fields: tuple[str, ...], select: str, label: str, extra: tuple[str, ...] = ()
    ) -> None:
        """Insert what is new, update what differs, and move `last_seen_on` of the rest without calling it a change."""
        tally = self.report.tallies[label]
        names = ", ".join((key, *fields, *extra))
        self.cursor.execute(f"CREATE TEMPORARY TABLE wanted ON COMMIT DROP AS {select}")
        total = self.cursor.rowcount
        self.cursor.execute(
            f"UPDATE {table} t SET {', '.join(f'{name} = w.{name}' for name in fields)} FROM wanted w "  # noqa: S608
            f"WHERE t.{key} = w.{key} AND ({_of('t', fields)}) IS DISTINCT FROM ({_of('w', fields)})"
        )
        tally.changed = self.cursor.rowcount
        self.cursor.execute(
            f"INSERT INTO {table} ({names}, last_seen_on) SELECT {names}, %s FROM wanted w "  # noqa: S608
            f"WHERE NOT EXISTS (SELECT FROM {table} t WHERE t.{key} = w.{key})",
            [self.file_date],
        )
        tally.created = self.cursor.rowcount
        tally.unchanged = total - tally.changed - tally.created
        self.cursor.execute(
            f"UPDATE {table} t SET last_seen_on = %s FROM wanted w "  # noqa: S608
            f"WHERE t.{key} = w.{key} AND t.last_seen_on IS DISTINCT FROM %s",
            [self.file_date, self.file_date],
        )
        self.cursor.execute("DROP TABLE wanted")


def _of(alias: str, names: tuple[str, ...]) -> str:
    return ", ".join(f"{alias}.{name}" for name in names)


def _aliased(expressions: dict[str, str]) -> str:
    return ", ".join(f"{expression} AS {name}" for name, expression in expressions.items())


__all__ = ["Tally", "load_directory"]
