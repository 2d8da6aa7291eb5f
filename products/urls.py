"""Pages of the products: what a firm enters about its own."""

from products.workbook_urls import workbook_patterns

app_name = "products"

urlpatterns = [*workbook_patterns]
