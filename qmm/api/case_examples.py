"""Answers and bodies of assessments as they look, for the schema."""

from qmm.course.steps import PATH

LEAD = {"name": "Lena Brandt", "firm": "Northbridge Assessors", "is_lead": True}
SECOND = {"name": "Aron Pryce", "firm": "Northbridge Assessors", "is_lead": False}
HEAD = {
    "id": 12,
    "establishment": 3,
    "establishment_name": "Halden Plant 2",
    "owner": "Halden Group",
    "state": "questionnaire_returned",
}
DATES = {"requested_on": "2026-08-03", "visit_starts_on": None, "closed_on": None}
ROW = {
    **HEAD,
    "next_by": "The program operator",
    "due_on": "2026-11-20",
    "days_late": 3,
    **DATES,
    "assessors": [LEAD, SECOND],
}
PLACE = 4  # of the state in the path


def path_at(place: int, days: list[str]) -> list[dict]:
    return [
        {
            "state": state.value,
            "label": state.label,
            "standing": "done" if number < place else "current" if number == place else "ahead",
            "on": days[number] if number < len(days) else None,
        }
        for number, state in enumerate(PATH)
    ]


SCHEDULING = {
    "step": "schedule",
    "does": "Schedule the visit",
    "unmet": [],
    "needs_note": False,
    "needs_visit_on": True,
    "is_main": True,
}
CASE = {
    **HEAD,
    "next": "Next: schedule the visit. The program operator does that by November 20, 2026.",
    "due_on": "2026-11-20",
    "days_late": 3,
    **DATES,
    "rubric": None,
    "outcome": None,
    "path": path_at(PLACE, ["2026-08-03", "2026-08-10", "2026-09-07", "2026-09-09", "2026-11-06"]),
    "sides": ["office"],
    "must_declare": False,
    "notice": "",
    "steps": [
        SCHEDULING,
        {
            **SCHEDULING,
            "step": "stop",
            "does": "Stop the assessment",
            "needs_note": True,
            "needs_visit_on": False,
            "is_main": False,
        },
    ],
    "assessors": [
        {"assignment": 30, **LEAD, "is_you": False, "has_taken": True, "has_finished": False},
        {"assignment": 31, **SECOND, "is_you": False, "has_taken": True, "has_finished": False},
    ],
    "may_assign": True,
    "sheets": [{"sheet": "questionnaire", "may_write": False}],
    "reads_draft": False,
    "may_add_files": True,
}
REQUESTED = {
    **CASE,
    "state": "requested",
    "next": "Next: accept the request. The program operator does that by December 7, 2026.",
    "due_on": "2026-12-07",
    "days_late": 0,
    "requested_on": "2026-11-23",
    "path": path_at(0, ["2026-11-23"]),
    "sides": ["firm"],
    "steps": [
        {
            **SCHEDULING,
            "step": "withdraw",
            "does": "Withdraw from the assessment",
            "needs_visit_on": False,
            "is_main": False,
        }
    ],
    "assessors": [],
    "may_assign": False,
    "sheets": [],
}
SCHEDULE = {"step": "schedule", "from_state": "questionnaire_returned", "visit_on": "2027-01-18"}
LINE = {
    "event": "return",
    "said": "returned the questionnaire",
    "came_from": "questionnaire_issued",
    "state": "questionnaire_returned",
    "by": "Dana Holt",
    "role": "Establishment contact",
    "organization": "Halden Group",
    "at": "2026-11-06T10:12:00-05:00",
    "due_on": "2026-11-20",
    "note": "The site master file is among the files.",
    "for_whom": "everybody",
}
ASSIGNMENT = {
    "case": 12,
    "assigned": [
        {"membership": 41, "name": "Lena Brandt", "is_lead": True, "has_taken": True, "carries_on_for": None},
        {"membership": 57, "name": "Aron Pryce", "is_lead": False, "has_taken": False, "carries_on_for": None},
    ],
    "candidates": [
        {
            "membership": 57,
            "name": "Aron Pryce",
            "firm": "Northbridge Assessors",
            "may_lead": False,
            "open_cases": 1,
            "leads": 0,
            "conflict": "",
            "declared_conflict": None,
        },
        {
            "membership": 63,
            "name": "Tess Moreau",
            "firm": "Northbridge Assessors",
            "may_lead": True,
            "open_cases": 2,
            "leads": 2,
            "conflict": "declared a conflict of interest with the firm",
            "declared_conflict": 8,
        },
    ],
}
SHEET = {
    "case": 12,
    "sheet": "questionnaire",
    "revision": 7,
    "may_write": True,
    "open": [],
    "results": [
        {
            "code": "site",
            "section": "The site",
            "label": "What is made here, and for which markets?",
            "hint": "Dosage forms, batches a year, shifts.",
            "text": "Sterile injectables on two lines, 420 batches a year, three shifts.",
            "edited_by": "Dana Holt",
            "edited_at": "2026-11-05T16:40:00-05:00",
        }
    ],
}
SHEET_PATCH = {"texts": {"site": {"was": "", "now": SHEET["results"][0]["text"]}}}
STORED = {"size": 184_320, "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}
FILE = {
    "id": 8,
    "name": "site-master-file.pdf",
    "kind": "pdf",
    **STORED,
    "given_at": "2026-11-06T10:10:00-05:00",
    "given_by": "Halden Group",
}
FINDING_CHANGE = {
    "kind": "opportunity",
    "text": "Two stops of the second shift were decided by the supervisor, not by those at the line.",
    "evidence": "Stop log, September 2026; interview with line 2",
}
FINDING_REQUEST = {"element": "EE2", **FINDING_CHANGE}
GIVEN_FILE = {"id": 5, "name": "stop-log.pdf", "kind": "pdf", **STORED, "given_at": "2027-01-20T15:02:00-05:00"}
FINDING = {
    "id": 77,
    **FINDING_REQUEST,
    "files": [GIVEN_FILE],
    "updated_at": "2027-01-20T15:00:00-05:00",
    "etag": 'W/"0f1e2d3c4b5a69788796a5b4"',
}
FINISHED = {"case": 12, "finished_at": "2027-01-29T17:20:00-05:00", "both_finished": False}
AGREED = {
    "element": "EE2",
    "given": [
        {
            "assessor": "Lena Brandt",
            "level": 4,
            "notes": "Stop rule in SOP-119.",
            "findings": [],
        },
        {
            "assessor": "Aron Pryce",
            "level": 2,
            "notes": "Two stops decided above the line.",
            "findings": [{"id": 77, **FINDING_CHANGE, "files": [GIVEN_FILE]}],
        },
    ],
    "gap": 2,
    "needs_reason": True,
    "level": 3,
    "reason": "The log of the second shift was seen by one of us only.",
    "is_open": False,
    "decided_by": "Lena Brandt",
    "decided_at": "2027-02-02T11:05:00-05:00",
    "etag": 'W/"c0ffee00c0ffee00c0ffee00"',
}
CONSENSUS = {
    "case": 12,
    "both_finished": True,
    "assessors": [
        {"name": "Lena Brandt", "is_lead": True, "has_finished": True},
        {"name": "Aron Pryce", "is_lead": False, "has_finished": True},
    ],
    "closed": "",
    "open": [],
    "results": [AGREED],
}
COMMENT = {
    "id": 19,
    "element": "EE2",
    "text": "The stop rule is SOP-119 since May; SOP-118 is retired.",
    "passage": "Stops follow SOP-118.",
    "by": "Dana Holt",
    "at": "2027-03-01T09:30:00-05:00",
    "verdict": "corrected",
    "answer": "The draft names SOP-119 now.",
    "answered_by": "Lena Brandt",
    "answered_at": "2027-03-08T14:00:00-05:00",
}
FACT_CHECK = {
    "case": 12,
    "is_finished": False,
    "waiting": 0,
    "may_comment": True,
    "may_answer": False,
    "results": [
        {
            "element": "EE2",
            "section": "Employee engagement",
            "label": "EE2 Empowerment and ownership",
            "text": "Stops follow SOP-119.",
            "comments": [COMMENT],
        }
    ],
}
CALIBRATION_ROW = {
    "id": 4,
    "title": "Two lines, one expert",
    "rubric": "2026.1",
    "is_open": True,
    "submitted_at": None,
    "elements": 6,
}
CALIBRATION = {
    **{name: CALIBRATION_ROW[name] for name in ("id", "title", "rubric", "is_open", "submitted_at")},
    "setting": "A plant of 240 people that fills two sterile products.",
    "panel": None,
    "feedback": None,
    "results": [
        {
            "element": "MC1",
            "seen": "Goals hang at every line; nobody at the line could say who follows them.",
            "level": 3,
            "note": "Goals are followed, causes are not.",
            "panel_level": None,
            "panel_reason": None,
            "gap": None,
        }
    ],
}
CALIBRATION_DONE = {
    **CALIBRATION,
    "is_open": False,
    "submitted_at": "2026-11-23T15:00:00-05:00",
    "panel": "Three assessors of long standing, each alone, then together.",
    "feedback": "You gave the panel’s level to all 1 elements.",
    "results": [
        {
            **CALIBRATION["results"][0],
            "panel_level": 3,
            "panel_reason": "Goals are set and shown; what is missed has no owner.",
            "gap": 0,
        }
    ],
}
SITE_GRANT_REQUEST = {"recipient": "Halden Group", "valid_from": "2026-12-01", "valid_to": "2027-12-01"}
SITE_GRANT = {
    "id": 6,
    "owner": "Ashvale Group",
    **SITE_GRANT_REQUEST,
    "to_all_makers": False,
    "reason": "Yearly talks",
    "granted_at": "2026-11-23T11:00:00-05:00",
    "withdrawn_at": None,
}
CONTACT_REQUEST = {"name": "Dana Holt", "email": "dana.holt@halden.example", "purpose": "Scheduling of visits"}
CONTACT = {"id": 9, **CONTACT_REQUEST, "named_at": "2026-11-23T11:00:00-05:00", "confirmed_at": None}
EVIDENCE_REQUEST = {
    "kind": "hirc_badge",
    "result": "Resilient",
    "issuer": "HIRC",
    "dated_on": "2026-02-01",
    "valid_until": "2027-01-31",
}
EVIDENCE = {
    "id": 14,
    **EVIDENCE_REQUEST,
    "recorded_by": "Ashvale Group",
    "recorded_at": "2026-11-23T11:00:00-05:00",
    "files": [{name: value for name, value in FILE.items() if name != "given_by"} | {"name": "badge.pdf"}],
}
LOOK = {"at": "2026-11-23T11:00:00-05:00", "organization": "Halden Group", "person": None}
