"""Copies of a chain that were written from here: their file, whatever becomes of it."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.place import Place

from chainlog.errors import LockedError, StoreError
from chainlog.ledger import turns
from chainlog.ledger.marks import Marks
from chainlog.ledger.turns import Copy, copies_of, format_copies, parse_copies, turn_at

COPIES = st.lists(
    st.builds(Copy, st.text(), st.integers(0, 2**64), st.integers(0, 2**64)), max_size=5
)


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


@pytest.fixture
def path(place):
    """The file of the copies of the place's chain."""
    return Marks(place.home / "marks").state.copies(place.chain)


@given(COPIES, st.booleans())
def test_what_is_written_is_read(copies, unfinished):
    told = parse_copies(format_copies(copies, unfinished=unfinished))
    assert told == (copies, unfinished and bool(copies))


@given(st.binary())
def test_anything_else_is_nothing(data):
    copies, unfinished = parse_copies(data)
    assert (copies, unfinished) == ([], False)


@pytest.mark.parametrize(
    "data", [b"", b"x" * 300, b"chainlog copies 1 ?\n", b"chainlog copies 1 !\n[1"]
)
def test_a_file_that_was_damaged_or_put_back_is_made_anew(place, path, data):
    path.write_bytes(data)
    place.write()
    assert [one.folder for one in copies_of(path)[0]] == [str(place.folder.resolve())]


def test_the_last_one_stands_first_and_sixteen_are_kept(path):
    for number in range(20):
        with turn_at(path, path.parent) as turn:
            turn.done(Copy(f"/{number}", 1, number))
    with turn_at(path, path.parent) as turn:
        turn.add(Copy("/hub", 1, 99))
    copies, unfinished = copies_of(path)
    assert [one.folder for one in copies[:3]] == ["/19", "/hub", "/18"]
    assert (len(copies), unfinished) == (16, False)


def test_an_unfinished_one_stays_first(path):
    with turn_at(path, path.parent) as turn:
        turn.begin(Copy("/first", 1, 1))
        turn.add(Copy("/hub", 1, 2))
    copies, unfinished = copies_of(path)
    assert (copies[:2], unfinished) == ([Copy("/first", 1, 1), Copy("/hub", 1, 2)], True)
    with turn_at(path, path.parent) as turn:
        turn.forget()
    assert copies_of(path)[1] is False


def test_a_turn_is_waited_for(path, monkeypatch):
    monkeypatch.setattr(turns, "_SECONDS", 0.05)
    with (
        turn_at(path, path.parent),
        pytest.raises(LockedError),
        turn_at(path, path.parent),
    ):
        pytest.fail("two had it")


STAND_INS = {
    "folder": lambda path: path.mkdir(),
    "pipe": os.mkfifo,
    "loop": lambda path: path.symlink_to(path.name),
    "device": lambda path: path.symlink_to("/dev/zero"),
    "process": lambda path: path.symlink_to("/proc/self/mem"),
}


@pytest.mark.parametrize("what", STAND_INS)
def test_what_is_no_file_is_told_and_waited_for_by_nobody(place, path, what):
    path.unlink()
    STAND_INS[what](path)
    assert copies_of(path) == ([], False)
    with pytest.raises(StoreError) as raised:
        place.write()
    assert f"rm -r {path}" in raised.value.hint


def test_a_mark_only_grows(place):
    marks = Marks(place.home / "marks")
    with place.open() as ledger:
        head = ledger.head
    copy = Copy("/hub", 1, 1)
    marks.grow(place.chain, head._replace(size=2), copy)
    assert marks.get(place.chain) == head


@pytest.mark.parametrize("cut", [0, 1, 90, 179])
def test_a_mark_that_was_cut_is_told_and_nothing_is_written(place, cut):
    path = Marks(place.home / "marks").path(place.chain)
    path.write_bytes(path.read_bytes()[:cut])
    before = place.ids()
    with pytest.raises(StoreError, match="is damaged") as raised:
        place.write()
    assert "rm -r" in raised.value.hint
    assert place.ids() == before


def test_a_mark_that_was_put_back_is_made_up_for(place):
    path = Marks(place.home / "marks").path(place.chain)
    before = path.read_bytes()
    place.write(2)
    path.write_bytes(before)
    place.write()
    assert Marks(place.home / "marks").get(place.chain).size == 7


def test_one_that_was_closed_opens_anew_what_it_is_used_for(place):
    with place.open() as ledger:
        size = ledger.head.size
    place.write(2)
    assert ledger.head.size == size + 2
    ledger.close()


def test_a_file_that_takes_nothing_more_is_told(path):
    """Whatever is done with a turn, it is an error of ours that says what was refused."""
    with (
        turn_at(path, path.parent) as turn,
        path.open("rb") as read_only,
    ):
        turn._descriptor = read_only.fileno()
        for change in (turn.begin, turn.done, turn.add):
            turn.copies = []
            with pytest.raises(StoreError, match="cannot be written") as raised:
                change(Copy("/other", 1, 1))
            assert raised.value.hint
