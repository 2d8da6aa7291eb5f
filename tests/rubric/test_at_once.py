"""Two operators at the same moment: one begins or publishes, the others are told so in plain words."""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from dscr.access.models import User
from qmm.models import Rubric
from qmm.services.rubric import Change, draft_begin, draft_publish, draft_save
from tests.mergers.test_at_once import Aside, wait_until_waiting

NOTE = "The name was misunderstood in two visits."


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def asked(client: Client, address: str, **body: Any) -> tuple[Aside, list[Any]]:
    answers: list[Any] = []
    aside = Aside(lambda: answers.append(client.post(address, body, follow=True)))
    aside.start()
    return aside, answers


@pytest.mark.django_db(transaction=True)
def test_who_publishes_or_begins_while_another_publishes(operator: User, colleague: User) -> None:
    draft = draft_begin(user=operator)
    draft_save(draft, user=operator, changes={"MC1.name": Change("Quality culture and leadership", "Culture")})
    beside, begins, begins_too = (client_of(user) for user in (colleague, operator, colleague))
    with transaction.atomic():
        published = draft_publish(draft, user=operator, note=NOTE, revision=2)
        late = asked(beside, "/rubric/draft/publish/", note=NOTE, revision="2", confirmed="1")
        new = [asked(client, "/rubric/draft/begin/") for client in (begins, begins_too)]
        wait_until_waiting(3)
    for aside, _ in (late, *new):
        assert aside.done() is None
    assert "The draft was published or discarded meanwhile. Nothing was stored." in late[1][0].content.decode()
    assert [row.version for row in Rubric.objects.published()] == [published.version, "2026.1"]
    assert Rubric.objects.draft().get().based_on == published
    said = [answers[0].content.decode().count("A draft is open already") for _, answers in new]
    assert sorted(said) == [0, 1]
