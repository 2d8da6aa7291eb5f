"""Pages on which a manufacturer works at its products, room by room."""

from products.urls import orders, supply, workbook

app_name = "products"

urlpatterns = [*orders.urlpatterns, *supply.urlpatterns, *workbook.urlpatterns]
