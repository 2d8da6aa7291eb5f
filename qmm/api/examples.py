"""Answers as they look, for the schema."""

from drf_spectacular.utils import OpenApiExample

ROW = {
    "id": 3,
    "name": "Halden Plant 2",
    "country": "USA",
    "fei": "3001000001",
    "duns": ["123456789"],
    "owner": "Halden Group",
    "operations": "MANUFACTURE; PACK; ANALYSIS",
    "registration_expires_on": "2026-12-31",
}
LEVELS = {
    "management_commitment": 3.5,
    "business_continuity": 2.75,
    "advanced_pqs": 3.167,
    "technical_excellence": 3.0,
    "employee_engagement": 3.333,
}
DETAIL = {
    **ROW,
    "address": "1 Plant Road, Springfield",
    "is_synthetic": True,
    "assessments": [{"completed_on": "2026-03-04", "levels": LEVELS, "imported_from": None, "assessed_by": None}],
    "inspections": [{"classification": "VAI", "ended_on": "2025-09-19", "resolved_on": None}],
    "evidence": [
        {
            "kind": "hirc_badge",
            "result": "Resilient",
            "issuer": "HIRC",
            "dated_on": "2026-02-01",
            "valid_until": None,
        }
    ],
}
FOUND = {
    **{name: ROW[name] for name in ("id", "name", "country", "fei", "duns")},
    "address": "1 Plant Road, Springfield",
}
RUBRIC_ROW = {
    "version": "2026.1",
    "in_force_from": "2026-11-23T09:00:00-05:00",
    "in_force_to": None,
    "note": "The first version.",
}
RUBRIC = {
    **RUBRIC_ROW,
    "areas": [
        {
            "code": "employee_engagement",
            "label": "Employee engagement",
            "elements": [
                {
                    "code": "EE2",
                    "name": "Empowerment and ownership",
                    "looked_for": "How much those who do the work may decide about it, and whether they do.",
                    "questions": [{"ask": "engineering", "text": "Which problem did a team solve without you?"}],
                    "levels": [
                        {
                            "level": 1,
                            "name": "Reactive",
                            "anchor": "Decisions wait for a supervisor or the quality unit.",
                            "evidence": ["Decisions escalated during one observed shift"],
                        }
                    ],
                }
            ],
        }
    ],
}


def answer(value: dict) -> OpenApiExample:
    return OpenApiExample("An answer", response_only=True, status_codes=["200"], value=value)
