"""Both assessors' levels side by side, once both have finished, and what they agreed on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dscr.access.roles import Scope
from dscr.access.scoping import Reader, scope_of
from qmm.models import AssessmentCase, CaseAssignment, ConsensusScore, ElementScore, Finding
from qmm.models.blind import at_work, is_revealed
from qmm.models.case import counting
from qmm.models.conflicts import recused_cases
from qmm.queries.score_sheet import CHOICES, LARGEST, Entry, findings_of
from qmm.queries.scores import WIDE
from qmm.rubric import Area, Element, read
from qmm.services.consensus import closed_words, decided, text_of
from qmm.services.scoring import rubric_of


@dataclass(frozen=True, slots=True)
class Given:
    """What one assessor gave to an element."""

    name: str
    level: int | None
    notes: str
    findings: list[Finding]

    @property
    def level_name(self) -> str:
        return dict(CHOICES).get(str(self.level), "no level")


@dataclass(frozen=True, slots=True)
class Row:
    element: Element
    given: list[Given]
    level: Entry
    reason: Entry
    edit: Mapping[str, Any] = field(default_factory=dict)

    @property
    def gap(self) -> int:
        levels = [one.level for one in self.given if one.level is not None]
        return max(levels) - min(levels) if len(levels) > 1 else 0

    @property
    def is_wide(self) -> bool:
        return self.gap >= WIDE

    @property
    def lacks_reason(self) -> bool:
        return self.is_wide and bool(self.level.was) and not self.reason.was

    @property
    def problem(self) -> str:
        return "Levels two or more apart need a recorded reason." if self.lacks_reason else ""

    @property
    def is_open(self) -> bool:
        return not self.level.was or self.lacks_reason


@dataclass(frozen=True, slots=True)
class Group:
    area: Area
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Consensus:
    case: AssessmentCase
    is_revealed: bool
    givers: list[CaseAssignment]  # whose levels count; one of them may have a substitute at work
    version: int
    groups: list[Group]
    closed: str  # why the reader can agree on nothing now; "" where they can

    @property
    def rows(self) -> list[Row]:
        return [row for group in self.groups for row in group.rows]

    @property
    def entries(self) -> list[Entry]:
        return [entry for row in self.rows for entry in (row.level, row.reason)]

    @property
    def total(self) -> int:
        return len(self.rows)

    @property
    def agreed(self) -> int:
        return sum(not row.is_open for row in self.rows)

    @property
    def gaps(self) -> int:
        return sum(row.is_wide for row in self.rows)

    @property
    def alike(self) -> int:
        return sum(not row.gap for row in self.rows)


def case_of(user: Reader, case_id: int) -> AssessmentCase | None:
    if case_id > LARGEST:
        return None
    rows = AssessmentCase.objects.for_user(user, "read_scores").select_related("establishment", "rubric")
    if scope_of(user, "read_scores") == Scope.ASSIGNED:
        rows = rows.filter(pk__in=at_work(user.membership).values("case"))
    else:
        rows = rows.exclude(closed_on=None, pk__in=recused_cases(user.pk).values("pk"))
    return rows.defer("rubric__edits").filter(pk=case_id).first()


def consensus_of(
    user: Reader,
    case: AssessmentCase,
    typed: Mapping[str, str] | None = None,
    conflicts: Mapping[str, Mapping[str, Any]] | None = None,
) -> Consensus:
    """Before both have finished it says who has, and nothing more."""
    givers = list(
        CaseAssignment.objects.filter(counting(), case=case)
        .select_related("membership__user")
        .order_by("-is_lead", "pk")
    )
    if not is_revealed(case.pk):
        return Consensus(case, False, givers, 0, [], closed_words(case, user))
    scores = ElementScore.objects.for_user(user, "read_scores").filter(assignment__in=givers)
    given = {(row.assignment_id, row.element): row for row in scores}
    findings: dict[tuple[int, str], list[Finding]] = {}
    for row in findings_of(user, "read_scores").filter(assignment__in=givers):
        findings.setdefault((row.assignment_id, row.element), []).append(row)
    agreed = {
        row.element: row
        for row in ConsensusScore.objects.for_user(user, "read_scores").filter(case=case).select_related("decided_by")
    }
    typed, conflicts = typed or {}, conflicts or {}

    def one(assignment: CaseAssignment, code: str) -> Given:
        score = given.get((assignment.pk, code))
        return Given(
            str(assignment.membership.user),
            score.level if score else None,
            score.notes if score else "",
            findings.get((assignment.pk, code), []),
        )

    def entry(code: str, name: str) -> Entry:
        key = f"{code}.{name}"
        was = text_of(agreed[code], name) if code in agreed else ""
        return Entry(key, typed.get(key, was), was, conflicts.get(key, {}))

    def row_of(element: Element) -> Row:
        code = element.code
        return Row(
            element,
            [one(assignment, code) for assignment in givers],
            entry(code, "level"),
            entry(code, "reason"),
            decided(agreed[code]) if code in agreed else {},
        )

    groups = [
        Group(section.area, [row_of(element) for element in section.elements])
        for section in read(rubric_of(case).kept_texts)
    ]
    version = sum(row.version for row in agreed.values())
    return Consensus(case, True, givers, version, groups, closed_words(case, user))
