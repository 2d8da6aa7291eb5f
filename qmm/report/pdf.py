"""The report as a tagged PDF (PDF/UA-1), set by typst from report.typ beside this file.

Contents go in as JSON, never as markup: what somebody typed stays text. Fonts are those that typst brings; nothing is
read from the system or the network. The same contents give the same bytes.
"""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import typst

from qmm.report import sentences
from qmm.report.contents import PlanPart, Report
from qmm.report.pictures import Picture, areas_picture, elements_picture
from qmm.report.sentences import SAID
from qmm.report.told import told

TEMPLATE = Path(__file__).with_name("report.typ")
# What the fonts show; other signs stand as a box, and the file says so.
SHOWN = (
    (0x20, 0x4FF),
    (0x590, 0x5FF),
    (0x1E00, 0x1FFF),
    (0x2010, 0x2040),
    (0x2044, 0x2052),
    (0x2054, 0x205E),
    (0x2070, 0x209C),
    (0x20A0, 0x20BF),
    (0x2190, 0x23FF),
    (0x25A0, 0x25FF),
)
BOX = "□"
UNSHOWN = f"Signs that this file has no font for stand as {BOX}. The page of the report shows them."


def pdf_of(report: Report) -> bytes:
    """About 0.1 s for twenty elements."""
    given = values(report)
    on = report.completed_on or report.peers.as_of
    try:
        return _set(given, on)
    except typst.TypstError:  # a sign without a font, which PDF/UA refuses
        shown = _shown(given) | {"unshown": UNSHOWN}
    try:
        return _set(shown, on)
    except typst.TypstError:  # marks above one another that no font puts together
        return _set(shown, on, is_checked=False)


def _set(given: dict[str, Any], on: date, is_checked: bool = True) -> bytes:
    return typst.compile(
        TEMPLATE,
        root=TEMPLATE.parent,
        ignore_system_fonts=True,
        sys_inputs={"report": json.dumps(given, ensure_ascii=False, default=str)},
        pdf_standards=["ua-1"] if is_checked else [],
        timestamp=datetime.combine(on, time(), UTC),
    )


def values(report: Report) -> dict[str, Any]:
    """What report.typ sets."""
    given = told(report) | {
        "title": f"Report of the QMM assessment of {report.place.name}",
        "standing": sentences.standing(report),
        "notices": sentences.notices(report),
        "synthetic": sentences.SYNTHETIC if report.is_synthetic else "",
        "unshown": "",
        "facts": sentences.facts(report),
        "said": {name: getattr(sentences, name)(report) for name in SAID},
        "about": sentences.ABOUT,
        "highest": sentences.HIGHEST,
        "picture": _drawn(areas_picture(report)),
        "groups": [(heading, [asdict(found) for found in findings]) for _, heading, findings in report.groups],
        "key": sentences.key(report),
        "plan": _planned(report.plan) if report.plan else None,
        "has_elements": report.has_elements,
        "unknown_elements": sentences.UNKNOWN_ELEMENTS,
    }
    for area, part in zip(given["areas"], report.areas, strict=True):
        area |= {"said": sentences.area(part), "picture": _drawn(elements_picture(part))}
    return _mended(given)


def _planned(part: PlanPart) -> dict[str, Any]:
    return {
        "no_action": part.no_action,
        "actions": [asdict(action) | {"due_on": sentences.day(action.due_on)} for action in part.actions],
    }


def _drawn(picture: Picture) -> dict[str, Any]:
    return asdict(picture) | {"has_change": picture.has_change, "has_peers": picture.has_peers}


def _mended(given: Any) -> Any:
    """Without the control characters that somebody pasted."""
    if isinstance(given, str):
        return "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in given)
    return _each(given, _mended)


def _shown(given: Any) -> Any:
    if isinstance(given, str):
        return "".join(sign if sign == "\n" or _has_font(sign) else BOX for sign in given)
    return _each(given, _shown)


def _each(given: Any, mend: Callable[[Any], Any]) -> Any:
    if isinstance(given, dict):
        return {name: mend(value) for name, value in given.items()}
    return [mend(value) for value in given] if isinstance(given, list | tuple) else given


def _has_font(sign: str) -> bool:
    return any(first <= ord(sign) <= last for first, last in SHOWN)
