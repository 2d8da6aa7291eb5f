"""What static/js/charts.js draws: plain lists, labels already in words. The same figures stand in a table below."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from products.models import Product
from ratings import figures
from ratings.causes import short_cause
from ratings.queries.explained import FiguresView
from ratings.queries.history import HistoryPoint, newest_change
from ratings.queries.peers import Peers
from ratings.queries.published import PublishedView
from ratings.scoring import Methodology, load_methodology

MOST_ROWS = 6  # of the waterfall; smaller domains share one bar


def waterfall(view: FiguresView | PublishedView) -> dict[str, Any]:
    """From 100 down to the score: one falling bar a domain, the largest loss first, the small ones together. In whole
    points where the view has only those."""
    losses: list[tuple[float, str]] = sorted(
        ((domain.loss or 0, domain.label) for domain in view.domains if (domain.loss or 0) > 0), reverse=True
    )
    if len(losses) > MOST_ROWS:
        rest = losses[MOST_ROWS - 1 :]
        losses = [
            *losses[: MOST_ROWS - 1],
            (sum(loss for loss, _ in rest), f"{figures.first_up(figures.in_words(len(rest)))} other domains"),
        ]
    rows, at = [{"label": "Possible", "from": 0, "to": 100, "text": "100", "kind": "possible"}], 100.0
    for loss, label in losses:
        rows.append(
            {
                "label": label,
                "from": round(at - loss, 3),
                "to": round(at, 3),
                "text": f"{figures.MINUS}{loss}" if isinstance(loss, int) else figures.loss(loss),
                "kind": "loss",
            }
        )
        at -= loss
    score = view.score or 0.0
    rows.append({"label": "Score", "from": 0, "to": score, "text": figures.points(score), "kind": "score"})
    return {"rows": rows}


def history_line(points: Sequence[HistoryPoint], now: datetime) -> dict[str, Any]:
    """A step line of what was published, with the causes of what moved it."""
    methodology = load_methodology(points[-1].methodology)
    named = newest_change(points)
    return {
        "bands": bands(methodology),
        "now": _milliseconds(now),
        "points": [
            {
                "at": _milliseconds(point.at),
                "score": point.score,
                "status": "" if point.score is not None else point.status_label,
                "cause": short_cause(point.causes) if point.change or point.band_moved else "",
                "rises": bool(point.band_moved > 0 or (point.change or 0) > 0),
                "named": point is named,  # the sentence above names it first
                "weight": abs(point.band_moved) * 100 + abs(point.change or 0),
            }
            for point in points
        ],
    }


def peer_line(peers: Peers, product_id: int, methodology: Methodology) -> dict[str, Any]:
    """The molecule's rated NDCs on the scale of 0 to 100 with the cuts of the bands."""
    makers = [_short(peer.labeler_name) for peer in peers.rated if peer.pk != product_id]
    return {
        "bands": bands(methodology),
        "products": [
            {
                "label": _peer_label(peer, makers),
                "score": peer.rating.score,
                "text": figures.points(peer.rating.score),
                "own": peer.pk == product_id,
            }
            for peer in peers.rated
        ],
    }


def _peer_label(peer: Product, makers: Sequence[str]) -> str:
    """The maker alone where it has one NDC among them."""
    maker = _short(peer.labeler_name)
    return maker if maker and makers.count(maker) < 2 else f"{maker} {peer.display_ndc}".strip()


def _short(labeler: str) -> str:
    """The first word or two of a firm's name: what fits beside a mark."""
    words = labeler.replace(",", "").split()
    return " ".join(words[:2]) if len(" ".join(words[:2])) <= 14 else " ".join(words[:1])


def bands(methodology: Methodology) -> list[dict[str, Any]]:
    tops = [band.cut for band in methodology.bands[1:]] + [100.0]
    return [
        {"number": band.number, "label": band.label, "from": band.cut, "to": top}
        for band, top in zip(methodology.bands, tops, strict=True)
    ]


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
