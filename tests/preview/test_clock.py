"""When a preview is published: a time of day in the program's zone, after as many days as the setting says."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ratings.previews import begun_by, published_from

EASTERN = ZoneInfo("America/New_York")


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=EASTERN)


@pytest.mark.parametrize(
    ("since", "days", "published"),
    [
        (at(2026, 12, 1, 8, 59), 7, at(2026, 12, 8, 9)),
        (at(2026, 12, 1, 9, 0), 7, at(2026, 12, 8, 9)),
        (at(2026, 12, 1, 9, 0, 1), 7, at(2026, 12, 9, 9)),  # never less than seven days
        (at(2026, 12, 1, 23, 59), 1, at(2026, 12, 3, 9)),
        (at(2026, 10, 30, 9, 0), 3, at(2026, 11, 2, 9)),  # the clocks go back in between
        (at(2026, 3, 6, 12, 0), 3, at(2026, 3, 10, 9)),  # and forward
        (at(2026, 12, 1, 15, 0), 60, at(2027, 1, 31, 9)),
        (at(2026, 12, 1, 15, 0), 0, at(2026, 12, 1, 15)),
    ],
)
def test_the_first_nine_in_the_morning_after_the_days(since: datetime, days: int, published: datetime) -> None:
    assert published_from(since, days) == published
    assert begun_by(published, days) >= since
    assert begun_by(published - timedelta(seconds=1), days) < since


def test_the_sweep_and_the_told_time_agree_at_every_quarter_of_an_hour() -> None:
    """Over both changes of the clocks of a year."""
    for start in (datetime(2026, 3, 5, tzinfo=UTC), datetime(2026, 10, 29, tzinfo=UTC)):
        moments = [start + timedelta(minutes=15 * step) for step in range(96 * 6)]
        for days in (1, 2):
            told = [published_from(since, days) for since in moments]
            for now in moments[::5]:
                limit = begun_by(now, days)
                assert [since <= limit for since in moments] == [end <= now for end in told]
