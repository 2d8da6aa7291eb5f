"""Changes as a form or the script sends them, and storing them in the draft that the sender saw."""

import json
from typing import Any

from django.http import HttpRequest

from dscr.texts import clean
from products.queries.quarters import QuarterlyFigures
from products.questionnaire.plausibility import NOTE_KEYS
from products.services.kpi_draft import (
    ANSWER_KEYS,
    LONGEST_ANSWER,
    LONGEST_NOTE,
    Change,
    DraftClosedError,
    Saved,
    draft_save,
)
from products.views.reached import open_draft

KEYS = ANSWER_KEYS | NOTE_KEYS


class UnreadableError(Exception):
    """The script sent what is no change of an answer; the message says what."""


def read_form(request: HttpRequest) -> dict[str, Change]:
    """What differs from what the page showed; a key that is no answer is none of ours."""
    sent = {key: request.POST[key] for key in KEYS & request.POST.keys()}
    changes = {key: Change(request.POST.get(f"was-{key}", ""), _clean(key, text)) for key, text in sent.items()}
    return {key: change for key, change in changes.items() if change.now != change.was}


def read_json(request: HttpRequest) -> tuple[dict[str, Any], dict[str, Change]]:
    """The whole body, {who, draft, section, changes: {key: {was, now}}}, and its changes."""
    try:
        body = json.loads(request.body)
    except ValueError:
        raise UnreadableError("The body is not JSON.") from None
    sent = body.get("changes") if isinstance(body, dict) else None
    if not isinstance(sent, dict):
        raise UnreadableError("Give changes as an object of key: {was, now}.")
    changes = {}
    for key, change in sent.items():
        texts = [change.get("was"), change.get("now")] if isinstance(change, dict) else []
        if key not in KEYS or not texts or not all(isinstance(text, str) for text in texts):
            raise UnreadableError(f"“{key[:60]}” is no change of an answer or note.")
        changes[key] = Change(texts[0], _clean(key, texts[1]))
    return body, changes


def store(
    request: HttpRequest, figures: QuarterlyFigures, changes: dict[str, Change], seen: int | None = None
) -> Saved:
    """`seen`: the draft that the sender's page showed, 0 for none yet. DraftClosedError where it is open no more."""
    if seen and (figures.draft is None or figures.draft.pk != seen):
        raise DraftClosedError
    notes = {key: change for key, change in changes.items() if key in NOTE_KEYS}
    answers = {key: change for key, change in changes.items() if key not in notes}
    return draft_save(open_draft(request, figures), user=request.user, answers=answers, notes=notes)


def _clean(key: str, text: str) -> str:
    """No longer than is kept."""
    return clean(text)[: LONGEST_NOTE if key in NOTE_KEYS else LONGEST_ANSWER]
