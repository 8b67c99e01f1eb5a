"""Units of issue as they are typed and signed."""

from __future__ import annotations

import pytest

from chainlog.errors import EventError
from chainlog.events.door.units import CODES, SHORT, is_known, read_unit


@pytest.mark.parametrize(
    ("typed", "signed"),
    [
        ("ea", "EA"),
        (" Ea\u00a0", "EA"),
        ("ЕА", "EA"),
        ("шт", "шт"),
        ("ШТ.", "шт"),
        ("штук", "шт"),
        ("ящиків", "ящ"),
        ("pallet", "PALLET"),
        ("відро  велике", "відро велике"),
    ],
)
def test_codes_are_capitals_and_ukrainian_units_short(typed, signed):
    assert read_unit(typed) == signed


def test_every_unit_that_is_offered_is_signed_as_it_stands():
    for unit in (*CODES, *SHORT):
        assert read_unit(unit) == unit
        assert is_known(unit)
    assert not is_known("PALLET")


@pytest.mark.parametrize("typed", ["?", "-", "200 шт", "5", ""])
def test_part_of_a_number_is_no_unit(typed):
    with pytest.raises(EventError, match="is no unit") as caught:
        read_unit(typed)
    assert caught.value.hint
