"""Pairs of records and merges as they look, for the schema."""

TWO_SITES = "Two plants of one firm in one street, each with its own license."
ONE_SITE = "One plant that is registered under two DUNS numbers."
RECORD = {
    "id": 5,
    "name": "Ashvale Chemicals",
    "country": "IND",
    "address": "1 Lantern Road, Pune 411001",
    "fei": "3001000002",
    "duns": [],
    "owner": "Ashvale Group",
    "reported_by": None,
    "last_seen_on": "2026-11-01",
    "assessed_on": ["2026-03-04"],
    "inspections": [{"classification": "VAI", "ended_on": "2025-09-19"}],
    "open_case": None,
    "products": 2,
    "supply_nodes": 2,
}
OTHER = {
    **RECORD,
    "id": 61,
    "name": "Ashvale Chemicals Ltd",
    "address": "1 Lantern Rd, Pune 411001",
    "fei": None,
    "duns": ["912345678"],
    "owner": None,
    "last_seen_on": None,
    "assessed_on": ["2026-11-20"],
    "inspections": [],
    "products": 1,
    "supply_nodes": 1,
}
DUPLICATE = {
    "id": 21,
    "signals": ["same_name"],
    "likeness": 1.0,
    "found_at": "2026-11-20T02:10:00-05:00",
    "apart_at": None,
    "apart_by": None,
    "apart_reason": "",
    "first": RECORD,
    "second": OTHER,
}
DUPLICATE_APART = {
    **DUPLICATE,
    "apart_at": "2026-11-23T11:00:00-05:00",
    "apart_by": "Omar Keller",
    "apart_reason": TWO_SITES,
}
NODE = {"share": 0.2, "is_qualified": True, "valid_from": "2025-07-11", "valid_to": "2026-08-15"}
OVERLAPPING = NODE | {"valid_from": "2026-08-15", "valid_to": None}
MOVED = {
    "summary": "One number and one assessment move. Two overlapping supply nodes become two.",
    "moved": {
        "identifiers": 1,
        "assessments": 1,
        "inspections": 0,
        "cases": 0,
        "contacts": 0,
        "evidence": 0,
        "supply_nodes": 0,
        "supply_nodes_replaced": 2,
        "supply_nodes_made": 2,
    },
    "filled": [],
}
PREVIEW = {
    "stays": RECORD,
    "goes": OTHER,
    "refusals": [],
    "seen": "5f0c2d4e8a9b1c3d7e6f0a12",
    **MOVED,
    "moving_nodes": [],
    "joined_nodes": [
        {
            "ndc": "099901-0101",
            "stage": "api",
            "before": [NODE | {"valid_to": None}, OVERLAPPING | {"share": 0.4, "is_qualified": False}],
            "after": [NODE, OVERLAPPING | {"share": 0.6}],
        }
    ],
    "products": 2,
    "products_scored": 2,
    "effect": "Of 2 products, 2 rise. No band changes. The mean score moves by +3.1 points.",
    "effects": [
        {
            "display_ndc": "99901-101",
            "name": "Cisplatin",
            "score_now": 61.2,
            "score_then": 64.3,
            "band_now": 3,
            "band_then": 3,
            "status_now": "Rated",
            "status_then": "Rated",
        }
    ],
    "access": [
        "Ashvale Group owns the site and reads all that is known of it.",
        "What an owner lets makers see was granted for one record, and does not pass to the other.",
        "Makers that buy from the site keep seeing it in their own supply chains, under the name that stays.",
    ],
}
MERGE_REQUEST = {"stays": 5, "goes": 61, "seen": PREVIEW["seen"], "reason": ONE_SITE}
MERGE = {
    "id": 3,
    "stays": {"id": 5, "name": "Ashvale Chemicals"},
    "goes": {"id": 61, "name": "Ashvale Chemicals Ltd"},
    "reason": ONE_SITE,
    "merged_by": "Omar Keller",
    "merged_at": "2026-11-23T11:00:00-05:00",
    "undone_by": None,
    "undone_at": None,
    "undone_reason": "",
}
MERGE_RECORD = MERGE | MOVED
MERGE_UNDONE = MERGE_RECORD | {
    "undone_by": "Omar Keller",
    "undone_at": "2026-11-24T09:00:00-05:00",
    "undone_reason": TWO_SITES,
}
