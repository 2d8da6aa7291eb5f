"""What a merge moves and whom it lets see more, in sentences."""

from typing import Any

from products.models import SupplyNode
from products.services.establishment_merge import NodePlan
from qmm.models import Establishment
from qmm.services.establishment_merge import Moved
from ratings.figures import day, first_up, in_words, joined, percent

KINDS = (
    ("identifiers", "number", "numbers"),
    ("assessments", "assessment", "assessments"),
    ("inspections", "inspection", "inspections"),
    ("cases", "assessment case", "assessment cases"),
    ("contacts", "contact", "contacts"),
    ("evidence", "piece of evidence", "pieces of evidence"),
)
FIELDS = {
    "country": "country",
    "address": "address",
    "owner_id": "owner",
    "operations": "operations",
    "registration_expires_on": "end of its registration",
    "last_seen_on": "last register file",
}


def moved_sentence(moved: Moved) -> str:
    """One number, two assessments and three supply nodes move; four supply nodes of one site become two."""
    parts = [_counted(len(moved[kind]), one, many) for kind, one, many in KINDS if moved.get(kind)]
    nodes = moved["nodes"]
    if nodes["moved"]:
        parts.append(_counted(len(nodes["moved"]), "supply node", "supply nodes"))
    total = sum(len(moved.get(kind, [])) for kind, *_ in KINDS) + len(nodes["moved"])
    said = f"{joined(parts)} {'moves' if total == 1 else 'move'}." if parts else "No row moves."
    if nodes["replaced"]:
        made = len(nodes["made"])
        said += f" {first_up(in_words(len(nodes['replaced'])))} overlapping supply nodes become {in_words(made)}."
    return first_up(said)


def _counted(count: int, one: str, many: str) -> str:
    return f"{in_words(count)} {one if count == 1 else many}"


def filled_words(moved: Moved) -> str:
    """The fields that the staying record lacked and gets from the other."""
    return joined([FIELDS[name] for name in moved["filled"]])


def joint_rows(plan: NodePlan) -> list[dict[str, Any]]:
    return [
        {
            "product": joint.before[0].product,
            "stage": joint.before[0].get_stage_display(),
            "before": [node_words(node) for node in joint.before],
            "after": [node_words(node) for node in joint.after],
        }
        for joint in plan.joints
    ]


def node_words(node: SupplyNode) -> str:
    """60%, qualified, from May 1, 2025 to June 1, 2026."""
    share = percent(node.share) if node.share else "backup"
    until = f" to {day(node.valid_to)}" if node.valid_to else " on"
    return f"{share}, {'qualified' if node.is_qualified else 'not qualified'}, from {day(node.valid_from)}{until}"


def access_words(stays: Establishment, goes: Establishment, assessors: list[str]) -> list[str]:
    """Who reads what afterwards, one sentence for whoever is concerned."""
    said = []
    if stays.owner and goes.owner and stays.owner_id != goes.owner_id:
        said.append(f"{stays.owner} owns the site; {goes.owner} no longer reads what it read as the owner of {goes}.")
    elif stays.owner or goes.owner:
        said.append(f"{stays.owner or goes.owner} owns the site and reads all that is known of it.")
    else:
        said.append("Neither record has an owner, so no firm reads more than before.")
    said.append("What an owner lets makers see was granted for one record, and does not pass to the other.")
    if assessors:
        said.append(f"Assigned to a case, and so reading what is known of the site: {joined(assessors)}.")
    said.append("Makers that buy from the site keep seeing it in their own supply chains, under the name that stays.")
    return said
