"""How the levels, notes and findings of one element came about."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dscr import audit
from qmm.models.blind import is_revealed
from qmm.queries.consensus import case_of
from qmm.queries.earlier import histories_of
from qmm.rubric.content import element_of
from qmm.services.scoring import rubric_of


@require_safe
@never_cache
def score_history(request: HttpRequest, case: int, element: str) -> HttpResponse:
    """One's own at any time; everybody's who may see both once both have finished."""
    found = case_of(request.user, case)
    texts = rubric_of(found).kept_texts.get(element) if found else None
    if found is None or texts is None:
        raise Http404
    people = histories_of(request.user, found, element)
    own = request.user.membership.pk
    if any(person.assignment.membership_id != own for person in people):
        audit.note(request, "viewed", found, detail=f"earlier levels and notes of {element}")
    context = {
        "case": found,
        "element": element_of(element, texts),
        "people": people,
        "is_at_work": any(person.assignment.membership_id == own for person in people),
        "is_revealed": is_revealed(found.pk),
        "shows_synthetic": found.establishment.is_synthetic,
    }
    return render(request, "qmm/score_history.html", context)
