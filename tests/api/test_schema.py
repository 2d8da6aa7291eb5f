"""The committed schema says what the code does."""

import io
from typing import Any

import pytest
import yaml
from django.core.management import call_command

from dscr.api.schema_endpoint import FILE


def test_the_committed_schema_is_that_of_the_code(db: None) -> None:
    out = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null")
    call_command("spectacular", stdout=out)
    assert FILE.read_text() == out.getvalue(), "Write it anew: manage.py spectacular --file openapi.yaml"


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    document = yaml.safe_load(FILE.read_text())
    return [(path, verb, operation) for path, verbs in document["paths"].items() for verb, operation in verbs.items()]


@pytest.mark.parametrize(("path", "verb", "operation"), operations())
def test_every_operation_says_what_it_takes_and_answers(path: str, verb: str, operation: dict[str, Any]) -> None:
    assert operation["description"]
    assert {"401", "404", "406", "429", "500"} <= set(operation["responses"])
    for parameter in operation.get("parameters", ()):
        assert parameter.get("description"), parameter["name"]
    if operation["operationId"] not in ("token_revoke", "methodology_list", "methodology_detail", "grant_withdraw"):
        content = operation["responses"]["201" if "201" in operation["responses"] else "200"]["content"]
        assert content["application/json"]["examples"]


def test_it_is_served_to_who_signed_in(machine: Any) -> None:
    assert machine().get("schema/").status_code == 401
    assert machine("assessor").get("schema/").json() == yaml.safe_load(FILE.read_text())
