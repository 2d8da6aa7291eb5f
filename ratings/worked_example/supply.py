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
from ratings.worked_example.controls import AnyControl, Choice, Number, Tick, written

OAI = "OAI"
# Where a further supplier may be tried, besides the countries that the product has already. With no share yet, a
# country counts only as new or not new.
PLACES = (
    *("USA", "CAN", "MEX", "PRI", "ARG", "BRA", "AUT", "BEL", "CHE", "CZE", "DEU", "DNK", "ESP", "FIN", "FRA", "GBR"),
    *("GRC", "HRV", "HUN", "IRL", "ITA", "NLD", "NOR", "POL", "PRT", "ROU", "SVN", "SWE", "TUR", "ISR", "JOR", "CHN"),
    *("IND", "IDN", "JPN", "KOR", "MYS", "SGP", "THA", "TWN", "VNM", "AUS", "NZL", "ZAF", "EGY"),
)


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
    """A stage with its sites. Each share but that of the last site can be moved; the last one supplies the rest.

    Without `shares` none can be moved, and `note` says why. `backup` is the country of a further qualified supplier
    that supplies nothing yet; "" is none.
    """

    code: str
    label: str
    feis: tuple[str, ...]
    shares: tuple[Number, ...]
    qualified: tuple[Tick, ...]
    backup: Choice | None = None
    note: str = ""

    @property
    def controls(self) -> tuple[AnyControl, ...]:
        return (*self.shares, *self.choices, *self.qualified)

    @property
    def choices(self) -> tuple[Choice, ...]:
        return (self.backup,) if self.backup else ()


def site_names(document: dict[str, Any]) -> dict[str, str]:
    """Their titles; without one Site 1 (USA), Site 2 (India)."""
    places = enumerate(document["establishments"].items(), 1)
    return {
        fei: facts.get("title") or f"Site {number} ({country_name(facts['country'])})"
        for number, (fei, facts) in places
    }


def sites(
    document: dict[str, Any], place: int, methodology: Methodology, hidden: frozenset[str] = frozenset()
) -> list[Site]:
    """Those of the document but the hidden ones, whose maturity is not the reader's to know or to move."""
    names = site_names(document)
    nodes = document["products"][place]["nodes"]
    found = []
    for fei, facts in document["establishments"].items():
        if fei in hidden:
            continue
        name = names[fei]
        low, high = (Decimal(str(limit)) for limit in methodology.limits.level)
        supplied = [_short(node["stage"]) for node in nodes if node["fei"] == fei]
        is_assessed = bool(facts["qmm"])
        mean = fmean(facts["qmm"][-1]["areas"][area] for area in AREAS) if is_assessed else float(low)
        rest = round(Decimal(str(mean)), 2)
        under_action = any(item["classification"] == OAI and not item["resolved_on"] for item in facts["inspections"])
        found.append(
            Site(
                fei,
                name,
                f"supplies {figures.joined(supplied)}" if supplied else "supplies nothing of this product as published",
                Number(f"level_{fei}", "QMM level", written(rest), f"{name}, QMM level", low, high, Decimal("0.1")),
                Tick(f"unassessed_{fei}", "Not assessed", "0" if is_assessed else "1", f"{name}, not assessed"),
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
    """Of the published example: the two stages at which sources are counted, with two sites each."""
    return [_pair(document, place, STAGES[number]) for number in (API, FDF)]


def _pair(document: dict[str, Any], place: int, code: str) -> Stage:
    own = _nodes(document["products"][place], code)
    elsewhere = [fei for product in document["products"] for fei in _nodes(product, code)]
    first, second = list(dict.fromkeys([*own, *elsewhere, *document["establishments"]]))[:2]
    names = site_names(document)
    return Stage(
        code,
        SHORT_STAGE_LABELS[code],
        (first, second),
        (_share(f"share_{code}", code, own[first]["share"], names[first]),),
        tuple(_qualified(code, fei, own, names) for fei in (first, second)),
    )


def product_stages(document: dict[str, Any], hidden: frozenset[str], methodology: Methodology) -> list[Stage]:
    """Of a product of its own: every stage at which something can be moved, the largest site last."""
    [product] = document["products"]
    return [
        stage
        for code in STAGES
        if (own := _nodes(product, code))
        and (stage := _product_stage(document, code, own, hidden, methodology)).controls
    ]


def _product_stage(
    document: dict[str, Any], code: str, own: dict[str, Any], hidden: frozenset[str], methodology: Methodology
) -> Stage:
    names, is_source_stage = site_names(document), STAGES.index(code) in (API, FDF)
    feis = sorted(own, key=lambda fei: (own[fei]["share"], fei))
    is_told = code in methodology.qmm.stage_weights and any(fei in hidden for fei in feis)
    shares = [] if is_told else feis[:-1]
    taken = {document["establishments"][fei]["country"] for fei in feis} - {None}
    countries = sorted(((place, country_name(place)) for place in {*PLACES, *taken}), key=lambda pair: pair[1])
    backup = Choice(
        f"backup_{code}",
        "A further qualified backup, in",
        "",
        f"{SHORT_STAGE_LABELS[code]}, backup",
        choices=(("", "no further one"), *countries),
    )
    return Stage(
        code,
        SHORT_STAGE_LABELS[code],
        tuple(feis),
        tuple(_share(f"share_{code}_{fei}", code, own[fei]["share"], names[fei]) for fei in shares),
        tuple(_qualified(code, fei, own, names) for fei in feis) if is_source_stage else (),
        backup if is_source_stage else None,
        "Shares cannot be moved here: a gain would tell how mature another firm’s site is." if is_told else "",
    )


def _nodes(product: dict[str, Any], code: str) -> dict[str, dict[str, Any]]:
    return {node["fei"]: node for node in product["nodes"] if node["stage"] == code}


def _share(name: str, code: str, share: float, site: str) -> Number:
    written_share = written(Decimal(str(share)) * 100)
    subject = f"{SHORT_STAGE_LABELS[code]}, share of {site}"
    return Number(name, f"Share of {site}", written_share, subject, unit="%", per=100)


def _qualified(code: str, fei: str, own: dict[str, Any], names: dict[str, str]) -> Tick:
    return Tick(
        f"qualified_{code}_{fei}",
        f"{names[fei]} is qualified",
        "1" if own.get(fei, {}).get("qualified") else "0",
        f"{SHORT_STAGE_LABELS[code]}, {names[fei]} is qualified",
    )


def _short(stage: str) -> str:
    label = SHORT_STAGE_LABELS[stage]
    return label if label.isupper() else label.lower()
