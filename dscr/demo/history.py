"""The past, computed: each product is scored on the day it enrolled and on every day that changed it since.

The dates are not guessed here: a head's own `next_change_on` leads from one change to the next, as the sweep follows it
in daily life.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import date

from django.db.models import Min

from dscr.demo.portfolio import Portfolio
from ratings.models import ProductRating
from ratings.recompute import replay


def replay_past(portfolio: Portfolio, until: date, progress: Callable[[date], None]) -> int:
    """Publish every day before `until` in order; returns the number of snapshots."""
    joining: dict[date, list[int]] = defaultdict(list)
    for enrolment in portfolio.enrolments:
        joining[enrolment.enrolled_on].append(enrolment.product_id)
    day = min(joining)
    snapshots = 0
    while day < until:
        due = ProductRating.objects.filter(next_change_on=day).values_list("product_id", flat=True)
        outcome = replay([*due, *joining.pop(day, ())], day)
        if outcome.failed:
            raise AssertionError(f"Demo products that cannot be scored on {day}: {outcome.failed}")
        snapshots += outcome.published
        progress(day)
        day = _next_day(day, joining, until)
    progress(until)
    return snapshots


def _next_day(day: date, joining: dict[date, list[int]], until: date) -> date:
    change = ProductRating.objects.filter(next_change_on__gt=day).aggregate(first=Min("next_change_on"))["first"]
    return min([change or until, *joining, until])
