"""A methodology: every number of the rating, read from a TOML file into frozen, validated dataclasses.

Source: methodology.md. A released file is never edited; a new methodology is a new file in `methodologies/`.
"""

import math
import tomllib
from dataclasses import fields
from functools import cache
from importlib import resources
from typing import Any, TypeVar

from .methodology_checks import problems_of
from .rules import (
    QMM,
    Band,
    CoverageRule,
    Domain,
    Gate,
    IndicatorRule,
    Limits,
    Methodology,
    QmmRule,
    ScoreRule,
    SupplyRule,
    Tolerance,
    ValidityRule,
)

__all__ = [
    "QMM",
    "Band",
    "Domain",
    "Gate",
    "IndicatorRule",
    "Methodology",
    "MethodologyError",
    "available_versions",
    "load_methodology",
    "parse_methodology",
]

_FOLDER = resources.files(__package__) / "methodologies"
_Table = dict[str, Any]
_Part = TypeVar("_Part")


class MethodologyError(ValueError):
    """A methodology that must not be used; `problems` lists all that is wrong with it."""

    def __init__(self, version: str, problems: list[str]) -> None:
        self.version = version
        self.problems = problems
        super().__init__(f"methodology {version}: " + "; ".join(problems))


def available_versions() -> tuple[str, ...]:
    """The versions that `load_methodology` knows, oldest first."""
    names = [item.name.removesuffix(".toml") for item in _FOLDER.iterdir() if item.name.endswith(".toml")]
    return tuple(sorted(names, key=lambda name: [(not part.isdigit(), part.zfill(9)) for part in name.split(".")]))


@cache
def load_methodology(version: str) -> Methodology:
    """The methodology of that version, e.g. "2026.1"; MethodologyError if it is unknown or must not be used."""
    if version not in available_versions():
        raise MethodologyError(version, [f"unknown; available: {', '.join(available_versions())}"])
    return parse_methodology((_FOLDER / f"{version}.toml").read_text(encoding="utf-8"), version)


def parse_methodology(text: str, version: str) -> Methodology:
    """Reads and validates the text of a methodology file; MethodologyError with all problems found."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MethodologyError(version, [f"not a TOML file: {error}"]) from None
    problems: list[str] = []
    try:
        methodology = _read(document, problems)
        problems += problems_of(methodology)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        missing = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise MethodologyError(version, [*problems, missing]) from None
    if methodology.version != version:
        problems.append(f"the file says version {methodology.version}")
    if problems:
        raise MethodologyError(version, problems)
    return methodology


def _read(document: _Table, problems: list[str]) -> Methodology:
    bands = [
        _part(Band, f"band {step.get('number')}", {"cut" if k == "from" else k: v for k, v in step.items()}, problems)
        for step in document["bands"]["steps"]
    ]
    gates = {
        code: _part(Gate, f"gate {code}", {"code": code, **table}, problems)
        for code, table in document["gates"].items()
    }
    domains = [
        _part(Domain, f"domain {table.get('code')}", {k: v for k, v in table.items() if k != "indicators"}, problems)
        for table in document["domains"]
    ]
    rules = [
        _rule(code, table["code"], rule, problems)
        for table in document["domains"]
        for code, rule in table.get("indicators", {}).items()
    ]
    return Methodology(
        version=document["version"],
        title=document["title"],
        score=_part(ScoreRule, "score", document["score"], problems),
        coverage=_part(CoverageRule, "coverage", document["coverage"], problems),
        tolerance=_part(Tolerance, "tolerance", document["tolerance"], problems),
        limits=_part(Limits, "limits", document["limits"], problems),
        qmm=_part(QmmRule, "qmm", document["qmm"], problems),
        validity=_part(ValidityRule, "validity", document["validity"], problems),
        supply=_part(SupplyRule, "supply", document["supply"], problems),
        domains=tuple(domains),
        indicators=tuple(rules),
        bands=tuple(sorted(bands, key=lambda band: band.number)),
        band_buffer=_number(document["bands"]["buffer"], "bands.buffer"),
        gates=gates,
    )


def _rule(code: str, domain: str, table: _Table, problems: list[str]) -> IndicatorRule:
    """A rule holds exactly one of `curve`, `answers` and `ticks`; the other two follow from it."""
    scales = [name for name in ("curve", "answers", "ticks") if name in table]
    if len(scales) != 1:
        raise ValueError(f"indicator {code}: expected one of curve, answers and ticks, found {scales or 'none'}")
    answers = {word: _number(points, code) for word, points in table.get("answers", {}).items()}
    ticks = {word: _number(points, code) for word, points in table.get("ticks", {}).items()}
    curve = [(_number(value, code), _number(points, code)) for value, points in table.get("curve", ())]
    curve += enumerate(answers.values())
    if ticks:
        curve = [(0.0, 0.0), (sum(ticks.values()), sum(ticks.values()))]
    known = {key: value for key, value in table.items() if key not in scales}
    return _part(
        IndicatorRule,
        f"indicator {code}",
        {"required_tick": "", **known, "code": code, "domain": domain}
        | {"curve": tuple(curve), "answers": answers, "ticks": ticks},
        problems,
    )


def _part(cls: type[_Part], where: str, table: _Table, problems: list[str]) -> _Part:
    """Builds one dataclass from a table of the file; TypeError if a key is missing or of the wrong type."""
    names = {field.name: str(field.type) for field in fields(cls)}  # type: ignore[arg-type]
    problems += [f"{where}: unknown key {key}" for key in table if key not in names]
    values: _Table = {}
    for key, value in table.items():
        if names.get(key) in ("float", str(float)):
            values[key] = _number(value, f"{where}: {key}")
        elif key in names:
            values[key] = tuple(value) if isinstance(value, list) else value
    try:
        return cls(**values)
    except TypeError as error:
        raise TypeError(f"{where}: {str(error).split('() ')[-1]}") from None


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError(f"{where}: expected a number, found {value!r}")
    return float(value)
