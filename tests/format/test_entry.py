"""Entries: what is read is what was signed, to the bit."""

from __future__ import annotations

from hashlib import sha256

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.chains import CLERK, OWNER, Draft, transfer

from chainlog.errors import EntryError, VersionError
from chainlog.format import canonical
from chainlog.format.entry import (
    ENTRY_LIMIT,
    HEADER_MARK,
    NO_ID,
    Header,
    entry_id,
    is_kind,
    parse_entry,
    seal,
)

LIMIT = 2**53 - 1
IDS = st.binary(min_size=32, max_size=32)
UINTS = st.integers(0, LIMIT)
KINDS = st.from_regex(r"[a-z][a-z0-9_]{0,15}(\.[a-z][a-z0-9_]{0,14})?", fullmatch=True)
HEADERS = st.builds(
    Header, st.just(1), IDS, IDS, UINTS, UINTS, UINTS, st.binary(max_size=40), KINDS, IDS
)
SIGNATURES = st.binary(min_size=64, max_size=64)


def plain_header(**wrong):
    told = {
        "version": 1,
        "chain": b"c" * 32,
        "prev": b"p" * 32,
        "index": 7,
        "roster": 3,
        "time": 1_700_000_000_000,
        "author": OWNER.key_id,
        "kind": "transfer",
        "body": b"b" * 32,
    }
    return list({**told, **wrong}.values())


def raw_of(fields, signature=b"s" * 64):
    return msgpack.packb(fields) + signature


@given(HEADERS, SIGNATURES)
def test_every_header_comes_back_and_stands_where_the_format_says(header, signature):
    data = canonical.pack(header)
    entry = parse_entry(data + signature)
    assert entry.header == header
    assert data == msgpack.packb([getattr(header, name) for name in header.__struct_fields__])
    assert (data[:4], data[4:36], data[36:38], data[38:70]) == (
        HEADER_MARK,
        header.chain,
        b"\xc4\x20",
        header.prev,
    )
    assert entry.signature == signature
    assert entry.signed == b"chainlog/v1/entry\n" + data
    assert entry.id == entry_id(entry.raw) == sha256(b"\x00" + data + signature).digest()
    assert entry.chain == (header.chain if header.index else entry.id)


@given(HEADERS)
def test_what_is_sealed_is_signed(header):
    entry = seal(header, CLERK)
    assert entry.header == header
    assert entry.signature == CLERK.sign(entry.signed)


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "No"}, {"kind": "a" * 33}, {"author": bytes(1000)}, {"index": -1}, {"chain": b""}],
)
def test_nothing_is_sealed_that_no_reader_would_take(wrong):
    header = Header(*plain_header(**wrong))
    with pytest.raises(EntryError):
        seal(header, OWNER)


def well_said(error):
    assert error.code in {"entry", "version"}
    assert len(error.message) < 300


def judged(raw):
    try:
        entry = parse_entry(raw)
    except EntryError as error:
        return well_said(error)
    assert canonical.pack(entry.header) + entry.signature == raw
    assert is_kind(entry.header.kind)
    return entry


@settings(max_examples=300)
@given(st.binary(max_size=200) | st.binary(max_size=130).map(b"\x99\x01".__add__))
def test_bytes_are_no_entry_and_say_so(raw):
    assert judged(raw) is None


ODD = (
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers(-LIMIT, LIMIT)
    | st.text(max_size=8)
    | st.binary(max_size=33)
    | st.just([])
    | st.just({})
)


@settings(max_examples=200)
@given(st.integers(0, 8), ODD | UINTS | IDS | KINDS, SIGNATURES)
def test_a_header_of_any_field_is_taken_only_as_it_should_be(at, value, signature):
    fields = plain_header()
    fields[at] = value
    entry = judged(msgpack.packb(fields) + signature)
    good = {
        0: type(value) is int and value == 1,
        **dict.fromkeys((1, 2, 8), type(value) is bytes and len(value) == 32),
        **dict.fromkeys((3, 4, 5), type(value) is int and value >= 0),
        6: type(value) is bytes,
        7: type(value) is str and is_kind(value),
    }[at]
    assert (entry is not None) == good


@given(st.data())
def test_a_changed_bit_is_another_entry_or_none(data):
    raw = Draft().add("transfer", transfer()).raw
    bit = data.draw(st.integers(0, 8 * len(raw) - 1))
    changed = bytearray(raw)
    changed[bit // 8] ^= 1 << bit % 8
    entry = judged(bytes(changed))
    if entry is not None:
        assert entry.id != entry_id(raw)
        assert (entry.header, entry.signature) != (parse_entry(raw).header, raw[-64:])


@given(st.integers(0, 400), st.binary(min_size=1, max_size=30))
def test_cut_off_or_drawn_out_it_is_none(end, surplus):
    raw = raw_of(plain_header())
    assert judged(raw[: min(end, len(raw) - 1)]) is None
    assert judged(raw[:-64] + surplus + raw[-64:]) is None


def test_sizes_have_limits():
    room = ENTRY_LIMIT - len(raw_of(plain_header(author=bytes(256))))
    assert judged(raw_of(plain_header(author=bytes(256 + room)))) is not None
    with pytest.raises(EntryError, match="1025 bytes"):
        parse_entry(raw_of(plain_header(author=bytes(257 + room))))
    for size in (0, 1, 64):
        with pytest.raises(EntryError, match=f"{size} bytes"):
            parse_entry(bytes(size))


@pytest.mark.parametrize("count", [1, 3, 9, 10, 15])
@pytest.mark.parametrize("version", [0, 2, 127])
def test_another_version_is_unknown_whatever_else_it_holds(count, version):
    with pytest.raises(VersionError, match=f"version {version}") as unknown:
        parse_entry(raw_of([version, *["?"] * (count - 1)]))
    assert unknown.value.hint


@pytest.mark.parametrize(
    "header", ["9101", "91c3", "91ff", "91cc80", "90", "91", "02", "dc000102", "8102", "99", ""]
)
def test_what_gives_no_other_version_is_no_entry(header):
    # The bytes of the signature never say a version.
    with pytest.raises(EntryError) as refused:
        parse_entry(bytes.fromhex(header) + b"\x02" * 64)
    assert refused.value.code == "entry"


@pytest.mark.parametrize(
    ("kind", "good"),
    [
        ("transfer", True),
        ("chain.open", True),
        ("a", True),
        ("a_1.b_2", True),
        ("a" * 32, True),
        ("a" * 33, False),
        ("", False),
        (".", False),
        ("a.", False),
        (".a", False),
        ("a.b.c", False),
        ("A", False),
        ("1a", False),
        ("_a", False),
        ("a.1", False),
        ("a-b", False),
        ("a\n", False),
        ("а", False),  # Cyrillic
        ("a b", False),
    ],
)
def test_kinds(kind, good):
    assert is_kind(kind) is good
    assert (judged(raw_of(plain_header(kind=kind))) is not None) is good


def test_an_unknown_kind_is_named():
    with pytest.raises(EntryError, match="'Transfer' is no kind"):
        parse_entry(raw_of(plain_header(kind="Transfer")))


def test_entry_0_names_no_chain_and_is_one():
    entry = parse_entry(raw_of(plain_header(chain=NO_ID, prev=NO_ID, index=0, roster=0)))
    assert entry.chain == entry.id
