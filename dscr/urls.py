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
    path("api/v1/", include("dscr.api_urls")),
    path("", include("dscr.api.page_urls")),
    path("", include("dscr.health.urls")),
    path("", include("qmm.urls")),
    path("", include("products.urls")),
    path("", include("ratings.urls")),
    path("", include("dscr.home.urls")),
]

# Problems under /api/, pages everywhere else.
handler400 = "dscr.api.errors.bad_request"
handler404 = "dscr.api.errors.not_found"
handler500 = "dscr.api.errors.server_error"
