"""What the script of the questionnaire asks: has the draft changed, and store these changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from dscr.moments import recent
from dscr.sheets import Change, ClosedError, Saved, SelfSaving, answer, edit_of
from products.queries.quarters import QuarterlyFigures
from products.views.changes import KEYS, kept, store
from products.views.reached import NeedsCorrectionError, figures_or_404
from products.views.sheet import sheet_of


@dataclass(frozen=True)
class FiguresDraft(SelfSaving):
    CLOSED = f"These figures were attested or the draft was discarded meanwhile. {SelfSaving.STAYS}"
    BEGINS = True

    figures: QuarterlyFigures

    @property
    def who(self) -> str:
        return who_reads(self.request, self.figures)

    @property
    def number(self) -> str:
        return str(self.figures.draft.pk if self.figures.draft else 0)

    def version(self) -> int:
        return self.figures.draft.version if self.figures.draft else 0

    def is_key(self, key: str) -> bool:
        return key in KEYS

    def save(self, changes: Mapping[str, Change]) -> Saved:
        changes = {key: Change(change.was, kept(key, change.now)) for key, change in changes.items()}
        try:
            return store(self.request, self.figures, changes)
        except NeedsCorrectionError:
            raise ClosedError from None

    def state(self, section: str) -> dict[str, Any]:
        """`said` and `progress` are HTML made here."""
        figures = self.figures
        if self.request.method == "POST":  # as they stand after it
            figures = figures_or_404(self.request, figures.product.ndc, figures.quarter.ends_on)
        sheet = sheet_of(figures, timezone.localdate())
        current, draft = sheet.section(section), figures.draft
        entries = [entry for row in current.rows for entry in (row.said, *row.entries)]
        notes = [doubt.note for row in current.rows for doubt in row.doubts]
        context = {"sheet": sheet, "current": current, "product": figures.product, "quarter": figures.quarter}
        return {
            "draft": draft.pk if draft else 0,
            "version": draft.version if draft else 0,
            "saved": recent(draft.updated_at) if draft else "",
            "by": str(draft.updated_by) if draft and draft.updated_by else "",
            "answers": {entry.key: entry.was for entry in (*entries, *notes)},
            "edits": {entry.key: edit_of(self.request, entry.edit) for entry in entries if entry.edit},
            "problems": {entry.key: entry.problem for entry in entries},
            "said": {
                row.question.code: render_to_string("products/_said_part.html", {"row": row}) for row in current.rows
            },
            "progress": render_to_string("products/_progress_part.html", context),
        }


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def kpi_draft_state(request: HttpRequest, ndc: str, quarter_end: date) -> HttpResponse:
    return answer(FiguresDraft(request, figures_or_404(request, ndc, quarter_end)))


def who_reads(request: HttpRequest, figures: QuarterlyFigures) -> str:
    """The person and the firm for whom a page was made; what the browser keeps is kept for both."""
    return f"{request.user.pk}-{figures.organisation.pk if figures.organisation else 0}"
