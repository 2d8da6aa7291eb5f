"""The fixed definitions, on lines that one can count by hand. Heads: order, line, NDC, ordered, committed, shipped,
delivered, quantity ordered, quantity shipped, canceled; the quarter is the third of 2026."""

from collections.abc import Callable
from datetime import date

import pytest
from django.conf import settings

from products.orders.figures import CONTRADICTS, REPEATED
from products.orders.lines import NOT_A_ROW
from products.orders.mapping import OrderMapping
from tests.orders.conftest import Outcome, outcome_of

Computed = Callable[..., Outcome]
P = "99901-101"
USAID = settings.BASE_DIR.parent / "shared" / "data" / "scms_delivery_history_2006-2015.tsv.gz"


def test_one_line_that_went_well(computed: Computed) -> None:
    found = computed(f"A,1,{P},2026-07-01,2026-07-10,2026-07-04,2026-07-10,100,100,")
    assert (found.fill(), found.on_time(), found.to_ship()) == ((100, 100), (1, 1), (3, 1))
    assert found.refused == []
    assert found.of(quarter=None) == found.of() | {"quarter_end": None}


def test_a_line_shipped_in_part_is_not_shipped_complete(computed: Computed) -> None:
    found = computed(
        f"A,1,{P},2026-07-01,2026-07-10,2026-07-04,2026-07-10,100,99,",
        f"B,1,{P},2026-07-01,2026-07-10,2026-07-04,2026-07-10,50,60,",
    )
    assert found.fill() == (50, 150), "nothing of the first; of the second no more than was ordered"
    assert found.on_time() == (2, 2), "whether all of it came is the fill rate's question"


def test_back_orders_shipped_later_do_not_count_as_filled(computed: Computed) -> None:
    """Two shipments of one line: the second completes it, and is late."""
    found = computed(
        f"A,1,{P},2026-07-01,2026-07-10,2026-07-04,2026-07-09,100,60,",
        f"A,1,{P},2026-07-01,2026-07-10,2026-07-20,2026-07-24,100,40,",
    )
    assert (found.fill(), found.on_time(), found.to_ship()) == ((0, 100), (0, 1), (19, 1))
    assert found.of()["lines_ordered"] == 1


def test_two_shipments_of_one_day_complete_a_line_together(computed: Computed) -> None:
    found = computed(
        f"A,1,{P},2026-07-01,2026-07-10,2026-07-04,2026-07-09,100,60,",
        f"A,1,{P},2026-07-01,2026-07-10,2026-07-04,2026-07-10,100,40,",
    )
    assert (found.fill(), found.on_time()) == ((100, 100), (1, 1))


def test_a_committed_date_that_was_moved_later_does_not_count(computed: Computed) -> None:
    found = computed(
        f"A,1,{P},2026-07-01,2026-07-20,2026-07-04,2026-07-09,100,60,",
        f"A,1,{P},2026-07-01,2026-07-10,2026-07-05,2026-07-12,100,40,",
    )
    assert found.on_time() == (0, 1)


def test_a_line_is_delivered_once_all_its_shipments_are(computed: Computed) -> None:
    found = computed(
        f"A,1,{P},2026-07-01,2026-07-20,2026-07-04,2026-07-09,100,60,",
        f"A,1,{P},2026-07-01,2026-07-20,2026-07-05,,100,40,",
    )
    assert (found.on_time(), found.of()["orders_undelivered"]) == ((0, 1), 1)


def test_several_lines_of_one_order_are_counted_each(computed: Computed) -> None:
    found = computed(
        f"A,1,{P},2026-07-01,2026-07-10,2026-07-04,2026-07-10,100,100,",
        f"A,2,{P},2026-07-01,2026-07-10,2026-07-04,2026-07-11,20,20,",
        "A,3,99901-202,2026-07-01,2026-07-10,2026-07-04,2026-07-10,7,7,",
    )
    assert (found.fill(), found.on_time()) == ((120, 120), (1, 2))
    assert (found.fill(product=2), found.on_time(product=2)) == ((7, 7), (1, 1))


def test_the_same_line_twice_is_counted_once(computed: Computed) -> None:
    line = f"A,1,{P},2026-07-01,2026-07-10,2026-07-04,2026-07-10,100,100,"
    found = computed(line, line.replace("A,1", "B,1"), line, line)
    assert (found.fill(), found.on_time()) == ((200, 200), (2, 2))
    assert found.refused == [(4, REPEATED, ""), (5, REPEATED, "")]


def test_lines_that_contradict_each_other_are_not_used(computed: Computed) -> None:
    found = computed(
        f"A,1,{P},2026-07-01,2026-07-10,2026-07-04,2026-07-10,100,100,",
        f"A,1,{P},2026-07-01,2026-07-10,2026-07-05,2026-07-10,90,90,",
        "B,1,99901-202,2026-07-01,2026-07-10,2026-07-05,2026-07-10,5,5,",
    )
    assert found.of() == {}
    assert found.fill(product=2) == (5, 5)
    assert found.refused == [(2, CONTRADICTS, ""), (3, CONTRADICTS, "")]


def test_lines_without_a_number_stand_for_themselves(computed: Computed) -> None:
    line = f"A,,{P},2026-07-01,2026-07-10,2026-07-04,2026-07-10,100,100,"
    assert computed(line, line).fill() == (200, 200)


def test_cancelled_units_stay_in_what_was_ordered(computed: Computed) -> None:
    found = computed(
        f"A,1,{P},2026-07-01,2026-07-10,,,100,,yes",
        f"B,1,{P},2026-07-01,2026-07-10,2026-07-04,2026-07-10,100,100,no",
    )
    assert (found.fill(), found.of()["units_cancelled"]) == ((100, 200), 100)
    assert found.on_time() == (1, 2), "a mere yes does not say that it was before the order was due"


def test_only_a_cancellation_before_the_due_day_leaves_on_time_delivery(computed: Computed) -> None:
    found = computed(
        f"A,1,{P},2026-07-01,2026-07-10,,,100,,2026-07-09",
        f"B,1,{P},2026-07-01,2026-07-10,,,100,,2026-07-10",
    )
    assert (found.on_time(), found.fill()) == ((0, 1), (0, 200))
    assert found.exclusions["on_time_delivery"] == {
        "no first committed date": 0,
        "a cancellation before the day due": 1,
    }


def test_missing_dates_leave_only_what_needs_them(computed: Computed) -> None:
    found = computed(
        f"A,1,{P},,2026-07-10,2026-07-04,2026-07-10,100,100,",
        f"B,1,{P},2026-07-01,,2026-07-04,2026-07-10,100,100,",
        f"C,1,{P},2026-07-01,2026-07-10,,2026-07-10,100,100,",
        f"D,1,{P},2026-07-01,2026-07-10,2026-07-04,Date Not Captured,100,100,",
        f"E,1,{P},2026-07-01,2026-07-10,2026-07-04,2026-07-10,,100,",
    )
    assert found.refused == []
    assert (found.fill(), found.on_time(), found.to_ship()) == ((300, 300), (3, 4), (3, 3))
    assert found.of()["orders_undelivered"] == 1
    assert found.exclusions == {
        "fill_rate": {"no day of the order": 1, "no quantity ordered": 1},
        "on_time_delivery": {"no first committed date": 1, "a cancellation before the day due": 0},
        "order_to_ship_days": {"no day of shipment": 1, "no day of the order": 1},
    }


def test_each_figure_has_its_own_twelve_months(computed: Computed) -> None:
    """Ordered in one window, due and shipped in the next."""
    found = computed(
        f"A,1,{P},2025-09-30,2025-10-01,2025-10-02,2025-10-02,10,10,",
        f"B,1,{P},2026-09-30,2026-10-01,2026-10-02,2026-10-02,20,20,",
    )
    assert (found.fill(), found.on_time(), found.to_ship()) == ((20, 20), (0, 1), (2, 1))
    assert found.of(quarter=date(2025, 9, 30)) == found.of(quarter=date(2025, 9, 30)) | {
        "units_ordered": 10,
        "orders_due": 0,
        "orders_shipped": 0,
        "order_to_ship_days": None,
    }
    assert found.of(quarter=date(2026, 6, 30))["units_ordered"] == 10
    assert found.of(quarter=date(2026, 12, 31)) == {}, "the quarter has not ended"
    assert found.of(quarter=None)["units_ordered"] == 30


@pytest.mark.parametrize(("orders", "slow", "days"), [(100, 10, 5), (100, 11, 30), (10, 1, 5), (9, 1, 30), (1, 1, 30)])
def test_nine_of_ten_orders_were_at_least_as_fast(computed: Computed, orders: int, slow: int, days: int) -> None:
    """Of 100 orders 90 shipped within 5 days: 5."""
    shipped = ["2026-07-06"] * (orders - slow) + ["2026-07-31"] * slow
    found = computed(*(f"A,{at},{P},2026-07-01,,{day},,1,1," for at, day in enumerate(shipped)))
    assert found.to_ship() == (days, orders)


def test_orders_for_a_later_date_count_from_the_day_on_which_they_may_ship(computed: Computed) -> None:
    heads = "Order,Line,NDC,Ordered on,May ship from,Shipped on"
    found = computed(
        f"A,1,{P},2026-07-01,2026-08-01,2026-08-03", f"B,1,{P},2026-07-01,2026-08-01,2026-07-30", heads=heads
    )
    assert found.to_ship() == (2, 2)
    assert found.fill() == (0, 0)


@pytest.mark.parametrize(
    ("line", "reason", "value"),
    [
        (f"A,1,{P},2026-07-01,2026-07-10,2026-06-30,2026-07-10,1,1,", "Shipped before it was ordered", "2026-06-30"),
        (f"A,1,{P},2026-07-01,2026-07-10,2026-07-04,2026-07-03,1,1,", "Delivered before it was shipped", "2026-07-03"),
        (f"A,1,{P},2026-07-01,2026-07-10,,2026-06-03,1,1,", "Delivered before it was ordered", "2026-06-03"),
        (f"A,1,{P},2026-07-01,2026-06-10,,,1,1,", "First committed date before the order", "2026-06-10"),
        (f"A,1,{P},2026-11-21,,,,1,1,", "Ordered on: in the future", "2026-11-21"),
        (f"A,1,{P},2026-07-01,,2026-12-01,,1,1,", "Shipped on: in the future", "2026-12-01"),
        (f"A,1,{P},2026-07-01,,,2027-07-01,1,1,", "Delivered on: in the future", "2027-07-01"),
        (f"A,1,{P},2026-07-01,,,,1,1,2026-12-24", "Canceled: in the future", "2026-12-24"),
        (f"A,1,{P},2026-07-01,2036-12-01,,,1,1,", "First committed date: more than ten years ahead", "2036-12-01"),
        (f"A,1,{P},1989-12-31,,,,1,1,", "Ordered on: before 1990", "1989-12-31"),
        (f"A,1,{P},2026-02-30,,,,1,1,", "Ordered on: no date that can be read", "2026-02-30"),
        (f"A,1,{P},7/2026,,,,1,1,", "Ordered on: no date that can be read", "7/2026"),
        (f"A,1,{P},2026-07-01,,,,-1,1,", "Quantity ordered: no whole number of units from 0", "-1"),
        (f"A,1,{P},2026-07-01,,,,12.5,1,", "Quantity ordered: no whole number of units from 0", "12.5"),
        (f"A,1,{P},2026-07-01,,,,1.000,1,", "Quantity ordered: no whole number of units from 0", "1.000"),
        (f"A,1,{P},2026-07-01,,,,1,many,", "Quantity shipped: no whole number of units from 0", "many"),
        (f"A,1,{P},2026-07-01,,,,0,0,", "Quantity ordered: 0", "0"),
        (f"A,1,{P},2026-07-01,,,,1,1,perhaps", "Canceled: neither yes or no nor a date", "perhaps"),
        ("A,1,,2026-07-01,,,,1,1,", "No product is given", ""),
        ("A,1,55555-101,2026-07-01,,,,1,1,", "The NDC is of no product that you have enrolled", "55555-101"),
        ("A,1,oxaliplatin,2026-07-01,,,,1,1,", "The name is matched to none of your products", "oxaliplatin"),
        (
            f"A,1,{P},2026-07-01,,,1",
            NOT_A_ROW.format("fewer"),
            "",
        ),
        (
            f"A,1,{P},2026-07-01,,,,1,1,,,x",
            NOT_A_ROW.format("more"),
            "",
        ),
    ],
)
def test_a_line_that_cannot_be_true_is_named_and_not_used(
    computed: Computed, line: str, reason: str, value: str
) -> None:
    found = computed(f"Z,9,{P},2026-07-01,2026-07-10,2026-07-04,2026-07-10,100,100,", line)
    assert found.refused == [(3, reason, value)]
    assert found.of() == computed(f"Z,9,{P},2026-07-01,2026-07-10,2026-07-04,2026-07-10,100,100,").of()


def test_a_committed_date_ahead_is_not_due_yet(computed: Computed) -> None:
    found = computed(f"A,1,{P},2026-09-01,2027-01-10,,,100,0,")
    assert (found.fill(), found.on_time(), found.refused) == ((0, 100), (0, 0), [])


@pytest.mark.parametrize(
    "written",
    ["99901-101-01", "99901-0101", "099901-0101", "099901-0101-02", "99901010101", "NDC 99901-101", " cisplatin ",
     "Cisplatin"],
)  # fmt: skip
def test_a_product_in_any_form(computed: Computed, written: str) -> None:
    assert computed(f"A,1,{written},2026-07-01,,,,5,5,").fill() == (5, 5)


def test_a_name_that_the_firm_matched(computed: Computed) -> None:
    line = "A,1,Cis 50mg VIAL,2026-07-01,,,,5,5,"
    assert computed(line).reader.unmatched == {("Cis 50mg VIAL", -4): 1}
    assert computed(line, names={"cis 50mg vial": 1}).fill() == (5, 5)


@pytest.mark.parametrize(
    "day",
    ["2026-07-01", "2026/07/01", "20260701", "7/1/2026", "07/01/26", "1-Jul-26", "01-JUL-2026", "1 July 2026",
     '"July 1, 2026"', "1.7.2026", "46204", "2026-07-01T23:59:59Z", "2026-07-01 08:30", "7/1/2026 8:30 PM"],
)  # fmt: skip
def test_dates_in_every_form(computed: Computed, day: str) -> None:
    """The day stands as it is written, whatever the time and zone."""
    found = computed(f"A,1,{P},{day},,2026-07-04,,5,5,")
    assert (found.to_ship(), found.refused) == ((3, 1), [])


def test_day_first(computed: Computed) -> None:
    line = f"A,1,{P},03/04/2026,,2026-04-05,,5,5,"
    assert computed(line).to_ship() == (32, 1)
    assert computed(line, day_first=True).to_ship() == (2, 1)


@pytest.mark.parametrize(("text", "units"), [("1,200", 1200), ("1 200", 1200), ("1200.0", 1200), ("1200.00", 1200)])
def test_quantities_with_thousands(computed: Computed, text: str, units: int) -> None:
    assert computed(f'A,1,{P},2026-07-01,,,,"{text}","{text}",').fill() == (units, units)


def test_chunks_make_no_difference(computed: Computed, tmp_path) -> None:  # type: ignore[no-untyped-def]
    lines = [
        f"A,{at % 7},{P},2026-07-{1 + at % 7:02},2026-07-12,2026-07-{9 + at:02},,{at % 7 + 1},1," for at in range(20)
    ]
    whole, parts = computed(*lines, size=100), computed(*lines, size=1)
    assert (whole.rows, whole.refused, whole.exclusions) == (parts.rows, parts.refused, parts.exclusions)


@pytest.mark.skipif(not USAID.exists(), reason="the USAID file is not in ../shared/data")
def test_the_deliveries_of_usaid() -> None:
    """../shared/data/README.md: 6,497 of 7,337 lines on or before the scheduled date, 88.55%."""
    columns = {"order_id": 3, "line_id": 0, "committed_on": 12, "delivered_on": 13}
    found = outcome_of(USAID, OrderMapping(columns, one_product=1), size=1_000)
    assert found.reader.problems.counts == {}
    assert found.on_time(quarter=None) == (6_497, 7_337)
    assert f"{6_497 / 7_337:.2%}" == "88.55%"
