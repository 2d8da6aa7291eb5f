"""What the database keeps of a case that has ended, whoever writes: page, admin, command or psql."""

import pytest
from django.db import DatabaseError, connection, transaction

from dscr.access.models import User
from qmm.course.steps import State
from qmm.services.fact_check import comment_add, comment_answer
from tests.course.conftest import Desk, client_of

CHANGES = (
    "UPDATE qmm_assessmentcase SET rubric_id = NULL WHERE id = {case}",
    "UPDATE qmm_assessmentcase SET assessment_id = NULL WHERE id = {case}",
    "UPDATE qmm_assessment SET management_commitment = 1 WHERE id = {assessment}",
    "UPDATE qmm_assessment SET completed_on = '2026-01-01' WHERE id = {assessment}",
    "UPDATE qmm_consensusscore SET level = 1 WHERE case_id = {case}",
    "DELETE FROM qmm_consensusscore WHERE case_id = {case}",
    "UPDATE qmm_casesheet SET texts = '{{}}' WHERE case_id = {case}",
    "UPDATE qmm_factcomment SET answer = 'Otherwise' WHERE case_id = {case}",
    "DELETE FROM qmm_factcomment WHERE case_id = {case}",
    "UPDATE qmm_caseassignment SET membership_id = {other} WHERE case_id = {case} AND is_lead",
    "UPDATE qmm_elementscore SET level = 1",
)


def test_a_final_case_is_never_changed(desk: Desk) -> None:
    case = desk.in_state(State.FACT_CHECK)
    comment = comment_add(case, user=desk.contact, element="MC1", text="Wrong")
    comment_answer(comment, user=desk.second, verdict="kept", answer="It stands in the minutes.")
    desk.go_on(case)
    ids = {"case": case.pk, "assessment": case.assessment_id, "other": desk.third.membership.pk}
    for change in CHANGES:
        with pytest.raises(DatabaseError, match=r"kept|never changed|for ever|stay with"), transaction.atomic():
            connection.cursor().execute(change.format(**ids))
    case.assessment.void_reason, case.assessment.voided_at = "Wrong site", case.assessment.created_at
    case.assessment.save()


@pytest.mark.django_db(transaction=True)
def test_tables_of_record_cannot_be_emptied(desk: Desk) -> None:
    desk.request()
    for table in ("qmm_caseevent", "qmm_assessmentcase"):
        with pytest.raises(DatabaseError, match="cannot be emptied"):
            connection.cursor().execute(f"TRUNCATE {table} CASCADE")


def test_the_admin_voids_an_outcome_and_changes_nothing_of_it(desk: Desk) -> None:
    case = desk.in_state(State.FINAL)
    User.objects.filter(pk=desk.operator.pk).update(is_staff=True, is_superuser=True)
    page = client_of(desk.operator).get(f"/admin/qmm/assessment/{case.assessment_id}/change/").content.decode()
    assert 'name="void_reason"' in page
    assert 'name="management_commitment"' not in page
