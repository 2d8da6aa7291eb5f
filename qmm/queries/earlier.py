"""What stood in levels, notes and findings before: every text that a change took something from, by who may see what
stands there now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.dateparse import parse_datetime

from dscr.access.scoping import Reader
from qmm.models import AssessmentCase, CaseAssignment, EarlierEntry, ElementScore, Finding
from qmm.queries.score_sheet import CHOICES
from qmm.rubric.differences import Piece, pieces

MOST = 200  # earlier texts of one element on a page, the newest


@dataclass(frozen=True, slots=True)
class Part:
    """One text of a version; `pieces` say what differs from the version before, [] where nothing does."""

    label: str
    text: str
    pieces: list[Piece]


@dataclass(frozen=True, slots=True)
class Version:
    """`until` when it stood, None for what stands now. `removed_at`: a finding that was taken out."""

    number: int
    until: datetime | None
    removed_at: datetime | None
    parts: list[Part]


@dataclass(frozen=True, slots=True)
class Story:
    """Of one level with its notes, or of one finding; the newest version first."""

    title: str
    versions: list[Version]

    @property
    def is_changed(self) -> bool:
        return len(self.versions) > 1


@dataclass(frozen=True, slots=True)
class Person:
    assignment: CaseAssignment
    stories: list[Story]

    @property
    def name(self) -> str:
        return str(self.assignment.membership.user)


def histories_of(user: Reader, case: AssessmentCase, code: str) -> list[Person]:
    """Of one element, by assessor, as far as the reader may see what was given. Three queries at most."""
    asked = {"assignment__case": case, "element": code}
    related = "assignment__membership__user"
    scores = list(ElementScore.objects.for_user(user, "read_scores").filter(**asked).select_related(related))
    findings = list(Finding.objects.for_user(user, "read_scores").filter(**asked).select_related(related))
    earlier: dict[tuple[int | None, int | None], list[EarlierEntry]] = {}
    if scores or findings:
        of_these = Q(score__in=scores) | Q(finding__in=findings)
        for row in EarlierEntry.objects.for_user(user, "read_scores").filter(of_these)[:MOST]:
            earlier.setdefault((row.score_id, row.finding_id), []).append(row)
    people: dict[int, Person] = {}
    for score in scores:
        story = Story("Level and notes", _versions(score.version, _of_score(score), earlier.get((score.pk, None), [])))
        people.setdefault(score.assignment_id, Person(score.assignment, [])).stories.append(story)
    for number, finding in enumerate(findings, 1):
        before = earlier.get((None, finding.pk), [])
        story = Story(f"Finding {number}", _versions(finding.version, _of_finding(finding), before))
        people.setdefault(finding.assignment_id, Person(finding.assignment, [])).stories.append(story)
    return sorted(people.values(), key=lambda one: (not one.assignment.is_lead, one.assignment.pk))


def _versions(number: int, now: dict[str, Any], before: Iterable[EarlierEntry]) -> list[Version]:
    """`before`: the newest first. Each is shown with what it changed in the one before it."""
    told = [(number, None, now), *((row.version, row.kept_at, row.entry) for row in before)]
    texts = [_texts(entry) for _, _, entry in told]
    found = []
    for place, (version, until, entry) in enumerate(told):
        older = texts[place + 1] if place + 1 < len(texts) else None
        parts = [
            Part(label, text, pieces(older[label], text) if older and older[label] != text else [])
            for label, text in texts[place].items()
        ]
        removed = entry.get("removed")
        found.append(Version(version, until, parse_datetime(removed) if removed else None, parts))
    return found


def _of_score(row: ElementScore) -> dict[str, Any]:
    return {"level": row.level, "notes": row.notes}


def _of_finding(row: Finding) -> dict[str, Any]:
    removed = row.removed_at.isoformat() if row.removed_at else None
    return {"kind": row.kind, "text": row.text, "evidence": row.evidence, "removed": removed}


def _texts(entry: dict[str, Any]) -> dict[str, str]:
    """Label -> the text as people read it."""
    if "level" in entry:
        return {"Level": dict(CHOICES).get(str(entry["level"]), "no level yet"), "Notes": entry["notes"]}
    kind = dict(Finding.Kind.choices).get(entry["kind"], entry["kind"])
    return {"Kind": str(kind), "What was found": entry["text"], "Evidence": entry["evidence"]}
