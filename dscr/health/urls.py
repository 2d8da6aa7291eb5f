"""What machines ask: health, open to all; metrics, behind a token."""

from django.urls import path

from dscr.health import views

app_name = "health"
urlpatterns = [
    path("health/", views.health, name="health"),
    path("metrics", views.metrics, name="metrics"),
]
