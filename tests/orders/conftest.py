"""Order lines written by hand, and what comes of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from dscr.access.models import Organisation, User
from dscr.access.roles import Role
from products.models import Enrolment, OrderUpload, Product
from products.ndc import product_key
from products.orders.figures import figures, one_row_a_line
from products.orders.files import Shape, chunks, inspect
from products.orders.lines import LineReader
from products.orders.mapping import OrderMapping, guess
from products.orders.product_names import OwnProduct, ProductFinder
from products.services.order_figures import compute_waiting
from products.services.order_upload import remembered_mapping
from tests.pages import factory

TODAY = date(2026, 11, 20)
VIAL, BAG = OwnProduct(1, "099901-0101", ("cisplatin",)), OwnProduct(2, "099901-0202", ("carboplatin",))
HEADS = "Order,Line,NDC,Ordered on,Committed on,Shipped on,Delivered on,Quantity ordered,Quantity shipped,Canceled"


@dataclass
class Outcome:
    rows: list[dict[str, Any]]
    exclusions: dict[str, dict[str, int]]
    reader: LineReader

    def of(self, product: int = 1, quarter: date | None = date(2026, 9, 30)) -> dict[str, Any]:
        return next((r for r in self.rows if (r["product"], r["quarter_end"]) == (product, quarter)), {})

    def fill(self, **where: Any) -> tuple[int, int]:
        row = self.of(**where)
        return row["units_complete"], row["units_ordered"]

    def on_time(self, **where: Any) -> tuple[int, int]:
        row = self.of(**where)
        return row["orders_on_time"], row["orders_due"]

    def to_ship(self, **where: Any) -> tuple[int | None, int]:
        row = self.of(**where)
        return row["order_to_ship_days"], row["orders_shipped"]

    @property
    def refused(self) -> list[tuple[int, str, str]]:
        return sorted(tuple(problem) for problem in self.reader.problems.kept)


def outcome_of(path: Path, mapping: OrderMapping | None = None, size: int = 3, **options: Any) -> Outcome:
    """Everything between a file and its figures, in chunks of `size` lines."""
    shape, _ = inspect(path, path.name)
    mapping = mapping or OrderMapping(guess(shape.heads, None).columns, **options)
    finder = ProductFinder([VIAL, BAG], mapping.names)
    reader = LineReader(mapping, len(shape.heads), shape.head, finder, TODAY)
    for rows in chunks(path, shape, path.name, size):
        reader.add(rows)
    lines = one_row_a_line(reader.lines(), reader.problems.add)
    return Outcome(*figures(lines, TODAY), reader)


@pytest.fixture
def computed(tmp_path: Path) -> Callable[..., Outcome]:
    """computed("1,1,99901-101,...", ...): the outcome of these lines under the usual heads."""

    def compute(*lines: str, heads: str = HEADS, **options: Any) -> Outcome:
        path = tmp_path / "orders.csv"
        path.write_text("\n".join([heads, *lines]) + "\n")
        return outcome_of(path, **options)

    return compute


@dataclass
class Firm:
    """A maker with two enrolled products, and readers; `client(role)` signs one of them in."""

    organisation: Organisation
    vial: Product
    bag: Product

    def user(self, role: str, organisation: str = "") -> User:
        return factory.user_of(organisation or self.organisation.name, role)

    def client(self, role: str = Role.MANUFACTURER_EDITOR, organisation: str = "") -> Client:
        client = Client()
        client.force_login(self.user(role, organisation))
        return client


@pytest.fixture
def private_files(settings: Any, tmp_path: Path) -> Path:
    settings.PRIVATE_FILES = tmp_path / "private"
    return settings.PRIVATE_FILES


@pytest.fixture
def firm(db: None, private_files: Path) -> Firm:
    organisation = Organisation.objects.create(name="Halden Group", kinds=["manufacturer"])
    products = []
    for ndc, name in (("99901-101", "cisplatin"), ("99901-202", "carboplatin")):
        product = Product.objects.create(ndc=product_key(ndc), display_ndc=ndc, nonproprietary_name=name)
        Enrolment.objects.create(product=product, organisation=organisation, enrolled_on=date(2025, 1, 1))
        products.append(product)
    return Firm(organisation, *products)


def csv_file(*lines: str, heads: str = HEADS, name: str = "orders.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, ("\n".join([heads, *lines]) + "\n").encode(), "text/csv")


def uploaded(client: Client, given: SimpleUploadedFile) -> OrderUpload:
    response = client.post("/order-lines/new/", {"file": given})
    assert response.status_code == 302, response.content.decode()
    return OrderUpload.objects.latest("pk")


def columns(upload: OrderUpload, **changed: Any) -> dict[str, Any]:
    """What the form of the columns sends, as it was guessed."""
    heads = Shape.from_json(upload.shape).heads
    chosen = {role: str(at) for role, at in guess(heads, remembered_mapping(upload)).columns.items()}
    return chosen | changed


def computed_upload(client: Client, *lines: str, **changed: Any) -> OrderUpload:
    """Through the pages: uploaded, mapped as guessed, computed."""
    upload = uploaded(client, csv_file(*lines))
    assert client.post(f"/order-lines/{upload.pk}/columns/", columns(upload, **changed)).status_code == 302
    assert compute_waiting() == 1
    return OrderUpload.objects.get(pk=upload.pk)
