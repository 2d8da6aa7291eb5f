"""Writing an action of the planner into the database, as its maker would in forms."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from products.models import KpiSubmission, Product, SupplyNode
from qmm.models import AREAS, Assessment, Establishment, Inspection
from ratings.planner.catalogue import Action
from ratings.planner.changes import Kpi, Level, Move, NewNode, Qualify, Resolve
from ratings.scoring import STAGES, unpack_country
from ratings.scoring.questionnaire import KPI_BY_CODE


def do(action: Action, product: Product) -> None:
    figures = {change.column: change.value for change in action.changes if isinstance(change, Kpi)}
    if figures:
        KpiSubmission.objects.filter(product=product).update(**columns(figures))
    for change in action.changes:
        _do(change, product)


def columns(figures: dict[str, float]) -> dict[str, Any]:
    today = timezone.localdate()
    columns: dict[str, Any] = {}
    for name, value in figures.items():
        if name == "risk_management_plan":
            word = KPI_BY_CODE[name].answers[int(value)]
            columns["risk_management_plan_exists"] = word != "none"
            columns["risk_management_plan_reviewed_on"] = today if word in ("reviewed", "tested") else None
            columns["risk_management_plan_tested_on"] = today if word == "tested" else None
        elif name == "emergency_stock_tested_12m":
            columns["emergency_stock_tested_on"] = today if value else None
        else:
            columns[name] = bool(value) if name.startswith("emergency_stock") else value
    return columns


def _do(change: Any, product: Product) -> None:
    today = timezone.localdate()
    nodes = SupplyNode.objects.filter(product=product)
    if isinstance(change, NewNode):
        site = Establishment.objects.create(name="New site", country=unpack_country(change.country) or "")
        if change.level == change.level:  # not NaN
            Assessment.objects.create(establishment=site, completed_on=today, **dict.fromkeys(AREAS, change.level))
        SupplyNode.objects.create(
            product=product,
            stage=STAGES[change.stage],
            establishment=site,
            share=change.share,
            is_qualified=change.is_qualified,
            last_batch_on=today,
            valid_from=today - timedelta(days=1),
        )
    elif isinstance(change, Level):
        Assessment.objects.filter(establishment=change.establishment, completed_on=today).delete()
        Assessment.objects.create(
            establishment_id=change.establishment, completed_on=today, **dict.fromkeys(AREAS, change.value)
        )
    elif isinstance(change, Qualify):
        here = nodes.filter(stage=STAGES[change.stage], establishment=change.establishment)
        here.update(is_qualified=True, last_batch_on=today)
    elif isinstance(change, Resolve):
        Inspection.objects.filter(establishment=change.establishment).update(resolved_on=today)
    elif isinstance(change, Move):
        for site, share in ((change.giver, -change.share), (change.taker, change.share)):
            for node in nodes.filter(stage=STAGES[change.stage], establishment=site):
                node.share = round(node.share + share, 9)
                node.save()
