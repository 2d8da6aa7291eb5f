"""What a form or the script of a working page sent (static/js/questionnaire.js), as changes of single texts."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from dscr.moments import recent
from dscr.texts import clean
from qmm.rubric.fields import CODE
from qmm.services.scoring import Change

SOMEBODY_ELSE = "You are signed in as somebody else in this browser. Reload the page."


class UnreadableError(Exception):
    """What was sent is no change of a text; the message says what."""


def read_form(request: HttpRequest, fields: tuple[str, ...]) -> dict[str, Change]:
    """What differs from what the page showed."""
    changes = {}
    for key, text in request.POST.items():
        if f"was-{key}" in request.POST and is_key(key, fields):
            change = Change(clean(request.POST[f"was-{key}"]), clean(text))
            if change.now != change.was:
                changes[key] = change
    return changes


def read_json(request: HttpRequest, fields: tuple[str, ...]) -> tuple[dict[str, Any], dict[str, Change]]:
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
        if not is_key(key, fields) or not texts or not all(isinstance(text, str) for text in texts):
            raise UnreadableError(f"“{key[:60]}” is no change of a text.")
        changes[key] = Change(clean(texts[0]), clean(texts[1]))
    return body, changes


def is_key(key: str, fields: tuple[str, ...]) -> bool:
    code, _, name = key.partition(".")
    return bool(CODE.fullmatch(code)) and name in fields


def told(edit: Mapping[str, Any]) -> dict[str, Any]:
    """An edit with its time in words."""
    return {**edit, "when": recent(datetime.fromisoformat(edit["at"]))} if edit.get("at") else dict(edit)
