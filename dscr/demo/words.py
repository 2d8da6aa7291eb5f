"""What the people of the demonstration write on cases, from the files beside this one; the figures are rolled."""

import tomllib
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from dscr.demo.dice import dice
from qmm.models import Finding

FOLDER = Path(__file__).parent
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "September", "October", "November")
MATURE = 3.4  # a level from which a site answers the questionnaire like one that does well
Kind = Finding.Kind


@cache
def _file(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text("utf-8"))


def case_text(name: str) -> str:
    return _file("case_texts.toml")[name]


def calibration_note(roll: Random) -> str:
    return roll.choice(_file("case_texts.toml")["calibration_notes"])


def comments() -> list[dict[str, str]]:
    """Each with its element, text, verdict and answer."""
    return _file("case_texts.toml")["comments"]


def action_texts(element: str) -> dict[str, str]:
    """what is planned, and what shows that it is done."""
    return _file("actions.toml")[element]


def figures(roll: Random) -> dict[str, Any]:
    """What stands in the braces of a text."""
    return {
        "few": roll.randint(2, 4),
        "some": roll.randint(5, 9),
        "many": roll.randint(11, 28),
        "share": roll.randint(15, 38),
        "most": roll.randint(81, 94),
        "month": roll.choice(MONTHS),
    }


def seen(seed: int, case: int, element: str) -> dict[str, Any]:
    """Figures that both assessors of a case met."""
    return figures(dice(seed, "seen", case, element))


def observed(element: str, level: int, said: dict[str, Any]) -> list[str]:
    """The sentences that describe an element at a level."""
    tier = "low" if level <= 2 else "mid" if level == 3 else "high"
    return _file("observations.toml")[element][tier].format(**said).replace(". ", ".\n").split("\n")


def lead_note(element: str, level: int, said: dict[str, Any]) -> str:
    return " ".join(observed(element, level, said)[:2])


def second_note(roll: Random, element: str, level: int, said: dict[str, Any]) -> str:
    """The same site through other eyes."""
    own = roll.choice(_file("case_texts.toml")["seconds"]).format(**said)
    return f"{observed(element, level, said)[-1]} {own}"


def finding(element: str, level: int, said: dict[str, Any]) -> tuple[str, str, str]:
    """(kind, text, evidence)."""
    kind = Kind.CRITICAL_GAP if level == 1 else Kind.OPPORTUNITY if level <= 3 else Kind.STRENGTH
    key = "gap" if kind == Kind.CRITICAL_GAP else kind.value
    text, evidence = _file("observations.toml")[element][key]
    return kind, text.format(**said), evidence.format(**said)


def passage(element: str, level: int, said: dict[str, Any]) -> str:
    """Of the draft report: facts, no level."""
    return " ".join(observed(element, level, said))


def reason(roll: Random, said: dict[str, Any]) -> str:
    return roll.choice(_file("case_texts.toml")["reasons"]).format(**said)


def answer(question: str, maturity: float, said: dict[str, Any]) -> str:
    tier = "high" if maturity >= MATURE else "low"
    return _file("case_texts.toml")["answers"][question][tier].format(**said)
