"""Who holds an item: each rule by itself, a small model of one chain, and what holds for every
story in every order.
"""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.acts import Acting, instant, item, key

from chainlog.custody import item as item_fold
from chainlog.custody.act import milliseconds
from chainlog.custody.item import fold_item
from chainlog.custody.order import Order
from chainlog.custody.state import ENDED, where
from chainlog.events.facts import NEEDS

SN = key("SN-1")
LINES = [item("SN-1")]
THING = LINES[0]["item"]
BOX = {"maker": "1ABC2", "part": "BOX", "serial": "B-1"}


class Story(Acting):
    """What is said of one item, hour by hour unless said."""

    def tell(self, kind, chain="depot", at=None, **more):
        fields = dict(more)
        if kind in {
            "register",
            "dispatch",
            "receive",
            "transfer",
            "expend",
            "loss",
            "found",
            "destroy",
            "inventory",
            "accept",
            "advise",
            "consent",
        }:
            fields.setdefault("lines", LINES)
        fields = {**DEFAULTS.get(kind, {}), **fields}
        return self.say(chain, kind, len(self.acts) if at is None else at, **fields)

    def state(self, name=SN, horizon=None):
        return fold_item(name, self.touches(name), horizon)

    def broken(self, name=SN):
        return [broken.code for broken in self.state(name).breaks]


DEFAULTS = {
    "register": {"owner": "donor", "holder": "depot", "monitoring": "enhanced"},
    "dispatch": {"from_": "depot", "to": "brigade", "document": "WB-1"},
    "advise": {"from_": "depot", "to": "brigade", "document": "WB-1"},
    "receive": {"from_": "depot", "to": "brigade"},
    "transfer": {"from_": "depot", "to": "brigade"},
    "consent": {"from_": "depot", "to": "brigade", "until": "2024-01-01"},
    "inventory": {"holder": "depot", "counter": "Ніна", "complete": True},
    "inspect": {"item": THING, "now": "A"},
    "pack": {"container": BOX, "items": [THING]},
    "unpack": {"container": BOX, "items": [THING]},
    "expend": {"holder": "depot"},
    "loss": {"holder": "depot", "cause": "combat", "report": "initial"},
    "destroy": {"holder": "depot", "means": "cut up", "witnessed_by": "hq"},
    "accept": {"agreed": True},
}


def story(*kinds, chain="depot"):
    told = Story()
    for kind in kinds:
        told.tell(kind, chain)
    return told


# Where it is


def test_nothing_said_is_nothing_known():
    state = fold_item(SN, [])
    assert (state.status, state.holder, state.since, state.breaks, state.arrival(frozenset())) == (
        "unknown",
        "",
        None,
        [],
        None,
    )
    assert where(state) == "unknown"


def test_from_registration_to_the_brigade():
    told = Story()
    registered = told.tell("register", "hq", place="Порт")
    state = told.state()
    assert (state.status, state.holder, state.owner, state.monitoring, state.place) == (
        "on hand",
        "depot",
        "donor",
        "enhanced",
        "Порт",
    )
    assert (state.since.id, state.registered.id, state.agreement, where(state)) == (
        registered.id,
        registered.id,
        "",
        "with depot",
    )
    sent = told.tell("dispatch", place="Склад")
    state = told.state()
    assert (state.status, state.holder, state.bound_for, state.place, state.agreement) == (
        "in transit",
        "depot",
        "brigade",
        "Склад",
        "unsigned",
    )
    assert where(state) == "in transit from depot to brigade"
    got = told.tell("receive", "brigade", dispatch=sent.id, entry_mode="scan")
    state = told.state()
    assert (state.status, state.holder, state.bound_for, state.place, state.agreement) == (
        "on hand",
        "brigade",
        "",
        "",
        "agreed",
    )
    assert (state.since.id, state.last.id, state.sighted.id, state.looked.id) == (got.id,) * 4
    assert (list(state.receipts), state.breaks) == (["brigade"], [])
    told.tell("transfer", "brigade", from_="brigade", to="port")
    state = told.state()
    assert (state.status, state.holder, state.agreement, state.breaks) == (
        "on hand",
        "port",
        "unsigned",
        [],
    )


@pytest.mark.parametrize(
    ("kind", "status"), [("expend", "expended"), ("loss", "lost"), ("destroy", "destroyed")]
)
def test_ends(kind, status):
    told = story("register")
    end = told.tell(kind, place="поле")
    state = told.state()
    assert (state.status, state.holder, state.ended.id, state.since.id, state.place) == (
        status,
        "depot",
        end.id,
        end.id,
        "поле",
    )
    assert (state.agreement, where(state), state.breaks) == ("", status, [])


def test_the_place_of_an_end_that_has_none_is_the_last_one():
    told = Story()
    told.tell("register", place="Склад")
    told.tell("loss")
    assert told.state().place == "Склад"


def test_what_is_lost_on_the_way_is_lost_to_whoever_sent_it_or_waits_for_it():
    for holder in ("depot", "brigade"):
        told = story("register", "dispatch")
        told.tell("loss", holder=holder)
        state = told.state()
        assert (state.status, state.holder, state.bound_for, state.breaks) == (
            "lost",
            holder,
            "",
            [],
        )
    told = story("register", "dispatch")
    told.tell("loss", holder="port")
    assert told.broken() == ["CUST-NONHOLDER"]


def test_what_was_lost_and_found_is_with_its_last_holder():
    told = story("register", "loss", "found")
    state = told.state()
    assert (state.status, state.holder, state.ended, state.breaks) == ("on hand", "depot", None, [])
    assert (state.sighted, state.looked) == (None, None)  # word of it is no sighting


def test_what_is_found_and_nobody_knew_of_is_with_the_finder():
    told = story("found", chain="brigade")
    assert (told.state().status, told.state().holder) == ("on hand", "brigade")


def test_what_is_found_and_was_never_lost_stays_where_it_is():
    for kinds in (["register"], ["register", "dispatch"]):
        before, after = story(*kinds).state(), story(*kinds, "found").state()
        assert (after.status, after.holder, after.since.id, after.breaks) == (
            before.status,
            before.holder,
            before.since.id,
            [],
        )


def test_words_of_what_is_to_come_move_nothing():
    told = story("register", "advise", "consent")
    told.tell("accept", document="T-1")
    state = told.state()
    assert (state.status, state.holder, state.last.kind, state.breaks) == (
        "on hand",
        "depot",
        "register",
        [],
    )


def test_kinds_that_say_nothing_of_an_item_are_passed_over():
    told = story("register")
    told.acts[0] = type(told.acts[0])(
        **{name: getattr(told.acts[0], name) for name in told.acts[0].__struct_fields__}
        | {"kind": "attest"}
    )
    assert told.state().status == "unknown"


def test_what_was_taken_back_counts_for_nothing_and_a_replacement_for_what_it_says():
    told = story("register")
    handed = told.tell("transfer")
    correction = told.say("depot", "correct", 9, entry=handed.id, reason="did_not_happen")
    told.take_back(handed, correction)
    assert told.state().holder == "depot"
    told.replace(handed, correction, at=1, from_="depot", to="port", lines=LINES)
    assert told.state().holder == "port"
    assert told.state().since.ids == (handed.id, correction.id)


def test_the_first_receipt_in_the_country():
    told = story("register")
    abroad, inside = told.tell("receive", to="port"), told.tell("receive", "brigade", from_="port")
    told.tell("receive", "brigade", from_="brigade")
    state = told.state()
    assert state.arrival(frozenset()).id == abroad.id
    assert state.arrival(frozenset({"brigade"})).id == inside.id
    assert state.arrival(frozenset({"hq"})) is None


# Who signed


def test_an_answer_of_the_other_party_is_its_signature_the_last_one_counts():
    told = story("register")
    handed = told.tell("transfer")
    assert told.state().agreement == "unsigned"
    told.tell("accept", "depot", entry=handed.id)  # the giver itself
    assert told.state().agreement == "unsigned"
    told.tell("accept", "brigade", at=90, entry=handed.id, agreed=False, lines=[])
    assert told.state().agreement == "disputed"
    agreed = told.tell(
        "accept", "brigade", at=80, entry=handed.id, lines=[]
    )  # later in its chain, whatever the clock says
    assert told.state().agreement == "agreed"
    told.take_back(agreed)
    assert told.state().agreement == "disputed"


def test_who_disagrees_and_names_the_item_did_get_it():
    told = story("register")
    handed = told.tell("transfer")
    told.tell("accept", "brigade", entry=handed.id, agreed=False)
    assert told.state().agreement == "agreed"


def test_a_transfer_that_the_taker_tells_is_signed_by_the_giver():
    told = story("register")
    handed = told.tell("transfer", "brigade")
    told.tell("attest", "depot", entry=handed.id)
    told.tell("accept", "brigade", entry=handed.id)
    assert told.state().agreement == "unsigned"
    told.tell("accept", "depot", entry=handed.id)
    assert told.state().agreement == "agreed"


def test_a_dispatch_is_agreed_once_the_other_party_accepts_it():
    told = story("register", "dispatch")
    told.tell("accept", "brigade", document="WB-1", lines=[])
    assert (told.state().status, told.state().agreement) == ("in transit", "agreed")


def test_a_receipt_that_the_sender_tells_is_not_the_takers_signature():
    told = story("register", "dispatch")
    got = told.tell("receive", "depot")
    assert told.state().agreement == "unsigned"
    told.tell("accept", "brigade", entry=got.id, agreed=False, lines=[])
    assert told.state().agreement == "disputed"


# What does not fit


@pytest.mark.parametrize("kind", ["dispatch", "transfer", "expend", "loss", "destroy"])
def test_handed_on_by_one_who_did_not_hold_it(kind):
    told = story("register")
    who = {"from_": "port"} if kind in {"dispatch", "transfer"} else {"holder": "port"}
    act = told.tell(kind, **who)
    (broken,) = told.state().breaks
    assert (broken.code, broken.act.id, broken.other.id) == (
        "CUST-NONHOLDER",
        act.id,
        told.acts[0].id,
    )
    assert broken.how == "port did not have it: the ledger has it with depot"
    assert told.state().since.id == act.id  # people are believed all the same


def test_sent_twice():
    told = story("register", "dispatch", "dispatch")
    assert told.broken() == ["CUST-NONHOLDER"]
    assert (
        told.state().breaks[0].how
        == "depot did not have it: the ledger has it in transit from depot to brigade"
    )


def test_handing_on_what_nobody_placed_or_what_is_on_the_way_to_one_is_no_fault():
    assert story("transfer").broken() == []
    told = story("register", "dispatch")
    told.tell("transfer", from_="brigade", to="port")
    assert told.broken() == []


def test_what_is_received_from_one_who_did_not_have_it_or_by_one_it_was_not_for():
    told = story("register")
    told.tell("receive", from_="port", to="brigade")
    assert told.broken() == ["CUST-NONHOLDER"]
    told = story("register", "dispatch")
    told.tell("receive", to="port")
    assert told.broken() == ["CUST-NONHOLDER"]
    assert (
        told.state().breaks[0].how
        == "port was not to have it: the ledger has it in transit from depot to brigade"
    )
    told = story("register", "dispatch")
    told.tell("receive", to="depot")  # it came back
    assert told.broken() == []


def test_two_chains_give_it_two_holders():
    for hours in ((5, 6), (6, 5)):
        told = story("register", chain="hq")
        one, two = (
            told.tell("transfer", "depot", hours[0]),
            told.tell("transfer", "port", hours[1], to="port"),
        )
        (broken,) = told.state().breaks
        assert (broken.code, {broken.act.id, broken.other.id}) == ("CUST-SPLIT", {one.id, two.id})
        assert told.state().since.id == max((one, two), key=lambda act: act.when).id


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("receive", {"from_": "depot", "to": "port"}),
        ("dispatch", {"to": "port", "document": "WB-2"}),
        ("expend", {}),
        ("loss", {}),
    ],
)
def test_what_is_not_proven_is_a_split(kind, more):
    told = story("register", chain="hq")
    told.tell("transfer", "brigade", 5)
    told.tell(kind, "port", 6, **more)
    assert told.broken() == ["CUST-SPLIT"]


def test_one_after_the_other_is_no_split():
    told = story("register", chain="hq")
    handed = told.tell("transfer", "brigade", 5)
    told.say("port", "accept", 5, entry=handed.id, agreed=True, lines=LINES)
    told.tell("transfer", "port", 6, to="port")
    assert told.broken() == ["CUST-NONHOLDER"]
    told = story("register", chain="hq")
    handed = told.tell("transfer", "brigade", 5)
    told.say("port", "accept", 5, entry=handed.id, agreed=True, lines=LINES)
    told.tell("receive", "port", 6, to="port")
    assert told.broken() == ["CUST-NONHOLDER"]


def test_two_chains_that_give_it_the_same_holder_agree():
    told = story("register", chain="hq")
    told.tell("receive", "brigade", 5)
    told.tell("transfer", "depot", 6)  # the giver's clock is an hour ahead
    assert (told.broken(), told.state().holder) == ([], "brigade")
    told = story("register", chain="hq")
    told.tell("dispatch", "depot", 5)
    told.tell("dispatch", "port", 6)  # a second laptop at the depot
    assert (told.broken(), told.state().bound_for) == ([], "brigade")


def test_what_another_has_is_not_sent_to_him_first():
    """Who says that he sends what the taker has already would be believed when he then says that he
    got it back.
    """
    told = story("register", "transfer", chain="depot")
    told.tell("dispatch", "port", 6, from_="port", to="brigade")
    assert told.broken() == ["CUST-SPLIT"]


@pytest.mark.parametrize("end", ["expend", "loss", "destroy"])
@pytest.mark.parametrize(
    "kind", ["dispatch", "transfer", "pack", "unpack", "expend", "loss", "destroy"]
)
def test_after_its_end(end, kind):
    told = story("register", end)
    status = told.state().status
    act = told.tell(kind)
    (broken,) = told.state().breaks
    assert (broken.code, broken.act.id, broken.other.id) == ("TERM-AFTER", act.id, told.acts[1].id)
    assert (broken.how, told.state().status) == (f"{kind} after it was {status}", status)


def test_the_final_report_of_a_loss_is_no_second_end():
    told = story("register", "loss")
    final = told.tell("loss", report="final")
    assert (told.broken(), told.state().ended.id, told.state().last.id) == (
        [],
        told.acts[1].id,
        final.id,
    )
    told = story("register", "expend")
    told.tell("loss", report="final")
    assert told.broken() == ["TERM-AFTER"]
    told = story("register")
    told.tell("loss", report="final")
    assert (told.broken(), told.state().status) == ([], "lost")


def test_only_what_was_lost_is_found():
    for end in ("expend", "destroy"):
        told = story("register", end, "found")
        assert (told.broken(), told.state().status in ENDED) == (["TERM-AFTER"], True)


@pytest.mark.parametrize("end", ["expend", "loss", "destroy"])
@pytest.mark.parametrize("kind", ["receive", "inventory", "inspect"])
def test_seen_again_after_its_end(end, kind):
    told = story("register", end)
    act = told.tell(kind)
    (broken,) = told.state().breaks
    assert (broken.code, broken.act.id, broken.other.id) == ("RESURRECT", act.id, told.acts[1].id)
    back = kind == "receive"
    assert (told.state().status in ENDED, told.state().ended is None) == (not back, back)


def test_registered_twice():
    told = story("register")
    again = told.tell("register", "hq", holder="port", monitoring="routine", owner="x")
    state = told.state()
    assert [(broken.code, broken.act.id, broken.other.id) for broken in state.breaks] == [
        ("DUP-SERIAL", again.id, told.acts[0].id)
    ]
    assert (state.holder, state.monitoring, state.owner) == ("depot", "enhanced", "donor")


def test_registered_after_it_was_received_it_stays_where_it_is():
    told = story("receive")
    told.tell("register", "hq", holder="port")
    assert (told.state().holder, told.state().owner, told.broken()) == ("brigade", "donor", [])


def test_counted_where_the_ledger_does_not_have_it():
    told = story("inventory")
    assert [(broken.code, broken.other, broken.how) for broken in told.state().breaks] == [
        ("INV-EXTRA", None, "the ledger does not place it anywhere")
    ]
    assert story("register", "inventory").broken() == []
    assert story("register", "dispatch", "inventory").broken() == ["INV-EXTRA"]
    told = story("register")
    told.tell("inventory", holder="port")
    assert told.state().breaks[0].how == "the ledger has it with depot"
    assert (told.state().holder, told.broken()) == ("depot", ["INV-EXTRA"])


def seen(told, kind, at, holder="depot", **more):
    who = {"holder": holder} if kind == "inventory" else {"to": holder} if kind == "receive" else {}
    return told.tell(kind, "hq", at, **{"entry_mode": "scan", **who, **more})


def test_seen_at_two_holders_within_a_day():
    told = story("register", chain="hq")
    one, two = seen(told, "inventory", 10), seen(told, "inventory", 33, "port")
    twice = [broken for broken in told.state().breaks if broken.code == "DUP-SERIAL"]
    assert [(broken.act.id, broken.other.id, broken.how) for broken in twice] == [
        (two.id, one.id, "seen at depot and at port within a day")
    ]


@pytest.mark.parametrize(
    ("first", "then", "twice"),
    [
        (("inventory", 10), ("inventory", 34, "port"), False),  # a day later
        (("inventory", 10), ("inventory", 11), False),  # the same holder
        (("inventory", 10, "depot"), ("inventory", 11, "port"), True),
        (("receive", 10, "brigade"), ("inventory", 11, "port"), True),
        (("receive", 10, "brigade"), ("inventory", 11, "brigade"), False),
        (("inventory", 10), ("receive", 11, "port"), False),  # a handover
        (("inspect", 10), ("inventory", 11, "port"), False),  # an inspection names no holder
        (("inventory", 34), ("inventory", 11, "port"), True),  # within a day, the clock went back
    ],
)
def test_what_is_seen_in_two_places(first, then, twice):
    told = story("register", chain="hq")
    seen(told, *first)
    seen(told, *then)
    assert ("DUP-SERIAL" in told.broken()) is twice


def test_a_handover_between_two_sightings_explains_them():
    told = story("register", chain="hq")
    seen(told, "inventory", 10)
    told.tell("transfer", "hq", 10, to="port")
    seen(told, "inventory", 11, "port")
    assert told.broken() == []
    told = story("inventory", chain="hq")  # nobody placed it
    seen(told, "inventory", 10)
    seen(told, "inventory", 11, "port")
    assert told.broken().count("DUP-SERIAL") == 1


def test_by_word_alone_it_is_not_seen_twice():
    told = story("register", chain="hq")
    seen(told, "inventory", 10, entry_mode="manual")
    seen(told, "inventory", 11, "port", entry_mode="manual")
    assert told.broken() == ["INV-EXTRA"]


def test_the_latest_sighting_is_the_one_that_happened_last():
    told = story("register", chain="hq")
    late, early = seen(told, "inspect", 20), seen(told, "inspect", 10)
    assert (told.state().sighted.id, told.state().looked.id) == (late.id, late.id)
    same = seen(told, "inspect", 20)
    assert told.state().sighted.id == same.id
    word = seen(told, "inspect", 30, entry_mode="manual")
    assert (told.state().sighted.id, told.state().looked.id) == (same.id, word.id)
    seen(
        told, "receive", 40, "brigade", entry_mode="manual"
    )  # a receipt that nobody looked at is no sighting
    assert (told.state().sighted.id, told.state().looked.id) == (same.id, word.id)
    got = seen(told, "receive", 50, "brigade")
    assert (told.state().sighted.id, told.state().looked.id) == (got.id, got.id)
    assert early.when < late.when


def test_sightings_of_the_future_are_not_believed():
    told = story("register", chain="hq")
    now = seen(told, "inspect", 10)
    seen(told, "inspect", 99)
    assert told.state(horizon=milliseconds(instant(50))).sighted.id == now.id
    assert told.state(horizon=milliseconds(instant(99))).sighted.id != now.id


# What is said beside it


def test_type_stock_number_and_who_typed():
    told = Story()
    told.tell("register", lines=[item("SN-1", type="M777", nsn="1025015126731")])
    told.tell("transfer", lines=LINES, entry_mode="paper")
    state = told.state()
    assert (state.type, state.nsn, state.typed) == ("M777", "1025015126731", True)
    told = Story()
    told.tell("register", entry_mode="scan")
    assert not told.state().typed


def worth(amount, basis="acquisition", currency="USD"):
    return [item("SN-1", value={"amount": amount, "currency": currency, "basis": basis})]


def test_two_values_under_one_basis():
    told = Story()
    for amount, basis in (
        ("100", "acquisition"),
        ("100", "acquisition"),
        ("80", "replacement"),
        ("90.5", "acquisition"),
    ):
        told.tell("transfer", lines=worth(amount, basis), from_="depot", to="depot")
    state = told.state()
    assert [
        (broken.code, broken.act.id, broken.other.id, broken.how) for broken in state.breaks
    ] == [("VALUE-NONE", told.acts[3].id, told.acts[1].id, "100 USD and 90.5 USD (acquisition)")]
    assert state.worth["amount"] == "90.5"
    assert {basis: told_["amount"] for basis, (told_, _) in state.worths.items()} == {
        "acquisition": "90.5",
        "replacement": "80",
    }


def condition(letter):
    return [item("SN-1", condition=letter)]


@pytest.mark.parametrize(
    ("before", "now", "how"),
    [
        ("A", "F", None),
        ("F", "F", None),
        ("F", "E", "handed on as E, last known as F"),
        ("H", "A", "handed on as A, last known as H"),
        ("H", "G", "from H to G with no inspection of the change"),
        ("E", "A", "from E to A with no inspection of the change"),
        ("S", "H", "from S to H with no inspection of the change"),
    ],
)
def test_a_condition_that_improves_by_itself(before, now, how):
    told = Story()
    told.tell("register", lines=condition(before))
    told.tell("dispatch", lines=condition(now))
    assert [broken.how for broken in told.state().breaks] == ([how] if how else [])
    assert told.state().condition == now


def test_an_inspection_that_names_the_condition_before_explains_it():
    for more, codes in (({"was": "F"}, []), ({"was": "G"}, ["COND-ILL"]), ({}, ["COND-ILL"])):
        told = Story()
        told.tell("register", lines=condition("F"))
        told.tell("advise", lines=condition("A"))  # what is to come says nothing of now
        told.tell("inspect", **more)
        assert (told.broken(), told.state().condition) == (codes, "A")


# Containers


def packed(**more):
    told = Story()
    told.tell("register", lines=[*LINES, {"item": BOX}])
    told.tell("pack", **more)
    return told


BOXED = "1ABC2/BOX/B-1"


def test_a_packed_item_goes_where_its_container_goes():
    told = packed(seal="S-1")
    sent = told.tell("dispatch", lines=[{"item": BOX}])
    state = told.state()
    assert (state.status, state.since.id, state.last.id, state.container, state.seal) == (
        "in transit",
        sent.id,
        sent.id,
        BOXED,
        "S-1",
    )
    told.tell("receive", "brigade", dispatch=sent.id, lines=[{"item": BOX}], entry_mode="scan")
    state = told.state()
    assert (state.status, state.holder, list(state.receipts), state.sighted, state.breaks) == (
        "on hand",
        "brigade",
        ["brigade"],
        None,
        [],
    )
    told.tell("loss", "brigade", at=90, holder="brigade", lines=[{"item": BOX}])
    assert told.state().status == "lost"
    told.tell("found", "brigade", at=91, lines=[{"item": BOX}])
    assert (told.state().status, told.state().holder) == ("on hand", "brigade")
    told.tell("unpack", "brigade", at=92)
    told.tell("transfer", "brigade", at=93, from_="brigade", to="port", lines=[{"item": BOX}])
    assert (
        told.state().holder,
        told.state().container,
        told.state(BOXED).holder,
        told.broken(),
    ) == ("brigade", "", "port", [])


def test_a_container_is_not_moved_by_what_goes_into_it():
    told = packed()
    assert (told.state(BOXED).container, told.state(BOXED).last.kind, told.state(BOXED).breaks) == (
        "",
        "pack",
        [],
    )


def test_a_box_in_a_box():
    outer = {"uii": "OUTER"}
    told = packed()
    told.tell("pack", container=outer, items=[BOX])
    told.tell("register", "hq", at=1, lines=[{"item": outer}])
    told.tell("dispatch", at=9, lines=[{"item": outer}])
    assert (told.state().status, told.state(BOXED).status, told.broken()) == (
        "in transit",
        "in transit",
        [],
    )
    told = packed()
    told.tell("pack", container=outer, items=[BOX])
    told.tell(
        "dispatch", at=9, lines=[{"item": outer}, {"item": BOX}]
    )  # both on the paper: moved once
    assert (told.state().status, told.broken(), told.broken(BOXED)) == ("in transit", [], [])
    told = packed()
    told.tell("pack", container=outer, items=[BOX])
    told.tell("unpack", container=outer, items=[BOX])
    told.tell("dispatch", at=9, lines=[{"item": outer}])
    assert told.state().status == "on hand"


def test_out_of_a_sealed_container():
    for seal, codes in (("S-1", ["PACK-BROKEN"]), (None, [])):
        told = packed(**({"seal": seal} if seal else {}))
        told.tell("dispatch")
        assert (told.broken(), told.state().container) == (codes, "")
    told = packed(seal="S-1")
    told.tell("dispatch", lines=[*LINES, {"item": BOX}])  # with its container
    assert (told.broken(), told.state().container) == ([], BOXED)
    told = packed(seal="S-1")
    told.tell("receive", "hq", from_="depot")
    assert told.broken() == ["PACK-BROKEN"]
    assert told.state().breaks[0].how == f"moved out of {BOXED}, which was sealed with S-1"


def test_in_two_containers_and_in_itself():
    told = packed()
    told.tell("pack", container="K/7")
    assert [(broken.code, broken.how) for broken in told.state().breaks] == [
        ("PACK-BROKEN", f"packed into container:K/7 while in {BOXED}")
    ]
    assert told.state().container == "container:K/7"
    told.tell("unpack")
    assert told.state().breaks[1].how == f"unpacked from {BOXED} while in container:K/7"
    assert told.state().container == ""
    told = Story()
    told.tell("pack", container=THING)
    assert [(broken.code, broken.how) for broken in told.state().breaks] == [
        ("PACK-BROKEN", "packed into itself")
    ]
    assert told.state().container == ""
    assert packed().tell("pack").kind == "pack"


def test_boxes_in_a_ring_end_nothing():
    other = {"uii": "OTHER"}
    told = packed()
    told.tell("pack", container=other, items=[BOX])
    told.tell("pack", container=BOX, items=[other])
    told.tell("dispatch", at=9, lines=[{"item": other}])
    assert (told.state().status, told.state(BOXED).status) == ("in transit", "in transit")
    told.tell("dispatch", at=10, lines=[{"item": {"uii": "ELSEWHERE"}}])
    assert told.broken() == []


def test_one_act_that_names_an_item_twice_moves_it_once():
    for kind in ("dispatch", "transfer", "expend", "loss", "destroy", "found", "receive"):
        told = story("register")
        told.tell(kind, lines=LINES * 2)
        assert told.broken() == []
    told = Story()
    told.tell("register", lines=LINES * 2)
    assert told.broken() == ["DUP-SERIAL"]


# A model of one chain: what is said is listed, and the list is looked over for every act

PARTIES = ("x", "y", "z")
WHO = st.sampled_from(PARTIES)
STEPS = st.one_of(
    st.tuples(
        st.sampled_from(["register", "expend", "destroy", "initial", "final", "inventory"]), WHO
    ),
    st.tuples(st.sampled_from(["dispatch", "receive", "transfer"]), WHO, WHO),
    st.tuples(st.sampled_from(["found", "inspect"])),
)
STORIES = st.lists(st.tuples(STEPS, st.integers(0, 60), st.booleans()), max_size=12)
LASTING = {"expend": "expended", "destroy": "destroyed", "initial": "lost", "final": "lost"}


def retell(steps):
    """The steps as acts of one chain, whose people sign for nobody in the story."""
    told = Story()
    for (kind, *who), at, scanned in steps:
        fields = {"entry_mode": "scan"} if scanned else {}
        if kind in {"dispatch", "receive", "transfer"}:
            fields |= {"from_": who[0], "to": who[1]}
        elif who:
            fields["holder"] = who[0]
        if kind in {"initial", "final"}:
            fields["report"] = kind
        told.tell("loss" if kind in {"initial", "final"} else kind, "hq", at, **fields)
    return told


SEEING = {"receive", "inventory", "inspect"}
LEAVING = {"dispatch", "transfer", *LASTING}


def fault(kind, who, at, again):
    """What a step contradicts of where the item was: at most one thing."""
    if kind == "register":
        return "DUP-SERIAL" if again else None
    if at[0] in LASTING.values():
        late = {"initial", *LEAVING} if at[0] != "lost" else LEAVING - {"final"}
        return (
            "RESURRECT"
            if kind in SEEING
            else "TERM-AFTER"
            if kind in late or (kind == "found" and at[0] != "lost")
            else None
        )
    if kind in LEAVING:
        may = {"nowhere": PARTIES, "with": at[1:], "between": at[2:]}[at[0]] + (
            at[1:2] if kind in {"initial", "final"} else ()
        )
        return None if who[0] in may else "CUST-NONHOLDER"
    if kind == "receive":
        # From one who had it, or by one who has it already; of what is on its way, by the one it is
        # for, or back.
        may = {"nowhere": who, "with": who, "between": who[1:]}[at[0]]
        return None if at[0] == "nowhere" or set(at[1:]) & set(may) else "CUST-NONHOLDER"
    return "INV-EXTRA" if kind == "inventory" and at != ("with", who[0]) else None


def moved(kind, who, at):
    """Where a step says that the item is then; None where it says nothing of that."""
    if kind == "receive":
        return "with", who[1]
    if kind == "found":
        return {"lost": ("with", *at[1:]), "nowhere": ("with", "hq")}.get(at[0])
    if kind == "register":
        return ("with", who[0]) if at[0] == "nowhere" else None
    if kind not in LEAVING or at[0] in LASTING.values():
        return None
    return (
        ("between", *who)
        if kind == "dispatch"
        else ("with" if kind == "transfer" else LASTING[kind], who[-1])
    )


def reckon(steps):
    """Where the item is in the end, and every break as (code, index)."""
    at, last, breaks, before = ("nowhere",), None, [], []
    for index, ((kind, *who), hour, scanned) in enumerate(steps):
        breaks.append(
            (
                fault(
                    kind, who, at, again=any(step[0] == "register" for step, *_ in steps[:index])
                ),
                index,
            )
        )
        if kind == "inventory" and scanned and before:
            then, place, since = max(reversed(before), key=lambda one: one[0])
            if place not in {None, who[0]} and abs(hour - then) < 24 and since == last:
                breaks.append(("DUP-SERIAL", index))
        then = moved(kind, who, at)
        at, last = (then, index) if then else (at, last)
        if scanned and kind in SEEING:
            before.append((hour, who[-1] if who else None, last))
    return at, [(code, index) for code, index in breaks if code]


@given(STORIES)
@example([(("inventory", "x"), 0, True), (("inventory", "y"), 1, True)])
@example(
    [
        (("register", "x"), 0, False),
        (("final", "x"), 1, False),
        (("final", "x"), 1, False),
        (("found",), 2, False),
        (("found",), 3, False),
    ]
)
def test_one_chain_is_what_the_model_says(steps):
    state = retell(steps).state()
    (status, *who), breaks = reckon(steps)
    assert state.status == {"nowhere": "unknown", "with": "on hand", "between": "in transit"}.get(
        status, status
    )
    assert (state.holder, state.bound_for) == (
        (*who, "") if len(who) == 1 else tuple(who) if who else ("", "")
    )
    assert Counter((broken.code, broken.act.index) for broken in state.breaks) == Counter(breaks)


# What holds for every story


@st.composite
def tangles(draw):
    """A story of three items that go into each other, told in three chains by people with bad
    clocks, answered and corrected.
    """
    told, things = Story(), [THING, BOX, {"uii": "U"}]
    some = st.lists(st.sampled_from(things), min_size=1, max_size=3)
    for _ in range(draw(st.integers(0, 12))):
        kind = draw(st.sampled_from(sorted(DEFAULTS)))
        chain, at = draw(st.sampled_from(["depot", "brigade", "port"])), draw(st.integers(0, 40))
        fields = {}
        if kind in {"pack", "unpack"}:
            fields = {
                "container": draw(st.sampled_from([*things, "K"])),
                "items": draw(some),
                **draw(st.sampled_from([{}, {"seal": "S"}])),
            }
        elif kind == "inspect":
            fields = {"item": draw(st.sampled_from(things)), "now": draw(st.sampled_from("AFS"))}
        else:
            fields["lines"] = [
                {"item": one, "condition": draw(st.sampled_from("AFS"))} for one in draw(some)
            ]
        if kind in {"dispatch", "transfer", "receive", "advise"}:
            fields |= {
                "from_": draw(WHO),
                "to": draw(WHO),
                "document": draw(st.sampled_from(["D", "E"])),
            }
        elif "holder" in DEFAULTS[kind]:
            fields["holder"] = draw(WHO)
        elif kind == "accept":
            fields |= {"document": draw(st.sampled_from(["D", "E"])), "agreed": draw(st.booleans())}
        if kind in {"receive", "inventory", "inspect"} and draw(st.booleans()):
            fields["entry_mode"] = "scan"
        told.tell(kind, chain, at, party=draw(WHO), **fields)
    for act in told.acts[:]:
        if draw(st.integers(0, 5)) == 0:
            told.take_back(act)
    return told


@given(tangles(), st.randoms(use_true_random=False))
def test_the_same_touches_in_any_order_give_the_same_state(told, random):
    for name in (SN, BOXED, "uii:U"):
        touches = told.touches(name)
        state = fold_item(name, touches)
        random.shuffle(touches)
        assert fold_item(name, touches) == state
        assert (state.status in ENDED) == (state.ended is not None)
        assert (state.status == "unknown") == (state.since is None)
        assert (state.status == "in transit") == bool(state.bound_for)
        assert state.status == "unknown" or state.holder
        assert state.container != name
        assert all(broken.act.standing != "taken back" for broken in state.breaks)
        assert {broken.code for broken in state.breaks} <= {
            "CUST-NONHOLDER",
            "CUST-SPLIT",
            "TERM-AFTER",
            "RESURRECT",
            "DUP-SERIAL",
            "INV-EXTRA",
            "PACK-BROKEN",
            "COND-ILL",
            "VALUE-NONE",
        }


def on_its_way_and_handed_over_by_another():
    """Sent to oneself, and in another chain, neither after the other, handed over by a third."""
    told = Story()
    told.tell("dispatch", "brigade", 0, from_="x", to="x")
    told.tell("transfer", "depot", 1, from_="depot", to="x")
    return told


def test_what_is_on_its_way_is_given_by_nobody_else():
    told = on_its_way_and_handed_over_by_another()
    assert told.broken() == ["CUST-SPLIT"]
    assert told.state().holder == "x"


@given(tangles())
@example(on_its_way_and_handed_over_by_another())
def test_who_holds_it_is_what_the_last_handover_says(told):
    state = told.state()
    if state.since is not None:
        act = state.since
        says = {
            "dispatch": ("from", "to"),
            "register": ("holder",),
            "receive": ("to",),
            "transfer": ("to",),
            "found": (),
        }.get(act.kind, ("holder",))
        assert act.kind == "found" or (state.holder, state.bound_for)[: len(says)] == tuple(
            act.text(name) for name in says
        )
    order = Order(touch.act for touch in told.touches(SN))
    for broken in state.breaks:
        if broken.code == "CUST-NONHOLDER":
            assert order.follows(broken.act, broken.other)
            assert broken.act.kind in {
                "dispatch",
                "receive",
                "transfer",
                "expend",
                "loss",
                "destroy",
            }
        elif broken.code == "CUST-SPLIT":
            assert broken.act.chain != broken.other.chain
            assert not order.follows(broken.act, broken.other)
            assert not order.follows(broken.other, broken.act)
            # To the same party twice: then it is on its way there from another than who gives it.
            assert (
                not broken.act.text("to")
                or broken.act.text("to") != broken.other.text("to")
                or broken.act.kind == "dispatch"
                or (broken.other.kind, broken.act.giver != broken.other.giver) == ("dispatch", True)
            )


def test_any_text_of_any_length_and_times_of_all_years():
    serials = ["Ж" * 200, "a/b%:c", " ", "\u202e"]
    for serial in serials:
        told = Story()
        lines = [item(serial)]
        first = told.say(
            "hq",
            "register",
            lines=lines,
            owner="в" * 200,
            holder="x",
            monitoring="routine",
            note="н" * 4000,
        )
        told.say("hq", "inventory", lines=lines, holder="y", counter="z", complete=False)
        told.acts = [
            type(first)(
                **{name: getattr(act, name) for name in act.__struct_fields__}
                | {"happened": milliseconds(moment)}
            )
            for act, moment in zip(
                told.acts, ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"), strict=True
            )
        ]
        assert [
            broken.code for broken in fold_item(key(serial), told.all().popitem()[1]).breaks
        ] == ["INV-EXTRA"]


def test_every_step_that_touches_things_is_taken():
    words = {"pays", "corrects", "vouches", "answers", "nothing"}
    assert item_fold._STEPS.keys() == NEEDS.keys() - words
