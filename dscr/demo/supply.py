"""Where each product comes from: shared API works, own and contract plants, and the moves between them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from dscr.demo.calendar import Calendar
from dscr.demo.dice import day_between, dice, monday
from dscr.demo.directory import Item
from dscr.demo.sites import PAIR_PLANT, Places, Site
from dscr.demo.tables import CHARACTERS, molecules
from products.models import SupplyNode

SPLITS = {
    1: ((1.0,),),
    2: ((0.6, 0.4), (0.7, 0.3), (0.5, 0.5), (1.0, 0.0), (0.85, 0.15)),
    3: ((0.5, 0.3, 0.2), (0.6, 0.4, 0.0), (0.4, 0.3, 0.3), (0.75, 0.25, 0.0)),
}
# A few API works serve many molecules: what happens there is felt by many makers.
HUB_EVERY, HUB_WEIGHT = 6, 5


@dataclass(slots=True)
class Use:
    """One site in a product's supply for a time; since None: from long before the program."""

    stage: str
    site: Site
    share: float
    since: date | None = None
    until: date | None = None


def build_nodes(seed: int, calendar: Calendar, places: Places, items: list[Item]) -> list[SupplyNode]:
    api_of = _api_sites(seed, places)
    nodes = []
    for item in items:
        if item.is_of_the_pair:
            continue
        roll = dice(seed, "supply", item.ndc)
        uses = list(_uses(roll, calendar, places, api_of[item.molecule.key], item))
        nodes += [_node(roll, calendar, item, use) for use in uses]
    return nodes


def _api_sites(seed: int, places: Places) -> dict[str, list[Site]]:
    """Molecule -> the contract API works that make it."""
    works = places.contractors("api")
    weights = [HUB_WEIGHT if number % HUB_EVERY == 0 else 1 for number in range(len(works))]
    found = {}
    for molecule in molecules():
        roll = dice(seed, "api", molecule.key)
        chosen: list[Site] = []
        while len(chosen) < molecule.api_sites:
            site = roll.choices(works, weights)[0]
            if site not in chosen:
                chosen.append(site)
        found[molecule.key] = chosen
    return found


def _uses(roll: Random, calendar: Calendar, places: Places, api: list[Site], item: Item) -> Iterator[Use]:
    plants = _plants(roll, places, item)
    if item.part == "thin":  # only the finished-dose site was named
        yield Use("fdf", plants[0], 1.0)
        return
    if roll.random() < 0.2:
        yield Use("ksm", roll.choice(places.contractors("ksm")), 1.0)
    yield from _api(roll, calendar, places, api, item)
    yield from _finished_dose(roll, calendar, places, plants, item)


def _plants(roll: Random, places: Places, item: Item) -> list[Site]:
    """The finished-dose sites of a product, the main one first."""
    character = CHARACTERS[item.maker.character]
    own, contract = places.of(item.maker.name, "fdf"), places.contractors("fdf")
    main = roll.choice(contract if roll.random() < character.contract_share else own)
    if main.fei == PAIR_PLANT or roll.random() > character.second_sources * 0.55:
        return [main]
    return [main, roll.choice([site for site in (*own, *contract) if site is not main])]


def _api(roll: Random, calendar: Calendar, places: Places, api: list[Site], item: Item) -> Iterator[Use]:
    again = CHARACTERS[item.maker.character].second_sources
    own = places.of(item.maker.name, "api")
    pool = roll.sample(api, len(api))
    if item.maker.character in ("strong", "solid"):  # who can choose, chooses mature suppliers
        pool.sort(key=lambda site: -site.maturity)
    if own and roll.random() < 0.4:
        pool.insert(0, roll.choice(own))
    pool = list(dict.fromkeys(pool))
    count = 1
    while count < min(3, len(pool)) and roll.random() < again:
        count += 1
    split = roll.choice(SPLITS[count])
    if count == 2 and roll.random() < 0.4:
        # The second source was qualified on the way: until then everything came from the first.
        day = monday(day_between(roll, calendar.quarter_ends[0], calendar.ago(30)))
        yield Use("api", pool[0], 1.0, until=day)
        yield from (Use("api", site, share, since=day) for site, share in zip(pool, split, strict=False))
    else:
        yield from (Use("api", site, share) for site, share in zip(pool, split, strict=False))


def _finished_dose(roll: Random, calendar: Calendar, places: Places, plants: list[Site], item: Item) -> Iterator[Use]:
    main = plants[0]
    packs = main if roll.random() < 0.7 else roll.choice(places.contractors("packaging"))
    tests = main if roll.random() < 0.75 else roll.choice(places.contractors("testing"))
    if len(plants) == 1 and item.maker.character in ("lean", "fragile", "average") and roll.random() < 0.1:
        # Production moved from another plant, and with it what that plant packed and tested.
        others = (*places.of(item.maker.name, "fdf"), *places.contractors("fdf"))
        left = roll.choice([site for site in others if site is not main])
        day = monday(day_between(roll, calendar.quarter_ends[0], calendar.ago(45)))
        for stage, site in (("fdf", main), ("packaging", packs), ("testing", tests)):
            if site is main:
                yield Use(stage, left, 1.0, until=day)
                yield Use(stage, main, 1.0, since=day)
            else:
                yield Use(stage, site, 1.0)
        return
    split = roll.choice(SPLITS[len(plants)])
    yield from (Use("fdf", site, share) for site, share in zip(plants, split, strict=True))
    yield Use("packaging", packs, 1.0)
    yield Use("testing", tests, 1.0)


def _node(roll: Random, calendar: Calendar, item: Item, use: Use) -> SupplyNode:
    begun = use.since or calendar.opening - timedelta(days=roll.randint(90, 900))
    # The batch that qualifies must lie before the replayed past, or the past would count the site as unqualified.
    batch = (use.since or calendar.opening) - timedelta(days=roll.randint(5, 60))
    if use.share == 0 and roll.random() < 0.25:
        # A backup where nothing was made for long: its qualification runs out about now.
        batch = calendar.ago(1096 + roll.uniform(-60, 250))
    return SupplyNode(
        product=item.product,
        stage=use.stage,
        establishment=use.site.establishment,
        share=use.share,
        is_qualified=use.share > 0.2 or roll.random() > 0.1,
        last_batch_on=batch,
        valid_from=begun,
        valid_to=use.until,
    )
