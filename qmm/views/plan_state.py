"""What the script of a plan's draft asks: has it changed, and store these changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from dscr.moments import recent
from dscr.sheets import Change, Saved, SelfSaving, answer, edit_of
from qmm.course.plans import is_key
from qmm.models import AssessmentCase, ImprovementPlan
from qmm.queries.plan import ground_of, plan_of
from qmm.queries.plan_page import draft_page
from qmm.services.plan import draft_save, may_draft
from qmm.views.plan import plan_case_or_404


@dataclass(frozen=True)
class PlanDraft(SelfSaving):
    CLOSED = f"The plan was sent, or is not yours to write any more. {SelfSaving.STAYS}"
    BEGINS = True

    case: AssessmentCase
    is_open: bool

    @property
    def closed(self) -> str:
        return "" if self.is_open else self.CLOSED

    @cached_property
    def stored(self) -> ImprovementPlan:
        return plan_of(self.case)

    @property
    def number(self) -> str:
        return str(self.stored.pk or 0)

    def version(self) -> int:
        return self.stored.revision

    def is_key(self, key: str) -> bool:
        return is_key(key)

    def save(self, changes: Mapping[str, Change]) -> Saved:
        return draft_save(self.case, user=self.request.user, changes=changes)

    def state(self, section: str) -> dict[str, Any]:
        """The whole draft."""
        plan = plan_of(self.case)
        page = draft_page(plan, ground_of(self.case, self.request.user))
        return {
            "draft": plan.pk or 0,
            "version": plan.revision,
            "saved": recent(plan.updated_at) if plan.pk else "",
            "by": str(plan.updated_by or ""),
            "answers": {entry.key: entry.was for entry in page.entries},
            "edits": {entry.key: edit_of(self.request, entry.edit) for entry in page.entries if entry.edit},
            "problems": {entry.key: entry.problem for entry in page.entries},
            "said": {
                row.number: render_to_string("qmm/_plan_ladder_part.html", {"ladder": row.ladder}) for row in page.rows
            },
            "progress": render_to_string("qmm/_plan_progress_part.html", {"page": page, "case": self.case}),
        }


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def case_plan_state(request: HttpRequest, case: int) -> HttpResponse:
    found, sides = plan_case_or_404(request, case)
    return answer(PlanDraft(request, found, may_draft(found, sides)))
