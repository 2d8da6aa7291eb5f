"""Every URL of the program with sample values for its parameters: inside the readers' scopes, outside, and unknown."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product as combinations
from typing import Any

from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse

from tests.walk.world import World


@dataclass(frozen=True)
class Url:
    name: str
    parameters: tuple[str, ...]


def every_url(patterns: Any = None, namespaces: tuple[str, ...] = (), taken: tuple[str, ...] = ()) -> Iterator[Url]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        parameters = (*taken, *pattern.pattern.converters, *_groups(pattern))
        if isinstance(pattern, URLPattern):
            yield Url(":".join([*namespaces, pattern.name or str(pattern.pattern)]), tuple(dict.fromkeys(parameters)))
        else:
            inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from every_url(pattern.url_patterns, inner, parameters)


def _groups(pattern: Any) -> list[str]:
    return list(re.compile(pattern.pattern.regex).groupindex) if hasattr(pattern.pattern, "regex") else []


def addresses(url: Url, world: World) -> list[str]:
    """The URL with every combination of sample values; a parameter without samples fails the walk."""
    samples = [_samples(url.name, parameter, world) for parameter in url.parameters]
    found = []
    for values in combinations(*samples):
        try:
            found.append(reverse(url.name, kwargs=dict(zip(url.parameters, values, strict=True))))
        except NoReverseMatch:
            continue
    assert found, f"The walk has no sample address for {url}; add values for its parameters in tests/walk/addresses.py."
    return list(dict.fromkeys(found))


def _samples(name: str, parameter: str, world: World) -> list[Any]:
    if parameter == "ndc":
        return [world.own.ndc, world.other.ndc, "000000-0000"]
    if parameter == "molecule":
        return ["WALKAMINE", "NOSUCHAMINE"]
    if parameter == "version":
        return ["2026.1", "1999.1"]
    if parameter == "kind":
        return ["qmm_establishment", "products_kpisubmission"]
    if parameter in ("pk", "id", "object_id", "establishment_id"):
        return [world.plant.pk, world.supplier.pk, 9_999_999]
    if parameter in ("app_label",):
        return ["products", "qmm"]
    if parameter in ("uidb36", "uidb64", "key", "token", "url", "format", "content_type_id"):
        return {"format": ["json"], "content_type_id": [1]}.get(parameter, ["x-y"])
    return []
