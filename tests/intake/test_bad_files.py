"""Each kind of file that cannot be used: one clear message, exit code 2, nothing stored."""

import gzip
import zipfile

import pytest

from products.models import Listing, Product
from qmm.models import Establishment
from tests.intake.conftest import Outcome, mark_count

pytestmark = pytest.mark.django_db
SOURCE = "product.txt of the FDA's NDC Directory"


def refusal(files, product, package=None) -> str:
    before = mark_count()
    outcome = Outcome("import_ndc", product, package or files.packages({}))
    assert outcome.code == 2
    assert outcome.out == ""
    assert (Product.objects.count(), Listing.objects.count(), mark_count()) == (0, 0, before)
    assert outcome.err.count("\n") == 1
    return outcome.err.strip().replace(f"{files.folder}/", "")


def made(files, name: str, content: bytes):
    path = files.folder / name
    path.write_bytes(content)
    return path


def test_missing_file(files):
    assert (
        refusal(files, files.folder / "no.txt")
        == f"no.txt does not exist. Give the path of the NDC product file ({SOURCE})."
    )


def test_folder(files):
    (files.folder / "sub").mkdir()
    assert refusal(files, files.folder / "sub") == (
        f"sub is a folder, not a file. Give the path of the NDC product file ({SOURCE})."
    )


@pytest.mark.parametrize("name", ["empty.txt", "empty.txt.gz"])
@pytest.mark.parametrize("content", [b"", b"\r\n \r\n"])
def test_empty_file(files, name, content):
    content = gzip.compress(content) if name.endswith("gz") and content else content
    assert refusal(files, made(files, name, content)) == (
        f"{name} is empty. Download the NDC product file again ({SOURCE})."
    )


def test_header_without_rows(files):
    assert refusal(files, files.products()) == f"product.txt has a header but no rows. Download it again ({SOURCE})."


def test_the_other_file_in_its_place(files):
    swapped = refusal(files, files.packages({}), files.products({}))
    assert swapped.startswith(
        "package.txt is not the NDC product file: the columns PRODUCTTYPENAME, PROPRIETARYNAME, PROPRIETARYNAMESUFFIX,"
    )
    assert swapped.endswith(
        "are missing. Its header, line 1, begins with PRODUCTID | PRODUCTNDC | NDCPACKAGECODE | PACKAGEDESCRIPTION. "
        f"Check the file and the order of the arguments ({SOURCE})."
    )


def test_a_missing_and_a_repeated_column(files):
    text = files.products({}).read_bytes()
    missing = made(files, "a.txt", text.replace(b"LABELERNAME", b"LABELLER"))
    assert "is not the NDC product file: the column LABELERNAME is missing." in refusal(files, missing)
    twice = made(files, "b.txt", text.replace(b"ROUTENAME", b"PRODUCTID"))
    assert "the column ROUTENAME is missing" in refusal(files, twice)
    extra = made(
        files, "c.txt", text.replace(b"PRODUCTID\t", b"PRODUCTID\tPRODUCTID\t").replace(b"0002-0800_a\t", b"x\ty\t")
    )
    assert refusal(files, extra) == (
        "c.txt cannot be read: the column PRODUCTID stands in its header more than once. "
        "Remove or rename the other one."
    )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-16-le", "utf-32"])
def test_utf_16(files, encoding):
    text = files.products({}).read_bytes().decode("cp1252").encode(encoding)
    message = refusal(files, made(files, "wide.txt", text))
    if encoding in ("utf-16", "utf-32"):
        assert message == (
            "wide.txt is in the wrong encoding: it is UTF-16 or UTF-32, and the NDC product file is Windows-1252. "
            "Use the file as downloaded, or save it as Windows-1252 text."
        )
    else:
        assert message == (
            "wide.txt is not plain text: line 1 holds NUL bytes. It is UTF-16 without a byte order mark, or damaged. "
            "Download it again, or save it as Windows-1252 text."
        )


def test_nul_bytes(files):
    text = files.products({}, {}).read_bytes().replace(b"INJECTION", b"INJ\0TION")
    assert "nul.txt is not plain text: line 2 holds NUL bytes." in refusal(files, made(files, "nul.txt", text))


def test_utf_8_where_windows_1252_is_due(files):
    text = files.products({}).read_bytes().decode("cp1252").encode("utf-8")
    assert refusal(files, made(files, "utf8.txt", text)) == (
        "utf8.txt is in the wrong encoding: it is UTF-8 (see line 2), and the NDC product file is Windows-1252. "
        "Use the file as downloaded, or save it as Windows-1252 text."
    )


def test_windows_1252_where_utf_8_is_due(files):
    text = files.sites({"name": "Société"}, {"fei": "", "duns": "222222222"}).read_bytes()
    outcome = Outcome("import_establishments", made(files, "ansi.csv", text.decode().encode("cp1252")))
    assert outcome.code == 2
    assert "ansi.csv is in the wrong encoding: it is not UTF-8 (see line 2)" in outcome.err
    assert not Establishment.objects.exists()


@pytest.mark.parametrize("where", [40, -12, -4])
def test_cut_off_gzip(files, where):
    packed = gzip.compress(files.products({}).read_bytes())
    assert refusal(files, made(files, "cut.txt.gz", packed[:where])) == (
        "cut.txt.gz is a damaged gzip file: it is cut off or altered. Download it again."
    )


def test_altered_gzip(files):
    packed = bytearray(gzip.compress(files.products({}).read_bytes()))
    packed[len(packed) // 2] ^= 0xFF
    assert "damaged gzip file" in refusal(files, made(files, "altered.txt.gz", bytes(packed)))


def test_name_and_content_disagree_on_gzip(files):
    text = files.products({}).read_bytes()
    assert refusal(files, made(files, "false.txt.gz", text)) == (
        "false.txt.gz is not gzip, although its name ends in .gz. Rename it, or download it again."
    )
    assert refusal(files, made(files, "packed.txt", gzip.compress(text))) == (
        "packed.txt is gzip, although its name does not end in .gz. Rename it to packed.txt.gz."
    )


def test_other_formats(files):
    book = files.folder / "book.xlsx"
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("sheet.xml", "<x/>")
    assert refusal(files, book) == (
        "book.xlsx is a zip archive or an Excel workbook, not the NDC product file. "
        f"Unpack it, or save the sheet as text ({SOURCE})."
    )
    assert "x.pdf is a PDF document, not the NDC product file." in refusal(
        files, made(files, "x.pdf", b"%PDF-1.7 \xe2")
    )
    assert "e.txt is a web page or XML, not" in refusal(files, made(files, "e.txt", b"\r\n<!DOCTYPE html><p>404"))
    assert "e.json is JSON, not" in refusal(files, made(files, "e.json", b'{"error": 1}'))


def test_no_row_that_can_be_used(files):
    assert refusal(files, files.products({"display_ndc": "x"})) == (
        f"product.txt: none of its rows can be used. Line 2: PRODUCTNDC is no product code. "
        f"Check that it is the NDC product file ({SOURCE})."
    )


def test_a_bad_second_file_stores_nothing_of_the_first(files):
    message = refusal(files, files.products({}), files.packages({"product_ndc": "9999-9999"}))
    assert message.startswith(
        "package.txt: none of its rows can be used. Line 2: NDCPACKAGECODE belongs to another product"
    )


def test_a_file_date_that_is_none(files):
    from django.core.management import CommandError

    for text in ("tomorrow", "2999-01-01"):
        with pytest.raises(CommandError, match="--file-date"):
            Outcome("import_ndc", files.products({}), files.packages({}), "--file-date", text)
