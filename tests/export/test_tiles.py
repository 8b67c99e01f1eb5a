"""Published logs, read back by an independent reader.

Every hash of every tile from the entries up, and nothing but them.
"""

from __future__ import annotations

import base64
import io
import json
import os
import re
import sys
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import pytest
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st
from support.chains import CLERK, OWNER, STRANGER, opening, small_chain, transfer

from chainlog.cli.handover.publish import COMMAND
from chainlog.errors import (
    ChainlogError,
    DamagedError,
    LockedError,
    NoteError,
    ProofError,
    StoreError,
)
from chainlog.events.event import Event
from chainlog.export.tiles import format_tile_path, publish, publish_chain, published_checkpoint
from chainlog.format import merkle
from chainlog.format.checkpoint import Checkpoint, format_origin_line, sign_checkpoint
from chainlog.format.keys import Ed25519Signer
from chainlog.format.note import Note, Signature, format_note, parse_note
from chainlog.ledger.checkpoints import make_checkpoint
from chainlog.ledger.ledger import Ledger
from chainlog.ledger.signers.files import write_key
from chainlog.store import durable
from chainlog.store.engine import EMPTY
from chainlog.store.memory import MemoryEngine
from chainlog.store.segment.cells import FileTree
from chainlog.store.tree import Tree

QUICK = settings(max_examples=20, deadline=None)
ORIGIN = "example.org/depot/" + "ab" * 32
LOG = Ed25519Signer.from_seed(b"l" * 32)


class Log:
    """A log of entries that say nothing, of various lengths."""

    def __init__(self, size, *, fork=None):
        self.entries = [
            b"entry %d " % n * (1 + n % 3) + (b"" if fork is None or n < fork else b"other")
            for n in range(size)
        ]
        self.leaves = [sha256(b"\x00" + entry).digest() for entry in self.entries]
        self.data = b"".join(self.leaves)
        self.read = []

    def tree(self, size=None):
        return Tree(
            None,
            lambda start, stop: self.data[start * 32 : stop * 32],
            len(self.entries) if size is None else size,
        )

    def note(self, size, *, origin=ORIGIN, root=None):
        checkpoint = Checkpoint(origin, size, root or merkle.root(self.leaves[:size]))
        return format_note(sign_checkpoint(checkpoint, LOG))

    def range(self, start, stop):
        self.read.append((start, stop))
        return iter(self.entries[start:stop])

    def publish(self, size, folder, **how):
        tree, entries, note = (
            how.get("tree") or self.tree(size),
            how.get("entries") or self.range,
            how.get("note"),
        )
        return publish(tree, entries, self.note(size) if note is None else note, folder)


LONG = Log(66_000)


# The independent reader


def name_of(number):
    text = str(number)
    while len(text) % 3:
        text = "0" + text
    groups = re.findall("...", text)
    return "/".join(["x" + group for group in groups[:-1]] + groups[-1:])


def read_back(folder):
    """The entries of a published log, all checked; only what a client may ask for is asked for."""
    origin, size, root, blank = (folder / "checkpoint").read_bytes().split(b"\n")[:4]
    assert (origin.decode(), blank) == (ORIGIN, b"")
    size = int(size)

    def fetch(level, count):
        """All of a level's tiles, for so many hashes in it."""
        for index in range((count + 255) // 256):
            width = min(count - index * 256, 256)
            yield (
                width,
                (
                    folder / f"tile/{level}/{name_of(index)}{'' if width == 256 else f'.p/{width}'}"
                ).read_bytes(),
            )

    entries = []
    for width, bundle in fetch("entries", size):
        at, count = 0, 0
        while at < len(bundle):
            length = int.from_bytes(bundle[at : at + 2], "big")
            entries.append(bundle[at + 2 : at + 2 + length])
            at, count = at + 2 + length, count + 1
        assert (at, count) == (len(bundle), width)
    hashes = [sha256(b"\x00" + entry).digest() for entry in entries]
    level = 0
    while size >> 8 * level:
        got = []
        for width, tile in fetch(level, size >> 8 * level):
            assert len(tile) == width * 32
            got += [tile[at : at + 32] for at in range(0, len(tile), 32)]
        assert got == hashes
        if level == 0:
            assert mth(got) == base64.b64decode(root)
        hashes = [mth(got[at : at + 256]) for at in range(0, len(got) - 255, 256)]
        level += 1
    return entries


def mth(hashes):
    """RFC 6962 2.1, over hashes of equal height; of none, as it says there."""
    if len(hashes) <= 1:
        return hashes[0] if hashes else sha256(b"").digest()
    left = 1 << (len(hashes) - 1).bit_length() - 1
    return sha256(b"\x01" + mth(hashes[:left]) + mth(hashes[left:])).digest()


def names_in(folder):
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def bytes_in(folder):
    return {name: (folder / name).read_bytes() for name in names_in(folder)}


# The layout


def test_paths_are_those_of_the_specification():
    assert format_tile_path(0, 1234067) == "tile/0/x001/x234/067"
    assert format_tile_path("entries", 0, 255) == "tile/entries/000.p/255"
    assert format_tile_path(3, 999) == "tile/3/999"
    assert format_tile_path(1, 1000, 1) == "tile/1/x001/000.p/1"


def test_the_files_for_70000_are_those_of_the_specifications_example(tmp_path):
    log = Log(70_000)
    log.publish(70_000, tmp_path / "log")
    names = names_in(tmp_path / "log")
    full = [f"{name_of(n)}" for n in range(273)]
    assert names == {
        "checkpoint",
        "tile/0/273.p/112",
        "tile/entries/273.p/112",
        "tile/1/000",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
        *(f"tile/0/{name}" for name in full),
        *(f"tile/entries/{name}" for name in full),
    }
    assert read_back(tmp_path / "log") == log.entries


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 511, 512, 1000])
def test_what_is_published_reads_back(tmp_path, size):
    told = LONG.publish(size, tmp_path)
    assert (told.checkpoint.size, told.before, told.files) == (size, 0, len(names_in(tmp_path)))
    assert read_back(tmp_path) == LONG.entries[:size]
    assert published_checkpoint(tmp_path) == told.checkpoint


def test_beyond_two_levels_in_steps(tmp_path):
    for size in (65_000, 65_535, 65_536, 65_537, 66_000):
        LONG.publish(size, tmp_path)
    assert read_back(tmp_path) == LONG.entries
    assert "tile/2/000.p/1" in names_in(tmp_path)


@QUICK
@given(st.lists(st.integers(0, 1500), min_size=1, max_size=6))
def test_grown_in_any_steps_nothing_is_rewritten_and_all_of_it_reads_back(sizes):
    with TemporaryDirectory() as name:
        folder, before, published = Path(name), {}, set()
        for size in sorted(sizes):
            LONG.publish(size, folder)
            published.add(size)
            assert read_back(folder) == LONG.entries[:size]
            after = bytes_in(folder)
            for gone in before.keys() - after.keys():
                assert gone.rpartition(".p/")[0] in after
            assert all(
                after[name] == data
                for name, data in before.items()
                if name != "checkpoint" and name in after
            )
            before = after
        # The same files as in one go, and the partial ones of the checkpoints before.
        with TemporaryDirectory() as once:
            LONG.publish(size, Path(once))
            wanted = bytes_in(Path(once))
        extra = before.keys() - wanted.keys()
        assert before.items() >= wanted.items()
        widths = {
            (level, (step >> 8 * level) // 256, (step >> 8 * level) % 256)
            for step in published
            for level in range(3)
        }
        for one in extra:
            level, index, width = re.fullmatch(r"tile/(\w+)/(\d+)\.p/(\d+)", one).groups()
            assert (0 if level == "entries" else int(level), int(index), int(width)) in widths


def test_publishing_again_reads_and_writes_only_what_is_new(tmp_path):
    LONG.publish(60_000, tmp_path)
    before = {name: (tmp_path / name).stat().st_ino for name in names_in(tmp_path)}
    LONG.read.clear()
    told = LONG.publish(60_300, tmp_path)
    assert told.before == 60_000
    assert LONG.read == [(59_904, 60_300)]
    # Two bundles and two tiles of level 0, one of level 1, the checkpoint.
    assert told.files == 6
    after = {name: (tmp_path / name).stat().st_ino for name in names_in(tmp_path)}
    assert {name for name in before.keys() & after.keys() if before[name] != after[name]} == {
        "checkpoint"
    }
    assert before.keys() - after.keys() == {"tile/0/234.p/96", "tile/entries/234.p/96"}


def test_more_signatures_on_the_same_checkpoint_replace_it_and_nothing_else(tmp_path):
    LONG.publish(300, tmp_path)
    before = bytes_in(tmp_path)
    note = LONG.note(300)
    more = (
        note
        + "— example.org/witness {}\n".format(
            base64.b64encode(b"k" * 4 + b"s" * 72).decode()
        ).encode()
    )
    assert LONG.publish(300, tmp_path, note=more).files == 1
    assert bytes_in(tmp_path) == {**before, "checkpoint": more}


# What may not be published


@pytest.mark.parametrize("before", [200, 256, 300, 700])
def test_a_fork_is_refused_and_nothing_is_written(tmp_path, before):
    LONG.publish(before, tmp_path)
    kept = bytes_in(tmp_path)
    with pytest.raises(StoreError, match=f"the first {before} entries are not those"):
        Log(800, fork=before - 1).publish(800, tmp_path)
    assert bytes_in(tmp_path) == kept
    Log(800, fork=before).publish(800, tmp_path)


def test_a_smaller_checkpoint_is_refused(tmp_path):
    LONG.publish(300, tmp_path)
    with pytest.raises(StoreError, match="has 300 entries already"):
        LONG.publish(299, tmp_path)


def test_another_log_is_refused(tmp_path):
    LONG.publish(300, tmp_path)
    with pytest.raises(StoreError, match=r"is where example\.org/depot/abab"):
        LONG.publish(400, tmp_path, note=LONG.note(400, origin=ORIGIN[:-2] + "ac"))


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"\xff" * 100, b"x" * 2**21, b"a\n1\nAAAA\n\n\xe2\x80\x94 a AAAAAAAA\n"]
)
def test_a_checkpoint_that_is_none_is_refused(tmp_path, data):
    (tmp_path / "checkpoint").write_bytes(data)
    with pytest.raises(StoreError, match="is not the checkpoint of a chain"):
        LONG.publish(10, tmp_path)
    assert names_in(tmp_path) == {"checkpoint"}
    with pytest.raises(NoteError):
        LONG.publish(10, tmp_path, note=data)


def test_a_pipe_in_place_of_the_checkpoint_is_refused(tmp_path):
    os.mkfifo(tmp_path / "checkpoint")
    with pytest.raises(StoreError, match="is no file"):
        LONG.publish(10, tmp_path)


def test_a_checkpoint_that_cannot_be_read_is_said(tmp_path, monkeypatch):
    def denied(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "exists", denied)
    with pytest.raises(StoreError, match="checkpoint cannot be read: Permission denied"):
        published_checkpoint(tmp_path)


def test_a_checkpoint_of_more_than_there_is_is_refused(tmp_path):
    with pytest.raises(ProofError):
        publish(LONG.tree(10), LONG.range, LONG.note(11), tmp_path)


def test_a_checkpoint_with_another_root_is_refused(tmp_path):
    with pytest.raises(DamagedError, match="root of the first 300 entries"):
        LONG.publish(300, tmp_path, note=LONG.note(300, root=bytes(32)))
    assert names_in(tmp_path) == set()


def test_a_published_tile_with_other_bytes_is_named(tmp_path):
    LONG.publish(1000, tmp_path)
    (tmp_path / "checkpoint").unlink()
    for name in ("tile/0/001", "tile/entries/002", "tile/1/000.p/3"):
        data = (tmp_path / name).read_bytes()
        for wrong in (data[:-1], data[:-1] + bytes([data[-1] ^ 1])):
            (tmp_path / name).write_bytes(wrong)
            with pytest.raises(
                StoreError, match=re.escape(f"{name} was published with other bytes")
            ):
                LONG.publish(1000, tmp_path)
            assert (tmp_path / name).read_bytes() == wrong
        (tmp_path / name).write_bytes(data)
    assert LONG.publish(1100, tmp_path).before == 0
    assert read_back(tmp_path) == LONG.entries[:1100]


@pytest.mark.parametrize("index", [0, 255, 256, 299])
def test_entries_that_are_not_those_of_the_tree_are_refused(tmp_path, index):
    def altered(start, stop):
        return [b"altered" if at == index else LONG.entries[at] for at in range(start, stop)]

    with pytest.raises(DamagedError, match="are not those of the checkpoint"):
        LONG.publish(300, tmp_path, entries=altered)
    assert "checkpoint" not in names_in(tmp_path)
    with pytest.raises(DamagedError):
        LONG.publish(300, tmp_path, entries=lambda start, _stop: LONG.entries[start : start + 10])
    LONG.publish(300, tmp_path)
    assert read_back(tmp_path) == LONG.entries[:300]


def test_a_tree_that_went_wrong_is_rebuilt(tmp_path):
    path = tmp_path / "tree"

    def ids(start, stop):
        return LONG.data[start * 32 : stop * 32]

    log = tmp_path / "log"
    FileTree(path, ids, 1000).root(1000)
    LONG.publish(1000, log)
    path.write_bytes(os.urandom(path.stat().st_size))
    LONG.publish(2000, log, tree=FileTree(path, ids, 2000))
    assert read_back(log) == LONG.entries[:2000]
    assert FileTree(path, ids, 2000).root(2000) == merkle.root(LONG.leaves[:2000])


# What interrupts it


class PowerCutError(Exception):
    """Nothing goes on after it."""


def fail_at(monkeypatch, step, failure):
    """Let the sync of this number, and each one after it, fail; returns how many there were."""
    count, real = [0], {name: getattr(durable, name) for name in ("sync_data", "sync_folder")}

    def failing(name):
        def sync(what):
            count[0] += 1
            if count[0] > step:
                raise failure
            real[name](what)

        return sync

    for name in real:
        monkeypatch.setattr(durable, name, failing(name))
    return count


@pytest.fixture(scope="module")
def syncs(tmp_path_factory):
    """How many syncs it takes to go on from 300 to 600."""
    folder = tmp_path_factory.mktemp("counted")
    LONG.publish(300, folder)
    with pytest.MonkeyPatch.context() as patch:
        count = fail_at(patch, 1000, None)
        LONG.publish(600, folder)
    return count[0]


@pytest.mark.parametrize(
    "failure",
    [PowerCutError(), OSError(28, "No space left on device")],
    ids=["power cut", "full disk"],
)
def test_an_interrupted_publication_is_completed_by_the_next(tmp_path, monkeypatch, syncs, failure):
    """At each sync of the second of three publications."""
    plain = tmp_path / "plain"
    for size in (300, 600, 700):
        LONG.publish(size, plain)
    wanted = bytes_in(plain)
    for step in range(syncs):
        folder = tmp_path / str(step)
        LONG.publish(300, folder)
        with monkeypatch.context() as patch:
            fail_at(patch, step, failure)
            with pytest.raises((PowerCutError, StoreError)):
                LONG.publish(600, folder)
        # Whoever looks meanwhile finds a checkpoint, and all that it needs or the full form of it.
        size = published_checkpoint(folder).size
        assert size == (600 if step == syncs - 1 else 300)
        for level in (0, "entries"):
            for index in range(-(-size // 256)):
                width = min(size - index * 256, 256)
                assert (folder / format_tile_path(level, index, width)).exists() or (
                    folder / format_tile_path(level, index)
                ).exists()
        LONG.publish(700, folder)
        assert read_back(folder) == LONG.entries[:700]
        # Apart from what the interrupted one lacks of its own, it is as if it had not been
        # interrupted.
        assert bytes_in(folder).items() <= wanted.items()


def test_the_checkpoint_comes_last(tmp_path, monkeypatch):
    order = []

    def seen(target, real=Path.replace):
        def replace(path, to):
            order.append(str(to.relative_to(target)))
            return real(path, to)

        return replace

    syncing = durable.sync_folder

    def synced(folder):
        order.append(f"sync {folder.name}")
        syncing(folder)

    monkeypatch.setattr(Path, "replace", seen(tmp_path))
    monkeypatch.setattr(durable, "sync_folder", synced)
    LONG.publish(300, tmp_path)
    at = order.index("checkpoint")
    assert order[at:] == ["checkpoint", f"sync {tmp_path.name}"]
    last_put = max(n for n, what in enumerate(order[:at]) if what.startswith("tile/"))
    assert {"sync 0", "sync entries", "sync tile", f"sync {tmp_path.name}"} <= set(
        order[last_put:at]
    )


def test_of_two_publishers_one_waits(tmp_path, monkeypatch):
    monkeypatch.setattr("chainlog.export.tiles._LOCK_SECONDS", 0.05)
    with (
        FileLock(tmp_path / ".lock", thread_local=False),
        pytest.raises(LockedError, match="another program is publishing"),
    ):
        LONG.publish(10, tmp_path)
    LONG.publish(10, tmp_path)


def test_a_file_where_a_folder_should_be_is_said(tmp_path):
    (tmp_path / "tile").write_bytes(b"")
    with pytest.raises(StoreError, match="cannot be published to"):
        LONG.publish(10, tmp_path)
    with pytest.raises(StoreError, match="cannot be published to"):
        LONG.publish(10, tmp_path / "tile")


def test_what_is_not_ours_beside_a_partial_tile_stays(tmp_path):
    LONG.publish(10, tmp_path)
    stranger = tmp_path / "tile/0/000.p/README"
    stranger.write_bytes(b"hello")
    LONG.publish(300, tmp_path)
    assert os.listdir(tmp_path / "tile/0/000.p") == ["README"]  # noqa: PTH208  (dotfiles too)
    assert not (tmp_path / "tile/entries/000.p").exists()


# A chain of a ledger


@pytest.fixture(scope="module")
def held():
    """A ledger that holds a chain of 300 entries, in memory."""
    draft = small_chain(300)
    engine = MemoryEngine()
    engine.append(
        draft.chain,
        EMPTY,
        [(entry.raw, body) for entry, body in zip(draft.entries, draft.bodies, strict=True)],
    )
    return Ledger(engine, draft.chain), draft


def signed(draft, size, signer=OWNER, /, **other):
    ids = [entry.id for entry in draft.entries[:size]]
    told = {
        "origin": format_origin_line("example.org/depot", draft.chain),
        "size": size,
        "root": merkle.root(ids),
        **other,
    }
    return format_note(sign_checkpoint(Checkpoint(**told), signer))


def test_a_chain_is_published_without_its_bodies(held, tmp_path):
    ledger, draft = held
    counted = []
    told = publish_chain(ledger, draft.chain, signed(draft, 290), tmp_path, progress=counted.append)
    assert (told.checkpoint.size, told.before, counted) == (290, 0, [256, 34])
    bundles = b"".join(
        (tmp_path / name).read_bytes() for name in ("tile/entries/000", "tile/entries/001.p/34")
    )
    assert bundles == b"".join(
        len(entry.raw).to_bytes(2, "big") + entry.raw for entry in draft.entries[:290]
    )
    everything = b"".join(bytes_in(tmp_path).values())
    assert "Порт".encode() not in everything
    assert b"SN-7" not in everything
    assert publish_chain(ledger, draft.chain, signed(draft, 300), tmp_path).before == 290


REFUSED = {
    "of another chain": ({"origin": "example.org/depot/" + "0" * 64}, OWNER, 10, "not of chain"),
    "of no chain": ({"origin": "example.org/depot"}, OWNER, 10, "not the origin line of a chain"),
    "of more than is held": ({}, OWNER, 301, "300 are held here"),
    "of nothing": ({}, OWNER, 0, "0 entries"),
    "by one who may not": ({}, CLERK, 10, "no key that was in force"),
    "by a stranger": ({}, STRANGER, 10, "no key that was in force"),
    "with another root": ({"root": bytes(32)}, OWNER, 10, "is not that of the checkpoint"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_checkpoint_that_is_not_the_chains_is_refused(held, tmp_path, what):
    ledger, draft = held
    other, signer, size, says = REFUSED[what]
    with pytest.raises(ChainlogError, match=says):
        publish_chain(ledger, draft.chain, signed(draft, size, signer, **other), tmp_path / "log")
    assert names_in(tmp_path / "log") == set()


def test_a_signature_that_does_not_hold_is_refused(held, tmp_path):
    ledger, draft = held
    note = parse_note(signed(draft, 10))
    worse = Note(
        note.text, (Signature(note.signatures[0].name, note.signatures[0].key_hash, bytes(64)),)
    )
    with pytest.raises(StoreError, match="no key that was in force"):
        publish_chain(ledger, draft.chain, format_note(worse), tmp_path / "log")


# The command


class Terminal(io.StringIO):
    """A person at the keyboard."""

    def isatty(self):
        return True


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    """A ledger with one entry after the opening, no checkpoint yet.

    Runs the command on it, and gives the ledger.
    """
    place, key = tmp_path / "ledger", tmp_path / "home" / "key.pem"
    write_key(key, OWNER, b"")
    ledger = Ledger.create(place, opening(), OWNER, marks=key.parent / "marks")
    ledger.append(Event.parse("transfer", transfer(1)))

    def run(*args, stdin=None):
        monkeypatch.setattr(sys, "stdin", io.StringIO("") if stdin is None else stdin)
        COMMAND.main(
            [str(arg) for arg in args],
            obj={"ledger": str(place), "key": str(key)},
            standalone_mode=False,
        )
        return capsys.readouterr()

    yield run, ledger
    ledger.close()


def test_the_command_publishes_to_the_newest_checkpoint(call, tmp_path):
    run, ledger = call
    folder = tmp_path / "www" / "log"
    with pytest.raises(StoreError, match="no checkpoint that is kept here"):
        run(folder, "--yes")
    make_checkpoint(ledger)
    assert "2 entries published" in run(folder, "--yes").out
    ledger.append(Event.parse("transfer", transfer(2)))
    newest = make_checkpoint(ledger)
    ledger.append(Event.parse("transfer", transfer(3)))
    told = json.loads(run(folder, "--yes", "--json").out)
    checkpoint = published_checkpoint(folder)
    assert told == {
        "folder": str(folder),
        "chain": ledger.chain.hex(),
        "origin": "example.org/depot",
        "size": 3,
        "before": 2,
        "root": checkpoint.root.hex(),
        "files": 3,
    }
    assert (folder / "checkpoint").read_bytes() == format_note(newest)
    assert checkpoint.root == merkle.root([logged.entry.id for logged in ledger.read(0, 3)])
    assert (folder / "tile/entries/000.p/3").read_bytes().endswith(ledger.entry(2).entry.raw)


def test_the_command_publishes_to_a_checkpoint_that_is_named(call, tmp_path):
    run, ledger = call
    file = tmp_path / "given.checkpoint"
    file.write_bytes(format_note(make_checkpoint(ledger)))
    ledger.append(Event.parse("transfer", transfer(2)))
    make_checkpoint(ledger)
    run(tmp_path / "log", "--checkpoint", file, "--chain", ledger.chain.hex()[:12], "--yes")
    assert published_checkpoint(tmp_path / "log").size == 2
    file.write_bytes(b"no checkpoint\n")
    with pytest.raises(NoteError):
        run(tmp_path / "log", "--checkpoint", file, "--yes")


def test_a_person_is_told_what_will_be_seen_and_asked(call, tmp_path):
    run, ledger = call
    make_checkpoint(ledger)
    assert "not published" in run(tmp_path / "log", stdin=Terminal("n\n")).err
    assert not (tmp_path / "log").exists()
    said = run(tmp_path / "log", stdin=Terminal("y\n"))
    for words in (
        "entries  2",
        "the kind, the time and the key of the author",
        "What the entries say is not in it",
        "publish this?",
    ):
        assert words in said.err
    assert "2 entries published" in said.out
    assert "of which 2 are published already" in run(tmp_path / "log", stdin=Terminal("y\n")).err


def test_where_nobody_can_be_asked_nothing_is_published(call, tmp_path):
    run, ledger = call
    make_checkpoint(ledger)
    for args in ([], ["--checkpoint", "-"]):
        with pytest.raises(click.UsageError, match="give --yes"):
            run(tmp_path / "log", *args)
    assert not (tmp_path / "log").exists()
