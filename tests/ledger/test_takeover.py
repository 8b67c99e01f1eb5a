"""What earlier versions kept beside a key comes into the user's own state once, and only grows."""

from __future__ import annotations

import os
import shutil
from types import SimpleNamespace

import pytest
from support.chains import CLERK, OWNER, opening, transfer

from chainlog.errors import StoreError
from chainlog.events.event import Event
from chainlog.ledger.at_path import verify_path
from chainlog.ledger.checkpoints import make_checkpoint, remember
from chainlog.ledger.ledger import Ledger
from chainlog.ledger.marks import Marks, format_mark
from chainlog.ledger.resume import keep_verified, read_verified
from chainlog.ledger.signers.files import write_key
from chainlog.ledger.state import State
from chainlog.ledger.takeover import take_over
from chainlog.store.engine import Head


@pytest.fixture
def old(tmp_path):
    """A ledger of an earlier version: its state lies beside its key."""
    beside = tmp_path / "beside"
    with Ledger.create(
        tmp_path / "depot", opening(), OWNER, marks=beside / "marks", key="../beside/key.pem"
    ) as ledger:
        ledger.signer = CLERK
        ledger.append(Event.parse("transfer", transfer()))
        ledger.signer = OWNER
        make_checkpoint(ledger)
        chain = ledger.chain
    write_key(beside / "key.pem", CLERK, None)
    marks = Marks(beside / "marks")
    report = verify_path(tmp_path / "depot", marks=marks, before={})
    remember(report, marks)
    keep_verified(report, marks, OWNER)
    return SimpleNamespace(
        folder=tmp_path / "depot", beside=beside, chain=chain, state=State(tmp_path / "own")
    )


def files(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_marks_checkpoints_and_notes_come_once(old):
    before = files(old.beside)
    assert take_over(old.state, old.beside)
    marks = Marks(old.state.marks)
    assert marks.get(old.chain).size == 2
    assert [path.name for path in old.state.seen(old.chain).glob("*.checkpoint")] == [
        path.name for path in (old.beside / "checkpoints" / old.chain.hex()).glob("*.checkpoint")
    ]
    assert list(read_verified(marks, OWNER.key_id)[0]) == [old.chain]
    assert files(old.beside) == before
    (old.beside / "marks" / f"{'0' * 64}.mark").write_bytes(
        format_mark(bytes(32), Head(1, b"x" * 32))
    )
    assert not take_over(old.state, old.beside)
    assert marks.get(bytes(32)) is None


def test_a_mark_only_grows(old):
    durably = format_mark(old.chain, Head(9, b"9" * 32))
    old.state.marks.mkdir(parents=True)
    (old.state.marks / f"{old.chain.hex()}.mark").write_bytes(durably)
    assert take_over(old.state, old.beside)
    assert Marks(old.state.marks).get(old.chain) == Head(9, b"9" * 32)


def test_a_damaged_mark_of_mine_is_not_replaced(old):
    old.state.marks.mkdir(parents=True)
    path = old.state.marks / f"{old.chain.hex()}.mark"
    path.write_bytes(b"damaged")
    take_over(old.state, old.beside)
    assert path.read_bytes() == b"damaged"


def test_what_is_no_state_stays_where_it_is(old):
    for name in ("marks/x.mark", "verified/y", "checkpoints/z/1", "witness/0123456789abcdef/x"):
        (old.beside / name).parent.mkdir(parents=True, exist_ok=True)
        (old.beside / name).write_bytes(b"x")
    os.mkfifo(old.beside / "checkpoints" / "pipe")
    (old.beside / "marks" / f"{'1' * 64}.mark").write_bytes(b"no mark")
    assert take_over(old.state, old.beside)
    names = {path.relative_to(old.state.home).parts[0] for path in files(old.state.home)}
    assert names == {"marks", "verified", "checkpoints", "taken-over", ".lock"}
    assert [path.stem for path in old.state.marks.iterdir()] == [old.chain.hex()]


def test_what_a_witness_cosigned_comes_with_its_key(old):
    name = f"{'0' * 64}.checkpoint"
    place = old.beside / "witness" / "0123456789abcdef"
    place.mkdir(parents=True)
    (place / name).write_bytes(b"cosigned")
    (place / "vkey").write_bytes(b"name")
    assert take_over(old.state, old.beside)
    assert files(old.state.witness).keys() == {
        old.state.witness / place.name / name,
        old.state.witness / place.name / "vkey",
    }


def test_a_place_without_state_or_ones_own_home_is_passed_over(old, tmp_path):
    assert not take_over(old.state, tmp_path)
    assert not take_over(State(old.beside), old.beside)
    assert not old.state.home.exists()


def test_what_cannot_be_taken_over_is_an_error(old):
    old.state.home.write_text("in the way")
    with pytest.raises(StoreError) as raised:
        take_over(old.state, old.beside)
    assert str(old.state.home) in raised.value.hint


def test_the_command_takes_over_beside_the_key_that_was_named(old, run, tmp_path):
    home = tmp_path / "home"
    told = run("--key", old.beside / "key.pem", "--ledger", old.folder, "log")
    assert f"is now in {home}" in told.err
    assert (home / "marks" / f"{old.chain.hex()}.mark").is_file()
    assert run("--key", old.beside / "key.pem", "--ledger", old.folder, "log").err == ""


def test_the_command_takes_nothing_over_beside_the_key_that_a_ledger_names(old, run, tmp_path):
    for words in (("log",), ("status",), ("verify",), ("holdings",)):
        run("--ledger", old.folder, *words)
    assert not (tmp_path / "home" / "marks").exists()


def test_a_link_to_a_key_in_the_default_place_names_it(old, run, tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "key.pem").symlink_to(old.beside / "key.pem")
    run("--ledger", old.folder, "log")
    assert (tmp_path / "home" / "marks" / f"{old.chain.hex()}.mark").is_file()
    shutil.rmtree(old.beside)
