"""Answers as they look, for the schema."""

from drf_spectacular.utils import OpenApiExample

PRODUCT_ROW = {
    "ndc": "099901-0101",
    "display_ndc": "99901-101",
    "labeler_name": "Halden Sterile",
    "proprietary_name": "",
    "nonproprietary_name": "cisplatin",
    "molecule": "CISPLATIN",
    "dosage_form": "INJECTION, SOLUTION",
    "route": "INTRAVENOUS",
    "strength": "1 mg/mL",
}
PRODUCT = {
    **PRODUCT_ROW,
    "substances": ["CISPLATIN"],
    "product_type": "HUMAN PRESCRIPTION DRUG",
    "marketing_category": "ANDA",
    "application_number": "ANDA000001",
    "certified_through": "2027-12-31",
    "last_seen_on": "2026-11-20",
    "is_synthetic": True,
    "packages": [
        {
            "ndc": "099901-0101-01",
            "display_ndc": "99901-101-01",
            "description": "1 VIAL in 1 CARTON / 50 mL in 1 VIAL",
            "marketing_starts_on": "2020-01-15",
            "marketing_ends_on": None,
            "is_sample": False,
            "last_seen_on": "2026-11-20",
        }
    ],
}
SHORTAGE = {
    "id": 17,
    "package_ndc": "099901-0101-01",
    "product_ndc": "099901-0101",
    "status": "current",
    "changed_on": "2026-10-02",
    "generic_name": "Cisplatin Injection",
    "company_name": "Halden Sterile",
    "presentation": "1 mg/mL, 50 mL vial",
    "reason": "Demand increase for the drug",
    "availability": "Limited",
    "therapeutic_category": "Oncology",
    "posted_on": "2026-09-14",
    "discontinued_on": None,
    "last_seen_on": "2026-11-20",
    "is_synthetic": True,
}
GRANT = {
    "id": 12,
    "firm": "Halden Group",
    "ndc": "099901-0101",
    "recipient": "Northwind Hospitals",
    "to_all_purchasers": False,
    "kpis": ["fill_rate", "on_time_delivery"],
    "shows_supply": True,
    "shows_maturity": False,
    "valid_from": "2026-12-01",
    "valid_to": "2027-04-01",
    "reason": "Contract of 2027",
    "granted_at": "2026-11-22T21:00:00Z",
    "withdrawn_at": None,
}
GRANT_REQUEST = {
    "ndcs": ["099901-0101"],
    "recipient": "Northwind Hospitals",
    "kpis": ["fill_rate", "on_time_delivery"],
    "shows_supply": True,
    "valid_from": "2026-12-01",
    "valid_to": "2027-04-01",
    "reason": "Contract of 2027",
}
GRANT_RECEIVED = {name: value for name, value in GRANT.items() if name != "reason"}
LOOK = {
    "at": "2026-11-23T11:00:00-05:00",
    "organization": "Northwind Hospitals",
    "person": None,
    "what": "NDC 099901-0101",
}
GIVEN = {"results": [GRANT], "answered_request": None}
ASK = {
    "ndcs": ["99901-101"],
    "kpis": ["fill_rate", "on_time_delivery"],
    "shows_supply": True,
    "why": "We are choosing a second source for 2027.",
}
ASKED = {
    "id": 5,
    "firm": "Halden Group",
    "asking": "Northwind Hospitals",
    "ndc": "099901-0101",
    "display_ndc": "99901-101",
    "kpis": ["fill_rate", "on_time_delivery"],
    "shows_supply": True,
    "shows_maturity": False,
    "why": "We are choosing a second source for 2027.",
    "asked_at": "2026-11-22T21:00:00Z",
    "state": "open",
    "answer": "",
    "answered_at": None,
}
OWN_REQUEST = {**ASKED, "asked_by": "Nora Voss", "disclosed": None}
RECEIVED_REQUEST = {**ASKED, "answered_by": None, "grant": None}
DECLINE = {"answer": "Only under a supply agreement."}
DECLINED_REQUEST = {
    **RECEIVED_REQUEST,
    **DECLINE,
    "state": "declined",
    "answered_at": "2026-11-23T09:00:00Z",
    "answered_by": "Ada Attestor",
}
QUESTIONNAIRE = {
    "sections": [
        {
            "code": "demand_and_supply",
            "team": "Demand and supply planning",
            "asks": "How long patients are supplied when making stops, and how often orders are met in full.",
            "questions": [
                {
                    "code": "shelf_life_months",
                    "label": "Shelf life",
                    "kind": "figure",
                    "definition": "Approved shelf life from manufacture to expiry under labeled storage.",
                    "formula": "Months; if packages differ, the shortest",
                    "window": "At the quarter's end.",
                    "exclusions": "Extensions that are requested and not yet approved.",
                    "example": "24 months.",
                    "state_name": "shelf_life_months_state",
                    "states": ["reported", "not_disclosed"],
                    "may_not_apply": False,
                    "warnings": ["shelf_life_months.size", "shelf_life_months.jump"],
                    "fields": [
                        {
                            "name": "shelf_life_months",
                            "label": "Approved",
                            "kind": "number",
                            "unit": "months",
                            "hint": "",
                            "lowest": 0,
                            "highest": 1200,
                            "is_required": True,
                            "wanted": "a number from 0 to 1,200, such as 45.5",
                        }
                    ],
                }
            ],
        }
    ],
    "longest_answer": 60,
    "longest_note": 2000,
    "json_schema": {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "shelf_life_months": {
                "title": "Shelf life: Approved",
                "type": ["number", "null"],
                "minimum": 0,
                "maximum": 1200,
            },
            "shelf_life_months_state": {
                "title": "Shelf life: whether it is withheld",
                "enum": [None, "reported", "not_disclosed"],
            },
        },
        "additionalProperties": False,
    },
}
DRAFT_ROW = {
    "ndc": "099901-0101",
    "display_ndc": "99901-101",
    "name": "cisplatin",
    "quarter_end": "2026-09-30",
    "due_on": "2026-11-14",
    "duty": "late",
    "state": "draft",
    "version": 4,
    "answered": 2,
    "questions_in_all": 18,
    "updated_at": "2026-11-22T21:00:00Z",
    "updated_by": "Ada Editor",
    "etag": 'W/"5f0c2d4e8a9b1c3d7e6f0a12"',
}
WARNING = {
    "code": "fill_rate.jump",
    "question": "fill_rate",
    "detail": "It was 97.5% last time and is 84% now.",
    "note": "A line stood still for six weeks.",
}
DRAFT = {
    **DRAFT_ROW,
    "answers": {
        "fill_rate_numerator": 84000,
        "fill_rate_denominator": 100000,
        "fill_rate_state": None,
        "contribution_margin": None,
        "contribution_margin_state": "not_disclosed",
    },
    "notes": {"fill_rate.jump": "A line stood still for six weeks."},
    "questions": [
        {
            "code": "fill_rate",
            "section": "demand_and_supply",
            "state": "reported",
            "words": "84% (84,000 of 100,000 units)",
            "before": "97.5% (97,500 of 100,000 units)",
            "rate": {"share": 0.84, "low": 0.837716, "high": 0.842258},
            "sources": ["Order system, by API (token “Night import”)"],
            "edited": {"by": "Ada Editor", "at": "2026-11-22T21:00:00Z"},
        }
    ],
    "open": ["shelf_life_months"],
    "problems": [],
    "warnings": [WARNING],
    "attest_page": "https://dscr.example/products/099901-0101/kpis/2026-09-30/review/",
}
DRAFT_REQUEST = {
    "answers": {
        "fill_rate_numerator": 84000,
        "fill_rate_denominator": 100000,
        "contribution_margin_state": "not_disclosed",
        "risk_management_plan_exists": True,
        "risk_management_plan_reviewed_on": "2026-02-10",
    },
    "source": "Order system",
}
DRAFT_PATCH = {
    "answers": {"fill_rate_numerator": 84000},
    "notes": {"fill_rate.jump": "A line stood still for six weeks."},
}
BATCH_REQUEST = {
    "quarter_end": "2026-09-30",
    "source": "Order system",
    "drafts": [
        {
            "ndc": "99901-101",
            "etag": DRAFT_ROW["etag"],
            "answers": {"fill_rate_numerator": 84000, "fill_rate_denominator": 100000},
        }
    ],
}
PUT_ROW = {
    "ndc": "099901-0101",
    "version": 5,
    "etag": 'W/"90ab12cd34ef56a7b8c9d0e1"',
    "answered": 1,
    "questions_in_all": 18,
    "open": ["shelf_life_months"],
    "warnings": [WARNING],
}
SUPPLY_NODE = {
    "id": 31,
    "stage": "api",
    "establishment": {
        "id": 5,
        "name": "Corvo Fine Chem",
        "address": "1 Corvo Road, Porto",
        "country": "PRT",
        "fei": "3001000003",
        "duns": ["123456789"],
    },
    "share": 1.0,
    "is_qualified": True,
    "last_batch_on": "2026-09-02",
    "valid_from": "2026-12-01",
    "valid_to": None,
    "voided_at": None,
    "void_reason": "",
}
CHAIN = {"ndc": "099901-0101", "as_of": "2026-12-01", "nodes": [SUPPLY_NODE], "planned": []}
CHAIN_HISTORY = {"ndc": "099901-0101", "nodes": [SUPPLY_NODE]}
CHAIN_REQUEST = {
    "valid_from": "2026-12-01",
    "nodes": [
        {"stage": "api", "fei": "3001000003", "share": 0.7, "is_qualified": True, "last_batch_on": "2026-09-02"},
        {"stage": "api", "duns": "112233445", "share": 0.3},
        {"stage": "fdf", "establishment": 3, "share": 1, "is_qualified": True, "last_batch_on": "2026-10-20"},
    ],
}


def page(row: dict, **extra: str) -> OpenApiExample:
    value = {"next": "https://dscr.example/api/v1/...?cursor=MDk5OTAxLTAxMDE", **extra, "results": [row]}
    return answer(value)


def answer(value: dict) -> OpenApiExample:
    return OpenApiExample("An answer", response_only=True, status_codes=["200"], value=value)
