"""SHIP-*: each found, the nearest that is not, and what takes it away."""

from __future__ import annotations

import pytest
from support.programmes import Chronicle, item, key, lot

from chainlog.audit.settings import Settings

LOT = "lot:1320900007012/L-1"


@pytest.fixture
def told():
    return Chronicle()


# SHIP-OPEN


def test_open_names_the_consignment(told):
    told.register(item("SN-1", value={"amount": "100", "currency": "USD", "basis": "list"}))
    sent = told.send(item("SN-1"), lot("L-1", "5"), place="Gate 2")
    (found,) = told.only("SHIP-OPEN", "2023-04-02")
    assert (found.severity, found.party, found.place, found.entries) == (
        "medium",
        "brigade",
        "Gate 2",
        (sent.id,),
    )
    assert (found.chain, found.index, found.items, found.count, found.value) == (
        sent.chain,
        1,
        (key("SN-1"), LOT),
        2,
        {"USD": "100"},
    )
    assert found.sentence.startswith(
        "WB-1 from depot to brigade: 1ABC2/M777/SN-1 and lot:1320900007012/L-1 sent 59 "
        "days ago, with no receipt"
    )


@pytest.mark.parametrize(
    ("at", "found"), [("2023-03-03T08:00:00Z", 0), ("2023-03-03T08:00:00.001Z", 1)]
)
def test_open_begins_when_thirty_days_are_over(told, at, found):
    told.send(item("SN-1"))
    assert len(told.only("SHIP-OPEN", at)) == found
    assert told.only("SHIP-OPEN", at, settings=Settings(open_days=29))
    assert not told.only("SHIP-OPEN", at, settings=Settings(open_days=31))


def test_open_is_cured_by_any_receipt_even_of_nothing(told):
    told.send(item("SN-1"))
    told.take(at="2023-04-01")
    assert told.only("SHIP-OPEN", "2023-03-31")
    assert not told.only("SHIP-OPEN", "2023-05-01")
    assert told.only("SHIP-QTY", "2023-05-01")


def test_open_is_not_cured_by_the_receipt_of_another_paper(told):
    told.send(item("SN-1"))
    told.take(item("SN-1"), document="WB-2")
    assert told.only("SHIP-OPEN", "2023-05-01")


def test_open_is_of_the_first_dispatch_under_one_paper(told):
    first = told.send(item("SN-1"))
    second = told.send(item("SN-2"), at="2023-02-20")
    (found,) = told.only("SHIP-OPEN", "2023-03-10")
    assert (found.entries, found.index) == ((first.id, second.id), 1)


def test_open_goes_when_it_was_never_sent_and_an_advice_alone_opens_nothing(told):
    sent = told.send(item("SN-1"))
    told.send(item("SN-2"), by="hq", kind="advise", document="WB-9")
    told.undo(sent)
    assert not told.only("SHIP-OPEN", "2023-07-01")
    assert told.only("SHIP-OPEN", "2023-05-01")


def test_open_goes_when_the_paper_was_another(told):
    sent = told.send(item("SN-1"), document="WB-8")
    told.take(item("SN-1"))
    told.undo(
        sent,
        replacement={
            "event_time": "2023-02-01T08:00:00Z",
            "lines": [item("SN-1")],
            "from": "depot",
            "to": "brigade",
            "document": "WB-1",
        },
    )
    assert told.only("SHIP-OPEN", "2023-05-01")
    assert told.only("SHIP-NOADVICE", "2023-05-01")
    assert not told.audit(
        "2023-06-20", codes={"SHIP-OPEN", "SHIP-NOADVICE", "SHIP-QTY", "SHIP-SERIAL"}
    )


# SHIP-QTY, SHIP-SERIAL


def test_short_is_by_how_much_and_of_what(told):
    told.send(item("SN-1"), item("SN-2"), lot("L-1", "100"))
    got = told.take(item("SN-1"), lot("L-1", "99.5"), place="Post 4")
    (found,) = told.only("SHIP-QTY", "2023-03-01")
    assert (found.severity, found.party, found.place, found.entries, found.chain) == (
        "high",
        "brigade",
        "Post 4",
        (got.id,),
        got.chain,
    )
    assert (found.items, found.count) == ((key("SN-2"), LOT), 2)
    assert "-1 items, -0.5 RD of lot:1320900007012/L-1" in found.sentence
    assert not told.only("SHIP-SERIAL", "2023-03-01")


def test_over_is_a_quantity_and_a_serial(told):
    told.send(item("SN-1"), lot("L-1", "100"))
    told.take(item("SN-1"), item("SN-2"), lot("L-1", "101"))
    (quantity,), (serial,) = (
        told.only("SHIP-QTY", "2023-03-01"),
        told.only("SHIP-SERIAL", "2023-03-01"),
    )
    assert "+1 items, +1 RD of" in quantity.sentence
    assert (serial.items, serial.severity) == ((key("SN-2"),), "high")
    assert quantity.items == (key("SN-2"), LOT)


def test_one_in_place_of_another_is_a_serial_and_no_quantity(told):
    told.send(item("SN-1"))
    told.take(item("SN-2"))
    (found,) = told.only("SHIP-SERIAL", "2023-03-01")
    assert found.items == (key("SN-1"), key("SN-2"))
    assert "1 items arrived that were not sent, 1 that were sent did not" in found.sentence
    assert not told.only("SHIP-QTY", "2023-03-01")


def test_what_matches_in_parts_and_in_two_lines_is_no_finding(told):
    told.send(item("SN-1"), item("SN-2"), lot("L-1", "60"), lot("L-1", "40"))
    told.take(item("SN-1"), lot("L-1", "30"))
    assert told.only("SHIP-QTY", "2023-02-03")
    told.take(item("SN-2"), lot("L-1", "70"), at="2023-02-05")
    assert not told.audit(
        "2023-03-01", codes={"SHIP-QTY", "SHIP-SERIAL", "SHIP-OPEN", "SHIP-NOADVICE"}
    )


def test_another_unit_does_not_match(told):
    told.send(lot("L-1", "10", "BX"))
    told.take(lot("L-1", "10", "RD"))
    assert (
        "-10 BX of lot:1320900007012/L-1, +10 RD" in told.only("SHIP-QTY", "2023-03-01")[0].sentence
    )


def test_a_difference_goes_with_a_correction_of_either_side(told):
    told.send(item("SN-1"), lot("L-1", "100"))
    got = told.take(item("SN-2"), lot("L-1", "90"))
    right = {
        "event_time": "2023-02-02T08:00:00Z",
        "lines": [item("SN-1"), lot("L-1", "100")],
        "from": "depot",
        "to": "brigade",
        "document": "WB-1",
    }
    told.undo(got, replacement=right)
    assert len(told.audit("2023-05-01", codes={"SHIP-QTY", "SHIP-SERIAL"})) == 2
    assert not told.audit("2023-07-01", codes={"SHIP-QTY", "SHIP-SERIAL"})


def test_where_no_dispatch_is_held_the_advice_is_compared(told):
    told.send(item("SN-1"), item("SN-2"), kind="advise")
    told.take(item("SN-1"))
    assert told.only("SHIP-QTY", "2023-03-01")[0].items == (key("SN-2"),)
    told.send(item("SN-1"))
    assert not told.only("SHIP-QTY", "2023-03-01")


def test_a_receipt_by_id_needs_no_paper(told):
    sent = told.send(item("SN-1"), item("SN-2"))
    told.take(item("SN-1"), document="other", dispatch=sent.id.hex())
    (found,) = told.only("SHIP-QTY", "2023-03-01")
    assert found.sentence.startswith("WB-1, from depot to brigade")


# SHIP-NOADVICE


def test_noadvice_is_a_receipt_of_nothing_sent(told):
    got = told.take(item("SN-1"), lot("L-1", "5"), place="Post 4")
    (found,) = told.only("SHIP-NOADVICE", "2023-03-01")
    assert (found.severity, found.party, found.place, found.entries) == (
        "medium",
        "brigade",
        "Post 4",
        (got.id,),
    )
    assert (found.items, found.chain, found.index) == ((key("SN-1"), LOT), got.chain, 1)


@pytest.mark.parametrize("kind", ["dispatch", "advise"])
def test_noadvice_is_cured_by_either(told, kind):
    told.take(item("SN-1"))
    told.send(item("SN-1"), kind=kind)
    assert not told.only("SHIP-NOADVICE", "2023-03-01")


@pytest.mark.parametrize(
    ("fields", "found"),
    [({"from": "port"}, 0), ({"to": "port"}, 0), ({"from": "port", "to": "port"}, 1)],
)
def test_noadvice_where_neither_party_is_that_of_the_paper(told, fields, found):
    told.send(item("SN-1"))
    told.take(item("SN-1"), **fields)
    assert len(told.only("SHIP-NOADVICE", "2023-03-01")) == found


def test_each_receipt_of_nothing_sent_is_one_finding_and_goes_with_it(told):
    told.take(item("SN-1"))
    got = told.take(item("SN-2"))
    without = told.say(
        "brigade", "receive", "2023-02-03", lines=[item("SN-3")], to="brigade", **{"from": "depot"}
    )
    assert len(told.only("SHIP-NOADVICE", "2023-03-01")) == 3
    told.undo(got)
    told.undo(without)
    assert len(told.only("SHIP-NOADVICE", "2023-07-01")) == 1
