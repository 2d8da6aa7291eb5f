"""Last figures into every draft that is still empty, for those quarters that are owed."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from dscr.access.models import Organisation, User
from products.models import KpiDraft, KpiSubmission, Product
from products.services.attest_many import Tick, untold
from products.services.kpi_draft import draft_copy_forward, draft_open


@transaction.atomic
def drafts_copy_forward(
    wanted: Iterable[tuple[int, date, int]], *, organisation: Organisation, user: User, tick: Tick = untold
) -> int:
    """wanted: (product, quarter's end, submission to copy); how many drafts were filled.

    A draft in which somebody wrote meanwhile, or a quarter attested meanwhile, is passed over: nothing is overwritten.
    """
    rows = list(wanted)
    products = Product.objects.in_bulk([product for product, _, _ in rows])
    submissions = KpiSubmission.objects.in_bulk([submission for _, _, submission in rows])
    filled = 0
    for place, (product, quarter_end, submission) in enumerate(rows, 1):
        previous = submissions[submission]
        if previous.product_id == product and not _is_attested(product, quarter_end):
            draft = draft_open(products[product], organisation=organisation, quarter_end=quarter_end, user=user)
            draft = KpiDraft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
            if is_empty(draft):
                draft_copy_forward(draft, previous=previous, user=user)
                filled += 1
        tick(place, len(rows))
    return filled


def is_empty(draft: KpiDraft) -> bool:
    return not any(draft.answers.values())


def _is_attested(product: int, quarter_end: date) -> bool:
    return KpiSubmission.objects.filter(
        product=product, quarter_end=quarter_end, attested_at__isnull=False, superseded_at=None, voided_at=None
    ).exists()
