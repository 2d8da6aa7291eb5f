"""A site of a firm that makes a product for the US market, its people, two assessors, and a case in every state."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dscr.access.models import Organisation, User
from dscr.access.roles import OrganisationKind, Role
from qmm.course.plans import key_of
from qmm.course.steps import PATH, WEEKS_AHEAD, Event, State
from qmm.models import AssessmentCase, CaseAssignment, CaseSheet, ConsensusScore, ElementScore, Establishment
from qmm.queries.scores import codes_of
from qmm.services.course import case_assign, case_request, case_step, case_take
from qmm.services.course_sheet import sheet_of
from qmm.services.expiry import cases_expire
from qmm.services.plan import draft_add, draft_save
from qmm.services.rubric import Change
from qmm.services.validity import last_day
from tests.pages import factory

FIRM, FEI = "Halden Group", "3001000001"


class Desk:
    """People of all sides, the site, and short ways to do what they do. `later(days)` moves the program's clock."""

    def __init__(self, later: Callable[[int], None]) -> None:
        self.later = later
        self.product, self.twin = factory.appendix_b()
        Organisation.objects.filter(name=FIRM).update(kinds=[OrganisationKind.MANUFACTURER])
        self.site = Establishment.objects.get(identifiers__value=FEI)
        self.site.owner = Organisation.objects.get(name=FIRM)
        self.site.save()
        self.site.inspections.all().delete()
        self.inspect("VAI")
        self.contact = factory.user_of(FIRM, Role.ESTABLISHMENT_CONTACT, "contact@halden.example")
        self.attestor = factory.user_of(FIRM, Role.ATTESTOR, "attestor@halden.example")
        self.operator = factory.user_of("Office", Role.OPERATOR, "olivia@office.example")
        self.auditor = factory.user_of("Office", Role.AUDITOR, "auditor@office.example")
        self.lead = factory.user_of("Assessors", Role.LEAD_ASSESSOR, "lena@assessors.example")
        self.second = factory.user_of("Assessors", Role.ASSESSOR, "aron@assessors.example")
        self.third = factory.user_of("Assessors", Role.ASSESSOR, "tess@assessors.example")
        self.stranger = factory.user_of("Elsewhere Pharma", Role.ESTABLISHMENT_CONTACT, "contact@elsewhere.example")

    def inspect(self, classification: str, days_ago: int = 90) -> None:
        self.site.inspections.create(
            classification=classification, ended_on=timezone.localdate() - timedelta(days=days_ago)
        )

    def request(self, user: User | None = None) -> AssessmentCase:
        return case_request(self.site, user=user or self.contact)

    def step(self, case: AssessmentCase, event: Event, user: User | None = None, **more: Any) -> AssessmentCase:
        """By whom it belongs to, with what it needs."""
        by_firm = event in (Event.RETURN, Event.CONFIRM, Event.WITHDRAW, Event.SUBMIT_PLAN)
        by_lead = event in (Event.BEGIN, Event.END_VISIT, Event.MEET, Event.AGREE, Event.SEND_DRAFT, Event.REOPEN)
        if event in (Event.SCHEDULE, Event.RESCHEDULE):
            more.setdefault("visit_on", timezone.localdate() + timedelta(weeks=WEEKS_AHEAD))
        more.setdefault("note", "Because it is so.")
        moved = case_step(
            case, event, user or (self.contact if by_firm else self.lead if by_lead else self.operator), **more
        )
        case.refresh_from_db()
        return moved

    def assign(self, case: AssessmentCase, second: User | None = None, **more: Any) -> None:
        second = second or self.second
        case_assign(case, user=self.operator, lead=self.lead.membership, second=second.membership, **more)

    def take(self, case: AssessmentCase, *people: User) -> None:
        for user in people or (self.lead, self.second):
            case_take(case, user=user, has_conflict=False)

    def write(self, case: AssessmentCase, kind: str = CaseSheet.Kind.QUESTIONNAIRE, text: str = "Written.") -> None:
        """Every text of a sheet, whoever's turn it is."""
        sheet = sheet_of(case, kind)
        sheet.texts = {item["code"]: text for item in sheet.asked}
        sheet.save()

    def score(self, case: AssessmentCase, user: User, level: int = 3, finish: bool = True, notes: str = "") -> None:
        assignment = CaseAssignment.objects.get(case=case, membership=user.membership, ended_on=None)
        ElementScore.objects.bulk_create(
            ElementScore(assignment=assignment, element=code, level=level, notes=notes) for code in codes_of(case)
        )
        CaseAssignment.objects.filter(pk=assignment.pk).update(finished_at=timezone.now() if finish else None)

    def agree(self, case: AssessmentCase, level: int = 4) -> None:
        ConsensusScore.objects.bulk_create(
            ConsensusScore(case=case, element=code, level=level, decided_by=self.lead) for code in codes_of(case)
        )

    def ready(self, case: AssessmentCase) -> None:
        """What the step that leads on asks for besides its state."""
        if case.state == State.ACCEPTED and not case.assignments.exists():
            self.assign(case)
            self.take(case)
        if case.state == State.QUESTIONNAIRE_ISSUED:
            self.write(case)
        if case.state == State.SCHEDULED:
            self.later((case.visit_starts_on - timezone.localdate()).days)
        if case.state == State.SCORING:
            self.score(case, self.lead, 3)
            self.score(case, self.second, 4)
        if case.state == State.CONSENSUS:
            self.agree(case)
        if case.state == State.DRAFT_REPORT:
            self.write(case, CaseSheet.Kind.DRAFT)
        if case.state == State.FACT_CHECK:
            self.step(case, Event.CONFIRM)
        if case.state == State.FINAL:
            self.plan(case, self.action())

    def action(self, **texts: str) -> dict[str, str]:
        """The texts of an action that is complete, or with `texts` in their place."""
        return {
            "answers": "MC1",
            "what": "Quality council every month, with minutes.",
            "who": "Dana Ruiz",
            "due": days(90).isoformat(),
            "target": "5",
        } | texts

    def plan(self, case: AssessmentCase, *actions: dict[str, str]) -> None:
        """Drafts these actions."""
        for texts in actions:
            number = draft_add(case, user=self.contact)
            changes = {key_of(number, name): Change("", text) for name, text in texts.items()}
            draft_save(case, user=self.contact, changes=changes)

    def go_on(self, case: AssessmentCase) -> None:
        from qmm.course.steps import NEXT

        self.ready(case)
        if case.state == State.IMPROVEMENT_PLAN:
            self.later((last_day(case.assessment.completed_on) - timezone.localdate()).days + 1)
            cases_expire()
            case.refresh_from_db()
            return
        self.step(case, NEXT[State(case.state)])

    def in_state(self, state: State) -> AssessmentCase:
        case = self.request()
        if state in PATH:
            while case.state != state:
                self.go_on(case)
        else:
            before = {State.DECLINED: Event.DECLINE, State.WITHDRAWN: Event.WITHDRAW, State.STOPPED: Event.STOP}
            if state == State.STOPPED:
                self.go_on(case)
            self.step(case, before[state])
        assert case.state == state
        return case


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """later(3) lets the program's clock stand three days from now; later again adds to it."""
    now, ahead = timezone.now, [0]

    def move(days: int) -> None:
        ahead[0] += days
        monkeypatch.setattr(timezone, "now", lambda: now() + timedelta(days=ahead[0]))

    return move


@pytest.fixture
def desk(db: None, later: Callable[[int], None]) -> Desk:
    return Desk(later)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def days(count: int) -> date:
    return timezone.localdate() + timedelta(days=count)
