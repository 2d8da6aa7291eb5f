"""The setting in which an action of the planner has been done, so that it can be tried and changed further."""

from collections.abc import Sequence
from decimal import Decimal

from ratings.planner.changes import Change, Kpi, Level, Move, NewNode, Qualify, Resolve
from ratings.scoring import STAGES, unpack_country
from ratings.worked_example.controls import AnyControl, Choice, Number, Tick, written
from ratings.worked_example.settings import Example

DECIMALS = 6  # that a field takes


def moved_by(changes: Sequence[Change], example: Example) -> dict[str, str] | None:
    """Values by the name of their control; None where some change has none."""
    controls, found = example.controls, {}
    for change in changes:
        values = _values(change, example, controls)
        if values is None or any(name not in controls for name in values):
            return None
        found |= values
    return {name: text for name, text in found.items() if text != controls[name].rest}


def _values(change: Change, example: Example, controls: dict[str, AnyControl]) -> dict[str, str] | None:
    if isinstance(change, Kpi):
        return _figure(change, example)
    if isinstance(change, NewNode):
        return None if change.share else {f"backup_{STAGES[change.stage]}": unpack_country(change.country) or ""}
    if isinstance(change, Qualify):
        return {f"qualified_{STAGES[change.stage]}_{change.establishment}": "1"}
    if isinstance(change, Level):
        return {f"level_{change.establishment}": _number(change.value), f"unassessed_{change.establishment}": "0"}
    if isinstance(change, Resolve):
        return {f"action_{change.establishment}": "0"}
    return _shares(change, example, controls)


def _figure(change: Kpi, example: Example) -> dict[str, str] | None:
    for question in example.questions:
        for field, control in zip(question.kpi.fields, question.controls, strict=False):
            if field.column == change.column:
                return {control.name: _text(control, change.value, question.kpi.answers), question.withheld.name: "0"}
    return None


def _text(control: AnyControl, value: float, answers: Sequence[str]) -> str:
    if isinstance(control, Choice):
        return answers[int(value)]
    if isinstance(control, Tick):
        return "1" if value > 0 else "0"
    return _number(value, control.per)


def _number(value: float, per: int = 1) -> str:
    return written(round(Decimal(str(value)) * per, DECIMALS))


def _shares(change: Move, example: Example, controls: dict[str, AnyControl]) -> dict[str, str] | None:
    """What the giver and the taker have then; the last site has no control, for it supplies the rest."""
    if change.taker is None:
        return None
    stage = next((item for item in example.stages if item.code == STAGES[change.stage]), None)
    if stage is None or not stage.shares:
        return None
    values = {}
    for site, sign in ((change.giver, -1), (change.taker, 1)):
        name = f"share_{stage.code}_{site}"
        control = controls.get(name)
        if isinstance(control, Number):
            values[name] = written(round(Decimal(control.rest) + sign * Decimal(str(change.share)) * 100, DECIMALS))
        elif str(site) != stage.feis[-1]:
            return None
    return values
