"""Pages by key: each begins after the last row of the one before, so no row comes twice or is left out, whatever
changes in between. No count: that is slow, and wrong by the next page."""

import base64
import binascii
import re
from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from dscr.api.errors import QueryError

PAGE_SIZE, MOST_ROWS = 50, 200


class PageQuery(serializers.Serializer):
    """What the query string of every list may hold."""

    cursor = serializers.CharField(
        required=False, max_length=600, help_text="Where a page begins: taken from `next`, never made up."
    )
    page_size = serializers.IntegerField(
        required=False, min_value=1, max_value=MOST_ROWS, default=PAGE_SIZE, help_text="Rows of a page."
    )


class Keyset:
    """A list's order: by `field`, ascending and unique. `pattern` is what its keys look like."""

    def __init__(self, field: str, pattern: str, read: Callable[[str], Any] = str) -> None:
        self.field, self.pattern, self.read = field, re.compile(pattern), read

    def page(
        self,
        request: Request,
        query: dict[str, Any],
        rows: QuerySet[Any],
        shaped: Callable[[Any], list[dict[str, Any]]] = list,
    ) -> dict[str, Any]:
        """{next, results}. `rows`, shaped, are dicts that include the key."""
        if "cursor" in query:
            rows = rows.filter(**{f"{self.field}__gt": self.key_of(query["cursor"])})
        rows = rows.order_by(self.field)[: query["page_size"] + 1]
        return self.cut(request, query, shaped(rows))

    def cut(
        self, request: Request, query: dict[str, Any], results: list[dict[str, Any]], **extra: str
    ) -> dict[str, Any]:
        """{next, results} of one row more than the page has, if there is one; `extra` parameters go with `next`."""
        size = query["page_size"]
        if len(results) <= size:
            return {"next": None, "results": results}
        del results[size:]
        address = request.build_absolute_uri()
        for name, value in {"cursor": self._cursor_of(results[-1]), **extra}.items():
            address = replace_query_param(address, name, value)
        return {"next": address, "results": results}

    def _cursor_of(self, row: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(str(row[self.field]).encode()).decode().rstrip("=")

    def key_of(self, cursor: str) -> Any:
        try:
            text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        except (binascii.Error, ValueError):
            text = ""
        if not self.pattern.fullmatch(text):
            raise QueryError({"cursor": "This is no cursor of this list. Take it from `next` of a page."})
        return self.read(text)


def page_of(row: type[serializers.Serializer], **extra: serializers.Field) -> type[serializers.Serializer]:
    """The serializer of a page of rows, for the schema."""
    name = row.__name__.removesuffix("Serializer") + "Page"
    fields = {
        "next": serializers.URLField(allow_null=True, help_text="The next page; null on the last."),
        **extra,
        "results": row(many=True),
    }
    return type(name, (serializers.Serializer,), fields)


ID_KEY = Keyset("id", r"[0-9]{1,18}", int)
