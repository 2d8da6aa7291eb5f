"""The draft of the rubric by API: the operator writes and publishes; the auditor reads; nobody else finds it."""

from typing import Any

import pytest

from dscr.access.models import User
from dscr.access.roles import KINDS_OF_ROLE, Role
from qmm.models import Rubric
from qmm.rubric.shipped import shipped
from qmm.services.rubric import Change, draft_save
from tests.api.conftest import Machine
from tests.api.test_problems import assert_problem
from tests.pages import factory

NOTE = "The name was misunderstood in two visits."
NAME = shipped()["MC1"]["name"]
MC1 = "rubrics/draft/elements/MC1/"


@pytest.fixture
def machine(operator: User) -> Machine:
    return Machine(operator)


def renamed(now: str, was: str = NAME, **more: Any) -> dict[str, Any]:
    return {"texts": {"name": {"was": was, "now": now}}, **more}


def test_from_beginning_to_publication(machine: Machine, operator: User, django_assert_num_queries: Any) -> None:
    assert_problem(machine.get("rubrics/draft/"), 404, "not-found")
    begun = machine.post("rubrics/draft/", {}, idempotency_key="begin")
    assert begun.status_code == 201
    body = begun.json()
    assert (body["revision"], body["based_on"], body["begun_by"]) == (1, "2026.1", str(operator))
    assert [(row["element"], row["missing"]) for row in body["elements"]] == [(code, 0) for code in shipped()]
    again = machine.post("rubrics/draft/", {}, idempotency_key="begin")
    assert (again.status_code, again.json()) == (201, body)
    unchanged = assert_problem(
        machine.post("rubrics/draft/publish/", {"note": NOTE}, if_match=body["etag"]), 409, "rubric-draft"
    )
    assert unchanged["detail"] == "Nothing differs from version 2026.1. Change something, or discard the draft."

    stored = machine.patch(MC1, renamed("  Culture "))
    texts = {row["field"]: row for row in stored.json()["texts"]}
    assert (texts["name"]["text"], texts["name"]["published"], texts["name"]["edited_by"]) == (
        "Culture",
        NAME,
        str(operator),
    )
    machine.patch(MC1, {"texts": {"anchor_1": {"was": texts["anchor_1"]["text"], "now": ""}}})
    with django_assert_num_queries(4):  # the token, the count of requests, the draft, this year's versions
        review = machine.get("rubrics/draft/review/").json()
    assert review["missing"] == [{"element": "MC1", "field": "anchor_1", "detail": "Missing. Write it."}]
    assert [(row["element"], row["change"], [text["field"] for text in row["texts"]]) for row in review["changes"]] == [
        ("MC1", "changed", ["name", "anchor_1"])
    ]
    with django_assert_num_queries(3):
        draft = machine.get("rubrics/draft/").json()
    assert (draft["revision"], draft["etag"], draft["elements"][0]["missing"]) == (3, review["etag"], 1)
    with django_assert_num_queries(3):
        assert machine.get(MC1).json()["missing"] == review["missing"]

    def publish(note: str, **headers: str) -> Any:
        return machine.post("rubrics/draft/publish/", {"note": note}, **headers)

    assert_problem(publish(NOTE), 428, "precondition-required")
    assert_problem(publish(NOTE, if_match=body["etag"]), 412, "precondition-failed")
    short = assert_problem(publish("no", if_match=draft["etag"]), 400, "invalid-request")
    assert [error["pointer"] for error in short["errors"]] == ["#/note"]
    unready = assert_problem(publish(NOTE, if_match=draft["etag"]), 409, "rubric-draft")
    assert unready["detail"] == "1 place is not ready. Complete them first."
    assert unready["unmet"] == ["MC1.anchor_1: Missing. Write it."]

    machine.patch(MC1, {"texts": {"anchor_1": {"was": "", "now": texts["anchor_1"]["text"]}}})
    keyed = {"if_match": machine.get("rubrics/draft/")["ETag"], "idempotency_key": "publish"}
    published = publish(NOTE, **keyed).json()
    assert (published["note"], published["in_force_to"]) == (NOTE, None)
    assert publish(NOTE, **keyed).json() == published
    assert machine.get("rubrics/").json()["results"][0] == published
    changed = machine.get(f"rubrics/{published['version']}/changes/").json()
    assert changed["based_on"] == "2026.1"
    assert changed["results"] == [
        {
            "element": "MC1",
            "name": "Culture",
            "change": "changed",
            "texts": [{"field": "name", "label": "Name", "before": NAME, "after": "Culture"}],
        }
    ]
    assert_problem(machine.get("rubrics/2026.1/changes/"), 404, "not-found")


def test_nobody_is_overwritten_unseen(machine: Machine, draft: Rubric, colleague: User) -> None:
    etag = machine.get("rubrics/draft/")["ETag"]
    draft_save(draft, user=colleague, changes={"MC1.name": Change(NAME, "Leadership")})
    both = renamed("Culture")
    both["texts"]["looked_for"] = {"was": shipped()["MC1"]["looked_for"], "now": "Something else."}
    told = assert_problem(machine.patch(MC1, both), 409, "texts-changed")
    conflict = told["conflicts"]["MC1.name"]
    assert (conflict["sent"], conflict["stored"], conflict["by"]) == ("Culture", "Leadership", str(colleague))
    draft.refresh_from_db()
    assert draft.texts["MC1"]["looked_for"] == shipped()["MC1"]["looked_for"]  # all or nothing
    assert_problem(machine.delete("rubrics/draft/"), 428, "precondition-required")
    assert_problem(machine.delete("rubrics/draft/", if_match=etag), 412, "precondition-failed")
    told = assert_problem(machine.post("rubrics/draft/", {}), 409, "rubric-draft")
    assert told["detail"] == f"A draft is open already; {draft.created_by} began it. Go on with that one."
    assert machine.delete("rubrics/draft/", if_match=machine.get("rubrics/draft/")["ETag"]).status_code == 204
    assert_problem(machine.get("rubrics/draft/"), 404, "not-found")
    assert_problem(machine.patch(MC1, renamed("Culture")), 404, "not-found")


def test_elements_come_and_are_left_out(machine: Machine, draft: Rubric) -> None:
    new = machine.post("rubrics/draft/elements/", {"area": "technical_excellence"})
    assert (new.status_code, new.json()["element"], new.json()["is_left_out"]) == (201, "TE4", False)
    assert machine.get("rubrics/draft/elements/TE4/").json()["texts"][0]["published"] is None
    assert machine.patch("rubrics/draft/elements/TE4/", {"is_left_out": True}).json()["is_left_out"]
    machine.patch("rubrics/draft/elements/EE3/", {"is_left_out": True})
    changes = machine.get("rubrics/draft/review/").json()["changes"]
    assert [(row["element"], row["change"]) for row in changes] == [("EE3", "removed")]
    assert not machine.patch("rubrics/draft/elements/EE3/", {"is_left_out": False}).json()["is_left_out"]
    assert machine.get("rubrics/draft/review/").json()["changes"] == []


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "#"),
        ({"texts": {"anchor_6": {"was": "", "now": "x"}}}, "#/texts/anchor_6"),
        ({"texts": {"name": {"now": "x"}}}, "#/texts/name/was"),
        ({"texts": {"name": {"was": "", "now": "x" * 3_001}}}, "#/texts/name/now"),
        ({"texts": {"name": {"was": "", "now": "x", "by": "me"}}}, "#/texts/name/by"),
        ({"is_left_out": "perhaps"}, "#/is_left_out"),
        ({"name": "x"}, "#/name"),
    ],
)
def test_what_is_no_change_of_an_element(machine: Machine, draft: Rubric, body: Any, place: str) -> None:
    told = assert_problem(machine.patch(MC1, body), 400, "invalid-request")
    assert [error["pointer"] for error in told["errors"]] == [place]
    assert_problem(machine.patch("rubrics/draft/elements/ZZ9/", body), 404, "not-found")
    assert_problem(machine.post("rubrics/draft/elements/", {"area": "XX"}), 400, "invalid-request")
    assert Rubric.objects.draft().get().revision == 1


@pytest.mark.parametrize("role", [role for role in KINDS_OF_ROLE if role != Role.OPERATOR])
def test_the_auditor_reads_the_draft_and_nobody_else(draft: Rubric, role: Role) -> None:
    machine = Machine(factory.user_of(f"Firm of {role}", role))
    reads = role == Role.AUDITOR
    for path in ("rubrics/draft/", "rubrics/draft/review/", MC1):
        assert machine.get(path).status_code == (200 if reads else 404), path
    refused = 403 if reads else 404
    assert machine.post("rubrics/draft/", {}).status_code == refused
    assert machine.delete("rubrics/draft/").status_code == refused
    assert machine.patch(MC1, renamed("Culture")).status_code == refused
    for path in ("rubrics/draft/publish/", "rubrics/draft/elements/"):
        assert machine.post(path, {}).status_code == 404
    assert Rubric.objects.draft().get().revision == 1
