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


def page(row: dict, **extra: str) -> OpenApiExample:
    value = {"next": "https://dscr.example/api/v1/...?cursor=MDk5OTAxLTAxMDE", **extra, "results": [row]}
    return answer(value)


def answer(value: dict) -> OpenApiExample:
    return OpenApiExample("An answer", response_only=True, status_codes=["200"], value=value)
