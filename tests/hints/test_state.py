"""Hints about what lies in the user's own folder, or in the way: removed, moved, made theirs."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import subprocess

import pytest
from hints.way import Person

from chainlog.ledger.begun import begun_at
from chainlog.ledger.marks import Marks
from chainlog.store import durable

MARK = "if this ledger is the newest copy, remove the mark: rm -r {quoted}"
NO_USE = "it is of no use: rm -r {quoted}"
BEGUN = "say of it what was said then; or let go of it: rm -r {left}"
COPY = "name a new folder, or remove it: rm -r {quoted}"
INDEX = "it may show what was erased: remove it once that can be done: rm -r {place}"
PUT_BACK = "put it back, and keep other programs out of the ledger's folder: mv {here} {place}"
NOT_YOURS = (
    "what lies beside the key, in {place}, is not taken for your state: it was handed over with a "
    "ledger, or lies on another disk, or is somebody else's; if it is yours: mkdir -p {home} && cp "
    "-rn {folders} {home}"
)
SUDO = (
    "make room; or, where they were left by sudo, make them yours: sudo chown -R $(id -u) {folders}"
)
NOBODY = 65534


@pytest.fixture
def depot(tmp_path):
    """All names have a space in them: a command is typed as it was printed."""
    base = tmp_path / "a place"
    base.mkdir()
    person = Person(base)
    person.transfer()
    return person


def mark_of(person):
    (path,) = (person.home / "marks").glob(f"{person.chain}*")
    return path


def typed(person, told, text):
    person.type(person.system(told, text))


@pytest.mark.hint(MARK)
def test_a_mark_that_says_nothing_is_removed(depot):
    mark_of(depot).write_bytes(b"\0" * 100)
    told = depot.transfer("SN-2")
    assert told.code
    typed(depot, told, MARK)
    # Nothing says any more that this is the newest copy, and whose key it names, but its owner.
    depot.key = depot.home / "key.pem"
    assert depot.at("chain", "only-copy").code == 0
    assert depot.transfer("SN-2").code == 0


@pytest.mark.hint(NO_USE)
def test_what_lies_where_the_copies_are_noted_is_removed(depot):
    (noted,) = (depot.home / "copies").iterdir()
    noted.unlink()
    noted.mkdir()
    told = depot.transfer("SN-2")
    assert told.code
    typed(depot, told, NO_USE)
    # What it said is gone: that the key is known is said once more.
    assert "yours is in the default place: --key" in depot.transfer("SN-2").err
    depot.key = depot.home / "key.pem"
    assert depot.transfer("SN-2").code == 0


@pytest.mark.hint(BEGUN)
def test_a_chain_that_was_begun_is_let_go_of(depot, monkeypatch):
    folder = depot.folder.with_name("another one")

    real, kept = durable.sync_folder, begun_at(Marks(depot.home / "marks"), folder)

    def full(*arguments):
        if kept.exists():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(durable, "sync_folder", full)
        assert depot.run("init", folder, *depot.opening()).code
    other = ("--origin", "aid.example/other", "--site", "Порт", "--holder", "Олена")
    told = depot.run("init", folder, *other)
    assert told.code
    typed(depot, told, BEGUN)
    assert depot.run("init", folder, *other).code == 0


@pytest.mark.hint(COPY)
def test_a_copy_that_was_not_made_to_the_end_is_removed(depot):
    copy = depot.folder.with_name("a copy")
    (copy / "chains").mkdir(parents=True)
    words = ("withhold", copy, "--field", "from")
    told = depot.at(*words)
    assert told.code
    typed(depot, told, COPY)
    assert depot.at(*words).code == 0


@pytest.mark.hint(INDEX)
def test_an_index_that_could_not_be_removed_goes_later(depot, monkeypatch):
    assert depot.at("holdings").code == 0
    (index,) = (depot.home / "items").rglob("*.sqlite")
    entry = depot.entries()[1]["id"]

    def refused(_path):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    with monkeypatch.context() as patch:
        patch.setattr("chainlog.index.index.discard", refused)
        told = depot.at("erase", entry, "--reason", "art. 17 GDPR", "--yes")
    assert told.code
    typed(depot, told, INDEX)
    assert not index.exists()
    assert "SN-1" not in depot.at("holdings").out


@pytest.mark.hint(PUT_BACK)
@pytest.mark.parametrize("which", ["segment", "chain", "chains"])
def test_what_was_moved_while_it_was_written_is_put_back(depot, monkeypatch, which):
    chain = depot.chain_folder()
    (segment,) = chain.glob("*.seg")
    moved = {"segment": segment, "chain": chain, "chains": chain.parent}[which]
    real = durable.sync_data

    def strike(*args):
        monkeypatch.setattr(durable, "sync_data", real)
        real(*args)
        moved.rename(moved.with_name("old one"))

    monkeypatch.setattr(durable, "sync_data", strike)
    told = depot.transfer("SN-2")
    assert told.code
    typed(depot, told, PUT_BACK)
    assert len(depot.entries()) == 3
    assert depot.transfer("SN-3").code == 0
    assert depot.at("verify").code == 0


root = pytest.mark.skipif(os.geteuid() != 0, reason="NOT TESTED: only root gives files away")


@root
@pytest.mark.hint(NOT_YOURS)
def test_what_is_the_users_after_all_is_copied(depot):
    """Their own key on a disk of theirs, with marks that another account left there."""
    place = depot.home.with_name("their disk")
    shutil.copytree(depot.home, place)
    os.chown(place / "marks", NOBODY, NOBODY)
    new = depot.home.with_name("a new home")
    depot.home, depot.key = new, place / "key.pem"
    told = depot.at("log")
    typed(depot, told, NOT_YOURS)
    assert "is not taken" not in depot.at("log").err
    assert depot.transfer("SN-2").code == 0


@root
@pytest.mark.hint(SUDO)
def test_what_sudo_left_is_made_the_users(depot, monkeypatch):
    """The user is nobody; root, who is here, is whom sudo made them for a while."""
    for path in (depot.home, depot.folder):
        subprocess.run(["chown", "-R", str(NOBODY), path], check=True)
    subprocess.run(["chown", "-R", "root", depot.home / "marks"], check=True)
    mark_of(depot).chmod(0o600)
    for one in depot.folder.parents:
        if not one.stat().st_mode & stat.S_IXOTH:
            one.chmod(0o755)

    def as_nobody(act):
        os.seteuid(NOBODY)
        try:
            return act()
        finally:
            os.seteuid(0)

    told = as_nobody(lambda: depot.transfer("SN-2"))
    assert told.code
    # What the user's shell makes of it is what sudo is given.
    line = depot.system(told, SUDO)
    shell = subprocess.run(
        ["sh", "-c", f"printf '%s\\n' {line}"],
        check=True,
        capture_output=True,
        encoding="utf-8",
        user=NOBODY,
    )
    sudo, *words = shell.stdout.splitlines()
    assert (sudo, words[:3]) == ("sudo", ["chown", "-R", str(NOBODY)])
    subprocess.run(words, check=True)
    assert as_nobody(lambda: depot.transfer("SN-2")).code == 0
