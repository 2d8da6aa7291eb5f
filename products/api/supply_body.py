"""A supply chain as JSON: how it is told, how a body is read, and all that is wrong with it at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from products.forms.days import read_day
from products.forms.supply_chain import MOST_ROWS, STAGES
from products.models import SupplyNode
from products.rules.supply_shares import adds_up
from products.services.supply_chain import Wanted
from qmm.api.search import site_of
from qmm.models import EstablishmentIdentifier
from qmm.queries.finding import establishments_findable

MEMBERS = ("valid_from", "nodes")
NODE = ("stage", "establishment", "fei", "duns", "share", "is_qualified", "last_batch_on")
NAMED_BY = ("establishment", "fei", "duns")
SHOWN = 30  # characters of what is wrong


@dataclass(slots=True)
class ChainBody:
    """`wanted`: stage -> its parts, of all stages. `problems`: as errors nest."""

    valid_from: date
    wanted: dict[str, list[Wanted]] = field(default_factory=lambda: {stage: [] for stage in STAGES})
    problems: dict[str, Any] = field(default_factory=dict)


def node_of(node: SupplyNode) -> dict[str, Any]:
    return {
        "id": node.pk,
        "stage": node.stage,
        "establishment": site_of(node.establishment),
        **{
            name: getattr(node, name)
            for name in ("share", "is_qualified", "last_batch_on", "valid_from", "valid_to", "voided_at", "void_reason")
        },
    }


def read_chain(given: Any, user: Any, holding: Any, today: date) -> ChainBody:
    """`holding(day)`: the nodes on that day; their establishments may stay, whether or not they can be found."""
    body = ChainBody(today)
    if not isinstance(given, dict):
        body.problems["non_field_errors"] = "Give an object with valid_from and nodes."
        return body
    body.problems |= {name: _unknown(MEMBERS) for name in given if name not in MEMBERS}
    text = given.get("valid_from")
    if isinstance(text, str) and text.strip():
        body.valid_from, wrong = read_day(text, today)
    else:
        wrong = "Give the day from which the chain holds, such as 2026-03-31."
    if wrong:
        body.problems["valid_from"] = wrong
    nodes = given.get("nodes")
    if not isinstance(nodes, list) or len(nodes) > MOST_ROWS:
        body.problems["nodes"] = f"Give a list of at most {MOST_ROWS} nodes."
        return body
    sites = _sites(nodes, user, holding(body.valid_from))
    problems = {
        str(place): wrong for place, node in enumerate(nodes) if (wrong := _read_node(node, sites, body, today))
    }
    sums = [] if problems else _sums(body.wanted)
    if problems or sums:
        body.problems["nodes"] = problems | ({"non_field_errors": sums} if sums else {})
    return body


def _read_node(node: Any, sites: Mapping[tuple[str, str], int], body: ChainBody, today: date) -> dict[str, Any]:
    """What is wrong with it; what is not goes to the body."""
    if not isinstance(node, dict):
        return {"non_field_errors": f"Give an object with {', '.join(NODE)}."}
    wrong = {name: _unknown(NODE) for name in node if name not in NODE}
    stage, share, qualified = node.get("stage"), node.get("share"), node.get("is_qualified", False)
    if not (isinstance(stage, str) and stage in STAGES):
        wrong["stage"] = f"Give one of {', '.join(STAGES)}."
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        wrong["share"] = f"Give a share from 0 to 1; “{str(share)[:SHOWN]}” is not one. 0 is a backup."
    if not isinstance(qualified, bool):
        wrong["is_qualified"] = "Give true or false."
    batch_on, problem = _batch_of(node.get("last_batch_on"), qualified is True, today)
    if problem:
        wrong["last_batch_on"] = problem
    named = _named(node)
    if len(named) != 1:
        wrong["establishment"] = "Name the establishment by one of its id (establishment), its fei or its duns."
        return wrong
    site = sites.get(named[0])
    if site is None:
        name, value = named[0]
        called = {"establishment": "id", "fei": "FEI", "duns": "DUNS number"}[name]
        wrong[name] = f"There is no establishment with the {called} “{value[:SHOWN]}” that you may name. Search for it."
    elif not wrong:
        parts = body.wanted[stage]
        if any(part.establishment_id == site for part in parts):
            wrong[named[0][0]] = f"{STAGES[stage]}: this establishment stands there twice. Give it once."
        parts.append(Wanted(site, float(share), qualified, batch_on))
    return wrong


def _batch_of(given: Any, is_qualified: bool, today: date) -> tuple[date | None, str]:
    if given is None:
        return None, "A qualified establishment needs the date of its last batch." if is_qualified else ""
    try:
        day = date.fromisoformat(given)
    except (TypeError, ValueError):
        return None, f"Give a date as year-month-day, such as 2026-03-31; “{str(given)[:SHOWN]}” is not one."
    if day > today:
        return None, f"Give a date that is not in the future; {day} is."
    return day, f"Give a date after 1990; {day} is before." if day.year < 1990 else ""


def _sums(wanted: Mapping[str, Sequence[Wanted]]) -> list[str]:
    found = []
    for stage, parts in wanted.items():
        if not adds_up(part.share for part in parts):
            total = sum(part.share for part in parts)
            off = f"{abs(total - 1):.4g} too {'much' if total > 1 else 'little'}"
            found.append(f"{STAGES[stage]}: the shares add up to {total:.4g}, not 1: {off}.")
    return found


def _named(node: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(by what, value) of each way in which the establishment is named; numbers of registers without dashes."""
    given = [(name, node[name]) for name in NAMED_BY if node.get(name) is not None]
    return [(name, str(value).replace("-", "") if name == "duns" else str(value)) for name, value in given]


def _sites(nodes: Iterable[Any], user: Any, holding: Iterable[SupplyNode]) -> dict[tuple[str, str], int]:
    """(by what, value) -> establishment, of those that the user may name. Two queries."""
    named = {name for node in nodes if isinstance(node, dict) for name in _named(node)}
    ids = {int(value) for by, value in named if by == "establishment" and _is_id(value)}
    numbers = {value for by, value in named if by != "establishment" and value.isascii() and value.isdecimal()}
    there = {node.establishment_id for node in holding}
    rows = EstablishmentIdentifier.objects.filter(value__in=numbers).values_list("scheme", "value", "establishment_id")
    known = {(scheme, value): site for scheme, value, site in rows} | {("establishment", str(pk)): pk for pk in ids}
    asked = set(known.values()) - there
    found = set(establishments_findable(user).filter(pk__in=asked).values_list("pk", flat=True)) if asked else set()
    return {name: site for name, site in known.items() if site in there | found}


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdecimal() and len(value) < 19


def _unknown(known: Sequence[str]) -> str:
    return f"Unknown. Known are: {', '.join(known)}."
