"""Why a rating changed: the difference between two snapshots' inputs, in plain words.

Nothing is logged apart: marks that were merged into one computation lose nothing, because both inputs are stored.
Of an establishment whose levels the reader may not read, no level and no official action is told with its name. What
readers without figures are told is ratings/published_causes.py.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qmm.countries import country_name
from ratings import figures
from ratings.layout import unpack_explanation
from ratings.models import RatingSnapshot, Status
from ratings.queries.endings import Endings
from ratings.queries.explained import effective_inputs
from ratings.queries.sight import EVERYTHING, Sight
from ratings.queries.site_merges import Joined, SiteMerges
from ratings.scoring import INDICATORS, STAGES, EffectiveInputs, load_methodology, unpack_country
from ratings.scoring.questionnaire import KPI_BY_CODE, KPIS
from ratings.supplied import Node, Site, nodes_of, sites_of

KPI_LABELS = {kpi: item.label for item in INDICATORS.values() for kpi in item.kpis} | figures.LABELS
SOURCES = {
    "ksm": "key material source",
    "api": "API source",
    "fdf": "finished-dose site",
    "packaging": "packaging site",
    "testing": "testing site",
}
SUPPLY = {
    "ksm": "Key starting material",
    "api": "API",
    "fdf": "Finished dose",
    "packaging": "Packaging",
    "testing": "Testing",
}
A_SOURCE = {
    "ksm": "a key material source",
    "api": "an API source",
    "fdf": "a finished-dose site",
    "packaging": "a packaging site",
    "testing": "a testing site",
}
A_SITE = A_SOURCE | {"ksm": "a key material site", "api": "an API site"}
WHO = {
    "ksm": "Key starting material supplier",
    "api": "API supplier",
    "fdf": "Finished-dose site",
    "packaging": "Packaging site",
    "testing": "Testing site",
}


@dataclass(frozen=True, slots=True)
class Cause:
    """`text` is the whole story, `short` fits beside a mark of a chart."""

    domain: str
    text: str
    short: str
    is_reported: bool = False  # a figure of a KPI submission


FIRST = Cause("status", "First result", "first result")


def short_cause(causes: Sequence[Cause]) -> str:
    """What fits beside a mark: the first cause, or that a new set of figures came in."""
    if len(causes) >= 4 and all(cause.is_reported for cause in causes):
        return "new figures"
    return causes[0].short


def causes_between(
    old: RatingSnapshot | None,
    new: RatingSnapshot,
    names: Mapping[int, str],
    sight: Sight = EVERYTHING,
    endings: Endings | None = None,
    merges: SiteMerges | None = None,
) -> list[Cause]:
    """What differs, the most consequential kinds first. `names` are those of the establishments.

    With `endings` a qualification or an assessment that ended is told with its reason, with `merges` two records of
    one site as one.
    """
    if old is None:
        return [FIRST]
    standing = standing_causes(old, new)
    if not are_comparable(old, new):
        return standing
    before, after = effective_inputs(old), effective_inputs(new)
    reasons = _Reasons(endings, old, new)
    joined = merges.between(old, new) if merges else []
    one = {merge.goes: merge.stays for merge in joined}
    found = [
        *standing,
        *_shortage(before, after),
        *merge_causes(joined, names),
        *_nodes(before, after, names, reasons, one),
        *_sites(before, after, names, sight, reasons, one),
        *_kpis(before, after, new, _loss_changes(old, new)),
    ]
    return found or prior_band_causes(old, new) or [Cause("status", "Recomputed; no input differs", "recomputed")]


@dataclass(frozen=True, slots=True)
class _Reasons:
    """Why something that counted in the old snapshot counts no more in the new one; "" where that is not known."""

    endings: Endings | None
    old: RatingSnapshot
    new: RatingSnapshot

    def assessment(self, establishment: int) -> str:
        return self.endings.assessment(establishment, self.new) if self.endings else ""

    def qualification(self, stage: str, establishment: int) -> str:
        return self.endings.qualification(stage, establishment, self.new) if self.endings else ""


def are_comparable(old: RatingSnapshot, new: RatingSnapshot) -> bool:
    """Whether both were computed from figures: to compare with one that was not would only name all of them."""
    return old.status == new.status or {old.status, new.status} <= {Status.RATED, Status.INSUFFICIENT_DATA}


def standing_causes(old: RatingSnapshot, new: RatingSnapshot) -> list[Cause]:
    """Status and methodology, which are published."""
    return [*_status(old, new), *_methodology(old, new)]


def _status(old: RatingSnapshot, new: RatingSnapshot) -> list[Cause]:
    if old.status == new.status:
        return []
    text = {
        Status.RATED: "Rated again" if old.status != Status.NOT_YET_RATED else "First rating",
        Status.INSUFFICIENT_DATA: "Too little is known for a score",
        Status.NOT_YET_RATED: "No KPI submission counts any more",
        Status.EXPIRED: "The KPI submission is older than 12 months",
        Status.SUSPENDED: "Suspended",
        Status.WITHDRAWN: "Withdrawn by the enrolling organization",
        Status.OUT_OF_SCOPE: "More than one active ingredient: not in scope yet",
    }[Status(new.status)]
    return [Cause("status", text, text[:1].lower() + text[1:] if len(text) < 25 else Status(new.status).label.lower())]


def _methodology(old: RatingSnapshot, new: RatingSnapshot) -> list[Cause]:
    if old.methodology == new.methodology:
        return []
    return [Cause("methodology", f"Methodology {old.methodology} → {new.methodology}", f"method {new.methodology}")]


def _shortage(before: EffectiveInputs, after: EffectiveInputs) -> list[Cause]:
    return shortage_causes(bool(before.in_shortage[0]), bool(after.in_shortage[0]))


def shortage_causes(before: bool, after: bool) -> list[Cause]:
    if before == after:
        return []
    if after:
        return [Cause("shortage", "On the FDA shortage list", "in shortage")]
    return [Cause("shortage", "No longer on the FDA shortage list", "shortage over")]


def merge_causes(joined: Sequence[Joined], names: Mapping[int, str] | None = None) -> list[Cause]:
    """Without `names` once, however many there are."""
    found = []
    for merge in joined if names is not None else joined[:1]:
        undone = merge.is_undone
        text = "A merge of two records of a site was undone" if undone else "Two records of one site were merged"
        if names is not None:
            goes, stays = (names.get(number, f"Establishment {number}") for number in (merge.goes, merge.stays))
            text += f": {goes} and {stays} count apart again" if undone else f": {goes} counts as {stays}"
        found.append(Cause("sourcing", text, "merge undone" if undone else "records merged"))
    return found


def _nodes(
    before: EffectiveInputs,
    after: EffectiveInputs,
    names: Mapping[int, str],
    reasons: _Reasons,
    one: Mapping[int, int],
) -> list[Cause]:
    old, new = nodes_of(before, one), nodes_of(after, one)
    found = []
    # A node that came or went is the story; shares of others that moved with it follow.
    for key in sorted(old.keys() | new.keys(), key=lambda key: (key in old and key in new, key)):
        stage, establishment = STAGES[key[0]], key[1]
        site = names.get(establishment, f"Establishment {establishment}")
        who = f"{WHO[stage]} {site}"
        if key not in old:
            node = new[key]
            role = "as a backup" if node.share == 0 else f"with {figures.percent(node.share)} of supply"
            qualified = "" if node.is_qualified else ", not qualified"
            what, short = f"{who} added {role}{qualified}", f"{SOURCES[stage]} added"
        elif key not in new:
            what, short = f"{who} removed", f"{SOURCES[stage]} removed"
        elif old[key] == new[key]:
            continue
        else:
            lapsed = old[key].is_qualified and not new[key].is_qualified
            reason = reasons.qualification(stage, establishment) if lapsed else ""
            what, short = _node_changed(stage, site, old[key], new[key], reason)
        found.append(Cause("sourcing" if stage in ("ksm", "api") else "capacity", what, short))
    return found


def _node_changed(stage: str, site: str, was: Node, now: Node, reason: str) -> tuple[str, str]:
    """The whole story and what fits beside a mark. A name may end in a number, so no figure follows it directly."""
    qualified = "qualified" if now.is_qualified else "no longer qualified"
    because = f": {reason}" if reason else ""
    if was.share == now.share:
        return f"{WHO[stage]} {site} {qualified}{because}", f"{SOURCES[stage]} {qualified}"
    what = f"{SUPPLY[stage]}: share of {site} from {_share(was.share)} to {_share(now.share)}"
    if was.is_qualified == now.is_qualified:
        return what, f"{SOURCES[stage]} {_share(was.share)} → {_share(now.share)}"
    return f"{what}, {qualified}{because}", f"{SOURCES[stage]} {qualified}"


def _share(value: float) -> str:
    return "backup" if value == 0 else figures.percent(value)


def _sites(
    before: EffectiveInputs,
    after: EffectiveInputs,
    names: Mapping[int, str],
    sight: Sight,
    reasons: _Reasons,
    one: Mapping[int, int],
) -> list[Cause]:
    old, new = sites_of(before, one), sites_of(after, one)
    found = []
    for number in sorted(old.keys() & new.keys()):
        was, now = old[number], new[number]
        is_told = sight.reads_level(number)
        site = names.get(number, f"Establishment {number}")
        if not _same(was.level, now.level):
            ended = reasons.assessment(number) if is_told and math.isnan(now.level) else ""
            found.append(_level(site, was.level, now.level, ended) if is_told else _hidden_level(was, now))
        if was.under_action != now.under_action:
            where = site if is_told else _some_site(now.stage, new, sight)
            found.append(_action(where, now.under_action, is_told))
        if was.country != now.country:
            places = " → ".join(country_name(unpack_country(code)) for code in (was.country, now.country))
            found.append(Cause("geography", f"Country of {site}: {places}", f"country of {site}"))
    return found


def _level(site: str, was: float, now: float, ended: str) -> Cause:
    if math.isnan(was):
        return Cause("qmm", f"{site} assessed: QMM level {figures.level(now)}", "site assessed")
    if math.isnan(now):
        text = f"QMM assessment of {site} {ended or 'ended'} (was level {figures.level(was)})"
        return Cause("qmm", text, "assessment ended")
    return Cause(
        "qmm",
        f"QMM level of {site} from {figures.level(was)} to {figures.level(now)}",
        f"QMM level {figures.level(was)} → {figures.level(now)}",
    )


def _hidden_level(was: Site, now: Site) -> Cause:
    """The site's level moved; neither it nor its name is for the reader."""
    if math.isnan(was.level):
        return Cause("qmm", f"{figures.first_up(A_SOURCE[now.stage])} was assessed", "site assessed")
    if math.isnan(now.level):
        return Cause("qmm", f"QMM assessment of {A_SOURCE[now.stage]} ended", "assessment ended")
    verb = "rose" if now.level > was.level else "fell"
    return Cause("qmm", f"QMM of {A_SOURCE[now.stage]} {verb}", f"QMM {verb}")


def _some_site(stage: str, sites: Mapping[int, Site], sight: Sight) -> str:
    """The stage of a site that must not be named, where it is not the only such one there."""
    hidden = [number for number, site in sites.items() if site.stage == stage and not sight.reads_level(number)]
    return A_SITE[stage] if len(hidden) > 1 else "a site of the supply chain"


def _action(site: str, is_open: bool, is_told: bool) -> Cause:
    short = "official action" if is_open else "action resolved"
    if not is_told:
        what = "An official action opened at" if is_open else "An official action was resolved at"
        return Cause("qmm", f"{what} {site}", short)
    return Cause(
        "qmm", f"{'Unresolved official action at' if is_open else 'Official action resolved at'} {site}", short
    )


def _loss_changes(old: RatingSnapshot, new: RatingSnapshot) -> dict[str, float]:
    """Points that each indicator gained or lost, to tell the telling figures first; none across methodologies."""
    if old.methodology != new.methodology:
        return {}
    rules = load_methodology(new.methodology).indicators
    was, now = (unpack_explanation(row.explanation, len(rules)).indicator_losses for row in (old, new))
    changes = zip(
        (rule.code for rule in rules), (float(abs(b - a)) for a, b in zip(was, now, strict=True)), strict=True
    )
    return {code: change for code, change in changes if not math.isnan(change)}


def _kpis(
    before: EffectiveInputs, after: EffectiveInputs, new: RatingSnapshot, effects: Mapping[str, float]
) -> list[Cause]:
    """The reported figures that differ, those that moved most points first."""
    found: list[tuple[float, Cause]] = []
    for kpi in KPIS:
        was, now = (figures.answer(kpi.code, inputs.kpis[0]) for inputs in (before, after))
        if all(_same(a, b) for a, b in zip(was, now, strict=True)):
            continue
        label = KPI_LABELS[kpi.code]
        domain = _domain_of(kpi.code, new.methodology)
        effect = max(
            (effects.get(code, 0.0) for code, item in INDICATORS.items() if kpi.code in item.kpis), default=0.0
        )
        if not figures.is_disclosed(was):
            text = f"{label} now disclosed: {figures.reported(kpi.code, now)}"
        elif not figures.is_disclosed(now):
            text = f"{label} no longer disclosed (was {figures.reported(kpi.code, was)})"
        else:
            text = f"{label} {_change(kpi.code, was, now)}"
        found.append((effect, Cause(domain, text, label, is_reported=True)))
    return [cause for _, cause in sorted(found, key=lambda pair: -pair[0])]


def _change(code: str, was: tuple[float, ...], now: tuple[float, ...]) -> str:
    """Old → new; of counts the rates first, then the counts behind them."""
    if KPI_BY_CODE[code].is_counts and was[1] and now[1]:
        rates = f"{figures.percent(was[0] / was[1])} → {figures.percent(now[0] / now[1])}"
        if was[1] == now[1]:
            return f"{rates} ({figures.plain(was[0])} → {figures.plain(now[0])} of {figures.plain(now[1])})"
        counts = [f"{figures.plain(n)} of {figures.plain(d)}" for n, d in (was, now)]
        return f"{rates} ({' → '.join(counts)})"
    if code == "capacity_utilisation" and was[0] == now[0]:
        return f"forecast {_part(was[1])} → {_part(now[1])}"
    if code == "capacity_utilisation" and was[1] == now[1]:
        return f"of the past {_part(was[0])} → {_part(now[0])}"
    return f"{figures.reported(code, was)} → {figures.reported(code, now)}"


def _part(share: float) -> str:
    return figures.percent(share) or figures.NOT_DISCLOSED


def _domain_of(kpi: str, version: str) -> str:
    """The domain that reads the question; the safety stock target, which none scores, goes with the inventory."""
    rules = load_methodology(version).indicators
    return next((rule.domain for rule in rules if kpi in INDICATORS[rule.code].kpis), "inventory")


def prior_band_causes(old: RatingSnapshot, new: RatingSnapshot) -> list[Cause]:
    if old.prior_band == new.prior_band:
        return []
    label = load_methodology(new.methodology).band_label(new.prior_band or 0) or "no band"
    text = f"No input changed; from this day on the band is held against the earlier one, {label}"
    return [Cause("status", text, "new day")]


def _same(a: float, b: float) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b))
