"""What a draft of a calibration case still lacks before assessors may score it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

SHORTEST_SETTING, SHORTEST_EVIDENCE, SHORTEST_REASON = 80, 80, 40  # characters
FEWEST_ELEMENTS = 3


@dataclass(frozen=True, slots=True)
class Fault:
    """`field`: the name of the field in the draft's form."""

    field: str
    text: str


def faults(case: Any, items: Iterable[Any], known: Collection[str]) -> list[Fault]:
    """Of a CalibrationCase and its CalibrationItems; `known`: codes of its version of the rubric."""
    found = []
    items = list(items)
    if len(case.title.strip()) < 3:
        found.append(Fault("title", "Give the case a title."))
    if len(case.setting.strip()) < SHORTEST_SETTING:
        found.append(Fault("setting", "Describe the site: what it makes, its people, its past."))
    if not case.panel.strip():
        found.append(Fault("panel", "Say who gave the reference levels, and how."))
    if len(items) < FEWEST_ELEMENTS:
        found.append(Fault("add", f"Ask for {FEWEST_ELEMENTS} elements or more; there are {len(items)}."))
    for item in items:
        found += _faults_of(item, known)
    return found


def _faults_of(item: Any, known: Collection[str]) -> Iterable[Fault]:
    code, pk = item.element, item.pk
    if code not in known:
        yield Fault(f"evidence-{pk}", f"{code} is no element of this version of the rubric. Remove it.")
    if len(item.evidence.strip()) < SHORTEST_EVIDENCE:
        yield Fault(f"evidence-{pk}", f"{code}: write what was seen, in {SHORTEST_EVIDENCE} characters or more.")
    if item.reference is None:
        yield Fault(f"reference-{pk}", f"{code}: choose the panel’s level.")
    if len(item.reason.strip()) < SHORTEST_REASON:
        yield Fault(f"reason-{pk}", f"{code}: say why, in {SHORTEST_REASON} characters or more.")
