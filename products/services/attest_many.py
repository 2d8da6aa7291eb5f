"""Attesting many drafts by one statement: all of them, as they were read, or none."""

from collections.abc import Callable, Mapping
from datetime import datetime

from django.db import transaction

from dscr.access.models import Organisation, User
from products.models import KpiDraft
from products.services.kpi_draft import DraftClosedError, VersionError
from products.services.kpi_submission import STATEMENT, NotCompleteError, NotEnrolledError, submission_attest

Tick = Callable[[int, int], None]


def untold(done: int, total: int) -> None:
    """For who works without a bar of progress."""


class NotAttestableError(Exception):
    """`reasons`: sentences, one for each product that stands in the way."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


@transaction.atomic
def drafts_attest(
    versions: Mapping[int, int],
    *,
    organisation: Organisation,
    user: User,
    name: str,
    title: str,
    at: datetime | None = None,
    statement: str = STATEMENT,
    tick: Tick = untold,
) -> int:
    """versions: draft id -> the version that was read; how many were attested.

    Raises NotAttestableError with a sentence for each product that changed, is open or no longer enrolled.
    """
    drafts = KpiDraft.objects.filter(pk__in=versions, organisation=organisation).select_related("product")
    reasons = ["A draft is not your organization's."] if drafts.count() < len(versions) else []
    for place, draft in enumerate(drafts.order_by("product__ndc", "pk"), 1):
        ndc = draft.product.display_ndc
        try:
            submission_attest(
                draft, user=user, name=name, title=title, version=versions[draft.pk], at=at, statement=statement
            )
        except NotCompleteError as error:
            count = len(error.answers.open) + len(error.answers.problems)
            reasons.append(f"{ndc}: {count} answer{'s are' if count > 1 else ' is'} open or wrong.")
        except NotEnrolledError:
            reasons.append(f"{ndc} is no longer enrolled.")
        except VersionError:
            reasons.append(f"{ndc} was changed by {_changer(draft)} after you read it.")
        except DraftClosedError:
            reasons.append(f"{ndc} was attested or its draft discarded meanwhile.")
        tick(place, len(versions))
    if reasons:
        raise NotAttestableError(reasons)
    return len(versions)


def _changer(draft: KpiDraft) -> str:
    by = KpiDraft.objects.select_related("updated_by").get(pk=draft.pk).updated_by
    return str(by) if by else "somebody"
