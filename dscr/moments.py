"""How a time of day is written wherever a person reads one: November 22, 2026 at 2:05 pm ET."""

from datetime import datetime

from django.utils import timezone

NBSP = "\u00a0"


def moment(at: datetime, with_seconds: bool = False) -> str:
    """In the program's time zone; seconds only where the order of entries hangs on them."""
    local = timezone.localtime(at)
    return f"{local:%B} {local.day}, {local.year} at {_clock(local, with_seconds)}{NBSP}ET"


def recent(at: datetime) -> str:
    """Beside an answer that somebody just typed: 2:05 pm today, else November 22 at 2:05 pm, of another year November
    22, 2025 at 2:05 pm."""
    local, today, clock = timezone.localtime(at), timezone.localdate(), _clock(timezone.localtime(at))
    if local.date() == today:
        return clock
    year = "" if local.year == today.year else f", {local.year}"
    return f"{local:%B} {local.day}{year} at {clock}"


def _clock(local: datetime, with_seconds: bool = False) -> str:
    seconds = f":{local:%S}" if with_seconds else ""
    return f"{local:%-I:%M}{seconds}{NBSP}{local:%p}".lower()
