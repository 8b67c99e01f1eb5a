"""Whatever people, or their enemies, write.

Findings or silence, never an exception of Python's, and soon.
"""

from __future__ import annotations

import time
from contextlib import contextmanager

import pytest
from support.programmes import Chronicle, item, key, lot

from chainlog.audit.rulebook import CODES
from chainlog.audit.run import audit
from chainlog.audit.settings import Settings
from chainlog.events.event import Event
from chainlog.format.body import open_body, withhold
from chainlog.format.entry import parse_entry
from chainlog.index.audit_source import gather
from chainlog.index.index import Items

NOW = 1_701_388_800_000
EVENT = {"event_time": "2023-02-01T08:00:00Z"}
LARGE = str(10**30 - 1)


@pytest.fixture
def told():
    return Chronicle()


@contextmanager
def soon(seconds):
    start = time.process_time()
    yield
    assert time.process_time() - start < seconds


def codes(told, now="2023-12-01", **more):
    found = told.audit(now=now, **more)
    assert all(one.code in CODES and isinstance(one.sentence, str) for one in found)
    assert found == told.audit(now=now, **more)
    return {one.code for one in found}


def audited(ledger):
    with Items.of(ledger) as items:
        list(items.views.holdings())
        return audit(gather(items, None, NOW, lambda _: "absent"), Settings())


# Citations

CITING = {
    "receive": ("dispatch", {"from": "depot", "to": "brigade", "lines": [item("SN-1")]}),
    "accept": ("entry", {"agreed": True}),
    "loss": (
        "initial",
        {"lines": [item("SN-1")], "holder": "depot", "cause": "lost", "report": "final"},
    ),
    "found": ("loss", {"lines": [item("SN-1")]}),
    "fund": (
        "draws_on",
        {"step": "return", "amount": "5", "currency": "USD", "from": "x", "to": "y"},
    ),
    "correct": ("entry", {"reason": "did_not_happen"}),
    "attest": ("entry", {}),
}


@pytest.mark.parametrize("kind", sorted(CITING))
def test_citations_of_what_is_not_held(told, kind):
    name, fields = CITING[kind]
    told.say("depot", kind, "2023-02-01", **{name: "ab" * 32}, **fields)
    assert "CHAIN-GAP" in codes(told)


@pytest.mark.parametrize("kind", sorted(CITING))
def test_citations_of_every_kind_by_every_kind(told, kind):
    name, fields = CITING[kind]
    told.register(item("SN-1"))
    for other, (cited, more) in sorted(CITING.items()):
        target = told.say(
            "brigade", other, "2023-01-05", **{cited: told.ledgers["depot"].chain.hex()}, **more
        )
        told.say("depot", kind, "2023-02-01", **{name: target.id.hex()}, **fields)
    told.say("port", kind, "2023-02-01", **{name: told.ledgers["hq"].chain.hex()}, **fields)
    codes(told)


def test_documents_that_cite_in_a_circle(told):
    sites = ["depot", "brigade", "port"]
    for number, site in enumerate(sites):
        taker, giver = sites[(number + 1) % 3], sites[number - 1]
        told.say(
            site,
            "receive",
            f"2023-02-0{3 - number}",
            lines=[item("SN-1"), lot("L-1", "1")],
            to=site,
            document=f"D-{number}",
            **{"from": giver},
        )
        told.say(
            site,
            "dispatch",
            f"2023-02-0{3 - number}",
            lines=[item("SN-1"), lot("L-1", "1")],
            to=taker,
            document=f"D-{(number + 1) % 3}",
            **{"from": site},
        )
    codes(told)


def test_one_document_for_everything(told):
    with soon(5):
        for number in range(40):
            told.send(item(f"SN-{number}"), to=f"party {number}")
            told.take(item(f"SN-{number}"), to=f"party {number}")
            told.say("port", "accept", "2023-02-05", document="WB-1", agreed=False)
        codes(told)


# Corrections


def correct(target, at="2023-06-01T08:00:00Z", **more):
    return {
        "event_time": at,
        "entry": target,
        "reason": "wrong_data" if "replacement" in more else "did_not_happen",
        **more,
    }


@pytest.mark.parametrize(
    "levels",
    [
        ("depot", "depot", "depot"),
        ("port", "depot", "hq"),
        ("depot", "port", "depot"),
        ("depot", "hq", "port"),
        ("port",) * 3,
    ],
)
@pytest.mark.parametrize("last", ["taken back", "replaced", "to another entry"])
def test_corrections_of_corrections(told, levels, last):
    target = told.hand(item("SN-1"))
    other = told.hand(item("SN-2"), at="2023-02-02")
    for depth, site in enumerate(levels):
        fields = correct(target.id)
        if depth == 2 and last != "taken back":
            inner = correct(target.id if last == "replaced" else other.id)
            fields = correct(target.id, replacement={"kind": "correct", **inner})
        target = told.append(site, Event.parse("correct", fields), told.now + 60_000)
    codes(told)


@pytest.mark.parametrize(
    "replacement",
    [
        {"kind": "receive", **EVENT, "from": "depot", "to": "brigade", "lines": [item("SN-9")]},
        {
            "kind": "fund",
            **EVENT,
            "from": "depot",
            "to": "brigade",
            "step": "commitment",
            "amount": "1",
            "currency": "USD",
        },
        {"kind": "correct", **EVENT, "entry": b"e" * 32, "reason": "did_not_happen"},
        {"kind": "acknowledge", **EVENT, "entries": [b"e" * 32], "finding": "X", "reason": "x"},
        {"kind": "pack", **EVENT, "container": "K", "items": [item("SN-1")["item"]]},
        {**EVENT, "from": "depot", "to": "brigade", "lines": [lot("L-1", "5")], "document": "WB-7"},
        {},
        {"event_time": "tomorrow"},
        {"lines": 5},
        {"replacement": {"replacement": {}}},
    ],
)
def test_replacements_of_another_kind_of_other_things_or_that_do_not_fit(told, replacement):
    told.register(item("SN-1"))
    target = told.hand(item("SN-1"), document="WB-1")
    told.say("brigade", "accept", "2023-02-03", document="WB-1", agreed=True)
    told.append(
        "depot",
        Event.parse("correct", correct(target.id, replacement=replacement)),
        told.now + 60_000,
    )
    codes(told)


def test_an_entry_that_its_own_correction_cites(told):
    target = told.hand(item("SN-1"))
    again = {
        "kind": "receive",
        **EVENT,
        "from": "depot",
        "to": "brigade",
        "dispatch": target.id,
        "lines": [item("SN-1")],
    }
    told.append(
        "depot", Event.parse("correct", correct(target.id, replacement=again)), told.now + 60_000
    )
    codes(told)


def test_many_corrections_of_one(told):
    target = told.hand(item("SN-1"))
    with soon(5):
        for site in ("depot", "port", "hq") * 30:
            told.undo(target, by=site)
        codes(told)


def test_corrections_deep_in_each_other(told):
    target = told.hand(item("SN-1"))
    with soon(5):
        for _ in range(150):
            target = told.append(
                "depot", Event.parse("correct", correct(target.id)), told.now + 60_000
            )
        codes(told)


# Numbers


@pytest.mark.parametrize("quantity", [LARGE, f"-{LARGE}", "0", "-1", "0." + "0" * 28 + "1"])
def test_quantities(told, quantity):
    told.register(
        lot("L-1", quantity, value={"amount": quantity, "currency": "USD", "basis": "list"}),
        item("SN-1", value={"amount": quantity, "currency": "USD", "basis": "x"}),
    )
    told.send(lot("L-1", quantity), item("SN-1"))
    told.take(lot("L-1", "1"), item("SN-1"))
    told.count(lot("L-1", quantity), holder="brigade")
    told.say("brigade", "expend", "2023-03-05", lines=[lot("L-1", quantity)], holder="brigade")
    told.lose(lot("L-1", quantity), holder="brigade", at="2023-03-06")
    told.say("brigade", "found", "2023-03-07", lines=[lot("L-1", quantity)])
    told.hand({"amount": quantity, "currency": "USD"})
    whole = told.say(
        "hq",
        "fund",
        "2023-02-01",
        step="commitment",
        amount=quantity,
        currency="USD",
        to="hq",
        **{"from": "donor"},
    )
    for _ in range(3):
        told.say(
            "hq",
            "fund",
            "2023-02-02",
            step="disbursement",
            amount=quantity,
            currency="USD",
            to="hq",
            draws_on=whole.id.hex(),
            **{"from": "donor"},
        )
    codes(told)


def test_units_and_currencies_that_do_not_match(told):
    for at, (unit, currency) in enumerate(
        [("RD", "USD"), ("BX", "EUR"), ("rd", "UAH"), ("R\u200bD", "XXX")], 1
    ):
        worth = {"amount": "10", "currency": currency, "basis": "list"}
        told.register(
            lot("L-1", "10", unit, value=worth), item("SN-1", value=worth), at=f"2023-01-0{at}"
        )
        told.send(lot("L-1", "4", unit), {"amount": "7", "currency": currency})
        told.take(lot("L-1", "3", "EA"), {"amount": "8", "currency": "USD"})
        whole = told.say(
            "hq",
            "fund",
            "2023-02-01",
            step="commitment",
            amount="5",
            currency=currency,
            to="hq",
            **{"from": "donor"},
        )
        told.say(
            "hq",
            "fund",
            "2023-02-02",
            step="disbursement",
            amount="5",
            currency="USD",
            to="hq",
            draws_on=whole.id.hex(),
            **{"from": "donor"},
        )
    assert codes(told) >= {"SHIP-QTY", "FUND-ORPHAN", "VALUE-NONE", "LOT-NEGATIVE"}


# Times


@pytest.mark.slow
@pytest.mark.parametrize(
    "moment",
    [
        "1970-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59.999-12:00",
        "1969-12-31T23:59:59.5Z",
    ],
)
@pytest.mark.parametrize("clock", [0, 1, NOW, 2**53 - 1])
def test_events_and_clocks_of_any_age(told, moment, clock):
    lines = [item("SN-1"), lot("L-1", "5")]
    for kind, fields in {
        "register": {"lines": lines, "owner": "x", "holder": "depot", "monitoring": "enhanced"},
        "dispatch": {"lines": lines, "from": "depot", "to": "shadow", "document": "WB-1"},
        "receive": {"lines": lines, "from": "depot", "to": "shadow", "document": "WB-1"},
        "inventory": {
            "lines": lines,
            "holder": "shadow",
            "counter": "x",
            "complete": True,
            "entry_mode": "scan",
        },
        "loss": {
            "lines": lines,
            "holder": "shadow",
            "cause": "lost",
            "report": "initial",
            "lost_on": "0001-01-01",
        },
        "consent": {"lines": lines, "from": "depot", "to": "shadow", "until": moment},
        "fund": {"step": "commitment", "amount": "1", "currency": "USD", "from": "x", "to": "y"},
    }.items():
        told.append("depot", Event.parse(kind, {"event_time": moment, **fields}), clock)
        told.append("hq", Event.parse(kind, {"event_time": "2023-02-01T00:00:00Z", **fields}), NOW)
    final = {
        "lines": lines,
        "holder": "shadow",
        "cause": "lost",
        "report": "final",
        "lost_on": "9999-12-31",
    }
    told.append("port", Event.parse("loss", {"event_time": moment, **final}), clock)
    codes(told)
    codes(told, now="1970-01-01")
    codes(told, now="9999-12-31")
    told.audit("0001-01-01")
    told.audit("9999-12-31T23:59:59-12:00")


# Containers


def pack(told, container, serial, site="depot", at="2023-02-01", **more):
    told.say(
        site, "pack", at, container=item(container)["item"], items=[item(serial)["item"]], **more
    )


def test_in_itself_in_a_ring_and_in_many(told):
    told.register(item("A"), item("B"), item("C"))
    for inner, outer in ("AA", "AB", "BC", "CA", "BA"):
        pack(told, outer, inner, seal="Z")
    told.hand(item("A"))
    told.send(item("B"), item("A"), item("C"))
    told.lose(item("C"))
    assert "PACK-BROKEN" in codes(told)


@pytest.mark.slow
def test_seventy_boxes_in_each_other(told):
    told.register(*(item(f"BOX-{number}") for number in range(71)))
    for number in range(70):
        pack(told, f"BOX-{number + 1}", f"BOX-{number}", seal="Z")
    told.hand(item("BOX-70"))
    with soon(8):
        codes(told)


# Identities


def test_one_serial_in_two_scripts(told):
    told.register(item("АО-1"), item("AO-1"), item("A0-1"))
    told.take(item("АO-1"), entry_mode="manual")
    found = told.only("ID-WEAK")
    assert len(found) == 3


@pytest.mark.parametrize(
    "text", ["\x1b[31m", "\u202e", "{things}", "%", "/", "%2F", "a/b", "́", "\x00", "🚀" * 50]
)
def test_strange_names(told, text):
    told.register(
        item(f"S{text}", part=f"P{text}", type=f"T{text}"),
        {"item": {"uii": f"U{text}"}},
        holder=f"x{text}x",
    )
    told.hand(
        item(f"S{text}", part=f"P{text}"),
        lot(f"L{text}", "5", unit="U{text}"[:20]),
        to=f"x{text}x",
        document=f"D{text}",
        place=f"P{text}",
    )
    told.say(
        "depot",
        "pack",
        "2023-02-05",
        container=f"K{text}",
        items=[{"uii": f"U{text}"}],
        seal=f"Z{text}",
    )
    told.count(counter=f"x{text}x", holder=f"x{text}x", by="depot")
    codes(told)


def test_empty_and_long_texts(told):
    told.register(item("S", maker="", part=""), {"item": {"uii": "x" * 200}}, note="n" * 4000)
    told.say(
        "hq", "acknowledge", "2023-02-01", finding="X" * 200, entries=["ab" * 32], reason="r" * 4000
    )
    told.hand(
        item("s" * 200, maker="m" * 200, part="p" * 200),
        to="t" * 200,
        document="d" * 200,
        place="p" * 200,
        note="\n" * 4000,
        entry_mode="manual",
    )
    assert "ID-WEAK" in codes(told)


# Amounts


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["inventory", "dispatch"])
def test_ten_thousand_lines_in_one_event(told, kind):
    lines = [item(f"SN-{number:05}", type="M777") for number in range(10_000)]
    if kind == "inventory":
        told.count(*lines, entry_mode="manual")
    else:
        told.send(*lines)
    with told.items() as items, soon(12):
        found = audit(gather(items, None, NOW, lambda _: "held"), Settings())
    assert max(one.count for one in found) == 10_000


def test_one_item_a_hundred_times_in_one_event(told):
    told.register(item("SN-1"), lot("L-1", "1"))
    many = [item("SN-1")] * 100
    told.send(*many)
    told.take(*many)
    told.count(*many, holder="brigade")
    told.say("brigade", "pack", "2023-03-02", container="K-1", items=[item("SN-1")["item"]] * 100)
    told.lose(*many, holder="brigade", at="2023-03-05")
    assert not codes(told) & {
        "SHIP-QTY",
        "SHIP-SERIAL",
        "TERM-AFTER",
        "DUP-SERIAL",
        "CUST-NONHOLDER",
        "CUST-SPLIT",
        "PACK-BROKEN",
    }


# Bodies in part, or not at all


def every_kind(told):
    told.register(item("SN-1"), lot("L-1", "5"))
    sent = told.send(item("SN-1"), lot("L-1", "5"))
    told.take(item("SN-1"), by="depot")
    told.hand(item("SN-1"), by="depot")
    told.count(item("SN-1"), attachments=[{"sha256": "00" * 32, "size": 1, "type": "image/jpeg"}])
    told.say("depot", "inspect", "2023-03-02", item=item("SN-1")["item"], now="B", was="A")
    pack(told, "BOX", "SN-1")
    told.say("depot", "unpack", "2023-03-02", container="K", items=[item("SN-1")["item"]])
    told.say("depot", "expend", "2023-03-02", lines=[lot("L-1", "1")], holder="depot")
    lost = told.lose(item("SN-1"))
    told.lose(item("SN-1"), report="final", initial=lost.id.hex())
    told.say("depot", "found", "2023-03-05", lines=[item("SN-1")], loss=lost.id.hex())
    told.say(
        "depot",
        "destroy",
        "2023-03-06",
        lines=[item("SN-1")],
        holder="depot",
        means="fire",
        witnessed_by="x",
    )
    told.say(
        "depot",
        "consent",
        "2023-03-06",
        lines=[item("SN-1")],
        to="x",
        until="2024-01-01",
        **{"from": "depot"},
    )
    whole = told.say(
        "depot",
        "fund",
        "2023-03-06",
        step="commitment",
        amount="1",
        currency="USD",
        to="x",
        **{"from": "depot"},
    )
    told.say(
        "depot",
        "fund",
        "2023-03-06",
        step="return",
        amount="1",
        currency="USD",
        to="x",
        draws_on=whole.id.hex(),
        **{"from": "depot"},
    )
    told.say("depot", "attest", "2023-03-06", entry=sent.id.hex())
    told.say("depot", "acknowledge", "2023-03-06", finding="X", entries=[sent.id.hex()], reason="x")
    told.say(
        "depot", "accept", "2023-03-06", entry=sent.id.hex(), agreed=True, lines=[item("SN-1")]
    )
    told.undo(
        sent,
        replacement={
            "event_time": "2023-02-01T08:00:00Z",
            "lines": [item("SN-1")],
            "from": "depot",
            "to": "brigade",
            "document": "WB-2",
        },
    )


def without(records, paths):
    """The records with these fields withheld where they have them.

    All fields, where none are named. The first stays whole.
    """
    kept = records[:1]
    for entry, body in records[1:]:
        digest = parse_entry(entry).header.body
        own = set(open_body(body, digest).paths)
        kept.append((entry, withhold(body, digest, own & paths if paths else own)))
    return kept


def paths_of_all_kinds():
    told = Chronicle()
    every_kind(told)
    return sorted(
        {
            path
            for entry, body in told.records("depot")[1:]
            for path in open_body(body, parse_entry(entry).header.body).paths
        }
    )


@pytest.mark.parametrize("path", paths_of_all_kinds())
def test_any_field_withheld(told, path):
    every_kind(told)
    audited(told.gathered(instead={"depot": without(told.records("depot"), {path})}))


@pytest.mark.parametrize("how", ["all withheld", "absent"])
def test_nothing_but_headers(told, how):
    every_kind(told)
    records = told.records("depot")
    bare = [records[0], *((entry, b"") for entry, _ in records[1:])]
    found = {
        one.code
        for one in audited(
            told.gathered(instead={"depot": bare if how == "absent" else without(records, set())})
        )
    }
    # What cannot be read says nothing by itself; that it is not there is said.
    said = "CHAIN-GAP" if how == "absent" else "BODY-WITHHELD"
    assert said in found
    assert found <= {
        said,
        "CHAIN-SILENT",
        "INV-INIT",
        "VALUE-NONE",
        "INV-UNSEEN",
        "TIME-BACK",
    }
    assert ("CHAIN-GAP" in found) is (how == "absent")


# What this version does not know


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("bless", {"event_time": "2023-02-01T08:00:00Z", "lines": [item("SN-1")]}),
        ("transfer", {"lines": [{"item": 5}]}),
        ("transfer", {"event_time": 5}),
        ("correct", {"entry": b"short"}),
        ("correct", {"event_time": "2023-02-01T08:00:00Z", "entry": [b"e" * 32], "reason": "x"}),
        ("acknowledge", {"entries": ["x"]}),
        ("inventory", {"attachments": [{"sha256": "x"}]}),
        ("fund", {"amount": "NaN", "draws_on": 5}),
        ("receive", {"dispatch": 5, "document": 7}),
        ("loss", {"initial": {"a": 1}}),
        ("accept", {"document": "WB-1", "agreed": "yes"}),
        ("inspect", {"item": {"serial": "x"}}),
        ("register", {"event_time": "2023-02-01T08:00:00Z", "x_": {"a": [[[[[1]]]]]}}),
    ],
)
def test_what_does_not_fit_is_said_and_no_more(told, kind, fields):
    entry = told.forge("depot", kind, fields)
    told.send(item("SN-1"), document="WB-1")
    told.undo(entry)
    told.say("brigade", "accept", "2023-02-05", entry=entry.id.hex(), agreed=True)
    found = told.only("SCHEMA-UNKNOWN")
    assert [one.entries for one in found] == [(entry.id,)]
    codes(told)


def test_keys_of_things_that_look_like_others(told):
    told.register(
        item("x", maker="uii:", part="lot"),
        {"item": {"uii": "lot:1/2"}},
        {"item": {"uii": "container:K"}},
        lot("money:USD", "1"),
    )
    told.say(
        "depot",
        "pack",
        "2023-02-01",
        container="money:USD",
        items=[item("x", maker="container:K", part="")["item"]],
    )
    codes(told)
    assert key("x", maker="container%3AK", part="") in {
        one for found in told.audit() for one in found.items
    }
