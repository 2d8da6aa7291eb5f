"""The steps of a thread. Each is one transaction: the request moves, the message and its files are kept, and who is to
be told is written down; the mail follows after the commit."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from dscr.access.models import User
from dscr.celery import send
from dscr.evidence.storing import Kept, evidence_kept, evidence_room
from dscr.intake import private_files
from products.models import Enrolment, Product
from ratings.models import RatingSnapshot
from ratings.reviews import people
from ratings.reviews.models import ReviewFile, ReviewMessage, ReviewNotice, ReviewRequest, side_of
from ratings.reviews.rules import DAYS, SAME_PERSON, STEPS, Event, Kind, Next, Outcome, Side, State, refusal

FOLDER = "reviews"
NOT_ENROLLED = "Your organization does not have this product enrolled today, so it cannot contest its rating."


class ReviewError(Exception):
    """It cannot be done now; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a form brings. `form` names the form itself: sent twice, it counts once."""

    text: str = ""
    files: Sequence[UploadedFile] = ()
    form: uuid.UUID = field(default_factory=uuid.uuid4)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of a decision: an Outcome and a Next."""

    outcome: str = ""
    next_step: str = ""


def review_open(
    product: Product, *, user: User, kind: str, subject: str, should_be: str, snapshot: RatingSnapshot, given: Given
) -> ReviewRequest:
    """A correction request or a calculation review. ReviewError, FileError."""
    if not enrolled_today(product, user):
        raise ReviewError(NOT_ENROLLED)
    return _opened(
        given,
        user,
        lambda at: ReviewRequest(
            kind=kind,
            product=product,
            organisation=user.membership.organisation,
            snapshot=snapshot,
            subject=subject,
            should_be=should_be,
            opened_by=user,
            opened_at=at,
            due_on=_day(at) + timedelta(days=DAYS[Kind(kind)].decide),
        ),
        "A request of your organization about exactly this is open already. Add to it instead of opening another.",
    )


def review_appeal(decided: ReviewRequest, *, user: User, given: Given) -> ReviewRequest:
    """Against the decision of one of the other two kinds, but once and in time. ReviewError, FileError."""
    if said := appeal_refusal(decided, timezone.localdate()):
        earlier = _sent_before(user, given)
        if earlier:
            return earlier.request
        raise ReviewError(said)
    if not enrolled_today(decided.product, user):
        raise ReviewError(NOT_ENROLLED)
    return _opened(
        given,
        user,
        lambda at: ReviewRequest(
            kind=Kind.APPEAL,
            product=decided.product,
            organisation=decided.organisation,
            snapshot_id=decided.snapshot_id,  # the numbers that the decision was about
            appealed=decided,
            subject=decided.subject,
            should_be=decided.should_be,
            opened_by=user,
            opened_at=at,
            due_on=_day(at) + timedelta(days=DAYS[Kind.APPEAL].decide),
        ),
        "This decision was appealed already, and it can be appealed but once.",
    )


def appeal_refusal(decided: ReviewRequest, today: date) -> str:
    """Why its decision cannot be appealed today; "" where it can."""
    if decided.kind == Kind.APPEAL:
        return "The decision of an appeal is final."
    if decided.state != State.DECIDED:
        return "Only a decision can be appealed, and this request has none."
    if decided.outcome == Outcome.UPHELD:
        return "The request was upheld in full, so there is nothing to appeal."
    if ReviewRequest.objects.filter(appealed=decided).exists():
        return "This decision was appealed already, and it can be appealed but once."
    until = decided.appeal_until
    if until is None or today > until:
        return f"The time to appeal ended on {until:%B} {until.day}, {until.year}." if until else "It has no appeal."
    return ""


def review_step(
    review: ReviewRequest,
    event: Event,
    *,
    user: User,
    given: Given,
    verdict: Verdict | None = None,
    seen: int | None = None,
) -> ReviewMessage:
    """One step of STEPS by one of its sides. `seen`: the newest message that stood on the page of who decides or asks;
    None is any. ReviewError where it may not be now, FileError; nothing is kept then."""
    step, side = STEPS[event], side_of(user.membership)
    files = given.files if step.takes_files else ()
    with evidence_kept(files, FOLDER, already=_file_count(review, files)) as kept, transaction.atomic():
        row = ReviewRequest.objects.select_for_update().get(pk=review.pk)
        if earlier := _sent_before(user, given):
            for one in kept:
                private_files.remove(one.stored.name)
            return earlier
        _refuse(row, event, side, user, given)
        evidence_room(files, already=_file_count(row, files))  # others may have come while these were stored
        if seen is not None and row.messages.filter(side=Side.FIRM, pk__gt=seen).exists():
            raise ReviewError("The firm has written since you opened this page. Read it below, then send yours again.")
        at = timezone.now()
        _move(row, event, user, at, verdict)
        message = _message(row, event, side, user, at, given, kept)
        row.save()  # last: the database takes no message for a closed request, and closes none without one
        return message


def _file_count(review: ReviewRequest, given: Sequence[UploadedFile]) -> int:
    return ReviewFile.objects.filter(message__request=review).count() if given else 0


def _refuse(row: ReviewRequest, event: Event, side: Side | None, user: User, given: Given) -> None:
    if side is None or (side == Side.FIRM and row.organisation_id != user.membership.organisation_id):
        raise ReviewError("Only the two sides of a request write in it.")
    is_late = row.clock.is_late(timezone.localdate()) and row.state == State.MORE_ASKED
    if said := refusal(State(row.state), event, side, answer_is_late=is_late):
        raise ReviewError(said)
    if STEPS[event].needs_text and not given.text.strip():
        raise ReviewError("Write what it is about." if event != Event.DECIDE else "Give the reasons of the decision.")
    decided = row.appealed
    is_same = event in (Event.TAKE, Event.DECIDE) and decided is not None and decided.closed_by_id == user.pk
    if is_same and people.another_operator(user.pk):
        raise ReviewError(SAME_PERSON)


def _move(row: ReviewRequest, event: Event, user: User, at: datetime, verdict: Verdict | None) -> None:
    """The request after the step. Of the time to decide nothing is lost or won while a question is open."""
    today, days = _day(at), DAYS[Kind(row.kind)]
    was, row.state = row.state, STEPS[event].leads[State(row.state)]
    if was == State.MORE_ASKED and row.state != State.MORE_ASKED and row.asked_on:
        row.due_on += today - row.asked_on
        row.asked_on = row.answer_due_on = None
    if event == Event.TAKE:
        row.taken_by = user
    if event == Event.ASK:
        row.asked_on, row.answer_due_on = today, today + timedelta(days=days.answer)
    if event == Event.DECIDE:
        row.outcome, row.next_step = _checked(verdict)
    if row.state in (State.DECIDED, State.WITHDRAWN):
        row.closed_by, row.closed_at = user, at


def _checked(verdict: Verdict | None) -> tuple[str, str]:
    if verdict is None or verdict.outcome not in Outcome.values or verdict.next_step not in Next.values:
        raise ReviewError("Say whether the request is upheld, and what happens next.")
    if verdict.outcome == Outcome.NOT_UPHELD and verdict.next_step != Next.NOTHING:
        raise ReviewError("A request that is not upheld changes nothing. Choose “Nothing changes”, or uphold a part.")
    return verdict.outcome, verdict.next_step


def _opened(given: Given, user: User, build: Callable[[datetime], ReviewRequest], taken: str) -> ReviewRequest:
    if earlier := _sent_before(user, given):
        return earlier.request
    if not given.text.strip():
        raise ReviewError("Write why.")
    try:
        with evidence_kept(given.files, FOLDER) as kept, transaction.atomic():
            at = timezone.now()
            row = build(at)
            row.save(force_insert=True)
            _message(row, Event.OPEN, Side.FIRM, user, at, given, kept)
            return row
    except IntegrityError:
        earlier = _sent_before(user, given)  # by the same form, a moment ago
        if earlier:
            return earlier.request
        raise ReviewError(taken) from None


def _message(
    row: ReviewRequest, event: Event, side: Side, user: User, at: datetime, given: Given, kept: Sequence[Kept]
) -> ReviewMessage:
    membership = user.membership
    message = ReviewMessage.objects.create(
        request=row,
        event=event,
        side=side,
        author=user,
        role=membership.get_role_display(),
        organisation=membership.organisation,
        text=given.text.strip(),
        is_internal=event == Event.NOTE,
        form=given.form,
        written_at=at,
    )
    ReviewFile.objects.bulk_create(ReviewFile(message=message, given_by=user, **one.fields) for one in kept)
    if not message.is_internal:
        to = people.told(row, side) - {user.pk}
        ReviewNotice.objects.bulk_create(ReviewNotice(message=message, user_id=one) for one in sorted(to))
        transaction.on_commit(_kick, robust=True)
    return message


def _sent_before(user: User, given: Given) -> ReviewMessage | None:
    return ReviewMessage.objects.filter(author=user, form=given.form).select_related("request").first()


def enrolled_today(product: Product, user: User) -> bool:
    today = timezone.localdate()
    held: Any = Enrolment.objects.filter(Q(withdrawn_on=None) | Q(withdrawn_on__gt=today), enrolled_on__lte=today)
    return held.filter(product=product, organisation=user.membership.organisation_id).exists()


def _kick() -> None:
    from ratings.tasks import mail_reviews

    send(mail_reviews, expires=60, unless_waiting=5)


def _day(at: datetime) -> date:
    return timezone.localtime(at).date()
