"""Attacks on what is kept, remembered and shown, beside those on the verifier in `attacks/`.

Each says in a line what it shows.
"""

from __future__ import annotations

import base64
import shutil
from threading import Event as Signal
from threading import Thread

import pytest
from attacks.hands import Chain, open_chain, opening_of
from attacks.keys import cosigned, key, transfer, witness
from attacks.world import build

from chainlog.cli.main import main
from chainlog.errors import KeyfileError
from chainlog.events.event import Event
from chainlog.export.copy import write_withheld
from chainlog.export.rules import Rule
from chainlog.format.checkpoint import Checkpoint, format_origin_line, sign_checkpoint
from chainlog.format.note import Note, Signature, parse_note
from chainlog.format.witness_request import AddCheckpoint, format_request
from chainlog.hub.witness.witness import Witness
from chainlog.ledger.at_path import sources_of, verify_path
from chainlog.ledger.checkpoints import keep, make_checkpoint, remember
from chainlog.ledger.config import LedgerFile, format_ledger_file
from chainlog.ledger.copies import settle
from chainlog.ledger.erase import erase
from chainlog.ledger.ledger import Ledger
from chainlog.ledger.signers.files import read_key, write_key
from chainlog.store import durable
from chainlog.store.checkpoints import checkpoint_files, keep_checkpoint
from chainlog.sync.folder import sync_folder
from chainlog.verifier.report import Verdict


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    return build(tmp_path_factory.mktemp("trust-attacks") / "world")


@pytest.fixture
def world(honest, tmp_path):
    return honest.copy(tmp_path / "world")


def own(world, site, place):
    """A ledger in which the site itself writes, with all chains."""
    shutil.copytree(world.folder, place)
    (place / "ledger.toml").write_bytes(format_ledger_file(LedgerFile(world.chains[site], None)))
    return place


def look(world, marks):
    report = verify_path(world.folder, trust=world.trust, marks=marks, parallel=1)
    remember(report, marks)
    return report.verdict


# Honest people accused


# A stick with a chain of the attacker's own in a folder of the brigade's name, made without any
# key: the true one is 'tampered' for ever.
def test_what_is_no_chain_of_its_name_is_not_remembered_against_the_one_that_is(world, tmp_path):
    stick, me, chain = world.copy(tmp_path / "stick"), key("false brigade"), world.chains["brigade"]
    shutil.rmtree(stick.path("brigade"))
    (stick.path("brigade") / "checkpoints").mkdir(parents=True)
    false = Chain(stick.path("brigade"), chain)
    opened = open_chain(tmp_path / "aside", opening_of("brigade", programme=world.chains["hq"]), me)
    false.entries, false.bodies = opened.entries, opened.bodies
    false.say("transfer", transfer(), me)
    false.put()
    line = format_origin_line("aid.example/brigade", chain)
    for told in (
        Checkpoint(line, 2, false.told(origin="a/b").root),
        Checkpoint(line, 2**40, bytes(32)),
    ):
        false.keep(sign_checkpoint(told, me))
    assert look(stick, world.marks) is Verdict.TAMPERED
    assert look(world, world.marks) is Verdict.HOLDS


# A thief with a log's key that was revoked: an old copy and a checkpoint beyond it are remembered,
# and the site is 'tampered' for ever.
def test_a_checkpoint_by_a_key_that_was_revoked_before_its_size_is_not_remembered_against_the_chain(
    world, tmp_path
):
    old, depot = world.copy(tmp_path / "old"), world.chain("depot")
    depot.say(
        "key.grant",
        {"key": key("depot box2").key_id, "roles": ["log"], "holder": {"name": "box2"}},
        key("depot spare"),
    )
    depot.say(
        "key.revoke", {"key": key("depot box").key_id, "reason": "compromised"}, key("depot spare")
    )
    for _ in range(3):
        depot.say("transfer", transfer(to="port"), key("depot keeper"))
    depot.put()
    depot.keep(depot.checkpoint(key("depot box2"), "one", "two"))
    old.chain("depot").keep(
        sign_checkpoint(Checkpoint(depot.origin, depot.size, bytes(32)), key("depot box"))
    )
    assert look(world, world.marks) is Verdict.HOLDS
    assert look(old, world.marks) is Verdict.TAMPERED
    assert look(world, world.marks) is Verdict.HOLDS


# A stick adds a line that names a witness and does not hold: 'chain seen' signs it into the chain,
# which is 'tampered' for ever.
def test_chain_seen_records_no_line_that_does_not_hold(world, tmp_path, monkeypatch):
    monkeypatch.setenv("CHAINLOG_HOME", str(tmp_path / "home"))
    mine, chain = own(world, "brigade", tmp_path / "brigade"), world.chains["brigade"]
    file = tmp_path / "home" / "key.pem"
    write_key(file, key("brigade keeper"), None)
    marks = tmp_path / "home" / "marks"
    with Ledger.open(mine, key("brigade keeper"), marks=marks) as ledger:
        settle(ledger, ledger.head)
        ledger.append(Event.parse("transfer", transfer()))
        ledger.signer = key("brigade box")
        note = make_checkpoint(ledger)
    stick, one = tmp_path / "stick", witness("one")
    shutil.copytree(mine, stick)
    line = Signature(one.name, one.vkey.key_hash, (1_600_000_000).to_bytes(8) + bytes(64))
    Chain(stick / "chains" / chain.hex(), chain).keep(Note(note.text, (*note.signatures, line)))
    with Ledger.open(mine, marks=marks) as ledger:
        sync_folder(ledger, stick, parallel=1)
        keep(ledger, chain, cosigned(note, "one", "two", at=1_700_000_000), vouched=False)
    with pytest.raises(SystemExit) as left:
        main(["--ledger", str(mine), "--key", str(file), "chain", "seen", "--yes"])
    assert not left.value.code
    with Ledger.open(mine, key("brigade box"), marks=marks) as ledger:
        keep(ledger, chain, cosigned(make_checkpoint(ledger), "one", "two", at=1_700_000_100))
    report = verify_path(mine, trust=world.trust, parallel=1)
    assert (report.verdict, report.faults) == (Verdict.HOLDS, [])


# What was withheld or erased


# A link among the checkpoints of a ledger leads to a file of the user's, such as the key: the copy
# that is handed on has what is in it.
def test_a_withheld_copy_has_nothing_that_a_link_leads_to(world, tmp_path):
    secret = tmp_path / "key.pem"
    secret.write_bytes(b"a private key")
    (world.path("brigade") / "checkpoints" / "key").symlink_to(secret)
    with Ledger.open(world.folder, marks=tmp_path / "marks") as ledger:
        write_withheld(ledger, tmp_path / "copy", [Rule(fields=("note",))], parallel=1)
    assert not [
        path
        for path in (tmp_path / "copy").rglob("*")
        if path.is_file() and b"a private key" in path.read_bytes()
    ]


# A segment is a link to a larger disk: the body is said to be dropped, and stays where the link
# led.
def test_an_erasure_reaches_a_segment_that_is_a_link(world, tmp_path):
    mine, far = own(world, "depot", tmp_path / "depot"), tmp_path / "far"
    far.mkdir()
    for segment in (mine / "chains" / world.chains["depot"].hex()).glob("*.seg"):
        shutil.move(segment, far / segment.name)
        segment.symlink_to(far / segment.name)
    assert any(b"WB-7" in path.read_bytes() for path in far.iterdir())
    with Ledger.open(mine, key("depot spare"), marks=tmp_path / "marks") as ledger:
        settle(ledger, ledger.head)
        assert erase(ledger, [world.told["sent 7"].id], "law").bodies == 1
    assert not [path for path in far.iterdir() if b"WB-7" in path.read_bytes()]


# A power cut while a fork was being kept leaves both sides' bodies in a file that no erasure finds.
def test_an_erasure_with_conflicts_reaches_what_a_crash_left_of_one(world, tmp_path):
    mine, chain = own(world, "depot", tmp_path / "depot"), world.chains["depot"]
    left = mine / "chains" / chain.hex() / "conflicts" / ".4711-0a1b2c3d.new"
    left.parent.mkdir()
    left.write_bytes(world.chain("depot").bodies[world.at("sent 7")])
    with Ledger.open(mine, key("depot spare"), marks=tmp_path / "marks") as ledger:
        settle(ledger, ledger.head)
        erase(ledger, [world.told["sent 7"].id], "law", conflicts=True)
    assert not [path for path in mine.rglob("*") if path.is_file() and b"WB-7" in path.read_bytes()]


# What was kept


# Two programs add a cosignature each to one checkpoint at once: the one that writes last takes the
# other's away.
def test_two_who_keep_a_cosignature_at_once_keep_both(world, tmp_path, monkeypatch):
    note, real = world.chain("brigade").newest(), durable.replace
    log, one, two = note.signatures
    keep_checkpoint(tmp_path / "kept", Note(note.text, (log,)))
    other = Thread(target=keep_checkpoint, args=(tmp_path / "kept", Note(note.text, (two,))))

    def slow(path, data, mode=0o644):
        monkeypatch.setattr(durable, "replace", real)
        other.start()
        other.join(0.3)
        real(path, data, mode)

    monkeypatch.setattr(durable, "replace", slow)
    keep_checkpoint(tmp_path / "kept", Note(note.text, (one,)))
    other.join()
    (file,) = checkpoint_files(tmp_path / "kept")
    assert set(parse_note(file.read_bytes()).signatures) == {log, one, two}


# A stick fills a true checkpoint up with lines of nobody: the witnesses' cosignatures, brought
# later, are never kept, and nobody is told.
def test_lines_of_nobody_keep_no_cosignature_out(world, tmp_path):
    brigade = world.chain("brigade")
    note = brigade.newest()
    log = note.signatures[0]
    good, stick = world.copy(tmp_path / "good"), world.copy(tmp_path / "stick")
    brigade.keep(Note(note.text, (log,)))
    nobody = [Signature(f"{n}.example/w", bytes(4), bytes(72)) for n in range(63)]
    stick.chain("brigade").keep(Note(note.text, (log, *nobody)))
    with Ledger.open(world.folder, marks=tmp_path / "marks") as ledger:
        for other in (stick, good):
            sync_folder(ledger, other.folder, parallel=1)
    assert set(note.signatures) <= set(brigade.newest().signatures)


# A site's log signs thousands of checkpoints onto a stick: a hub that syncs with it can soon verify
# no chain of its ledger any more.
def test_a_stick_full_of_checkpoints_does_not_end_all_verification(world, tmp_path, monkeypatch):
    monkeypatch.setattr("chainlog.store.checkpoints.FILES_LIMIT", 60)
    sticks = [world.copy(tmp_path / f"stick {number}") for number in (1, 2)]
    for number, stick in enumerate(sticks):
        brigade = stick.chain("brigade")
        for n in range(40):
            root = (1000 * number + n).to_bytes(32)
            brigade.keep(
                sign_checkpoint(Checkpoint(brigade.origin, brigade.size, root), key("brigade box"))
            )
    with Ledger.open(world.folder, marks=tmp_path / "marks") as ledger:
        for stick in sticks:
            sync_folder(ledger, stick.folder, parallel=1)
    assert verify_path(world.folder, trust=world.trust, parallel=1).verdict is Verdict.TAMPERED


# Hostile files and requests


# Ten thousand links to one file of 256 KiB count as nothing, and are all held in memory: 2.5 GB.
def test_links_to_one_long_checkpoint_are_not_all_held(world, tmp_path):
    (tmp_path / "long").write_bytes(b"x" * (256 * 1024 + 1))
    for n in range(300):
        (world.path("brigade") / "checkpoints" / f"{n:020d}-{'0' * 64}.checkpoint").symlink_to(
            tmp_path / "long"
        )
    brigade = world.chains["brigade"]
    [source] = [one for one in sources_of(world.folder) if one.chain == brigade]
    assert [(step, code) for step, code, _ in source.unread] == [(8, "checkpoint-unreadable")]
    assert len(source.checkpoints) == 0


def der(tag, *parts):
    body = b"".join(parts)
    return bytes([tag, len(body)] if len(body) < 0x80 else [tag, 0x81, len(body)]) + body


# A key file locked with scrypt names its own cost: opening one takes any amount of memory (here 512
# MiB), or with PKCS#12 of time.
def test_a_key_file_that_asks_for_any_amount_of_memory_is_refused(tmp_path):
    scrypt, pbes2 = bytes.fromhex("06092b06010401da47040b"), bytes.fromhex("06092a864886f70d01050d")
    aes = bytes.fromhex("060960864801650304012a")
    cost = der(
        0x30, der(4, bytes(16)), der(2, (2**19).to_bytes(4)), der(2, b"\x08"), der(2, b"\x01")
    )
    scheme = der(0x30, pbes2, der(0x30, der(0x30, scrypt, cost), der(0x30, aes, der(4, bytes(16)))))
    text = base64.b64encode(der(0x30, scheme, der(4, bytes(64)))).decode()
    file = tmp_path / "key.pem"
    file.write_text(
        f"-----BEGIN ENCRYPTED PRIVATE KEY-----\n{text}\n-----END ENCRYPTED PRIVATE KEY-----\n"
    )
    with pytest.raises(KeyfileError, match="too long to open"):
        read_key(file, lambda: b"secret")


# Requests that nobody signed make a witness sync, and all who ask meanwhile wait for that: with so
# many connections it serves nobody.
def test_nobody_waits_for_the_refresh_that_another_asked_for(world, tmp_path):
    begun, done = Signal(), Signal()

    def refresh():
        begun.set()
        done.wait(5)

    brigade = world.chain("brigade")
    false = sign_checkpoint(Checkpoint(brigade.origin, 10**9, bytes(32)), key("nobody"))
    request = format_request(AddCheckpoint(0, (), false))
    with Ledger.open(world.folder, marks=tmp_path / "marks") as ledger:
        one = Witness(ledger, [witness("four")], tmp_path / "state", refresh=refresh)
        first, second = (Thread(target=one.add_checkpoint, args=(request,)) for _ in range(2))
        first.start()
        assert begun.wait(5)
        second.start()
        second.join(1)
        waits = second.is_alive()
        done.set()
        first.join()
        second.join()
    assert not waits


# What is said


# An error's text is printed as it came: a folder on a stick may be named so that the terminal shows
# something else.
def test_an_error_shows_no_control_characters(world, capsys):
    odd = world.folder / "chains" / "\x1b[2J\x1b[Hholds (full)\u202e"
    odd.mkdir()
    (odd / "checkpoints").symlink_to(world.folder / "ledger.toml")
    (odd / f"{0:020d}.seg").write_bytes(b"")
    (odd / "conflicts").write_bytes(b"")
    with pytest.raises(SystemExit):
        main(["verify", str(world.folder), "--level", "links"])
    said = capsys.readouterr()
    assert not [char for char in said.out + said.err if char in "\x1b\u202e"]
