"""Pages of the quarterly figures."""

from datetime import date

from django.urls import path, register_converter

from products.queries.due import quarter_of
from products.views.kpi_attest import kpi_draft_attest, kpi_draft_review
from products.views.kpi_draft import (
    kpi_draft,
    kpi_draft_copy,
    kpi_draft_discard,
    kpi_draft_open,
    kpi_draft_withhold,
)
from products.views.kpi_list import kpi_list
from products.views.kpi_state import kpi_draft_state
from products.views.kpi_submission import kpi_submission, kpi_submission_list
from products.views.many_figures import kpi_job, kpi_job_progress, kpi_many_attest, kpi_many_copy, kpi_many_rows


class QuarterEndConverter:
    """The last day of a quarter, such as 2026-09-30; no other date is an address."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, text: str) -> date:
        day = date.fromisoformat(text)
        if not 1990 < day.year < 9999 or quarter_of(day).ends_on != day:
            raise ValueError
        return day

    def to_url(self, day: date | str) -> str:
        return str(day)


register_converter(QuarterEndConverter, "quarter")

DRAFT = "products/<str:ndc>/kpis/<quarter:quarter_end>/"

urlpatterns = [
    path("figures/", kpi_list, name="kpi-list"),
    path("figures/attest/", kpi_many_attest, name="kpi-many-attest"),
    path("figures/attest/rows/", kpi_many_rows, name="kpi-many-rows"),
    path("figures/copy/", kpi_many_copy, name="kpi-many-copy"),
    path("figures/jobs/<int:job>/", kpi_job, name="kpi-job"),
    path("figures/jobs/<int:job>/progress/", kpi_job_progress, name="kpi-job-progress"),
    path("products/<str:ndc>/kpis/", kpi_submission_list, name="kpi-submission-list"),
    path("products/<str:ndc>/kpis/submissions/<int:submission>/", kpi_submission, name="kpi-submission"),
    path(DRAFT, kpi_draft, name="kpi-draft"),
    path(f"{DRAFT}state/", kpi_draft_state, name="kpi-draft-state"),
    path(f"{DRAFT}open/", kpi_draft_open, name="kpi-draft-open"),
    path(f"{DRAFT}copy/", kpi_draft_copy, name="kpi-draft-copy"),
    path(f"{DRAFT}withhold/", kpi_draft_withhold, name="kpi-draft-withhold"),
    path(f"{DRAFT}discard/", kpi_draft_discard, name="kpi-draft-discard"),
    path(f"{DRAFT}review/", kpi_draft_review, name="kpi-draft-review"),
    path(f"{DRAFT}attest/", kpi_draft_attest, name="kpi-draft-attest"),
]
