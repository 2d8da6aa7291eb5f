"""Every URL, every verb, every role, inside and outside its scope: rules hold, no canary meets the wrong eyes."""

import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from dscr.access.rules import PUBLIC, opens, rule_of, url_rules
from tests.pdf_text import text_of
from tests.walk.addresses import Url, addresses, every_url
from tests.walk.world import ANONYMOUS, NOBODY, READERS, World, build_world

WRITING = ("post", "put", "patch", "delete")
VERBS = ("get", "head", "options", *WRITING)
BODY = {"establishment": 9_999_999, "membership": 9_999_999, "organisation": 9_999_999, "ndcs": ["099901-0101", "x"]}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """One world for all readers: what a request writes is taken back at once (`answer`), the world at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build_world()
        transaction.set_rollback(True)


def urls() -> list[Url]:
    """The admin is Django's and asks `change_records` for all of it: its lists are enough."""
    return [url for url in every_url() if not url.name.startswith("admin:") or url.name.endswith("_changelist")]


def test_every_url_has_a_rule() -> None:
    for url in every_url():
        rule_of(url.name)


@pytest.mark.django_db  # within the world's transaction: a reader's session is gone with its test
@pytest.mark.parametrize("reader", [ANONYMOUS, NOBODY, *READERS])
def test_walk(world: World, reader: str, record_property, caplog) -> None:
    caplog.set_level("ERROR")  # a line for each of thousands of refusals would take a tenth of the time
    client = Client(raise_request_exception=False)
    if reader != ANONYMOUS:
        client.force_login(world.users[reader])
    hidden = world.forbidden(reader)
    statuses: Counter[int] = Counter()
    walked = [url for url in urls() if is_open(url, world, reader) or not reader.endswith(" outside")]
    for url in walked:
        closed = not is_open(url, world, reader)
        everything = reader == ANONYMOUS
        for place, address in enumerate(addresses(url, world)):
            for verb in verbs(url, place, closed, everything):
                if (url.name, verb) in world.settled:
                    continue
                response = answer(client, verb, address)
                statuses[response.status_code] += 1
                if response.status_code == 405 or (verb == "head" and not closed):
                    world.settled.add((url.name, verb))
                met = f"{verb.upper()} {address} ({url.name}) as {reader}"
                assert response.status_code < 500, met
                text = everything_said(response)
                leaked = [canary for canary in hidden if stands_in(canary, text)]
                assert not leaked, f"{met} says {leaked}"
                assert_rule(url, world, reader, verb, response, met)
    record_property("walk", [len(walked), sum(statuses.values()), sorted(statuses.items())])


def verbs(url: Url, place: int, closed: bool, everything: bool) -> tuple[str, ...]:
    """All of them at the first address, reading and writing at the second, reading at the others. A URL that is closed
    to the reader is refused by its name and their role, before its verb, its address or anything of theirs is looked
    at: the first address is enough, and of two readers with one role the one inside (`test_walk`). Every verb of every
    closed URL is asked without signing in; after it one that reads and one that writes. What no reader changes is asked
    once in a world (`World.settled`): a verb that a URL does not have, and HEAD, which is GET without a body."""
    if url.name.startswith("admin:"):
        return ("get",)
    if closed:
        asked = VERBS if everything else ("get", "post")
        return asked if place == 0 else ()
    return (VERBS, ("get", "post", "delete"), ("get",))[min(place, 2)]


def is_open(url: Url, world: World, reader: str) -> bool:
    rule = rule_of(url.name)
    return rule == PUBLIC or (reader != ANONYMOUS and opens(rule, world.users[reader]))


def answer(client: Client, verb: str, address: str) -> HttpResponse:
    """What was written is taken back, so that the next request meets the same world."""
    signed_in = SimpleCookie(client.cookies)
    body = {"data": json.dumps(BODY), "content_type": "application/json"} if verb in WRITING else {}
    with transaction.atomic():
        response = getattr(client, verb)(address, **body)
        if response.streaming:
            response.walked = b"".join(response.streaming_content)
        transaction.set_rollback(True)
    client.cookies = signed_in
    return response


def everything_said(response: HttpResponse) -> str:
    """Body, headers, the sheets of a workbook and the pages of a PDF; not how long it is, which may be any number."""
    body = getattr(response, "walked", None) or (b"" if response.streaming else response.content)
    said = [str({name: value for name, value in response.items() if name != "Content-Length"})]
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            said += [book.read(name).decode() for name in book.namelist()]
    elif body.startswith(b"%PDF") and b"StructTreeRoot" in body:  # one of ours: others are files that somebody gave
        said.append(text_of(body))
    else:
        said.append(body.decode(errors="replace"))
    return "\n".join(said)


def stands_in(canary: str, text: str) -> bool:
    """Not within a longer word: a form's random token may spell three letters."""
    if canary not in text:
        return False
    whole = rf"(?<!\w){re.escape(canary)}" + (r"(?!\w)" if canary.isalpha() else "")
    return re.search(whole, text) is not None


def assert_rule(url: Url, world: World, reader: str, verb: str, response: HttpResponse, met: str) -> None:
    if is_open(url, world, reader):
        return
    is_api = url.name.startswith("api:")
    if reader == ANONYMOUS:
        assert response.status_code == (401 if is_api else 302), met
        assert is_api or response["Location"].startswith("/sign-in/"), met
    else:
        assert response.status_code == 404, met


def test_the_table_names_only_urls_that_exist() -> None:
    names = {url.name for url in every_url()}
    groups = {name.partition(":")[0] for name in names}
    assert [name for name in url_rules() if name not in names and name.removesuffix(":*") not in groups] == []
