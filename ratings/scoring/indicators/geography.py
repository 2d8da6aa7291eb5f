"""Geography: how much of the supply is made at home or nearby."""

import numpy as np

from ..supply import API, FDF
from .definition import Evidence, Team, Values, indicator


@indicator(
    label="Domestic and nearshore supply",
    unit="share of supply",
    team=Team.SUPPLY_NETWORK,
    definition=(
        "Share of the last 12 months' supply that was made in the United States (counts in full) or in "
        "Canada or Mexico (counts in part); other and unknown countries count nothing. The mean over the stages key "
        "starting materials, API, finished dose and packaging by their weights; a stage without establishments adds "
        "nothing. Taken from the supply nodes; withheld unless API and finished-dose establishments are given."
    ),
    remedy=(
        "Move volume to a qualified establishment in the United States, Canada or Mexico, best for the API or the "
        "finished dose; give the country of every establishment and the makers of your key starting materials."
    ),
)
def domestic_nearshore_share(evidence: Evidence) -> Values:
    known = evidence.supply.has_stage[:, API] & evidence.supply.has_stage[:, FDF]
    return np.where(known, evidence.supply.nearshore_share, np.nan)
