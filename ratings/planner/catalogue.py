"""The closed catalogue of kinds of actions: what each means, what it changes, and what its target is.

A target is realistic where the methodology itself names it: the next goalpost of a curve, and its top; one more of
what is counted; the next answer of a list. Nothing is assumed of what a manufacturer withholds or of a site that was
never assessed: reporting it is offered with the least and the most that it can bring.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ratings import figures
from ratings.planner.changes import Change, Kpi, Level, NewNode, keys_of
from ratings.scoring import INDICATORS

ASSESSOR, FDA = "an assessor", "FDA"


class KindCode(StrEnum):
    NEXT_GOALPOST = "next_goalpost"
    TOP_GOALPOST = "top_goalpost"
    NEXT_MATERIAL = "next_material"
    SECOND_LINE = "second_line"
    PLAN = "plan"
    EMERGENCY_PART = "emergency_part"
    EMERGENCY_ALL = "emergency_all"
    BACKUP_NEW_COUNTRY = "backup_new_country"
    BACKUP_SAME_COUNTRY = "backup_same_country"
    FURTHER_FDF = "further_fdf"
    QUALIFY = "qualify"
    RESOLVE = "resolve"
    AREA = "area"
    LEVEL = "level"
    NEARER = "nearer"
    REPORT = "report"
    NAME_STAGE = "name_stage"
    ASSESS = "assess"


@dataclass(frozen=True, slots=True)
class Kind:
    """`is_open`: the gain depends on what will be reported, so it has a least and a most instead of one figure.
    `decided_by`: who else must act before it counts; "" where the firm's own forms are enough."""

    code: KindCode
    label: str
    meaning: str
    changes: str
    target: str
    is_open: bool = False
    decided_by: str = ""


KINDS: dict[KindCode, Kind] = {
    kind.code: kind
    for kind in (
        Kind(
            KindCode.NEXT_GOALPOST,
            "To the next goalpost",
            "Improve a reported figure as far as the next point at which the method’s curve bends.",
            "One reported figure; of counts the first, out of the same whole.",
            "The next goalpost of the figure’s curve.",
        ),
        Kind(
            KindCode.TOP_GOALPOST,
            "To the top of the curve",
            "Improve a reported figure until more would earn nothing.",
            "One reported figure; of counts the first, out of the same whole.",
            "The goalpost with the most points.",
        ),
        Kind(
            KindCode.NEXT_MATERIAL,
            "Dual-source one more material",
            "Qualify a second source for one critical material that has only one.",
            "The count of critical materials with two or more qualified sources.",
            "One material more.",
        ),
        Kind(
            KindCode.SECOND_LINE,
            "Qualify a second line",
            "Qualify another finished-dose line for the product.",
            "The number of qualified lines.",
            "As many lines as the method calls redundant.",
        ),
        Kind(
            KindCode.PLAN,
            "Risk management plan",
            "Write the plan, review it, or test it and close the actions that result.",
            "The answer on the risk management plan.",
            "A better answer of the list.",
        ),
        Kind(
            KindCode.EMERGENCY_PART,
            "One part of the emergency stock process",
            "Put one of the five parts of the process in place.",
            "One box of the emergency stock process.",
            "The box is ticked. Without a written process no other part counts.",
        ),
        Kind(
            KindCode.EMERGENCY_ALL,
            "The whole emergency stock process",
            "Put every part of the process in place that is missing.",
            "All boxes of the emergency stock process.",
            "All boxes are ticked.",
        ),
        Kind(
            KindCode.BACKUP_NEW_COUNTRY,
            "Backup API supplier in a new country",
            "Qualify a further API supplier in a country where you have none yet. It need not supply today.",
            "The supply nodes: one more, qualified, with no share.",
            "One supplier more.",
        ),
        Kind(
            KindCode.BACKUP_SAME_COUNTRY,
            "Backup API supplier in the same country",
            "Qualify a further API supplier in a country that has one already. It need not supply today.",
            "The supply nodes: one more, qualified, with no share.",
            "One supplier more.",
        ),
        Kind(
            KindCode.FURTHER_FDF,
            "Further finished-dose site",
            "Qualify a further finished-dose establishment, your own or a contract manufacturer’s.",
            "The supply nodes: one more, qualified, with no share.",
            "One site more.",
        ),
        Kind(
            KindCode.QUALIFY,
            "Qualify a supplier that you name",
            "Have it named in the approved application and make a commercial or validation batch there.",
            "Whether a supply node is qualified.",
            "It is qualified.",
        ),
        Kind(
            KindCode.RESOLVE,
            "Resolve an official action",
            "Correct what FDA found at the site until the action is closed.",
            "The official action at one site.",
            "It is resolved. Only FDA decides that.",
            decided_by=FDA,
        ),
        Kind(
            KindCode.AREA,
            "One practice area up by one level",
            "Improve one practice area of a site’s quality management by one level, shown by a new assessment.",
            "The QMM level of one site, the mean of its areas.",
            "One area, one level.",
            decided_by=ASSESSOR,
        ),
        Kind(
            KindCode.LEVEL,
            "A site to its next level",
            "Improve a site’s quality management until its mean reaches the next whole level.",
            "The QMM level of one site, the mean of its areas.",
            "The next whole level.",
            decided_by=ASSESSOR,
        ),
        Kind(
            KindCode.NEARER,
            "Make more of it near",
            "Move a quarter of a stage’s supply from its largest distant site to the United States, Canada or Mexico.",
            "The shares of supply at one stage.",
            "A quarter of the stage, or all that the distant site makes. A new site is taken as mature as the one that "
            "gives the supply away.",
        ),
        Kind(
            KindCode.REPORT,
            "Report what is withheld",
            "Answer a question that is not disclosed. It counts as the worst until then.",
            "One question of the questionnaire.",
            "Your true figure, which only you know: the least and the most that it can bring are shown.",
            is_open=True,
        ),
        Kind(
            KindCode.NAME_STAGE,
            "Name who supplies a stage",
            "Give the establishments of a stage that has none. It counts as the worst until then.",
            "The supply nodes of one stage.",
            "Your true suppliers: the least and the most that they can bring are shown.",
            is_open=True,
        ),
        Kind(
            KindCode.ASSESS,
            "Have a site assessed",
            "Ask for an assessment of a site that has none that is valid. It counts as the lowest level until then.",
            "The QMM level of one site.",
            "What the assessment finds: the least and the most that it can bring are shown.",
            is_open=True,
            decided_by=ASSESSOR,
        ),
    )
}

# Which kinds act on an indicator that is read from the supply nodes. Every other one is read from a question and has
# a goalpost to reach, or an answer to give.
KINDS_OF_SUPPLY = {
    "backup_api_suppliers": (KindCode.BACKUP_NEW_COUNTRY, KindCode.BACKUP_SAME_COUNTRY, KindCode.QUALIFY),
    "manufacturing_redundancy": (KindCode.FURTHER_FDF, KindCode.SECOND_LINE, KindCode.QUALIFY),
    "domestic_nearshore_share": (KindCode.NEARER,),
}


# In words, or a question with its figures: most actions of a large portfolio are never shown, so never worded.
Words = str | tuple[str, tuple[float, ...]]


def _told(words: Words) -> str:
    return words if isinstance(words, str) else figures.reported(*words)


@dataclass(frozen=True, slots=True)
class Action:
    """One proposal for one product. `changes` are the inputs at the target; of an open kind at their worst, and
    `at_best` then holds the other end. `query` is the same in the settings of the what-if page."""

    code: str
    kind: KindCode
    label: str
    was: Words
    then: Words
    changes: tuple[Change, ...]
    indicator: str = ""  # which it acts on most; "" for the sites' QMM
    kpi: str = ""  # the question that would be answered anew
    at_best: tuple[Change, ...] = ()

    @property
    def before(self) -> str:
        return _told(self.was)

    @property
    def after(self) -> str:
        return _told(self.then)

    @property
    def keys(self) -> frozenset[tuple]:
        return keys_of(self.changes)

    @property
    def is_single_minded(self) -> bool:
        """It only raises inputs that never lower a score; moving shares may help one domain and harm another."""
        return all(isinstance(change, Kpi | Level) or is_backup(change) for change in self.changes)

    @property
    def is_open(self) -> bool:
        return KINDS[self.kind].is_open

    @property
    def decided_by(self) -> str:
        """Who else must act before it counts. A new site that is taken as mature has to be assessed so."""
        is_taken_as_mature = any(isinstance(change, NewNode) and change.level > 0 for change in self.changes)
        return ASSESSOR if is_taken_as_mature else KINDS[self.kind].decided_by

    @property
    def meaning(self) -> str:
        """Of a goalpost what raises that very figure, as the method says."""
        is_goalpost = self.kind in (KindCode.NEXT_GOALPOST, KindCode.TOP_GOALPOST)
        return INDICATORS[self.indicator].remedy if is_goalpost else KINDS[self.kind].meaning


def is_backup(change: Change) -> bool:
    return isinstance(change, NewNode) and change.share == 0


def go_together(actions: Sequence[Action]) -> bool:
    """No two of them change the same input."""
    return len(frozenset().union(*(action.keys for action in actions))) == sum(len(action.keys) for action in actions)
