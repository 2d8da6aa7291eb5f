"""Sourcing: who else could supply the active ingredient and the critical materials."""

import numpy as np

from ..supply import API
from .definition import Evidence, Team, Values, indicator


@indicator(
    label="Backup API suppliers",
    unit="backup suppliers",
    team=Team.SUPPLY_NETWORK,
    definition=(
        "How many API suppliers could step in for the first one. Counted are establishments that are named in the "
        "approved application, made a commercial or validation batch within the last 36 months and are not under "
        "unresolved official action; they need not supply today. A backup in a further country counts in "
        "full, a backup in a country that already has a supplier in part. Taken from the supply nodes; "
        "withheld if no API establishment is given."
    ),
    remedy=(
        "Qualify a further API supplier, best in a country where you have none yet; make a validation batch at a "
        "supplier whose last batch is older than 36 months; resolve an open official action at a supplier; give the "
        "country of every supplier."
    ),
)
def backup_api_suppliers(evidence: Evidence) -> Values:
    rule = evidence.methodology.supply
    sources = evidence.supply.sources[:, API]
    countries = np.maximum(evidence.supply.api_countries, 1)  # sources of unknown country share one
    backups = (countries - 1) * rule.backup_new_country + (sources - countries) * rule.backup_same_country
    backups = np.where(sources > 0, backups, 0.0)
    return np.where(evidence.supply.has_stage[:, API], backups, np.nan)


@indicator(
    label="Dual-sourced critical materials",
    unit="share of materials",
    team=Team.SUPPLY_NETWORK,
    definition=(
        "Critical materials with two or more qualified sources, divided by all critical materials of the product, "
        "at the end of the quarter. Critical is every material without which no batch can be made or released "
        "(excipients, key starting materials, stoppers, vials, filters); the API itself is judged separately. "
        "Example: 9 of 12 materials."
    ),
    remedy=(
        "Qualify a second source for the critical materials that have only one, beginning with those that have the "
        "longest lead time."
    ),
    kpis=("dual_sourced_materials",),
)
def dual_sourced_materials(evidence: Evidence) -> Values:
    return evidence.rate("dual_sourced_materials")
