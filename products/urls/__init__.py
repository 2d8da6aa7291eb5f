"""Pages on which a manufacturer works at its products, room by room."""

from products.urls import disclosures, imports, kpis, orders, supply, workbook

app_name = "products"

# The quarterly figures come last: their addresses begin with any NDC.
urlpatterns = [
    *disclosures.urlpatterns,
    *workbook.urlpatterns,
    *orders.urlpatterns,
    *supply.urlpatterns,
    *imports.urlpatterns,
    *kpis.urlpatterns,
]
