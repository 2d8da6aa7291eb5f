"""Calibration cases as the program office meets them, for the schema."""

CASE_PATCH = {
    "elements": {
        "MC1": {
            "seen": "Goals hang at every line; nobody at the line could say who follows them.",
            "panel_level": 3,
            "panel_reason": "Goals are set and shown; what is missed has no owner.",
        },
        "TE1": None,
    }
}
ROW = {
    "id": 4,
    "title": "Two lines, one expert",
    "state": "published",
    "elements": 5,
    "submitted": 3,
    "begun": 1,
    "alpha": 0.7812,
    "published_at": "2026-11-23T15:00:00-05:00",
    "retired_at": None,
}
CASE = {
    "id": 4,
    "state": "draft",
    "title": "Two lines, one expert",
    "setting": "A plant of 240 people that fills two sterile products.",
    "panel": "",
    "updated_at": "2026-11-23T14:40:00-05:00",
    "published_at": None,
    "retired_at": None,
    "rubric": "2026.1",
    "etag": 'W/"1f2e3d4c5b6a79880a1b2c3d"',
    "missing": [{"element": None, "member": "panel", "detail": "Say who gave the reference levels, and how."}],
    "elements": [{"element": "MC1", "name": "Quality culture and leadership", **CASE_PATCH["elements"]["MC1"]}],
}
PUBLISHED = {
    **CASE,
    "state": "published",
    "panel": "Three assessors of long standing, each alone, then together.",
    "published_at": "2026-11-23T15:00:00-05:00",
    "missing": [],
}
RETIRED = {**PUBLISHED, "state": "retired", "retired_at": "2027-11-22T10:00:00-05:00"}
RESULTS = {
    "id": 4,
    "alpha": {"value": 0.7812, "low": None, "high": None},
    "results": [
        {
            "assessor": "Aron Pryce",
            "submitted_at": "2026-12-01T11:00:00-05:00",
            "levels": [{"element": "MC1", "level": 4, "gap": 1}],
        }
    ],
    "open": ["Lena Brandt"],
}
