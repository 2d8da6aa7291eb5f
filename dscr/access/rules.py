"""Which reader a URL opens to. The table of URLs is dscr/url_rules.py; a URL without a rule opens to nobody."""

from functools import cache
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.urls import Resolver404, resolve
from django.utils.module_loading import import_string

from dscr.access.roles import MAY
from dscr.access.scoping import Reader

PUBLIC = "public"  # without signing in
SIGNED_IN = "signed_in"  # whatever the role


@cache
def url_rules() -> dict[str, str]:
    return import_string(settings.URL_RULES)


def rule_of(view_name: str) -> str:
    """PUBLIC, SIGNED_IN or an action; a whole namespace may have one rule, such as `admin:*`."""
    rules = url_rules()
    rule = rules.get(view_name) or rules.get(f"{view_name.partition(':')[0]}:*")
    if rule is None:
        raise ImproperlyConfigured(f"The URL {view_name!r} has no access rule. Give it one in dscr/url_rules.py.")
    return rule


def opens(rule: str, user: Reader) -> bool:
    if rule == PUBLIC:
        return True
    if not user.is_authenticated or not user.is_active:
        return False
    return opens_to_role(rule, user.membership.role if user.membership else None)


def opens_to_role(rule: str, role: str | None) -> bool:
    """To who is signed in and works in the role; None has no membership."""
    return rule in (PUBLIC, SIGNED_IN) or role in MAY.get(rule, {})


def may_open(user: Reader, address: str) -> bool:
    """Whether signing in should lead to the address: a page of the program that the user's role opens."""
    try:
        rule = rule_of(resolve(urlsplit(address).path).view_name)
    except (Resolver404, ValueError):
        return False
    return rule != PUBLIC and opens(rule, user)
