"""Answers that are not attested yet, put in the place of those that count: what would the scorer say?"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from ratings.loaders import AGED_DATES, PLAN, STORED_FIELDS, Columns


def supposed(recorded: Columns, answers: Mapping[int, Mapping[str, Any]], quarter_end: date) -> Columns:
    """For `load(..., submissions=...)`. recorded: what `read_submissions` gave. answers: product id -> column of a
    submission -> value or None.

    As if attested: they take the place of the product's figures, unless a later quarter counts already.
    """
    quarter = np.datetime64(quarter_end, "D")
    later = set(recorded["product_id"][recorded["quarter_end"] > quarter].tolist())
    ids = sorted(set(answers) - later)
    kept = ~np.isin(recorded["product_id"], ids)
    given = _columns([answers[pk] for pk in ids]) | {
        "product_id": np.array(ids, dtype=np.int64),
        "quarter_end": np.full(len(ids), quarter),
    }
    return {name: np.concatenate([column[kept], given[name].astype(column.dtype)]) for name, column in recorded.items()}


def _columns(values: list[Mapping[str, Any]]) -> Columns:
    def column(name: str, missing: Any, kind: str) -> np.ndarray:
        return np.array([missing if row.get(name) is None else row[name] for row in values], dtype=kind)

    columns: Columns = {name: column(name, np.nan, "f8") for name in STORED_FIELDS}
    columns[f"{PLAN}_exists"] = column(f"{PLAN}_exists", -1, "i2")
    columns |= {name: column(name, np.datetime64("NaT"), "datetime64[D]") for name in AGED_DATES}
    return columns
