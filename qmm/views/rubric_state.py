"""What the script of the rubric's editor asks: has the draft changed, and store these changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from dscr.moments import recent
from dscr.sheets import Change, Saved, SelfSaving, answer, closed, edit_of
from qmm.models import Rubric
from qmm.queries.rubric import open_draft
from qmm.views.rubric_draft import is_key, store
from qmm.views.rubric_sheet import sheet_of


@dataclass(frozen=True)
class RubricDraft(SelfSaving):
    CLOSED = f"The draft was published or discarded meanwhile. {SelfSaving.STAYS}"

    draft: Rubric

    @property
    def number(self) -> str:
        return str(self.draft.pk)

    def version(self) -> int:
        return self.draft.revision

    def is_key(self, key: str) -> bool:
        return is_key(key)

    def save(self, changes: Mapping[str, Change]) -> Saved:
        return store(self.request, self.draft, self.number, changes)

    def state(self, section: str) -> dict[str, Any]:
        draft = open_draft(self.request.user, "edit_rubric") or self.draft
        sheet = sheet_of(draft, section)
        return {
            "draft": draft.pk,
            "version": draft.revision,
            "saved": recent(draft.updated_at),
            "by": str(draft.updated_by or ""),
            "answers": {entry.key: entry.was for entry in sheet.entries},
            "edits": {entry.key: edit_of(self.request, entry.edit) for entry in sheet.entries if entry.edit},
            "problems": {entry.key: entry.problem for entry in sheet.entries},
            "said": {
                entry.key: render_to_string("qmm/_rubric_was_part.html", {"entry": entry, "draft": draft})
                for entry in sheet.entries
            },
            "progress": render_to_string("qmm/_rubric_progress_part.html", {"sheet": sheet}),
        }


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def rubric_draft_state(request: HttpRequest) -> HttpResponse:
    draft = open_draft(request.user, "edit_rubric")
    return closed(RubricDraft.CLOSED) if draft is None else answer(RubricDraft(request, draft))
