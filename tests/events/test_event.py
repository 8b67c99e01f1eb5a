"""The vocabulary against the tables of docs/field.md and FORMAT.md, written out again here.

Events that fit it and events that do not.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import docs_tables
from support.chains import CLERK, OWNER, opening, transfer
from support.notes import HUB, VKEY

import chainlog
from chainlog.errors import EventError
from chainlog.events import event as events
from chainlog.events.door.numbers import is_decimal
from chainlog.events.event import Event, is_governing, json_schema
from chainlog.events.kinds import CUSTODY, GOVERNING, KINDS, MOVES_ROSTER
from chainlog.events.plain_json import from_plain, to_plain
from chainlog.events.terms import WORDS, is_real
from chainlog.format.note import VerifierKey, format_vkey

FORMAT = Path(chainlog.__file__).parent / "format/FORMAT.md"

# What all events of custody have, and what all events have.
COMMON = "event_time place? document? on_behalf_of? entry_mode? attachments? note?"
# docs/field.md, "Kinds of event": `?` is optional; `lines?` may be empty, the same as none.
CUSTODY_TABLE = {
    "register": "lines owner holder monitoring",
    "advise": "lines from to document",
    "dispatch": "lines from to document",
    "receive": "lines? from to dispatch?",
    "transfer": "lines from to",
    "accept": "entry? agreed lines?",
    "inventory": "holder counter lines? complete",
    "inspect": "item was? now",
    "pack": "container items seal?",
    "unpack": "container items seal?",
    "expend": "lines holder since? until? order?",
    "loss": "lines holder cause lost_on? discovered_on? report initial?",
    "found": "lines loss?",
    "destroy": "lines holder means witnessed_by",
    "consent": "from to lines until",
    "fund": "step amount currency from to draws_on?",
    "correct": "entry reason replacement?",
    "attest": "entry",
    "acknowledge": "finding entries reason",
}
# FORMAT.md 8. `*` moves the roster pointer. `roles` may be empty.
GOVERNING_TABLE = {
    "chain.open *": "origin site programme? keys holders next? continues?",
    "key.grant *": "key roles? holder until?",
    "key.revoke *": "key reason since?",
    "key.recover *": "key next?",
    "chain.seen": "checkpoint",
    "chain.fork *": "at other",
    "chain.erase": "entries reason",
    "chain.close *": "reason",
    "site.admit": "chain origin scope?",
    "site.suspend *": "chain reason size",
    "witness.admit": "vkey",
    "witness.suspend *": "vkey",
}


def split(words):
    names = words.split()
    return {name for name in names if not name.endswith("?")}, {
        name[:-1] for name in names if name.endswith("?")
    }


def table():
    for kind, words in CUSTODY_TABLE.items():
        required, optional = split(words)
        common, more = split(COMMON)
        yield kind, required | common, (optional | more) - required
    for kind, words in GOVERNING_TABLE.items():
        required, optional = split(words)
        yield kind.split()[0], required, optional | {"note"}


@pytest.mark.parametrize(("kind", "required", "optional"), list(table()))
def test_a_kind_has_the_fields_of_the_table(kind, required, optional):
    fields = msgspec.structs.fields(KINDS[kind])
    assert {field.encode_name for field in fields if field.required} == required
    assert {field.encode_name for field in fields if not field.required} == optional
    schema = json_schema(kind)
    assert set(schema.get("required", [])) == required
    assert set(schema["properties"]) == required | optional


def test_the_table_of_the_docs_is_that_of_the_code():
    page = (docs_tables.TOP / "docs/field.md").read_text(encoding="utf-8")
    assert docs_tables.drawn("docs/field.md", page) == page, "run 'make docs'"


def test_there_are_no_other_kinds():
    assert {shape.kind for shape in CUSTODY} == set(CUSTODY_TABLE)
    assert {shape.kind for shape in GOVERNING} == {kind.split()[0] for kind in GOVERNING_TABLE}
    assert list(KINDS) == [shape.kind for shape in (*CUSTODY, *GOVERNING)]
    assert all(is_governing(kind) for kind in KINDS if "." in kind)
    assert not any(is_governing(kind) for kind in CUSTODY_TABLE)


def test_the_kinds_that_move_the_pointer_are_those_that_the_format_marks():
    assert {
        kind.removesuffix(" *") for kind in GOVERNING_TABLE if kind.endswith("*")
    } == MOVES_ROSTER
    rows = [
        line.split("|")[1]
        for line in FORMAT.read_text().splitlines()
        if re.match(r"\| `(chain|key|site|witness)\.", line)
    ]
    marked = {
        kind: bool(star) for row in rows for kind, star in re.findall(r"`([a-z.]+)`( \*)?", row)
    }
    assert {kind for kind, star in marked.items() if star} == MOVES_ROSTER
    assert marked.keys() == {shape.kind for shape in GOVERNING}


def test_the_list_of_moments_is_that_of_the_fields_that_hold_one():
    patterns = {pattern for pattern in WORDS if r"[0-9]{4}-" in pattern}
    found = set()
    for shape in KINDS.values():
        for field in msgspec.structs.fields(shape):
            metas = [
                meta
                for part in (field.type, *get_args(field.type))
                for meta in getattr(part, "__metadata__", ())
            ]
            if any(meta.pattern in patterns for meta in metas):
                found.add(field.name)
    assert found == set(events._MOMENTS)
    assert len(patterns) == 3


# Events that fit, one of each kind at least, as plain JSON


ID, KEY = "ab" * 32, to_plain({"key": OWNER.key_id})["key"]
WHEN = "2023-03-01T08:00:00Z"
ITEM, LOT = (
    {"item": {"uii": "X1"}},
    {"lot": {"nsn": "1", "number": "2"}, "quantity": "10.5", "unit": "kg"},
)
MONEY = {"amount": "-3", "currency": "USD"}
LINES = [
    ITEM,
    {
        "item": {"maker": "", "part": "", "serial": "1"},
        "condition": "A",
        "nsn": "2",
        "type": "M777",
    },
    LOT,
    MONEY,
]
SHOWN = {
    "register": {"lines": LINES, "owner": "Склад", "holder": "б", "monitoring": "enhanced"},
    "advise": {"lines": LINES, "from": "a", "to": "b", "document": "d"},
    "dispatch": {"lines": LINES, "from": "a", "to": "b", "document": "d"},
    "receive": {"from": "a", "to": "b", "dispatch": ID},
    "transfer": {"lines": LINES, "from": "a", "to": "b"},
    "accept": {
        "agreed": False,
        "document": "d",
        "lines": [{**LOT, "value": {**MONEY, "basis": "market"}}],
    },
    "inventory": {"holder": "a", "counter": "b", "complete": True},
    "inspect": {"item": {"maker": "m", "part": "p", "serial": "s"}, "was": "A", "now": "H"},
    "pack": {"container": "CONT-1", "items": [{"uii": "1"}], "seal": "s"},
    "unpack": {"container": {"uii": "c"}, "items": [{"uii": "1"}]},
    "expend": {
        "lines": [LOT],
        "holder": "a",
        "since": "2023-01-01",
        "until": "2023-01-01T00:00:00.5+02:00",
        "order": "o",
    },
    "loss": {
        "lines": LINES,
        "holder": "a",
        "cause": "combat",
        "lost_on": "2024-02-29",
        "report": "final",
        "initial": ID,
    },
    "found": {"lines": LINES, "loss": ID},
    "destroy": {"lines": LINES, "holder": "a", "means": "cut", "witnessed_by": "c"},
    "consent": {"from": "a", "to": "b", "lines": LINES, "until": "2030-12-31"},
    "fund": {"step": "return", "from": "a", "to": "b", **MONEY, "draws_on": ID},
    "correct": {
        "entry": ID,
        "reason": "wrong_data",
        "replacement": {"kind": "attest", "event_time": WHEN, "entry": ID},
    },
    "attest": {"entry": ID, "x_own": {"a": [1, True, "ї"]}, "x_": []},
    "acknowledge": {"finding": "F", "entries": [ID, ID], "reason": "r"},
    "chain.open": {
        "origin": "example.org/a",
        "site": "s",
        "keys": [{"key": KEY, "roles": ["owner"]}],
        "holders": [{"name": "n", "party": "p"}],
    },
    "key.grant": {
        "key": KEY,
        "roles": ["log", "recorder"],
        "holder": {"name": "n"},
        "until": "2030-01-01",
    },
    "key.revoke": {"key": KEY, "reason": "lost", "since": 0},
    "key.recover": {"key": KEY, "next": ID},
    "chain.seen": {"checkpoint": "example.org/a\n1\n"},
    "chain.fork": {"at": 3, "other": ID},
    "chain.erase": {"entries": [ID], "reason": "law"},
    "chain.close": {"reason": "done"},
    "site.admit": {"chain": ID, "origin": "example.org/a", "scope": "all"},
    "site.suspend": {"chain": ID, "reason": "r", "size": 2**53 - 1},
    "witness.admit": {"vkey": VKEY},
    "witness.suspend": {"vkey": VKEY, "note": "n"},
}
FITTING = {
    kind: ({"event_time": WHEN, **fields} if not is_governing(kind) else fields)
    for kind, fields in SHOWN.items()
}
FITTING["transfer"] |= {
    "attachments": [{"sha256": ID, "size": 0, "type": "image/jpeg"}],
    "place": "x",
    "document": "y",
    "on_behalf_of": "z",
    "entry_mode": "paper",
    "note": "…",
}


def schema_takes(kind, fields):
    return jsonschema.Draft202012Validator(json_schema(kind)).is_valid(fields)


def door_takes(kind, fields):
    try:
        from_plain(kind, fields)
    except EventError:
        return False
    return True


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_one_and_takes_what_the_door_takes(kind):
    schema = json_schema(kind)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["title"] == kind
    assert "contentEncoding" not in str(schema)
    assert schema_takes(kind, FITTING[kind])
    assert to_plain(from_plain(kind, FITTING[kind]).fields) == {
        name: value for name, value in FITTING[kind].items() if value != []
    }


@pytest.mark.parametrize(("kind", "required", "optional"), list(table()))
def test_without_a_field_that_it_needs_it_is_refused_and_without_another_not(
    kind, required, optional
):
    for name in FITTING[kind]:
        fields = {other: value for other, value in FITTING[kind].items() if other != name}
        fits = name not in required and (kind, name) != ("accept", "document")
        assert (name, door_takes(kind, fields), schema_takes(kind, fields)) == (name, fits, fits)
    for name in (required | optional) - {"note"}:
        assert not door_takes(kind, {**FITTING[kind], name: None})
        assert not schema_takes(kind, {**FITTING[kind], name: None})


def changed(kind, path, value):
    """The fitting event with one value set; `path` goes through maps and arrays."""
    fields = msgspec.json.decode(msgspec.json.encode(FITTING[kind]))
    at = fields
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return fields


L = "lines"
MISFITS = [
    ("transfer", [L], []),
    ("transfer", [L], {}),
    ("transfer", [L, 0], {}),
    ("transfer", [L, 0], {**ITEM, **LOT}),
    ("transfer", [L, 0], {**ITEM, **MONEY}),
    ("transfer", [L, 0, "quantity"], "1"),
    ("transfer", [L, 0, "unit"], "kg"),
    ("transfer", [L, 0, "currency"], "USD"),
    ("transfer", [L, 2], {"lot": {"nsn": "1", "number": "2"}}),
    ("transfer", [L, 2], {"lot": {"nsn": "1", "number": "2"}, "quantity": "1"}),
    ("transfer", [L, 2], {"lot": {"nsn": "1", "number": "2"}, "unit": "kg"}),
    ("transfer", [L, 2, "amount"], "1"),
    ("transfer", [L, 2, "currency"], "USD"),
    ("transfer", [L, 3], {"amount": "1"}),
    ("transfer", [L, 3], {"currency": "USD"}),
    ("transfer", [L, 3, "unit"], "kg"),
    ("transfer", [L, 3, "currency"], "usd"),
    ("transfer", [L, 3, "currency"], "USDX"),
    ("transfer", [L, 3, "currency"], "ГРН"),
    ("transfer", [L, 0, "item"], {}),
    ("transfer", [L, 0, "item"], {"uii": ""}),
    ("transfer", [L, 0, "item"], {"uii": "1", "serial": "2"}),
    ("transfer", [L, 0, "item"], {"uii": "1", "maker": ""}),
    ("transfer", [L, 0, "item"], {"maker": "m", "serial": "2"}),
    ("transfer", [L, 0, "item"], {"maker": "m", "part": "p"}),
    ("transfer", [L, 0, "item"], {"maker": "m", "part": "p", "serial": ""}),
    ("transfer", [L, 0, "item"], {"maker": "m", "part": "p", "serial": "1", "uii": "1"}),
    ("transfer", [L, 0, "condition"], "Z"),
    ("transfer", [L, 0, "colour"], "red"),
    ("transfer", [L, 0, "value"], {"amount": "1", "currency": "USD"}),
    ("transfer", ["from"], ""),
    ("transfer", ["from"], "   "),
    ("transfer", ["from"], "a" * 201),
    ("transfer", ["from"], 7),
    ("transfer", ["from"], True),
    ("transfer", ["from"], ["a"]),
    ("transfer", ["from_"], "a"),
    ("transfer", ["colour"], "red"),
    ("transfer", ["x_A"], 1),
    ("transfer", ["x-a"], 1),
    ("transfer", ["x_" + "a" * 31], 1),
    ("transfer", ["note"], ""),
    ("transfer", ["note"], "a" * 4001),
    ("transfer", ["entry_mode"], "guess"),
    ("transfer", ["event_time"], "2023-03-01"),
    ("transfer", ["event_time"], "2023-03-01 08:00:00Z"),
    ("transfer", ["event_time"], "2023-03-01T08:00:00"),
    ("transfer", ["event_time"], "2023-03-01T08:00Z"),
    ("transfer", ["event_time"], "2023-03-01T08:00:00.1234Z"),
    ("transfer", ["event_time"], "2023-03-01T08:00:00.Z"),
    ("transfer", ["event_time"], "2023-03-01T24:00:00Z"),
    ("transfer", ["event_time"], "2023-03-01T23:60:00Z"),
    ("transfer", ["event_time"], "2023-03-01T23:59:60Z"),
    ("transfer", ["event_time"], "2023-03-01T08:00:00-00:00"),
    ("transfer", ["event_time"], "2023-03-01T08:00:00+24:00"),
    ("transfer", ["event_time"], "2023-03-01T08:00:00+01:60"),
    ("transfer", ["event_time"], "2023-03-01T08:00:00+0100"),
    ("transfer", ["event_time"], "2023-03-01T08:00:00z"),
    ("transfer", ["event_time"], "٢023-03-01T08:00:00Z"),
    ("transfer", ["attachments", 0, "sha256"], ID.upper()),
    ("transfer", ["attachments", 0, "sha256"], ID[:-2]),
    ("transfer", ["attachments", 0, "size"], -1),
    ("transfer", ["attachments", 0, "size"], 2**53),
    ("transfer", ["attachments", 0, "type"], "jpeg"),
    ("transfer", ["attachments", 0, "type"], "image/JPEG"),
    ("accept", ["agreed"], "yes"),
    ("accept", ["agreed"], 1),
    ("accept", ["entry"], "x"),
    ("inspect", ["now"], "I"),
    ("pack", ["items"], []),
    ("pack", ["items"], ["CONT"]),
    ("pack", ["container"], ""),
    ("pack", ["container"], 5),
    ("expend", ["since"], "2023-01-01T00:00"),
    ("loss", ["lost_on"], WHEN),
    ("loss", ["cause"], "rust"),
    ("fund", ["amount"], "1e6"),
    ("fund", ["amount"], "1" * 31),
    ("fund", ["amount"], "1,000"),
    ("fund", ["amount"], True),
    ("correct", ["replacement"], "x"),
    ("acknowledge", ["entries"], []),
    ("acknowledge", ["entries"], [ID, "x"]),
    ("chain.open", ["origin"], "example.org"),
    ("chain.open", ["origin"], "Example.org/a"),
    ("chain.open", ["origin"], "example.org/a/"),
    ("chain.open", ["origin"], "a/" + "b" * 127),
    ("chain.open", ["keys"], []),
    ("chain.open", ["keys", 0, "key"], KEY[5:]),
    ("chain.open", ["keys", 0, "roles"], ["king"]),
    ("chain.open", ["keys", 0, "roles"], "owner"),
    ("chain.open", ["x_own"], 1),
    ("key.grant", ["key"], ID),
    ("key.grant", ["holder"], "n"),
    ("key.grant", ["holder"], {}),
    ("key.grant", ["holder"], {"name": "n", "age": 3}),
    ("key.revoke", ["reason"], "bored"),
    ("key.revoke", ["since"], -1),
    ("key.revoke", ["since"], 1.5),
    ("key.revoke", ["since"], "1"),
    ("chain.fork", ["at"], True),
    ("chain.seen", ["checkpoint"], ""),
    ("site.suspend", ["size"], 2**53),
]


@pytest.mark.parametrize(("kind", "path", "value"), MISFITS)
def test_what_the_door_refuses_the_schema_refuses(kind, path, value):
    fields = changed(kind, path, value)
    assert not door_takes(kind, fields)
    assert not schema_takes(kind, fields)


FITS = [
    ("transfer", ["x_"], "a"),
    ("transfer", ["x_" + "a" * 30], [{"deep": []}]),
    ("transfer", ["from"], "a" * 200),
    ("transfer", ["from"], "Військова частина\nА1234"),
    ("transfer", ["note"], "a" * 4000),
    ("transfer", ["event_time"], "2023-03-01T23:59:59.123-23:59"),
    ("transfer", ["event_time"], "2023-03-01T00:00:00+00:00"),
    ("transfer", [L, 0, "value"], {"amount": "0.5", "currency": "UAH", "basis": "b"}),
    ("receive", [L], []),
    ("fund", ["amount"], "-0." + "0" * 28 + "1"),
    ("fund", ["amount"], "9" * 30),
    ("correct", ["replacement"], {"anything": "goes"}),
    ("chain.open", ["origin"], "a/" + "b" * 126),
    ("key.grant", ["roles"], []),
    ("accept", ["entry"], ID),
]


@pytest.mark.parametrize(("kind", "path", "value"), FITS)
def test_what_the_door_takes_the_schema_takes(kind, path, value):
    fields = changed(kind, path, value)
    assert door_takes(kind, fields)
    assert schema_takes(kind, fields)


# What a schema cannot say
BEYOND = [
    ("transfer", ["event_time"], "2023-02-29T08:00:00Z"),
    ("transfer", ["event_time"], "2023-04-31T08:00:00Z"),
    ("transfer", ["event_time"], "2023-13-01T08:00:00Z"),
    ("transfer", ["event_time"], "0000-01-01T08:00:00Z"),
    ("loss", ["lost_on"], "1900-02-29"),
    ("expend", ["since"], "2023-00-01"),
    ("transfer", ["x_own"], 1.5),
    ("transfer", ["x_own"], {"a": None}),
    ("transfer", ["x_own"], 2**53),
    ("correct", ["replacement"], {"kind": "transfer"}),
    ("correct", ["replacement"], {"kind": "chain.close", "reason": "x"}),
    ("correct", ["replacement"], {"kind": "blessing"}),
    ("correct", ["replacement"], {"kind": 7}),
    ("correct", ["replacement"], {"weight": 1.5}),
    ("chain.open", ["holders"], [{"name": "a"}, {"name": "b"}]),
    ("chain.open", ["holders"], []),
    ("chain.open", ["keys", 0, "key"], "clk1:AQ" + "A" * 42),
    ("key.grant", ["key"], "clk1:" + "A" * 44),
]


@pytest.mark.parametrize(("kind", "path", "value"), BEYOND)
def test_what_only_the_door_refuses(kind, path, value):
    fields = changed(kind, path, value)
    assert not door_takes(kind, fields)


def refusal(kind, fields):
    with pytest.raises(EventError) as refused:
        Event.parse(kind, fields)
    return refused.value


def moved(**more):
    return {**transfer(), **more}


MESSAGES = [
    (
        "transfer",
        {name: value for name, value in transfer().items() if name != "to"},
        "to",
        "missing: a transfer needs it",
        False,
    ),
    (
        "transfer",
        moved(lines=[{}]),
        "lines[0]",
        "a line has exactly one of item, lot and amount",
        False,
    ),
    (
        "transfer",
        moved(lines=[{"item": {"uii": "1"}, "currency": "USD"}]),
        "lines[0]",
        "an amount, and nothing else, has a currency",
        False,
    ),
    (
        "transfer",
        moved(lines=[{"item": {"uii": "1"}, "unit": "1"}]),
        "lines[0]",
        "a lot, and nothing else, has a quantity and a unit",
        False,
    ),
    (
        "transfer",
        moved(lines=[{"item": {"maker": "x"}}]),
        "lines[0].item",
        "an item has maker, part and serial, or a uii",
        False,
    ),
    (
        "transfer",
        moved(lines=[{"item": {"size": 1}}]),
        "lines[0].item.size",
        "no field of a transfer",
        True,
    ),
    (
        "transfer",
        moved(lines=[{"amount": "1.0", "currency": "x"}]),
        "lines[0].amount",
        "expected a decimal such as 12 or 10.5",
        False,
    ),
    ("transfer", moved(colour="red"), "colour", "no field of a transfer", True),
    ("transfer", moved(**{"from": " a"}), "from", "expected a party", False),
    ("transfer", moved(entry_mode="guess"), "entry_mode", "'guess' is not one of its values", True),
    ("transfer", moved(event_time="noon"), "event_time", "expected an instant such as", False),
    (
        "transfer",
        moved(event_time="2023-02-30T08:00:00Z"),
        "event_time",
        "2023-02-30T08:00:00Z is not in the calendar",
        False,
    ),
    (
        "transfer",
        moved(attachments=[{"sha256": b"x", "size": 1, "type": "a/b"}]),
        "attachments[0].sha256",
        "expected bytes of length >= 32",
        False,
    ),
    (
        "transfer",
        moved(attachments=[{"sha256": b"x" * 32, "size": 1, "type": "?"}]),
        "attachments[0].type",
        "expected a media type",
        False,
    ),
    ("transfer", moved(x_Own=1), "x_Own", "a name has only a-z, 0-9 and _", False),
    ("transfer", moved(x_own=[{"a": [b""]}]), "x_own", "a field of your own holds no bytes", False),
    (
        "transfer",
        moved(x_own={"a": {"b": b""}}),
        "x_own",
        "a field of your own holds no bytes",
        False,
    ),
    ("transfer", {"\ud800": 1}, "", "surrogates not allowed", False),
    (
        "accept",
        {"event_time": WHEN, "agreed": True},
        "",
        "an accept names what it accepts: by entry, or by document",
        False,
    ),
    (
        "loss",
        {**FITTING["loss"], "initial": b"x" * 32, "lost_on": "x"},
        "lost_on",
        "expected a date such as",
        False,
    ),
    (
        "expend",
        {**FITTING["expend"], "since": "x"},
        "since",
        "expected a date such as 2023-03-01, or an instant",
        False,
    ),
    (
        "fund",
        {**FITTING["fund"], "draws_on": b"x" * 32, "currency": "x"},
        "currency",
        "expected a currency",
        False,
    ),
    (
        "site.admit",
        {"chain": b"x" * 32, "origin": "X"},
        "origin",
        "expected an origin such as",
        False,
    ),
    ("chain.open", opening(holders=[]), "holders", "missing", False),
    ("chain.open", opening(holders=[{"name": "a"}]), "", "holders: one for each key", False),
    (
        "chain.open",
        opening(keys=((CLERK, []), (CLERK, ["owner"]))),
        "",
        "keys: one key twice",
        False,
    ),
    (
        "chain.open",
        opening() | {"keys": [{"key": b"\x01" + bytes(32)}] * 2},
        "keys[0]",
        "key",
        False,
    ),
    ("key.revoke", {"key": b"\x01" + bytes(32), "reason": "lost"}, "", "key", False),
    ("key.recover", {"key": b"\x01" + bytes(32)}, "", "key", False),
    ("key.grant", {"key": b"\x01" + bytes(32), "holder": {"name": "x"}}, "", "key", False),
    ("chain.close", {"reason": "x", "x_own": 1}, "x_own", "no field of a chain.close", True),
    (
        "correct",
        {
            "event_time": WHEN,
            "entry": b"x" * 32,
            "reason": "wrong_data",
            "replacement": {"kind": "attest"},
        },
        "replacement.",
        "missing",
        False,
    ),
    (
        "correct",
        {
            "event_time": WHEN,
            "entry": b"x" * 32,
            "reason": "wrong_data",
            "replacement": {"kind": "accept", "event_time": WHEN, "agreed": True},
        },
        "replacement",
        "an accept names what it accepts",
        False,
    ),
    (
        "correct",
        {
            "event_time": WHEN,
            "entry": b"x" * 32,
            "reason": "wrong_data",
            "replacement": {"kind": 1},
        },
        "replacement.kind",
        "expected the kind",
        False,
    ),
]


@pytest.mark.parametrize(("kind", "fields", "field", "words", "unknown"), MESSAGES)
def test_a_refusal_names_the_field_and_says_why(kind, fields, field, words, unknown):
    error = refusal(kind, fields)
    assert error.field.startswith(field)
    assert field.endswith(".") or error.field == field
    assert words in error.reason
    assert error.unknown is unknown
    assert error.message == (f"{error.field}: {error.reason}" if error.field else error.reason)
    assert "`" not in error.message
    assert "regex" not in error.message


def test_every_pattern_has_words_that_reach_the_reader(monkeypatch):
    # A pattern of another msgspec, which would write it otherwise, is still told.
    monkeypatch.setattr(events, "WORDS", {})
    assert refusal("transfer", moved(**{"from": " a"})).reason == "expected text of another form"


def test_an_unknown_kind_is_refused_by_name():
    for unknown in (lambda: Event.parse("blessing" * 50, {}), lambda: json_schema("blessing" * 50)):
        with pytest.raises(EventError, match=r"'blessing.* is no kind of event") as refused:
            unknown()
        assert len(refused.value.message) < 150
        assert refused.value.hint


def test_an_event_too_deep_is_refused():
    value = 1
    for _ in range(100_000):
        value = [value]
    assert refusal("transfer", moved(lines=value)).reason


def test_an_empty_array_is_none():
    event = Event.parse(
        "receive",
        {"event_time": WHEN, "from": "a", "to": "b", "lines": [], "x_own": [], "attachments": []},
    )
    assert event.fields == {"event_time": WHEN, "from": "a", "to": "b"}
    assert event.detail.lines == []


LOG_VKEY = format_vkey(VerifierKey("example.org/a", 1, HUB.vkey.public))
PQ_VKEY = format_vkey(VerifierKey("example.org/pq", 6, bytes(1312)))


@pytest.mark.parametrize("kind", ["witness.admit", "witness.suspend"])
@pytest.mark.parametrize(
    ("vkey", "reason"),
    [
        (VKEY, None),
        (PQ_VKEY, None),
        (LOG_VKEY, "of type 1: a witness's is of type 4 or 6"),
        ("w", "name+hash+base64"),
        (VKEY + "\n", "base64"),
        (VKEY.replace("hub", "ngo"), "names itself"),
        (VKEY[:-1], "base64"),
        ("witness.example/hub+00000000+" + VKEY.split("+", 2)[2], "names itself"),
        ("a b+" + VKEY.split("+", 1)[1], "no name of a key"),
        (VKEY + "A" * 4000, "name+hash+base64"),
        (VKEY + "A" * 5000, "4096"),
        (7, "str"),
    ],
)
def test_a_witness_has_a_verifier_key_in_the_one_form(kind, vkey, reason):
    if reason is None:
        assert Event.parse(kind, {"vkey": vkey}).fields == {"vkey": vkey}
        return
    with pytest.raises(EventError) as refused:
        Event.parse(kind, {"vkey": vkey})
    assert reason in str(refused.value)
    assert not refused.value.unknown
    assert len(refused.value.message) < 300


def test_a_replacement_of_the_corrected_kind_is_left_to_the_audit():
    fields = {
        "event_time": WHEN,
        "entry": b"x" * 32,
        "reason": "wrong_data",
        "replacement": {"lines": "?"},
    }
    assert Event.parse("correct", fields).detail.replacement == {"lines": "?"}


ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=9)
    | st.binary(max_size=34),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["item", "lot", "key", "x_a", "name", "kind"]) | st.text(max_size=3),
            inner,
            max_size=3,
        )
    ),
    max_leaves=5,
)


def check_said(error):
    assert error.reason
    assert error.code == "event"


@given(st.sampled_from(sorted(KINDS)), st.data())
def test_any_value_in_any_field_fits_or_is_an_event_error(kind, data):
    names = [field.encode_name for field in msgspec.structs.fields(KINDS[kind])]
    fields = from_plain(kind, FITTING[kind]).fields
    wild = data.draw(
        st.dictionaries(
            st.sampled_from(names) | st.text(st.characters(), max_size=5) | st.just("x_own"),
            ANY,
            min_size=1,
            max_size=3,
        )
    )
    try:
        event = Event.parse(kind, {**fields, **wild})
    except EventError as error:
        check_said(error)
        return
    assert event.fields == {
        name: value for name, value in {**fields, **wild}.items() if value != []
    }
    back = msgspec.to_builtins(event.detail, builtin_types=(bytes,))
    assert back == {
        name: value
        for name, value in event.fields.items()
        if not (name.startswith("x_") and not is_governing(kind))
    }


@given(st.dates())
def test_every_day_is_real_and_no_other(day):
    text = day.isoformat()
    assert is_real(text)
    assert is_real(f"{text}T00:00:00Z")
    assert not is_real(f"{text[:8]}32")
    assert not is_real(f"{text[:8]}00T00:00:00Z")


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("0", True),
        ("12", True),
        ("10.5", True),
        ("-10.5", True),
        ("-0.5", True),
        ("0.05", True),
        ("9" * 30, True),
        ("-" + "9" * 30, True),
        ("0." + "1" * 29, True),
        ("0." + "1" * 30, False),
        ("9" * 31, False),
        ("-0", False),
        ("00", False),
        ("01", False),
        ("1.0", False),
        ("1.", False),
        (".5", False),
        ("+1", False),
        ("1e3", False),
        ("", False),
        ("-", False),
        ("1 ", False),
        ("1\n", False),
        ("１", False),
        ("٣", False),
    ],
)
def test_decimals(text, good):
    assert is_decimal(text) is good
    assert schema_takes("fund", changed("fund", ["amount"], text)) is good or text == "1\n"


def test_of_what_is_shown_in_part_the_rest_is_read_as_strictly():
    shown = {"from": "Port", "note": "x"}
    hidden = {"event_time", "to", "lines"}
    event = Event.parse_shown("transfer", shown, hidden)
    assert (event.fields, event.kind) == (shown, "transfer")
    for fields, path in (
        ({**shown, "to": ""}, "to"),
        ({**shown, "roof": "tin"}, "roof"),
        ({"note": "x"}, "from"),
    ):
        with pytest.raises(EventError) as told:
            Event.parse_shown("transfer", fields, hidden)
        assert told.value.field == path
    replaced = {"replacement": {"kind": "transfer", "from": "Port"}, "reason": "wrong_data"}
    with pytest.raises(EventError):
        Event.parse_shown("correct", replaced, {"event_time", "entry"})
    assert Event.parse_shown("key.revoke", {"reason": "lost"}, {"key"}).fields == {"reason": "lost"}
