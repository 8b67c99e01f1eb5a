"""The shelf's conformance suite, over every engine: what is kept of chains beside their records."""

from __future__ import annotations

from hashlib import sha256

import pytest
from support.chains import CLERK, OWNER, Draft, small_chain, transfer
from support.engines import ENGINES, new_store

from chainlog.errors import NoteError
from chainlog.format import merkle
from chainlog.format.checkpoint import Checkpoint, format_origin_line, sign_checkpoint
from chainlog.format.note import SIGNATURE_LIMIT, Note, Signature, format_note
from chainlog.format.record import Record, scan
from chainlog.store.engine import EMPTY
from chainlog.store.raw import CHUNK
from chainlog.store.shelf import Conflict
from chainlog.store.tree import Tree

A = small_chain(20)
IDS = [entry.id for entry in A.entries]
LINE = format_origin_line("example.org/depot", A.chain)


@pytest.fixture(params=ENGINES)
def store(request, tmp_path):
    made = new_store(request.param, tmp_path / "ledger")
    made.append(
        A.chain,
        EMPTY,
        [(entry.raw, body) for entry, body in zip(A.entries, A.bodies, strict=True)],
    )
    yield made
    made.close()


def note_of(size, signer=OWNER):
    return sign_checkpoint(Checkpoint(LINE, size, merkle.root(IDS[:size])), signer)


def lines(first, count):
    return tuple(Signature(f"x{n}", n.to_bytes(4), b"s") for n in range(first, first + count))


def read(segment, start=0, size=CHUNK):
    return b"".join(segment.chunks(start, size))


# As it lies


def test_a_chain_lies_there_as_a_stream_of_its_records(store):
    raw = store.raw(A.chain)
    assert raw.chain == A.chain
    assert not raw.writing() or isinstance(raw.writing(), bool)
    whole = b"".join(read(segment) for segment in raw.segments)
    assert whole == A.segment()
    assert raw.segments[0].first == 0
    at = 0
    for segment in raw.segments:
        data = read(segment)
        for start in (0, 1, len(data) // 2, len(data) - 1, len(data), len(data) + 9):
            assert read(segment, start) == data[start:]
        assert segment.record_at(0, A.chain).entry == A.entries[segment.first].raw
        assert segment.record_at(1, A.chain) is None
        at += len(data)
    assert at == len(whole)


def test_a_segment_gets_other_records_or_stays_as_it_was(store):
    pairs = [(entry.raw, body) for entry, body in zip(A.entries, A.bodies, strict=True)]
    other = [*pairs[:5], (pairs[5][0], b""), *pairs[6:]]

    def failing():
        yield from other
        raise NoteError("it does not hold")

    with pytest.raises(NoteError, match="does not hold"):
        store.mend(A.chain, 0, failing())
    assert [(one.entry, one.body) for one in store.read(A.chain)] == pairs
    store.mend(A.chain, 0, iter(other))
    assert [(one.entry, one.body) for one in store.read(A.chain)] == other
    assert store.head(A.chain) == store.prepare(A.chain) == (20, IDS[-1])
    store.close()
    assert store.ids(A.chain, 0, 20) == b"".join(IDS)


def test_a_chain_that_is_not_there_lies_there_without_a_segment(store):
    other = bytes(31) + b"\x01"
    raw = store.raw(other)
    assert (raw.chain, raw.segments, raw.checkpoints(), raw.forks()) == (other, (), [], [])
    assert store.shelved() == [A.chain]
    assert [one.chain for one in store.raw_chains()] == [A.chain]
    assert [one.chain for one in store.raw_chains(other)] == [other, A.chain]


def test_only_one_store_is_itself(store, tmp_path):
    assert store.is_same(store)
    for name in ENGINES:
        other = new_store(name, tmp_path / "other")
        assert not store.is_same(other)
        assert not other.is_same(store)
    assert store.place


# Checkpoints


def test_checkpoints_of_one_text_are_one_and_go_by_size(store):
    assert store.checkpoints(A.chain) == []
    one, other = note_of(7), note_of(7, CLERK)
    assert store.keep_checkpoint(A.chain, one) == one
    whole = store.keep_checkpoint(A.chain, other)
    assert set(whole.signatures) == {*one.signatures, *other.signatures}
    assert store.keep_checkpoint(A.chain, one) == whole
    store.keep_checkpoint(A.chain, note_of(3))
    assert store.checkpoints(A.chain) == [note_of(3), whole]
    assert [
        (one.size, one.root, one.data, one.ahead) for one in store.raw(A.chain).checkpoints()
    ] == [
        (size, merkle.root(IDS[:size]).hex(), format_note(note), False)
        for size, note in [(3, note_of(3)), (7, whole)]
    ]
    assert store.checkpoints(bytes(32)) == []


def test_those_ahead_are_apart(store):
    store.keep_checkpoint(A.chain, note_of(20), ahead=True)
    assert store.checkpoints(A.chain) == []
    assert store.checkpoints(A.chain, ahead=True) == [note_of(20)]
    assert [one.ahead for one in store.raw(A.chain).checkpoints()] == [True]


def test_of_too_many_lines_those_that_are_kept_stay_unless_they_are_vouched_for(store):
    note = note_of(5)
    full = store.keep_checkpoint(A.chain, Note(note.text, lines(0, SIGNATURE_LIMIT)))
    assert store.keep_checkpoint(A.chain, note) == full
    assert store.keep_checkpoint(A.chain, note, first=True).signatures[0] == note.signatures[0]
    store.put_checkpoint(A.chain, note)
    assert store.checkpoints(A.chain) == [note]
    with pytest.raises(NoteError):
        store.keep_checkpoint(A.chain, Note("no checkpoint\n", lines(0, 1)))


# Forks


def conflict():
    draft = Draft()
    theirs = [draft.add("transfer", transfer(90 + n), CLERK) for n in range(3)]
    records = [
        Record(entry.raw, body) for entry, body in zip(theirs, draft.bodies[1:], strict=True)
    ]
    return (
        Conflict(A.chain, 5, IDS[5], theirs[0].id),
        Record(A.entries[5].raw, A.bodies[5]),
        records,
    )


def kept(store):
    (fork,) = store.raw(A.chain).forks()
    return [(one.entry, one.body) for found in scan(fork.chunks()) for one in found]


def test_both_sides_of_a_fork_are_kept_and_the_longer_branch_stays(store):
    fork, ours, theirs = conflict()
    assert store.conflicts(A.chain) == []
    for branch, stays in [(theirs[:1], 1), (theirs, 3), (theirs[:2], 3)]:
        assert store.keep_conflict(fork, ours, branch)
        assert store.conflicts(A.chain) == [fork]
        assert kept(store) == [(one.entry, one.body) for one in [ours, *theirs[:stays]]]
    assert store.raw(A.chain).forks()[0].index == 5
    assert "5" in store.conflict_place(fork)
    assert store.conflicts(bytes(32)) == []


def test_a_branch_that_cannot_be_read_leaves_nothing(store):
    fork, ours, theirs = conflict()

    def failing():
        yield theirs[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.keep_conflict(fork, ours, failing())
    assert store.conflicts(A.chain) == store.raw(A.chain).forks() == []


def test_a_body_is_found_in_a_fork_and_taken_out(store):
    fork, ours, theirs = conflict()
    store.keep_conflict(fork, ours, theirs)
    assert store.cut_conflicts(A.chain, [A.entries[1].raw], remove=True) == []
    before = kept(store)
    assert store.cut_conflicts(A.chain, [theirs[1].entry], remove=False) == [fork]
    assert kept(store) == before
    assert store.cut_conflicts(A.chain, [theirs[1].entry], remove=True) == [fork]
    assert kept(store) == [
        (entry, b"" if entry == theirs[1].entry else body) for entry, body in before
    ]
    assert store.cut_conflicts(A.chain, [theirs[1].entry], remove=True) == []


# The tree


def test_the_tree_is_stored_and_made_anew(store):
    def tree(size=20):
        return Tree(store.cells(A.chain), lambda a, b: b"".join(IDS[a:b]), size)

    assert tree().root(20) == merkle.root(IDS)
    cells = store.cells(A.chain)
    count = cells.open()
    assert count > 0
    assert all(len(cells.read(place)) == 32 for place in range(count))
    assert len(cells.read(count)) == 0
    assert not cells.write(count + 2, bytes(32)), "no hole is made"
    cells.close()
    # A false cell is met, and all is made anew.
    cells = store.cells(A.chain)
    assert cells.open() == count
    assert cells.write(0, b"\x55" * 32)
    cells.close()
    again = tree()
    assert again.agrees(2, merkle.root(IDS[:2]))
    assert again.root(20) == merkle.root(IDS)
    again.close()
    # A chain that is shorter than its tree: what is beyond is let go of.
    assert tree(4).root(4) == merkle.root(IDS[:4])
    assert store.cells(A.chain).open() <= count


# Attachments


def test_what_is_held_is_listed(store):
    assert list(store.blobs()) == []
    digests = sorted(store.put_blob([data])[0] for data in (b"a", b"b", b"c"))
    assert list(store.blobs()) == digests
    assert all(store.holds_blob(digest) for digest in digests)
    store.drop_blob(digests[1])
    assert list(store.blobs()) == [digests[0], digests[2]]
    assert not store.holds_blob(digests[1])
    assert not store.holds_blob(sha256(b"d").digest())
