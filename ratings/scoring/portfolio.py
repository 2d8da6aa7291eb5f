"""The portfolio file: checked as a whole, then turned into frames.

Source: methodology.md, "Portfolio format". All faults are found in one pass, each with its JSON path.
"""

import math
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from .frames import AREAS, CLASSIFICATIONS, STAGES, Frames, pack_country
from .json_cursor import Cursor, Fault, PortfolioError
from .methodology import Methodology, available_versions, load_methodology
from .questionnaire import KPI_BY_CODE, KPI_COLUMN, KPI_FIELDS, Field, FieldKind, Kpi

__all__ = ["Portfolio", "read_portfolio"]

_NOT_DISCLOSED, _NOT_APPLICABLE = "not_disclosed", "not_applicable"
_TITLE = ("title",)


@dataclass(frozen=True, slots=True)
class Portfolio:
    """A sound portfolio. Establishment ids in `frames` are positions in `feis`, product ids positions in `ndcs`."""

    methodology: Methodology
    as_of: date
    ndcs: tuple[str, ...]
    feis: tuple[str, ...]
    frames: Frames


def read_portfolio(document: Any, as_of: date | str | None = None) -> Portfolio:
    """Checks a decoded portfolio document; `as_of` replaces the document's own. PortfolioError lists every fault."""
    faults: list[Fault] = []
    given = () if as_of is None else ("as_of",)
    required = [name for name in ("methodology", "as_of", "establishments", "products") if name not in given]
    root = Cursor(document, "$", faults).fields(required, (*given, *_TITLE))
    methodology = _methodology(root["methodology"])
    day = as_of if isinstance(as_of, date) else _day_given(root["as_of"], as_of)

    rows = _Rows(has_establishments=isinstance(root["establishments"].value, dict))
    for fei, establishment in root["establishments"].entries():
        _read_establishment(fei, establishment, rows, methodology)
    for product in root["products"].items():
        _read_product(product, rows, methodology)
    if faults or day is None:
        raise PortfolioError(faults)
    return Portfolio(methodology, day, tuple(rows.ndcs), tuple(rows.feis), rows.frames())


@dataclass(slots=True)
class _Rows:
    """What has been read so far, row by row."""

    has_establishments: bool  # without, no FEI can be known, and that is one fault
    feis: dict[str, int] = field(default_factory=dict)
    countries: list[int] = field(default_factory=list)
    assessments: list[tuple[int, date | None, list[float]]] = field(default_factory=list)
    inspections: list[tuple[int, int, date | None, date | None]] = field(default_factory=list)
    ndcs: dict[str, int] = field(default_factory=dict)
    products: list[tuple[int, bool]] = field(default_factory=list)  # prior band, in shortage
    kpis: list[list[float]] = field(default_factory=list)
    nodes: list[tuple[int, int, int, float, bool]] = field(default_factory=list)

    def frames(self) -> Frames:
        prior_band, in_shortage = _columns(self.products, 2)
        product, stage, establishment, share, qualified = _columns(self.nodes, 5)
        assessed, completed_on, levels = _columns(self.assessments, 3)
        inspected, outcome, ended_on, resolved_on = _columns(self.inspections, 4)
        return Frames(
            product_ids=np.arange(len(self.products), dtype=np.int64),
            prior_band=np.array(prior_band, dtype=np.int8),
            in_shortage=np.array(in_shortage, dtype=bool),
            kpis=np.array(self.kpis, dtype=float).reshape(-1, len(KPI_FIELDS)),
            node_product=np.array(product, dtype=np.int32),
            node_stage=np.array(stage, dtype=np.int8),
            node_establishment=np.array(establishment, dtype=np.int32),
            node_share=np.array(share, dtype=float),
            node_qualified=np.array(qualified, dtype=bool),
            establishment_ids=np.arange(len(self.feis), dtype=np.int64),
            country=np.array(self.countries, dtype=np.int32),
            assessment_establishment=np.array(assessed, dtype=np.int32),
            assessment_completed_on=np.array(completed_on, dtype="datetime64[D]"),
            assessment_levels=np.array(levels, dtype=float).reshape(-1, len(AREAS)),
            inspection_establishment=np.array(inspected, dtype=np.int32),
            inspection_class=np.array(outcome, dtype=np.int8),
            inspection_ended_on=np.array(ended_on, dtype="datetime64[D]"),
            inspection_resolved_on=np.array(resolved_on, dtype="datetime64[D]"),
        )


def _columns(rows: list[tuple], width: int) -> list[list]:
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]


def _methodology(cursor: Cursor) -> Methodology:
    """The named methodology; with an unknown one the rest is checked by the newest, so that all faults show."""
    version = cursor.one_of(available_versions())
    return load_methodology(version or available_versions()[-1])


def _day_given(in_document: Cursor, instead: str | None) -> date | None:
    if instead is None:
        return in_document.day()
    return Cursor(instead, "--as-of", in_document.faults).day()


def _read_establishment(fei: str, cursor: Cursor, rows: _Rows, methodology: Methodology) -> None:
    row = rows.feis[fei] = len(rows.feis)
    parts = cursor.fields(("country", "qmm", "inspections"), _TITLE)
    rows.countries.append(_country(parts["country"]))
    for item in parts["qmm"].items():
        assessment = item.fields(("completed_on", "areas"))
        completed_on = assessment["completed_on"].day()
        areas = assessment["areas"].fields(AREAS)
        levels = [areas[area].number(*methodology.limits.level) or math.nan for area in AREAS]
        rows.assessments.append((row, completed_on, levels))
    for item in parts["inspections"].items():
        inspection = item.fields(("classification", "ended_on", "resolved_on"))
        outcome = inspection["classification"].one_of(CLASSIFICATIONS)
        ended_on, resolved_on = inspection["ended_on"].day(), inspection["resolved_on"].day(or_null=True)
        rows.inspections.append((row, CLASSIFICATIONS.index(outcome) if outcome else 0, ended_on, resolved_on))


def _country(cursor: Cursor) -> int:
    if cursor.value is None:
        return 0
    try:
        if isinstance(cursor.value, str) and cursor.value:
            return pack_country(cursor.value)
    except ValueError:
        pass
    cursor.expect("an ISO 3166 alpha-3 country code such as USA, or null if unknown")
    return 0


def _read_product(cursor: Cursor, rows: _Rows, methodology: Methodology) -> None:
    row = len(rows.products)
    parts = cursor.fields(("ndc", "prior_band", "in_shortage", "nodes", "kpis"), _TITLE)
    ndc = parts["ndc"].text()
    if ndc in rows.ndcs:
        parts["ndc"].fault(f"repeats the NDC of product {rows.ndcs[ndc]}; expected each NDC once")
    elif ndc:
        rows.ndcs[ndc] = row
    prior_band = 0.0
    if parts["prior_band"].value is not None:
        prior_band = parts["prior_band"].number(1, methodology.bands[-1].number, whole=True) or 0.0
    rows.products.append((int(prior_band), bool(parts["in_shortage"].boolean())))
    _read_nodes(parts["nodes"], row, rows, methodology)
    rows.kpis.append(_read_kpis(parts["kpis"], methodology))


def _read_nodes(cursor: Cursor, row: int, rows: _Rows, methodology: Methodology) -> None:
    """Shares are added up only where every node could be placed and every share of the stage is sound."""
    shares: dict[str, list[float | None]] = {}
    all_placed = True
    seen: set[tuple[str, str]] = set()
    for item in cursor.items():
        parts = item.fields(("stage", "fei", "share", "qualified"))
        stage = parts["stage"].one_of(STAGES)
        fei = parts["fei"].text()
        share = parts["share"].number(*methodology.limits.share, slack=methodology.tolerance.comparison)
        qualified = parts["qualified"].boolean()
        if fei and rows.has_establishments and fei not in rows.feis:
            parts["fei"].fault(f"unknown FEI {fei}; expected one of the establishments of this file")
        if stage is None:
            all_placed = False
            continue
        if fei and (stage, fei) in seen:
            parts["fei"].fault(f"FEI {fei} appears twice at stage {stage}; expected once")
            share = None  # what the stage adds up to is anyone's guess
        seen.add((stage, fei or ""))
        shares.setdefault(stage, []).append(share)
        rows.nodes.append((row, STAGES.index(stage), rows.feis.get(fei or "", 0), share or 0.0, bool(qualified)))
    if all_placed:
        _check_sums(cursor, shares, methodology)


def _check_sums(cursor: Cursor, shares: dict[str, list[float | None]], methodology: Methodology) -> None:
    allowed = methodology.tolerance.share_sum
    for stage, given in shares.items():
        known = [share for share in given if share is not None]
        total = math.fsum(known)
        if len(known) == len(given) and abs(total - 1.0) > allowed + methodology.tolerance.comparison:
            cursor.fault(f"the shares of stage {stage} add up to {total:.6g}; expected 1 within {allowed:g}")


def _read_kpis(cursor: Cursor, methodology: Methodology) -> list[float]:
    figures = [math.nan] * len(KPI_FIELDS)
    for code, item in cursor.entries():
        kpi = KPI_BY_CODE.get(code)
        if kpi is None:
            item.fault(f"unknown KPI; expected one of {', '.join(KPI_BY_CODE)}")
            continue
        for column, value in _read_kpi(kpi, item, methodology).items():
            figures[KPI_COLUMN[column]] = value
    return figures


def _read_kpi(kpi: Kpi, cursor: Cursor, methodology: Methodology) -> dict[str, float]:
    """The figures of one question by column; empty if it is not disclosed."""
    if isinstance(cursor.value, dict) and "state" in cursor.value:
        state = cursor.fields(("state",))["state"]
        states = (_NOT_DISCLOSED, _NOT_APPLICABLE) if kpi.may_not_apply else (_NOT_DISCLOSED,)
        nothing_to_count = state.one_of(states) == _NOT_APPLICABLE
        return {part.column: 0.0 for part in kpi.fields} if nothing_to_count else {}
    names = [part.name for part in kpi.fields]
    if kpi.optional_fields and cursor.value == {}:
        cursor.fault(f'expected {", ".join(names)}, or {{"state": "{_NOT_DISCLOSED}"}}, found an empty object')
    parts = cursor.fields(() if kpi.optional_fields else names, names if kpi.optional_fields else ())
    if not isinstance(cursor.value, dict):
        return {}
    figures = {part.column: _read_figure(kpi, part, parts[part.name], methodology) for part in kpi.fields}
    if kpi.is_counts:
        _check_counts(kpi, parts, list(figures.values()))
    return {column: value for column, value in figures.items() if value is not None}


def _read_figure(kpi: Kpi, part: Field, cursor: Cursor, methodology: Methodology) -> float | None:
    if part.kind is FieldKind.TICK:
        return 0.0 if cursor.is_absent else float(bool(cursor.boolean()))  # a missing tick is false
    if part.kind is FieldKind.ANSWER:
        answer = cursor.one_of(kpi.answers)
        return None if answer is None else float(kpi.answers.index(answer))
    if part.kind is FieldKind.HOURS:
        return cursor.number(*methodology.limits.hours_per_week)
    if part.kind is FieldKind.SIGNED:
        return cursor.number()
    return cursor.number(0, whole=part.kind is FieldKind.WHOLE)


def _check_counts(kpi: Kpi, parts: dict[str, Cursor], figures: list[float | None]) -> None:
    numerator, denominator = figures
    if numerator is None or denominator is None:
        return
    if denominator == 0 and not (kpi.may_not_apply and numerator == 0):
        parts["denominator"].fault("is 0; expected more than 0")
    elif numerator > denominator:
        parts["numerator"].fault(f"{numerator:g} is larger than the denominator {denominator:g}; expected at most that")
