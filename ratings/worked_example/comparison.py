"""A setting scored by the real scorer, beside the example as it stands, in words and figures for the page."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from ratings import figures
from ratings.figures import MINUS
from ratings.scoring import INDICATORS, Methodology, load_methodology
from ratings.scoring.example import appendix_b
from ratings.scoring.explain import rate_portfolio
from ratings.scoring.portfolio import read_portfolio
from ratings.worked_example.document import document_of
from ratings.worked_example.questions import Question
from ratings.worked_example.settings import PRODUCT, Example, Setting
from ratings.worked_example.supply import site_names

_Rating = dict[str, Any]
RATED = "rated"
# The indicators that are read from the sites, by the stage whose inputs move them most.
READ_FROM = {"api": ("backup_api_suppliers", "domestic_nearshore_share"), "fdf": ("manufacturing_redundancy",)}


@dataclass(frozen=True, slots=True)
class DomainLoss:
    """Points that a domain costs, to one decimal; None without a score."""

    label: str
    before: float | None
    after: float | None

    @property
    def change(self) -> str:
        """What the score gains in this domain, with its sign; "" where nothing changes."""
        if self.before is None or self.after is None or round(self.before - self.after, 1) == 0:
            return ""
        return signed(self.before - self.after)


@dataclass(frozen=True, slots=True)
class Comparison:
    """`before` and `after` are ratings as `score_portfolio --format json` prints them."""

    setting: Setting
    methodology: Methodology
    before: _Rating
    after: _Rating
    shown: dict[str, str]  # what stands beside each question, stage and site

    @property
    def is_moved(self) -> bool:
        return self.setting.moved(*self.setting.example.controls.values())

    @property
    def change(self) -> float | None:
        """By how much the published score moved; None where one of the two has none."""
        if self.before["score"] is None or self.after["score"] is None:
            return None
        return round(self.after["score"] - self.before["score"], self.methodology.score.decimals)

    @property
    def change_text(self) -> str:
        return "" if self.change is None else signed(self.change) if self.change else "no change"

    @property
    def losses(self) -> list[DomainLoss]:
        """The domains in the methodology's order; each column adds up to what its score lacks to 100."""
        before, after = _losses(self.before, self.methodology), _losses(self.after, self.methodology)
        return [
            DomainLoss(domain.label, before[place], after[place])
            for place, domain in enumerate(self.methodology.domains)
        ]

    @property
    def sentence(self) -> str:
        """What the setting did, as it is also read aloud."""
        product = self.setting.example.called
        rating = self.after
        if rating["status"] != RATED:
            return self._no_score(product)
        band = self.methodology.band_label(rating["band"])
        if not self.is_moved:
            named = f"{figures.first_up(product)} {self.setting.example.as_is}"
            return f"{named} scores {figures.points(rating['score'])}: {band}."
        if self.change is None:  # no score until now
            return f"{figures.first_up(product)} would score {figures.points(rating['score'])}: {band}."
        if not self.change:
            return f"{figures.first_up(product)} still scores {figures.points(rating['score'])}: {band}."
        moved = f"{'up' if self.change > 0 else 'down'} {figures.points(abs(self.change))}"
        before = figures.points(self.before["score"])
        same = rating["band"] == self.before["band"]
        band = f"still {band}" if same else f"{self.methodology.band_label(self.before['band'])} becomes {band}"
        return (
            f"{figures.first_up(product)} now scores {figures.points(rating['score'])}, {moved} from {before}: {band}."
        )

    def _no_score(self, product: str) -> str:
        rule, rating = self.methodology.coverage, self.after
        lacking = []
        if rating["coverage"] < rule.floor:
            lacking.append(f"{figures.coverage(rating['coverage'])} of what applies is known, {_floor(rule.floor)}")
        if rating["qmm_coverage"] < rule.qmm_floor:
            part = "too little" if self.setting.example.hides_levels else figures.coverage(rating["qmm_coverage"])
            lacking.append(f"{part} of the sites’ QMM is known, {_floor(rule.qmm_floor)}")
        return f"Insufficient data for {product}, so no score: {figures.joined(lacking)}."

    @property
    def gates(self) -> list[dict[str, Any]]:
        """The gates that hold, with whether the example has them too."""
        return [
            {"gate": self.methodology.gates[code], "is_new": code not in self.before["gates"]}
            for code in self.after["gates"]
        ]

    @property
    def gates_opened(self) -> list[str]:
        return [self.methodology.gates[code].label for code in self.before["gates"] if code not in self.after["gates"]]


def compare(setting: Setting) -> Comparison:
    """Scores a setting that has no errors."""
    methodology = load_methodology(setting.example.version)
    document = document_of(setting)
    [after] = rate_portfolio(document)
    before = at_rest(setting.example)
    return Comparison(setting, methodology, before, after, _shown(setting, document, after))


def at_rest(example: Example) -> _Rating:
    """The rating of the example as it stands."""
    if PRODUCT in example.fixed:
        return published(example.version)[example.place]
    return rate_portfolio(example.document)[example.place]


@cache
def published(version: str) -> tuple[_Rating, ...]:
    """The ratings of the example as published, under that methodology. Not to be changed."""
    return tuple(rate_portfolio(appendix_b() | {"methodology": version}))


def signed(value: float) -> str:
    """+3.3 or −3.3."""
    return f"{'+' if value > 0 else MINUS}{abs(value):.1f}"


def _floor(share: float) -> str:
    return f"and {figures.percent(share)} is needed"


def _losses(rating: _Rating, methodology: Methodology) -> list[float] | list[None]:
    if rating["status"] != RATED:
        return [None] * len(methodology.domains)
    exact = [rating["points_lost"][domain.code] for domain in methodology.domains]
    return figures.shared_out(exact, 100 - rating["score"])


def _shown(setting: Setting, document: dict[str, Any], rating: _Rating) -> dict[str, str]:
    """Each input in words with the points that it earned."""
    methodology = load_methodology(setting.example.version)
    answers = read_portfolio(document).frames.kpis[0]
    shown = {item.code: _question_words(item, answers, rating, methodology) for item in setting.example.questions}
    names = site_names(document)
    for stage in setting.example.stages:
        nodes = [node for node in document["products"][0]["nodes"] if node["stage"] == stage.code]
        supplied = figures.joined([f"{names[n['fei']]} {_share_words(n)}" for n in nodes])
        read = "; ".join(
            f"{INDICATORS[code].label.lower().replace('api', 'API')} {_points(rating['indicators'][code])}"
            for code in READ_FROM.get(stage.code, ())
            if code in rating["indicators"]
        )
        shown[stage.code] = f"{supplied}. {figures.first_up(read)}."
    for site in setting.example.sites:
        level = None if setting.is_ticked(site.unassessed) else float(setting.values[site.level.name])
        points = methodology.lowest_qmm if level is None else level * methodology.qmm.points_per_level
        shown[site.fei] = (
            f"{'Not assessed, counts as' if level is None else f'Level {figures.level(level)}:'} {_points(points)}."
        )
    return shown


def _share_words(node: dict[str, Any]) -> str:
    if not node["share"]:
        return "as a qualified backup"
    return figures.percent(node["share"]) + ("" if node["qualified"] else " (not qualified)")


def _question_words(question: Question, answers: Any, rating: _Rating, methodology: Methodology) -> str:
    figures_given = figures.answer(question.code, answers)
    words = figures.reported(question.code, figures_given)
    points = rating["indicators"].get(question.indicator)
    if question.label != INDICATORS[question.indicator].label:  # one of several things that the indicator reads
        lines = methodology.supply.default_lines
        given = words if figures.is_disclosed(figures_given) else f"not disclosed, counts as {lines}"
        return f"{figures.first_up(given)}. {INDICATORS[question.indicator].label} {_points(points or 0)}."
    if points is None:
        return f"{figures.first_up(words)}: does not apply, the rest of the domain carries its weight."
    if not figures.is_disclosed(figures_given):
        return f"Not disclosed: counts as the worst, {_points(points)}."
    return f"{figures.first_up(words)}: {_points(points)}."


def _points(value: float) -> str:
    text = figures.plain(round(value, 1), 1)
    return f"{text}{figures.NBSP}{'point' if text == '1' else 'points'}"
