"""One establishment, all own products that it supplies: one change for many of them."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from dscr import audit
from products.forms.days import read_day
from products.models import SupplyNode
from products.services.supply_chain import SharesError
from products.services.supply_site import SiteChange, no_longer_qualified, qualified_by, replaced_by, site_change
from qmm.models import Establishment
from qmm.queries.finding import establishment_search, establishments_findable

MOST_FOUND = 20
CHANGES = {
    "batch": "It made a batch: qualified, with the date of its last batch",
    "unqualified": "It is no longer qualified",
    "replaced": "Another establishment takes over its share",
}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def supply_site(request: HttpRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    on, problem = read_day(request.POST.get("on", ""), today)
    nodes = _own_nodes(request, pk, on)
    if not nodes and not _own_nodes(request, pk, today):
        raise Http404
    site = Establishment.objects.get(pk=pk)
    context: dict[str, Any] = {"site": site, "nodes": nodes, "on": on, "today": today, "changes": CHANGES}
    if request.method == "POST":
        response = _change(request, nodes, on, problem, context)
        if response:
            return response
    else:
        audit.note(request, "viewed", site, detail="products supplied")
    return render(request, "products/supply_site.html", context)


def _own_nodes(request: HttpRequest, pk: int, on: date) -> list[SupplyNode]:
    rows = SupplyNode.objects.for_user(request.user, "edit_supply").filter(
        establishment=pk, voided_at=None, valid_from__lte=on
    )
    rows = rows.exclude(valid_to__lte=on).select_related("product")
    return list(rows.order_by("product__nonproprietary_name", "product__ndc", "stage"))


def _change(
    request: HttpRequest, nodes: list[SupplyNode], on: date, problem: str, context: dict[str, Any]
) -> HttpResponse | None:
    data = request.POST
    ticked = {text for text in data.getlist("node") if text.isascii() and text.isdecimal()}
    chosen = [node for node in nodes if str(node.pk) in ticked]
    context |= {"ticked": {node.pk for node in chosen}, "what": data.get("what", ""), "data": data}
    text = data.get("q", "").strip()
    if data.get("what") == "replaced" and text:
        found = list(establishment_search(request.user, text)[:MOST_FOUND])
        context |= {"text": text, "found": found}
    change, wrong = _wanted(request, context)
    wrong = problem or wrong or ("" if chosen else "Choose at least one product.")
    if "save" not in data:
        return None
    if wrong or change is None:
        context["problem"] = wrong
        return None
    try:
        count = site_change(chosen, change=change, on=on, user=request.user)
    except SharesError:
        context["problem"] = "The shares of one of these products do not add up. Mend its supply chain first."
        return None
    messages.success(request, f"Saved for {count} {'product' if count == 1 else 'products'}, from {on.isoformat()} on.")
    return redirect("products:supply-site", pk=context["site"].pk)


def _wanted(request: HttpRequest, context: dict[str, Any]) -> tuple[SiteChange | None, str]:
    """The change, or what is wrong with what was typed."""
    data, today = request.POST, context["today"]
    what = data.get("what", "")
    if what == "batch":
        batch_on, wrong = read_day(data.get("batch", ""), today)
        if wrong or not data.get("batch", "").strip():
            return None, wrong or "Give the date of the last batch."
        if batch_on > today:
            return None, f"The last batch lies in the future: {batch_on}. Give the day on which it was made."
        return qualified_by(batch_on), ""
    if what == "unqualified":
        return no_longer_qualified(), ""
    if what == "replaced":
        number = data.get("by", "")
        other = (
            establishments_findable(request.user).filter(pk=int(number)).first()
            if number.isascii() and number.isdecimal() and len(number) < 16
            else None
        )
        if other is None or other.pk == context["site"].pk:
            return None, "Search for the establishment that takes over, and choose it."
        return replaced_by(other), ""
    return None, "Choose what has changed."
