"""What axe-core finds on an open page (WCAG 2.2 AA and good practice)."""

import json
from typing import Any

from tests.browser.conftest import NODE_MODULES

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(tab: Any) -> list[tuple[str, str]]:
    """(rule, the first element that breaks it), with every table and menu unfolded."""
    tab.evaluate("document.querySelectorAll('details').forEach((item) => item.setAttribute('open', ''))")
    # The content policy would refuse axe itself, so its source goes in by the debugger's own door.
    session = tab.context.new_cdp_session(tab)
    session.send("Runtime.evaluate", {"expression": (NODE_MODULES / "axe-core" / "axe.min.js").read_text()})
    found = tab.evaluate(f"axe.run(document, {{runOnly: {json.dumps(RULES)}}})")["violations"]
    return [(item["id"], item["nodes"][0]["html"]) for item in found]
