"""The supply chain of a product: an editor with its stages as columns, as of any day, and its history."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from dscr import audit
from dscr.access.scoping import may
from products.forms.days import read_day
from products.forms.new_site import NewSiteForm
from products.forms.supply_chain import STAGES, StageRows, keys_of, read_rows, rows_of
from products.models import Product, SupplyNode
from products.queries.own_product import own_product
from products.services.supply_chain import (
    ChainChangedError,
    chain_change,
    chain_on,
    fingerprint,
    nodes_of,
    planned_after,
)
from qmm.models import Establishment
from qmm.queries.finding import establishment_search, establishments_findable

MOST_FOUND = 20
CHANGED = (
    "Somebody changed this supply chain while you edited it. What you typed is still here: compare it with the "
    "history, then save again."
)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def supply_chain(request: HttpRequest, ndc: str) -> HttpResponse:
    """GET: as of a day. POST: what was typed, checked and helped along; stored only by its Save button."""
    product = own_product(request.user, ndc, "edit_supply")
    nodes, today = nodes_of(product), timezone.localdate()
    sent = request.POST if request.method == "POST" else request.GET
    on, wrong_day = read_day(sent.get("on", ""), today)
    holding = chain_on(nodes, on)
    context: dict[str, Any] = {"product": product, "on": on, "today": today, "wrong_day": wrong_day}
    context |= {"seen": fingerprint(nodes), "planned": _planned(nodes, on), "new_site": NewSiteForm()}
    if request.method == "POST":
        stages = _typed(request, holding, today, context)
        if "save" in request.POST and not wrong_day and not _is_wrong(stages):
            response = _save(request, product, on, stages, context)
            if response:
                return response
    else:
        audit.note(request, "viewed", product, detail="supply chain")
        stages = rows_of(holding)
    context |= {"stages": stages, "stage_choices": STAGES, "is_wrong": "save" in sent and _is_wrong(stages)}
    is_part = request.headers.get("HX-Request") == "true"
    return render(request, f"products/{'_supply_form_part' if is_part else 'supply_chain'}.html", context)


@require_safe
@never_cache
def supply_history(request: HttpRequest, ndc: str) -> HttpResponse:
    product = own_product(request.user, ndc, "read_figures")
    rows = SupplyNode.objects.filter(product=product).select_related("establishment").order_by("-valid_from", "stage")
    nodes = list(rows)
    audit.note(request, "viewed", product, detail="supply chain history")
    days = {day for node in nodes if not node.voided_at for day in (node.valid_from, node.valid_to) if day}
    context = {"product": product, "nodes": nodes, "days": sorted(days, reverse=True)}
    context |= {"today": timezone.localdate(), "edits": may(request.user, "edit_supply")}
    return render(request, "products/supply_history.html", context)


def _typed(request: HttpRequest, holding: list[SupplyNode], today: date, context: dict[str, Any]) -> list[StageRows]:
    """Reads the rows; finds, or makes, the establishments to add to them."""
    data = request.POST.copy()
    text, stage = data.get("q", "").strip(), data.get("stage", "")
    if "create" in data and stage in STAGES:
        form = NewSiteForm(data)
        if form.is_valid():
            site = form.save(request.user.membership.organisation)
            data.appendlist("add", f"{stage}.{site.pk}")
        else:
            context["new_site"] = form
    elif text:
        found = list(establishment_search(request.user, text)[: MOST_FOUND + 1])
        context |= {"found": found[:MOST_FOUND], "found_more": len(found) > MOST_FOUND, "searched": True}
    if data.get("add"):
        context |= {"found": [], "searched": False}
        text = ""
    context |= {"text": text, "stage": stage if stage in STAGES else "api"}
    numbers = {number for _, number in keys_of(data)}
    there = {node.establishment_id: node.establishment for node in holding}
    sites: dict[int, Establishment] = establishments_findable(request.user).in_bulk(numbers - set(there))
    return read_rows(data, there | sites, holding, today)


def _is_wrong(stages: list[StageRows]) -> bool:
    return any(part.problem or any(row.problems for row in part.rows) for part in stages)


def _save(
    request: HttpRequest, product: Product, on: date, stages: list[StageRows], context: dict[str, Any]
) -> HttpResponse | None:
    try:
        touched = chain_change(
            product,
            on=on,
            wanted={part.code: part.wanted for part in stages},
            user=request.user,
            seen=request.POST.get("seen", ""),
        )
    except ChainChangedError:
        context["conflict"] = CHANGED
        return None
    messages.success(
        request,
        f"Saved: the supply chain as you gave it holds from {on:%B} {on.day}, {on.year}."
        if touched
        else "Nothing was changed.",
    )
    address = f"{reverse('products:supply-chain', args=[product.ndc])}?on={on.isoformat()}"
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(headers={"HX-Redirect": address})
    return redirect(address)


def _planned(nodes: list[SupplyNode], on: date) -> list[tuple[str, date]]:
    """(stage, day) of changes that are planned after the day."""
    ahead = [(label, planned_after(nodes, code, on)) for code, label in STAGES.items()]
    return [(label, day) for label, day in ahead if day]
