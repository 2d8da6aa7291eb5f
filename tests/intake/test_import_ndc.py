"""The NDC Directory: what is stored, what is reported, and that a second run does nothing."""

from datetime import date

import pytest
from django.db import connection

from products.models import Listing, Package, Product
from tests.intake.conftest import Outcome, mark_count

pytestmark = pytest.mark.django_db
TABLES = ("products", "listings", "packages")


def test_a_product_its_listing_and_package(files):
    outcome = Outcome("import_ndc", files.products({}), files.packages({}), "--file-date", "2019-04-29")
    assert [outcome.counts(table) for table in TABLES] == [[1, 0, 0]] * 3
    product, listing, package = Product.objects.get(), Listing.objects.get(), Package.objects.get()
    assert (product.ndc, product.display_ndc, product.labeler_name) == ("000002-0800", "0002-0800", "Dr. Reddy’s")
    assert (product.substances, product.molecule, product.strength) == (["WATER"], "WATER", "1 mL/mL")
    assert product.certified_through == listing.certified_through == date(2020, 12, 31)
    assert listing.product == package.product == product
    assert (package.ndc, package.description) == ("000002-0800-01", '1 VIAL 5" (0002-0800-01)')
    assert {product.last_seen_on, listing.last_seen_on, package.last_seen_on} == {date(2019, 4, 29)}


def test_a_second_run_changes_nothing_and_a_later_one_only_moves_the_date(files):
    paths = files.products({}), files.packages({})
    Outcome("import_ndc", *paths, "--file-date", "2019-04-29")
    marks = mark_count()
    again = Outcome("import_ndc", *paths, "--file-date", "2019-04-29")
    later = Outcome("import_ndc", *paths, "--file-date", "2020-01-01")
    assert [run.counts(table) for run in (again, later) for table in TABLES] == [[0, 0, 1]] * 6
    assert mark_count() == marks
    assert {model.objects.get().last_seen_on for model in (Product, Listing, Package)} == {date(2020, 1, 1)}


def test_only_a_changed_product_leaves_a_mark(files):
    rows = [{"listing_id": f"{code}_a", "display_ndc": code} for code in ("0002-0800", "0002-0801", "0002-0802")]
    packages = files.packages({})
    Outcome("import_ndc", files.products(*rows), packages)
    marks = mark_count()
    rows[0]["substance_names"], rows[1]["labeler_name"] = "SALT", "Another"
    assert Outcome("import_ndc", files.products(*rows), packages).counts("products") == [0, 2, 1]
    assert mark_count() == marks + 1


def test_dry_run_reports_and_stores_nothing(files):
    marks = mark_count()
    outcome = Outcome("import_ndc", files.products({}), files.packages({}), dry_run=True)
    assert outcome.counts("products") == [1, 0, 0]
    assert outcome.out.endswith("Dry run: nothing was stored.\n")
    assert (Product.objects.count(), Listing.objects.count(), Package.objects.count()) == (0, 0, 0)
    assert mark_count() == marks


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ({"certified_through": "20191231"}, {"certified_through": "20201231"}),
        ({"certified_through": "", "marketing_starts_on": "20190101"}, {"certified_through": "20171231"}),
        ({"is_excluded": "E"}, {"is_excluded": "N"}),
        ({"marketing_starts_on": "20100101"}, {"marketing_starts_on": "20110101"}),
        ({"marketing_starts_on": ""}, {"marketing_starts_on": "19000101"}),
    ],
)
def test_the_newest_certified_listing_shows_whatever_the_order_of_rows_and_files(files, older, newer):
    older = {"listing_id": "z", "labeler_name": "Older"} | older
    newer = {"listing_id": "b", "labeler_name": "Newer"} | newer
    packages = files.packages({"listing_id": "b"})
    for runs in ([[older, newer]], [[newer, older]], [[older], [newer]], [[newer], [older]]):
        Product.objects.all().delete()
        for rows in runs:
            Outcome("import_ndc", files.products(*rows), packages)
        assert Product.objects.get().labeler_name == "Newer"
        assert Listing.objects.count() == 2


def test_a_listing_of_an_earlier_file_shows_again_once_it_is_the_newest(files):
    packages = files.packages({})
    first = {"listing_id": "a", "certified_through": "20191231", "labeler_name": "First", "substance_names": "B; A"}
    second = {"listing_id": "b", "certified_through": "20201231", "labeler_name": "Second"}
    Outcome("import_ndc", files.products(first, second), packages)
    Outcome("import_ndc", files.products(second | {"certified_through": "20181231"}), packages)
    product = Product.objects.get()
    assert (product.labeler_name, product.molecule) == ("First", "A; B")


def test_an_older_file_does_not_overwrite_a_newer_one(files):
    packages = files.packages({})
    Outcome("import_ndc", files.products({"labeler_name": "New"}), packages, "--file-date", "2020-01-01")
    outcome = Outcome("import_ndc", files.products({"labeler_name": "Old"}), packages, "--file-date", "2019-01-01")
    assert "(1 kept as a newer file gave them)" in outcome.out
    assert Product.objects.get().labeler_name == "New"


def test_substances_and_strengths(files):
    rows = {
        "0001-0001": ("B; A", "1; 2.5", "mg/mL; g/1", ["B", "A"], "A; B", "1 mg/mL; 2.5 g/1"),
        "0001-0002": (
            "GLYCERIN; SOY (ENZYMATIC; 2000 MW)",
            "10; .12",
            "g/g; %",
            None,
            "GLYCERIN; SOY (ENZYMATIC; 2000 MW)",
            None,
        ),
        "0001-0003": ("A; A", "1; 2", "mg/1; mg/1", ["A"], "A", "1 mg/1; 2 mg/1"),
        "0001-0004": ("", "", "", [], "", ""),
        "0001-0005": ("A; B", "", "/; /", ["A", "B"], "A; B", "/; /"),
    }
    listed = [
        {"listing_id": code, "display_ndc": code, "substance_names": row[0], "strengths": row[1], "units": row[2]}
        for code, row in rows.items()
    ]
    package = {"listing_id": "0001-0001", "product_ndc": "0001-0001", "display_ndc": "0001-0001-01"}
    Outcome("import_ndc", files.products(*listed), files.packages(package))
    for code, (_, _, _, substances, molecule, strength) in rows.items():
        product = Product.objects.get(display_ndc=code)
        assert product.molecule == molecule
        assert strength is None or product.strength == strength
        assert substances is None or product.substances == substances


def test_of_a_repeated_package_code_the_newest_listing_wins_and_it_is_said(files):
    products = files.products({"listing_id": "a", "certified_through": "20191231"}, {"listing_id": "b"})
    rows = [{"listing_id": name, "description": name + str(n)} for n, name in enumerate("abb")]
    outcome = Outcome("import_ndc", products, files.packages(*rows))
    assert Package.objects.get().description == "b1"
    assert sum(outcome.findings().values()) == 2
    assert "line 2: 0002-0800-01" in outcome.out
    assert "line 4: 0002-0800-01" in outcome.out


def test_odd_rows_are_reported_with_their_line_and_the_others_are_stored(files):
    good = {"listing_id": "good", "display_ndc": "0003-0001"}
    bad = [
        {"listing_id": "1", "display_ndc": "123"},
        {"listing_id": "2", "marketing_starts_on": "2019-01-01"},
        {"listing_id": "3", "certified_through": "20190231"},
        {"listing_id": ""},
        {"listing_id": "good"},
        {"listing_id": "4", "labeler_name": "x" * 301},
        {"listing_id": "5", "labeler_name": "a\tb"},
    ]
    path = files.products(good, *bad, {"listing_id": "far", "marketing_ends_on": "31030209"})
    path.write_bytes(path.read_bytes() + b"short\trow\r\n\r\n" + b"odd \x81 byte\r\n")
    package = {"listing_id": "good", "product_ndc": "0003-0001", "display_ndc": "0003-0001-01"}
    orphan = package | {"product_ndc": "0009-0001", "display_ndc": "0009-0001-01"}
    outcome = Outcome("import_ndc", path, files.packages(package, orphan))
    assert outcome.code == 0
    assert outcome.counts("listings") == [2, 0, 0]
    assert Listing.objects.get(listing_id="far").marketing_ends_on == date(3103, 2, 9)
    assert outcome.findings() == {
        "PRODUCTNDC is no product code": 1,
        "STARTMARKETINGDATE is no date YYYYMMDD": 1,
        "LISTING_RECORD_CERTIFIED_THROUGH is no date YYYYMMDD": 1,
        "PRODUCTID is blank": 1,
        "PRODUCTID stands in an earlier row": 1,
        "LABELERNAME is longer than 300 characters": 1,
        "too many fields": 1,
        "too few fields": 1,
        "bytes that are no Windows-1252 text": 1,
        "its product is in no product file": 1,
    }
    for line in (
        "line 3: 123",
        "line 9: 21 instead of 20",
        "line 11: 2 instead of 20",
        "line 13\n",
        "line 3: 0009-0001-01",
    ):
        assert line in outcome.out


def test_column_order_and_extra_columns_do_not_matter(files):
    path = files.products({})
    lines = [line.split("\t") for line in path.read_bytes().decode("cp1252").splitlines()]
    path.write_bytes("\n".join("\t".join(["extra", *reversed(cells)]) for cells in lines).encode("cp1252"))
    assert Outcome("import_ndc", path, files.packages({})).counts("products") == [1, 0, 0]


def test_the_real_directory(real_file):
    paths = real_file("ndc_product_2019-04.txt.gz"), real_file("ndc_package_2019-04.txt.gz")
    first = Outcome("import_ndc", *paths)
    assert [first.counts(table) for table in TABLES] == [[88_514, 0, 0], [89_676, 0, 0], [170_890, 0, 0]]
    assert "Rejected: nothing." in first.out
    assert sum(first.findings().values()) == 16
    assert Product.objects.filter(packages=None).count() == 196
    assert Listing.objects.filter(is_excluded=True).count() == 22_253
    assert Listing.objects.filter(certified_through=None).count() == 2_835
    assert Package.objects.filter(is_sample=True).count() == 348
    marks = mark_count()
    again = Outcome("import_ndc", *paths)
    assert [again.counts(table)[:2] for table in TABLES] == [[0, 0]] * 3
    assert mark_count() == marks


def test_a_first_load_does_not_read_what_it_stores_again_for_every_row(files):
    """As it did for two minutes where the tables had been analyzed while they were empty."""
    codes = [f"0002-{number:04}" for number in range(1_000)]
    listings = [{"listing_id": f"{code}_a", "display_ndc": code} for code in codes]
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE products_product CASCADE")
        cursor.execute("ANALYZE products_product")
        Outcome("import_ndc", files.products(*listings), files.packages({}))
        cursor.execute("SELECT pg_stat_get_xact_blocks_fetched('products_product'::regclass)")
        assert cursor.fetchone()[0] < 10 * len(codes)
