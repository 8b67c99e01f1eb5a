"""Hints where files were damaged, changed or lost under chainlog: all that was recorded is back."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest
from hints.way import Keyboard, Person

from chainlog.store import durable

READS_BACK = (
    "keep other programs out of the ledger's folder, then run 'chainlog status': it reads back "
    "what is there"
)
TAKE_BACK = (
    "keep other programs out of the ledger's folder, then take it back: {away}chainlog sync {saved}"
)
NOT_KNOWN = "{make_room}run 'chainlog status': it reads back what is there"
NEWER = "run 'chainlog verify'; bring back a newer copy if this is an old one"
WHOLE = "run 'chainlog verify', and bring back a whole copy"
VERIFY = "run 'chainlog verify'"
WHO_MAY = "who may sign cannot be told: run 'chainlog verify'"
HEALS = "hint: where a disk did this, a copy that is whole heals it: chainlog {which}sync WHO"
MARKED = (
    "not what was signed, and marked so: what these entries say: {entries}; run 'chainlog verify'"
)
UNKNOWN = (
    "whether the last event was recorded is not known; 'chainlog status' reads back what is there"
)
KEPT = "what was recorded is kept: 'chainlog status' reads it back"


@pytest.fixture
def depot(tmp_path):
    """A depot with a transfer; `backup` is a whole copy of its ledger, and `home` beside it."""
    person = Person(tmp_path)
    person.transfer()
    person.backup = tmp_path / "backup"
    shutil.copytree(person.folder, person.backup)
    shutil.copytree(person.home, tmp_path / "home-before")
    return person


def segment(person):
    (path,) = person.chain_folder().glob("*.seg")
    return path


def change(person, at, *, to=None):
    """Flip a bit of the segment where `at` stands, or cut it there."""
    path = segment(person)
    data = bytearray(path.read_bytes())
    where = data.rindex(at) if isinstance(at, bytes) else at % len(data)
    if to is None:
        data[where] ^= 1
    else:
        data[where:] = to
    path.write_bytes(data)


def once(monkeypatch, name, strike):
    """`strike()` comes once, after the next call of a function that makes writes durable."""
    real = getattr(durable, name)

    def call(*args):
        monkeypatch.setattr(durable, name, real)
        told = real(*args)
        strike()
        return told

    monkeypatch.setattr(durable, name, call)


def put_over(source, path):
    """As rsync does: written beside, then renamed over."""
    beside = path.with_name(f".{path.name}.Xa1b2c")
    shutil.copy(source, beside)
    beside.rename(path)


def holds(person, entries):
    """All that was recorded is there, it holds, and the next is recorded."""
    assert len(person.entries()) == entries
    assert person.at("verify").code == 0
    assert person.transfer("SN-9").code == 0


@pytest.mark.hint(READS_BACK)
def test_a_file_with_all_of_it_lies_in_its_place(depot, monkeypatch):
    once(monkeypatch, "sync_data", lambda: put_over(segment(depot), segment(depot)))
    told = depot.transfer("SN-2")
    assert told.code
    shown = depot.go(told, READS_BACK)
    assert shown.code == 0, shown
    holds(depot, 3)


@pytest.mark.hint(TAKE_BACK)
@pytest.mark.parametrize("laid", ["an older file", "a link"])
def test_what_another_file_took_the_place_of_is_taken_back(depot, monkeypatch, laid):
    def strike():
        path = segment(depot)
        older = depot.backup / path.relative_to(depot.folder)
        if laid == "a link":
            path.unlink()
            path.symlink_to(older)
        else:
            put_over(older, path)

    once(monkeypatch, "sync_data", strike)
    told = depot.transfer("SN-2")
    assert told.code
    depot.type(depot.shown(told, TAKE_BACK).partition("take it back: ")[2])
    holds(depot, 3)


@pytest.mark.hint(NOT_KNOWN)
@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC])
def test_whether_an_entry_is_kept_is_read_back(depot, monkeypatch, number):
    def full():
        raise OSError(number, os.strerror(number))

    once(monkeypatch, "sync_data", full)
    told = depot.transfer("SN-2")
    assert told.code
    assert ("make room" in told.err) == (number == errno.ENOSPC)
    assert depot.go(told, NOT_KNOWN).code == 0
    holds(depot, len(depot.entries()))


def marks_put_back(depot, tmp_path):
    """The home is as it was when the backup was made."""
    shutil.rmtree(depot.home)
    shutil.copytree(tmp_path / "home-before", depot.home)


@pytest.mark.hint(NEWER)
def test_entries_that_an_index_says_were_acknowledged_are_brought_back(depot, tmp_path):
    depot.transfer("SN-2")
    whole = segment(depot).read_bytes()
    marks_put_back(depot, tmp_path)
    change(depot, -1, to=b"")
    told = depot.transfer("SN-3")
    verified = depot.go(told, NEWER)
    assert verified.code, verified
    segment(depot).write_bytes(whole)
    holds(depot, 3)


@pytest.mark.hint(WHOLE)
def test_what_cannot_be_read_before_an_entry_is_brought_back(depot, tmp_path):
    size = segment(depot).stat().st_size
    depot.transfer("SN-2")
    depot.transfer("SN-3")
    whole = segment(depot).read_bytes()
    marks_put_back(depot, tmp_path)
    (depot.chain_folder() / "index").unlink()
    change(depot, size)
    told = depot.transfer("SN-4")
    verified = depot.go(told, WHOLE)
    assert verified.code, verified
    segment(depot).write_bytes(whole)
    holds(depot, 4)


@pytest.mark.hint(WHO_MAY)
def test_who_may_sign_is_said_by_verify(depot):
    change(depot, segment(depot).read_bytes().index("Олена".encode()))
    told = depot.at("status")
    verified = depot.go(told, WHO_MAY)
    assert (verified.code, "entry 0: body" in verified.out) == (3, True), verified


@pytest.mark.hint(HEALS)
def test_a_whole_copy_heals_what_a_disk_did(depot):
    change(depot, b"SN-1")
    told = depot.at("verify")
    assert told.code == 3
    assert depot.go(told, HEALS, WHO=depot.backup).code == 0
    holds(depot, 2)


@pytest.mark.hint(MARKED)
def test_what_an_export_left_out_is_said_by_verify(depot):
    change(depot, b"SN-1")
    told = depot.at("export", "jsonl")
    assert told.code == 4
    verified = depot.go(told, MARKED)
    assert (verified.code, "entry 1: body" in verified.out) == (3, True), verified


@pytest.mark.hint(VERIFY)
def test_what_does_not_hold_is_said_by_verify(depot, tmp_path):
    depot.at("checkpoint")
    entry = depot.entries()[1]["id"]
    change(depot, b"SN-1")
    told = depot.at("evidence", "make", entry, "-o", tmp_path / "made", "--unwitnessed")
    assert told.code
    verified = depot.go(told, VERIFY)
    assert verified.code == 3, verified


@pytest.mark.hint(UNKNOWN)
def test_whether_what_was_typed_was_recorded_is_read_back(depot, monkeypatch, tmp_path):
    """The stick is pulled out as it is written."""

    def pulled():
        depot.folder.rename(tmp_path / "pulled")
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    once(monkeypatch, "sync_data", pulled)
    typed = ("transfer", "2023-03-01 10:30", "Порт", "Склад 7", "1ABC2/M777/0042", "", "", "yes")
    told = depot.at("enter", stdin=Keyboard("".join(f"{one}\n" for one in typed)))
    (tmp_path / "pulled").rename(depot.folder)
    shown = depot.go(told, UNKNOWN)
    assert shown.code == 0, shown
    holds(depot, 3)


@pytest.mark.hint(KEPT)
def test_an_answer_for_which_there_is_no_room_is_read_back(depot):
    words = ("transfer", "--from", "Порт", "--to", "Склад 7", "--item", "1ABC2/M777/SN-2", "--yes")
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        told = depot.apart("--ledger", depot.folder, *words, out=full)
    assert told.code == 6
    shown = depot.go(told, KEPT)
    assert shown.code == 0, shown
    holds(depot, 3)
