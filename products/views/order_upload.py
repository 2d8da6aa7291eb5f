"""Pages of order lines: upload, columns, progress, figures, and putting them into the questionnaire."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dscr import audit
from dscr.access.scoping import may
from dscr.intake.files import FileError
from products.forms.order_upload import OrderFileForm, OrderMappingForm, letters
from products.models import OrderUpload
from products.orders.files import Shape
from products.orders.mapping import MEASURES, OrderMapping, needs_in_words
from products.orders.product_names import ProductFinder
from products.queries.order_figures import lines_of, quarters_of
from products.queries.own_products import enrolled_by, own_products
from products.services.order_answers import Put, put_answers
from products.services.order_upload import FileRemovedError, order_upload_compute, order_upload_create
from products.services.raw_files import kept_until
from products.views.order_export import problem_lines

PER_PAGE, PRODUCTS_PER_PAGE, PROBLEMS_SHOWN, NAMES_SHOWN = 25, 100, 20, 50
LARGEST = 2**63 - 1  # of an id; the database refuses more
ALL_LINES = "all"
GONE = "The file was deleted. Upload it again to compute its figures."


@require_safe
@never_cache
def order_upload_list(request: HttpRequest) -> HttpResponse:
    uploads = OrderUpload.objects.for_user(request.user, "read_figures").select_related("organisation", "uploaded_by")
    page = Paginator(uploads.defer("preview", "date_orders", "mapping"), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "uploads": page.object_list} | _reader(request)
    return render(request, "products/order_upload_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def order_upload_create_page(request: HttpRequest) -> HttpResponse:
    form = OrderFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            organisation = request.user.membership.organisation
            given = form.cleaned_data["file"]
            upload = order_upload_create(given, organisation=organisation, user=request.user)
        except FileError as error:
            form.add_error("file", str(error))
        else:
            return redirect("products:order-upload-map", upload.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "products/order_upload_create.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def order_upload_map(request: HttpRequest, pk: int) -> HttpResponse:
    upload = _upload(request, pk, "enter_kpis")
    if upload.file_removed_at:
        messages.warning(request, GONE)
        return redirect("products:order-upload-detail", upload.pk)
    form = OrderMappingForm(request.POST if request.method == "POST" else None, upload=upload)
    if request.method == "POST" and form.is_valid():
        return _compute(request, upload, form.mapping)
    shape = Shape.from_json(upload.shape)
    context = {
        "form": form,
        "upload": upload,
        "shape": shape,
        "letters": [letters(at) for at in range(len(shape.heads))],
        "rows": list(enumerate(upload.preview, shape.head + 1)),
        "needs": needs_in_words(),
    }
    return render(request, "products/order_upload_map.html", context, status=422 if form.errors else 200)


@require_safe
@never_cache
def order_upload_detail(request: HttpRequest, pk: int) -> HttpResponse:
    upload = _upload(request, pk, "read_figures")
    audit.note(request, "viewed", upload)
    context: dict[str, Any] = {"upload": upload, "shape": Shape.from_json(upload.shape)} | _reader(request)
    context |= {
        "has_file": upload.file_removed_at is None,
        "kept_until": kept_until(upload),
        "delete_url": reverse("products:order-upload-delete", args=[upload.pk]),
    }
    if upload.state == OrderUpload.State.DONE:
        context |= _results(request, upload)
    return render(request, "products/order_upload_detail.html", context)


@require_safe
@never_cache
def order_upload_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """A fragment; once nothing more is under way, the page is asked to load itself again."""
    upload = _upload(request, pk, "read_figures")
    response = render(request, "products/_order_progress_part.html", {"upload": upload})
    if not upload.is_under_way:
        response["HX-Refresh"] = "true"
    return response


@require_safe
@never_cache
def order_upload_problems(request: HttpRequest, pk: int) -> HttpResponseBase:
    upload = _upload(request, pk, "read_figures")
    audit.note(request, "downloaded", upload, detail="lines that could not be used")
    headers = {"Content-Disposition": f'attachment; filename="order-lines-{upload.pk}-not-used.csv"'}
    return StreamingHttpResponse(problem_lines(upload), content_type="text/csv; charset=utf-8", headers=headers)


@require_POST
def order_upload_put(request: HttpRequest, pk: int) -> HttpResponse:
    """Figures of chosen products, or of all, into the questionnaire."""
    upload = _upload(request, pk, "enter_kpis")
    quarter = _quarter(request.POST.get("quarter", ""), quarters_of(upload))
    if quarter is None:
        raise Http404
    lines = lines_of(upload, quarter)
    given = set(request.POST.getlist("product"))
    chosen = {line.product.pk for line in lines if "all" in request.POST or str(line.product.pk) in given}
    address = f"{reverse('products:order-upload-detail', args=[upload.pk])}?quarter={quarter}"
    marks = set(request.POST.getlist("instead"))
    instead = [line.mark for line in lines if line.mark in marks]
    if len(instead) < len(marks):
        messages.warning(request, "Somebody changed an answer that was to be replaced meanwhile. See below.")
    if not chosen and not marks:
        messages.warning(request, "No product was chosen, and nothing was put into the questionnaire.")
        return redirect(address)
    put = put_answers(upload, user=request.user, quarter_end=quarter, products=chosen, instead=instead)
    messages.success(request, _said(put))
    return redirect(address)


@require_POST
def order_upload_names(request: HttpRequest, pk: int) -> HttpResponse:
    """Names that the file uses, matched to products; then everything is computed again."""
    upload = _upload(request, pk, "enter_kpis")
    if upload.mapping is None:
        raise Http404
    finder = ProductFinder(own_products(upload.organisation_id), {})
    names = [entry["text"] for entry in upload.summary.get("unmatched", []) if entry["is_name"]][:NAMES_SHOWN]
    given = {name: request.POST.get(f"name_{place}", "").strip()[:100] for place, name in enumerate(names)}
    chosen = {name: finder[text] for name, text in given.items() if text}
    wrong = [given[name] for name, product in chosen.items() if product < 0]
    if wrong:
        messages.error(request, f"“{wrong[0]}” is none of your products. Give its NDC; nothing was computed again.")
    elif not chosen:
        messages.warning(request, "No name was matched, and nothing was computed again.")
    else:
        mapping = OrderMapping.from_json(upload.mapping)
        matched = OrderMapping(mapping.columns, mapping.day_first, mapping.one_product, {**mapping.names, **chosen})
        return _compute(request, upload, matched)
    return redirect("products:order-upload-detail", upload.pk)


def _compute(request: HttpRequest, upload: OrderUpload, mapping: OrderMapping) -> HttpResponse:
    try:
        order_upload_compute(upload, mapping)
    except FileRemovedError:
        messages.warning(request, GONE)
    return redirect("products:order-upload-detail", upload.pk)


def _upload(request: HttpRequest, pk: int, action: str) -> OrderUpload:
    """Http404 where it is not in the reader's scope."""
    if pk > LARGEST:
        raise Http404
    found = OrderUpload.objects.for_user(request.user, action)
    found = found.select_related("organisation", "uploaded_by", "file_removed_by")
    return get_object_or_404(found, pk=pk)


def _reader(request: HttpRequest) -> dict[str, Any]:
    may_enter = may(request.user, "enter_kpis")
    return {"may_enter": may_enter, "sees_firms": not may_enter}


def _quarter(text: str, quarters: list[date]) -> date | None:
    return next((quarter for quarter in quarters if quarter.isoformat() == text), None)


def _newest_covered(upload: OrderUpload, quarters: list[date]) -> date | None:
    """The newest whose 12 months the file covers; where it covers none, the newest."""
    return next((quarter for quarter in quarters if not _gaps(upload, quarter)), quarters[0] if quarters else None)


def _results(request: HttpRequest, upload: OrderUpload) -> dict[str, Any]:
    quarters = quarters_of(upload)
    given = request.GET.get("quarter", "")
    quarter = None if given == ALL_LINES else _quarter(given, quarters) or _newest_covered(upload, quarters)
    lines = lines_of(upload, quarter)
    page = Paginator(lines, PRODUCTS_PER_PAGE).get_page(request.GET.get("page"))
    unmatched = upload.summary.get("unmatched", [])
    names = [entry for entry in unmatched if entry["is_name"]][:NAMES_SHOWN]
    may_match = bool(names) and may(request.user, "enter_kpis")
    measures = OrderMapping.from_json(upload.mapping).measures
    return {
        "quarters": quarters,
        "quarter": quarter,
        "page": page,
        "totals": _totals(lines),
        "putable": sum(line.can_be_put for line in lines) if quarter else 0,
        "replaceable": sum(line.can_replace for line in lines) if quarter else 0,
        "replaceable_here": any(line.can_replace for line in page) if quarter else False,
        "missing": [label for code, (label, _) in MEASURES.items() if code not in measures],
        "gaps": _gaps(upload, quarter),
        "exclusions": _excluded(upload, measures),
        "problems": list(upload.problems.all()[:PROBLEMS_SHOWN]) if upload.summary.get("unusable") else [],
        "names": names,
        "strangers": [entry for entry in unmatched if not entry["is_name"]][:NAMES_SHOWN],
        "products": list(enrolled_by(upload.organisation_id)) if may_match else [],
    }


def _excluded(upload: OrderUpload, measures: list[str]) -> list[tuple[str, list[tuple[str, int]]]]:
    """Label of each figure, with the reasons why lines do not count for it, and how many."""
    found = [(code, [(why, count) for why, count in upload.summary["exclusions"][code] if count]) for code in measures]
    return [(MEASURES[code][0], reasons) for code, reasons in found if reasons]


def _totals(lines: list[Any]) -> dict[str, int]:
    names = ("units_ordered", "units_complete", "orders_due", "orders_on_time", "orders_shipped", "lines_ordered")
    return {name: sum(getattr(line.figure, name) for line in lines) for name in names}


def _gaps(upload: OrderUpload, quarter: date | None) -> list[str]:
    """Where the file does not cover the 12 months, or it seems so: more than a month is missing at an end."""
    if quarter is None:
        return []
    after = quarter + timedelta(days=1)
    start = after.replace(year=after.year - 1)
    found = []
    words = {"ordered_on": "orders", "committed_on": "committed dates", "shipped_on": "shipments"}
    for role, word in words.items():
        if not (span := upload.summary["days"][role]):
            continue
        first, last = map(date.fromisoformat, span)
        if (first - start).days > 31:
            found.append(f"its {word} begin on {first:%B} {first.day}, {first.year}")
        if (quarter - last).days > 31:
            found.append(f"its {word} end on {last:%B} {last.day}, {last.year}")
    return found


def _said(put: Put) -> str:
    figures = f"{put.filled:,} figure{'' if put.filled == 1 else 's'}"
    said = f"{figures} of {put.products:,} product{'' if put.products == 1 else 's'} went into the questionnaire."
    if not put.filled:
        said = "Nothing was put into the questionnaire."
    if put.replaced:
        said += f" {put.replaced:,} took the place of {'another answer' if put.replaced == 1 else 'other answers'}."
    if put.kept:
        said += f" {put.kept:,} stayed as somebody had answered {'it' if put.kept == 1 else 'them'}; see below."
    return said
