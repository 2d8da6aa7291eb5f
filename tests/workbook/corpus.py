"""What the tests of the corpus share: a file passes with these answers, or fails with exactly these messages."""

from collections.abc import Callable
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from products.models import KpiDraft, KpiSubmission, WorkbookFile
from products.services.workbook import upload_write
from products.workbook.layout import COLUMNS
from tests.workbook.maker import FIRST, LETTER, Firm

Change = Callable[[Worksheet, Workbook], Any]
Fault = tuple[str, str]  # cell, what is wrong; "" for the file
FILL = LETTER["fill_rate_numerator"]
PLACE = {column.code: place for place, column in enumerate(COLUMNS)}


def cell(code: str, row: int = FIRST) -> str:
    return f"{LETTER[code]}{row}"


def assert_refused(firm: Firm, content: bytes, *faults: Fault, name: str = "kpis.xlsx") -> list[dict[str, Any]]:
    before = KpiDraft.objects.count(), KpiSubmission.objects.count()
    upload = firm.send(content, name)
    assert [(f"{p['column']}{p['row'] or ''}", p["wrong"]) for p in upload.problems] == list(faults)
    assert upload.state == "refused"
    assert upload.plan == []
    assert (KpiDraft.objects.count(), KpiSubmission.objects.count()) == before
    assert not WorkbookFile.objects.filter(upload=upload).exists()
    return upload.problems


def assert_read(firm: Firm, content: bytes, name: str = "kpis.xlsx", **answers: str) -> list[str]:
    """Passes, and the first product's draft then says `answers`; the remarks on the file."""
    upload = firm.send(content, name)
    assert upload.problems == []
    assert upload.state == "ready"
    assert KpiDraft.objects.count() == 0, "nothing is stored by the check"
    upload_write(upload, user=firm.editor, keep={})
    stored = KpiDraft.objects.get(product=firm.products[0]).answers
    assert {key: stored.get(key, "") for key in answers} == answers
    return upload.remarks
