"""The pages of the header: those that open to the viewer, the current one marked."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from dscr.access.rules import opens, rule_of

# Label, the URL that the link opens, and the beginning of the URL names that belong to it.
PAGES = (
    ("Home", "home", "home"),
    ("Portfolio", "ratings:portfolio", "ratings:portfolio"),
    ("Products", "ratings:rating-list", "ratings:rating-"),
    ("Quarterly figures", "products:kpi-list", "products:kpi-"),
    ("Molecules", "ratings:molecule-list", "ratings:molecule-"),
    ("Establishments", "ratings:establishment-list", "ratings:establishment-"),
    ("Assessments", "qmm:case-list", "qmm:case-"),
    ("Reviews", "ratings:review-list", "ratings:review-"),
    ("Disclosures", "products:grant-list", "products:grant-"),
    ("Disclosed to you", "products:received-list", "products:re"),  # received- and request-
    ("Method", "ratings:methodology-newest", "ratings:methodology-"),
    ("Program", "ratings:program", "ratings:program"),
    ("Rubric", "qmm:rubric-newest", "qmm:rubric-"),
    ("Agreement", "qmm:agreement-people", "qmm:agreement-"),
    ("Your drift", "qmm:agreement-own", "qmm:agreement-own"),
    ("Calibration", "qmm:calibration-list", "qmm:calibration-"),
    ("People", "access:people-list", "access:people-"),
    ("Audit", "audit:entry-list", "audit:"),
    ("API", "tokens:api-docs", "tokens:api-docs"),
)


@dataclass(frozen=True, slots=True)
class Link:
    """current: "page" for the page itself, "true" for one that belongs to it, "" for any other (aria-current)."""

    label: str
    address: str
    current: str


def links(request: HttpRequest) -> list[Link]:
    """No query but the user's membership."""
    view = request.resolver_match.view_name if request.resolver_match else ""
    return [
        Link(label, reverse(name), "page" if view == name else "true" if view.startswith(group) else "")
        for label, name, group in PAGES
        if opens(rule_of(name), request.user)
    ]
