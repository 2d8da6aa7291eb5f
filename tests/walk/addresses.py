"""Every URL of the program with sample values for its parameters: inside the readers' scopes, outside, and unknown."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product as combinations
from typing import Any

from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse

from tests.walk.world import World

# Asked of every list: what is searched must not tell what the reader may not see.
SEARCHED = ("walkamine", "Quibblem", "Liecht")


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
    """The URL with every combination of sample values; and lists with a search."""
    samples = [_samples(parameter, world) for parameter in url.parameters]
    found = []
    for values in combinations(*samples):
        try:
            found.append(reverse(url.name, kwargs=dict(zip(url.parameters, values, strict=True))))
        except NoReverseMatch:
            continue
    assert found, f"No sample values fit {url}: add some to tests/walk/addresses.py."
    if "list" in url.name and not url.name.startswith("admin:"):
        found += [f"{found[0]}?q={text}" for text in SEARCHED]
    return list(dict.fromkeys(found))


def _samples(parameter: str, world: World) -> list[Any]:
    ids = [world.plant.pk, world.supplier.pk, 9_999_999]
    return {
        "ndc": [world.own.ndc, world.other.ndc, "000000-0000"],
        "molecule": ["WALKAMINE", "NOSUCHAMINE"],
        "draft": [*world.drafts, 9_999_999],
        "submission": [*world.submissions, 9_999_999],
        "quarter_end": [world.quarter, world.drafted],
        "version": ["2026.1", "1999.1"],
        "kind": ["establishment", "kpi-submission", "no-such-kind"],
        "pk": ids,
        "id": ids,
        "subject_id": ids,
        "review": [*world.reviews, 9_999_999],
        "file": [*world.review_files, *world.finding_files, 9_999_999],
        "event": ["write", "take", "no-such-step"],
        "case": [*world.cases, world.far_case.pk, 9_999_999],
        "step": ["accept", "withdraw", "no-such-step"],
        "sheet": ["questionnaire", "draft"],
        "comment": [*world.comments, 9_999_999],
        "case_file": [*world.case_files, 9_999_999],
        "number": [1, 99],
        "action": [*world.actions, 9_999_999],
        "action_file": [*world.action_files, 9_999_999],
        "setting": ["preview_days", "no-such-setting"],
        "scenario_id": [world.scenario.pk, 9_999_999],
        "upload": [world.upload.pk, world.other_upload.pk, 9_999_999],
        "app_label": ["products", "qmm"],
        "calibration": [*world.calibrations, 9_999_999],
        "grant": [world.grant.pk, world.other_grant.pk, 9_999_999],
        "job": [*world.jobs, 9_999_999],
        "assignment": [*world.assignments, 9_999_999],
        "element": ["MC1", "ZZ1"],
        "finding": [*world.findings, 9_999_999],
        "pair": [world.pair, 9_999_999],
        "merge": [world.merge, 9_999_999],
        "site_grant": [*world.site_grants, 9_999_999],
        "contact": [*world.contacts, 9_999_999],
        "evidence": [*world.evidence, 9_999_999],
        "evidence_file": [*world.evidence_files, 9_999_999],
        "asked": [*world.requests, 9_999_999],
        "object_id": ids,
        "content_type_id": [1],
    }.get(parameter, ["x-y"])
