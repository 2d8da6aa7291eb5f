"""A workbook of 500 products: made, read and planned, its effect on the scores, stored as drafts, attested."""

import time
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import timezone

from dscr.access.models import Organisation
from dscr.access.roles import Role
from dscr.bench.measured import Measured, median_of
from dscr.bench.pages import MAKER, reader
from products.models import Enrolment, WorkbookUpload
from products.queries.due import last_quarter
from products.queries.workbook import firm_products, standings
from products.services.workbook import (
    check_waiting,
    drafts_of,
    upload_attest,
    upload_create,
    upload_write,
    versions_of,
)
from products.workbook.template import Template, csv_template, xlsx_template
from ratings.views.workbook_effect import effects_of

FILE, EFFECT = 10.0, 2.0  # seconds
TIMES = 3


def measure() -> list[Measured]:
    firm = Organisation.objects.get(name=MAKER)
    user = reader(Role.ATTESTOR)
    quarter_end = last_quarter(timezone.localdate()).ends_on
    products = list(firm_products(Enrolment.objects.filter(organisation=firm)).values())
    many = f"{len(products)} products"

    def template() -> Template:
        found = standings([product.pk for product in products], firm, quarter_end)
        # Every answer differs a little, so that every product gets a draft.
        last = {pk: standing.last | {"shelf_life_months": "17"} for pk, standing in found.items()}
        return Template(firm.name, quarter_end, timezone.now(), products, last)

    files = {"XLSX": xlsx_template(template()), "CSV": csv_template(template()).encode()}
    rows = [
        Measured("workbook: template as XLSX", median_of(lambda: xlsx_template(template()), TIMES), FILE, None, many)
    ]

    def check(content: bytes) -> WorkbookUpload:
        upload = upload_create(organisation=firm, user=user, quarter_end=quarter_end, name="bench", content=content)
        check_waiting()
        upload.refresh_from_db()
        if upload.state != WorkbookUpload.State.READY:
            raise RuntimeError(f"The bench's workbook was refused: {upload.problems[:3]}")
        return upload

    for kind, content in files.items():
        seconds = median_of(lambda content=content: check(content), TIMES)
        rows.append(Measured(f"workbook: {kind} read and planned", seconds, FILE, None, many))
    upload = check(files["XLSX"])
    rows.append(
        Measured("workbook: effect on the scores", median_of(lambda: effects_of(upload), TIMES), EFFECT, None, many)
    )
    with transaction.atomic():
        rows.append(_once("workbook: stored as drafts", lambda: upload_write(upload, user=user, keep={}), many))
        upload.refresh_from_db()
        versions = versions_of(drafts_of(upload))
        attest = {"user": user, "name": "Bench", "title": "Attestor", "versions": versions}
        rows.append(_once("workbook: attested", lambda: upload_attest(upload, **attest), many))
        transaction.set_rollback(True)
    WorkbookUpload.objects.filter(organisation=firm).delete()
    return rows


def _once(name: str, work: Callable[[], Any], note: str) -> Measured:
    start = time.perf_counter()
    work()
    return Measured(name, time.perf_counter() - start, FILE, None, note)
