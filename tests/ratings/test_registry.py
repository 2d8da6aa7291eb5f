"""The registry names exactly the columns that the loader reads: one more would mark for nothing, one less go stale."""

import re
from collections import defaultdict
from datetime import date

from django.db import connection

from ratings import loaders
from ratings.inputs import INPUTS
from ratings.triggers import key_columns
from tests.ratings.conftest import Portfolio


def test_the_loader_selects_the_columns_of_the_registry(stored: Portfolio, monkeypatch) -> None:
    """PostgreSQL itself says which columns a statement needs: it may read those and no others."""
    statements: list[str] = []
    read_columns = loaders.read_columns

    def recording(cursor, columns, rest):
        names = " ".join(sql for _, sql in columns.values())
        statements.append(f"SELECT {names} {rest}")
        return read_columns(cursor, columns, rest)

    monkeypatch.setattr(loaders, "read_columns", recording)
    with connection.cursor() as cursor:
        loaders.load(cursor, sorted(stored.products), date.today())
    selected = columns_named(statements)
    for entry in INPUTS:
        registered = {*entry.columns, *entry.condition_columns}
        if entry.table == "ratings_methodologyrelease":
            continue  # read whole, by release_on()
        found = selected[entry.table] & {field.column for field in entry.model._meta.fields}
        # A generated column stands for the one it is made from.
        found = {"package_ndc" if column in key_columns(entry) and "ndc" in column else column for column in found}
        assert found == registered, entry.table


def columns_named(statements: list[str]) -> dict[str, set[str]]:
    """Table -> every word of the statements that read it (a sub-select is read as part of its statement)."""
    words: dict[str, set[str]] = defaultdict(set)
    for statement in statements:
        tables = set(re.findall(r"\b(?:products|qmm)_\w+", statement))
        named = set(re.findall(r"[a-z_0-9]+", statement))
        for table in tables:
            words[table] |= own_words(statement, table, named, tables)
    return words


def own_words(statement: str, table: str, named: set[str], tables: set[str]) -> set[str]:
    if len(tables) == 1:
        return named
    # Two tables in one statement are always told apart by their alias.
    alias = re.search(rf"{table} (\w+)", statement)
    assert alias, statement
    return set(re.findall(rf"\b{alias[1]}\.(\w+)", statement))
