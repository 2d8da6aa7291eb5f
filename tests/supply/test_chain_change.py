"""What a change of the supply chain leaves behind: periods that end, begin, go on, and never overlap or go missing."""

from datetime import date, timedelta

import pytest

from dscr.access.models import User
from products.models import Product, SupplyNode
from products.services.supply_chain import (
    ChainChangedError,
    SharesError,
    Wanted,
    chain_change,
    chain_on,
    fingerprint,
    nodes_of,
)
from products.services.supply_site import no_longer_qualified, qualified_by, replaced_by, site_change
from qmm.models import Establishment
from ratings.models import StaleMark

DAY = timedelta(days=1)


def shares(product: Product, day: date, stage: str = "api") -> dict[str, float]:
    return {node.establishment.name: node.share for node in chain_on(nodes_of(product), day) if node.stage == stage}


def at(site: Establishment, products: tuple[Product, Product], day: date) -> list[SupplyNode]:
    held = [node for product in products for node in chain_on(nodes_of(product), day)]
    return [node for node in held if node.establishment_id == site.pk]


def parts(product: Product, day: date, stage: str = "api") -> list[Wanted]:
    held = [node for node in chain_on(nodes_of(product), day) if node.stage == stage]
    return [Wanted(node.establishment_id, node.share, node.is_qualified, node.last_batch_on) for node in held]


def test_what_held_before_stays_and_the_new_holds_from_the_day(
    product: Product, editor: User, newcomer: Establishment, today: date
) -> None:
    before = shares(product, today)
    wanted = {"api": [Wanted(newcomer.pk, 1.0, True, today)]}
    StaleMark.objects.all().delete()
    assert chain_change(product, on=today, wanted=wanted, user=editor) == len(before) + 1
    assert shares(product, today - DAY) == before
    assert shares(product, today) == {"Basel Actives": 1.0}
    assert shares(product, today + 999 * DAY) == {"Basel Actives": 1.0}
    assert set(StaleMark.objects.values_list("kind", "key")) == {("product", product.pk)}


def test_the_same_again_changes_nothing(product: Product, editor: User, today: date) -> None:
    StaleMark.objects.all().delete()
    assert chain_change(product, on=today, wanted={"api": parts(product, today)}, user=editor) == 0
    assert not StaleMark.objects.exists()


def test_a_planned_change_stays_planned(product: Product, editor: User, newcomer: Establishment, today: date) -> None:
    before, planned = shares(product, today), today + 100 * DAY
    assert len(before) > 1
    old = parts(product, today)
    chain_change(product, on=planned, wanted={"api": [Wanted(newcomer.pk, 1.0, True, today)]}, user=editor)
    only = [Wanted(old[0].establishment_id, 1.0, True, today)]
    chain_change(product, on=today, wanted={"api": only}, user=editor)
    assert list(shares(product, today).values()) == [1.0]
    assert shares(product, planned - DAY) == shares(product, today)
    assert shares(product, planned) == {"Basel Actives": 1.0}
    assert shares(product, today - DAY) == before


def test_a_change_in_the_past_ends_where_the_next_one_began(
    product: Product, editor: User, newcomer: Establishment, today: date
) -> None:
    chain_change(product, on=today, wanted={"api": [Wanted(newcomer.pk, 1.0, False, None)]}, user=editor)
    past = today - 200 * DAY
    first = parts(product, past)[0]
    chain_change(product, on=past, wanted={"api": [Wanted(first.establishment_id, 1.0, False, None)]}, user=editor)
    assert list(shares(product, past).values()) == [1.0]
    assert list(shares(product, today - DAY).values()) == [1.0]
    assert shares(product, today) == {"Basel Actives": 1.0}


def test_what_began_on_the_very_day_is_voided_with_the_reason(
    product: Product, editor: User, newcomer: Establishment, today: date
) -> None:
    chain_change(product, on=today, wanted={"api": [Wanted(newcomer.pk, 1.0, True, today)]}, user=editor)
    chain_change(product, on=today, wanted={"api": [Wanted(newcomer.pk, 1.0, False, None)]}, user=editor)
    voided = SupplyNode.objects.get(product=product, voided_at__isnull=False)
    assert voided.void_reason == f"Replaced on the day it began, {today}, by {editor}"
    assert shares(product, today) == {"Basel Actives": 1.0}


def test_shares_that_do_not_add_up_store_nothing(
    product: Product, editor: User, newcomer: Establishment, today: date
) -> None:
    before = list(SupplyNode.objects.values())
    wanted = {"fdf": [Wanted(newcomer.pk, 1.0, True, today)], "api": [Wanted(newcomer.pk, 0.9, True, today)]}
    with pytest.raises(SharesError):
        chain_change(product, on=today, wanted=wanted, user=editor)
    assert list(SupplyNode.objects.values()) == before


def test_a_stage_can_be_taken_out(product: Product, editor: User, today: date) -> None:
    chain_change(product, on=today, wanted={"testing": []}, user=editor)
    assert shares(product, today, "testing") == {}
    assert shares(product, today - DAY, "testing") != {}


def test_somebody_elses_change_is_not_overwritten(
    product: Product, editor: User, newcomer: Establishment, today: date
) -> None:
    seen = fingerprint(nodes_of(product))
    chain_change(product, on=today, wanted={"api": [Wanted(newcomer.pk, 1.0, True, today)]}, user=editor, seen=seen)
    with pytest.raises(ChainChangedError):
        chain_change(product, on=today, wanted={"api": []}, user=editor, seen=seen)
    assert shares(product, today) == {"Basel Actives": 1.0}


def test_one_change_for_many_products(
    pair: tuple[Product, Product], editor: User, newcomer: Establishment, today: date
) -> None:
    plant = Establishment.objects.get(name="Halden Plant 2")
    nodes = list(SupplyNode.objects.filter(establishment=plant, stage="fdf").select_related("product"))
    assert {node.product_id for node in nodes} == {product.pk for product in pair}
    assert site_change(nodes, change=qualified_by(today), on=today, user=editor) == 2
    held = [part for product in pair for part in parts(product, today, "fdf") if part.establishment_id == plant.pk]
    assert [(part.is_qualified, part.last_batch_on) for part in held] == [(True, today)] * 2

    nodes = [
        node for product in pair for node in chain_on(nodes_of(product), today) if node.establishment_id == plant.pk
    ]
    assert site_change(nodes, change=no_longer_qualified(), on=today, user=editor) == 2
    nodes = [
        node for product in pair for node in chain_on(nodes_of(product), today) if node.establishment_id == plant.pk
    ]
    before = [shares(product, today, "fdf")["Halden Plant 2"] for product in pair]
    assert site_change(nodes, change=replaced_by(newcomer), on=today, user=editor) == 2
    after = [shares(product, today, "fdf") for product in pair]
    assert [share["Basel Actives"] for share in after] == before
    assert all("Halden Plant 2" not in share for share in after)
