from products.models.directory import Listing, Package, Product
from products.models.disclosure import DisclosureGrant
from products.models.disclosure_request import DisclosureRequest
from products.models.enrolment import Enrolment
from products.models.figures_job import FiguresJob
from products.models.figures_reminder import FiguresReminder
from products.models.kpi_draft import KpiDraft
from products.models.kpi_submission import KpiSubmission
from products.models.lists import DrugList, DrugListEntry, Shortage
from products.models.order_upload import OrderFigure, OrderLineProblem, OrderUpload
from products.models.product_name import ProductName
from products.models.supply_node import SupplyNode
from products.models.workbook_upload import WorkbookFile, WorkbookUpload

__all__ = [
    "DisclosureGrant",
    "DisclosureRequest",
    "DrugList",
    "DrugListEntry",
    "Enrolment",
    "FiguresJob",
    "FiguresReminder",
    "KpiDraft",
    "KpiSubmission",
    "Listing",
    "OrderFigure",
    "OrderLineProblem",
    "OrderUpload",
    "Package",
    "Product",
    "ProductName",
    "Shortage",
    "SupplyNode",
    "WorkbookFile",
    "WorkbookUpload",
]
