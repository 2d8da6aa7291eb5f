"""The committed schema says what the code does."""

import io
from typing import Any

import pytest
import yaml
from django.core.management import call_command

from dscr.api.schema_endpoint import FILE, document


def test_the_committed_schema_is_that_of_the_code(db: None) -> None:
    out = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null")
    call_command("spectacular", stdout=out)
    assert FILE.read_text() == out.getvalue(), "Write it anew: manage.py spectacular --file openapi.yaml"


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    paths = document()["paths"]
    return [(path, verb, operation) for path, verbs in paths.items() for verb, operation in verbs.items()]


@pytest.mark.parametrize(("path", "verb", "operation"), operations())
def test_every_operation_says_what_it_takes_and_answers(path: str, verb: str, operation: dict[str, Any]) -> None:
    assert operation["description"]
    assert {"401", "404", "406", "429", "500"} <= set(operation["responses"])
    for parameter in operation.get("parameters", ()):
        assert parameter.get("description"), parameter["name"]
    silent = operation["operationId"].startswith("methodology_") or operation["operationId"].endswith("_download")
    if not silent and "204" not in operation["responses"]:
        content = operation["responses"]["201" if "201" in operation["responses"] else "200"]["content"]
        assert content["application/json"]["examples"]


@pytest.mark.parametrize(
    ("operation_id", "status", "code"),
    [
        ("token_create", "401", "wrong-credentials"),
        ("token_create", "409", "no-membership"),
        ("rating_detail", "409", "ambiguous-ndc"),
        ("product_detail", "409", "ambiguous-ndc"),
        ("kpi_draft_put", "409", "attested-already"),
        ("kpi_draft_put_many", "400", "invalid-request"),
        ("supply_node_put", "400", "invalid-request"),
        ("own_score_put", "409", "scoring-closed"),
        ("assessment_step", "409", "step-refused"),
        ("case_sheet_patch", "409", "texts-changed"),
    ],
)
def test_a_problem_that_an_operation_has_for_itself_is_its_example(operation_id: str, status: str, code: str) -> None:
    [operation] = [operation for _, _, operation in operations() if operation["operationId"] == operation_id]
    example = operation["responses"][status]["content"]["application/problem+json"]["example"]
    assert example["type"] == f"urn:dscr:problem:{code}"
    assert example["status"] == int(status)
    assert ("candidates" in example) == (code == "ambiguous-ndc")


def test_the_example_of_wrong_credentials_is_what_is_answered(machine: Any) -> None:
    answered = machine().post("tokens/", {"email": "nobody@demo.example", "password": "wrong"}).json()
    [operation] = [operation for _, _, operation in operations() if operation["operationId"] == "token_create"]
    assert answered == operation["responses"]["401"]["content"]["application/problem+json"]["example"]


def test_lists_of_ratings_say_what_they_are_about() -> None:
    about = "A rating is about steady supply. It says nothing about safety, effectiveness or quality."
    said = {
        operation["operationId"]
        for _, _, operation in operations()
        if about in " ".join(operation["description"].split())
    }
    assert said == {"rating_list", "rating_lookup", "rating_detail"}


def test_it_is_served_to_who_signed_in(machine: Any) -> None:
    assert machine().get("schema/").status_code == 401
    assert machine("assessor").get("schema/").json() == yaml.load(FILE.read_text(), yaml.CSafeLoader)
