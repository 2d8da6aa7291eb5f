"""Benchmarks: `make bench`. Never timed tests, for these depend on the machine and its neighbours."""

MEASURES = (
    "recompute",
    "freshness",
    "writes",
    "imports",
    "orders",
    "workbook",
    "api",
    "pages",
    "planner",
    "firm",
    "assessments",
)
