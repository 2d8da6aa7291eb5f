"""The pages of pairs and merges on what no form of theirs sends: answered in words, and nothing is changed."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from dscr.access.models import User
from qmm.models import DuplicatePair, Establishment, EstablishmentMerge
from qmm.services.duplicates import duplicates_find
from tests.mergers.conftest import merged
from tests.pages.test_establishment_page import client_of

HUGE = "9" * 400
ODD = ("", " ", "\0", "\0\0", "a\0b", "x" * 1_001, "\r\n")
ENCODED = "application/x-www-form-urlencoded"
HALF = b"reason=%ED%A0%BD%00&seen=%ED%A0%BD%00"  # half an emoji, as bytes
NAMES = ("", "0", "-1", "1.5", "1e3", HUGE, "9223372036854775807", "9223372036854775808", "²", "٣", "\0", "1\0", "a b")


@pytest.fixture
def client(operator: User) -> Client:
    return client_of(operator)  # what the server breaks on is raised here


def test_a_pair_that_is_no_pair(client: Client, stays: Establishment, goes: Establishment) -> None:
    duplicates_find()
    pair = DuplicatePair.objects.get()
    address = f"/establishments/duplicates/{pair.pk}/apart/"
    for reason in ODD:
        assert client.post(address, {"reason": reason}).status_code == 200, repr(reason)
    assert client.post(address, {"reason": SimpleUploadedFile("a.txt", b"why")}).status_code == 200
    assert client.post(address, b'{"reason": "x"}', content_type="application/json").status_code == 200
    assert client.post(address, b"\xff\xfe=1", content_type=ENCODED).status_code == 200
    assert client.post(address, HALF, content_type=ENCODED).status_code == 200
    for number in (HUGE, "9223372036854775808", "9223372036854775807", "0"):
        other = f"/establishments/duplicates/{number}/apart/"
        assert [client.get(other).status_code, client.post(other, {"reason": "x"}).status_code] == [404, 404], number
    for page in ("0", "-1", "x", "\0", HUGE):
        assert client.get("/establishments/duplicates/", {"page": page}).status_code == 200, page
    pair.refresh_from_db()
    assert pair.apart_at is None


def test_a_merge_that_is_no_merge(client: Client, stays: Establishment, goes: Establishment) -> None:
    page = "/establishments/merge/"
    for name in NAMES:
        for given in ({"stays": name, "goes": str(goes.pk)}, {"stays": str(stays.pk), "goes": name}, {"stays": name}):
            expected = 404 if name.strip() else 200  # nothing given is a form to fill in
            assert client.get(page, given).status_code == expected, given
            sent = client.post(page, {"reason": "x", "seen": "x"}, query_params=given)
            assert sent.status_code == expected, given
    address = f"{page}?stays={stays.pk}&goes={goes.pk}"
    for reason in ODD:
        assert client.post(address, {"reason": reason, "seen": "-"}).status_code == 200, repr(reason)
    for seen in (*ODD, HUGE):
        assert client.post(address, {"reason": "One plant", "seen": seen}).status_code == 200, repr(seen)
    assert client.post(address, {"reason": ["a", "b"], "seen": ["c", "d"]}).status_code == 200
    assert client.post(address, b"[]", content_type="application/json").status_code == 200
    assert client.post(address, HALF, content_type=ENCODED).status_code == 200
    assert client.post(address, b"reason=x&seen=%00", content_type=ENCODED).status_code == 200
    for kind in ("multipart/form-data; boundary=y", "multipart/form-data"):
        assert client.post(address, b"--x\r\nbroken", content_type=kind).status_code in (200, 400), kind
    assert client.get(f"{page}?stays={stays.pk}&goes={stays.pk}").status_code == 200
    assert client.put(address).status_code == 405
    assert not EstablishmentMerge.objects.exists()


def test_an_undoing_that_is_none(client: Client, stays: Establishment, goes: Establishment, operator: User) -> None:
    merge = merged(stays, goes, operator)
    address = f"/establishments/merges/{merge.pk}/undo/"
    for reason in ODD:
        assert client.post(address, {"reason": reason}).status_code == 409, repr(reason)
    assert client.post(address, b"null", content_type="application/json").status_code == 409
    for number in (HUGE, "9223372036854775808", "9223372036854775807", "0"):
        other = f"/establishments/merges/{number}/"
        assert client.get(other).status_code == 404, number
        assert client.post(f"{other}undo/", {"reason": "x"}).status_code == 404, number
    merge.refresh_from_db()
    assert merge.undone_at is None
    # Signs that are odd and still words: kept as they are shown.
    assert client.post(address, {"reason": "Two plants \U0001f3ed\u202e\r\nsince May"}).status_code == 302
    merge.refresh_from_db()
    assert merge.undone_reason.startswith("Two plants")
    assert timezone.localdate(merge.undone_at) == timezone.localdate()
