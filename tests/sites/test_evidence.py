"""Evidence of other programs: shown with its date, never scored, gone with a reason."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from dscr.access.models import User
from dscr.access.roles import Role
from products.models import Product
from qmm.models import Establishment, SiteEvidence, SiteEvidenceFile
from ratings.models import StaleMark
from tests.evidence.files import PDF
from tests.pages import factory
from tests.pages.test_establishment_page import client_of
from tests.pages.test_rating_page import words

FORM = {"kind": "hirc_badge", "result": "Resilient", "issuer": "HIRC", "dated_on": "2026-02-01"}


def add(user: User, site: Establishment, **more: Any) -> Any:
    return client_of(user).post(f"/establishments/{site.pk}/evidence/new/", FORM | more)


def test_shown_and_not_scored(
    pair: tuple[Product, Product], site: Establishment, attestor: User, operator: User, maker: User
) -> None:
    StaleMark.objects.all().delete()
    file = SimpleUploadedFile("badge.pdf", PDF)
    assert add(attestor, site, file=file).status_code == 302
    assert not StaleMark.objects.exists()
    evidence, kept = SiteEvidence.objects.get(), SiteEvidenceFile.objects.get()
    for user in (attestor, operator):
        page = words(client_of(user).get(f"/establishments/{site.pk}/").content.decode())
        assert "HIRC resiliency badge, February 1, 2026: Resilient (HIRC)." in page
        assert "They count in no score." in page
    address = f"/establishments/evidence/files/{kept.pk}/"
    assert b"".join(client_of(operator).get(address).streaming_content) == PDF
    assert client_of(maker).get(address).status_code == 404
    assert client_of(maker).post(f"/establishments/evidence/{evidence.pk}/void/", {"reason": "x"}).status_code == 404
    client_of(attestor).post(f"/establishments/evidence/{evidence.pk}/void/", {"reason": " "})
    evidence.refresh_from_db()
    assert evidence.voided_at is None
    client_of(attestor).post(f"/establishments/evidence/{evidence.pk}/void/", {"reason": "Expired badge"})
    page = words(client_of(operator).get(f"/establishments/{site.pk}/").content.decode())
    assert "HIRC resiliency badge" not in page


def test_what_is_wrong_stores_nothing(site: Establishment, attestor: User) -> None:
    later = str(timezone.localdate().replace(year=2199))
    for more, said in (
        ({"dated_on": later}, "This date lies in the future"),
        ({"valid_until": "2025-01-01"}, "The last day must not come before its date."),
        ({"result": ""}, "Fill in “Result, as its issuer says it”."),
        ({"file": SimpleUploadedFile("badge.exe", b"MZ programs")}, "That did not work"),
    ):
        response = add(attestor, site, **more)
        assert response.status_code == 200
        assert said in words(response.content.decode()), said
    assert not SiteEvidence.objects.exists()


def test_an_editor_reads_and_does_not_record(site: Establishment) -> None:
    editor = factory.user_of("Ashvale Group", Role.MANUFACTURER_EDITOR)
    assert add(editor, site).status_code == 404
    assert "Add evidence" not in words(client_of(editor).get(f"/establishments/{site.pk}/").content.decode())


def test_only_who_recorded_it_or_the_operator_voids_it(
    site: Establishment, attestor: User, operator: User, maker: User
) -> None:
    add(operator, site, result="From the office")
    add(attestor, site, result="From the owner")
    offices, owners = SiteEvidence.objects.order_by("pk")
    page = client_of(attestor).get(f"/establishments/{site.pk}/").content.decode()
    assert f"/evidence/{owners.pk}/void/" in page
    assert f"/evidence/{offices.pk}/void/" not in page
    answer = client_of(attestor).post(f"/establishments/evidence/{offices.pk}/void/", {"reason": "Ours"}, follow=True)
    assert "Your organization did not record it" in words(answer.content.decode())
    # The site is sold: what the former owner recorded stays.
    Establishment.objects.filter(pk=site.pk).update(owner=maker.membership.organisation)
    buyer = factory.user_of(maker.membership.organisation.name, Role.ATTESTOR, "buyer@halden.example")
    client_of(buyer).post(f"/establishments/evidence/{owners.pk}/void/", {"reason": "Not ours"})
    assert SiteEvidence.objects.filter(voided_at=None).count() == 2
    client_of(operator).post(f"/establishments/evidence/{owners.pk}/void/", {"reason": "Taken back by its issuer"})
    assert SiteEvidence.objects.get(voided_at=None) == offices
