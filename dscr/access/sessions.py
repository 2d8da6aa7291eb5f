"""Sessions in the database. A cookie that cannot be a key is no session: the database refuses NUL."""

from functools import cache
from typing import Any

from django.contrib.sessions.backends import db
from django.utils import timezone

from dscr.access.joined import rows_of, sql_of


class SessionStore(db.SessionStore):
    def _validate_session_key(self, key: str | None) -> bool:
        return bool(key and key.isascii() and key.isalnum() and super()._validate_session_key(key))

    def load(self) -> dict[str, Any]:
        rows = rows_of(_by_key(), self.session_key, timezone.now())
        if not rows:
            self._session_key = None
            return {}
        return self.decode(rows[0][0])


@cache
def _by_key() -> str:
    sessions = SessionStore.get_model_class().objects
    found = sessions.filter(session_key="").filter(expire_date__gt=timezone.now())
    return sql_of(found.values_list("session_data"))
