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

OWN_SCORE = {
    "element": "EE2",
    "level": 3,
    "notes": "Stop rule in SOP-118; two stops in the log of the second shift.",
    "updated_at": "2026-11-23T14:05:00-05:00",
    "etag": 'W/"5f0c1b2a3d4e5f60718293a4"',
}
OWN_SCORES = {
    "case": 12,
    "rubric": "2026.1",
    "finished_at": None,
    "closed": "",
    "open": ["EE3"],
    "results": [
        OWN_SCORE,
        {"element": "EE3", "level": None, "notes": "", "updated_at": None, "etag": 'W/"a1b2c3d4e5f60718293a4b5c"'},
    ],
}


FIGURE = {
    "code": "",
    "assessments": 42,
    "assessors": 9,
    "pairs_of_levels": 838,
    "alpha": {"value": 0.8312, "low": 0.8015, "high": 0.8574},
    "kappa": {"value": 0.8335, "low": 0.8041, "high": 0.8592},
    "icc": {"value": 0.8329, "low": 0.8033, "high": 0.8588},
}
AGREEMENT = {
    "cycle": 2026,
    "target": 0.8,
    "assessments": 42,
    "overall": FIGURE,
    "areas": [{**FIGURE, "code": "employee_engagement", "pairs_of_levels": 126}],
    "elements": [{**FIGURE, "code": "EE2", "pairs_of_levels": 42}],
    "cycles": [2026, 2025],
    "computed_at": "2026-11-23T07:15:00Z",
}

DRIFT = {
    "source": "assessments",
    "cycle": None,
    "assessments": 21,
    "partners": 5,
    "pairs_of_levels": 420,
    "drift": 0.31,
    "low": 0.22,
    "high": 0.4,
    "is_clear": True,
}
AGREEMENT_PEOPLE = {
    "cycle": None,
    "pairs": [
        {
            "first": "Lena Ruiz",
            "second": "Aron Beck",
            "assessments": 8,
            "pairs_of_levels": 160,
            **{name: FIGURE[name] for name in ("alpha", "kappa", "icc")},
        }
    ],
    "assessors": [{"assessor": "Aron Beck", **DRIFT}],
}
OWN_DRIFT = {"results": [DRIFT]}

SPREAD = {"low": 2.8, "median": 3.1, "high": 3.6}
REPORT = {
    "case": 12,
    "status": "final",
    "is_voided": False,
    "is_synthetic": True,
    "establishment": {
        "id": 3,
        "name": "Halden Plant 2",
        "fei": "3001000001",
        "address": "1 Plant Road, Springfield",
        "country": "USA",
        "organization": "Halden Group",
    },
    "rubric": "2026.1",
    "visit": {"from": "2026-09-01", "to": "2026-09-04"},
    "completed_on": "2026-11-02",
    "valid_until": "2029-11-02",
    "assessors": ["Lena Ruiz, Northgate Assessors", "Aron Beck, Northgate Assessors"],
    "qmm": 63.0,
    "mean_level": 3.15,
    "areas": [
        {
            "code": "employee_engagement",
            "label": "Employee engagement",
            "level": 3.333,
            "previous_level": 3.0,
            "peers": SPREAD,
            "elements": [
                {
                    "code": "EE2",
                    "name": "Empowerment and ownership",
                    "level": 1,
                    "previous_level": 1,
                    "text": "Decisions on the second shift wait for the quality unit.",
                    "reached": RUBRIC["areas"][0]["elements"][0]["levels"][0],
                    "next": None,
                    "peers": SPREAD,
                }
            ],
        }
    ],
    "findings": [
        {
            "kind": "opportunity",
            "element": "EE2",
            "text": "A stop rule for operators is drafted and not in force.",
            "evidence": "SOP-118, draft of August 2026",
        }
    ],
    "fact_check": {"is_finished": True, "comments": 3, "answered": 3, "corrected": 1, "partly": 1, "kept": 1},
    "previous": {"completed_on": "2023-10-12", "qmm": 58.2},
    "peers": {"organizations": 14, "as_of": "2026-10-01"},
    "summary": ["The establishment’s quality management maturity is 63.0 of 100."],
}


ACTION = {
    "number": 1,
    "element": "BC2",
    "what": "A second qualified source for each of the five critical excipients, with a tested switch.",
    "responsible": "Dana Ruiz, supply planning",
    "due_on": "2027-06-30",
    "target": 3,
    "standing": "under_way",
    "done_on": None,
    "files": 0,
    "changes": [
        {"field": "added", "old": "", "new": "Due 2027-06-30", "note": "", "at": "2026-11-23T10:00:00-05:00"},
        {"field": "standing", "old": "Planned", "new": "Under way", "note": "", "at": "2027-01-11T09:30:00-05:00"},
    ],
    "etag": 'W/"0f1e2d3c4b5a697887960fab"',
}
PLAN = {
    "case": 12,
    "sent_at": "2026-11-23T10:00:00-05:00",
    "no_action": "",
    "valid_until": "2029-10-02",
    "counts": True,
    "actions": [ACTION],
}


def answer(value: dict) -> OpenApiExample:
    return OpenApiExample("An answer", response_only=True, status_codes=["200"], value=value)
