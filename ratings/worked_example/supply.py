"""The sites of the example: how mature each is, and who supplies the API and the finished dose."""

from dataclasses import dataclass
from decimal import Decimal
from statistics import fmean
from typing import Any

from qmm.countries import country_name
from ratings import figures
from ratings.queries.explained import SHORT_STAGE_LABELS
from ratings.scoring import AREAS, STAGES, Methodology
from ratings.scoring.supply import API, FDF
from ratings.worked_example.controls import AnyControl, Number, Tick, written

OAI = "OAI"


@dataclass(frozen=True, slots=True)
class Site:
    """An establishment of the example; `does` says at which stages of this product."""

    fei: str
    name: str
    does: str
    level: Number
    unassessed: Tick
    action: Tick

    @property
    def controls(self) -> tuple[AnyControl, ...]:
        return (self.level, self.unassessed, self.action)


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage with two sites: the slider is the first one's share, the second supplies the rest."""

    code: str
    label: str
    feis: tuple[str, str]
    share: Number
    qualified: tuple[Tick, Tick]

    @property
    def controls(self) -> tuple[AnyControl, ...]:
        return (self.share, *self.qualified)


def site_names(document: dict[str, Any]) -> dict[str, str]:
    """Site 1 (USA), Site 2 (India): the file has numbers only."""
    places = enumerate(document["establishments"].items(), 1)
    return {fei: f"Site {number} ({country_name(facts['country'])})" for number, (fei, facts) in places}


def sites(document: dict[str, Any], place: int, methodology: Methodology) -> list[Site]:
    names = site_names(document)
    nodes = document["products"][place]["nodes"]
    found = []
    for fei, facts in document["establishments"].items():
        name = names[fei]
        low, high = (Decimal(str(limit)) for limit in methodology.limits.level)
        stages = [_short(node["stage"]) for node in nodes if node["fei"] == fei]
        rest = round(Decimal(str(fmean(facts["qmm"][-1]["areas"][area] for area in AREAS))), 2)
        under_action = any(item["classification"] == OAI and not item["resolved_on"] for item in facts["inspections"])
        found.append(
            Site(
                fei,
                name,
                f"supplies {figures.joined(stages)}" if stages else "supplies nothing of this product as published",
                Number(f"level_{fei}", "QMM level", written(rest), f"{name}, QMM level", low, high, Decimal("0.1")),
                Tick(f"unassessed_{fei}", "Not assessed", "0", f"{name}, not assessed"),
                Tick(
                    f"action_{fei}",
                    "Unresolved official action",
                    "1" if under_action else "0",
                    f"{name}, official action",
                ),
            )
        )
    return found


def stages(document: dict[str, Any], place: int) -> list[Stage]:
    """The two stages at which sources are counted."""
    return [_stage(document, place, STAGES[number]) for number in (API, FDF)]


def _stage(document: dict[str, Any], place: int, code: str) -> Stage:
    names, label = site_names(document), SHORT_STAGE_LABELS[code]
    own = {node["fei"]: node for node in document["products"][place]["nodes"] if node["stage"] == code}
    elsewhere = [node["fei"] for product in document["products"] for node in product["nodes"] if node["stage"] == code]
    first, second = list(dict.fromkeys([*own, *elsewhere, *document["establishments"]]))[:2]
    share = Decimal(str(own[first]["share"])) * 100
    ticks = tuple(
        Tick(
            f"qualified_{code}_{fei}",
            f"{names[fei]} is qualified",
            "1" if own.get(fei, {}).get("qualified") else "0",
            f"{label}, {names[fei]} is qualified",
        )
        for fei in (first, second)
    )
    slider = Number(
        f"share_{code}",
        f"Share of {names[first]}",
        written(share),
        f"{label}, share of {names[first]}",
        unit="%",
        per=100,
    )
    return Stage(code, label, (first, second), slider, ticks)  # type: ignore[arg-type]


def _short(stage: str) -> str:
    label = SHORT_STAGE_LABELS[stage]
    return label if label.isupper() else label.lower()
