"""The stored tree of a chain: the same roots and proofs as from all its leaves, from few cells of a
file that only grows.
"""

from __future__ import annotations

import os
import resource
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.chains import small_chain

from chainlog.errors import NoEntryError, ProofError, StoreError
from chainlog.format import merkle
from chainlog.store import tree as stored
from chainlog.store.cells import CELL
from chainlog.store.engine import EMPTY
from chainlog.store.segment import cells as tree_file
from chainlog.store.segment.cells import FileTree
from chainlog.store.segment.engine import SegmentEngine
from chainlog.store.tree import Tree, cells_of, place_of

QUICK = settings(max_examples=40, deadline=None)
LEAVES = [sha256(b"leaf %d" % n).digest() for n in range(700)]


def ids_of(leaves):
    data = b"".join(leaves)
    return lambda start, stop: data[start * 32 : stop * 32]


IDS = ids_of(LEAVES)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "tree"


@pytest.fixture
def few_at_once(monkeypatch):
    """Small batches, so that a small chain is caught up in many."""
    monkeypatch.setattr(stored, "_BATCH", 16)


def written(path, size, leaves=LEAVES):
    tree = FileTree(path, ids_of(leaves), size)
    tree.root(size)
    tree.close()
    return path.read_bytes()


def told(tree, size):
    """All that can be asked of one size."""
    return (
        tree.root(size),
        tree.frontier(size).hashes,
        [tree.inclusion(index, size) for index in range(size)],
        [tree.consistency(before, size) for before in range(1, size + 1)],
    )


def expected(size):
    frontier = merkle.Frontier()
    frontier.extend(LEAVES[:size])
    return (
        merkle.root(LEAVES[:size]),
        frontier.hashes,
        [merkle.inclusion_proof(LEAVES, index, size) for index in range(size)],
        [merkle.consistency_proof(LEAVES, before, size) for before in range(1, size + 1)],
    )


# The order of the cells


def test_cells_stand_in_the_order_in_which_they_are_completed():
    order = []
    for leaf in range(1, 2049):
        level = 1
        while leaf % (1 << level) == 0:
            order.append((level, (leaf >> level) - 1))
            level += 1
        assert len(order) == cells_of(leaf)
    assert [place_of(*node) for node in order] == list(range(len(order)))


def test_the_file_is_these_cells_and_nothing_else(path):
    data = written(path, 13)
    full = {
        (level, index): merkle.root(LEAVES[index << level : (index + 1) << level])
        for level in (1, 2, 3)
        for index in range(13 >> level)
    }
    assert len(data) == cells_of(13) * CELL == 10 * CELL
    assert data == b"".join(full[node] for node in sorted(full, key=lambda node: place_of(*node)))


def test_how_far_a_file_is_follows_from_its_length(path):
    for cells in range(300):
        tree = Tree(None, IDS, 700)
        tree._added = bytearray(cells * CELL)
        covered = tree._covered()
        assert covered % 2 == 0
        assert cells_of(covered) <= cells < cells_of(covered + 2)


# What it answers


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 7, 8, 9, 31, 64, 65])
@pytest.mark.parametrize("kept", [True, False])
def test_it_answers_as_the_leaves_do(path, size, kept):
    tree = FileTree(path, IDS, size) if kept else Tree(None, IDS, size)
    assert tree.size == size
    assert told(tree, size) == expected(size)
    assert (path.exists() and path.stat().st_size == cells_of(size) * CELL) is (kept and size > 1)


@QUICK
@given(st.lists(st.integers(0, 700), min_size=1, max_size=6), st.data())
def test_grown_in_any_steps_it_answers_as_the_leaves_do(sizes, data):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "tree"
        before = b""
        for size in sorted(sizes):
            tree = FileTree(path, IDS, size)
            asked = data.draw(st.integers(0, size))
            assert tree.root(asked) == merkle.root(LEAVES[:asked])
            if asked:
                index, older = (
                    data.draw(st.integers(0, asked - 1)),
                    data.draw(st.integers(1, asked)),
                )
                assert tree.inclusion(index, asked) == merkle.inclusion_proof(LEAVES, index, asked)
                assert tree.consistency(older, asked) == merkle.consistency_proof(
                    LEAVES, older, asked
                )
            assert tree.root(size) == merkle.root(LEAVES[:size])
            tree.close()
            after = path.read_bytes() if path.exists() else b""
            assert after.startswith(before)
            assert len(after) == cells_of(size) * CELL
            before = after


@pytest.mark.usefixtures("few_at_once")
def test_in_many_batches_it_is_the_same_file(path, tmp_path, monkeypatch):
    many = written(path, 700)
    monkeypatch.undo()
    assert many == written(tmp_path / "at once", 700)


def test_subtrees_of_a_level_come_in_one_piece(path):
    tree = FileTree(path, IDS, 700)
    assert tree.nodes(0, 3, 700) == b"".join(LEAVES[3:])
    assert tree.nodes(4, 2, 43) == b"".join(
        merkle.root(LEAVES[n * 16 : n * 16 + 16]) for n in range(2, 43)
    )
    assert tree.nodes(9, 1, 1) == b""


NONSENSE = {
    "a root beyond": lambda tree: tree.root(11),
    "a root below": lambda tree: tree.root(-1),
    "a frontier beyond": lambda tree: tree.frontier(11),
    "an entry beyond": lambda tree: tree.inclusion(10, 10),
    "an entry in a tree beyond": lambda tree: tree.inclusion(0, 11),
    "an entry below": lambda tree: tree.inclusion(-1, 10),
    "from nothing": lambda tree: tree.consistency(0, 10),
    "backwards": lambda tree: tree.consistency(7, 6),
    "to beyond": lambda tree: tree.consistency(3, 11),
    "subtrees beyond": lambda tree: tree.nodes(1, 0, 6),
    "subtrees backwards": lambda tree: tree.nodes(1, 2, 1),
    "a level below": lambda tree: tree.nodes(-1, 0, 1),
    "a level beyond": lambda tree: tree.nodes(10**9, 0, 1),
    "a chain below": lambda _: Tree(None, IDS, -1),
}


@pytest.mark.parametrize("what", NONSENSE)
def test_sizes_that_make_no_sense_are_refused(path, what):
    with pytest.raises(ProofError):
        NONSENSE[what](FileTree(path, IDS, 10))


# What it costs


def test_a_proof_in_a_chain_of_a_million_reads_a_few_cells(path, monkeypatch):
    size, reads, leaves = 1_000_000, [], []
    # The cells of a million entries that say nothing: what is counted is reads.
    with path.open("wb") as file:
        for _ in range(62):
            file.write(b"x" * (cells_of(size) * CELL // 62 + 1))
        file.truncate(cells_of(size) * CELL)
    pread = os.pread

    def counted(descriptor, length, offset):
        reads.append(length)
        return pread(descriptor, length, offset)

    def ids(start, stop):
        leaves.append(stop - start)
        return b"y" * 32 * (stop - start)

    monkeypatch.setattr(os, "pread", counted)
    with_all = FileTree(path, ids, size)
    for ask in (
        lambda: with_all.inclusion(123_456, size),
        lambda: with_all.consistency(654_321, size),
        lambda: with_all.root(size),
    ):
        reads.clear()
        leaves.clear()
        ask()
        assert 0 < len(reads) <= 40
        assert sum(reads) <= 40 * CELL
        assert sum(leaves) <= 3
    # And one entry more hashes no more than that entry's path.
    reads.clear()
    more = FileTree(path, ids, size + 2)
    more.root(size + 2)
    assert sum(leaves) <= 3
    assert len(reads) <= 40


# What is wrong with the file


def test_what_a_write_left_in_part_is_written_again(path):
    whole = written(path, 700)
    for length in (0, 1, 31, 32, 33, 5 * CELL, 100 * CELL + 7, len(whole) - 1):
        path.write_bytes(whole[:length])
        assert written(path, 700) == whole


def test_of_more_than_the_chain_has_the_rest_is_cut_off(path):
    written(path, 700, LEAVES[:400] + [sha256(b"lost").digest()] * 300)
    tree = FileTree(path, IDS, 400)
    assert tree.root(400) == merkle.root(LEAVES[:400])
    assert path.stat().st_size == cells_of(400) * CELL
    assert FileTree(path, IDS, 700).root(700) == merkle.root(LEAVES)


@pytest.mark.usefixtures("few_at_once")
def test_two_that_catch_up_at_once_write_the_same(path, tmp_path):
    other = FileTree(path, IDS, 700)
    started = []

    def ids(start, stop):
        # While this one is at it, the other one does all of it.
        if not started:
            started.append(other.root(700))
        return IDS(start, stop)

    written(path, 100)
    tree = FileTree(path, ids, 500)
    assert tree.root(500) == merkle.root(LEAVES[:500])
    assert other.root(700) == started[0] == merkle.root(LEAVES)
    assert path.read_bytes() == written(tmp_path / "alone", 700)


def test_a_cell_that_a_power_cut_left_zero_is_made_again(path):
    whole = bytearray(written(path, 700))
    place = place_of(*merkle.root_nodes(700)[0]) * CELL
    whole[place : place + CELL] = bytes(CELL)
    path.write_bytes(whole)
    assert FileTree(path, IDS, 700).root(700) == merkle.root(LEAVES)
    assert path.read_bytes() == written(path.with_name("again"), 700)


def test_a_file_that_another_process_cut_off_meanwhile_is_made_anew(path):
    tree = FileTree(path, IDS, 700)
    tree.root(700)
    os.truncate(path, 64)
    assert tree.inclusion(3, 600) == merkle.inclusion_proof(LEAVES, 3, 600)
    assert path.stat().st_size == cells_of(700) * CELL


def test_a_file_cut_off_while_it_is_caught_up_gets_no_hole(path):
    written(path, 100)

    def ids(start, stop):
        os.truncate(path, 64)
        return IDS(start, stop)

    assert FileTree(path, ids, 700).root(700) == merkle.root(LEAVES)
    assert path.stat().st_size == 64
    assert written(path, 700) == written(path.with_name("again"), 700)


def test_wrong_hashes_show_in_a_root_and_are_gone_when_it_is_rebuilt(path):
    whole = written(path, 700)
    path.write_bytes(os.urandom(len(whole)))
    tree = FileTree(path, IDS, 700)
    assert tree.root(700) != merkle.root(LEAVES)
    proof = tree.inclusion(5, 700)
    with pytest.raises(ProofError):
        merkle.verify_inclusion(LEAVES[5], 5, 700, proof, merkle.root(LEAVES))
    tree.rebuild()
    assert told(tree, 65) == expected(65)
    assert tree.root(700) == merkle.root(LEAVES)
    assert path.read_bytes() == whole


def test_who_reads_a_file_that_is_rebuilt_goes_on_with_the_old_one(path):
    reader, writer = FileTree(path, IDS, 700), FileTree(path, IDS, 700)
    reader.root(700)
    writer.rebuild()
    assert reader.root(700) == writer.root(700) == merkle.root(LEAVES)


# What cannot be written, or is no file


def no_folder(path):
    return path / "not there" / "tree"


def a_folder(path):
    path.mkdir()
    return path


def a_pipe(path):
    os.mkfifo(path)
    return path


def a_link(path):
    target = path.with_name("somebody's file")
    target.write_bytes(b"dear diary")
    path.symlink_to(target)
    return path


@pytest.mark.parametrize("make", [no_folder, a_folder, a_pipe, a_link])
def test_what_cannot_be_a_file_is_left_alone_and_all_is_kept_in_memory(path, make):
    place = make(path)
    before = place.lstat().st_mode if place.exists() else None
    tree = FileTree(place, IDS, 65)
    assert told(tree, 65) == expected(65)
    assert (place.lstat().st_mode if place.exists() else None) == before
    if make is a_link:
        assert place.read_bytes() == b"dear diary"


@pytest.mark.parametrize("make", [no_folder, a_folder, a_pipe, a_link])
def test_rebuilding_puts_a_file_where_one_can_be(path, make):
    place = make(path)
    tree = FileTree(place, IDS, 65)
    tree.rebuild()
    assert told(tree, 65) == expected(65)
    assert (place.is_file() and not place.is_symlink()) is (make in (a_pipe, a_link))
    if make is a_link:
        assert path.with_name("somebody's file").read_bytes() == b"dear diary"


def test_a_full_disk_costs_nothing_but_time(path, few_at_once):
    written(path, 100)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (cells_of(300) * CELL + 5, hard))
    try:
        tree = FileTree(path, IDS, 700)
        assert tree.root(700) == merkle.root(LEAVES)
        assert tree.inclusion(650, 700) == merkle.inclusion_proof(LEAVES, 650, 700)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.stat().st_size <= cells_of(300) * CELL + 5
    assert written(path, 700) == written(path.with_name("again"), 700)


def test_what_it_does_not_own_it_reads_all_the_same(path, monkeypatch):
    written(path, 100)
    before, opening = path.read_bytes(), os.open

    def read_only(name, flags, *more):
        if flags & os.O_RDWR:
            raise PermissionError(13, "Permission denied")
        return opening(name, flags, *more)

    monkeypatch.setattr(os, "open", read_only)
    tree = FileTree(path, IDS, 65)
    assert told(tree, 65) == expected(65)
    assert FileTree(path, IDS, 700).root(700) == merkle.root(LEAVES)
    assert path.read_bytes() == before


def test_a_file_that_cannot_be_read_says_so(path, monkeypatch):
    written(path, 100)
    tree = FileTree(path, IDS, 100)

    def broken(*_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "pread", broken)
    with pytest.raises(StoreError, match=r"tree cannot be read: Input/output error"):
        tree.root(100)


def test_a_file_that_is_cut_off_again_and_again_is_done_without(path):
    def ids(start, stop):
        if path.exists():
            os.truncate(path, 0)
        return IDS(start, stop)

    tree = FileTree(path, ids, 3)
    tree.root(3)
    os.truncate(path, 0)
    # The leaf is read after the node was written, and before it is read.
    assert tree._read([(0, 2), (1, 0)], 3) == [LEAVES[2], merkle.root(LEAVES[:2])]
    assert path.stat().st_size == 0
    assert told(tree, 3) == expected(3)


def test_ids_that_are_not_there_are_said(path):
    with pytest.raises(StoreError, match="ids of entries 0 to 10"):
        FileTree(path, lambda _start, _stop: b"", 10).root(10)


def test_after_closing_it_answers_from_memory(path):
    tree = FileTree(path, IDS, 65)
    tree.close()
    assert told(tree, 65) == expected(65)
    assert not path.exists()


# On a chain


def test_the_tree_of_a_chain_in_a_ledgers_folder(tmp_path):
    draft = small_chain(30)
    engine = SegmentEngine(tmp_path)
    engine.append(
        draft.chain,
        EMPTY,
        [(entry.raw, body) for entry, body in zip(draft.entries, draft.bodies, strict=True)],
    )
    place = engine.folder_of(draft.chain) / tree_file.NAME
    tree = FileTree(place, lambda start, stop: engine.ids(draft.chain, start, stop), 30)
    root = merkle.root([entry.id for entry in draft.entries])
    assert tree.root(30) == root
    merkle.verify_inclusion(draft.entries[17].id, 17, 30, tree.inclusion(17, 30), root)
    assert place.stat().st_size == cells_of(30) * CELL
    with pytest.raises(NoEntryError):
        FileTree(place, lambda start, stop: engine.ids(draft.chain, start, stop), 40).root(40)
    engine.close()
