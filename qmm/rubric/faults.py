"""What keeps a draft from being published."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from qmm.rubric.fields import AREAS, FIELDS, LADDER, Field, Texts, in_order, lines

FEWEST_QUESTIONS, MOST_QUESTIONS = 3, 6
FEWEST_EVIDENCE, MOST_EVIDENCE = 2, 4


@dataclass(frozen=True, slots=True)
class Fault:
    """`field` is empty where it is the whole element, `code` too where it is the whole rubric."""

    code: str
    field: str
    message: str

    @property
    def key(self) -> str:
        return f"{self.code}.{self.field}"

    @property
    def label(self) -> str:
        return FIELDS[self.field].label if self.field in FIELDS else ""


def faults(texts: Texts) -> list[Fault]:
    """In the order of the rubric; none where it can be published."""
    found = [fault for code in in_order(texts) for fault in element_faults(code, texts[code])]
    found += [
        Fault("", "", f"{area.label} has no element. Every practice area needs at least one.")
        for area in AREAS
        if not any(code.startswith(area.prefix) for code in texts)
    ]
    names: dict[str, str] = {}
    for code in in_order(texts):
        name = texts[code].get("name", "").strip().casefold()
        if name and name in names:
            found.append(Fault(code, "name", f"{names[name]} has the same name. Give each element a name of its own."))
        names.setdefault(name, code)
    return found


def element_faults(code: str, fields: Mapping[str, str]) -> Iterator[Fault]:
    for field in FIELDS.values():
        message = _of_list(field, fields) if field.is_list else _of_text(field, fields)
        if message:
            yield Fault(code, field.name, message)
    yield from _of_questions(code, fields)
    yield from _of_ladder(code, fields)


def _of_text(field: Field, fields: Mapping[str, str]) -> str:
    text = " ".join(fields.get(field.name, "").split())
    if not text:
        return "Missing. Write it."
    if len(text) < field.shortest:
        return f"Only {len(text)} characters long; write at least {field.shortest}."
    if len(text) > field.longest:
        return f"{len(text)} characters long; shorten it to {field.longest}."
    return ""


def _of_list(field: Field, fields: Mapping[str, str]) -> str:
    items = lines(fields.get(field.name, ""))
    if field.level and not FEWEST_EVIDENCE <= len(items) <= MOST_EVIDENCE:
        count = f"{len(items) or 'No'} {'example' if len(items) == 1 else 'examples'}"
        return f"{count}; give {FEWEST_EVIDENCE} to {MOST_EVIDENCE}, one a line."
    for number, item in enumerate(items, 1):
        if not field.shortest <= len(item) <= field.longest:
            return f"Line {number} has {len(item)} characters; write {field.shortest} to {field.longest}."
    return "One line stands there twice." if len(set(items)) < len(items) else ""


def _of_questions(code: str, fields: Mapping[str, str]) -> Iterator[Fault]:
    asked = [field.name for field in FIELDS.values() if field.group]
    count = sum(len(lines(fields.get(name, ""))) for name in asked)
    if not FEWEST_QUESTIONS <= count <= MOST_QUESTIONS:
        wanted = f"give {FEWEST_QUESTIONS} to {MOST_QUESTIONS} in all, one a line, to those who can answer them."
        yield Fault(code, asked[0], f"{count or 'No'} sample {'question' if count == 1 else 'questions'}; {wanted}")


def _of_ladder(code: str, fields: Mapping[str, str]) -> Iterator[Fault]:
    """Two levels in the same words could not be told apart."""
    seen: dict[str, int] = {}
    for level in range(1, len(LADDER) + 1):
        text = " ".join(fields.get(f"anchor_{level}", "").split()).casefold()
        if text and text in seen:
            yield Fault(code, f"anchor_{level}", f"The same as level {seen[text]}. Say what sets the two apart.")
        seen.setdefault(text, level)
