"""The pair of appendix_b, its firm's people, two operators, and threads in every state."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dscr.access.models import Organisation, User
from dscr.access.roles import OrganisationKind, Role
from ratings.models import ReviewRequest
from ratings.reviews import services
from ratings.reviews.rules import Event, Kind, Next, Outcome, State
from ratings.reviews.services import Given, Verdict, review_step
from tests.evidence.files import PDF, given
from tests.pages import factory

FIRM = "Halden Group"
ANSWER, WHY = "The stock was counted twice", "Snorkelbeam says the stock is 41 days"


class Desk:
    """People of both sides, the product, and short ways to do what they do."""

    def __init__(self) -> None:
        self.product, self.twin = factory.appendix_b()
        Organisation.objects.filter(name=FIRM).update(kinds=[OrganisationKind.MANUFACTURER])
        factory.settle(self.product, self.twin)
        self.editor = factory.user_of(FIRM, Role.MANUFACTURER_EDITOR, "editor@halden.example")
        self.attestor = factory.user_of(FIRM, Role.ATTESTOR, "attestor@halden.example")
        self.operator = factory.user_with(Role.OPERATOR, "olivia@office.example")
        self.colleague = factory.user_with(Role.OPERATOR, "oscar@office.example")
        self.auditor = factory.user_with(Role.AUDITOR, "auditor@office.example")

    def open(self, kind: Kind = Kind.CALCULATION, subject: str = "domain:inventory", **more: Any) -> ReviewRequest:
        more.setdefault("given", Given(WHY))
        return services.review_open(
            more.pop("product", self.product),
            user=more.pop("user", self.editor),
            kind=kind,
            subject=subject,
            should_be="41 days" if kind == Kind.CORRECTION else "",
            snapshot=self.product.rating.published_snapshot,
            **more,
        )

    def step(
        self, review: ReviewRequest, event: Event, user: User | None = None, text: str = ANSWER, **more: Any
    ) -> Any:
        side = self.operator if event in (Event.TAKE, Event.ASK, Event.NOTE, Event.DECIDE) else self.editor
        if event == Event.DECIDE:
            more.setdefault("verdict", Verdict(Outcome.NOT_UPHELD, Next.NOTHING))
        message = review_step(review, event, user=user or side, given=more.pop("given", Given(text)), **more)
        review.refresh_from_db()
        return message

    def in_state(self, state: State, kind: Kind = Kind.CALCULATION) -> ReviewRequest:
        if kind == Kind.APPEAL:
            review = services.review_appeal(
                self.in_state(State.DECIDED), user=self.editor, given=Given("The reasons do not hold")
            )
        else:
            review = self.open(kind)
        ways: dict[State, list[Event]] = {
            State.SUBMITTED: [],
            State.IN_REVIEW: [Event.TAKE],
            State.MORE_ASKED: [Event.TAKE, Event.ASK],
            State.DECIDED: [Event.TAKE, Event.DECIDE],
            State.WITHDRAWN: [Event.WITHDRAW],
        }
        for event in ways[state]:
            self.step(review, event, self.colleague if kind == Kind.APPEAL and event != Event.WITHDRAW else None)
        assert review.state == state
        return review


@pytest.fixture
def desk(db: None, private: Path) -> Desk:
    return Desk()


@pytest.fixture
def private(settings: Any, tmp_path: Path) -> Path:
    settings.PRIVATE_FILES = tmp_path / "private"
    return settings.PRIVATE_FILES


@pytest.fixture
def days_later(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """days_later(3) lets the program's clock stand three days from now."""
    now = timezone.now

    def later(days: int) -> None:
        monkeypatch.setattr(timezone, "now", lambda: now() + timedelta(days=days))

    return later


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def with_pdf(text: str = WHY, name: str = "count.pdf") -> Given:
    return Given(text, [given(name, PDF)])
