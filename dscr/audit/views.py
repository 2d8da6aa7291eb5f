"""The audit's pages: everything that was done, and one record's history. dscr/url_rules.py says who opens them."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dscr.audit.export import csv_lines
from dscr.audit.filters import EntryFilter, older_than, page_position
from dscr.audit.kinds import KINDS
from dscr.audit.models import AuditEntry
from dscr.audit.notes import note
from dscr.audit.queries import entry_list, in_batches, subject_entries, subject_name
from dscr.audit.sentences import lines

PER_PAGE = 50
BIGGEST = 2**63 - 1


@require_safe
@never_cache
def entry_list_page(request: HttpRequest) -> HttpResponse:
    narrowed = EntryFilter(request.GET, entry_list(request.user))
    context = {"filter": narrowed, **_page(request, narrowed.qs)}
    return render(request, "audit/entry_list.html", context)


@require_safe
def entry_export(request: HttpRequest) -> StreamingHttpResponse:
    narrowed = EntryFilter(request.GET, entry_list(request.user))
    entries = narrowed.qs
    note(request, "exported", "the audit", detail=narrowed.in_words() or "all of it")
    name = f"dscr-audit-{timezone.localdate()}.csv"
    return StreamingHttpResponse(
        csv_lines(in_batches(entries)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


@require_safe
@never_cache
def subject_history(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    if kind not in KINDS or pk > BIGGEST:
        raise Http404
    page = _page(request, subject_entries(request.user, kind, pk))
    name = subject_name(kind, pk)
    if not page["lines"] and not name:
        raise Http404
    context = {"kind": KINDS[kind], "subject_id": pk, "name": name, **page}
    return render(request, "audit/subject_history.html", context)


def _page(request: HttpRequest, entries: QuerySet[AuditEntry]) -> dict[str, Any]:
    """One page of entries, newest first, and the address of the older ones."""
    position = page_position(request.GET.get("before", ""))
    rows = list(older_than(entries, position)[: PER_PAGE + 1])
    shown = rows[:PER_PAGE]
    older = ""
    if len(rows) > PER_PAGE:
        older = urlencode({**_kept(request), "before": f"{shown[-1].at.isoformat()}_{shown[-1].pk}"})
    return {
        "lines": lines(shown),
        "older": older,
        "is_later_page": position is not None,
        "newest_address": f"{request.path}?{urlencode(_kept(request))}",
    }


def _kept(request: HttpRequest) -> dict[str, str]:
    """What narrows, as it stands in the address bar."""
    return {name: value for name in EntryFilter.base_filters if (value := request.GET.get(name, ""))}
