"""An entry in plain words: who, what, and which values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from dscr import moments
from dscr.audit.kinds import KINDS
from dscr.audit.models import Action, AuditEntry
from dscr.audit.names import Key, field_of, kind_behind, model_of, name_from, names_of

SAID = 2  # values that fit into the sentence
LONG = 60
OF_VALUES = (Action.ADDED, Action.CHANGED, Action.DELETED)
WITHOUT_SUBJECT = {
    Action.SIGNED_IN: "signed in",
    Action.SIGNED_OUT: "signed out",
}
VERBS = {
    Action.SIGN_IN_FAILED: "failed to sign in as",
    Action.TOKEN_MADE: "made",
    Action.TOKEN_REVOKED: "revoked",
    Action.REFUSED: "was refused",
}

ANSWERS = {"accepted_at": "accepted the", "revoked_at": "withdrew the"}


@dataclass(frozen=True, slots=True)
class Fact:
    """One column of the row, before and after, as a reader knows them."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as the page and the export show it."""

    entry: AuditEntry
    who: str
    position: str  # role and organisation, or empty
    what: str
    facts: list[Fact]
    columns: list[str]

    @property
    def has_history(self) -> bool:
        return bool(self.entry.subject_id and self.entry.kind in KINDS)

    @property
    def sentence(self) -> str:
        return f"{self.who}{f' ({self.position})' if self.position else ''} {self.what}."


def lines(entries: Iterable[AuditEntry]) -> list[Line]:
    """The entries with all names looked up: one query for each kind of row that occurs."""
    entries = list(entries)
    names = names_of({key for entry in entries for key in _keys(entry)})
    return [_line(entry, names) for entry in entries]


def _keys(entry: AuditEntry) -> set[Key]:
    values = [*(entry.before or {}).items(), *(entry.after or {}).items()]
    keys = {
        (behind, value)
        for column, value in values
        if isinstance(value, int) and (behind := kind_behind(field_of(entry.kind, column)))
    }
    if entry.subject_id and not entry.label and entry.kind in KINDS:
        keys.add((entry.kind, entry.subject_id))
    return keys


def _line(entry: AuditEntry, names: Mapping[Key, str]) -> Line:
    facts = _facts(entry, names)
    position = ", ".join(filter(None, (entry.role, entry.organisation)))
    columns = [column_words(entry.kind, column) for column in entry.columns or ()]
    return Line(entry, who(entry), position, _what(entry, names, facts, columns), facts, columns)


def who(entry: AuditEntry) -> str:
    if entry.user_id:
        return entry.user_name or entry.user_email
    if entry.via.startswith("command "):
        return f"The {entry.via}"
    if entry.via in ("", "database"):
        return f"Someone at the database, signed in as {entry.database_role},"
    return "Someone who was not signed in"


def _what(entry: AuditEntry, names: Mapping[Key, str], facts: Sequence[Fact], columns: Sequence[str]) -> str:
    if entry.action in WITHOUT_SUBJECT:
        return WITHOUT_SUBJECT[Action(entry.action)]
    kind = KINDS.get(entry.kind)
    if entry.action == Action.EMPTIED:
        return f"deleted all {kind.words if kind else entry.kind}"
    if entry.row_count:
        what = f"{entry.action} {intcomma(entry.row_count)} {kind.words if kind else entry.kind} at once"
        return f"{what}: {', '.join(columns)}" if columns else what
    subject = subject_words(entry, names)
    if entry.action == Action.CHANGED and (answer := _answer_to_invitation(entry)):
        return f"{answer} {subject}"
    if entry.action == Action.CHANGED and facts:
        said = "; ".join(f"{fact.name}: {_short(fact.before)} → {_short(fact.after)}" for fact in facts[:SAID])
        more = f"; and {len(facts) - SAID} more" if len(facts) > SAID else ""
        count = "" if len(facts) == 1 else f"{len(facts)} details of "
        return f"changed {count}{subject} – {said}{more}"
    verb = VERBS.get(Action(entry.action), entry.action) if entry.action in Action.values else entry.action
    if entry.action in VERBS and entry.kind == "person":
        subject = entry.label or subject
    detail = f": {entry.detail}" if entry.detail else ""
    return f"{verb} {subject}".rstrip() + detail


def _answer_to_invitation(entry: AuditEntry) -> str:
    """What its new times mean; the details stay unfolded below."""
    if entry.kind != "invitation":
        return ""
    after = entry.after or {}
    return next((verb for column, verb in ANSWERS.items() if after.get(column)), "")


def subject_words(entry: AuditEntry, names: Mapping[Key, str]) -> str:
    """KPI submission cisplatin (99901-101), quarter to 2026-09-30."""
    kind = KINDS.get(entry.kind)
    word = kind.word if kind else entry.kind.replace("-", " ")
    name = entry.label or names.get((entry.kind, entry.subject_id or 0)) or ""
    if not name and kind:
        name = name_from(entry.kind, entry.after or entry.before or {}, names)
    if not name and entry.subject_id:
        name = f"number {entry.subject_id}"
    return f"{word} {name}".strip()


def column_words(kind: str, column: str) -> str:
    field = field_of(kind, column)
    return str(field.verbose_name) if field is not None else column.replace("_", " ")


def _facts(entry: AuditEntry, names: Mapping[Key, str]) -> list[Fact]:
    if entry.action not in OF_VALUES:
        return []
    before, after = entry.before or {}, entry.after or {}
    order = in_order(entry.kind, {*before, *after})
    return [
        Fact(
            column_words(entry.kind, column),
            value_words(entry.kind, column, before[column], names) if column in before else "",
            value_words(entry.kind, column, after[column], names) if column in after else "",
        )
        for column in order
        if column != "id"
    ]


def in_order(kind: str, columns: set[str]) -> list[str]:
    """As the record has its fields; what it no longer has comes last."""
    model = model_of(kind)
    places = {field.column: place for place, field in enumerate(model._meta.fields)} if model else {}
    return sorted(columns, key=lambda column: (places.get(column, len(places)), column))


def value_words(kind: str, column: str, value: Any, names: Mapping[Key, str]) -> str:
    field = field_of(kind, column)
    behind = kind_behind(field)
    if value is None or value == "":
        return "nothing"
    if behind:
        return names.get((behind, value), f"{KINDS[behind].word} {value}")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if field is not None and field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, str) and "T" in value and (moment := _moment(value)):
        return moments.moment(moment)
    return str(value)


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is not None and timezone.is_aware(moment) else None


def _short(text: str) -> str:
    return text if len(text) <= LONG else f"{text[: LONG - 1]}…"
