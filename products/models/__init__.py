from products.models.directory import Listing, Package, Product
from products.models.disclosure import DisclosureGrant
from products.models.enrolment import Enrolment
from products.models.kpi_draft import KpiDraft
from products.models.kpi_submission import KpiSubmission
from products.models.lists import DrugList, DrugListEntry, Shortage
from products.models.supply_node import SupplyNode

__all__ = [
    "DisclosureGrant",
    "DrugList",
    "DrugListEntry",
    "Enrolment",
    "KpiDraft",
    "KpiSubmission",
    "Listing",
    "Package",
    "Product",
    "Shortage",
    "SupplyNode",
]
