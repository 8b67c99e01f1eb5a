"""Bodies: what was committed to opens, in full or in part, and nothing else does."""

from __future__ import annotations

from hashlib import sha256, shake_256

import msgpack
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.values import within

from chainlog.errors import BodyError, CanonicalError
from chainlog.format import body as commitments
from chainlog.format.body import (
    BODY_LIMIT,
    SLOT_LIMIT,
    Body,
    commit,
    is_full,
    is_partial,
    lay_out,
    open_body,
    unite,
    withhold,
)
from chainlog.format.canonical import encode

SALT = bytes(range(32))
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
SALTS = st.binary(min_size=32, max_size=32)
EVENTS = st.dictionaries(NAMES, within(2), min_size=1, max_size=5).filter(
    lambda event: any(value != [] for value in event.values())
)


def kept(event):
    return {name: value for name, value in event.items() if value != []}


def by_the_format(event, salt):
    """FORMAT.md 4 written out again: slots with their salts, and the commitment."""
    slots = []
    for name in sorted(event, key=str.encode):
        elements = (
            [(f"{name}/{n}", one) for n, one in enumerate(event[name])]
            if isinstance(event[name], list)
            else [(name, event[name])]
        )
        slots += [(path, encode(value)) for path, value in elements]
    stream = shake_256(salt).digest(16 * len(slots))
    salted = [(path, stream[16 * n : 16 * n + 16], value) for n, (path, value) in enumerate(slots)]
    digests = [(path, sha256(b"\x02" + one + value).digest()) for path, one, value in salted]
    return salted, digests, sha256(b"\x03" + msgpack.packb(digests)).digest()


@given(EVENTS, SALTS)
def test_an_event_opens_from_its_full_body(event, salt):
    data, commitment = commit(event, salt)
    salted, _, expected = by_the_format(event, salt)
    assert commitment == expected
    assert data == msgpack.packb((salt, [(path, value) for path, _, value in salted]))
    body = open_body(data, commitment)
    assert (body.state, body.withheld, body.fields()) == ("full", (), kept(event))
    assert lay_out(event) == [(path, value) for path, _, value in salted]


@given(EVENTS, SALTS, st.data())
def test_any_part_of_it_can_be_withheld_step_by_step(event, salt, data):
    full, commitment = commit(event, salt)
    salted, digests, _ = by_the_format(event, salt)
    paths = [path for path, _, _ in salted]
    first = set(data.draw(st.lists(st.sampled_from(paths))))
    then = first | set(data.draw(st.lists(st.sampled_from(paths))))
    once = withhold(full, commitment, first)
    assert withhold(once, commitment, then) == withhold(full, commitment, then)
    for gone, partial in ((first, once), (then, withhold(once, commitment, then))):
        assert partial == msgpack.packb(
            [digests[n] if one[0] in gone else one for n, one in enumerate(salted)]
        )
        body = open_body(partial, commitment)
        assert (body.state, body.paths, set(body.withheld)) == ("partial", tuple(paths), gone)
        assert salt not in partial
        whole, shown = kept(event), body.fields()
        for name, value in whole.items():
            if isinstance(value, list):
                assert shown[name] == [
                    None if f"{name}/{n}" in gone else one for n, one in enumerate(value)
                ]
            else:
                assert shown.get(name) == (None if name in gone else value)
        assert shown.keys() <= whole.keys()


def test_a_withheld_field_is_not_there_and_a_withheld_element_is_none():
    data, commitment = commit({"a": 1, "b": [1, 2], "c": b"x"}, SALT)
    assert open_body(withhold(data, commitment, ["a", "b/1"]), commitment).fields() == {
        "b": [1, None],
        "c": b"x",
    }


def test_a_path_that_is_not_there_cannot_be_withheld():
    data, commitment = commit({"a": [1]}, SALT)
    for path in ("a", "a/1", "b", ""):
        with pytest.raises(BodyError, match="no field"):
            withhold(data, commitment, [path])
    with pytest.raises(BodyError, match="not the one"):
        withhold(data, bytes(32), ["a/0"])


def test_one_value_in_two_places_or_twice_has_two_digests():
    _, digests, _ = by_the_format({"a": 1, "b": [1, 1]}, SALT)
    data, commitment = commit({"a": 1, "b": [1, 1]}, SALT)
    assert len({digest for _, digest in digests}) == 3
    assert withhold(data, commitment, ["a", "b/0", "b/1"]) == msgpack.packb(digests)


@pytest.mark.parametrize("size", [0, 16, 31, 33, 64])
def test_a_salt_has_32_bytes(size):
    with pytest.raises(BodyError, match=f"a salt of {size} bytes"):
        commit({"a": 1}, bytes(size))


@pytest.mark.parametrize(
    "name",
    ["", "A", "1", "_a", "a.b", "a-b", "a/0", "a/b", "a\n", "é", "а", "a" * 33, "\ud800", "a/"],
)
@pytest.mark.parametrize("value", [1, [1]])
def test_names_have_a_form(name, value):
    with pytest.raises(BodyError, match=r"is no path of a field|is no name of a field"):
        commit({name: value}, SALT)


@pytest.mark.parametrize("event", [{}, {"a": []}, {"a": [], "b": []}])
def test_an_event_that_says_nothing_is_none(event):
    with pytest.raises(BodyError, match="0 slots"):
        commit(event, SALT)


@pytest.mark.parametrize("value", [None, 1.5, [None], {"a": 2**53}])
def test_only_values_are_committed_to(value):
    with pytest.raises(CanonicalError):
        commit({"a": value}, SALT)


def test_slots_have_a_limit():
    data, commitment = commit({"a": [1] * SLOT_LIMIT}, SALT)
    assert len(open_body(data, commitment).paths) == SLOT_LIMIT
    partial = msgpack.packb([(f"a/{n}", bytes(32)) for n in range(SLOT_LIMIT)])
    assert len(open_body(partial, own_commitment(partial)).withheld) == SLOT_LIMIT
    with pytest.raises(BodyError, match="20001 slots"):
        commit({"a": [1] * SLOT_LIMIT, "b": 1}, SALT)
    with pytest.raises(BodyError, match="20001 slots"):
        refused(full([(f"a/{n}", b"\x01") for n in range(SLOT_LIMIT + 1)]))


def test_bytes_have_a_limit_in_full_and_in_part():
    room = BODY_LIMIT - len(commit({"a": bytes(BODY_LIMIT // 2), "b": bytes(70_000)}, SALT)[0])
    data, commitment = commit({"a": bytes(BODY_LIMIT // 2), "b": bytes(70_000 + room)}, SALT)
    assert len(data) == BODY_LIMIT
    assert open_body(data, commitment).state == "full"
    assert len(withhold(data, commitment, [])) > BODY_LIMIT
    assert open_body(withhold(data, commitment, []), commitment).state == "partial"
    with pytest.raises(BodyError, match="4194305 bytes"):
        commit({"a": bytes(BODY_LIMIT // 2), "b": bytes(70_001 + room)}, SALT)
    for junk in (b"\x92\xc4\x20" + bytes(BODY_LIMIT), bytes(commitments.PARTIAL_LIMIT + 1)):
        with pytest.raises(BodyError, match="over the limit"):
            open_body(junk, commitment)


# What is not the body


EVENT = {"a": 1, "b": ["x", "y", "z"], "c": {"d": b"e"}, "f": True}
FULL, COMMITMENT = commit(EVENT, SALT)
SALTED, DIGESTS, _ = by_the_format(EVENT, SALT)
PARTIAL = withhold(FULL, COMMITMENT, ["b/1", "c"])


def full(slots, salt=SALT):
    return msgpack.packb((salt, slots))


def refused(data):
    """Even under the commitment that its own digests would give, where it has any."""
    open_body(data, own_commitment(data))


def own_commitment(data):
    """What an author who wants to cheat would have committed to."""
    try:
        body = msgpack.unpackb(data, use_list=False)
        if isinstance(body[0], bytes):
            stream = shake_256(body[0]).digest(16 * len(body[1]))
            slots = [
                (path, sha256(b"\x02" + stream[16 * n : 16 * n + 16] + value).digest())
                for n, (path, value) in enumerate(body[1])
            ]
        else:
            slots = [
                (one[0], sha256(b"\x02" + one[1] + one[2]).digest() if len(one) == 3 else one[1])
                for one in body
            ]
        return sha256(b"\x03" + msgpack.packb(slots)).digest()
    except (ValueError, TypeError, IndexError, KeyError):
        return COMMITMENT


def test_the_cheat_is_a_good_one():
    assert own_commitment(FULL) == own_commitment(PARTIAL) == COMMITMENT


@pytest.mark.parametrize("data", [FULL, PARTIAL], ids=["full", "partial"])
def test_every_changed_bit_is_refused(data):
    for at in range(len(data)):
        for bit in range(8):
            changed = data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]
            with pytest.raises(BodyError):
                open_body(changed, COMMITMENT)


@pytest.mark.parametrize("data", [FULL, PARTIAL], ids=["full", "partial"])
def test_every_prefix_and_every_surplus_is_refused(data):
    for other in (*(data[:end] for end in range(len(data))), data + b"\x00", data + data):
        with pytest.raises(BodyError):
            open_body(other, COMMITMENT)


@settings(max_examples=200)
@given(
    st.binary(max_size=80)
    | st.binary(max_size=60).map((b"\x92\xc4\x20" + SALT).__add__)
    | within(3).map(encode)
)
def test_bytes_are_no_body(data):
    with pytest.raises(BodyError):
        open_body(data, COMMITMENT)


@given(EVENTS, EVENTS, SALTS)
def test_the_body_of_another_event_or_with_another_salt_is_refused(event, other, salt):
    assume(kept(event) != kept(other) or salt != SALT)
    _, commitment = commit(event, SALT)
    data, theirs = commit(other, salt)
    assert (commitment == theirs) == (data == commit(event, SALT)[0])
    if commitment != theirs:
        with pytest.raises(BodyError, match="not the one that the entry committed to"):
            open_body(data, commitment)
        with pytest.raises(BodyError, match="not the one that the entry committed to"):
            open_body(withhold(data, theirs, []), commitment)


ONE, TWO = b"\x01", b"\x02"
DISORDER = {
    "swapped": ["b", "a"],
    "a path twice": ["a", "a"],
    "an element twice": ["a/0", "a/0"],
    "elements swapped": ["a/1", "a/0"],
    "begins after 0": ["a/1"],
    "begins after 0, later": ["a", "b/1"],
    "a gap": ["a/0", "a/2"],
    "in the order of text": ["a/0", "a/1", *[f"a/{n}" for n in range(10, 12)]],
    "a field and its elements": ["a", "a/0"],
    "a field and its elements, later": ["a", "a/1"],
    "elements and their field": ["a/0", "a"],
    "an array taken up again": ["a/0", "b", "a/1"],
    "a leading zero": ["a/00"],
    "a longer number": ["a/0", "a/01"],
    "too long a number": ["a/100000"],
    "a number of another script": ["a/٠"],
    "not a number": ["a/b"],
    "two numbers": ["a/0/0"],
    "no name": [""],
    "no name with a number": ["/0"],
    "no number": ["a/"],
    "capitals": ["A"],
    "another script": ["а"],
    "too long a name": ["a" * 33],
    "a newline": ["a\n"],
    "none at all": [],
}


@pytest.mark.parametrize("paths", DISORDER.values(), ids=DISORDER)
def test_slots_stand_in_one_order_in_full_and_in_part(paths):
    for data in (
        full([(path, ONE) for path in paths]),
        msgpack.packb([(path, bytes(16), ONE) for path in paths]),
        msgpack.packb([(path, bytes(32)) for path in paths]),
        # More slots than are remembered take another way.
        full([*((f"a/{n}", ONE) for n in range(70)), *((path, ONE) for path in paths or ["a"])]),
    ):
        with pytest.raises(BodyError, match=r"is no path|out of order|0 slots"):
            refused(data)


@pytest.mark.parametrize(
    "paths",
    [
        ["a"],
        ["a/0"],
        ["a", "b"],
        ["a", "a_b"],
        ["a/0", "a/1", "a1"],
        [f"a/{n}" for n in range(101)],
    ],
)
def test_the_one_order_is_taken(paths):
    for data in (
        full([(path, ONE) for path in paths]),
        msgpack.packb([(path, bytes(16), ONE) for path in paths]),
    ):
        assert open_body(data, own_commitment(data)).paths == tuple(paths)


TWISTED = {
    "slots swapped": full([("b", ONE), ("a", TWO)]),
    "an array in one slot": full([("a", b"\x91\x01")]),
    "an empty array in one slot": full([("a", b"\x90")]),
    "a long array in one slot": full([("a", encode([1] * 16))]),
    "a longest array in one slot": full([("a", encode([1] * 65_536))]),
    "an array in one slot, in part": msgpack.packb([("a", bytes(16), b"\x91\x01")]),
    "no value": full([("a", b"")]),
    "a value that is not canonical": full([("a", b"\xcc\x01")]),
    "nil": full([("a", b"\xc0")]),
    "two values": full([("a", b"\x01\x01")]),
    "a value that is not canonical, in part": msgpack.packb([("a", bytes(16), b"\xcc\x01")]),
    "no value, in part": msgpack.packb([("a", bytes(16), b"")]),
    "shown and withheld": msgpack.packb([("a", bytes(16), ONE), ("a", bytes(32))]),
    "withheld and shown": msgpack.packb([("a", bytes(32)), ("a", bytes(16), ONE)]),
    "a salt too short": full([("a", ONE)], bytes(31)),
    "a salt too long": full([("a", ONE)], bytes(33)),
    "no salt": full([("a", ONE)], b""),
    "a salt of text": full([("a", ONE)], "s" * 32),
    "a salt too short, in part": msgpack.packb([("a", bytes(15), ONE)]),
    "a salt too long, in part": msgpack.packb([("a", bytes(17), ONE)]),
    "a salt of text, in part": msgpack.packb([("a", "s" * 16, ONE)]),
    "a digest too short": msgpack.packb([("a", bytes(31))]),
    "a digest of the length of a salt": msgpack.packb([("a", bytes(16))]),
    "a digest of text": msgpack.packb([("a", "d" * 32)]),
    "a value of text": full([("a", "x")]),
    "a value of text, in part": msgpack.packb([("a", bytes(16), "x")]),
    "a path of bytes": full([(b"a", ONE)]),
    "a path of bytes, in part": msgpack.packb([(b"a", bytes(16), ONE)]),
    "a slot of one": msgpack.packb([("a",)]),
    "a slot of four": msgpack.packb([("a", bytes(16), ONE, ONE)]),
    "a slot that is none": msgpack.packb(["a"]),
    "a map": msgpack.packb({"a": ONE}),
    "a number": ONE,
    "bytes": msgpack.packb(SALT),
    "a third element": msgpack.packb((SALT, [("a", ONE)], 1)),
    "slots that are a map": msgpack.packb((SALT, {"a": ONE})),
    "slots within slots": msgpack.packb([[("a", bytes(16), ONE)]]),
    "a longer form": b"\xdc\x00\x02" + full([("a", ONE)])[1:],
    "a longer form within": full([]).replace(b"\x90", b"\xdc\x00\x01") + msgpack.packb(("a", ONE)),
    "a longer form, in part": b"\xdc\x00\x01" + msgpack.packb([("a", bytes(16), ONE)])[1:],
    "nothing": b"",
}


@pytest.mark.parametrize("data", TWISTED.values(), ids=TWISTED)
def test_what_is_no_body_is_refused_though_it_was_committed_to(data):
    with pytest.raises(BodyError) as error:
        refused(data)
    assert "committed to" not in error.value.message


def test_an_array_within_an_element_is_a_value_like_any_other():
    data, commitment = commit({"a": [[1], []]}, SALT)
    assert open_body(data, commitment).fields() == {"a": [[1], []]}


def test_salts_and_digests_cannot_change_places():
    # 16 bytes of salt and a value of 16 are not a digest, though their bytes are as many.
    value = encode(b"v" * 14)
    shown = msgpack.packb([("a", SALTED[0][1], value)])
    hidden = msgpack.packb([("a", SALTED[0][1] + value)])
    assert own_commitment(shown) != own_commitment(hidden)
    with pytest.raises(BodyError, match="not the one"):
        open_body(hidden, own_commitment(shown))


def test_a_body_says_what_it_is():
    body = open_body(PARTIAL, COMMITMENT)
    assert body == Body(
        "partial",
        ("a", "b/0", "b/1", "b/2", "c", "f"),
        (b"\x01", b"\xa1x", None, b"\xa1z", None, b"\xc3"),
    )
    assert body.fields() == {"a": 1, "b": ["x", None, "z"], "f": True}


# What two copies show together

SAID = {"a": 1, "b": "two", "c": [3, 4]}
WHOLE, DIGEST = commit(SAID, bytes(32))


def without(*paths, of=WHOLE):
    return withhold(of, DIGEST, paths)


def shown(data):
    return open_body(data, DIGEST).fields()


def test_two_bodies_show_together_what_either_shows():
    assert unite(b"", WHOLE, DIGEST) == WHOLE
    assert unite(without("a"), WHOLE, DIGEST) == WHOLE
    both = unite(without("a"), without("b", "c/0"), DIGEST)
    assert (shown(both), is_full(both)) == (SAID, False)
    assert unite(both, WHOLE, DIGEST) == WHOLE
    assert unite(b"", without("a"), DIGEST) == without("a")


@pytest.mark.parametrize(
    ("data", "other"),
    [(WHOLE, WHOLE), (WHOLE, without("a")), (WHOLE, b""), (without("a"), without("a", "b"))],
)
def test_what_shows_no_more_is_not_asked_for(data, other):
    assert unite(data, other, DIGEST) is None
    assert unite(other, other, DIGEST) is None


def test_what_does_not_match_shows_nothing():
    assert unite(b"\x91garbage", without("a"), DIGEST) == without("a")


def test_how_a_body_is_held_is_told_from_its_first_bytes():
    assert [(is_full(one), is_partial(one)) for one in (WHOLE, without("a"), b"")] == [
        (True, False),
        (False, True),
        (False, False),
    ]


def test_more_is_withheld_of_what_is_held_in_part():
    assert without("a", of=without("b")) == without("a", "b")
