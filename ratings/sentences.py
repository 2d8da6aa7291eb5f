"""The sentence above every picture, written from the data by rules: a reader of these alone understands the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from products.models import Product
from ratings import figures
from ratings.figures import NBSP, first_up, in_words, joined
from ratings.queries.explained import Explained, StageFigure
from ratings.queries.history import TELLING, HistoryPoint, newest_change
from ratings.queries.peers import Peers
from ratings.queries.rating_detail import RatingDetail
from ratings.scoring import Methodology
from ratings.scoring.bands import gates_in, plain_band
from ratings.scoring.rules import Gate

STEADY_SUPPLY = "About steady supply. It says nothing about safety, effectiveness or quality."
NEITHER = "neither good nor bad"

DOMAIN_SUBJECTS = {
    "qmm": "Quality management maturity of the sites",
    "sourcing": "Sourcing of API and materials",
    "capacity": "Capacity and redundancy",
    "inventory": "Inventory and safety stock",
    "delivery": "Delivery performance",
    "investment": "Investment and economics",
    "geography": "Where it is made",
    "continuity": "Preparation for disruptions",
}
STAGE_SUBJECTS = {
    "ksm": "the key starting material",
    "api": "the API",
    "fdf": "the finished dose",
    "packaging": "packaging",
    "testing": "testing",
}


def points_sentence(explained: Explained) -> str:
    """Which domains cost most, and how much of the whole."""
    losses = sorted(((domain.loss or 0.0, domain.code) for domain in explained.domains), reverse=True)
    total = sum(loss for loss, _ in losses)
    largest = losses[0][0]
    if largest < 0.05:
        return "No points were lost."
    first = [code for loss, code in losses if abs(loss - largest) < 0.05]
    if len(first) > 1:
        subjects = joined([_within(code, place) for place, code in enumerate(first)])
        return (
            f"{subjects} cost this product most, {figures.points(largest)} points each of {figures.points(total)} lost."
        )
    second = f"; {_within(losses[1][1], 1)} comes next" if losses[1][0] >= 0.5 else ""
    return (
        f"{DOMAIN_SUBJECTS[first[0]]} costs this product most, {figures.points(largest)} of the "
        f"{figures.points(total)} points lost{second}."
    )


def _within(code: str, place: int) -> str:
    subject = DOMAIN_SUBJECTS[code]
    return subject if place == 0 else subject[:1].lower() + subject[1:]


def supply_sentence(explained: Explained) -> str:
    """Names the single points of failure: stages with at most one source (a qualified site without official action)."""
    given = [stage for stage in explained.stages if stage.nodes]
    if not given:
        return "No establishment of this product's supply chain is given."
    parts = [_none_sentence(given), _single_sentence(given), _missing_sentence(explained.stages)]
    said = [part for part in parts if part]
    if not parts[0] and not parts[1]:
        said.insert(0, "No stage of supply rests on one source.")
    return " ".join(said)


def _none_sentence(given: Sequence[StageFigure]) -> str:
    """Stages without any source, and whether open official actions are the reason."""
    without = [stage for stage in given if not stage.sources]
    if not without:
        return ""
    subjects = joined([STAGE_SUBJECTS[stage.code] for stage in without])
    closed = sorted({node.name for stage in without for node in stage.nodes if node.is_qualified and node.under_action})
    verb = "is" if len(closed) == 1 else "are"
    reason = f": {joined(closed)} {verb} under an open official action" if closed else ""
    return f"{first_up(subjects)} {'has' if len(without) == 1 else 'have'} no qualified source{reason}."


def _single_sentence(given: Sequence[StageFigure]) -> str:
    """One clause for each establishment that a stage or several rest on, and why the others there do not count."""
    resting: dict[tuple[str, str], list[str]] = {}
    for stage in given:
        if len(stage.sources) == 1:
            key = stage.sources[0].name, _uncounted(stage)
            resting.setdefault(key, []).append(STAGE_SUBJECTS[stage.code])
    clauses: list[str] = []
    for (site, because), subjects in resting.items():
        verb = "rests on one source," if len(subjects) == 1 else "rest on one source,"
        clauses.append(f"{joined(subjects)} {'on' if clauses else verb} {site}{because}")
    return first_up("; ".join(clauses)) + "." if clauses else ""


def _uncounted(stage: StageFigure) -> str:
    """Why the other establishments of a stage with one source are none."""
    closed = sorted({node.name for node in stage.nodes if node.under_action})
    unqualified = sorted({node.name for node in stage.nodes if not node.is_qualified and not node.under_action})
    reasons = [
        f"{joined(names)} {'is' if len(names) == 1 else 'are'} {what}"
        for names, what in ((closed, "under an open official action"), (unqualified, "not qualified"))
        if names
    ]
    return f", because {joined(reasons)}" if reasons else ""


def _missing_sentence(stages: Sequence[StageFigure]) -> str:
    missing = [STAGE_SUBJECTS[stage.code] for stage in stages if not stage.nodes and stage.weight]
    return f"No establishment is given for {joined(missing)}." if missing else ""


def history_sentence(points: Sequence[HistoryPoint]) -> str:
    """The newest telling change and why, then the last change of band; without any, since when it stands."""
    if not points:
        return "Nothing has been published yet."
    newest = points[-1]
    if newest.score is None:
        rated = next((point for point in reversed(points) if point.score is not None), None)
        last = f"; last rated {figures.points(rated.score)} ({rated.band_label})" if rated else ""
        return f"{newest.status_label} since {_on(newest)}{last}."
    changed = newest_change(points)
    moved = next((point for point in reversed(points) if point.band_moved), None)
    if changed is None:
        first = next(point for point in points if point.score is not None)
        return f"{figures.points(first.score)} since {_on(first)}, without a change."
    if changed is not moved:
        before = f" {_band_moved(moved)}" if moved else ""
        return (
            f"{_verb(changed.change)} from {figures.points(changed.score_before)} to {figures.points(changed.score)} "
            f"on {_on(changed)}: {_why(changed)}.{before}"
        )
    later = ""
    change = round((newest.score or 0) - (moved.score or 0), 1)
    if abs(change) >= TELLING:
        later = f" It has {'gained' if change > 0 else 'lost'} {_count(abs(change))} since."
    return _band_moved(moved) + later


def _band_moved(moved: HistoryPoint) -> str:
    return f"{_verb(moved.band_moved)} to {moved.band_label} on {_on(moved)}: {_why(moved)}."


def _verb(change: float | None) -> str:
    return "Rose" if (change or 0) > 0 else "Fell"


def _on(point: HistoryPoint) -> str:
    return figures.day(_day(point))


def _day(point: HistoryPoint) -> date:
    return timezone.localtime(point.at).date()


def _count(points: float) -> str:
    return f"{figures.points(points)}{NBSP}{'point' if points == 1 else 'points'}"


def _why(point: HistoryPoint) -> str:
    more = len(point.causes) - 1
    text = point.causes[0].text
    return f"{text}, and {in_words(more)} other {'change' if more == 1 else 'changes'}" if more > 0 else text


def peers_sentence(peers: Peers, product_id: int) -> str:
    """How many of the molecule's NDCs are rated, where this one stands, and that the rest is neither good nor bad."""
    total = peers.enrolled_count + peers.not_enrolled_count
    if total <= 1:
        return "No other NDC of this molecule is in the directory."
    rated = peers.rated
    place = next((number for number, peer in enumerate(rated, 1) if peer.pk == product_id), 0)
    said = [f"{first_up(in_words(len(rated)))} of {in_words(total)} NDCs {'is' if len(rated) == 1 else 'are'} rated"]
    if not rated:
        said = [f"None of the {in_words(total)} NDCs is rated"]
    if place and len(rated) > 1:
        said[0] += f"; this product scores {_rank(rated, rated[place - 1])}"
    said[0] += "."
    if peers.not_enrolled_count:
        count = peers.not_enrolled_count
        verb = "is" if count == 1 else "are"
        said.append(f"{first_up(in_words(count))} {verb} not enrolled, which is {NEITHER}.")
    return " ".join(said)


def _rank(rated: Sequence[Product], own: Product) -> str:
    """Highest, second highest, lowest; with others where several score the same."""
    better = sum(peer.rating.score > own.rating.score for peer in rated)
    same = sum(peer.rating.score == own.rating.score for peer in rated)
    rank = f"{figures.ordinal(better + 1)} highest" if better else "highest"
    if better and better + same == len(rated):
        rank = "lowest"
    return rank + (", with others" if same > 1 else "")


@dataclass(frozen=True, slots=True)
class Limit:
    """A gate that holds; one that does not bind leaves the band as it would be without it."""

    label: str
    binds: bool
    said: str


def limits(explained: Explained) -> list[Limit]:
    """What every gate that holds does and why; gates that change nothing are told together."""
    snapshot, methodology = explained.snapshot, explained.methodology
    gates = {code: methodology.gates[code] for code in gates_in(snapshot.gates)}
    uncapped = snapshot.band_uncapped or 0
    lowest = min([uncapped, *(gate.caps_at for gate in gates.values())])
    said: list[Limit] = []
    idle: dict[str, list[Gate]] = {}
    for code, gate in gates.items():
        cap = methodology.band_label(gate.caps_at)
        if gate.caps_at == lowest < uncapped:
            sites = joined(sorted({node.name for node in explained.nodes if node.under_action and node.share > 0}))
            named = f" It is {sites}." if code == "official_action" and sites else ""
            said.append(Limit(gate.label, True, f"Limits the band to {cap}. {gate.reason}{named}"))
            continue
        why = "the band is already below that"
        if uncapped <= gate.caps_at:
            why = "the score is already below that" if uncapped < gate.caps_at else "the score gives no higher one"
        idle.setdefault(why, []).append(gate)
    return said + [_idle(together, why, methodology) for why, together in idle.items()]


def _idle(gates: Sequence[Gate], why: str, methodology: Methodology) -> Limit:
    labels = [gate.label if place == 0 else gate.label.lower() for place, gate in enumerate(gates)]
    caps = joined(list(dict.fromkeys(methodology.band_label(gate.caps_at) for gate in gates)))
    who = "It" if len(gates) == 1 else "They"
    return Limit(joined(labels), False, f"{who} would cap the band at {caps}; {why}.")


def watch_sentence(explained: Explained) -> str:
    """On watch: the band stays only because the score is within the buffer around a cut."""
    snapshot, methodology = explained.snapshot, explained.methodology
    if snapshot.score is None or not snapshot.band_uncapped:
        return ""
    plain = int(plain_band(snapshot.score, methodology))
    if plain == snapshot.band_uncapped:
        return ""
    rising = plain > snapshot.band_uncapped
    cut = methodology.bands[(plain if rising else snapshot.band_uncapped) - 1]
    return (
        f"On watch: {figures.points(snapshot.score)} is {'above' if rising else 'below'} the cut of "
        f"{figures.plain(cut.cut)} for {cut.label}, but within the buffer of {figures.plain(methodology.band_buffer)} "
        "points, so the band stays."
    )


def standing_sentence(detail: RatingDetail) -> str:
    """Why there is no score, for every status that has none; never worded as a low one."""
    enrolment, last = detail.enrolment, detail.last_rated
    was = _was_rated(detail.history, last) if last else ""
    who = enrolment.organisation.name if enrolment else "its organization"
    if detail.standing == "insufficient_data" and detail.explained:
        return _insufficient(detail.explained) + was
    if detail.standing == "not_yet_rated":
        return "Enrolled; no attested KPI submission counts yet, so there is nothing to rate." + was
    if detail.standing == "expired":
        return "A rating is valid for 12 months from its data, and no newer KPI submission was attested." + was
    if detail.standing == "suspended" and enrolment and enrolment.suspended_on:
        return f"Suspended on {figures.day(enrolment.suspended_on)}: {enrolment.suspension_reason.rstrip('.')}.{was}"
    if detail.standing == "withdrawn" and enrolment and enrolment.withdrawn_on:
        return f"{who} withdrew it on {figures.day(enrolment.withdrawn_on)}; that is {NEITHER}.{was}"
    if detail.standing == "out_of_scope":
        version = detail.explained.methodology.version if detail.explained else ""
        return (
            f"It has {in_words(len(detail.product.substances))} active ingredients; methodology {version} rates "
            "products with one. A later methodology will bring the others."
        )
    if detail.standing == "cannot_be_computed":
        return "Its inputs contradict each other, so there is no rating until they are corrected."
    if detail.standing == "not_enrolled":
        return f"Nobody has enrolled this product in the program, which is {NEITHER}."
    return was.strip()


def _was_rated(points: Sequence[HistoryPoint], last: HistoryPoint) -> str:
    """The rating before: it held until the day before the next result."""
    ended = next((point for point in points if point.at > last.at), None)
    until = max(_day(last), _day(ended) - timedelta(days=1)) if ended else _day(last)
    return f" It was rated {figures.points(last.score)} ({last.band_label}) until {figures.day(until)}."


def _insufficient(explained: Explained) -> str:
    rule, snapshot = explained.methodology.coverage, explained.snapshot
    short = []
    if snapshot.coverage < rule.floor - 1e-9:
        short.append(f"{figures.percent(snapshot.coverage)} of what applies (at least {figures.percent(rule.floor)})")
    if snapshot.qmm_coverage < rule.qmm_floor - 1e-9:
        short.append(
            f"{figures.percent(snapshot.qmm_coverage)} of the sites' QMM (at least {figures.percent(rule.qmm_floor)})"
        )
    return f"Too little is known for a score: {joined(short)}. That is not a low score."
