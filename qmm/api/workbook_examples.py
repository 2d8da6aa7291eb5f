"""A workbook of levels that came back, as it is told, for the schema."""

REPORT = {
    "case": 12,
    "closed": "",
    "changes": [
        {
            "cell": "Levels C6",
            "key": "BC1.level",
            "element": "BC1",
            "text": "level",
            "stored": "",
            "given": "4",
            "clashes": False,
        },
        {
            "cell": "Levels D3",
            "key": "MC2.notes",
            "element": "MC2",
            "text": "notes",
            "stored": "Goals on every board of the first line.",
            "given": "Goals on every board.",
            "clashes": True,
        },
    ],
    "findings": [
        {
            "cell": "Findings D3",
            "element": "BC1",
            "kind": "critical_gap",
            "text": "No forecast of the active ingredient beyond the quarter.",
            "evidence": "Supply plan 2026",
        }
    ],
    "plan": "eyJmb3JtIjozMX0:1vN0aQ:Q2hlY2tlZA",
}
STORE = {"plan": REPORT["plan"], "take": ["MC2.notes"]}
STORED = {"case": 12, "texts": 2, "findings": 1}
