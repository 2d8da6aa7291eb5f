"""What a reader is told of disclosed figures: by whom they are told, and until when."""

from collections.abc import Iterable
from datetime import date

from ratings.figures import day, in_words, joined
from ratings.queries.granted import GrantedView


def disclosed_sentence(view: GrantedView, last_days: Iterable[date | None]) -> str:
    """Disclosed to you by Halden Group until March 31, 2027."""
    days = {last for last in last_days if last}
    until = f" until {day(days.pop())}" if len(days) == 1 else ""
    return f"Disclosed to you by {view.source.firm}{until}."


def granted_supply_sentence(view: GrantedView) -> str:
    """How many sites each stage has; it says nothing of their standing, which is not disclosed."""
    given = [stage for stage in view.stages if stage.nodes]
    if not given:
        return f"{view.source.firm} has given no establishment of this product's supply chain."
    sites = len({node.establishment_id for stage in given for node in stage.nodes})
    single = [stage.label if stage.code == "api" else stage.label.lower() for stage in given if len(stage.nodes) == 1]
    said = f"As reported, {in_words(sites)} {'establishment supplies' if sites == 1 else 'establishments supply'}"
    said += f" {in_words(len(given))} {'stage' if len(given) == 1 else 'stages'}."
    return f"{said} Only one is given for {joined(single)}." if single and sites > 1 else said
