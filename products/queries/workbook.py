"""What a firm reports on, and the answers that stand: of open drafts and of attested submissions."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone

from dscr.access.models import Organisation
from products.drug_names import strength as written
from products.models import Enrolment, KpiDraft, KpiSubmission
from products.queries.due import Quarter, last_quarter
from products.questionnaire import QUESTIONS, texts_of
from products.workbook.reading import FirmProduct

QUARTERS = 8  # that a workbook may be made for


def quarters(today: date | None = None) -> list[Quarter]:
    """Those that have ended, the latest first."""
    found = [last_quarter(today or timezone.localdate())]
    while len(found) < QUARTERS:
        found.append(last_quarter(found[-1].ends_on))
    return found


def firm_products(enrolments: QuerySet[Enrolment], today: date | None = None) -> dict[str, FirmProduct]:
    """Canonical NDC -> product, of those enrolled today, in the order of NDCs; one query."""
    today = today or timezone.localdate()
    held = enrolments.filter(Q(withdrawn_on=None) | Q(withdrawn_on__gt=today), enrolled_on__lte=today)
    rows = held.order_by("product__ndc").values_list(
        "product_id",
        "product__ndc",
        "product__display_ndc",
        "product__nonproprietary_name",
        "product__proprietary_name",
        "product__strength",
        "product__dosage_form",
    )
    return {
        ndc: FirmProduct(pk, ndc, shown, ", ".join(filter(None, (generic or brand, written(strength, form))))[:120])
        for pk, ndc, shown, generic, brand, strength, form in rows
    }


@dataclass(slots=True)
class Standing:
    """What stands for a product and a quarter.

    draft: the open one. attested: the texts of the quarter's counting submission, None without one. counting: those of
    the newest submission up to the quarter. last: what the firm said last, question by question from the draft, then
    from that submission.
    """

    draft: KpiDraft | None = None
    attested: dict[str, str] | None = None
    counting: dict[str, str] = field(default_factory=dict)
    last: dict[str, str] = field(default_factory=dict)

    @property
    def base(self) -> dict[str, str]:
        """What the quarter's draft holds, or would begin with."""
        return self.draft.answers if self.draft else self.attested or {}


def standings(products: Iterable[int], organisation: Organisation, quarter_end: date) -> dict[int, Standing]:
    """Product -> Standing, of these products; two queries."""
    ids = list(products)
    found = {pk: Standing() for pk in ids}
    drafts = KpiDraft.objects.filter(
        product__in=ids, organisation=organisation, quarter_end=quarter_end, submission=None, discarded_at=None
    )
    for draft in drafts:
        found[draft.product_id].draft = draft
    submissions = KpiSubmission.objects.filter(
        product__in=ids,
        quarter_end__lte=quarter_end,
        attested_at__isnull=False,
        superseded_at=None,
        voided_at=None,
    )
    for row in submissions.order_by("product_id", "-quarter_end").distinct("product_id"):
        texts = texts_of(row)
        standing = found[row.product_id]
        standing.counting = standing.last = texts
        if row.quarter_end == quarter_end:
            standing.attested = texts
    for standing in found.values():
        if standing.draft:
            standing.last = _newest(standing.draft.answers, standing.last)
    return found


def _newest(answers: dict[str, str], older: dict[str, str]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for question in QUESTIONS:
        keys = (*question.columns, question.state_key)
        source = answers if any(answers.get(key) for key in keys) else older
        texts |= {key: source[key] for key in keys if source.get(key)}
    return texts
