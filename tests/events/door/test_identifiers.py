"""What is typed for a serial, a document or an NSN, and what of it is signed."""

from __future__ import annotations

import pytest

from chainlog.errors import EventError
from chainlog.events.door.identifiers import fold, read_identifier, read_nsn, says_nothing, trim


@pytest.mark.parametrize(
    ("typed", "signed"),
    [
        ("SN-1", "SN-1"),
        ("\u00a0SN-1\r\n", "SN-1"),
        ("\ufeff\u200bSN-1\u200e\t", "SN-1"),
        ("WB\u00a017", "WB 17"),
        ("WB \n 17", "WB 17"),
        ("sn-1оО", "sn-1оО"),
        ("0042", "0042"),
    ],
)
def test_blanks_go_and_letters_stay(typed, signed):
    assert read_identifier(typed, "serial") == signed
    assert read_identifier(typed, "document") == signed


def test_the_inside_of_a_partys_name_is_as_the_roster_has_it():
    assert read_identifier("\u00a0Склад\u00a0 А\n", "from") == "Склад\u00a0 А"


@pytest.mark.parametrize(
    "typed",
    [
        "1310-01-234-5678",
        "1310 01 234 5678",
        "1310–01–234–5678",
        "１３１０012345678",
        "1310012345678",
    ],
)
def test_an_nsn_is_its_digits(typed):
    assert read_identifier(typed, "nsn") == "1310012345678"


@pytest.mark.parametrize("typed", ["1310", "1310-01-234-567", "1310-01-234-56789", "131O012345678"])
def test_what_is_no_nsn_stays(typed):
    assert read_nsn(typed) == typed


@pytest.mark.parametrize(
    "typed",
    [
        "?",
        "??",
        "-",
        "—",
        ".",
        "n/a",
        "N/A",
        "#N/A",
        "немає",
        "б/н",
        "Б/Н",
        "без номера",
        "none",
        "  ",
    ],
)
def test_what_names_nothing_is_refused_with_the_way_to_say_so(typed):
    assert says_nothing(trim(typed))
    with pytest.raises(EventError, match="names nothing") as caught:
        read_identifier(typed, "document")
    assert caught.value.hint == "leave it out where it is not known"
    for name in ("serial", "counter", "number"):
        with pytest.raises(EventError, match="names nothing") as caught:
            read_identifier(typed, name)
        assert caught.value.hint
        assert caught.value.hint != "leave it out where it is not known"
    # A maker or a part that cannot be read is the empty string.
    assert read_identifier(typed, "maker") == ""


@pytest.mark.parametrize("text", ["sn 1", "SN–1", "ЅN-1", "s\u00a0n1", "\u200bSn-1"])  # looks alike
def test_look_ups_know_neither_case_nor_blanks_nor_alphabet(text):
    assert fold(text) == fold("SN-1") == "sn1"
    assert fold("SN-I") != fold("SN-1")


def test_what_is_short_is_no_nothing():
    for text in ("0", "X", "NA-1", "Б", "№ 5"):
        assert not says_nothing(text)
    assert trim(" \u200b ") == ""
