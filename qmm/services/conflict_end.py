"""A declared conflict of interest that is over: from a day on, with the reason. Cases in which it was declared stay."""

from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from dscr.access.models import User
from dscr.access.roles import Scope
from dscr.access.scoping import scope_of
from dscr.texts import clean
from qmm.models import AssessmentCase, ConflictDeclaration, ConflictEnd
from qmm.services.course import CourseError
from qmm.services.course_people import recused_words

LONGEST, AHEAD = 2_000, timedelta(days=365)


def standing_with(case: AssessmentCase) -> list[ConflictDeclaration]:
    """What people declared of the establishment's owner and is not over, the newest first."""
    rows = ConflictDeclaration.objects.standing().filter(organisation=case.establishment.owner_id)
    return list(rows.select_related("user"))


def conflict_end(case: AssessmentCase, conflict: int, *, user: User, ends_on: date, reason: str) -> ConflictEnd:
    """By an operator, on a case of the firm. Kept for ever; who has another conflict later declares it. CourseError."""
    if scope_of(user, "run_cases") != Scope.ALL:
        raise CourseError("Only the program operator ends a conflict of interest.")
    found = next((one for one in standing_with(case) if one.pk == conflict), None)
    if found is None:
        raise CourseError("No such conflict of interest with the firm is on record, or it has ended already.")
    if found.user_id == user.pk:
        raise CourseError("Nobody ends their own conflict of interest. Another operator does.")
    if said := recused_words(case, user):
        raise CourseError(said)
    first, reason = timezone.localdate(found.declared_at), clean(reason)
    if not first <= ends_on <= timezone.localdate() + AHEAD:
        raise CourseError(f"Give a day from {first:%Y-%m-%d}, when it was declared, to a year ahead.")
    if not 10 <= len(reason) <= LONGEST:
        raise CourseError(f"Say in 10 to {LONGEST:,} characters why it is over: it is kept.")
    try:
        with transaction.atomic():
            return ConflictEnd.objects.create(declaration=found, ends_on=ends_on, reason=reason, by=user)
    except IntegrityError:
        raise CourseError("An end of it is on record already.") from None
