"""Every form of a National Drug Code that people write."""

import pytest

from products.ndc import NdcError, package_key, product_key, readings


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("0002-0800-01", "000002-0800-01"),
        ("00002-0800-01", "000002-0800-01"),
        ("000002-0800-01", "000002-0800-01"),
        ("68682-065-10", "068682-0065-10"),
        ("68682-0065-10", "068682-0065-10"),
        ("068682-0065-10", "068682-0065-10"),
        ("12345-6789-1", "012345-6789-01"),
        ("12345-6789-01", "012345-6789-01"),
        (" 0002-0800-01 ", "000002-0800-01"),
    ],
)
def test_each_dashed_form_leads_to_one_package(text, key):
    assert package_key(text) == key
    assert [reading.package for reading in readings(text)] == [key]


@pytest.mark.parametrize("text", ["0002-0800", "00002-0800", "000002-0800"])
def test_each_product_form_leads_to_one_product(text):
    assert product_key(text) == "000002-0800"


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("00002080001", ["000002-0800-01"]),
        ("000002080001", ["000002-0800-01"]),
        ("NDC: 68682-065-10", ["068682-0065-10"]),
        ("68682‑065–10", ["068682-0065-10"]),
        ("6868206510", ["006868-2065-10", "068682-0065-10", "068682-0651-00", None]),
        ("00020800", [None, None]),
    ],
)
def test_bare_digits_give_every_reading(text, keys):
    assert [reading.package for reading in readings(text)] == keys


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "0002--0800",
        "0781-60-3946",
        "4-4-2",
        "0002-0800-1",
        "515-260-10",
        "1234567",
        "1234567890123",
        "abc",
        "²-3",
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(NdcError):
        readings(text)


def test_a_product_is_no_package_and_the_other_way_round():
    with pytest.raises(NdcError, match="names a product"):
        package_key("0002-0800")
    with pytest.raises(NdcError, match="names a package"):
        product_key("0002-0800-01")
