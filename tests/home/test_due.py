"""What a firm owes and when: quarters, figures, qualifications, assessments, cases."""

from datetime import date, timedelta

import pytest

from dscr.access.models import Organisation, User
from dscr.access.roles import Role
from products.models import Enrolment, KpiSubmission, Product, SupplyNode
from products.queries.due import Quarter, last_quarter, quarter_of, submissions_due
from products.services.kpi_draft import draft_open
from tests.home.conftest import FIRM, home_of
from tests.pages import factory

TODAY = date(2026, 10, 20)


@pytest.fixture
def editor(pair: tuple[Product, Product]) -> User:
    return factory.user_of(FIRM, Role.MANUFACTURER_EDITOR)


@pytest.mark.parametrize(
    ("day", "ends", "last"),
    [
        (date(2026, 1, 1), date(2026, 3, 31), date(2025, 12, 31)),
        (date(2026, 6, 30), date(2026, 6, 30), date(2026, 3, 31)),
        (date(2026, 12, 31), date(2026, 12, 31), date(2026, 9, 30)),
    ],
)
def test_quarters(day: date, ends: date, last: date) -> None:
    assert quarter_of(day) == Quarter(ends)
    assert last_quarter(day) == Quarter(last)
    assert Quarter(last).next == Quarter(ends)


def test_a_quarter_is_due_45_days_after_its_end() -> None:
    assert (Quarter(date(2026, 9, 30)).name, Quarter(date(2026, 9, 30)).due_on) == ("Q3 2026", date(2026, 11, 14))


@pytest.mark.parametrize(
    ("newest", "today", "found"),
    [
        (date(2026, 9, 30), TODAY, []),
        (date(2026, 6, 30), TODAY, [("due", "Q3 2026")]),
        (date(2026, 6, 30), date(2026, 11, 14), [("due", "Q3 2026")]),
        (date(2026, 6, 30), date(2026, 11, 15), [("late", "Q3 2026")]),
        (date(2025, 12, 31), TODAY, [("late", "Q1 2026")]),
        (None, TODAY, [("missing", "Q1 2025")]),
    ],
)
def test_figures_are_owed_until_attested(
    editor: User, pair: tuple[Product, Product], newest: date | None, today: date, found: list
) -> None:
    submissions = KpiSubmission.objects.filter(product=pair[0])
    submissions.update(quarter_end=newest) if newest else submissions.update(attested_at=None)
    owed, count = submissions_due(editor, today)
    assert [(due.state, due.quarter.name) for due in owed] == found
    assert count == len(found)


def test_a_product_that_joined_later_owes_the_quarter_in_which_it_joined(
    editor: User, pair: tuple[Product, Product]
) -> None:
    KpiSubmission.objects.filter(product=pair[0]).update(attested_at=None, quarter_end=date(2026, 12, 31))
    Enrolment.objects.filter(product=pair[0]).update(enrolled_on=date(2026, 10, 5))
    (owed,), _ = submissions_due(editor, TODAY)
    assert (owed.state, owed.due_on) == ("due", date(2027, 2, 14))


@pytest.mark.parametrize("ended", [{"withdrawn_on": TODAY}, {"suspended_on": TODAY, "suspension_reason": "x"}])
def test_suspended_and_withdrawn_products_owe_nothing(editor: User, pair: tuple[Product, Product], ended: dict) -> None:
    KpiSubmission.objects.filter(product=pair[0]).update(attested_at=None)
    Enrolment.objects.filter(product=pair[0]).update(**ended)
    assert submissions_due(editor, TODAY) == ([], 0)


def test_another_firm_owes_only_its_own(editor: User, pair: tuple[Product, Product]) -> None:
    KpiSubmission.objects.all().update(attested_at=None)
    assert submissions_due(factory.user_of("Other Firm", Role.ATTESTOR), TODAY) == ([], 0)
    assert submissions_due(factory.user_of(FIRM, Role.ESTABLISHMENT_CONTACT), TODAY) == ([], 0)
    assert submissions_due(editor, TODAY)[1] == 2


def test_a_qualification_that_ended_by_age_is_told_with_its_site(editor: User, pair: tuple[Product, Product]) -> None:
    node = SupplyNode.objects.filter(product=pair[0], is_qualified=True).first()
    SupplyNode.objects.filter(pk=node.pk).update(last_batch_on=date(2020, 1, 31))
    text = home_of(editor)
    assert "Ended January 31, 2023" in text
    assert f"New batch at {node.establishment.name}" in text


def test_nothing_due_says_when_the_next_figures_are(editor: User, pair: tuple[Product, Product]) -> None:
    KpiSubmission.objects.all().update(quarter_end=last_quarter(date.today()).ends_on)
    assert "Nothing is late and nothing comes due. The figures of" in home_of(editor)


def test_a_draft_and_a_late_assessment_are_told(editor: User, plant, pair: tuple[Product, Product]) -> None:  # type: ignore[no-untyped-def]
    ended = date.today().replace(day=1) - timedelta(days=1200)
    plant.assessments.update(completed_on=ended)
    quarter = last_quarter(date.today())
    KpiSubmission.objects.filter(product=pair[1]).update(quarter_end=quarter.ends_on)
    KpiSubmission.objects.filter(product=pair[0]).update(attested_at=None)
    firm = Organisation.objects.get(name=FIRM)
    draft_open(pair[0], organisation=firm, quarter_end=quarter.ends_on, user=editor)
    text = home_of(editor)
    assert "New assessment of Halden Plant 2" in text
    assert "One draft begun; nothing was ever attested" in text
