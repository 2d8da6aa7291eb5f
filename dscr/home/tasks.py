"""What a firm has to do next, from every app, in one list by date."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from django.urls import NoReverseMatch, reverse

from dscr.access.scoping import Reader
from products.models import Product, SupplyNode
from products.queries.due import DueSubmission, Quarter, last_quarter, nodes_with_last_batch_by, submissions_due
from products.queries.quarters import quarters_offered
from qmm.course.steps import State
from qmm.models import AssessmentCase, Establishment
from qmm.queries.cases import OpenCase
from qmm.queries.plans_due import PlanDue, plans_due
from qmm.queries.validity import SiteStanding
from ratings.causes import SOURCES
from ratings.figures import day, first_up, in_words, joined
from ratings.reviews.models import ReviewRequest
from ratings.reviews.queries import awaiting_list
from ratings.scoring import available_versions, load_methodology
from ratings.scoring.dates import add_months

ASSESSMENT_MONTHS_AHEAD = 12  # an assessment takes most of a year
QUALIFICATION_MONTHS_AHEAD = 6  # another batch does not
MOST = 12  # tasks on the page
FILL_IN, SEE_LIST = "Fill them in", "See the quarterly figures"
# What the establishment itself does in a state.
OWN_STEPS = {
    State.QUESTIONNAIRE_ISSUED: "Answer and return the questionnaire.",
    State.FACT_CHECK: "Check the draft for accuracy, comment, and finish the review.",
}


@dataclass(frozen=True, slots=True)
class Task:
    """`on`: when it is due or ends, None where no date presses. `products`: whom it concerns, to be unfolded."""

    what: str
    on: date | None
    is_late: bool
    when: str
    detail: str = ""
    address: str = ""
    doing: str = ""  # the words that lead to `address`, where they are not those of `what`
    products: list[Product] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class TaskList:
    tasks: list[Task]
    more: int
    next_figures: str  # when the next quarter's figures are due

    @property
    def late(self) -> int:
        return sum(task.is_late for task in self.tasks)

    @property
    def sentence(self) -> str:
        due = len(self.tasks) - self.late
        if not self.tasks:
            return f"Nothing is late and nothing comes due. {self.next_figures}".strip()
        late = f"{first_up(_things(self.late))} late" if self.late else "Nothing is late"
        coming = f"; {_things(due, 'comes', 'come')} next" if due else ""
        return f"{late}{coming}. {self.next_figures}".strip()


def _things(count: int, one: str = "is", many: str = "are") -> str:
    return f"{in_words(count)} thing{'' if count == 1 else 's'} {one if count == 1 else many}"


def manufacturer_tasks(user: Reader, cases: Sequence[OpenCase], sites: Sequence[SiteStanding], today: date) -> TaskList:
    """Five queries of its own, six where very many figures are owed."""
    owed, owed_count = submissions_due(user, today)
    nodes = _ending_nodes(user, today)
    tasks = [*_figures(owed, owed_count, today), *_nodes(nodes, today), *site_tasks(cases, sites, today)]
    tasks += _plans(plans_due(user), today)
    tasks += _answers(awaiting_list(user, MOST), today)
    coming = last_quarter(today).next
    return _listed(tasks, f"The figures of {coming.name} are due by {day(coming.due_on)}.")


def contact_tasks(user: Reader, cases: Sequence[OpenCase], sites: Sequence[SiteStanding], today: date) -> TaskList:
    """Two queries of its own."""
    return _listed([*site_tasks(cases, sites, today), *_plans(plans_due(user), today)], "")


def _listed(tasks: list[Task], next_figures: str) -> TaskList:
    ordered = sorted(tasks, key=lambda task: (not task.is_late, task.on or date.max, task.what))
    return TaskList(ordered[:MOST], max(0, len(ordered) - MOST), next_figures)


def _figures(owed: Iterable[DueSubmission], count: int, today: date) -> list[Task]:
    """One task a quarter, however many products owe it."""
    tasks = []
    for (_, state), group in groupby(owed, key=lambda due: (due.due_on, due.state)):
        members = list(group)
        first = members[0]
        drafts = sum(due.has_draft for due in members)
        told = [f"{in_words(drafts)} draft{'' if drafts == 1 else 's'} begun"] if drafts else []
        if state == "missing":
            told.append("nothing was ever attested")
        is_late = first.due_on < today
        has_ended = first.quarter.ends_on < today
        if not has_ended:
            told.append(f"they can be filled in once the quarter has ended, after {day(first.quarter.ends_on)}")
        tasks.append(
            Task(
                what=_figures_of(first.quarter, len(members)),
                on=first.due_on,
                is_late=is_late,
                when=_when(first.due_on, today),
                detail=first_up(f"{'; '.join(told)}.") if told else "",
                address=_questionnaire(first, len(members), today),
                doing=FILL_IN if has_ended else SEE_LIST,
                products=[due.product for due in members],
            )
        )
    if tasks and count > sum(len(task.products) for task in tasks):
        tasks.append(Task(f"KPI figures of {count:,} products in all", None, True, "Late"))
    return tasks


def _figures_of(quarter: Quarter, count: int) -> str:
    return f"KPI figures of {quarter.name}{'' if count == 1 else f' for {in_words(count)} products'}"


def _ending_nodes(user: Reader, today: date) -> list[SupplyNode]:
    months = load_methodology(available_versions()[-1]).validity.qualification_months
    latest = months_from(today, QUALIFICATION_MONTHS_AHEAD - months)
    return list(nodes_with_last_batch_by(user, latest)[: MOST + 1])


def _nodes(nodes: Iterable[SupplyNode], today: date) -> list[Task]:
    months = load_methodology(available_versions()[-1]).validity.qualification_months
    tasks = []
    for node in nodes:
        ends_on = months_from(node.last_batch_on, months)
        ended = ends_on < today
        tasks.append(
            Task(
                what=f"New batch at {node.establishment.name}, {SOURCES[node.stage]}",
                on=ends_on,
                is_late=ended,
                when=f"{'Ended' if ended else 'Ends'} {day(ends_on)}",
                detail=f"It counts as qualified {months // 12} years from its last batch, {day(node.last_batch_on)}.",
                products=[node.product],
            )
        )
    return tasks


def _answers(reviews: Iterable[ReviewRequest], today: date) -> list[Task]:
    """Questions of the program operator in threads of reviews."""
    return [
        Task(
            what=f"Question of the program operator: {str(review).lower()}, NDC {review.product.display_ndc}",
            on=review.answer_due_on,
            is_late=review.clock.is_late(today),
            when=_when(review.answer_due_on, today),
            detail="Your rating says “Under review”; the time to decide stands still until you answer.",
            address=page("ratings:review-detail", review.pk),
            doing="Answer it",
        )
        for review in reviews
    ]


def site_tasks(cases: Sequence[OpenCase], sites: Sequence[SiteStanding], today: date) -> list[Task]:
    """Open assessments, and assessments that end within a year where none is under way."""
    tasks = [
        Task(
            what=f"Assessment of {open_case.case.establishment.name}: {open_case.case.get_state_display().lower()}",
            on=open_case.case.due_on,
            is_late=open_case.is_late,
            when=_when(open_case.case.due_on, today),
            detail=_case_detail(open_case),
            address=case_page(open_case.case),
        )
        for open_case in cases
    ]
    under_way = {open_case.case.establishment_id for open_case in cases}
    horizon = months_from(today, ASSESSMENT_MONTHS_AHEAD)
    for site in sites:
        if site.establishment.pk in under_way:
            continue
        until = valid_until(site)
        if until is None:
            tasks.append(_renewal(site, "First assessment", None, False, "Not assessed yet"))
        elif until <= horizon:
            ended = until < today
            tasks.append(_renewal(site, "New assessment", until, ended, f"{'Ended' if ended else 'Ends'} {day(until)}"))
    return tasks


def _plans(due: Iterable[PlanDue], today: date) -> list[Task]:
    """Improvement plans to be sent, and actions of sent ones: one task a plan and day."""
    tasks = []
    for one in due:
        site, many = one.case.establishment.name, len(one.numbers) > 1
        numbers = joined([str(number) for number in one.numbers])
        what = f"Action{'s' if many else ''} {numbers} of the improvement plan" if numbers else "Improvement plan"
        tasks.append(
            Task(
                what=f"{what}, {site}",
                on=one.due_on,
                is_late=one.due_on < today,
                when=_when(one.due_on, today),
                address=page("qmm:case-plan", one.case.pk),
                doing="Say how it goes on" if numbers else "Write and send it",
            )
        )
    return tasks


def _case_detail(row: OpenCase) -> str:
    case = row.case
    told = [OWN_STEPS[State(case.state)]] if case.state in OWN_STEPS and not row.is_confirmed else []
    if case.visit_starts_on:
        told.append(f"Visit from {day(case.visit_starts_on)}.")
    return " ".join(told)


def _renewal(site: SiteStanding, what: str, on: date | None, is_late: bool, when: str) -> Task:
    address = f"{page('qmm:case-request')}?site={site.establishment.pk}"
    detail = "" if on is None else "After that day it counts as unassessed: its share counts as level 1."
    return Task(f"{what} of {site.establishment.name}", on, is_late, when, detail, address, "Ask for it")


def valid_until(site: SiteStanding) -> date | None:
    """The last day on which the newest assessment counts."""
    months = load_methodology(available_versions()[-1]).qmm.valid_months
    return months_from(site.assessed_on, months) if site.assessed_on else None


def months_from(on: date, months: int) -> date:
    return add_months(on, months).item()


def _when(due_on: date | None, today: date) -> str:
    if due_on is None:
        return "No date yet"
    return f"Late since {day(due_on)}" if due_on < today else f"Due {day(due_on)}"


def _questionnaire(first: DueSubmission, count: int, today: date) -> str:
    """Of one product its own page, where that quarter can be filled in; else the list of all."""
    if count > 1 or first.quarter not in quarters_offered(today):
        return page("products:kpi-list")
    return page("products:kpi-draft", first.product.ndc, first.quarter.ends_on)


def case_page(case: AssessmentCase) -> str:
    return page("qmm:case-detail", case.pk)


def site_page(establishment: Establishment) -> str:
    return page("ratings:establishment-detail", establishment.pk)


def page(name: str, *arguments: object) -> str:
    """Its address, or "" while there is no such page."""
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""
