"""The improvement plan of a case: its draft, what it may answer, and its actions once it is sent."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils import timezone

from dscr.access.models import User
from dscr.access.roles import FIRM
from dscr.access.scoping import Reader
from qmm.course.plans import FIELDS, NONE, TARGETS, Drafted, Facts, drafted, key_of, reason_problem
from qmm.course.steps import Side, State
from qmm.models import AssessmentCase, ConsensusScore, Finding, ImprovementAction, ImprovementPlan
from qmm.models.case import counting
from qmm.rubric.content import Element, Level, element_of
from qmm.rubric.fields import in_order
from qmm.services.course_people import today as memberships_today

MOST_PROPOSED = 8
ANSWERABLE = (Finding.Kind.CRITICAL_GAP, Finding.Kind.OPPORTUNITY)


@dataclass(frozen=True, slots=True)
class Ground:
    """What a plan stands on: the agreed levels, the findings to answer (the worst kind first), the firm's people."""

    case: AssessmentCase
    levels: Mapping[str, int]
    findings: list[Finding]
    people: list[User]
    elements: Mapping[str, Element]

    @property
    def facts(self) -> Facts:
        return Facts(
            self.levels,
            {row.pk: row.element for row in self.findings},
            {user.pk for user in self.people},
            timezone.localdate(),
        )

    def next_level(self, element: str) -> Level | None:
        """Of the rubric's ladder, above the agreed one; None at the top."""
        level = self.levels.get(element)
        found = self.elements.get(element)
        return found.levels[level] if found and level and level < TARGETS[-1] else None

    def anchor(self, element: str, level: int) -> str:
        found = self.elements.get(element)
        return found.levels[level - 1].anchor if found else ""


def plan_of(case: AssessmentCase) -> ImprovementPlan:
    """The one that was sent, or the draft of today's owner: as it is stored, or a blank one that is stored with its
    first text. What a former owner drafted stays theirs."""
    plans = ImprovementPlan.objects.filter(
        Q(sent_at__isnull=False) | Q(owner=case.establishment.owner_id), case=case
    ).select_related("updated_by", "sent_by")
    return plans.order_by("sent_at").first() or ImprovementPlan(case=case)  # nulls are last


def ground_of(case: AssessmentCase, user: Reader | None = None) -> Ground:
    """As far as `user` reads it; without one as it is, for the services. Four queries."""
    agreed, found = ConsensusScore.objects.all(), Finding.objects.all()
    if user is not None:
        agreed = ConsensusScore.objects.for_user(user, "read_plans")
        found = Finding.objects.for_user(user, "read_plans")
    texts = case.rubric.kept_texts if case.rubric else {}
    given = agreed.filter(case=case, level__isnull=False).values_list("element", "level")
    levels = {element: level for element, level in given if element in texts}
    rows = found.filter(counting("assignment"), assignment__case=case, removed_at=None, kind__in=ANSWERABLE)
    order = in_order(texts)
    findings = sorted(
        (row for row in rows if row.element in levels),
        key=lambda row: (ANSWERABLE.index(Finding.Kind(row.kind)), order.index(row.element), row.pk),
    )
    return Ground(
        case=case,
        levels={element: levels[element] for element in order if element in levels},
        findings=findings,
        people=people_of_firm(case),
        elements={element: element_of(element, texts[element]) for element in order},
    )


def people_of_firm(case: AssessmentCase) -> list[User]:
    """Who works for the establishment's owner today, by name."""
    owner = case.establishment.owner_id
    held = memberships_today().filter(organisation=owner, role__in=FIRM).select_related("user") if owner else []
    return sorted({row.user for row in held}, key=lambda user: (str(user), user.pk))


def knows_what_counts(case: AssessmentCase, sides: Collection[Side]) -> bool:
    """What became of a site since is none of its assessors' business; that its assessment expired, the case says."""
    return Side.ASSESSOR not in sides or case.state == State.EXPIRED


def texts_of(plan: ImprovementPlan, number: int) -> dict[str, str]:
    """The texts of one drafted action by name."""
    return {name: plan.texts.get(key_of(number, name), "") for name in FIELDS}


def numbers_of(plan: ImprovementPlan) -> list[int]:
    return [number for number in range(1, plan.drafted + 1) if number not in plan.left_out]


def drafted_of(plan: ImprovementPlan, facts: Facts) -> list[Drafted]:
    """Without those that are left out."""
    return [drafted(number, texts_of(plan, number), facts) for number in numbers_of(plan)]


def lacking(plan: ImprovementPlan, actions: list[Drafted]) -> str:
    """Why the draft cannot be sent; "" where it can."""
    wrong = [str(action.number) for action in actions if not action.is_complete]
    if wrong:
        return (
            f"Action{'' if len(wrong) == 1 else 's'} {', '.join(wrong)}: not complete yet. See what is missing there."
        )
    return "" if actions else reason_problem(plan.texts.get(NONE, "").strip())


@dataclass(frozen=True, slots=True)
class Proposal:
    """Something that an action may answer, with what the level above the agreed one asks for."""

    answers: str
    element: Element
    level: int
    next: Level
    findings: list[Finding]


def proposals(ground: Ground) -> list[Proposal]:
    """Elements with critical gaps first, then the lowest levels, then those with opportunities."""
    of_element: dict[str, list[Finding]] = {}
    for finding in ground.findings:
        of_element.setdefault(finding.element, []).append(finding)

    def urgency(element: str) -> tuple[bool, int, bool]:
        kinds = {row.kind for row in of_element.get(element, [])}
        return Finding.Kind.CRITICAL_GAP not in kinds, ground.levels[element], not kinds

    found = []
    for element in sorted(ground.levels, key=urgency):
        above, rows = ground.next_level(element), of_element.get(element, [])
        if above is not None:
            answers = f"{element}:{rows[0].pk}" if rows else element
            found.append(Proposal(answers, ground.elements[element], ground.levels[element], above, rows))
    return found[:MOST_PROPOSED]


@dataclass(frozen=True, slots=True)
class ActionCounts:
    total: int
    done: int
    dropped: int
    late: int

    @property
    def open(self) -> int:
        return self.total - self.done - self.dropped


def counts_of(actions: list[ImprovementAction], today: date) -> ActionCounts:
    standings = [action.standing for action in actions]
    late = sum(action.is_open and action.due_on < today for action in actions)
    return ActionCounts(len(actions), standings.count("done"), standings.count("dropped"), late)


def actions_of(user: Reader, case: AssessmentCase) -> list[ImprovementAction]:
    """Of a plan that was sent, with their changes and files; three queries."""
    rows = ImprovementAction.objects.for_user(user, "read_plans").filter(plan__case=case)
    return list(rows.select_related("member", "finding").prefetch_related("changes__by", "files__given_by"))
