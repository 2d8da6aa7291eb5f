"""What stands in the report of an assessment. Levels are agreed ones; no assessor's own is in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from qmm.report.peers import Peers, Spread
from qmm.rubric import LADDER, Level

KINDS = {"critical_gap": "Critical gaps", "strength": "Strengths", "opportunity": "Opportunities"}
POINTS = 20  # of the establishment's QMM, for each level


@dataclass(frozen=True, slots=True)
class Place:
    id: int
    name: str
    fei: str
    address: str
    country: str  # in words, "" where unknown
    organization: str


@dataclass(frozen=True, slots=True)
class ElementPart:
    """`here` and `next` are rungs of the ladder as the case's own version of the rubric tells them; None where the
    level or the version is not known, and `next` at the highest level."""

    code: str
    name: str
    text: str
    level: int | None
    here: Level | None
    next: Level | None
    before: int | None
    peers: Spread | None

    @property
    def is_highest(self) -> bool:
        return self.level == len(LADDER)

    @property
    def steps(self) -> list[bool]:
        return [bool(self.level and step <= self.level) for step in range(1, len(LADDER) + 1)]


@dataclass(frozen=True, slots=True)
class AreaPart:
    """`level`: the mean of its elements' agreed levels; None where none is known."""

    code: str
    prefix: str
    label: str
    level: Decimal | None
    before: Decimal | None
    elements: Sequence[ElementPart]
    peers: Spread | None

    @property
    def word(self) -> str:
        """The step of the ladder that is reached."""
        return step_reached(self.level) if self.level is not None else ""

    @property
    def change(self) -> Decimal | None:
        return self.level - self.before if self.level is not None and self.before is not None else None


@dataclass(frozen=True, slots=True)
class FindingPart:
    kind: str
    element: str
    element_name: str
    text: str
    evidence: str


@dataclass(frozen=True, slots=True)
class FactCheck:
    """Comments of the establishment on the draft, and what became of it by them."""

    is_finished: bool
    comments: int
    corrected: int
    partly: int
    kept: int

    @property
    def answered(self) -> int:
        return self.corrected + self.partly + self.kept


@dataclass(frozen=True, slots=True)
class Earlier:
    """The assessment of the same establishment before this one."""

    completed_on: date
    qmm: Decimal


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """`standing` in words."""

    number: int
    element: str
    element_name: str
    what: str
    responsible: str
    due_on: date
    target: int
    standing: str


@dataclass(frozen=True, slots=True)
class PlanPart:
    """The improvement plan as it stands on the day `as_of`; without actions, `no_action` says why none is needed."""

    sent_on: date
    as_of: date
    said: str
    no_action: str
    actions: Sequence[PlannedAction]


@dataclass(frozen=True, slots=True)
class Report:
    case: int
    place: Place
    is_draft: bool
    is_voided: bool
    rubric: str  # its version, "" where there is none
    visit_from: date | None
    visit_to: date | None
    completed_on: date | None
    valid_until: date | None
    assessors: Sequence[str]
    areas: Sequence[AreaPart]
    findings: Sequence[FindingPart]
    fact_check: FactCheck
    earlier: Earlier | None
    peers: Peers
    is_synthetic: bool = False
    plan: PlanPart | None = None  # of a final one, for who may read it, once it is sent

    @property
    def mean_level(self) -> Decimal | None:
        levels = [area.level for area in self.areas if area.level is not None]
        return Decimal(sum(levels)) / len(levels) if levels and len(levels) == len(self.areas) else None

    @property
    def qmm(self) -> Decimal | None:
        """0 to 100."""
        return self.mean_level * POINTS if self.mean_level is not None else None

    @property
    def qmm_change(self) -> Decimal | None:
        return self.qmm - self.earlier.qmm if self.qmm is not None and self.earlier else None

    @property
    def has_elements(self) -> bool:
        return any(area.elements for area in self.areas)

    def found(self, kind: str) -> list[FindingPart]:
        return [finding for finding in self.findings if finding.kind == kind]

    @property
    def groups(self) -> list[tuple[str, str, list[FindingPart]]]:
        """(kind, heading, findings), critical gaps first; without those that are empty."""
        return [(kind, heading, self.found(kind)) for kind, heading in KINDS.items() if self.found(kind)]


def step_reached(level: Decimal) -> str:
    return LADDER[min(int(level), len(LADDER)) - 1]
