"""The published example of the method: two products of one maker at one plant, as a portfolio document."""

import json
from importlib import resources
from typing import Any

__all__ = ["appendix_b", "appendix_b_bytes"]


def appendix_b_bytes() -> bytes:
    """The file as published."""
    return (resources.files(__package__) / "examples" / "appendix_b.json").read_bytes()


def appendix_b() -> dict[str, Any]:
    """A fresh copy, free to be changed."""
    return json.loads(appendix_b_bytes())
