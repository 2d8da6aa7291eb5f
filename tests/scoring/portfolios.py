"""Portfolio documents to test with: one sound example, and random ones for property tests."""

import copy
import json
import random
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from ratings.scoring import AREAS, CLASSIFICATIONS, STAGES
from ratings.scoring.questionnaire import KPIS, FieldKind, Kpi

GOLDEN = Path(__file__).parent.parent / "golden"
FEIS = [f"300100000{number}" for number in range(6)]
_PARTS = 20  # shares are whole twentieths, so that their sums are exact enough


def golden(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))


def sound_portfolio() -> Any:
    """The two products of appendix B, free to be spoiled."""
    return copy.deepcopy(golden("appendix_b"))


# Random documents come from a seed and not from nested strategies, which took 20 times as long to draw.
rngs = st.integers(0, 2**32 - 1).map(random.Random)


def random_assessment(rng: random.Random) -> dict[str, Any]:
    completed_on = rng.choice(["2023-10-31", "2026-11-02", *["2024-02-29", "2026-01-10"] * 3])
    return {"completed_on": completed_on, "areas": {area: rng.randint(10, 50) / 10 for area in AREAS}}


def random_inspection(rng: random.Random) -> dict[str, Any]:
    return {
        "classification": rng.choice(CLASSIFICATIONS),
        "ended_on": rng.choice(["2025-09-12", "2026-03-03", "2026-12-01"]),
        "resolved_on": rng.choice([None, "2026-11-01", "2026-11-02"]),
    }


def random_establishment(rng: random.Random) -> dict[str, Any]:
    return {
        "country": rng.choice([None, "USA", "CAN", "IND", "IRL"]),
        "qmm": [random_assessment(rng) for _ in range(rng.choice([0, 1, 1, 1, 2]))],
        "inspections": [random_inspection(rng) for _ in range(rng.choice([0, 0, 1, 2]))],
    }


def random_stage(rng: random.Random, stage: str, least: int = 0) -> list[dict[str, Any]]:
    """The nodes of a stage, backups with share 0 among them."""
    feis = rng.sample(FEIS, rng.choice([number for number in (0, 1, 1, 1, 2, 2, 3) if number >= least]))
    cuts = sorted(rng.randint(0, _PARTS) for _ in feis[1:])
    shares = [(high - low) / _PARTS for low, high in zip([0, *cuts], [*cuts, _PARTS], strict=True)]
    return [
        {"stage": stage, "fei": fei, "share": share, "qualified": rng.random() < 0.7}
        for fei, share in zip(feis, shares, strict=False)
    ]


def random_answer(rng: random.Random, kpi: Kpi) -> dict[str, Any]:
    """A disclosed answer."""
    if kpi.is_counts:
        denominator = rng.randint(0 if kpi.may_not_apply else 1, 100)
        return {"numerator": rng.randint(0, denominator), "denominator": denominator}
    return {field.name: _random_figure(rng, kpi, field.kind) for field in kpi.fields}


def _random_figure(rng: random.Random, kpi: Kpi, kind: FieldKind) -> Any:
    figures = {
        FieldKind.AMOUNT: rng.choice([rng.randint(0, 400) / 2, rng.randint(0, 24) / 20]),
        FieldKind.SIGNED: rng.randint(-10, 20) / 20,
        FieldKind.HOURS: rng.randint(0, 168),
        FieldKind.WHOLE: rng.randint(0, 4),
        FieldKind.TICK: rng.random() < 0.5,
    }
    return rng.choice(kpi.answers) if kind is FieldKind.ANSWER else figures[kind]


def random_answers(rng: random.Random, withheld: float = 0.0) -> dict[str, Any]:
    return {
        kpi.code: {"state": "not_disclosed"} if rng.random() < withheld else random_answer(rng, kpi) for kpi in KPIS
    }


def random_product(rng: random.Random, ndc: str) -> dict[str, Any]:
    return {
        "ndc": ndc,
        "prior_band": rng.choice([None, 1, 2, 3, 4, 5]),
        "in_shortage": rng.random() < 0.3,
        "nodes": [node for stage in STAGES for node in random_stage(rng, stage)],
        "kpis": random_answers(rng, withheld=rng.choice([0, 0, 0.2, 0.5])),
    }


def random_portfolio(rng: random.Random, count: int = 1) -> dict[str, Any]:
    return {
        "methodology": "2026.1",
        "as_of": "2026-11-01",
        "establishments": {fei: random_establishment(rng) for fei in FEIS},
        "products": [random_product(rng, f"99900-{100 + number}") for number in range(count)],
    }


def portfolios(count: int = 1) -> st.SearchStrategy[dict[str, Any]]:
    return rngs.map(lambda rng: random_portfolio(rng, count))
