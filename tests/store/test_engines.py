"""One conformance suite for every engine, and a state machine that compares each with the one in
memory.
"""

from __future__ import annotations

import os
import threading
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from support.chains import CLERK, Draft, transfer
from support.engines import ENGINES, TINY, new_store, put_back

import chainlog.store
from chainlog.errors import (
    BehindMarkError,
    DamagedError,
    HeadMovedError,
    NoBlobError,
    NoChainError,
    NoEntryError,
    ReadOnlyError,
    StoreError,
    UnknownOutcomeError,
)
from chainlog.format.body import withhold
from chainlog.format.record import format_record
from chainlog.store import durable
from chainlog.store.engine import EMPTY, Head
from chainlog.store.memory import MemoryEngine
from chainlog.store.open import open_store, schemes
from chainlog.store.segment import blobs, folder, readers
from chainlog.store.segment import engine as segment
from chainlog.store.segment.engine import SegmentEngine
from chainlog.store.segment.offsets import ROW


def grown(entries, site):
    draft = Draft()
    draft = Draft({**_opening(draft), "site": site})
    for number in range(1, entries):
        note = "x" * (17 * number % 400)
        draft.add("transfer", transfer(number, note=note) if note else transfer(number), CLERK)
    # One record without a body, as after an erasure.
    draft.bodies[3] = b""
    return draft


def _opening(draft):
    from chainlog.format.body import open_body  # noqa: PLC0415

    return open_body(draft.bodies[0], draft.entries[0].header.body).fields()


DRAFTS = [grown(40, "one"), grown(25, "two")]


def pairs(draft, start=0, stop=None):
    return [
        (entry.raw, body)
        for entry, body in zip(draft.entries[start:stop], draft.bodies[start:stop], strict=True)
    ]


def head_at(draft, size):
    return Head(size, draft.entries[size - 1].id) if size else EMPTY


def told(records):
    return [(record.entry, record.body) for record in records]


def put(engine, draft, size, batch=5):
    head = EMPTY
    for start in range(0, size, batch):
        head = engine.append(draft.chain, head, pairs(draft, start, min(start + batch, size)))
    return head


@pytest.fixture(params=ENGINES)
def engine(request, tmp_path):
    made = new_store(request.param, tmp_path / "ledger")
    yield made
    made.close()


# The contract, one sentence a test

A, B = DRAFTS


def test_what_was_appended_is_read_back(engine):
    assert put(engine, A, 40) == head_at(A, 40)
    assert engine.head(A.chain) == engine.prepare(A.chain) == head_at(A, 40)
    assert told(engine.read(A.chain)) == pairs(A)


def test_a_new_store_holds_nothing(engine):
    assert engine.chains() == []
    for ask in (
        engine.head,
        engine.prepare,
        lambda chain: list(engine.read(chain)),
        lambda chain: engine.find(chain, "00"),
    ):
        with pytest.raises(NoChainError):
            ask(A.chain)


def test_chains_are_apart_and_in_the_order_of_their_ids(engine):
    put(engine, A, 3)
    put(engine, B, 7)
    assert engine.chains() == sorted([A.chain, B.chain])
    assert (engine.head(A.chain), engine.head(B.chain)) == (head_at(A, 3), head_at(B, 7))


@pytest.mark.parametrize("size", [0, 1, 5])
def test_the_head_must_be_the_expected_one(engine, size):
    put(engine, A, size)
    for wrong in [head_at(A, other) for other in (0, 1, 4, 6) if other != size] + [
        Head(size, bytes(31) + b"\x01")
    ]:
        with pytest.raises(HeadMovedError):
            engine.append(A.chain, wrong, pairs(A, size, size + 1))
        with pytest.raises(HeadMovedError):
            engine.append(A.chain, wrong, [])
    assert engine.append(A.chain, head_at(A, size), pairs(A, size, size + 1)) == head_at(
        A, size + 1
    )


def test_a_chain_that_is_held_may_be_written_and_no_other(engine):
    put(engine, A, 3)
    assert engine.may_write(A.chain)
    assert not engine.may_write(B.chain)


def test_appending_nothing_changes_nothing(engine):
    assert engine.append(A.chain, EMPTY, []) == EMPTY
    assert engine.chains() == []
    put(engine, A, 5)
    assert engine.append(A.chain, head_at(A, 5), []) == head_at(A, 5)
    assert told(engine.read(A.chain)) == pairs(A, 0, 5)


def test_ranges(engine):
    put(engine, A, 20)
    for start, stop in [
        (0, 0),
        (0, 1),
        (19, 20),
        (3, 17),
        (7, 7),
        (9, 3),
        (20, 25),
        (18, 99),
        (99, None),
        (0, None),
        (5, None),
        (-3, 2),
        (0, -1),
    ]:
        first, last = max(start, 0), 20 if stop is None else min(max(stop, 0), 20)
        assert told(engine.read(A.chain, start, stop)) == pairs(A, first, max(last, first)), (
            start,
            stop,
        )


def test_ids_are_found_by_any_prefix(engine):
    put(engine, A, 40)
    ids = [entry.id.hex() for entry in A.entries]
    for index, one in enumerate(ids):
        assert engine.find(A.chain, one) == engine.find(A.chain, one[:21]) == [index]
        assert (
            engine.find(A.chain, one + "0")
            == engine.find(A.chain, one + "00")
            == engine.find(A.chain, one[:20] + "0" * 44)
            == []
        )
    for digit in "0123456789abcdef":
        assert (
            engine.find(A.chain, digit)
            == [index for index, one in enumerate(ids) if one[0] == digit][:2]
        )


def test_attachments(engine):
    chunks = [b"a" * 100, b"", b"b" * 2**21]
    digest, size = engine.put_blob(iter(chunks))
    assert (digest, size) == (sha256(b"".join(chunks)).digest(), 100 + 2**21)
    assert b"".join(engine.blob(digest)) == b"".join(chunks)
    assert engine.put_blob([b"".join(chunks)]) == (digest, size)
    assert engine.put_blob([]) == (sha256().digest(), 0)
    assert b"".join(engine.blob(sha256().digest())) == b""
    with pytest.raises(NoBlobError):
        list(engine.blob(bytes(32)))


def test_an_attachment_is_let_go_of(engine):
    digest, _ = engine.put_blob([b"photo"])
    kept, _ = engine.put_blob([b"other"])
    engine.drop_blob(digest)
    for gone in (digest, bytes(32)):
        with pytest.raises(NoBlobError):
            list(engine.blob(gone))
        with pytest.raises(NoBlobError):
            engine.drop_blob(gone)
    assert b"".join(engine.blob(kept)) == b"other"


def test_the_ids_of_a_range(engine):
    put(engine, A, 20)
    for start, stop in [(0, 0), (0, 1), (19, 20), (20, 20), (3, 17), (0, 20)]:
        assert engine.ids(A.chain, start, stop) == b"".join(
            entry.id for entry in A.entries[start:stop]
        )
    for start, stop in [(-1, 2), (3, 2), (0, 21), (21, 21)]:
        with pytest.raises(NoEntryError):
            engine.ids(A.chain, start, stop)
    with pytest.raises(NoChainError):
        engine.ids(B.chain, 0, 0)


def in_part(draft, index):
    """A body with one field withheld."""
    entry = draft.entries[index]
    return withhold(draft.bodies[index], entry.header.body, ["from"])


def with_bodies(draft, size, bodies):
    return [
        (entry, bodies.get(index, body))
        for index, (entry, body) in enumerate(pairs(draft, 0, size))
    ]


def test_entries_get_other_bodies(engine):
    put(engine, A, 20)
    bodies = {0: b"", 3: A.bodies[4], 7: in_part(A, 7), 8: b"", 19: b""}
    engine.replace(A.chain, head_at(A, 20), bodies)
    assert told(engine.read(A.chain)) == with_bodies(A, 20, bodies)
    for index in range(20):
        assert (
            told(engine.read(A.chain, index, index + 1))
            == with_bodies(A, 20, bodies)[index : index + 1]
        )
    assert engine.head(A.chain) == head_at(A, 20)
    assert engine.append(A.chain, head_at(A, 20), pairs(A, 20, 30)) == head_at(A, 30)
    # Once more, back again, and after closing.
    engine.replace(A.chain, head_at(A, 30), {0: A.bodies[0], 8: b"", 29: b""})
    engine.close()
    assert told(engine.read(A.chain)) == with_bodies(A, 30, {**bodies, 0: A.bodies[0], 29: b""})


def test_bodies_are_replaced_only_where_the_head_is_the_expected_one_and_the_entries_are(engine):
    with pytest.raises(NoChainError):
        engine.replace(A.chain, EMPTY, {0: b""})
    put(engine, A, 5)
    for wrong in (EMPTY, head_at(A, 4), Head(5, bytes(32))):
        with pytest.raises(HeadMovedError):
            engine.replace(A.chain, wrong, {1: b""})
    for outside in (-1, 5):
        with pytest.raises(NoEntryError):
            engine.replace(A.chain, head_at(A, 5), {1: b"", outside: b""})
    engine.replace(A.chain, head_at(A, 5), {})
    assert told(engine.read(A.chain)) == pairs(A, 0, 5)


def test_reading_goes_on_while_bodies_are_replaced(engine):
    put(engine, A, 40)
    bodies = dict.fromkeys(range(0, 40, 2), b"")
    for at in (1, 5, 39):
        reading = iter(engine.read(A.chain))
        begun = [next(reading) for _ in range(at)]
        engine.replace(A.chain, head_at(A, 40), bodies)
        found = told([*begun, *reading])
        assert [entry for entry, _ in found] == [entry for entry, _ in pairs(A)]
        for index, (_, body) in enumerate(found):
            assert body in {A.bodies[index], bodies.get(index, A.bodies[index])}
        engine.replace(A.chain, head_at(A, 40), {index: A.bodies[index] for index in bodies})


def test_a_source_that_fails_leaves_no_attachment(engine, tmp_path):
    def failing():
        yield b"some"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine.put_blob(failing())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_an_engine_that_was_closed_can_be_used_again(engine):
    put(engine, A, 7)
    engine.close()
    engine.close()
    assert engine.append(A.chain, head_at(A, 7), pairs(A, 7, 9)) == head_at(A, 9)
    assert told(engine.read(A.chain)) == pairs(A, 0, 9)


def test_reading_goes_on_while_more_is_appended(engine):
    put(engine, A, 10)
    reading = iter(engine.read(A.chain))
    first = next(reading)
    engine.append(A.chain, head_at(A, 10), pairs(A, 10, 20))
    assert told([first, *reading]) == pairs(A, 0, 10)


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("marked", [8, 6])
def test_an_older_or_another_copy_is_not_written(name, tmp_path, marked):
    """Of 7 entries that are held 8 were acknowledged, or another 6th; sync alone may go on."""
    mark = {8: head_at(A, 8), 6: Head(6, bytes(32))}
    engine = new_store(name, tmp_path / "ledger")
    put(engine, A, 7)
    engine.close()
    engine._mark = lambda _chain: mark[marked]
    for write in (
        lambda: engine.prepare(A.chain),
        lambda: engine.append(A.chain, head_at(A, 7), pairs(A, 7, 8)),
        lambda: engine.replace(A.chain, head_at(A, 7), {1: b""}),
    ):
        with pytest.raises(BehindMarkError):
            write()
    assert told(engine.read(A.chain)) == pairs(A, 0, 7)
    engine._mark = lambda _chain: None
    assert engine.append(A.chain, head_at(A, 7), pairs(A, 7, 8)) == head_at(A, 8)
    engine.close()


@pytest.mark.parametrize("name", ENGINES)
def test_nothing_is_acknowledged_over_a_copy_that_was_put_under_an_open_store(name, tmp_path):
    marks = {}
    engine, older = (new_store(name, tmp_path / where, marks.get) for where in ("ledger", "older"))
    put(older, A, 4)
    older.close()
    marks[A.chain] = put(engine, A, 7)
    put_back(engine, older)
    for _ in range(2):
        with pytest.raises(StoreError):
            engine.append(A.chain, head_at(A, 7), pairs(A, 7, 8))
    engine.close()
    # It is an older copy now, as any other; and grows from whoever holds more.
    with pytest.raises(BehindMarkError):
        engine.prepare(A.chain)
    assert told(engine.read(A.chain)) == pairs(A, 0, 4)
    marks[A.chain] = EMPTY  # as sync lifts it
    assert engine.append(A.chain, head_at(A, 4), pairs(A, 4, 9)) == head_at(A, 9)
    assert told(engine.read(A.chain)) == pairs(A, 0, 9)
    engine.close()


# The state machine


class Comparison(RuleBasedStateMachine):
    """An engine and the one in memory, side by side. Whatever becomes of the derived index makes no
    difference.
    """

    kind = "segment"

    @initialize()
    def begin(self):
        self.scratch = TemporaryDirectory()
        self.folder = Path(self.scratch.name) / "ledger"
        self.model = MemoryEngine()
        self.engine = new_store(self.kind, self.folder)
        self.sizes = [0, 0]
        self.digests = [bytes(32)]
        # Ids in the index that are wrong, but not zero: a search may then miss, and must still tell
        # nothing false.
        self.ids_spoilt = False

    def teardown(self):
        if hasattr(self, "engine"):
            self.engine.close()
            self.scratch.cleanup()

    def both(self, ask):
        """What either engine answers, or the code of the error that it raises."""
        answers = []
        for engine in (self.model, self.engine):
            try:
                answers.append(ask(engine))
            except StoreError as error:
                answers.append(error.code)
        assert answers[0] == answers[1]
        return answers[0]

    @rule(which=st.integers(0, 1), count=st.integers(0, 12))
    def append(self, which, count):
        draft, size = DRAFTS[which], self.sizes[which]
        records = pairs(draft, size, size + count)
        head = self.both(lambda engine: engine.append(draft.chain, head_at(draft, size), records))
        self.sizes[which] += len(records)
        assert head == head_at(draft, self.sizes[which])

    @rule(which=st.integers(0, 1), at=st.integers(0, 25), count=st.integers(0, 3))
    def append_to_a_wrong_head(self, which, at, count):
        draft = DRAFTS[which]
        if at != self.sizes[which]:
            answer = self.both(
                lambda engine: engine.append(
                    draft.chain, head_at(draft, at), pairs(draft, at, at + count)
                )
            )
            assert answer == "head-moved"

    @rule(which=st.integers(0, 1), start=st.integers(-2, 45), stop=st.none() | st.integers(-2, 45))
    def read(self, which, start, stop):
        self.both(lambda engine: told(engine.read(DRAFTS[which].chain, start, stop)))

    @rule(which=st.integers(0, 1), one=st.integers(0, 24), length=st.integers(1, 66))
    def find(self, which, one, length):
        prefix = (DRAFTS[which].entries[one].id.hex() + "00")[:length]
        if not self.ids_spoilt:
            self.both(lambda engine: engine.find(DRAFTS[which].chain, prefix))
        elif self.sizes[which]:
            found = self.engine.find(DRAFTS[which].chain, prefix)
            assert set(found) <= {
                n
                for n, entry in enumerate(DRAFTS[which].entries)
                if entry.id.hex().startswith(prefix)
            }

    @rule(which=st.integers(0, 1))
    def prepare(self, which):
        self.both(lambda engine: engine.prepare(DRAFTS[which].chain))

    @rule(which=st.integers(0, 1), start=st.integers(-2, 45), stop=st.integers(-2, 45))
    def ids(self, which, start, stop):
        draft = DRAFTS[which]
        if not self.ids_spoilt:
            self.both(lambda engine: engine.ids(draft.chain, start, stop))
        elif 0 <= start <= stop <= self.sizes[which] and self.sizes[which]:
            assert len(self.engine.ids(draft.chain, start, stop)) == (stop - start) * 32

    @rule(
        which=st.integers(0, 1),
        indexes=st.sets(st.integers(0, 39), max_size=4),
        how=st.sampled_from(["erased", "in part", "whole"]),
    )
    def replace(self, which, indexes, how):
        draft, size = DRAFTS[which], self.sizes[which]
        made = {
            "erased": lambda _: b"",
            "in part": lambda index: in_part(draft, index) if index not in {0, 3} else b"x",
        }
        bodies = {
            index: made.get(how, draft.bodies.__getitem__)(index)
            for index in indexes
            if index < len(draft.bodies)
        }
        self.both(lambda engine: engine.replace(draft.chain, head_at(draft, size), bodies))

    @rule(which=st.integers(0, 1), at=st.integers(0, 25))
    def replace_at_a_wrong_head(self, which, at):
        draft = DRAFTS[which]
        if at != self.sizes[which]:
            answer = self.both(
                lambda engine: engine.replace(draft.chain, head_at(draft, at), {0: b""})
            )
            assert answer in {"head-moved", "no-chain"}

    @rule(draw=st.data())
    def drop_blob(self, draw):
        digest = draw.draw(st.sampled_from(self.digests))
        self.both(lambda engine: engine.drop_blob(digest))

    @rule(data=st.binary(max_size=50))
    def put_blob(self, data):
        self.digests.append(self.both(lambda engine: engine.put_blob([data[:7], data[7:]]))[0])

    @rule(draw=st.data())
    def blob(self, draw):
        digest = draw.draw(st.sampled_from(self.digests))
        self.both(lambda engine: b"".join(engine.blob(digest)))

    @rule(fresh=st.booleans())
    def reopen(self, fresh):
        self.engine.close()
        if fresh and self.kind != "memory":
            self.engine = new_store(self.kind, self.folder)

    def index_of(self, which):
        path = self.folder / "chains" / DRAFTS[which].chain.hex() / "index"
        return path if path.exists() and path.stat().st_size else None

    def spoil(self, path, at, data):
        with path.open("r+b") as file:
            file.seek(at)
            file.write(data)

    @precondition(lambda self: self.kind == "segment")
    @rule(which=st.integers(0, 1))
    def delete_the_index(self, which):
        if path := self.index_of(which):
            path.unlink()

    @precondition(lambda self: self.kind == "segment")
    @rule(which=st.integers(0, 1), part=st.floats(0, 1))
    def truncate_the_index(self, which, part):
        """While it is written, too: the next row then stands behind zeros, as after a power cut."""
        if path := self.index_of(which):
            with path.open("r+b") as file:
                file.truncate(int(path.stat().st_size * part))

    @precondition(lambda self: self.kind == "segment")
    @rule(which=st.integers(0, 1), part=st.floats(0, 1, exclude_max=True), rows=st.integers(1, 5))
    def blank_rows_of_the_index(self, which, part, rows):
        if path := self.index_of(which):
            size = path.stat().st_size // ROW
            first = int(size * part)
            self.spoil(path, first * ROW, bytes(ROW * min(rows, size - first)))

    @precondition(lambda self: self.kind == "segment")
    @rule(
        which=st.integers(0, 1),
        part=st.floats(0, 1, exclude_max=True),
        data=st.binary(min_size=1, max_size=60),
    )
    def spoil_the_index(self, which, part, data):
        if path := self.index_of(which):
            size = path.stat().st_size
            at = int(size * part)
            self.spoil(path, at, data[: size - at])
            self.ids_spoilt = True

    @invariant()
    def they_agree(self):
        if not hasattr(self, "engine"):
            return
        self.both(lambda engine: engine.chains())
        for draft in DRAFTS:
            self.both(lambda engine, draft=draft: engine.head(draft.chain))
            self.both(lambda engine, draft=draft: told(engine.read(draft.chain)))


class ComparisonOfMemory(Comparison):
    kind = "memory"


Comparison.TestCase.settings = settings(max_examples=60, stateful_step_count=25)
ComparisonOfMemory.TestCase.settings = settings(max_examples=10, stateful_step_count=15)
TestSegmentEngine = Comparison.TestCase
TestMemoryEngine = ComparisonOfMemory.TestCase


# The segment engine


@pytest.fixture
def place(tmp_path):
    return tmp_path / "ledger"


def chain_folder(place, draft=A):
    return place / "chains" / draft.chain.hex()


def test_segments_are_named_after_their_first_entry_and_are_plain_records(place):
    engine = SegmentEngine(place, segment_limit=TINY)
    put(engine, A, 40, batch=1)
    engine.close()
    paths = sorted(chain_folder(place).glob("*.seg"))
    assert b"".join(path.read_bytes() for path in paths) == A.segment()
    sizes = [len(record) for record in A.records()]
    at = 0
    for path in paths:
        first = int(path.stem)
        assert sum(sizes[:first]) == at
        at += path.stat().st_size
        assert path.stat().st_size <= TINY
    assert len(paths) > 5


def test_a_batch_larger_than_a_segment_stays_whole(place):
    engine = SegmentEngine(place, segment_limit=10)
    put(engine, A, 40, batch=10)
    engine.close()
    assert [int(path.stem) for path in sorted(chain_folder(place).glob("*.seg"))] == [0, 10, 20, 30]
    assert told(SegmentEngine(place).read(A.chain, 5, 35)) == pairs(A, 5, 35)


def test_an_append_is_one_write_and_one_sync(place, monkeypatch):
    engine = SegmentEngine(place)
    put(engine, A, 5)
    calls = []
    for name in ("write_all", "sync_data", "sync_folder"):
        real = getattr(durable, name)
        monkeypatch.setattr(
            durable, name, lambda *given, name=name, real=real: (calls.append(name), real(*given))
        )
    engine.append(A.chain, head_at(A, 5), pairs(A, 5, 9))
    assert calls == ["write_all", "sync_data", "write_all"], "records, sync, then rows of the index"
    engine.close()


@pytest.mark.parametrize("count", [1, 12])
def test_whether_the_files_are_the_own_is_asked_twice_an_append(place, count, monkeypatch):
    """Of folder, segment and lock, before the write and after the sync, once for a batch."""
    engine = SegmentEngine(place)
    put(engine, A, 5)
    os.utime(chain_folder(place), (0, 0))  # it changed long ago
    engine.prepare(A.chain)
    calls, real, sync = [], Path.stat, durable.sync_data
    monkeypatch.setattr(
        Path, "stat", lambda self, **more: (calls.append(self.name), real(self, **more))[1]
    )
    monkeypatch.setattr(durable, "sync_data", lambda file: (calls.append("sync"), sync(file))[1])
    engine.append(A.chain, head_at(A, 5), pairs(A, 5, 5 + count))
    all_ = ["00000000000000000000.seg", A.chain.hex(), "lock"]
    assert calls == [*all_, "sync", *all_]
    engine.close()


def test_a_row_of_the_index_that_is_wrong_is_not_believed(place):
    engine = SegmentEngine(place, segment_limit=TINY)
    put(engine, A, 20)
    engine.close()
    path = chain_folder(place) / "index"
    whole = path.read_bytes()
    for row in range(20):
        for spoilt in (
            bytes(ROW),
            b"\xff" * ROW,
            (2**62).to_bytes(8) + whole[row * ROW + 8 : (row + 1) * ROW],
            whole[:ROW][::-1],
        ):
            path.write_bytes(whole[: row * ROW] + spoilt + whole[(row + 1) * ROW :])
            assert told(engine.read(A.chain, row, row + 2)) == pairs(A, row, min(row + 2, 20))
            assert engine.head(A.chain) == head_at(A, 20)
    # A row of zeros hides nothing from a search; a wrong id tells nothing false.
    path.write_bytes(whole[: 7 * ROW] + bytes(ROW) + whole[8 * ROW :])
    assert engine.find(A.chain, A.entries[7].id.hex()) == [7]
    path.write_bytes(whole[: 7 * ROW] + whole[9 * ROW : 10 * ROW] + whole[8 * ROW :])
    assert engine.find(A.chain, A.entries[9].id.hex()) == [9]


def test_an_index_of_nonsense_is_replaced_when_the_chain_is_next_written(place):
    engine = SegmentEngine(place, segment_limit=TINY)
    put(engine, A, 20)
    engine.close()
    path = chain_folder(place) / "index"
    whole = path.read_bytes()
    for nonsense in (
        b"",
        b"x",
        bytes(len(whole)),
        whole[:-1],
        whole[: 5 * ROW] + b"torn",
        whole[ROW:],
        bytes(reversed(whole)),
    ):
        path.write_bytes(nonsense)
        assert engine.prepare(A.chain) == head_at(A, 20)
        engine.close()
        assert path.read_bytes() == whole


def test_an_index_that_cannot_be_written_stops_nothing(place):
    engine = SegmentEngine(place)
    put(engine, A, 3)
    engine.close()
    path = chain_folder(place) / "index"
    path.unlink()
    path.mkdir()
    assert engine.append(A.chain, head_at(A, 3), pairs(A, 3, 9)) == head_at(A, 9)
    assert told(engine.read(A.chain)) == pairs(A, 0, 9)
    engine.close()


def test_damage_below_the_index_is_told_when_it_is_read(place):
    marks = {}
    engine = SegmentEngine(place, marks.get, segment_limit=TINY)
    marks[A.chain] = put(engine, A, 20)
    engine.close()
    path = min(chain_folder(place).glob("*.seg"))
    data = bytearray(path.read_bytes())
    data[len(A.records()[0]) + 5] ^= 1
    path.write_bytes(data)
    assert told(engine.read(A.chain, 0, 1)) == pairs(A, 0, 1)
    with pytest.raises(DamagedError):
        list(engine.read(A.chain, 1, 2))
    with pytest.raises(DamagedError):
        list(engine.read(A.chain))


def test_a_long_chain_without_a_mark_is_read_once(place, monkeypatch):
    """However many rows it has: what was read to open it serves the next reading."""
    put(SegmentEngine(place), A, 40)
    monkeypatch.setattr(readers, "_ROWS_KEPT", 10 * ROW)
    opened, real = [], segment.ChainFolder
    monkeypatch.setattr(
        segment, "ChainFolder", lambda *given: opened.append(given[1]) or real(*given)
    )
    engine = SegmentEngine(place)
    for index in range(40):
        assert told(engine.read(A.chain, index, index + 1)) == pairs(A, index, index + 1)
    assert opened == [A.chain]
    put(SegmentEngine(place), B, 20)
    for _ in range(2):
        assert engine.head(B.chain) == head_at(B, 20)
        assert engine.head(A.chain) == head_at(A, 40)
    assert opened == [A.chain, *([B.chain, A.chain] * 2)], "of long ones, the last is kept"
    engine.close()


def test_a_prefix_that_is_no_hex_is_refused(place):
    engine = SegmentEngine(place)
    put(engine, A, 3)
    with pytest.raises(NoEntryError):
        engine.find(A.chain, "xyz")
    engine.close()


def test_a_lock_taken_in_one_thread_is_let_go_by_another(place, monkeypatch):
    monkeypatch.setattr(segment, "LOCK_SECONDS", 0.2)
    engine = SegmentEngine(place)
    put(engine, A, 3)
    closing = threading.Thread(target=engine.close)
    closing.start()
    closing.join()
    other = SegmentEngine(place)
    assert other.prepare(A.chain) == head_at(A, 3)
    other.close()


def test_attachments_at_once_do_not_meet(place):
    """Two that are kept at the same time by one process, the one begun first ending last."""
    engine = SegmentEngine(place)

    def slow():
        yield b"slow"
        engine.put_blob([b"quick"])
        yield b"er"

    digest, _ = engine.put_blob(slow())
    assert b"".join(engine.blob(digest)) == b"slower"
    assert b"".join(engine.blob(sha256(b"quick").digest())) == b"quick"
    assert not list((place / "blobs").glob(".*"))


def test_an_attachment_that_cannot_be_kept_is_an_error_of_ours(place):
    engine = SegmentEngine(place)
    place.mkdir()
    (place / "blobs").write_text("in the way")
    with pytest.raises(StoreError):
        engine.put_blob([b"x"])


def test_an_attachment_that_cannot_be_read_is_not_called_absent(place):
    digest, _ = blobs.put_blob(place / "blobs", [b"x"])
    path = blobs.blob_path(place / "blobs", digest)
    path.unlink()
    path.mkdir()
    with pytest.raises(StoreError) as caught:
        list(SegmentEngine(place).blob(digest))
    assert not isinstance(caught.value, NoBlobError)


def test_a_chain_whose_place_is_taken_cannot_be_begun(place):
    place.mkdir()
    (place / "chains").write_text("in the way")
    engine = SegmentEngine(place)
    with pytest.raises(StoreError):
        engine.append(A.chain, EMPTY, pairs(A, 0, 1))
    with pytest.raises(StoreError):
        engine.chains()


def test_a_store_by_its_url(tmp_path):
    assert isinstance(open_store("memory:"), MemoryEngine)
    assert isinstance(open_store(tmp_path), SegmentEngine)
    assert isinstance(open_store(str(tmp_path)), SegmentEngine)
    assert "memory" in schemes()
    assert not {"segment", "durable", "open"} & set(schemes())
    for unknown in ("postgresql://hub/chains", "durable:", "segment:", "open://x"):
        with pytest.raises(StoreError, match=unknown.partition(":")[0]) as caught:
            open_store(unknown)
        assert "memory:" in caught.value.hint


def test_an_engine_is_found_by_what_it_declares(tmp_path, monkeypatch):
    """One file, or one folder with an engine.py; nothing else of the package knows of it."""
    monkeypatch.setattr(chainlog.store, "__path__", [*chainlog.store.__path__, str(tmp_path)])
    body = "SCHEME = {!r}\ndef open_at(url, mark):\n    return url, mark(b'')\n"
    (tmp_path / "shelved1.py").write_text(body.format("shelved1"))
    (tmp_path / "shelved2").mkdir()
    (tmp_path / "shelved2" / "__init__.py").write_text("")
    (tmp_path / "shelved2" / "engine.py").write_text(body.format("shelved2"))
    (tmp_path / "shelved3.py").write_text("import nowhere_at_all")
    assert open_store("shelved1://a/b", lambda _: 7) == ("shelved1://a/b", 7)
    assert open_store("shelved2:") == ("shelved2:", None)
    with pytest.raises(StoreError, match="nowhere_at_all"):
        open_store("shelved3:")


def test_what_is_written_below_a_wrong_chain_is_not_its_own(place):
    """Records of another chain, put into this one's folder."""
    engine = SegmentEngine(place)
    put(engine, A, 3)
    engine.close()
    (chain_folder(place) / "index").unlink()
    path = next(chain_folder(place).glob("*.seg"))
    path.write_bytes(B.segment())
    assert engine.head(A.chain) == EMPTY
    with pytest.raises(ReadOnlyError):
        engine.prepare(A.chain)
    assert path.read_bytes() == B.segment()


# Other bodies, on disk


def test_only_segments_that_hold_a_replaced_body_are_written(place):
    engine = SegmentEngine(place, segment_limit=TINY)
    put(engine, A, 40, batch=1)
    paths = sorted(chain_folder(place).glob("*.seg"))
    before = {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in paths}
    paths[2].chmod(0o640)
    index = int(paths[2].stem)
    engine.replace(A.chain, head_at(A, 40), {index + 1: b""})
    changed = [
        path for path in paths if before[path] != (path.stat().st_ino, path.stat().st_mtime_ns)
    ]
    assert changed == [paths[2]]
    assert paths[2].stat().st_mode & 0o777 == 0o640, "who may read it stays as it was"
    assert sorted(chain_folder(place).glob("*.seg")) == paths
    engine.close()


def test_what_was_erased_stands_nowhere_any_more(place):
    engine = SegmentEngine(place, segment_limit=TINY)
    put(engine, A, 40)
    # A torn tail that was set aside held the beginning of it, and of another.
    lost = chain_folder(place) / "lost+found"
    lost.mkdir()
    record, other = format_record(*pairs(A)[11]), format_record(*pairs(A)[30])
    (lost / "00000000000000000000-0-0").write_bytes(record[:-9])
    (lost / "00000000000000000000-0-1").write_bytes(other + record + other[:-3])
    (lost / "00000000000000000000-0-2").write_bytes(record[: len(A.entries[11].raw) + 5])
    (lost / "00000000000000000000-0-3").write_bytes(other)
    engine.replace(A.chain, head_at(A, 40), {11: b""})
    engine.close()
    salt = A.bodies[11][3:35]
    found = [path for path in place.rglob("*") if path.is_file()]
    assert not [path for path in found if salt in path.read_bytes()]
    assert not [path for path in found if path.name.endswith(".new")]
    assert (lost / "00000000000000000000-0-1").read_bytes() == other + format_record(
        A.entries[11].raw, b""
    ) + other[:-3]
    assert (lost / "00000000000000000000-0-3").read_bytes() == other


def test_a_body_set_aside_without_its_length_goes_to_the_end(place):
    engine = SegmentEngine(place)
    put(engine, A, 20)
    lost = chain_folder(place) / "lost+found"
    lost.mkdir()
    raw = A.entries[11].raw
    (lost / "torn").write_bytes(raw + b"\x00" + A.bodies[11])
    (lost / "bare").write_bytes(raw)
    (lost / "folder").mkdir()
    engine.replace(A.chain, head_at(A, 20), {11: b""})
    assert (lost / "torn").read_bytes() == raw + b"\xc4\x00"
    assert (lost / "bare").read_bytes() == raw
    engine.close()


def test_the_index_after_replacing_is_the_one_that_would_be_made_anew(place):
    engine = SegmentEngine(place, segment_limit=TINY)
    put(engine, A, 40)
    engine.replace(A.chain, head_at(A, 40), {1: b"", 20: in_part(A, 20), 39: b""})
    path = chain_folder(place) / "index"
    kept = path.read_bytes()
    engine.close()
    path.unlink()
    assert engine.prepare(A.chain) == head_at(A, 40)
    engine.close()
    assert path.read_bytes() == kept
    assert len(kept) == 40 * ROW


@pytest.mark.parametrize("left", [None, 9 * ROW, 40 * ROW - 1])
def test_where_the_index_does_not_fit_it_is_made_anew_at_the_next_opening(place, left):
    engine = SegmentEngine(place, segment_limit=TINY)
    put(engine, A, 40)
    path = chain_folder(place) / "index"
    path.unlink() if left is None else path.write_bytes(path.read_bytes()[:left])
    engine.replace(A.chain, head_at(A, 40), {11: b""})
    assert told(engine.read(A.chain)) == with_bodies(A, 40, {11: b""})
    engine.close()
    assert engine.prepare(A.chain) == head_at(A, 40)
    engine.close()
    assert len(path.read_bytes()) == 40 * ROW
    assert not list(chain_folder(place).glob(".*"))


def test_a_segment_that_does_not_read_back_is_not_written_over(place):
    marks = {}
    engine = SegmentEngine(place, marks.get, segment_limit=TINY)
    marks[A.chain] = put(engine, A, 40)
    paths = sorted(chain_folder(place).glob("*.seg"))
    data = bytearray(paths[1].read_bytes())
    data[5] ^= 1
    paths[1].write_bytes(data)
    first = int(paths[1].stem)
    with pytest.raises(DamagedError):
        engine.replace(A.chain, head_at(A, 40), {first + 1: b""})
    assert paths[1].read_bytes() == data
    paths[1].write_bytes(
        b"".join(format_record(*pair) for pair in pairs(A, first, int(paths[2].stem) - 1))
    )
    engine.close()
    with pytest.raises(DamagedError, match="belong there"):
        engine.replace(A.chain, head_at(A, 40), {first + 1: b""})
    # What was written over before stays so, and the chain can be written on: its damage is for the
    # verifier to say.
    with pytest.raises(UnknownOutcomeError):
        engine.append(A.chain, head_at(A, 40), [])
    engine.close()
    with pytest.raises(DamagedError, match="belong there"):
        engine.replace(A.chain, head_at(A, 40), {1: b"", first + 1: b""})
    engine.close()
    for _ in range(2):
        assert engine.prepare(A.chain) == head_at(A, 40)
        assert told(engine.read(A.chain, 0, 3)) == with_bodies(A, 3, {1: b""})
        assert told(engine.read(A.chain, 38, 40)) == pairs(A, 38, 40)
        engine.close()
    assert (chain_folder(place) / "index").stat().st_size == 40 * ROW


def test_an_attachment_that_cannot_be_removed_is_not_called_absent(place):
    digest, _ = blobs.put_blob(place / "blobs", [b"x"])
    path = blobs.blob_path(place / "blobs", digest)
    path.unlink()
    path.mkdir()
    with pytest.raises(StoreError) as caught:
        SegmentEngine(place).drop_blob(digest)
    assert not isinstance(caught.value, NoBlobError)


def test_names_in_a_folder_are_read_again_only_where_its_time_changed(place, monkeypatch):
    """Else whoever reads many entries one by one reads the names of thousands of files for each."""
    engine = SegmentEngine(place, segment_limit=TINY)
    put(engine, A, 20)
    engine.close()
    chain = chain_folder(place)
    os.utime(chain, (0, 0))
    listed, real = [], folder.segments_in
    monkeypatch.setattr(folder, "segments_in", lambda path: listed.append(path) or real(path))
    reader = SegmentEngine(place)
    for index in range(20):
        assert told(reader.read(A.chain, index, index + 1)) == pairs(A, index, index + 1)
    assert listed == [chain]
    writer = SegmentEngine(place, segment_limit=TINY)
    writer.append(A.chain, head_at(A, 20), pairs(A, 20, 25))
    writer.close()
    assert reader.head(A.chain) == head_at(A, 25), "what was written since is seen"
    del listed[:]
    reader.head(A.chain)
    reader.head(A.chain)
    assert listed == [chain, chain], "of a folder that just changed, its time says too little"
    reader.close()
