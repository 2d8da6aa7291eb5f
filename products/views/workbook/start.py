"""Getting a template and sending it back."""

from datetime import date

from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from dscr import audit
from dscr.celery import send
from products.models import Enrolment, WorkbookUpload
from products.queries.due import quarter_of
from products.queries.workbook import firm_products, standings
from products.services.workbook import upload_create
from products.tasks import check_workbooks
from products.views.workbook.forms import QuarterForm, UploadForm
from products.workbook.template import Template, csv_template, xlsx_template

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PER_PAGE = 20


@require_safe
@never_cache
def workbook_start(request: HttpRequest) -> HttpResponse:
    return _start(request, UploadForm())


def _start(request: HttpRequest, form: UploadForm, status: int = 200) -> HttpResponse:
    uploads = WorkbookUpload.objects.for_user(request.user, "enter_kpis").select_related("uploaded_by")
    page = Paginator(uploads.defer("plan", "problems", "remarks"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "quarter_form": QuarterForm(),
        "products": len(firm_products(Enrolment.objects.for_user(request.user, "enter_kpis"))),
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
    }
    return render(request, "products/workbook_start.html", context, status=status)


@require_safe
@never_cache
def workbook_template_xlsx(request: HttpRequest) -> HttpResponse:
    quarter_end = _asked_quarter(request)
    if quarter_end is None:
        return _no_quarter()
    content = xlsx_template(_template(request, quarter_end))
    return _saved_as(content, f"{_file_name(quarter_end)}.xlsx", XLSX)


@require_safe
@never_cache
def workbook_template_csv(request: HttpRequest) -> HttpResponse:
    quarter_end = _asked_quarter(request)
    if quarter_end is None:
        return _no_quarter()
    content = csv_template(_template(request, quarter_end)).encode()
    return _saved_as(content, f"{_file_name(quarter_end)}.csv", "text/csv; charset=utf-8")


def _asked_quarter(request: HttpRequest) -> date | None:
    """The last one where none is asked for, None for one that is not offered."""
    first = QuarterForm().fields["quarter"].choices[0][0]
    form = QuarterForm({"quarter": request.GET.get("quarter", first)})
    return form.cleaned_data["quarter"] if form.is_valid() else None


def _no_quarter() -> HttpResponse:
    said = "Quarter: choose one of those offered, given by its last day, such as 2026-09-30."
    return HttpResponse(said, status=400, content_type="text/plain; charset=utf-8")


def _template(request: HttpRequest, quarter_end: date) -> Template:
    """Noted in the audit: it holds the firm's figures."""
    organisation = request.user.membership.organisation
    products = list(firm_products(Enrolment.objects.for_user(request.user, "enter_kpis")).values())
    last = standings([product.pk for product in products], organisation, quarter_end)
    quarter = quarter_of(quarter_end).name
    audit.note(request, "exported", "KPI workbook", detail=f"{quarter}, {len(products)} products")
    return Template(
        firm=organisation.name,
        quarter_end=quarter_end,
        made_at=timezone.now(),
        products=products,
        last={pk: standing.last for pk, standing in last.items()},
    )


def _file_name(quarter_end: date) -> str:
    return f"dscr-kpis-{quarter_of(quarter_end).name.lower().replace(' ', '-')}"


def _saved_as(content: bytes, name: str, kind: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_POST
def workbook_upload(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _start(request, form, status=422)
    file = form.cleaned_data["file"]
    upload = upload_create(
        organisation=request.user.membership.organisation,
        user=request.user,
        quarter_end=form.cleaned_data["quarter"],
        name=file.name,
        content=file.read(),
    )
    transaction.on_commit(lambda: send(check_workbooks, unless_waiting=5), robust=True)
    return redirect("products:workbook-detail", upload=upload.pk)
