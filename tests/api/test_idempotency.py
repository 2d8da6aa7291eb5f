"""A request sent twice with one Idempotency-Key: done once, answered alike, kept for a day and for its sender alone."""

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dscr.access.models import Membership
from dscr.access.roles import Role
from dscr.api import idempotency
from dscr.api.models import KeptAnswer
from dscr.api.tasks import sweep_kept_answers
from dscr.audit.models import AuditEntry
from products.models import DisclosureGrant, KpiDraft
from products.services import kpi_draft_put
from ratings.models import Scenario
from tests.api.conftest import Machine
from tests.api.test_problems import assert_problem
from tests.walk.world import World, build_world

KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324"


def scenario(world: World, **more: str) -> dict[str, Any]:
    return {"ndc": world.own.ndc, "name": "Slow", "changes": {"order_to_ship_days": "9"} | more}


def send(asked: Machine, path: str, body: Any, key: str = KEY) -> Any:
    return asked.post(path, body, **{"Idempotency-Key": key})


def test_the_second_answer_is_the_first_and_nothing_is_done(machine: Any, world: World) -> None:
    editor = machine("editor")
    first = send(editor, "scenarios/", scenario(world))
    again = send(editor, "scenarios/", scenario(world))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again["Content-Type"] == first["Content-Type"] == "application/json"
    assert (first.headers.get("Idempotency-Replayed"), again["Idempotency-Replayed"]) == (None, "true")
    assert "RateLimit-Remaining" in again
    assert Scenario.objects.filter(name="Slow").count() == 1
    read_again = AuditEntry.objects.get(action="viewed", label="an answer of the API, again")
    assert (read_again.detail, read_again.user_id) == ("POST /api/v1/scenarios/", world.users["editor"].pk)


def test_quotes_order_and_spaces_make_no_other_request(machine: Any, world: World) -> None:
    editor = machine("editor")
    first = send(editor, "scenarios/", scenario(world))
    body = json.dumps(dict(reversed(scenario(world).items())), indent=1).encode()
    again = send(editor, "scenarios/", body, key=f'"{KEY}"')
    assert (again.status_code, again.content) == (201, first.content)


def test_another_request_with_the_key_is_refused(machine: Any, world: World) -> None:
    editor = machine("editor")
    send(editor, "scenarios/", scenario(world))
    assert_problem(send(editor, "scenarios/", scenario(world) | {"name": "Other"}), 422, "key-used")
    assert_problem(send(editor, "scenarios/?x=1", scenario(world)), 422, "key-used")
    address = f"kpi-drafts/{world.own.ndc}/{world.drafted}/"
    assert_problem(editor.patch(address, {"answers": {}}, idempotency_key=KEY), 422, "key-used")
    assert not Scenario.objects.filter(name="Other").exists()


def test_what_was_refused_leaves_the_key_free(machine: Any, world: World) -> None:
    editor = machine("editor")
    assert send(editor, "scenarios/", scenario(world, order_to_ship_days="x")).status_code == 400
    assert not KeptAnswer.objects.exists()
    assert send(editor, "scenarios/", scenario(world)).status_code == 201


@pytest.mark.parametrize("key", ["", "   ", "x" * 256, "a b", "é".encode().decode("latin-1")])
def test_a_key_that_is_none_is_named(machine: Any, world: World, key: str) -> None:
    answer = send(machine("editor"), "scenarios/", scenario(world), key=key)
    body = assert_problem(answer, 400, "invalid-request")
    assert body["detail"] == "Give an Idempotency-Key of 1 to 255 printable ASCII characters without spaces."


def test_a_key_belongs_to_a_membership(machine: Any, world: World) -> None:
    """A colleague's, and another membership of the same person, are other senders."""
    user = world.users["editor"]
    both = Membership.objects.create(
        user=user, organisation=user.membership.organisation, role=Role.ATTESTOR, starts_on=timezone.localdate()
    )
    send(machine("editor"), "scenarios/", scenario(world))
    for name, asked in (("a", machine("attestor")), ("b", machine("editor outside"))):
        assert send(asked, "scenarios/", scenario(world) | {"name": name}).status_code in (201, 404)
    second = Machine(user)
    second.token.membership = both
    second.token.save()
    assert send(second, "scenarios/", scenario(world) | {"name": "c"}).status_code == 201
    assert KeptAnswer.objects.filter(key=KEY).count() == 3


def test_a_kept_answer_opens_nothing_that_was_closed(machine: Any, world: World) -> None:
    """The attestor who granted is an editor now; the product is another firm's."""
    attestor, editor = machine("attestor"), machine("editor")
    DisclosureGrant.objects.all().delete()
    today = timezone.localdate()
    grant = {
        "ndcs": [world.own.ndc],
        "recipient": "Farbuyers",
        "kpis": ["fill_rate"],
        "valid_from": today.isoformat(),
        "valid_to": (today + timedelta(days=9)).isoformat(),
    }
    given = send(attestor, "grants/", grant)
    assert given.status_code == 201
    assert send(attestor, "grants/", grant).content == given.content
    assert DisclosureGrant.objects.count() == 1
    address = f"kpi-drafts/{world.own.ndc}/{world.drafted}/"
    tag = editor.get(address)["ETag"]
    headers = {"if_match": tag, "idempotency_key": "k"}
    stored = editor.patch(address, {"answers": {"shelf_life_months": 30}}, **headers)
    again = editor.patch(address, {"answers": {"shelf_life_months": 30}}, **headers)  # though the ETag is old by now
    assert (stored.status_code, again.status_code) == (200, 200)
    assert (again.content, again["ETag"]) == (stored.content, stored["ETag"])

    Membership.objects.filter(pk=attestor.token.membership_id).update(role=Role.MANUFACTURER_EDITOR)
    assert send(attestor, "grants/", grant).status_code == 403
    world.own.enrolments.update(withdrawn_on=today - timedelta(days=1))
    world.own.enrolments.create(organisation=world.other.enrolments.get().organisation, enrolled_on=today)
    assert editor.patch(address, {"answers": {"shelf_life_months": 30}}, **headers).status_code == 404


def test_a_withdrawal_is_answered_again(machine: Any, world: World) -> None:
    attestor = machine("attestor")
    address = f"/api/v1/grants/{world.grant.pk}/"
    headers = attestor.headers | {"If-Match": attestor.get(address[8:])["ETag"], "Idempotency-Key": KEY}
    answers = [attestor.client.delete(address, headers=headers) for _ in range(2)]
    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 2


def test_an_answer_is_kept_for_a_day(machine: Any, world: World) -> None:
    editor = machine("editor")
    send(editor, "scenarios/", scenario(world))
    send(editor, "scenarios/", scenario(world) | {"name": "Later"}, key="later")
    KeptAnswer.objects.filter(key=KEY).update(created_at=timezone.now() - idempotency.KEPT)
    # Not swept yet, and no longer answered with.
    assert send(editor, "scenarios/", scenario(world) | {"name": "New"}).status_code == 201
    KeptAnswer.objects.filter(key=KEY).update(created_at=timezone.now() - idempotency.KEPT)
    sweep_kept_answers()
    assert list(KeptAnswer.objects.values_list("key", flat=True)) == ["later"]


def test_a_key_costs_three_queries(machine: Any, world: World) -> None:
    editor, address = machine("editor"), f"kpi-drafts/{world.own.ndc}/{world.drafted}/"

    def count(months: int, **headers: str) -> int:
        tag = editor.get(address)["ETag"]
        with CaptureQueriesContext(connection) as asked:
            body = {"answers": {"shelf_life_months": months}}
            assert editor.patch(address, body, if_match=tag, **headers).status_code == 200
        return len(asked)

    # The lock, the look for an earlier answer, the record.
    assert count(31, idempotency_key=KEY) - count(30) == 3


# --- Two at once, on two connections ----------------------------------------------------------------------------------


@pytest.fixture
def committed(transactional_db: None) -> World:
    return build_world()


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_is_done_and_the_other_told(committed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one stops where it holds the draft; the second comes meanwhile."""
    editor, address = Machine(committed.users["editor"]), f"kpi-drafts/{committed.own.ndc}/{committed.drafted}/"
    tag = editor.get(address)["ETag"]
    stored, may_commit = threading.Event(), threading.Event()
    change = kpi_draft_put.draft_change

    def slow(*args: Any, **kwargs: Any) -> Any:
        changed = change(*args, **kwargs)
        stored.set()
        assert may_commit.wait(20)
        return changed

    monkeypatch.setattr(kpi_draft_put, "draft_change", slow)
    body, answers = {"answers": {"shelf_life_months": 30}}, []

    def first() -> None:
        try:
            answers.append(editor.patch(address, body, if_match=tag, idempotency_key=KEY))
        finally:
            connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    try:
        assert stored.wait(20)
        second = Machine(committed.users["editor"]).patch(address, body, if_match=tag, idempotency_key=KEY)
    finally:
        may_commit.set()
        thread.join(20)
    assert_problem(second, 409, "request-at-work")
    assert second["Retry-After"] == "1"
    assert answers[0].status_code == 200
    third = editor.patch(address, body, if_match=tag, idempotency_key=KEY)
    assert (third.status_code, third.content) == (200, answers[0].content)
    draft = KpiDraft.objects.get(product=committed.own, quarter_end=committed.drafted)
    assert (draft.version, draft.answers["shelf_life_months"]) == (2, "30")


@pytest.mark.django_db(transaction=True)
def test_record_and_effect_commit_together(committed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    editor, address = Machine(committed.users["editor"]), f"kpi-drafts/{committed.own.ndc}/{committed.drafted}/"
    tag = editor.get(address)["ETag"]
    with monkeypatch.context() as patched:
        patched.setattr(idempotency, "_keep", lambda *args: 1 / 0)
        lost = editor.patch(address, {"answers": {"shelf_life_months": 30}}, if_match=tag, idempotency_key=KEY)
    assert lost.status_code == 500
    draft = KpiDraft.objects.get(product=committed.own, quarter_end=committed.drafted)
    assert (draft.version, draft.answers["shelf_life_months"]) == (1, "24")
    done = editor.patch(address, {"answers": {"shelf_life_months": 30}}, if_match=tag, idempotency_key=KEY)
    assert (done.status_code, KeptAnswer.objects.count()) == (200, 1)


@pytest.mark.django_db(transaction=True)
def test_of_two_writers_at_once_one_is_told_that_it_changed(committed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both read the same version and pass If-Match; the lock decides."""
    address = f"kpi-drafts/{committed.own.ndc}/{committed.drafted}/"
    askers = [Machine(committed.users[reader]) for reader in ("editor", "attestor")]
    tag = askers[0].get(address)["ETag"]
    both, lock = threading.Barrier(2), kpi_draft_put._locked

    def together(*args: Any, **kwargs: Any) -> Any:
        both.wait(20)
        return lock(*args, **kwargs)

    monkeypatch.setattr(kpi_draft_put, "_locked", together)
    statuses = []

    def write(asked: Machine, months: int) -> None:
        try:
            statuses.append(asked.patch(address, {"answers": {"shelf_life_months": months}}, if_match=tag).status_code)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=write, args=(asked, months)) for asked, months in zip(askers, (30, 31), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(statuses) == [200, 412]
    assert KpiDraft.objects.get(product=committed.own, quarter_end=committed.drafted).version == 2
