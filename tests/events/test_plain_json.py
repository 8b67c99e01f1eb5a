"""Events as plain JSON: what goes out comes back, and what people type is made canonical at the
door.
"""

from __future__ import annotations

import json
import re
import time
import types
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UnsetType
from support.chains import CLERK, NEXT, OWNER, STRANGER

from chainlog.custody.act import format_decimal
from chainlog.errors import EventError
from chainlog.events import terms
from chainlog.events.door.numbers import is_decimal
from chainlog.events.event import Event, is_governing
from chainlog.events.kinds import CUSTODY, KINDS, Accept, ChainOpen, WitnessAdmit, WitnessSuspend
from chainlog.events.plain_json import (
    DECIMAL_NAMES,
    ID_NAMES,
    KEY_NAMES,
    PARTY_NAMES,
    canonical_decimal,
    from_plain,
    to_plain,
)
from chainlog.format.body import commit, open_body
from chainlog.format.keys import Ed25519Signer, format_key_id
from chainlog.format.note import ED25519_COSIGNATURE, VerifierKey, format_vkey

WHEN = "2023-03-01T08:00:00Z"
ID = b"i" * 32
P256 = bytes.fromhex("02036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296")

# Every event that fits, made from the types of the vocabulary


LETTERS = st.characters(exclude_categories=["Cs"])


def text(least, most=9):
    return st.text(LETTERS, min_size=least, max_size=most)


DATES = st.dates().map(str)
INSTANTS = st.builds(
    "{}T{:02}:{:02}:{:02}{}{}".format,
    DATES,
    *(st.integers(0, n) for n in (23, 59, 59)),
    *map(st.sampled_from, [["", ".5", ".123"], ["Z", "+02:00", "-11:30"]]),
)
ALIASES = [
    (terms.Text, text(1)),
    (terms.Party, text(1).filter(lambda name: name == name.strip() != "")),
    (terms.Code, text(1)),
    (terms.Mark, text(0)),
    (terms.Unit, text(1)),
    (
        terms.Decimal,
        st.decimals(
            allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9
        ).map(format_decimal),
    ),
    (terms.Currency, st.from_regex(r"[A-Z]{3}", fullmatch=True)),
    (terms.Instant, INSTANTS),
    (terms.Date, DATES),
    (terms.DateOrInstant, DATES | INSTANTS),
    (terms.Origin, st.from_regex(r"[a-z0-9.-]{1,9}(/[a-z0-9._-]{1,9}){1,2}", fullmatch=True)),
    (terms.MediaType, st.from_regex(r"[a-z0-9.+-]{1,9}/[a-z0-9.+-]{1,9}", fullmatch=True)),
    (terms.Id, st.binary(min_size=32, max_size=32)),
    (
        terms.KeyId,
        st.sampled_from([OWNER.key_id, CLERK.key_id, STRANGER.key_id, NEXT.key_id, P256]),
    ),
]
OWN = st.dictionaries(
    st.from_regex(r"x_[a-z0-9_]{0,5}", fullmatch=True),
    st.recursive(
        st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | text(0),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                text(0) | st.sampled_from(["entry", "key", "amount", "to"]), inner, max_size=3
            )
        ),
        max_leaves=4,
    ),
    max_size=2,
)


def made(hint):  # noqa: C901, PLR0911  (one form a line)
    """A strategy for the untyped values of a type in the vocabulary."""
    for alias, strategy in ALIASES:
        if hint == alias:
            return strategy
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated and parts[0] is int:
        return st.integers(0, 2**53 - 1)
    if origin is Annotated and parts[0] is str:
        return text(1)
    if origin is Annotated:
        return made(parts[0]).filter(len)
    if origin in {Union, types.UnionType}:
        return st.one_of([made(part) for part in parts if part is not UnsetType])
    if origin is Literal:
        return st.sampled_from(parts)
    if origin is list:
        return st.lists(made(parts[0]), max_size=3)
    if hint == dict[str, Any]:
        return replacements()
    if hint is bool:
        return st.booleans()
    return SPECIAL[hint]() if hint in SPECIAL else struct(hint)


def struct(shape, without=(), needed=()):
    fields = [field for field in msgspec.structs.fields(shape) if field.encode_name not in without]
    required = {
        field.encode_name: made(field.type)
        for field in fields
        if field.required or field.encode_name in needed
    }
    optional = {
        field.encode_name: made(field.type) for field in fields if field.encode_name not in required
    }
    # An optional array within another value is left out or has elements: only at the top is an
    # empty one the same as none.
    return st.fixed_dictionaries(required, optional=optional)


def items():
    return st.fixed_dictionaries(
        {"maker": text(0), "part": text(0), "serial": text(1)}
    ) | st.fixed_dictionaries({"uii": text(1)})


def lines():
    names = {
        "item": ("item",),
        "lot": ("lot", "quantity", "unit"),
        "amount": ("amount", "currency"),
    }
    every = {name for group in names.values() for name in group}
    return st.one_of([struct(terms.Line, every - {*group}, group) for group in names.values()])


def accepts():
    return struct(Accept, needed=["entry"]) | struct(Accept, needed=["document"])


def openings():
    keys = st.lists(
        struct(terms.KeyRoles), min_size=1, max_size=4, unique_by=lambda one: one["key"]
    )
    both = keys.flatmap(
        lambda some: st.tuples(
            st.just(some), st.lists(struct(terms.Holder), min_size=len(some), max_size=len(some))
        )
    )
    return st.builds(
        lambda rest, pair: {**rest, "keys": pair[0], "holders": pair[1]},
        struct(ChainOpen, ["keys", "holders"]),
        both,
    )


def replacements():
    kinds = st.sampled_from([shape for shape in CUSTODY if shape.kind != "correct"])
    named = kinds.flatmap(
        lambda shape: st.tuples(made(shape), OWN).map(
            lambda both: {**both[0], **both[1], "kind": shape.kind}
        )
    )
    return named | made(KINDS["attest"])


def witnesses(shape):
    key = VerifierKey(
        "свідок.example/w1", ED25519_COSIGNATURE, Ed25519Signer.from_seed(bytes(32)).key_id[1:]
    )
    return struct(shape, ["vkey"]).map(lambda rest: {**rest, "vkey": format_vkey(key)})


SPECIAL = {
    terms.Item: items,
    terms.Line: lines,
    Accept: accepts,
    ChainOpen: openings,
    WitnessAdmit: lambda: witnesses(WitnessAdmit),
    WitnessSuspend: lambda: witnesses(WitnessSuspend),
}


def fields_of(kind):
    return st.builds(
        lambda fields, own: {**fields, **own},
        made(KINDS[kind]),
        st.just({}) if is_governing(kind) else OWN,
    )


@settings(max_examples=12)
@given(st.data())
@pytest.mark.parametrize("kind", KINDS)
def test_an_event_goes_out_as_json_and_comes_back(kind, data):
    event = Event.parse(kind, data.draw(fields_of(kind)))
    plain = to_plain(event.fields)
    assert from_plain(kind, plain) == event
    assert from_plain(kind, json.loads(json.dumps(plain))) == event
    if event.fields:
        body, commitment = commit(event.fields, bytes(32))
        assert Event.parse(kind, open_body(body, commitment).fields()) == event


# The names whose values have a form of their own


def walk(hint, name=""):
    """Every name in a type of the vocabulary, with the types of its values."""
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        for field in msgspec.structs.fields(hint):
            yield from walk(field.type, field.encode_name)
        return
    yield name, hint
    if not any(hint == alias for alias, _ in ALIASES) and get_origin(hint) is not Literal:
        for part in get_args(hint):
            if isinstance(part, type) or get_origin(part) is not None:
                yield from walk(part, name)


def names_with(*hints):
    return {name for shape in KINDS.values() for name, hint in walk(shape) if hint in hints}


def test_the_names_that_hold_bytes_are_those_of_the_vocabulary():
    assert names_with(terms.Id) == ID_NAMES
    assert names_with(terms.KeyId) == KEY_NAMES
    assert names_with(bytes) == set()
    # None of them holds text anywhere else, which would be taken for an id.
    texts = [alias for alias, _ in ALIASES if alias not in (terms.Id, terms.KeyId)]
    assert not (ID_NAMES | KEY_NAMES) & names_with(str, *texts)


def test_the_names_of_decimals_and_parties_are_those_of_the_vocabulary():
    assert names_with(terms.Decimal) == DECIMAL_NAMES
    assert names_with(terms.Party) == PARTY_NAMES
    others = [alias for alias, _ in ALIASES if alias not in (terms.Decimal, terms.Party)]
    assert not (DECIMAL_NAMES | PARTY_NAMES) & names_with(str, *others)


# Decimals at the door


DOOR = {
    "10.50": "10.5",
    "010.5": "10.5",
    "0010": "10",
    ".5": "0.5",
    "5.": "5",
    "-.5": "-0.5",
    "+.50": "0.5",
    "-0": "0",
    "-0.0": "0",
    "-.0": "0",
    "0": "0",
    "000": "0",
    "00.0": "0",
    "+3": "3",
    "-3": "-3",
    "-0.10": "-0.1",
    "  7 ": "7",
    "9" * 30: "9" * 30,
    "0" * 40 + "9" * 30: "9" * 30,
    "1." + "0" * 400: "1",
    "0." + "1" * 29: "0." + "1" * 29,
}
SHUT = [
    "",
    " ",
    ".",
    "-",
    "+",
    "-.",
    "1e6",
    "1E6",
    "1e999999999",
    "1.5.",
    "1.5.5",
    "--1",
    "+-1",
    "0x10",
    "nan",
    "NaN",
    "1_000",
    "inf",
    "Infinity",
    "½",
    "²",
    "О",
    "З",
    "1О",
    "один",
    "1\x00",
    "$5",
    "5 kg",
    "\ud800",
]


@pytest.mark.parametrize(("typed", "meant"), DOOR.items(), ids=range(len(DOOR)))
def test_a_number_as_people_type_it_is_made_canonical(typed, meant):
    assert canonical_decimal(typed) == meant
    assert is_decimal(meant)
    assert canonical_decimal(meant) == meant
    assert Decimal(meant) == Decimal(typed.strip())


@pytest.mark.parametrize("typed", SHUT, ids=range(len(SHUT)))
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(EventError, match=r"is no number such as 12 or 10.5"):
        canonical_decimal(typed)


@pytest.mark.parametrize(
    "typed", ["1" * 31, "0." + "1" * 30, "1" * 16 + "." + "1" * 15, "-" + "9" * 31, "1" + "0" * 30]
)
def test_a_number_of_31_digits_is_refused(typed):
    with pytest.raises(EventError, match="has more than 30 digits"):
        canonical_decimal(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "0" * 200_000 + "x",
        "0" * 200_000,
        "1" * 200_000,
        "0." + "0" * 200_000,
        "0." + "0" * 200_000 + "1",
        "." * 200_000,
        " " * 200_000,
    ],
)
def test_a_very_long_number_takes_no_time(typed):
    began = time.process_time()
    if typed.strip("0.") or not typed.strip("."):
        with pytest.raises(EventError) as refused:
            canonical_decimal(typed)
        assert len(refused.value.message) < 120
    else:
        assert canonical_decimal(typed) == "0"
    assert time.process_time() - began < 2


@given(
    st.text(".,+-eE 0123456789", max_size=12)
    | st.from_regex(r"\s?[+-]?[0-9]*\.?[0-9]*\s?", fullmatch=True)
)
def test_a_number_keeps_its_worth(typed):
    plain = re.fullmatch(r"\s*[+-]?[0-9]*\.?[0-9]*\s*", typed)
    try:
        found = canonical_decimal(typed)
    except EventError as error:
        if "may be" in error.message:
            assert re.search(r"[.,][0-9]{3}\b", typed)
            return
        stripped = typed.strip().lstrip("+-")
        digits = stripped.replace(".", "", 1)
        assert not (
            digits.isascii()
            and digits.isdigit()
            and len(digits) <= 30
            and len(typed.strip()) - len(stripped) <= 1
        )
    else:
        assert is_decimal(found)
        assert not plain or Decimal(found) == Decimal(typed.strip())


def fund(amount):
    return from_plain(
        "fund",
        {
            "event_time": WHEN,
            "step": "return",
            "amount": amount,
            "currency": "USD",
            "from": "a",
            "to": "b",
        },
    ).fields["amount"]


@pytest.mark.parametrize(
    ("number", "meant"),
    [
        (7, "7"),
        (-3, "-3"),
        (0, "0"),
        (10**30 - 1, "9" * 30),
        (Decimal("10.50"), "10.5"),
        (Decimal("1e6"), "1000000"),
        (Decimal("-0.0"), "0"),
        (Decimal("1E-29"), "0." + "0" * 28 + "1"),
    ],
)
def test_a_json_number_is_a_decimal(number, meant):
    assert fund(number) == meant


@pytest.mark.parametrize(
    "number",
    [10**30, -(10**30), 10**10_000, 2**128, Decimal("1e30"), Decimal("1e999999999"),
     Decimal("1e-999999"), Decimal("0e-999999"),
     Decimal("1E-30"), Decimal("nan"), Decimal("inf"), 1.5, 1.0, True, None, [], [1], {}, "1e6"],
    ids=range(19),
)  # fmt: skip
def test_another_json_number_is_refused_and_the_field_named(number):
    began = time.process_time()
    with pytest.raises(EventError) as refused:
        fund(number)
    assert refused.value.field == "amount"
    assert time.process_time() - began < 1


# The rest of the door


def transfer(**more):
    return {"event_time": WHEN, "from": "a", "to": "b", "lines": [{"item": {"uii": "1"}}], **more}


def test_spaces_around_a_party_go_and_no_others():
    fields = from_plain(
        "transfer",
        transfer(
            **{"from": " Склад 7\n", "on_behalf_of": "\u2003x\u00a0"}, place=" p ", note=" n "
        ),
    ).fields
    assert (fields["from"], fields["on_behalf_of"], fields["place"], fields["note"]) == (
        "Склад 7",
        "x",
        " p ",
        " n ",
    )
    granted = from_plain(
        "key.grant",
        {"key": format_key_id(CLERK.key_id), "holder": {"name": " Іван ", "party": " p "}},
    ).fields
    assert granted["holder"] == {"name": "Іван", "party": "p"}


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "ab",
        ("ab" * 32).upper(),
        ID.hex() + "00",
        ID.hex()[:-1],
        " " + ID.hex(),
        ID.hex() + "\n",
        "g" * 64,
        "１" * 64,
    ],
)
def test_an_id_is_64_hex_digits(wrong):
    with pytest.raises(EventError, match=r"entry: expected an id: 64 hex digits"):
        from_plain("attest", {"event_time": WHEN, "entry": wrong})
    with pytest.raises(EventError, match=r"entries\[1\]: expected an id: 64 hex digits"):
        from_plain(
            "acknowledge",
            {"event_time": WHEN, "finding": "f", "entries": [ID.hex(), wrong], "reason": "r"},
        )


@pytest.mark.parametrize(
    "wrong",
    ["", "clk1:", OWNER.key_id.hex(), format_key_id(OWNER.key_id) + "=", "clk1:" + "A" * 44],
)
def test_a_key_is_its_text(wrong):
    keys = [{"key": format_key_id(OWNER.key_id)}, {"key": wrong}]
    with pytest.raises(EventError) as refused:
        from_plain(
            "chain.open",
            {"origin": "a/b", "site": "s", "keys": keys, "holders": [{"name": "a"}] * 2},
        )
    assert refused.value.field == "keys[1].key"


def test_a_decimal_deep_inside_is_named_by_its_path():
    with pytest.raises(EventError) as refused:
        from_plain(
            "transfer",
            transfer(
                lines=[
                    {
                        "lot": {"nsn": "1", "number": "2"},
                        "quantity": "1",
                        "unit": "kg",
                        "value": {"amount": "x"},
                    }
                ]
            ),
        )
    assert refused.value.field == "lines[0].value.amount"


def test_fields_of_ones_own_stay_as_they_are_in_a_replacement_too():
    own = {"entry": "no id", "amount": "1.50", "key": "k", "to": " x ", "name": " y "}
    assert from_plain("transfer", transfer(x_own=own)).fields["x_own"] == own
    fields = {
        "event_time": WHEN,
        "entry": ID.hex(),
        "reason": "wrong_data",
        "replacement": {"kind": "transfer", **transfer(x_own=own, to=" c ")},
    }
    replacement = from_plain("correct", fields).fields["replacement"]
    assert (replacement["x_own"], replacement["to"]) == (own, "c")


def deep(depth):
    value: Any = "x"
    for _ in range(depth):
        value = {"a": value}
    return value


UNRECORDABLE = {
    "a float": {"x_own": 1.5},
    "a float within an array": {"x_own": [1, 1.5]},
    "nil": {"x_own": {"a": None}},
    "a number of JSON": {"x_own": Decimal("1.5")},
    "2^53": {"x_own": 2**53},
    "nine deep": {"x_own": deep(9)},
    "very deep": {"x_own": deep(100_000)},
    "very deep in a known field": {"to": deep(100_000)},
    "deep in a known field": {"to": deep(200)},
    "a surrogate in text": {"note": "\ud800"},
    "a surrogate in a party": {"to": "\ud800"},
    "a surrogate in a choice": {"entry_mode": "\ud800"},
    "a surrogate for a name": {"\ud800": 1},
    "a surrogate for a name of one's own": {"x_\ud800": 1},
    "a surrogate deep inside": {"lines": [{"item": {"uii": "\ud800"}}]},
    "a surrogate for a name deep inside": {"lines": [{"item": {"\ud800": "1"}}]},
    "a surrogate for an id": {"attachments": [{"sha256": "\ud800" * 64, "size": 1, "type": "a/b"}]},
}


@pytest.mark.parametrize("fields", UNRECORDABLE.values(), ids=UNRECORDABLE)
def test_what_could_not_be_committed_to_stops_at_the_door(fields):
    with pytest.raises(EventError):
        from_plain("transfer", transfer(**fields))


def test_what_a_replacement_holds_is_recordable():
    with pytest.raises(EventError, match="replacement: it holds what cannot be recorded"):
        from_plain(
            "correct",
            {
                "event_time": WHEN,
                "entry": ID.hex(),
                "reason": "wrong_data",
                "replacement": {"weight": 1.5},
            },
        )


def test_plain_values_of_bytes_that_are_no_key_are_hex():
    assert to_plain(
        {"key": b"ab", "keys": [{"key": OWNER.key_id}], "other": OWNER.key_id, "n": 1}
    ) == {
        "key": "6162",
        "keys": [{"key": format_key_id(OWNER.key_id)}],
        "other": OWNER.key_id.hex(),
        "n": 1,
    }


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text(st.characters(), max_size=9)
    | st.sampled_from([ID.hex(), "1.50", WHEN]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["key", "entry", "amount", "kind", "x_a"]) | st.text(max_size=3),
            inner,
            max_size=3,
        )
    ),
    max_leaves=5,
)


def check_said(error, wild):
    assert error.reason
    assert wild


@given(st.sampled_from(sorted(KINDS)), st.data())
def test_any_json_is_an_event_that_can_be_recorded_or_an_event_error(kind, data):
    names = [field.encode_name for field in msgspec.structs.fields(KINDS[kind])]
    good = to_plain(data.draw(fields_of(kind)))
    wild = data.draw(
        st.dictionaries(
            st.sampled_from(names) | st.text(st.characters(), max_size=5) | st.just("x_own"),
            JSON,
            max_size=2,
        )
    )
    try:
        event = from_plain(kind, {**good, **wild})
    except EventError as error:
        check_said(error, wild)
        return
    if event.fields:
        assert open_body(*commit(event.fields, bytes(32))).fields() == event.fields
