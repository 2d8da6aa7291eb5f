"""Until when an assessment counts. The methodology says for how many months; the app that has it says so here."""

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

Asked = Callable[[], int]
_asked: list[Asked] = []


def register(answers: Asked) -> None:
    """`answers()` gives the months of the newest methodology; called once, when the app that knows is ready."""
    if answers not in _asked:
        _asked.append(answers)


def valid_months() -> int:
    return _asked[0]()


def months_after(day: date, months: int) -> date:
    """The same day of the month, or that month's last day: January 31 and one month is February 28 or 29."""
    number = day.year * 12 + day.month - 1 + months
    year, month = number // 12, number % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def last_day(completed_on: date) -> date:
    """The last day on which an assessment counts."""
    return months_after(completed_on, valid_months())


def expired_before(today: date) -> date:
    """An assessment completed before that day has expired today; one completed on it or later has not."""
    day = months_after(today, -valid_months())
    while last_day(day - timedelta(days=1)) >= today:
        day -= timedelta(days=1)
    while last_day(day) < today:
        day += timedelta(days=1)
    return day
