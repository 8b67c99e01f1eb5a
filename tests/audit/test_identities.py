"""DUP-SERIAL, ID-WEAK: each found, the nearest that is not, and what takes it away."""

from __future__ import annotations

from itertools import product

import pytest
from support.programmes import Chronicle, item, key

from chainlog.audit.rules.identities import slips
from chainlog.events.lookalikes import looks, one_keystroke

SEEN = {"entry_mode": "scan"}


@pytest.fixture
def told():
    return Chronicle()


# DUP-SERIAL


def test_registered_twice(told):
    first = told.register(item("SN-1", value={"amount": "100", "currency": "USD", "basis": "list"}))
    second = told.register(item("SN-1"), holder="port", at="2023-01-05", by="port", place="Pier 1")
    (found,) = told.only("DUP-SERIAL", "2023-02-01")
    assert (found.severity, found.party, found.place, found.entries) == (
        "high",
        "port",
        "Pier 1",
        (first.id, second.id),
    )
    assert (found.items, found.value, found.chain) == ((key("SN-1"),), {"USD": "100"}, second.chain)
    third = told.register(item("SN-1"), at="2023-01-06")
    (found,) = told.only("DUP-SERIAL", "2023-02-01")
    assert set(found.entries) == {first.id, second.id, third.id}


def test_registered_twice_goes_with_a_correction(told):
    told.register(item("SN-1"))
    again = told.register(item("SN-1"))
    told.undo(again)
    assert told.only("DUP-SERIAL", "2023-05-01")
    assert not told.only("DUP-SERIAL", "2023-07-01")


def test_another_part_or_maker_with_the_same_serial_is_another_thing(told):
    told.register(item("SN-1"), item("SN-1", part="M119"), item("SN-1", maker="2ABC2"))
    assert not told.only("DUP-SERIAL", "2023-02-01")


@pytest.mark.parametrize(
    ("at", "how", "found"),
    [
        ("2023-03-02T07:59:59.999Z", SEEN, 1),
        ("2023-03-02T08:00:00Z", SEEN, 0),
        ("2023-03-02T07:59:59.999Z", {"entry_mode": "manual"}, 0),
    ],
)
def test_seen_at_two_holders_within_a_day(told, at, how, found):
    told.register(item("SN-1"))
    one = told.count(item("SN-1"), **SEEN)
    other = told.count(item("SN-1"), holder="brigade", at=at, **how)
    some = told.only("DUP-SERIAL", "2023-04-01")
    assert [(one.entries, one.items) for one in some] == [
        ((one.id, other.id), (key("SN-1"),))
    ] * found


def test_not_with_a_handover_between(told):
    told.register(item("SN-1"))
    told.count(item("SN-1"), **SEEN)
    told.hand(item("SN-1"), at="2023-03-01T10:00:00Z")
    told.count(item("SN-1"), holder="brigade", at="2023-03-01T12:00:00Z", **SEEN)
    assert not told.only("DUP-SERIAL", "2023-04-01")


# ID-WEAK


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"maker": ""}, "no maker"),
        ({"part": ""}, "no part"),
        ({"maker": "", "part": ""}, "no maker and no part"),
        ({"maker": "1ABC"}, "'1ABC' is no maker's code"),
        ({"maker": "IABC2"}, "'IABC2' is no maker's code"),
        ({"serial": " "}, "spaces or signs"),
        ({"serial": "SN-1 "}, "spaces or signs"),
        ({"serial": "SN\x071"}, "spaces or signs"),
    ],
)
def test_what_is_missing_or_no_code(told, fields, says):
    made = told.register({"item": item("SN-1")["item"] | fields}, place="Store 2")
    (found,) = told.only("ID-WEAK", "2023-02-01")
    assert says in found.sentence
    assert (found.severity, found.party, found.place, found.entries, found.chain) == (
        "low",
        "hq",
        "Store 2",
        (made.id,),
        made.chain,
    )


def test_whole_ones_and_uiis_are_not_weak(told):
    told.register(item("SN-1"), {"item": {"uii": "D1234"}}, {"item": {"uii": "D1235"}})
    assert not told.only("ID-WEAK", "2023-02-01")


@pytest.mark.parametrize("double", ["SN-0OI", "sn-oo1", "SN-ОО1", "SN-OOl"])
def test_alike_in_whatever_letters(told, double):
    told.register(item("SN-001"), place="Store 2")
    later = told.register(item(double), at="2023-01-05")
    (found,) = told.only("ID-WEAK", "2023-02-01")
    assert (found.items, found.entries) == (("1ABC2/M777/" + double,), (later.id,))
    assert f"looks like {key('SN-001')}" in found.sentence


def test_alike_in_the_part_is_alike_all_the_same(told):
    told.register(item("SN-1", part="M777"))
    told.take(item("SN-1", part="М777"))
    assert told.only("ID-WEAK", "2023-03-01")[0].items == (key("SN-1", part="М777"),)


def test_not_alike_of_another_type_and_uiis_alike_among_themselves(told):
    told.register(
        item("SN-O"),
        item("SN-0", part="M119"),
        item("SN-0", maker="2ABC2"),
        {"item": {"uii": "SN-0"}},
    )
    assert not told.only("ID-WEAK", "2023-02-01")
    told.register({"item": {"uii": "SN-O"}})
    assert told.only("ID-WEAK", "2023-02-01")[0].items == ("uii:SN-O",)


@pytest.mark.parametrize("slip", ["SN-1235", "SN-123", "SN-12344", "NS-1234", "SN-1243"])
@pytest.mark.parametrize("mode", ["manual", "paper", "scan"])
def test_typed_and_one_keystroke_from_a_registered_one(told, slip, mode):
    told.register(item("SN-1234"))
    got = told.take(item(slip), entry_mode=mode)
    some = told.only("ID-WEAK", "2023-03-01")
    assert [(one.items, one.entries) for one in some] == [((key(slip),), (got.id,))] * (
        mode != "scan"
    )
    if some:
        assert "is one keystroke from SN-1234" in some[0].sentence


@pytest.mark.parametrize("other", ["SN-1299", "SN-4321", "SN-12"])
def test_two_slips_are_another_serial(told, other):
    told.register(item("SN-1234"))
    told.take(item(other), entry_mode="manual")
    assert not told.only("ID-WEAK", "2023-03-01")


def test_registered_ones_may_be_neighbours(told):
    told.register(item("SN-1"), item("SN-2"), entry_mode="manual")
    assert not told.only("ID-WEAK", "2023-02-01")


def test_weak_goes_with_a_correction(told):
    told.register(item("SN-1234"))
    got = told.take(item("SN-1235"), entry_mode="manual")
    right = {
        "event_time": "2023-02-02T08:00:00Z",
        "lines": [item("SN-1234")],
        "from": "depot",
        "to": "brigade",
        "entry_mode": "manual",
    }
    told.undo(got, replacement=right)
    assert told.only("ID-WEAK", "2023-05-01")
    assert not told.only("ID-WEAK", "2023-07-01")


def test_what_was_only_announced_is_not_weighed(told):
    told.send(item("SN-1", maker=""), kind="advise")
    assert not told.only("ID-WEAK", "2023-07-01")


def test_slips_are_those_of_one_keystroke_and_of_each_the_first():
    some = ["".join(letters) for size in range(1, 5) for letters in product("aO0", repeat=size)]
    typed, registered = some[::3], some[1::3] + some[2::7]
    expected = []
    for serial in typed:
        near = min((other for other in registered if one_keystroke(serial, other)), default=None)
        if near is not None and looks(near) != looks(serial):
            expected.append((serial, near))
    assert list(slips(typed, registered)) == sorted(expected)
    assert not list(slips((), registered))


@pytest.mark.slow
def test_slips_take_time_by_the_length_and_not_by_the_pairs():
    registered = [f"SN-{number:06}-X" for number in range(0, 20_000, 2)]
    typed = [f"SN-{number:06}-X" for number in range(1, 20_000, 2)]
    assert len(list(slips(typed, registered))) == len(typed)
