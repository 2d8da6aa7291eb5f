"""What a product's firm has attested, quarter by quarter, and what is under way."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from dscr.access.scoping import Reader
from products.models import KpiDraft, KpiSubmission, Product
from products.queries.due import Quarter
from products.queries.quarters import enrolments_of, quarters_offered, submissions_of
from products.questionnaire import Question, Section
from products.questionnaire.questions import QUESTIONS, SECTIONS
from products.questionnaire.words import in_words, sources_in_words

LABELS = {question.code: question.label for question in QUESTIONS}


@dataclass(frozen=True, slots=True)
class QuarterHistory:
    """`submissions`: the counting one first, then those it superseded, newest first."""

    quarter: Quarter
    draft: KpiDraft | None
    submissions: list[KpiSubmission]
    is_offered: bool

    @property
    def counting(self) -> KpiSubmission | None:
        return next((row for row in self.submissions if row.superseded_at is None and row.voided_at is None), None)


@dataclass(frozen=True, slots=True)
class ProductHistory:
    product: Product
    quarters: list[QuarterHistory]


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """An answer in words, and what stood there before where it is another one."""

    question: Question
    now: str
    before: str
    sources: list[str]

    @property
    def is_changed(self) -> bool:
        return bool(self.before) and self.before != self.now


@dataclass(frozen=True, slots=True)
class SubmissionDetail:
    """`before`: the submission that this one superseded, or else that of the quarter before it."""

    product: Product
    submission: KpiSubmission
    quarter: Quarter
    before: KpiSubmission | None
    sections: list[tuple[Section, list[AnswerRow]]]
    later: KpiSubmission | None
    draft: KpiDraft | None

    @property
    def changed(self) -> int:
        return sum(row.is_changed for _, rows in self.sections for row in rows)

    @property
    def notes(self) -> list[tuple[str, str]]:
        """(question, note) of what looked unlikely."""
        given = self.draft.notes if self.draft else {}
        return [(LABELS[key.partition(".")[0]], note) for key, note in given.items() if note]

    @property
    def writers(self) -> list[tuple[str, int]]:
        """Who wrote how many of the answers, the most first."""
        edits = self.draft.edits if self.draft else {}
        return Counter(edit["name"] for key, edit in edits.items() if key in self.draft.answers).most_common()

    @property
    def corrects(self) -> bool:
        return self.before is not None and self.before.quarter_end == self.submission.quarter_end


def product_history(user: Reader, ndc: str) -> ProductHistory | None:
    """Every quarter with submissions or a draft, and those that may be begun; the latest first. Four queries."""
    found = _product_and_submissions(user, ndc)
    if found is None:
        return None
    product, submissions = found
    drafts = KpiDraft.objects.for_user(user, "read_figures").filter(product=product, submission=None, discarded_at=None)
    open_drafts = {draft.quarter_end: draft for draft in drafts.select_related("updated_by")}
    offered = {quarter.ends_on for quarter in quarters_offered(timezone.localdate())}
    days = sorted({*offered, *open_drafts, *(row.quarter_end for row in submissions)}, reverse=True)
    return ProductHistory(
        product,
        [
            QuarterHistory(
                Quarter(day),
                open_drafts.get(day),
                sorted(
                    (row for row in submissions if row.quarter_end == day),
                    key=lambda row: (row.superseded_at is None and row.voided_at is None, row.attested_at),
                    reverse=True,
                ),
                day in offered,
            )
            for day in days
        ],
    )


def submission_detail(user: Reader, ndc: str, pk: int) -> SubmissionDetail | None:
    """One attested submission, None where it does not exist for this reader. Four queries."""
    found = _product_and_submissions(user, ndc)
    submission = next((row for row in found[1] if row.pk == pk), None) if found else None
    if found is None or submission is None:
        return None
    before = _before(submission, found[1])
    draft = KpiDraft.objects.for_user(user, "read_figures").filter(submission=submission).first()
    return SubmissionDetail(
        product=found[0],
        submission=submission,
        quarter=Quarter(submission.quarter_end),
        before=before,
        sections=[
            (section, [_answer(question, submission, before, draft) for question in section.questions])
            for section in SECTIONS
        ],
        later=next((row for row in found[1] if row.pk == submission.superseded_by_id), None),
        draft=draft,
    )


def _answer(
    question: Question, submission: KpiSubmission, before: KpiSubmission | None, draft: KpiDraft | None
) -> AnswerRow:
    return AnswerRow(
        question,
        in_words(question, submission),
        in_words(question, before) if before else "",
        sources_in_words(draft.sources if draft else {}, question.columns),
    )


def _product_and_submissions(user: Reader, ndc: str) -> tuple[Product, list[KpiSubmission]] | None:
    product = Product.objects.for_user(user, "read_figures").filter(ndc=ndc).first()
    if product is None:
        return None
    visible = submissions_of(user, product, enrolments_of(product, timezone.localdate()))
    submissions = list(visible.select_related("attested_by").order_by("-quarter_end", "-attested_at"))
    for row in submissions:
        row.product = product
    return product, submissions


def _before(submission: KpiSubmission, among: Sequence[KpiSubmission]) -> KpiSubmission | None:
    corrected = [row for row in among if row.superseded_by_id == submission.pk]
    if corrected:
        return corrected[0]
    earlier = [row for row in among if row.quarter_end < submission.quarter_end and row.voided_at is None]
    counting = [row for row in earlier if row.superseded_at is None]
    return (counting or earlier or [None])[0]
