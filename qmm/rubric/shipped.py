"""The first version of the rubric, which comes with the program: files of one practice area each."""

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from qmm.rubric.fields import AREA_OF_PREFIX, GROUPS, LADDER, Texts

FIRST = "2026.1"


@cache
def shipped() -> Texts:
    """Its texts. ValueError where a file breaks the form; what the texts must be, `faults` says."""
    found: dict[str, dict[str, str]] = {}
    for file in sorted((resources.files("qmm.rubric") / FIRST).iterdir(), key=lambda file: file.name):
        document = tomllib.loads(file.read_text(encoding="utf-8"))
        for element in document["elements"]:
            code = element["code"]
            if code in found or AREA_OF_PREFIX[code[:2]].code != document["area"]:
                raise ValueError(f"{file.name}: {code} stands twice, or in the file of another area.")
            found[code] = _texts(element)
    return found


def _texts(element: dict[str, Any]) -> dict[str, str]:
    levels = element["levels"]
    if [level["level"] for level in levels] != list(range(1, len(LADDER) + 1)):
        raise ValueError(f"{element['code']}: give the levels 1 to {len(LADDER)}, in order.")
    if not set(element["questions"]) <= set(GROUPS):
        raise ValueError(f"{element['code']}: questions are for {', '.join(GROUPS)}.")
    texts = {"name": element["name"], "looked_for": _unwrapped(element["looked_for"])}
    for group, questions in element["questions"].items():
        texts[f"questions_{group}"] = "\n".join(questions)
    for level in levels:
        texts[f"anchor_{level['level']}"] = _unwrapped(level["anchor"])
        texts[f"evidence_{level['level']}"] = "\n".join(level["evidence"])
    return texts


def _unwrapped(text: str) -> str:
    return " ".join(text.split())
