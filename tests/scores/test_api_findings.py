"""One's own findings by API, finishing, and the consensus that both come to."""

from typing import Any

import pytest

from qmm.models import ConsensusScore, EarlierEntry, Finding
from qmm.services.consensus import consensus_save
from qmm.services.scoring import Change
from tests.api.conftest import Machine
from tests.api.test_problems import assert_problem
from tests.evidence.files import EXE, PDF, given
from tests.scores.conftest import CODES, Visit

FOUND = {"kind": "opportunity", "text": "Two stops were decided above the line.", "evidence": "Stop log"}


def path(visit: Visit, rest: str) -> str:
    return f"assessments/{visit.case.pk}/{rest}/"


@pytest.fixture
def ada(visit: Visit) -> Machine:
    return Machine(visit.ada)


def add(asked: Machine, visit: Visit, **more: Any) -> Any:
    return asked.post(path(visit, "findings"), {"element": "EE2"} | FOUND | more)


class TestFindings:
    def test_added_changed_and_taken_out(self, visit: Visit, ada: Machine) -> None:
        headers = {"Idempotency-Key": "f1"}
        body = {"element": "EE2", **FOUND, "text": " Two stops\r\nabove the line. "}
        made = ada.post(path(visit, "findings"), body, **headers)
        assert made.status_code == 201, made.content
        row = made.json()
        assert (row["element"], row["text"], row["files"]) == ("EE2", "Two stops\nabove the line.", [])
        assert ada.post(path(visit, "findings"), body, **headers).json() == row
        assert Finding.objects.count() == 1
        one = path(visit, f"findings/{row['id']}")
        assert ada.get(path(visit, "findings")).json() == {"case": visit.case.pk, "closed": "", "results": [row]}
        assert (ada.get(one).json(), ada.get(one)["ETag"]) == (row, row["etag"])
        assert_problem(ada.put(one, FOUND), 428, "precondition-required")
        changed = ada.put(one, FOUND, if_match=row["etag"])
        assert (changed.status_code, changed.json()["text"]) == (200, FOUND["text"])
        assert_problem(ada.put(one, FOUND, if_match=row["etag"]), 412, "precondition-failed")
        assert_problem(ada.delete(one, if_match=row["etag"]), 412, "precondition-failed")
        assert ada.delete(one, if_match=changed["ETag"]).status_code == 204
        assert ada.get(one).status_code == 404
        assert Finding.objects.get().removed_at is not None
        assert EarlierEntry.objects.filter(finding__isnull=False).exists()

    def test_files_are_added_and_sent(self, visit: Visit, ada: Machine) -> None:
        row = add(ada, visit).json()
        address = path(visit, f"findings/{row['id']}/files")
        assert_problem(ada.upload(address, given("log.pdf", PDF)), 428, "precondition-required")
        stored = ada.upload(address, given("log.pdf", PDF), if_match=row["etag"])
        assert stored.status_code == 201, stored.content
        [file] = stored.json()["files"]
        assert (file["name"], file["size"], stored.json()["text"]) == ("log.pdf", len(PDF), FOUND["text"])
        sent = ada.get(path(visit, f"finding-files/{file['id']}"))
        assert b"".join(sent.streaming_content) == PDF
        wrong = ada.upload(address, given("log.pdf", EXE), if_match=stored["ETag"])
        assert assert_problem(wrong, 400, "invalid-request")["errors"][0]["pointer"] == "#/files"

    @pytest.mark.parametrize(
        ("more", "place"),
        [
            ({"element": "ZZ9"}, "#/element"),
            ({"kind": "praise"}, "#/kind"),
            ({"text": "  "}, "#/text"),
            ({"text": "x" * 5_001}, "#/text"),
            ({"evidence": "x" * 1_001}, "#/evidence"),
            ({"level": 3}, "#/level"),
        ],
    )
    def test_what_is_no_finding(self, visit: Visit, ada: Machine, more: dict[str, Any], place: str) -> None:
        told = assert_problem(add(ada, visit, **more), 400, "invalid-request")
        assert [error["pointer"] for error in told["errors"]] == [place]
        assert not Finding.objects.exists()


class TestFinishing:
    def test_a_case_is_fetched_scored_and_finished(self, visit: Visit, ada: Machine) -> None:
        """As an assessor firm's system does it."""
        sheet = ada.get(path(visit, "scores")).json()
        early = ada.post(path(visit, "scores/finish"), {})
        assert assert_problem(early, 409, "scoring-closed")["detail"].startswith("Give a level first to MC1")
        for row in sheet["results"]:
            put = ada.put(path(visit, f"scores/{row['element']}"), {"level": 3, "notes": "Seen."}, if_match=row["etag"])
            assert put.status_code == 200
        done = ada.post(path(visit, "scores/finish"), {}, **{"Idempotency-Key": "done"})
        assert done.status_code == 200, done.content
        assert done.json()["both_finished"] is False
        again = ada.post(path(visit, "scores/finish"), {}, **{"Idempotency-Key": "done"})
        assert again.json() == done.json()
        assert_problem(ada.post(path(visit, "scores/finish"), {}), 409, "scoring-closed")
        assert_problem(add(ada, visit), 409, "scoring-closed")
        visit.finish(visit.second)
        assert ada.get(path(visit, "consensus")).json()["both_finished"] is True

    def test_the_operator_reopens_with_a_reason(self, visit: Visit, ada: Machine) -> None:
        operator, address = Machine(visit.operator), path(visit, f"assignment/{visit.first.pk}/reopen")
        early = operator.post(address, {"reason": "Two levels were swapped."})
        assert_problem(early, 409, "step-refused")
        visit.finish(visit.first)
        assert_problem(operator.post(address, {"reason": "Oops"}), 409, "step-refused")
        for user in (visit.ada, visit.auditor, visit.dan):
            assert Machine(user).post(address, {"reason": "Two levels were swapped."}).status_code == 404
        opened = operator.post(address, {"reason": "Two levels were swapped."})
        assert opened.json() == {"case": visit.case.pk, "assignment": visit.first.pk, "has_finished": False}
        assert add(ada, visit).status_code == 201


class TestConsensus:
    @pytest.fixture
    def both(self, visit: Visit) -> Visit:
        visit.save(visit.first, MC1_notes="Floor visits")
        visit.finish(visit.first, level="4")
        visit.finish(visit.second, level="4", MC1="2")
        visit.move("consensus")
        return visit

    def test_levels_side_by_side_and_agreed(self, both: Visit, ada: Machine, django_assert_num_queries: Any) -> None:
        ada.get(path(both, "consensus"))  # what a connection prepares once
        with django_assert_num_queries(11):
            body = ada.get(path(both, "consensus")).json()
        assert (body["both_finished"], body["closed"], len(body["open"])) == (True, "", 20)
        row = body["results"][0]
        given_by = [(one["assessor"], one["level"], one["notes"]) for one in row["given"]]
        assert given_by == [("Ada Person", 4, "Floor visits"), ("Bo Person", 2, "")]
        assert (row["gap"], row["needs_reason"], row["level"], row["is_open"]) == (2, True, None, True)
        one = path(both, "consensus/MC1")
        assert_problem(ada.put(one, {"level": 3, "reason": ""}), 428, "precondition-required")
        agreed = ada.put(one, {"level": 3, "reason": ""}, if_match=row["etag"])
        assert agreed.status_code == 200, agreed.content
        assert (agreed.json()["level"], agreed.json()["is_open"]) == (3, True)  # the reason lacks
        reason = {"level": 3, "reason": " One of us saw the second shift. "}
        stale = Machine(both.bo).put(one, reason, if_match=row["etag"])
        assert_problem(stale, 412, "precondition-failed")
        settled = Machine(both.bo).put(one, reason, if_match=agreed["ETag"]).json()
        assert (settled["reason"], settled["is_open"], settled["decided_by"]) == (
            "One of us saw the second shift.",
            False,
            "Bo Person",
        )
        assert ada.get(path(both, "consensus")).json()["open"] == CODES[1:]
        assert ada.get(one)["ETag"] == settled["etag"]

    @pytest.mark.parametrize("body", [{"level": 6, "reason": ""}, {"level": "3", "reason": ""}, {"level": 3}, [3]])
    def test_what_is_no_agreement(self, both: Visit, ada: Machine, body: Any) -> None:
        etag = ada.get(path(both, "consensus/MC1"))["ETag"]
        assert ada.put(path(both, "consensus/MC1"), body, if_match=etag).status_code == 400
        assert not ConsensusScore.objects.exists()

    def test_others_read_or_do_not(self, both: Visit, ada: Machine) -> None:
        etag = ada.get(path(both, "consensus/MC1"))["ETag"]
        for user in (both.operator, both.auditor):
            assert Machine(user).get(path(both, "consensus")).json()["both_finished"] is True
            put = Machine(user).put(path(both, "consensus/MC1"), {"level": 3, "reason": ""}, if_match=etag)
            assert put.status_code == 403
        for user in (both.cyd, both.dan):
            assert Machine(user).get(path(both, "consensus")).status_code == 404
            put = Machine(user).put(path(both, "consensus/MC1"), {"level": 3, "reason": ""}, if_match=etag)
            assert put.status_code in (403, 404)

    def test_closed_once_the_case_has_gone_on(self, both: Visit, ada: Machine) -> None:
        consensus_save(both.case, {"MC1.level": Change("", "3")}, user=both.ada)
        both.move("draft_report")
        etag = ada.get(path(both, "consensus/MC1"))["ETag"]
        refused = ada.put(path(both, "consensus/MC1"), {"level": 4, "reason": ""}, if_match=etag)
        assert "it stands at “Draft report”" in assert_problem(refused, 409, "scoring-closed")["detail"]
