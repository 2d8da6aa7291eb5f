"""Chance that can be repeated: every topic has its own dice, so that a change in one leaves the others' rows alone."""

from datetime import date, timedelta
from random import Random


def dice(seed: int, *topic: object) -> Random:
    return Random(":".join(map(str, (seed, *topic))))  # noqa: S311  the same rows for the same seed


def day_between(roll: Random, first: date, last: date) -> date:
    return first + timedelta(days=roll.randint(0, max(0, (last - first).days)))


def friday(day: date) -> date:
    """The last Friday up to a day: visits end and lists appear at the end of a week."""
    return day - timedelta(days=(day.weekday() - 4) % 7)


def monday(day: date) -> date:
    """The last Monday up to a day: enrollments and changes of supply begin with a week."""
    return day - timedelta(days=day.weekday())


def within(value: float, low: float, high: float) -> float:
    return min(high, max(low, value))
