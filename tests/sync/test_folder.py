"""One ledger takes from another: chains whole, forks as evidence, nothing that does not hold."""

from __future__ import annotations

import errno
import itertools
import json
import os
import shutil
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from support.chains import CLERK, OWNER, STRANGER, Draft, opening, transfer

from chainlog.cli.main import cli
from chainlog.errors import (
    BehindMarkError,
    LockedError,
    NoLedgerError,
    StoreError,
    UnknownOutcomeError,
)
from chainlog.events.event import Event
from chainlog.format.record import format_record, scan
from chainlog.ledger.at_path import verify_path
from chainlog.ledger.copies import settle
from chainlog.ledger.ledger import Ledger
from chainlog.ledger.marks import Marks
from chainlog.store import durable
from chainlog.store.engine import EMPTY
from chainlog.store.segment import conflicts
from chainlog.store.segment.blobs import blob_path
from chainlog.store.segment.engine import SegmentEngine
from chainlog.store.segment.files import chunks_of, segment_name
from chainlog.sync import other as reading
from chainlog.sync.folder import sync_folder
from chainlog.verifier.report import Verdict
from chainlog.verifier.run import Missing


class Site:
    """A ledger with marks of its own."""

    def __init__(self, base, name, entries=3, *, signer=OWNER):
        self.folder, self.marks, self.signer = base / name / "ledger", base / name / "marks", signer
        with Ledger.create(
            self.folder, opening(origin=f"example.org/{name}"), OWNER, marks=self.marks
        ) as ledger:
            self.chain = ledger.chain
        self.write(entries - 1)

    def open(self, signer=None):
        return Ledger.open(self.folder, signer, marks=self.marks)

    def write(self, count, start=0):
        with self.open(CLERK) as ledger:
            return ledger.append_many(
                [Event.parse("transfer", transfer(start + n)) for n in range(count)]
            )

    def sync(self, other, **options):
        with self.open() as ledger:
            return sync_folder(ledger, getattr(other, "folder", other), parallel=1, **options)

    def copy(self, base, name):
        """The same ledger elsewhere, with the marks of somebody else: for them, the only copy."""
        twin = Site.__new__(Site)
        twin.folder, twin.marks, twin.signer, twin.chain = (
            base / name / "ledger",
            base / name / "marks",
            self.signer,
            self.chain,
        )
        shutil.copytree(self.folder, twin.folder)
        with twin.open() as ledger:
            settle(ledger, ledger.head)
        return twin

    def chain_folder(self, chain=None):
        return self.folder / "chains" / (chain or self.chain).hex()

    def heads(self):
        with self.open() as ledger:
            return {chain: ledger.held(chain) for chain in ledger.engine.chains()}

    def entries(self, chain):
        with self.open() as ledger:
            return [record.entry for record in ledger.engine.read(chain)]

    def holds(self):
        return verify_path(self.folder, parallel=1).verdict is Verdict.HOLDS

    def missing(self):
        return {one.code for one in verify_path(self.folder, parallel=1).missing}


def states(told):
    return {one.chain: one.state for one in told.chains}


def snapshot(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def pair(tmp_path):
    return Site(tmp_path, "depot"), Site(tmp_path, "port", 5)


# What is lacking is taken


def test_both_ways(pair):
    depot, port = pair
    before = snapshot(port.folder)
    told = depot.sync(port)
    assert [(one.state, one.before, one.after, one.origin, one.own) for one in told.chains] == [
        ("new", 0, 5, "example.org/port", False)
    ]
    assert snapshot(port.folder) == before
    port.sync(depot)
    assert depot.heads() == port.heads()
    assert set(depot.heads()) == {depot.chain, port.chain}
    assert depot.holds()
    assert port.holds()
    with depot.open() as ledger:
        assert ledger.seen(port.chain) == ledger.held(port.chain)
        assert ledger.seen(b"x" * 32) is None
        assert ledger.known(port.chain).roster.origin == "example.org/port"
        assert ledger.known(b"x" * 32).size == 0
        assert ledger.conflicts() == []


def test_only_what_is_lacking_and_twice_is_harmless(pair):
    depot, port = pair
    depot.sync(port)
    after = snapshot(depot.folder)
    counted = []
    assert states(depot.sync(port, progress=counted.append)) == {port.chain: "up to date"}
    assert snapshot(depot.folder) == after
    port.write(4, 10)
    told = depot.sync(port, progress=counted.append)
    assert [(one.state, one.before, one.after) for one in told.chains] == [("taken", 5, 9)]
    assert counted == [4]
    assert depot.entries(port.chain) == port.entries(port.chain)


def test_one_who_has_less_changes_nothing(pair):
    depot, port = pair
    old = port.copy(depot.folder.parent, "old")
    port.write(3)
    depot.sync(port)
    assert states(depot.sync(old)) == {port.chain: "up to date"}


def test_what_was_taken_from_a_mirror_is_what_was_written(pair, tmp_path):
    depot, port = pair
    third = Site(tmp_path, "third", 1)
    depot.sync(port)
    told = third.sync(depot)
    assert states(told) == {depot.chain: "new", port.chain: "new"}
    assert third.entries(port.chain) == port.entries(port.chain)


def test_segments_that_lie_otherwise_are_compared_entry_by_entry(pair, tmp_path):
    """Copies that were taken in other groups, or lack bodies, do not lie at the same bytes."""
    depot, port = pair
    port.write(20)
    depot.sync(port)
    other = tmp_path / "otherwise"
    engine = SegmentEngine(other, segment_limit=2000)
    head, records = (
        EMPTY,
        [(raw, b"") if n in {1, 4} else (raw, body) for n, (raw, body) in enumerate(whole(port))],
    )
    for group in (records[:3], records[3:10], records[10:]):
        head = engine.append(port.chain, head, group)
    engine.close()
    assert len(list(other.rglob("*.seg"))) > 2
    port.write(2, 50)
    assert states(depot.sync(other)) == {port.chain: "up to date"}
    engine = SegmentEngine(other)
    engine.append(port.chain, head, whole(port)[len(records) :])
    engine.close()
    assert [(one.before, one.after) for one in depot.sync(other).chains] == [(25, 27)]
    assert depot.entries(port.chain) == port.entries(port.chain)


def whole(site, chain=None):
    with site.open() as ledger:
        return [(record.entry, record.body) for record in ledger.engine.read(chain or site.chain)]


def test_absent_bodies_are_taken_as_they_are(pair, tmp_path):
    depot, port = pair
    other = tmp_path / "other"
    engine = SegmentEngine(other)
    engine.append(
        port.chain,
        EMPTY,
        [(raw, body if n == 0 else b"") for n, (raw, body) in enumerate(whole(port))],
    )
    engine.close()
    assert states(depot.sync(other)) == {port.chain: "new"}
    assert depot.entries(port.chain) == port.entries(port.chain)


def test_many_groups(pair, monkeypatch):
    depot, port = pair
    monkeypatch.setattr(reading, "GROUP", 3)
    port.write(20)
    counted = []
    depot.sync(port, progress=counted.append)
    assert counted == [3] * 8 + [1]
    monkeypatch.setattr(reading, "GROUP_BYTES", 1)
    port.write(4)
    depot.sync(port, progress=counted.append)
    assert counted[9:] == [1] * 4
    assert depot.entries(port.chain) == port.entries(port.chain)


# Forks


def forked(depot, port, tmp_path):
    """The port's chain, mirrored at the depot, and written on in two places."""
    twin = port.copy(tmp_path, "twin")
    port.write(2, 100)
    depot.sync(port)
    twin.write(3, 200)
    return twin


def test_a_fork_is_refused_and_both_sides_are_kept(pair, tmp_path):
    depot, port = pair
    twin = forked(depot, port, tmp_path)
    before, entries = depot.heads(), [port.entries(port.chain), twin.entries(port.chain)]
    for _ in range(2):
        (one,) = depot.sync(twin).chains
        assert (one.state, one.before, one.after, one.whole) == ("fork", 7, 7, True)
        ids = [sha256(b"\0" + side[5]).digest() for side in entries]
        assert (one.fork.chain, one.fork.index, [one.fork.ours, one.fork.theirs]) == (
            port.chain,
            5,
            ids,
        )
        assert depot.heads() == before
        with depot.open() as ledger:
            assert ledger.conflicts() == [one.fork]
            path = Path(ledger.engine.conflict_place(one.fork))
        records = [record for found in scan(chunks_of(path), port.chain) for record in found]
        assert [record.entry for record in records] == [entries[0][5], *entries[1][5:]]
        assert list(path.parent.iterdir()) == [path]
    assert depot.missing() == {"fork-kept"}
    # The branch went on: the longer one is kept. One that is shorter again takes nothing away.
    shorter = twin.copy(tmp_path, "shorter")
    twin.write(1, 300)
    size = path.stat().st_size
    depot.sync(twin)
    assert path.stat().st_size > size
    depot.sync(shorter)
    assert path.stat().st_size > size


def test_of_a_long_branch_the_beginning_is_kept(pair, tmp_path, monkeypatch):
    depot, port = pair
    twin = forked(depot, port, tmp_path)
    monkeypatch.setattr(conflicts, "BRANCH_LIMIT", 10)
    (one,) = depot.sync(twin).chains
    assert (one.state, one.whole) == ("fork", False)
    with depot.open() as ledger:
        found = [
            record
            for found in scan(chunks_of(Path(ledger.engine.conflict_place(one.fork))))
            for record in found
        ]
    assert len(found) == 2


def test_a_fork_far_back_across_segments(pair, tmp_path):
    depot, port = pair
    twin = port.copy(tmp_path, "twin")
    port.write(30, 100)
    depot.sync(port)
    with twin.open(CLERK) as ledger:
        ledger.engine._segment_limit = 2000
        for n in range(40):
            ledger.append(Event.parse("transfer", transfer(200 + n)))
    assert len(list(twin.chain_folder().glob("*.seg"))) > 5
    (one,) = depot.sync(twin).chains
    assert (one.fork.index, one.after) == (5, 35)


def test_a_fork_of_the_chain_written_here(pair, tmp_path):
    depot, _ = pair
    twin = depot.copy(tmp_path, "twin")
    depot.write(2, 100)
    twin.write(3, 200)
    (one,) = depot.sync(twin).chains
    assert (one.own, one.state, one.fork.index) == (True, "fork", 3)
    depot.write(1)
    assert depot.missing() == {"fork-kept"}


def test_a_fork_whose_body_is_spoilt_or_not_there_is_a_fork(pair, tmp_path):
    depot, port = pair
    twin = forked(depot, port, tmp_path)
    for n, body in enumerate((b"", b"x")):
        records = whole(twin)
        records[5] = (records[5][0], body)
        other = tmp_path / f"other{n}"
        engine = SegmentEngine(other)
        engine.append(port.chain, EMPTY, records)
        engine.close()
        assert states(depot.sync(other)) == {port.chain: "fork"}


def crafted(base, name, draft):
    """A ledger's folder that holds what a test made by hand."""
    engine = SegmentEngine(base / name)
    engine.append(
        draft.chain,
        EMPTY,
        [(entry.raw, body) for entry, body in zip(draft.entries, draft.bodies, strict=True)],
    )
    engine.close()
    return base / name


def test_what_nobody_in_force_signed_is_no_fork(tmp_path):
    depot = Site(tmp_path, "depot")

    def draft(kind="transfer", fields=None, signer=CLERK, **wrong):
        made = Draft()
        made.add("transfer", transfer(1))
        made.add(kind, fields or transfer(2), signer, **wrong)
        return made

    ours = draft()
    depot.sync(crafted(tmp_path, "ours", ours))
    cases = {
        "key-unknown": draft(signer=STRANGER),
        "signature": draft(fields=transfer(3), author=OWNER.key_id),
        "link": draft(prev=b"x" * 32),
        "roster-pointer": draft(roster=1),
        "not-owner": draft("chain.close", {"reason": "x"}),
    }
    for code, theirs in cases.items():
        (one,) = depot.sync(crafted(tmp_path, code, theirs)).chains
        assert (one.state, one.fault.code, one.fault.index, one.fork) == ("fault", code, 2, None)
    (one,) = depot.sync(crafted(tmp_path, "later", draft(version=2))).chains
    assert isinstance(one.fault, Missing)
    (one,) = depot.sync(crafted(tmp_path, "blind", draft("chain.bless", {"x": 1}, OWNER))).chains
    assert one.state == "fork"
    with depot.open() as ledger:
        assert len(ledger.conflicts()) == 1


# What does not hold


@settings(max_examples=40)
@given(st.data())
def test_of_a_tampered_chain_what_holds_before_is_taken(tmp_path_factory, data):
    base = tmp_path_factory.mktemp("base")
    depot, port, fuel = Site(base, "depot", 1), Site(base, "port", 6), Site(base, "fuel", 2)
    hub = Site(base, "hub", 1)
    hub.sync(port)
    hub.sync(fuel)
    path = hub.chain_folder(port.chain) / segment_name(0)
    raw = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(raw)
    told = {one.chain: one for one in depot.sync(hub).chains}
    bad = told[port.chain]
    assert bad.fault is not None
    ends = list(itertools.accumulate(len(format_record(*record)) for record in whole(port)))
    assert bad.after == sum(end <= at for end in ends)
    assert (
        depot.entries(port.chain) == port.entries(port.chain)[: bad.after]
        if bad.after
        else port.chain not in depot.heads()
    )
    assert told[fuel.chain].state == "new"
    # The cure is a whole copy.
    assert states(depot.sync(port)) == {port.chain: "taken" if bad.after else "new"}
    assert depot.holds()


def test_a_torn_tail_is_cannot_tell_and_what_stands_before_is_taken(pair):
    depot, port = pair
    path = port.chain_folder() / segment_name(0)
    path.write_bytes(path.read_bytes()[:-5])
    (one,) = depot.sync(port).chains
    assert (one.after, one.fault.code, isinstance(one.fault, Missing)) == (4, "torn-tail", True)


def test_what_this_version_cannot_read_is_not_taken(tmp_path):
    depot = Site(tmp_path, "depot")
    draft = Draft()
    draft.add("transfer", transfer(1))
    draft.add("chain.bless", {"x": 1}, OWNER)
    draft.add("transfer", transfer(2))
    (one,) = depot.sync(crafted(tmp_path, "other", draft)).chains
    assert (one.after, one.fault.code, isinstance(one.fault, Missing)) == (2, "kind-unknown", True)


def test_a_hostile_folder(pair, tmp_path):
    depot, port = pair
    other = port.copy(tmp_path, "other").folder
    chains = other / "chains"
    names = [b"\xff" * 32, b"a" * 32, b"b" * 32, b"c" * 32, b"d" * 32]
    for name in names:
        (chains / name.hex()).mkdir()
    os.mkfifo(chains / names[0].hex() / segment_name(0))
    (chains / names[1].hex() / segment_name(0)).write_bytes(b"\x92\xc4\xff" * 1000)
    (chains / names[2].hex() / segment_name(0)).symlink_to("/dev/zero")
    (chains / names[3].hex() / segment_name(2**63)).write_bytes(
        (port.chain_folder() / segment_name(0)).read_bytes()
    )
    (chains / names[4].hex() / segment_name(0)).mkdir()
    (chains / ("E" * 64)).mkdir()
    (chains / "..x").write_bytes(b"")
    (chains / ("9" * 64)).symlink_to(chains / ("9" * 64))
    os.mkfifo(chains / ("8" * 64))
    (other / "ledger.toml").write_bytes(b"\xff")
    (other / "blobs").mkdir()
    os.mkfifo(other / "blobs" / "ab")
    index = chains / port.chain.hex() / "index"
    index.unlink(missing_ok=True)
    os.mkfifo(index)
    (chains / port.chain.hex() / "lock").unlink(missing_ok=True)
    (chains / port.chain.hex() / "lock").symlink_to(depot.folder / "ledger.toml")
    told = {one.chain: one for one in depot.sync(other).chains}
    assert told[port.chain].state == "new"
    for name, code in zip(
        names, ("unreadable", "damaged", "unreadable", "chain", "unreadable"), strict=True
    ):
        assert (told[name].state, told[name].fault.code, told[name].after) == ("fault", code, 0)
    assert set(depot.heads()) == {depot.chain, port.chain}
    assert depot.holds()


@pytest.mark.parametrize("rows", ["zeros", "short", "lies"])
def test_their_index_is_not_believed(pair, tmp_path, rows):
    depot, port = pair
    index = port.chain_folder() / "index"
    data = index.read_bytes()
    index.write_bytes(
        {"zeros": bytes(len(data)), "short": data[:40], "lies": data[40:] + data[:40]}[rows]
    )
    assert states(depot.sync(port)) == {port.chain: "new"}
    assert depot.heads()[port.chain].size == 5


def test_a_chain_that_begins_late(pair):
    depot, port = pair
    path = port.chain_folder() / segment_name(0)
    records = [record for found in scan(chunks_of(path)) for record in found]
    path.rename(path.with_name(segment_name(2)))
    path.with_name(segment_name(2)).write_bytes(
        b"".join(format_record(one.entry, one.body) for one in records[2:])
    )
    (one,) = depot.sync(port).chains
    assert (one.after, one.fault.code) == (0, "position")


def test_where_there_is_no_ledger(pair, tmp_path):
    depot, _ = pair
    for path in (tmp_path / "nothing", depot.folder / "ledger.toml", tmp_path):
        with pytest.raises(NoLedgerError):
            depot.sync(path)
    with pytest.raises(StoreError, match="itself"):
        depot.sync(depot)
    with pytest.raises(StoreError, match="folder"):
        sync_folder(Ledger.create("memory:", opening(), OWNER), tmp_path)


# What can go wrong here


def failing(monkeypatch, name, number):
    """The call of `durable` with this number fails as on a full disk."""
    real, calls = getattr(durable, name), itertools.count()

    def call(*args):
        if next(calls) == number:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(*args)

    monkeypatch.setattr(durable, name, call)


@pytest.mark.parametrize("name", ["write_all", "sync_data", "sync_folder", "create"])
def test_a_full_disk_at_any_moment_and_run_again(tmp_path, monkeypatch, name):
    monkeypatch.setattr(reading, "GROUP", 4)
    for number in itertools.count():
        base = tmp_path / str(number)
        depot, port = Site(base, "depot"), Site(base, "port", 10)
        failed = False
        with monkeypatch.context() as patch:
            failing(patch, name, number)
            try:
                failed = states(depot.sync(port)) != {port.chain: "new"}
            except UnknownOutcomeError:
                failed = True
        held = depot.heads().get(port.chain, EMPTY)
        assert (
            depot.entries(port.chain) == port.entries(port.chain)[: held.size]
            if held.size
            else True
        )
        told = depot.sync(port)
        assert states(told)[port.chain] in {"new", "taken", "up to date"}
        assert depot.entries(port.chain) == port.entries(port.chain)
        assert depot.holds()
        if not failed:
            break
    assert number > 0


@pytest.mark.parametrize("after", range(5))
def test_interrupted_after_any_number_of_groups_and_run_again(pair, monkeypatch, after):
    depot, port = pair
    port.write(11)
    monkeypatch.setattr(reading, "GROUP", 4)
    calls = itertools.count()

    def interrupt(_count):
        if next(calls) == after:
            raise KeyboardInterrupt

    if after < 4:
        with pytest.raises(KeyboardInterrupt):
            depot.sync(port, progress=interrupt)
        assert depot.heads()[port.chain].size == 4 * after + 4
        assert depot.holds()
    depot.sync(port)
    assert depot.entries(port.chain) == port.entries(port.chain)
    assert depot.holds()


def test_a_crash_in_the_middle_of_a_write_is_cleared_up(pair, tmp_path):
    depot, port = pair
    depot.sync(port)
    port.write(3)
    # Half a record that was never acknowledged.
    path = depot.chain_folder(port.chain) / segment_name(0)
    record = format_record(*whole(port)[5])
    path.write_bytes(path.read_bytes() + record[:-7])
    (one,) = depot.sync(port).chains
    assert (one.state, one.before, one.after) == ("taken", 5, 8)
    assert depot.holds()
    # A whole one that does not verify: reading takes it for an entry, opening for writing does not.
    port.write(1)
    raw, body = whole(port)[8]
    path.write_bytes(path.read_bytes() + format_record(raw[:-1] + bytes([raw[-1] ^ 1]), body))
    (one,) = depot.sync(port).chains
    assert (one.state, one.before, one.after) == ("taken", 8, 9)
    assert depot.holds()
    with depot.open() as ledger:
        assert ledger.conflicts() == []


def test_damage_of_ours_is_no_fork_of_theirs(pair):
    depot, port = pair
    depot.sync(port)
    path = depot.chain_folder(port.chain) / segment_name(0)
    raw, body = whole(port)[4]
    records = [*whole(port)[:4], (raw[:-1] + bytes([raw[-1] ^ 1]), body)]
    path.write_bytes(b"".join(format_record(*record) for record in records))
    path.with_name("index").unlink()
    port.write(1)
    (one,) = depot.sync(port).chains
    assert (one.state, one.fork, one.healed, one.after) == ("taken", None, 1, 6)
    assert depot.holds()
    with depot.open() as ledger:
        assert ledger.conflicts() == []


def test_one_that_somebody_writes_is_left_and_the_others_are_taken(pair, tmp_path, monkeypatch):
    monkeypatch.setattr("chainlog.store.segment.engine.LOCK_SECONDS", 0.05)
    depot, port = pair
    fuel, hub = Site(tmp_path, "fuel"), Site(tmp_path, "hub", 1)
    hub.sync(port)
    hub.sync(fuel)
    depot.sync(port)
    port.write(1)
    hub.sync(port)
    with depot.open() as writer:
        writer.engine.prepare(port.chain)
        told = {one.chain: one for one in depot.sync(hub).chains}
    assert isinstance(told[port.chain].problem, LockedError)
    assert told[port.chain].state == "problem"
    assert told[fuel.chain].state == "new"


# Our own chain, and marks


def test_a_restored_backup_takes_back_what_it_lost(pair, tmp_path):
    depot, port = pair
    backup = tmp_path / "backup"
    shutil.copytree(depot.folder, backup)
    depot.write(5, 10)
    port.sync(depot)
    written = depot.entries(depot.chain)
    shutil.rmtree(depot.folder)
    shutil.copytree(backup, depot.folder)
    with depot.open(CLERK) as ledger, pytest.raises(BehindMarkError):
        ledger.append(Event.parse("transfer", transfer(1)))
    told = {one.chain: one for one in depot.sync(port).chains}[depot.chain]
    assert (told.own, told.state, told.before, told.after) == (True, "taken", 3, 8)
    assert depot.entries(depot.chain) == written
    depot.write(1)
    assert depot.holds()


def test_what_is_taken_back_in_part_is_still_not_written_to(pair, tmp_path):
    depot, port = pair
    backup = tmp_path / "backup"
    shutil.copytree(depot.folder, backup)
    depot.write(2, 10)
    port.sync(depot)
    depot.write(2, 20)
    shutil.rmtree(depot.folder)
    shutil.copytree(backup, depot.folder)
    with depot.open(CLERK) as ledger:
        told = {one.chain: one for one in sync_folder(ledger, port.folder).chains}[depot.chain]
        assert (told.before, told.after) == (3, 5)
        assert ledger.seen(depot.chain).size == 7
        with pytest.raises(BehindMarkError):
            ledger.append(Event.parse("transfer", transfer(1)))


def test_what_contradicts_the_mark_is_not_taken_back(pair, tmp_path, monkeypatch):
    depot, _ = pair
    twin, backup = depot.copy(tmp_path, "twin"), tmp_path / "backup"
    shutil.copytree(depot.folder, backup)
    depot.write(4, 10)
    twin.write(6, 20)
    shutil.rmtree(depot.folder)
    shutil.copytree(backup, depot.folder)
    (one,) = depot.sync(twin).chains
    assert (one.state, one.fault.code, one.fault.index, one.after) == (
        "fault",
        "not-as-marked",
        6,
        3,
    )
    # Also when it does not show at once where the names of the segments lead.
    monkeypatch.setattr(reading.OtherChain, "entry_id", lambda *_: None)
    (one,) = depot.sync(twin).chains
    assert (one.state, one.fault.code, one.after) == ("fault", "not-as-marked", 3)


def test_a_mirror_that_was_deleted_comes_back(pair):
    depot, port = pair
    depot.sync(port)
    shutil.rmtree(depot.chain_folder(port.chain))
    assert states(depot.sync(port)) == {port.chain: "new"}
    assert depot.holds()


def test_marks_only_grow(pair, tmp_path):
    """Two ledgers of one user share marks."""
    depot, port = pair
    port.write(3)
    depot.sync(port)
    old = Site(tmp_path, "old", 1)
    old.marks = depot.marks
    shutil.copytree(
        depot.folder / "chains" / port.chain.hex(), tmp_path / "half" / "chains" / port.chain.hex()
    )
    half = crafted_prefix(tmp_path / "shorter", port, 4)
    old.sync(half)
    assert old.heads()[port.chain].size == 4
    assert Marks(depot.marks).get(port.chain).size == 8


def crafted_prefix(folder, site, count):
    engine = SegmentEngine(folder)
    engine.append(site.chain, EMPTY, whole(site)[:count])
    engine.close()
    return folder


# Attachments


def with_attachments(site, contents, tmp_path):
    digests = []
    with site.open(CLERK) as ledger:
        for n, content in enumerate(contents):
            (tmp_path / f"file{n}").write_bytes(content)
            told = ledger.attach(tmp_path / f"file{n}", "image/jpeg")
            digests.append(told["sha256"])
            ledger.append(Event.parse("transfer", transfer(n, attachments=[told])))
    return digests


def held(site, digests):
    with site.open() as ledger:
        return [ledger.holds_attachment(digest) for digest in digests]


def test_attachments_come_with_the_entries(pair, tmp_path):
    depot, port = pair
    digests = with_attachments(port, [b"photo", b"", b"x" * 3_000_000], tmp_path)
    told = depot.sync(port)
    assert (told.attachments.taken, told.attachments.mismatched, told.attachments.problem) == (
        3,
        [],
        None,
    )
    assert held(depot, digests) == [True] * 3
    assert verify_path(depot.folder, all_attachments=True, parallel=1).verdict is Verdict.HOLDS
    assert depot.sync(port).attachments.taken == 0


def test_attachments_of_a_replacement_come_too_however_deep(pair, tmp_path):
    depot, port = pair
    (first,) = port.write(1, start=7)
    digests = []
    told = {}
    with port.open(CLERK) as ledger:
        for n in range(3):
            (tmp_path / "file").write_bytes(f"photo {n}".encode())
            digests.append((one := ledger.attach(tmp_path / "file", "image/jpeg"))["sha256"])
            told = {
                "kind": "correct",
                "entry": first.id,
                "reason": "wrong_data",
                "event_time": "2023-03-01T08:00:00Z",
                "attachments": [one],
                "replacement": told or transfer(7),
            }
        ledger.append(Event.parse(told.pop("kind"), told))
    assert depot.sync(port).attachments.taken == 3
    assert held(depot, digests) == [True] * 3
    with depot.open() as ledger:
        report = ledger.verify(parallel=1, all_attachments=True)
    assert sum(chain.attachments_held for chain in report.chains) == 3


def test_attachments_that_were_missing_come_later(pair, tmp_path):
    depot, port = pair
    digests = with_attachments(port, [b"photo", b"paper"], tmp_path)
    path = blob_path(port.folder / "blobs", digests[1])
    path.rename(tmp_path / "kept")
    assert depot.sync(port).attachments.taken == 1
    shutil.copy(tmp_path / "kept", path)
    assert depot.sync(port).attachments.taken == 1
    assert held(depot, digests) == [True, True]


def test_attachments_that_are_not_what_they_are_named(pair, tmp_path):
    depot, port = pair
    digests = with_attachments(port, [b"photo", b"paper", b"stamp", b"seal"], tmp_path)
    blobs = [blob_path(port.folder / "blobs", digest) for digest in digests]
    blobs[0].write_bytes(b"other")
    blobs[1].unlink()
    blobs[1].symlink_to("/dev/zero")
    with blobs[2].open("wb") as file:
        file.truncate(
            2**40
        )  # as long as a disk: reading stops where the event says that the file ends
    told = depot.sync(port)
    assert told.attachments.taken == 1
    assert sorted(told.attachments.mismatched) == sorted(digests[:3])
    assert held(depot, digests) == [False, False, False, True]
    assert not list((depot.folder / "blobs").glob(".*"))


def test_files_that_no_entry_names_are_not_taken(pair):
    depot, port = pair
    digest = sha256(b"junk").digest()
    path = blob_path(port.folder / "blobs", digest)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"junk")
    assert depot.sync(port).attachments.taken == 0
    assert held(depot, [digest]) == [False]


def test_a_full_disk_for_attachments_is_said_and_the_entries_stay(pair, tmp_path, monkeypatch):
    depot, port = pair
    digests = with_attachments(port, [b"photo"], tmp_path)

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(
            "chainlog.store.segment.blobs.durable.sync_data",
            lambda fd, real=durable.sync_data: full() if is_blob(fd) else real(fd),
        )
        told = depot.sync(port)
    assert isinstance(told.attachments.problem, StoreError)
    assert states(told) == {port.chain: "new"}
    assert depot.sync(port).attachments.taken == 1
    assert held(depot, digests) == [True]


def is_blob(descriptor):
    return "/blobs/" in str(Path(f"/proc/self/fd/{descriptor}").readlink())


# However it is done


@settings(max_examples=25)
@given(st.integers(2, 4), st.randoms(use_true_random=False))
def test_any_order_of_syncs_ends_with_the_same_chains_everywhere(tmp_path_factory, count, chance):
    base = tmp_path_factory.mktemp("base")
    sites = [Site(base, f"site{n}", 1 + chance.randrange(4)) for n in range(count)]
    for _ in range(6):
        one, other = chance.sample(sites, 2)
        if chance.random() < 0.4:
            one.write(1 + chance.randrange(3), chance.randrange(1000))
        one.sync(other)
    pairs = [(one, other) for one in sites for other in sites if one is not other]
    for _ in range(count - 1):  # a chain needs no more steps than this to come everywhere
        chance.shuffle(pairs)
        for one, other in pairs:
            one.sync(other)
    assert all(site.heads() == sites[0].heads() for site in sites)
    for site in sites:
        assert set(site.heads()) == {one.chain for one in sites}
        assert all(site.entries(one.chain) == one.entries(one.chain) for one in sites)
        assert site.holds()


# The command


def command(site, *args):
    result = CliRunner().invoke(
        cli, ["--ledger", str(site.folder), "sync", *map(str, args)], standalone_mode=False
    )
    assert result.exception is None, result.exception
    return result.return_value, result.stdout


def test_the_command_says_what_it_did(pair, tmp_path):
    depot, port = pair
    twin = port.copy(tmp_path, "twin")
    code, said = command(depot, port.folder)
    assert code == 0
    assert "example.org/port: new, 5 entries" in said
    assert "up to date, 5 entries" in command(depot, port.folder)[1]
    with_attachments(port, [b"photo"], tmp_path)
    code, said = command(depot, port.folder)
    assert "taken 1 entry, now 6" in said
    assert "attachments: 1 taken" in said
    twin.write(1, 40)
    code, said = command(depot, twin.folder)
    assert code == 3
    assert "fork: entry 5 is" in said
    assert "both sides are kept in" in said
    code, said = command(depot, "--json", twin.folder)
    assert code == 3
    (one,) = json.loads(said)["chains"]
    assert (one["state"], one["before"], one["after"], one["fork"]["index"]) == ("fork", 6, 6, 5)


def test_the_command_and_what_does_not_hold(pair, tmp_path):
    depot, port = pair
    path = port.chain_folder() / segment_name(0)
    data = path.read_bytes()
    path.write_bytes(data[:-5])
    code, said = command(depot, port.folder)
    assert (code, "cannot tell: entry 4: step 1" in said) == (4, True)
    path.write_bytes(data[:-5] + b"garbage")
    code, said = command(depot, port.folder)
    assert (code, "fault: entry 4: step 6" in said) == (3, True)
    (tmp_path / "empty" / "chains").mkdir(parents=True)
    assert command(depot, tmp_path / "empty") == (4, "no chain was found there\n")


def test_the_command_takes_back_our_own(pair, tmp_path):
    depot, port = pair
    backup = tmp_path / "backup"
    shutil.copytree(depot.folder, backup)
    depot.write(2, 10)
    port.sync(depot)
    shutil.rmtree(depot.folder)
    shutil.copytree(backup, depot.folder)
    code, said = command(depot, port.folder)
    assert (code, "this ledger's own chain: 2 entries taken back, now 5" in said) == (0, True)


def test_the_command_and_a_chain_that_may_not_be_written(pair, monkeypatch):
    monkeypatch.setattr("chainlog.store.segment.engine.LOCK_SECONDS", 0.05)
    depot, port = pair
    depot.sync(port)
    port.write(1)
    with depot.open() as writer:
        writer.engine.prepare(port.chain)
        code, said = command(depot, port.folder)
    assert (code, "not written: another program is writing" in said) == (11, True)


def test_the_status_counts_other_chains(pair):
    depot, port = pair
    command(depot, port.folder)
    result = CliRunner().invoke(
        cli, ["--ledger", str(depot.folder), "status"], standalone_mode=False
    )
    assert "1 other chain held here" in result.stdout
