"""The pages of the header: those that open to the viewer, the current one marked."""

from dataclasses import dataclass
from functools import cache
from itertools import groupby

from django.http import HttpRequest
from django.urls import reverse

from dscr.access.rules import opens_to_role, rule_of

ASSESSMENTS, PROGRAM = "Assessments", "Program"
MOST_SIDE_BY_SIDE = 9  # more than these do not fit into one line: then some stand in groups

# Label, the URL that the link opens, the beginnings of the URL names that belong to it, and the group of a long row.
PAGES: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    ("Home", "home", ("home",), ""),
    ("Portfolio", "ratings:portfolio", ("ratings:portfolio",), ""),
    ("Products", "ratings:rating-list", ("ratings:rating-",), ""),
    ("Quarterly figures", "products:kpi-list", ("products:kpi-",), ""),
    ("Molecules", "ratings:molecule-list", ("ratings:molecule-",), ""),
    ("Establishments", "ratings:establishment-list", ("ratings:establishment-",), ""),
    ("Assessments", "qmm:case-list", ("qmm:case-", "qmm:score-", "qmm:consensus"), ASSESSMENTS),
    ("Calibration", "qmm:calibration-list", ("qmm:calibration-",), ASSESSMENTS),
    ("Agreement", "qmm:agreement-people", ("qmm:agreement-",), ASSESSMENTS),
    ("Your drift", "qmm:agreement-own", ("qmm:agreement-own",), ASSESSMENTS),
    ("Rubric", "qmm:rubric-newest", ("qmm:rubric-",), ASSESSMENTS),
    ("Reviews", "ratings:review-list", ("ratings:review-",), ""),
    ("Disclosures", "products:grant-list", ("products:grant-",), ""),
    ("Disclosed to you", "products:received-list", ("products:received-", "products:request-"), ""),
    ("Method", "ratings:methodology-newest", ("ratings:methodology-",), PROGRAM),
    ("Settings", "ratings:program", ("ratings:program",), PROGRAM),
    ("People", "access:people-list", ("access:people-",), PROGRAM),
    ("Audit", "audit:entry-list", ("audit:",), PROGRAM),
    ("API", "tokens:api-docs", ("tokens:api-docs",), PROGRAM),
)


@dataclass(frozen=True, slots=True)
class Link:
    """current: "page" for the page itself, "true" for one that belongs to it, "" for any other (aria-current)."""

    label: str
    address: str
    current: str


@dataclass(frozen=True, slots=True)
class Group:
    """Links that unfold from one word."""

    label: str
    links: list[Link]

    @property
    def current(self) -> str:
        return "true" if any(link.current for link in self.links) else ""


def links(request: HttpRequest) -> list[Link | Group]:
    """Of who is signed in; no query but the user's membership."""
    view = request.resolver_match.view_name if request.resolver_match else ""
    found = []
    for label, name, address, beginnings, group in _open_to(request.user.membership and request.user.membership.role):
        current = "page" if view == name else "true" if view.startswith(beginnings) else ""
        found.append((group, Link(label, address, current)))
    if len(found) <= MOST_SIDE_BY_SIDE:
        return [link for _, link in found]
    row: list[Link | Group] = []
    for group, pairs in groupby(found, key=lambda pair: pair[0]):
        here = [link for _, link in pairs]
        row += [Group(group, here)] if group and len(here) > 1 else here
    return row


@cache
def _open_to(role: str | None) -> list[tuple[str, str, str, tuple[str, ...], str]]:
    """PAGES with their addresses, which are the same for a role as long as the process lives."""
    return [
        (label, name, reverse(name), beginnings, group)
        for label, name, beginnings, group in PAGES
        if opens_to_role(rule_of(name), role)
    ]
