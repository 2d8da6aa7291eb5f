"""What was attested: the history of a product, and one submission to read."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dscr import audit
from products.queries.quarters import may_enter
from products.queries.submissions import product_history, submission_detail


@require_safe
@never_cache
def kpi_submission_list(request: HttpRequest, ndc: str) -> HttpResponse:
    history = product_history(request.user, ndc)
    if history is None:
        raise Http404
    audit.note(request, "viewed", history.product, detail="history of its KPI submissions")
    context = {
        "history": history,
        "product": history.product,
        "may_enter": may_enter(request.user),
        "shows_synthetic": history.product.is_synthetic,
    }
    return render(request, "products/kpi_submission_list.html", context)


@require_safe
@never_cache
def kpi_submission(request: HttpRequest, ndc: str, pk: int) -> HttpResponse:
    detail = submission_detail(request.user, ndc, pk)
    if detail is None:
        raise Http404
    audit.note(request, "viewed", detail.submission)
    context = {
        "detail": detail,
        "product": detail.product,
        "quarter": detail.quarter,
        "submission": detail.submission,
        "may_enter": may_enter(request.user),
        "shows_synthetic": detail.product.is_synthetic,
    }
    return render(request, "products/kpi_submission.html", context)
