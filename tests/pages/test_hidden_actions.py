"""What a maker is told of an official action at a supplier it does not own: no mark, but what the score is made of."""

from datetime import timedelta

import pytest
from django.utils import timezone

from products.models import Product, SupplyNode
from qmm.models import Establishment, Inspection
from ratings.models import ProductRating
from ratings.queries.explained import FiguresView, IndicatorFigure, StageFigure, establishment_names, explain
from ratings.queries.sight import Sight
from ratings.scoring.bands import GATES
from ratings.sentences import supply_sentence
from tests.pages import factory


def seen(product: Product) -> tuple[FiguresView, StageFigure, IndicatorFigure, list[str]]:
    """As a reader sees it who may read the levels of every site but one; and the gates that everyone sees."""
    factory.settle(product)
    snapshot = ProductRating.objects.get(product=product).published_snapshot
    sites = dict(Establishment.objects.values_list("name", "pk"))
    sight = Sight(True, frozenset(sites.values()) - {sites["Corvo Fine Chem"]}, None)
    view = explain(snapshot, establishment_names(sites.values()), sight)
    [stage] = [stage for stage in view.stages if stage.code == "api"]
    [indicator] = [item for domain in view.domains for item in domain.indicators if item.code == "backup_api_suppliers"]
    return view, stage, indicator, [code for bit, code in enumerate(GATES) if snapshot.gates >> bit & 1]


@pytest.mark.parametrize(("shares", "gates"), [((0.6, 0.4), ["official_action"]), ((1.0, 0.0), [])])
def test_the_count_falls_where_no_mark_is_set(
    pair: tuple[Product, Product], shares: tuple[float, float], gates: list[str]
) -> None:
    """A site that supplies closes a gate that is published; of a second source without a share only the count tells."""
    product = pair[0]
    for name, share in zip(("Ashvale Chemicals", "Corvo Fine Chem"), shares, strict=True):
        SupplyNode.objects.filter(product=product, stage="api", establishment__name=name).update(share=share)
    _, _, before, closed = seen(product)
    assert (before.reported, closed) == ("2 qualified sources in 2 countries", [])

    ended = timezone.localdate() - timedelta(days=30)
    corvo = Establishment.objects.get(name="Corvo Fine Chem")
    Inspection.objects.create(establishment=corvo, classification="OAI", ended_on=ended)
    view, stage, indicator, closed = seen(product)

    [hidden] = [node for node in stage.nodes if not node.shows_maturity]
    assert (hidden.name, hidden.under_action, hidden.is_source) == ("Corvo Fine Chem", False, True)
    assert (stage.source_count, stage.hidden_actions) == (2, 0)
    assert "official action" not in supply_sentence(view.stages)
    assert indicator.reported == "1 qualified source in 1 country"
    assert indicator.points is not None
    assert before.points is not None
    assert indicator.points < before.points
    assert closed == gates
