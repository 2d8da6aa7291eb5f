"""The committed schema, as JSON. A test keeps it equal to what the code says, and tells how to write it anew."""

from functools import cache
from typing import Any

import yaml
from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from dscr.api.endpoint import Endpoint

FILE = settings.BASE_DIR / "openapi.yaml"


class Schema(Endpoint):
    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        return Response(document())


@cache
def document() -> dict[str, Any]:
    return yaml.load(FILE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
