"""Small firms, and workbooks as people send them: the firm's own template, changed in one way or another."""

import csv
import io
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from dscr.access.models import Organisation, User
from products.models import Enrolment, Product, WorkbookUpload
from products.queries.workbook import firm_products, standings
from products.services.workbook import check_waiting, upload_create
from products.workbook.layout import COLUMNS, letter_of
from products.workbook.template import Template, csv_template, xlsx_template
from tests.pages import factory

QUARTER = factory.last_quarter_end()
FIRST = 4  # the first product's row in the XLSX template
CSV_FIRST = 7
# A questionnaire that is answered in full.
FULL = {
    "dual_sourced_materials_numerator": "9",
    "dual_sourced_materials_denominator": "12",
    "capacity_utilisation_historical": "72",
    "capacity_utilisation_forecast": "78.5",
    "operating_mode_hours_per_week": "80",
    "qualified_lines": "3",
    "fill_rate_numerator": "97500",
    "fill_rate_denominator": "100000",
    "safety_stock_days": "60",
    "safety_stock_target_days": "90",
    "safety_stock_adherence_numerator": "11",
    "safety_stock_adherence_denominator": "12",
    "days_inventory_on_hand": "90",
    "shelf_life_months": "24",
    "on_time_delivery_numerator": "19",
    "on_time_delivery_denominator": "20",
    "order_to_ship_days": "5",
    "equipment_depreciated_share": "45",
    "capital_reinvestment_ratio": "1.2",
    "contribution_margin": "-12.5",
    "risk_management_plan_exists": "yes",
    "risk_management_plan_reviewed_on": "2026-02-10",
    "emergency_stock_process_state": "not_disclosed",
    "disruption_notice_rate_state": "not_applicable",
}
LETTER = {column.code: letter_of(place) for place, column in enumerate(COLUMNS, 1)}


def product(ndc: str, shown: str, name: str, firm: Organisation | None = None) -> Product:
    made = Product.objects.create(
        ndc=ndc,
        display_ndc=shown,
        labeler_name="Maker Labs",
        nonproprietary_name=name,
        substances=[name.upper()],
        molecule=name.upper(),
        dosage_form="INJECTION",
        route="INTRAVENOUS",
    )
    if firm:
        Enrolment.objects.create(product=made, organisation=firm, enrolled_on=date(2025, 1, 1))
    return made


class Firm:
    """Three products of one maker, one of another, an editor and an attestor."""

    def __init__(self) -> None:
        self.editor: User = factory.user_of("Maker", "manufacturer_editor")
        self.attestor: User = factory.user_of("Maker", "attestor")
        self.organisation = self.editor.membership.organisation
        self.products = [
            product("099911-0101", "99911-101", "alphamine", self.organisation),
            product("099911-0202", "99911-202", "betamine", self.organisation),
            product("099911-3030", "99911-3030", "gammamine", self.organisation),
        ]
        other = Organisation.objects.create(name="Other maker", kinds=["manufacturer"])
        self.foreign = product("099912-0404", "99912-404", "deltamine", other)

    def template(
        self, texts: Mapping[str, str] | None = FULL, quarter_end: date = QUARTER, made_at: datetime | None = None
    ) -> Template:
        """With `texts` in every row; None for what the firm really said last."""
        products = list(firm_products(Enrolment.objects.filter(organisation=self.organisation)).values())
        ids = [item.pk for item in products]
        last: Mapping[int, Mapping[str, str]] = dict.fromkeys(ids, texts or {})
        if texts is None:
            last = {pk: found.last for pk, found in standings(ids, self.organisation, quarter_end).items()}
        return Template(self.organisation.name, quarter_end, made_at or datetime.now(UTC), products, last)

    def send(self, content: bytes, name: str = "kpis.xlsx", quarter_end: date = QUARTER) -> WorkbookUpload:
        """Uploaded and checked."""
        upload = upload_create(
            organisation=self.organisation, user=self.editor, quarter_end=quarter_end, name=name, content=content
        )
        check_waiting()
        upload.refresh_from_db()
        return upload


def xlsx(template: Template, change: Callable[[Worksheet, Workbook], Any] | None = None) -> bytes:
    """The template after `change` of its table."""
    book = load_workbook(io.BytesIO(xlsx_template(template)))
    if change:
        change(book["KPIs"], book)
    return saved(book)


def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def csv_text(template: Template, change: Callable[[list[list[str]]], Any] | None = None, separator: str = ",") -> str:
    """The CSV template's lines after `change`, without the mark at its beginning."""
    lines = list(csv.reader(io.StringIO(csv_template(template).removeprefix("\ufeff"))))
    if change:
        change(lines)
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows(lines)
    return text.getvalue()


def put(code: str, value: Any, row: int = FIRST, number_format: str = "") -> Callable[[Worksheet, Workbook], None]:
    """A change of one cell."""

    def change(sheet: Worksheet, book: Workbook) -> None:
        cell = sheet[f"{LETTER[code]}{row}"]
        cell.value = value
        if number_format:
            cell.number_format = number_format

    return change
