"""The sentence above every picture, written from the data by rules: a reader of these alone understands the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from products.models import Product
from ratings import figures
from ratings.figures import first_up, in_words, joined
from ratings.queries.explained import FiguresView, StageFigure
from ratings.queries.history import HistoryPoint, newest_change, rated_again
from ratings.queries.peers import Peers
from ratings.queries.published import PublishedGate, PublishedView
from ratings.queries.rating_detail import RatingDetail
from ratings.scoring.bands import plain_band

STEADY_SUPPLY = "About steady supply. It says nothing about safety, effectiveness or quality."
SITES_QMM = "the sites' quality management maturity (QMM)"
NEITHER = "neither good nor bad"

MEANINGS = {
    5: "Very likely to keep supplying, even when something goes wrong along the way.",
    4: "Likely to keep supplying; most of what could go wrong has a fallback.",
    3: "Likely to keep supplying in normal times; some of what could go wrong has no fallback.",
    2: "Supply is vulnerable: when something goes wrong, there is little to fall back on.",
    1: "Supply is fragile: almost nothing stands between a failure and an interruption.",
}
DOMAIN_SUBJECTS = {
    "qmm": "Quality management maturity (QMM) of the sites",
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


def meaning_sentence(published: PublishedView) -> str:
    """What the band says of the supply, for a reader who knows nothing of the method."""
    return MEANINGS.get(published.band or 0, "")


def points_sentence(view: FiguresView | PublishedView) -> str:
    """Which domains cost most, and how much of the whole; in whole points where the view has only those."""
    losses = sorted(((domain.loss or 0, domain.code) for domain in view.domains), reverse=True)
    total = sum(loss for loss, _ in losses)
    largest = losses[0][0]
    if largest < 0.05:
        return "No points were lost." if isinstance(view, FiguresView) else "Less than a point was lost."
    first = [code for loss, code in losses if abs(loss - largest) < 0.05]
    if len(first) > 3:
        return f"{first_up(in_words(len(first)))} domains cost {_lost(largest)} each of {_lost(total)} lost."
    if len(first) > 1:
        subjects = joined([_within(code, place) for place, code in enumerate(first)])
        unit = "point" if largest == 1 and isinstance(largest, int) else "points"
        return f"{subjects} cost this product most, {_lost(largest)} {unit} each of {_lost(total)} lost."
    second = _second([code for loss, code in losses if loss >= 0.5 and abs(loss - losses[1][0]) < 0.05])
    return (
        f"{DOMAIN_SUBJECTS[first[0]]} costs this product most, {_lost(largest)} of the {_lost(total)} points "
        f"lost{second}."
    )


def _second(codes: Sequence[str]) -> str:
    """What comes next: one domain, or two that cost the same; of more none is said to come before the others."""
    if not 0 < len(codes) < 3:
        return ""
    return f"; {joined([_within(code, 1) for code in codes])} {'comes' if len(codes) == 1 else 'come'} next"


def _lost(points: float) -> str:
    return str(points) if isinstance(points, int) else figures.points(points)


def _within(code: str, place: int) -> str:
    subject = DOMAIN_SUBJECTS[code]
    return subject if place == 0 else subject[:1].lower() + subject[1:]


def next_sentence(view: FiguresView) -> str:
    """What the first steps could bring: the indicators that cost most, and what that is of all points lost."""
    steps = view.costliest
    cost = figures.points(sum(step.loss or 0 for step in steps))
    if len(steps) == 1:
        return f"One indicator costs {cost} of the {figures.points(view.points_lost)} points lost."
    return (
        f"These {in_words(len(steps))} indicators cost most, {cost} of the {figures.points(view.points_lost)} "
        "points lost together."
    )


def figures_sentence(*, is_rated: bool) -> str:
    said = (
        "What was reported, what it is worth and what it cost."
        if is_rated
        else "What was reported, and what is missing."
    )
    return f"{said} Each name leads to its definition and to what would raise it."


def supply_sentence(stages: Sequence[StageFigure]) -> str:
    """Names the single points of failure: stages with at most one source (a qualified site without official action)."""
    given = [stage for stage in stages if stage.nodes]
    if not given:
        return "No establishment of this product's supply chain is given."
    parts = [_none_sentence(given), _single_sentence(given), _missing_sentence(stages)]
    said = [part for part in parts if part]
    if not parts[0] and not parts[1]:
        said.insert(0, "No stage of supply rests on one source.")
    return " ".join(said)


def _none_sentence(given: Sequence[StageFigure]) -> str:
    """Stages without any source, and whether open official actions are the reason."""
    without = [stage for stage in given if not stage.source_count]
    if not without:
        return ""
    subjects = joined([STAGE_SUBJECTS[stage.code] for stage in without])
    closed = sorted({node.name for stage in without for node in stage.nodes if node.is_qualified and node.under_action})
    if any(stage.hidden_actions for stage in without):
        closed = ["a site"]  # which one, the reader may not be told
    verb = "is" if len(closed) == 1 else "are"
    reason = f": {joined(closed)} {verb} under an open official action" if closed else ""
    return f"{first_up(subjects)} {'has' if len(without) == 1 else 'have'} no qualified source{reason}."


def _single_sentence(given: Sequence[StageFigure]) -> str:
    """One clause for each establishment that a stage or several rest on, and why the others there do not count."""
    resting: dict[tuple[str, str], list[str]] = {}
    for stage in given:
        if stage.source_count != 1:
            continue
        if stage.hidden_actions:
            key = "", ", because an official action is open at another site"
        else:
            key = f" {stage.sources[0].name}", _uncounted(stage)
        resting.setdefault(key, []).append(STAGE_SUBJECTS[stage.code])
    clauses: list[str] = []
    for (site, because), subjects in resting.items():
        verb = "rests on one source" if len(subjects) == 1 else "rest on one source"
        on = " on" if clauses and site else f" {verb}{',' if site else ''}"
        clauses.append(f"{joined(subjects)}{on}{site}{because}")
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
    """The newest telling change, then the last of band or status; a score that has moved since ends on today's."""
    if not points:
        return "Nothing has been published yet."
    newest = points[-1]
    if newest.score is None:
        rated = next((point for point in reversed(points) if point.score is not None), None)
        last = f"; last rated {figures.points(rated.score)} ({rated.band_label})" if rated else ""
        run = next((at for at, point in enumerate(reversed(points)) if point.status != newest.status), len(points))
        return f"{newest.status_label} since {_on(points[len(points) - run])}{last}."
    changed, again = newest_change(points), rated_again(points)
    if changed is None:
        first = next(point for point in points if point.score is not None)
        return f"{figures.points(first.score)} since {_on(first)}, without a change."
    moved = next((point for point in reversed(points) if point is again or point.band_moved), None)
    today = ""
    if abs(round(newest.score - (changed.score or 0), 1)) >= 0.1:
        today = f"; {figures.points(newest.score)} today"
    if changed is moved:
        return f"{_moved(moved, again)}{today}."
    before = f" {_moved(moved, again)}." if moved else ""
    return (
        f"{_verb(changed.change)} from {figures.points(changed.score_before)} to {figures.points(changed.score)} "
        f"on {_on(changed)}: {_why(changed)}{today}.{before}"
    )


def _moved(moved: HistoryPoint, again: HistoryPoint | None) -> str:
    if moved is again:
        return f"Rated again on {_on(moved)}: {moved.band_label}"
    return f"{_verb(moved.band_moved)} to {moved.band_label} on {_on(moved)}: {_why(moved)}"


def _verb(change: float | None) -> str:
    return "Rose" if (change or 0) > 0 else "Fell"


def _on(point: HistoryPoint) -> str:
    return figures.day(_day(point))


def _day(point: HistoryPoint) -> date:
    return timezone.localtime(point.at).date()


def _why(point: HistoryPoint) -> str:
    more = len(point.causes) - 1
    text = point.causes[0].text
    return f"{text}, and {in_words(more)} other {'change' if more == 1 else 'changes'}" if more > 0 else text


def peers_sentence(peers: Peers, product_id: int) -> str:
    """How many of the molecule's NDCs are rated, where this one stands, and that the rest is neither good nor bad."""
    total = peers.enrolled_count + peers.withdrawn_count + peers.not_enrolled_count
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
    if peers.withdrawn_count:
        count = peers.withdrawn_count
        said.append(f"{first_up(in_words(count))} {'is' if count == 1 else 'are'} withdrawn.")
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


def limits(published: PublishedView, view: FiguresView | None = None) -> list[Limit]:
    """What every gate that holds does and why; gates that change nothing are told together. A site under official
    action is named where the reader's own view of the figures names it."""
    uncapped = published.band_uncapped or 0
    said: list[Limit] = []
    idle: dict[str, list[PublishedGate]] = {}
    for gate in published.gates:
        if gate.binds:
            sites = _sites_under_action(view) if view and gate.code == "official_action" else ""
            named = f" It is {sites}." if sites else ""
            said.append(Limit(gate.label, True, f"Limits the band to {gate.cap_label}. {gate.reason}{named}"))
            continue
        why = "the band is already below that"
        if uncapped <= gate.caps_at:
            why = "the score is already below that" if uncapped < gate.caps_at else "the score gives no higher one"
        idle.setdefault(why, []).append(gate)
    return said + [_idle(together, why) for why, together in idle.items()]


def _sites_under_action(view: FiguresView) -> str:
    return joined(sorted({node.name for node in view.nodes if node.under_action and node.share > 0}))


def _idle(gates: Sequence[PublishedGate], why: str) -> Limit:
    labels = [gate.label if place == 0 else gate.label.lower() for place, gate in enumerate(gates)]
    caps = joined(list(dict.fromkeys(gate.cap_label for gate in gates)))
    who = "It" if len(gates) == 1 else "They"
    return Limit(joined(labels), False, f"{who} would cap the band at {caps}; {why}.")


def watch_sentence(published: PublishedView) -> str:
    """On watch: the band stays only because the score is within the buffer around a cut."""
    methodology = published.methodology
    if not published.is_on_watch or methodology is None or published.score is None:
        return ""
    plain, uncapped = int(plain_band(published.score, methodology)), published.band_uncapped or 0
    rising = plain > uncapped
    cut = methodology.bands[(plain if rising else uncapped) - 1]
    return (
        f"On watch: {figures.points(published.score)} is {'above' if rising else 'below'} the cut of "
        f"{figures.plain(cut.cut)} for {cut.label}, but within the buffer of {figures.plain(methodology.band_buffer)} "
        "points, so the band stays."
    )


def standing_sentence(detail: RatingDetail) -> str:
    """Why there is no score, for every status that has none; never worded as a low one."""
    enrolment, last = detail.participation, detail.last_rated
    was = _was_rated(detail.history, last) if last else ""
    who = enrolment.organisation if enrolment else "its organization"
    if detail.standing == "insufficient_data":
        return _insufficient(detail.published, detail.figures) + was
    if detail.standing == "not_yet_rated":
        return "Enrolled; no rating is published yet. A rating begins with attested KPI figures." + was
    if detail.standing == "expired":
        return "A rating is valid for 12 months from its data, and no newer KPI submission was attested." + was
    if detail.standing == "suspended" and enrolment and enrolment.suspended_on:
        reason = enrolment.suspension_reason.rstrip(".") or "the program is checking its data"
        return f"Suspended on {figures.day(enrolment.suspended_on)}: {reason}.{was}"
    if detail.standing == "withdrawn" and enrolment and enrolment.withdrawn_on:
        return f"{who} withdrew it on {figures.day(enrolment.withdrawn_on)}; that is {NEITHER}.{was}"
    if detail.standing == "out_of_scope":
        version = detail.published.methodology.version if detail.published.methodology else ""
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


def _insufficient(published: PublishedView, view: FiguresView | None) -> str:
    if published.methodology is None:
        return ""
    rule, coverage = published.methodology.coverage, published.coverage or 0.0
    short = []
    if coverage < rule.floor - 1e-9:
        short.append(f"{figures.percent(coverage)} of what applies (at least {figures.percent(rule.floor)})")
    known = view.qmm_coverage if view else None
    if known is None:
        if not short:
            short.append(f"less than {figures.percent(rule.qmm_floor)} of {SITES_QMM}")
    elif known < rule.qmm_floor - 1e-9:
        short.append(f"{figures.percent(known)} (at least {figures.percent(rule.qmm_floor)}) of {SITES_QMM}")
    return f"Too little is known for a score: {joined(short)}. That is not a low score."
