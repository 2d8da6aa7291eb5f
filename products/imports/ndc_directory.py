"""Storing the NDC Directory: both files staged by COPY, then a few statements over whole tables.

Only rows that differ are written, so that a product whose counted columns stay the same leaves no mark.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import connection

from dscr.intake.command import Progress
from dscr.intake.report import Report
from dscr.intake.rows import SourceFile
from dscr.intake.store import require_rows, stage
from products.imports.ndc_rows import (
    LISTING_FIELDS,
    PACKAGE_FIELDS,
    PACKAGE_FILE,
    PRODUCT_FILE,
    SEPARATOR,
    listing_derived,
    listing_rows,
    package_rows,
)

DATES = {"marketing_starts_on", "marketing_ends_on", "certified_through"}
FLAGS = {"is_excluded": "s.is_excluded <> 'N'", "is_sample": "s.is_sample = 'Y'"}
DERIVED = ("substance_list", "molecule", "strength")


def _staged(*names: str) -> dict[str, str]:
    return {"line": "integer"} | {name: "date" if name in DATES else "text" for name in names}


STAGED_LISTING = _staged("product_key", *LISTING_FIELDS, *DERIVED)
STAGED_PACKAGE = _staged("product_key", "ndc", *PACKAGE_FIELDS)

# What each table takes from a staged row s: field -> expression.
SHOWN = {
    name: f"s.{name}"
    for name in (
        "display_ndc",
        "labeler_name",
        "proprietary_name",
        "nonproprietary_name",
        "molecule",
        "dosage_form",
        "route",
        "strength",
        "product_type",
        "marketing_category",
        "application_number",
        "certified_through",
    )
} | {"substances": "string_to_array(s.substance_list, '" + SEPARATOR + "')"}
LISTED = {name: f"s.{name}" for name in LISTING_FIELDS if name not in ("listing_id", "display_ndc")} | {
    "product_id": "p.id",
    "is_excluded": FLAGS["is_excluded"],
}
PACKED = {name: f"s.{name}" for name in PACKAGE_FIELDS if name not in ("listing_id", "product_ndc")} | {
    "product_id": "p.id",
    **FLAGS,
}

# The newest certified listing first; the last column makes the order the same every time.
NEWEST = (
    "{0}.certified_through DESC NULLS LAST, {1} NULLS LAST, {0}.marketing_starts_on DESC NULLS LAST, "
    "{0}.listing_id NULLS LAST"
)


def load_directory(
    product_file: SourceFile, package_file: SourceFile, file_date: date, report: Report, progress: Progress
) -> None:
    """Create and change products, listings and packages, in the transaction that is open."""
    with connection.cursor() as cursor:
        # Compiling each statement costs more than it saves; sorting wide rows in memory saves a third.
        # A table that was empty when it was last analyzed would be read again, as it grows, for every row put into it.
        cursor.execute("SET LOCAL jit = off; SET LOCAL work_mem = '64MB'; SET LOCAL maintenance_work_mem = '128MB'")
        cursor.execute("SET LOCAL enable_nestloop = off")
        load = DirectoryLoad(cursor, file_date, report)
        load.stage_listings(product_file, progress)
        load.stage_packages(package_file, progress)
        progress.step("storing products")
        with load.indexes_built_last():
            load.store_products()
        progress.step("storing listings")
        load.store_listings()
        progress.step("storing packages")
        load.store_packages()


class DirectoryLoad:
    """The steps, in the order in which `load_directory` takes them."""

    def __init__(self, cursor: Any, file_date: date, report: Report) -> None:
        self.cursor, self.file_date, self.report = cursor, file_date, report
        for label in ("products", "listings", "packages"):
            report.tallies[label]  # their order in the report

    def stage_listings(self, source: SourceFile, progress: Progress) -> None:
        rows = listing_rows(source, self.report, progress.reading(source))
        keys = ("product_key", "listing_id")
        require_rows(source, self.report, stage(self.cursor, "staged_listing", STAGED_LISTING, keys, rows))
        self._keep_newer("staged_listing", "products_listing", "listing_id", "listings")
        self._reject_staged(
            "staged_listing",
            PRODUCT_FILE.title,
            "PRODUCTID is stored with another PRODUCTNDC",
            "SELECT FROM products_listing l JOIN products_product p ON p.id = l.product_id "
            "WHERE l.listing_id = s.listing_id AND p.ndc <> s.product_key",
            "listing_id",
        )
        self._stage_other_listings()

    def stage_packages(self, source: SourceFile, progress: Progress) -> None:
        rows = package_rows(source, self.report, progress.reading(source))
        keys = ("product_key", "ndc", "listing_id")
        require_rows(source, self.report, stage(self.cursor, "staged_package", STAGED_PACKAGE, keys, rows))
        self._keep_newer("staged_package", "products_package", "ndc", "packages")

    def store_products(self) -> None:
        """Each product shows the newest certified of its listings, in this file or stored before."""
        self.cursor.execute(
            "DROP TABLE IF EXISTS pg_temp.shown_listing; "  # noqa: S608
            "CREATE TEMPORARY TABLE shown_listing ON COMMIT DROP AS SELECT DISTINCT ON (product_key) * FROM "
            "(SELECT * FROM staged_listing UNION ALL SELECT * FROM other_listing) AS s "
            f"ORDER BY product_key, {NEWEST.format('s', FLAGS['is_excluded'])}"
        )
        self._upsert(
            "products", "ndc", SHOWN | {"ndc": "s.product_key"}, "shown_listing s", also={"is_synthetic": "false"}
        )

    @contextmanager
    def indexes_built_last(self) -> Iterator[None]:
        """The first load, into an almost empty table, builds the indexes of lists and search at the end.

        Keeping them up row by row takes three times as long. Readers wait meanwhile, so later loads keep them up.
        """
        self.cursor.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index i "
            "WHERE indrelid IN ('products_product'::regclass, 'products_productname'::regclass) AND NOT indisunique "
            "AND (SELECT count(*) FROM staged_listing) > 10 * (SELECT greatest(1000, count(*)) FROM products_product)"
        )
        indexes = self.cursor.fetchall()
        for name, _ in indexes:
            self.cursor.execute(f"DROP INDEX {name}")
        yield
        for _, definition in indexes:
            self.cursor.execute(definition)

    def store_listings(self) -> None:
        self._upsert(
            "listings",
            "listing_id",
            LISTED | {"listing_id": "s.listing_id"},
            "staged_listing s JOIN products_product p ON p.ndc = s.product_key",
        )

    def store_packages(self) -> None:
        self._reject_staged(
            "staged_package",
            PACKAGE_FILE.title,
            "its product is in no product file",
            "SELECT WHERE NOT EXISTS (SELECT FROM products_product p WHERE p.ndc = s.product_key)",
            "display_ndc",
        )
        self._drop_repeated_packages()
        self._upsert(
            "packages",
            "ndc",
            PACKED | {"ndc": "s.ndc"},
            "staged_package s JOIN products_product p ON p.ndc = s.product_key",
        )

    def _stage_other_listings(self) -> None:
        """Stored listings of the file's products that the file does not name: they may be the newest certified."""
        stored = tuple(name for name in LISTING_FIELDS if name != "display_ndc")
        self.cursor.execute(
            f"SELECT p.ndc, p.display_ndc, {_columns('l', stored)} "  # noqa: S608
            "FROM products_listing l JOIN products_product p ON p.id = l.product_id "
            "WHERE p.ndc IN (SELECT product_key FROM staged_listing) "
            "AND NOT EXISTS (SELECT FROM staged_listing s WHERE s.listing_id = l.listing_id)"
        )
        names = ("product_key", "display_ndc", *stored)
        rows = [dict(zip(names, row, strict=True)) for row in self.cursor.fetchall()]
        for row in rows:
            derived = listing_derived(row["substance_names"], row["strengths"], row["units"])
            row |= zip(DERIVED, derived, strict=True)
            row |= {"line": "0", "is_excluded": "E" if row["is_excluded"] else "N"}
        cells = ([str(row[name] or "") for name in STAGED_LISTING] for row in rows)
        stage(self.cursor, "other_listing", STAGED_LISTING, ("product_key",), cells)

    def _drop_repeated_packages(self) -> None:
        """Of several rows with one package code, that of the newest certified listing is stored."""
        self.cursor.execute(
            "WITH repeated AS "  # noqa: S608
            "(SELECT ndc FROM staged_package GROUP BY ndc HAVING count(*) > 1), "
            "ranked AS (SELECT s.ctid AS place, row_number() OVER "
            f"(PARTITION BY s.ndc ORDER BY {NEWEST.format('l', 'l.is_excluded')}, s.line) AS rank "
            "FROM staged_package s JOIN repeated USING (ndc) LEFT JOIN products_listing l USING (listing_id)) "
            "DELETE FROM staged_package s USING ranked WHERE s.ctid = ranked.place AND rank > 1 "
            "RETURNING s.line, s.display_ndc"
        )
        remark = "package code repeated; used is the row of the newest certified listing, or else the first"
        for line, code in sorted(self.cursor.fetchall()):
            self.report.note(PACKAGE_FILE.title, line, remark, code)

    def _reject_staged(self, table: str, title: str, reason: str, wrong: str, shown: str) -> None:
        self.cursor.execute(f"DELETE FROM {table} s WHERE EXISTS ({wrong}) RETURNING s.line, s.{shown}")  # noqa: S608
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
        self, label: str, key: str, fields: dict[str, str], source: str, also: dict[str, str] | None = None
    ) -> None:
        """Insert what is new, update what differs, and move `last_seen_on` of the rest without calling it a change.

        fields: column -> expression over `source`. also: what only a new row is given. ON CONFLICT would lock and so
        rewrite every unchanged row; the import's advisory lock makes it needless.
        """
        table, tally, names = f"products_{label[:-1]}", self.report.tallies[label], tuple(fields)
        expressions = ", ".join(f"{expression} AS {name}" for name, expression in fields.items())
        wanted = f"(SELECT {expressions} FROM {source}) AS w"  # noqa: S608
        self.cursor.execute(f"SELECT count(*) FROM {source}")  # noqa: S608
        total = self.cursor.fetchone()[0]
        self.cursor.execute(
            f"UPDATE {table} t SET {', '.join(f'{name} = w.{name}' for name in names)} FROM {wanted} "  # noqa: S608
            f"WHERE t.{key} = w.{key} AND ({_columns('t', names)}) IS DISTINCT FROM ({_columns('w', names)})"
        )
        tally.changed = self.cursor.rowcount
        given = {name: name for name in names} | (also or {}) | {"last_seen_on": "%s"}
        self.cursor.execute(
            f"INSERT INTO {table} ({', '.join(given)}) SELECT {', '.join(given.values())} FROM {wanted} "  # noqa: S608
            f"WHERE NOT EXISTS (SELECT FROM {table} t WHERE t.{key} = w.{key})",
            [self.file_date],
        )
        tally.created = self.cursor.rowcount
        tally.unchanged = total - tally.changed - tally.created
        self.cursor.execute(
            f"UPDATE {table} t SET last_seen_on = %s FROM {wanted} "  # noqa: S608
            f"WHERE t.{key} = w.{key} AND t.last_seen_on IS DISTINCT FROM %s",
            [self.file_date, self.file_date],
        )


def _columns(alias: str, names: tuple[str, ...]) -> str:
    return ", ".join(f"{alias}.{name}" for name in names)
