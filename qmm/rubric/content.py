"""The texts of a rubric, read into what pages and the API show: areas, their elements, each with its ladder."""

from collections.abc import Mapping
from dataclasses import dataclass

from qmm.rubric.fields import AREAS, GROUPS, LADDER, Area, Texts, in_order, lines


@dataclass(frozen=True, slots=True)
class Questions:
    """Sample questions to one group of the site's staff."""

    group: str
    label: str
    texts: list[str]


@dataclass(frozen=True, slots=True)
class Level:
    number: int
    name: str
    anchor: str
    evidence: list[str]


@dataclass(frozen=True, slots=True)
class Element:
    code: str
    name: str
    looked_for: str
    questions: list[Questions]
    levels: list[Level]

    @property
    def ask(self) -> list[str]:
        """Whom to ask: those for whom there is a question."""
        return [questions.label for questions in self.questions]


@dataclass(frozen=True, slots=True)
class Section:
    area: Area
    elements: list[Element]


def read(texts: Texts) -> list[Section]:
    """All five areas in order. What a draft still lacks is empty."""
    elements = [element_of(code, texts[code]) for code in in_order(texts)]
    return [Section(area, [element for element in elements if element.code[:2] == area.prefix]) for area in AREAS]


def element_of(code: str, fields: Mapping[str, str]) -> Element:
    def text(name: str) -> str:
        return " ".join(fields.get(name, "").split())

    asked = [Questions(group, label, lines(fields.get(f"questions_{group}", ""))) for group, label in GROUPS.items()]
    return Element(
        code=code,
        name=text("name"),
        looked_for=text("looked_for"),
        questions=[questions for questions in asked if questions.texts],
        levels=[
            Level(number, name, text(f"anchor_{number}"), lines(fields.get(f"evidence_{number}", "")))
            for number, name in enumerate(LADDER, 1)
        ],
    )
