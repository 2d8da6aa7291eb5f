"""What changed from one version of the rubric to another, element by element and word by word."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from qmm.rubric.fields import FIELDS, Field, Texts, in_order, lines


@dataclass(frozen=True, slots=True)
class Piece:
    """kind: "same", "gone" or "new"."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    field: Field
    pieces: list[Piece]


@dataclass(frozen=True, slots=True)
class ElementChange:
    """kind: "added", "removed" or "changed"."""

    code: str
    name: str
    kind: str
    fields: list[FieldChange]


def differences(before: Texts, after: Texts) -> list[ElementChange]:
    """Elements that differ, in the order of the rubric. Spaces and blank lines make no difference."""
    found = []
    for code in in_order({*before, *after}):
        old, new = before.get(code, {}), after.get(code, {})
        kind = "added" if code not in before else "removed" if code not in after else "changed"
        changed = [
            FieldChange(field, pieces(plain(field, old.get(name, "")), plain(field, new.get(name, ""))))
            for name, field in FIELDS.items()
            if plain(field, old.get(name, "")) != plain(field, new.get(name, ""))
        ]
        if changed or kind != "changed":
            found.append(ElementChange(code, (new or old).get("name", ""), kind, changed))
    return found


def plain(field: Field, text: str) -> str:
    """A text with single spaces, a list with an item a line."""
    return "\n".join(lines(text)) if field.is_list else " ".join(text.split())


def pieces(before: str, after: str) -> list[Piece]:
    """Both texts in one, in words that stayed, went and came."""
    old, new = re.findall(r"\S+|\n", before), re.findall(r"\S+|\n", after)
    # Long texts are edited in one place: what stayed before and after it needs no search.
    head = _alike(old, new)
    tail = _alike(old[head:][::-1], new[head:][::-1])
    found = [Piece("same", _joined(old[:head]))] if head else []
    after_it = [Piece("same", _joined(old[-tail:]))] if tail else []
    old, new = old[head : len(old) - tail], new[head : len(new) - tail]
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(Piece("same", _joined(old[i1:i2])))
        else:
            found += [
                Piece(kind, _joined(words)) for kind, words in (("gone", old[i1:i2]), ("new", new[j1:j2])) if words
            ]
    return found + after_it


def _alike(old: list[str], new: list[str]) -> int:
    """With how many of the same words both begin."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((place for place, (was, now) in pairs if was != now), min(len(old), len(new)))


def _joined(words: list[str]) -> str:
    return re.sub(r" ?\n ?", "\n", " ".join(words))
