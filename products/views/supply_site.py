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
from products.services.supply_chain import ChainChangedError, SharesError, Wanted
from products.services.supply_site import as_it_is, no_longer_qualified, qualified_by, replaced_by, site_change
from qmm.models import Establishment
from qmm.queries.finding import establishment_search, establishments_findable

MOST_FOUND = 20
WITH_ANOTHER = ("replaced", "backup")
CHANGES = {
    "batch": "It made a batch: qualified, with the date of its last batch",
    "unqualified": "It is no longer qualified",
    "replaced": "Another establishment takes over its share",
    "backup": "Another establishment stands by as a backup, with share 0, at the same stage",
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
    if data.get("what") in WITH_ANOTHER and text:
        found = list(establishment_search(request.user, text)[:MOST_FOUND])
        context |= {"text": text, "found": found}
    wanted, wrong = _wanted(request, context)
    wrong = problem or wrong or ("" if chosen else "Choose at least one product.")
    if "save" not in data:
        return None
    if wrong or wanted is None:
        context["problem"] = wrong
        return None
    try:
        count = site_change(chosen, on=on, user=request.user, **wanted)
    except SharesError:
        context["problem"] = "The shares of one of these products do not add up. Mend its supply chain first."
        return None
    except ChainChangedError:
        context["problem"] = (
            "One of these establishments was merged into another record meanwhile. Start again from it."
        )
        return None
    if not count:
        context["problem"] = "Nothing would change: it stands so already for the products that you chose."
        return None
    messages.success(request, f"Saved for {count} {'product' if count == 1 else 'products'}, from {on.isoformat()} on.")
    return redirect("products:supply-site", pk=context["site"].pk)


def _wanted(request: HttpRequest, context: dict[str, Any]) -> tuple[dict[str, Any] | None, str]:
    """What `site_change` shall do, or what is wrong with what was typed."""
    data, today = request.POST, context["today"]
    what = data.get("what", "")
    if what == "batch":
        batch_on, wrong = _batch(data.get("batch", ""), today)
        if wrong or batch_on is None:
            return None, wrong or "Give the date of the last batch."
        return {"change": qualified_by(batch_on)}, ""
    if what == "unqualified":
        return {"change": no_longer_qualified()}, ""
    if what in WITH_ANOTHER:
        other = _another(request, context["site"])
        if other is None:
            return None, "Search for the other establishment, and choose it."
        if what == "replaced":
            return {"change": replaced_by(other)}, ""
        batch_on, wrong = _batch(data.get("backup_batch", ""), today)
        backup = Wanted(other.pk, 0.0, "backup_qualified" in data, batch_on)
        return (None, wrong) if wrong else ({"change": as_it_is(), "added": backup}, "")
    return None, "Choose what has changed."


def _batch(text: str, today: date) -> tuple[date | None, str]:
    """(the day of the last batch, None where none is given; what is wrong with it)."""
    batch_on, wrong = read_day(text, today)
    if not wrong and batch_on > today:
        wrong = f"The last batch lies in the future: {batch_on}. Give the day on which it was made."
    return (batch_on if text.strip() and not wrong else None), wrong


def _another(request: HttpRequest, site: Establishment) -> Establishment | None:
    number = request.POST.get("by", "")
    if not (number.isascii() and number.isdecimal() and len(number) < 16):
        return None
    return establishments_findable(request.user).filter(pk=int(number)).exclude(pk=site.pk).first()
