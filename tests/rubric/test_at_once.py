"""Two operators at the same moment: one begins or publishes, the others are told so in plain words."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from dscr.access.models import User
from qmm.models import Rubric
from qmm.services.rubric import Change, draft_begin, draft_publish, draft_save
from qmm.views.rubric_draft import CLOSED
from tests.api.conftest import Machine
from tests.api.test_problems import assert_problem
from tests.mergers.test_at_once import Aside, wait_until_waiting

OPEN = "A draft is open already"
NOTE = "The name was misunderstood in two visits."


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def asked(post: Callable[[], Any]) -> tuple[Aside, list[Any]]:
    answers: list[Any] = []
    aside = Aside(lambda: answers.append(post()))
    aside.start()
    return aside, answers


@pytest.mark.django_db(transaction=True)
def test_who_publishes_or_begins_while_another_publishes(operator: User, colleague: User) -> None:
    draft = draft_begin(user=operator)
    draft_save(draft, user=operator, changes={"MC1.name": Change("Quality culture and leadership", "Culture")})
    client, machine = client_of(colleague), Machine(operator)
    etag = machine.get("rubrics/draft/")["ETag"]
    form = {"note": NOTE, "revision": "2", "confirmed": "1"}
    with transaction.atomic():
        published = draft_publish(draft, user=operator, note=NOTE, revision=2)
        late = [
            asked(lambda: client.post("/rubric/draft/publish/", form, follow=True)),
            asked(lambda: machine.post("rubrics/draft/publish/", {"note": NOTE}, if_match=etag)),
        ]
        new = [
            asked(lambda: client_of(colleague).post("/rubric/draft/begin/", follow=True)),
            asked(lambda: machine.post("rubrics/draft/", {})),
        ]
        wait_until_waiting(4)
    assert [aside.done() for aside, _ in late + new] == [None] * 4
    [page], [told] = (answers for _, answers in late)
    assert CLOSED in page.content.decode()
    assert assert_problem(told, 409, "rubric-draft")["detail"] == CLOSED
    assert [row.version for row in Rubric.objects.published()] == [published.version, "2026.1"]
    assert Rubric.objects.draft().get().based_on == published
    [page], [told] = (answers for _, answers in new)
    refused = [OPEN in page.content.decode(), OPEN in told.content.decode()]
    assert sorted(refused) == [False, True]
    assert told.status_code == (409 if refused[1] else 201)
