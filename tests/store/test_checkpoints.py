"""The files of checkpoints: merged, never lost, whatever else lies in the folder."""

from __future__ import annotations

import errno
import os
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.chains import OWNER, STRANGER, small_chain
from support.notes import HUB, NGO, checkpoint, sign, told_at

from chainlog.errors import ChainlogError, NoteError, StoreError
from chainlog.format.checkpoint import Checkpoint, log_vkey
from chainlog.format.note import NOTE_LIMIT, Note, Signature, format_note, parse_note
from chainlog.ledger.at_path import sources_of
from chainlog.ledger.marks import Marks
from chainlog.store import checkpoints as files
from chainlog.store import durable
from chainlog.store.checkpoints import (
    checkpoint_files,
    checkpoint_name,
    checkpoints_in,
    keep_checkpoint,
    read_checkpoint,
)

DRAFT = small_chain(9)


def note_of(size=5, cosigned=(), **wrong):
    return sign(told_at(DRAFT, size, **wrong), OWNER, cosigned=[(one, 7) for one in cosigned])


def junk(count, size=5):
    """Lines of nobody known."""
    return Note(
        note_of(size).text,
        tuple(Signature(f"junk.example/{n}", b"hash", b"x" * 72) for n in range(count)),
    )


def names(folder):
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


def test_a_checkpoint_is_kept_under_its_size_and_root(tmp_path):
    folder = tmp_path / "a" / "checkpoints"
    note = note_of()
    assert keep_checkpoint(folder, note) == note
    assert names(folder) == [f"{5:020d}-{told_at(DRAFT, 5).root.hex()}.checkpoint"]
    assert (
        read_checkpoint(checkpoint_files(folder)[0])
        == format_note(note)
        == checkpoint(DRAFT, 5, OWNER)
    )
    assert checkpoints_in(folder) == [note]


def test_signatures_add_up_and_each_stands_once(tmp_path):
    one, other = note_of(cosigned=[HUB]), note_of(cosigned=[NGO])
    assert keep_checkpoint(tmp_path, one) == one
    whole = keep_checkpoint(tmp_path, other)
    assert whole.signatures == (*one.signatures, other.signatures[1])
    assert keep_checkpoint(tmp_path, one) == keep_checkpoint(tmp_path, other) == whole
    assert checkpoints_in(tmp_path) == [whole]


def test_what_is_kept_already_is_not_written_again(tmp_path, monkeypatch):
    note = note_of(cosigned=[HUB])
    keep_checkpoint(tmp_path, note)
    monkeypatch.setattr(durable, "replace", lambda *_: pytest.fail("written again"))
    keep_checkpoint(tmp_path, note)
    keep_checkpoint(tmp_path, note_of())


def test_two_roots_of_one_size_lie_side_by_side(tmp_path):
    other = sign(Checkpoint(told_at(DRAFT, 5).origin, 5, b"r" * 32), OWNER)
    keep_checkpoint(tmp_path, note_of())
    keep_checkpoint(tmp_path, other)
    assert sorted(note.text for note in checkpoints_in(tmp_path)) == sorted(
        [note_of().text, other.text]
    )


@settings(max_examples=20)
@given(st.lists(st.integers(1, 9), max_size=9))
def test_they_are_read_by_size(tmp_path_factory, sizes):
    folder = tmp_path_factory.mktemp("checkpoints")
    for size in sizes:
        keep_checkpoint(folder, note_of(size))
    assert checkpoints_in(folder) == [note_of(size) for size in sorted(set(sizes))]


def test_no_more_lines_than_a_note_may_have(tmp_path):
    keep_checkpoint(tmp_path, note_of())
    whole = keep_checkpoint(tmp_path, junk(64))
    assert (len(whole.signatures), whole.signatures[0]) == (64, note_of().signatures[0])
    assert checkpoints_in(tmp_path) == [whole]
    assert (
        keep_checkpoint(tmp_path, note_of(cosigned=[HUB])).signatures[0] == note_of().signatures[0]
    )


def test_a_note_too_long_for_a_file_changes_nothing(tmp_path):
    keep_checkpoint(tmp_path, note_of())
    long = Note(
        note_of().text, tuple(Signature("j", b"hash", bytes([n]) * 4000) for n in range(60))
    )
    with pytest.raises(NoteError):
        keep_checkpoint(tmp_path, long)
    assert checkpoints_in(tmp_path) == [note_of()]
    with pytest.raises(NoteError):
        keep_checkpoint(tmp_path, Note(note_of(6).text, ()))
    assert len(names(tmp_path)) == 1


def test_a_damaged_file_gives_way_to_a_good_one(tmp_path):
    path = tmp_path / checkpoint_name(told_at(DRAFT, 5))
    for data in (
        b"",
        b"\xff" * 99,
        format_note(note_of())[:-9],
        format_note(note_of(6)),
        b"x" * 10_000_000,
    ):
        path.write_bytes(data)
        assert checkpoints_in(tmp_path) == []
        assert len(read_checkpoint(path)) <= NOTE_LIMIT * 2
        assert keep_checkpoint(tmp_path, note_of()) == note_of()
        assert checkpoints_in(tmp_path) == [note_of()]


def test_what_is_named_otherwise_is_no_checkpoint(tmp_path):
    keep_checkpoint(tmp_path, note_of())
    for name in (
        "5.checkpoint",
        checkpoint_name(told_at(DRAFT, 6)) + ".new",
        "notes.txt",
        checkpoint_name(told_at(DRAFT, 6)).upper(),
    ):
        (tmp_path / name).write_bytes(format_note(note_of(6)))
    assert checkpoints_in(tmp_path) == [note_of()]
    # Under the name of another one it is none either; `verify` reads it all the same.
    (tmp_path / checkpoint_name(told_at(DRAFT, 7))).write_bytes(format_note(note_of(6)))
    assert checkpoints_in(tmp_path) == [note_of()]


def test_there_need_be_no_folder(tmp_path):
    assert checkpoint_files(tmp_path / "nowhere") == checkpoints_in(tmp_path / "nowhere") == []
    (tmp_path / "file").write_text("x")
    assert checkpoint_files(tmp_path / "file") == []
    with pytest.raises(StoreError, match="cannot be kept"):
        keep_checkpoint(tmp_path / "file", note_of())


def odd_files(folder):
    path = folder / checkpoint_name(told_at(DRAFT, 5))
    yield "a pipe", lambda: os.mkfifo(path), path.unlink
    yield "a folder", path.mkdir, path.rmdir
    yield "a link to nowhere", lambda: path.symlink_to(folder / "nowhere"), path.unlink
    yield "a link to itself", lambda: path.symlink_to(path), path.unlink
    yield "a device", lambda: path.symlink_to("/dev/zero"), path.unlink


def test_what_is_no_file_is_said_and_never_waited_for(tmp_path):
    """Whoever signs must know what was signed before, so that it cannot be read is an error.

    `verify` takes it for one unread.
    """
    for name, make, unmake in odd_files(tmp_path):
        make()
        for call in (
            lambda: checkpoints_in(tmp_path),
            lambda: read_checkpoint(tmp_path / checkpoint_name(told_at(DRAFT, 5))),
        ):
            with pytest.raises(StoreError):
                call()
        try:
            assert keep_checkpoint(tmp_path, note_of()) == note_of(), name
        except StoreError:
            unmake()
        else:
            assert checkpoints_in(tmp_path) == [note_of()]
            (tmp_path / checkpoint_name(told_at(DRAFT, 5))).unlink()


def test_more_files_than_anybody_made(tmp_path, monkeypatch):
    for size in (3, 4, 5):
        keep_checkpoint(tmp_path, note_of(size))
    monkeypatch.setattr(files, "FILES_LIMIT", 2)
    with pytest.raises(StoreError, match="holds 3 checkpoints"):
        checkpoint_files(tmp_path)
    monkeypatch.setattr(files, "FILES_LIMIT", 3)
    assert len(checkpoint_files(tmp_path)) == 3
    monkeypatch.setattr(files, "FOLDER_LIMIT", 100)
    with pytest.raises(StoreError, match="more than any site made"):
        checkpoint_files(tmp_path)


@pytest.mark.parametrize("call", ["write_all", "sync_data", "sync_folder", "make_folder"])
def test_a_full_disk_is_said_and_loses_nothing(tmp_path, monkeypatch, call):
    folder = tmp_path / "checkpoints"
    if call != "make_folder":
        keep_checkpoint(folder, note_of())

    def full(*_):
        raise OSError(errno.ENOSPC, "no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(durable, call, full)
        with pytest.raises(StoreError, match=r"cannot be kept in .*no space left"):
            keep_checkpoint(folder, note_of(cosigned=[HUB]))
    if call == "make_folder":
        assert not folder.exists()
        return
    (kept,) = checkpoints_in(folder)
    assert kept in {note_of(), note_of(cosigned=[HUB])}
    assert len(names(folder)) == 1
    assert keep_checkpoint(folder, note_of(cosigned=[HUB])) == note_of(cosigned=[HUB])


def test_a_folder_that_cannot_be_read_is_said(tmp_path, monkeypatch):
    keep_checkpoint(tmp_path, note_of())

    def refused(self):
        raise PermissionError(errno.EACCES, "permission denied")

    monkeypatch.setattr(type(tmp_path), "iterdir", refused)
    with pytest.raises(StoreError, match="permission denied"):
        checkpoints_in(tmp_path)


def with_byte(at, byte):
    """A good file with one byte changed, or not."""
    data = bytearray(format_note(note_of()))
    data[at % len(data)] = byte
    return bytes(data)


@settings(max_examples=40)
@given(st.binary(max_size=400) | st.builds(with_byte, st.integers(0, 999), st.integers(0, 255)))
def test_any_bytes_in_a_file_are_a_checkpoint_or_none(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("checkpoints")
    path = folder / checkpoint_name(told_at(DRAFT, 5))
    path.write_bytes(data)
    (kept,) = checkpoints_in(folder) or [None]
    # The name says the size and the root; of which chain it is, its reader sees.
    assert kept is None or (
        kept == parse_note(data) and kept.text.split("\n")[1:] == note_of().text.split("\n")[1:]
    )
    try:
        whole = keep_checkpoint(folder, note_of())
    except ChainlogError:
        assert path.read_bytes() == data
    else:
        assert note_of().signatures[0] in whole.signatures


def test_many_files_are_read_in_no_time(tmp_path):
    """Parsed, not verified: a thousand take a part of a second."""
    for number in range(1000):
        text = Checkpoint(told_at(DRAFT, 1).origin, number + 1, number.to_bytes(32)).text
        (tmp_path / f"{number + 1:020d}-{number.to_bytes(32).hex()}.checkpoint").write_bytes(
            format_note(Note(text, note_of().signatures))
        )
    started = time.perf_counter()
    assert len(checkpoints_in(tmp_path)) == 1000
    assert time.perf_counter() - started < 2


def test_one_that_leads_nowhere_hides_no_other(tmp_path):
    keep_checkpoint(tmp_path, note_of())
    (tmp_path / checkpoint_name(told_at(DRAFT, 6))).symlink_to(tmp_path / "nowhere")
    assert len(checkpoint_files(tmp_path)) == 2


# What `verify` is given of them


def test_verify_is_given_each_file_also_one_that_cannot_be_read(tmp_path):
    folder = tmp_path / "ledger" / "chains" / DRAFT.chain.hex()
    folder.mkdir(parents=True)
    (folder / f"{0:020d}.seg").write_bytes(DRAFT.segment())
    keep_checkpoint(folder / "checkpoints", note_of())
    os.mkfifo(folder / "checkpoints" / checkpoint_name(told_at(DRAFT, 6)))
    marks = Marks(tmp_path / "home" / "marks")
    memory = marks.memory(DRAFT.chain)
    for size in (5, 8):
        told = note_of(size)
        memory.keep(told, [log_vkey(told.text.partition("\n")[0], OWNER.key_id)])
    stranger = sign(told_at(DRAFT, 4), STRANGER)
    keep_checkpoint(memory.folder, stranger)
    (source,) = sources_of(tmp_path / "ledger", marks)
    # Those that are remembered first; what is the same stands once. One that holds under no key
    # that is remembered counts no more than what comes along.
    assert [(one.data, one.remembered, one.ahead) for one in source.checkpoints] == [
        (format_note(note_of()), True, False),
        (format_note(note_of(8)), True, False),
        (format_note(stranger), False, True),
        (b"", False, False),
    ]
    assert source.again is not None
    again = b"".join(chunk for segment in source.again() for chunk in segment.chunks)
    assert (
        again
        == b"".join(chunk for segment in source.segments for chunk in segment.chunks)
        == DRAFT.segment()
    )
