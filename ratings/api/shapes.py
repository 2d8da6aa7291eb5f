"""Published results and figures as plain values, as ratings.api.serializers describes them: named fields only."""

from typing import Any

from products.models import Product
from ratings.api.rows import NAMES, band_label, standing
from ratings.models import RatingSnapshot
from ratings.queries.explained import DomainFigure, FiguresView, NodeFigure, StageFigure
from ratings.queries.granted import GrantedView
from ratings.queries.history import HistoryPoint
from ratings.queries.preview import PreviewView
from ratings.queries.published import PublishedView, not_published


def without_snapshot(status: str) -> PublishedView:
    return not_published(status)


def published(view: PublishedView) -> dict[str, Any]:
    """What a detail tells beyond its row."""
    return {
        "status_label": view.standing_label,
        "points_lost": view.points_lost if view.is_rated else None,
        "domains": [
            {
                "code": domain.code,
                "label": domain.label,
                "weight": domain.weight,
                "word": domain.word,
                "points_lost": domain.loss,
            }
            for domain in view.domains
        ],
        "gate_reasons": [
            {
                "code": gate.code,
                "label": gate.label,
                "reason": gate.reason,
                "caps_at": gate.caps_at,
                "binds": gate.binds,
            }
            for gate in view.gates
        ],
    }


def preview(view: PreviewView) -> dict[str, Any]:
    """To readers of figures only."""
    return {
        "since": view.since,
        "published_from": view.published_from,
        **result(view.snapshot, ""),
        "coverage": view.new.coverage,
        "gates": [gate.code for gate in view.new.gates],
        "change": view.change,
        "causes": [{"domain": cause.domain, "text": cause.text} for cause in view.causes],
    }


def standing_of(product: Product) -> str:
    """Of a product without a snapshot."""
    head = getattr(product, "rating", None)
    return standing(head and head.pk, head and head.failed_count)


def result(snapshot: RatingSnapshot | None, status: str) -> dict[str, Any]:
    if snapshot is None:
        empty = dict.fromkeys(("score", "band", "band_label", "methodology", "as_of"))
        return {"status": status, **empty}
    return {
        "status": NAMES[snapshot.status],
        "score": snapshot.score,
        "band": snapshot.band,
        "band_label": band_label(snapshot.methodology, snapshot.band),
        "methodology": snapshot.methodology,
        "as_of": snapshot.as_of,
    }


def history_point(point: HistoryPoint) -> dict[str, Any]:
    return {
        "at": point.at,
        "as_of": point.as_of,
        "methodology": point.methodology,
        "status": NAMES[point.status],
        "score": point.score,
        "band": point.band,
        "band_label": band_label(point.methodology, point.band),
        "change": point.change,
        "causes": [{"domain": cause.domain, "text": cause.text} for cause in point.causes],
    }


def figures(view: FiguresView) -> dict[str, Any]:
    return {
        "exact": view.exact,
        "qmm_coverage": view.qmm_coverage,
        "domains": [_domain(domain) for domain in view.domains],
        "stages": [_stage(stage) for stage in view.stages],
    }


def _domain(domain: DomainFigure) -> dict[str, Any]:
    return {
        "code": domain.code,
        "label": domain.label,
        "weight": domain.weight,
        "value": domain.value,
        "coverage": domain.coverage,
        "points_lost": domain.loss,
        "indicators": [
            {
                "code": item.code,
                "label": item.label,
                "weight": item.weight,
                "reported": item.reported,
                "is_disclosed": item.is_disclosed,
                "points": item.points,
                "points_lost": item.loss,
                "remedy": item.remedy,
            }
            for item in domain.indicators
        ],
    }


def _stage(stage: StageFigure) -> dict[str, Any]:
    return {
        "code": stage.code,
        "label": stage.label,
        "weight": stage.weight,
        "value": stage.value,
        "points_lost": stage.loss,
        "establishments": [_node(node) for node in stage.nodes],
    }


def _node(node: NodeFigure) -> dict[str, Any]:
    return {
        "establishment_id": node.establishment_id,
        "name": node.name,
        "country": node.country,
        "share": node.share,
        "is_qualified": node.is_qualified,
        "shows_maturity": node.shows_maturity,
        "under_official_action": node.under_action if node.shows_maturity else None,
        "level": node.level,
        "points_lost": node.loss,
    }


def disclosed(view: GrantedView) -> dict[str, Any]:
    """Of each kind of thing null where it is not granted."""
    source = view.source
    supply = [
        {
            "code": stage.code,
            "label": stage.label,
            "establishments": [
                {"name": node.name, "country": node.country, "share": node.share, "is_qualified": node.is_qualified}
                for node in stage.nodes
            ],
        }
        for stage in view.stages
    ]
    sites = [
        {"name": site.name, "levels": [{"area": area.label, "level": area.level} for area in site.levels]}
        for site in view.sites
    ]
    return {
        "by": source.firm,
        "kpis": [
            {"code": item.code, "label": item.label, "reported": item.reported, "last_day": source.kpis[item.code]}
            for item in view.figures
        ],
        "supply": {"last_day": source.supply, "stages": supply} if source.supply else None,
        "maturity": {"last_day": source.maturity, "establishments": sites} if source.maturity else None,
    }
