"""Arbitrary events of every kind, and what files say of them.

Strategies for tests of forms that events are written in.
"""

from __future__ import annotations

import io

import pytest
from hypothesis import strategies as st
from msgspec import inspect
from support.chains import OWNER, Draft, opening, transfer

from chainlog.errors import IntakeError
from chainlog.events.event import Event
from chainlog.events.kinds import CUSTODY, KINDS, Accept, ChainOpen, WitnessAdmit, WitnessSuspend
from chainlog.events.terms import WORDS, Item, Line
from chainlog.export import jsonl
from chainlog.export.intake import take_in
from chainlog.format.body import open_body
from chainlog.format.keys import Ed25519Signer
from chainlog.format.note import ED25519_COSIGNATURE, VerifierKey, format_vkey
from chainlog.format.opened import Logged
from chainlog.ledger.ledger import Ledger

TRICKY = [
    "",
    "=1+1",
    "+380",
    "-x",
    "-5",
    "@a",
    "'",
    "''=",
    "\t",
    "\n=",
    "\r",
    '"',
    '""',
    '"a"',
    "true",
    "null",
    "NaN",
    "12",
    "007",
    "1e5",
    "-0",
    " 12 ",
]
TRICKY += [
    "[1]",
    "[1.5]",
    "{",
    "{}",
    "[[[[[[[[[[1]]]]]]]]]]",
    "a,b;c",
    "a\r\nb",
    "\u202eabc",
    "e\u0301",
    "𐌰",
    "\0",
    "\ufeff",
    "\u2028",
    "9" * 40,
    "'=",
    "😀" * 3,
]
TEXT = st.one_of(
    st.sampled_from(TRICKY),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.tuples(st.sampled_from(TRICKY), st.text(max_size=3)).map("".join),
)
TEXT = TEXT.filter(lambda text: not any("\ud800" <= char <= "\udfff" for char in text))
OWN = st.recursive(
    TEXT | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
INSTANT = st.datetimes().map(lambda moment: moment.strftime("%H:%M:%SZ")).map("2023-03-01T".__add__)
BY_WORDS = {
    "a party": TEXT.map(str.strip).filter(bool),
    "a decimal": st.sampled_from(["0", "-5", "10.5", "-0.001", "9" * 30]),
    "a currency": st.sampled_from(["USD", "UAH"]),
    "an instant": INSTANT,
    "a date such as 2023-03-01": st.just("2024-02-29"),
    "an origin": st.just("example.org/depot"),
    "a media type": st.just("image/jpeg"),
}
KEYS = [Ed25519Signer.from_seed(bytes([n]) * 32).key_id for n in range(1, 5)]
VKEYS = [
    format_vkey(VerifierKey(f"свідок.example/w{n}", ED25519_COSIGNATURE, key[1:]))
    for n, key in enumerate(KEYS)
]


def of_type(shape):  # noqa: C901, PLR0911  (one branch a type)
    match shape:
        case inspect.Metadata():
            return of_type(shape.type)
        case inspect.UnionType():
            return st.one_of(*map(of_type, shape.types))
        case inspect.StrType(pattern=None):
            return TEXT.map(lambda text: text[: shape.max_length]).filter(
                lambda text: len(text) >= (shape.min_length or 0)
            )
        case inspect.StrType():
            return next(
                made for words, made in BY_WORDS.items() if WORDS[shape.pattern].startswith(words)
            )
        case inspect.BytesType(min_length=33):
            return st.sampled_from(KEYS)
        case inspect.BytesType():
            return st.binary(min_size=32, max_size=32)
        case inspect.LiteralType():
            return st.sampled_from(shape.values)
        case inspect.BoolType():
            return st.booleans()
        case inspect.IntType():
            return st.integers(shape.ge, shape.le)
        case inspect.ListType():
            return st.lists(of_type(shape.item_type), min_size=1, max_size=3)
        case inspect.StructType():
            return of_struct(shape)
        case inspect.DictType():
            return st.deferred(lambda: CUSTODY_EVENTS).map(
                lambda event: {"kind": event.kind, **event.fields}
            )
    raise AssertionError(shape)


def of_struct(shape):
    fields = {field.encode_name: of_type(field.type) for field in shape.fields}
    needed = {field.encode_name for field in shape.fields if field.required}

    def one(*names, optional=()):
        return st.fixed_dictionaries(
            {name: fields[name] for name in names},
            optional={name: fields[name] for name in optional},
        )

    if shape.cls is Item:
        return one("maker", "part", "serial") | one("uii")
    if shape.cls is Line:
        more = ("nsn", "type", "condition", "value")
        return (
            one("item", optional=more)
            | one("lot", "quantity", "unit", optional=more)
            | one("amount", "currency", optional=more)
        )
    if shape.cls is Accept:
        needed |= {"document"}
    if shape.cls in {WitnessAdmit, WitnessSuspend}:
        fields["vkey"] = st.sampled_from(VKEYS)
    if shape.cls is ChainOpen:
        fields["keys"], fields["holders"] = (
            st.just([{"key": KEYS[0], "roles": ["owner"]}]),
            st.just([{"name": "=Ім'я"}]),
        )
    return one(*sorted(needed), optional=sorted(fields.keys() - needed))


def events_of(kind, own=True):
    made = of_struct(inspect.type_info(KINDS[kind]))
    if own:
        made = st.builds(
            lambda fields, more: fields | more,
            made,
            st.dictionaries(st.sampled_from(["x_", "x_a", "x_b"]), OWN, max_size=2),
        )
    return made.map(lambda fields: Event.parse(kind, fields))


CUSTODY_EVENTS = st.sampled_from([shape.kind for shape in CUSTODY]).flatmap(events_of)
EVENTS = CUSTODY_EVENTS | st.sampled_from(
    sorted(set(KINDS) - {shape.kind for shape in CUSTODY})
).flatmap(lambda kind: events_of(kind, own=False))


def logged_of(events):
    """The events as entries of a chain, after its opening."""
    draft = Draft()
    for event in events:
        draft.add(event.kind, event.fields)
    return [
        Logged(entry, open_body(body, entry.header.body))
        for entry, body in zip(draft.entries, draft.bodies, strict=True)
    ]


def written(form, logged):
    out = io.StringIO(newline="")
    assert form.write_entries(lambda: iter(logged), out.write) == len(logged)
    return out.getvalue().encode()


def read_back(form, data):
    return [found.problem or found.event for found in form.read_events(io.BytesIO(data))]


def problems(form, data):
    with pytest.raises(IntakeError) as caught:
        take_in(ledger_of(), lambda: form.read_events(io.BytesIO(data)))
    return caught.value.problems


def ledger_of(*events):
    ledger = Ledger.create("memory:", opening(), OWNER)
    ledger.append_many(events)
    return ledger


def make(n, **more):
    return Event.parse("transfer", transfer(n, **more))


def reader_of(events, form=jsonl):
    data = written(form, logged_of(events))
    return lambda: form.read_events(io.BytesIO(data))


def held(ledger):
    return [logged.fields["lines"][0]["item"]["serial"] for logged in ledger.read(1)]
