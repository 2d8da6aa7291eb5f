"""What rows are called when an entry is read: by the models' own fields, found by table name, never by import.

An app that names its rows better registers a function: row ids -> {id: name}.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any

from django.apps import apps
from django.db.models import Field, Model

from dscr.audit.kinds import BY_TABLE, KINDS

Key = tuple[str, int]  # kind, row id
Naming = Callable[[Iterable[int]], Mapping[int, str]]
_registered: dict[str, Naming] = {}


def register(kind: str, naming: Naming) -> None:
    _registered[kind] = naming


@cache
def model_of(kind: str) -> type[Model] | None:
    known = KINDS.get(kind)
    models = apps.get_models(include_auto_created=True)
    return next((model for model in models if known and model._meta.db_table == known.table), None)


def field_of(kind: str, column: str) -> Field | None:
    model = model_of(kind)
    return next((field for field in model._meta.fields if field.column == column), None) if model else None


def kind_behind(field: Field | None) -> str | None:
    """The kind that a foreign key points to."""
    if field is None or field.remote_field is None:
        return None
    known = BY_TABLE.get(field.remote_field.model._meta.db_table)
    return known.slug if known else None


def names_of(keys: Iterable[Key]) -> dict[Key, str]:
    """One query a kind; rows that are gone are left out."""
    by_kind: defaultdict[str, set[int]] = defaultdict(set)
    for kind, row_id in keys:
        by_kind[kind].add(row_id)
    return {(kind, row_id): name for kind, ids in by_kind.items() for row_id, name in _read(kind, ids).items()}


def _read(kind: str, ids: set[int]) -> Mapping[int, str]:
    if kind in _registered:
        return _registered[kind](ids)
    model = model_of(kind)
    if model is None:
        return {}
    relations = [field.name for field in model._meta.fields if field.is_relation and "." + field.name in _named(kind)]
    rows = model._base_manager.filter(pk__in=ids).select_related(*relations)
    return {row.pk: _named(kind).format(row=Labelled(row)) for row in rows}


def _named(kind: str) -> str:
    return KINDS[kind].named if kind in KINDS else "{row}"


class Labelled:
    """A row as str.format meets it: choices read as their labels."""

    def __init__(self, row: Model) -> None:
        self._row = row

    def __getattr__(self, name: str) -> Any:
        display = getattr(self._row, f"get_{name}_display", None)
        return display() if display else getattr(self._row, name)

    def __str__(self) -> str:
        return str(self._row)


def name_from(kind: str, image: Mapping[str, Any], names: Mapping[Key, str]) -> str:
    """The name of a row that is gone, from what was recorded of it; empty where that does not say."""
    facts: dict[str, Any] = dict(image)
    for column, value in image.items():
        field = field_of(kind, column)
        behind = kind_behind(field)
        if field is not None and behind:
            facts[field.name] = names.get((behind, value), f"{KINDS[behind].word} {value}")
        elif field is not None and field.choices:
            facts[column] = dict(field.flatchoices).get(value, value)
    form = _named(kind)
    if form == "{row}":
        return ""
    try:
        return form.format(row=SimpleNamespace(**facts))
    except AttributeError:
        return ""
