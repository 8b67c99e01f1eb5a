"""The witness: every status of tlog-witness, nothing cosigned that does not hold, nothing
forgotten, and no two at once.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
from hashlib import sha256
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st
from support.chains import CLERK, OWNER, STRANGER, Draft, opening, small_chain, transfer
from support.requests import EXAMPLE, SPOILT

from chainlog.errors import DamagedError, KeyfileError, StoreError
from chainlog.events.event import Event
from chainlog.export.words.catalogue import words
from chainlog.format import merkle
from chainlog.format.checkpoint import (
    Checkpoint,
    format_origin_line,
    log_keys_of,
    parse_checkpoint,
    sign_checkpoint,
)
from chainlog.format.cosignature import (
    Ed25519Cosigner,
    MLDSACosigner,
    cosignatures_of,
    ml_dsa_is_here,
)
from chainlog.format.keys import Ed25519Signer
from chainlog.format.note import Note, Signature, format_note, parse_note, parse_signatures
from chainlog.format.witness_request import (
    SIZE_TYPE,
    AddCheckpoint,
    format_request,
)
from chainlog.hub.witness.keys import new_ml_dsa
from chainlog.hub.witness.state import Cosigned, keep_vkey, kept_vkey, latest_of, log_of
from chainlog.hub.witness.witness import Witness
from chainlog.ledger.checkpoints import checkpoints_of, keep, make_checkpoint
from chainlog.ledger.ledger import Ledger
from chainlog.ledger.own_turn import copy_at
from chainlog.store import durable
from chainlog.store.engine import EMPTY
from chainlog.sync.folder import sync_folder

W1 = Ed25519Cosigner("witness.example/w1", Ed25519Signer.from_seed(b"w" * 32))
START = 1_700_000_000
ORIGIN = "example.org/depot"


class Clock:
    def __init__(self, now=START):
        self.now = now

    def __call__(self):
        return self.now


class Scene:
    """A chain of a site, made by hand, and a witness that mirrors it in a ledger in memory."""

    def __init__(self, folder, draft=None, *, held=None, cosigners=(W1,), **options):
        self.draft = small_chain(20) if draft is None else draft
        self.chain, self.ids = self.draft.chain, [entry.id for entry in self.draft.entries]
        self.line = format_origin_line(ORIGIN, self.chain)
        self.folder, self.clock, self.told = folder, Clock(), []
        self.ledger = Ledger.create("memory:", opening(origin="example.org/hub"), OWNER)
        self.hold(len(self.ids) if held is None else held)
        self.options = {"clock": self.clock, "tell": self.told.append, **options}
        self.cosigners = cosigners
        self.witness = self.again()

    def again(self, **options):
        return Witness(self.ledger, self.cosigners, self.folder, **{**self.options, **options})

    def hold(self, size):
        head = self.ledger.held(self.chain)
        new = zip(
            self.draft.entries[head.size : size], self.draft.bodies[head.size : size], strict=True
        )
        self.ledger.engine.append(self.chain, head, [(entry.raw, body) for entry, body in new])

    def root(self, size):
        return merkle.root(self.ids[:size])

    def note(self, size, *, signer=OWNER, root=None, line=None):
        return sign_checkpoint(Checkpoint(line or self.line, size, root or self.root(size)), signer)

    def proof(self, old, size):
        return tuple(merkle.consistency_proof(self.ids, old, size)) if old else ()

    def request(self, old, size, *, proof=None, note=None, **how):
        proof = (self.proof(old, size) if old <= size else ()) if proof is None else proof
        return format_request(AddCheckpoint(old, tuple(proof), note or self.note(size, **how)))

    def ask(self, old, size, *, witness=None, **how):
        return (witness or self.witness).add_checkpoint(self.request(old, size, **how))

    def latest(self):
        found = Cosigned(self.folder, [one.vkey for one in self.cosigners]).read(log_of(self.line))
        return None if found is None else found.checkpoint.size

    def state_file(self):
        return self.folder / f"{log_of(self.line)}.checkpoint"


def cosigned(scene, response, size):
    """The times at which the witness's keys cosigned, as an answer says."""
    assert response.status == 200, response
    note = Note(scene.note(size).text, tuple(parse_signatures(response.body.decode())))
    found = cosignatures_of(note, scene.witness.keys)
    assert {one.witness for one in found} == set(scene.witness.keys)
    assert len(note.signatures) == len(found)
    return {one.time for one in found}


@pytest.fixture
def scene(tmp_path):
    return Scene(tmp_path / "state")


# Requests


@pytest.mark.parametrize("data", SPOILT)
def test_what_is_no_request(scene, data):
    assert scene.witness.add_checkpoint(data).status == 400


@given(st.binary(max_size=300))
def test_any_bytes_are_answered(data):
    witness = Witness(Ledger.create("memory:", opening(), OWNER), [W1], os.devnull)
    assert witness.add_checkpoint(data).status == 400
    assert witness.add_checkpoint(b"old 0\n\n" + data).status == 400


# Statuses, in the order of the specification


def test_a_log_grows(scene):
    first = scene.ask(0, 5)
    assert cosigned(scene, first, 5) == {START}
    scene.clock.now += 60
    assert cosigned(scene, scene.ask(5, 12), 12) == {START + 60}
    assert cosigned(scene, scene.ask(12, 20), 20) == {START + 60}
    assert scene.latest() == 20
    got = scene.witness.checkpoint(log_of(scene.line))
    note = parse_note(got.body)
    assert got.status == 200
    assert note.text == scene.note(20).text
    assert log_keys_of(note, scene.line, [OWNER.key_id]) == [OWNER.key_id]
    assert [one.time for one in cosignatures_of(note, scene.witness.keys)] == [START + 60]
    assert scene.told == []


def test_the_same_checkpoint_again_gets_the_time_that_it_is(scene):
    scene.ask(0, 5)
    scene.clock.now += 3600
    assert cosigned(scene, scene.ask(5, 5), 5) == {START + 3600}
    assert cosigned(scene, scene.ask(5, 5), 5) == {START + 3600}


def test_the_log_may_be_named_with_the_other_signatures(scene):
    note = scene.note(5)
    others = sign_checkpoint(parse_checkpoint(note.text), STRANGER).signatures[0]
    foreign = Signature("other.example", b"abcd", b"x" * 70)
    assert (
        scene.witness.add_checkpoint(
            scene.request(0, 5, note=Note(note.text, (foreign, others, *note.signatures)))
        ).status
        == 200
    )
    # What nobody verified is not handed on.
    kept = parse_note(scene.witness.checkpoint(log_of(scene.line)).body)
    assert [one.name for one in kept.signatures] == [scene.line, W1.name]


@pytest.mark.skipif(
    not ml_dsa_is_here(), reason="no ML-DSA-44 in the crypto library installed here"
)
def test_with_several_keys_each_cosigns(tmp_path):
    quantum = MLDSACosigner("witness.example/w2", new_ml_dsa())
    scene = Scene(tmp_path, cosigners=(W1, quantum))
    response = scene.ask(0, 5)
    assert cosigned(scene, response, 5) == {START}
    assert response.body.count(b"\n") == 2
    # A key that came later begins where the other is.
    third = Ed25519Cosigner("witness.example/w3", STRANGER)
    assert scene.ask(0, 6, witness=scene.again()).status == 409
    scene.cosigners = (W1, third)
    assert scene.ask(5, 6, witness=scene.again()).status == 200


@pytest.mark.parametrize(
    "line", ["example.com/behind-the-sofa", ORIGIN + "/" + "ab" * 32, ORIGIN, "x"]
)
def test_404_an_origin_that_is_not_known(scene, line):
    note = scene.note(5, line=line)
    assert scene.witness.add_checkpoint(scene.request(0, 5, note=note)).status == 404
    assert scene.witness.checkpoint(log_of(line)).status == 404


def test_404_before_what_is_wrong_with_the_rest(scene):
    assert scene.witness.add_checkpoint(EXAMPLE).status == 404
    extended = scene.note(5, line="example.com/log")
    extended = Note(extended.text + "extension\n", extended.signatures)
    assert scene.witness.add_checkpoint(scene.request(9, 5, note=extended)).status == 404
    # Of a log that is known the same has not the form of its checkpoints.
    extended = Note(scene.note(5).text + "extension\n", scene.note(5).signatures)
    assert scene.witness.add_checkpoint(scene.request(0, 5, note=extended)).status == 400


def test_404_a_chain_under_another_name(scene):
    assert scene.ask(0, 5, line=format_origin_line("example.org/other", scene.chain)).status == 404


@pytest.mark.parametrize("log", ["", "x", "AB" * 32, "../" + "a" * 61, "ab" * 33])
def test_404_what_names_no_log(scene, log):
    assert scene.witness.checkpoint(log).status == 404


def test_403_signed_by_nobody_who_may(scene):
    for signer in (CLERK, STRANGER):
        assert scene.ask(0, 5, signer=signer).status == 403
    assert scene.latest() is None


def test_403_a_line_that_names_the_log_and_does_not_hold(scene):
    note = scene.note(5)
    one = note.signatures[0]
    bad = Signature(one.name, one.key_hash, bytes(64))
    for signatures in ((bad,), (one, bad), (bad, one)):
        assert (
            scene.witness.add_checkpoint(
                scene.request(0, 5, note=Note(note.text, signatures))
            ).status
            == 403
        )
    other = Note(scene.note(6).text, note.signatures)
    assert scene.witness.add_checkpoint(scene.request(0, 6, note=other)).status == 403


def test_400_the_old_size_is_more(scene):
    assert scene.ask(6, 5).status == 400
    # But not for one who may not sign.
    assert scene.ask(6, 5, signer=STRANGER).status == 403


def test_409_says_what_was_cosigned_last(scene):
    response = scene.ask(3, 5)
    assert response == (409, SIZE_TYPE, b"0\n", None)
    scene.ask(0, 12)
    for old, size in ((0, 12), (0, 20), (11, 20), (5, 5), (13, 20)):
        response = scene.ask(old, size)
        assert response == (409, SIZE_TYPE, b"12\n", None)
    assert scene.latest() == 12


def test_422_what_does_not_fit(scene):
    other = b"o" * 32
    assert scene.ask(0, 5, proof=[other]).status == 422
    assert scene.latest() is None
    scene.ask(0, 5)
    assert scene.ask(5, 12, proof=()).status == 422
    assert scene.ask(5, 12, proof=[*scene.proof(5, 12), other]).status == 422
    assert scene.ask(5, 12, proof=[other, *scene.proof(5, 12)[1:]]).status == 422
    assert scene.ask(5, 12, proof=scene.proof(5, 12)[::-1]).status == 422
    assert scene.ask(5, 12, root=other).status == 422
    assert scene.ask(5, 5, root=other).status == 422
    assert scene.ask(5, 5, proof=[other]).status == 422
    assert scene.latest() == 5
    assert scene.ask(5, 12).status == 200


def test_the_empty_tree(scene):
    assert scene.ask(0, 0, root=b"o" * 32).status == 422
    assert scene.ask(0, 0, proof=[b"o" * 32]).status == 422
    assert scene.ask(0, 0, signer=STRANGER).status == 403
    assert cosigned(scene, scene.ask(0, 0), 0) == {START}
    assert cosigned(scene, scene.ask(0, 0), 0) == {START}
    assert scene.ask(0, 5).status == 200
    assert scene.ask(0, 0).status == 409


# What ours adds


def test_503_entries_that_are_not_held_yet(tmp_path):
    scene = Scene(tmp_path, held=8)
    response = scene.ask(0, 12)
    assert (response.status, response.retry_after) == (503, 10)
    assert b"holds 8 entries" in response.body
    assert scene.latest() is None
    scene.hold(12)
    assert scene.ask(0, 12).status == 200


def test_refresh_brings_what_is_missing(tmp_path):
    scene = Scene(tmp_path, held=8)
    called = []

    def refresh():
        called.append(1)
        scene.hold(12)

    witness = scene.again(refresh=refresh)
    assert scene.ask(0, 8, witness=witness).status == 200
    assert called == []
    assert scene.ask(8, 12, witness=witness).status == 200
    # Not again at once: whoever asks for what is not there does not keep us at it.
    for _ in range(3):
        assert scene.ask(12, 15, witness=witness).status == 503
    assert called == [1]


def test_an_answer_is_in_the_language_of_whoever_runs_the_witness(scene, monkeypatch):
    monkeypatch.setenv("CHAINLOG_LANG", "uk")
    response = scene.ask(0, 5, signer=STRANGER)
    assert response.status == 403
    assert "цієї контрольної точки не підписав" in response.body.decode()


def test_refresh_may_fail(tmp_path):
    def refresh():
        raise StoreError("the stick is gone")

    scene = Scene(tmp_path, held=8, refresh=refresh)
    assert scene.ask(0, 12).status == 503
    assert scene.told == ["the stick is gone"]


def test_a_key_granted_in_entries_that_are_not_held_yet(tmp_path):
    draft = small_chain(4)
    holder = {"key": STRANGER.key_id, "roles": ["log"], "holder": {"name": "she"}}
    draft.add("key.grant", holder, OWNER)
    draft.add("transfer", transfer(9))
    scene = Scene(tmp_path, draft, held=3)
    assert scene.ask(0, 6, signer=STRANGER).status == 403
    scene.hold(6)
    assert scene.ask(0, 4, signer=STRANGER).status == 403
    assert scene.ask(0, 5, signer=STRANGER).status == 200


def test_a_key_that_was_revoked_signs_what_came_before(tmp_path):
    draft = Draft(opening(keys=((OWNER, ["owner"]), (STRANGER, ["log"]), (CLERK, ["custodian"]))))
    draft.add("transfer", transfer(1))
    draft.add("key.revoke", {"key": STRANGER.key_id, "reason": "lost"}, OWNER)
    scene = Scene(tmp_path, draft)
    assert scene.ask(0, 3, signer=STRANGER).status == 403
    assert scene.ask(0, 2, signer=STRANGER).status == 200
    assert scene.ask(2, 3, signer=STRANGER).status == 403
    assert scene.ask(2, 3, signer=OWNER).status == 200


def bad_signature(draft):
    draft.add("transfer", transfer(50))
    entry = draft.entries.pop()
    raw = entry.raw[:-64] + bytes(63) + b"\1"
    draft.entries.append(type(entry)(raw, entry.header, sha256(b"\0" + raw).digest()))


def wrong_pointer(draft):
    draft.add(
        "key.grant", {"key": STRANGER.key_id, "roles": ["recorder"], "holder": {"name": "x"}}, OWNER
    )
    draft.add("transfer", transfer(50), roster=0)


def revoked_author(draft):
    draft.add("key.revoke", {"key": CLERK.key_id, "reason": "lost"}, OWNER)
    draft.add("transfer", transfer(50))


def never_granted(draft):
    draft.add("transfer", transfer(50), STRANGER)


def not_owner(draft):
    draft.add("key.grant", {"key": STRANGER.key_id, "roles": ["owner"], "holder": {"name": "x"}})


def other_chain(draft):
    draft.add("transfer", transfer(50), chain=b"c" * 32)


def without_link(draft):
    draft.add("transfer", transfer(50), prev=b"p" * 32)


@pytest.mark.parametrize(
    "spoil",
    [
        bad_signature,
        wrong_pointer,
        revoked_author,
        never_granted,
        not_owner,
        other_chain,
        without_link,
    ],
)
@pytest.mark.parametrize("more", [0, 3])
@pytest.mark.parametrize("before", [0, 4])
def test_422_what_does_not_hold_is_not_cosigned_whoever_signed_it(tmp_path, spoil, more, before):
    draft = small_chain(6)
    spoil(draft)
    for number in range(more):
        draft.add("transfer", transfer(number + 60), OWNER)
    scene = Scene(tmp_path, draft)
    size = len(draft.entries)
    if before:
        assert scene.ask(0, before).status == 200
    response = scene.ask(before, size)
    assert response.status == 422
    assert b"does not hold" in response.body
    assert scene.latest() == (before or None)
    assert "does not hold" in scene.told[0]
    # As far as it holds it is cosigned.
    assert scene.ask(before, 6).status == 200


def test_503_what_a_later_version_may_know_is_not_cosigned(tmp_path):
    draft = small_chain(4)
    draft.add("site.annex", {"chain": b"c" * 32}, OWNER)
    draft.add("transfer", transfer(9))
    scene = Scene(tmp_path, draft)
    assert scene.ask(0, 4).status == 200
    assert scene.ask(4, 6).status == 503
    assert scene.latest() == 4


def test_bodies_of_custody_are_not_needed(tmp_path):
    draft = small_chain(4)
    draft.bodies[2] = b""
    draft.bodies[3] = b"no body at all"
    scene = Scene(tmp_path, draft)
    assert scene.ask(0, 2).status == 200
    assert scene.ask(2, 4).status == 200


def test_422_a_fork_is_kept_as_evidence(tmp_path):
    with Ledger.create(tmp_path / "l", opening(), OWNER, marks=tmp_path / "m") as ledger:
        scene = Scene(tmp_path / "state")
        scene.ledger = ledger
        scene.hold(20)
        scene.witness = scene.again()
        assert scene.ask(0, 5).status == 200
        forked = [*scene.ids[:10], *(sha256(b"other %d" % n).digest() for n in range(10))]
        honest, scene.ids = scene.ids, forked
        for _ in range(2):
            assert scene.ask(5, 15).status == 422
        assert scene.ask(5, 15, proof=()).status == 422
        assert scene.ask(0, 14).status == 409
        kept = checkpoints_of(ledger, scene.chain)
        assert {parse_checkpoint(note.text).size for note in kept} == {14, 15}
        assert all(log_keys_of(note, scene.line, [OWNER.key_id]) for note in kept)
        scene.ids = honest
        # Neither a wrong proof, nor what nobody signed, nor what is not held yet, is evidence of
        # anything.
        assert scene.ask(5, 16, proof=()).status == 422
        assert scene.ask(5, 17, root=b"o" * 32, signer=STRANGER).status == 403
        assert scene.ask(5, 21, root=b"o" * 32, proof=[b"o" * 32]).status == 422
        assert len(checkpoints_of(ledger, scene.chain)) == 2
        assert scene.latest() == 5
        assert scene.ask(5, 15).status == 200


def test_evidence_does_not_grow_without_end(tmp_path):
    with Ledger.create(tmp_path / "l", opening(), OWNER, marks=tmp_path / "m") as ledger:
        scene = Scene(tmp_path / "state")
        scene.ledger = ledger
        scene.hold(20)
        scene.witness = scene.again()
        for number in range(70):
            assert scene.ask(0, 15, root=sha256(b"%d" % number).digest()).status == 422
        assert len(checkpoints_of(ledger, scene.chain)) == 64


def test_a_stored_tree_that_is_wrong_neither_helps_nor_hinders(tmp_path):
    with Ledger.create(tmp_path / "l", opening(), OWNER, marks=tmp_path / "m") as ledger:
        scene = Scene(tmp_path / "state")
        scene.ledger = ledger
        scene.hold(20)
        held = ledger.held(scene.chain)
        ledger.marks.grow(scene.chain, held, copy_at(ledger, scene.chain))
        scene.witness = scene.again()
        assert scene.ask(0, 9).status == 200
        tree = ledger.engine.folder_of(scene.chain) / "tree"
        built = ledger.tree(scene.chain)
        built.root(20)
        built.close()
        data = bytearray(tree.read_bytes())
        for at in range(0, len(data), 32):
            data[at] ^= 1
            tree.write_bytes(data)
            data[at] ^= 1
            size = 10 + at // 64
            assert scene.ask(scene.latest(), size).status == 200


def test_entries_changed_below_what_was_cosigned_are_not_built_upon(tmp_path):
    """Another opening, with a key more, put under the rest: what was cosigned has not that leaf."""
    scene = Scene(tmp_path / "state")
    assert scene.ask(0, 10).status == 200
    forged = Draft(
        opening(keys=((OWNER, ["owner", "log"]), (CLERK, ["custodian"]), (STRANGER, ["log"])))
    )
    held = scene.ledger.engine
    held._chains[scene.chain][0] = (forged.entries[0].raw, forged.bodies[0])
    assert scene.ask(10, 12, signer=STRANGER).status == 500
    assert scene.latest() == 10
    held._ids[scene.chain][0] = forged.entries[0].id
    assert scene.ask(10, 12, signer=STRANGER).status == 500
    assert scene.latest() == 10


# The clock


def test_time_never_goes_back(scene):
    scene.ask(0, 5)
    scene.clock.now -= 1
    response = scene.ask(5, 6)
    assert (response.status, scene.latest()) == (500, 5)
    assert b"clock" in response.body
    assert "clock stands at" in scene.told[0]
    assert words("uk").tell(scene.told[0]).startswith("годинник показує ")
    scene.clock.now += 1
    assert scene.ask(5, 6).status == 200


@pytest.mark.parametrize("now", [0, -1, 2**63])
def test_a_clock_that_cannot_be(scene, now):
    scene.clock.now = now
    assert scene.ask(0, 5).status == 500
    assert scene.latest() is None


# What is remembered


def test_it_is_remembered_before_it_is_given_out(scene, monkeypatch):
    """Every write fails two ways: lost, and done but reported as failed."""
    replace, fail = durable.replace, []

    def failing(path, data, mode=0o644):
        if fail[0] == "done":
            replace(path, data, mode)
        raise OSError(5, "input/output error")

    scene.ask(0, 5)
    monkeypatch.setattr(durable, "replace", failing)
    fail[:] = ["lost"]
    assert scene.ask(5, 6).status == 500
    assert scene.latest() == 5
    fail[:] = ["done"]
    assert scene.ask(5, 6).status == 500
    assert scene.latest() == 6
    monkeypatch.setattr(durable, "replace", replace)
    assert scene.ask(5, 6) == (409, SIZE_TYPE, b"6\n", None)
    assert scene.ask(6, 6).status == 200


def test_a_signer_that_signs_something_else(scene):
    class Swapped:
        key_id = W1.signer.key_id

        def sign(self, message):
            return STRANGER.sign(message)

    assert (
        scene.ask(
            0, 5, witness=Witness(scene.ledger, [Ed25519Cosigner("w", Swapped())], scene.folder)
        ).status
        == 500
    )
    assert scene.latest() is None


@pytest.mark.parametrize("data", [b"", b"x", "cut", "flipped", "unsigned", "other log", "folder"])
def test_a_state_that_is_damaged_refuses(scene, data):
    scene.ask(0, 5)
    path, whole = scene.state_file(), scene.state_file().read_bytes()
    note = parse_note(whole)
    damaged = {
        "cut": whole[:-5],
        "flipped": whole.replace(b"\n5\n", b"\n4\n"),
        "unsigned": format_note(scene.note(3)),
        "other log": format_note(
            cosigned_by_us(scene.note(3, line="example.org/other/" + "ab" * 32))
        ),
        "folder": None,
    }.get(data, data)
    if damaged is None:
        path.unlink()
        path.mkdir()
    else:
        path.write_bytes(damaged)
    for old, size in ((0, 6), (5, 6), (3, 6)):
        response = scene.ask(old, size)
        assert (response.status, response.content_type) == (500, "text/plain; charset=utf-8")
    assert scene.witness.checkpoint(log_of(scene.line)).status == 500
    assert str(path) in scene.told[0]
    if damaged is None:
        path.rmdir()
    path.write_bytes(format_note(note))
    assert scene.ask(5, 6).status == 200


def cosigned_by_us(note, time=START):
    return Note(note.text, (*note.signatures, W1.cosign(parse_checkpoint(note.text), time)))


def test_a_state_that_is_gone_is_not_begun_anew(scene):
    scene.ask(0, 5)
    scene.state_file().unlink()
    assert scene.ask(0, 6).status == 500
    assert "is gone" in scene.told[0]
    with pytest.raises(DamagedError):
        scene.latest()


def test_a_state_that_was_put_back_older_is_raised_by_our_own_cosignatures(tmp_path):
    with Ledger.create(tmp_path / "l", opening(), OWNER, marks=tmp_path / "m") as ledger:
        scene = Scene(tmp_path / "state")
        scene.ledger = ledger
        scene.hold(20)
        scene.witness = scene.again()
        scene.ask(0, 5)
        old = scene.state_file().read_bytes()
        scene.clock.now += 60
        response = scene.ask(5, 12)
        note = scene.note(12)
        keep(
            ledger,
            scene.chain,
            Note(note.text, (*note.signatures, *parse_signatures(response.body.decode()))),
        )
        scene.state_file().write_bytes(old)
        # A process that begins looks at what is kept.
        assert scene.ask(5, 6, witness=scene.again()) == (409, SIZE_TYPE, b"12\n", None)
        assert scene.latest() == 12
        assert "said that 5 entries" in scene.told[0]
        # One that runs believes what it is shown of its own.
        scene.state_file().write_bytes(old)
        shown = Note(note.text, (*note.signatures, *parse_signatures(response.body.decode())))
        assert scene.witness.add_checkpoint(scene.request(5, 12, note=shown)).status == 409
        assert scene.latest() == 12
        # And where two of one size were cosigned, the key is in other hands too.
        scene.state_file().write_bytes(old)
        twin = cosigned_by_us(scene.note(5, root=b"o" * 32))
        assert scene.witness.add_checkpoint(scene.request(5, 5, note=twin, proof=())).status == 500
        assert "were cosigned with this key" in scene.told[-1]


def test_lines_that_name_us_and_are_not_ours_change_nothing(scene):
    note = scene.note(9)
    false = Signature(W1.name, W1.vkey.key_hash, (START + 9).to_bytes(8) + bytes(64))
    assert (
        scene.witness.add_checkpoint(
            scene.request(0, 9, note=Note(note.text, (*note.signatures, false)))
        ).status
        == 200
    )
    assert scene.latest() == 9


def test_an_old_copy_of_the_ledger_does_not_take_the_witness_back(tmp_path):
    scene = Scene(tmp_path)
    scene.ask(0, 12)
    older = Scene(tmp_path, held=8)
    assert older.ask(0, 8) == (409, SIZE_TYPE, b"12\n", None)
    assert older.ask(12, 12).status == 503
    assert older.ask(12, 20).status == 503
    assert older.latest() == 12
    # Written again differently, it is not what was cosigned.
    draft = small_chain(8)
    for number in range(12):
        draft.add("transfer", transfer(number + 100))
    other = Scene(tmp_path, draft)
    assert other.ask(12, 14, proof=scene.proof(12, 14), root=scene.root(14)).status == 500
    assert other.ask(12, 14).status == 422
    assert other.latest() == 12


@pytest.mark.parametrize("seed", range(25))
def test_two_at_once_never_take_it_back(tmp_path, seed):
    """The race of the specification, with two witnesses over one folder as with one.

    What was answered is never more than what stands.
    """
    scene = Scene(tmp_path)
    chance = random.Random(seed)
    scene.ask(0, 4)
    sizes = [chance.randrange(4, 20) for _ in range(4)]
    requests = [scene.request(4, size) for size in sizes]
    witnesses = [scene.witness, scene.again()]
    begin, answers = threading.Barrier(len(sizes)), {}

    def ask(number):
        begin.wait()
        answers[number] = witnesses[number % 2].add_checkpoint(requests[number])

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(sizes))]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    granted = [sizes[number] for number, answer in answers.items() if answer.status == 200]
    assert {answer.status for answer in answers.values()} <= {200, 409}
    # From size 4 several may be granted only if all but one cosigned 4 again.
    assert sorted(granted)[:-1] == [4] * (len(granted) - 1)
    assert scene.latest() == max(granted)


def test_locked_by_another_process(scene, monkeypatch):
    monkeypatch.setattr("chainlog.hub.witness.state.LOCK_SECONDS", 0.05)
    scene.ask(0, 5)
    with FileLock(scene.state_file().with_suffix(".lock")):
        response = scene.ask(5, 6)
    assert (response.status, response.retry_after) == (503, 10)
    assert scene.ask(5, 6).status == 200


def test_folders_that_cannot_be_used(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    state = Cosigned(tmp_path / "file", [W1.vkey])
    with pytest.raises(StoreError), state.locked("ab" * 32):
        pass
    with pytest.raises(StoreError):
        state.put("ab" * 32, cosigned_by_us(sign_checkpoint(Checkpoint("a", 1, b"r" * 32), OWNER)))
    with pytest.raises(StoreError, match="names no log"):
        state.path("x")
    with pytest.raises(DamagedError):
        state.read("ab" * 32)


def test_killed_between_remembering_and_answering(tmp_path):
    """SIGKILL at every system call that makes it durable.

    Whoever comes after finds the old or the new, and goes on.
    """
    program = textwrap.dedent("""
        import os, signal, sys
        from chainlog.store import durable
        sys.path[:0] = [sys.argv[2], sys.argv[2] + "/hub"]
        from pathlib import Path
        from test_witness import Scene
        scene, left = Scene(Path(sys.argv[1])), int(sys.argv[3])
        def dying(real):
            def call(*args, **more):
                global left
                left -= 1
                if left < 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*args, **more)
            return call
        scene.ask(0, 5)
        for name in ("sync_data", "sync_folder", "write_all"):
            setattr(durable, name, dying(getattr(durable, name)))
        assert scene.ask(5, 12).status == 200
        os.kill(os.getpid(), signal.SIGKILL)
    """)
    seen = set()
    for calls in range(4):
        folder = tmp_path / str(calls)
        tests = Path(__file__).parents[1]
        done = subprocess.run(
            [sys.executable, "-c", program, folder, tests, str(calls)],
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == -signal.SIGKILL, done.stderr
        scene = Scene(folder)
        size = scene.latest()
        seen.add(size)
        assert scene.ask(size, 20).status == 200
    assert seen == {5, 12}


# Whom the authority admits


def programme(tmp_path, *, origin=ORIGIN):
    """An authority's chain, and a site's chain that is of its programme."""
    authority = Draft(opening(origin="example.org/authority"))
    site = Draft(opening(programme=authority.chain))
    for number in range(1, 8):
        site.add("transfer", transfer(number))
    scene = Scene(tmp_path, site, authority=authority.chain)
    scene.authority = authority

    def say(kind, fields):
        authority.add(kind, fields, OWNER)
        hold_authority(scene)

    hold_authority(scene)
    return scene, say


def hold_authority(scene):
    authority, engine = scene.authority, scene.ledger.engine
    head = scene.ledger.held(authority.chain)
    new = zip(authority.entries[head.size :], authority.bodies[head.size :], strict=True)
    engine.append(authority.chain, head, [(entry.raw, body) for entry, body in new])


def test_only_what_the_authority_admits_and_did_not_suspend(tmp_path):
    scene, say = programme(tmp_path)
    assert scene.ask(0, 3).status == 404
    say("site.admit", {"chain": scene.chain, "origin": "example.org/other"})
    assert scene.ask(0, 3).status == 404
    say("site.admit", {"chain": scene.chain, "origin": ORIGIN})
    assert scene.ask(0, 3).status == 200
    say("site.suspend", {"chain": scene.chain, "reason": "captured", "size": 4})
    response = scene.ask(3, 5)
    assert (response.status, scene.latest()) == (404, 3)
    assert b"captured" in response.body
    say("site.admit", {"chain": scene.chain, "origin": ORIGIN})
    assert scene.ask(3, 5).status == 200


def test_the_authority_itself_is_cosigned_and_others_are_not(tmp_path):
    scene, _ = programme(tmp_path)
    line = format_origin_line("example.org/authority", scene.authority.chain)
    note = sign_checkpoint(Checkpoint(line, 1, scene.authority.chain), OWNER)
    assert scene.witness.add_checkpoint(format_request(AddCheckpoint(0, (), note))).status == 200
    stranger = Scene(tmp_path / "2", authority=scene.authority.chain)
    assert stranger.ask(0, 3).status == 500  # the authority's chain is not here


def test_a_site_of_another_programme_is_not_admitted(tmp_path):
    scene, say = programme(tmp_path)
    other = small_chain(4)
    scene.ledger.engine.append(
        other.chain, EMPTY, [(e.raw, b) for e, b in zip(other.entries, other.bodies, strict=True)]
    )
    say("site.admit", {"chain": other.chain, "origin": ORIGIN})
    line = format_origin_line(ORIGIN, other.chain)
    note = sign_checkpoint(
        Checkpoint(line, 4, merkle.root([entry.id for entry in other.entries])), OWNER
    )
    assert scene.witness.add_checkpoint(format_request(AddCheckpoint(0, (), note))).status == 404


def test_a_site_admits_nobody(tmp_path):
    scene, _ = programme(tmp_path)
    assert scene.ask(0, 3, witness=scene.again(authority=scene.chain)).status == 503


def test_an_authority_whose_chain_does_not_hold_or_is_shorter_admits_nobody(tmp_path):
    scene, say = programme(tmp_path)
    say("site.admit", {"chain": scene.chain, "origin": ORIGIN})
    assert scene.ask(0, 3).status == 200
    engine, chain = scene.ledger.engine, scene.authority.chain
    last = engine._chains[chain].pop(), engine._ids[chain].pop()
    assert scene.ask(3, 4).status == 500
    engine._chains[chain].append(last[0])
    engine._ids[chain].append(last[1])
    assert scene.ask(3, 4).status == 200
    scene.authority.add("site.admit", {"chain": b"c" * 32, "origin": ORIGIN})
    hold_authority(scene)
    assert scene.ask(4, 5).status == 503
    assert "does not hold" in scene.told[-1]


# Offline


class Site:
    """A ledger with marks of its own, and a mirror that is a witness."""

    def __init__(self, base, name="depot"):
        self.base, self.folder, self.marks = base, base / name, base / "home" / name / "marks"
        with Ledger.create(
            self.folder, opening(origin=f"example.org/{name}"), OWNER, marks=self.marks
        ) as ledger:
            self.chain = ledger.chain

    def write(self, count):
        with Ledger.open(self.folder, OWNER, marks=self.marks) as ledger:
            start = ledger.head.size
            ledger.append_many([Event.parse("transfer", transfer(start + n)) for n in range(count)])

    def checkpoint(self):
        with Ledger.open(self.folder, OWNER, marks=self.marks) as ledger:
            return make_checkpoint(ledger)


@pytest.fixture
def offline(tmp_path):
    site = Site(tmp_path)
    site.write(4)
    with Ledger.create(
        tmp_path / "hub",
        opening(origin="example.org/hub"),
        OWNER,
        marks=tmp_path / "home" / "hub" / "marks",
    ) as hub:
        sync_folder(hub, site.folder, parallel=1)
        yield site, hub


def offline_witness(hub, tmp_path, **options):
    clock = Clock()
    witness = Witness(hub, [W1], tmp_path / "state", clock=clock, **options)
    return witness, clock


def only(found, chain):
    (one,) = [one for one in found if one.chain == chain]
    return one


def test_offline_the_newest_that_is_kept_is_cosigned(offline, tmp_path):
    site, hub = offline
    witness, clock = offline_witness(hub, tmp_path)
    assert {one.state for one in witness.cosign_held()} == {"none"}
    keep(hub, site.chain, site.checkpoint())
    one = only(witness.cosign_held(), site.chain)
    assert (one.state, one.checkpoint.size, one.time, one.origin) == (
        "cosigned",
        5,
        START,
        "example.org/depot",
    )
    (note,) = checkpoints_of(hub, site.chain)
    assert [found.time for found in cosignatures_of(note, witness.keys)] == [START]
    # Once is enough, unless it is asked for; then the earliest and the latest are kept.
    clock.now += 10
    one = only(witness.cosign_held(), site.chain)
    assert (one.state, one.time) == ("up to date", START)
    for _ in range(3):
        clock.now += 10
        one = only(witness.cosign_held([site.chain], again=True), site.chain)
        assert (one.state, one.time) == ("cosigned", clock.now)
        (note,) = checkpoints_of(hub, site.chain)
        assert [found.time for found in cosignatures_of(note, witness.keys)] == [START, clock.now]
    site.write(3)
    keep(hub, site.chain, site.checkpoint())
    one = only(witness.cosign_held(), site.chain)
    assert one.state == "cannot tell"
    assert "8 entries, and 5 are held" in one.says
    sync_folder(hub, site.folder, parallel=1)
    one = only(witness.cosign_held(), site.chain)
    assert (one.state, one.checkpoint.size) == ("cosigned", 8)


def test_offline_what_was_answered_over_http_is_kept_too(offline, tmp_path):
    site, hub = offline
    witness, _ = offline_witness(hub, tmp_path)
    note = site.checkpoint()
    assert witness.add_checkpoint(format_request(AddCheckpoint(0, (), note))).status == 200
    keep(hub, site.chain, note)
    assert only(witness.cosign_held(), site.chain).state == "up to date"
    (kept,) = checkpoints_of(hub, site.chain)
    assert len(cosignatures_of(kept, witness.keys)) == 1


def test_offline_a_fork_is_said(offline, tmp_path):
    site, hub = offline
    witness, _ = offline_witness(hub, tmp_path)
    line = format_origin_line("example.org/depot", site.chain)
    false = sign_checkpoint(Checkpoint(line, 5, b"o" * 32), OWNER)
    keep(hub, site.chain, false)
    one = only(witness.cosign_held(), site.chain)
    assert (one.state, one.fork.size, one.checkpoint) == ("forked", 5, None)
    # What is held here is cosigned, and what its log also signed is said.
    keep(hub, site.chain, site.checkpoint())
    one = only(witness.cosign_held(), site.chain)
    assert one.state == "cosigned"
    assert one.fork == parse_checkpoint(false.text)
    # What somebody else signed is nothing.
    keep(hub, site.chain, sign_checkpoint(Checkpoint(line, 9, b"p" * 32), STRANGER))
    assert only(witness.cosign_held(), site.chain).state == "up to date"


def test_offline_a_ledger_that_is_older_than_what_was_cosigned(offline, tmp_path):
    site, hub = offline
    witness, clock = offline_witness(hub, tmp_path)
    keep(hub, site.chain, site.checkpoint())
    shutil.copytree(hub.folder, tmp_path / "backup")
    site.write(2)
    sync_folder(hub, site.folder, parallel=1)
    keep(hub, site.chain, site.checkpoint())
    assert only(witness.cosign_held(), site.chain).checkpoint.size == 7
    with Ledger.open(tmp_path / "backup", marks=tmp_path / "home" / "other" / "marks") as older:
        again = Witness(older, [W1], tmp_path / "state", clock=clock)
        one = only(again.cosign_held(), site.chain)
        assert one.state == "rolled back"
        assert "7 entries were cosigned, and 5 are held" in one.says


def test_offline_another_branch_than_was_cosigned_is_not(tmp_path):
    """The same opening, and other entries since.

    Whoever put this ledger in the place of the other.
    """
    ours, theirs = small_chain(4), Draft()
    for number in range(1, 7):
        theirs.add("transfer", transfer(number + 50))
    assert ours.chain == theirs.chain
    scene = Scene(tmp_path / "state", ours)
    assert scene.ask(0, 4).status == 200
    ids = [entry.id for entry in theirs.entries]
    with Ledger.create(
        tmp_path / "hub",
        opening(origin="example.org/hub"),
        OWNER,
        marks=tmp_path / "home" / "marks",
    ) as hub:
        hub.engine.append(
            theirs.chain,
            EMPTY,
            [(e.raw, b) for e, b in zip(theirs.entries, theirs.bodies, strict=True)],
        )
        witness, _ = offline_witness(hub, tmp_path)
        for size, says in (
            (4, "other 4 entries were cosigned"),
            (6, "are not those that it cosigned"),
        ):
            keep(
                hub,
                theirs.chain,
                sign_checkpoint(Checkpoint(scene.line, size, merkle.root(ids[:size])), OWNER),
            )
            one = only(witness.cosign_held(), theirs.chain)
            assert (one.state, one.checkpoint) == ("forked", None)
            assert says in one.says
    assert scene.latest() == 4


def test_offline_what_a_later_version_may_know(offline, tmp_path):
    _, hub = offline
    witness, _ = offline_witness(hub, tmp_path)
    draft = small_chain(3)
    draft.add("site.annex", {"chain": b"c" * 32}, OWNER)
    hub.engine.append(
        draft.chain, EMPTY, [(e.raw, b) for e, b in zip(draft.entries, draft.bodies, strict=True)]
    )
    root = merkle.root([entry.id for entry in draft.entries])
    keep(
        hub,
        draft.chain,
        sign_checkpoint(Checkpoint(format_origin_line(ORIGIN, draft.chain), 4, root), OWNER),
    )
    assert only(witness.cosign_held(), draft.chain).state == "cannot tell"


def test_offline_every_entry_is_verified_again(offline, tmp_path):
    _, hub = offline
    witness, _ = offline_witness(hub, tmp_path)
    draft = small_chain(3)
    never_granted(draft)
    hub.engine.append(
        draft.chain, EMPTY, [(e.raw, b) for e, b in zip(draft.entries, draft.bodies, strict=True)]
    )
    line = format_origin_line(ORIGIN, draft.chain)
    note = sign_checkpoint(
        Checkpoint(line, 4, merkle.root([entry.id for entry in draft.entries])), OWNER
    )
    keep(hub, draft.chain, note)
    one = only(witness.cosign_held(), draft.chain)
    assert (one.state, one.checkpoint) == ("invalid", None)
    assert "step 5 does not hold" in one.says


def test_offline_one_chain_in_trouble_does_not_keep_others_from_it(offline, tmp_path):
    site, hub = offline
    witness, clock = offline_witness(hub, tmp_path)
    keep(hub, site.chain, site.checkpoint())
    keep(hub, hub.chain, make_checkpoint(hub))
    assert {one.state for one in witness.cosign_held()} == {"cosigned"}
    log = log_of(format_origin_line("example.org/depot", site.chain))
    (tmp_path / "state" / f"{log}.checkpoint").write_bytes(b"")
    clock.now += 1
    found = witness.cosign_held(again=True)
    assert only(found, site.chain).state == "error"
    assert f"{log}.checkpoint" in only(found, site.chain).says
    assert only(found, hub.chain).state == "cosigned"
    assert only(witness.cosign_held([b"x" * 32]), b"x" * 32).state == "error"


def test_offline_only_whom_the_authority_admits(offline, tmp_path):
    site, hub = offline
    witness, _ = offline_witness(hub, tmp_path, authority=hub.chain)
    keep(hub, site.chain, site.checkpoint())
    keep(hub, hub.chain, make_checkpoint(hub))
    found = witness.cosign_held()
    assert only(found, site.chain).state == "refused"
    assert only(found, hub.chain).state == "cosigned"


# Its name


def test_one_key_one_name(tmp_path):
    assert kept_vkey(tmp_path / "w") is None
    keep_vkey(tmp_path / "w", W1.vkey)
    keep_vkey(tmp_path / "w", W1.vkey)
    assert kept_vkey(tmp_path / "w") == W1.vkey
    with pytest.raises(KeyfileError, match="one key, one witness"):
        keep_vkey(tmp_path / "w", Ed25519Cosigner("witness.example/w2", W1.signer).vkey)
    for data in (b"", b"\xff", b"x\n", (tmp_path / "w" / "vkey").read_bytes() + b"\n"):
        (tmp_path / "w" / "vkey").write_bytes(data)
        with pytest.raises(KeyfileError, match="does not say"):
            kept_vkey(tmp_path / "w")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(KeyfileError):
        keep_vkey(tmp_path / "file", W1.vkey)


def test_what_is_cosigned_is_found_by_whose_it_is():
    note = sign_checkpoint(Checkpoint("example.org/a", 7, b"r" * 32), OWNER)
    assert latest_of(note, [W1.vkey]) is None
    twice = Note(
        note.text,
        (*note.signatures, *(W1.cosign(parse_checkpoint(note.text), time) for time in (9, 7, 8))),
    )
    assert latest_of(twice, [W1.vkey]).time == 9
