"""The calibration cases that come with the program, written for the first version of the rubric."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from qmm.rubric.shipped import FIRST


@dataclass(frozen=True, slots=True)
class ShippedItem:
    element: str
    evidence: str
    reference: int
    reason: str


@dataclass(frozen=True, slots=True)
class ShippedCase:
    name: str
    title: str
    setting: str
    panel: str
    items: tuple[ShippedItem, ...]


@cache
def shipped_cases() -> tuple[ShippedCase, ...]:
    files = sorted((resources.files("qmm.calibration") / FIRST).iterdir(), key=lambda file: file.name)
    return tuple(_read(file.name.removesuffix(".toml"), file.read_text(encoding="utf-8")) for file in files)


def _read(name: str, text: str) -> ShippedCase:
    document = tomllib.loads(text)
    items = tuple(
        ShippedItem(item["element"], _paragraphs(item["evidence"]), item["reference"], _paragraphs(item["reason"]))
        for item in document["items"]
    )
    return ShippedCase(name, document["title"], _paragraphs(document["setting"]), _paragraphs(document["panel"]), items)


def _paragraphs(text: str) -> str:
    """Lines of a paragraph are joined; a blank line stays between two paragraphs."""
    return "\n\n".join(" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip()))
