"""Assessments that expire within a year, the first to end first: imported ones too, which have no case."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dscr.access.scoping import may
from qmm.queries.validity import MONTHS, EndingList, ending_list


@require_safe
@never_cache
def case_ending(request: HttpRequest) -> HttpResponse:
    """?months= one of MONTHS, ?page=."""
    asked = request.GET.get("months", "")
    months = int(asked) if asked in map(str, MONTHS) else MONTHS[0]
    found = ending_list(request.user, months=months, page=request.GET.get("page", "1"))
    context = {
        "ending": found,
        "months": months,
        "choices": MONTHS,
        "sentence": ending_sentence(found, months),
        "may_request": may(request.user, "request_cases"),
        "kept": f"months={months}",
        "pages": list(found.page.paginator.get_elided_page_range(found.page.number)),
        "shows_synthetic": any(row.assessment.establishment.is_synthetic for row in found.rows),
    }
    return render(request, "qmm/case_ending.html", context)


def ending_sentence(found: EndingList, months: int) -> str:
    count = found.page.paginator.count
    within = f"within {months} month{'' if months == 1 else 's'}"
    if not count:
        return f"No assessment expires {within}."
    said = f"One assessment expires {within}" if count == 1 else f"{count:,} assessments expire {within}"
    if found.page.number != 1:
        return f"{said}."
    first, until = found.rows[0].assessment.establishment.name, found.rows[0].last_day
    what = ":" if count == 1 else "; the first is"
    return f"{said}{what} that of {first}, on {until:%B} {until.day}, {until.year}."
