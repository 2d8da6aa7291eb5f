"""The search: products with score, band and status, those not enrolled apart."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from dscr.access.rules import may, signed_in
from ratings import sentences
from ratings.queries.rating_list import ndc_readings
from ratings.queries.rating_list import rating_list as read_list

PER_PAGE = 50


@require_safe
@signed_in
def rating_list(request: HttpRequest) -> HttpResponse:
    if not may(request.user, "read_ratings"):
        raise Http404
    text = request.GET.get("q", "").strip()
    page = Paginator(read_list(request.user, text), PER_PAGE).get_page(request.GET.get("page"))
    read = ndc_readings(text)
    if len(read) == 1 and len(page.object_list) == 1:
        return redirect("ratings:rating-detail", ndc=page.object_list[0].ndc)
    rows = list(page.object_list)
    context = {
        "text": text,
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "enrolled": [product for product in rows if not product.not_enrolled],
        "not_enrolled": [product for product in rows if product.not_enrolled],
        "readings": read,
        "steady_supply": sentences.STEADY_SUPPLY,
        "shows_synthetic": any(product.is_synthetic for product in rows),
    }
    return render(request, "ratings/rating_list.html", context)
