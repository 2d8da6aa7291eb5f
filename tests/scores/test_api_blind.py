"""The blind rule through every endpoint of a case: what the colleague does changes no byte of what anybody else reads,
but that they have finished."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.utils import timezone

from dscr.access.models import User
from qmm.models import CaseAssignment, Finding, FindingFile, Rubric
from qmm.services.findings import Given, finding_add
from qmm.services.scoring import Change, levels_save
from tests.api.conftest import Machine
from tests.evidence.files import PDF, given
from tests.scores.conftest import CODES, Visit, make_visit

READERS = ("ada", "cyd", "dan", "operator", "auditor")
LISTS = (
    "",
    "timeline/",
    "assignment/",
    "sheets/questionnaire/",
    "sheets/draft/",
    "files/",
    "scores/",
    "scores/MC1/",
    "findings/",
    "consensus/",
    "consensus/MC1/",
    "fact-check/",
)


@pytest.fixture
def visit(db: None) -> Visit:
    """Its version of the rubric is fixed since the visit began."""
    made = make_visit()
    made.case.rubric = Rubric.objects.in_force().get()
    made.case.save()
    return made


def told(user: User, visit: Visit) -> dict[str, Any]:
    """Status, ETag and body of every endpoint; the board too."""
    asked, found = Machine(user), {}
    paths = [f"assessments/{visit.case.pk}/{rest}" for rest in LISTS]
    for path in (*paths, "assessments/", f"establishments/{visit.case.establishment_id}/"):
        answer = asked.get(path)
        found[path] = (answer.status_code, answer.headers.get("ETag"), json.loads(answer.content))
    return found


def writes(visit: Visit) -> None:
    """Bo gives a level, notes and a finding with a file, and changes them."""
    levels_save(visit.second, {"MC1.level": Change("", "5"), "MC1.notes": Change("", "Zwirbel")}, user=visit.bo)
    levels_save(visit.second, {"MC1.notes": Change("Zwirbel", "Zwirbelnote")}, user=visit.bo)
    file = given("snorkfile.pdf", PDF)
    finding_add(visit.second, "MC1", user=visit.bo, given=Given("strength", "Quarkfinding", "Evidenzia", [file]))


def finishes(visit: Visit) -> None:
    levels_save(visit.second, {f"{code}.level": Change("", "3") for code in CODES[1:]}, user=visit.bo)
    CaseAssignment.objects.filter(pk=visit.second.pk).update(finished_at=timezone.now())


@contextmanager
def unseen(visit: Visit) -> Iterator[None]:
    before = {reader: told(getattr(visit, reader), visit) for reader in READERS}
    yield
    for reader, found in before.items():
        assert told(getattr(visit, reader), visit) == found, reader


@pytest.mark.parametrize("ada_has_finished", [False, True])
def test_what_the_colleague_does_changes_nothing_that_others_read(visit: Visit, ada_has_finished: bool) -> None:
    if ada_has_finished:
        visit.finish(visit.first)
    with unseen(visit):
        writes(visit)


def test_that_the_colleague_has_finished_is_all_that_is_told(visit: Visit) -> None:
    """And not when: the rest stays as it was, byte by byte."""
    writes(visit)
    before = told(visit.ada, visit)
    finishes(visit)
    after = told(visit.ada, visit)
    changed = [path for path in before if before[path] != after[path]]
    detail, consensus = (f"assessments/{visit.case.pk}/{rest}" for rest in ("", "consensus/"))
    assert changed == [detail, consensus]
    for path, members in ((detail, "assessors"), (consensus, "assessors")):
        old, new = before[path][2], after[path][2]
        people = new.pop(members)
        assert [(one["name"], one["has_finished"]) for one in people] == [("Ada Person", False), ("Bo Person", True)]
        old.pop(members)
        new.pop("steps", None)  # who still has to finish stands against the consensus
        old.pop("steps", None)
        assert new == old
    assert str(timezone.localdate().year) not in json.dumps(people)


@pytest.mark.parametrize("reader", READERS)
def test_ids_of_the_colleague_s_lead_nowhere(visit: Visit, reader: str) -> None:
    writes(visit)
    asked, base = Machine(getattr(visit, reader)), f"assessments/{visit.case.pk}"
    finding, file = Finding.objects.get(), FindingFile.objects.get()
    change = {"kind": "strength", "text": "x", "evidence": ""}
    answers = [
        asked.get(f"{base}/findings/{finding.pk}/"),
        asked.put(f"{base}/findings/{finding.pk}/", change, if_match="*"),
        asked.delete(f"{base}/findings/{finding.pk}/", if_match="*"),
        asked.upload(f"{base}/findings/{finding.pk}/files/", given("a.pdf", PDF), if_match="*"),
        asked.get(f"{base}/finding-files/{file.pk}/"),
        asked.get(f"{base}/consensus/MC1/"),
    ]
    assert [answer.status_code for answer in answers] == [404] * len(answers)
    agree = asked.put(f"{base}/consensus/MC1/", {"level": 3, "reason": ""}, if_match="*")
    assert agree.status_code in (403, 404)
    assert not re.search("Zwirbel|Quark|snork|Evidenz", " ".join(answer.content.decode() for answer in answers))


def test_once_both_have_finished_each_reads_the_other(visit: Visit) -> None:
    writes(visit)
    finishes(visit)
    visit.finish(visit.first)
    for reader in ("ada", "bo", "operator", "auditor"):
        asked = Machine(getattr(visit, reader))
        rows = asked.get(f"assessments/{visit.case.pk}/consensus/").json()["results"]
        assert [one["level"] for one in rows[0]["given"]] == [3, 5]
        [found] = rows[0]["given"][1]["findings"]
        assert (found["text"], found["files"][0]["name"]) == ("Quarkfinding", "snorkfile.pdf")
        sent = asked.get(f"assessments/{visit.case.pk}/finding-files/{found['files'][0]['id']}/")
        assert b"".join(sent.streaming_content) == PDF
    assert Machine(visit.ada).get(f"assessments/{visit.case.pk}/findings/").json()["results"] == []


def test_a_newcomer_closes_what_was_open_also_to_a_repeat(visit: Visit) -> None:
    """An answer that held both levels is not told again once somebody else has to give theirs."""
    writes(visit)
    finishes(visit)
    visit.finish(visit.first)
    visit.move("consensus")
    ada, address = Machine(visit.ada), f"assessments/{visit.case.pk}/consensus/MC1/"
    headers = {"if_match": ada.get(address)["ETag"], "idempotency_key": "k"}
    body = {"level": 4, "reason": "Both shifts count."}
    assert ada.put(address, body, **headers).json()["given"][1]["notes"] == "Zwirbelnote"
    CaseAssignment.objects.filter(pk=visit.second.pk).update(ended_on=timezone.localdate())
    CaseAssignment.objects.create(case=visit.case, membership=visit.cyd.membership, assigned_on=timezone.localdate())
    assert ada.put(address, body, **headers).status_code == 404
    assert ada.get(f"assessments/{visit.case.pk}/consensus/").json()["results"] == []
    assert Machine(visit.cyd).get(address).status_code == 404
