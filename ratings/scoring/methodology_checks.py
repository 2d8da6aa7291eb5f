"""What a methodology must keep to be used: each check yields one plain sentence per problem."""

import math
from collections.abc import Iterable, Iterator
from itertools import pairwise

from .frames import AREAS, GATES, STAGES, pack_country
from .indicators import INDICATORS
from .questionnaire import KPI_BY_CODE
from .rules import QMM, IndicatorRule, Methodology

__all__ = ["problems_of"]

_TOP = 100.0  # points of the best there is: the unit of every score


def problems_of(methodology: Methodology) -> list[str]:
    """All that is wrong with a methodology, empty if it may be used. Source: methodology.md, principle 5."""
    checks = (_domains, _indicators, _qmm, _supply, _bands, _gates, _floors)
    return [problem for check in checks for problem in check(methodology)]


def _domains(m: Methodology) -> Iterator[str]:
    codes = [domain.code for domain in m.domains]
    yield from _repeated("domain", codes)
    yield from _weights("domain weights", {domain.code: domain.weight for domain in m.domains})
    if not codes or codes[0] != QMM:
        yield f"the first domain must be {QMM}"
    qmm = [domain.weight for domain in m.domains if domain.code == QMM]
    others = [domain.weight for domain in m.domains if domain.code != QMM]
    if qmm and others and qmm[0] <= max(others):
        yield "QMM is the primary input: its weight must be strictly the largest domain weight"


def _indicators(m: Methodology) -> Iterator[str]:
    yield from _repeated("indicator", [rule.code for rule in m.indicators])
    for domain in m.domains:
        rules = [rule for rule in m.indicators if rule.domain == domain.code]
        if domain.code == QMM:
            if rules:
                yield "domain qmm is read from assessments and has no indicators"
        else:
            yield from _weights(f"indicator weights of {domain.code}", {rule.code: rule.weight for rule in rules})
    for rule in m.indicators:
        if rule.code not in INDICATORS:
            yield f"unknown indicator {rule.code}"
        else:
            yield from _scale(rule)


def _scale(rule: IndicatorRule) -> Iterator[str]:
    values = [value for value, _ in rule.curve]
    points = [points for _, points in rule.curve]
    if len(values) < 2 or any(a >= b for a, b in pairwise(values)):
        yield f"{rule.code}: goalposts must be two or more, in rising order"
    if any(not 0 <= p <= _TOP for p in points):
        yield f"{rule.code}: points must be from 0 to 100"
    if points not in (sorted(points), sorted(points, reverse=True)):
        yield f"{rule.code}: points must only rise or only fall"
    kpi = KPI_BY_CODE.get(rule.code)
    answers = kpi.answers if kpi else ()
    if rule.answers and tuple(rule.answers) != answers:
        yield f"{rule.code}: expected the answers {', '.join(answers) or 'of no list'} in this order"
    if answers and not rule.answers:
        yield f"{rule.code}: expected points per answer"
    if rule.ticks:
        names = {field.name for field in kpi.fields} if kpi else set()
        if set(rule.ticks) != names:
            yield f"{rule.code}: expected the ticks {', '.join(sorted(names)) or 'of no list'}"
        if rule.required_tick not in rule.ticks:
            yield f"{rule.code}: required_tick must be one of the ticks"
        if any(p < 0 for p in rule.ticks.values()) or not math.isclose(sum(rule.ticks.values()), _TOP):
            yield f"{rule.code}: the ticks must add up to 100"


def _qmm(m: Methodology) -> Iterator[str]:
    yield from _weights("QMM stage weights", m.qmm.stage_weights, STAGES)
    if set(m.qmm.areas) != set(AREAS) or len(m.qmm.areas) != len(AREAS):
        yield f"QMM areas must be {', '.join(AREAS)}"
    if not isinstance(m.qmm.valid_months, int) or m.qmm.valid_months < 1:
        yield "qmm.valid_months must be a whole number of months, 1 or more"
    if not math.isclose(m.limits.level[-1] * m.qmm.points_per_level, _TOP):
        yield "the highest level must be worth 100 points"
    if m.lowest_qmm <= 0:
        yield "the lowest level must be worth more than 0 points"


def _supply(m: Methodology) -> Iterator[str]:
    rule = m.supply
    yield from _weights("nearshore stage weights", rule.nearshore_stage_weights, STAGES)
    for country, value in rule.nearshore.items():
        if not 0 <= value <= 1:
            yield f"nearshore value of {country} must be from 0 to 1"
        try:
            pack_country(country)
        except ValueError as error:
            yield str(error)
    if not 0 <= rule.backup_same_country <= rule.backup_new_country:
        yield "a backup in the same country must count at least 0 and at most as much as one in a further country"
    if not 0 <= rule.default_lines <= rule.redundant_lines:
        yield "default_lines must be at least 0 and at most redundant_lines"


def _bands(m: Methodology) -> Iterator[str]:
    numbers = [band.number for band in m.bands]
    cuts = [band.cut for band in m.bands]
    if numbers != list(range(1, len(numbers) + 1)):
        yield "bands must be numbered 1, 2, 3, ... without a gap"
    if not cuts or cuts[0] != 0 or cuts != sorted(set(cuts)) or cuts[-1] >= _TOP:
        yield "band cuts must start at 0 and rise with the band, below 100"
    gaps = [high - low for low, high in pairwise(cuts)]
    if m.band_buffer < 0 or any(2 * m.band_buffer > gap for gap in gaps):
        yield "the band buffer must be at least 0 and at most half of the narrowest band"


def _gates(m: Methodology) -> Iterator[str]:
    if set(m.gates) != set(GATES):
        yield f"gates must be {', '.join(GATES)}"
    for gate in m.gates.values():
        if gate.caps_at not in [band.number for band in m.bands]:
            yield f"gate {gate.code} caps at a band that does not exist"


def _floors(m: Methodology) -> Iterator[str]:
    if not 0 < m.score.floor < _TOP:
        yield "the score floor must be above 0 and below 100"
    if not 0 <= m.coverage.floor <= 1 or not 0 <= m.coverage.qmm_floor <= 1:
        yield "coverage floors must be from 0 to 1"
    if not 0 <= m.score.decimals <= m.score.guard_decimals:
        yield "score.decimals must be at least 0 and at most guard_decimals"
    if m.tolerance.comparison < 0 or m.tolerance.share_sum < 0:
        yield "tolerances must be at least 0"
    for name in ("share", "level", "hours_per_week"):
        limits = getattr(m.limits, name)
        if len(limits) != 2 or limits[0] >= limits[1]:
            yield f"limits.{name} must be a lower and a higher number"


def _weights(what: str, weights: dict[str, float], known: Iterable[str] | None = None) -> Iterator[str]:
    if known is not None and (unknown := set(weights) - set(known)):
        yield f"{what}: unknown {', '.join(sorted(unknown))}"
    if any(weight <= 0 for weight in weights.values()):
        yield f"{what} must all be above 0"
    if not math.isclose(total := math.fsum(weights.values()), 1.0, abs_tol=1e-9):
        yield f"{what} must add up to 1, not {total:g}"


def _repeated(what: str, codes: list[str]) -> Iterator[str]:
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        yield f"{what} {code} appears twice"
