"""What was attested stands as it was signed, and what was asked is kept, whoever writes to the database."""

from typing import Any

import pytest
from django.db import InternalError, connection, transaction
from django.utils import timezone

from dscr.access.models import User
from products.models import DisclosureGrant, DisclosureRequest, Enrolment, KpiSubmission
from tests.walk.world import World, build_world

SIGNED = {"attestor_name": "Bo", "attestor_title": "Vice President", "attestation": "I attest."}


@pytest.fixture
def world(db: None) -> World:
    return build_world()


@pytest.fixture
def signed(world: World) -> KpiSubmission:
    KpiSubmission.objects.filter(product=world.own).delete()
    return KpiSubmission.objects.create(
        product=world.own,
        quarter_end="2026-06-30",
        attested_at=timezone.now(),
        attested_by=world.users["attestor"],
        **SIGNED,
    )


def sql(text: str, *values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(text, values)


@pytest.mark.parametrize(
    "change",
    [
        "attestor_name = 'Somebody else'",
        "attestor_title = ''",
        "attestation = 'Anything'",
        "attested_by_id = NULL",
        "attested_at = attested_at - interval '1 day'",
        "attested_at = NULL",
    ],
)
def test_an_attestation_is_never_rewritten(signed: KpiSubmission, change: str) -> None:
    with pytest.raises(InternalError, match="is never changed"):
        sql(f"UPDATE products_kpisubmission SET {change} WHERE id = %s", signed.pk)


def test_it_is_superseded_voided_and_deleted(signed: KpiSubmission) -> None:
    sql("UPDATE products_kpisubmission SET superseded_at = now() WHERE id = %s", signed.pk)
    sql("UPDATE products_kpisubmission SET voided_at = now(), void_reason = 'x' WHERE id = %s", signed.pk)
    sql("UPDATE products_kpisubmission SET qualified_lines = 3 WHERE id = %s", signed.pk)
    sql("DELETE FROM products_kpisubmission WHERE id = %s", signed.pk)


def test_nobodys_figures_are_not_signed_afterwards(signed: KpiSubmission, world: World) -> None:
    unsigned = KpiSubmission.objects.create(
        product=world.own, quarter_end="2026-03-31", attested_at=timezone.now(), qualified_lines=1
    )
    rows = KpiSubmission.objects.filter(pk=unsigned.pk)
    with pytest.raises(InternalError, match="is never changed"), transaction.atomic():
        rows.update(**SIGNED)
    rows.update(attested_at=None)
    rows.update(attested_at=timezone.now(), **SIGNED)  # a draft is


def test_the_attestation_of_an_enrollment_is_kept(world: World) -> None:
    rows = Enrolment.objects.filter(product=world.own)
    user = User.objects.first()
    rows.update(attestation="We are the labeler.", attested_by=user)
    for change in ({"attestation": ""}, {"attestation": "We are not."}, {"attested_by": None}):
        with pytest.raises(InternalError, match="is never changed"), transaction.atomic():
            rows.update(**change)
    rows.update(suspended_on="2026-11-01", suspension_reason="In doubt")
    rows.update(withdrawn_on=timezone.localdate())


@pytest.mark.parametrize("model", [DisclosureGrant, DisclosureRequest])
def test_disclosures_are_not_emptied(world: World, model: type) -> None:
    assert model.objects.exists()
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(InternalError, match="kept for ever"):
        sql(f"TRUNCATE {model._meta.db_table} CASCADE")


def test_a_request_for_disclosure_is_not_deleted(world: World) -> None:
    with pytest.raises(InternalError, match="kept for ever"):
        sql("DELETE FROM products_disclosurerequest")
