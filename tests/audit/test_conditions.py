"""COND-ILL, PACK-BROKEN, VALUE-NONE.

Each found, the nearest that is not, and what takes it away.
"""

from __future__ import annotations

from decimal import Decimal

import pytest
from support.programmes import Chronicle, item, key, lot

from chainlog.audit.rules.conditions import worth_of

WORTH = {"amount": "100", "currency": "USD", "basis": "list"}


@pytest.fixture
def told():
    return Chronicle()


def inspect(told, now, at="2023-03-01", serial="SN-1", **more):
    return told.say(
        "depot", "inspect", at, who="inspector", item=item(serial)["item"], now=now, **more
    )


# COND-ILL


@pytest.mark.parametrize(("now", "found"), [("S", 1), ("H", 0), ("A", 0)])
def test_scrap_on_hand(told, now, found):
    told.register(item("SN-1"), item("SN-2"))
    one, other = inspect(told, now), inspect(told, now, serial="SN-2")
    some = told.only("COND-ILL", "2023-04-01")
    assert [(one.severity, one.party, one.items, one.entries) for one in some] == [
        ("medium", "depot", (key("SN-1"), key("SN-2")), (one.id, other.id))
    ] * found


def test_scrap_goes_with_its_destruction_its_dispatch_or_a_correction(told):
    told.register(
        item("SN-1", condition="S"), item("SN-2", condition="S"), item("SN-3", condition="S")
    )
    told.say(
        "depot",
        "destroy",
        "2023-02-01",
        lines=[item("SN-1")],
        holder="depot",
        means="fire",
        witnessed_by="x",
    )
    told.send(item("SN-2"))
    assert told.only("COND-ILL", "2023-03-01")[0].items == (key("SN-3"),)
    told.undo(inspect(told, "B", serial="SN-3", was="S"))
    assert not told.only("COND-ILL", "2023-05-01")
    assert told.only("COND-ILL", "2023-07-01")


@pytest.mark.parametrize("before", "FGHE")
@pytest.mark.parametrize("now", "AEFS")
@pytest.mark.parametrize("kind", ["transfer", "dispatch"])
def test_handed_on_as_serviceable(told, before, now, kind):
    told.register(item("SN-1", condition=before))
    say = told.hand if kind == "transfer" else told.send
    gone = say(item("SN-1", condition=now), place="Gate 2")
    some = [one for one in told.only("COND-ILL", "2023-04-01") if "scrap" not in one.sentence]
    assert [(one.entries, one.place, one.items, one.chain) for one in some] == [
        ((gone.id,), "Gate 2", (key("SN-1"),), gone.chain)
    ] * (now < before)
    if some:
        assert (f"handed on as {now}, last known as {before}" in some[0].sentence) is (
            before in "FGH" and now in "AE"
        )


@pytest.mark.parametrize(("was", "found"), [("F", 0), ("B", 1), (None, 1)])
def test_better_needs_an_inspection_that_names_the_one_before(told, was, found):
    told.register(item("SN-1", condition="F"))
    inspect(told, "A", **({} if was is None else {"was": was}))
    assert len(told.only("COND-ILL", "2023-04-01")) == found


def test_worse_needs_none_and_what_is_foretold_is_no_condition(told):
    told.register(item("SN-1", condition="B"))
    told.count(item("SN-1", condition="D"), complete=False)
    told.send(item("SN-1", condition="A"), kind="advise")
    assert not told.only("COND-ILL", "2023-04-01")


def test_a_better_condition_goes_with_a_correction(told):
    told.register(item("SN-1", condition="F"))
    told.undo(told.count(item("SN-1", condition="A")))
    assert told.only("COND-ILL", "2023-05-01")
    assert not told.only("COND-ILL", "2023-07-01")


# PACK-BROKEN


def pack(told, container, *serials, at="2023-01-10", kind="pack", by="depot", **more):
    box = item(container)["item"] if container.startswith("BOX") else container
    return told.say(
        by, kind, at, container=box, items=[item(serial)["item"] for serial in serials], **more
    )


@pytest.mark.parametrize(("seal", "found"), [({"seal": "Z-9"}, 1), ({}, 0)])
@pytest.mark.parametrize("kind", ["transfer", "dispatch", "receive"])
def test_moved_out_of_a_sealed_container(told, seal, found, kind):
    told.register(item("SN-1"), item("SN-2"), item("BOX-1"))
    pack(told, "BOX-1", "SN-1", "SN-2", **seal)
    moved = told.say(
        "depot",
        kind,
        "2023-02-01",
        lines=[item("SN-1")],
        document="WB-1",
        place="Gate 2",
        to="brigade",
        **{"from": "depot"},
    )
    some = told.only("PACK-BROKEN", "2023-03-01")
    assert [(one.severity, one.party, one.place, one.entries, one.items) for one in some] == [
        ("medium", "depot", "Gate 2", (moved.id,), (key("SN-1"),))
    ] * found
    told.undo(moved)
    assert not told.only("PACK-BROKEN", "2023-07-01")


def test_moved_with_its_container_or_after_it_was_opened(told):
    told.register(item("SN-1"), item("SN-2"), item("BOX-1"), item("BOX-2"))
    pack(told, "BOX-1", "SN-1", seal="Z-9")
    pack(told, "BOX-2", "SN-2", seal="Z-8")
    told.hand(item("BOX-1"), item("SN-1"))
    pack(told, "BOX-2", "SN-2", at="2023-01-15", kind="unpack")
    told.hand(item("SN-2"))
    assert not told.only("PACK-BROKEN", "2023-03-01")


@pytest.mark.parametrize("kind", ["pack", "unpack"])
def test_in_two_containers(told, kind):
    told.register(item("SN-1"))
    pack(told, "K-1", "SN-1")
    again = pack(told, "K-2", "SN-1", kind=kind, at="2023-01-11")
    (found,) = told.only("PACK-BROKEN", "2023-03-01")
    assert (found.entries, found.items) == ((again.id,), (key("SN-1"),))
    assert "while in container:K-1" in found.sentence


def test_in_itself_and_in_rings(told):
    boxes = [f"BOX-{number}" for number in range(1, 5)]
    told.register(*(item(box) for box in boxes))
    own = pack(told, "BOX-4", "BOX-4")
    pack(told, "BOX-1", "BOX-2", at="2023-01-11")
    pack(told, "BOX-2", "BOX-3", at="2023-01-12")
    assert [one.entries for one in told.only("PACK-BROKEN", "2023-03-01")] == [(own.id,)]
    closing = pack(told, "BOX-3", "BOX-1", at="2023-01-13")
    ring = told.only("PACK-BROKEN", "2023-03-01")[1]
    assert (ring.items, ring.count) == ((key("BOX-1"), key("BOX-2"), key("BOX-3")), 3)
    assert "stands in itself, by way of 3 containers" in ring.sentence
    told.undo(closing)
    assert len(told.only("PACK-BROKEN", "2023-07-01")) == 1


def test_a_ring_is_said_once_and_what_hangs_on_it_is_not_in_it(told):
    told.register(*(item(box) for box in ("BOX-1", "BOX-2", "BOX-3")))
    pack(told, "BOX-2", "BOX-1")
    pack(told, "BOX-3", "BOX-2", at="2023-01-11")
    pack(told, "BOX-2", "BOX-3", at="2023-01-12")
    (ring,) = told.only("PACK-BROKEN", "2023-03-01")
    assert ring.items == (key("BOX-2"), key("BOX-3"))


# VALUE-NONE


def test_no_value_by_holder_and_type(told):
    first = told.register(
        item("SN-1", type="M777"),
        item("SN-2", type="M777"),
        item("SN-3", type="M113"),
        item("SN-4", value=WORTH),
    )
    some = told.only("VALUE-NONE", "2023-03-01")
    assert [(one.severity, one.party, one.items, one.entries) for one in some] == [
        ("low", "depot", (key("SN-3"),), (first.id,)),
        ("low", "depot", (key("SN-1"), key("SN-2")), (first.id,)),
    ] or [one.count for one in some] == [2, 1]
    told.say("hq", "inspect", "2023-02-01", item=item("SN-1")["item"], now="A")
    told.count(item("SN-1", value=WORTH), item("SN-3", value=WORTH))
    assert [one.items for one in told.only("VALUE-NONE", "2023-04-01")] == [(key("SN-2"),)]


def test_no_value_is_of_what_is_there(told):
    told.register(item("SN-1"), item("SN-2"))
    told.send(item("SN-2"))
    told.lose(item("SN-1"), at="2023-01-20")
    assert told.only("VALUE-NONE", "2023-03-01")[0].items == (key("SN-2"),)
    told.say("port", "inspect", "2023-02-01", item=item("SN-9")["item"], now="A")
    assert told.only("VALUE-NONE", "2023-03-01")[0].count == 1


@pytest.mark.parametrize(
    ("worth", "found"),
    [({"amount": "101"}, 1), ({"currency": "EUR"}, 1), ({"basis": "bought"}, 0), ({}, 0)],
)
def test_two_values_under_one_basis(told, worth, found):
    one = told.register(item("SN-1", value=WORTH))
    other = told.count(item("SN-1", value=WORTH | worth))
    some = told.only("VALUE-NONE", "2023-04-01")
    assert [(one.entries, one.items, one.party) for one in some] == [
        ((other.id, one.id)[::-1], (key("SN-1"),), "depot")
    ] * found
    told.undo(other)
    assert not told.only("VALUE-NONE", "2023-07-01")


@pytest.mark.parametrize(("amount", "found"), [("-1", 1), ("0", 0)])
def test_a_value_below_nothing_is_none(told, amount, found):
    told.register(
        item("SN-1", value=WORTH | {"amount": amount}),
        lot("L-1", "5", value=WORTH | {"amount": amount}),
    )
    some = told.only("VALUE-NONE", "2023-04-01")
    assert [one.count for one in some] == [2] * found
    assert all(one.value == {} for one in some)
    told.hand(item("SN-1"), to="shadow")
    assert told.only("CUST-THIRD", "2023-04-01")[0].value == ({} if found else {"USD": "0"})


def test_no_value_of_a_lot_is_by_holder_wherever_it_is(told):
    told.register(lot("L-1", "10"), lot("L-2", "10", value=WORTH), lot("L-3", "10"))
    told.hand(lot("L-1", "4"))
    told.send(lot("L-1", "6"), by="brigade", to="port", at="2023-02-03", **{"from": "depot"})
    told.say("depot", "expend", "2023-02-05", lines=[lot("L-3", "10")], holder="depot")
    told.hand({"amount": "5", "currency": "USD"})
    some = told.only("VALUE-NONE", "2023-03-01")
    assert [(one.party, one.items) for one in some] == [
        ("brigade", ("lot:1320900007012/L-1",)),
        ("depot", ("lot:1320900007012/L-1",)),
    ]
    told.take(lot("L-1", "6"), at="2023-02-06", by="port", to="port")
    assert [one.party for one in told.only("VALUE-NONE", "2023-03-01")] == ["brigade", "port"]


def test_worth_of():
    assert worth_of(None) is None
    assert worth_of(WORTH) == (Decimal(100), "USD")
    assert worth_of(WORTH | {"amount": "-0.1"}) is None
