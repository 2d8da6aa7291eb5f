"""What is said of an improvement plan's effect on the scores of the owner's own products."""

from ratings import figures
from ratings.queries.plan_effect import PlanEffect


def effect_sentence(effect: PlanEffect, whose: str) -> str:
    """`whose`: "your" for the owner's own people, else the owner's name with 's."""
    if not effect.counts:
        return (
            "This assessment is no longer the one by which the establishment counts, so its plan changes no score: the "
            "next assessment does."
        )
    if not effect.aims:
        return "No action says yet which level it aims at, so there is no effect to tell."
    if not effect.rows:
        return (
            f"None of {whose} own products names this establishment in its supply chain, so the plan changes no score "
            "of theirs. What it means for the products of other firms is told to nobody but them."
        )
    if all(row.points is None for row in effect.rows):
        many = figures.in_words(len(effect.rows))
        return f"None of {whose} {many} products made there has a score today, so there is nothing to compare."
    points = [row.points for row in effect.rows if row.points]
    said = f"If {_actions(len(effect.aims))} achieved, {_gain(points, len(effect.rows), whose)}"
    rise = sum(row.all.band > row.now.band for row in effect.rows if row.points is not None)
    if rise:
        said += f" {figures.first_up(_of(rise, len(effect.rows)))} would rise to a higher band."
    blank = sum(row.points is None for row in effect.rows)
    if blank:
        said += (
            f" {figures.first_up(_of(blank, len(effect.rows)))} {'has' if blank == 1 else 'have'} no score to compare."
        )
    return f"{said} {level_sentence(effect)}"


def level_sentence(effect: PlanEffect) -> str:
    now, then = figures.level(effect.level_now), figures.level(effect.level_then)
    return f"The establishment’s mean level would go from {now} to {then} of 5."


def _actions(count: int) -> str:
    if count == 1:
        return "the one action were"
    return f"{'both' if count == 2 else f'all {figures.in_words(count)}'} actions were"


def _gain(points: list[float], total: int, whose: str) -> str:
    if not points:
        whom = (
            f"the one of {whose} products made there"
            if total == 1
            else f"none of {whose} {figures.in_words(total)} products"
        )
        return f"{whom} would{' not' if total == 1 else ''} gain a tenth of a point."
    low, high = figures.points(min(points)), figures.points(max(points))
    much = f"{low} point{'' if low == '1.0' else 's'}" if low == high else f"between {low} and {high} points"
    if total == 1:
        return f"the one of {whose} products made there would gain {much}."
    if len(points) == total:
        all_of = "both" if total == 2 else f"all {figures.in_words(total)}"
        return f"{all_of} of {whose} products made there would gain {much}."
    return f"{figures.in_words(len(points))} of {whose} {figures.in_words(total)} products would gain {much}."


def _of(count: int, total: int) -> str:
    return "it" if total == 1 else f"{figures.in_words(count)} of them"
