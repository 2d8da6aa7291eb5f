"""Every form that changes something carries the membership it was opened under, beside its CSRF token: the tag takes
the place of Django's own in all templates (settings), so that no form can forget it."""

from typing import Any

from django import template
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html

from dscr.access.stale_forms import FIELD

register = template.Library()


class MembershipNode(CsrfTokenNode):
    def render(self, context: template.Context) -> str:
        token, membership = super().render(context), _membership(context)
        if not token or membership is None:
            return token
        return token + format_html('<input type="hidden" name="{}" value="{}">', FIELD, membership.pk)


def _membership(context: template.Context) -> Any:
    user = getattr(context.get("request"), "user", None)
    return user.membership if user is not None and user.is_authenticated else None


@register.tag
def csrf_token(parser: Any, token: Any) -> MembershipNode:
    return MembershipNode()
