"""Levels of an assessment: those that were agreed on, and those that two assessors gave before, each alone."""

from collections.abc import Mapping
from decimal import Decimal
from random import Random

from dscr.demo.dice import within
from qmm.models import AREAS
from qmm.rubric.fields import area_of

# Chances that an assessor gives one level less, one more, or two more or less, than what is agreed on in the end.
Habit = tuple[float, float, float]
STRICT, FAIR, LENIENT = (0.10, 0.02, 0.005), (0.05, 0.05, 0.008), (0.02, 0.36, 0.01)

FAR = (0.15, 0.15, 0.15)  # where there is something to talk about


def element_levels(roll: Random, codes: list[str], areas: Mapping[str, Decimal]) -> dict[str, int]:
    """Levels of elements whose means are those of the areas, as near as whole levels come. The same areas, made of
    such levels, give the same sums again."""
    found: dict[str, int] = {}
    for area in AREAS:
        members = [code for code in codes if area_of(code).code == area]
        total = round(areas[area] * len(members))
        levels = [total // len(members) + (number < total % len(members)) for number in range(len(members))]
        roll.shuffle(levels)
        _spread(roll, levels)
        found |= dict(zip(members, levels, strict=True))
    return {code: found[code] for code in codes}


def _spread(roll: Random, levels: list[int]) -> None:
    """Elements of one area differ: one gains what another loses."""
    higher, lower = roll.sample(range(len(levels)), 2)
    if roll.random() < 0.6 and levels[higher] < 5 and levels[lower] > 1:
        levels[higher] += 1
        levels[lower] -= 1


def both_levels(
    roll: Random, agreed: Mapping[str, int], lead: Habit, second: Habit
) -> tuple[dict[str, int], dict[str, int]]:
    """What both gave. Where they gave the same, it is what was agreed on."""
    one, other = ({code: given_level(roll, level, habit) for code, level in agreed.items()} for habit in (lead, second))
    for code, level in agreed.items():
        if one[code] == other[code]:
            one[code] = other[code] = level
    return one, other


def given_level(roll: Random, level: int, habit: Habit) -> int:
    less, more, far = habit
    chance = roll.random()
    if chance < less:
        level -= 1
    elif chance < less + more:
        level += 1
    elif chance < less + more + far:
        level += roll.choice((-2, 2))
    return int(within(level, 1, 5))


def habit_of(account: str) -> Habit:
    """By the name of a demonstration's account."""
    return {"second-assessor": LENIENT, "mina-okafor": STRICT}.get(account, FAIR)
