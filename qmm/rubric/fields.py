"""The fields of an element, each a text. A list, such as sample questions, is a text of one item a line."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# Element code -> field -> text, as versions and drafts keep them.
Texts = Mapping[str, Mapping[str, str]]

LADDER = ("Reactive", "Developing", "Defined", "Proactive", "Optimizing")
GROUPS = {
    "leadership": "Leadership",
    "quality": "Quality",
    "operations": "Operations",
    "engineering": "Engineering",
    "supply_chain": "Supply chain",
}


@dataclass(frozen=True, slots=True)
class Area:
    """A practice area. The codes of its elements begin with `prefix`."""

    prefix: str
    code: str
    label: str


AREAS = (
    Area("MC", "management_commitment", "Management commitment to quality"),
    Area("BC", "business_continuity", "Business continuity"),
    Area("PQ", "advanced_pqs", "Advanced pharmaceutical quality system"),
    Area("TE", "technical_excellence", "Technical excellence"),
    Area("EE", "employee_engagement", "Employee engagement"),
)
AREA_OF_PREFIX = {area.prefix: area for area in AREAS}
CODE = re.compile(r"(MC|BC|PQ|TE|EE)([1-9]\d?)")


@dataclass(frozen=True, slots=True)
class Field:
    """`shortest` and `longest` in characters: of the whole text, or of each line of a list."""

    name: str
    label: str
    shortest: int
    longest: int
    is_list: bool = False
    level: int = 0  # of an anchor or its evidence
    group: str = ""  # whom its questions are for


def _fields() -> Iterable[Field]:
    yield Field("name", "Name", 3, 80)
    yield Field("looked_for", "What is looked for", 60, 600)
    for group, label in GROUPS.items():
        yield Field(f"questions_{group}", f"Questions to {label.lower()}", 10, 300, is_list=True, group=group)
    for level, name in enumerate(LADDER, 1):
        yield Field(f"anchor_{level}", f"Level {level}, {name.lower()}: anchor", 60, 900, level=level)
        yield Field(
            f"evidence_{level}",
            f"Level {level}, {name.lower()}: example evidence",
            10,
            300,
            is_list=True,
            level=level,
        )


FIELDS = {field.name: field for field in _fields()}
LONGEST_STORED = 3_000  # of any text of a draft


def area_of(code: str) -> Area:
    return AREA_OF_PREFIX[code[:2]]


def number_of(code: str) -> int:
    return int(code[2:])


def in_order(codes: Iterable[str]) -> list[str]:
    """By area, then by number."""
    prefixes = list(AREA_OF_PREFIX)
    return sorted(codes, key=lambda code: (prefixes.index(code[:2]), number_of(code)))


def field_of(key: str) -> tuple[str, Field]:
    """The element's code and the field of a key such as "MC1.anchor_3". KeyError where it names none."""
    code, _, name = key.partition(".")
    if not CODE.fullmatch(code) or name not in FIELDS:
        raise KeyError(key)
    return code, FIELDS[name]


def lines(text: str) -> list[str]:
    return [line for line in (" ".join(line.split()) for line in text.splitlines()) if line]
