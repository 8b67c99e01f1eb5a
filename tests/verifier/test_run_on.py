"""Verification that goes on from what is known.

Whatever the groups, the same as one verification of the whole.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.chains import (
    CLERK,
    OWNER,
    STRANGER,
    Draft,
    opening,
    small_chain,
    transfer,
    verify_bytes,
)
from support.notes import checkpoint
from support.words import english

from chainlog.errors import UncertainError
from chainlog.events.event import is_governing
from chainlog.events.roster import Roster
from chainlog.format.body import open_body, withhold
from chainlog.format.record import Record
from chainlog.verifier import run
from chainlog.verifier.run import Known, Missing, unknown


def storied():
    """A chain in which who may sign changes, and bodies are absent or in part."""
    draft = Draft()
    draft.add("transfer", transfer(1))
    draft.add(
        "key.grant",
        {"key": STRANGER.key_id, "roles": ["custodian"], "holder": {"name": "Іван"}},
        OWNER,
    )
    draft.add("transfer", transfer(2), STRANGER)
    draft.add("transfer", transfer(3), body_held=b"")
    draft.add("chain.seen", {"checkpoint": checkpoint(draft, 5, OWNER).decode()}, STRANGER)
    draft.add("key.revoke", {"key": CLERK.key_id, "reason": "lost"}, OWNER)
    draft.add("transfer", transfer(4), STRANGER)
    draft.bodies[1] = withhold(draft.bodies[1], draft.entries[1].header.body, ["from"])
    draft.add("transfer", transfer(5), OWNER)
    return draft


def records_of(draft):
    return [
        Record(entry.raw, body) for entry, body in zip(draft.entries, draft.bodies, strict=True)
    ]


def verify_on(known, records, **options):
    """How far records hold, and what ends them; what was read of them is what they hold."""
    after, opened, end = run.verify_on(known, records, **options)
    held = records[: after.size - known.size]
    assert [one.entry.raw for one in opened] == [record.entry for record in held]
    for (entry, body, event), record in zip(opened, held, strict=True):
        assert body == (open_body(record.body, entry.header.body) if record.body else None)
        assert (event.kind if event else None) == (
            entry.header.kind if is_governing(entry.header.kind) else None
        )
    return after, end


def in_groups(chain, records, cuts, **options):
    """What one gets who verifies group by group, and stops where a group does not hold."""
    known, end = unknown(chain), None
    edges = [0, *sorted(cuts), len(records)]
    for start, stop in pairwise(edges):
        known, end = verify_on(known, records[start:stop], **options)
        if end is not None:
            break
    return known, end


STORY = storied()


def test_all_of_a_sound_chain_holds_and_says_who_may_sign():
    records = records_of(STORY)
    known, end = verify_on(unknown(STORY.chain), records)
    assert end is None
    assert (known.size, known.head) == (len(records), STORY.entries[-1].id)
    assert set(known.roster.keys) == {OWNER.key_id, STRANGER.key_id}
    assert verify_on(known, []) == (known, None)


@given(st.lists(st.integers(0, 9), max_size=5))
def test_the_groups_do_not_matter(cuts):
    records = records_of(STORY)
    assert in_groups(STORY.chain, records, cuts) == verify_on(unknown(STORY.chain), records)


def test_what_is_known_is_not_changed():
    records = records_of(STORY)
    known, _ = verify_on(unknown(STORY.chain), records[:2])
    before = known.roster.copy()
    verify_on(known, records[2:])
    assert known.roster == before


def forged(change):
    draft = storied()
    change(draft)
    return draft


def seen(draft, size, **wrong):
    """A checkpoint of the draft as it is, of any size."""
    return checkpoint(draft, size, OWNER, **wrong).decode()


def replace_last(draft, kind, fields, signer, **wrong):
    """Entry 7 made anew with something wrong; entry 8 follows it as it should."""
    del draft.entries[7:], draft.bodies[7:]
    draft.add(kind, fields, signer, **wrong)
    draft.add("transfer", transfer(6), STRANGER)


FORGERIES = {
    "bad signature": (
        lambda d: replace_last(d, "transfer", transfer(9), STRANGER, author=OWNER.key_id),
        4,
        "signature",
    ),
    "a key never granted": (
        lambda d: replace_last(d, "transfer", transfer(9), type(OWNER).from_seed(b"n" * 32)),
        5,
        "key-unknown",
    ),
    "a revoked key": (lambda d: replace_last(d, "transfer", transfer(9), CLERK), 5, "key-revoked"),
    "another link": (
        lambda d: replace_last(d, "transfer", transfer(9), STRANGER, prev=b"x" * 32),
        2,
        "link",
    ),
    "another pointer": (
        lambda d: replace_last(d, "transfer", transfer(9), STRANGER, roster=2),
        2,
        "roster-pointer",
    ),
    "an index met before": (
        lambda d: replace_last(d, "transfer", transfer(9), STRANGER, index=3),
        2,
        "position",
    ),
    "another chain": (
        lambda d: replace_last(d, "transfer", transfer(9), STRANGER, chain=b"x" * 32),
        2,
        "chain",
    ),
    "a clerk who governs": (
        lambda d: replace_last(d, "chain.close", {"reason": "done"}, STRANGER, moves=False),
        5,
        "not-owner",
    ),
    "a checkpoint that is none": (
        lambda d: replace_last(d, "chain.seen", {"checkpoint": "…"}, STRANGER),
        7,
        "checkpoint-malformed",
    ),
    "a checkpoint of another chain": (
        lambda d: replace_last(
            d, "chain.seen", {"checkpoint": seen(d, 7, origin="example.org/port")}, STRANGER
        ),
        7,
        "checkpoint-foreign",
    ),
    "a checkpoint of itself": (
        lambda d: replace_last(d, "chain.seen", {"checkpoint": seen(d, 8)}, STRANGER),
        7,
        "checkpoint-ahead",
    ),
    "another body": (lambda d: d.bodies.__setitem__(7, d.bodies[8]), 6, "body"),
    ("another body of one that governs"): (
        lambda d: replace_last(d, "chain.close", {"reason": "x"}, OWNER, body_held=b"x"),
        6,
        "body",
    ),
}
UNTOLD = {
    "a version": (
        lambda d: replace_last(d, "transfer", transfer(9), STRANGER, version=2),
        1,
        "version",
    ),
    "a kind that governs": (
        lambda d: replace_last(d, "chain.bless", {"x": 1}, OWNER),
        5,
        "kind-unknown",
    ),
    "a field of one": (
        lambda d: replace_last(d, "chain.close", {"reason": "x", "colour": "red"}, OWNER),
        5,
        "field-unknown",
    ),
    "the body of one": (
        lambda d: replace_last(d, "chain.close", {"reason": "x"}, OWNER, body_held=b""),
        5,
        "governing-absent",
    ),
    "the body of a chain.seen": (
        lambda d: replace_last(d, "chain.seen", {"checkpoint": "x"}, OWNER, body_held=b""),
        5,
        "governing-absent",
    ),
}


@pytest.mark.parametrize(
    ("change", "step", "code"), [*FORGERIES.values(), *UNTOLD.values()], ids=[*FORGERIES, *UNTOLD]
)
def test_it_stops_exactly_there_whatever_the_groups(change, step, code):
    draft = forged(change)
    records = records_of(draft)
    with ThreadPoolExecutor(2) as workers:
        for cut in range(len(records)):
            for options in ({}, {"workers": workers, "parallel": 2}):
                known, end = in_groups(draft.chain, records, [cut], **options)
                assert (known.size, known.head) == (7, draft.entries[6].id)
                assert (end.step, end.code) == (step, code)
                assert isinstance(end, Missing) == ((change, step, code) in UNTOLD.values())
    assert known.roster == verify_on(unknown(draft.chain), records[:7])[0].roster
    found = verify_bytes(draft.segment(), draft.chain)
    assert (step, code) in {(one.step, one.code) for one in found.faults + found.missing}


def test_what_governs_after_a_forgery_counts_for_nothing():
    """The forged signature is seen last, since it is checked in a batch.

    The roster goes back to before it.
    """
    draft = small_chain(4)
    draft.entries[2] = type(draft.entries[2])(
        draft.entries[2].raw[:-1] + b"\x00", draft.entries[2].header, draft.entries[2].id
    )
    draft.add("key.revoke", {"key": CLERK.key_id, "reason": "lost"}, OWNER)
    held = small_chain(4)
    # The forged bytes change the id, so that entry 3 does not link either: only the first is told.
    known, end = verify_on(unknown(draft.chain), records_of(draft))
    assert (known.size, end.step, end.index) == (2, 4, 2)
    assert known.roster == verify_on(unknown(held.chain), records_of(held)[:2])[0].roster
    rebuilt = Draft()
    rebuilt.add("transfer", transfer(1), author=OWNER.key_id)
    rebuilt.add("key.revoke", {"key": CLERK.key_id, "reason": "lost"}, OWNER)
    known, end = verify_on(unknown(rebuilt.chain), records_of(rebuilt))
    assert (known.size, end.step) == (1, 4)
    assert CLERK.key_id in known.roster.keys


@given(st.data())
def test_every_flipped_byte_of_an_entry_stops_it_there(data):
    records = records_of(STORY)
    index = data.draw(st.integers(0, len(records) - 1))
    raw = bytearray(records[index].entry)
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    records[index] = Record(bytes(raw), records[index].body)
    cuts = data.draw(st.lists(st.integers(0, len(records)), max_size=3))
    known, end = in_groups(STORY.chain, records, cuts)
    assert end is not None
    assert known.size == index
    assert (known, end) == verify_on(unknown(STORY.chain), records)


@given(st.data())
def test_every_flipped_byte_of_a_body_stops_it_there(data):
    records = records_of(STORY)
    index = data.draw(st.sampled_from([n for n, record in enumerate(records) if record.body]))
    body = bytearray(records[index].body)
    body[data.draw(st.integers(0, len(body) - 1))] ^= data.draw(st.integers(1, 255))
    records[index] = Record(records[index].entry, bytes(body))
    known, end = verify_on(unknown(STORY.chain), records)
    assert (known.size, end.step, end.index) == (index, 6, index)


def test_long_groups_are_batched_and_end_at_the_first_fault():
    draft = small_chain(400)
    records = records_of(draft)
    for index in (300, 150, 20):
        records[index] = Record(records[index].entry, records[index + 1].body)
        known, end = verify_on(unknown(draft.chain), records)
        assert (known.size, end.index, end.step) == (index, index, 6)


def test_an_entry_0_that_is_another_chains():
    other = Draft(opening(site="elsewhere"))
    known, end = verify_on(unknown(STORY.chain), records_of(other))
    assert (known.size, end.step, end.code) == (0, 2, "chain")


def test_an_uncertain_roster_is_not_gone_on_from():
    draft = Draft()
    known, _ = verify_on(unknown(draft.chain), records_of(draft))
    roster = known.roster.copy()
    blessing = draft.add("chain.bless", {"x": 1}, OWNER)
    with pytest.raises(UncertainError):
        roster.govern(blessing.header, None)
    again = Known(draft.chain, 2, blessing.id, roster)
    stayed, end = verify_on(again, [])
    assert stayed is again
    assert isinstance(end, Missing)
    assert unknown(draft.chain).roster == Roster()


def test_the_message_says_where_as_far_as_that_is_known():
    draft = forged(lambda d: d.bodies.__setitem__(7, b"x"))
    plain = verify_on(unknown(draft.chain), records_of(draft))[1]
    assert english(plain).startswith(draft.chain.hex()[:16] + ": entry 7")
    at = [
        Record(one.entry, one.body, 100 * n, 100 * n + 90)
        for n, one in enumerate(records_of(draft))
    ]
    assert english(verify_on(unknown(draft.chain), at, name="00.seg")[1]).startswith(
        "00.seg, byte 700: entry 7"
    )


def test_workers_are_given_no_more_than_they_can_take():
    draft = small_chain(900)
    with ThreadPoolExecutor(1) as workers:
        known, end = verify_on(unknown(draft.chain), records_of(draft), workers=workers, parallel=1)
    assert (known.size, end) == (900, None)


def test_whether_a_cited_checkpoint_is_the_chains_is_open_until_all_is_read():
    """FORMAT.md 10: `chain.seen` may be open (7) in what is taken from another copy."""
    other = small_chain(9)
    draft = storied()
    for data in (
        seen(draft, 5, root_of=other, chain=draft.chain),
        checkpoint(draft, 5, CLERK).decode(),
    ):
        forged_ = forged(
            lambda d, data=data: replace_last(d, "chain.seen", {"checkpoint": data}, STRANGER)
        )
        known, end = verify_on(unknown(forged_.chain), records_of(forged_))
        assert (known.size, end) == (9, None)
