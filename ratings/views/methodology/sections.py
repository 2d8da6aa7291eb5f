"""The eight domains with their indicators: definition, remedy, scale and picture of each."""

from dataclasses import dataclass
from typing import Any

from ratings import figures
from ratings.scoring import INDICATORS, Methodology
from ratings.scoring.indicators import Indicator
from ratings.scoring.rules import Domain, IndicatorRule
from ratings.views.methodology import pictures
from ratings.worked_example.questions import is_share

# The answers of the methodology file as the product page words them.
ANSWERS = dict(zip(("none", "exists", "reviewed", "tested"), figures.PLAN_WORDS, strict=True)) | figures.EMERGENCY_WORDS


@dataclass(frozen=True, slots=True)
class IndicatorSection:
    indicator: Indicator
    rule: IndicatorRule
    unit: str
    scale: list[tuple[str, str]]  # (value, points) in the words and units of the product page
    sentence: str
    chart: dict[str, Any]

    @property
    def of_score(self) -> str:
        return self.indicator.code


@dataclass(frozen=True, slots=True)
class DomainSection:
    domain: Domain
    indicators: list[IndicatorSection]


def domain_sections(methodology: Methodology) -> list[DomainSection]:
    return [
        DomainSection(
            domain, [indicator_section(rule) for rule in methodology.indicators if rule.domain == domain.code]
        )
        for domain in methodology.domains
    ]


def indicator_section(rule: IndicatorRule) -> IndicatorSection:
    scale = scale_words(rule)
    chart = pictures.steps(rule, scale) if rule.answers or rule.ticks else pictures.curve(rule, scale)
    return IndicatorSection(
        INDICATORS[rule.code], rule, unit_words(rule.code), scale, scale_sentence(rule, scale), chart
    )


def scale_words(rule: IndicatorRule) -> list[tuple[str, str]]:
    named = rule.answers or rule.ticks
    if named:
        return [(ANSWERS.get(word, word.replace("_", " ")), figures.plain(points)) for word, points in named.items()]
    value_of = figures.percent if is_share(rule.code) else figures.plain
    return [(value_of(value), figures.plain(points)) for value, points in rule.curve]


def scale_sentence(rule: IndicatorRule, scale: list[tuple[str, str]]) -> str:
    """What the picture shows: which way is better, and where it stops to matter."""
    if rule.answers:
        best = max(range(len(scale)), key=lambda place: list(rule.answers.values())[place])
        return f"“{figures.first_up(scale[best][0])}” earns all {scale[best][1]} points."
    if rule.ticks:
        required = ANSWERS.get(rule.required_tick, rule.required_tick)
        whole = figures.plain(sum(rule.ticks.values()))
        return f"The points of what is in place add up to {whole}. Without a {required} none of them count."
    first, last = scale[0], scale[-1]
    better, worse = (last, first) if rule.higher_is_better else (first, last)
    way, other = ("More", "at or below") if rule.higher_is_better else ("Less", "at or above")
    beyond = "or more" if rule.higher_is_better else "or less"
    return f"{way} is better: {better[0]} {beyond} earns {better[1]} points; {other} {worse[0]} it is {worse[1]}."


def unit_words(code: str) -> str:
    """A share is shown in percent, so its unit says so."""
    unit = INDICATORS[code].unit
    return unit.replace("share of", "percent of", 1) if is_share(code) else unit
