"""What drf-spectacular cannot know: our authentication, the problems every endpoint may answer, the rate's headers."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from dscr.api.errors import MEDIA_TYPE, PROBLEMS, TYPES

ALWAYS = (401, 404, 406, 429, 500)
WITH_BODY = (400, 413, 415)
EXAMPLES = {
    400: {"detail": "A valid integer is required.", "errors": [{"parameter": "page_size", "detail": "..."}]},
    401: {"detail": "Send a token: `Authorization: Token ...`. POST /api/v1/tokens/ gives one."},
    403: {"detail": "CSRF Failed: CSRF token missing."},
    404: {"detail": "There is nothing at this address for you."},
    409: {
        "type": TYPES + "ambiguous-ndc",
        "detail": "0002080001 can be read as several NDCs: 0002-0800, 00020-800. Give one of them with dashes.",
        "candidates": [{"ndc": "000002-0800", "display_ndc": "0002-0800", "name": "Sterile diluent"}],
    },
    406: {"detail": "Could not satisfy the request Accept header."},
    412: {"detail": "Somebody changed it meanwhile. Read it again and send its new ETag as If-Match."},
    413: {"detail": "A body has at most 1,000,000 bytes."},
    415: {"detail": 'Unsupported media type "text/plain" in request.'},
    422: {"detail": "This Idempotency-Key was sent with another request within the last 24 hours."},
    428: {"detail": "Send the ETag that you read as If-Match."},
    429: {"detail": "Try again in 12 seconds."},
    500: {"detail": "The server failed to answer. The fault was logged; try again later."},
}
STEP_REFUSED = {
    "type": TYPES + "step-refused",
    "detail": "Aron Pryce has not finished the individual scoring yet. The consensus begins when both have.",
    "unmet": ["Aron Pryce has not finished the individual scoring yet. The consensus begins when both have."],
}
CASE_ENDED = {
    "type": TYPES + "step-refused",
    "detail": "The establishment has withdrawn. It may ask for an assessment again.",
}
FINISHED_ALREADY = {
    "type": TYPES + "scoring-closed",
    "detail": "You have finished: your levels are kept as they are. The program operator can reopen them.",
}
TEXTS_CHANGED = {
    "type": TYPES + "texts-changed",
    "detail": "Somebody else changed what you changed; `conflicts` holds both texts. Nothing was stored.",
    "conflicts": {
        "site": {
            "sent": "Two lines, 420 batches a year.",
            "stored": "Two lines, three shifts.",
            "by": "Dana Holt",
            "at": "2026-11-05T16:40:00-05:00",
        }
    },
}
FILE_DAMAGED = {
    "type": TYPES + "file-damaged",
    "detail": "“agenda.pdf” is damaged or gone. It is not sent; ask who gave it to add it again.",
}
RUBRIC_DRAFT = {
    "create": "A draft is open already; Rosa Lind began it. Go on with that one.",
    "delete": "The draft was published or discarded meanwhile. Nothing was stored.",
    "element_create": "The draft was published or discarded meanwhile. Nothing was stored.",
    "publish": "Nothing differs from version 2026.1. Change something, or discard the draft.",
}
CALIBRATION_CASE = {
    "patch": "The case is no draft any more. Nothing was stored.",
    "delete": "The case is no draft any more. Nothing was stored.",
    "retire": "Only a published case can be retired. Nothing was changed.",
}
FILE_FAULTS = {
    "type": TYPES + "file-faults",
    "detail": "1 fault found, nothing stored. Correct the file and send it again.",
    "faults": [
        {
            "sheet": "",
            "row": 3,
            "column": "I",
            "heading": "Employee engagement",
            "found": "9",
            "wrong": "It is no level.",
            "expected": "A number from 1 to 5, at most three decimals",
        }
    ],
}
MERGE_REFUSED = {
    "type": TYPES + "merge-refused",
    "detail": "Both have an open assessment case. Close one of them first: a site has one open case at a time.",
    "unmet": ["Both have an open assessment case. Close one of them first: a site has one open case at a time."],
}
ATTESTED_ALREADY = {
    "type": TYPES + "attested-already",
    "detail": "The figures of this quarter are attested. Send is_correction: true to begin a correction; they count "
    "until a person attests it.",
}
WRONG_ANSWER = "Units shipped complete on first order (12) cannot exceed units ordered (10)."
WRONG_SUM = "Active ingredient (API): the shares add up to 0.9, not 1: 0.1 too little."
# Where an operation's problem is not that of the others.
EXAMPLES_OF = {
    **{(f"kpi_draft_{name}", 409): ATTESTED_ALREADY for name in ("put", "patch", "put_many", "patch_many")},
    **{
        (f"kpi_draft_{name}{many}", 400): {
            "detail": WRONG_ANSWER,
            "errors": [{"pointer": f"#{within}/answers/fill_rate_numerator", "detail": WRONG_ANSWER}],
        }
        for name in ("put", "patch")
        for many, within in (("", ""), ("_many", "/drafts/3"))
    },
    ("own_score_put", 409): FINISHED_ALREADY,
    **{(f"own_finding_{verb}", 409): FINISHED_ALREADY for verb in ("create", "put", "delete", "file_create")},
    ("own_score_finish", 409): FINISHED_ALREADY | {"detail": "Give a level first to EE3. Then finish."},
    ("own_score_workbook_store", 409): FINISHED_ALREADY,
    ("own_score_workbook_check", 400): {
        "detail": "Levels C2: “6” is no level. Give 1, 2, 3, 4 or 5.",
        "errors": [{"pointer": "#/file", "detail": "Levels C2: “6” is no level. Give 1, 2, 3, 4 or 5."}],
    },
    ("own_score_reopen", 409): {
        "type": TYPES + "step-refused",
        "detail": "The assessor has not finished, so there is nothing to reopen.",
    },
    ("consensus_put", 409): FINISHED_ALREADY
    | {"detail": "Levels are agreed on while the case stands at “Consensus”; it stands at “Draft report”."},
    ("assessment_step", 409): STEP_REFUSED,
    ("assessment_step", 412): {"detail": "The case stands at “Consensus” now. Read it again, then send the step anew."},
    ("assessment_create", 409): {
        "type": TYPES + "step-refused",
        "detail": "An assessment of this establishment is under way already.",
    },
    **{
        (name, 409): CASE_ENDED
        for name in ("assessment_declare", "assignment_put", "case_file_create", "fact_comment_create")
    },
    ("fact_comment_answer", 409): {
        "type": TYPES + "step-refused",
        "detail": "The comment was answered already. Read the answer below it.",
    },
    ("case_sheet_patch", 409): TEXTS_CHANGED,
    **{(name, 409): FILE_DAMAGED for name in ("case_file_download", "finding_file_download", "evidence_file_download")},
    ("evidence_void", 409): {"type": TYPES + "evidence-conflict", "detail": "It is voided already."},
    **{
        (f"calibration_sheet_{verb}", 409): {
            "type": TYPES + "calibration-closed",
            "detail": "This case is not open for scoring any more. Nothing was stored.",
        }
        for verb in ("patch", "submit")
    },
    **{
        (f"calibration_case_{verb}", 409): {"type": TYPES + "calibration-closed", "detail": detail}
        for verb, detail in CALIBRATION_CASE.items()
    },
    ("calibration_case_publish", 409): {
        "type": TYPES + "calibration-closed",
        "detail": "The case is not complete. It was not published.",
        "unmet": ["Say who gave the reference levels, and how.", "PQ2: choose the panel’s level."],
    },
    **{
        (f"rubric_draft_{verb}", 409): {"type": TYPES + "rubric-draft", "detail": detail}
        for verb, detail in RUBRIC_DRAFT.items()
    },
    ("rubric_draft_element_patch", 409): TEXTS_CHANGED
    | {
        "conflicts": {
            "MC1.name": {
                "sent": "Culture of quality",
                "stored": "Quality culture",
                "by": "Rosa Lind",
                "at": "2026-11-23T16:40:00-05:00",
            }
        }
    },
    ("site_grant_create", 409): {
        "type": TYPES + "grant-conflict",
        "detail": "You have granted exactly this already. It is in the list.",
    },
    ("site_grant_withdraw", 409): {"type": TYPES + "grant-conflict", "detail": "It is withdrawn already."},
    ("contact_create", 409): {
        "type": TYPES + "contact-conflict",
        "detail": "This person is a contact of the establishment already.",
    },
    ("contact_confirm", 409): {"type": TYPES + "contact-conflict", "detail": "It is confirmed already."},
    ("assessment_import_create", 400): FILE_FAULTS,
    ("assessment_import_create", 409): {
        "type": TYPES + "import-conflict",
        "detail": "Something changed since the file was checked, so nothing was stored. Send the file again.",
    },
    ("fda_report_create", 409): {
        "type": TYPES + "import-conflict",
        "detail": "An assessment of this establishment and day is on record already.",
    },
    ("disclosure_request_create", 409): {
        "type": TYPES + "request-refused",
        "detail": "Your organization asked on November 2, 2026. You may ask again from December 2, 2026 on.",
    },
    ("disclosure_request_decline", 409): {"type": TYPES + "answered-already", "detail": "It was answered already."},
    ("merge_create", 409): MERGE_REFUSED,
    ("merge_create", 412): {
        "detail": "Something that would move changed since you looked. Nothing was merged: read what moves now, then "
        "confirm.",
    },
    ("merge_undo", 409): MERGE_REFUSED | {"detail": "It was undone already.", "unmet": ["It was undone already."]},
    ("duplicate_apart", 409): {"type": TYPES + "merge-refused", "detail": "Somebody said so before."},
    ("supply_node_put", 400): {"detail": WRONG_SUM, "errors": [{"pointer": "#/nodes", "detail": WRONG_SUM}]},
    ("token_create", 401): {
        "type": TYPES + "wrong-credentials",
        "detail": "The e-mail address or the password is not right.",
    },
    ("token_create", 409): {
        "type": TYPES + "no-membership",
        "detail": "You have no membership that holds today, so a token would see nothing.",
    },
}
# Whose answers carry an ETag for the next write, and are always told in full.
FOR_IF_MATCH = (
    "kpi_draft_put",
    "kpi_draft_patch",
    "supply_node_list",
    "supply_node_put",
    "own_score_put",
    "own_finding_put",
    "consensus_put",
    "calibration_case_patch",
    "assignment_list",
    "assignment_put",
)
PROBLEM = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "Which kind of problem; never changes."},
        "title": {"type": "string", "description": "The kind in words."},
        "status": {"type": "integer", "description": "The status of the answer."},
        "detail": {"type": "string", "description": "What is wrong with this request, in plain English."},
        "errors": {
            "type": "array",
            "description": "Each fault with its place: a JSON pointer into the body, or a parameter of the query.",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string"},
                    "parameter": {"type": "string"},
                    "detail": {"type": "string"},
                },
                "required": ["detail"],
            },
        },
        "unmet": {
            "type": "array",
            "description": "Of a refused step or merge: every condition that does not hold.",
            "items": {"type": "string"},
        },
        "conflicts": {
            "type": "object",
            "description": "Of texts that somebody else changed meanwhile, by code: what was sent, what stands there.",
            "additionalProperties": {
                "type": "object",
                "properties": {
                    "sent": {"type": "string"},
                    "stored": {"type": "string"},
                    "by": {"type": ["string", "null"]},
                    "at": {"type": ["string", "null"]},
                },
            },
        },
        "faults": {
            "type": "array",
            "description": "Of a file: what is wrong with it, cell by cell. Row 0 is about the whole file.",
            "items": {"$ref": "#/components/schemas/Fault"},
        },
        "candidates": {
            "type": "array",
            "description": "Of an ambiguous NDC: the products it may name.",
            "items": {"$ref": "#/components/schemas/Candidate"},
        },
    },
    "required": ["type", "title", "status", "detail"],
}
CANDIDATE = {
    "type": "object",
    "properties": {
        "ndc": {"type": "string", "description": "Canonical NDC of the product."},
        "display_ndc": {"type": "string", "description": "As printed."},
        "name": {"type": "string"},
    },
    "required": ["ndc", "display_ndc", "name"],
}
RATE_HEADERS = {
    "RateLimit-Limit": "Requests a minute that this token, session or address may make.",
    "RateLimit-Remaining": "How many of them are left.",
    "RateLimit-Reset": "Seconds until the count begins anew.",
}


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "dscr.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token ` and the secret that POST /api/v1/tokens/ answered, or one made on the page of "
            "your account. Signed-in pages may use their session instead.",
        }


def document_problems(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A hook of drf-spectacular: error answers and rate headers of every operation."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {}).update(Problem=PROBLEM, Candidate=CANDIDATE)
    components["responses"] = {
        f"Problem{status}": _answer(status) for status in sorted({*ALWAYS, *WITH_BODY, 403, 409, 412, 422, 428})
    }
    components["headers"] = {
        name: {"description": text, "schema": {"type": "integer"}} for name, text in RATE_HEADERS.items()
    }
    components["headers"]["ETag"] = {
        "description": "Send it as If-None-Match, or with a write as If-Match.",
        "schema": {"type": "string"},
    }
    for path in result["paths"].values():
        for verb, operation in path.items():
            _document(operation, writes=verb != "get")
    return result


def _document(operation: dict[str, Any], *, writes: bool) -> None:
    statuses = {*ALWAYS, *((403,) if writes else ()), *(WITH_BODY if "requestBody" in operation else ())}
    if any(parameter["in"] == "query" for parameter in operation.get("parameters", ())):
        statuses.add(400)
    if any(parameter["name"] == "Idempotency-Key" for parameter in operation.get("parameters", ())):
        statuses |= {400, 409, 422}
    responses, name = operation["responses"], operation["operationId"]
    for status, response in responses.items():
        if status in ("200", "201", "204"):
            response["description"] = response.get("description") or "The answer."
            response.setdefault("headers", {}).update(_headers(*RATE_HEADERS))
        if status in ("409", "412", "428"):
            response["content"] = _answer(int(status), name)["content"]
    if name in FOR_IF_MATCH:
        responses["200"]["headers"].update(_headers("ETag"))
    if name.endswith("_detail"):  # every detail answers a question about its ETag
        responses["200"]["headers"].update(_headers("ETag"))
        responses["304"] = {"description": "Nothing has changed since the ETag.", "headers": _headers("ETag")}
        operation.setdefault("parameters", []).append(
            {
                "in": "header",
                "name": "If-None-Match",
                "description": "The ETag of an earlier answer.",
                "schema": {"type": "string"},
            }
        )
    for status in sorted(statuses):
        shared = {"$ref": f"#/components/responses/Problem{status}"}
        responses.setdefault(str(status), _answer(status, name) if (name, status) in EXAMPLES_OF else shared)
    operation["responses"] = dict(sorted(responses.items()))


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _answer(status: int, operation: str = "") -> dict[str, Any]:
    code, title = PROBLEMS[status]
    own = EXAMPLES_OF.get((operation, status)) or EXAMPLES.get(status, {"detail": title})
    example = {"type": TYPES + code, "title": title, "status": status, **own}
    headers = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}} if status == 429 else None
    answer: dict[str, Any] = {
        "description": title,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}},
    }
    return answer | {"headers": headers} if headers else answer
