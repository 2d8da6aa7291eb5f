"""The worked example's form, ready for its template: blocks of groups of inputs with what each of them says now."""

from dataclasses import dataclass

from ratings.scoring import load_methodology
from ratings.worked_example.comparison import Comparison
from ratings.worked_example.controls import AnyControl
from ratings.worked_example.settings import Setting


@dataclass(frozen=True, slots=True)
class Input:
    control: AnyControl
    value: str
    error: str

    @property
    def is_ticked(self) -> bool:
        return self.value == "1"


@dataclass(frozen=True, slots=True)
class Group:
    """The inputs of one question, site or stage. `key` finds its words among Comparison.shown."""

    key: str
    label: str
    hint: str
    main: list[Input]
    boxes: list[Input]
    shown: str

    @property
    def names_itself(self) -> bool:
        """A group with one figure needs no label beside the group's."""
        return len(self.main) == 1 and self.main[0].control.label == self.label


@dataclass(frozen=True, slots=True)
class Block:
    code: str
    label: str
    groups: list[Group]
    is_open: bool  # something in it was moved or is wrong


def blocks(setting: Setting, comparison: Comparison | None) -> list[Block]:
    """Sites first, as the domains do, then domain by domain, then what happened to the product."""
    example, shown = setting.example, comparison.shown if comparison else {}

    def inputs(controls: tuple[AnyControl, ...]) -> list[Input]:
        return [
            Input(control, setting.values[control.name], setting.errors.get(control.name, "")) for control in controls
        ]

    def block(code: str, label: str, rows: list[tuple[str, str, str, tuple, tuple]]) -> Block:
        groups = [
            Group(key, name, hint, inputs(main), inputs(boxes), shown.get(key, ""))
            for key, name, hint, main, boxes in rows
        ]
        controls = [control for *_, main, boxes in rows for control in (*main, *boxes)]
        is_open = setting.moved(*controls) or any(control.name in setting.errors for control in controls)
        return Block(code, label, groups, is_open)

    found = [
        block(
            "sites",
            "Quality management maturity of the sites",
            [(site.fei, site.name, site.does, (site.level,), (site.unassessed, site.action)) for site in example.sites],
        ),
        block(
            "stages",
            "Who supplies the API and the finished dose",
            [
                (stage.code, stage.label, stage.note, (*stage.shares, *stage.choices), stage.qualified)
                for stage in example.stages
            ],
        ),
    ]
    for domain in load_methodology(example.version).domains:
        rows = [
            (item.code, item.label, "", item.controls, item.all_controls[len(item.controls) :])
            for item in example.questions
            if item.domain == domain.code
        ]
        if rows:
            found.append(block(domain.code, domain.label, rows))
    past = (example.prior_band,) if example.prior_band else ()
    name = "Shortage and past band" if past else "Shortage"
    history = [("history", name, "", past, (example.in_shortage,))]
    return [*(item for item in found if item.groups), block("history", "What happened to the product", history)]
