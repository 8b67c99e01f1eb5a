"""Numbers in the forms that people write, and the ones that mean two things."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainlog.errors import EventError
from chainlog.events.door.numbers import is_decimal, read_number

BLANKS = " \u00a0\u202f\u2009\u2007"


@pytest.mark.parametrize("blank", BLANKS)
def test_any_blank_may_stand_between_thousands(blank):
    assert read_number(f"1{blank}200") == "1200"
    assert read_number(f"{blank}12{blank}345{blank}678,50{blank}") == "12345678.5"


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("1200", "1200"),
        ("1,5", "1.5"),
        ("1200.50", "1200.5"),
        ("1200,500", "1200.5"),
        ("010.5", "10.5"),
        ("1'200", "1200"),
        ("1’200,5", "1200.5"),
        ("1,200.00", "1200"),
        ("1.200,00", "1200"),
        ("1,200.", "1200"),
        ("1,200,000", "1200000"),
        ("1.200.000", "1200000"),
        ("1 200.500", "1200.5"),
        ("0.125", "0.125"),
        ("0,125", "0.125"),
        ("1.0000", "1"),
        ("10.", "10"),
        (".5", "0.5"),
        ("１２００", "1200"),
        ("１．５", "1.5"),
        ("٣", "3"),
        ("+5", "5"),
        ("- 5", "-5"),
        ("−5", "-5"),
        ("-0", "0"),
    ],
)
def test_forms_that_people_write(typed, number):
    assert read_number(typed) == number
    assert is_decimal(number)


@pytest.mark.parametrize(
    ("typed", "many", "few", "hint"),
    [
        ("1.000", "1000", "1", "write 1000 or 1.0000"),
        ("1,000", "1000", "1", "write 1000 or 1.0000"),
        ("-12.345", "-12345", "-12.345", "write -12345 or -12.3450"),
        ("１.５００", "1500", "1.5", "write 1500 or 1.5000"),
    ],
)
def test_what_may_be_either_is_asked_about(typed, many, few, hint):
    with pytest.raises(EventError, match="may be") as caught:
        read_number(typed)
    assert str(caught.value.message) == f"{typed!r} may be {many} or {few}"
    assert caught.value.hint == hint
    one, other = hint.removeprefix("write ").split(" or ")
    assert [read_number(one), read_number(other)] == [many, few]


@pytest.mark.parametrize(
    "typed",
    [
        "",
        ".",
        "-",
        "?",
        "1 20",
        "12 34",
        "1 2000",
        "1,2,3",
        "1.2.3",
        "1e5",
        "0x1",
        "1 200 шт",
        "½",
        "10²",
    ],
)
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(EventError, match="is no number") as caught:
        read_number(typed)
    assert caught.value.hint


def test_a_number_has_30_digits_at_most():
    assert read_number("1" * 30) == "1" * 30
    with pytest.raises(EventError, match="more than 30 digits"):
        read_number("1" * 31)


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9
    )
)
def test_a_number_with_cents_is_itself_in_every_way_of_grouping(number):
    shown = f"{number:,.2f}"
    ways = [shown, shown.replace(",", " "), shown.replace(",", "\u00a0").replace(".", ",")]
    ways += [shown.replace(",", "_").replace(".", ",").replace("_", "."), f"{number:f}"]
    assert {Decimal(read_number(way)) for way in ways} == {number}
