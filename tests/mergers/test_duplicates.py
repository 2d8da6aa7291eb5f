"""Which pairs are found, and that a pair found to be two sites stays so."""

from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from dscr.access.models import User
from qmm.models import DuplicatePair, Establishment, EstablishmentIdentifier, EstablishmentMerge
from qmm.services.duplicates import duplicates_find, open_pairs, pair_apart
from qmm.tasks import find_duplicates

HEADS = "FEI_NUMBER,DUNS_NUMBER,FIRM_NAME,ADDRESS,EXPIRATION_DATE,OPERATIONS"


def site(name: str, address: str = "", country: str = "IND", **numbers: str) -> Establishment:
    made = Establishment.objects.create(name=name, address=address, country=country)
    for scheme, value in numbers.items():
        EstablishmentIdentifier.objects.create(establishment=made, scheme=scheme, value=value)
    return made


def found() -> dict[frozenset[str], list[str]]:
    duplicates_find()
    return {frozenset((pair.first.name, pair.second.name)): pair.signals for pair in open_pairs()}


@pytest.mark.parametrize(
    ("one", "other", "signals"),
    [
        (
            ("Corvo Labs Ltd", "12 Mill Road, Pune 411001"),
            ("CORVO LABS LIMITED", "12 Mill Rd., Pune 411001"),
            ["same_name"],
        ),
        (
            ("Corvo Fine Chemicals", "12 Mill Road, Pune 411001"),
            ("Corvo Chemicals", "12 Mill Rd, Pune 411001"),
            ["near_name"],
        ),
        (("Corvo Labs Ltd", "12 Mill Road, Pune 411001"), ("Corvo Labs Ltd.", ""), ["same_name"]),
        # one firm's two plants, and two firms in one street
        (("Corvo Labs", "12 Mill Road, Pune 411001"), ("Corvo Labs", "Plot 7, Sector 4, Baddi 173205"), None),
        (("Corvo Labs", "12 Mill Road, Pune 411001"), ("Ashvale Chemicals", "14 Mill Road, Pune 411001"), None),
    ],
)
def test_names_and_places(db: None, one: Any, other: Any, signals: list[str] | None) -> None:
    site(*one)
    site(*other)
    assert list(found().values()) == ([signals] if signals else [])


def test_another_country_is_another_site(db: None) -> None:
    site("Corvo Labs", "12 Mill Road 41100")
    site("Corvo Labs", "12 Mill Road 41100", "ITA")
    assert found() == {}


def test_one_fei_written_in_two_ways(db: None) -> None:
    site("Halden", fei="1234567")
    site("Quite another", country="USA", fei="0001234567")
    assert found() == {frozenset(("Halden", "Quite another")): ["same_fei"]}


def test_what_a_register_file_says_of_a_duns_number(db: None, tmp_path: Any) -> None:
    """The row is not used, and the pair waits for the operator."""
    first, second = site("Halden", fei="3001000001"), site("Corvo", duns="912345678")
    file = tmp_path / "decrs.csv"
    file.write_text(
        f'{HEADS}\n3001000001,912345678,Halden,"1 Road (IND)",12/31/2026,PACK\n'
        '3001000009,,Lone,"2 Way (ITA)",12/31/2026,PACK\n'
    )
    call_command("import_establishments", str(file))
    pair = DuplicatePair.objects.get()
    assert ({pair.first, pair.second}, pair.signals) == ({first, second}, ["same_duns"])
    assert found() == {frozenset(("Halden", "Corvo")): ["same_duns"]}  # looking again forgets nothing


def test_two_sites_stay_two(db: None, operator: User) -> None:
    site("Corvo Labs", "12 Mill Road, Pune 411001")
    site("Corvo Labs", "12 Mill Rd, Pune 411001")
    duplicates_find()
    pair = DuplicatePair.objects.get()
    assert pair_apart(pair, reason="Two buildings, two licenses", user=operator)
    assert not pair_apart(pair, reason="Again", user=operator)
    assert duplicates_find() == 0


def test_an_import_by_number_finds_the_record_that_stays(
    stays: Establishment, goes: Establishment, operator: User, tmp_path: Any
) -> None:
    """By the DUNS number that moved, and by a second FEI that was left behind."""
    from ratings.mergers.services import establishments_merge

    EstablishmentIdentifier.objects.create(establishment=goes, scheme="fei", value="3009999999")
    establishments_merge(stays.pk, goes.pk, reason="One plant", user=operator)
    before = Establishment.objects.count()
    file = tmp_path / "decrs.csv"
    rows = ['3009999999,,By the second FEI,"1 Road (IND)",12/31/2026,PACK']
    rows += [',912345678,By the DUNS number,"1 Road (IND)",12/31/2026,PACK; LABEL; ANALYSIS']
    file.write_text("\n".join([HEADS, *rows]) + "\n")
    call_command("import_establishments", str(file), file_date=date(2026, 11, 1))
    stays.refresh_from_db()
    goes.refresh_from_db()
    assert (stays.name, stays.operations) == ("By the DUNS number", "ANALYSIS; LABEL; PACK")
    assert goes.name == "Ashvale Chemicals Ltd"
    assert Establishment.objects.count() == before
    assert EstablishmentMerge.objects.count() == 1


def test_every_week_and_on_the_operator_s_first_page(db: None, operator: User) -> None:
    def told() -> str:
        client = Client()
        client.force_login(operator)
        return " ".join(client.get("/").content.decode().split())

    assert "look like one site" not in told()
    for name in ("Wuffington Labs Inc", "Wuffington Labs", "Wuffington Labs LLC"):
        Establishment.objects.create(name=name, country="USA", address="5 Mill Road, Dover 19901")
    schedule = settings.CELERY_BEAT_SCHEDULE["duplicates"]
    assert (schedule["task"], schedule["schedule"].day_of_week) == (find_duplicates.name, {0})
    find_duplicates()
    assert 'Three pairs of establishment records look like one site each. <a class="usa-link"' in told()
    DuplicatePair.objects.exclude(pk=DuplicatePair.objects.latest("pk").pk).delete()
    assert "One pair of establishment records looks like one site." in told()
