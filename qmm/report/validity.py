"""How long an assessment counts: 36 calendar months, its last day included (methodology 2026.1)."""

from calendar import monthrange
from datetime import date, timedelta

VALID_MONTHS = 36


def valid_until(completed_on: date) -> date:
    """The last day on which it counts: the same day of the month, or that month's last day."""
    return _moved(completed_on, VALID_MONTHS)


def oldest_valid(today: date) -> date:
    """The earliest day of completion that counts today."""
    day = _moved(today, -VALID_MONTHS)
    return day if valid_until(day) >= today else day + timedelta(days=1)


def _moved(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
