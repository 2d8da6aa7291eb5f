"""Exports of the list of NDCs, exactly as it is seen: the page's own address with another ending."""

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dscr.audit.notes import note, note_each
from dscr.moments import moment
from ratings import sentences
from ratings.columns import chosen_columns, told_in_full
from ratings.exports import Export, csv_lines, xlsx_file
from ratings.filters import SORTS, RatingFilter
from ratings.queries.granted_list import DisclosedFigures, asked_columns, still_disclosed
from ratings.queries.rating_list import own_products
from ratings.queries.rating_list import rating_list as read_list
from ratings.views.list_state import OTHER_NAMES, filters_in_words, method_version

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@never_cache
def rating_export_csv(request: HttpRequest) -> HttpResponseBase:
    export = _export(request)
    if isinstance(export, HttpResponse):
        return export
    return StreamingHttpResponse(
        csv_lines(export), content_type="text/csv; charset=utf-8", headers=_saved_as(f"{_file_name()}.csv")
    )


@require_safe
@never_cache
def rating_export_xlsx(request: HttpRequest) -> HttpResponseBase:
    export = _export(request)
    if isinstance(export, HttpResponse):
        return export
    return FileResponse(xlsx_file(export), as_attachment=True, filename=f"{_file_name()}.xlsx", content_type=XLSX)


def _export(request: HttpRequest) -> Export | HttpResponse:
    """What to write, noted in the audit; or plain words about an address that makes no sense."""
    found = RatingFilter(request.GET, queryset=read_list(request.user), own=own_products(request.user))
    asked = request.GET.getlist("columns")
    more = asked_columns(request.user, asked)
    columns, strangers = chosen_columns(still_disclosed(asked, more), more)
    wrong = [said for lines in (found.errors | found.unknown(*OTHER_NAMES)).values() for said in lines]
    wrong += [f"Columns: “{key}” is no column." for key in strangers]
    if wrong:
        return HttpResponse("\n".join(wrong), status=400, content_type="text/plain; charset=utf-8")
    chosen = filters_in_words(found)
    kind = request.path.rpartition(".")[2].upper()
    note(request, "exported", f"List of NDCs ({kind})", detail=f"Filters: {chosen}")
    disclosed = DisclosedFigures(request.user, columns)
    note_each(request, "exported", disclosed.grants, detail=f"list of NDCs ({kind})")
    membership = request.user.membership
    about = [
        ("Exported by", f"{request.user}, {membership.get_role_display()}, {membership.organisation}"),
        ("Exported on", moment(timezone.now())),
        ("Filters", chosen),
        ("Sorted by", _order_in_words(found)),
        ("Method", f"DSCR methodology {method_version()}"),
        ("About", sentences.STEADY_SUPPLY),
        ("Not enrolled", "Nobody has enrolled these products in the program, which is neither good nor bad."),
    ]
    return Export(found.parts, told_in_full(columns), disclosed, about)


def _order_in_words(found: RatingFilter) -> str:
    key, down = found.sorted_by
    if key == "closest":
        return "closest to the search first"
    return f"{SORTS[key][0].lower()}, {'descending' if down else 'ascending'}; not enrolled last"


def _file_name() -> str:
    return f"dscr-ndcs-{timezone.localdate():%Y-%m-%d}"


def _saved_as(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
