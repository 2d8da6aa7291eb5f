"""The admin of assessments is read-only, and tells no level before its time."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from dscr.access.roles import Role
from qmm.models import (
    AssessmentImport,
    CalibrationCase,
    CalibrationSheet,
    CaseFile,
    ConsensusScore,
    EarlierEntry,
    ElementScore,
    EstablishmentContact,
    FactComment,
    Finding,
    FindingFile,
    SiteEvidence,
    SiteGrant,
)
from qmm.services.calibration import Given, sheet_save, sheet_submit
from tests.pages import factory
from tests.walk.world import build_world

READ_ONLY = (SiteEvidence, SiteGrant, EstablishmentContact, FactComment, CaseFile, CalibrationCase, CalibrationSheet)


def test_what_owners_gave_is_read_and_not_written(operator_client: Client, db: None) -> None:
    build_world()
    for model in READ_ONLY:
        name, row = f"admin:qmm_{model._meta.model_name}", model.objects.first()
        assert row, model
        page = operator_client.get(reverse(f"{name}_change", args=[row.pk]))
        assert page.status_code == 200
        assert 'name="_save"' not in page.content.decode()
        assert operator_client.get(reverse(f"{name}_add")).status_code == 403
        assert operator_client.post(reverse(f"{name}_change", args=[row.pk]), {}).status_code == 403
        assert operator_client.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    assert AssessmentImport in admin.site._registry
    stored = CaseFile.objects.first().stored_name
    assert stored not in operator_client.get("/admin/qmm/casefile/").content.decode()


def test_nothing_that_is_blind_is_in_it() -> None:
    blind: tuple[Any, ...] = (ElementScore, Finding, FindingFile, EarlierEntry, ConsensusScore)
    assert not set(blind) & set(admin.site._registry)


@pytest.mark.django_db
def test_a_sheet_s_levels_are_shown_once_it_is_submitted(operator_client: Client) -> None:
    case = CalibrationCase.objects.get(title="Marrow Bay Injectables")
    person = factory.user_of("Assessors", Role.ASSESSOR)
    codes = ["MC1", "BC1", "PQ2", "PQ6", "EE2"]
    sheet = sheet_save(case, user=person, given={code: Given(3, f"Snicklefritz {code}") for code in codes})
    address = reverse("admin:qmm_calibrationsheet_change", args=[sheet.pk])
    assert "Snicklefritz" not in operator_client.get(address).content.decode()
    sheet_submit(case, user=person)
    assert "Snicklefritz MC1" in operator_client.get(address).content.decode()
