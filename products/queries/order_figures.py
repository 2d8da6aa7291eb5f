"""What one upload gives for a quarter, beside what the questionnaire already holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from products.models import KpiDraft, KpiSubmission, OrderFigure, OrderUpload, Product
from products.orders.mapping import MEASURES
from products.queries.quarters import attested_of
from products.services.order_answers import ANSWERS, OTHER, Standing, answers_of, mark_of, standing


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of one product. counts: part and whole, both 0 for order to shipment."""

    code: str
    figure: OrderFigure
    answers: dict[str, str]
    stands: Standing

    @property
    def label(self) -> str:
        return MEASURES[self.code][0]

    @property
    def counts(self) -> tuple[int, int]:
        figure = self.figure
        if self.code == "fill_rate":
            return figure.units_complete, figure.units_ordered
        return (figure.orders_on_time, figure.orders_due) if self.code == "on_time_delivery" else (0, 0)

    @property
    def percent(self) -> str:
        """Two decimals; 100 only where nothing is missing."""
        part, whole = self.counts
        return "100%" if part == whole else f"{min(part / whole * 100, 99.99):.2f}%"


@dataclass(frozen=True, slots=True)
class Line:
    """A product with its three figures; `can_be_put` while one of them may go into the questionnaire, `can_replace`
    while one of them could take the place of another answer. mark: as of `mark_of`."""

    figure: OrderFigure
    cells: Sequence[Cell]
    mark: str

    @property
    def product(self) -> Product:
        return self.figure.product

    @property
    def can_be_put(self) -> bool:
        return any(cell.answers and cell.stands.can_be_put for cell in self.cells)

    @property
    def can_replace(self) -> bool:
        return any(cell.answers and cell.stands.state == OTHER for cell in self.cells)

    @property
    def begins_correction(self) -> bool:
        return any(cell.stands.is_attested for cell in self.cells)


def quarters_of(upload: OrderUpload) -> list[date]:
    """Newest first. One query."""
    found = OrderFigure.objects.filter(upload=upload, quarter_end__isnull=False)
    return list(found.order_by("-quarter_end").values_list("quarter_end", flat=True).distinct())


def lines_of(upload: OrderUpload, quarter_end: date | None) -> list[Line]:
    """By NDC; None: all lines of the file, which no questionnaire asks for. Two to four queries, or one."""
    figures = list(
        OrderFigure.objects.filter(upload=upload, quarter_end=quarter_end)
        .select_related("product")
        .order_by("product__ndc")
    )
    drafts: dict[int, KpiDraft] = {}
    attested: dict[int, KpiSubmission] = {}
    if quarter_end:
        open_drafts = KpiDraft.objects.filter(
            organisation=upload.organisation_id, quarter_end=quarter_end, submission=None, discarded_at=None
        )
        drafts = {draft.product_id: draft for draft in open_drafts}
        attested = attested_of(upload.organisation_id, [figure.product_id for figure in figures], quarter_end)
    return [_line(figure, drafts.get(figure.product_id), attested.get(figure.product_id)) for figure in figures]


def _line(figure: OrderFigure, draft: KpiDraft | None, attested: KpiSubmission | None) -> Line:
    cells = []
    for code in ANSWERS:
        wanted = answers_of(figure, code)
        cells.append(Cell(code, figure, wanted, standing(draft, code, wanted, attested)))
    return Line(figure, cells, mark_of(figure.product_id, draft, attested))
