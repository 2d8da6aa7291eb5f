"""Every URL of DSCR, app by app."""

from django.contrib import admin
from django.urls import include, path

from dscr.access.views import admin_sign_in

urlpatterns = [
    path("admin/login/", admin_sign_in, name="admin-sign-in"),
    path("admin/", admin.site.urls),
    path("", include("dscr.access.urls")),
    path("", include("dscr.audit.urls")),
    path("", include("dscr.access.account_urls")),
    path("", include("dscr.health.urls")),
    path("", include("ratings.urls")),
    path("", include("dscr.home.urls")),
]
