"""What both sides are promised: clocks, one decision, one appeal, nothing twice, nothing changed or deleted."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import InternalError, connection, transaction
from django.utils import timezone

from dscr.access.models import Membership
from dscr.intake import private_files
from dscr.intake.files import FileError
from products.models import Enrolment
from ratings.models import ProductRating, ReviewFile, ReviewMessage, ReviewNotice, ReviewRequest, StaleMark
from ratings.reviews import services
from ratings.reviews.rules import DAYS, SAME_PERSON, Event, Kind, Next, Outcome, State
from ratings.reviews.services import NOT_ENROLLED, Given, ReviewError, Verdict, review_appeal
from tests.evidence.files import EXE, PDF, given
from tests.reviews.conftest import WHY, Desk, with_pdf

Later = Callable[[int], None]
UPHELD = Verdict(Outcome.UPHELD, Next.OFFICE)


def sql(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []


def test_a_request_keeps_what_was_shown(desk: Desk) -> None:
    review = desk.open(Kind.CORRECTION, "kpi:days_inventory_on_hand", given=with_pdf())
    shown = desk.product.rating.published_snapshot
    assert (review.snapshot, review.state, review.should_be) == (shown, State.SUBMITTED, "41 days")
    assert review.due_on == timezone.localdate() + timedelta(days=30)
    message = review.messages.get()
    assert (message.event, message.text, message.author, message.role) == (
        "open",
        WHY,
        desk.editor,
        "Manufacturer editor",
    )
    file = message.files.get()
    assert (file.name, file.kind, file.size) == ("count.pdf", "pdf", len(PDF))
    assert private_files.path_of(file.stored_name).read_bytes() == PDF


def test_neither_a_request_nor_a_decision_touches_head_or_score(desk: Desk) -> None:
    before = ProductRating.objects.filter(product=desk.product).values().get()
    review = desk.in_state(State.IN_REVIEW)
    desk.step(review, Event.DECIDE, verdict=UPHELD)
    assert ProductRating.objects.filter(product=desk.product).values().get() == before
    assert not StaleMark.objects.exists()


def test_the_time_to_decide_stands_still_while_a_question_is_open(desk: Desk, days_later: Later) -> None:
    review, today = desk.in_state(State.IN_REVIEW), timezone.localdate()
    assert review.due_on == today + timedelta(days=20)
    days_later(5)
    desk.step(review, Event.ASK)
    assert review.clock.days_left == 15
    assert review.answer_due_on == today + timedelta(days=5 + 14)
    days_later(8)
    desk.step(review, Event.ANSWER)
    assert (review.state, review.due_on) == (State.IN_REVIEW, today + timedelta(days=23))
    assert (review.asked_on, review.answer_due_on) == (None, None)
    desk.step(review, Event.ASK)
    desk.step(review, Event.ANSWER)  # the same day costs nothing and wins nothing
    assert review.due_on == today + timedelta(days=23)


def test_without_an_answer_in_time_it_can_be_decided(desk: Desk, days_later: Later) -> None:
    review = desk.in_state(State.MORE_ASKED)
    days_later(14)
    with pytest.raises(ReviewError, match="You can decide without it once the time to answer has passed"):
        desk.step(review, Event.DECIDE)
    days_later(15)
    desk.step(review, Event.DECIDE, text="No count was sent.")
    assert (review.state, review.outcome) == (State.DECIDED, Outcome.NOT_UPHELD)
    assert review.closed_by == desk.operator


def test_a_decision_needs_reasons_and_makes_sense(desk: Desk) -> None:
    review = desk.in_state(State.IN_REVIEW)
    with pytest.raises(ReviewError, match="Give the reasons"):
        desk.step(review, Event.DECIDE, text="  ")
    with pytest.raises(ReviewError, match="Say whether the request is upheld"):
        desk.step(review, Event.DECIDE, verdict=Verdict("", ""))
    with pytest.raises(ReviewError, match="that is not upheld changes nothing"):
        desk.step(review, Event.DECIDE, verdict=Verdict(Outcome.NOT_UPHELD, Next.OFFICE))
    review.refresh_from_db()
    assert review.is_open


def test_what_the_firm_wrote_meanwhile_is_read_first(desk: Desk) -> None:
    review = desk.in_state(State.IN_REVIEW)
    seen = review.messages.last().pk
    desk.step(review, Event.WRITE)
    with pytest.raises(ReviewError, match="The firm has written since you opened this page"):
        desk.step(review, Event.DECIDE, seen=seen)
    desk.step(review, Event.DECIDE, seen=review.messages.last().pk)
    assert review.state == State.DECIDED


def test_a_form_sent_twice_counts_once(desk: Desk, private: Path) -> None:
    once = with_pdf()
    review = desk.open(given=once)
    assert desk.open(given=Given(once.text, [given("count.pdf", PDF)], once.form)) == review
    answer = with_pdf("Once")
    first = desk.step(review, Event.WRITE, given=answer)
    assert desk.step(review, Event.WRITE, given=Given("Once", [given("count.pdf", PDF)], answer.form)) == first
    assert (ReviewMessage.objects.count(), ReviewFile.objects.count(), len(files_in(private))) == (2, 2, 2)
    # A step that has moved the request on is not refused the second time either.
    take = Given()
    assert desk.step(review, Event.TAKE, given=take) == desk.step(review, Event.TAKE, given=take)


def test_the_same_is_not_asked_twice_while_it_is_open(desk: Desk, private: Path) -> None:
    review = desk.open()
    with pytest.raises(ReviewError, match="about exactly this is open already"):
        desk.open(given=with_pdf())
    assert files_in(private) == []
    desk.open(subject="domain:delivery")
    desk.step(review, Event.WITHDRAW, text="")
    assert desk.open().is_open


def test_only_who_has_the_product_enrolled_contests_it(desk: Desk) -> None:
    Enrolment.objects.filter(product=desk.product).update(withdrawn_on=timezone.localdate())
    with pytest.raises(ReviewError) as refused:
        desk.open()
    assert str(refused.value) == NOT_ENROLLED


def test_a_file_that_is_refused_leaves_nothing(desk: Desk, private: Path) -> None:
    review = desk.open()
    with pytest.raises(FileError):
        desk.step(review, Event.WRITE, given=Given("See", [given("a.pdf", PDF), given("b.pdf", EXE)]))
    assert (review.messages.count(), files_in(private)) == (1, [])


def test_the_thread_takes_so_many_files(desk: Desk, settings: pytest.FixtureRequest) -> None:
    settings.EVIDENCE_MOST_FILES = 2
    review = desk.open(given=with_pdf())
    desk.step(review, Event.WRITE, given=with_pdf())
    with pytest.raises(FileError, match="At most 2 files are taken, and 2 are here already"):
        desk.step(review, Event.WRITE, given=with_pdf())


def test_files_that_come_meanwhile_count_too(
    desk: Desk, settings: Any, monkeypatch: pytest.MonkeyPatch, private: Path
) -> None:
    settings.EVIDENCE_MOST_FILES = 2
    review, kept = desk.open(given=with_pdf()), services.evidence_kept

    @contextmanager
    def slow(*args: Any, **kwargs: Any) -> Iterator[Any]:
        with kept(*args, **kwargs) as stored:
            monkeypatch.setattr(services, "evidence_kept", kept)
            desk.step(review, Event.WRITE, given=with_pdf())
            yield stored

    monkeypatch.setattr(services, "evidence_kept", slow)
    with pytest.raises(FileError, match="At most 2 files are taken, and 2 are here already"):
        desk.step(review, Event.WRITE, given=with_pdf())
    assert (ReviewFile.objects.count(), len(files_in(private))) == (2, 2)


class TestAppeals:
    def appeal(self, desk: Desk, decided: ReviewRequest) -> ReviewRequest:
        return review_appeal(decided, user=desk.attestor, given=Given("The reasons do not hold"))

    def test_once_and_by_another_person(self, desk: Desk) -> None:
        decided = desk.in_state(State.DECIDED)
        appeal = self.appeal(desk, decided)
        assert (appeal.kind, appeal.appealed, appeal.snapshot_id) == (Kind.APPEAL, decided, decided.snapshot_id)
        assert appeal.due_on == timezone.localdate() + timedelta(days=45)
        for event in (Event.TAKE, Event.DECIDE):
            with pytest.raises(ReviewError) as refused:
                desk.step(appeal, event)
            assert str(refused.value) == SAME_PERSON
            desk.step(appeal, event, desk.colleague)
        for again in (decided, appeal):
            with pytest.raises(ReviewError, match=r"once|final"):
                self.appeal(desk, again)

    def test_where_there_is_no_other_operator_the_same_decides(self, desk: Desk) -> None:
        appeal = self.appeal(desk, desk.in_state(State.DECIDED))
        Membership.objects.filter(user=desk.colleague).update(ends_on=timezone.localdate())
        desk.step(appeal, Event.TAKE)
        desk.step(appeal, Event.DECIDE)
        assert appeal.closed_by == appeal.appealed.closed_by

    def test_in_time(self, desk: Desk, days_later: Later) -> None:
        decided = desk.in_state(State.DECIDED)
        days_later(31)
        with pytest.raises(ReviewError, match="The time to appeal ended on"):
            self.appeal(desk, decided)
        days_later(30)
        assert self.appeal(desk, decided).is_open

    def test_not_of_what_is_open_withdrawn_or_upheld(self, desk: Desk) -> None:
        review = desk.in_state(State.IN_REVIEW)
        with pytest.raises(ReviewError, match="Only a decision can be appealed"):
            self.appeal(desk, review)
        desk.step(review, Event.DECIDE, verdict=UPHELD)
        with pytest.raises(ReviewError, match="upheld in full"):
            self.appeal(desk, review)
        with pytest.raises(ReviewError, match="Only a decision can be appealed"):
            self.appeal(desk, desk.in_state(State.WITHDRAWN))

    def test_sent_twice_it_is_one(self, desk: Desk) -> None:
        decided, once = desk.in_state(State.DECIDED), Given("The reasons do not hold")
        first = review_appeal(decided, user=desk.editor, given=once)
        assert review_appeal(decided, user=desk.editor, given=once) == first

    def test_every_kind_has_its_days(self) -> None:
        assert set(DAYS) == set(Kind)
        assert DAYS[Kind.APPEAL].appeal == 0


@pytest.mark.parametrize("table", ["ratings_reviewmessage", "ratings_reviewfile", "ratings_reviewrequest"])
def test_the_database_keeps_threads(desk: Desk, table: str) -> None:
    desk.open(given=with_pdf())
    model = {"ratings_reviewmessage": ReviewMessage, "ratings_reviewfile": ReviewFile}.get(table, ReviewRequest)
    rows = model._base_manager.all()
    with pytest.raises(InternalError, match="kept for ever"), transaction.atomic():
        rows._raw_delete(rows.db)
    column = {"ratings_reviewmessage": "text", "ratings_reviewfile": "name"}.get(table, "should_be")
    with pytest.raises(InternalError, match=r"kept for ever|is never changed"), transaction.atomic():
        rows.update(**{column: "other"})


@pytest.mark.parametrize("state", [State.DECIDED, State.WITHDRAWN])
def test_the_database_keeps_decisions(desk: Desk, state: State) -> None:
    review = desk.in_state(state)
    for change in ({"outcome": "upheld"}, {"state": "in_review", "closed_at": None}, {"due_on": "2030-01-01"}):
        with pytest.raises(InternalError, match="A decision is never changed"), transaction.atomic():
            ReviewRequest.objects.filter(pk=review.pk).update(**change)


REVIEW_TABLES = ["reviewfile", "reviewmessage", "reviewnotice", "reviewrequest"]


@pytest.mark.parametrize("table", REVIEW_TABLES)
def test_the_database_is_not_emptied_of_threads(desk: Desk, table: str) -> None:
    desk.open(given=with_pdf())
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(InternalError, match="kept for ever"), transaction.atomic():
        sql(f"TRUNCATE ratings_{table} CASCADE")


@pytest.mark.parametrize("state", [State.DECIDED, State.WITHDRAWN])
def test_the_database_lets_nothing_into_a_closed_thread(desk: Desk, state: State) -> None:
    review = desk.in_state(state)
    last = review.messages.last()
    file = {"name": "x.pdf", "kind": "pdf", "stored_name": "x", "sha256": "0", "size": 1, "given_by": desk.editor}
    with pytest.raises(InternalError, match="nothing more comes into its thread"), transaction.atomic():
        ReviewFile.objects.create(message=last, **file)
    last.pk, last.form = None, uuid.uuid4()
    with pytest.raises(InternalError, match="nothing more comes into its thread"), transaction.atomic():
        last.save(force_insert=True)


DECISION = {"state": "decided", "outcome": "upheld", "next_step": "nothing"}


@pytest.mark.parametrize(
    ("state", "said"),
    [(State.SUBMITTED, "does not go from submitted to decided"), (State.IN_REVIEW, "closed by a message")],
)
def test_the_database_takes_no_decision_out_of_order(desk: Desk, state: State, said: str) -> None:
    review = desk.in_state(state)
    closing = {"closed_at": timezone.now(), "closed_by": desk.operator}
    with pytest.raises(InternalError, match=said), transaction.atomic():
        ReviewRequest.objects.filter(pk=review.pk).update(**DECISION, **closing)
    with pytest.raises(InternalError, match=r"does not go|closed by a message"), transaction.atomic():
        ReviewRequest.objects.filter(pk=review.pk).update(state="withdrawn", **closing)


def test_the_database_takes_no_request_that_begins_decided(desk: Desk) -> None:
    review = desk.in_state(State.DECIDED)
    review.pk = None
    with pytest.raises(InternalError, match="begins as submitted"), transaction.atomic():
        review.save(force_insert=True)


def test_who_is_told(desk: Desk) -> None:
    review = desk.open()

    def told() -> list[str]:
        notices = ReviewNotice.objects.filter(message=review.messages.last())
        return sorted(notices.values_list("user__email", flat=True))

    assert told() == ["olivia@office.example", "oscar@office.example"]
    desk.step(review, Event.TAKE)
    assert told() == ["attestor@halden.example", "editor@halden.example"]
    desk.step(review, Event.NOTE)
    assert told() == []
    desk.step(review, Event.WRITE)
    assert told() == ["olivia@office.example"]
    Membership.objects.filter(user__in=(desk.operator, desk.editor)).update(ends_on=timezone.localdate())
    desk.step(review, Event.WRITE, desk.attestor)
    assert told() == ["oscar@office.example"]
    desk.step(review, Event.WRITE, desk.colleague)
    assert told() == ["attestor@halden.example"]
