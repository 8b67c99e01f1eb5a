"""For whom a correction that hides what it puts in the place may speak, and for whom it may not."""

from __future__ import annotations

import pytest
from support.copies import Copy
from support.programmes import item, key, lot

SPLIT = {"CUST-SPLIT", "CUST-NONHOLDER"}
TRUE = {"event_time": "2023-02-01T08:00:00Z", "from": "depot", "to": "brigade", "lines": []}


@pytest.fixture
def told():
    """The depot's `SN-1`, and the port's `SN-2`, which the brigade hands on all the same."""
    made = Copy()
    made.register(item("SN-1"), lot("L-1", "9"))
    made.register(item("SN-2"), holder="port")
    made.handed = made.hand(item("SN-1"))
    made.hand(item("SN-2"), by="brigade", at="2023-03-01", to="hq", **{"from": "brigade"})
    return made


def rewrite(told, entry, *paths, **more):
    meant = {**TRUE, "lines": [item("SN-9")]}
    return told.hide(told.undo(entry, replacement=meant, **more), "replacement", *paths)


def split(told):
    return [one.items for one in told.audit() if one.code in SPLIT]


def test_it_speaks_for_who_said_what_it_corrects_and_for_nobody_else(told):
    rewrite(told, told.handed)
    assert split(told) == [(key("SN-2"),)]


@pytest.mark.parametrize("party", ["port", "brigade"])
def test_for_who_accepted_that_too(told, party):
    told.say(party, "accept", "2023-02-02", agreed=True, entry=told.handed.id.hex())
    rewrite(told, told.handed)
    assert split(told) == []


def test_of_a_party_that_may_not_correct_it_speaks_for_nobody(told):
    rewrite(told, told.handed, by="port")
    assert split(told) == [(key("SN-2"),)]
    assert "CORRECT-FOREIGN" in told.codes()


def test_one_of_a_correction_speaks_for_who_said_what_that_corrects(told):
    rewrite(told, told.undo(told.handed, replacement={**TRUE, "lines": [item("SN-1")]}))
    assert split(told) == [(key("SN-2"),)]


@pytest.mark.parametrize(
    ("by", "who", "told_still"),
    [("depot", "custodian", 1), ("depot", "inspector", 1), ("hq", "owner", 0)],
)
def test_one_that_hides_of_what_too_speaks_for_all_that_it_may_correct(told, by, who, told_still):
    rewrite(told, told.handed, "entry", by=by, who=who)
    assert len(split(told)) == told_still


def test_one_of_what_a_recorder_entered_speaks_for_all_of_the_chain(told):
    entered = {"who": "recorder", "on_behalf_of": "depot"}
    of_depot = told.hand(item("SN-1"), **entered)
    rewrite(told, of_depot)
    assert split(told) == [(key("SN-2"),)]
    told.hand(item("SN-1"), who="recorder", on_behalf_of="port")
    rewrite(told, told.hand(item("SN-1"), **entered))
    assert split(told) == []


def test_a_lot_that_its_author_never_had_stays_below_zero(told):
    told.register(lot("L-2", "1"), holder="port", by="port")
    told.hand(lot("L-2", "5"), by="port", to="hq", **{"from": "port"})
    rewrite(told, told.handed)
    assert [one.items for one in told.only("LOT-NEGATIVE")] == [("lot:1320900007012/L-2",)]


@pytest.mark.parametrize(("by", "found"), [("depot", 0), ("port", 1)])
def test_of_one_file_for_two_things_only_who_may_correct_one_leaves_it_open(told, by, found):
    photo = [{"sha256": "07" * 32, "size": 1, "type": "image/jpeg"}]
    told.hand(item("SN-1"), attachments=photo)
    rewrite(told, told.hand(item("SN-3"), attachments=photo), by=by)
    assert len(told.only("EVID-REUSED")) == found
