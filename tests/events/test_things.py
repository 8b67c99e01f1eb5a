"""The text of a thing is its key: no two things share one.

And what looks alike, or is a slip away, is known as such.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainlog.errors import EventError
from chainlog.events.lookalikes import alike, first_difference, looks, one_keystroke
from chainlog.events.things import format_item, format_lot, is_item, is_ncage, parse_item, serial_of

# Whatever a plate may bear, and what keys are built of.
TEXT = st.text(
    st.one_of(st.characters(codec="utf-8"), st.sampled_from("/%:2F \t\nїЇ—")), max_size=12
)
CODE = TEXT.filter(bool)
ITEMS = st.one_of(
    st.fixed_dictionaries({"uii": CODE}),
    st.fixed_dictionaries({"maker": TEXT, "part": TEXT, "serial": CODE}),
    st.fixed_dictionaries(
        {
            "maker": st.sampled_from(["lot", "money", "uii", "container", "uii:"]),
            "part": TEXT,
            "serial": CODE,
        }
    ),
)
LOTS = st.fixed_dictionaries({"nsn": CODE, "number": CODE})


@given(ITEMS)
def test_an_item_as_text_is_that_item_again(item):
    assert parse_item(format_item(item)) == item
    assert serial_of(format_item(item)) == item.get("serial", item.get("uii"))
    assert is_item(format_item(item))


@given(ITEMS, ITEMS)
def test_no_two_items_share_a_key(one, other):
    assert (format_item(one) == format_item(other)) == (one == other)


@given(LOTS, LOTS)
def test_no_two_lots_share_a_key(one, other):
    assert (format_lot(one) == format_lot(other)) == (one == other)
    assert not is_item(format_lot(one))


@given(ITEMS, LOTS, CODE)
def test_things_of_different_sorts_share_no_key(item, lot, code):
    keys = {format_item(item), format_lot(lot), "money:USD", f"container:{code}"}
    assert len(keys) == 4
    assert [is_item(key) for key in ("money:USD", f"container:{code}")] == [False, False]


def test_items_read_as_they_are_written():
    assert format_item({"maker": "1ABC2", "part": "M777", "serial": "SN-1"}) == "1ABC2/M777/SN-1"
    assert (
        format_item({"maker": "", "part": "ящик 7", "serial": "7/8%:"}) == "/ящик%207/7%2F8%25%3A"
    )
    assert format_item({"uii": "DDEMVA4401"}) == "uii:DDEMVA4401"
    assert format_item({}) == "//"
    assert (
        format_lot({"nsn": "1320900007012", "number": "DEM22K141-010"})
        == "lot:1320900007012/DEM22K141-010"
    )
    assert format_lot({}) == "lot:/"


def test_what_people_type_need_not_be_encoded_where_it_is_clear():
    assert parse_item("1ABC2/M 777/№ 1:50%") == {
        "maker": "1ABC2",
        "part": "M 777",
        "serial": "№ 1:50%",
    }
    assert parse_item("uii:A/B:C") == {"uii": "A/B:C"}


@pytest.mark.parametrize(
    "text", ["", "SN-1", "a/b", "a/b/", "//", "a/b/c/d", "uii:", "a/b/%FF", "uii:%C3"]
)
def test_what_names_no_item_is_refused(text):
    with pytest.raises(EventError, match="is no item") as caught:
        parse_item(text)
    assert "%2F" in caught.value.hint


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("HW-0O1", "hw-o0l"),
        ("HW-0O1", "НW-0О1"),  # Cyrillic Н and О
        ("AВEHIKMNOPTYXZ", "ΑΒΕΗΙΚΜΝΟΡΤΥΧΖ"),  # Greek
        ("ABEHIKMOPCTYX", "АВЕНІКМОРСТУХ"),  # Cyrillic
        ("ЅЈԚԜҮӀ", "SJQWYI"),
        ("ГПФ", "ΓΠΦ"),
        ("I1l|", "1111"),
        ("3", "З"),
        ("ı1", "I1"),
        ("ＨＷ－１", "HW-1"),  # the wide forms of East Asia
        ("A-1", "A–1"),  # a dash, as telephones put it
        ("A-1", "A−1"),  # a minus
    ],
)
def test_what_looks_alike_is_alike(one, other):
    assert looks(one) == looks(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("SN-1", "SN-2"), ("SN-1", "SN1"), ("8", "B"), ("5", "S"), ("Г-1", "T-1"), ("ν", "n")],
)
def test_what_does_not_look_alike_is_not(one, other):
    assert looks(one) != looks(other)


SHORT = st.text("ab1", max_size=6)


def slips(text):
    """All that a single slip makes of a text."""
    for at in range(len(text) + 1):
        before, after = text[:at], text[at:]
        yield before + after[1:]
        for char in "ab1":
            yield before + char + after
            yield before + char + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]


@pytest.mark.parametrize(
    ("one", "other", "slip"),
    [
        ("SN-12", "SN-13", True),
        ("SN-12", "SN-21", True),
        ("SN-12", "SN-112", True),
        ("SN-123", "SN-13", True),
        ("", "S", True),
        ("SN-12", "SN-12", False),
        ("SN-12", "SN-1234", False),
        ("SN-12", "SN-34", False),
        ("SN-123", "SN-321", False),
        ("SN-12", "NS-123", False),
    ],
)
def test_what_is_one_keystroke(one, other, slip):
    assert one_keystroke(one, other) is one_keystroke(other, one) is slip


@given(SHORT, SHORT)
def test_one_keystroke_is_a_key_more_less_or_other_or_two_exchanged(one, other):
    assert (
        one_keystroke(one, other)
        == one_keystroke(other, one)
        == (one != other and other in set(slips(one)))
    )


@given(SHORT)
def test_every_slip_is_one_keystroke(text):
    for slip in slips(text):
        assert one_keystroke(text, slip) == (text != slip)


@pytest.mark.parametrize(
    ("code", "good"),
    [
        ("1ABC2", True),
        ("00000", True),
        ("1ABC", False),
        ("1ABO2", False),
        ("1ABI2", False),
        ("1abc2", False),
        ("1ABC2\n", False),
        ("1АВС2", False),
        ("１ABC2", False),
    ],
)
def test_a_makers_code_has_a_form(code, good):
    assert is_ncage(code) is good


@pytest.mark.parametrize(
    ("text", "names", "meant"),
    [
        ("Cклад 7", ["Склад 7", "Склад 8", "Порт"], ["Склад 7"]),
        ("Склад\u00a07", ["склад 7", "Склад 7"], ["Склад 7", "склад 7"]),
        ("recieve", ["register", "receive"], ["receive"]),
        ("склад", ["Склад 7", "Склад 8", "Порт"], ["Склад 7", "Склад 8"]),
        ("Склад 77 полку", ["Склад 77"], ["Склад 77"]),
        ("aб", ["абвгд"], []),
        ("Порт", [], []),
        ("Порт", ["Бригада"], []),
    ],
)
def test_what_somebody_may_have_meant(text, names, meant):
    assert alike(text, names) == meant


def test_the_first_sign_by_which_two_texts_differ():
    assert first_difference("Склад\u00a07", "Склад 7") == (
        6,
        "U+00A0 NO-BREAK SPACE",
        "U+0020 SPACE",
    )
    assert first_difference("Порт ", "Порт") == (5, "U+0020 SPACE", "")
    assert first_difference("Пор", "Порт") == (4, "", "U+0442 CYRILLIC SMALL LETTER TE")
    assert first_difference("\x07", "a")[1] == "U+0007 ?"
