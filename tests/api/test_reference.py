"""The API's reference page says all that the committed schema says, and tells who may from the table of rules."""

import html
import re
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from dscr.api.reference import line, reference
from dscr.api.schema_endpoint import document
from tests.api.test_schema import operations
from tests.walk.world import World

ADDRESS = "/api/v1/docs/"


@pytest.fixture
def page(world: World) -> str:
    browser = Client()
    browser.force_login(world.users["purchaser"])
    return browser.get(ADDRESS).content.decode()


def words(markup: str) -> str:
    """The text of a piece of HTML, spaces made one."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def section(page: str, operation: str) -> str:
    return page.partition(f'aria-labelledby="{operation}"')[2].partition("</section>")[0]


def test_every_operation_stands_on_the_page(page: str) -> None:
    assert page.count('class="card operation"') == len(operations())
    for path, verb, operation in operations():
        said = words(section(page, operation["operationId"]))
        assert f"{verb.upper()} {path}" in said
        assert said.partition(path)[2].strip().startswith(words(operation["description"].replace("`", " ")))
        for parameter in operation.get("parameters", ()):
            assert f"{parameter['name']} {parameter['in']} " in said, path
        assert set(operation["responses"]) <= set(said.split()), path
        assert f'href="#{operation["operationId"]}"' in page


def test_every_example_stands_on_the_page(page: str) -> None:
    for path, _, operation in operations():
        said = section(page, operation["operationId"])
        for holder in (operation.get("requestBody", {}), *operation["responses"].values()):
            for content in holder.get("content", {}).values():
                for example in content.get("examples", {}).values():
                    assert all(f"&quot;{key}&quot;" in said for key in example["value"]), path


def test_every_error_has_its_example(page: str) -> None:
    for name in document()["components"]["responses"]:
        assert f'id="error-{name.removeprefix("Problem")}"' in page
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(re.findall(r' id="([^"]+)"', page))


def test_it_tells_who_may(page: str) -> None:
    assert "Everyone, without a token." in section(page, "token_create")
    assert "Assessor" not in section(page, "rating_list")
    said = section(page, "establishment_list")
    assert "What one is assigned to: Assessor, Lead assessor." in said
    assert "Purchaser" not in said


def test_bodies_are_told_to_the_last_field() -> None:
    found = {operation.id: operation for group in reference().groups for operation in group.operations}
    answer = next(answer.body for answer in found["establishment_list"].answers if answer.body)
    assert {"next": "address, or null", "results[].duns": "list of: text"}.items() <= {
        field.name: field.type for field in answer.fields
    }.items()
    change = found["calibration_case_patch"].body
    assert "elements.*.panel_level" in [field.name for field in change.fields]
    size = next(field for field in found["rating_list"].parameters if field.name == "page_size")
    assert (size.type, size.required) == ("whole number, 1 to 200; 50 if not given", False)


def test_descriptions_are_escaped() -> None:
    assert line("<b> is `<i>`") == "&lt;b&gt; is <code>&lt;i&gt;</code>"


def test_it_costs_no_query_of_its_own(world: World, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    browser = Client()
    assert browser.get(ADDRESS).status_code == 302
    browser.force_login(world.users["assessor"])
    with django_assert_num_queries(2):  # session, user
        response = browser.get(ADDRESS)
    assert response.status_code == 200


def test_nothing_is_inline(page: str) -> None:
    assert "<style" not in page
    assert "<script>" not in page
    assert " style=" not in page


def test_the_interactive_page_is_for_who_signed_in(machine: Any, world: World) -> None:
    browser = Client()
    assert browser.get(f"{ADDRESS}interactive/").status_code == 302
    browser.force_login(world.users["purchaser"])
    found = browser.get(f"{ADDRESS}interactive/").content.decode()
    assert "swagger-ui-bundle.js" in found
    assert "<style" not in found
    assert "<script>" not in found
