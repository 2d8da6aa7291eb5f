"""The domains with their indicators: definition, remedy, scale and picture of each."""

import math
from dataclasses import dataclass
from typing import Any

from ratings import figures
from ratings.scoring import INDICATORS, Methodology
from ratings.scoring.indicators import Indicator
from ratings.scoring.questionnaire import KPI_BY_CODE, FieldKind
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


@dataclass(frozen=True, slots=True)
class DomainSection:
    domain: Domain
    indicators: list[IndicatorSection]


def domain_sections(methodology: Methodology) -> list[DomainSection]:
    return [
        DomainSection(
            domain,
            [indicator_section(rule, methodology) for rule in methodology.indicators if rule.domain == domain.code],
        )
        for domain in methodology.domains
    ]


def indicator_section(rule: IndicatorRule, methodology: Methodology) -> IndicatorSection:
    scale = scale_words(rule)
    named = rule.answers or rule.ticks
    chart = pictures.steps(rule, scale) if named else pictures.curve(rule, scale, highest(rule, methodology))
    sentence = scale_sentence(rule, scale, methodology)
    return IndicatorSection(INDICATORS[rule.code], rule, unit_words(rule.code), scale, sentence, chart)


def highest(rule: IndicatorRule, methodology: Methodology) -> float:
    """The highest value that an indicator can have: all of a share, the hours of a week."""
    kinds = {field.kind for code in INDICATORS[rule.code].kpis for field in KPI_BY_CODE[code].fields}
    if FieldKind.HOURS in kinds:
        return methodology.limits.hours_per_week[1]
    return 1.0 if is_share(rule.code) else math.inf


def scale_words(rule: IndicatorRule) -> list[tuple[str, str]]:
    named = rule.answers or rule.ticks
    if named:
        return [(ANSWERS.get(word, word.replace("_", " ")), figures.plain(points)) for word, points in named.items()]
    value_of = figures.percent if is_share(rule.code) else figures.plain
    return [(value_of(value), figures.plain(points)) for value, points in rule.curve]


def scale_sentence(rule: IndicatorRule, scale: list[tuple[str, str]], methodology: Methodology) -> str:
    """What the picture shows: which way is better, and where it stops to matter."""
    if rule.answers:
        best = max(range(len(scale)), key=lambda place: list(rule.answers.values())[place])
        return f"“{figures.first_up(scale[best][0])}” earns all {scale[best][1]} points."
    if rule.ticks:
        required = ANSWERS.get(rule.required_tick, rule.required_tick)
        whole = figures.plain(sum(rule.ticks.values()))
        return f"The points of what is in place add up to {whole}. Without a {required} none of them count."
    low, high = (_with_unit(rule.code, words) for words, _ in (scale[0], scale[-1]))
    if rule.curve[0][0] > 0 or _may_be_negative(rule.code):
        low += " or less"
    may_pass = is_share(rule.code) and not rule.higher_is_better  # demand may be above all capacity
    if rule.curve[-1][0] < highest(rule, methodology) or may_pass:
        high += " or more"
    (_, low_points), (_, high_points) = scale[0], scale[-1]
    if rule.higher_is_better:
        return f"More is better: {high} earns {high_points} points, {low} earns {low_points}."
    return f"Less is better: {low} earns {low_points} points, {high} earns {high_points}."


def _with_unit(code: str, words: str) -> str:
    unit = INDICATORS[code].unit
    return words if is_share(code) or "/" in unit else f"{words}{figures.NBSP}{unit}"


def _may_be_negative(code: str) -> bool:
    return any(field.kind is FieldKind.SIGNED for kpi in INDICATORS[code].kpis for field in KPI_BY_CODE[kpi].fields)


def unit_words(code: str) -> str:
    """A share is shown in percent, so its unit says so."""
    unit = INDICATORS[code].unit
    return unit.replace("share of", "percent of", 1) if is_share(code) else unit
