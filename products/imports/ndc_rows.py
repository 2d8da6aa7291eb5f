"""The rows of the FDA's NDC Directory (product.txt and package.txt, finished drugs), made ready to store.

Dates are YYYYMMDD text, 19000101 and 31030209 among them; quotes are characters like any other; several substances,
strengths and units stand in one cell. The directory repeats product codes (one listing each) and a few package codes.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache
from typing import Any

from dscr.intake.files import FileKind
from dscr.intake.report import Report
from dscr.intake.rows import RowError, SourceFile
from products.models import Listing
from products.ndc import NdcError, package_key, product_key

PRODUCT_FILE = FileKind(
    name="product",
    title="the NDC product file",
    source="product.txt of the FDA's NDC Directory",
    columns={
        "listing_id": "PRODUCTID",
        "display_ndc": "PRODUCTNDC",
        "product_type": "PRODUCTTYPENAME",
        "proprietary_name": "PROPRIETARYNAME",
        "proprietary_name_suffix": "PROPRIETARYNAMESUFFIX",
        "nonproprietary_name": "NONPROPRIETARYNAME",
        "dosage_form": "DOSAGEFORMNAME",
        "route": "ROUTENAME",
        "marketing_starts_on": "STARTMARKETINGDATE",
        "marketing_ends_on": "ENDMARKETINGDATE",
        "marketing_category": "MARKETINGCATEGORYNAME",
        "application_number": "APPLICATIONNUMBER",
        "labeler_name": "LABELERNAME",
        "substance_names": "SUBSTANCENAME",
        "strengths": "ACTIVE_NUMERATOR_STRENGTH",
        "units": "ACTIVE_INGRED_UNIT",
        "pharm_classes": "PHARM_CLASSES",
        "dea_schedule": "DEASCHEDULE",
        "is_excluded": "NDC_EXCLUDE_FLAG",
        "certified_through": "LISTING_RECORD_CERTIFIED_THROUGH",
    },
    encoding="cp1252",
    delimiter="\t",
    quoted=False,
)
PACKAGE_FILE = FileKind(
    name="package",
    title="the NDC package file",
    source="package.txt of the FDA's NDC Directory",
    columns={
        "listing_id": "PRODUCTID",
        "product_ndc": "PRODUCTNDC",
        "display_ndc": "NDCPACKAGECODE",
        "description": "PACKAGEDESCRIPTION",
        "marketing_starts_on": "STARTMARKETINGDATE",
        "marketing_ends_on": "ENDMARKETINGDATE",
        "is_excluded": "NDC_EXCLUDE_FLAG",
        "is_sample": "SAMPLE_PACKAGE",
    },
    encoding="cp1252",
    delimiter="\t",
    quoted=False,
)

LISTING_FIELDS = tuple(PRODUCT_FILE.columns)
PACKAGE_FIELDS = tuple(PACKAGE_FILE.columns)
LENGTHS = [(name, Listing._meta.get_field(name).max_length) for name in LISTING_FIELDS if name != "display_ndc"]
LIMITS = [(LISTING_FIELDS.index(name), name, limit) for name, limit in LENGTHS if limit]

# "HYDROLYZED SOY PROTEIN (ENZYMATIC; 2000 MW)" is one substance: a semicolon in brackets does not part.
SEPARATOR = "\x1f"
PARTED = re.compile(r"; (?![^()]*\))")


def listing_rows(source: SourceFile, report: Report, advance: Callable[[int], Any]) -> Iterator[tuple[str, ...]]:
    """(line, product key, *LISTING_FIELDS, *derived) as text: what `listing_derived` adds comes last."""
    seen: set[str] = set()
    for line, row in source.rows(report, advance):
        try:
            if row.listing_id in seen:
                raise RowError("PRODUCTID stands in an earlier row", row.listing_id)
            yield _listing(line, row)
            seen.add(row.listing_id)
        except RowError as error:
            report.reject(PRODUCT_FILE.title, line, error.reason, error.text)


def package_rows(source: SourceFile, report: Report, advance: Callable[[int], Any]) -> Iterator[tuple[str, ...]]:
    """(line, product key, package key, *PACKAGE_FIELDS) as text."""
    for line, row in source.rows(report, advance):
        try:
            yield _package(line, row)
        except RowError as error:
            report.reject(PACKAGE_FILE.title, line, error.reason, error.text)


@lru_cache(maxsize=10_000)
def listing_derived(substance_names: str, strengths: str, units: str) -> tuple[str, str, str]:
    """Substances (each once, as published, joined by SEPARATOR), molecule (those in order) and strength."""
    substances = list(dict.fromkeys(part.strip() for part in PARTED.split(substance_names) if part.strip()))
    return SEPARATOR.join(substances), "; ".join(sorted(substances)), _strength(strengths, units)


def _listing(line: int, row: Any) -> tuple[str, ...]:
    if not row.listing_id:
        raise RowError("PRODUCTID is blank")
    for index, name, limit in LIMITS:
        if len(row[index]) > limit:
            raise RowError(f"{PRODUCT_FILE.columns[name]} is longer than {limit} characters", row[index])
    key = _key(product_key, row.display_ndc, "PRODUCTNDC is no product code")
    _check_day(row.marketing_starts_on, "STARTMARKETINGDATE")
    _check_day(row.marketing_ends_on, "ENDMARKETINGDATE")
    _check_day(row.certified_through, "LISTING_RECORD_CERTIFIED_THROUGH")
    return (str(line), key, *row, *listing_derived(row.substance_names, row.strengths, row.units))


def _package(line: int, row: Any) -> tuple[str, ...]:
    ndc = _key(package_key, row.display_ndc, "NDCPACKAGECODE is no package code")
    product = _key(product_key, row.product_ndc, "PRODUCTNDC is no product code")
    if not ndc.startswith(product):
        raise RowError(
            "NDCPACKAGECODE belongs to another product than PRODUCTNDC", f"{row.display_ndc} and {row.product_ndc}"
        )
    _check_day(row.marketing_starts_on, "STARTMARKETINGDATE")
    _check_day(row.marketing_ends_on, "ENDMARKETINGDATE")
    return (str(line), product, ndc, *row)


def _key(read: Callable[[str], str], text: str, reason: str) -> str:
    try:
        return read(text)
    except NdcError as error:
        raise RowError(reason, text or str(error)) from None


def _check_day(text: str, column: str) -> None:
    if text and not _is_day(text):
        raise RowError(f"{column} is no date YYYYMMDD", text)


@lru_cache(maxsize=50_000)
def _is_day(text: str) -> bool:
    if not re.fullmatch(r"[0-9]{8}", text):
        return False
    try:
        date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return False
    return True


def _strength(strengths: str, units: str) -> str:
    """ "10 mg/mL; 2.5 mg/mL"; where numbers and units do not pair up, both as published."""
    numbers, measures = strengths.split("; "), units.split("; ")
    if len(numbers) != len(measures):
        return f"{strengths} {units}".strip()
    pairs = (f"{number} {measure}".strip() for number, measure in zip(numbers, measures, strict=True))
    return "; ".join(pair for pair in pairs if pair)
