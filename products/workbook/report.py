"""What is wrong with a file, cell by cell."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """`row` is 0 and `column` empty where it is about the file. `sheet` is empty for a CSV. `found`: what is there."""

    sheet: str
    row: int
    column: str
    heading: str
    found: str
    wrong: str
    expected: str

    def as_dict(self) -> dict[str, str | int]:
        return asdict(self)


def of_the_file(wrong: str, expected: str = "") -> Problem:
    return Problem("", 0, "", "", "", wrong, expected)


def listed(words: Sequence[str], most: int = 10) -> str:
    """a, b and c; of many the first ones and how many more there are."""
    if len(words) > most:
        return f"{', '.join(words[:most])} and {len(words) - most} more"
    return " and ".join([*([", ".join(words[:-1])] if len(words) > 1 else []), *words[-1:]])
