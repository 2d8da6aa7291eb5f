"""Actions on what the manufacturer reports: goalposts to reach, answers to improve, questions to answer."""

import math
from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np

from ratings import figures
from ratings.planner.catalogue import Action, KindCode
from ratings.planner.changes import Change
from ratings.planner.changes import Kpi as SetKpi
from ratings.scoring import INDICATORS, Methodology
from ratings.scoring.questionnaire import KPI_BY_CODE, KPI_COLUMN, FieldKind, Kpi
from ratings.scoring.rules import IndicatorRule

PLAN_STEPS = ("", "Write the risk management plan", "Review the risk management plan", "Test the risk management plan")
EMERGENCY = "emergency_stock_process"
MATERIALS = "dual_sourced_materials"
LINES = "qualified_lines"  # not withheld where it is not given: it counts as one line
SLACK = 1e-9

_Figures = tuple[float, ...]


def kpi_actions(kpis: Sequence[float], methodology: Methodology) -> Iterator[Action]:
    """Those of one product; `kpis` in the order of KPI_FIELDS. The number of lines is supply_actions.py's."""
    for rule in methodology.indicators:
        for code in INDICATORS[rule.code].kpis:
            if code == LINES:
                continue
            kpi = KPI_BY_CODE[code]
            given = tuple(float(kpis[KPI_COLUMN[field.column]]) for field in kpi.fields)
            yield from _report(kpi, rule, given) if _is_withheld(code, given) else _improve(kpi, rule, given)


def _is_withheld(code: str, given: _Figures) -> bool:
    missing = [math.isnan(value) for value in given]
    return all(missing) if code == EMERGENCY else any(missing)


def label_of(code: str, rule: IndicatorRule) -> str:
    return figures.LABELS.get(code, INDICATORS[rule.code].label)


def _first_down(text: str) -> str:
    return text[:1].lower() + text[1:]


def _report(kpi: Kpi, rule: IndicatorRule, given: _Figures) -> Iterator[Action]:
    label = label_of(kpi.code, rule)
    worst, best = worst_and_best(rule, kpi)
    yield Action(
        f"{KindCode.REPORT}:{kpi.code}",
        KindCode.REPORT,
        f"Report {_first_down(label)}",
        figures.reported(kpi.code, given),
        "your true figure",
        _set(kpi, worst),
        rule.code,
        kpi.code,
        _set(kpi, best),
    )


def worst_and_best(rule: IndicatorRule, kpi: Kpi) -> tuple[_Figures, _Figures]:
    """Figures of one question that earn the least and the most points of its curve."""
    if kpi.fields[0].kind is FieldKind.TICK:
        return (0.0,) * len(kpi.fields), (1.0,) * len(kpi.fields)
    low, high = (pick(rule.curve, key=lambda post: post[1])[0] for pick in (min, max))
    if kpi.is_counts:
        return (low, 1.0), (high, 1.0)
    return (low,) * len(kpi.fields), (high,) * len(kpi.fields)


def _improve(kpi: Kpi, rule: IndicatorRule, given: _Figures) -> Iterator[Action]:
    kind = kpi.fields[0].kind
    if kind is FieldKind.TICK:
        yield from _parts(kpi, rule, given)
    elif kind is FieldKind.ANSWER:
        yield from _answers(kpi, rule, given)
    elif not (kpi.is_counts and given[1] == 0):  # 0 of 0: there was nothing to count
        yield from _goalposts(kpi, rule, given)


def _goalposts(kpi: Kpi, rule: IndicatorRule, given: _Figures) -> Iterator[Action]:
    label, reached = label_of(kpi.code, rule), set()
    if kpi.code == MATERIALS and given[0] < given[1]:
        figures_then = (min(math.floor(given[0]) + 1.0, given[1]), given[1])
        reached.add(figures_then)
        yield _action(KindCode.NEXT_MATERIAL, "Dual-source one more critical material", kpi, rule, given, figures_then)
    posts = _better_posts(rule, _value(kpi, rule, given))
    for kind, post in zip((KindCode.NEXT_GOALPOST, KindCode.TOP_GOALPOST), (posts[:1], posts[-1:]), strict=True):
        figures_then = _at(post[0], kpi, rule, given) if post else given
        if figures_then != given and figures_then not in reached:
            reached.add(figures_then)
            words = figures.first_up(f"{label} to {_short(kpi, rule, post[0])}")
            yield _action(kind, words, kpi, rule, given, figures_then)


def _value(kpi: Kpi, rule: IndicatorRule, given: _Figures) -> float:
    """As the indicator reads it; of two figures the worse counts."""
    if kpi.is_counts:
        return given[0] / given[1]
    return min(given) if rule.higher_is_better else max(given)


def _better_posts(rule: IndicatorRule, value: float) -> list[float]:
    """The goalposts that earn more than the value, the nearest first, the first of the best last."""
    points = float(np.interp(value, *_curve(rule)))
    posts = [post for post in rule.curve if post[1] > points + SLACK]
    ordered = posts if rule.higher_is_better else posts[::-1]
    most = max((post[1] for post in posts), default=0.0)
    places = [place for place, post in enumerate(ordered) if post[1] == most]
    return [post for post, _ in ordered[: places[0] + 1]] if places else []


@cache
def _curve_of(curve: tuple[tuple[float, float], ...]) -> tuple[list[float], list[float]]:
    values, points = zip(*curve, strict=True)
    return list(values), list(points)


def _curve(rule: IndicatorRule) -> tuple[list[float], list[float]]:
    return _curve_of(rule.curve)


def _at(post: float, kpi: Kpi, rule: IndicatorRule, given: _Figures) -> _Figures:
    """The figures that reach the goalpost with the least change."""
    if kpi.is_counts:
        return (min(float(math.ceil(post * given[1] - SLACK)), given[1]), given[1])
    pick = max if rule.higher_is_better else min
    return tuple(pick(value, post) for value in given)


def _short(kpi: Kpi, rule: IndicatorRule, post: float) -> str:
    if kpi.is_counts or INDICATORS[rule.code].unit.startswith("share of"):
        return figures.percent(post)
    return figures.reported(kpi.code, (post,) * len(kpi.fields))


def _answers(kpi: Kpi, rule: IndicatorRule, given: _Figures) -> Iterator[Action]:
    points = [post for _, post in rule.curve]
    for answer in range(int(given[0]) + 1, len(kpi.answers)):
        if points[answer] > points[int(given[0])]:
            yield _action(KindCode.PLAN, PLAN_STEPS[answer], kpi, rule, given, (float(answer),), kpi.answers[answer])


def _parts(kpi: Kpi, rule: IndicatorRule, given: _Figures) -> Iterator[Action]:
    missing = [place for place, value in enumerate(given) if not value > 0]
    for place in missing:
        name = kpi.fields[place].name
        one = tuple(1.0 if other == place else value for other, value in enumerate(given))
        words = f"Emergency stock: {figures.EMERGENCY_WORDS[name]}"
        yield _action(KindCode.EMERGENCY_PART, words, kpi, rule, given, one, name)
    if len(missing) > 1:
        words = "Emergency stock: every missing part"
        yield _action(KindCode.EMERGENCY_ALL, words, kpi, rule, given, (1.0,) * len(given))


def _action(
    kind: KindCode, label: str, kpi: Kpi, rule: IndicatorRule, given: _Figures, then: _Figures, part: str = ""
) -> Action:
    changes = tuple(
        SetKpi(field.column, value) for field, value, old in zip(kpi.fields, then, given, strict=True) if value != old
    )
    return Action(
        f"{kind}:{part or kpi.code}",
        kind,
        label,
        figures.reported(kpi.code, given),
        figures.reported(kpi.code, then),
        changes,
        rule.code,
        kpi.code,
    )


def _set(kpi: Kpi, values: _Figures) -> tuple[Change, ...]:
    return tuple(SetKpi(field.column, value) for field, value in zip(kpi.fields, values, strict=True))
