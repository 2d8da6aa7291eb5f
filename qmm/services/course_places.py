"""Who comes to a case in whose place: with levels of their own, or carrying on with those of who left."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q
from django.utils import timezone

from dscr.access.models import Membership
from qmm.course.steps import COMPARED, Event
from qmm.models import AssessmentCase, CaseAssignment, CaseEvent, ConsensusScore
from qmm.models.case import counting
from qmm.queries.conflicts import conflicts_with
from qmm.services.course_people import team_of


@dataclass(slots=True)
class TeamChange:
    """From the team of today to the members that are named."""

    row: AssessmentCase
    stays: list[CaseAssignment]
    leaving: list[CaseAssignment]
    coming: list[Membership]
    carries: dict[int, CaseAssignment] = field(default_factory=dict)  # by membership: whose levels they carry on
    fallen: list[CaseAssignment] = field(default_factory=list)  # stood until now, of people with a conflict since

    @property
    def is_blind_again(self) -> bool:
        """Somebody gives levels of their own after the levels were compared."""
        return self.row.state in COMPARED and len(self.carries) < len(self.coming)


def team_change(row: AssessmentCase, members: Sequence[Membership]) -> TeamChange:
    """Once the levels are compared, those of who leaves stand, unless a conflict of interest with the firm is on
    record: then whoever comes gives levels of their own, and the case goes back to the scoring."""
    team, named = list(team_of(row)), {one.pk for one in members}
    standing = list(CaseAssignment.objects.filter(case=row, levels_stand=True).select_related("membership__user"))
    held = {one.membership_id for one in team}
    change = TeamChange(
        row,
        [one for one in team if one.membership_id in named],
        [one for one in team if one.membership_id not in named],
        [one for one in members if one.pk not in held],
    )
    tainted = conflicts_with(row.establishment.owner, [one.membership.user_id for one in (*change.leaving, *standing)])
    change.fallen = [one for one in standing if one.membership.user_id in tainted]
    carried = {one.carries_on_id for one in change.stays}
    handed = [one for one in change.leaving if row.state in COMPARED and one.carries_on_id is None and one.finished_at]
    free = [one for one in (*standing, *handed) if one.pk not in carried and one.membership.user_id not in tainted]
    for member in change.coming:
        if free:
            place = next((one for one in free if one.membership.user_id == member.user_id), free[0])
            free.remove(place)
            change.carries[member.pk] = place
    return change


def change_refusal(change: TeamChange) -> str:
    """Who read the colleague's levels gives none of their own any more: they would not be blind."""
    fallen = {one.pk: one.membership.user for one in change.fallen}
    for one in change.stays:
        if one.carries_on_id in fallen:
            return (
                f"{fallen[one.carries_on_id]} has a conflict of interest with the firm, and {one.membership.user}, who "
                "carried on with those levels, has read the others. Choose somebody else."
            )
    came = [one.user_id for one in change.coming]
    left = CaseEvent.objects.filter(case=change.row, event=Event.CONFLICT, by__in=came).select_related("by").first()
    if left:
        return f"{left.by} declared a conflict of interest in this case and left it. Choose somebody else."
    own = [one.user_id for one in change.coming if one.pk not in change.carries]
    read = Q(finished_at__isnull=False) | Q(carries_on__isnull=False, accepted_at__isnull=False)
    before = CaseAssignment.objects.filter(read, case=change.row, membership__user__in=own)
    before = before.exclude(pk__in=[one.pk for one in change.stays]).select_related("membership__user").first()
    if before is None:
        return ""
    who = before.membership.user
    did = "gave the levels of this case before" if before.finished_at else "has read the levels of this case"
    return f"{who} {did}, and left it. They are kept; choose somebody else."


def change_carry_out(change: TeamChange, lead: Membership, today: date) -> None:
    team, row = [*change.stays, *change.leaving], change.row
    rows = CaseAssignment.objects.filter(case=row)
    rows.filter(pk__in=[one.pk for one in change.leaving]).update(ended_on=today)
    rows.filter(pk__in=[one.pk for one in change.fallen]).update(levels_stand=False)
    rows.filter(pk__in=[one.pk for one in change.carries.values()]).update(levels_stand=True)
    rows.filter(pk__in=[one.pk for one in team], ended_on=None).update(is_lead=False)
    for member in change.coming:
        rows.create(case=row, membership=member, assigned_on=today, carries_on=change.carries.get(member.pk))
    rows.filter(membership=lead, ended_on=None).update(is_lead=True)
    if change.is_blind_again:
        ConsensusScore.objects.filter(case=row).update(set_aside_at=timezone.now())


def team_or_givers(row: AssessmentCase) -> list[CaseAssignment]:
    """Who is on the case, and who left it with levels that stand."""
    rows = CaseAssignment.objects.filter(counting() | Q(ended_on=None), case=row)
    return list(rows.select_related("membership__user").order_by("pk"))


def levels_given(row: AssessmentCase) -> list[CaseAssignment]:
    """Whose levels count, the lead's first."""
    rows = CaseAssignment.objects.filter(counting(), case=row).select_related("membership__user")
    return list(rows.order_by("-is_lead", "pk"))
