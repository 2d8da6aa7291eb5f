"""A URL without an access rule, or a rule without its URL, is an error before anything is served."""

from collections.abc import Iterator
from typing import Any

from django.core.checks import Error
from django.urls import URLPattern, get_resolver

from dscr.access.roles import MAY
from dscr.access.rules import PUBLIC, SIGNED_IN, url_rules


def view_names(patterns: Any = None, namespaces: tuple[str, ...] = ()) -> Iterator[str]:
    """Every URL's name with its namespaces; a nameless one by its route."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLPattern):
            yield ":".join([*namespaces, pattern.name or f"({pattern.pattern})"])
        else:
            inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from view_names(pattern.url_patterns, inner)


def url_rules_complete(app_configs: Any, **kwargs: Any) -> list[Error]:
    rules, names = url_rules(), set(view_names())
    groups = {name.partition(":")[0] for name in names}
    errors = [
        Error(f"The URL {name!r} has no access rule.", hint="Give it one in dscr/url_rules.py.", id="access.E001")
        for name in sorted(names)
        if name not in rules and f"{name.partition(':')[0]}:*" not in rules
    ]
    errors += [
        Error(f"The access rule of {name!r} belongs to no URL.", hint="Delete it.", id="access.E002")
        for name in sorted(rules)
        if name not in names and not (name.endswith(":*") and name[:-2] in groups)
    ]
    errors += [
        Error(f"The access rule {rule!r} of {name!r} is no action of dscr/access/roles.py.", id="access.E003")
        for name, rule in sorted(rules.items())
        if rule not in MAY and rule not in (PUBLIC, SIGNED_IN)
    ]
    return errors
