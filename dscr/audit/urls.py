"""The pages of the audit."""

from django.urls import path

from dscr.audit.views import entry_export, entry_list_page, subject_history

app_name = "audit"

urlpatterns = [
    path("audit/", entry_list_page, name="entry-list"),
    path("audit/export/", entry_export, name="entry-export"),
    path("audit/<slug:kind>/<int:pk>/", subject_history, name="subject-history"),
]
