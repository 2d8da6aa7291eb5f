"""The draft of the rubric as its editor shows it: one element with every text, and what each element still lacks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dscr.sheets import told
from qmm.models import Rubric
from qmm.rubric import AREAS, FIELDS, GROUPS, LADDER, Area, Fault, Field, faults, in_order
from qmm.rubric.differences import Piece, pieces, plain


@dataclass(frozen=True, slots=True)
class Entry:
    """One text: `text` as it stands in the page, `was` as it is stored, `published` with what is new in the draft."""

    key: str
    field: Field
    text: str
    was: str
    problem: str = ""
    edit: Mapping[str, Any] = field(default_factory=dict)
    conflict: Mapping[str, Any] = field(default_factory=dict)
    pieces: list[Piece] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return 3 if self.field.is_list else 6


@dataclass(frozen=True, slots=True)
class Rung:
    """A level with its two texts."""

    number: int
    name: str
    anchor: Entry
    evidence: Entry


@dataclass(frozen=True, slots=True)
class Item:
    """An element in the list beside the form."""

    code: str
    name: str
    faults: int
    is_removed: bool


@dataclass(frozen=True, slots=True)
class Group:
    area: Area
    items: list[Item]


@dataclass(frozen=True, slots=True)
class Sheet:
    current: Item
    next_code: str
    head: list[Entry]
    questions: list[Entry]
    ladder: list[Rung]
    groups: list[Group]
    faults: list[Fault]

    @property
    def entries(self) -> list[Entry]:
        return [*self.head, *self.questions, *(entry for rung in self.ladder for entry in (rung.anchor, rung.evidence))]

    @property
    def total(self) -> int:
        return sum(not item.is_removed for group in self.groups for item in group.items)

    @property
    def ready(self) -> int:
        return sum(not item.is_removed and not item.faults for group in self.groups for item in group.items)


def sheet_of(
    draft: Rubric,
    code: str,
    typed: Mapping[str, str] | None = None,
    conflicts: Mapping[str, Mapping[str, Any]] | None = None,
) -> Sheet:
    """The element `code`, the first one where there is none. `typed`: what a form sent and could not be stored."""
    typed, conflicts = typed or {}, conflicts or {}
    codes = in_order(draft.texts)
    current = code if code in draft.texts else codes[0]
    found = faults(draft.kept_texts)
    problems = {fault.key: fault.message for fault in found}
    published = draft.based_on.texts.get(current)

    def entry(name: str) -> Entry:
        key, item = f"{current}.{name}", FIELDS[name]
        was = draft.texts[current].get(name, "")
        return Entry(
            key=key,
            field=item,
            text=typed.get(key, was),
            was=was,
            problem=problems.get(key, ""),
            edit=told(draft.edits.get(key, {})),
            conflict=told(conflicts.get(key, {})),
            pieces=_changed(item, published.get(name, ""), was) if published is not None else [],
        )

    items = {
        code: Item(
            code,
            draft.texts[code].get("name", ""),
            sum(fault.code == code for fault in found),
            code in draft.removed,
        )
        for code in codes
    }
    place = codes.index(current)
    return Sheet(
        current=items[current],
        next_code=codes[place + 1] if place + 1 < len(codes) else "",
        head=[entry("name"), entry("looked_for")],
        questions=[entry(f"questions_{group}") for group in GROUPS],
        ladder=[
            Rung(number, name, entry(f"anchor_{number}"), entry(f"evidence_{number}"))
            for number, name in enumerate(LADDER, 1)
        ],
        groups=[Group(area, [item for code, item in items.items() if code.startswith(area.prefix)]) for area in AREAS],
        faults=found,
    )


def _changed(item: Field, before: str, after: str) -> list[Piece]:
    before, after = plain(item, before), plain(item, after)
    return pieces(before, after) if before != after else []
