"""The picture of a supply chain while it is edited: what was typed, before anything is stored."""

from collections.abc import Sequence
from datetime import date

import numpy as np
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from products.forms.days import read_day
from products.forms.supply_chain import Row, StageRows, keys_of, read_rows
from products.queries.own_product import own_product
from products.services.supply_chain import chain_on, nodes_of
from qmm.countries import country_name
from qmm.queries.finding import establishments_findable
from ratings import sentences
from ratings.queries.explained import SHORT_STAGE_LABELS, NodeFigure, StageFigure
from ratings.scoring import Methodology, available_versions, load_methodology
from ratings.scoring.dates import add_months
from ratings.views.supply_picture import supply_picture


@require_POST
@never_cache
def supply_preview(request: HttpRequest, ndc: str) -> HttpResponse:
    """Takes the editor's form. Tells nothing of a site's maturity or official actions: they may be another firm's."""
    product = own_product(request.user, ndc, "edit_supply")
    today = timezone.localdate()
    on, _ = read_day(request.POST.get("on", ""), today)
    holding = chain_on(nodes_of(product), on)
    there = {node.establishment_id: node.establishment for node in holding}
    numbers = {number for _, number in keys_of(request.POST)} - set(there)
    sites = there | establishments_findable(request.user).in_bulk(numbers)
    methodology = load_methodology(available_versions()[-1])
    parts = read_rows(request.POST, sites, holding, today)
    wrong = [part for part in parts if not part.adds_up]
    if wrong:
        return render(request, "ratings/_supply_waits_part.html", {"wrong": wrong})
    stages = _stages(parts, on, methodology)
    context = {
        "supply_sentence": sentences.supply_sentence(stages),
        "supply_picture": supply_picture(stages),
        "stages": stages,
    }
    return render(request, "ratings/_supply_part.html", context)


def _stages(parts: Sequence[StageRows], on: date, methodology: Methodology) -> list[StageFigure]:
    return [
        StageFigure(
            code=part.code,
            label=SHORT_STAGE_LABELS[part.code],
            weight=methodology.qmm.stage_weights.get(part.code, 0.0),
            value=None,
            loss=None,
            nodes=sorted((_node(row, part, on, methodology) for row in part.rows), key=lambda node: -node.share),
        )
        for part in parts
    ]


def _node(row: Row, part: StageRows, on: date, methodology: Methodology) -> NodeFigure:
    return NodeFigure(
        establishment_id=row.establishment.pk,
        name=row.establishment.name,
        stage=part.code,
        country=country_name(row.establishment.country),
        share=(row.portion or 0.0) / part.total if part.total else 0.0,
        is_qualified=row.is_qualified and _is_recent(row.batch_on, on, methodology),
        under_action=False,
        level=None,
        loss=None,
        shows_maturity=False,
    )


def _is_recent(batch_on: date | None, on: date, methodology: Methodology) -> bool:
    if batch_on is None:
        return False
    last_day = add_months(np.array([batch_on], dtype="datetime64[D]"), methodology.validity.qualification_months)[0]
    return batch_on <= on and np.datetime64(on) <= last_day
