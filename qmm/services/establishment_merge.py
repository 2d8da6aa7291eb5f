"""Two records found to be one site: what is known of it moves to the record that stays, and back by the merge's record.

Only establishments and what hangs on them here; supply nodes are moved by products, the whole is put together in
ratings/mergers.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Model, QuerySet
from django.db.models.functions import Lower

from qmm.models import (
    Assessment,
    AssessmentCase,
    CaseAssignment,
    Establishment,
    EstablishmentContact,
    EstablishmentIdentifier,
    EstablishmentMerge,
    Inspection,
    SiteEvidence,
)
from qmm.queries.conflicts import conflicts_with

# Kind of the merge's record -> what moves.
MOVING: dict[str, type[Model]] = {
    "identifiers": EstablishmentIdentifier,
    "assessments": Assessment,
    "inspections": Inspection,
    "cases": AssessmentCase,
    "contacts": EstablishmentContact,
    "evidence": SiteEvidence,
}
FILLED = ("country", "address", "owner_id", "operations", "registration_expires_on", "last_seen_on")
Moved = dict[str, Any]


@dataclass(eq=False)
class MergeRefusedError(Exception):
    """It cannot be done; `reasons` say in plain words why, and what to do."""

    reasons: list[str]


def pair_lock(stays: int, goes: int) -> tuple[Establishment, Establishment]:
    """Both records, locked until the transaction ends: nobody writes a row that names either meanwhile.

    Establishment.DoesNotExist where one is not there.
    """
    rows = {
        row.pk: row for row in Establishment.objects.select_for_update().filter(pk__in=[stays, goes]).order_by("pk")
    }
    if stays not in rows or goes not in rows:
        raise Establishment.DoesNotExist
    return rows[stays], rows[goes]


def merge_problems(stays: Establishment, goes: Establishment) -> list[str]:
    """Why the two must not be merged this way; [] where nothing stands against it."""
    if stays.pk == goes.pk:
        return ["This is one record. Choose two."]
    found = [
        f"{site} was merged into another record already. Choose the record that stands for it."
        for site in (stays, goes)
        if site.merged_into_id
    ]
    if stays.is_synthetic != goes.is_synthetic:
        found.append("One of them is demonstration data, the other is not. They cannot be one site.")
    if _is_in_confidence(stays) and not (_is_in_confidence(goes) and stays.reported_by_id == goes.reported_by_id):
        found.append(
            f"{stays} was given in confidence by one firm, so it cannot stand for a record that others know. Let "
            f"{goes} stay instead, or first give {stays} the name that the register has for it and clear “reported by”."
        )
    if AssessmentCase.objects.filter(establishment__in=[stays, goes], closed_on=None).count() > 1:
        found.append("Both have an open assessment case. Close one of them first: a site has one open case at a time.")
    return found + _conflicts(stays, goes)


def _conflicts(stays: Establishment, goes: Establishment) -> list[str]:
    """Assessors of the open case who must not assess the firm to which the site is going to belong."""
    firm = stays.owner or (fields_to_fill(stays, goes).get("owner_id") and goes.owner)
    team = CaseAssignment.objects.filter(
        case__establishment__in=[stays, goes], case__closed_on=None, ended_on=None
    ).select_related("membership__user", "case__establishment")
    people = {row.membership.user_id: row for row in team}
    return [
        f"{people[user].membership.user}, who assesses {people[user].case.establishment}, {reason}: {firm}. Assign "
        "somebody else to that case first."
        for user, reason in sorted(conflicts_with(firm or None, list(people)).items())
    ]


def records_merge(stays: Establishment, goes: Establishment) -> Moved:
    """Moves the rows, fills what the staying record lacks, and lets the other lead to it. Call `pair_lock` first.

    Returns what moved: primary keys by kind; `filled`: column -> what it was and what it is now.
    """
    moved: Moved = {kind: sorted(rows.values_list("pk", flat=True)) for kind, rows in rows_to_move(stays, goes).items()}
    for kind, keys in moved.items():
        MOVING[kind].objects.filter(pk__in=keys).update(establishment=stays)
    filled = fields_to_fill(stays, goes)
    moved["filled"] = {name: [_json(getattr(stays, name)), _json(value)] for name, value in filled.items()}
    if filled:
        Establishment.objects.filter(pk=stays.pk).update(**filled)
    moved["former"] = list(goes.former.order_by("pk").values_list("pk", flat=True))
    goes.former.update(merged_into=stays)
    Establishment.objects.filter(pk=goes.pk).update(merged_into=stays)
    return moved


def rows_to_move(stays: Establishment, goes: Establishment) -> dict[str, QuerySet]:
    """Voided rows stay where they were, and so does a second FEI: it leads to the site all the same."""
    found = {kind: model.objects.filter(establishment=goes) for kind, model in MOVING.items()}
    if EstablishmentIdentifier.objects.filter(establishment=stays, scheme="fei").exists():
        found["identifiers"] = found["identifiers"].exclude(scheme="fei")
    # The people whom an owner named are told to nobody but that owner.
    is_one_firm = goes.owner_id is not None and goes.owner_id == (stays.owner_id or goes.owner_id)
    known = EstablishmentContact.objects.filter(establishment=stays, ended_at=None).values(low=Lower("email"))
    contacts = found["contacts"].annotate(low=Lower("email")).exclude(low__in=known)
    found["contacts"] = contacts if is_one_firm else contacts.none()
    for kind, model in MOVING.items():
        if hasattr(model, "void_reason"):
            found[kind] = found[kind].filter(voided_at=None)
    return found


def fields_to_fill(stays: Establishment, goes: Establishment) -> dict[str, Any]:
    """What the staying record lacks and the other has; nothing that a firm gave in confidence."""
    if _is_in_confidence(goes) and not _is_in_confidence(stays):
        return {}
    return {name: getattr(goes, name) for name in FILLED if not getattr(stays, name) and getattr(goes, name)}


def records_unmerge(merge: EstablishmentMerge, stays: Establishment, goes: Establishment) -> list[str]:
    """Moves back exactly what the record names; returns why it cannot, having moved nothing then.

    What was filled in goes again unless somebody changed it since. New rows stay with the record that stayed, but the
    outcome of a case goes with its case.
    """
    if stays.merged_into_id:
        return [f"{stays} was merged into another record since. Undo that merge first."]
    problems = []
    for kind, model in MOVING.items():
        keys = merge.moved.get(kind, [])
        here = model.objects.filter(pk__in=keys, establishment=stays).count()
        if here != len(keys):
            problems.append(f"Of the {len(keys)} {kind} that moved, {len(keys) - here} went elsewhere or were deleted.")
    if problems:
        return problems
    Establishment.objects.filter(pk=goes.pk).update(merged_into=None)
    Establishment.objects.filter(pk__in=merge.moved["former"], merged_into=stays).update(merged_into=goes)
    for kind, model in MOVING.items():
        model.objects.filter(pk__in=merge.moved.get(kind, []), establishment=stays).update(establishment=goes)
    # What a case that moved came to since is of the site that was visited.
    Assessment.objects.filter(case__in=merge.moved.get("cases", []), establishment=stays).update(establishment=goes)
    before = {name: was for name, (was, now) in merge.moved["filled"].items() if _json(getattr(stays, name)) == now}
    if before:
        Establishment.objects.filter(pk=stays.pk).update(**before)
    return []


def _is_in_confidence(site: Establishment) -> bool:
    return site.reported_by_id is not None and site.last_seen_on is None


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
