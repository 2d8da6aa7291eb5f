"""The API asks the same table as the pages: dscr/url_rules.py."""

from typing import Any

from django.http import Http404
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from dscr.access.rules import PUBLIC, opens, rule_of


class RulePermission(BasePermission):
    def has_permission(self, request: Request, view: Any) -> bool:
        """Anonymous: 401. No right: 404, as if it were not there."""
        rule = rule_of(request.resolver_match.view_name)
        if rule == PUBLIC:
            return True
        if not request.user.is_authenticated:
            raise NotAuthenticated("Send a token: `Authorization: Token ...`. POST /api/v1/tokens/ gives one.")
        if not opens(rule, request.user):
            raise Http404
        return True
