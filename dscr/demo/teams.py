"""Who assessed which case of the demonstration."""

from dataclasses import dataclass, field

from dscr.access.models import Membership
from dscr.demo.course import Course
from dscr.demo.dice import dice
from dscr.demo.people import People
from qmm.models import CaseAssignment

LEADS, SECONDS = ("lead-assessor", "greta-holm"), ("assessor", "second-assessor", "ivo-brandt", "mina-okafor")
WITH_ACCOUNT = 2  # of the second assessors, first in their list
OTHERS_EVERY = 4  # cases under way; one of them is led by somebody without an account
LEFT_EVERY = 20  # cases; in one of them somebody declared a conflict of interest


@dataclass(slots=True)
class Team:
    """The two on a case, and who was assigned first and left. `rows`: the assignments of the two, the lead's first."""

    lead: Membership
    second: Membership
    left: Membership | None = None
    rows: list[CaseAssignment] = field(default_factory=list)

    @property
    def words(self) -> str:
        return f"{self.lead.user} leads, {self.second.user} is the second assessor."


def choose_teams(seed: int, courses: list[Course], people: People) -> list[Team]:
    """Cases under way are mostly those of the accounts to sign in with, final ones of everybody."""
    leaving = {course.number: SECONDS[course.number // LEFT_EVERY % 4] for course in courses if _is_left(course)}
    conflicts = {(courses[number].case.establishment.owner_id, account) for number, account in leaving.items()}
    found = []
    for course in courses:
        roll = dice(seed, "team", course.number)
        owner = course.case.establishment.owner_id
        free = [account for account in SECONDS if (owner, account) not in conflicts]
        lead, second = roll.choice(LEADS), roll.choice(free)
        own = SECONDS[course.number % WITH_ACCOUNT]
        if not course.is_final:
            lead = LEADS[course.number % OTHERS_EVERY == OTHERS_EVERY - 1]
        if lead == LEADS[0] and not course.is_final and own in free:
            second = own
        left = leaving.get(course.number)
        found.append(Team(people.accounts[lead], people.accounts[second], people.accounts[left] if left else None))
    return found


def _is_left(course: Course) -> bool:
    return course.is_final and course.number % LEFT_EVERY == 5
