"""Generated requests as each role: no server error, no undocumented status, every answer as the schema says."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.urls import resolve
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as generating
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from werkzeug.test import Client

from dscr.access.rules import PUBLIC, opens, rule_of
from dscr.api.reference import SAMPLES
from dscr.api.schema_endpoint import FILE
from dscr.api.tokens import token_create
from tests.walk.world import READERS, World

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# "Outside" ones hold the same roles; what differs are their rows.
ROLES = [reader for reader in READERS if not reader.endswith("outside")]
EXAMPLES = 2  # of each operation, each kind and each role
FEW = generating(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
REACHED = {
    "assessment_import_list",
    "assessment_detail",
    "assessment_list",
    "assessment_timeline",
    "assignment_list",
    "calibration_case_list",
    "calibration_case_results",
    "case_file_list",
    "consensus_list",
    "contact_list",
    "dependent_list",
    "disclosure_request_received_list",
    "duplicate_list",
    "establishment_detail",
    "evidence_file_download",
    "evidence_list",
    "merge_detail",
    "merge_list",
    "merge_preview",
    "methodology_detail",
    "molecule_detail",
    "product_detail",
    "rating_detail",
    "rating_explanation",
    "rating_history",
    "rating_list",
    "rating_lookup",
}
REACHED_BY_MAKERS = {
    "kpi_draft_detail",
    "kpi_draft_list",
    "questionnaire_detail",
    "supply_node_history_detail",
    "supply_node_list",
}
KNOWN = {"ndc": "99901-0101", "molecule": "WALKAMINE", "version": "2026.1", "element": "MC1"}


@pytest.fixture
def one_connection() -> Iterator[None]:
    """The server's end of a request would close the connection of the test, and its transaction with it."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_generated_requests_are_answered_as_the_schema_says(world: World, settings: Any, mode: GenerationMode) -> None:
    """Each request is made as every role that the address opens to, and as one that it does not: the others would be
    refused alike, by its name. To make them up takes longer than to answer them."""
    settings.API_RATE = settings.API_RATE_ANONYMOUS = 10**9
    settings.ALLOWED_HOSTS = ["*"]
    schema = schemathesis.openapi.from_path(FILE)
    schema.app = get_wsgi_application()
    askers: dict[str, list[str]] = {}
    answered: Counter[tuple[str, str, int]] = Counter()
    known = KNOWN | {"quarter_end": world.drafted.isoformat(), "case": world.case.pk}
    known |= {"calibration": world.calibrations[0], "contact": world.contacts[0], "site_grant": world.site_grants[0]}
    known |= {"finding": world.findings[0], "sheet": "questionnaire"}
    known |= {"evidence": world.evidence[0], "evidence_file": world.evidence_files[0]}
    known |= {"pair": world.pair, "merge": world.merge, "asked": world.requests[0]}
    sites = {"stays": world.plant.pk, "goes": world.supplier.pk}

    def ask(case: Any) -> None:
        if mode.is_positive and case.path_parameters:
            for name in case.path_parameters:
                case.path_parameters[name] = known.get(name, world.plant.pk)
        if mode.is_positive:
            case.query.update({name: sites[name] for name in sites if name in case.query})
        for role in askers[case.operation.path]:
            membership = world.users[role].membership
            _, secret = token_create(membership, name="generated")  # one each, for a request may revoke it
            headers = {"Authorization": f"Token {secret}"}
            if mode.is_positive and takes_etag(case):
                read = Client(schema.app).get(case.formatted_path, headers=headers)
                headers |= {"If-Match": read.headers.get("ETag", "")}
            response = case.call(headers=headers)
            case.validate_response(response, checks=CHECKS)
            answered[case.operation.definition.raw["operationId"], role, response.status_code] += 1

    expected = 0
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        if mode.is_positive or operation.query.items or operation.path_parameters.items or operation.body:
            askers[operation.path] = askers_of(operation.path, world)
            FEW(given(case=operation.as_strategy(generation_mode=mode))(ask))()
            expected += len(askers[operation.path])
    assert len({(name, role) for name, role, _ in answered}) == expected
    if mode.is_positive:
        assert ("own_score_put", "assessor", 200) in answered
        assert ("own_finding_list", "assessor", 200) in answered
        assert ("own_score_workbook_download", "assessor", 200) in answered
        assert ("calibration_sheet_detail", "assessor", 200) in answered
    if mode.is_positive:  # the generated requests reach what is there
        assert {name for name, role, status in answered if role == "operator" and status == 200} >= REACHED
        assert {name for name, role, status in answered if role == "editor" and status == 200} >= REACHED_BY_MAKERS


def askers_of(path: str, world: World) -> list[str]:
    rule = rule_of(resolve(path.format(**SAMPLES)).view_name)
    opened = [role for role in ROLES if rule == PUBLIC or opens(rule, world.users[role])]
    return opened + [role for role in ROLES if role not in opened][:1]


def takes_etag(case: Any) -> bool:
    return any(parameter["name"] == "If-Match" for parameter in case.operation.definition.raw.get("parameters", ()))
