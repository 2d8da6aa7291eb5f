"""The first line of a table: the names of its columns."""

import re

from dscr.intake.files import FileError


def checked_heads(heads: list[str], name: str) -> tuple[str, ...]:
    while heads and not heads[-1]:
        heads.pop()
    if len(heads) < 2:
        raise FileError(f"{name} has only one column. Put each figure into a column of its own, with a head.")
    if len(heads) > 200:
        raise FileError(f"{name} has {len(heads)} columns. Leave out what is no order line: up to 200 are read.")
    if sum(map(_is_figure, heads)) > len(heads) / 2:
        raise FileError(f"{name} has no heads: its first line holds figures. Put the names of the columns there.")
    return tuple(head[:100] for head in heads)


def _is_figure(cell: str) -> bool:
    return bool(re.fullmatch(r"[\d\s.,/:-]*\d[\d\s.,/:-]*", cell))
