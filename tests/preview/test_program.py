"""The page of the program's settings: what holds, what a change means, and a record that keeps all of them."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dscr.access.roles import Role
from dscr.audit.models import AuditEntry
from dscr.moments import moment
from products.models import Product
from ratings.models import Preview, SettingChange
from ratings.preview_sentences import change_sentence
from ratings.previews import published_from
from ratings.program import PREVIEW_DAYS, setting_held
from tests.preview.conftest import client_of, office, set_days, when, words

CHANGE = "/program/preview_days/"


@pytest.fixture
def operator(db: None) -> Client:
    client = Client()
    client.force_login(office())
    return client


def give(client: Client, **given: object) -> str:
    sent = {"reason": "The advisory board asked for it", "version": 0, **given}
    return words(client.post(CHANGE, sent, follow=True).content.decode())


def test_a_change_is_said_first_and_kept_with_who_and_why(operator: Client, previewed: Product) -> None:
    begun = Preview.objects.get().since
    text = give(operator, value=7, version=1)
    assert "7 days instead of 14 days?" in text
    assert f"One product in preview is published from {when(begun, 7)}." in text
    assert setting_held(PREVIEW_DAYS).value == 14
    text = give(operator, value=7, version=1, confirmed="yes")
    assert "Preview of new results: 7 days from now on." in text
    assert re.search(r"Preview of new results from 14 days to 7 days \S.* The advisory board asked for it", text)
    change = SettingChange.objects.get(version=2)
    assert (change.value_before, change.value, change.changed_by) == (14, 7, office())
    entry = AuditEntry.objects.filter(kind="setting-change").latest("pk")
    assert (entry.action, entry.after["value"], entry.user_email) == ("added", 7, "office@demo.example")


@pytest.mark.parametrize("value", ["-1", "61", "", "1.5", "two", "99999999999999999999"])
def test_only_what_can_be_is_taken(operator: Client, value: str) -> None:
    text = give(operator, value=value, confirmed="yes")
    assert "Give a whole number of days from 0 to 60." in text
    assert not SettingChange.objects.exists()


def test_a_reason_is_asked_for_and_the_same_value_is_no_change(operator: Client) -> None:
    assert "Say why: the reason stays in the record." in give(operator, value=3, reason=" ", confirmed="yes")
    assert "It is 0 days already." in give(operator, value=0, confirmed="yes")
    assert "at most 500 characters" in give(operator, value=3, reason="x" * 501, confirmed="yes")
    assert not SettingChange.objects.exists()


def test_of_two_who_change_it_at_once_the_second_is_told(operator: Client) -> None:
    give(operator, value=3, confirmed="yes")
    assert "Somebody else changed this setting meanwhile." in give(operator, value=5, confirmed="yes")
    assert [change.value for change in SettingChange.objects.all()] == [3]


def test_the_auditor_reads_it_and_nobody_else_opens_it(operator: Client) -> None:
    auditor = client_of("Office", Role.AUDITOR)
    text = auditor.get("/program/").content.decode()
    assert "Record of changes" in text
    assert CHANGE not in text
    for verb in (auditor.get, auditor.post):
        assert verb(CHANGE).status_code == 404
    for role, firm in ((Role.ATTESTOR, "Firm"), (Role.PURCHASER, "Buyer"), (Role.COORDINATOR, "Coordination")):
        client = client_of(firm, role)
        assert (client.get("/program/").status_code, client.get(CHANGE).status_code) == (404, 404)
    assert operator.get("/program/no_such/").status_code == 404
    assert 'href="/program/"' in operator.get("/").content.decode()


def test_what_a_change_means_in_words() -> None:
    now = timezone.now()
    old, new = now - timedelta(days=10), now - timedelta(days=1)
    assert change_sentence(PREVIEW_DAYS, 0, [], now) == (
        "Every result is published as soon as it is computed. No product is in preview now."
    )
    assert change_sentence(PREVIEW_DAYS, 0, [old, new], now) == (
        "Every result is published as soon as it is computed. Two products in preview are published within seconds."
    )
    assert change_sentence(PREVIEW_DAYS, 5, [old, new], now) == (
        "A new result is published at the first 9:00 am Eastern time after 5 days, counted from the first change that "
        "is not published. One product in preview is published within seconds. One product in preview is published "
        f"from {moment(published_from(new, 5))}."
    )


def test_the_queries_of_the_page_are_known(
    operator: Client, previewed: Product, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    set_days(7)
    with django_assert_num_queries(7):  # session, user, setting, count, setting again, previews, changes
        assert operator.get("/program/").status_code == 200
