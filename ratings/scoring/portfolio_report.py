"""From the bytes of a portfolio file to what the command prints: a table to read or JSON to work with."""

import json
from typing import Any

from .explain import rate_portfolio
from .indicators import INDICATORS
from .json_cursor import Fault, PortfolioError, decode
from .methodology import Methodology, load_methodology
from .rules import QMM

__all__ = ["FORMATS", "report"]

FORMATS = ("table", "json")
_LOSSES_SHOWN = 3
_HEADINGS = ("NDC", "Score", "Band", "Coverage", "Status", "Gates", "Most points lost to")


def report(content: bytes, as_of: str | None = None, format: str = "table") -> str:
    """Rates a portfolio file and returns the text to print; PortfolioError with every fault if it is not sound."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PortfolioError([Fault("$", f"not UTF-8 text: byte {error.start + 1} cannot be read")]) from None
    document = decode(text)
    ratings = rate_portfolio(document, as_of)
    if format == "json":
        return json.dumps(ratings, indent=1, ensure_ascii=False)
    return _table(ratings, load_methodology(document["methodology"]))


def _table(ratings: list[dict[str, Any]], methodology: Methodology) -> str:
    rows = [_HEADINGS, *(_cells(rating, methodology) for rating in ratings)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    rows.insert(1, tuple("-" * width for width in widths))
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(lines)


def _cells(rating: dict[str, Any], methodology: Methodology) -> tuple[str, ...]:
    rated = rating.get("score") is not None
    coverage = rating.get("coverage")
    return (
        rating["ndc"],
        f"{rating['score']:.{methodology.score.decimals}f}" if rated else "-",
        methodology.band_label(rating["band"]) if rated else "-",
        "-" if coverage is None else f"{coverage:.0%}",
        rating["status"].replace("_", " "),
        ", ".join(methodology.gates[code].label for code in rating.get("gates", ())) or "-",
        "; ".join(rating.get("faults", ())) or ", ".join(_top_losses(rating)) or "-",
    )


def _top_losses(rating: dict[str, Any]) -> list[str]:
    """The largest single losses: an indicator, or a stage of the QMM domain."""
    losses = {
        name if domain != QMM else f"QMM of {name}": sum(loss.values()) if isinstance(loss, dict) else loss
        for domain, parts in rating.get("points_lost_detail", {}).items()
        for name, loss in parts.items()
    }
    largest = sorted(losses.items(), key=lambda item: (-item[1], item[0]))[:_LOSSES_SHOWN]
    return [f"{_label(code)} {loss:.1f}" for code, loss in largest if loss > 0]


def _label(code: str) -> str:
    return INDICATORS[code].label if code in INDICATORS else code
