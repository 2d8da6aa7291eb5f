"""A case in individual scoring, with its two assessors, and people who must not see their levels."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from dscr.access.models import Organisation, User
from dscr.access.roles import OrganisationKind, Role
from qmm.models import AssessmentCase, CaseAssignment, Establishment
from qmm.rubric import in_order
from qmm.rubric.shipped import shipped
from qmm.services.scoring import Change, Saved, levels_save, scoring_finish
from tests.pages import factory

CODES = in_order(shipped())


@dataclass
class Visit:
    """Ada leads, Bo is beside her; Cyd is an assessor without this case; Dan works at the site's owner."""

    case: AssessmentCase
    ada: User
    bo: User
    cyd: User
    dan: User
    operator: User
    auditor: User
    first: CaseAssignment
    second: CaseAssignment

    @property
    def address(self) -> str:
        return f"/assessments/{self.case.pk}/scores/"

    @property
    def consensus(self) -> str:
        return f"/assessments/{self.case.pk}/consensus/"

    def save(self, assignment: CaseAssignment, **now: str) -> Saved:
        """MC1_level="3": from blank."""
        changes = {key.replace("_", "."): Change("", text) for key, text in now.items()}
        return levels_save(assignment, changes, user=assignment.membership.user)

    def finish(self, assignment: CaseAssignment, level: str = "3", **levels: str) -> None:
        """Every level, and done."""
        given = {f"{code}.level": Change("", levels.get(code, level)) for code in CODES}
        levels_save(assignment, given, user=assignment.membership.user)
        scoring_finish(assignment, user=assignment.membership.user)
        assignment.refresh_from_db()

    def move(self, state: str) -> None:
        self.case.refresh_from_db()
        self.case.state = state
        self.case.save()


def make_visit() -> Visit:
    today = timezone.localdate()
    owner = Organisation.objects.create(name="Halden Group", kinds=[OrganisationKind.MANUFACTURER])
    site = Establishment.objects.create(name="Halden Plant 2", country="USA", owner=owner)
    case = AssessmentCase.objects.create(establishment=site, state="scoring", requested_on=today - timedelta(days=90))
    people = {}
    for name, role in (("ada", Role.LEAD_ASSESSOR), ("bo", Role.ASSESSOR), ("cyd", Role.ASSESSOR)):
        people[name] = factory.user_of("Assessors", role, f"{name}@assess.example")
    people["dan"] = factory.user_of("Halden Group", Role.ESTABLISHMENT_CONTACT, "dan@halden.example")
    people["operator"] = factory.user_of("Office", Role.OPERATOR)
    people["auditor"] = factory.user_of("Office", Role.AUDITOR)
    for name, user in people.items():
        user.full_name = f"{name.title()} Person"
        user.save()
    first, second = (
        CaseAssignment.objects.create(
            case=case,
            membership=people[name].membership,
            is_lead=name == "ada",
            assigned_on=today,
            accepted_at=timezone.now(),
        )
        for name in ("ada", "bo")
    )
    return Visit(case=case, first=first, second=second, **people)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def visit(db: None) -> Visit:
    return make_visit()
