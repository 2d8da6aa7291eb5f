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
        """Two drafts await attestation; one of them is answered in full."""
        if not self.count:
            return "No draft awaits attestation."
        said = f"{first_up(in_words(self.count))} {'draft awaits' if self.count == 1 else 'drafts await'} attestation"
        if self.count == 1:
            return f"{said}; it is{'' if self.complete else ' not yet'} answered in full."
        which = f"{in_words(self.complete) if self.complete else 'none'} of them"
        return f"{said}; {which} {'are' if self.complete > 1 else 'is'} answered in full."


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
