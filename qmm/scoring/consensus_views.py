"""Consensus: both levels side by side once both have finished, and the agreed one, which saves itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Max, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from dscr import audit
from dscr.access.scoping import may
from dscr.moments import recent
from dscr.sheets import Change, Saved, SelfSaving, answer, read_form, said, told
from qmm.models import AssessmentCase, ConsensusScore
from qmm.queries.consensus import Consensus, case_of, consensus_of
from qmm.queries.score_sheet import CHOICES
from qmm.scoring.changes import is_key
from qmm.services.consensus import FIELDS, LONGEST_REASON, closed_words, consensus_save
from qmm.services.scoring import SCORING_STATES, ScoringClosedError


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def consensus_page(request: HttpRequest, case: int) -> HttpResponse:
    found = _or_404(request, case)
    return _save(request, found) if request.method == "POST" else _page(request, found)


def _page(
    request: HttpRequest,
    case: AssessmentCase,
    typed: Mapping[str, str] | None = None,
    conflicts: Mapping[str, Mapping[str, Any]] | None = None,
    problem: str = "",
) -> HttpResponse:
    shown = {key: told(edit) for key, edit in (conflicts or {}).items()}
    found = consensus_of(request.user, case, typed, shown)
    if found.is_revealed:
        audit.note(request, "viewed", case, detail="levels of both assessors")
    asked, codes = request.GET.get("element", ""), [row.element.code for row in found.rows]
    first = next((row.element.code for row in found.rows if row.is_open), next(iter(codes), ""))
    context = {
        "found": found,
        "case": case,
        "sentence": sentence(found),
        "who": str(request.user.pk),
        "saved_at": _saved_at(case),
        "current": asked if asked in codes else first,
        "choices": CHOICES,
        "problem": problem,
        "longest_reason": LONGEST_REASON,
        "is_assessor": may(request.user, "give_scores"),
        "gives_levels": any(one.membership_id == request.user.membership.pk for one in found.givers),
        "may_reopen": may(request.user, "reopen_scores") and not found.is_revealed and case.state in SCORING_STATES,
        "shows_synthetic": case.establishment.is_synthetic,
    }
    return render(request, "qmm/consensus.html", context, status=409 if conflicts else 400 if problem else 200)


def sentence(found: Consensus) -> str:
    """What stands above the table."""
    if not found.is_revealed:
        done = [str(row.membership.user) for row in found.givers if row.finished_at]
        begins = "Both assessors’ levels are shown here once both have finished."
        return f"{begins} {done[0]} has." if len(done) == 1 else f"{begins} Neither has." if not done else begins
    apart = "none lies two or more apart"
    if found.gaps:
        lie, need = ("lies", "needs") if found.gaps == 1 else ("lie", "need")
        apart = f"{found.gaps} {lie} two or more apart and {need} a recorded reason"
    return (
        f"Of {found.total} elements, {found.alike} have the same level from both; {apart}. "
        f"{found.agreed} of {found.total} are agreed."
    )


def _save(request: HttpRequest, case: AssessmentCase) -> HttpResponse:
    changes = read_form(request, lambda key: is_key(key, FIELDS))
    changes.pop(request.POST.get("take", ""), None)
    try:
        saved = consensus_save(case, changes, user=request.user) if changes else Saved(0)
    except ScoringClosedError as error:
        messages.warning(request, f"{error} Nothing was stored.")
        return redirect("qmm:consensus", case.pk)
    except (KeyError, ValueError) as error:
        return _page(request, case, {key: change.now for key, change in changes.items()}, problem=said(error))
    if saved.conflicts:
        return _page(request, case, {key: changes[key].now for key in saved.conflicts}, saved.conflicts)
    messages.success(request, "Saved.")
    return redirect("qmm:consensus", case.pk)


@dataclass(frozen=True)
class ConsensusDraft(SelfSaving):
    CLOSED = f"This page shows another case. {SelfSaving.STAYS}"

    case: AssessmentCase

    @property
    def closed(self) -> str:
        why = closed_words(self.case, self.request.user)
        return f"{why} {self.STAYS}" if why else ""

    @property
    def number(self) -> str:
        return str(self.case.pk)

    def version(self) -> int:
        return ConsensusScore.objects.filter(case=self.case).aggregate(sum=Sum("version"))["sum"] or 0

    def is_key(self, key: str) -> bool:
        return is_key(key, FIELDS)

    def save(self, changes: Mapping[str, Change]) -> Saved:
        return consensus_save(self.case, changes, user=self.request.user)

    def state(self, section: str) -> dict[str, Any]:
        found = consensus_of(self.request.user, self.case)
        last = max((row.edit for row in found.rows if row.edit), key=lambda edit: edit["at"], default={})
        return {
            "draft": self.case.pk,
            "version": found.version,
            "saved": _saved_at(self.case),
            "by": last.get("name", ""),
            "answers": {entry.key: entry.was for entry in found.entries},
            "problems": {row.reason.key: row.problem for row in found.rows},
            "progress": render_to_string("qmm/_consensus_progress_part.html", {"found": found}),
        }


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def consensus_state(request: HttpRequest, case: int) -> HttpResponse:
    return answer(ConsensusDraft(request, _or_404(request, case)))


def _saved_at(case: AssessmentCase) -> str:
    at = ConsensusScore.objects.filter(case=case).aggregate(at=Max("decided_at"))["at"]
    return recent(at) if at else ""


def _or_404(request: HttpRequest, case: int) -> AssessmentCase:
    found = case_of(request.user, case)
    if found is None:
        raise Http404
    return found
