"""Answers as they look, for the schema."""

from products.api.examples import PRODUCT_ROW

RESULT = {
    "status": "rated",
    "score": 58.4,
    "band": 2,
    "band_label": "Low",
    "methodology": "2026.1",
    "as_of": "2026-11-22",
}
ROW = {
    **PRODUCT_ROW,
    **RESULT,
    "coverage": 0.972,
    "gates": ["single_point_of_failure"],
    "in_shortage": False,
    "is_on_watch": False,
    "under_review": False,
    "under_review_since": None,
    "published_at": "2026-11-22T05:30:00Z",
    "verified_at": "2026-11-22T20:00:00Z",
}
DOMAINS = [
    {"code": "qmm", "label": "QMM of establishments", "weight": 0.4, "word": "Moderate", "points_lost": 17},
    {"code": "inventory", "label": "Inventory and safety stock", "weight": 0.12, "word": "Low", "points_lost": 25},
]
GATES = [
    {
        "code": "single_point_of_failure",
        "label": "Single point of failure",
        "reason": "At most one API source, at most one finished-dose source, no second line, and too little stock.",
        "caps_at": 2,
        "binds": True,
    }
]
DETAIL = {
    **ROW,
    "status_label": "Rated",
    "points_lost": 42,
    "domains": DOMAINS,
    "gate_reasons": GATES,
    "enrolment": {
        "organisation": "Halden Group",
        "enrolled_on": "2025-01-01",
        "withdrawn_on": None,
        "suspended_on": None,
    },
    "preview": None,
}
HISTORY = {
    "ndc": "099901-0101",
    "results": [
        {
            "at": "2026-10-12T19:00:00Z",
            "as_of": "2026-10-12",
            "methodology": "2026.1",
            "status": "rated",
            "score": 58.4,
            "band": 2,
            "band_label": "Low",
            "change": -2.1,
            "causes": [{"domain": "inventory", "text": "Inventory declined"}],
        }
    ],
}
EXPLANATION = {
    "ndc": "099901-0101",
    **RESULT,
    "points_lost": 42,
    "domains": DOMAINS,
    "gate_reasons": GATES,
    "figures": None,
    "disclosed": {
        "by": "Halden Group",
        "kpis": [
            {
                "code": "fill_rate",
                "label": "Fill rate",
                "reported": "98.2% (98,200 of 100,000)",
                "last_day": "2027-03-31",
            }
        ],
        "supply": None,
        "maturity": None,
    },
}
MOLECULE = {
    "molecule": "CISPLATIN",
    "products": 14,
    "enrolled": 2,
    "manufacturers": 1,
    "rated": 2,
    "lowest_score": 58.4,
    "best_score": 80.1,
    "bands": [{"band": 4, "label": "High", "products": 1}, {"band": 2, "label": "Low", "products": 1}],
    "in_shortage": 0,
}
LOOKUP = {
    "found": 1,
    "unknown": 0,
    "ambiguous": 0,
    "invalid": 1,
    "results": [
        {
            "given": "99901-101-01",
            "status": "found",
            "read_as": "099901-0101-01",
            "rating": ROW,
            "candidates": [],
            "reason": None,
        },
        {
            "given": "x",
            "status": "invalid",
            "read_as": None,
            "rating": None,
            "candidates": [],
            "reason": "'x' is no NDC: give digits with or without dashes, such as 0002-0800-01.",
        },
    ],
}
TRIED = {
    "status": "rated",
    "score": 29.8,
    "band": 1,
    "band_label": "Very low",
    "gates": ["single_point_of_failure"],
    "coverage": 1.0,
    "points_lost": {"qmm": 8.0283, "inventory": 14.7021},
}
PLANNED = {"ndc": "099901-0202", "methodology": "2026.1", "as_of": "2026-11-22"}
INPUTS = {
    **PLANNED,
    "inputs": [
        {
            "name": "days_inventory_on_hand",
            "label": "Days of inventory on hand",
            "kind": "number",
            "value": "18",
            "lowest": "0",
            "highest": "225",
            "unit": "days",
            "choices": [],
        }
    ],
}
WHAT_IF = {
    **PLANNED,
    "changes": {"days_inventory_on_hand": "120"},
    "before": TRIED,
    "after": {**TRIED, "score": 34.2, "gates": [], "points_lost": {"qmm": 8.5309, "inventory": 9.1142}},
    "change": 4.4,
}
SCENARIO = {
    "id": 7,
    "ndc": "099901-0202",
    "name": "More stock",
    "changes": {"days_inventory_on_hand": "120"},
    "methodology": "2026.1",
    "created_by": "Manufacturer editor",
    "created_at": "2026-11-22T20:00:00Z",
}
DEPENDENTS = {
    "establishment": 3,
    "products": 1,
    "rated": 1,
    "molecules": 1,
    "without_other": 0,
    "by_molecule": [{"molecule": "CISPLATIN", "products": 1}],
    "page": 1,
    "pages": 1,
    "results": [
        {
            "ndc": "099901-0101",
            "display_ndc": "99901-101",
            "name": "Cisplatin",
            "molecule": "CISPLATIN",
            "roles": [{"stage": "Fill and finish", "share": None, "is_backup": False, "is_only": False}],
        }
    ],
}
