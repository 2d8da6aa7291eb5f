"""The rubric's draft as it looks, for the schema."""

DRAFT_ETAG = 'W/"7a6b5c4d3e2f1a0b9c8d7e6f"'
ELEMENT_ROW = {
    "element": "MC1",
    "name": "Culture of quality",
    "area": "management_commitment",
    "is_left_out": False,
    "missing": 1,
}
NEW_ELEMENT = {"element": "TE4", "name": "", "area": "technical_excellence", "is_left_out": False, "missing": 14}
DRAFT = {
    "revision": 7,
    "based_on": "2026.1",
    "begun_at": "2026-11-23T09:00:00-05:00",
    "begun_by": "Rosa Lind",
    "updated_at": "2026-11-23T16:40:00-05:00",
    "updated_by": "Rosa Lind",
    "etag": DRAFT_ETAG,
    "elements": [ELEMENT_ROW],
}
MISSING = {"element": "MC1", "field": "anchor_1", "detail": "Missing. Write it."}
CHANGE = {
    "element": "MC1",
    "name": "Culture of quality",
    "change": "changed",
    "texts": [
        {
            "field": "name",
            "label": "Name",
            "before": "Quality culture and leadership",
            "after": "Culture of quality",
        }
    ],
}
REVIEW = {"etag": DRAFT_ETAG, "next_version": "2026.2", "missing": [MISSING], "changes": [CHANGE]}
CHANGES = {"version": "2026.2", "based_on": "2026.1", "results": [CHANGE]}
PUBLICATION = {"note": "The name of MC1 was misunderstood in two visits."}
PUBLISHED = {
    "version": "2026.2",
    "in_force_from": "2026-11-23T17:00:00-05:00",
    "in_force_to": None,
    **PUBLICATION,
}
ELEMENT_PATCH = {"texts": {"name": {"was": "Quality culture and leadership", "now": "Culture of quality"}}}
ELEMENT = {
    "element": "MC1",
    "area": "management_commitment",
    "is_left_out": False,
    "missing": [MISSING],
    "texts": [
        {
            "field": "name",
            "label": "Name",
            "is_list": False,
            "text": "Culture of quality",
            "published": "Quality culture and leadership",
            "edited_by": "Rosa Lind",
            "edited_at": "2026-11-23T16:40:00-05:00",
        }
    ],
}
