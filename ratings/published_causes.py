"""Why a published rating changed, as a purchaser is told: by domain, without a figure, a site, a country or a KPI."""

from ratings.causes import (
    FIRST,
    Cause,
    are_comparable,
    merge_causes,
    prior_band_causes,
    shortage_causes,
    standing_causes,
)
from ratings.figures import first_up, known, percent
from ratings.layout import unpack_explanation
from ratings.models import RatingSnapshot, Status
from ratings.queries.site_merges import SiteMerges
from ratings.queries.told import told_coverage
from ratings.scoring import load_methodology
from ratings.scoring.bands import gates_in

DOMAINS = {
    "qmm": "quality management maturity (QMM) of the sites",
    "sourcing": "sourcing",
    "capacity": "capacity",
    "inventory": "inventory",
    "delivery": "delivery",
    "investment": "investment",
    "geography": "geography",
    "continuity": "continuity",
}
LONG_QMM = "quality management maturity (QMM)"
NOTICEABLE = 0.05  # of a domain's 100 points, and of the score's
GATE_OF_SHORTAGE = "active_shortage"  # told as the shortage itself


def published_causes(old: RatingSnapshot | None, new: RatingSnapshot, merges: SiteMerges | None = None) -> list[Cause]:
    """What differs in what is published, the domain that moved the score most before the others; where records of a
    site were merged, that goes before what it moved."""
    if old is None:
        return [FIRST]
    told = _told(old, new)
    if told and merges and are_comparable(old, new):
        told = merge_causes(merges.between(old, new)) + told
    return told or prior_band_causes(old, new) or [Cause("status", "Recomputed; no domain moved", "recomputed")]


def tells_something(old: RatingSnapshot, new: RatingSnapshot) -> bool:
    """Whether anything that is published differs; a result that was only computed anew is news to its maker alone."""
    return (old.status, old.score, old.band) != (new.status, new.score, new.band) or bool(_told(old, new))


def _told(old: RatingSnapshot, new: RatingSnapshot) -> list[Cause]:
    standing = standing_causes(old, new)
    if not are_comparable(old, new) or old.methodology != new.methodology:
        return standing
    found = [*standing, *shortage_causes(bool(old.inputs[0]), bool(new.inputs[0]))]
    if old.status == new.status == Status.RATED:
        found += [*_gates(old, new), *_domains(old, new)]
    # It explains the others, and is a cause of its own only where it stands alone.
    return found + _coverage(old, new)


def _coverage(old: RatingSnapshot, new: RatingSnapshot) -> list[Cause]:
    shares = [told_coverage(row.coverage, row.status) for row in (old, new)]
    if None in shares or shares[0] == shares[1]:
        return []
    was, now = (percent(share) for share in shares)
    more = "More" if new.coverage > old.coverage else "Less"
    return [Cause("coverage", f"{more} of what applies is known: {was} → {now}", f"{more.lower()} is known")]


def _gates(old: RatingSnapshot, new: RatingSnapshot) -> list[Cause]:
    before, after = gates_in(old.gates), gates_in(new.gates)
    gates = load_methodology(new.methodology).gates
    changed = [code for code in gates if (code in before) != (code in after) and code != GATE_OF_SHORTAGE]
    return [
        Cause(
            "gates",
            f"{gates[code].label}{'' if code in after else ': no longer'}",
            f"{gates[code].label.lower()}{'' if code in after else ' over'}",
        )
        for code in changed
    ]


def _domains(old: RatingSnapshot, new: RatingSnapshot) -> list[Cause]:
    methodology = load_methodology(new.methodology)
    before, after = (unpack_explanation(row.explanation, len(methodology.indicators)) for row in (old, new))
    moved: list[tuple[float, Cause]] = []
    for place, domain in enumerate(methodology.domains):
        change = known(float(after.domains[place] - before.domains[place])) or 0.0
        if abs(change) < NOTICEABLE:
            continue
        effect = known(float(after.domain_losses[place] - before.domain_losses[place])) or 0.0
        text = f"{DOMAINS[domain.code]} {'improved' if change > 0 else 'declined'}"
        moved.append((abs(effect), Cause(domain.code, first_up(text), text.replace(LONG_QMM, "QMM"))))
    return [cause for _, cause in sorted(moved, key=lambda pair: -pair[0])]
