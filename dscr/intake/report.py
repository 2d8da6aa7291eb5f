"""What an import says at the end: what it did to each table, and which rows it could not use, with line numbers."""

from collections import defaultdict
from dataclasses import dataclass, field

EXAMPLES = 3
TEXT_WIDTH = 60


@dataclass(slots=True)
class Finding:
    """One reason: how many rows, and the first few as (line, text)."""

    count: int = 0
    examples: list[tuple[int, str]] = field(default_factory=list)


@dataclass(slots=True)
class Tally:
    """What happened to the rows of one table. kept: a newer file had said something already."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    kept: int = 0


class Report:
    """Collects while the import runs; `text` is printed at the end."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[str, int]] = {}
        self.tallies: dict[str, Tally] = defaultdict(Tally)
        self.rejected: dict[tuple[str, str], Finding] = defaultdict(Finding)
        self.noted: dict[tuple[str, str], Finding] = defaultdict(Finding)

    def read(self, title: str, name: str, rows: int) -> None:
        self.files[title] = (name, rows)

    def reject(self, title: str, line: int, reason: str, text: str = "") -> None:
        """A row, or a part of one, that was not used."""
        _add(self.rejected[title, reason], line, text)

    def note(self, title: str, line: int, remark: str, text: str = "") -> None:
        """A row that was used, or not needed, in a way the reader should know of."""
        _add(self.noted[title, remark], line, text)

    def rejections(self) -> dict[str, int]:
        return {reason: finding.count for (_, reason), finding in self.rejected.items()}

    def notes(self) -> dict[str, int]:
        return {remark: finding.count for (_, remark), finding in self.noted.items()}

    def text(self) -> str:
        lines = [f"Read {rows:,} rows of {title}: {name}" for title, (name, rows) in self.files.items()]
        lines += ["", f"{'':<16}{'created':>10}{'changed':>10}{'unchanged':>11}"]
        for table, tally in self.tallies.items():
            kept = f"   ({tally.kept:,} kept as a newer file gave them)" if tally.kept else ""
            lines.append(f"{table:<16}{tally.created:>10,}{tally.changed:>10,}{tally.unchanged:>11,}{kept}")
        lines += _section("Rejected", self.rejected) or ["", "Rejected: nothing."]
        lines += _section("Noted", self.noted)
        return "\n".join(lines)


def _add(finding: Finding, line: int, text: str) -> None:
    finding.count += 1
    if len(finding.examples) < EXAMPLES:
        finding.examples.append((line, text))


def _section(heading: str, findings: dict[tuple[str, str], Finding]) -> list[str]:
    lines: list[str] = []
    for (title, reason), finding in sorted(findings.items(), key=lambda item: (item[0][0], -item[1].count)):
        if not lines:
            lines = ["", f"{heading}:"]
        lines.append(f"{finding.count:>8,}  {title}: {reason}")
        lines += [f"{'':>12}line {line}{': ' + _short(text) if text else ''}" for line, text in finding.examples]
        if finding.count > len(finding.examples):
            lines.append(f"{'':>12}and {finding.count - len(finding.examples):,} more")
    return lines


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= TEXT_WIDTH else text[: TEXT_WIDTH - 1] + "…"
