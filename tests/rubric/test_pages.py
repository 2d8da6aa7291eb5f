"""The pages of the rubric: reading, the editor with and without script, review, publication, and who may what."""

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from dscr.access.models import User
from dscr.access.roles import KINDS_OF_ROLE, Role
from qmm.models import Rubric
from qmm.rubric.shipped import shipped
from qmm.services.rubric import Change, draft_save
from tests.pages import factory

pytestmark = pytest.mark.django_db
NOTE = "The name was misunderstood in two visits."
EDITS = ("/rubric/draft/", "/rubric/draft/state/")
POSTS = ("begin", "element", "publish", "discard")


def signed_in(role: Role) -> Client:
    client = Client()
    client.force_login(factory.user_of(f"Firm of {role}", role))
    return client


@pytest.mark.parametrize("role", KINDS_OF_ROLE)
def test_every_role_reads_published_versions_and_two_read_the_draft(draft: Rubric, role: Role) -> None:
    client = signed_in(role)
    for address in ("/rubric/2026.1/", "/rubric/versions/", "/rubric/"):
        assert client.get(address, follow=True).status_code == 200, address
    overseeing, operating = role in (Role.OPERATOR, Role.AUDITOR), role == Role.OPERATOR
    assert (client.get("/rubric/draft/review/").status_code == 200) == overseeing
    assert ("A draft is open" in client.get("/rubric/versions/").content.decode()) == overseeing
    for address in EDITS:
        assert (client.get(f"{address}?draft={draft.pk}").status_code in (200, 204)) == operating, address
    if not operating:
        for name in POSTS:
            assert client.post(f"/rubric/draft/{name}/").status_code in (403, 404), name
        assert Rubric.objects.draft().get().revision == 1


def test_nobody_without_a_membership_reads_it(client: Client) -> None:
    assert client.get("/rubric/2026.1/").status_code == 302


def test_the_reading_page_holds_all_texts(page: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    page.get("/rubric/2026.1/")
    with django_assert_num_queries(3):  # session, user, the version
        response = page.get("/rubric/2026.1/")
    said = response.content.decode()
    for fields in shipped().values():
        for text in fields.values():
            for line in text.splitlines():
                assert line in said
    assert said.count("<table") == 20
    assert said.count('scope="col"') == 100
    assert page.get("/rubric/1999.1/").status_code == 404
    assert page.get("/rubric/2026.1/changes/").status_code == 404


def test_the_list_reads_no_texts(
    page: Client, draft: Rubric, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    page.get("/rubric/versions/")
    with django_assert_num_queries(4) as asked:  # session, user, draft, versions
        page.get("/rubric/versions/")
    assert not [query for query in asked.captured_queries if '"qmm_rubric"."texts"' in query["sql"]]


def test_the_editor_without_script(page: Client, draft: Rubric, colleague: User) -> None:
    shown = page.get("/rubric/draft/?section=MC2").content.decode()
    assert "20 of 20" in shown
    assert shown.count("<textarea") == 16 + 17
    was = shipped()["MC2"]["name"]
    sent = {"draft": draft.pk, "MC2.name": "Objectives", "was-MC2.name": was, "go": "MC3"}
    assert page.post("/rubric/draft/?section=MC2", sent).headers["Location"] == "/rubric/draft/?section=MC3"
    assert Rubric.objects.get(pk=draft.pk).texts["MC2"]["name"] == "Objectives"
    assert "Changed since 2026.1" in page.get("/rubric/draft/?section=MC2").content.decode()

    draft_save(draft, user=colleague, changes={"MC2.name": Change("Objectives", "Goals of quality")})
    conflict = page.post("/rubric/draft/?section=MC2", sent | {"MC2.name": "Aims", "was-MC2.name": "Objectives"})
    said = conflict.content.decode()
    assert conflict.status_code == 409
    assert "“Goals of quality”. You: “Aims”." in said
    assert 'value="Aims"' in said
    taken = page.post("/rubric/draft/?section=MC2", sent | {"MC2.name": "Aims", "take": "MC2.name"})
    assert taken.status_code == 302
    assert Rubric.objects.get(pk=draft.pk).texts["MC2"]["name"] == "Goals of quality"


def test_too_long_a_text_is_refused_and_stays_in_the_page(page: Client, draft: Rubric) -> None:
    was = shipped()["MC1"]["anchor_1"]
    sent = {"draft": draft.pk, "MC1.anchor_1": "w" * 3001, "was-MC1.anchor_1": was}
    response = page.post("/rubric/draft/", sent)
    assert response.status_code == 400
    assert "w" * 3001 in response.content.decode()
    assert "MC1.anchor_1 is longer than 3,000 characters." in response.content.decode()
    assert Rubric.objects.get(pk=draft.pk).texts == shipped()


def test_the_state_for_the_script(
    page: Client, operator: User, draft: Rubric, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def post(changes: Any, **more: Any) -> Any:
        body = {"who": str(operator.pk), "draft": str(draft.pk), "section": "MC1", "changes": changes} | more
        return page.post("/rubric/draft/state/", json.dumps(body), content_type="application/json")

    address = f"/rubric/draft/state/?draft={draft.pk}&who={operator.pk}"
    with django_assert_num_queries(3):
        assert page.get(f"{address}&version=1").status_code == 204
    change = {"MC1.anchor_1": {"was": shipped()["MC1"]["anchor_1"], "now": "Too short"}}
    stored = post(change).json()
    assert stored["version"] == 2
    assert stored["answers"]["MC1.anchor_1"] == "Too short"
    assert stored["problems"]["MC1.anchor_1"] == "Only 9 characters long; write at least 60."
    assert "19 of 20" in stored["progress"]
    assert "<ins>" in stored["said"]["MC1.anchor_1"]
    assert page.get(f"{address}&version=1").json()["version"] == 2
    assert (
        post({"MC1.anchor_1": {"was": "Older", "now": "Mine"}}).json()["conflicts"]["MC1.anchor_1"]["now"]
        == "Too short"
    )
    for refused in (
        "x",
        {"nonsense": {"was": "", "now": ""}},
        {"MC1.name": "x"},
        {"MC8.name": {"was": "", "now": "x"}},
    ):
        assert post(refused).status_code == 400, refused
    assert post(change, who="0").status_code == 409
    assert post(change, draft="0").status_code == 409
    assert page.get("/rubric/draft/state/?draft=0").status_code == 409


def test_from_a_change_to_a_new_version(page: Client, operator: User, draft: Rubric) -> None:
    nothing = page.get("/rubric/draft/review/").content.decode()
    assert "Nothing differs from version 2026.1 yet." in nothing
    assert "Go on to publish" not in nothing
    was = shipped()["PQ1"]
    draft_save(draft, user=operator, changes={"PQ1.anchor_1": Change(was["anchor_1"], "")})
    missing = page.get("/rubric/draft/review/").content.decode()
    assert "1 place to complete" in missing
    assert "Go on to publish" not in missing
    draft_save(draft, user=operator, changes={"PQ1.anchor_1": Change("", was["anchor_1"])})
    draft_save(draft, user=operator, changes={"PQ1.name": Change(was["name"], "Quality risk work")})
    review = page.get("/rubric/draft/review/").content.decode()
    assert "1 element against version 2026.1" in review
    assert '<del><span class="usa-sr-only">removed: </span>management</del>' in review

    sent = {"revision": 4, "note": NOTE}
    asked = page.post("/rubric/draft/publish/", sent)
    assert "PQ1 Quality risk work: changed" in " ".join(asked.content.decode().split())
    assert Rubric.objects.in_force().get().version == "2026.1"
    for wrong in (sent | {"note": "no"}, sent | {"revision": 3}, sent | {"revision": 3, "confirmed": "yes"}):
        assert page.post("/rubric/draft/publish/", wrong).status_code == 400, wrong
    done = page.post("/rubric/draft/publish/", sent | {"confirmed": "yes"}, follow=True)
    new = Rubric.objects.in_force().get()
    assert done.redirect_chain == [(f"/rubric/{new.version}/", 302)]
    assert new.texts["PQ1"]["name"] == "Quality risk work"
    assert "This version is retired." in page.get("/rubric/2026.1/").content.decode()
    changes = page.get(f"/rubric/{new.version}/changes/").content.decode()
    assert NOTE in changes
    assert "in 1 element." in changes
    assert page.post("/rubric/draft/publish/", sent | {"confirmed": "yes"}).headers["Location"] == "/rubric/versions/"


def test_elements_are_added_left_out_and_put_back(page: Client, draft: Rubric) -> None:
    def post(**sent: str) -> str:
        return page.post("/rubric/draft/element/", sent).headers["Location"]

    assert post(add="TE") == "/rubric/draft/?section=TE4"
    shown = page.get("/rubric/draft/?section=TE4").content.decode()
    assert "13 to complete" in shown  # name, what is looked for, questions, five anchors, five pieces of evidence
    assert post(leave_out="TE4") == "/rubric/draft/?section=TE4"
    assert "This element is left out" in page.get("/rubric/draft/?section=TE4").content.decode()
    assert post(put_back="TE4") == "/rubric/draft/?section=TE4"
    assert Rubric.objects.get(pk=draft.pk).removed == []
    for sent in ({"add": "XX"}, {"leave_out": "ZZ9"}, {}):
        assert post(**sent) == "/rubric/draft/"


def test_discarding_keeps_the_version_in_force(page: Client, draft: Rubric) -> None:
    assert page.post("/rubric/draft/discard/").headers["Location"] == "/rubric/versions/"
    assert page.get("/rubric/draft/").headers["Location"] == "/rubric/versions/"
    assert page.get("/rubric/draft/review/").headers["Location"] == "/rubric/versions/"
    assert Rubric.objects.get(pk=draft.pk).state == "discarded"
    assert page.post("/rubric/draft/begin/").headers["Location"] == "/rubric/draft/"
    assert Rubric.objects.draft().get() != draft
    assert Rubric.objects.in_force().get().texts == shipped()


def test_the_api_tells_published_versions_only(page: Client, draft: Rubric) -> None:
    listed = page.get("/api/v1/rubrics/").json()["results"]
    assert [(row["version"], row["in_force_to"], row["note"]) for row in listed] == [
        ("2026.1", None, "The first version.")
    ]
    answer = page.get("/api/v1/rubrics/2026.1/")
    rubric = answer.json()
    assert [len(area["elements"]) for area in rubric["areas"]] == [4, 4, 6, 3, 3]
    first = rubric["areas"][0]["elements"][0]
    assert (first["code"], first["levels"][4]["name"]) == ("MC1", "Optimizing")
    assert first["levels"][4]["anchor"] == shipped()["MC1"]["anchor_5"]
    assert {question["ask"] for question in first["questions"]} == {
        "leadership",
        "quality",
        "operations",
        "engineering",
    }
    assert page.get("/api/v1/rubrics/2026.1/", headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert page.get("/api/v1/rubrics/1999.1/").status_code == 404
