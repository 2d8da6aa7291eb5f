"""The page of an establishment with what depends on it, and the list in which it is found."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from dscr import audit
from dscr.access.scoping import may
from products.models import Product
from qmm.models import Establishment
from ratings import establishment_sentences, sentences
from ratings.mergers.queries import merges_of
from ratings.queries.establishment_detail import establishment_detail as read_detail
from ratings.queries.establishment_list import dependent_counts, sorts_for, stages_at, typed
from ratings.queries.establishment_list import establishment_list as read_list
from ratings.views.list_state import address

PER_PAGE = 50
LARGEST = 2**63 - 1  # of an id; the database refuses more


@require_safe
def establishment_list(request: HttpRequest) -> HttpResponse:
    text = typed(request.GET.get("q", ""))
    product = _product(request)
    sorts = sorts_for(request.user)
    sort = request.GET.get("sort") or "name"
    wrong = "" if sort in sorts else f"Sort: “{typed(sort)}” is no order; give one of {', '.join(sorts)}."
    found = read_list(request.user, text, product, "name" if wrong else sort)
    page = Paginator(found.none() if wrong else found, PER_PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    shows_dependents = may(request.user, "read_dependence")
    counts = dependent_counts(request.user, rows) if shows_dependents else {}
    stages = stages_at(request.user, product, rows) if product else {}
    context = {
        "text": text,
        "product": product,
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "rows": [
            {"site": site, "fei": _fei(site), "dependents": counts.get(site.pk, 0), "stages": stages.get(site.pk, [])}
            for site in rows
        ],
        "shows_dependents": shows_dependents,
        "shows_merges": may(request.user, "read_merges"),
        "imports_assessments": may(request.user, "import_assessments"),
        "wrong": wrong,
        "sort": sort,
        "by_name": address(request.GET, sort=None),
        "by_dependents": address(request.GET, sort="dependents" if sort == "-dependents" else "-dependents"),
        "kept": address(request.GET).lstrip("?"),
        "shows_synthetic": any(site.is_synthetic for site in rows),
    }
    return render(request, "ratings/establishment_list.html", context)


@require_safe
def establishment_detail(request: HttpRequest, pk: int) -> HttpResponse:
    detail = read_detail(request.user, pk, request.GET.get("page", "1")) if pk <= LARGEST else None
    if detail is None:
        return _to_the_one_that_stands(request, pk)
    if detail.areas:
        audit.note(request, "viewed", detail.establishment, detail="maturity")
    site, dependents = detail.establishment, detail.dependents
    context = {
        "detail": detail,
        "site": site,
        "dependents": dependents,
        "dependents_sentence": establishment_sentences.dependents_sentence(dependents) if dependents else "",
        "assessments_sentence": establishment_sentences.assessments_sentence(detail.assessments),
        "inspections_sentence": establishment_sentences.inspections_sentence(detail.inspections),
        "operations_said": establishment_sentences.operations_said(site.operations),
        "maturity_said": establishment_sentences.MATURITY,
        "steady_supply": sentences.STEADY_SUPPLY if dependents else "",
        "shows_synthetic": site.is_synthetic,
        "shows_evidence": may(request.user, "read_site_evidence"),
        "records_evidence": may(request.user, "record_evidence"),
        "requests_cases": may(request.user, "request_cases"),
        "shows_contacts": may(request.user, "read_contacts"),
        "shows_grants": may(request.user, "read_site_grants"),
        "merges": merges_of(request.user, site) if may(request.user, "read_merges") else [],
    }
    if dependents:
        page = dependents.page
        context["pages"] = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return render(request, "ratings/establishment_detail.html", context)


def _to_the_one_that_stands(request: HttpRequest, pk: int) -> HttpResponse:
    """A record that was merged leads to its successor, where the reader may see that one."""
    readable = Establishment.objects.for_user(request.user, "read_establishments")
    site = readable.filter(former=pk).first() if pk <= LARGEST else None
    if site is None:
        raise Http404
    return redirect("ratings:establishment-detail", pk=site.pk)


def _product(request: HttpRequest) -> Product | None:
    """The product whose establishments are asked for; 404 where the reader may not know them."""
    ndc = typed(request.GET.get("product", ""))
    if not ndc:
        return None
    product = Product.objects.for_user(request.user, "read_dependence").filter(ndc=ndc).first()
    if product is None:
        raise Http404
    return product


def _fei(site: object) -> str:
    numbers = site.identifiers.all()
    return next((number.value for number in numbers if number.scheme == "fei"), "")
