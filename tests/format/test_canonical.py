"""Canonical values: one value, one encoding, and nothing else is read or written."""

from __future__ import annotations

import datetime as dt
import decimal
import math
import resource
import struct
import time
import tracemalloc
from typing import Any

import msgpack
import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.values import SCALARS, TEXT, within

from chainlog.errors import CanonicalError
from chainlog.format import canonical
from chainlog.format.canonical import DEPTH_LIMIT, Shape, decode, encode

VALUES = within(DEPTH_LIMIT)


def same(one, other):
    """Equality that tells `True` from `1`."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(
            same(value, other[name]) for name, value in one.items()
        )
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


def in_order(value):
    """`value` with the keys of its maps in the order of their UTF-8 bytes."""
    if isinstance(value, dict):
        return {name: in_order(value[name]) for name in sorted(value, key=str.encode)}
    return [in_order(one) for one in value] if isinstance(value, list) else value


@given(VALUES)
def test_every_value_comes_back_from_the_bytes_that_another_writer_makes_of_it(value):
    data = encode(value)
    assert data == msgpack.packb(in_order(value))
    assert same(decode(data), value)


@given(st.integers(1, DEPTH_LIMIT), SCALARS, st.booleans())
def test_eight_containers_are_allowed_and_nine_are_not(depth, scalar, mapped):
    value, name = scalar, "é"
    for _ in range(depth):
        value = {name: value} if mapped else [value]
    assert same(decode(encode(value)), value)
    for _ in range(DEPTH_LIMIT + 1 - depth):
        value = [value]
    with pytest.raises(CanonicalError):
        encode(value)
    with pytest.raises(CanonicalError):
        decode(msgpack.packb(value))


@pytest.mark.parametrize("empty", [[], {}])
@pytest.mark.parametrize("leaf", [[], [b""]])
def test_an_empty_container_has_depth_1(empty, leaf):
    value = empty
    for _ in range(DEPTH_LIMIT - 1):
        value = [value, *leaf]
    assert decode(encode(value)) == value
    with pytest.raises(CanonicalError, match="8 containers deep"):
        encode([value])
    with pytest.raises(CanonicalError, match="8 containers deep"):
        decode(msgpack.packb([value]))


def judged(data):
    """The value of `data`, or None; anything but a CanonicalError ends the test."""
    try:
        return decode(data)
    except CanonicalError as error:
        return well_said(error)


def well_said(error):
    assert error.code == "canonical"
    assert len(error.message) < 200


def check(data):
    value = judged(data)
    if value is None:
        return False
    assert encode(value) == data
    assert same(msgpack.unpackb(data, strict_map_key=True), value)
    assert data == msgpack.packb(in_order(value))
    return True


@settings(max_examples=300)
@given(st.binary(max_size=64))
def test_bytes_decode_to_a_value_with_that_encoding_or_are_refused(data):
    check(data)


def head(code, width, count):
    return bytes([code]) + count.to_bytes(width, "big")


def block(codes):
    """Length-prefixed forms of some content, of any width, whether shortest or not."""
    return st.sampled_from(codes).flatmap(
        lambda pair: st.binary(max_size=6).map(lambda data: head(*pair, len(data)) + data)
    )


LEAVES = (
    st.integers(0, 255).map(lambda byte: bytes([byte]))
    | block([(0xC4, 1), (0xC5, 2), (0xC6, 4), (0xD9, 1), (0xDA, 2), (0xDB, 4)])
    | TEXT.map(msgpack.packb)
    | st.sampled_from([0xCC, 0xCD, 0xCE, 0xCF, 0xD0, 0xD1, 0xD2, 0xD3]).flatmap(
        lambda code: st.binary(
            min_size=1 << (code - 0xCC) % 4, max_size=1 << (code - 0xCC) % 4
        ).map(bytes([code]).__add__),
    )
    | st.floats(width=32).map(lambda number: struct.pack(">Bf", 0xCA, number))
    | st.integers(-3, 3).map(lambda number: struct.pack(">Bd", 0xCB, float(number)))
    | st.binary(min_size=4, max_size=4).map(b"\xd6\xff".__add__)
    | st.binary(min_size=1, max_size=1).map(b"\xd4\x05".__add__)
)


def arrays(inner):
    def form(parts, code, width, lie):
        count = len(parts) + lie
        return (bytes([0x90 + count]) if code is None else head(code, width, count)) + b"".join(
            parts
        )

    forms = st.sampled_from([(None, 0), (None, 0), (0xDC, 2), (0xDD, 4)])
    return st.builds(
        lambda parts, chosen, lie: form(parts, *chosen, lie),
        st.lists(inner, max_size=4),
        forms,
        st.sampled_from([0, 0, 0, 1]),
    )


def maps(inner):
    def form(parts, code, width):
        return (
            bytes([0x80 + len(parts)]) if code is None else head(code, width, len(parts))
        ) + b"".join(a + b for a, b in parts)

    pairs = st.lists(st.tuples(TEXT.map(msgpack.packb) | inner, inner), max_size=4)
    return st.builds(
        lambda parts, chosen: form(parts, *chosen),
        pairs,
        st.sampled_from([(None, 0), (None, 0), (0xDE, 2), (0xDF, 4)]),
    )


@settings(max_examples=120)
@given(st.recursive(LEAVES, lambda inner: arrays(inner) | maps(inner), max_leaves=12))
def test_well_formed_messagepack_is_a_canonical_value_or_refused(data):
    check(data)


@given(VALUES, st.data())
def test_a_changed_byte_gives_another_value_or_none(value, data):
    before = encode(value)
    at = data.draw(st.integers(0, len(before) - 1))
    after = before[:at] + bytes([before[at] ^ data.draw(st.integers(1, 255))]) + before[at + 1 :]
    if check(after):
        assert not same(decode(after), value)


@given(VALUES, st.binary(min_size=1, max_size=8))
def test_a_prefix_is_no_value_and_neither_is_a_value_with_surplus(value, surplus):
    data = encode(value)
    assert all(judged(data[:end]) is None for end in range(min(len(data), 50)))
    assert judged(data + surplus) is None


@given(st.dictionaries(TEXT, st.integers(0, 9), min_size=2, max_size=5), st.randoms())
def test_a_map_is_read_in_one_order_only(value, chance):
    names = sorted(value, key=str.encode)
    chance.shuffle(names)
    assume(names != sorted(names, key=str.encode))
    with pytest.raises(CanonicalError):
        decode(msgpack.packb({name: value[name] for name in names}))


WRONG = {
    "nothing": "",
    "nil": "c0",
    "nil in an array": "91c0",
    "nil as a value": "81a161c0",
    "never used": "c1",
    "float32": "ca3f800000",
    "float64 that is whole": "cb3ff0000000000000",
    "float beside bytes": "92c400cb3ff0000000000000",
    "float nan": "cb7ff8000000000000",
    "ext": "d40110",
    "ext 8": "c7010110",
    "timestamp 32": "d6ff5a4af6a5",
    "timestamp 64": "d7ffa1dcd7c85a4af6a5",
    "timestamp 96": "c70cff000000000000000400000000",
    "timestamp beside bytes": "92c400d6ff5a4af6a5",
    "timestamp as a key": "81d6ff5a4af6a501",
    "ext beside bytes": "92c400d40110",
    "2^53": "cf0020000000000000",
    "-2^53": "d3ffe0000000000000",
    "2^53 beside bytes": "92c400cf0020000000000000",
    "0 in two bytes": "cc00",
    "0 signed": "d000",
    "-1 in two bytes": "d0ff",
    "-33 in three bytes": "d1ffdf",
    "200 signed": "d100c8",
    "text in two bytes more": "d90161",
    "bin 16 that is short": "c5000161",
    "bin 32 that is short": "c60000000161",
    "array 16 that is short": "dc000101",
    "array 32 that is short": "dd0000000101",
    "map 16 that is short": "de0001a16101",
    "map 32 that is short": "df00000001a16101",
    "a key in a longer form": "81d9016101",
    "surplus": "0101",
    "cut off": "9201",
    "keys twice": "82a16101a16101",
    "keys twice, beside bytes": "82a161c400a161c400",
    "keys not in order": "82a16201a16101",
    "keys in order of length": "83a161 01 a163 01 a26262 01",
    "an integer as a key": "810101",
    "an integer as a key, beside bytes": "8101c400",
    "bytes as a key": "81c4016101",
    "bytes as a key, beside bytes": "81c40161c400",
    "true as a key": "81c301",
    "nil as a key": "81c001",
    "a float as a key": "81cb3ff0000000000000c400",
    "an array as a key": "8190c400",
    "a map as a key": "8180c400",
    "an array of bytes as a key": "8191c400c400",
    "text that is not UTF-8": "a1ff",
    "text that is overlong": "a2c080",
    "a surrogate": "a3eda080",
    "a pair of surrogates": "a6eda080edb080",
    "beyond Unicode": "a4f4908080",
    "a surrogate beside bytes": "92c400a3eda080",
    "a surrogate as a key": "81a3eda08001",
}


@pytest.mark.parametrize("data", WRONG.values(), ids=WRONG)
def test_what_is_no_canonical_value_is_refused(data):
    with pytest.raises(CanonicalError):
        decode(bytes.fromhex(data))


@pytest.mark.parametrize(
    ("data", "value"),
    [("83a16101a2626201a16301", {"a": 1, "bb": 1, "c": 1}), ("82a16101a1e901", None)],
)
def test_keys_stand_in_the_order_of_their_bytes_not_of_their_length(data, value):
    assert judged(bytes.fromhex(data)) == value


def test_true_is_not_1():
    assert decode(b"\xc3") is True
    assert type(decode(b"\x01")) is int
    assert encode(True) != encode(1)
    assert encode([False, 0]) == b"\x92\xc2\x00"


def test_astral_keys_stand_after_those_of_the_basic_plane():
    # In UTF-16, as some languages sort, it would be the other way round.
    assert encode({"\U0001f37a": 1, "\uffee": 2}).hex() == "82a3efbfae02a4f09f8dba01"


PROMISES = [
    "c6",
    "c9",
    "db",
    "dd",
    "df",
    "91dd",
    "92c400dd",
    "92c400df",
    "92c400db",
    "92c400c6",
    "81a161dd",
]


@pytest.mark.parametrize("start", PROMISES)
@pytest.mark.parametrize("count", ["ffffffff", "7fffffff", "00ffffff"])
def test_a_length_that_promises_more_than_there_is_costs_nothing(start, count):
    data = bytes.fromhex(start + count) + b"\x01" * 64
    tracemalloc.start()
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with pytest.raises(CanonicalError):
        decode(data)
    taken, (_, peak) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken < 1
    assert peak < 1_000_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


@pytest.mark.parametrize("start", [b"\x91", b"\x81\xa1a", b"\x92\xc4\x00", b"\xdd\x00\xff\xff\xff"])
@pytest.mark.parametrize("depth", [DEPTH_LIMIT + 1, 1000, 200_000])
def test_depth_is_refused_and_breaks_nothing(start, depth):
    with pytest.raises(CanonicalError):
        decode(start * depth + b"\x01")


def deep(depth):
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def ring():
    value: list[Any] = []
    value.append(value)
    return value


FOREIGN = {
    "nil": None,
    "a float": 1.0,
    "a float within": {"a": [0.5, b""]},
    "nan": math.nan,
    "a tuple": (1, 2),
    "a tuple within": [(1, 2)],
    "a set": {1},
    "another key": {1: 2},
    "bytes as a key": {b"a": 2},
    "mixed keys": {1: 2, "a": 3},
    "a moment": dt.datetime(2023, 3, 1, tzinfo=dt.UTC),
    "a naive moment": dt.datetime(2023, 3, 1),
    "a date": dt.date(2023, 3, 1),
    "a decimal": decimal.Decimal("1.5"),
    "an extension": msgspec.msgpack.Ext(5, b"x"),
    "a raw value": msgspec.Raw(b"\x01"),
    "unset": [msgspec.UNSET],
    "an object": object(),
    "a complex number": 1j,
    "2^53": 2**53,
    "-2^53": -(2**53),
    "2^53 beside bytes": [2**53, b""],
    "2^64": 2**64,
    "10^5000": 10**5000,
    "a surrogate": "\ud800",
    "a surrogate as a key": {"\udfff": 1},
    "nine deep": deep(9),
    "far too deep": deep(100_000),
    "a ring": ring(),
}


@pytest.mark.parametrize("value", FOREIGN.values(), ids=FOREIGN)
def test_what_is_no_value_is_not_written(value):
    with pytest.raises(CanonicalError):
        encode(value)


class Pair(msgspec.Struct, array_like=True, frozen=True):
    a: int
    b: str


def test_a_shape_takes_one_encoding_of_its_values_and_nothing_else():
    shape: Shape[Pair] = Shape(Pair, "pair")
    assert shape.decode(b"\x92\x01\xa1x") == Pair(1, "x")
    for other in (
        "92cc01a178",
        "9201d90178",
        "9301a17801",
        "9101",
        "9201a1780",
        "92c3a178",
        "92cb3ff0000000000000a178",
        "9201a1ff",
        "c0",
        "",
    ):
        with pytest.raises(CanonicalError, match="not a canonical pair"):
            shape.decode(
                bytes.fromhex(other) if len(other) % 2 == 0 else bytes.fromhex(other + "0")
            )


@given(VALUES)
def test_pack_writes_what_encode_writes(value):
    assert canonical.pack(value) == encode(value)


def test_the_example_of_the_docstring():
    shown = encode({"b": 1, "a": [True, "é"]}).hex()
    assert shown == "82a16192c3a2c3a9a16201"
    assert shown in canonical.__doc__
