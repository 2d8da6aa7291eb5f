"""How long the assessments of establishments hold."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, F, OuterRef, Subquery

from dscr.access.scoping import Reader
from qmm.models import Assessment, Establishment, Inspection


@dataclass(frozen=True, slots=True)
class SiteStanding:
    """An establishment with its newest assessment's day and whether an official action is open."""

    establishment: Establishment
    assessed_on: date | None
    under_action: bool


def site_standings(user: Reader) -> list[SiteStanding]:
    """Establishments whose maturity the reader may read, the never and the longest ago assessed first; one query."""
    newest = Assessment.objects.filter(establishment=OuterRef("pk"), voided_at=None).order_by("-completed_on")
    actions = Inspection.objects.filter(
        establishment=OuterRef("pk"), voided_at=None, classification="OAI", resolved_on=None
    )
    sites = (
        Establishment.objects.for_user(user, "read_maturity")
        .standing()
        .annotate(assessed_on=Subquery(newest.values("completed_on")[:1]), under_action=Exists(actions))
    )
    sites = sites.order_by(F("assessed_on").asc(nulls_first=True), "name", "pk")
    return [SiteStanding(site, site.assessed_on, site.under_action) for site in sites]
