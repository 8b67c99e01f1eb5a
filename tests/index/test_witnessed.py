"""Between which times an entry was made, by witnesses.

What the audit and `sync` make of checkpoints.
"""

from __future__ import annotations

import json
import shutil

import pytest
from support.programmes import item

from chainlog.audit.run import audit
from chainlog.audit.settings import Settings
from chainlog.cli.main import main
from chainlog.custody.act import milliseconds
from chainlog.errors import NoteError, StoreError
from chainlog.events.event import Event
from chainlog.events.plain_json import from_plain
from chainlog.format.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from chainlog.format.cosignature import Ed25519Cosigner
from chainlog.format.keys import Ed25519Signer
from chainlog.format.note import Note, format_note, format_vkey
from chainlog.index.audit_source import gather
from chainlog.index.index import Items
from chainlog.index.witnessed import Bounds, Witnessed
from chainlog.ledger.checkpoints import checkpoints_of, keep, make_checkpoint, standing_checkpoints
from chainlog.ledger.copies import settle
from chainlog.ledger.ledger import Ledger
from chainlog.ledger.seen import newest_cosigned
from chainlog.ledger.taken import take_checkpoint
from chainlog.sync.folder import sync_folder

OWNER = Ed25519Signer.from_seed(bytes([7]) * 32)
WITNESS, STRANGER = (
    Ed25519Cosigner(f"witness.example/w{n}", Ed25519Signer.from_seed(bytes([n]) * 32))
    for n in (8, 9)
)
DAY = 86_400_000
OPENED = milliseconds("2023-03-01T00:00:00Z")


class Site:
    """One ledger, an authority's own, with a clock that a test can set."""

    def __init__(self, folder):
        self.now = OPENED
        keys = {
            "keys": [{"key": OWNER.key_id, "roles": ["owner", "custodian"]}],
            "holders": [{"name": "Олена"}],
        }
        opening = {"origin": "test.example/hq", "site": "hq", **keys}
        self.ledger = Ledger.create(
            folder, opening, OWNER, marks=folder.parent / "marks", clock=lambda: self.now
        )

    def say(self, time=None):
        self.now = self.now + 60_000 if time is None else time
        fields = {
            "event_time": "2023-03-01T00:00:00Z",
            "lines": [item(f"SN-{self.now}")],
            "from": "hq",
            "to": "depot",
        }
        return self.ledger.append(from_plain("transfer", fields))

    def govern(self, kind, **fields):
        self.now += 60_000
        return self.ledger.append(Event.parse(kind, fields))

    def cosign(self, time, *witnesses):
        note = make_checkpoint(self.ledger)
        told = parse_checkpoint(note.text)
        lines = tuple(witness.cosign(told, time // 1000) for witness in witnesses or (WITNESS,))
        return keep(self.ledger, self.ledger.chain, Note(note.text, (*note.signatures, *lines)))

    def see(self):
        return self.govern(
            "chain.seen",
            checkpoint=format_note(newest_cosigned(self.ledger, [WITNESS.vkey])).decode(),
        )

    def bounds(self, index):
        with Items.of(self.ledger) as items:
            told = Witnessed(items, self.ledger.chain).bounds(index)
        times = [one and one.time * 1000 for one in (told.not_before, told.not_after)]
        return times[0], told.seen, times[1], told.size

    def findings(self, *codes):
        with Items.of(self.ledger) as items:
            return [
                one.code
                for one in audit(
                    gather(items, None, OPENED + 9 * DAY, lambda _: "held"), Settings(), set(codes)
                )
            ]


@pytest.fixture
def site(tmp_path):
    site = Site(tmp_path / "hq")
    site.govern("witness.admit", vkey=format_vkey(WITNESS.vkey))
    yield site
    site.ledger.close()


def test_nobody_says_anything_before_a_witness_does(site):
    site.say()
    assert site.bounds(2) == (None, None, None, None)
    make_checkpoint(site.ledger)
    assert site.bounds(2) == (None, None, None, None)
    site.cosign(OPENED + DAY, STRANGER)
    assert site.bounds(2) == (None, None, None, None)


def test_the_closest_bounds_are_told(site):
    site.say()
    site.cosign(OPENED + DAY)
    site.cosign(OPENED + 2 * DAY)  # the same size, later
    site.see()
    site.say()
    site.cosign(OPENED + 3 * DAY)
    site.see()
    site.say()
    size = site.ledger.head.size
    first = (None, None, OPENED + DAY, 3)
    assert [site.bounds(index) for index in range(3)] == [first] * 3
    assert site.bounds(3) == (OPENED + 2 * DAY, 3, OPENED + 3 * DAY, 5)
    assert site.bounds(4) == (OPENED + 2 * DAY, 3, OPENED + 3 * DAY, 5)
    assert site.bounds(size - 1) == (OPENED + 3 * DAY, 5, None, None)
    site.govern("witness.suspend", vkey=format_vkey(WITNESS.vkey))
    assert site.bounds(3) == (None, None, None, None)


def test_show_prints_them(site, capsys):
    entry = site.say()
    site.cosign(OPENED + DAY)
    site.see()
    later = site.say()
    site.ledger.close()

    def show(ref, *options):
        with pytest.raises(SystemExit):
            main(
                [
                    "--ledger",
                    str(site.ledger.folder),
                    "--key",
                    str(site.ledger.folder.parent / "key.pem"),
                    "show",
                    ref,
                    *options,
                ]
            )
        return capsys.readouterr().out

    assert (
        "not before: (no witness says)\nnot after: 2023-03-02T00:00:00Z, by "
        "witness.example/w8, over 3 entries"
    ) in show(entry.id.hex())
    assert (
        "not before: 2023-03-02T00:00:00Z, by witness.example/w8, in the checkpoint that "
        "entry 3 names"
    ) in show(later.id.hex())
    told = json.loads(show(entry.id.hex(), "--json"))
    assert told["not_after"] == {
        "time": (OPENED + DAY) // 1000,
        "witness": "witness.example/w8",
        "size": 3,
    }
    assert "not_before" not in told


# The audit


def test_clocks_that_contradict_a_witness_are_findings(site):
    site.say(OPENED + 5 * DAY)  # made before the witness's word, by a clock days ahead
    site.cosign(OPENED + DAY)
    site.see()
    site.now = OPENED + DAY
    assert site.findings("TIME-FUTURE") == ["TIME-FUTURE"]
    before = len(site.findings("TIME-BACK"))
    site.say(OPENED + 60_000)  # made after it, by a clock that stands a day before
    assert (
        len(site.findings("TIME-BACK")) == before + 2
    )  # before the entry before it, and before the witness's time


def test_clocks_that_agree_are_none(site):
    site.say()
    site.cosign(OPENED + DAY)
    site.now = OPENED + DAY
    site.see()
    site.say()
    site.cosign(site.now - 30 * 60_000)  # no two clocks agree to the minute
    assert site.findings("TIME-FUTURE", "TIME-BACK") == []


def test_an_older_copy_is_a_rollback_and_another_branch_a_fork(site, tmp_path):
    site.say()
    site.ledger.close()
    shutil.copytree(tmp_path / "hq", tmp_path / "old")
    site.say()
    note = site.cosign(OPENED + DAY)
    with Ledger.open(tmp_path / "old", OWNER, marks=tmp_path / "other" / "marks") as old:
        site.ledger = old
        settle(old, old.head)  # somebody says that it is the only copy
        assert site.findings("CHAIN-ROLLBACK", "CHAIN-FORK") == []
        assert take_checkpoint(old, format_note(note)).state == "ahead"
        assert site.findings("CHAIN-ROLLBACK", "CHAIN-FORK") == ["CHAIN-ROLLBACK"]
        old.clock = lambda: OPENED + DAY
        old.entropy = bytes
        old.append(
            from_plain(
                "transfer",
                {
                    "event_time": "2023-03-01T00:00:00Z",
                    "lines": [item("SN")],
                    "from": "hq",
                    "to": "x",
                },
            )
        )
        assert site.findings("CHAIN-ROLLBACK", "CHAIN-FORK") == ["CHAIN-FORK"]
        with pytest.raises(StoreError, match="had others then"):
            make_checkpoint(old)


# Sync


def other(tmp_path, name="other"):
    signer = Ed25519Signer.from_seed(bytes([20]) * 32)
    keys = {"keys": [{"key": signer.key_id, "roles": ["owner"]}], "holders": [{"name": "x"}]}
    opening = {"origin": "test.example/other", "site": "other", **keys}
    return Ledger.create(
        tmp_path / name, opening, signer, marks=tmp_path / f"{name}-home" / "marks"
    )


def test_sync_takes_checkpoints_and_cosignatures(site, tmp_path):
    site.say()
    make_checkpoint(site.ledger)
    chain = site.ledger.chain
    with other(tmp_path) as hub:
        told = next(one for one in sync_folder(hub, tmp_path / "hq").chains if one.chain == chain)
        assert [one.state for one in told.checkpoints] == ["fits"]
        assert [len(note.signatures) for note in checkpoints_of(hub, chain)] == [1]
        site.cosign(OPENED + DAY)
        told = next(one for one in sync_folder(hub, tmp_path / "hq").chains if one.chain == chain)
        assert [one.state for one in told.checkpoints] == ["fits"]
        assert [len(note.signatures) for note in standing_checkpoints(hub, chain)] == [2]
        assert (
            next(
                one for one in sync_folder(hub, tmp_path / "hq").chains if one.chain == chain
            ).checkpoints
            == []
        )


def test_a_checkpoint_over_other_entries_is_kept_and_said(site, tmp_path):
    site.say()
    chain = site.ledger.chain
    with other(tmp_path) as hub:
        sync_folder(hub, tmp_path / "hq")
        lie = sign_checkpoint(Checkpoint(f"test.example/hq/{chain.hex()}", 2, bytes(32)), OWNER)
        keep(site.ledger, chain, lie)
        told = next(one for one in sync_folder(hub, tmp_path / "hq").chains if one.chain == chain)
        assert told.state == "fork"
        assert told.forked
        assert [one.state for one in told.checkpoints] == ["forked"]
        assert lie in checkpoints_of(hub, chain)


def test_a_checkpoint_that_nobody_signed_is_left(site, tmp_path):
    site.say()
    chain = site.ledger.chain
    with other(tmp_path) as hub:
        keep(
            site.ledger,
            chain,
            sign_checkpoint(Checkpoint(f"test.example/hq/{chain.hex()}", 2, bytes(32)), hub.signer),
        )
        sync_folder(hub, tmp_path / "hq")
        assert checkpoints_of(hub, chain) == []
        with pytest.raises(NoteError, match="no key that might sign"):
            take_checkpoint(hub, format_note(checkpoints_of(site.ledger, chain)[0]))


def test_bounds_are_nothing_where_nothing_is_known():
    assert Bounds() == Bounds(None, None, None, None)
