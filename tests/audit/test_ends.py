"""TERM-AFTER, RESURRECT, LOSS-*: each found, the nearest that is not, and what takes it away."""

from __future__ import annotations

import pytest
from support.programmes import Chronicle, item, key

from chainlog.audit.settings import Settings

ENDS = {
    "expend": {"holder": "depot"},
    "destroy": {"holder": "depot", "means": "fire", "witnessed_by": "x"},
    "loss": {"holder": "depot", "cause": "lost", "report": "initial"},
}
AFTER = {
    **ENDS,
    "transfer": {"from": "depot", "to": "brigade"},
    "dispatch": {"from": "depot", "to": "brigade", "document": "WB-1"},
    "pack": {"container": "K-1", "items": [item("SN-1")["item"]]},
    "unpack": {"container": "K-1", "items": [item("SN-1")["item"]]},
}


@pytest.fixture
def told():
    return Chronicle()


def final(told, *lines, at="2023-03-20", by="depot", **more):
    said = {
        "lines": [*lines],
        "holder": "depot",
        "cause": "lost",
        "report": "final",
        "lost_on": "2023-03-01",
        "place": "field",
        **more,
    }
    return told.say(
        by, "loss", at, **{name: value for name, value in said.items() if value is not None}
    )


# TERM-AFTER


@pytest.mark.parametrize("end", sorted(ENDS))
@pytest.mark.parametrize("after", sorted(AFTER))
def test_after_its_end(told, end, after):
    told.register(item("SN-1", value={"amount": "100", "currency": "USD", "basis": "list"}))
    told.say("depot", end, "2023-02-01", lines=[item("SN-1")], **ENDS[end])
    more = (
        AFTER[after] if after in {"pack", "unpack"} else {"lines": [item("SN-1")], **AFTER[after]}
    )
    wrong = told.say("depot", after, "2023-02-02", place="Gate 2", **more)
    (found,) = told.only("TERM-AFTER", "2023-02-03")
    assert (found.severity, found.party, found.place, found.entries) == (
        "high",
        "depot",
        "Gate 2",
        (wrong.id,),
    )
    assert (found.items, found.chain, found.index, found.value) == (
        (key("SN-1"),),
        wrong.chain,
        2,
        {"USD": "100"},
    )
    told.undo(wrong)
    assert not told.only("TERM-AFTER", "2023-07-01")


def test_a_final_report_is_not_after_the_end_but_a_second_initial_one_is(told):
    told.register(item("SN-1"))
    told.lose(item("SN-1"))
    final(told, item("SN-1"))
    assert not told.only("TERM-AFTER", "2023-04-01")
    told.lose(item("SN-1"), at="2023-03-25")
    assert told.only("TERM-AFTER", "2023-04-01")


def test_nothing_is_after_an_end_that_did_not_happen(told):
    told.register(item("SN-1"))
    end = told.lose(item("SN-1"))
    told.hand(item("SN-1"), at="2023-03-05")
    told.undo(end)
    assert told.only("TERM-AFTER", "2023-05-01")
    assert not told.only("TERM-AFTER", "2023-07-01")


# RESURRECT


@pytest.mark.parametrize("back", ["receive", "inventory", "inspect"])
def test_seen_again(told, back):
    told.register(item("SN-1"))
    told.lose(item("SN-1"))
    more = {
        "receive": {"lines": [item("SN-1")], "from": "port", "to": "depot"},
        "inspect": {"item": item("SN-1")["item"], "now": "A"},
        "inventory": {
            "lines": [item("SN-1")],
            "holder": "depot",
            "counter": "x",
            "complete": False,
        },
    }
    seen = told.say("depot", back, "2023-03-05", place="Gate 2", **more[back])
    (found,) = told.only("RESURRECT", "2023-04-01")
    assert (found.severity, found.party, found.place, found.entries, found.items) == (
        "high",
        "depot",
        "Gate 2",
        (seen.id,),
        (key("SN-1"),),
    )
    assert f"{back} after it was lost" in found.sentence
    told.undo(seen)
    assert not told.only("RESURRECT", "2023-07-01")


def test_found_is_what_brings_it_back(told):
    told.register(item("SN-1"))
    told.lose(item("SN-1"))
    told.say("depot", "found", "2023-03-04", lines=[item("SN-1")])
    told.count(item("SN-1"), at="2023-03-05")
    assert not told.audit("2023-04-01", codes={"RESURRECT", "TERM-AFTER"})


# LOSS-LATE


@pytest.mark.parametrize(
    ("at", "found"), [("2023-03-31T23:59:59.999Z", 0), ("2023-04-01T00:00:00Z", 1)]
)
def test_late_is_more_than_thirty_days_by_the_calendar(told, at, found):
    late = final(told, item("SN-1"), at=at)
    some = told.only("LOSS-LATE", "2023-05-01")
    assert [(one.severity, one.party, one.place, one.entries, one.items) for one in some] == [
        ("medium", "depot", "field", (late.id,), (key("SN-1"),))
    ] * found
    assert told.only("LOSS-LATE", "2023-05-01", settings=Settings(loss_days=29))
    assert not told.only("LOSS-LATE", "2023-05-01", settings=Settings(loss_days=31))


def test_late_by_the_date_of_the_initial_report_where_the_final_one_leaves_it_out(told):
    first = told.lose(item("SN-1"))
    final(told, item("SN-1"), at="2023-05-01", lost_on=None, initial=first.id.hex())
    (found,) = told.only("LOSS-LATE", "2023-06-01")
    assert "61 days after the loss, 30 are allowed" in found.sentence


def test_late_cannot_be_said_without_a_date_and_goes_with_a_correction(told):
    final(told, item("SN-1"), at="2023-05-01", lost_on=None)
    assert not told.only("LOSS-LATE", "2023-06-01")
    told.undo(final(told, item("SN-2"), at="2023-05-01"))
    assert told.only("LOSS-LATE", "2023-05-20")
    assert not told.only("LOSS-LATE", "2023-07-01")


# LOSS-NODATE


@pytest.mark.parametrize(
    ("without", "says"),
    [
        ({"lost_on": None}, "no date"),
        ({"place": None}, "no place"),
        ({"lost_on": None, "place": None}, "no date and no place"),
        ({}, ""),
    ],
)
@pytest.mark.parametrize("report", ["initial", "final"])
def test_nodate_is_a_loss_without_a_date_or_a_place(told, without, says, report):
    lost = told.lose(item("SN-1"), report=report, **without)
    some = told.only("LOSS-NODATE", "2023-03-05")
    assert [(one.severity, one.party, one.entries, one.items) for one in some] == [
        ("medium", "depot", (lost.id,), (key("SN-1"),))
    ] * bool(says)
    if some:
        assert f"has {says}:" in some[0].sentence


def test_nodate_is_cured_by_the_final_report_piece_by_piece(told):
    first = told.lose(item("SN-1"), lost_on=None, place=None)
    final(told, item("SN-1"), initial=first.id.hex(), place=None)
    assert "has no place:" in told.only("LOSS-NODATE", "2023-04-01")[0].sentence
    final(told, item("SN-1"), initial=first.id.hex(), lost_on=None, at="2023-03-21")
    assert not told.only("LOSS-NODATE", "2023-04-01")


@pytest.mark.parametrize("cites", ["nothing", "another kind", "a final one", "one taken back"])
def test_nodate_of_a_final_report_that_names_no_initial_one(told, cites):
    named = {
        "nothing": lambda: None,
        "another kind": lambda: told.hand(item("SN-1")),
        "a final one": lambda: final(told, item("SN-1")),
        "one taken back": lambda: told.lose(item("SN-1")),
    }[cites]()
    if cites == "one taken back":
        told.undo(named)
    last = final(
        told,
        item("SN-1"),
        at="2023-06-20",
        lost_on=None,
        initial="ab" * 32 if named is None else named.id.hex(),
    )
    assert [one.entries for one in told.only("LOSS-NODATE", "2023-07-01")] == [(last.id,)]


def test_nodate_goes_with_a_correction(told):
    told.undo(told.lose(item("SN-1"), place=None))
    assert told.only("LOSS-NODATE", "2023-05-01")
    assert not told.only("LOSS-NODATE", "2023-07-01")


# LOSS-OPEN


@pytest.mark.parametrize(
    ("at", "found"), [("2023-03-31T08:00:00Z", 0), ("2023-03-31T08:00:00.001Z", 1)]
)
def test_open_begins_when_thirty_days_are_over(told, at, found):
    first = told.lose(item("SN-1"))
    some = told.only("LOSS-OPEN", at)
    assert [(one.severity, one.party, one.place, one.entries, one.items) for one in some] == [
        ("medium", "depot", "field", (first.id,), (key("SN-1"),))
    ] * found
    assert all("was reported on 2023-03-01 and never made final" in one.sentence for one in some)
    assert told.only("LOSS-OPEN", at, settings=Settings(loss_days=29))


@pytest.mark.parametrize("by_id", [True, False])
def test_open_is_closed_by_a_final_report_for_what_that_lists(told, by_id):
    first = told.lose(item("SN-1"), item("SN-2"))
    more = {"initial": first.id.hex()} if by_id else {}
    final(told, item("SN-1"), **more)
    assert told.only("LOSS-OPEN", "2023-05-01")[0].items == (key("SN-2"),)
    closed = final(told, item("SN-2"), at="2023-03-21", **more)
    assert not told.only("LOSS-OPEN", "2023-05-01")
    told.undo(closed)
    assert told.only("LOSS-OPEN", "2023-07-01")[0].items == (key("SN-2"),)


def test_open_is_not_closed_by_the_final_report_of_an_earlier_loss(told):
    told.register(item("SN-1"))
    final(told, item("SN-1"), at="2023-02-01", lost_on="2023-01-20")
    told.say("depot", "found", "2023-02-15", lines=[item("SN-1")])
    again = told.lose(item("SN-1"))
    assert [one.entries for one in told.only("LOSS-OPEN", "2023-05-01")] == [(again.id,)]


def test_open_is_not_closed_by_the_report_of_other_things(told):
    first = told.lose(item("SN-1"))
    final(told, item("SN-9"), by="port", initial=first.id.hex())
    assert told.only("LOSS-OPEN", "2023-05-01")[0].items == (key("SN-1"),)


def test_open_goes_when_it_was_not_lost(told):
    told.undo(told.lose(item("SN-1")))
    assert told.only("LOSS-OPEN", "2023-05-01")
    assert not told.only("LOSS-OPEN", "2023-07-01")
