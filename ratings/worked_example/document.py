"""The portfolio document of a setting: the published one with what was moved."""

from decimal import Decimal
from typing import Any

from ratings.scoring import AREAS, STAGES
from ratings.scoring.example import appendix_b
from ratings.worked_example.controls import Choice, Number, Tick
from ratings.worked_example.questions import Question
from ratings.worked_example.settings import Setting
from ratings.worked_example.supply import OAI, Site, Stage

_Document = dict[str, Any]


def document_of(setting: Setting) -> _Document:
    """A portfolio with the one product. The setting must be free of errors; what is at rest stays as published."""
    document = appendix_b()
    document["methodology"] = setting.example.version
    product = document["products"][setting.example.place]
    document["products"] = [product]
    for question in setting.example.questions:
        if setting.moved(*question.all_controls):
            product["kpis"][question.code] = _answer(question, setting, product["kpis"].get(question.code, {}))
    for stage in setting.example.stages:
        if setting.moved(*stage.controls):
            _supply(stage, setting, product)
    for site in setting.example.sites:
        _judge(site, setting, document)
    product["prior_band"] = int(setting.values["prior_band"]) or None
    product["in_shortage"] = setting.is_ticked(setting.example.in_shortage)
    return document


def _answer(question: Question, setting: Setting, published: _Document) -> _Document:
    if setting.is_ticked(question.withheld):
        return {"state": "not_disclosed"}
    if setting.is_ticked(question.none):
        return {"state": "not_applicable"}
    if question.kpi.is_counts:
        [counted] = question.controls
        whole = published.get("denominator", int(counted.high))  # type: ignore[union-attr]
        return {"numerator": counted.stored(setting.values[counted.name]), "denominator": whole}  # type: ignore[union-attr]
    return {
        field.name: _stored(control, setting.values[control.name])
        for field, control in zip(question.kpi.fields, question.controls, strict=True)
    }


def _stored(control: Number | Choice | Tick, text: str) -> Any:
    if isinstance(control, Number):
        return control.stored(text)
    return text == "1" if isinstance(control, Tick) else text


def _supply(stage: Stage, setting: Setting, product: _Document) -> None:
    """The two sites of a stage; one that neither supplies nor is qualified is left out."""
    first = Decimal(setting.values[stage.share.name])
    nodes = [node for node in product["nodes"] if node["stage"] != stage.code]
    for fei, share, tick in zip(stage.feis, (first, 100 - first), stage.qualified, strict=True):
        qualified = setting.is_ticked(tick)
        if share or qualified:
            nodes.append({"stage": stage.code, "fei": fei, "share": float(share / 100), "qualified": qualified})
    product["nodes"] = sorted(nodes, key=lambda node: STAGES.index(node["stage"]))


def _judge(site: Site, setting: Setting, document: _Document) -> None:
    """One level for all five practice areas, none without an assessment; an official action counts from the day."""
    establishment = document["establishments"][site.fei]
    if setting.is_ticked(site.unassessed):
        establishment["qmm"] = []
    elif setting.moved(site.level):
        level = site.level.stored(setting.values[site.level.name])
        establishment["qmm"] = [{"completed_on": document["as_of"], "areas": dict.fromkeys(AREAS, level)}]
    if setting.moved(site.action):
        outcome = OAI if setting.is_ticked(site.action) else "NAI"
        establishment["inspections"] = [{"classification": outcome, "ended_on": document["as_of"], "resolved_on": None}]
