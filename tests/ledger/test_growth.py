"""No signature over what was not just verified: each byte in turn is flipped, and none signed."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from hashlib import sha256

import pytest
from support.chains import OWNER
from support.command import run
from support.place import Place

from chainlog.errors import ChainlogError
from chainlog.format.checkpoint import parse_checkpoint
from chainlog.format.merkle import root, verify_inclusion
from chainlog.format.record import Record, scan
from chainlog.ledger import growth
from chainlog.ledger.growth import OtherEntriesError
from chainlog.ledger.proofs import prove
from chainlog.store.segment.cells import FileCells
from chainlog.store.segment.engine import SegmentEngine
from chainlog.store.tree import Tree

SIGNED, SIZE = 6, 12


@pytest.fixture
def place(tmp_path):
    """Six entries under a checkpoint, six more above it."""
    made = Place(tmp_path, SIGNED)
    made.make()
    made.write(SIZE - SIGNED, 50)
    return made


@pytest.fixture
def first(tmp_path):
    """The same without any checkpoint."""
    return Place(tmp_path, SIZE)


def segment(place):
    (path,) = place.chain_folder.glob("*.seg")
    return path


def records(place):
    found = scan([segment(place).read_bytes()], place.chain)
    return [one for group in found for one in group if isinstance(one, Record)]


def files(place):
    """All that lies in the ledger and in the home, byte for byte."""
    return {path: path.read_bytes() for path in sorted(place.base.rglob("*")) if path.is_file()}


def flip(path, at, bit=1):
    with path.open("r+b") as file:
        file.seek(at)
        one = file.read(1)
        file.seek(at)
        file.write(bytes([one[0] ^ bit]))


def refused(place, signer=OWNER):
    """What is said where nothing is signed; and nothing is left behind."""
    before = files(place)
    with pytest.raises(ChainlogError) as told:
        place.make(signer)
    assert files(place) == before
    return told.value


def signature_of(record):
    """Where in the segment a byte of an entry's signature stands."""
    return record.end - len(record.body) - 16


def unsign(place):
    """The last checkpoint was never made."""
    for folder in place.folders:
        max(folder.glob("*.checkpoint")).unlink()


# The bytes


def test_no_bit_of_what_is_new_is_signed_over(place):
    """Of each byte of each entry above the last checkpoint: header, signature, body, framing."""
    told, starts = place.told(), records(place)[8].start
    for record in records(place)[SIGNED:-1]:
        # Each byte of one, and of the others each third.
        for at in range(record.start, record.end, 1 if record.start == starts else 3):
            flip(segment(place), at, 1 << at % 8)
            refused(place)
            flip(segment(place), at, 1 << at % 8)
    assert parse_checkpoint(place.make().text) == told


def test_no_bit_is_signed_over_where_nothing_was_signed_before(first):
    told = first.told()
    for record in records(first)[:-1]:
        for at in range(record.start, record.end, 7):
            flip(segment(first), at, 1 << at % 8)
            refused(first)
            flip(segment(first), at, 1 << at % 8)
    assert parse_checkpoint(first.make().text) == told


def test_a_bit_below_what_was_signed_is_never_signed_for_another_root(place):
    """What was signed stays signed: damage of it is seen, or the true ids are signed again."""
    told = place.told()
    for record in records(place)[:SIGNED]:
        for at in range(record.start, record.end, 11):
            flip(segment(place), at, 1 << at % 8)
            try:
                assert parse_checkpoint(place.make().text) == told
                unsign(place)
            except ChainlogError:
                pass
            flip(segment(place), at, 1 << at % 8)
    assert parse_checkpoint(place.make().text) == told


def test_what_does_not_hold_is_named(place):
    """The entry, the step, and what to do."""
    record = records(place)[8]
    for at, step, code in ((signature_of(record), 4, "signature"), (record.end - 3, 6, "body")):
        flip(segment(place), at)
        error = refused(place)
        flip(segment(place), at)
        assert isinstance(error, OtherEntriesError)
        assert (error.fault.index, error.fault.step, error.fault.code) == (8, step, code)
        assert error.message.startswith("entry 8 does not hold: ")
        assert "chainlog sync WHO" in error.hint


def test_what_the_hint_says_mends_it(place, tmp_path, monkeypatch):
    """From the state that shows it; who holds it whole lacks the last entries."""
    monkeypatch.setenv("CHAINLOG_HOME", str(place.home))
    whole, told = place.told(), records(place)
    shutil.copytree(place.folder, tmp_path / "hub")
    (tmp_path / "hub" / "chains" / place.chain.hex() / "index").unlink()
    with segment(place).open("rb") as file:
        cut = file.read()[: told[9].end]
    (tmp_path / "hub" / "chains" / place.chain.hex() / segment(place).name).write_bytes(cut)
    flip(segment(place), signature_of(told[8]))
    hint = refused(place).hint
    for command in hint.partition(": ")[2].replace("WHO", str(tmp_path / "hub")).split(" && "):
        words = shlex.split(command)
        if words[0] == "chainlog":
            done = run(*words[1:], folder=place.folder)
            assert done.code == 0, done.err
        else:
            subprocess.run(words, check=True)
    assert place.told() == whole
    assert parse_checkpoint(place.make().text) == whole
    assert run("verify", folder=place.folder).code == 0


# What is derived


@pytest.mark.parametrize("name", ["index", "tree"])
def test_no_bit_of_what_is_derived_is_signed(place, name):
    told, path = place.told(), place.chain_folder / name
    with place.open() as ledger:
        ledger.tree().root(SIZE)
    whole = path.read_bytes()
    for at in range(0, len(whole), 5):
        path.write_bytes(whole)
        flip(path, at, 1 << at % 8)
        assert parse_checkpoint(place.make().text) == told, at
        unsign(place)


def poisoned(place):
    """An index with other ids than the records have, but for the last."""
    path, ids = place.chain_folder / "index", place.ids()
    data = path.read_bytes()
    for one in ids[:-1]:
        assert one in data
        data = data.replace(one, sha256(one).digest())
    path.write_bytes(data)
    (place.chain_folder / "tree").unlink(missing_ok=True)


def test_a_wrong_index_accuses_nobody_of_two_histories(place):
    """The ids that the index has are not those of the chain; the records are."""
    told = place.told()
    poisoned(place)
    assert parse_checkpoint(place.make().text) == told


def test_a_wrong_index_keeps_no_entry_from_being_proven(place):
    note, ids = place.make(), place.ids()
    poisoned(place)
    with place.open() as ledger:
        for index, one in enumerate(ids):
            made = prove(ledger, place.chain, index, [note])
            verify_inclusion(one, index, SIZE, made.hashes, place.told().root)


def test_a_stored_tree_of_another_history_makes_nothing_fit(place):
    """It lies beside the chain, and the checkpoint of that history is brought."""
    ids = [place.chain, *(sha256(bytes([n])).digest() for n in range(SIZE - 1))]
    path = place.chain_folder / "tree"
    path.unlink(missing_ok=True)
    Tree(FileCells(path), lambda start, stop: b"".join(ids[start:stop]), SIZE).root(SIZE)
    assert place.take(place.signed(root=root(ids))).state == "forked"
    assert place.take(place.signed()).state == "fits"


# What it costs


def counted_make(place, monkeypatch):
    """How many entries were verified, and how many read, for one checkpoint."""
    verified, read = [], []
    verify_on, reading = growth.verify_on, SegmentEngine.read

    def verifying(known, group, **how):
        verified.append(len(group))
        return verify_on(known, group, **how)

    def counting(self, *where):
        for one in reading(self, *where):
            read.append(one.start)
            yield one

    with monkeypatch.context() as patch:
        patch.setattr(growth, "verify_on", verifying)
        patch.setattr(SegmentEngine, "read", counting)
        place.make()
    return sum(verified), len(read)


@pytest.mark.slow
def test_a_checkpoint_costs_what_is_new(tmp_path, monkeypatch):
    """One entry more: one is verified, and as few are read in a chain of ten times as many."""
    costs = []
    for size in (40, 400):
        place = Place(tmp_path / str(size), size)
        place.make()
        place.write(1, 900)
        costs.append(counted_make(place, monkeypatch))
    assert costs[0] == costs[1]
    assert costs[0][0] == 1
    assert costs[0][1] < 12
