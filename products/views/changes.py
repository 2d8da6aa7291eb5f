"""Changes as a form sends them, and storing them in the draft that the sender saw."""

from collections.abc import Mapping

from django.http import HttpRequest

from dscr.sheets import Change, Saved
from dscr.texts import clean
from products.queries.quarters import QuarterlyFigures
from products.questionnaire.plausibility import NOTE_KEYS
from products.services.kpi_draft import (
    ANSWER_KEYS,
    LONGEST_ANSWER,
    LONGEST_NOTE,
    DraftClosedError,
    draft_save,
)
from products.views.reached import open_draft

KEYS = ANSWER_KEYS | NOTE_KEYS


def read_form(request: HttpRequest) -> dict[str, Change]:
    """What differs from what the page showed; a key that is no answer is none of ours."""
    sent = {key: request.POST[key] for key in KEYS & request.POST.keys()}
    changes = {key: Change(clean(request.POST.get(f"was-{key}", "")), kept(key, text)) for key, text in sent.items()}
    return {key: change for key, change in changes.items() if change.now != change.was}


def store(
    request: HttpRequest, figures: QuarterlyFigures, changes: Mapping[str, Change], seen: int | None = None
) -> Saved:
    """`seen`: the draft that the sender's page showed, 0 for none yet. DraftClosedError where it is open no more."""
    if seen and (figures.draft is None or figures.draft.pk != seen):
        raise DraftClosedError
    notes = {key: change for key, change in changes.items() if key in NOTE_KEYS}
    answers = {key: change for key, change in changes.items() if key not in notes}
    return draft_save(open_draft(request, figures), user=request.user, answers=answers, notes=notes)


def kept(key: str, text: str) -> str:
    """As the draft keeps it."""
    return clean(text)[: LONGEST_NOTE if key in NOTE_KEYS else LONGEST_ANSWER]
