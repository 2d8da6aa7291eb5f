"""JSON in and out, by orjson."""

from typing import Any

import orjson
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from dscr.api.errors import TooLargeError

MOST_BYTES = 1_000_000  # of a body; 10,000 NDCs in any form take a quarter of it
MOST_LEVELS = 32  # no body of ours has more than five


class OrjsonRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return b"" if data is None else orjson.dumps(data, option=orjson.OPT_UTC_Z)


class FileRenderer(OrjsonRenderer):
    """Of endpoints that send a file: who asks for its kind alone, as generated clients do, is not refused. A problem is
    JSON here too."""

    media_type = "*/*"
    format = "file"


FILE_RENDERERS = (OrjsonRenderer, FileRenderer)


class OrjsonParser(BaseParser):
    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        body = stream.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            raise TooLargeError(f"A body has at most {MOST_BYTES:,} bytes.")
        try:
            data = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ParseError(f"The body is not JSON: {error}.") from None
        if is_deeper(data, MOST_LEVELS):
            raise ParseError(f"Lists and objects stand in each other at most {MOST_LEVELS} deep.")
        return data


def is_deeper(data: Any, levels: int) -> bool:
    """Whether lists and objects stand in each other more than so deep, where others' code recurses until it breaks."""
    row = [data] if isinstance(data, list | dict) else []
    for _ in range(levels):
        parts = (part.values() if isinstance(part, dict) else part for part in row)
        row = [inner for part in parts for inner in part if isinstance(inner, list | dict)]
    return bool(row)
