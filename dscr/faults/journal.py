"""What a writer knows: which rows it tried to write, and which writes the database acknowledged."""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Rows = dict[str, Any]  # "table:id:column" -> value; None for a deleted row


class Journal:
    """Appends one line for each event, each by one system call, so that a killed writer leaves whole lines."""

    def __init__(self, path: Path) -> None:
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def write(self, event: str, **details: Any) -> None:
        line = json.dumps({"event": event, "at": time.time(), **details})
        os.write(self.file, line.encode() + b"\n")


def read(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text().splitlines():
        yield json.loads(line)


@dataclass(slots=True)
class Expected:
    """What a row may hold now: the last acknowledged value, or one tried since, whose answer got lost."""

    acknowledged: int = 0
    values: list[Any] = field(default_factory=list)


def expected_rows(events: Iterator[dict[str, Any]]) -> dict[str, Expected]:
    found: dict[str, Expected] = {}
    for event in events:
        for row, value in event.get("rows", {}).items():
            expected = found.setdefault(row, Expected())
            if event["event"] == "acknowledged":
                expected.acknowledged += 1
                expected.values = [value]
            else:
                expected.values.append(value)
    return found
