"""Rows of the past keep their own times, where a row of today gets the moment of its storing."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.models import Model


@contextmanager
def as_dated(*models: type[Model]) -> Iterator[None]:
    """For as long as it lasts, fields such as `updated_at` of these models are stored as they stand in the rows."""
    held = [
        (field, name)
        for model in models
        for field in model._meta.concrete_fields
        for name in ("auto_now", "auto_now_add")
        if getattr(field, name, False)
    ]
    for field, name in held:
        setattr(field, name, False)
    try:
        yield
    finally:
        for field, name in held:
            setattr(field, name, True)
