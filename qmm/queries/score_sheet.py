"""The form of one assessor as the working page shows it: each element with its anchors, level, notes and findings."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch

from dscr.access.scoping import Reader
from qmm.models import CaseAssignment, ElementScore, Finding, FindingFile
from qmm.rubric import LADDER, Area, Element, read
from qmm.services.scoring import closed_words, rubric_of, text_of

LARGEST = 2**63 - 1  # of an id; the database refuses more
CHOICES = [(str(number), f"{number} {name}") for number, name in enumerate(LADDER, 1)]


@dataclass(frozen=True, slots=True)
class Entry:
    """One input: `text` as it stands in the page, `was` as it is stored."""

    key: str
    text: str
    was: str
    conflict: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Item:
    element: Element
    level: Entry
    notes: Entry
    findings: list[Finding]
    new_form: uuid.UUID = field(default_factory=uuid.uuid4)  # of the form of one more finding

    @property
    def is_open(self) -> bool:
        return not self.level.was

    @property
    def level_name(self) -> str:
        return dict(CHOICES).get(self.level.text, "")


@dataclass(frozen=True, slots=True)
class Group:
    area: Area
    items: list[Item]


@dataclass(frozen=True, slots=True)
class ScoreSheet:
    assignment: CaseAssignment
    rubric_version: str
    version: int
    groups: list[Group]
    closed: str  # why nothing can be changed; "" where it can

    @property
    def items(self) -> list[Item]:
        return [item for group in self.groups for item in group.items]

    @property
    def entries(self) -> list[Entry]:
        return [entry for item in self.items for entry in (item.level, item.notes)]

    @property
    def total(self) -> int:
        return len(self.items)

    @property
    def given(self) -> int:
        return sum(not item.is_open for item in self.items)

    @property
    def open_codes(self) -> list[str]:
        return [item.element.code for item in self.items if item.is_open]


def assignment_of(user: Reader, case_id: int) -> CaseAssignment | None:
    """The reader's own place at work on the case, with case, establishment and rubric; None before they took it, and
    where they carry on with levels of somebody else."""
    if user.membership is None or case_id > LARGEST:
        return None
    return (
        CaseAssignment.objects.filter(
            membership=user.membership, case=case_id, ended_on=None, accepted_at__isnull=False, carries_on=None
        )
        .select_related("case__establishment", "case__rubric", "membership")
        .defer("case__rubric__edits")
        .first()
    )


def score_sheet(
    user: Reader,
    assignment: CaseAssignment,
    typed: Mapping[str, str] | None = None,
    conflicts: Mapping[str, Mapping[str, Any]] | None = None,
) -> ScoreSheet:
    """The reader's own form; `typed`: what a form sent and could not be stored. Three queries, however long it is."""
    typed, conflicts = typed or {}, conflicts or {}
    own = ElementScore.objects.for_user(user, "give_scores").filter(assignment=assignment)
    rows = {row.element: row for row in own}
    findings: dict[str, list[Finding]] = {}
    for row in findings_of(user, "give_scores").filter(assignment=assignment):
        findings.setdefault(row.element, []).append(row)

    def entry(code: str, name: str) -> Entry:
        key = f"{code}.{name}"
        was = text_of(rows[code], name) if code in rows else ""
        return Entry(key, typed.get(key, was), was, conflicts.get(key, {}))

    rubric = rubric_of(assignment.case)
    sections = read(rubric.kept_texts)
    groups = [
        Group(
            section.area,
            [
                Item(found, entry(found.code, "level"), entry(found.code, "notes"), findings.get(found.code, []))
                for found in section.elements
            ],
        )
        for section in sections
    ]
    version = sum(row.version for row in rows.values())
    return ScoreSheet(assignment, rubric.version or "", version, groups, closed_words(assignment))


def findings_of(user: Reader, action: str) -> Any:
    """Findings that the reader may see, none that was taken out, each with its files."""
    files = Prefetch("files", FindingFile.objects.for_user(user, action))
    return Finding.objects.for_user(user, action).filter(removed_at=None).prefetch_related(files)
