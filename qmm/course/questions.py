"""What the establishment is asked before the visit: by groups of its staff, as a file of this folder says."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("questionnaire-2026.1.toml")
LONGEST = 5_000  # characters of an answer or a passage


@dataclass(frozen=True, slots=True)
class Question:
    """`code` is unique within a questionnaire and is never given to another question."""

    code: str
    section: str
    label: str
    hint: str


@cache
def questions() -> tuple[Question, ...]:
    """In the order in which they are asked."""
    file = tomllib.loads(FILE.read_text())
    return tuple(
        Question(asked["code"], section["label"], asked["label"], asked["hint"])
        for section in file["sections"]
        for asked in section["questions"]
    )
