"""Quarterly figures: every enrolled product of the firm, and what is still to do for it."""

from collections import Counter
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dscr.access.scoping import may
from products.queries.due import Quarter, last_quarter
from products.queries.kpi_list import ATTESTED, ORDER, WORDS, KpiRow, kpi_rows
from products.queries.many_figures import OWED, copyable
from products.questionnaire.words import day
from products.views.job_parts import new_once

ON_A_PAGE = 100
AWAITS, STARTED = "awaits", "started"


@require_safe
@never_cache
def kpi_list(request: HttpRequest) -> HttpResponse:
    """?state= one of the states, or `awaits` attestation, or `started`."""
    rows = kpi_rows(request.user)
    chosen = request.GET.get("state", "")
    quarter = last_quarter(timezone.localdate())
    found = Paginator([row for row in rows if _belongs(row, chosen)], ON_A_PAGE)
    page = found.get_page(request.GET.get("page"))
    context = {
        "page": page,
        "found": found.count,
        "pages": list(found.get_elided_page_range(page.number)),
        "total": len(rows),
        "choices": _choices(rows, chosen),
        "chosen": chosen,
        "quarter": quarter,
        "sentence": _sentence(rows, quarter),
        "may_attest": may(request.user, "attest_kpis"),
        "complete": sum(row.awaits for row in rows),
        "chooses": may(request.user, "attest_kpis") and sum(row.awaits for row in page) > 1,
        "copyable": len(copyable(request.user, rows)),
        "once": new_once(),
        "shows_synthetic": any(row.product.is_synthetic for row in page),
    }
    return render(request, "products/kpi_list.html", context)


def _belongs(row: KpiRow, chosen: str) -> bool:
    if chosen == AWAITS:
        return row.awaits
    if chosen == STARTED:
        return row.answered is not None and not row.awaits
    return row.state == chosen if chosen in ORDER else True


def _choices(rows: list[KpiRow], chosen: str) -> list[dict[str, Any]]:
    """The ways to narrow the list, each with how many products it leaves."""
    counts = Counter(row.state for row in rows)
    counts[AWAITS] = sum(_belongs(row, AWAITS) for row in rows)
    counts[STARTED] = sum(_belongs(row, STARTED) for row in rows)
    words = WORDS | {AWAITS: "Awaits attestation", STARTED: "Draft begun"}
    states = [state for state in (*OWED, STARTED, AWAITS, *ORDER[3:]) if counts[state]]
    every = {"value": "", "label": "All", "count": len(rows), "is_chosen": chosen not in states}
    return [every] + [
        {"value": state, "label": words[state], "count": counts[state], "is_chosen": state == chosen}
        for state in states
    ]


def _sentence(rows: list[KpiRow], quarter: Quarter) -> str:
    owed = sum(row.state in OWED for row in rows)
    done = sum(row.state == ATTESTED for row in rows)
    if not rows:
        return "No product is enrolled, so no figures are owed."
    if not owed:
        return f"Nothing is owed. The figures of {quarter.next.name} are due by {day(quarter.next.due_on)}."
    return (
        f"{quarter.name} is {'due by' if quarter.due_on >= timezone.localdate() else 'late since'} "
        f"{day(quarter.due_on)}: {done:,} of {len(rows):,} products are attested, {owed:,} are to do."
    )
