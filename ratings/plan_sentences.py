"""The sentences of the planner: where a product stands, what gains most, what reaches the next band and what cannot."""

from collections.abc import Sequence
from datetime import date, timedelta
from statistics import median_high

from ratings import figures
from ratings.models import ProductRating
from ratings.planner.gains import Outcome, ProductPlan
from ratings.planner.sets import SetSearch
from ratings.preview_sentences import published_aside, today_sentence
from ratings.queries.movers import DAYS, Mover
from ratings.queries.portfolio import DomainLoss
from ratings.queries.portfolio_plan import PortfolioPlan
from ratings.queries.preview import PreviewNote
from ratings.scoring import Methodology
from ratings.scoring.bands import plain_band
from ratings.sentences import DOMAIN_SUBJECTS


def now_sentence(now: Outcome, methodology: Methodology, note: PreviewNote | None = None) -> str:
    """`note`: what is published instead, where this is in preview."""
    if not now.is_rated:
        floor = figures.percent(methodology.coverage.floor)
        said = (
            f"There is no score yet: {figures.coverage(now.coverage)} of what applies is known, and {floor} is needed, "
            f"with {figures.percent(methodology.coverage.qmm_floor)} of the sites’ QMM."
        )
        return f"{said} {today_sentence(note)}".strip()
    aside = f" ({published_aside(note)})" if note else ""
    return f"Today this product scores {figures.points(now.score)}{aside}: {methodology.band_label(now.band)}."


def gain_sentence(plan: ProductPlan) -> str:
    if plan.gains and plan.now.is_rated:
        first = plan.gains[0]
        said = (
            f"Of the {len(plan.gains)} actions that help at once, “{first.action.label}” gains most: "
            f"{figures.signed(first.points)} points."
        )
        return f"{said} {_own_sentence(plan)}" if first.action.decided_by else said
    if plan.open_gains:
        return "What is not known costs most: report it, or have it assessed."
    return "No single action of the catalogue raises the score as shown."


def _own_sentence(plan: ProductPlan) -> str:
    """Where the first action is not the firm's alone: the first one that is."""
    said = f"It counts once {plan.gains[0].action.decided_by} confirms it."
    own = next((gain for gain in plan.gains if not gain.action.decided_by), None)
    if own is None:
        return f"{said} None of them is in your own hands alone."
    return f"{said} Of those in your own hands, “{own.action.label}” gains most: {figures.signed(own.points)} points."


def set_sentence(
    now: Outcome, search: SetSearch | None, methodology: Methodology, *, efforts_said: bool = False
) -> str:
    """What reaches the next band, or how far the catalogue goes. `efforts_said`: of some of the actions;
    where none is, every way costs alike and no order by effort is told."""
    if search is None:
        return "This product is in the highest band."
    goal = f"“{methodology.band_label(search.target)}”" if now.is_rated else "a score"
    if search.found:
        count = "One action" if search.size == 1 else f"{figures.first_up(figures.in_words(search.size))} actions"
        ways = "there is one way" if search.found == 1 else f"there are {search.found:,} ways"
        order = ", the least effort first" if search.found > 1 and efforts_said else ""
        reach = "is enough" if search.size == 1 else "are enough"
        return f"{count} {reach} for {goal}: {ways}{order}."
    if search.best is None:
        return f"No action of the catalogue leads to {goal}."
    named = figures.joined([f"“{action.label}”" for action in search.best.actions])
    said = f"No set of up to {figures.in_words(search.tried)} actions reaches {goal}."
    after = search.best.after
    if not after.is_rated:
        return f"{said} The closest is {figures.coverage(after.coverage)} of what applies known, by {named}."
    most = (
        f"The most that they reach is {figures.points(after.score)} ({methodology.band_label(after.band)}), by {named}."
    )
    if search.ceiling.is_rated:
        whole = f"{figures.points(search.ceiling.score)} ({methodology.band_label(search.ceiling.band)})"
        return f"{said} {most} All actions with a known target together come to {whole}."
    return f"{said} {most}"


def buffer_sentence(now: Outcome, prior_band: int, methodology: Methodology) -> str:
    """With a past band the next one is reached only beyond its cut."""
    above = next((band for band in methodology.bands if band.number == now.band_uncapped + 1), None)
    if not now.is_rated or not prior_band or above is None:
        return ""
    was = methodology.band_label(prior_band)
    if above.number <= prior_band:  # it fell: the buffer works for it
        reached = figures.points(above.cut - methodology.band_buffer)
        return f"It was {was} before, so “{above.label}” is kept from {reached} on already."
    reached, cut = figures.points(above.cut + methodology.band_buffer), figures.points(above.cut)
    said = f"It was {was} before, so “{above.label}” is reached at {reached}, not at {cut}."
    has_passed = now.score is not None and now.band_uncapped < int(plain_band(now.score, methodology))
    return f"{said} Its score has passed the cut already." if has_passed else said


def gate_sentences(now: Outcome, methodology: Methodology) -> list[str]:
    """The limits that hold, and whether an action of the catalogue can lift them."""
    found = []
    for code in now.gates:
        gate = methodology.gates[code]
        end = " No action ends a shortage at once; the limit ends with it." if code == "active_shortage" else ""
        found.append(
            f"“{gate.label}” keeps the band at {methodology.band_label(gate.caps_at)} at most. {gate.reason}{end}"
        )
    return found


def last_quarter_end(today: date) -> date:
    """Of the quarter that ended last."""
    return date(today.year, 3 * ((today.month - 1) // 3) + 1, 1) - timedelta(days=1)


def spread_sentence(rated: Sequence[ProductRating], others: int) -> str:
    """How many are rated, where half of them lie, and which stands out below."""
    if not rated:
        return "No product of yours is rated yet."
    scores = [head.score or 0.0 for head in rated]
    said = f"{len(rated):,} {'product is' if len(rated) == 1 else 'products are'} rated"
    said += f" and {others:,} {'is' if others == 1 else 'are'} not" if others else ""
    if len(rated) == 1:
        return f"{said}; its score is {figures.points(scores[0])}."
    lowest = rated[0].product
    name = figures.drug_name(lowest.nonproprietary_name or lowest.proprietary_name)
    return f"{said}; half of the scores are {figures.points(median_high(scores))} or more. {name} is the lowest."


def losses_sentence(losses: Sequence[DomainLoss]) -> str:
    if not losses or losses[0].loss < 0.05:
        return "No domain costs your products points."
    return f"{DOMAIN_SUBJECTS[losses[0].code]} costs your products most, {figures.points(losses[0].loss)} points each."


def movers_sentence(movers: Sequence[Mover]) -> str:
    if not movers:
        return f"No score of yours has moved in the last {DAYS} days."
    first = movers[0]
    name = figures.drug_name(first.product.nonproprietary_name or first.product.proprietary_name)
    verb = "rose" if first.change > 0 else "fell"
    return f"{name} {verb} most in the last {DAYS} days, by {figures.plain(abs(first.change), 1)} points."


def portfolio_sentence(plan: PortfolioPlan) -> str:
    if not plan.is_done:
        return f"{plan.done:,} of {plan.total:,} products are computed so far."
    if not plan.actions:
        return "No single action of the catalogue raises a score as shown."
    first = plan.actions[0]
    return (
        f"“{first.label}” brings most over the portfolio: {figures.points(first.total)} points on "
        f"{first.products:,} {'product' if first.products == 1 else 'products'}."
    )
