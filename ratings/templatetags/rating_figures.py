"""Figures in templates, written as ratings/figures.py says."""

from functools import cache

from django import template
from django.template.loader import render_to_string
from django.utils import timezone

from qmm.countries import country_name
from ratings import figures
from ratings.queries.limits import head_limits
from ratings.queries.published import is_on_watch
from ratings.scoring import Methodology, load_methodology

register = template.Library()

for name in (
    "points",
    "loss",
    "signed",
    "percent",
    "coverage",
    "plain",
    "level",
    "in_words",
    "first_up",
    "ago",
    "span",
    "strength",
    "category",
    "drug_name",
):
    register.filter(name, getattr(figures, name))


register.filter("country", country_name)


@register.filter
def day(at: object) -> str:
    """A date, or a time's date in the program's time zone."""
    return figures.day(timezone.localtime(at).date() if hasattr(at, "hour") else at)


@register.filter
def disclosed_cell(column: object, product: object) -> str:
    """What the column of a disclosed figure shows of a product; "" where it is not disclosed."""
    return str(column.cells(product)[0])


@register.filter
def limits_note(head: object) -> str:
    """Beside a band: what limits it, and that it is on watch; of a row of `heads_with_limits`."""
    found = head_limits(head)
    return found.note if found else ""


@register.filter
def on_watch(snapshot: object) -> bool:
    """Whether its band stays only within the buffer around a cut."""
    return is_on_watch(snapshot.score, snapshot.band_uncapped, load_methodology(snapshot.methodology))


@register.inclusion_tag("ratings/_band_part.html")
def band(number: int | None, label: str = "", methodology: Methodology | None = None) -> dict[str, object]:
    """The band's word with its five-step shape: never color alone."""
    if number and not label:
        label = (methodology or load_methodology("2026.1")).band_label(number)
    return {"number": number, "label": label, "steps": [bool(number and step <= number) for step in range(1, 6)]}


@register.filter
@cache
def band_mark(number: int | None) -> str:
    """As `band`, rendered once: for tables of hundreds of rows."""
    return render_to_string("ratings/_band_part.html", band(number))
