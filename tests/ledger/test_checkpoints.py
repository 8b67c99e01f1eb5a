"""Checkpoints in the world: made, taken, proven by and remembered.

And the verbs that do it, as people and programs call them.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from support.chains import CLERK, NEXT, OWNER, STRANGER, Draft, opening, transfer
from support.notes import HUB, NGO, checkpoint, sign, told_at
from support.place import KEYS, LOG, Place

from chainlog.errors import (
    ChainlogError,
    DamagedError,
    NoChainError,
    NoteError,
    ReadOnlyError,
    RosterError,
    StoreError,
)
from chainlog.events.event import Event
from chainlog.format.checkpoint import Checkpoint, format_origin_line, parse_checkpoint
from chainlog.format.keys import Ed25519Signer
from chainlog.format.merkle import root, verify_inclusion
from chainlog.format.note import Note, Signature, format_note, format_vkey, parse_note
from chainlog.format.policy import any_of
from chainlog.format.proof import parse_proof
from chainlog.ledger import checkpoints as checkpointing
from chainlog.ledger.at_path import verify_path
from chainlog.ledger.checkpoints import (
    checkpoints_of,
    keep,
    make_checkpoint,
    remember,
    standing_checkpoints,
)
from chainlog.ledger.ledger import Ledger
from chainlog.ledger.marks import Marks
from chainlog.ledger.proofs import prove
from chainlog.ledger.signers.files import read_key, write_key
from chainlog.ledger.taken import take_checkpoint
from chainlog.store.checkpoints import checkpoints_in, keep_checkpoint
from chainlog.store.tree import Tree
from chainlog.verifier.report import Verdict
from chainlog.verifier.resume_note import Records, Verified, sign_verified
from chainlog.verifier.trust import Trust


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def texts(folder):
    return [parse_checkpoint(note.text) for note in checkpoints_in(folder)]


# Made


def test_a_checkpoint_is_the_chains_and_kept_in_both_places(place):
    note = place.make()
    assert parse_checkpoint(note.text) == place.told()
    assert [checkpoints_in(folder) for folder in place.folders] == [[note]] * 2
    assert place.make() == note
    assert len(checkpoints_in(place.folders[0])) == 1
    assert verify_path(place.folder).chains[0].latest == note


def test_a_checkpoint_grows_with_the_chain_and_the_older_ones_stay(place):
    made = [place.make()]
    for count in (1, 5, 2):
        place.write(count, 50)
        made.append(place.make(LOG))
    assert [parse_checkpoint(note.text).size for note in made] == [4, 5, 10, 12]
    with place.open() as ledger:
        assert (
            checkpoints_of(ledger, place.chain) == standing_checkpoints(ledger, place.chain) == made
        )
    assert verify_path(place.folder).verdict is Verdict.HOLDS


def test_two_keys_sign_one_checkpoint(place):
    place.make()
    assert len(place.make(LOG).signatures) == 2
    assert len(place.make().signatures) == 2


def test_cosignatures_that_were_taken_stay_with_it(place):
    place.make()
    place.take(place.signed(cosigned=[HUB]))
    assert [one.name for one in place.make().signatures][1:] == [HUB.name]
    shutil.rmtree(place.folders[0])
    assert [one.name for one in place.make().signatures][1:] == [HUB.name]
    assert [one.name for one in checkpoints_in(place.folders[0])[0].signatures][1:] == [HUB.name]


@pytest.mark.parametrize("signer", [CLERK, STRANGER])
def test_only_a_log_key_or_an_owner_signs(place, signer):
    with pytest.raises(RosterError, match="may not sign checkpoints") as refused:
        place.make(signer)
    assert refused.value.fault == "not-log"
    assert refused.value.hint
    assert not place.folders[0].exists()


def test_a_key_that_was_revoked_signs_no_more(place):
    place.make(LOG)
    place.govern("key.revoke", {"key": LOG.key_id, "reason": "retired"})
    with pytest.raises(RosterError):
        place.make(LOG)
    assert parse_checkpoint(place.make().text).size == 5


def test_nobody_signs_without_a_key(place):
    with place.open() as ledger, pytest.raises(ReadOnlyError):
        make_checkpoint(ledger)


@pytest.mark.slow
def test_a_bit_that_was_flipped_in_the_stored_tree_is_never_signed(place):
    place.write(60)
    place.make()
    place.write(7)
    tree = place.chain_folder / "tree"
    with place.open() as ledger:
        ledger.tree().root(ledger.head.size)
    whole = tree.read_bytes()
    for at in range(0, len(whole), 32):
        tree.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        shutil.rmtree(place.folders[0])
        assert parse_checkpoint(place.make().text) == place.told(), at
    for data in (b"", b"\xff" * len(whole), whole[:-1], whole + whole):
        tree.write_bytes(data)
        assert parse_checkpoint(place.make().text) == place.told()
    assert verify_path(place.folder).verdict is Verdict.HOLDS


def test_a_bit_that_was_flipped_before_any_checkpoint_is_never_signed_either(place):
    with place.open() as ledger:
        ledger.tree().root(4)
    tree = place.chain_folder / "tree"
    tree.write_bytes(bytes([tree.read_bytes()[0] ^ 1]) + tree.read_bytes()[1:])
    assert parse_checkpoint(place.make().text) == place.told()


# An older copy, and a fork


def test_an_older_copy_with_its_marks_is_not_signed_for(place, tmp_path):
    shutil.copytree(place.folder, tmp_path / "copy")
    place.write(3)
    place.make()
    place.back_to(tmp_path / "copy")
    with pytest.raises(ReadOnlyError):
        place.make()


def test_an_older_copy_whose_marks_were_lost_is_not_signed_for(place, tmp_path):
    """The chain's folder goes back, and the checkpoints with it: only the home remembers."""
    shutil.copytree(place.folder, tmp_path / "copy")
    place.write(3)
    place.make()
    place.back_to(tmp_path / "copy")
    place.forget_marks()
    place.only_copy()
    with pytest.raises(
        ReadOnlyError,
        match=r"checkpoint of 7 entries was signed .* 4 are held: this is an older copy",
    ):
        place.make()


def test_an_older_chain_with_its_checkpoints_is_not_signed_for(place, tmp_path):
    """The segments go back, the checkpoints stay with the chain; the home is gone."""
    shutil.copytree(place.folder, tmp_path / "copy")
    place.write(3)
    place.make()
    shutil.copytree(
        place.folders[0], tmp_path / "copy" / "chains" / place.chain.hex() / "checkpoints"
    )
    place.back_to(tmp_path / "copy")
    shutil.rmtree(place.home)
    with pytest.raises(ReadOnlyError, match="older copy"):
        place.make()


def fork(place, tmp_path, *, before=3, after=4):
    """The chain goes back to `before` was written, its marks are lost, and others are written."""
    shutil.copytree(place.folder, tmp_path / "copy")
    place.write(before)
    made = place.make()
    place.back_to(tmp_path / "copy")
    with elsewhere(place):
        place.write(after, 500)
    return made


@contextmanager
def elsewhere(place):
    """On a machine that knows nothing of it somebody goes on, and says that it is the only copy.

    Then it comes back here, where the marks are lost, and the checkpoints are not.
    """
    place.forget_marks()
    home, place.home = place.home, place.base / "machine"
    place.only_copy()
    yield
    place.home = home
    place.only_copy()


def test_a_fork_is_not_signed_for(place, tmp_path):
    made = fork(place, tmp_path)
    with pytest.raises(ReadOnlyError, match="had others then"):
        place.make()
    assert checkpoints_in(place.folders[1]) == [made]
    report = verify_path(place.folder, marks=Marks(place.home / "marks"))
    assert [one.code for one in report.faults] == ["chain-fork"]
    # For whoever never saw the other branch it is a chain like any.
    assert (
        verify_path(place.folder, marks=Marks(tmp_path / "elsewhere" / "marks")).verdict
        is Verdict.HOLDS
    )


def test_a_fork_is_not_signed_for_where_the_key_was_retired_since(place, tmp_path):
    """What one key signed binds those that come after it."""
    shutil.copytree(place.folder, tmp_path / "copy")
    place.write(3)
    place.make(LOG)
    place.back_to(tmp_path / "copy")
    with elsewhere(place):
        place.write(4, 500)
        place.govern("key.revoke", {"key": LOG.key_id, "reason": "retired"})
    with pytest.raises(ReadOnlyError, match="had others then"):
        place.make()


def test_a_checkpoint_by_nobody_binds_nobody(place):
    for data in (
        place.signed(signer=STRANGER, size=None, root=b"r" * 32),
        place.signed(signer=CLERK, root=b"s" * 32),
    ):
        keep_checkpoint(place.folders[0], parse_note(data))
    assert parse_checkpoint(place.make().text) == place.told()


# Taken


def test_what_is_taken_fits_is_ahead_or_is_a_fork(place):
    other = b"r" * 32
    ahead = dataclasses.replace(place.told(), size=9, root=other)
    for data, state in (
        (place.signed(), "fits"),
        (place.signed(2, LOG), "fits"),
        (place.signed(root=other), "forked"),
        (format_note(sign(ahead, OWNER)), "ahead"),
    ):
        taken = place.take(data)
        assert (taken.state, taken.checkpoint) == (state, parse_checkpoint(parse_note(data).text))
        assert taken.note == parse_note(data)
        kept = [folder / "ahead" if state == "ahead" else folder for folder in place.folders]
        assert all(parse_note(data) in checkpoints_in(folder) for folder in kept)
    report = verify_path(place.folder)
    assert {one.code for one in report.faults} == {"chain-fork", "chain-rollback"}
    with pytest.raises(ReadOnlyError):
        place.make()


def test_what_nobody_who_might_signed_is_not_taken(place):
    told = place.told()
    for data, said in (
        (b"", "a note is"),
        (b"\xff" * 99, "UTF-8"),
        (place.signed(signer=STRANGER), "no key that might"),
        (place.signed(signer=CLERK), "no key that might"),
        (format_note(sign(dataclasses.replace(told, size=0), OWNER)), "no key that might"),
        (
            place.signed(origin=format_origin_line("example.org/port", place.chain)),
            "does not call itself",
        ),
        (place.signed(origin="example.org/depot"), "not the origin line"),
        (format_note(sign(told, cosigned=[(HUB, 7)])), "no key that might"),
    ):
        with pytest.raises(NoteError, match=said):
            place.take(data)
    with pytest.raises(NoChainError):
        place.take(place.signed(origin=format_origin_line("example.org/depot", b"x" * 32)))
    assert not any(folder.exists() for folder in place.folders)


def test_what_a_witness_cosigned_is_taken_without_the_logs_word(place):
    data = format_note(sign(place.told(), cosigned=[(HUB, 7)]))
    assert place.take(data, [HUB.vkey]).state == "fits"
    bad = parse_note(data).signatures[0]
    spoilt = Note(place.told(3).text, (dataclasses.replace(bad, value=bad.value[:-1] + b"\x00"),))
    with pytest.raises(NoteError):
        place.take(format_note(spoilt), [HUB.vkey])


def test_a_key_of_later_may_sign_what_is_ahead_only_when_it_is_known(place, tmp_path):
    shutil.copytree(place.folder, tmp_path / "copy")
    place.govern("key.grant", {"key": NEXT.key_id, "roles": ["log"], "holder": {"name": "Іван"}})
    data = place.signed(signer=NEXT)
    with (
        Ledger.open(tmp_path / "copy", marks=tmp_path / "other" / "marks") as older,
        pytest.raises(NoteError, match="no key that might"),
    ):
        take_checkpoint(older, data)
    assert place.take(data).state == "fits"


def test_lines_of_nobody_known_leave_room_for_those_of_witnesses(place):
    """Whoever hands over a checkpoint cannot fill it up so that no cosignature has room."""
    note = parse_note(place.signed())
    full = Note(
        note.text,
        (
            *note.signatures,
            *(Signature(f"junk.example/{n}", b"hash", b"x" * 72) for n in range(63)),
        ),
    )
    place.take(format_note(full))
    with place.open() as ledger:
        whole = keep(ledger, place.chain, parse_note(place.signed(cosigned=[HUB])))
    assert HUB.name in {one.name for one in whole.signatures}


# Proven


def test_every_entry_is_proven_by_every_checkpoint_that_covers_it(place):
    notes = [place.make()]
    place.write(5)
    notes.append(place.make())
    ids = place.ids()
    with place.open() as ledger:
        for index in range(9):
            for note in notes:
                told = parse_checkpoint(note.text)
                if told.size > index:
                    proof = prove(ledger, place.chain, index, [note])
                    assert (proof.index, proof.note) == (index, note)
                    verify_inclusion(ids[index], index, told.size, list(proof.hashes), told.root)
        # The first that covers it is taken.
        assert parse_checkpoint(prove(ledger, place.chain, 5, notes).note.text).size == 9
        assert parse_checkpoint(prove(ledger, place.chain, 2, notes).note.text).size == 4
        with pytest.raises(StoreError, match="no checkpoint that is kept here covers entry 8"):
            prove(ledger, place.chain, 8, notes[:1])
        with pytest.raises(StoreError):
            prove(ledger, place.chain, 0, [])


def test_a_damaged_tree_is_made_anew_for_a_proof(place):
    place.write(30)
    note = place.make()
    with place.open() as ledger:
        ledger.tree().root(34)
    tree = place.chain_folder / "tree"
    whole = tree.read_bytes()
    for at in range(0, len(whole), 32):
        tree.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with place.open() as ledger:
            for index in (0, 17, 33):
                assert prove(ledger, place.chain, index, [note]).index == index


def test_nothing_is_proven_by_a_checkpoint_that_does_not_fit(place):
    forked = parse_note(place.signed(root=b"r" * 32))
    ahead = sign(dataclasses.replace(place.told(), size=9), OWNER)
    with place.open() as ledger:
        with pytest.raises(DamagedError, match="not in the tree"):
            prove(ledger, place.chain, 1, [forked])
        with pytest.raises(ChainlogError):
            prove(ledger, place.chain, 1, [ahead])


def test_many_checkpoints_that_do_not_fit_cost_one_tree(place, monkeypatch):
    """Whoever fills the folder makes the tree be made anew once, not once for each."""
    for number in range(20):
        keep_checkpoint(
            place.folders[0], parse_note(place.signed(signer=STRANGER, root=number.to_bytes(32)))
        )
        keep_checkpoint(place.folders[0], parse_note(place.signed(root=bytes([number]) * 32)))
    rebuilt = []
    real = Tree.rebuild
    monkeypatch.setattr(Tree, "rebuild", lambda self: (rebuilt.append(1), real(self))[1])
    with place.open() as ledger:
        assert standing_checkpoints(ledger, place.chain) == []
    assert len(rebuilt) <= 1


# Remembered


def test_what_a_verification_saw_is_remembered(place, tmp_path):
    marks = Marks(tmp_path / "auditor" / "marks")
    place.make()
    place.write(1, 70)
    latest = place.make()
    report = verify_path(place.folder, marks=marks)
    assert not marks.remembered(place.chain).exists()
    remember(report, marks)
    assert checkpoints_in(marks.remembered(place.chain)) == [latest]
    against = place.signed(2, root=b"r" * 32)
    report = verify_path(place.folder, marks=marks, checkpoints=[against])
    assert report.verdict is Verdict.TAMPERED
    remember(report, marks)
    assert checkpoints_in(marks.remembered(place.chain)) == [parse_note(against), latest]
    # From now on it counts, also where nobody gives it.
    assert verify_path(place.folder, marks=marks).verdict is Verdict.TAMPERED
    assert verify_path(place.folder).verdict is Verdict.HOLDS


def test_what_nobody_signed_is_not_remembered(place, tmp_path):
    marks = Marks(tmp_path / "auditor" / "marks")
    given = [place.signed(signer=STRANGER), place.signed(2, STRANGER, root=b"r" * 32), b"x"]
    remember(verify_path(place.folder, marks=marks, checkpoints=given), marks)
    assert not marks.remembered(place.chain).exists()


def test_what_is_remembered_cannot_be_spoilt_by_lines_that_came_with_it(place, tmp_path):
    """A copy whose checkpoint bears a false line of a witness is verified once, without trust.

    What is trusted later holds.
    """
    marks, trust = Marks(tmp_path / "auditor" / "marks"), None
    place.govern("witness.admit", {"vkey": format_vkey(HUB.vkey)})
    trust = Trust(place.chain)
    good = place.signed(cosigned=[HUB])
    note = parse_note(good)
    false = dataclasses.replace(
        note.signatures[1],
        value=note.signatures[1].value[:-1] + bytes([note.signatures[1].value[-1] ^ 1]),
    )
    path = tmp_path / "spoilt"
    shutil.copytree(place.folder, path)
    keep_checkpoint(
        path / "chains" / place.chain.hex() / "checkpoints",
        Note(note.text, (note.signatures[0], false)),
    )
    remember(verify_path(path, marks=marks), marks)
    keep_checkpoint(place.folders[0], note)
    assert verify_path(place.folder, trust=trust).verdict is Verdict.HOLDS
    report = verify_path(place.folder, trust=trust, marks=marks)
    assert (report.verdict, report.missing) == (Verdict.HOLDS, [])


def test_a_rollback_is_seen_whatever_lines_came_with_what_is_remembered(place, tmp_path):
    shutil.copytree(place.folder, tmp_path / "older")
    place.write(2, 80)
    note = parse_note(place.signed())
    false = dataclasses.replace(
        sign(place.told(), LOG).signatures[0], value=note.signatures[0].value
    )
    marks = Marks(tmp_path / "auditor" / "marks")
    keep_checkpoint(marks.remembered(place.chain), Note(note.text, (*note.signatures, false)))
    report = verify_path(tmp_path / "older", marks=marks)
    assert (report.verdict, [one.code for one in report.faults]) == (
        Verdict.TAMPERED,
        ["chain-rollback"],
    )


def test_what_is_remembered_counts_for_whatever_is_verified_of_the_chain(place, tmp_path):
    """The chain's folder under another name, and a segment by itself, are the same chain."""
    marks = Marks(tmp_path / "auditor" / "marks")
    older = tmp_path / "older"
    shutil.copytree(place.chain_folder, older)
    place.write(2, 80)
    place.make()
    remember(verify_path(place.folder, marks=marks), marks)
    for path in (older, next(older.glob("*.seg"))):
        assert verify_path(path, marks=marks).verdict is Verdict.TAMPERED, path
        assert verify_path(path).verdict is Verdict.HOLDS


def test_a_cited_checkpoint_in_a_segment_by_itself_is_compared(tmp_path):
    draft = Draft()
    draft.add("transfer", transfer(1))
    draft.add("chain.seen", {"checkpoint": checkpoint(draft, 2, OWNER).decode()})
    other = Draft()
    other.add("transfer", transfer(1))
    other.add(
        "chain.seen",
        {
            "checkpoint": format_note(
                sign(dataclasses.replace(told_at(other, 2), root=b"r" * 32), OWNER)
            ).decode()
        },
    )
    for one, verdict in ((draft, Verdict.HOLDS), (other, Verdict.TAMPERED)):
        path = tmp_path / f"{0:020d}.seg"
        path.write_bytes(one.segment())
        assert verify_path(path).verdict is verdict


def test_a_chain_of_which_only_checkpoints_are_left_was_taken_away(place, tmp_path):
    """A mirrored chain whose segments are gone, beside one that is whole."""
    other = Place(tmp_path / "port", origin="example.org/port")
    other.make()
    shutil.copytree(other.chain_folder, place.folder / "chains" / other.chain.hex())
    assert verify_path(place.folder).verdict is Verdict.HOLDS
    for name in ("*.seg", "index", "tree", "lock"):
        for path in (place.folder / "chains" / other.chain.hex()).glob(name):
            path.unlink()
    assert verify_path(place.folder).verdict is not Verdict.HOLDS


def test_a_checkpoint_that_was_given_is_looked_at_whatever_it_is(place):
    """Whoever gives one wants to know.

    One of a chain that is not here, or that is none, is not passed over.
    """
    for data in (
        b"",
        b"\xff",
        place.signed().replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + place.signed(),
        place.signed(origin=format_origin_line("example.org/depot", b"x" * 32)),
    ):
        assert verify_path(place.folder, checkpoints=[data]).verdict is Verdict.CANNOT_TELL, data[
            :40
        ]
    assert verify_path(place.folder, checkpoints=[place.signed()]).verdict is Verdict.HOLDS


# The command


@pytest.fixture
def depot(run, tmp_path):
    run("key", "new", "--no-passphrase")
    chain = run(
        "init", "--origin", "example.org/depot", "--site", "Depot", "--holder", "Olena"
    ).out.strip()
    for serial in (1, 2):
        run(
            "transfer", "--from", "Depot", "--to", "Port", "--item", f"1ABC2/M777/{serial}", "--yes"
        )
    return SimpleNamespace(path=tmp_path / "work", chain=chain, key=tmp_path / "home" / "key.pem")


def admit(depot):
    """The site is its own authority here, and takes a witness in."""
    with Ledger.open(
        depot.path, read_key(depot.key, lambda: b""), marks=depot.key.parent / "marks"
    ) as ledger:
        ledger.append(Event.parse("witness.admit", {"vkey": format_vkey(HUB.vkey)}))


def more(run, count=1):
    for serial in range(count):
        run(
            "transfer",
            "--from",
            "Depot",
            "--to",
            "Port",
            "--item",
            f"1ABC2/M777/9{serial}",
            "--yes",
        )


def test_checkpoint_prints_the_note_and_keeps_it(run, depot):
    first = run("checkpoint").out
    told = parse_checkpoint(parse_note(first.encode()).text)
    assert (told.origin, told.size) == (f"example.org/depot/{depot.chain}", 3)
    assert run("checkpoint").out == first
    plain = json.loads(run("checkpoint", "--json").out)
    assert plain == {
        "checkpoint": first,
        "chain": depot.chain,
        "origin": "example.org/depot",
        "size": 3,
        "root": told.root.hex(),
        "cosigned": [],
    }
    more(run)
    run("checkpoint")
    listed = run("checkpoint", "--list").out.splitlines()
    assert [line.split(",")[0] for line in listed] == ["3 entries", "4 entries"]
    assert all(line.endswith(", fits") for line in listed)
    assert [
        one["size"] for one in json.loads(run("checkpoint", "--list", "--json").out)["checkpoints"]
    ] == [3, 4]


def test_checkpoint_prints_the_keys_that_others_verify_with(run, depot):
    (vkey,) = run("checkpoint", "--vkey").out.splitlines()
    assert vkey.startswith(f"example.org/depot/{depot.chain}+")
    assert json.loads(run("checkpoint", "--vkey", "--json").out) == {"vkeys": [vkey]}
    assert not (depot.path / "chains" / depot.chain / "checkpoints").exists()


@pytest.mark.parametrize(
    "args",
    [
        ("--vkey", "--list"),
        ("--take", "-", "--list"),
        ("--chain", "aa"),
        ("--vkey", "--policy", "x"),
    ],
)
def test_checkpoint_does_one_thing_at_a_time(run, depot, args):
    run("checkpoint", *args, code=2)


def test_checkpoint_takes_what_somebody_brings(run, depot, tmp_path):
    data = run("checkpoint").out.encode()
    with Ledger.open(depot.path) as ledger:
        ids = [logged.entry.id for logged in ledger.read()]
    signer = read_key(depot.key, lambda: b"")
    line = format_origin_line("example.org/depot", bytes.fromhex(depot.chain))
    (tmp_path / "given").write_bytes(
        format_note(sign(Checkpoint(line, 3, root(ids)), signer, cosigned=[(HUB, 7)]))
    )
    assert "it fits the chain" in run("checkpoint", "--take", tmp_path / "given").out
    assert run("checkpoint", "--list").out.rstrip().endswith(f"with lines of {HUB.name}")
    assert (
        "without the others"
        in run(
            "checkpoint",
            "--take",
            "-",
            stdin=format_note(sign(Checkpoint(line, 9, b"r" * 32), signer)),
            code=4,
        ).out
    )
    forked = run(
        "checkpoint",
        "--take",
        "-",
        "--json",
        stdin=format_note(sign(Checkpoint(line, 2, b"r" * 32), signer)),
        code=3,
    )
    assert json.loads(forked.out)["state"] == "forked"
    assert "DOES NOT FIT" in run("checkpoint", "--list").out
    assert "is an older copy" in run("checkpoint", code=1).err
    assert (
        "no key that might"
        in run(
            "checkpoint",
            "--take",
            "-",
            stdin=format_note(sign(Checkpoint(line, 3, root(ids)), STRANGER)),
            code=1,
        ).err
    )
    for bad, code in ((b"", 4), (b"\xff", 1), (data[:-1], 1), (b"x" * 10**6, 1)):
        assert run("checkpoint", "--take", "-", stdin=bad, code=code).err.startswith(
            "chainlog: error: "
        )
    run("verify", code=3)


def test_checkpoint_for_a_policy(run, depot, tmp_path):
    """No witness can be asked here: the checkpoint is made and kept, and it is said that they are
    not enough.
    """
    (tmp_path / "policy").write_text(f"witness hub {format_vkey(HUB.vkey)}\nquorum hub\n")
    asked = run("checkpoint", "--policy", tmp_path / "policy", code=4)
    assert "not enough witnesses" in asked.err
    assert parse_note(asked.out.encode())
    (tmp_path / "none").write_text("quorum none\n")
    run("checkpoint", "--policy", tmp_path / "none")
    (tmp_path / "bad").write_text("quorum\n")
    assert "line 1" in run("checkpoint", "--policy", tmp_path / "bad", code=1).err


def test_prove_prints_a_proof_by_the_newest_checkpoint(run, depot, tmp_path):
    first = run("checkpoint").out
    more(run, 3)
    with Ledger.open(depot.path) as ledger:
        ids = [logged.entry.id for logged in ledger.read()]
    proof = parse_proof(run("prove", ids[1].hex()[:12]).out.encode())
    assert (proof.index, parse_checkpoint(proof.note.text).size) == (1, 3)
    # One that no checkpoint covers yet makes one.
    newest = parse_proof(run("prove", ids[5].hex()[:12]).out.encode())
    told = parse_checkpoint(newest.note.text)
    verify_inclusion(ids[5], 5, told.size, list(newest.hashes), told.root)
    assert told.size == 6
    (tmp_path / "given").write_text(first)
    given = parse_proof(
        run("prove", ids[0].hex()[:12], "--checkpoint", tmp_path / "given").out.encode()
    )
    assert given.note == parse_note(first.encode())
    assert (
        "no checkpoint"
        in run("prove", ids[4].hex()[:12], "--checkpoint", tmp_path / "given", code=1).err
    )
    run("prove", "00000000", code=1)


def test_prove_makes_none_where_the_key_may_not_sign(run, depot):
    depot.key.unlink()
    with Ledger.open(depot.path) as ledger:
        name = next(iter(ledger.read())).entry.id.hex()
    said = run("prove", name[:12], code=1).err
    assert "none can be made" in said


def test_verify_remembers_what_it_saw(run, depot, tmp_path, monkeypatch):
    shutil.copytree(depot.path, tmp_path / "older")
    more(run, 2)
    run("checkpoint")
    shutil.copytree(depot.path, tmp_path / "copy")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHAINLOG_HOME", str(tmp_path / "auditor"))
    assert run("verify", "older").out.startswith("holds")
    before = {path: path.read_bytes() for path in (tmp_path / "copy").rglob("*") if path.is_file()}
    assert run("verify", "copy").out.startswith("holds")
    assert {
        path: path.read_bytes() for path in (tmp_path / "copy").rglob("*") if path.is_file()
    } == before
    rolled = run("verify", "older", code=3)
    assert "chain-rollback" in rolled.out
    assert "step 8" in rolled.out
    # Somebody who never saw it cannot know.
    monkeypatch.setenv("CHAINLOG_HOME", str(tmp_path / "stranger"))
    assert run("verify", "older").out.startswith("holds")
    assert run("--key", tmp_path / "auditor" / "key.pem", "verify", "older", code=3).out.startswith(
        "tampered"
    )


def test_what_was_seen_counts_wherever_the_ledger_says_that_its_key_is(
    run, depot, tmp_path, monkeypatch
):
    """`ledger.toml` comes with the ledger.

    It does not say whose memory is asked, and nothing is written into the ledger.
    """
    shutil.copytree(depot.path, tmp_path / "older")
    more(run, 2)
    run("checkpoint")
    monkeypatch.setenv("CHAINLOG_HOME", str(tmp_path / "auditor"))
    run("verify", depot.path)
    older = tmp_path / "older"
    told = (older / "ledger.toml").read_text()
    (older / "ledger.toml").write_text(
        "".join(line for line in told.splitlines(keepends=True) if not line.startswith("key"))
        + 'key = "k/key.pem"\n'
    )
    monkeypatch.chdir(older)
    files = sorted(older.rglob("*"))
    assert run("verify", code=3).out.startswith("tampered")
    assert sorted(older.rglob("*")) == files


def test_a_ledger_brings_no_note_of_what_was_verified_before(run, tmp_path, monkeypatch):
    """Handed over with a key of its own, without a passphrase, and a note by that key which says
    that all of it was verified.
    """
    folder, key = tmp_path / "given", Ed25519Signer.from_seed(b"k" * 32)
    with Ledger.create(
        folder, opening(keys=KEYS), OWNER, marks=tmp_path / "theirs" / "marks", key="k/key.pem"
    ) as ledger:
        chain = ledger.chain
    draft = Draft(opening(keys=KEYS))
    draft.add("transfer", transfer(1), STRANGER)
    draft.add("transfer", transfer(2), author=OWNER.key_id)
    shutil.rmtree(folder / "chains")
    place = folder / "chains" / draft.chain.hex()
    place.mkdir(parents=True)
    (place / f"{0:020d}.seg").write_bytes(draft.segment())
    told = (folder / "ledger.toml").read_text().replace(chain.hex(), draft.chain.hex())
    (folder / "ledger.toml").write_text(told)
    records = Records()
    for entry, body in zip(draft.entries, draft.bodies, strict=True):
        records.take(entry.raw, body)
    line = format_origin_line("example.org/depot", draft.chain)
    forged = Verified(line, 3, root([entry.id for entry in draft.entries]), records.digest())
    (folder / "k" / "verified").mkdir(parents=True)
    write_key(folder / "k" / "key.pem", key, None)
    (folder / "k" / "verified" / f"{draft.chain.hex()}.verified").write_bytes(
        format_note(sign_verified(forged, key))
    )
    run("key", "new", "--no-passphrase")
    monkeypatch.chdir(folder)
    run("verify", code=3)
    run("verify", "--resume", code=3)


def test_verify_says_what_could_not_be_remembered(run, depot, tmp_path, monkeypatch):
    run("checkpoint")
    home = tmp_path / "auditor"
    home.mkdir()
    (home / "checkpoints").write_text("in the way")
    monkeypatch.setenv("CHAINLOG_HOME", str(home))
    said = run("verify", depot.path)
    assert said.out.startswith("holds")
    assert "could not be remembered" in said.err


def test_verify_compares_with_a_checkpoint_that_was_given(run, depot, tmp_path, monkeypatch):
    shutil.copytree(depot.path, tmp_path / "older")
    small = run("checkpoint").out
    more(run)
    (tmp_path / "small").write_text(small)
    (tmp_path / "large").write_text(run("checkpoint").out)
    monkeypatch.setenv("CHAINLOG_HOME", str(tmp_path / "auditor"))
    older = tmp_path / "older"
    assert run("verify", older, "--checkpoint", tmp_path / "small").out.startswith("holds")
    said = run(
        "verify",
        older,
        "--checkpoint",
        tmp_path / "small",
        "--checkpoint",
        tmp_path / "large",
        "--json",
        code=3,
    )
    (fault,) = json.loads(said.out)["faults"]
    assert (fault["step"], fault["code"], fault["index"]) == (8, "chain-rollback", None)
    # And it was remembered.
    run("verify", older, code=3)
    run("verify", older, "--checkpoint", tmp_path / "nowhere", code=1)


def test_verify_with_trust(run, depot, tmp_path):
    admit(depot)
    note = parse_note(run("checkpoint").out.encode())
    trusting = ("verify", "--trust", depot.chain)
    alone = run(*trusting, code=4)
    assert "not-witnessed" in alone.out
    cosigned = Note(
        note.text, (*note.signatures, HUB.cosign(parse_checkpoint(note.text), 1_700_000_000))
    )
    (tmp_path / "cosigned").write_bytes(format_note(cosigned))
    held = run(*trusting, "--checkpoint", tmp_path / "cosigned")
    assert held.out.splitlines()[:2] == [
        "holds (full)",
        f"trusting {depot.chain}, as of 2023-11-14T22:13:20Z",
    ]
    assert f"witnessed  4 entries, 2023-11-14T22:13:20Z, by {HUB.name}" in held.out
    assert "compare these owners" not in held.err
    assert "compare these owners" in run("verify").err
    plain = json.loads(run(*trusting, "--json", "--checkpoint", tmp_path / "cosigned").out)
    assert (plain["trust"], plain["as_of"], plain["cited_elsewhere"]) == (
        depot.chain,
        1_700_000_000,
        0,
    )
    assert (plain["chains"][0]["witnessed"], plain["chains"][0]["cosigners"]) == (4, [HUB.name])
    (tmp_path / "ngo").write_text(f"witness ngo {format_vkey(NGO.vkey)}\nquorum ngo\n")
    assert (
        "not-witnessed"
        in run(
            *trusting, "--policy", tmp_path / "ngo", "--checkpoint", tmp_path / "cosigned", code=4
        ).out
    )
    more(run)
    assert "unwitnessed" in run(*trusting, "--checkpoint", tmp_path / "cosigned", code=4).out
    assert run(*trusting, "--witnessed", "--checkpoint", tmp_path / "cosigned").out.startswith(
        "holds"
    )
    assert "authority-absent" in run("verify", "--trust", "ab" * 32, code=4).out


@pytest.mark.parametrize(
    "args",
    [
        ("--witnessed",),
        ("--policy", "x"),
        ("--trust", "depot"),
        ("--trust", "AB" * 32),
        ("--trust", "ab" * 32, "--level", "links"),
    ],
)
def test_trust_is_asked_for_as_it_must_be(run, depot, args):
    run("verify", *args, code=2)


def test_a_time_that_no_calendar_holds_is_shown_as_a_number(run, depot, tmp_path):
    admit(depot)
    note = parse_note(run("checkpoint").out.encode())
    far = Note(note.text, (*note.signatures, HUB.cosign(parse_checkpoint(note.text), 2**63 - 1)))
    (tmp_path / "far").write_bytes(format_note(far))
    assert run("verify", "--trust", depot.chain, "--checkpoint", tmp_path / "far").out.startswith(
        "holds"
    )


def test_what_is_asked_of_a_ledger_in_memory():
    ledger = Ledger.create("memory:", opening(keys=KEYS), OWNER)
    note = make_checkpoint(ledger)
    assert parse_checkpoint(note.text).size == 1
    assert checkpointing.checkpoints_of(ledger, ledger.chain) == [note]
    assert prove(ledger, ledger.chain, 0, [note]).index == 0
    assert take_checkpoint(ledger, format_note(note), any_of([HUB.vkey]).keys).state == "fits"
