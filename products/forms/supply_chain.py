"""The editor's rows: each is one establishment at one stage, named `<stage>.<establishment id>` in the form."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.http import QueryDict

from products.models import SupplyNode
from products.questionnaire.fields import WrongAnswerError, read_number
from products.rules.supply_shares import adds_up
from products.services.supply_chain import Wanted
from qmm.models import Establishment

STAGES: dict[str, str] = {str(value): str(label) for value, label in SupplyNode.Stage.choices}
KEY = re.compile(r"(ksm|api|fdf|packaging|testing)\.(\d{1,15})", re.ASCII)
MOST_ROWS = 100


@dataclass(slots=True)
class Row:
    """Texts as typed; `node` is what holds so far, None for a row that was added."""

    stage: str
    establishment: Establishment
    share: str
    is_qualified: bool
    batch: str
    node: SupplyNode | None = None
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.stage}.{self.establishment.pk}"

    @property
    def is_backup(self) -> bool:
        return self.portion == 0

    @property
    def portion(self) -> float | None:
        """The share 0..1; None where the text is none."""
        if self.node is not None and self.share == percent_text(self.node.share):
            return self.node.share  # a third is not 33.3333%
        try:
            percent = read_number(self.share.strip().removesuffix("%").strip())
        except WrongAnswerError:
            return None
        return float(percent / 100) if 0 <= percent <= 100 else None

    @property
    def batch_on(self) -> date | None:
        try:
            return date.fromisoformat(self.batch) if self.batch else None
        except ValueError:
            return None


@dataclass(slots=True)
class StageRows:
    code: str
    label: str
    rows: list[Row]
    problem: str = ""

    @property
    def total(self) -> float:
        return sum(row.portion or 0 for row in self.rows)

    @property
    def total_text(self) -> str:
        return percent_text(self.total)

    @property
    def adds_up(self) -> bool:
        return adds_up(row.portion or 0 for row in self.rows)

    @property
    def wanted(self) -> list[Wanted]:
        return [Wanted(row.establishment.pk, row.portion or 0.0, row.is_qualified, row.batch_on) for row in self.rows]


def percent_text(share: float) -> str:
    """0.6 is "60", a third "33.3333"."""
    return format(round(Decimal(str(share)) * 100, 4).normalize() + 0, "f")


def rows_of(nodes: Iterable[SupplyNode]) -> list[StageRows]:
    """The chain as it holds, ready to be edited."""
    rows = [
        Row(
            node.stage,
            node.establishment,
            percent_text(node.share),
            node.is_qualified,
            node.last_batch_on.isoformat() if node.last_batch_on else "",
            node,
        )
        for node in nodes
    ]
    return by_stage(rows)


def by_stage(rows: Sequence[Row]) -> list[StageRows]:
    return [StageRows(code, label, [row for row in rows if row.stage == code]) for code, label in STAGES.items()]


def keys_of(data: QueryDict) -> list[tuple[str, int]]:
    """(stage, establishment id) of every row that the form holds or adds, each once."""
    given = [*data.getlist("row"), *data.getlist("add")][:MOST_ROWS]
    found = [KEY.fullmatch(text) for text in given]
    return list(dict.fromkeys((match[1], int(match[2])) for match in found if match))


def read_rows(
    data: QueryDict, sites: dict[int, Establishment], holding: Sequence[SupplyNode], today: date
) -> list[StageRows]:
    """What was typed, with what is wrong beside it. Only `sites` may be named; rows of others are left out."""
    nodes = {(node.stage, node.establishment_id): node for node in holding}
    removed = data.get("leave_out", "")
    rows = []
    for stage, number in keys_of(data):
        key = f"{stage}.{number}"
        if number in sites and key != removed:
            rows.append(
                Row(
                    stage,
                    sites[number],
                    data.get(f"share.{key}", "0")[:20].strip(),
                    f"qualified.{key}" in data,
                    data.get(f"batch.{key}", "")[:20].strip(),
                    nodes.get((stage, number)),
                )
            )
    stages = by_stage(rows)
    _help(stages, data.get("help", ""))
    for part in stages:
        _check(part, today)
    return stages


def _help(stages: Sequence[StageRows], wish: str) -> None:
    """rest:<key> gives a row what is left to 100%; scale:<stage> keeps proportions; equal:<stage> shares evenly."""
    what, _, target = wish.partition(":")
    part = next((part for part in stages if part.code == target.partition(".")[0]), None)
    if part is None or not part.rows:
        return
    suppliers = [row for row in part.rows if row.portion] or part.rows
    if what == "rest":
        rest = 1 - sum(row.portion or 0 for row in part.rows if row.key != target)
        for row in part.rows:
            if row.key == target and rest >= 0:
                row.share = percent_text(rest)
    elif what in ("scale", "equal"):
        parts = (
            [row.portion or 0 for row in suppliers] if what == "scale" and part.total > 0 else [1.0] * len(suppliers)
        )
        for row, share in zip(suppliers, _in_tenths(parts), strict=True):
            row.share = percent_text(share)


def _in_tenths(parts: Sequence[float]) -> list[float]:
    """Shares in proportion, to a tenth of a percent; the last takes what rounding leaves."""
    shares = [round(part / sum(parts), 3) for part in parts]
    return [*shares[:-1], round(1 - sum(shares[:-1]), 3)]


def _check(part: StageRows, today: date) -> None:
    for row in part.rows:
        if row.portion is None:
            row.problems["share"] = f"Give a percentage from 0 to 100; “{row.share}” is not one. 0 is a backup."
        if row.batch and row.batch_on is None:
            row.problems["batch"] = f"Give a date as year-month-day, such as 2026-03-31; “{row.batch}” is not one."
        elif row.batch_on and row.batch_on > today:
            row.problems["batch"] = f"Give a date that is not in the future; {row.batch} is."
        elif row.batch_on and row.batch_on.year < 1990:
            row.problems["batch"] = f"Give a date after 1990; {row.batch} is before."
        elif row.is_qualified and not row.batch:
            row.problems["batch"] = "A qualified establishment needs the date of its last batch."
    if not part.adds_up and not any("share" in row.problems for row in part.rows):
        off = part.total - 1
        more = f"{percent_text(abs(off))}% too {'much' if off > 0 else 'little'}"
        part.problem = f"The shares add up to {part.total_text}%, not 100%: {more}."
