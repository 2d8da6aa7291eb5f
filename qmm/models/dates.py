"""What every date of an input obeys."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone


def not_in_the_future(day: date) -> None:
    """For what has happened: a slip of the year would quietly take it out of every rating until then."""
    if day > timezone.localdate():
        raise ValidationError("This date lies in the future; give the day on which it happened.")


def dates_within_reason(name: str, *fields: str) -> models.CheckConstraint:
    """A slip of the century, or infinity in psql, is refused by the database: no calendar could work with it."""
    reasonable = Q()
    for field in fields:
        reasonable &= Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__range": (date(1900, 1, 1), date(2200, 12, 31))})
    return models.CheckConstraint(
        name=f"{name}_dates_within_reason",
        condition=reasonable,
        violation_error_message="Dates lie between the years 1900 and 2200.",
    )
