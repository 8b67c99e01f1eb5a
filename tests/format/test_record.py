"""The stream of records: chunks of any size, damage anywhere, lengths that promise too much."""

from __future__ import annotations

import itertools
import random
import tracemalloc

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.chains import small_chain

from chainlog.errors import RecordError
from chainlog.format import record as record_module
from chainlog.format.entry import ENTRY_LIMIT, HEADER_MARK
from chainlog.format.record import RECORD_LIMIT, Damage, Record, format_record, parse_record, scan

MIB = 2**20


def cut(data, size):
    return [data[at : at + size] for at in range(0, len(data), size)]


def scanned(data, size=MIB, chain=None, start=0):
    return [one for found in scan(cut(data, size), chain, start) for one in found]


CHAIN = small_chain(5)
RECORDS = CHAIN.records()
DATA = CHAIN.segment()
ENDS = [sum(map(len, RECORDS[: count + 1])) for count in range(len(RECORDS))]


def check_cover(found, size, start=0):
    """Records and damage follow each other without gap or overlap, and cover all bytes."""
    at = start
    for one in found:
        assert one.start == at
        assert one.end > one.start
        at = one.end
    assert at == start + size
    assert not any(isinstance(one, Damage) and one.torn for one in found[:-1]), (
        "only the end can be torn"
    )


# One record


@given(
    st.binary(min_size=1, max_size=ENTRY_LIMIT),
    st.one_of(st.binary(max_size=300), st.sampled_from([bytes(255), bytes(256), bytes(65536)])),
)
def test_a_record_reads_back(entry, body):
    data = format_record(entry, body)
    assert parse_record(data) == Record(entry, body, 0, len(data))


@pytest.mark.parametrize("entry", [1, 255, 256, ENTRY_LIMIT])
@pytest.mark.parametrize("body", [0, 1, 255, 256, 65535, 65536])
def test_each_length_has_its_form(entry, body):
    data = format_record(b"e" * entry, b"b" * body)
    assert parse_record(data) == Record(b"e" * entry, b"b" * body, 0, len(data))
    assert scanned(data, 7) == [Record(b"e" * entry, b"b" * body, 0, len(data))]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x92",
        b"\x93\xc4\x00\xc4\x00",
        DATA,
        RECORDS[0][:-1],
        RECORDS[0] + b"\x00",
        b"\x92\xc4\x01a\xc4",
    ],
)
def test_what_is_not_one_record_is_refused(data):
    with pytest.raises(RecordError):
        parse_record(data)


@pytest.mark.parametrize(
    ("what", "data"),
    [
        ("a length of two bytes where one does", b"\x92\xc5\x00\x01a\xc4\x00"),
        ("a body's length of two bytes where one does", b"\x92\xc4\x01a\xc5\x00\x01b"),
        (
            "a body's length of four bytes where two do",
            b"\x92\xc4\x01a\xc6\x00\x00\x01\x00" + bytes(256),
        ),
        ("an entry that is too long", b"\x92\xc5\x04\x01" + bytes(1025) + b"\xc4\x00"),
        ("a body that is text", b"\x92\xc4\x01a\xa0"),
        ("an entry that is text", b"\x92\xa1a\xc4\x00"),
        ("an array of three", b"\x93\xc4\x01a\xc4\x00\xc4\x00"),
    ],
)
def test_only_the_shortest_form_is_a_record(what, data):
    with pytest.raises(RecordError):
        parse_record(data)
    assert [type(one) for one in scanned(data)] == [Damage], what


# The stream


def test_a_whole_stream():
    found = scanned(DATA, chain=CHAIN.chain)
    assert [(one.entry, one.body) for one in found] == [
        (entry.raw, body) for entry, body in zip(CHAIN.entries, CHAIN.bodies, strict=True)
    ]
    check_cover(found, len(DATA))


def test_nothing_is_nothing():
    assert list(scan([])) == []
    assert list(scan([b"", b""])) == []


def test_offsets_count_from_the_start_that_was_said():
    moved = scanned(DATA[:-1], start=1000)
    assert [(one.start - 1000, one.end - 1000) for one in moved] == [
        (one.start, one.end) for one in scanned(DATA[:-1])
    ]


@pytest.mark.parametrize("chain", [None, CHAIN.chain], ids=["chain unknown", "chain known"])
def test_every_prefix(chain):
    for length in range(len(DATA) + 1):
        for size in (MIB, 64):
            found = scanned(DATA[:length], size, chain)
            check_cover(found, length)
            whole = sum(end <= length for end in ENDS)
            assert [type(one) for one in found[:whole]] == [Record] * whole
            if length in {0, *ENDS}:
                assert len(found) == whole
            else:
                assert found[whole:] == [Damage(ENDS[whole - 1] if whole else 0, length, "record")]


@pytest.mark.parametrize("chain", [None, CHAIN.chain], ids=["chain unknown", "chain known"])
def test_no_flip_of_a_byte_loses_another_record(chain):
    """The record that was hit may be lost, or be given with other bytes.

    All others are given as they were.
    """
    for at in range(len(DATA)):
        hit = next(number for number, end in enumerate(ENDS) if at < end)
        others = {
            record.entry: record.body
            for number, record in enumerate(scanned(DATA))
            if number != hit
        }
        for flip in (0x01, 0x80, 0xFF):
            broken = DATA[:at] + bytes([DATA[at] ^ flip]) + DATA[at + 1 :]
            found = scanned(broken, chain=chain)
            check_cover(found, len(DATA))
            given = {one.entry: one.body for one in found if isinstance(one, Record)}
            assert all(given.get(entry) == body for entry, body in others.items()), (at, flip)


def test_bytes_put_in_or_taken_out_lose_only_what_they_touch():
    rng = random.Random(7)
    for _ in range(300):
        at = rng.choice(ENDS[:-1])
        junk = rng.choice(
            [
                bytes(9),
                b"\x92",
                b"\x92\xc4",
                HEADER_MARK,
                rng.randbytes(40),
                RECORDS[1][:40],
                b"\x92\xc4\x07" + HEADER_MARK,
            ]
        )
        found = scanned(DATA[:at] + junk + DATA[at:], rng.choice([11, 200, MIB]), CHAIN.chain)
        check_cover(found, len(DATA) + len(junk))
        assert {entry.raw for entry in CHAIN.entries} <= {
            one.entry for one in found if isinstance(one, Record)
        }


@pytest.mark.parametrize("zeros", [1, 3, 8, 100, 5000, 3 * MIB])
@pytest.mark.parametrize("size", [4096, 65536, MIB, 8 * MIB])
def test_a_tail_of_zeros_is_told_from_damage_however_long(zeros, size):
    found = scanned(DATA + bytes(zeros), size, CHAIN.chain)
    assert found[-1] == Damage(len(DATA), len(DATA) + zeros, "zeros")
    found = scanned(DATA + bytes(zeros) + b"\x01", size, CHAIN.chain)
    assert found[-1] == Damage(len(DATA), len(DATA) + zeros + 1, None)
    found = scanned(DATA + b"\x01" + bytes(zeros), size, CHAIN.chain)
    assert found[-1] == Damage(len(DATA), len(DATA) + zeros + 1, None)


def test_zeros_in_the_middle_are_damage():
    broken = DATA[: ENDS[1]] + bytes(len(RECORDS[2])) + DATA[ENDS[2] :]
    found = scanned(broken, 100, CHAIN.chain)
    assert [type(one) for one in found] == [Record, Record, Damage, Record, Record]
    assert found[2] == Damage(ENDS[1], ENDS[2], None)


pieces = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [
            *RECORDS,
            RECORDS[1][:50],
            HEADER_MARK,
            b"\x92\xc4",
            b"\x92\xc5\x01\x00" + HEADER_MARK,
            b"\x92\xc4\x07" + HEADER_MARK,
            bytes(20),
        ]
    ),
    st.builds(
        lambda entry, body: format_record(HEADER_MARK + entry, body),
        st.binary(max_size=20),
        st.binary(max_size=20),
    ),
    # a record within the body of another
    st.builds(
        lambda number: format_record(HEADER_MARK + b"outer", b"some" + RECORDS[number] + b"more"),
        st.integers(0, 4),
    ),
)


@settings(max_examples=400)
@given(
    st.lists(pieces, max_size=8).map(b"".join),
    st.sampled_from([None, CHAIN.chain]),
    st.lists(st.integers(1, 700), max_size=4),
)
@example(RECORDS[0] + bytes(200), None, [])
def test_any_bytes_are_told_the_same_in_chunks_of_any_size(data, chain, sizes):
    whole = scanned(data, max(len(data), 1), chain)
    check_cover(whole, len(data))
    for size in [1, 13, *sizes]:
        assert scanned(data, size, chain) == whole


def test_no_record_is_made_up():
    """Every record given stands in the bytes, in its one form, where it is said to."""
    rng = random.Random(3)
    for _ in range(200):
        data = bytearray(DATA)
        for _ in range(rng.randrange(1, 6)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        for one in scanned(bytes(data), 333, CHAIN.chain):
            if isinstance(one, Record):
                assert format_record(one.entry, one.body) == bytes(data[one.start : one.end])


# What hostile bytes cost

START = b"\x92\xc4\x07" + HEADER_MARK + b"abc"
HOSTILE = {
    "zeros": bytes(8 * MIB),
    "beginnings of arrays": b"\x92" * (8 * MIB),
    "marks": HEADER_MARK * (2 * MIB),
    "marks after beginnings": (b"\x92\xc4\x07" + HEADER_MARK) * (8 * MIB // 7),
    "promises of 5 MiB": (START + b"\xc6\x00\x50\x00\x00") * (8 * MIB // 15),
    "promises of 64 KiB": (START + b"\xc5\xff\xff") * (4 * MIB // 13),
    "a body of marks, then damage": START
    + b"\xc6\x00\x50\x00\x00"
    + HEADER_MARK * (5 * MIB // 4)
    + b"\x01" * (8 * MIB),
    "a body of promises, then damage": START
    + b"\xc6\x00\x50\x00\x01"
    + (START + b"\xc6\x00\x50\x00\x00") * (5 * MIB // 15)
    + b"\x01" * (8 * MIB),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_bytes_cost_no_more_than_their_length(what, monkeypatch):
    data = HOSTILE[what]
    looks, frame = itertools.count(), record_module._frame
    monkeypatch.setattr(record_module, "_frame", lambda *where: next(looks) >= 0 and frame(*where))
    end = 0
    for found in scan(cut(data, 65536)):
        assert found[0].start == end
        end = found[-1].end
    assert end == len(data)
    # Looking at the same places again and again is what would make it quadratic.
    assert next(looks) <= len(data)


def test_a_length_that_promises_4_gib_is_damage_at_once():
    promise = START + b"\xc6\xff\xff\xff\xff"
    assert [type(one) for one in scanned(promise + DATA)] == [Damage, *[Record] * len(RECORDS)]
    # Where the chain is known, resynchronising is by its name, which entry 0 cannot bear.
    assert scanned(DATA[: ENDS[1]] + promise + DATA[ENDS[1] :], chain=CHAIN.chain)[2] == Damage(
        ENDS[1], ENDS[1] + len(promise), None
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "promise",
    [b"", b"\xc6\x00\x50\x00\x00", b"\xc6\xff\xff\xff\xff"],
    ids=["none", "5 MiB", "4 GiB"],
)
def test_memory_stays_within_a_few_records_and_a_chunk(promise):
    chunk = (START + promise + b"\x92" * 2000) * 32
    tracemalloc.start()
    try:
        for _ in scan(chunk for _ in range(256)):
            pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 * RECORD_LIMIT
