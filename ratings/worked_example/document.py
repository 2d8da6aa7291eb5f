"""The portfolio document of a setting: that of its example with what was moved."""

from copy import deepcopy
from decimal import Decimal
from typing import Any

from qmm.countries import country_name
from ratings.scoring import AREAS, STAGES
from ratings.worked_example.controls import Choice, Number, Tick
from ratings.worked_example.questions import Question
from ratings.worked_example.settings import Setting
from ratings.worked_example.supply import OAI, Site, Stage

_Document = dict[str, Any]


def document_of(setting: Setting) -> _Document:
    """A portfolio with the one product. The setting must be free of errors; what is at rest stays as it is."""
    document = deepcopy(setting.example.document)
    product = document["products"][setting.example.place]
    document["products"] = [product]
    for question in setting.example.questions:
        if setting.moved(*question.all_controls):
            product["kpis"][question.code] = _answer(question, setting, product["kpis"].get(question.code, {}))
    for stage in setting.example.stages:
        if setting.moved(*stage.controls):
            _supply(stage, setting, document)
    for site in setting.example.sites:
        _judge(site, setting, document)
    if setting.example.prior_band:
        product["prior_band"] = int(setting.values[setting.example.prior_band.name]) or None
    product["in_shortage"] = setting.is_ticked(setting.example.in_shortage)
    return document


def _answer(question: Question, setting: Setting, published: _Document) -> _Document:
    if setting.is_ticked(question.withheld):
        return {"state": "not_disclosed"}
    if setting.is_ticked(question.none):
        return {"state": "not_applicable"}
    if question.kpi.is_counts:
        [counted] = question.controls
        whole = published.get("denominator", int(counted.high))
        return {"numerator": counted.stored(setting.values[counted.name]), "denominator": whole}
    was_withheld = published.get("state", "not_disclosed" if not published else "") != ""
    return {
        field.name: _stored(control, setting.values[control.name])
        for field, control in zip(question.kpi.fields, question.controls, strict=True)
        if was_withheld or field.name in published or setting.moved(control)
    }


def _stored(control: Number | Choice | Tick, text: str) -> Any:
    if isinstance(control, Number):
        return control.stored(text)
    return text == "1" if isinstance(control, Tick) else text


def _supply(stage: Stage, setting: Setting, document: _Document) -> None:
    """The sites of a stage; one that neither supplies nor is qualified is left out."""
    [product] = document["products"]
    own = {node["fei"]: node for node in product["nodes"] if node["stage"] == stage.code}
    nodes = [node for node in product["nodes"] if node["stage"] != stage.code]
    shares = _shares(stage, setting) if setting.moved(*stage.shares) else {}
    ticks = dict(zip(stage.feis, stage.qualified, strict=True)) if stage.qualified else {}
    for fei in stage.feis:
        given = own.get(fei, {"share": 0.0, "qualified": False})
        share = shares.get(fei, given["share"])
        qualified = setting.is_ticked(ticks[fei]) if ticks else given["qualified"]
        if share or qualified:
            nodes.append({"stage": stage.code, "fei": fei, "share": share, "qualified": qualified})
    for country in (setting.values[choice.name] for choice in stage.choices):
        if country:
            fei = f"backup {stage.code}"
            title = f"A new site ({country_name(country)})"
            document["establishments"][fei] = {"title": title, "country": country, "qmm": [], "inspections": []}
            nodes.append({"stage": stage.code, "fei": fei, "share": 0.0, "qualified": True})
    product["nodes"] = sorted(nodes, key=lambda node: STAGES.index(node["stage"]))


def _shares(stage: Stage, setting: Setting) -> dict[str, float]:
    """Each as it was set; the last site supplies the rest."""
    given = [Decimal(setting.values[share.name]) for share in stage.shares]
    return {fei: float(share / 100) for fei, share in zip(stage.feis, (*given, 100 - sum(given)), strict=True)}


def _judge(site: Site, setting: Setting, document: _Document) -> None:
    """One level for all five practice areas, none without an assessment; an official action counts from the day."""
    establishment = document["establishments"][site.fei]
    if setting.is_ticked(site.unassessed):
        establishment["qmm"] = []
    elif setting.moved(site.level, site.unassessed):
        level = site.level.stored(setting.values[site.level.name])
        establishment["qmm"] = [{"completed_on": document["as_of"], "areas": dict.fromkeys(AREAS, level)}]
    if setting.moved(site.action):
        outcome = OAI if setting.is_ticked(site.action) else "NAI"
        establishment["inspections"] = [{"classification": outcome, "ended_on": document["as_of"], "resolved_on": None}]
