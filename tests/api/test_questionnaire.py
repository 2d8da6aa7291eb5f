"""The questionnaire as a machine reads it: complete, generated, and true to what the forms accept."""

from typing import Any

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from products.api.answers import told
from products.questionnaire import FIELDS, QUESTIONS, SECTIONS, texts_of
from products.questionnaire.plausibility import RULES
from products.services.kpi_draft import ANSWER_KEYS
from tests.api.test_problems import assert_problem


def test_every_field_stands_there_with_its_definition(machine: Any) -> None:
    answer = machine("purchaser").get("questionnaire/").json()
    assert [section["team"] for section in answer["sections"]] == [section.team for section in SECTIONS]
    questions = {question["code"]: question for section in answer["sections"] for question in section["questions"]}
    assert set(questions) == {question.code for question in QUESTIONS}
    assert {field["name"] for question in questions.values() for field in question["fields"]} == set(FIELDS)
    assert questions["disruption_notice_rate"] | {"fields": None, "definition": None} == {
        "code": "disruption_notice_rate",
        "label": "Disruption notices",
        "kind": "rate",
        "definition": None,
        "formula": "Disruptions announced in time / disruptions",
        "window": "The 12 months to the quarter's end.",
        "exclusions": "Delays of single orders.",
        "example": "2 of 3 disruptions.",
        "state_name": "disruption_notice_rate_state",
        "states": ["reported", "not_disclosed", "not_applicable"],
        "may_not_apply": True,
        "warnings": [f"disruption_notice_rate.{rule}" for rule in RULES],
        "fields": None,
    }
    assert questions["contribution_margin"]["fields"] == [
        {
            "name": "contribution_margin",
            "label": "Of net price",
            "kind": "percent",
            "unit": "%",
            "hint": "",
            "lowest": -100_000,
            "highest": 100,
            "is_required": True,
            "wanted": "a percentage from -100,000 to 100, such as 72 or 72.5",
        }
    ]


def test_the_json_schema_names_every_answer(machine: Any) -> None:
    schema = machine("editor").get("questionnaire/").json()["json_schema"]
    assert set(schema["properties"]) == ANSWER_KEYS
    assert schema["additionalProperties"] is False
    figure = schema["properties"]
    for member in figure.values():
        assert member.pop("title")
    assert figure["fill_rate_numerator"] == {"type": ["integer", "null"], "minimum": 0, "maximum": 10**15}
    assert figure["capacity_utilisation_forecast"] == {"type": ["number", "null"], "minimum": 0, "maximum": 1000}
    assert figure["risk_management_plan_exists"] == {"type": ["boolean", "null"]}
    assert figure["emergency_stock_tested_on"] == {"type": ["string", "null"], "format": "date"}
    assert figure["fill_rate_state"] == {"enum": [None, "reported", "not_disclosed"]}


def test_what_the_api_tells_fits_the_json_schema(machine: Any, world: Any) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = machine("editor").get("questionnaire/").json()["json_schema"]
    answers = told(texts_of(world.own.kpi_submissions.get()))
    jsonschema.validate(answers, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(answers | {"shelf_life_months": "many"}, schema)


def test_it_changes_with_nothing_but_the_questionnaire(
    machine: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    reader = machine("assessor")
    etag = reader.get("questionnaire/")["ETag"]
    with django_assert_num_queries(2):  # token, count of requests
        assert reader.get("questionnaire/", **{"If-None-Match": etag}).status_code == 304
    assert_problem(machine().get("questionnaire/"), 401, "not-authenticated")
    assert_problem(reader.get("questionnaire/?section=finance"), 400, "invalid-request")
