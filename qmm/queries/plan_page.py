"""What the page of an improvement plan shows: the draft with its fields, or the actions of the plan that was sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from dscr.access.models import User
from dscr.sheets import told
from qmm.course.plans import FIELDS, NONE, Drafted, key_of
from qmm.models import Finding, ImprovementAction, ImprovementPlan
from qmm.queries.plan import Ground, Proposal, counts_of, drafted_of, lacking, proposals, texts_of
from qmm.rubric.fields import LADDER, area_of

SHOWN_OF_FINDING = 90  # characters in a list of choices


@dataclass(frozen=True, slots=True)
class Entry:
    """One text: `text` as it stands in the page, `was` as it is stored."""

    key: str
    text: str
    was: str
    problem: str = ""
    conflict: Mapping[str, Any] = field(default_factory=dict)
    edit: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """An option, or with `options` a group of them."""

    value: str
    label: str
    options: tuple["Choice", ...] = ()


@dataclass(frozen=True, slots=True)
class Ladder:
    """Of what an action answers: the anchor that stands, and the one that is aimed at."""

    name: str
    level: int
    anchor: str
    target: int | None = None
    target_anchor: str = ""
    finding: Finding | None = None

    @property
    def level_name(self) -> str:
        return LADDER[self.level - 1]

    @property
    def target_name(self) -> str:
        return LADDER[self.target - 1] if self.target else ""


@dataclass(frozen=True, slots=True)
class DraftRow:
    action: Drafted
    entries: dict[str, Entry]
    ladder: Ladder | None

    @property
    def number(self) -> int:
        return self.action.number


@dataclass(frozen=True, slots=True)
class DraftPage:
    plan: ImprovementPlan
    ground: Ground
    rows: list[DraftRow]
    none: Entry
    left_out: list[tuple[int, str]]
    proposals: list[Proposal]
    lacking: str

    @property
    def ready(self) -> int:
        return sum(row.action.is_complete for row in self.rows)

    @property
    def entries(self) -> list[Entry]:
        return [self.none, *(entry for row in self.rows for entry in row.entries.values())]


def draft_page(
    plan: ImprovementPlan,
    ground: Ground,
    typed: Mapping[str, str] | None = None,
    conflicts: Mapping[str, Mapping[str, Any]] | None = None,
) -> DraftPage:
    """`typed`: what a form sent and could not be stored."""
    typed, conflicts = typed or {}, conflicts or {}

    def entry(key: str, problem: str = "") -> Entry:
        was = plan.texts.get(key, "")
        conflict, edit = told(conflicts.get(key, {})), told(plan.edits.get(key, {}))
        return Entry(key, typed.get(key, was), was, problem if was else "", conflict, edit)

    actions = drafted_of(plan, ground.facts)
    rows = [
        DraftRow(
            action,
            {name: entry(key_of(action.number, name), action.problems.get(name, "")) for name in FIELDS},
            ladder_of(ground, action.element, action.target, action.finding),
        )
        for action in actions
    ]
    answered = {row.action.element for row in rows}
    return DraftPage(
        plan=plan,
        ground=ground,
        rows=rows,
        none=entry(NONE),
        left_out=[(number, texts_of(plan, number)["what"]) for number in plan.left_out],
        proposals=[one for one in proposals(ground) if one.element.code not in answered],
        lacking=lacking(plan, actions),
    )


def ladder_of(ground: Ground, element: str | None, target: int | None, finding: int | None) -> Ladder | None:
    if element is None or element not in ground.levels:
        return None
    level = ground.levels[element]
    aim = target or (level + 1 if level < len(LADDER) else None)
    return Ladder(
        name=f"{element} {ground.elements[element].name}",
        level=level,
        anchor=ground.anchor(element, level),
        target=aim,
        target_anchor=ground.anchor(element, aim) if aim else "",
        finding=next((row for row in ground.findings if row.pk == finding), None),
    )


def answer_choices(ground: Ground) -> list[Choice]:
    """Elements that can rise with their findings, by practice area."""
    groups: dict[str, list[Choice]] = {}
    for element, level in ground.levels.items():
        if level >= len(LADDER):
            continue
        group = groups.setdefault(area_of(element).label, [])
        group.append(Choice(element, f"{element} {ground.elements[element].name}, level {level}"))
        group += [
            Choice(f"{element}:{row.pk}", f"{element} {row.get_kind_display().lower()}: {_short(row.text)}")
            for row in ground.findings
            if row.element == element
        ]
    return [Choice("", label, tuple(options)) for label, options in groups.items()]


def target_choices() -> list[Choice]:
    return [Choice(str(level), f"Level {level}, {name.lower()}") for level, name in enumerate(LADDER, 1) if level > 1]


def people_choices(people: list[User]) -> list[Choice]:
    return [Choice("", "Nobody in DSCR"), *(Choice(str(user.pk), str(user)) for user in people)]


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= SHOWN_OF_FINDING else f"{text[: SHOWN_OF_FINDING - 1].rstrip()}…"


@dataclass(frozen=True, slots=True)
class SentRow:
    action: ImprovementAction
    ladder: Ladder | None
    days_late: int


def sent_rows(actions: list[ImprovementAction], ground: Ground) -> list[SentRow]:
    """The late ones first, then by the day on which they are due; those that are over last."""
    today = timezone.localdate()
    rows = [
        SentRow(
            action,
            ladder_of(ground, action.element, action.target, action.finding_id),
            max(0, (today - action.due_on).days) if action.is_open else 0,
        )
        for action in actions
    ]
    return sorted(rows, key=lambda row: (not row.action.is_open, row.action.due_on, row.action.number))


def sent_sentence(plan: ImprovementPlan, actions: list[ImprovementAction]) -> str:
    if not actions:
        return "The establishment says that no action is needed."
    counts = counts_of(actions, timezone.localdate())
    dropped = f", {counts.dropped} dropped" if counts.dropped else ""
    said = f"{counts.done} of {counts.total} action{'' if counts.total == 1 else 's'} done{dropped}"
    if counts.late:
        return f"{said}; {counts.late} {'is' if counts.late == 1 else 'are'} late."
    coming = min((action.due_on for action in actions if action.is_open), default=None)
    return f"{said}; the next is due on {coming:%B} {coming.day}, {coming.year}." if coming else f"{said}."


def draft_sentence(page: DraftPage) -> str:
    if not page.rows:
        return "No action is planned yet."
    return f"{page.ready} of {len(page.rows)} drafted action{'' if len(page.rows) == 1 else 's'} complete."
