"""Drafts that save themselves: what the script of their pages (static/js/questionnaire.js) and the server say to each
other, whichever draft it is."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token

from dscr.moments import recent
from dscr.texts import clean

SOMEBODY_ELSE = "You are signed in as somebody else in this browser. Reload the page."


@dataclass(frozen=True, slots=True)
class Change:
    """A text as it was when the writer last saw it, and as it shall be."""

    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Saved:
    """`conflicts`: key -> {"now": text, "name", "at"} of another's newer change; nothing was stored for these."""

    version: int
    conflicts: dict[str, dict[str, Any]] = field(default_factory=dict)


class ClosedError(Exception):
    """The draft takes no texts any more; the message says why, if it has one."""


class UnreadableError(Exception):
    """What was sent is no change of a text; the message says what."""


@dataclass(frozen=True)
class SelfSaving(ABC):
    """One draft for one writer. `number` is the draft's own; `closed` says why nothing can be written, "" where it
    can."""

    CLOSED: ClassVar[str]  # said where the page shows a draft that is not the open one any more
    BEGINS: ClassVar[bool] = False  # with its first text; until then pages call it "0"
    STAYS: ClassVar[str] = "What you typed stays in this browser only."

    request: HttpRequest

    @property
    def who(self) -> str:
        return str(self.request.user.pk)

    @property
    def closed(self) -> str:
        return ""

    @property
    @abstractmethod
    def number(self) -> str: ...

    @abstractmethod
    def version(self) -> int: ...

    @abstractmethod
    def is_key(self, key: str) -> bool: ...

    @abstractmethod
    def save(self, changes: Mapping[str, Change]) -> Saved:
        """ClosedError; KeyError for what the draft does not have, ValueError for a text that it cannot keep."""

    @abstractmethod
    def state(self, section: str) -> dict[str, Any]:
        """Of one section: draft, version, saved (when), answers {key: text}, progress (HTML); and where there are any
        by (whom), edits, problems {key: text}, said {code: HTML}."""


def answer(draft: SelfSaving) -> HttpResponse:
    """GET ?who=&draft=&version=&section=: 204 where nothing is new. POST: as `read_json`. Both answer with the state.

    409 with a sentence where the page's draft is closed, or its reader is another one now.
    """
    request = draft.request
    if request.method == "POST":
        return _store(draft)
    seen = request.GET.get("draft", "")
    if refused := _refusal(draft, request.GET.get("who", draft.who), seen) or draft.closed:
        return closed(refused)
    is_same = seen in ("", draft.number) and request.GET.get("version") == str(draft.version())
    if is_same and "fresh" not in request.GET:
        return HttpResponse(status=204)
    return _told(draft, request.GET.get("section", ""), {})


def closed(text: str) -> JsonResponse:
    return JsonResponse({"closed": text}, status=409)


def read_json(request: HttpRequest, is_key: Callable[[str], bool]) -> tuple[dict[str, Any], dict[str, Change]]:
    """The whole body, {who, draft, section, changes: {key: {was, now}}}, and its changes."""
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):  # the latter: lists or objects a thousand deep in each other
        raise UnreadableError("The body is not JSON.") from None
    sent = body.get("changes") if isinstance(body, dict) else None
    if not isinstance(sent, dict):
        raise UnreadableError("Give changes as an object of key: {was, now}.")
    changes = {}
    for key, change in sent.items():
        texts = [change.get("was"), change.get("now")] if isinstance(change, dict) else []
        if not is_key(key) or not texts or not all(isinstance(text, str) for text in texts):
            raise UnreadableError(f"“{key[:60]}” is no change of a text.")
        changes[key] = Change(clean(texts[0]), clean(texts[1]))
    return body, changes


def read_form(request: HttpRequest, is_key: Callable[[str], bool]) -> dict[str, Change]:
    """What differs from what the page showed; a key that is no text is none of ours."""
    changes = {}
    for key, text in request.POST.items():
        if f"was-{key}" in request.POST and is_key(key):
            change = Change(clean(request.POST[f"was-{key}"]), clean(text))
            if change.now != change.was:
                changes[key] = change
    return changes


def told(edit: Mapping[str, Any]) -> dict[str, Any]:
    """An edit with its time in words."""
    return {**edit, "when": recent(datetime.fromisoformat(edit["at"]))} if edit.get("at") else dict(edit)


def edit_of(request: HttpRequest, edit: Mapping[str, Any]) -> dict[str, Any]:
    """Who changed a text last, as the script shows it; `edit` as `told` gives it."""
    return {"name": edit["name"], "when": edit["when"], "mine": edit["by"] == request.user.pk}


def said(error: Exception) -> str:
    return f"There is no text {error}." if isinstance(error, KeyError) else str(error)


def _store(draft: SelfSaving) -> HttpResponse:
    try:
        body, changes = read_json(draft.request, draft.is_key)
        if refused := _refusal(draft, body.get("who"), str(body.get("draft", ""))):
            return closed(refused)
        saved = draft.save(changes)
    except ClosedError as error:
        return closed(f"{error} {draft.STAYS}" if str(error) else draft.CLOSED)
    except (UnreadableError, KeyError, ValueError) as error:
        return JsonResponse({"problem": said(error)}, status=400)
    return _told(draft, str(body.get("section", "")), saved.conflicts)


def _refusal(draft: SelfSaving, who: Any, seen: str) -> str:
    if str(who) != draft.who:
        return SOMEBODY_ELSE
    return "" if seen in ("", draft.number) or (draft.BEGINS and seen == "0") else draft.CLOSED


def _told(draft: SelfSaving, section: str, conflicts: Mapping[str, Mapping[str, Any]]) -> JsonResponse:
    return JsonResponse(
        {"by": "", "edits": {}, "problems": {}, "said": {}}
        | draft.state(section)
        | {"token": get_token(draft.request), "conflicts": {key: told(edit) for key, edit in conflicts.items()}}
    )
