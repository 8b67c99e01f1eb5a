"""Hints about erasing: what was begun is carried out, here and wherever a copy lies."""

from __future__ import annotations

import errno
import os

import pytest
from hints.way import Keyboard, Person

from chainlog.store import durable

STANDS = "the erasure stands; run 'chainlog erase --carry-out{options}' to finish it"
AGAIN = "'chainlog erase --carry-out{options}' drops what is left of it here"
BY_ID = (
    "what was erased before is found by its id alone; 'chainlog erase --carry-out{options}' drops "
    "what is left of it here"
)
COPIES = (
    "this cannot be undone: the entry stays, and what it says is gone from this ledger.\n"
    "copies elsewhere, and backups, keep it until they carry the erasure out ('chainlog "
    "erase --carry-out' after a sync)."
)
GOVERNS = "entries that govern a chain are never erased; 'chainlog withhold' can leave out names"
REASON = ("--reason", "art. 17 GDPR", "--yes")


@pytest.fixture
def depot(tmp_path):
    """A depot that received a photograph with a document; its ids by index."""
    person = Person(tmp_path)
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff of somebody")
    told = person.at(
        *("transfer", "--from", "Порт", "--to", "Склад 7", "--item", "1ABC2/M777/SN-1"),
        *("--document", "WB-7", "--attach", tmp_path / "photo.jpg", "--yes"),
    )
    assert told.code == 0, told
    person.ids = [one["id"] for one in person.entries()]
    return person


def left(person, chain=None):
    """What is still held of what the entry said: its body, and its file."""
    segments = b"".join(path.read_bytes() for path in person.chain_folder(chain).glob("*.seg"))
    blobs = [path for path in (person.folder / "blobs").rglob("*") if path.is_file()]
    return (b"SN-1" in segments, len(blobs))


def interrupted(depot, monkeypatch, *options):
    """The erasure is signed, and then the disk fails."""
    with monkeypatch.context() as patch:
        patch.setattr(durable, "replace", refusing)
        patch.setattr(durable, "Beside", refusing)
        return depot.at("erase", depot.ids[1], *REASON, *options)


def refusing(*_, **__):
    raise OSError(errno.EIO, os.strerror(errno.EIO))


@pytest.mark.hint(STANDS)
@pytest.mark.parametrize("options", [(), ("--attachments",)])
def test_what_the_disk_interrupted_is_finished(depot, monkeypatch, options):
    told = interrupted(depot, monkeypatch, *options)
    assert told.code
    assert left(depot)[0]
    assert depot.go(told, STANDS).code == 0
    assert left(depot) == (False, 0 if options else 1)


@pytest.mark.hint(AGAIN)
def test_what_is_left_of_what_was_erased_before_is_dropped(depot):
    assert depot.at("erase", depot.ids[1], *REASON).code == 0
    told = depot.at("erase", depot.ids[1], *REASON, "--attachments")
    assert told.code
    assert depot.go(told, AGAIN).code == 0


@pytest.mark.hint(BY_ID)
def test_what_was_erased_is_found_by_its_id_alone(depot, monkeypatch):
    interrupted(depot, monkeypatch)
    assert depot.at("erase", "--carry-out").code == 0
    told = depot.at("erase", "WB-7", *REASON, "--attachments")
    assert told.code
    assert depot.go(told, BY_ID).code == 0


@pytest.mark.hint(COPIES)
def test_a_copy_carries_it_out_after_a_sync(depot, tmp_path):
    hub = Person(tmp_path, "hub")
    assert hub.at("sync", depot.folder).code == 0
    told = depot.at("erase", depot.ids[1], "--reason", "art. 17 GDPR", stdin=Keyboard("y\n"))
    assert left(hub, depot.chain)[0]
    assert hub.at("sync", depot.folder).code == 0
    words = depot.words(told, COPIES)
    assert hub.at(*words[words.index("erase") :]).code == 0
    assert not left(hub, depot.chain)[0]


@pytest.mark.hint(GOVERNS)
def test_a_name_in_what_governs_is_left_out_of_a_copy(depot, tmp_path):
    told = depot.at("erase", depot.ids[0], *REASON)
    assert told.code
    copy = tmp_path / "copy"
    made = depot.go(told, GOVERNS, copy, "--field", "holders")
    assert made.code == 0, made
    assert depot.run("verify", copy).code == 0
    assert "Олена".encode() not in next(copy.rglob("*.seg")).read_bytes()
