"""Who might sign checkpoints at which size, against a model that keeps a set for each size."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.chains import OWNER, Draft

from chainlog.events.powers import Powers
from chainlog.events.roster import Roster
from chainlog.format.body import open_body
from chainlog.format.keys import Ed25519Signer


@given(
    st.lists(st.tuples(st.integers(1, 5), st.sets(st.sampled_from([b"a", b"b", b"c"]))), max_size=8)
)
def test_powers_are_those_of_the_last_change_before(steps):
    powers, at, model = Powers(), 0, [frozenset()]
    for more, keys in steps:
        model += [model[-1]] * (more - 1)
        at += more
        model.append(frozenset(keys))
        for key in (b"a", b"b", b"c"):
            powers.turn(key, at, may=key in keys)
    copied = powers.copy()
    powers.turn(b"d", at + 1, may=True)
    for size, keys in enumerate(model):
        assert frozenset(copied.at(size)) == keys
        assert all(powers.has(key, size) == (key in keys) for key in (b"a", b"b", b"c"))
    assert frozenset(copied.at(10**9)) == model[-1]
    assert set(powers) == set(copied) | {b"d"}


def test_keys_are_in_the_order_of_their_grants():
    powers = Powers()
    for size, key, may in ((1, b"b", True), (2, b"a", True), (3, b"b", False), (5, b"b", True)):
        powers.turn(key, size, may=may)
    assert [powers.at(size) for size in (0, 1, 2, 3, 5)] == [
        [],
        [b"b"],
        [b"b", b"a"],
        [b"a"],
        [b"b", b"a"],
    ]


@pytest.mark.slow
def test_a_roster_of_many_grants_costs_what_changed_and_no_more():
    """A chain of two thousand grants, some 700 kB, is not held two thousand times over."""
    draft = Draft()
    for size in range(2000):
        key = Ed25519Signer.from_seed(size.to_bytes(32)).key_id
        draft.add("key.grant", {"key": key, "roles": ["log"], "holder": {"name": "n"}}, OWNER)
    pairs = list(zip(draft.entries, draft.bodies, strict=True))
    opened = [(entry.header, open_body(body, entry.header.body)) for entry, body in pairs]
    roster = Roster()
    tracemalloc.start()
    for header, body in opened:
        roster.govern(header, body)
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(roster.powers.at(1500)) == 1500
    assert taken < 4 * 2**20
