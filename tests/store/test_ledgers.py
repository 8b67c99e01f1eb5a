"""Everything that a ledger does, over every engine; and sync between each two of them."""

from __future__ import annotations

from hashlib import sha256
from itertools import product

import pytest
from support.chains import CLERK, OWNER, opening, transfer
from support.engines import ENGINES, new_store

from chainlog.audit.run import audit
from chainlog.audit.settings import Settings
from chainlog.errors import BehindMarkError, ReadOnlyError, StoreError, UnknownOutcomeError
from chainlog.events.event import Event
from chainlog.export.copy import write_withheld
from chainlog.export.rules import Rule
from chainlog.format.checkpoint import parse_checkpoint
from chainlog.format.cosignature import Ed25519Cosigner
from chainlog.format.keys import Ed25519Signer
from chainlog.format.note import format_note
from chainlog.hub.witness.witness import Witness
from chainlog.index.audit_source import gather
from chainlog.index.index import Items
from chainlog.ledger.at_path import verify_path
from chainlog.ledger.checkpoints import checkpoints_of, make_checkpoint, review
from chainlog.ledger.erase import carry_out, erase
from chainlog.ledger.ledger import Ledger
from chainlog.ledger.marks import Marks
from chainlog.ledger.proofs import prove
from chainlog.ledger.sources import attachments_in
from chainlog.ledger.taken import take_checkpoint
from chainlog.store.engine import EMPTY
from chainlog.store.shelf import Conflict
from chainlog.sync.folder import sync_store
from chainlog.verifier.report import Verdict

NOW = 1_700_000_000_000
WITNESS = Ed25519Cosigner("witness.example/w1", Ed25519Signer.from_seed(b"w" * 32))
PHOTO = b"a photo"


class Site:
    """A ledger over a store of one engine, with five entries, and an attachment that one names."""

    def __init__(self, name, folder, origin="example.org/depot", *, marks=None):
        made = Ledger.create("memory:", opening(origin=origin), OWNER, clock=lambda: NOW)
        self.name, self.folder, self.chain = name, folder, made.chain
        self.marks = None if marks is None else Marks(marks)
        self.lifted = set()
        self.store = new_store(name, folder, self.mark)
        head = self.store.append(
            made.chain, EMPTY, [(one.entry, one.body) for one in made.engine.read(made.chain)]
        )
        if self.marks is not None:
            self.marks.put(made.chain, head)
        digest, size = self.store.put_blob([PHOTO])
        file = {"sha256": digest, "size": size, "type": "image/jpeg"}
        self.write(
            transfer(1, attachments=[file]), *(transfer(n, note="secret") for n in (2, 3, 4))
        )

    def mark(self, chain):
        return None if self.marks is None or chain in self.lifted else self.marks.get(chain)

    def open(self, signer=OWNER):
        return Ledger(
            self.store,
            self.chain,
            signer,
            marks=self.marks,
            clock=lambda: NOW,
            _lifted=self.lifted,
        )

    def write(self, *transfers):
        with self.open(CLERK) as ledger:
            return ledger.append_many([Event.parse("transfer", fields) for fields in transfers])

    def head(self, chain=None):
        with self.open(None) as ledger:
            return ledger.held(chain or self.chain)

    def holds(self, **options):
        with self.open(None) as ledger:
            return ledger.verify(parallel=1, **options).verdict

    def sync(self, other):
        with self.open(None) as ledger:
            return sync_store(ledger, other.store, parallel=1)


@pytest.fixture(params=ENGINES)
def site(request, tmp_path):
    made = Site(request.param, tmp_path / "ledger")
    yield made
    made.store.close()


# Verify


def test_it_verifies(site):
    with site.open(None) as ledger:
        report = ledger.verify(parallel=1)
    assert report.verdict is Verdict.HOLDS
    assert [(one.chain, one.size) for one in report.chains] == [(site.chain.hex(), 5)]
    assert report.chains[0].attachments_held == 1
    with site.open(None) as ledger:
        assert ledger.verify(parallel=2, all_attachments=True).verdict is Verdict.HOLDS


def test_a_body_that_was_exchanged_is_found(site):
    record = next(site.store.read(site.chain, 2, 3))
    site.store.replace(site.chain, site.store.prepare(site.chain), {3: record.body})
    assert site.holds() is Verdict.TAMPERED


def test_an_attachment_that_is_gone_or_another_is_found(site):
    assert attachments_in(site.store)(sha256(PHOTO).digest()) == "held"
    site.store.drop_blob(sha256(PHOTO).digest())
    assert site.holds() is Verdict.HOLDS
    assert site.holds(all_attachments=True) is Verdict.CANNOT_TELL


def test_of_a_chain_that_went_its_checkpoints_accuse(site, tmp_path):
    with site.open() as ledger:
        note = make_checkpoint(ledger)
    bare = new_store(site.name, tmp_path / "bare")
    bare.keep_checkpoint(site.chain, note)
    with Ledger(bare, site.chain) as ledger:
        report = ledger.verify(parallel=1)
    assert report.verdict is not Verdict.HOLDS


# Faults


@pytest.mark.parametrize("done", [False, True])
def test_a_write_of_unknown_outcome_is_read_back(site, monkeypatch, done):
    """Lost, or done and reported as failed: the ledger goes on from what is there."""
    real = site.store.append

    def fails(chain, expected, records):
        if done:
            real(chain, expected, records)
        raise UnknownOutcomeError("the write failed")

    monkeypatch.setattr(site.store, "append", fails)
    with site.open(CLERK) as ledger:
        with pytest.raises(UnknownOutcomeError):
            ledger.append(Event.parse("transfer", transfer(5)))
        monkeypatch.undo()
        assert ledger.head.size == 5 + done
        assert ledger.append(Event.parse("transfer", transfer(6))).header.index == 5 + done
    assert site.holds() is Verdict.HOLDS


def test_a_copy_that_was_restored_is_not_written_but_takes_what_it_lost(site, tmp_path):
    marked = Site(site.name, tmp_path / "marked", marks=tmp_path / "marks")
    older = new_store(site.name, tmp_path / "older", marked.mark)
    records = [(one.entry, one.body) for one in marked.store.read(marked.chain, 0, 3)]
    marked.lifted.add(marked.chain)
    older.append(marked.chain, EMPTY, records)
    older.close()
    marked.lifted.clear()
    whole, marked.store = marked.store, older
    with marked.open(CLERK) as ledger, pytest.raises((BehindMarkError, ReadOnlyError)):
        ledger.append(Event.parse("transfer", transfer(9)))
    assert marked.head().size == 3
    with marked.open(None) as ledger:
        (one,) = sync_store(ledger, whole, parallel=1).chains
    assert (one.state, one.own, one.before, one.after) == ("taken", True, 3, 5)
    marked.write(transfer(9))
    assert marked.head().size == 6
    assert marked.holds() is Verdict.HOLDS


# Sync


@pytest.mark.parametrize(("ours", "theirs"), list(product(ENGINES, ENGINES)))
def test_one_takes_from_the_other_whatever_both_are(tmp_path, ours, theirs):
    depot = Site(ours, tmp_path / "depot")
    port = Site(theirs, tmp_path / "port", "example.org/port")
    with port.open() as ledger:
        note = make_checkpoint(ledger)
    depot.store.drop_blob(sha256(PHOTO).digest())
    for state in ("new", "up to date"):
        told = depot.sync(port)
        assert [(one.chain, one.state, one.after) for one in told.chains] == [
            (port.chain, state, 5)
        ]
    assert depot.head(port.chain) == port.head()
    assert depot.store.checkpoints(port.chain) == [note]
    assert depot.store.holds_blob(sha256(PHOTO).digest())
    port.write(*(transfer(n) for n in range(10, 20)))
    (one,) = depot.sync(port).chains
    assert (one.state, one.before, one.after, one.fault) == ("taken", 5, 15, None)
    # And back: the port's own chain is one of them.
    told = port.sync(depot)
    assert {one.chain: one.state for one in told.chains} == {
        depot.chain: "new",
        port.chain: "up to date",
    }
    assert depot.holds() is port.holds() is Verdict.HOLDS
    for one in (depot, port):
        one.store.close()


@pytest.mark.parametrize(("ours", "theirs"), list(product(ENGINES, ENGINES)))
def test_a_fork_is_met_and_kept_whatever_both_are(tmp_path, ours, theirs):
    depot = Site(ours, tmp_path / "depot")
    twin = Site.__new__(Site)
    twin.__dict__.update(vars(depot), name=theirs, store=new_store(theirs, tmp_path / "twin"))
    twin.store.append(
        depot.chain, EMPTY, [(one.entry, one.body) for one in depot.store.read(depot.chain)]
    )
    depot.write(transfer(20), transfer(21))
    twin.write(transfer(30), transfer(31), transfer(32))
    (one,) = depot.sync(twin).chains
    assert (one.state, one.fork.index, one.whole) == ("fork", 5, True)
    with depot.open(None) as ledger:
        assert ledger.conflicts() == [one.fork]
        report = ledger.verify(parallel=1)
    assert [(one.index, one.code) for one in report.missing] == [(5, "fork-kept")]
    assert (report.fault_count, report.chains[0].forks) == (0, 1)
    assert depot.head().size == 7


def test_a_store_takes_nothing_from_itself(site):
    with pytest.raises(StoreError, match="itself"):
        site.sync(site)


# Checkpoints, witnesses, proofs


def test_checkpoints_are_made_taken_reviewed_and_proven_by(site):
    with site.open() as ledger:
        first = make_checkpoint(ledger)
    site.write(transfer(5))
    with site.open() as ledger:
        second = make_checkpoint(ledger)
        assert checkpoints_of(ledger, site.chain) == [first, second]
        cosigned = WITNESS.cosign(parse_checkpoint(second.text), 1_700_000_000)
        more = type(second)(second.text, (*second.signatures, cosigned))
        taken = take_checkpoint(ledger, format_note(more))
        assert (taken.state, taken.note) == ("fits", more)
        assert [(one.checkpoint.size, one.state) for one in review(ledger, site.chain)] == [
            (5, "fits"),
            (6, "fits"),
        ]
        assert prove(ledger, site.chain, 3, [first]).index == 3
    assert site.holds() is Verdict.HOLDS


def test_what_was_seen_of_a_longer_chain_is_kept_apart(site, tmp_path):
    short = new_store(site.name, tmp_path / "short")
    records = [(one.entry, one.body) for one in site.store.read(site.chain)]
    short.append(site.chain, EMPTY, records[:3])
    with site.open() as ledger:
        note = make_checkpoint(ledger)
    with Ledger(short, site.chain) as ledger:
        assert take_checkpoint(ledger, format_note(note)).state == "ahead"
        assert [one.state for one in review(ledger, site.chain)] == ["ahead"]
        assert ledger.verify(parallel=1).verdict is not Verdict.HOLDS


def test_a_witness_cosigns(site, tmp_path):
    with site.open() as ledger:
        make_checkpoint(ledger)
        witness = Witness(ledger, [WITNESS], tmp_path / "witness", clock=lambda: 1_700_000_000)
        (held,) = witness.cosign_held()
        assert (held.state, held.checkpoint.size) == ("cosigned", 5)
        for moment in (1_700_000_100, 1_700_000_200):
            later = Witness(
                ledger, [WITNESS], tmp_path / "witness", clock=lambda moment=moment: moment
            )
            (held,) = later.cosign_held(again=True)
            assert (held.state, held.time) == ("cosigned", moment)
        # The log's line, and of ours the earliest and the latest.
        (note,) = checkpoints_of(ledger, site.chain)
        assert len(note.signatures) == 3
    assert site.holds() is Verdict.HOLDS


# Withhold, erase, audit


def test_a_copy_with_something_withheld_holds(site, tmp_path):
    with site.open() as ledger:
        make_checkpoint(ledger)
        told = write_withheld(ledger, tmp_path / "copy", [Rule(fields=("note",))], parallel=1)
    assert (told.verdict, told.touched, told.attachments) == (Verdict.HOLDS, 3, 1)
    report = verify_path(tmp_path / "copy", parallel=1)
    assert (report.verdict, report.chains[0].size) == (Verdict.HOLDS, 5)
    with Ledger.open(tmp_path / "copy", marks=tmp_path / "marks") as copy:
        assert len(checkpoints_of(copy, site.chain)) == 1
        assert copy.entry(2).fields.get("note") is None


def test_bodies_are_erased_with_files_and_evidence(site):
    with site.open() as ledger:
        entry = ledger.entry(1).entry
        ours = next(site.store.read(site.chain, 1, 2))
        fork = Conflict(site.chain, 1, entry.id, bytes(32))
        ledger.keep_conflict(fork, ours, [next(site.store.read(site.chain, 2, 3))])
        told = erase(ledger, [entry.id], "art. 17 GDPR", attachments=True, conflicts=True)
        assert site.store.cut_conflicts(site.chain, [ours.entry], remove=False) == []
    assert (told.bodies, told.removed, told.conflicts) == (1, [sha256(PHOTO).digest()], [fork])
    assert next(site.store.read(site.chain, 1, 2)).body == b""
    assert not site.store.holds_blob(sha256(PHOTO).digest())
    assert site.holds() is Verdict.HOLDS
    with site.open(None) as ledger:
        assert carry_out(ledger).bodies == 0


def test_it_is_indexed_and_audited_alike(tmp_path):
    found = []
    for name in ENGINES:
        site = Site(name, tmp_path / name)
        with site.open(None) as ledger, Items.of(ledger) as items:
            assert [one.size for one in items.chains()] == [5]
            source = gather(items, None, NOW, attachments_in(ledger.engine))
            found.append([(one.code, one.index) for one in audit(source, Settings(), None)])
        site.store.close()
    assert all(one == found[0] for one in found)
    assert found[0]
