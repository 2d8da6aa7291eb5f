"""How a time of day is written wherever a person reads one: November 22, 2026 at 2:05 pm ET."""

from datetime import datetime

from django.utils import timezone

NBSP = "\u00a0"


def moment(at: datetime, with_seconds: bool = False) -> str:
    """In the program's time zone; seconds only where the order of entries hangs on them."""
    local = timezone.localtime(at)
    seconds = f":{local:%S}" if with_seconds else ""
    clock = f"{local:%-I:%M}{seconds}{NBSP}{local:%p}".lower()
    return f"{local:%B} {local.day}, {local.year} at {clock}{NBSP}ET"
