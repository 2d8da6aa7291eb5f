"""The shortage list: packages out of running text, entries that change and do not pile up."""

from datetime import date

import pytest

from products.imports.presentation import package_codes
from products.models import Shortage
from tests.intake.conftest import Outcome, mark_count

NAME = "import_shortages"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (
            "10 mg (NDCs 0603-2212-02, 0603-2212-16, and 0603-2212-32)",
            ["000603-2212-02", "000603-2212-16", "000603-2212-32"],
        ),
        ("Tube (NDC 72485067035)", ["072485-0670-35"]),
        ("2 g Catalog 3105-11 (NDC 00264-3105-11)", ["000264-3105-11"]),
        ("S5104-5264 (NDC 0264-1510-32) 600000 [iU]", ["000264-1510-32"]),
        ("1-mg/mL; 20mL (NDC 0781-3153-95_", ["000781-3153-95"]),
        ("NDC0409-1932-01 and again 0409-1932-01", ["000409-1932-01"]),
        ("0.05% (0168-0265-15)", ["000168-0265-15"]),
        ("tablets (NDC 12345-6789-0)", ["012345-6789-00"]),
    ],
)
def test_codes_in_running_text(text, codes):
    assert package_codes(text) == (codes, [])


@pytest.mark.parametrize(
    ("text", "reason", "part"),
    [
        ("(NDC 0781-60-3946)", "NDC with segments of an unknown length", "0781-60-3946"),
        ("(NDC 63323--820-00)", "NDC with segments of an unknown length", "63323--820-00"),
        ("120 mL (NDC 1366859607)", "NDC of 10 digits without dashes has several readings", "1366859607"),
        ("(NDC 0574-7040)", "NDC names a product and not a package", "0574-7040"),
        ("bags (NDC 12345-6789-0", "NDC may be cut off at the end of the text", "12345-6789-0"),
        ("bags, 5 mL", "no NDC in the presentation", "bags, 5 mL"),
    ],
)
def test_what_cannot_be_read_is_said_and_not_guessed(text, reason, part):
    assert package_codes(text) == ([], [(reason, part)])


@pytest.mark.django_db
class TestStoring:
    def test_one_row_for_each_package(self, files):
        path = files.shortages({"presentation": "10 mg\n(NDCs 0002-0800-01, 68682-065-10, 1366859607)"})
        outcome = Outcome(NAME, path)
        assert outcome.counts("shortages") == [2, 0, 0]
        assert outcome.findings() == {"NDC of 10 digits without dashes has several readings": 1}
        row = Shortage.objects.get(package_ndc="068682-0065-10")
        assert (row.product_ndc, row.status) == ("068682-0065", "current")
        assert (row.changed_on, row.posted_on) == (date(2023, 1, 5), date(2023, 1, 2))

    def test_a_later_wording_changes_the_entry(self, files):
        Outcome(NAME, files.shortages({}), "--file-date", "2023-02-01")
        later = {"presentation": "Injection, 10 mg (NDC 00002-0800-01)", "company_name": "Example Labs, Inc."}
        later |= {"status": "RESOLVED", "updated_on": "06/01/2023", "posted_on": "01/02/2023"}
        marks = mark_count()
        assert Outcome(NAME, files.shortages(later)).counts("shortages") == [0, 1, 0]
        assert Shortage.objects.get().status == "resolved"
        assert mark_count() == marks + 1

    def test_a_changed_wording_leaves_no_mark(self, files):
        Outcome(NAME, files.shortages({}))
        marks = mark_count()
        assert Outcome(NAME, files.shortages({"reason": "Demand"})).counts("shortages") == [0, 1, 0]
        assert mark_count() == marks

    def test_entries_with_another_posting_date_stand_beside_each_other(self, files):
        rows = {}, {"posted_on": "1/3/23", "status": "to be discontinued"}, {"posted_on": "", "status": "Resolved"}
        assert Outcome(NAME, files.shortages(*rows)).counts("shortages") == [3, 0, 0]

    @pytest.mark.parametrize(
        ("other", "status"),
        [
            ({"status": "Resolved", "updated_on": "1/6/23"}, "resolved"),
            ({"status": "Resolved", "updated_on": "1/4/23"}, "current"),
            ({"status": "Resolved"}, "current"),
        ],
    )
    def test_of_one_entry_given_twice_the_latest_change_is_used(self, files, other, status):
        for rows in ([{}, other], [other, {}]):
            Shortage.objects.all().delete()
            outcome = Outcome(NAME, files.shortages(*rows))
            assert Shortage.objects.get().status == status
            assert outcome.findings() == {"same package and posting date as another row; the latest change is used": 1}

    @pytest.mark.parametrize(
        ("dates", "changed_on"),
        [
            ({"changed_on": "02/03/2023"}, date(2023, 2, 3)),
            ({"discontinued_on": "12/31/2023"}, date(2023, 1, 5)),
            ({"updated_on": "", "posted_on": "", "discontinued_on": "1/9/23"}, date(2023, 1, 9)),
        ],
    )
    def test_which_date_is_that_of_the_change(self, files, dates, changed_on):
        Outcome(NAME, files.shortages(dates))
        assert Shortage.objects.get().changed_on == changed_on

    def test_unusable_rows_and_repeated_ones(self, files):
        path = files.shortages(
            {},
            {},
            {"status": "Unknown"},
            {"updated_on": "13/1/23"},
            {"updated_on": "", "posted_on": ""},
            {"updated_on": "1/5/24"},
            {"presentation": "SandozÂ® (NDC 0002-0801-01)"},
        )
        path.write_bytes(b"\r\n" + path.read_bytes())
        outcome = Outcome(NAME, path, "--file-date", "2023-04-01")
        assert outcome.counts("shortages") == [2, 0, 0]
        assert outcome.findings() == {
            "repeats an earlier row": 1,
            "Status is none of Current, To be discontinued, Resolved": 1,
            "Date of Update is no date such as 12/31/2025": 1,
            "no date at all": 1,
            "changed after the day of the file (--file-date)": 1,
            "garbled characters, kept as published": 1,
        }
        assert "line 4: line 3" in outcome.out

    def test_both_real_lists(self, real_file):
        old, new = real_file("fda_drug_shortages_2023-04.csv"), real_file("fda_drug_shortages_2024-08.csv")
        first = Outcome(NAME, old, "--file-date", "2023-04-10")
        assert first.counts("shortages") == [3_029, 0, 0]
        assert first.findings() == {
            "NDC with segments of an unknown length": 45,
            "NDC of 10 digits without dashes has several readings": 5,
            "NDC names a product and not a package": 4,
            "same package and posting date as another row; the latest change is used": 13,
            "repeats an earlier row": 2,
        }
        assert Shortage.objects.values("package_ndc").distinct().count() == 2_977
        second = Outcome(NAME, new, "--file-date", "2024-08-08")
        assert second.counts("shortages") == [735, 1_143, 0]
        assert second.findings() == {
            "repeats an earlier row": 9,
            "same package and posting date as another row; the latest change is used": 4,
        }
        marks = mark_count()
        assert Outcome(NAME, new, "--file-date", "2024-08-08").counts("shortages") == [0, 0, 1_878]
        assert Outcome(NAME, old, "--file-date", "2023-04-10").counts("shortages")[:2] == [0, 0]
        assert mark_count() == marks

    def test_dry_run_stores_nothing(self, files):
        assert Outcome(NAME, files.shortages({}), dry_run=True).counts("shortages") == [1, 0, 0]
        assert not Shortage.objects.exists()
