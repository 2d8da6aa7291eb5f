"""The register of establishments: matched by FEI, else DUNS, and never by a guess."""

from datetime import date

import pytest

from qmm.models import Establishment, EstablishmentIdentifier
from tests.intake.conftest import Outcome, mark_count

pytestmark = pytest.mark.django_db
NAME = "import_establishments"


def identifiers(establishment: Establishment) -> set[str]:
    return set(establishment.identifiers.values_list("value", flat=True))


def test_one_establishment_from_several_rows_whatever_their_order(files):
    rows = [
        {"duns": "111111111", "operations": "PACK"},
        {"duns": "222222222", "operations": "MANUFACTURE; ANALYSIS", "name": "Main", "expires": "1/2/2026"},
        {"fei": "", "duns": "111111111", "name": "Same site by DUNS"},
    ]
    for order in (rows, rows[::-1]):
        Establishment.objects.all().delete()
        outcome = Outcome(NAME, files.sites(*order))
        assert outcome.counts("establishments") == [1, 0, 0]
        site = Establishment.objects.get()
        assert identifiers(site) == {"3000000001", "111111111", "222222222"}
        assert (site.country, site.operations) == ("USA", "ANALYSIS; MANUFACTURE; PACK")
        assert site.registration_expires_on == date(2026, 1, 2)
        assert site.name in ("Main", "Same site by DUNS")


def test_without_a_fei_the_duns_number_makes_the_establishment(files):
    path = files.sites(
        {"fei": " ", "duns": "1" * 9}, {"fei": "0000000000", "duns": "2" * 9}, {"fei": "0000000", "duns": "3" * 9}
    )
    assert Outcome(NAME, path).counts("establishments") == [3, 0, 0]
    assert set(EstablishmentIdentifier.objects.values_list("scheme", flat=True)) == {"duns"}
    assert Outcome(NAME, path).counts("establishments") == [0, 0, 3]


def test_a_fei_that_comes_later_joins_the_establishment_of_its_duns_number(files):
    Outcome(NAME, files.sites({"fei": ""}))
    outcome = Outcome(NAME, files.sites({}, {"duns": "222222222"}))
    assert outcome.counts("identifiers") == [2, 0, 1]
    assert identifiers(Establishment.objects.get()) == {"3000000001", "111111111", "222222222"}


@pytest.mark.parametrize(
    ("stored", "rows", "reason", "left_out"),
    [
        ([], [{}, {"fei": "3000000002"}, {"fei": ""}], "DUNS number stands with several FEIs", 3),
        ([{}], [{"fei": "3000000002"}], "DUNS number belongs to another establishment", 1),
        ([{"fei": ""}], [{}, {"fei": "3000000002"}], "DUNS numbers of this FEI lead to several establishments", 2),
        (
            [{"fei": ""}, {"fei": "", "duns": "222222222"}],
            [{}, {"duns": "222222222"}],
            "DUNS numbers of this FEI lead to several establishments",
            2,
        ),
        (
            [{}, {"fei": "", "duns": "222222222"}],
            [{"duns": "222222222"}],
            "DUNS number belongs to another establishment",
            1,
        ),
        ([], [{}, {"duns": "222222222", "address": "x (IND)"}], "rows of one FEI give different countries", 2),
    ],
)
def test_what_may_be_two_establishments_is_left_out(files, stored, rows, reason, left_out):
    other = {"fei": "3000000009", "duns": "999999999"}
    if stored:
        Outcome(NAME, files.sites(*stored))
    before = set(EstablishmentIdentifier.objects.values_list("value", "establishment"))
    for order in (rows, rows[::-1]):
        outcome = Outcome(NAME, files.sites(*order, other))
        assert outcome.findings() == {reason: left_out}
        after = EstablishmentIdentifier.objects.exclude(value__in=other.values()).values_list("value", "establishment")
        assert set(after) == before


def test_unusable_rows_are_reported_with_the_line_they_begin_on(files):
    path = files.sites(
        {"name": 'Two\nlines, one "name"'},
        {"fei": "3.01E+09"},
        {"fei": "", "duns": ""},
        {"fei": "", "duns": "12345678"},
        {"fei": "3000000005", "duns": "555555555", "expires": "2025-12-31"},
        {"fei": "3000000006", "duns": "666666666", "name": ""},
        {"fei": "3000000007", "duns": "777777777", "address": "Praha, Czechia"},
    )
    outcome = Outcome(NAME, path)
    assert outcome.counts("establishments") == [2, 0, 0]
    assert outcome.findings() == {
        "FEI_NUMBER has neither 7 nor 10 digits": 1,
        "neither FEI nor DUNS number": 1,
        "DUNS_NUMBER does not have 9 digits": 1,
        "EXPIRATION_DATE is no date such as 12/31/2025": 1,
        "FIRM_NAME is blank": 1,
        "no country in brackets at the end of the address": 1,
    }
    assert "line 4: 3.01E+09" in outcome.out
    assert Establishment.objects.filter(name='Two\nlines, one "name"').exists()


@pytest.mark.parametrize("broken", ['3000000002,"222222222,A,B,C,D', '3000000002,"222"2,A,B,C,D', '3000000002,"2'])
def test_a_quote_that_is_never_closed_costs_one_row(files, broken):
    path = files.sites({}, {"fei": "3000000003", "duns": "333333333"}, {"fei": "3000000004", "duns": "444444444"})
    lines = path.read_bytes().split(b"\r\n")
    lines.insert(2, broken.encode())
    path.write_bytes(b"\r\n".join(lines))
    outcome = Outcome(NAME, path)
    assert outcome.counts("establishments") == [3, 0, 0]
    assert outcome.findings() == {"a quote that does not end where a cell ends": 1}
    assert "line 3\n" in outcome.out


def test_a_known_country_stays_and_only_countries_count(files):
    Outcome(NAME, files.sites({}))
    marks = mark_count()
    outcome = Outcome(NAME, files.sites({"address": "somewhere", "name": "New name"}))
    assert outcome.counts("establishments") == [0, 1, 0]
    assert Establishment.objects.get().country == "USA"
    assert mark_count() == marks
    Outcome(NAME, files.sites({"address": "elsewhere (IND)"}))
    assert mark_count() == marks + 1


def test_a_newer_file_is_not_overwritten_and_a_dry_run_stores_nothing(files):
    Outcome(NAME, files.sites({"name": "New"}), "--file-date", "2025-01-01")
    older = Outcome(NAME, files.sites({"name": "Old", "duns": "222222222"}), "--file-date", "2024-01-01")
    assert "(1 kept" in older.out
    Outcome(NAME, files.sites({"name": "Dry"}), dry_run=True)
    assert Establishment.objects.get().name == "New"
    assert EstablishmentIdentifier.objects.count() == 2


def test_the_real_register(real_file):
    path = real_file("decrs_establishments_2025-09.csv")
    first = Outcome(NAME, path)
    assert first.counts("establishments") == [7_032, 0, 0]
    assert first.counts("identifiers") == [14_103, 0, 0]
    assert first.findings() == {"no country in brackets at the end of the address": 1}
    assert EstablishmentIdentifier.objects.filter(scheme="fei").count() == 6_859
    assert Establishment.objects.exclude(identifiers__scheme="fei").count() == 173
    marks = mark_count()
    again = Outcome(NAME, path)
    assert (again.counts("establishments"), again.counts("identifiers")) == ([0, 0, 7_032], [0, 0, 14_103])
    assert mark_count() == marks


def test_a_row_may_not_run_over_hundreds_of_lines(files):
    """Else each of many open quotes would read the file to its end: 16,000 of them took 49 s."""
    path = files.sites({}, {"fei": "3000000003", "duns": "333333333"})
    lines = path.read_bytes().split(b"\r\n")
    lines[2:2] = [b'3000000002,"an address', *[b"line after line"] * 250, b'with an end",A,B,C,D,E,F,G']
    path.write_bytes(b"\r\n".join(lines))
    outcome = Outcome(NAME, path)
    assert outcome.counts("establishments") == [2, 0, 0]
    assert outcome.findings()["a quote that does not end where a cell ends"] >= 1
