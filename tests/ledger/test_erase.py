"""A body goes, and the chain says so; a body that merely vanished is another thing."""

from __future__ import annotations

import errno
import itertools
import json
import os
import shutil
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.chains import CLERK, OWNER, Draft, opening, transfer

from chainlog.cli.main import cli
from chainlog.errors import (
    BehindMarkError,
    EventError,
    NoBlobError,
    NoEntryError,
    ReadOnlyError,
    RosterError,
    StoreError,
    UnknownOutcomeError,
    UnreadableError,
)
from chainlog.events.event import Event
from chainlog.format.record import Record, format_record
from chainlog.index.index import Items
from chainlog.index.schema import index_path
from chainlog.ledger import erase as erasing
from chainlog.ledger.erase import carry_out, check_erasable, erase
from chainlog.ledger.ledger import Ledger
from chainlog.ledger.marks import Marks
from chainlog.ledger.signers.files import write_key
from chainlog.store import durable
from chainlog.store.engine import EMPTY, Head
from chainlog.store.segment import conflicts
from chainlog.store.segment.engine import SegmentEngine
from chainlog.store.segment.offsets import ROW
from chainlog.store.shelf import Conflict
from chainlog.sync.folder import sync_folder
from chainlog.verifier.report import Verdict

SECRET = "Іваненко Петро, вул. Лісова 3"


class Site:
    """A ledger with an entry that says what must go, in a home of its own."""

    def __init__(self, base, name="depot"):
        self.folder, self.marks = base / name / "ledger", base / name / "home" / "marks"
        with Ledger.create(
            self.folder, opening(origin=f"example.org/{name}"), OWNER, marks=self.marks
        ) as ledger:
            self.chain = ledger.chain
            self.entries = ledger.append_many(
                event(n, note=SECRET if n == 1 else f"note {n}") for n in range(5)
            )
        self.told = self.entries[1]

    def open(self, signer=OWNER):
        return Ledger.open(self.folder, signer, marks=self.marks)

    def erase(self, *entries, reason="a request", **options):
        with self.open() as ledger:
            return erase(ledger, [entry.id for entry in entries or (self.told,)], reason, **options)

    def carry_out(self, **options):
        with self.open(None) as ledger:
            return carry_out(ledger, **options)

    def holds_it(self, text=SECRET):
        """The files in which the text stands."""
        return [
            path
            for path in self.folder.rglob("*")
            if path.is_file() and text.encode() in path.read_bytes()
        ]

    def verify(self):
        with self.open(None) as ledger:
            return ledger.verify(parallel=1)

    def bodies(self, chain=None):
        with self.open(None) as ledger:
            return {logged.entry.header.index: logged.fields for logged in ledger.read(chain=chain)}

    def strike(self, *indexes):
        """Bodies vanish, and nobody says why."""
        with self.open(None) as ledger:
            ledger.engine.replace(
                self.chain, ledger.engine.prepare(self.chain), dict.fromkeys(indexes, b"")
            )


def event(number, **more):
    return Event.parse("transfer", transfer(number, **more))


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path)


def test_an_erased_body_is_gone_and_the_chain_says_why(site):
    assert site.holds_it()
    told = site.erase(note="case 12")
    assert (told.bodies, told.notes, told.problems) == (1, [], [])
    assert site.holds_it() == []
    report = site.verify()
    assert report.verdict is Verdict.HOLDS
    assert (report.chains[0].erased, report.chains[0].absent) == (1, 0)
    held = site.bodies()
    assert held[2] is None
    assert held[told.entry.header.index] == {
        "entries": [site.told.id],
        "reason": "a request",
        "note": "case 12",
    }
    assert all(held[index] is not None for index in (0, 1, 3, 4, 5))


def test_a_body_that_merely_vanished_cannot_be_told(site):
    site.strike(2)
    report = site.verify()
    assert report.verdict is Verdict.CANNOT_TELL
    assert [(one.index, one.code) for one in report.missing] == [(2, "body-absent")]
    # That it was meant to go may still be said: copies elsewhere have it.
    assert site.erase().bodies == 0
    assert site.verify().verdict is Verdict.HOLDS


def test_the_chain_is_written_on_after_an_erasure(site):
    with site.open() as ledger:
        erase(ledger, [site.told.id], "a request")
        ledger.append(event(9))
        erase(ledger, [site.entries[0].id, site.entries[0].id], "another")
        ledger.append(event(10))
        assert ledger.verify(parallel=1).verdict is Verdict.HOLDS
    assert site.verify().chains[0].erased == 2


def test_many_bodies_at_once(site):
    assert site.erase(*site.entries).bodies == 5
    assert site.verify().chains[0].erased == 5


def test_after_the_chain_was_closed_it_can_still_be_erased(site):
    with site.open() as ledger:
        ledger.append(Event.parse("chain.close", {"reason": "moved"}))
        erase(ledger, [site.told.id], "a request")
    assert site.holds_it() == []
    assert site.verify().verdict is Verdict.HOLDS


# Nothing is signed unless it can be done


def refused(site, error, ids, words, *, signer=OWNER, reason="x"):
    with site.open(signer) as ledger:
        head = ledger.head
        with pytest.raises(error, match=words):
            erase(ledger, ids, reason)
    with site.open() as ledger:
        assert ledger.head == head
    assert site.holds_it()


def test_what_may_not_be_erased(site, tmp_path):
    other = Site(tmp_path, "port")
    with site.open() as ledger:
        granted = ledger.append(
            Event.parse(
                "key.grant", {"key": CLERK.key_id, "roles": ["inspector"], "holder": {"name": "N"}}
            )
        )
        sync_folder(ledger, other.folder, parallel=1)
    refused(site, StoreError, [site.chain], "is a chain.open")
    refused(site, StoreError, [site.told.id, granted.id], "is a key.grant")
    refused(site, NoEntryError, [other.told.id], "no entry .* in this ledger's own chain")
    refused(site, NoEntryError, [bytes(32)], "no entry")
    refused(site, EventError, [], "entries")
    refused(site, EventError, [site.told.id], "reason", reason="")
    refused(site, RosterError, [site.told.id], "not an owner", signer=CLERK)
    refused(site, ReadOnlyError, [site.told.id], "without a key", signer=None)


def test_erasing_twice_is_said_and_changes_nothing(site):
    site.erase()
    with site.open() as ledger:
        before = ledger.head
        for ids in ([site.told.id], [site.entries[3].id, site.told.id]):
            with pytest.raises(StoreError, match="was erased already, by entry 6"):
                erase(ledger, ids, "again")
        assert ledger.head == before
        assert check_erasable(ledger, [site.entries[3].id]) == [4]


# What a crash leaves is carried out


@pytest.mark.parametrize("done", [False, True], ids=["lost", "done but reported as failed"])
def test_whatever_write_fails_the_erasure_is_carried_out(tmp_path, monkeypatch, done):
    real = {name: getattr(durable, name) for name in ("write_all", "sync_data", "sync_folder")}
    state = {"count": 0, "at": 0}

    def call(name, *given):
        state["count"] += 1
        if state["count"] != state["at"]:
            return real[name](*given)
        if done:
            real[name](*given)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    for name in real:
        monkeypatch.setattr(durable, name, lambda *given, name=name: call(name, *given))
    began = Site(tmp_path, "origin")
    seen = set()
    for at in itertools.count(1):
        site = Site.__new__(Site)
        site.__dict__ = {
            **began.__dict__,
            "folder": tmp_path / f"{at}" / "ledger",
            "marks": tmp_path / f"{at}" / "marks",
        }
        shutil.copytree(began.folder, site.folder)
        shutil.copytree(began.marks, site.marks)
        state.update(count=0, at=at)
        try:
            site.erase()
        except StoreError as error:
            seen.add(type(error))
        happened = state["count"] >= at
        state["at"] = 0
        site.carry_out()
        erased = any(fields and "entries" in fields for fields in site.bodies().values())
        assert bool(site.holds_it()) is not erased
        assert site.verify().verdict is Verdict.HOLDS
        assert site.carry_out().bodies == 0
        if not happened:
            assert erased
            break
    assert at > 8
    assert seen == {UnknownOutcomeError}


def test_a_failure_after_the_entry_says_that_it_stands(site, monkeypatch):
    monkeypatch.setattr(
        SegmentEngine, "replace", lambda *_: (_ for _ in ()).throw(ReadOnlyError("no room"))
    )
    with pytest.raises(
        UnknownOutcomeError, match="is recorded, but not all of it could be carried out: no room"
    ) as caught:
        site.erase()
    assert "--carry-out" in caught.value.hint
    monkeypatch.undo()
    assert site.holds_it()
    assert site.verify().verdict is Verdict.HOLDS
    assert site.carry_out().bodies == 1
    assert site.holds_it() == []


def taken(ledger, other):
    """Another's chain is taken, and what it erased is not carried out yet."""
    held = ledger.held(other.chain)
    with other.open() as theirs:
        records = list(theirs.engine.read(other.chain, held.size))
    ledger.extend(other.chain, held, records)


def test_a_mirror_carries_out_what_its_chain_says(site, tmp_path):
    hub = Site(tmp_path, "hub")
    with hub.open(None) as ledger:
        sync_folder(ledger, site.folder, parallel=1)
    site.erase()
    with hub.open(None) as ledger:
        before = ledger.held(site.chain).size
        taken(ledger, site)
    assert len(hub.holds_it()) == 2
    told = hub.carry_out(since={site.chain: before, hub.chain: 0})
    assert (told.bodies, told.problems) == (1, [])
    assert [path for path in hub.holds_it() if path.parent.name == site.chain.hex()] == []
    assert len(hub.holds_it()) == 1, "its own entry of the same words is not what was erased"
    assert hub.verify().verdict is Verdict.HOLDS
    assert hub.carry_out().bodies == 0


def test_a_body_that_does_not_hold_is_dropped_like_any(site):
    path = next((site.folder / "chains" / site.chain.hex()).glob("*.seg"))
    path.write_bytes(path.read_bytes().replace(SECRET.encode(), SECRET.swapcase().encode()))
    assert site.verify().verdict is Verdict.TAMPERED
    assert site.erase(attachments=True).bodies == 1
    assert site.verify().verdict is Verdict.HOLDS


def test_what_only_the_derived_ids_say_is_not_believed(site):
    """Rows of the index with other entries' ids: what is dropped is what the records say."""
    path = site.folder / "chains" / site.chain.hex() / "index"
    rows = path.read_bytes()
    path.write_bytes(rows[: 4 * ROW + 8] + site.told.id + rows[5 * ROW :])
    assert site.erase().bodies == 1
    rows = path.read_bytes()
    path.write_bytes(
        rows[: 3 * ROW + 8]
        + site.entries[3].id
        + rows[4 * ROW : 4 * ROW + 8]
        + site.entries[2].id
        + rows[5 * ROW :]
    )
    assert site.erase(site.entries[2]).bodies == 1
    assert [index for index, fields in site.bodies().items() if fields is None] == [2, 3]


def test_a_kind_whose_name_only_begins_alike_erases_nothing(site):
    draft = Draft(opening(origin="example.org/mirror"))
    target = draft.add("transfer", transfer(1), CLERK)
    draft.add("chain.erased", {"entries": [target.id], "reason": "x"}, OWNER)
    lay(site.folder, draft)
    told = site.carry_out()
    assert (told.bodies, told.notes) == (0, [])


def test_only_newer_erasures_are_looked_for_where_that_is_asked(site):
    with site.open() as ledger:
        ledger.append(Event.parse("chain.erase", {"entries": [site.told.id], "reason": "x"}))
    assert site.carry_out(since={site.chain: 7}).bodies == 0
    assert site.carry_out(since={}).bodies == 0
    assert site.carry_out(since={site.chain: 6}).bodies == 1


def lay(folder, draft):
    """A chain made by hand, as a mirror."""
    engine = SegmentEngine(folder)
    engine.append(
        draft.chain,
        EMPTY,
        [(entry.raw, body) for entry, body in zip(draft.entries, draft.bodies, strict=True)],
    )
    engine.close()


def erasing_draft(signer, fields=None, name="mirror", **wrong):
    draft = Draft(opening(origin=f"example.org/{name}"))
    target = draft.add("transfer", transfer(1), CLERK)
    draft.add("chain.erase", fields or {"entries": [target.id], "reason": "x"}, signer, **wrong)
    return draft


def test_an_erasure_that_its_author_might_not_sign_erases_nothing(site):
    forged = erasing_draft(OWNER)
    last = forged.entries[-1]
    forged.entries[-1] = type(last)(last.raw[:-1] + bytes([last.raw[-1] ^ 1]), last.header, last.id)
    drafts = [
        erasing_draft(CLERK),
        forged,
        erasing_draft(OWNER, body_held=b""),
        erasing_draft(OWNER, {"entries": ["x"], "reason": "x"}),
    ]
    for number, draft in enumerate(drafts):
        folder = site.folder.parent / f"mirror {number}"
        lay(folder, draft)
        (folder / "ledger.toml").write_bytes((site.folder / "ledger.toml").read_bytes())
        with Ledger.open(folder, marks=site.marks) as ledger:
            told = carry_out(ledger)
            assert told.bodies == 0
            assert "erases nothing" in told.notes[0]
            assert ledger.entry(1, draft.chain).body is not None
    lay(site.folder, erasing_draft(OWNER))
    assert site.carry_out().bodies == 1


def test_only_entries_of_its_own_chain_and_none_that_govern_are_dropped(site):
    draft = Draft(opening(origin="example.org/mirror"))
    draft.add(
        "chain.erase", {"entries": [site.told.id, draft.chain, bytes(32)], "reason": "x"}, OWNER
    )
    lay(site.folder, draft)
    told = site.carry_out()
    assert told.bodies == 0
    assert [note for note in told.notes if "is a chain.open, which is never erased" in note]
    assert site.holds_it()
    assert site.verify().verdict is Verdict.HOLDS


def test_a_chain_that_cannot_be_written_does_not_keep_others_from_it(site, tmp_path):
    port = Site(tmp_path, "port")
    port.erase()
    with site.open() as ledger:
        ledger.append(Event.parse("chain.erase", {"entries": [site.told.id], "reason": "x"}))
        sync_folder(ledger, port.folder, parallel=1)
    lay(site.folder, draft := erasing_draft(OWNER))
    lay(site.folder, damaged := erasing_draft(OWNER, name="damaged"))
    Marks(site.marks).path(draft.chain).write_bytes(Marks(site.marks).path(site.chain).read_bytes())
    path = next((site.folder / "chains" / damaged.chain.hex()).glob("*.seg"))
    path.write_bytes(
        path.read_bytes().replace(damaged.entries[1].raw, bytes(len(damaged.entries[1].raw)))
    )
    told = site.carry_out()
    assert told.bodies == 1
    assert {type(problem) for problem in told.problems} == {ReadOnlyError, UnreadableError}
    Marks(site.marks).path(draft.chain).unlink()
    Marks(site.marks).put(draft.chain, Head(9, bytes(32)))
    told = site.carry_out()
    assert {type(problem) for problem in told.problems} == {BehindMarkError, UnreadableError}


# Files


def attached(site, *contents, note="with files"):
    with site.open() as ledger:
        source = site.folder.parent / "file"
        described = []
        for content in contents:
            source.write_bytes(content)
            described.append(ledger.attach(source, "image/jpeg"))
        return ledger.append(event(7, note=note, attachments=described))


def test_files_that_only_the_erased_body_names_go_too_where_that_is_asked(site):
    photo, shared, inside = b"photo of a person", b"shared paper", b"named by a correction"
    entry = attached(site, photo, shared, inside)
    attached(site, shared)
    digest = sha256(inside).digest()
    told = {
        "kind": "transfer",
        **transfer(3, attachments=[{"sha256": digest, "size": 1, "type": "a/b"}]),
    }
    fields = {
        "entry": site.told.id,
        "reason": "wrong_data",
        "event_time": "2023-03-01T08:00:00Z",
        "replacement": told,
    }
    with site.open() as ledger:
        ledger.append(Event.parse("correct", fields))
    done = site.erase(entry, attachments=True)
    assert done.removed == [sha256(photo).digest()]
    assert set(done.remaining) == {sha256(shared).digest(), digest}
    with site.open() as ledger:
        with pytest.raises(NoBlobError):
            list(ledger.engine.blob(sha256(photo).digest()))
        assert b"".join(ledger.engine.blob(sha256(shared).digest())) == shared
    report = site.verify()
    assert report.verdict is Verdict.HOLDS


def test_a_file_that_only_an_erased_replacement_names_goes_too(site):
    inside = site.folder.parent / "file"
    inside.write_bytes(b"named by a correction")
    with site.open() as ledger:
        attachment = ledger.attach(inside, "image/jpeg")
        fields = {
            "entry": site.told.id,
            "reason": "wrong_data",
            "event_time": "2023-03-01T08:00:00Z",
            "replacement": transfer(3, attachments=[attachment]),
        }
        entry = ledger.append(Event.parse("correct", fields))
    done = site.erase(entry, attachments=True)
    assert (done.removed, done.remaining) == ([attachment["sha256"]], [])
    assert not site.holds_it("named by a correction")


def test_files_stay_where_it_is_not_asked_and_go_when_it_is_carried_out(site, monkeypatch):
    entry = attached(site, b"photo")
    digest = sha256(b"photo").digest()
    with monkeypatch.context() as patch:
        patch.setattr(
            SegmentEngine, "replace", lambda *_: (_ for _ in ()).throw(ReadOnlyError("no room"))
        )
        with pytest.raises(UnknownOutcomeError):
            site.erase(entry)
    done = site.carry_out(attachments=True)
    assert (done.bodies, done.removed, done.remaining) == (1, [digest], [])
    other = attached(site, b"other")
    done = site.erase(other)
    assert (done.removed, done.remaining) == ([], [sha256(b"other").digest()])


def test_a_file_named_by_erased_bodies_of_two_chains_goes_with_the_last(site, tmp_path):
    port = Site(tmp_path, "port")
    entries = {one: attached(one, b"photo") for one in (site, port)}
    for one, entry in entries.items():
        with one.open() as ledger:
            ledger.append(Event.parse("chain.erase", {"entries": [entry.id], "reason": "x"}))
    with site.open() as ledger:
        taken(ledger, port)
    done = site.carry_out(attachments=True)
    assert (done.bodies, done.removed, done.remaining) == (2, [sha256(b"photo").digest()], [])


def test_a_file_that_cannot_be_removed_keeps_the_body_that_names_it(site, monkeypatch):
    entry = attached(site, b"photo", note="names a file")
    monkeypatch.setattr(
        SegmentEngine,
        "drop_blob",
        lambda *_: (_ for _ in ()).throw(StoreError("it cannot be removed")),
    )
    with pytest.raises(UnknownOutcomeError, match="cannot be removed"):
        site.erase(entry, attachments=True)
    assert site.holds_it("names a file")
    monkeypatch.undo()
    assert site.carry_out(attachments=True).removed == [sha256(b"photo").digest()]
    assert site.holds_it("names a file") == []


# Evidence of forks, torn ends, the item index


def forked(site):
    with site.open() as ledger:
        index = site.told.header.index
        ours = next(ledger.engine.read(site.chain, index, index + 1))
        draft = Draft(opening(origin="example.org/other"))
        theirs = draft.add("transfer", transfer(8), CLERK)
        conflict = Conflict(site.chain, index, site.told.id, theirs.id)
        ledger.keep_conflict(conflict, ours, [Record(theirs.raw, draft.bodies[1])])
        return Path(ledger.engine.conflict_place(conflict))


def places(site, told):
    """Where the forks are kept of which an erasure tells."""
    with site.open() as ledger:
        return [Path(ledger.engine.conflict_place(one)) for one in told.conflicts]


def test_evidence_of_a_fork_is_told_of_and_left_unless_that_is_asked(site):
    path = forked(site)
    before = path.read_bytes()
    assert places(site, site.erase()) == [path]
    assert path.read_bytes() == before
    assert places(site, site.carry_out()) == [path]
    assert places(site, site.carry_out(conflicts=True)) == [path]
    assert site.holds_it() == []
    assert path.read_bytes().startswith(format_record(site.told.raw, b""))
    assert path.read_bytes()[len(format_record(site.told.raw, b"")) :] in before
    assert site.carry_out(conflicts=True).conflicts == []


def test_evidence_that_is_no_file_holds_nothing_and_what_cannot_be_read_is_an_error_of_ours(
    site, monkeypatch
):
    path = forked(site)
    path.unlink()
    path.symlink_to(path)
    with monkeypatch.context() as patch:
        patch.setattr(
            conflicts,
            "holds_bodies",
            lambda *_: (_ for _ in ()).throw(OSError(errno.EIO, "bad disk")),
        )
        with pytest.raises(UnknownOutcomeError, match="cannot be read: bad disk"):
            site.erase()
    assert site.holds_it() == []
    told = site.carry_out()
    assert (told.conflicts, told.problems) == ([], [])


def test_a_torn_end_that_was_set_aside_loses_it_too(site):
    lost = site.folder / "chains" / site.chain.hex() / "lost+found"
    lost.mkdir()
    with site.open(None) as ledger:
        record = next(ledger.engine.read(site.chain, 2, 3))
    (lost / "00000000000000000000-0-0").write_bytes(format_record(record.entry, record.body)[:-5])
    assert len(site.holds_it()) == 2
    site.erase()
    assert site.holds_it() == []


# The command


@pytest.fixture
def run(site, monkeypatch):
    """Run the command as the depot's owner, with nobody at the keyboard."""
    home = site.marks.parent
    write_key(home / "key.pem", OWNER, None)
    monkeypatch.setenv("CHAINLOG_HOME", str(home))

    def call(*args, stdin="", code=0):
        done = CliRunner().invoke(
            cli, ["--ledger", str(site.folder), *map(str, args)], input=stdin, standalone_mode=False
        )
        if done.exception is not None:
            raise done.exception
        assert (done.return_value or 0) == code, done.output
        return done

    return call


def test_the_command_erases_and_forgets_what_the_item_index_read(run, site):
    with site.open(None) as ledger, Items.of(ledger) as items:
        assert items.chains()
    index = index_path(site.marks.parent / "items", site.folder)
    assert any(SECRET.encode() in path.read_bytes() for path in index.parent.iterdir())
    done = run("erase", site.told.id.hex()[:10], "--reason", "a request", "--yes")
    assert "bodies dropped: 1" in done.stdout
    assert not any(SECRET.encode() in path.read_bytes() for path in index.parent.iterdir())
    assert site.holds_it() == []
    shown = run("show", site.told.id.hex()[:10])
    assert "its body is not held here" in shown.stdout
    assert "1 body erased" in run("verify").stdout


def test_the_command_as_json(run, site):
    path = forked(site)
    entry = attached(site, b"photo")
    told = json.loads(
        run(
            "erase",
            entry.id.hex(),
            site.told.id.hex(),
            "--reason",
            "art. 17",
            "--attachments",
            "--yes",
            "--json",
        ).stdout
    )
    assert told["entry"]["kind"] == "chain.erase"
    assert told["entry"]["event"] == {
        "entries": [entry.id.hex(), site.told.id.hex()],
        "reason": "art. 17",
    }
    assert told["bodies"] == 2
    assert told["attachments"] == {"removed": [sha256(b"photo").hexdigest()], "remaining": []}
    assert (told["conflicts"], told["notes"], told["problems"]) == ([str(path)], [], [])
    again = json.loads(run("erase", "--carry-out", "--conflicts", "--json").stdout)
    assert (again["entry"], again["bodies"], again["conflicts"]) == (None, 0, [str(path)])


def test_carrying_out_says_what_stands_in_the_way(run, site):
    lay(site.folder, draft := erasing_draft(OWNER))
    Marks(site.marks).put(draft.chain, Head(9, bytes(32)))
    lay(site.folder, erasing_draft(CLERK, name="clerk"))
    done = run("erase", "--carry-out", code=1)
    assert "bodies dropped: 0" in done.stdout
    assert "erases nothing" in done.stderr
    assert "not carried out" in done.stderr


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ((), "its files are kept here: --attachments removes them"),
        (("--attachments",), "the files that only this names"),
    ],
)
def test_a_person_sees_the_entry_and_says_yes(run, site, monkeypatch, more, words):
    monkeypatch.setattr("chainlog.cli.setup.erase.check_somebody", lambda *_args, **_how: None)
    entry = attached(site, b"photo", note=SECRET)
    args = [
        "--ledger",
        str(site.folder),
        "erase",
        entry.id.hex(),
        site.told.id.hex(),
        "--reason",
        "x",
        *more,
    ]
    done = CliRunner().invoke(cli, args, input="n\n", standalone_mode=False)
    assert done.return_value == 1
    assert "nothing was erased" in done.output
    for told in (words, "cannot be undone", "copies elsewhere", "erase these 2?"):
        assert told in done.stderr
    assert done.stderr.count(SECRET) == 2
    assert len(site.holds_it()) == 1
    done = run("erase", site.told.id.hex(), entry.id.hex(), "--reason", "x", *more, stdin="y\n")
    assert "bodies dropped: 2" in done.stdout
    assert ("file removed" if more else "file remains") in done.stdout
    assert site.holds_it() == []


def test_what_the_command_does_not_take(run, site):
    for args in (
        ("--reason", "x"),
        (site.told.id.hex(),),
        ("--carry-out", site.told.id.hex()),
        ("--carry-out", "--reason", "x"),
    ):
        with pytest.raises(Exception, match="--carry-out"):
            run("erase", *args, "--yes")
    with pytest.raises(Exception, match="nobody is here to say yes"):
        run("erase", site.told.id.hex(), "--reason", "x")
    with pytest.raises(NoEntryError):
        run("erase", "f" * 12, "--reason", "x", "--yes")
    assert site.holds_it()


def test_a_ledger_in_memory_erases_too():
    with Ledger.create("memory:", opening(), OWNER) as ledger:
        entry = ledger.append(event(1))
        assert erase(ledger, [entry.id], "x").bodies == 1
        assert ledger.entry(1).body is None
        assert carry_out(ledger).bodies == 0


def test_ids_are_looked_for_in_batches(site, monkeypatch):
    monkeypatch.setattr(erasing, "_BATCH", 2)
    assert site.erase(*site.entries).bodies == 5
