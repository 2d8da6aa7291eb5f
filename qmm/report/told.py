"""A report as plain values: what the API answers, and what the PDF is set from."""

from decimal import Decimal
from typing import Any

from qmm.report import sentences
from qmm.report.contents import AreaPart, ElementPart, Report
from qmm.report.peers import Spread
from qmm.rubric import Level


def told(report: Report) -> dict[str, Any]:
    place, check = report.place, report.fact_check
    return {
        "case": report.case,
        "status": "draft" if report.is_draft else "final",
        "is_voided": report.is_voided,
        "is_synthetic": report.is_synthetic,
        "establishment": {
            "id": place.id,
            "name": place.name,
            "fei": place.fei or None,
            "address": place.address,
            "country": place.country,
            "organization": place.organization or None,
        },
        "rubric": report.rubric or None,
        "visit": {"from": report.visit_from, "to": report.visit_to},
        "completed_on": report.completed_on,
        "valid_until": report.valid_until,
        "assessors": list(report.assessors),
        "qmm": _number(report.qmm),
        "mean_level": _number(report.mean_level),
        "areas": [_area(area) for area in report.areas],
        "findings": [
            {"kind": found.kind, "element": found.element, "text": found.text, "evidence": found.evidence}
            for found in report.findings
        ],
        "fact_check": {
            "is_finished": check.is_finished,
            "comments": check.comments,
            "answered": check.answered,
            "corrected": check.corrected,
            "partly": check.partly,
            "kept": check.kept,
        },
        "previous": {"completed_on": report.earlier.completed_on, "qmm": _number(report.earlier.qmm)}
        if report.earlier
        else None,
        "peers": {"organizations": report.peers.organizations, "as_of": report.peers.as_of}
        if report.peers.organizations
        else None,
        "summary": summary(report),
    }


def summary(report: Report) -> list[str]:
    """The report in a few sentences."""
    said = [
        sentences.overall(report),
        sentences.change(report),
        sentences.areas(report),
        sentences.findings(report),
        sentences.fact_check(report),
        sentences.peers(report),
    ]
    return [one for one in said if one]


def _area(area: AreaPart) -> dict[str, Any]:
    return {
        "code": area.code,
        "label": area.label,
        "level": _number(area.level),
        "previous_level": _number(area.before),
        "peers": _spread(area.peers),
        "elements": [_element(element) for element in area.elements],
    }


def _element(element: ElementPart) -> dict[str, Any]:
    return {
        "code": element.code,
        "name": element.name,
        "level": element.level,
        "previous_level": element.before,
        "text": element.text,
        "reached": _rung(element.here),
        "next": _rung(element.next),
        "peers": _spread(element.peers),
    }


def _rung(rung: Level | None) -> dict[str, Any] | None:
    if rung is None:
        return None
    return {"level": rung.number, "name": rung.name, "anchor": rung.anchor, "evidence": list(rung.evidence)}


def _spread(spread: Spread | None) -> dict[str, float] | None:
    return {"low": spread.low, "median": spread.median, "high": spread.high} if spread else None


def _number(value: Decimal | None) -> float | None:
    return None if value is None else round(float(value), 3)
