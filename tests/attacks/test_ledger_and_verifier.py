"""What an attacker, or bad luck, once got past the ledger and the verifier: each stays found."""

from __future__ import annotations

import os
import shutil

import pytest
from support.chains import CLERK, OWNER, STRANGER, Draft, opening, transfer

from chainlog.errors import (
    BehindMarkError,
    ChainlogError,
    EntryError,
    ReadOnlyError,
    RosterError,
    StoreError,
)
from chainlog.events.event import Event
from chainlog.ledger.at_path import verify_path
from chainlog.ledger.ledger import Ledger
from chainlog.ledger.signers.files import read_key
from chainlog.store import durable
from chainlog.store.segment.blobs import blob_path
from chainlog.verifier.report import Verdict

GRANT = Event.parse(
    "key.grant", {"key": STRANGER.key_id, "roles": ["custodian"], "holder": {"name": "x"}}
)
REVOKE = Event.parse("key.revoke", {"key": CLERK.key_id, "reason": "lost"})


def sent(n):
    return Event.parse("transfer", transfer(n))


@pytest.fixture
def place(tmp_path):
    Ledger.create(tmp_path / "ledger", opening(), OWNER, marks=tmp_path / "marks").close()
    return tmp_path / "ledger"


def opened(place, signer, marks="marks"):
    return Ledger.open(place, signer, marks=place.parent / marks)


def segment_of(place):
    return next(place.glob("chains/*/0*.seg"))


def test_a_key_revoked_meanwhile_signs_no_more(place):
    looking = opened(place, CLERK)
    assert CLERK.key_id in looking.roster().keys
    with opened(place, OWNER) as ledger:
        ledger.append(REVOKE)
    with looking, pytest.raises(RosterError):
        looking.append(sent(0))
    assert verify_path(place).verdict is Verdict.HOLDS


class Faulty:
    """A card that fails once, or that was swapped for another."""

    def __init__(self, key_id, sign):
        self.key_id, self.sign = key_id, sign


def test_a_signer_that_fails_leaves_no_trace(place):
    with opened(place, OWNER) as ledger:

        def fail(_message):
            raise OSError("card removed")

        ledger.signer = Faulty(OWNER.key_id, fail)
        with pytest.raises(OSError, match="card removed"):
            ledger.append(GRANT)
        ledger.signer = STRANGER
        with pytest.raises(RosterError):
            ledger.append(sent(0))
        ledger.signer = OWNER
        ledger.append(sent(1))
    assert verify_path(place).verdict is Verdict.HOLDS


def test_a_clock_before_the_epoch_leaves_no_trace(place):
    with opened(place, OWNER) as ledger:
        right, ledger.clock = ledger.clock, lambda: -1
        with pytest.raises(EntryError):
            ledger.append(REVOKE)
        ledger.clock = right
        ledger.append(sent(0))
    assert verify_path(place).verdict is Verdict.HOLDS


def test_an_interrupt_in_the_middle_of_a_write(place, monkeypatch):
    ledger = opened(place, OWNER)
    with monkeypatch.context() as patch:

        def interrupt(*_args):
            raise KeyboardInterrupt

        patch.setattr(durable, "write_all", interrupt)
        with pytest.raises(KeyboardInterrupt):
            ledger.append(GRANT)
    ledger.close()
    ledger.append(sent(0))
    ledger.close()
    assert verify_path(place).verdict is Verdict.HOLDS


def test_a_swapped_card_signs_nothing(place):
    with opened(place, OWNER) as ledger:
        ledger.signer = Faulty(OWNER.key_id, CLERK.sign)
        with pytest.raises(ChainlogError):
            ledger.append(sent(0))
        assert ledger.head.size == 1


def test_a_generator_that_raises_loses_only_what_was_not_acknowledged(place):
    def events():
        yield sent(0)
        raise ValueError("no more")

    with opened(place, OWNER) as ledger:
        with pytest.raises(ValueError, match="no more"):
            ledger.append_many(events())
        ledger.append(sent(1))
        assert ledger.head.size == 2
    assert verify_path(place).verdict is Verdict.HOLDS


def test_damage_below_whole_entries_is_never_cut_off(place):
    with opened(place, OWNER) as ledger:
        for n in range(3):
            ledger.append(sent(n))
    shutil.copytree(place.parent / "marks", place.parent / "older")
    with opened(place, OWNER) as ledger:
        for n in range(6):
            ledger.append(sent(n))
    path = segment_of(place)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 + 60] ^= 1
    path.write_bytes(data)
    (path.parent / "index").unlink()
    with opened(place, OWNER, "older") as ledger, pytest.raises(ReadOnlyError):
        ledger.append(sent(9))
    assert path.read_bytes() == data
    assert verify_path(place).verdict is Verdict.TAMPERED


def test_nothing_is_built_on_a_strangers_entry(place):
    with opened(place, OWNER) as ledger:
        ledger.append(sent(0))
    draft = Draft.__new__(Draft)
    with opened(place, None) as ledger:
        draft.entries = [logged.entry for logged in ledger.read()]
    draft.bodies, draft.pointer = [b"", b""], 0
    draft.add("transfer", transfer(1), STRANGER)
    with segment_of(place).open("ab") as file:
        file.write(draft.records()[-1])
    with opened(place, OWNER) as ledger, pytest.raises(ReadOnlyError, match="never granted"):
        ledger.append(sent(2))


def test_a_restored_backup_is_not_written(place):
    with opened(place, OWNER) as ledger:
        ledger.append(sent(0))
    shutil.copytree(place, place.parent / "backup")
    with opened(place, OWNER) as ledger:
        ledger.append(sent(1))
    with (
        opened(place.parent / "backup", OWNER) as ledger,
        pytest.raises(BehindMarkError, match="older copy"),
    ):
        ledger.append(sent(2))


def test_a_chain_that_is_gone_is_missed(place, tmp_path):
    stranger = tmp_path / "stranger"
    Ledger.create(
        stranger, opening(keys=((STRANGER, ["owner"]),)), STRANGER, marks=tmp_path / "marks"
    ).close()
    theirs = segment_of(stranger)
    shutil.rmtree(place / "chains")
    assert verify_path(place).verdict is Verdict.CANNOT_TELL
    shutil.copy(theirs, place / theirs.name)
    assert verify_path(place).verdict is Verdict.CANNOT_TELL
    for name in ("copy", theirs.parent.name.upper()):
        shutil.copytree(theirs.parent, place / "chains" / name)
        assert verify_path(place).verdict is Verdict.TAMPERED
        shutil.rmtree(place / "chains" / name)


def test_pipes_and_devices_do_not_hang(place):
    with opened(place, OWNER) as ledger:
        photo = ledger.attach(place / "ledger.toml", "text/plain")
        ledger.append(Event.parse("transfer", transfer(0, attachments=[photo])))
    blob = blob_path(place / "blobs", photo["sha256"])
    blob.unlink()
    os.mkfifo(blob)
    assert verify_path(place, parallel=1).chains[0].attachments_absent == 1
    os.mkfifo(segment_of(place).parent / "00000000000000000001.seg")
    report = verify_path(place, parallel=1)
    assert {(one.step, one.code) for one in report.missing} == {
        (1, "unreadable"),
        (10, "attachment-unreadable"),
    }
    (place / "ledger.toml").unlink()
    os.mkfifo(place / "ledger.toml")
    with pytest.raises(StoreError):
        Ledger.open(place)


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "1" * 5000,
        "x = " + "[" * 5000,
        "format = true",
        "format = 1.0",
        "x = 1\n" * 30_000,
        'key = "\\u0000"',
    ],
)
def test_hostile_ledger_files(place, text):
    (place / "ledger.toml").write_text(text)
    with pytest.raises(StoreError):
        Ledger.open(place)


@pytest.mark.parametrize("name", ["a\0b", "a\ud800b", "a" * 5000])
def test_hostile_names(tmp_path, name):
    for look in (verify_path, Ledger.open, lambda path: read_key(path, bytes)):
        with pytest.raises(ChainlogError):
            look(tmp_path / name)


def test_a_key_path_that_toml_cannot_hold_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(StoreError):
        Ledger.create(tmp_path / "new", opening(), OWNER, marks=tmp_path / "marks", key="a\udcff")
    assert not (tmp_path / "new").exists()
    for key in ("a\x7fb", 'a"b\\c', "ключ 🔑.pem"):
        place = tmp_path / f"new-{len(key)}"
        Ledger.create(place, opening(), OWNER, marks=tmp_path / "marks", key=key).close()
        assert Ledger.open(place).key == key
