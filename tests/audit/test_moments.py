"""A time beside an answer says as much of its day as is needed to know it."""

from datetime import UTC, datetime

import pytest

from dscr.moments import NBSP, recent

NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (datetime(2026, 11, 23, 19, 5, tzinfo=UTC), f"2:05{NBSP}pm"),
        (datetime(2026, 11, 5, 22, 46, tzinfo=UTC), f"November 5 at 5:46{NBSP}pm"),
        (datetime(2025, 11, 5, 22, 46, tzinfo=UTC), f"November 5, 2025 at 5:46{NBSP}pm"),
        (datetime(2026, 1, 1, 3, 0, tzinfo=UTC), f"December 31, 2025 at 10:00{NBSP}pm"),
    ],
)
def test_recent(monkeypatch: pytest.MonkeyPatch, at: datetime, said: str) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    assert recent(at) == said
