"""Storing what a machine put into drafts: one or hundreds of products, all of them or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from dscr.access.models import User
from products.queries.quarters import QuarterlyFigures
from products.questionnaire import FIELDS
from products.services.kpi_draft import Change, DraftClosedError, VersionError, draft_open, draft_save

KIND = "api"
NEW = 1  # the version of a draft that was just begun


@dataclass(frozen=True, slots=True)
class DraftPut:
    """Changes of the draft as it stood in `figures`; one that is not there is begun."""

    figures: QuarterlyFigures
    answers: dict[str, Change]
    notes: dict[str, Change]


class StaleDraftsError(Exception):
    """`products`: ids of those whose draft somebody changed, attested or discarded since it was read."""

    def __init__(self, products: set[int]) -> None:
        super().__init__("Drafts were changed since they were read.")
        self.products = products


@transaction.atomic
def drafts_put(parts: Sequence[DraftPut], *, user: User, source: dict[str, Any]) -> None:
    """`source`: what every figure that changes keeps of where it came from. Raises StaleDraftsError."""
    stale = set()
    for part in sorted(parts, key=lambda part: part.figures.product.pk):  # two writers never wait for each other
        figures = part.figures
        draft = figures.draft or draft_open(
            figures.product,
            organisation=figures.organisation,
            quarter_end=figures.quarter.ends_on,
            user=user,
            correcting=figures.attested,
        )
        try:
            draft_save(
                draft,
                user=user,
                answers=part.answers,
                notes=part.notes,
                sources={key: source for key, change in part.answers.items() if change.now and key in FIELDS},
                version=figures.draft.version if figures.draft else NEW,
            )
        except (DraftClosedError, VersionError):
            stale.add(figures.product.pk)
    if stale:
        raise StaleDraftsError(stale)


def source_of(at: str, *, token: str = "", said: str = "") -> dict[str, Any]:
    """What a draft keeps beside a figure; `text` is what its page shows. `at`: ISO time. `token`: its name."""
    by = f"API (token “{token}”)" if token else "API"
    return {"kind": KIND, "token": token, "at": at, "text": f"{said}, by {by}" if said else by}
