"""The working page without script, its saves, findings with files, finishing, reopening, consensus."""

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from qmm.models import ConsensusScore, ElementScore, Finding, FindingFile
from qmm.services.findings import Given, finding_add
from qmm.services.scoring import Change, levels_save
from tests.evidence.files import PDF, given
from tests.scores.conftest import CODES, Visit, client_of


@pytest.fixture
def ada(visit: Visit) -> Client:
    return client_of(visit.ada)


def store(client: Client, visit: Visit, changes: dict[str, tuple[str, str]], **body: Any) -> Any:
    """As the script does it."""
    sent = {key: {"was": was, "now": now} for key, (was, now) in changes.items()}
    who = body.pop("who", str(visit.ada.pk))
    whole = {"who": who, "draft": str(visit.first.pk), "section": "", "changes": sent} | body
    return client.post(f"{visit.address}state/", json.dumps(whole), content_type="application/json")


def test_the_page_has_every_element_with_its_anchors(visit: Visit, ada: Client) -> None:
    page = ada.get(visit.address).content.decode()
    for code in CODES:
        assert page.count(f'data-element="{code}"') == 1
        assert f'name="{code}.level"' in page
        assert f'name="{code}.notes"' in page
    assert page.count('class="level__anchor"') == 100
    assert "0 of 20" in page


def test_twenty_elements_cost_as_many_queries_as_none(
    visit: Visit, ada: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ada.get(visit.address)
    with django_assert_num_queries(7):
        ada.get(visit.address)
    levels_save(visit.first, {f"{code}.notes": Change("", f"on {code}") for code in CODES}, user=visit.ada)
    for code in CODES:
        given_files = [given("a.pdf", PDF)]
        finding_add(visit.first, code, user=visit.ada, given=Given("strength", f"of {code}", files=given_files))
    with django_assert_num_queries(7):
        ada.get(visit.address)
    version = ElementScore.form_version(visit.first)
    with django_assert_num_queries(4):
        asked = {"draft": visit.first.pk, "version": version, "who": visit.ada.pk}
        assert ada.get(f"{visit.address}state/", asked).status_code == 204


def test_saving_by_the_button_and_choosing_between_two_texts(visit: Visit, ada: Client) -> None:
    form = {"was-MC1.level": "", "MC1.level": "3", "was-MC1.notes": "", "MC1.notes": "Seen\r\ntwice ", "MC2.notes": "x"}
    ada.post(visit.address, form)
    row = ElementScore.objects.get()
    assert (row.element, row.level, row.notes) == ("MC1", 3, "Seen\ntwice")
    clash = ada.post(visit.address, {"was-MC1.notes": "Seen once", "MC1.notes": "Seen never"})
    assert clash.status_code == 409
    page = clash.content.decode()
    assert "Take the other" in page
    assert "Seen never" in page
    assert "Seen\ntwice" in page
    assert ElementScore.objects.get().notes == "Seen\ntwice"
    too_long = ada.post(visit.address, {"was-MC1.level": "3", "MC1.level": "9"})
    assert too_long.status_code == 400
    assert "MC1.level is no level" in too_long.content.decode()


def test_the_script_stores_merges_and_is_told(visit: Visit, ada: Client) -> None:
    answer = store(ada, visit, {"MC1.level": ("", "4"), "MC1.notes": ("", "a")}).json()
    assert (answer["version"], answer["answers"]["MC1.level"], answer["conflicts"]) == (1, "4", {})
    assert "1 of 20" in answer["progress"]
    clash = store(ada, visit, {"MC1.notes": ("", "b"), "MC2.level": ("", "1")}).json()
    assert clash["conflicts"]["MC1.notes"]["now"] == "a"
    assert clash["answers"]["MC2.level"] == "1"
    assert store(ada, visit, {"MC1.level": ("4", "7")}).status_code == 400
    assert store(ada, visit, {"ZZ1.level": ("", "1")}).status_code == 400
    assert ada.post(f"{visit.address}state/", "no", content_type="application/json").status_code == 400
    assert store(ada, visit, {"MC3.level": ("", "1")}, who=str(visit.bo.pk)).status_code == 409
    assert store(ada, visit, {"MC3.level": ("", "1")}, draft="1234567").status_code == 409
    assert not ElementScore.objects.filter(element="MC3").exists()
    visit.move("consensus")
    closed = store(ada, visit, {"MC3.level": ("", "1")})
    assert closed.status_code == 409
    assert "stays in this browser" in closed.json()["closed"]


def test_an_ended_session_is_told_to_the_script(visit: Visit) -> None:
    assert Client(headers={"HX-Request": "true"}).get(f"{visit.address}state/").status_code == 401


def test_findings_with_files_and_their_damage(visit: Visit, ada: Client) -> None:
    fields = {"element": "MC4", "kind": "critical_gap", "text": "No trend charts", "evidence": "SOP-12"}
    ada.post(f"{visit.address}findings/", fields | {"files": [given("charts.pdf", PDF)]})
    finding, file = Finding.objects.get(), FindingFile.objects.get()
    assert (finding.element, finding.text, file.name) == ("MC4", "No trend charts", "charts.pdf")
    page = ada.get(visit.address).content.decode()
    assert "No trend charts" in page
    assert "charts.pdf" in page
    sent = ada.get(f"{visit.address}files/{file.pk}/")
    assert b"".join(sent.streaming_content) == PDF
    refused = ada.post(
        f"{visit.address}findings/",
        fields | {"files": [given("evil.pdf", b"MZ")]},
        headers={"HX-Request": "true"},
    )
    assert refused.status_code == 422
    assert "evil.pdf" in refused.json()["problem"]
    assert Finding.objects.count() == 1
    address = f"{visit.address}findings/{finding.pk}/"
    ada.post(address, {"kind": "opportunity", "text": "Charts by hand", "version": "1"})
    assert (
        ada.post(address, {"kind": "strength", "text": "x", "version": "1"}, headers={"HX-Request": "true"}).status_code
        == 409
    )
    ada.post(address, {"remove": "yes", "version": "2"})
    finding.refresh_from_db()
    assert finding.removed_at
    assert finding.text == "Charts by hand"
    assert "Charts by hand" not in ada.get(visit.address).content.decode()


def test_finishing_and_reopening(visit: Visit, ada: Client) -> None:
    ada.post(f"{visit.address}finish/")
    assert "Give a level first to MC1" in ada.get(visit.address).content.decode()
    levels_save(visit.first, {f"{code}.level": Change("", "2") for code in CODES}, user=visit.ada)
    ada.post(f"{visit.address}finish/")
    page = ada.get(visit.address).content.decode()
    assert "You have finished" in page
    assert "Finish and keep it so" not in page
    office = client_of(visit.operator)
    waiting = office.get(visit.consensus).content.decode()
    assert "Ada Person has." in waiting
    assert "Reopen" in waiting
    address = f"{visit.address}{visit.first.pk}/reopen/"
    assert client_of(visit.auditor).post(address, {"reason": "A row was mistaken."}).status_code == 404
    office.post(address, {"reason": "A row was mistaken."})
    visit.first.refresh_from_db()
    assert visit.first.finished_at is None


def test_consensus_side_by_side(visit: Visit, ada: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    levels_save(visit.second, {"MC1.notes": Change("", "The head was away")}, user=visit.bo)
    visit.finish(visit.first)
    visit.finish(visit.second, MC1="5", MC2="4")
    visit.move("consensus")
    ada.get(visit.consensus)
    with django_assert_num_queries(12):
        page = ada.get(visit.consensus).content.decode()
    assert "Of 20 elements, 18 have the same level from both; 1 lies two or more apart and needs a recorded" in page
    assert "2 apart" in page
    assert "The head was away" in page
    body = {"who": str(visit.ada.pk), "draft": str(visit.case.pk), "changes": {"MC1.level": {"was": "", "now": "4"}}}
    answer = ada.post(f"{visit.consensus}state/", json.dumps(body), content_type="application/json").json()
    assert answer["problems"]["MC1.reason"] == "Levels two or more apart need a recorded reason."
    assert "reason lacks" in answer["progress"]
    bo = client_of(visit.bo)
    bo.post(visit.consensus, {"was-MC1.reason": "", "MC1.reason": "Two shifts differ"})
    row = ConsensusScore.objects.get()
    assert (row.level, row.reason, row.decided_by) == (4, "Two shifts differ", visit.bo)
    stale = ada.get(f"{visit.consensus}state/", {"draft": visit.case.pk, "version": "1", "who": visit.ada.pk})
    assert stale.json()["answers"]["MC1.reason"] == "Two shifts differ"
    assert client_of(visit.operator).post(visit.consensus, {"was-MC1.level": "4", "MC1.level": "5"}).status_code == 302
    row.refresh_from_db()
    assert row.level == 4
