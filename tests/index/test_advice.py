"""Before it is signed: what would become a finding, and what merely is not held here and is no
matter.
"""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from support.chains import CLERK, NEXT, OWNER, STRANGER, Draft, opening
from support.programmes import Chronicle, item, signer
from support.programmes import key as key_of
from support.words import conversation

from chainlog.audit.settings import Settings
from chainlog.custody.act import milliseconds
from chainlog.events.event import Event
from chainlog.events.plain_json import from_plain
from chainlog.events.things import parse_item
from chainlog.index.advice import advise as foresight
from chainlog.index.advice import audit as forewarning
from chainlog.index.advice import custody as clashing
from chainlog.index.advice import unknown as strangers
from chainlog.index.advice.advise import foresee
from chainlog.index.advice.offers import Offers, holding_line
from chainlog.index.index import Items
from chainlog.ledger.ledger import Ledger
from chainlog.store.engine import EMPTY

FORESEEN = {key for key in conversation("en") if key.startswith("foreseen.")}
DAY = 86_400_000
NOW = 1_680_000_000_000  # 2023-03-28T10:40Z
ME, PORT, BRIGADE = "Склад 7", "Порт", "3-тя бригада"
GUN = "1ABC2/M777/SN-7"


def at(days_ago, hours=0):
    moment = time.gmtime((NOW - days_ago * DAY) / 1000 + hours * 3600)
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", moment)


def lines(*items, **more):
    return [{"item": parse_item(item), **more} for item in items]


def lot(quantity, number="L7", unit="EA"):
    return {"lot": {"nsn": "1310", "number": number}, "quantity": str(quantity), "unit": unit}


class Site:
    """A ledger in memory, and what its clerk says in it."""

    def __init__(self, **more):
        self.now = NOW - 20 * DAY
        keys = more.pop("keys", ((CLERK, ["owner", "custodian"]),))
        self.ledger = Ledger.create(
            "memory:", opening(keys=keys, **more), CLERK, clock=lambda: self.now
        )

    def say(self, kind, days_ago=10, **fields):
        self.now = max(self.now, NOW - days_ago * DAY)
        return self.ledger.append(event(kind, days_ago, **fields))

    def hold(self, draft):
        """Another chain is held here too."""
        pairs = [(entry.raw, body) for entry, body in zip(draft.entries, draft.bodies, strict=True)]
        self.ledger.engine.append(draft.chain, EMPTY, pairs)
        return self

    def foresee(self, kind, days_ago=0, *, key=CLERK.key_id, now=NOW, before=(), **fields):
        with Items.of(self.ledger) as items:
            assert items.notices == []
            return foresee(items, event(kind, days_ago, **fields), key, now, before)

    def told(self, kind, days_ago=0, **fields):
        return {(one.code, one.key) for one in self.foresee(kind, days_ago, **fields)}


def event(kind, days_ago=0, **fields):
    fields = {name.rstrip("_"): value for name, value in fields.items()}
    return Event.parse(kind, {"event_time": at(days_ago), **fields})


def other(site, **more):
    """The chain of another site."""
    return Draft(opening(keys=((OWNER, ["owner", "custodian"]),), site=site, **more))


def wrote(draft, kind, days_ago, **fields):
    told = event(kind, days_ago, **fields)
    return draft.add(kind, told.fields, OWNER, time=NOW - days_ago * DAY)


@pytest.fixture
def site():
    """The depot has one gun, ten shells, and handed another gun to the brigade."""
    depot = Site()
    depot.say(
        "register",
        owner="MoD",
        holder=ME,
        monitoring="enhanced",
        lines=[*lines(GUN, "1ABC2/M777/SN-8", type="M777"), lot(10)],
    )
    depot.say("transfer", 9, from_=ME, to=BRIGADE, lines=lines("1ABC2/M777/SN-8"))
    return depot


# Nothing to say


def test_what_fits_is_not_remarked_on(site):
    for kind, fields in (
        ("transfer", {"from_": ME, "to": BRIGADE, "lines": [*lines(GUN), lot(10)]}),
        ("dispatch", {"from_": ME, "to": BRIGADE, "document": "Н-1", "lines": lines(GUN)}),
        (
            "inventory",
            {
                "holder": ME,
                "counter": "Інспектор",
                "complete": True,
                "lines": [*lines(GUN), lot(10)],
            },
        ),
        ("expend", {"holder": ME, "lines": [lot(3)]}),
        ("pack", {"container": "K-1", "items": [parse_item(GUN)]}),
        (
            "loss",
            {
                "holder": ME,
                "lines": lines(GUN),
                "cause": "lost",
                "report": "initial",
                "lost_on": "2023-03-27",
                "place": "Рівне",
            },
        ),
    ):
        assert site.told(kind, **fields) == set(), kind


def test_what_merely_is_not_held_here_is_not_remarked_on(site):
    # 1. from a sender whose chain is not held: items and lots that nobody here knows
    new = [*lines("1ABC2/M777/A100"), lot(500, "L9")]
    assert site.told("receive", from_=PORT, to=ME, document="Н-5", lines=new) == set()
    assert site.told("receive", from_=PORT, to=ME, dispatch=b"\xab" * 32, lines=new) == set()
    assert site.told("transfer", from_=PORT, to=ME, lines=new) == set()
    # 2. to a party that no roster held names
    assert site.told("transfer", from_=ME, to="Хтось", lines=lines(GUN)) == set()
    # 3. the brigade's chain is not held: what it did with the gun it has is not known
    assert (
        site.told("transfer", from_="Інша бригада", to=ME, lines=lines("1ABC2/M777/SN-8")) == set()
    )
    assert (
        site.told(
            "inventory",
            holder="Інша бригада",
            counter="І",
            complete=False,
            lines=lines("1ABC2/M777/SN-8"),
        )
        == set()
    )
    # 4. an inventory of what was never registered
    assert (
        site.told(
            "inventory", holder=ME, counter="І", complete=False, lines=lines("1ABC2/M777/A100")
        )
        == set()
    )


def test_a_site_that_never_wrote_down_its_stock_is_not_told_line_by_line():
    assert Site().told("transfer", from_=ME, to=BRIGADE, lines=[*lines(GUN), lot(10)]) == set()


def test_a_site_that_accepted_what_is_not_held_here_is_not_told_what_it_should_have(site):
    unknown = {"from_": ME, "to": PORT, "lines": [*lines("1ABC2/M777/XX-9"), lot(11)]}
    assert site.told("transfer", **unknown) == {("", "unknown"), ("LOT-NEGATIVE", "not_enough")}
    gone = {"from_": ME, "to": PORT, "lines": lines("1ABC2/M777/SN-8")}
    mine = site.say("transfer", 8, from_=PORT, to=ME, document="Н-8", lines=[lot(1, "L8")])
    site.say("accept", 7, document="Н-8", agreed=True)
    site.say("accept", 7, entry=mine.id, agreed=True)
    assert site.told("transfer", **gone) == {("CUST-NONHOLDER", "you_not_with")}
    for accepted in ({"entry": b"\xab" * 32}, {"document": "Н-9"}):
        site.say("accept", 6, agreed=True, **accepted)
        assert site.told("transfer", **unknown) == set()
        assert site.told("transfer", **gone) == set()
    site.say("dispatch", 5, from_=ME, to=PORT, document="Н-2", lines=lines(GUN))
    assert site.told("expend", holder=ME, lines=lines(GUN)) == {
        ("CUST-NONHOLDER", "you_not_on_the_way")
    }


# Custody


def test_what_the_ledger_has_elsewhere(site):
    site.say("dispatch", 3, from_=ME, to=PORT, document="Н-2", lines=lines(GUN))
    with_brigade, on_the_way = lines("1ABC2/M777/SN-8"), lines(GUN)
    (one,) = site.foresee("transfer", from_=ME, to="Інші", lines=with_brigade)
    assert (one.code, one.key, one.values, one.things) == (
        "CUST-NONHOLDER",
        "you_not_with",
        {"holder": BRIGADE},
        ("1ABC2/M777/SN-8",),
    )
    assert site.told("expend", holder=ME, lines=on_the_way) == {
        ("CUST-NONHOLDER", "you_not_on_the_way")
    }
    counted = {"holder": ME, "counter": "І", "complete": False}
    assert site.told("inventory", lines=with_brigade, **counted) == {("INV-EXTRA", "counted_with")}
    assert site.told("inventory", lines=on_the_way, **counted) == {
        ("INV-EXTRA", "counted_on_the_way")
    }
    both = site.foresee("transfer", from_=ME, to="Інші", lines=with_brigade + on_the_way)
    assert [one.key for one in both] == ["you_not_with", "you_not_on_the_way"]


@pytest.mark.parametrize(
    ("until", "expected"), [(1, {("CUST-SPLIT", "other_not_with")}), (8, set())]
)
def test_another_giver_is_judged_only_as_far_as_the_holders_chain_is_held(until, expected):
    draft = other(BRIGADE)
    wrote(draft, "register", 9, owner="MoD", holder=BRIGADE, monitoring="routine", lines=lines(GUN))
    wrote(draft, "expend", until, holder=BRIGADE, lines=[lot(1)])
    here = Site().hold(draft)
    assert here.told("transfer", 2, from_="Хтось", to=ME, lines=lines(GUN)) == expected
    # One's own word is always there.
    assert {key for _, key in here.told("transfer", 2, from_=ME, to=PORT, lines=lines(GUN))} == {
        "you_not_with"
    }


def test_a_complete_inventory_that_leaves_things_out(site):
    count = {"holder": ME, "counter": "І", "lines": [lot(10)]}
    (one,) = site.foresee("inventory", complete=True, **count)
    assert (one.code, one.key, one.things) == ("INV-UNSEEN", "uncounted", (GUN,))
    assert site.told("inventory", complete=False, **count) == set()
    assert (
        site.told("inventory", **{**count, "holder": BRIGADE, "lines": []}, complete=True) == set()
    )
    assert site.told("inventory", 12, complete=True, **count) == set()


def test_the_worst_comes_first(site):
    told = site.foresee(
        "loss",
        20,
        holder=ME,
        cause="lost",
        report="initial",
        lines=[*lines("1ABC2/M777/SN-8", "1ABC2/M777/XX-9"), lot(11)],
    )
    assert [one.code for one in told] == [
        "CUST-NONHOLDER",
        "LOT-NEGATIVE",
        "LOSS-NODATE",
        "TIME-LATE",
        "",
    ]


def test_after_the_end(site):
    site.say(
        "loss",
        8,
        holder=ME,
        cause="lost",
        report="initial",
        lost_on="2023-03-18",
        place="Рівне",
        lines=lines(GUN),
    )
    assert site.told("transfer", from_=ME, to=BRIGADE, lines=lines(GUN)) == {
        ("TERM-AFTER", "lost_back")
    }
    counted = {"holder": ME, "counter": "І", "complete": False}
    assert site.told("inventory", lines=lines(GUN), **counted) == {("RESURRECT", "lost_back")}
    assert site.told("found", lines=lines(GUN)) == set()
    site.say(
        "destroy",
        7,
        holder=BRIGADE,
        means="вибух",
        witnessed_by="І",
        lines=lines("1ABC2/M777/SN-8"),
    )
    assert site.told("expend", holder=BRIGADE, lines=lines("1ABC2/M777/SN-8")) == {
        ("TERM-AFTER", "destroyed")
    }
    assert site.told("found", lines=lines("1ABC2/M777/SN-8")) == {("TERM-AFTER", "destroyed")}
    site.say("expend", 7, holder=ME, lines=[lot(10)])


def test_registered_twice(site):
    again = {"owner": "MoD", "holder": ME, "monitoring": "routine"}
    (one,) = site.foresee("register", lines=lines(GUN), **again)
    assert (one.code, one.key, one.values) == (
        "DUP-SERIAL",
        "registered",
        {"day": "2023-03-18", "holder": ME},
    )


def test_conditions_values_and_containers(site):
    worth = {"amount": "100", "currency": "USD", "basis": "book"}
    site.say("inspect", 8, item=parse_item(GUN), now_="F")
    site.say("inventory", 8, holder=ME, counter="І", complete=False, lines=lines(GUN, value=worth))
    handed = {"from_": ME, "to": BRIGADE}
    (one,) = site.foresee("transfer", lines=lines(GUN, condition="A"), **handed)
    assert (one.code, one.key, one.values) == ("COND-ILL", "condition", {"was": "F", "is": "A"})
    assert site.told("inspect", item=parse_item(GUN), now_="A") == {("COND-ILL", "condition")}
    assert site.told("inspect", item=parse_item(GUN), was="F", now_="A") == set()
    assert site.told("transfer", lines=lines(GUN, value={**worth, "amount": "90"}), **handed) == {
        ("VALUE-NONE", "value")
    }
    site.say("pack", 7, container=parse_item("1ABC2/BOX/1"), items=[parse_item(GUN)], seal="П-1")
    assert site.told("transfer", lines=lines(GUN), **handed) == {("PACK-BROKEN", "sealed")}
    # With its box it moves as it is.
    assert site.told("transfer", lines=lines("1ABC2/BOX/1"), **handed) == set()
    assert site.told("transfer", lines=lines(GUN, "1ABC2/BOX/1"), **handed) == set()
    assert site.told("pack", container="K-2", items=[parse_item(GUN)]) == {
        ("PACK-BROKEN", "packed_elsewhere")
    }
    assert site.told("pack", container=parse_item(GUN), items=[parse_item(GUN)]) == {
        ("PACK-BROKEN", "packed_in_itself")
    }


def test_more_of_a_lot_than_there_is(site):
    (one,) = site.foresee("expend", holder=ME, lines=[lot(7), lot(4)])
    assert (one.code, one.key, one.things) == ("LOT-NEGATIVE", "not_enough", ("lot:1310/L7",))
    assert one.values == {"giver": ME, "have": "10 EA", "want": "11 EA"}
    assert site.told("expend", holder=ME, lines=[lot(1, "L8")]) == {("LOT-NEGATIVE", "not_enough")}
    assert site.told("expend", holder=ME, lines=[lot(0)]) == {("LOT-NEGATIVE", "no_quantity")}
    assert site.told("transfer", from_=BRIGADE, to=ME, lines=[lot(11)]) == set()
    (one,) = site.foresee("inventory", holder=ME, counter="І", complete=False, lines=[lot(9)])
    assert (one.code, one.key, one.values) == (
        "LOT-BALANCE",
        "counted_other",
        {"giver": ME, "have": "10 EA", "counted": "9 EA"},
    )


def test_a_lot_with_a_very_long_history_is_asked_for_what_was_kept(site, monkeypatch):
    monkeypatch.setattr(foresight, "_LONG", 0)
    assert site.told("expend", holder=ME, lines=[lot(11)]) == {("LOT-NEGATIVE", "not_enough")}
    assert site.told("expend", holder=ME, lines=[lot(10)]) == set()


def test_events_of_one_go_follow_each_other(site):
    back = event("transfer", 0, from_=BRIGADE, to=ME, lines=lines("1ABC2/M777/SN-8"))
    on = {"from_": ME, "to": PORT, "lines": lines("1ABC2/M777/SN-8")}
    assert site.told("transfer", **on) == {("CUST-NONHOLDER", "you_not_with")}
    assert site.told("transfer", before=(back,), **on) == set()


def test_a_late_report_that_does_not_fit_what_others_said_since():
    draft = other(PORT)
    wrote(draft, "register", 9, owner="MoD", holder=PORT, monitoring="routine", lines=lines(GUN))
    wrote(draft, "transfer", 2, from_=PORT, to=BRIGADE, lines=lines(GUN))
    here = Site().hold(draft)
    (one,) = here.foresee("receive", 3, from_=PORT, to=ME, document="Н-1", lines=lines(GUN))
    assert (one.key, one.values["party"], one.values["kind"]) == ("clash", PORT, "transfer")


# Serials


def test_a_serial_one_key_off_or_alike(site):
    for serial, key in (
        ("SN-17", "one_key_off"),
        ("SN-", "one_key_off"),
        ("NS-7", "one_key_off"),
        ("5N-7", "one_key_off"),
        ("sn-7", "looks_like"),
    ):
        told = site.foresee(
            "receive", from_=PORT, to=ME, document="Н-1", lines=lines(f"1ABC2/M777/{serial}")
        )
        assert [(one.code, one.key) for one in told] == [("ID-WEAK", key)], serial
    assert (
        site.told(
            "receive",
            from_=PORT,
            to=ME,
            document="Н-1",
            lines=lines("1ABC2/M778/SN-17", "1ABC2/M777/XX-9"),
        )
        == set()
    )


@pytest.mark.parametrize(
    ("registered", "typed"),
    [("HO-10", "НО-1О"), ("HO-10", "H0-1O"), ("HO-10", "ho-l0"), ("НО-10", "HO-10")],
)
def test_letters_that_look_alike(registered, typed):
    site = Site()
    site.say(
        "register",
        owner="MoD",
        holder=ME,
        monitoring="routine",
        lines=lines(f"1ABC2/M777/{registered}"),
    )
    new = {
        "owner": "MoD",
        "holder": ME,
        "monitoring": "routine",
        "lines": lines(f"1ABC2/M777/{typed}"),
    }
    (one,) = site.foresee("register", **new)
    assert (one.code, one.key, one.values) == (
        "ID-WEAK",
        "looks_like",
        {"other": f"1ABC2/M777/{registered}"},
    )


def test_registering_one_serial_after_the_other_is_no_slip(site):
    assert (
        site.told(
            "register",
            owner="MoD",
            holder=ME,
            monitoring="routine",
            lines=lines("1ABC2/M777/SN-9", "1ABC2/M777/SN-70"),
        )
        == set()
    )


def test_items_that_nobody_knows(site):
    assert site.told("transfer", from_=ME, to=BRIGADE, lines=lines("1ABC2/M777/XX-9", "uii:X")) == {
        ("", "unknown")
    }
    weak = {("ID-WEAK", "no_maker"), ("ID-WEAK", "maker"), ("", "unknown")}
    assert site.told("transfer", from_=ME, to=BRIGADE, lines=lines("/X/0044", "IOU/X/5")) == weak


def test_an_item_that_is_listed_twice(site):
    assert site.told("transfer", from_=ME, to=BRIGADE, lines=lines(GUN, GUN)) == {
        ("", "listed_twice")
    }
    new = {
        "owner": "MoD",
        "holder": ME,
        "monitoring": "routine",
        "lines": lines("1ABC2/M777/A-1", "1ABC2/M777/A-1"),
    }
    assert site.told("register", **new) == {("DUP-SERIAL", "registered")}


# Shipments


@pytest.fixture
def port():
    """The port sent two guns and ten shells, three days ago."""
    draft = other(PORT)
    things = [*lines(GUN, "1ABC2/M777/SN-8"), lot(10)]
    wrote(draft, "register", 9, owner="MoD", holder=PORT, monitoring="enhanced", lines=things)
    draft.sent = wrote(draft, "dispatch", 3, from_=PORT, to=ME, document="Н-17", lines=things)
    return draft


def test_what_arrived_and_what_was_sent(port):
    here = Site().hold(port)
    whole = {"from_": PORT, "to": ME, "lines": [*lines(GUN, "1ABC2/M777/SN-8"), lot(10)]}
    assert here.told("receive", document="Н-17", **whole) == set()
    assert here.told("receive", dispatch=port.sent.id, **whole) == set()
    part = {**whole, "lines": [*lines(GUN, "1ABC2/M777/XX-3"), lot(8)]}
    told = {one.key: one for one in here.foresee("receive", document="Н-17", **part)}
    assert set(told) == {"missing", "not_sent", "amount_differs"}
    assert (told["missing"].things, told["not_sent"].things) == (
        ("1ABC2/M777/SN-8",),
        ("1ABC2/M777/XX-3",),
    )
    assert told["amount_differs"].values == {"document": "Н-17", "sent": "10 EA", "came": "8 EA"}
    # The rest, later.
    here.say("receive", 1, document="Н-17", from_=PORT, to=ME, lines=[*lines(GUN), lot(8)])
    assert (
        here.told(
            "receive", document="Н-17", from_=PORT, to=ME, lines=[*lines("1ABC2/M777/SN-8"), lot(2)]
        )
        == set()
    )


def test_a_document_that_nobody_sent_only_where_senders_are_held(port):
    new = {"from_": PORT, "to": ME, "lines": lines("1ABC2/M777/XX-3")}
    assert Site().told("receive", document="Н-71", **new) == set()
    here = Site().hold(port)
    (one,) = here.foresee("receive", document="Н-71", **new)
    assert (one.code, one.key, one.values) == (
        "SHIP-NOADVICE",
        "no_paper",
        {"document": "Н-71", "open": "Н-17"},
    )
    assert here.told("receive", **new) == {("SHIP-NOADVICE", "no_document")}
    here.say(
        "receive",
        1,
        document="Н-17",
        from_=PORT,
        to=ME,
        lines=[*lines(GUN, "1ABC2/M777/SN-8"), lot(10)],
    )
    assert here.told("receive", document="Н-71", **new) == set()


# Who, when, to whom


def test_roles():
    keys = (
        (CLERK, ["owner", "custodian"]),
        (OWNER, ["inspector"]),
        (NEXT, ["recorder"]),
        (STRANGER, ["log"]),
    )
    site = Site(keys=keys)
    handed = {"from_": BRIGADE, "to": PORT, "lines": lines(GUN)}
    assert site.told("transfer", key=OWNER.key_id, **handed) == {("KEY-ROLE", "role")}
    assert site.told("transfer", key=NEXT.key_id, **handed) == {("KEY-ROLE", "behalf")}
    assert site.told("transfer", key=NEXT.key_id, on_behalf_of=BRIGADE, **handed) == set()
    # Who signs is not known yet, and several may.
    assert site.told("transfer", key=None, **handed) == set()
    assert Site(keys=((CLERK, ["owner"]), (STRANGER, ["log"]))).told(
        "transfer", key=None, **handed
    ) == {("KEY-ROLE", "role")}


def test_a_key_after_its_time_and_a_correction_by_a_stranger(port):
    here = Site().hold(port)
    here.ledger.append(
        Event.parse(
            "key.grant",
            {
                "key": NEXT.key_id,
                "roles": ["custodian"],
                "holder": {"name": "Х"},
                "until": "2023-03-20",
            },
        )
    )
    assert here.told(
        "transfer", key=NEXT.key_id, from_=BRIGADE, to=PORT, lines=lines("1ABC2/M777/A100")
    ) == {("KEY-REVOKED", "key_ended")}
    wrong = {"entry": port.sent.id, "reason": "did_not_happen"}
    assert here.told("correct", key=NEXT.key_id, **wrong) == {
        ("KEY-REVOKED", "key_ended"),
        ("CORRECT-FOREIGN", "not_yours"),
    }


def test_one_hand_on_both_sides(site):
    mine = site.say("transfer", 2, from_=ME, to=PORT, lines=lines(GUN))
    assert site.told("accept", entry=mine.id, agreed=True) == {("CUST-SELF", "same_hand")}
    assert site.told("accept", document="Н-404", agreed=True) == set()


def test_clocks(site):
    fields = {"from_": ME, "to": BRIGADE, "lines": lines(GUN)}
    assert site.told("transfer", 40, **fields) >= {("TIME-LATE", "late")}
    assert site.told("transfer", -3, **fields) == {("TIME-FUTURE", "ahead")}
    assert site.told("transfer", now=NOW - 15 * DAY, days_ago=15, **fields) >= {
        ("TIME-BACK", "clock_back")
    }


def test_losses(site):
    lost = {"holder": ME, "cause": "combat", "lines": lines(GUN)}
    assert site.told("loss", report="initial", **lost) == {
        ("LOSS-NODATE", "loss_without_lost_on_place")
    }
    assert site.told("loss", report="initial", place="Рівне", **lost) == {
        ("LOSS-NODATE", "loss_without_lost_on")
    }
    assert site.told("loss", report="initial", lost_on="2023-03-27", **lost) == {
        ("LOSS-NODATE", "loss_without_place")
    }
    (one,) = site.foresee("loss", report="final", lost_on="2023-01-27", place="Рівне", **lost)
    assert (one.code, one.key, one.values) == ("LOSS-LATE", "loss_late", {"days": 60, "most": 30})


def programme(*, admit):
    """An authority's chain that admits the depot's, and another that is held or not."""
    authority = Site(site="Штаб")
    depot = Draft(
        opening(keys=((OWNER, ["owner", "custodian"]),), site=ME, programme=authority.ledger.chain)
    )
    authority.ledger.append(
        Event.parse("site.admit", {"chain": depot.chain, "origin": "example.org/depot"})
    )
    if admit:
        authority.ledger.append(
            Event.parse("site.admit", {"chain": b"\x07" * 32, "origin": "example.org/other"})
        )
    return authority.hold(depot)


def test_outside_the_programme_only_where_all_of_it_is_held():
    passed = {"from_": ME, "to": "Хтось", "lines": lines(GUN)}
    whole = programme(admit=False)
    assert whole.told("transfer", **passed) == {("CUST-THIRD", "outside")}
    assert whole.told("transfer", **{**passed, "from_": "Штаб", "to": ME}) == set()
    with Items.of(whole.ledger) as items:
        settings = Settings(programme_parties=("Хтось",))
        assert foresee(items, event("transfer", **passed), CLERK.key_id, NOW, (), settings) == []
    whole.say("consent", 2, from_=ME, to="Хтось", lines=lines(GUN), until="2023-04-01")
    assert whole.told("transfer", **passed) == set()
    assert programme(admit=True).told("transfer", **passed) == set()


def test_governing_events_are_not_looked_at(site):
    with Items.of(site.ledger) as items:
        assert foresee(items, Event.parse("chain.close", {"reason": "х"}), CLERK.key_id, NOW) == []


# Bounds


@pytest.mark.slow
def test_ten_thousand_lines_take_no_minutes(site):
    many = lines(*(f"1ABC2/M777/Q{n}" for n in range(10_000)))
    began = time.monotonic()
    told = site.foresee("transfer", from_=ME, to=BRIGADE, lines=many)
    assert time.monotonic() - began < 20
    assert [one.key for one in told] == ["unknown", "not_all"]
    assert len(told[0].things) == foresight.THINGS
    assert told[1].values == {"looked": foresight.THINGS, "count": 10_000}


# What can be offered


def test_parties_begin_with_those_one_deals_with(port):
    here = Site(site=ME).hold(port)
    for _ in range(2):
        here.say("transfer", 1, from_=ME, to=BRIGADE, lines=[lot(1)])
    with Items.of(here.ledger) as items:
        assert Offers(items).parties() == [ME, BRIGADE, PORT]


def test_shipments_on_their_way(port):
    here = Site().hold(port)
    here.say("receive", 1, document="Н-17", from_=PORT, to=ME, lines=[*lines(GUN), lot(4)])
    with Items.of(here.ledger) as items:
        (one,) = Offers(items).sendings([ME])
        assert (one.act.text("document"), list(one.lines)) == (
            "Н-17",
            [*lines("1ABC2/M777/SN-8"), lot(6)],
        )
        assert Offers(items).sendings([BRIGADE]) == []


def test_what_is_in_a_box_is_on_no_paper_of_the_box():
    draft = other(PORT)
    wrote(
        draft,
        "register",
        9,
        owner="MoD",
        holder=PORT,
        monitoring="routine",
        lines=lines(GUN, "1ABC2/BOX/1"),
    )
    wrote(draft, "pack", 8, container=parse_item("1ABC2/BOX/1"), items=[parse_item(GUN)])
    wrote(draft, "dispatch", 3, from_=PORT, to=ME, document="Н-1", lines=lines("1ABC2/BOX/1"))
    with Items.of(Site().hold(draft).ledger) as items:
        (one,) = Offers(items).sendings([ME])
        assert list(one.lines) == lines("1ABC2/BOX/1")


def test_what_somebody_holds(site):
    with Items.of(site.ledger) as items:
        held = [holding_line(one) for one in Offers(items).holdings(ME)]
        assert held == [*lines(GUN, type="M777"), lot(10)]
        assert [one.key for one in Offers(items).holdings(ME, "m777 sn")] == [GUN]
        assert [one.key for one in Offers(items).holdings(BRIGADE)] == ["1ABC2/M777/SN-8"]
        assert items.item("SN-8") == "1ABC2/M777/SN-8"


# The words


def test_every_sentence_is_used_and_every_key_has_one():
    code = "".join(
        Path(module.__file__).read_text(encoding="utf-8")
        for module in (clashing, forewarning, foresight, strangers)
    )
    knowing = (Path(forewarning.__file__).parents[2] / "cli/record/dialog/advice.py").read_text(
        encoding="utf-8"
    )
    made = {
        f"{who}_{where}"
        for who in ("you_not", "other_not", "counted")
        for where in ("with", "on_the_way")
    }
    made |= {
        "expended",
        "lost",
        "lost_back",
        "destroyed",
        "loss_without_lost_on",
        "loss_without_place",
        "loss_without_lost_on_place",
    }
    literal = set(
        re.findall(r'Foreseen\((?:spot\.code|one\.code|code|"[A-Z-]*"), "([a-z_]+)"', code)
    )
    for key in FORESEEN:
        name = key.removeprefix("foreseen.")
        assert name in made or f'"{name}"' in code or f'"foreseen.{name}"' in knowing, key
    assert {f"foreseen.{name}" for name in made | literal} <= set(FORESEEN)


def test_what_should_be_known_is_compared_with_all_that_is_known():
    """A site that never saw a registration knows what it received.

    An O for a 0 is said, and so is the serial next to it.
    """
    told = Chronicle(("hq", "depot"))
    told.say(
        "depot",
        "receive",
        "2023-02-01",
        lines=[item("SN-100")],
        to="depot",
        document="D",
        **{"from": "port"},
    )
    author, now = signer("depot", "custodian").key_id, milliseconds("2023-03-02")
    with told.items("depot") as items:
        for serial, words in (("SN-1OO", "looks_like"), ("SN-101", "one_key_off")):
            fields = {"event_time": "2023-03-01T08:00:00Z", "lines": [item(serial)]}
            leaving = from_plain("transfer", {**fields, "from": "depot", "to": "brigade"})
            said = {
                one.key: one.values.get("other") for one in foresee(items, leaving, author, now)
            }
            assert said[words] == key_of("SN-100")
        coming = from_plain("receive", {**fields, "from": "port", "to": "depot"})
        assert "one_key_off" not in {one.key for one in foresee(items, coming, author, now)}
