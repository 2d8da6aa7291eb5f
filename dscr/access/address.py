"""Where a request comes from: what a client writes into a header is believed of trusted proxies only."""

import structlog
from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware


def client_address(request: HttpRequest) -> str:
    """As sign-in counts it (TRUSTED_PROXY_COUNT); blank where it cannot be told."""
    try:
        return get_adapter().get_client_ip(request) or ""
    except PermissionDenied:
        return ""


class RequestLog(RequestMiddleware):
    """The log and the audit trail name the address that the rate limits count."""

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        structlog.contextvars.bind_contextvars(ip=client_address(request))
