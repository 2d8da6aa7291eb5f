"""Entries in words: no word twice, answers to invitations as what they are, one form of time."""

from datetime import UTC, datetime

import pytest

from dscr.audit.models import AuditEntry
from dscr.audit.sentences import lines, value_words
from dscr.moments import moment

AT = datetime(2026, 10, 12, 16, 5, 9, tzinfo=UTC)


def said(**values: object) -> str:
    return lines([AuditEntry(user_id=1, user_name="Olivia Operator", **values)])[0].sentence


@pytest.mark.parametrize(("action", "verb"), [("token made", "made"), ("token revoked", "revoked")])
def test_a_token_is_named_once(db: None, action: str, verb: str) -> None:
    told = said(action=action, kind="api-token", subject_id=3, label="nightly report")
    assert told == f"Olivia Operator {verb} API token nightly report."


@pytest.mark.parametrize(("column", "verb"), [("accepted_at", "accepted"), ("revoked_at", "withdrew")])
def test_an_invitation_is_accepted_or_withdrawn(db: None, column: str, verb: str) -> None:
    before, after = {column: None}, {column: AT.isoformat()}
    told = said(action="changed", kind="invitation", subject_id=3, label="new@x.test", before=before, after=after)
    assert told == f"Olivia Operator {verb} the invitation new@x.test."


def test_a_time_has_one_form() -> None:
    assert moment(AT) == "October 12, 2026 at 12:05\u00a0pm\u00a0ET"
    assert moment(AT, with_seconds=True) == "October 12, 2026 at 12:05:09\u00a0pm\u00a0ET"
    assert value_words("invitation", "accepted_at", AT.isoformat(), {}) == moment(AT)
