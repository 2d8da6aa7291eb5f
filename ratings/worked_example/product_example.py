"""An example made of one product as it stands on a day, for its maker to try things on."""

import math
from collections.abc import Mapping
from typing import Any

from ratings import figures
from ratings.scoring import AREAS, STAGES, EffectiveInputs, Methodology, unpack_country
from ratings.scoring.questionnaire import KPIS, FieldKind, Kpi
from ratings.worked_example.questions import questions
from ratings.worked_example.settings import Example, shortage_tick
from ratings.worked_example.supply import OAI, product_stages, sites


def product_example(
    inputs: EffectiveInputs,
    ndc: str,
    as_of: str,
    methodology: Methodology,
    names: Mapping[int, str],
    hidden: frozenset[int],
) -> Example:
    """Of the one product of `inputs`, masked for the reader (ratings/planner/masking.py); `hidden` are the sites of
    other firms, whose maturity cannot be moved."""
    document = portfolio_document(inputs, ndc, as_of, methodology, names)
    unknown = frozenset(map(str, hidden))
    return Example(
        "this product",
        "as it stands",
        document,
        0,
        tuple(questions(document, 0, methodology)),
        tuple(sites(document, 0, methodology, unknown)),
        tuple(product_stages(document, unknown, methodology)),
        None,
        shortage_tick(document["products"][0]),
        {},
        hides_levels=any(
            node["fei"] in unknown and node["stage"] in methodology.qmm.stage_weights
            for node in document["products"][0]["nodes"]
        ),
    )


def portfolio_document(
    inputs: EffectiveInputs, ndc: str, as_of: str, methodology: Methodology, names: Mapping[int, str]
) -> dict[str, Any]:
    """The portfolio format of what decides the result, with establishments by their id in the register."""
    establishments, nodes = {}, []
    columns = (
        inputs.node_stage,
        inputs.node_establishment_id,
        inputs.node_share,
        inputs.node_qualified,
        inputs.node_country,
        inputs.node_level,
        inputs.node_oai,
    )
    for stage, site, share, qualified, country, level, under_action in zip(
        *(column.tolist() for column in columns), strict=True
    ):
        fei = str(site)
        nodes.append({"stage": STAGES[stage], "fei": fei, "share": share, "qualified": qualified})
        areas = {"completed_on": as_of, "areas": dict.fromkeys(AREAS, level)}
        action = {"classification": OAI, "ended_on": as_of, "resolved_on": None}
        establishments[fei] = {
            "title": names.get(site, f"Establishment {fei}"),
            "country": unpack_country(country),
            "qmm": [] if math.isnan(level) else [areas],
            "inspections": [action] if under_action else [],
        }
    product = {
        "ndc": ndc,
        "prior_band": int(inputs.prior_band[0]) or None,
        "in_shortage": bool(inputs.in_shortage[0]),
        "nodes": nodes,
        "kpis": {kpi.code: _answer(kpi, figures.answer(kpi.code, inputs.kpis[0])) for kpi in KPIS},
    }
    return {
        "methodology": methodology.version,
        "as_of": as_of,
        "establishments": establishments,
        "products": [product],
    }


def _answer(kpi: Kpi, values: tuple[float, ...]) -> dict[str, Any]:
    if not figures.is_disclosed(values) or (kpi.is_counts and math.isnan(sum(values))):
        return {"state": "not_disclosed"}
    if kpi.is_counts and values[1] == 0:
        return {"state": "not_applicable"}
    return {
        field.name: _value(kpi, field.kind, value)
        for field, value in zip(kpi.fields, values, strict=True)
        if not math.isnan(value)
    }


def _value(kpi: Kpi, kind: FieldKind, value: float) -> Any:
    if kind is FieldKind.ANSWER:
        return kpi.answers[int(value)]
    if kind is FieldKind.TICK:
        return value > 0
    return int(value) if value == int(value) else value
