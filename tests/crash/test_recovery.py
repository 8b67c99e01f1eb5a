"""What becomes of a chain after a crash, a failed write, a power cut, a restored backup (FORMAT.md
5).
"""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

import pytest
from support.chains import CLERK, Draft, opening, small_chain, transfer

from chainlog.errors import (
    BehindMarkError,
    ChainlogError,
    DamagedError,
    LockedError,
    ReadOnlyError,
    StoreError,
    UnknownOutcomeError,
)
from chainlog.events.event import Event
from chainlog.format.record import scan
from chainlog.ledger.at_path import verify_path
from chainlog.ledger.config import NAME, LedgerFile, format_ledger_file
from chainlog.ledger.ledger import Ledger
from chainlog.ledger.marks import Marks, format_mark, parse_mark
from chainlog.store import durable
from chainlog.store.engine import EMPTY, Head
from chainlog.store.segment import engine as segment
from chainlog.store.segment.engine import SegmentEngine
from chainlog.store.segment.files import chunks_of, segment_name
from chainlog.store.segment.offsets import ROW
from chainlog.verifier.report import Verdict

CHAIN = small_chain(4)
RECORDS = CHAIN.records()
DATA = CHAIN.segment()
ENDS = list(itertools.accumulate(len(record) for record in RECORDS))
ROWS = [
    start.to_bytes(8) + entry.id for start, entry in zip([0, *ENDS], CHAIN.entries, strict=False)
]
HEADS = [EMPTY, *(Head(index + 1, entry.id) for index, entry in enumerate(CHAIN.entries))]


def only_copy(marks):
    """Where there is no mark, somebody said that nobody holds more of the chain."""
    path = Marks(Marks(marks).state.compared).path(CHAIN.chain)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(format_mark(CHAIN.chain, Head(1, CHAIN.chain)))


class Place:
    """A ledger laid out by hand, and its marks."""

    def __init__(self, base):
        self.ledger = base / "ledger"
        self.folder = self.ledger / "chains" / CHAIN.chain.hex()
        self.folder.mkdir(parents=True)
        (self.ledger / NAME).write_bytes(format_ledger_file(LedgerFile(CHAIN.chain)))
        self.marks = base / "marks"
        self.segment = self.folder / segment_name(0)
        only_copy(self.marks)

    def lay(self, data=DATA, *, rows=None, mark=None):
        """One segment; an index of so many rows.

        A high-water mark of so many entries, or a head.
        """
        self.segment.write_bytes(data)
        if rows is not None:
            (self.folder / "index").write_bytes(b"".join(ROWS[:rows]))
        if mark is not None:
            self.mark(HEADS[mark] if isinstance(mark, int) else mark)
        return self

    def mark(self, head):
        self.marks.mkdir(exist_ok=True)
        Marks(self.marks).path(CHAIN.chain).write_bytes(format_mark(CHAIN.chain, head))

    def engine(self, **options):
        return SegmentEngine(self.ledger, Marks(self.marks).get, **options)

    def prepare(self):
        engine = self.engine()
        try:
            return engine.prepare(CHAIN.chain)
        finally:
            engine.close()

    def open(self):
        return Ledger.open(self.ledger, CLERK, marks=self.marks)

    def aside(self):
        return [path.read_bytes() for path in sorted((self.folder / "lost+found").glob("*"))]

    def tree(self):
        """Every byte but the lock's file, which holds none."""
        return {
            str(path.relative_to(self.ledger.parent)): sha256(path.read_bytes()).digest()
            if path.is_file()
            else None
            for path in self.ledger.parent.rglob("*")
            if path.name != "lock"
        }

    def refuses(self, error, words=None):
        """Opening for writing raises, looking does not, and neither changes a byte."""
        before = self.tree()
        with pytest.raises(error, match=words) as caught:
            self.prepare()
        assert type(caught.value) is error
        assert caught.value.hint
        with self.open() as ledger:
            head = ledger.head
            list(ledger.read())
            ledger.verify(parallel=1)
            with pytest.raises(error):
                ledger.append(event(0))
        assert self.tree() == before
        return head

    def carries_on(self, size):
        """The next append works, and the chain holds."""
        with self.open() as ledger:
            entry = ledger.append(event(size))
            assert (entry.header.index, entry.header.prev) == (size, HEADS[size].id)
            assert ledger.verify(parallel=1).verdict is Verdict.HOLDS
        with self.open() as ledger:
            assert [logged.entry.id for logged in ledger.read()] == [
                *(one.id for one in CHAIN.entries[:size]),
                entry.id,
            ]


def event(number):
    return Event.parse("transfer", transfer(f"new-{number}"))


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


@pytest.fixture
def unsynced(monkeypatch):
    """Without syncing, for tests that open a chain a thousand times."""
    monkeypatch.setattr(durable, "sync_data", lambda _: None)
    monkeypatch.setattr(durable, "sync_folder", lambda _: None)


def whole_at(length):
    return sum(end <= length for end in ENDS)


def whole_end(data):
    return ([0, *ENDS])[whole_at(len(data))]


# Every strict prefix


@pytest.mark.parametrize(("rows", "mark"), [(None, None), (2, None), (None, 2), (1, 3), (3, 1)])
def test_a_segment_cut_at_any_byte(place, unsynced, rows, mark):
    known = max(rows or 0, mark or 0)
    # With marks, where they decide; that every byte frames alike is what the case without shows.
    near = [
        length
        for end in [0, *ENDS]
        for length in range(end - 12, end + 70)
        if 0 <= length < len(DATA)
    ]
    for length in range(len(DATA)) if not known else sorted({*near, *range(0, len(DATA), 37)}):
        shutil.rmtree(place.folder / "lost+found", ignore_errors=True)
        (place.folder / "index").unlink(missing_ok=True)
        place.lay(DATA[:length], rows=rows, mark=mark)
        size = whole_at(length)
        end = ENDS[size - 1] if size else 0
        if size < known:
            before = place.tree()
            with pytest.raises(ReadOnlyError) as caught:
                place.prepare()
            assert isinstance(caught.value, BehindMarkError) == (size < (mark or 0))
            assert place.tree() == before
        else:
            assert place.prepare() == HEADS[size]
            assert place.segment.read_bytes() == DATA[:end]
            assert place.aside() == ([DATA[end:length]] if length > end else [])
            assert (place.folder / "index").read_bytes() == b"".join(ROWS[:size])


@pytest.mark.parametrize("length", [1, ENDS[0] - 1])
def test_a_chain_whose_first_entry_was_torn_can_begin_again(place, length):
    place.lay(DATA[:length])
    engine = place.engine()
    assert engine.append(CHAIN.chain, EMPTY, [(CHAIN.entries[0].raw, CHAIN.bodies[0])]) == HEADS[1]
    engine.close()
    place.carries_on(1)


@pytest.mark.parametrize("length", [ENDS[0], ENDS[0] + 1, ENDS[2] + 70, ENDS[3] - 1, ENDS[3]])
@pytest.mark.parametrize("marked", ["not", "index", "mark", "both"])
def test_the_next_append_works_after_recovery(place, length, marked):
    size = whole_at(length)
    place.lay(
        DATA[:length],
        rows=size if marked in {"index", "both"} else None,
        mark=size if marked in {"mark", "both"} else None,
    )
    place.carries_on(size)


def test_what_was_set_aside_before_is_kept(place):
    for cut in (3, 2, 1):
        place.lay(DATA[: ENDS[1] + cut])
        (place.folder / "index").unlink(missing_ok=True)
        place.prepare()
    assert sorted(place.aside()) == [RECORDS[2][:cut] for cut in (1, 2, 3)]


def test_a_torn_tail_is_passed_over_by_a_reader_and_touched_by_none(place):
    place.lay(DATA[:-1], rows=3)
    before = place.tree()
    with place.open() as ledger:
        assert ledger.head == HEADS[3]
        assert len(list(ledger.read())) == 3
        report = ledger.verify(parallel=1)
        assert report.verdict is Verdict.CANNOT_TELL
        assert [one.code for one in report.missing] == ["torn-tail"]
    assert place.tree() == before


# What is no torn tail


def flipped_end(record):
    return record[:-1] + bytes([record[-1] ^ 1])


ZEROS_BETWEEN = DATA[: ENDS[1]] + bytes(len(RECORDS[2])) + RECORDS[3]


@pytest.mark.parametrize("zeros", [1, 4096, 2**20 + 5])
def test_zeros_at_the_end_may_be_moved_without_any_mark(place, zeros):
    place.lay(DATA + bytes(zeros))
    assert place.prepare() == HEADS[4]
    assert place.aside() == [bytes(zeros)]
    place.carries_on(4)


@pytest.mark.parametrize(
    "data",
    [
        ZEROS_BETWEEN,
        DATA + b"\x01",
        DATA + bytes(100) + b"\x01",
        DATA + b"\x01" + bytes(2**20),
        DATA + RECORDS[2],
        DATA[: ENDS[1]] + RECORDS[3],
        DATA[:-1] + b"\xff",
        DATA[:-600] + bytes(10) + DATA[-590:],
    ],
    ids=[
        "zeros between",
        "a byte",
        "zeros and a byte",
        "a byte and zeros",
        "a record twice",
        "a record missing",
        "a wrong body",
        "a hole",
    ],
)
def test_without_a_mark_nothing_else_is_touched(place, data):
    place.lay(data)
    place.refuses(ReadOnlyError, "byte")


@pytest.mark.parametrize(
    "after",
    [bytes(9), RECORDS[3][:-1], flipped_end(RECORDS[3])],
    ids=["nothing", "a torn one", "a false one"],
)
def test_zeros_within_an_unsynced_tail(place, after):
    """Pages reach the disk in any order. What was acknowledged lies below the marks, so all of the
    rest may be moved.
    """
    data = DATA[: ENDS[1]] + bytes(len(RECORDS[2])) + after
    place.lay(data, rows=2)
    assert place.prepare() == HEADS[2]
    assert place.aside() == [data[ENDS[1] :]]
    place.carries_on(2)


@pytest.mark.parametrize("marked", [{"rows": 2}, {"mark": 2}, {"rows": 1, "mark": 2}])
def test_zeros_before_an_entry_that_verifies_are_no_torn_tail(place, marked):
    """It is not after the last whole, verifying record, whatever the marks say."""
    place.lay(ZEROS_BETWEEN, **marked)
    assert place.refuses(ReadOnlyError, "an entry of this chain follows") == HEADS[2]


def test_zeros_among_what_was_acknowledged(place):
    """An index that no mark of ours vouches for is not believed, but that many rows lie there keeps
    anybody from writing: entries that were acknowledged may be among them.
    """
    place.lay(ZEROS_BETWEEN, rows=4)
    assert place.refuses(ReadOnlyError, "4 entries were acknowledged, and entry 2") == HEADS[2]
    with place.open() as ledger:
        with pytest.raises(DamagedError, match="no entry 2 of this chain"):
            ledger.check_whole(CHAIN.chain)
        assert ledger.verify(parallel=1).verdict is Verdict.TAMPERED


def test_zeros_among_what_a_mark_knows(place):
    place.lay(ZEROS_BETWEEN, mark=4)
    place.refuses(BehindMarkError, "2 entries, but 4")


def flipped(at):
    """The last record with one byte changed: still a record, still linked."""
    return DATA[: ENDS[2]] + RECORDS[3][:at] + bytes([RECORDS[3][at] ^ 1]) + RECORDS[3][at + 1 :]


SIGNATURE, BODY = len(CHAIN.entries[3].raw), len(RECORDS[3]) - 5


@pytest.mark.parametrize("at", [SIGNATURE, BODY], ids=["signature", "body"])
class TestARecordThatDoesNotVerify:
    def test_above_the_marks_it_is_moved(self, place, at):
        place.lay(flipped(at), rows=3)
        assert place.prepare() == HEADS[3]
        assert place.aside() == [flipped(at)[ENDS[2] :]]
        place.carries_on(3)

    def test_above_a_high_water_mark_it_is_moved(self, place, at):
        place.lay(flipped(at), mark=3)
        assert place.prepare() == HEADS[3]
        place.carries_on(3)

    def test_where_no_mark_is_it_stays(self, place, at):
        place.lay(flipped(at))
        place.refuses(ReadOnlyError, "no entry of this chain")

    def test_below_the_marks_nothing_is_moved(self, place, at):
        place.lay(flipped(at), rows=4, mark=4)
        before = place.segment.read_bytes()
        if at == SIGNATURE:
            place.refuses(BehindMarkError, "were acknowledged here")
        else:
            # The link is sound; that the body is not is for the verifier to say.
            assert place.prepare() == HEADS[4]
            assert verify_path(place.ledger, parallel=1).verdict is Verdict.TAMPERED
        assert place.segment.read_bytes() == before

    def test_below_the_index_alone_nothing_is_moved(self, place, at):
        place.lay(flipped(at), rows=4)
        before = place.segment.read_bytes()
        place.refuses(ReadOnlyError, "4 entries were acknowledged, and entry 3")
        assert place.segment.read_bytes() == before


# Marks


def test_a_restored_backup_is_not_written_to(place):
    place.lay(DATA[: ENDS[1]], rows=2, mark=4)
    assert place.refuses(BehindMarkError, "older copy") == HEADS[2]


def test_another_copy_is_not_written_to(place):
    other = Draft(opening())
    other.entries[0] = CHAIN.entries[0]
    place.lay(mark=Head(3, sha256(b"other").digest()))
    place.refuses(BehindMarkError, "another copy")


def test_a_mark_behind_the_chain_is_no_hindrance(place):
    place.lay(rows=4, mark=2)
    place.carries_on(4)
    assert Marks(place.marks).get(CHAIN.chain).size == 5


def test_a_row_of_the_index_that_is_wrong_does_not_accuse_the_chain(place):
    """After a power cut rows may be zero; the mark's entry is then read, not looked up."""
    for row in range(4):
        place.lay(rows=4, mark=row + 1)
        path = place.folder / "index"
        data = path.read_bytes()
        path.write_bytes(data[: row * ROW] + bytes(ROW) + data[(row + 1) * ROW :])
        assert place.prepare() == HEADS[4]


def test_a_damaged_mark_makes_the_ledger_read_only(place):
    place.lay(rows=4, mark=4)
    path = Marks(place.marks).path(CHAIN.chain)
    data = path.read_bytes()
    for at in range(len(data)):
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        before = place.tree()
        with pytest.raises(ReadOnlyError, match="damaged"):
            place.prepare()
        assert place.tree() == before


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x",
        format_mark(CHAIN.chain, HEADS[4])[:-1],
        format_mark(CHAIN.chain, HEADS[4]) + b"\n",
    ],
)
def test_what_is_no_mark(place, data):
    assert parse_mark(data, CHAIN.chain) is None
    place.lay(rows=4, mark=4)
    Marks(place.marks).path(CHAIN.chain).write_bytes(data)
    assert place.refuses(ReadOnlyError, "damaged") == HEADS[4]


def test_a_mark_reads_back_and_is_of_its_chain_alone():
    data = format_mark(CHAIN.chain, HEADS[4])
    assert parse_mark(data, CHAIN.chain) == HEADS[4]
    assert parse_mark(data, bytes(32)) is None
    assert len(data) == len(format_mark(CHAIN.chain, Head(2**53 - 1, bytes(32)))) < 512


def test_a_mark_that_is_a_folder_is_an_error_of_ours(place):
    place.lay(rows=4)
    Marks(place.marks).path(CHAIN.chain).mkdir(parents=True)
    place.refuses(ReadOnlyError, "is damaged")


def test_a_first_mark_that_cannot_be_made_is_told_before_anything_is_appended(place):
    place.lay(rows=4)
    place.marks.write_text("in the way")
    with place.open() as ledger, pytest.raises(StoreError):
        ledger.append(event(0))
    assert place.segment.read_bytes() == DATA


# Segments


def rolled(place, count=12):
    """A chain of several segments; its paths."""
    with place.lay(DATA[: ENDS[0]]).open() as ledger:
        ledger.engine = place.engine(segment_limit=1500)
        for number in range(1, count):
            ledger.append(event(number))
        ids = [logged.entry.id for logged in ledger.read()]
    paths = sorted(place.folder.glob("*.seg"))
    assert len(paths) > 3
    return paths, ids


def unmarked(place):
    shutil.rmtree(place.marks)
    (place.folder / "index").unlink()


@pytest.mark.parametrize("marked", [True, False])
def test_a_last_segment_may_be_empty(place, marked):
    """As a crash leaves it between a roll and the append."""
    _, ids = rolled(place)
    empty = place.folder / segment_name(len(ids))
    empty.touch()
    if not marked:
        unmarked(place)
    assert verify_path(place.ledger, parallel=1).verdict is Verdict.HOLDS
    with place.open() as ledger:
        assert ledger.append(event(99)).header.prev == ids[-1]
        assert ledger.verify(parallel=1).verdict is Verdict.HOLDS
    assert empty.stat().st_size > 0


@pytest.mark.parametrize("marked", [True, False])
def test_a_segment_of_another_name_is_no_torn_tail(place, marked):
    paths, ids = rolled(place)
    if not marked:
        unmarked(place)
    paths[-1].rename(place.folder / segment_name(len(ids) + 5))
    before = place.tree()
    with pytest.raises(ReadOnlyError):
        place.prepare()
    assert place.tree() == before
    assert verify_path(place.ledger, parallel=1).verdict is Verdict.TAMPERED


@pytest.mark.parametrize("size", [0, 1, 4])
def test_a_missing_segment_is_no_torn_tail_whatever_the_mark(place, size):
    paths, ids = rolled(place)
    unmarked(place)
    if size:
        place.mark(Head(size, ids[size - 1]))
    paths[2].unlink()
    before = place.tree()
    with pytest.raises(ReadOnlyError):
        place.prepare()
    assert place.tree() == before


def test_a_tear_before_the_last_segment_is_tampering(place, unsynced):
    paths, _ = rolled(place)
    unmarked(place)
    whole = paths[1].read_bytes()
    for cut in (1, 100, len(whole) - 1):
        paths[1].write_bytes(whole[:-cut])
        before = place.tree()
        with pytest.raises(ReadOnlyError):
            place.prepare()
        assert place.tree() == before
        assert verify_path(place.ledger, parallel=1).verdict is Verdict.TAMPERED


def test_the_last_of_many_segments_cut_at_any_byte(place, unsynced):
    paths, ids = rolled(place)
    whole = paths[-1].read_bytes()
    first = int(paths[-1].stem)
    for length in range(0, len(whole), 7):
        shutil.rmtree(place.folder / "lost+found", ignore_errors=True)
        (place.folder / "index").unlink(missing_ok=True)
        place.mark(Head(first, ids[first - 1]))
        paths[-1].write_bytes(whole[:length])
        head = place.prepare()
        assert first <= head.size <= len(ids)
        assert head.id == ids[head.size - 1]
        assert paths[-1].read_bytes() + b"".join(place.aside()) == whole[:length]


# One writer

HOLD = """
import sys
from pathlib import Path
from chainlog.store.segment.engine import SegmentEngine
engine = SegmentEngine(Path(sys.argv[1]))
engine.prepare(bytes.fromhex(sys.argv[2]))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def held(place):
    place.lay(rows=4)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(place.ledger), CHAIN.chain.hex()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout.readline() == "held\n"
        yield child
        child.kill()


def test_a_second_writer_is_refused_while_the_first_holds_the_lock(place, held, monkeypatch):
    monkeypatch.setattr(segment, "LOCK_SECONDS", 0.2)
    assert place.refuses(LockedError, "another program") == HEADS[4]
    held.stdin.close()
    held.wait()
    place.carries_on(4)


def test_a_writer_that_was_killed_leaves_no_lock(place, held):
    held.kill()
    held.wait()
    place.carries_on(4)


def test_a_torn_tail_is_passed_over_while_a_writer_holds_the_lock(place, held):
    place.segment.write_bytes(DATA + RECORDS[3][:50])
    assert verify_path(place.ledger, parallel=1).verdict is Verdict.HOLDS
    held.kill()
    held.wait()
    assert verify_path(place.ledger, parallel=1).verdict is Verdict.CANNOT_TELL


def test_two_writers_in_one_process(place, monkeypatch):
    monkeypatch.setattr(segment, "LOCK_SECONDS", 0.2)
    place.lay()
    with place.open() as ledger:
        ledger.append(event(1))
        with place.open() as other, pytest.raises(LockedError):
            other.append(event(2))
    with place.open() as other:
        assert other.append(event(2)).header.index == 5


# A folder that may not be written, or not be read


def as_nobody(work):
    """What `work` returns, or the class and code of what it raises, when it is done by somebody who
    is not root.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            told = str(work())
        except ChainlogError as error:
            told = type(error).__name__
        except BaseException as error:  # noqa: BLE001
            told = f"FOREIGN {error!r}"
        os.write(writing, told.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    return told


@pytest.fixture
def public():
    """A place that others may enter, which pytest's own folders are not."""
    base = Path(tempfile.mkdtemp())
    base.chmod(0o755)
    made = Place(base)
    made.lay(rows=4, mark=4)
    (made.ledger / "blobs").mkdir()
    if os.geteuid() == 0:
        os.chown(made.marks, 65534, 65534)
    yield made
    for path in [base, *base.rglob("*")]:
        if path.is_dir():
            path.chmod(0o755)
    shutil.rmtree(base)


def test_a_folder_without_permission_to_write_is_read_only(public):
    for path in (public.folder, public.ledger, public.ledger / "blobs"):
        path.chmod(0o555)
    before = public.tree()
    assert as_nobody(public.prepare) == "ReadOnlyError"
    assert as_nobody(lambda: public.open().append(event(1))) == "ReadOnlyError"
    assert as_nobody(lambda: public.open().head.size) == "4"
    assert as_nobody(lambda: len(list(public.open().read()))) == "4"
    assert as_nobody(lambda: public.open().verify(parallel=1).verdict) == "holds"
    assert as_nobody(lambda: public.engine().put_blob([b"x"])) == "StoreError"
    assert (
        as_nobody(lambda: SegmentEngine(public.ledger).append(bytes(32), EMPTY, [(b"x", b"")]))
        == "ReadOnlyError"
    )
    assert public.tree() == before


@pytest.mark.parametrize("which", ["ledger", "chains", "chain", "segment", "blobs"])
@pytest.mark.parametrize("mode", [0o000, 0o444])
def test_what_may_not_be_read_is_an_error_of_ours(public, which, mode):
    path = {
        "ledger": public.ledger,
        "chains": public.ledger / "chains",
        "chain": public.folder,
        "segment": public.segment,
        "blobs": public.ledger / "blobs",
    }[which]
    if which == "segment" and mode == 0o444:
        return
    path.chmod(mode)
    asked = {
        "prepare": public.prepare,
        "head": lambda: public.engine().head(CHAIN.chain),
        "read": lambda: list(public.engine().read(CHAIN.chain)),
        "find": lambda: public.engine().find(CHAIN.chain, CHAIN.chain.hex()),
        "chains": lambda: public.engine().chains(),
        "blob": lambda: list(public.engine().blob(bytes(32))),
        "put_blob": lambda: public.engine().put_blob([b"x"]),
        "append": lambda: public.open().append(event(1)),
        "verify": lambda: verify_path(public.ledger, parallel=1).verdict,
    }
    answers = {name: as_nobody(ask) for name, ask in asked.items()}
    assert not [answer for answer in answers.values() if "FOREIGN" in answer], answers


# Every write fails in two ways: lost, and done but reported as failed

CALLS = ("write_all", "sync_data", "sync_folder")


class Faults:
    """Counts the calls that write or sync, and lets one fail before or after it is done."""

    def __init__(self, monkeypatch):
        self.count, self.at, self.done, self.error = 0, 0, False, errno.EIO
        self.real = {name: getattr(durable, name) for name in CALLS}
        for name in CALLS:
            monkeypatch.setattr(durable, name, lambda *given, name=name: self.call(name, *given))

    def call(self, name, *given):
        self.count += 1
        if self.count != self.at:
            return self.real[name](*given)
        if self.done:
            self.real[name](*given)
        raise OSError(self.error, os.strerror(self.error))

    def arm(self, at, *, done, error=errno.EIO):
        self.count, self.at, self.done, self.error = 0, at, done, error


def append_three(place, acknowledged, kept):
    """A ledger is opened, three events are appended, one by one, over a roll, and a file is
    attached.
    """
    with place.open() as ledger:
        ledger.engine = place.engine(segment_limit=1500)
        source = place.ledger.parent / "file"
        source.write_bytes(b"a delivery note")
        for number in range(3):
            try:
                entry = ledger.append(event(number))
            except UnknownOutcomeError:
                check_nothing_more_is_written(place, ledger)
                raise
            acknowledged.append(entry.id)
        kept.append(ledger.attach(source, "text/plain")["sha256"])


def check_nothing_more_is_written(place, ledger):
    before = place.tree()
    for _ in range(2):
        with pytest.raises(UnknownOutcomeError):
            ledger.append(event("again"))
        with pytest.raises(UnknownOutcomeError):
            ledger.append_many([event("again"), event("and again")])
    assert place.tree() == before


def check_reopened(ledger_folder, marks, acknowledged, kept):
    """Whatever happened, what was acknowledged is there, the next append works, and the chain
    holds.
    """
    only_copy(marks)
    with Ledger.open(ledger_folder, CLERK, marks=marks) as ledger:
        last = ledger.append(event("last"))
        ids = [logged.entry.id for logged in ledger.read()]
        assert ids[: len(CHAIN.entries[:1])] == [CHAIN.entries[0].id]
        assert [one for one in ids if one in acknowledged] == acknowledged
        assert ids[-1] == last.id
        assert ledger.verify(parallel=1).verdict is Verdict.HOLDS
        for digest in kept:
            assert sha256(b"".join(ledger.engine.blob(digest))).digest() == digest


STARTS = {
    "as it was closed": (DATA[: ENDS[2]], 3, 3),
    "without index": (DATA[: ENDS[2]], None, 3),
    "without marks": (DATA[: ENDS[2]], None, None),
    "torn": (DATA[: ENDS[3] - 9], 3, 3),
    "torn, without marks": (DATA[: ENDS[3] - 9], None, None),
    "more than marked": (DATA, 1, 1),
}


@pytest.mark.parametrize("done", [False, True], ids=["lost", "done but reported as failed"])
@pytest.mark.parametrize("start", STARTS)
def test_every_write_and_sync_fails_once(tmp_path, monkeypatch, start, done):
    data, rows, mark = STARTS[start]
    faults = Faults(monkeypatch)
    failed = set()
    for at in itertools.count(1):
        place = Place(tmp_path / str(at))
        place.lay(data, rows=rows, mark=mark)
        acknowledged, kept = [], []
        faults.arm(at, done=done, error=errno.ENOSPC if at % 2 else errno.EIO)
        try:
            append_three(place, acknowledged, kept)
        except StoreError as error:
            failed.add(type(error))
        happened = faults.count >= at
        faults.arm(0, done=False)
        check_reopened(place.ledger, place.marks, acknowledged, kept)
        if not happened:
            break
    assert at > 8
    assert UnknownOutcomeError in failed


@pytest.mark.parametrize(
    ("rows", "mark", "start"),
    [(None, None, 0), (1, None, ENDS[0]), (None, 2, ENDS[1]), (1, 3, ENDS[2]), (4, 4, None)],
)
def test_what_no_mark_knows_is_written_anew(place, monkeypatch, rows, mark, start):
    """It may be there only in the system's memory.

    After a sync that failed, a second one that succeeds says nothing.
    """
    written = []
    monkeypatch.setattr(
        durable, "rewrite", lambda path, start, stop: written.append((path.name, start, stop))
    )
    place.lay(DATA + RECORDS[0][:9], rows=rows, mark=mark)
    place.prepare()
    assert written == ([] if start is None else [(place.segment.name, start, len(DATA))])


def test_writing_anew_changes_nothing_and_ends_with_the_file(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_bytes(bytes(range(256)) * 5000)
    real = os.pwrite
    monkeypatch.setattr(
        os, "pwrite", lambda descriptor, data, at: real(descriptor, data[:100_000], at)
    )
    durable.rewrite(path, 1000, 2**40)
    assert path.read_bytes() == bytes(range(256)) * 5000


def test_an_interrupt_within_an_append_leaves_the_outcome_unknown(place, monkeypatch):
    """Ctrl-C, wherever it strikes: the chain must not be written on from a head that it may no
    longer have.
    """
    place.lay(rows=4, mark=4)
    real = durable.sync_data
    with place.open() as ledger:
        acknowledged = [ledger.append(event(1)).id]

        def interrupted(descriptor):
            raise KeyboardInterrupt

        monkeypatch.setattr(durable, "sync_data", interrupted)
        with pytest.raises(KeyboardInterrupt):
            ledger.append(event(2))
        monkeypatch.setattr(durable, "sync_data", real)
        check_nothing_more_is_written(place, ledger)
    check_reopened(place.ledger, place.marks, acknowledged, [])


# A power cut: of what was not synced, nothing is left, or zeros


class PowerCutError(BaseException):
    """The machine stops."""


class Disk:
    """What is durable below a folder: contents and names, each as of its last sync."""

    def __init__(self, base, monkeypatch):
        self.base = base
        self.contents, self.names = {}, {}
        self.count, self.at = 0, 0
        self.real_data, self.real_folder = durable.sync_data, durable.sync_folder
        for path in [base, *base.rglob("*")]:
            self.sync(path)
        monkeypatch.setattr(durable, "sync_data", self.sync_data)
        monkeypatch.setattr(durable, "sync_folder", self.sync_folder)
        monkeypatch.setattr(
            durable, "write_all", lambda *given, real=durable.write_all: (real(*given), self.step())
        )

    def sync(self, path):
        if path.is_dir():
            self.names[path.stat().st_ino] = {
                child.name: (child.stat().st_ino, child.is_dir()) for child in path.iterdir()
            }
        else:
            self.contents[path.stat().st_ino] = path.read_bytes()

    def step(self):
        self.count += 1
        if self.count == self.at:
            raise PowerCutError

    def sync_data(self, descriptor):
        self.step()
        self.sync(Path(f"/proc/self/fd/{descriptor}").resolve())
        self.step()

    def sync_folder(self, folder):
        self.step()
        self.sync(folder)
        self.step()

    def after_the_cut(self, target, *, zeros):
        """What is found when the power is back."""
        sizes = {
            path.stat().st_ino: path.stat().st_size
            for path in self.base.rglob("*")
            if path.is_file()
        }
        self.restore(self.base.stat().st_ino, target, sizes if zeros else {})

    def restore(self, inode, target, sizes):
        target.mkdir(parents=True)
        for name, (child, is_folder) in self.names.get(inode, {}).items():
            if is_folder:
                self.restore(child, target / name, sizes)
            else:
                data = self.contents.get(child, b"")
                (target / name).write_bytes(data + bytes(max(0, sizes.get(child, 0) - len(data))))


@pytest.mark.parametrize("zeros", [False, True], ids=["lost", "zeros"])
@pytest.mark.parametrize("marks_kept", [True, False], ids=["marks kept", "marks lost"])
@pytest.mark.parametrize("start", STARTS)
def test_the_power_is_cut_at_every_step(tmp_path, start, zeros, marks_kept):
    data, rows, mark = STARTS[start]
    for at in itertools.count(1):
        place = Place(tmp_path / str(at))
        place.lay(data, rows=rows, mark=mark)
        acknowledged, kept = [], []
        with pytest.MonkeyPatch.context() as patch:
            disk = Disk(place.ledger, patch)
            disk.at = at
            try:
                append_three(place, acknowledged, kept)
                cut = False
            except PowerCutError:
                cut = True
        found = tmp_path / f"found {at}"
        disk.after_the_cut(found, zeros=zeros)
        torn = data[whole_end(data) :]
        assert any(torn in path.read_bytes() for path in found.rglob("*") if path.is_file()), (
            "a torn tail is kept at every step"
        )
        # It lies where it lay.
        shutil.rmtree(place.ledger)
        found.rename(place.ledger)
        marks = place.marks if marks_kept else tmp_path / f"no marks {at}" / "marks"
        check_reopened(place.ledger, marks, acknowledged, kept)
        if not cut:
            break
    assert at > 15


def test_a_tail_is_not_cut_before_its_new_place_has_a_durable_name(tmp_path, monkeypatch):
    """`lost+found` stands from an attempt that ended before its name was durable."""
    place = Place(tmp_path)
    place.lay(DATA[:-9], rows=3, mark=3)
    disk = Disk(place.ledger, monkeypatch)
    (place.folder / "lost+found").mkdir()
    place.prepare()
    disk.after_the_cut(tmp_path / "found", zeros=False)
    assert any(
        path.read_bytes() == RECORDS[3][:-9] for path in (tmp_path / "found").rglob("lost+found/*")
    )


def test_the_power_is_cut_while_a_chain_begins(tmp_path):
    for at in itertools.count(1):
        base = tmp_path / str(at)
        base.mkdir()
        acknowledged = []
        with pytest.MonkeyPatch.context() as patch:
            disk = Disk(base, patch)
            disk.at = at
            engine = SegmentEngine(base / "ledger")
            try:
                for start in range(4):
                    records = [(CHAIN.entries[start].raw, CHAIN.bodies[start])]
                    acknowledged.append(engine.append(CHAIN.chain, HEADS[start], records))
                cut = False
            except PowerCutError:
                cut = True
            engine.close()
        disk.after_the_cut(tmp_path / f"found {at}", zeros=False)
        engine = SegmentEngine(tmp_path / f"found {at}" / "ledger")
        if acknowledged:
            head = engine.prepare(CHAIN.chain)
            assert head.size >= len(acknowledged)
            assert head == HEADS[head.size]
        engine.close()
        if not cut:
            break
    assert at > 8


@pytest.mark.parametrize("step", ["folder", "segment"])
def test_a_name_whose_sync_failed_is_synced_before_anybody_is_told(tmp_path, monkeypatch, step):
    """A folder or an empty segment that stands from an attempt that failed.

    Its name may not be durable.
    """
    base = tmp_path / "base"
    base.mkdir()
    disk = Disk(base, monkeypatch)
    folder = base / "ledger" / "chains" / CHAIN.chain.hex()
    folder.mkdir(parents=True)
    disk.sync(base)
    if step == "segment":
        (folder / segment_name(0)).touch()
    engine = SegmentEngine(base / "ledger")
    engine.append(CHAIN.chain, EMPTY, [(CHAIN.entries[0].raw, CHAIN.bodies[0])])
    engine.close()
    disk.after_the_cut(tmp_path / "found", zeros=False)
    assert SegmentEngine(tmp_path / "found" / "ledger").prepare(CHAIN.chain) == HEADS[1]


def test_an_attachment_is_not_told_before_all_names_above_it_are_durable(tmp_path, monkeypatch):
    """Its folders stand from an attempt that ended before their names were durable."""
    base = tmp_path / "base"
    base.mkdir()
    disk = Disk(base, monkeypatch)
    (base / "blobs" / sha256(b"note").hexdigest()[:2]).mkdir(parents=True)
    digest, _ = SegmentEngine(base).put_blob([b"note"])
    disk.after_the_cut(tmp_path / "found", zeros=False)
    assert list(SegmentEngine(tmp_path / "found").blob(digest)) == [b"note"]


# Other bodies: each is the old or the new one, and the chain reads right, wherever it ends

LONG = small_chain(14)
LONG_HEAD = Head(14, LONG.entries[-1].id)
ERASED = {2: b"", 7: b"", 13: b""}


class LongPlace:
    """A chain of several segments in a ledger's folder, with an entry of `lost+found` that holds a
    body.
    """

    def __init__(self, base):
        self.base = base
        self.ledger = base / "ledger"
        self.folder = self.ledger / "chains" / LONG.chain.hex()
        engine = self.engine()
        head = EMPTY
        for index, entry in enumerate(LONG.entries):
            head = engine.append(LONG.chain, head, [(entry.raw, LONG.bodies[index])])
        engine.close()
        (self.folder / "lost+found").mkdir()
        (self.folder / "lost+found" / "00000000000000000000-0-0").write_bytes(
            LONG.records()[7][:-5]
        )
        self.segments = sorted(self.folder.glob("*.seg"))
        assert len(self.segments) > 3

    def engine(self, mark=None):
        return SegmentEngine(self.ledger, lambda _chain: mark, segment_limit=1500)

    def replace(self):
        engine = self.engine(LONG_HEAD)
        try:
            engine.prepare(LONG.chain)
            engine.replace(LONG.chain, LONG_HEAD, ERASED)
        finally:
            engine.close()


def bodies_at(ledger):
    """The bodies that a reader finds, by any way of reading; it writes nothing."""
    found, unmarked = bodies_with(ledger, LONG_HEAD), bodies_with(ledger, None)
    assert found == unmarked
    return found


def bodies_with(ledger, mark):
    engine = SegmentEngine(ledger, lambda _chain: mark)
    assert engine.head(LONG.chain) == LONG_HEAD
    found = list(engine.read(LONG.chain))
    assert [record.entry for record in found] == [entry.raw for entry in LONG.entries]
    for index, entry in enumerate(LONG.entries):
        (one,) = engine.read(LONG.chain, index, index + 1)
        assert one == found[index]
        assert engine.find(LONG.chain, entry.id.hex()) == [index]
    assert engine.ids(LONG.chain, 0, 14) == b"".join(entry.id for entry in LONG.entries)
    for index, record in enumerate(found):
        assert record.body in {LONG.bodies[index], ERASED.get(index, LONG.bodies[index])}
    return [record.body for record in found]


def check_replaced(ledger, *, done):
    """What is left by whatever happened is right, and doing it again ends well."""
    before = bodies_at(ledger)
    assert not done or [before[index] for index in ERASED] == [b"", b"", b""]
    folder = ledger / "chains" / LONG.chain.hex()
    rows = (folder / "index").stat().st_size // ROW
    assert rows == 14, "the number of rows is a mark"
    engine = SegmentEngine(ledger, segment_limit=1500)
    engine.prepare(LONG.chain)
    assert not list(folder.glob(".*")), "opening for writing removes what was left"
    stored = (folder / "index").read_bytes()
    at = 0
    for path in sorted(folder.glob("*.seg")):
        offset = 0
        for found in scan(chunks_of(path), LONG.chain):
            for record in found:
                assert (
                    stored[at : at + ROW] == record.start.to_bytes(8) + LONG.entries[at // ROW].id
                )
                at, offset = at + ROW, record.end
        assert offset == path.stat().st_size
    assert at == len(stored)
    engine.replace(LONG.chain, LONG_HEAD, ERASED)
    engine.close()
    after = bodies_at(ledger)
    assert after == [ERASED.get(index, body) for index, body in enumerate(LONG.bodies)]
    salts = [LONG.bodies[index][3:35] for index in ERASED]
    for path in ledger.rglob("*"):
        assert not path.is_file() or not any(salt in path.read_bytes() for salt in salts), path
    assert verify_path(ledger, parallel=1).missing_count == 3


class Renames:
    """Lets one rename fail before or after it is done."""

    def __init__(self, monkeypatch, faults):
        real = Path.replace

        def replace(path, target):
            faults.real["rename"] = lambda: real(path, target)
            return faults.call("rename")

        monkeypatch.setattr(Path, "replace", replace)


@pytest.mark.parametrize("done", [False, True], ids=["lost", "done but reported as failed"])
def test_every_write_sync_and_rename_of_a_replacement_fails_once(tmp_path, monkeypatch, done):
    faults = Faults(monkeypatch)
    Renames(monkeypatch, faults)
    outcomes = []
    for at in itertools.count(1):
        place = LongPlace(tmp_path / str(at))
        faults.arm(at, done=done, error=errno.ENOSPC if at % 2 else errno.EIO)
        try:
            place.replace()
            outcomes.append(None)
        except StoreError as error:
            outcomes.append(type(error))
        happened = faults.count >= at
        faults.arm(0, done=False)
        check_replaced(place.ledger, done=not happened)
        if not happened:
            break
    assert set(outcomes) == {UnknownOutcomeError, None}
    assert outcomes.count(None) == 1
    assert at > 15


def test_after_a_replacement_that_failed_nothing_more_is_written(tmp_path, monkeypatch):
    place = LongPlace(tmp_path)
    engine = place.engine()
    engine.prepare(LONG.chain)
    with monkeypatch.context() as patch:
        patch.setattr(
            durable, "sync_data", lambda _: (_ for _ in ()).throw(OSError(errno.EIO, "no"))
        )
        with pytest.raises(UnknownOutcomeError):
            engine.replace(LONG.chain, LONG_HEAD, ERASED)
    for _ in range(2):
        with pytest.raises(UnknownOutcomeError):
            engine.replace(LONG.chain, LONG_HEAD, ERASED)
        with pytest.raises(UnknownOutcomeError):
            engine.append(LONG.chain, LONG_HEAD, [(LONG.entries[0].raw, b"")])
    engine.close()
    check_replaced(place.ledger, done=False)


@pytest.mark.parametrize("zeros", [False, True], ids=["lost", "zeros"])
def test_the_power_is_cut_at_every_step_of_a_replacement(tmp_path, zeros):
    for at in itertools.count(1):
        place = LongPlace(tmp_path / str(at))
        with pytest.MonkeyPatch.context() as patch:
            disk = Disk(place.base, patch)
            disk.at = at
            try:
                place.replace()
                cut = False
            except PowerCutError:
                cut = True
        disk.after_the_cut(tmp_path / f"found {at}", zeros=zeros)
        check_replaced(tmp_path / f"found {at}" / "ledger", done=not cut)
        if not cut:
            break
    assert at > 25


@pytest.mark.parametrize("which", range(4))
def test_a_crash_between_the_segment_and_the_index(tmp_path, which):
    """Rows after the change are wrong then, in the middle too.

    They are found when used, and made anew at the next opening.
    """
    place = LongPlace(tmp_path)
    index = place.folder / "index"
    old = index.read_bytes()
    place.replace()
    assert index.read_bytes() != old
    index.write_bytes(old)
    (place.folder / ".index.new").write_bytes(old[: which * 3 * ROW])
    (place.folder / f".{place.segments[which].name}.new").write_bytes(
        place.segments[which].read_bytes()[:-which]
    )
    (place.folder / ".index.123.new").write_bytes(old)
    check_replaced(place.ledger, done=True)


def test_the_sign_stays_until_the_index_is_whole(tmp_path, monkeypatch):
    """A second crash, while the index is made anew."""
    for at in itertools.count(1):
        place = LongPlace(tmp_path / str(at))
        old = (place.folder / "index").read_bytes()
        place.replace()
        (place.folder / "index").write_bytes(old)
        (place.folder / ".index.new").write_bytes(b"")
        with pytest.MonkeyPatch.context() as patch:
            disk = Disk(place.base, patch)
            disk.at = at
            engine = place.engine()
            try:
                engine.prepare(LONG.chain)
                cut = False
            except PowerCutError:
                cut = True
            engine.close()
        disk.after_the_cut(tmp_path / f"found {at}", zeros=False)
        check_replaced(tmp_path / f"found {at}" / "ledger", done=True)
        if not cut:
            break
    assert at > 4
