"""What the background work reads, stores and leaves alone."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from dscr.access.models import User
from qmm.agreement.coefficients import icc_one_way_of, pair_table
from qmm.models import AgreementFigure, AgreementRun, AssessmentCase, AssessorDrift, CaseAssignment, ElementScore
from qmm.services.agreement import read_finished, recompute, recompute_if_changed
from qmm.tasks import recompute_agreement
from tests.agreement.conftest import FINISHED, Finish

Levels = list[int | None]
GIVEN = ("cycle", "kind", "code", "assessments", "assessors", "items", "alpha", "alpha_low", "kappa", "icc", "icc_high")
A: Levels = [3, 4, 2, 5, 3, 1, 4, 3, 2, 4]
B: Levels = [3, 4, 3, 5, 3, 2, 4, 3, 2, 5]


def figure(kind: str, cycle: int | None = None, **about: object) -> AgreementFigure:
    return AgreementFigure.objects.get(kind=kind, cycle=cycle, **about)


def five(finish: Finish, people: list[User], *levels: Levels, at: datetime = FINISHED, prefix: str = "PQ") -> None:
    """By the first three of the people."""
    for lead, other in ((0, 1), (1, 2), (2, 0), (0, 2), (1, 0)):
        finish(people[lead], people[other], *levels, at=at, prefix=prefix)


def test_the_vector_as_it_is_stored(assessors: list[User], finish: Finish) -> None:
    five(finish, assessors, A, B)
    recompute()
    stored = figure("overall")
    assert stored.kappa == pytest.approx(0.8760, abs=1e-4)
    assert stored.icc == pytest.approx(icc_one_way_of(pair_table(A * 5, B * 5)), abs=1e-6)  # pairs differ
    assert (stored.assessments, stored.assessors, stored.items) == (5, 3, 50)
    assert stored.kappa_low == stored.kappa_high == pytest.approx(stored.kappa)
    assert figure("overall", 2026).kappa == stored.kappa


def test_everybody_learns_of_fives_only(assessors: list[User], finish: Finish) -> None:
    """Whatever public figures are subtracted, five assessments are left."""
    early, late = datetime(2025, 6, 1, 12, tzinfo=UTC), datetime(2026, 6, 1, 12, tzinfo=UTC)
    for number in range(4):
        finish(*assessors[number % 2 : number % 2 + 2], A, B, at=early)
    recompute()
    assert not AgreementFigure.objects.told_to_everybody().exists()
    five(finish, assessors, A, B, at=late)
    recompute()
    before = list(AgreementFigure.objects.told_to_everybody().order_by("cycle", "kind", "code").values_list(*GIVEN))
    assert figure("overall").assessments == figure("overall", 2026).assessments == 5
    for number in range(4):
        finish(assessors[0], assessors[3], B, A, at=late + timedelta(days=number))
        recompute()
        told = AgreementFigure.objects.told_to_everybody().order_by("cycle", "kind", "code")
        assert list(told.values_list(*GIVEN)) == before
    assert AgreementRun.objects.get().finished == {"all": 13, "2025": 4, "2026": 9}
    finish(assessors[0], assessors[3], B, A, at=late + timedelta(days=9))
    recompute()
    assert figure("overall").assessments == figure("overall", 2026).assessments == 10
    finish(assessors[2], assessors[3], A, B, at=early)
    recompute()
    assert (figure("overall").assessments, figure("overall", 2025).assessments) == (15, 5)


def test_a_year_of_two_assessors_is_in_no_figure_of_all_years(assessors: list[User], finish: Finish) -> None:
    five(finish, assessors, A, B)
    for _ in range(5):
        finish(assessors[0], assessors[1], A, A, at=datetime(2025, 6, 1, 12, tzinfo=UTC))
    recompute()
    assert figure("overall").kappa == pytest.approx(0.8760, abs=1e-4)
    assert not AgreementFigure.objects.filter(cycle=2025).exclude(kind="pair").exists()


def test_a_pair_has_figures_from_five_assessments_on(assessors: list[User], finish: Finish) -> None:
    for number in range(5):
        assert not AgreementFigure.objects.filter(kind="pair").exists()
        lead, other = (A, B) if number < 4 else (B, A)  # the other of them led the last
        people = assessors[:2] if number < 4 else assessors[1::-1]
        finish(*people, lead, other)
        recompute()
    pair = figure("pair", first=assessors[0], second=assessors[1])
    assert pair.kappa == pytest.approx(0.8760, abs=1e-4)
    assert pair.icc > icc_one_way_of(pair_table(A * 5, B * 5))  # two-way: always the same two
    assert (pair.assessments, pair.items, pair.kappa_low) == (5, 50, pytest.approx(pair.kappa))


def test_a_missing_level_takes_the_element_out_of_its_pair(assessors: list[User], finish: Finish) -> None:
    five(finish, assessors, [*A, 5, None], [*B, None, 1])
    recompute()
    assert figure("overall").items == 50
    assert figure("overall").kappa == pytest.approx(0.8760, abs=1e-4)
    assert not AgreementFigure.objects.filter(code="PQ11").exists()


def test_nothing_counts_before_both_have_finished(assessors: list[User], finish: Finish) -> None:
    finish(assessors[0], assessors[1], A, B, at=None)
    finish(assessors[0], assessors[2], A, B, at=None)
    CaseAssignment.objects.filter(membership=assessors[2].membership).update(finished_at=timezone.now())
    recompute()
    assert not AgreementFigure.objects.exists()
    assert not AssessorDrift.objects.exists()
    assert AgreementRun.objects.get().finished == {"all": 0}


def test_one_who_was_replaced_before_finishing_does_not_count(assessors: list[User], finish: Finish) -> None:
    case = finish(assessors[0], assessors[1], A, B)
    left = CaseAssignment.objects.create(
        case=case, membership=assessors[2].membership, assigned_on="2026-02-02", ended_on="2026-03-02"
    )
    ElementScore.objects.create(assignment=left, element="PQ1", level=1)
    CaseAssignment.objects.filter(case=case, finished_at__isnull=False).update(ended_on="2026-07-01")
    AssessmentCase.objects.filter(pk=case.pk).update(closed_on="2026-07-01")
    levels = read_finished().levels
    assert levels.both.sum() == 10
    assert {*levels.assessors.ravel()} == {assessors[0].pk, assessors[1].pk}


def test_who_finished_and_left_does_not_count_and_who_came_in_does(assessors: list[User], finish: Finish) -> None:
    case = finish(assessors[0], assessors[1], A, B)
    CaseAssignment.objects.filter(membership=assessors[1].membership).update(ended_on="2026-03-03")
    assert not len(read_finished().levels)
    third = CaseAssignment.objects.create(
        case=case, membership=assessors[2].membership, assigned_on="2026-03-04", finished_at=timezone.now()
    )
    ElementScore.objects.bulk_create(
        ElementScore(assignment=third, element=f"PQ{number}", level=level) for number, level in enumerate(A, 1)
    )
    assert (read_finished().levels.levels[0, :10].T == [A, A]).all()
    CaseAssignment.objects.filter(case=case, ended_on=None).update(ended_on="2026-07-01")
    AssessmentCase.objects.filter(pk=case.pk).update(closed_on="2026-07-01")  # an assignment may end with its case
    assert {*read_finished().levels.assessors.ravel()} == {assessors[0].pk, assessors[2].pk}


def test_the_cycle_is_the_year_in_which_the_second_finished_by_the_programs_clock(
    assessors: list[User], finish: Finish
) -> None:
    finish(assessors[0], assessors[1], A, B, at=datetime(2027, 1, 1, 3, 0, tzinfo=UTC))  # ten at night in New York
    finish(assessors[0], assessors[1], A, B, at=datetime(2027, 1, 1, 6, 0, tzinfo=UTC))
    recompute()
    assert AgreementRun.objects.get().finished == {"all": 2, "2026": 1, "2027": 1}


def test_areas_and_elements_have_figures_of_their_own(assessors: list[User], finish: Finish) -> None:
    for _ in range(5):  # in turn: a five has the same elements throughout
        finish(assessors[0], assessors[1], [1, 2, 3, 4], [1, 2, 3, 4])
        finish(assessors[1], assessors[2], [1, 2, 3, 4], [4, 3, 2, 1], prefix="TE")
    recompute()
    assert figure("area", code="advanced_pqs").alpha == 1
    assert figure("area", code="technical_excellence").kappa == -1
    assert figure("element", code="PQ2").alpha is None  # everybody gave the same level
    assert figure("element", code="PQ2").items == 5
    assert figure("area", code="advanced_pqs").alpha_low == 1
    assert set(AgreementFigure.objects.filter(kind="area", cycle=None).values_list("code", flat=True)) == {
        "advanced_pqs",
        "technical_excellence",
    }


def test_a_lenient_assessor_is_found_in_what_is_stored(assessors: list[User], finish: Finish) -> None:
    lenient, *others = assessors
    for number in range(6):
        other = others[number % 3]
        finish(lenient, other, [4, 3, 4, 3, 4, 4, 3, 4], [3, 3, 3, 3, 4, 3, 3, 3 + number % 2])
        finish(other, others[(number + 1) % 3], [3, 2, 4, 3, 4, 2, 3, 4], [3, 2, 4, 3, 3 + number % 2, 2, 3, 4])
    recompute()
    drift = {each.assessor_id: each for each in AssessorDrift.objects.filter(cycle=None)}
    assert drift[lenient.pk].low > 0.25
    assert [each.high > 0.25 and each.low > 0 for each in drift.values()].count(True) == 1
    assert (drift[lenient.pk].assessments, drift[lenient.pk].partners, drift[lenient.pk].items) == (6, 3, 48)


def test_it_computes_when_somebody_finished_and_once_a_day(
    assessors: list[User], finish: Finish, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish(assessors[0], assessors[1], A, B)
    assert recompute_if_changed()
    assert not recompute_if_changed()
    finish(assessors[0], assessors[1], B, A)
    recompute_agreement()
    assert AgreementRun.objects.get().finished == {"all": 2, "2026": 2}
    tomorrow = timezone.localdate() + timedelta(days=1)
    monkeypatch.setattr("qmm.services.agreement.timezone.localdate", lambda: tomorrow)
    assert recompute_if_changed()
    assert not recompute_if_changed()


def test_looking_costs_three_statements(
    assessors: list[User], finish: Finish, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    finish(assessors[0], assessors[1], A, B)
    recompute()
    with django_assert_num_queries(6):  # savepoint, lock, assignments, sheets, the last run, and its end
        assert not recompute_if_changed()


def test_its_queries_do_not_grow_with_the_assessments(assessors: list[User], finish: Finish) -> None:
    recompute()
    counts = []
    for _ in range(2):
        five(finish, assessors, A, B)
        five(finish, assessors, A, B)
        with CaptureQueriesContext(connection) as captured:
            recompute()
        counts.append(len(captured))
    assert counts[0] == counts[1]
