"""Pages of order lines, within the namespace `products`."""

from django.urls import path

from products.views import order_upload as views
from products.views.raw_file import order_upload_delete

urlpatterns = [
    path("order-lines/", views.order_upload_list, name="order-upload-list"),
    path("order-lines/new/", views.order_upload_create_page, name="order-upload-create"),
    path("order-lines/<int:pk>/", views.order_upload_detail, name="order-upload-detail"),
    path("order-lines/<int:pk>/columns/", views.order_upload_map, name="order-upload-map"),
    path("order-lines/<int:pk>/progress/", views.order_upload_progress, name="order-upload-progress"),
    path("order-lines/<int:pk>/not-used.csv", views.order_upload_problems, name="order-upload-problems"),
    path("order-lines/<int:pk>/delete/", order_upload_delete, name="order-upload-delete"),
    path("order-lines/<int:pk>/questionnaire/", views.order_upload_put, name="order-upload-put"),
    path("order-lines/<int:pk>/names/", views.order_upload_names, name="order-upload-names"),
]
