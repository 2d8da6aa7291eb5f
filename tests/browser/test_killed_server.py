"""A maker's quarter in Chromium on the processes of `make run`, whose web server is killed while figures are typed.

The servers are those that the supervisor starts (`dscr.local.supervisor`), on the database and the broker of the test:
what is typed, killed, attested and recomputed is as real as in life.
"""

import os
import re
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from django.db import connection
from django.utils import timezone

from dscr.access.demo_accounts import DEMO_PASSWORD
from dscr.access.models import Membership, User
from dscr.access.roles import Role
from dscr.local.data_folder import DataFolder
from dscr.local.processes import HOST, free_port, wait_until
from dscr.local.supervisor import Child, answers, child_commands, end_trees
from products.models import KpiDraft, KpiSubmission
from ratings.models import ProductRating
from ratings.tally import workers_alive
from tests.chromium import OpenAs
from tests.products.conftest import QUARTER, Desk, make_desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PLANNING = "?section=demand_and_supply"
WAIT, START_SECONDS = 20_000, 60
FOLLOWS_WITHIN = 1.0  # seconds
# When the score of the open page changed, by the clock that both the page and the server read.
WATCH = """() => {
    window.scores = [];
    const look = () => {
        const score = document.getElementById("rating").dataset.score;
        if (window.scores.at(-1)?.score !== score) window.scores.push({ score, at: Date.now() / 1000 });
    };
    look();
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true, attributes: true });
}"""


@dataclass
class Running:
    """The application's processes, each killed and started again as the supervisor does it."""

    port: int
    children: dict[str, Child]
    environment: dict[str, str] = field(repr=False)

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        for child in self.children.values():
            child.tend(self.environment)
        assert wait_until(lambda: answers(self.port), START_SECONDS)

    def kill_web(self) -> None:
        """-9 for all of it: nothing is finished, nothing said to the browser."""
        web = self.children["web"]
        assert web.process
        family = [psutil.Process(web.process.pid), *psutil.Process(web.process.pid).children(recursive=True)]
        for process in family:
            process.send_signal(signal.SIGKILL)
        psutil.wait_procs(family, timeout=10)
        web.process.wait()
        web.process = None
        assert not answers(self.port)


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    """The demonstration's manufacturer, editor and attestor in one person, with a quarter to fill in."""
    desk = make_desk()
    password = make_password(DEMO_PASSWORD, hasher=PBKDF2PasswordHasher())  # the web server knows no hasher of tests
    user = User.objects.create(email="manufacturer@demo.example", full_name="Marco Manufacturer", password=password)
    for role in (Role.MANUFACTURER_EDITOR, Role.ATTESTOR):
        Membership.objects.create(user=user, organisation=desk.firm, role=role, starts_on=timezone.localdate())
    return desk


@pytest.fixture
def running(desk: Desk) -> Iterator[Running]:
    database = re.sub(r"/[^/]*$", f"/{connection.settings_dict['NAME']}", os.environ["DATABASE_URL"])
    port = free_port()
    with tempfile.TemporaryDirectory() as scratch:
        commands = child_commands(DataFolder(Path(scratch), None), port)
        children = {name: Child(name, command) for name, command in commands.items()}
        made = Running(port, children, {**os.environ, "DSCR_MODE": "local", "DATABASE_URL": database})
        try:
            made.start()
            assert wait_until(workers_alive, START_SECONDS)
            yield made
        finally:
            end_trees([child.process for child in children.values() if child.process])


def signed_in(open_as: OpenAs, running: Running) -> Any:
    """A browser of its own, signed in with one click as on the page of the demonstration."""
    tab = open_as(None, 1280, running.address)
    tab.goto("/sign-in/")
    tab.get_by_role("button", name="Manufacturer", exact=True).click()
    tab.locator("#user-menu").wait_for()
    return tab


def said(tab: Any, text: str) -> None:
    tab.locator("#saved", has_text=re.compile(rf"^\s*{re.escape(text)}")).wait_for(timeout=WAIT)


def stored() -> dict[str, str]:
    return KpiDraft.objects.get(submission=None, discarded_at=None).answers


def correct(tab: Any, desk: Desk, answers: dict[str, str]) -> None:
    """From the page of what was attested: a new draft with these answers instead."""
    tab.get_by_role("link", name="Correct these figures").click()
    tab.get_by_role("button", name="Correct these figures").click()
    tab.get_by_text("You correct the figures").wait_for(timeout=WAIT)
    tab.goto(desk.address(PLANNING))
    for key, text in answers.items():
        tab.locator(f"#{key}").fill(text)
    said(tab, "Saved ")


def attest(tab: Any, desk: Desk) -> KpiSubmission:
    tab.goto(desk.address("review/"))
    tab.get_by_label("Your title").fill("Vice President")
    tab.get_by_text("I attest to this statement.").click()
    tab.get_by_role("button", name="Attest these figures").click()
    tab.get_by_text("Attested. The figures of").wait_for(timeout=WAIT)
    return KpiSubmission.objects.get(quarter_end=QUARTER.ends_on, product=desk.product, superseded_at=None)


def score_after(watching: Any, submission: KpiSubmission, before: float) -> tuple[float, float]:
    """The score that the open page shows since, and the seconds from the attestation until it did."""
    watching.locator(f"#rating:not([data-score='{before}'])").wait_for(timeout=WAIT)
    seen = watching.evaluate("window.scores.at(-1)")
    assert submission.attested_at
    return float(seen["score"]), seen["at"] - submission.attested_at.timestamp()


def test_a_quarter_goes_on_where_it_was_when_the_web_server_is_killed(
    desk: Desk, running: Running, open_as: OpenAs
) -> None:
    tab = signed_in(open_as, running)
    tab.goto(desk.address(PLANNING))
    tab.get_by_role("button", name="Copy into all sections").click()
    tab.get_by_text("What was blank now holds the last figures.").wait_for()
    before = stored()
    tab.locator("#shelf_life_months").fill("24")
    said(tab, "Saved ")
    tab.evaluate("window.sameVisit = true")

    days, text = tab.locator("#days_inventory_on_hand"), "123.25"
    days.fill("")
    days.press_sequentially(text[:3])
    running.kill_web()
    days.press_sequentially(text[3:])
    tab.locator("#safety_stock_days").fill("31")
    said(tab, "Not saved: no connection, kept in this browser")
    assert stored()["shelf_life_months"] == "24"
    assert stored()["safety_stock_days"] == before["safety_stock_days"]

    running.start()
    said(tab, "Saved ")
    typed = {"shelf_life_months": "24", "days_inventory_on_hand": text, "safety_stock_days": "31"}
    assert stored() == before | typed
    assert tab.evaluate("window.sameVisit"), "the page was not loaded again"
    assert tab.evaluate("localStorage.length") == 0

    tab.reload()
    fresh = signed_in(open_as, running)
    fresh.goto(desk.address(PLANNING))
    for browser in (tab, fresh):
        assert {key: browser.locator(f"#{key}").input_value() for key in typed} == typed

    tab.goto(desk.address("review/"))
    with tab.expect_navigation():
        tab.get_by_role("button", name="Work as attestor").click()
    watching = tab.context.new_page()
    watching.goto(f"/products/{desk.product.ndc}/")
    watching.evaluate(WATCH)
    first = ProductRating.objects.get(product=desk.product)
    lower, took = score_after(watching, attest(tab, desk), first.score)
    assert lower == ProductRating.objects.get(product=desk.product).score < first.score

    correct(tab, desk, {key: before[key] for key in typed})
    again, took_again = score_after(watching, attest(tab, desk), lower)
    last = ProductRating.objects.get(product=desk.product)
    assert again == last.score == first.score
    assert (last.band, last.coverage) == (first.band, first.coverage)

    times = [took, took_again]
    for stock in ("100", "20", "100", "20"):  # only where neighbors on the machine delayed both
        if min(times) < FOLLOWS_WITHIN:
            break
        correct(tab, desk, {"days_inventory_on_hand": stock})
        again, took = score_after(watching, attest(tab, desk), again)
        times.append(took)
    assert min(times) < FOLLOWS_WITHIN, times
    assert watching.locator("#connection").inner_text() == ""
