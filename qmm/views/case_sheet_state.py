"""What the script of a case's sheet asks: has it changed, and store these changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from dscr.moments import recent
from dscr.sheets import Change, Saved, SelfSaving, answer, edit_of
from qmm.models import AssessmentCase, CaseSheet
from qmm.services.course_sheet import may_write, sheet_of, sheet_save
from qmm.views.case_sheet import page_of, readable_sheet


@dataclass(frozen=True)
class SheetOfCase(SelfSaving):
    CLOSED = f"It is not your turn to write here any more. {SelfSaving.STAYS}"
    BEGINS = True

    case: AssessmentCase
    stored: CaseSheet
    is_open: bool

    @property
    def closed(self) -> str:
        return "" if self.is_open else self.CLOSED

    @property
    def number(self) -> str:
        return str(self.stored.pk or 0)

    def version(self) -> int:
        return self.stored.revision

    def is_key(self, key: str) -> bool:
        return any(item["code"] == key for item in self.stored.asked)

    def save(self, changes: Mapping[str, Change]) -> Saved:
        return sheet_save(self.case, self.stored.kind, user=self.request.user, changes=changes)

    def state(self, section: str) -> dict[str, Any]:
        sheet = sheet_of(self.case, self.stored.kind)
        page = page_of(sheet, section)
        context = {"page": page, "case": self.case, "kind": sheet.kind}
        return {
            "draft": sheet.pk or 0,
            "version": sheet.revision,
            "saved": recent(sheet.updated_at) if sheet.pk else "",
            "by": str(sheet.updated_by or ""),
            "answers": {entry.key: entry.was for entry in page.entries},
            "edits": {entry.key: edit_of(self.request, entry.edit) for entry in page.entries if entry.edit},
            "progress": render_to_string("qmm/_case_sheet_progress_part.html", context),
        }


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def case_sheet_state(request: HttpRequest, case: int, sheet: str) -> HttpResponse:
    found, sides = readable_sheet(request, case, sheet)
    return answer(SheetOfCase(request, found, sheet_of(found, sheet), may_write(found, sheet, sides)))
