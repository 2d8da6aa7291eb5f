"""Times in templates, written as dscr/moments.py says."""

from datetime import datetime

from django import template

from dscr import moments

register = template.Library()


@register.filter
def moment(at: datetime | None, precision: str = "") -> str:
    """`precision` is "seconds" or nothing."""
    return moments.moment(at, precision == "seconds") if at else ""
