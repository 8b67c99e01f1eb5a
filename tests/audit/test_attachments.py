"""EVID-*: each found, the nearest that is not, and what takes it away."""

from __future__ import annotations

import pytest
from support.programmes import Chronicle, item, key, lot

from chainlog.audit.rules.attachments import _apart


def photo(*numbers):
    return [{"sha256": f"{number:064x}", "size": 1, "type": "image/jpeg"} for number in numbers]


@pytest.fixture
def told():
    return Chronicle()


# EVID-MISSING


@pytest.mark.parametrize(
    ("states", "says"),
    [
        (("held", "held"), ""),
        (("absent", "held"), "1 of the files"),
        (("absent", "mismatch"), "2 of the files"),
    ],
)
def test_missing_is_not_held_or_does_not_match(told, states, says):
    count = told.count(item("SN-1"), place="Store 2", attachments=photo(1, 2))
    known = {
        bytes.fromhex(f"{number:064x}"): state for number, state in zip((1, 2), states, strict=True)
    }
    some = told.only("EVID-MISSING", "2023-04-01", attachment=known.__getitem__)
    assert [
        (one.severity, one.party, one.place, one.entries, one.chain, one.index) for one in some
    ] == [("medium", "depot", "Store 2", (count.id,), count.chain, 1)] * bool(says)
    assert all(one.sentence.startswith(says) for one in some)
    assert all(("with other content" in one.sentence) is ("mismatch" in states) for one in some)


def test_missing_goes_when_the_file_comes_and_with_a_correction(told):
    count = told.count(item("SN-1"), attachments=photo(1))
    other = told.count(item("SN-2"), attachments=photo(2))
    told.undo(count)
    told.undo(
        other,
        replacement={
            "event_time": "2023-03-01T08:00:00Z",
            "holder": "depot",
            "counter": "x",
            "complete": False,
        },
    )
    assert len(told.only("EVID-MISSING", "2023-05-01", attachment=lambda _: "absent")) == 2
    assert not told.only("EVID-MISSING", "2023-05-01")
    assert not told.only("EVID-MISSING", "2023-07-01", attachment=lambda _: "absent")


RIGHT = {
    "event_time": "2023-03-01T08:00:00Z",
    "holder": "depot",
    "counter": "x",
    "complete": True,
    "lines": [item("SN-2")],
}


def test_what_a_replacement_names_is_missing_where_it_stands_or_where_it_counts_for_nothing(told):
    other = told.count(item("SN-2"))
    correction = told.undo(other, replacement=RIGHT | {"attachments": photo(2)})
    (found,) = told.only("EVID-MISSING", "2023-07-01", attachment=lambda _: "absent")
    assert found.entries == (other.id, correction.id)
    foreign = told.undo(other, by="port", replacement=RIGHT | {"attachments": photo(3)})
    some = told.only("EVID-MISSING", "2023-07-01", attachment=lambda _: "absent")
    assert [one.entries for one in some] == [(other.id, correction.id), (foreign.id,)]


def test_a_file_is_asked_for_once_an_entry(told):
    asked = []
    told.count(item("SN-1"), attachments=photo(1, 1))
    told.only(
        "EVID-MISSING", "2023-05-01", attachment=lambda digest: asked.append(digest) or "mismatch"
    )
    assert len(asked) == 1


# EVID-REUSED


def test_reused_is_one_file_for_different_things(told):
    first = told.count(
        item("SN-1", value={"amount": "100", "currency": "USD", "basis": "list"}),
        attachments=photo(7),
        place="Store 2",
    )
    second = told.count(item("SN-2"), holder="brigade", attachments=photo(7))
    (found,) = told.only("EVID-REUSED", "2023-04-01")
    assert (found.severity, found.party, found.place, found.items) == (
        "high",
        "depot" if first.chain < second.chain else "brigade",
        found.place,
        (key("SN-1"), key("SN-2")),
    )
    assert (set(found.entries), found.count, found.value) == (
        {first.id, second.id},
        2,
        {"USD": "100"},
    )


@pytest.mark.parametrize(
    ("things", "found"),
    [
        ([["SN-1"], ["SN-1"]], 0),
        ([["SN-1", "SN-2"], ["SN-2"]], 0),
        ([["SN-1"], ["SN-1", "SN-2"], ["SN-2"]], 1),
        ([["SN-1", "SN-2"], ["SN-2", "SN-3"], ["SN-1", "SN-3"]], 0),
        ([["SN-1"], []], 0),
    ],
)
def test_different_is_with_nothing_in_common(told, things, found):
    for some in things:
        told.count(*(item(serial) for serial in some), attachments=photo(7))
    assert len(told.only("EVID-REUSED", "2023-04-01")) == found


def test_a_lot_is_another_thing_and_each_file_is_one_finding(told):
    told.count(item("SN-1"), attachments=photo(7, 8, 9))
    told.count(lot("L-1", "5"), attachments=photo(7, 8))
    assert len(told.only("EVID-REUSED", "2023-04-01")) == 2


@pytest.mark.parametrize("how", ["did not happen", "another file", "the same file"])
def test_reused_goes_with_a_correction(told, how):
    told.count(item("SN-1"), attachments=photo(7))
    other = told.count(item("SN-2"), attachments=photo(7))
    right = {
        "event_time": "2023-03-01T08:00:00Z",
        "holder": "depot",
        "counter": "x",
        "complete": True,
        "lines": [item("SN-2")],
    }
    more = {
        "another file": {"replacement": right | {"attachments": photo(8)}},
        "the same file": {"replacement": right | {"attachments": photo(7)}},
    }
    told.undo(other, **more.get(how, {}))
    assert told.only("EVID-REUSED", "2023-05-01")
    assert bool(told.only("EVID-REUSED", "2023-07-01")) is (how == "the same file")


def test_reused_is_what_only_a_replacement_names(told):
    told.count(item("SN-1"), attachments=photo(7))
    other = told.count(item("SN-2"), attachments=photo(8))
    inner = told.undo(other, replacement=RIGHT)
    assert not told.only("EVID-REUSED", "2023-07-01")
    anew = {"entry": other.id.hex(), "reason": "wrong_data", "event_time": RIGHT["event_time"]}
    right = RIGHT | {"attachments": photo(7)}
    told.undo(inner, at="2023-07-01", replacement=anew | {"replacement": right})
    (found,) = told.only("EVID-REUSED", "2023-08-01")
    assert found.items == (key("SN-1"), key("SN-2"))


def test_apart():
    assert not _apart(set())
    assert not _apart({frozenset("ab")})
    assert _apart({frozenset("ab"), frozenset("cd"), frozenset("bc")})
    assert not _apart({frozenset("ab"), frozenset("ac"), frozenset("bc")})
