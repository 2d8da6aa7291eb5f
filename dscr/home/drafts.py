"""What awaits the attestor: the firm's open drafts of KPI figures, those nearest to complete first."""

from dataclasses import dataclass

from dscr.access.scoping import Reader
from dscr.home.tasks import page
from products.models import KpiDraft
from products.queries.due import Quarter
from products.questionnaire import QUESTIONS
from ratings.figures import first_up, in_words

SHOWN = 12
MOST = 200  # drafts that are counted


@dataclass(frozen=True, slots=True)
class DraftRow:
    """`address`: the draft's own page, or "" while there is none."""

    draft: KpiDraft
    quarter: Quarter
    answered: int  # of all questions: reported, not disclosed or not applicable
    address: str

    @property
    def asked(self) -> int:
        return len(QUESTIONS)

    @property
    def is_complete(self) -> bool:
        return self.answered == self.asked


@dataclass(frozen=True, slots=True)
class DraftList:
    rows: list[DraftRow]
    count: int
    complete: int

    @property
    def more(self) -> int:
        return self.count - len(self.rows)

    @property
    def sentence(self) -> str:
        """One draft awaits attestation; one more is not answered in full yet."""
        begun = self.count - self.complete
        ready = first_up(in_words(self.complete)) if self.complete else "No"
        said = f"{ready} {'drafts await' if self.complete > 1 else 'draft awaits'} attestation"
        if not begun:
            return f"{said}."
        more = " more" if self.complete else ""
        what = "" if self.complete else " draft" if begun == 1 else " drafts"
        return f"{said}; {in_words(begun)}{more}{what} {'is' if begun == 1 else 'are'} not answered in full yet."


def open_drafts(user: Reader) -> DraftList:
    """One query, which leaves the answers themselves in the database."""
    drafts = (
        KpiDraft.objects.for_user(user, "read_figures")
        .filter(submission=None, discarded_at=None)
        .select_related("product", "updated_by")
        .defer("answers", "notes", "sources", "edits")
        .order_by("-answered", "quarter_end", "product__ndc")[:MOST]
    )
    rows = [
        DraftRow(
            draft,
            Quarter(draft.quarter_end),
            draft.answered,
            page("products:kpi-draft", draft.product.ndc, draft.quarter_end.isoformat()),
        )
        for draft in drafts
    ]
    return DraftList(rows[:SHOWN], len(rows), sum(row.is_complete for row in rows))
