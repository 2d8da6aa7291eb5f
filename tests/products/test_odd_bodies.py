"""Bodies that no page of ours sends: each is refused or stored as a text, and none breaks the questionnaire."""

import json
from typing import Any

import pytest
from django.test import Client

from products.models import KpiDraft
from products.questionnaire import FIELDS
from products.questionnaire.plausibility import NOTE_KEYS
from products.services.kpi_draft import LONGEST_ANSWER, LONGEST_NOTE
from tests.products.conftest import Desk
from tests.products.test_kpi_pages import PLANNING, send

NUMBERS = (
    "NaN",
    "-Infinity",
    "1e999999999",
    "1e-999999999",
    "9" * 60,
    "0." + "0" * 57 + "1",
    "-0",
    "1_000",
    "०१२",
    "٣",
    "²",
    "\N{MINUS SIGN}5",
    "0x10",
    "1,000,000",
    "1.2.3",
    "2026-02-30",
    "9999-12-31",
    "<script>alert(1)</script>",
    "\ud800",
    "\0",
    "\u202e5",
)


@pytest.mark.parametrize("text", NUMBERS)
def test_every_answer_may_be_nonsense(desk: Desk, ada: Client, text: str) -> None:
    state = send(ada, desk, {key: {"was": "", "now": text} for key in FIELDS})
    assert state.status_code == 200
    for section in ("", PLANNING, "?section=finance", "review/"):
        page = ada.get(desk.address(section))
        assert page.status_code == 200
        assert "<script>alert(1)" not in page.content.decode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"null",
        b"[" * 100_000,
        b'{"changes": ' * 5_000 + b"1",
        b'{"changes": null}',
        b'{"changes": {"shelf_life_months": null}}',
        b'{"changes": {"shelf_life_months": ["", "24"]}}',
        b'{"changes": {"shelf_life_months": {"now": "24"}}}',
        b'{"changes": {"shelf_life_months": {"was": "", "now": {"was": "", "now": "1"}}}}',
        b'{"changes": {"\\ud800": {"was": "", "now": "1"}}}',
        b'{"changes": {"__class__": {"was": "", "now": "1"}}}',
        b'{"changes": {"shelf_life_months": {"was": "", "now": "1"}}, "who": 1e999}',
    ],
)
def test_what_is_no_body_is_refused_in_words(desk: Desk, ada: Client, body: bytes) -> None:
    answer = ada.post(desk.address("state/"), body, content_type="application/json")
    assert answer.status_code in (400, 409)
    assert next(iter(answer.json().values()))
    assert not KpiDraft.objects.exists()


@pytest.mark.parametrize("draft", [None, [], {"pk": 1}, "", "-1", "1" * 30, "²", 1.5, True, "\ud800"])
def test_a_draft_that_is_none_is_never_the_open_one(desk: Desk, ada: Client, draft: Any) -> None:
    """Only a page that showed no draft yet may begin one."""
    there = desk.draft(shelf_life_months="24")
    answer = send(ada, desk, {"shelf_life_months": {"was": "24", "now": "36"}}, draft=draft, section=[draft])
    assert answer.status_code == (200 if draft == "" else 409)
    if draft in ("", None):
        return
    sent = {"shelf_life_months": "36", "was-shelf_life_months": "24"}
    text = draft if isinstance(draft, str) else json.dumps(draft)
    answer = ada.post(desk.address(PLANNING), sent | {"draft": text.encode("utf-8", "replace")})
    assert (answer.status_code, answer["Location"]) == (302, desk.address(""))
    there.refresh_from_db()
    assert there.answers["shelf_life_months"] == "24"


def test_a_note_of_lines_is_no_conflict_with_itself(desk: Desk, ada: Client) -> None:
    """Browsers send line ends as two characters, of what was there too."""
    key = sorted(NOTE_KEYS)[0]
    ada.post(desk.address(PLANNING), {key: "One\r\nTwo", f"was-{key}": ""})
    answer = ada.post(desk.address(PLANNING), {key: "One\r\nTwo\r\nThree", f"was-{key}": "One\r\nTwo"})
    assert answer.status_code == 302
    assert KpiDraft.objects.get().notes[key] == "One\nTwo\nThree"


def test_what_is_too_long_is_cut_as_the_page_says(desk: Desk, ada: Client) -> None:
    note = sorted(NOTE_KEYS)[0]
    sent = {"shelf_life_months": "9" * 70_000, note: "\N{PILL}" * 70_000}
    answer = ada.post(desk.address(PLANNING), sent | {f"was-{key}": "" for key in sent})
    assert answer.status_code == 302
    stored = KpiDraft.objects.get()
    assert (len(stored.answers["shelf_life_months"]), len(stored.notes[note])) == (LONGEST_ANSWER, LONGEST_NOTE)
    assert ada.get(desk.address(PLANNING)).status_code == 200
