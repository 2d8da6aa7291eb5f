"""What an action of an improvement plan must say, as texts: read into values, with what is wrong of each."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

FIELDS = ("answers", "what", "who", "member", "due", "target")
NONE = "none"  # the key of the reason why no action is needed
SHORTEST, LONGEST, LONGEST_NAME = 10, 2_000, 150  # characters
TARGETS = range(2, 6)
YEARS_AHEAD = 5
MOST = 40  # actions of a plan
KEY = re.compile(rf"([1-9][0-9]?)\.({'|'.join(FIELDS)})")
ANSWERS = re.compile(r"([A-Z]{2}[1-9][0-9]?)(?::([0-9]{1,18}))?")


def is_key(key: str) -> bool:
    """Whether a draft may have a text of this name: 2.what, none."""
    return key == NONE or bool(KEY.fullmatch(key))


@dataclass(frozen=True, slots=True)
class Facts:
    """Against what an action is read: element -> agreed level, finding -> its element, who may be named."""

    levels: Mapping[str, int]
    findings: Mapping[int, str]
    members: Collection[int]
    today: date


@dataclass(frozen=True, slots=True)
class Drafted:
    """One action as it was typed. Values that are not right are None, and `problems` says by field what is wrong."""

    number: int
    element: str | None
    finding: int | None
    what: str
    responsible: str
    member: int | None
    due_on: date | None
    target: int | None
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        return not self.problems


def key_of(number: int, name: str) -> str:
    return f"{number}.{name}"


def drafted(number: int, texts: Mapping[str, str], facts: Facts) -> Drafted:
    """texts: name of FIELDS -> text, as typed; what is absent is empty."""
    problems: dict[str, str] = {}

    def text(name: str) -> str:
        return texts.get(name, "").strip()

    element, finding, problems["answers"] = _answers(text("answers"), facts)
    target, problems["target"] = _target(text("target"), facts.levels.get(element or ""))
    due_on, problems["due"] = read_due(text("due"), facts.today)
    member, problems["member"] = _member(text("member"), facts.members)
    problems["what"] = _what(text("what"))
    problems["who"] = name_problem(text("who"))
    return Drafted(
        number=number,
        element=element,
        finding=finding,
        what=text("what"),
        responsible=text("who"),
        member=member,
        due_on=due_on,
        target=target,
        problems={name: said for name, said in problems.items() if said},
    )


def _answers(text: str, facts: Facts) -> tuple[str | None, int | None, str]:
    if not text:
        return None, None, "Choose the element or the finding that it answers."
    found = ANSWERS.fullmatch(text)
    element, finding = (found[1], int(found[2]) if found[2] else None) if found else ("", None)
    if element not in facts.levels or (finding is not None and facts.findings.get(finding) != element):
        return None, None, "That is no element and no finding of this assessment. Choose one of the list."
    if facts.levels[element] >= TARGETS[-1]:
        return element, finding, "This element stands at level 5 already. Choose one that can rise."
    return element, finding, ""


def _target(text: str, level: int | None) -> tuple[int | None, str]:
    if not text:
        return None, "Choose the level that it is meant to reach."
    if text not in map(str, TARGETS):
        return None, "Choose a level from 2 to 5."
    if level is not None and int(text) <= level:
        return None, f"Choose a level above the agreed one, which is {level}."
    return int(text), ""


def read_due(text: str, today: date) -> tuple[date | None, str]:
    """(the day, "") or (None, what is wrong with it)."""
    if not text:
        return None, "Give the day by which it is done."
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None, "That is no date. Choose it anew, such as 2027-02-15."
    if day < today:
        return None, "That day lies in the past. Give a day from today on."
    if day > today + timedelta(days=365 * YEARS_AHEAD):
        return None, f"That day lies more than {YEARS_AHEAD} years ahead. Check the year."
    return day, ""


def _member(text: str, members: Collection[int]) -> tuple[int | None, str]:
    if not text:
        return None, ""
    member = next((one for one in members if str(one) == text), None)
    if member is not None:
        return member, ""
    return None, "That person does not work here today. Choose another one, or nobody."


def _what(text: str) -> str:
    if len(text) < SHORTEST:
        return "Say what will be done, in a sentence."
    return f"Shorten it to {LONGEST:,} characters; it has {len(text):,}." if len(text) > LONGEST else ""


def name_problem(text: str) -> str:
    if not text:
        return "Name the person who is responsible."
    return f"Shorten the name to {LONGEST_NAME} characters." if len(text) > LONGEST_NAME else ""


def reason_problem(text: str) -> str:
    """Of the reason why no action is needed."""
    if len(text) < SHORTEST:
        return "Plan at least one action, or say in a sentence why none is needed."
    return f"Shorten the reason to {LONGEST:,} characters." if len(text) > LONGEST else ""
