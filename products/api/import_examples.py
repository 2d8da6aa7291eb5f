"""Imports of earlier assessments as they look, for the schema."""

SHA256 = "9f2c4d1be0a75d36c8a1f4e27b60d9c35a8e41f07d2b6c93e5a0f8d714c2b6e9"
LEVELS = {
    "management_commitment": 4.5,
    "business_continuity": 4.0,
    "advanced_pqs": 3.5,
    "technical_excellence": 3.0,
    "employee_engagement": 4.125,
}
IMPORT = {
    "id": 7,
    "kind": "spreadsheet",
    "source": "plants.csv",
    "sha256": SHA256,
    "assessments": 40,
    "imported_by": "Omar Keller",
    "imported_at": "2026-11-23T11:00:00-05:00",
}
FDA_REPORT = {"number": "3001000002", "report": "QMM-2026-7", "completed_on": "2026-03-04", "levels": LEVELS}
FDA_IMPORT = {**IMPORT, "id": 8, "kind": "fda_report", "source": "QMM-2026-7", "sha256": "", "assessments": 1}
FAULT = {
    "sheet": "",
    "row": 3,
    "column": "I",
    "heading": "Employee engagement",
    "found": "9",
    "wrong": "It is no level.",
    "expected": "A number from 1 to 5, at most three decimals",
}
CHECK = {
    "name": "plants.csv",
    "sha256": SHA256,
    "fault_count": 1,
    "faults": [FAULT],
    "assessments": [
        {
            "row": 2,
            "establishment": 5,
            "name": "Ashvale Chemicals",
            "completed_on": "2026-03-04",
            "assessed_by": "Quill Assessors",
            "levels": LEVELS,
            "elements": {},
        }
    ],
    "establishments": 1,
}
