"""INV-*: each found, the nearest that is not, and what takes it away."""

from __future__ import annotations

import pytest
from support.programmes import Chronicle, item, key, lot

from chainlog.audit.settings import Settings

SEEN = {"entry_mode": "scan"}
WORTH = {"amount": "100", "currency": "USD", "basis": "list"}


@pytest.fixture
def told():
    return Chronicle()


def arrived(told, **more):
    """One howitzer, received by the brigade on 2 February at 08:00, on paper alone."""
    told.register(item("SN-1", type="M777", value=WORTH))
    return told.take(item("SN-1"), **more)


# INV-INIT


def test_init_names_the_holder_the_arrival_and_the_worth(told):
    here = arrived(told, place="Post 4")
    (found,) = told.only("INV-INIT", "2023-06-01")
    assert (found.severity, found.party, found.place, found.chain, found.index) == (
        "high",
        "brigade",
        "Post 4",
        here.chain,
        1,
    )
    assert (found.entries, found.items, found.count, found.value) == (
        (here.id,),
        (key("SN-1"),),
        1,
        {"USD": "100"},
    )
    assert found.sentence == (
        "1ABC2/M777/SN-1 with brigade: nobody saw them by scan or photo within 90 days of "
        "arrival; inspect them"
    )


@pytest.mark.parametrize(
    ("at", "found"), [("2023-05-03T08:00:00Z", 0), ("2023-05-03T08:00:00.001Z", 1)]
)
def test_init_begins_when_ninety_days_are_over(told, at, found):
    arrived(told)
    assert len(told.only("INV-INIT", at)) == found
    assert len(told.only("INV-INIT", at, settings=Settings(init_days=89))) == 1
    assert not told.only("INV-INIT", at, settings=Settings(init_days=91))


def test_init_is_by_holder_and_type(told):
    told.register(item("A-1", type="M777"), item("A-2", type="M777"), item("B-1", type="M113"))
    told.take(item("A-1"), item("A-2"), item("B-1"))
    told.hand(item("A-2"), by="brigade", to="port", at="2023-02-03", **{"from": "brigade"})
    assert [(one.party, one.items) for one in told.only("INV-INIT", "2023-06-01")] == [
        ("brigade", (key("A-1"),)), ("brigade", (key("B-1"),)), ("port", (key("A-2"),)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("how", "found"),
    [
        ({"entry_mode": "scan"}, 0),
        ({"attachments": [{"sha256": "00" * 32, "size": 1, "type": "image/jpeg"}]}, 0),
        ({"entry_mode": "manual"}, 1),
    ],
)
def test_init_takes_a_scan_or_a_photo(told, how, found):
    arrived(told)
    told.say(
        "brigade",
        "inspect",
        "2023-02-05",
        who="inspector",
        item=item("SN-1")["item"],
        now="A",
        **how,
    )
    assert len(told.only("INV-INIT", "2023-06-01")) == found


def test_init_takes_the_receipt_itself_for_a_sighting(told):
    arrived(told, **SEEN)
    assert not told.only("INV-INIT", "2023-06-01")


def test_init_takes_no_sighting_from_before_the_arrival(told):
    told.register(item("SN-1"))
    told.count(item("SN-1"), at="2023-01-20", **SEEN)
    told.take(item("SN-1"))
    (found,) = told.only("INV-INIT", "2024-03-01")
    assert found.party == "brigade"


@pytest.mark.parametrize("monitoring", ["enhanced", "routine"])
def test_init_is_for_what_is_monitored(told, monitoring):
    told.register(item("SN-1", type="M777", nsn="1025010000001"), monitoring=monitoring)
    told.take(item("SN-1"))
    assert bool(told.only("INV-INIT", "2023-06-01")) is (monitoring == "enhanced")
    assert told.only("INV-INIT", "2023-06-01", settings=Settings(monitored_types=("M777",)))
    assert told.only(
        "INV-INIT", "2023-06-01", settings=Settings(monitored_classes=("9999", "1025"))
    )


def test_init_counts_from_the_first_receipt_in_the_country(told):
    told.register(item("SN-1"), holder="hq")
    told.take(item("SN-1"), by="port", to="port", **{"from": "hq"})
    told.take(item("SN-1"), at="2023-05-01")
    abroad = Settings(in_country=("brigade",))
    assert told.only("INV-INIT", "2023-06-01")
    assert not told.only("INV-INIT", "2023-06-01", settings=abroad)
    assert told.only("INV-INIT", "2023-09-01", settings=abroad)
    assert not told.only("INV-INIT", "2023-09-01", settings=Settings(in_country=("depot",)))


def test_init_ends_with_the_item(told):
    arrived(told)
    told.lose(item("SN-1"), holder="brigade")
    assert not told.only("INV-INIT", "2023-06-01")


def test_init_goes_when_the_receipt_did_not_happen_or_was_later(told):
    here = arrived(told)
    told.undo(here, at="2023-05-10")
    assert not told.only("INV-INIT", "2023-06-01")
    assert told.only("INV-INIT", "2023-05-09")


def test_init_goes_when_the_receipt_was_a_scan_after_all(told):
    here = arrived(told)
    right = {
        "event_time": "2023-02-02T08:00:00Z",
        "lines": [item("SN-1")],
        "from": "depot",
        "to": "brigade",
        **SEEN,
    }
    told.undo(here, at="2023-05-10", replacement=right)
    assert not told.only("INV-INIT", "2023-06-01")


def test_a_sighting_from_the_future_is_not_believed(told):
    arrived(told)
    told.count(item("SN-1"), holder="brigade", at="9999-12-31T23:00:00Z", **SEEN)
    assert told.only("INV-INIT", now="2023-06-01")


# INV-ANNUAL


@pytest.mark.parametrize(
    ("at", "found"), [("2024-02-02T08:00:00Z", 0), ("2024-02-02T08:00:00.001Z", 1)]
)
def test_annual_is_a_year_after_the_last_sighting(told, at, found):
    here = arrived(told, **SEEN)
    some = told.only("INV-ANNUAL", at)
    assert [(one.entries, one.party, one.severity) for one in some] == [
        ((here.id,), "brigade", "high")
    ] * found
    assert len(told.only("INV-ANNUAL", at, settings=Settings(annual_days=364))) == 1
    assert not told.only("INV-INIT", at)


def test_annual_is_cured_by_a_count_and_comes_back_where_that_did_not_happen(told):
    arrived(told, **SEEN)
    count = told.count(item("SN-1"), holder="brigade", at="2024-01-01", **SEEN)
    assert not told.only("INV-ANNUAL", "2024-03-01")
    told.undo(count, at="2024-02-20")
    assert told.only("INV-ANNUAL", "2024-03-01")


def test_annual_is_for_what_is_in_transit_too(told):
    arrived(told, **SEEN)
    told.send(
        item("SN-1"),
        by="brigade",
        at="2023-03-01",
        to="port",
        document="WB-2",
        **{"from": "brigade"},
    )
    (found,) = told.only("INV-ANNUAL", "2024-03-01")
    assert found.party == "brigade"


# INV-UNSEEN


def test_unseen_is_what_a_complete_inventory_omits(told):
    told.register(item("SN-1"), item("SN-2"), lot("L-1", "10"))
    count = told.count(item("SN-1"), place="Store 2")
    (found,) = told.only("INV-UNSEEN", "2023-04-01")
    assert (found.severity, found.party, found.place, found.entries, found.chain) == (
        "high",
        "depot",
        "Store 2",
        (count.id,),
        count.chain,
    )
    assert found.items == (key("SN-2"), "lot:1320900007012/L-1")
    assert found.index == 1
    assert not told.only("INV-UNSEEN", "2023-02-01")


@pytest.mark.parametrize("complete", [True, False])
def test_unseen_needs_a_complete_inventory(told, complete):
    told.register(item("SN-1"))
    told.count(complete=complete)
    assert bool(told.only("INV-UNSEEN", "2023-04-01")) is complete


def test_unseen_goes_with_anything_said_since_and_with_the_next_count(told):
    told.register(item("SN-1"), item("SN-2"))
    told.count()
    told.hand(item("SN-1"), at="2023-03-02")
    assert told.only("INV-UNSEEN", "2023-04-01")[0].items == (key("SN-2"),)
    told.say("hq", "inspect", "2023-03-03", who="inspector", item=item("SN-2")["item"], now="A")
    assert not told.only("INV-UNSEEN", "2023-04-01")


@pytest.mark.parametrize(
    ("at", "found"), [("2023-02-28T23:00:00Z", 1), ("2023-03-01T09:00:00Z", 0)]
)
def test_unseen_compares_the_times_of_other_chains(told, at, found):
    told.register(item("SN-1"), at=at)
    told.count()
    assert len(told.only("INV-UNSEEN", "2023-04-01")) == found


def test_unseen_of_a_lot_is_by_holder_and_what_is_left(told):
    told.register(lot("L-1", "10"))
    told.register(lot("L-2", "10"), at="2023-03-05")
    told.hand(lot("L-1", "10"))
    told.count()
    told.count(holder="brigade")
    (found,) = told.only("INV-UNSEEN", "2023-04-01")
    assert (found.party, found.items) == ("brigade", ("lot:1320900007012/L-1",))


def test_unseen_goes_where_the_count_did_not_happen_or_is_later_than_now(told):
    told.register(item("SN-1"))
    count = told.count()
    told.undo(count)
    told.count(at="2024-03-01")
    assert not told.only("INV-UNSEEN", now="2023-12-01")


def test_the_latest_complete_inventory_counts_whatever_came_first(told):
    told.register(item("SN-1"))
    told.count(at="2023-03-05")
    told.count(item("SN-1"), at="2023-03-01", by="hq")
    (found,) = told.only("INV-UNSEEN", "2023-04-01")
    assert found.chain == told.ledgers["depot"].chain


# INV-EXTRA


def test_extra_is_seen_where_the_ledger_does_not_place_it(told):
    told.register(item("SN-1"))
    count = told.count(item("SN-1"), item("SN-9"), holder="brigade", place="Post 4")
    (found,) = told.only("INV-EXTRA", "2023-04-01")
    assert (found.severity, found.party, found.place, found.entries) == (
        "medium",
        "brigade",
        "Post 4",
        (count.id,),
    )
    assert (found.items, found.count) == ((key("SN-1"), key("SN-9")), 2)


def test_extra_is_also_what_is_on_its_way(told):
    told.register(item("SN-1"))
    told.send(item("SN-1"))
    told.count(item("SN-1"))
    assert "in transit from depot to brigade" in told.only("INV-EXTRA", "2023-04-01")[0].sentence


def test_extra_is_not_what_is_there_and_goes_with_the_handover_that_was_missing(told):
    told.register(item("SN-1"))
    told.count(item("SN-1"), holder="brigade")
    assert told.only("INV-EXTRA", "2023-04-01")
    told.hand(item("SN-1"))
    assert not told.only("INV-EXTRA", "2023-04-01")


def test_extra_goes_where_the_count_is_corrected(told):
    told.register(item("SN-1"))
    count = told.count(item("SN-1"), holder="brigade")
    told.undo(
        count,
        replacement={
            "event_time": "2023-03-01T08:00:00Z",
            "holder": "depot",
            "counter": "x",
            "complete": False,
            "lines": [item("SN-1")],
        },
    )
    assert not told.only("INV-EXTRA", "2023-07-01")
    assert told.only("INV-EXTRA", "2023-05-01")


# INV-SELF


@pytest.mark.parametrize(
    "counter", ["depot", "custodian of depot", "сustоdian of dеpot", "CUSTODIAN OF DEPOT"]
)
def test_self_is_the_holder_or_its_custodian_in_whatever_letters(told, counter):
    count = told.count(counter=counter)
    (found,) = told.only("INV-SELF", "2023-04-01")
    assert (found.severity, found.party, found.entries, found.items, found.count) == (
        "medium",
        "depot",
        (count.id,),
        (),
        1,
    )
    assert counter in found.sentence


@pytest.mark.parametrize("counter", ["inspector of depot", "custodian of brigade", "brigade"])
def test_self_is_no_other(told, counter):
    told.count(counter=counter)
    assert not told.only("INV-SELF", "2023-04-01")


def test_self_is_also_the_same_counter_twice_running(told):
    told.count(at="2023-03-01")
    again = told.count(at="2023-03-02", complete=False)
    told.count(at="2023-03-03", counter="another")
    told.count(at="2023-03-04")
    told.count(at="2023-03-02", holder="brigade", counter="inspector of depot")
    (found,) = told.only("INV-SELF", "2023-04-01")
    assert (found.entries, found.party) == ((again.id,), "depot")
    assert (
        found.sentence
        == "inspector of depot counted at depot twice running: have another person count"
    )


def test_self_twice_running_goes_with_a_correction_of_either(told):
    told.count(at="2023-03-01")
    again = told.count(at="2023-03-02")
    told.undo(again)
    assert not told.only("INV-SELF", "2023-07-01")
    assert told.only("INV-SELF", "2023-05-01")


def test_a_custodian_twice_running_is_said_once_for_each_count(told):
    told.count(at="2023-03-01", counter="custodian of depot")
    told.count(at="2023-03-02", counter="custodian of depot")
    assert [one.count for one in told.only("INV-SELF", "2023-04-01")] == [1, 1]


# INV-DECLARED


def test_declared_rests_on_a_word_alone(told):
    told.register(item("SN-1"), item("SN-2", type="M777"))
    count = told.count(item("SN-1"), item("SN-2"))
    (found,) = told.only("INV-DECLARED", "2023-04-01")
    assert (found.severity, found.party, found.entries, found.count) == (
        "medium",
        "depot",
        (count.id,),
        2,
    )


@pytest.mark.parametrize("later", ["inspect", "inventory", "receive"])
def test_declared_is_cured_by_any_later_sighting_with_scan(told, later):
    told.register(item("SN-1"))
    told.count(item("SN-1"))
    if later == "inspect":
        told.say(
            "depot",
            "inspect",
            "2023-03-02",
            who="inspector",
            item=item("SN-1")["item"],
            now="A",
            **SEEN,
        )
    elif later == "inventory":
        told.count(item("SN-1"), at="2023-03-02", **SEEN)
    else:
        told.take(item("SN-1"), at="2023-03-02", **SEEN)
    assert not told.only("INV-DECLARED", "2023-04-01")
    assert told.only("INV-DECLARED", "2023-03-02")


def test_declared_is_not_what_was_scanned_before(told):
    told.register(item("SN-1"))
    told.count(item("SN-1"), at="2023-02-01", **SEEN)
    told.count(item("SN-1"))
    assert told.only("INV-DECLARED", "2023-04-01")
    assert not told.only("INV-DECLARED", "2023-02-15")


def test_declared_is_no_finding_of_a_thing_that_was_found(told):
    told.register(item("SN-1"))
    told.lose(item("SN-1"))
    told.say("depot", "found", "2023-03-05", lines=[item("SN-1")])
    assert not told.only("INV-DECLARED", "2023-04-01")


def test_declared_is_of_what_is_on_hand_and_monitored(told):
    told.register(item("SN-1"))
    told.register(item("SN-2"), monitoring="routine")
    count = told.count(item("SN-1"), item("SN-2"))
    assert told.only("INV-DECLARED", "2023-03-05")[0].items == (key("SN-1"),)
    told.send(item("SN-1"), at="2023-03-10")
    assert not told.only("INV-DECLARED", "2023-04-01")
    told.undo(count)
    assert not told.only("INV-DECLARED", "2023-07-01")
