"""Pages of products."""

from products.order_urls import urlpatterns as order_urlpatterns

app_name = "products"

urlpatterns = [*order_urlpatterns]
