"""A copy in which chosen fields are not shown, which verifies whole, and in which nobody finds or
guesses what was withheld.
"""

from __future__ import annotations

import errno
import json
import os
from contextlib import suppress
from hashlib import sha256, shake_256

import msgpack
import pytest
from click.testing import CliRunner
from support.chains import CLERK, OWNER, Draft, opening, transfer

from chainlog.cli.main import cli
from chainlog.errors import DamagedError, NoEntryError, SettingsError, StoreError
from chainlog.events.event import Event
from chainlog.export import copy as withholding
from chainlog.export.copy import write_withheld
from chainlog.export.rules import Rule
from chainlog.format import canonical
from chainlog.format.body import commit, withhold
from chainlog.index.index import Items
from chainlog.ledger.at_path import verify_path
from chainlog.ledger.checkpoints import make_checkpoint
from chainlog.ledger.config import read_ledger_file
from chainlog.ledger.erase import erase
from chainlog.ledger.ledger import Ledger
from chainlog.store import durable
from chainlog.store.checkpoints import checkpoint_files
from chainlog.store.engine import EMPTY
from chainlog.store.segment.blobs import blob_path
from chainlog.store.segment.engine import SegmentEngine
from chainlog.verifier.report import Verdict

PLACE, PERSON, PHOTO, PAPER = (
    "Львів, вул. Лісова 3",
    "Іваненко Петро",
    b"photo of a person",
    b"a delivery note",
)
PLACES = Rule(fields=("place",))


class Site:
    """Two chains in one ledger, of several segments, with files, checkpoints, and all that a copy
    must not take with it.
    """

    def __init__(self, base):
        self.base, self.folder, self.marks = base, base / "ledger", base / "home" / "marks"
        with Ledger.create(
            self.folder, opening(), OWNER, marks=self.marks, key="../home/key.pem"
        ) as ledger:
            self.chain = ledger.chain
            ledger.close()
            ledger.engine = SegmentEngine(self.folder, segment_limit=1800)
            files = [self.attach(ledger, PHOTO), self.attach(ledger, PAPER)]
            events = [
                event(n, place=PLACE if n % 2 else "Київ", note=f"note {n}") for n in range(8)
            ]
            events += [
                event(8, attachments=files[:1], note=PERSON),
                event(9, attachments=files),
                event(10, attachments=files[1:]),
            ]
            self.entries = [ledger.append(one) for one in events]
            make_checkpoint(ledger)
        self.other = self.mirror(Draft(opening(origin="example.org/port")))
        home = self.chain_folder()
        assert len(list(home.glob("*.seg"))) > 2
        for name in ("lost+found", "conflicts", "checkpoints/made"):
            (home / name).mkdir(parents=True)
            (home / name / "file").write_bytes(
                name.encode() + PLACE.encode() * ("made" not in name)
            )

    def attach(self, ledger, content):
        path = self.base / "file"
        path.write_bytes(content)
        return ledger.attach(path, "image/jpeg")

    def mirror(self, draft):
        draft.add("transfer", transfer(70, place=PLACE))
        engine = SegmentEngine(self.folder)
        engine.append(
            draft.chain,
            EMPTY,
            [(entry.raw, body) for entry, body in zip(draft.entries, draft.bodies, strict=True)],
        )
        engine.close()
        return draft

    def chain_folder(self, folder=None):
        return (folder or self.folder) / "chains" / self.chain.hex()

    def open(self, folder=None, signer=None):
        return Ledger.open(folder or self.folder, signer, marks=self.marks)

    def write(self, *rules, to="copy", **options):
        target = to if hasattr(to, "parent") else self.base / to
        with self.open() as ledger:
            return target, write_withheld(ledger, target, rules, parallel=1, **options)

    def refuses(self, error, words, *rules, to="copy", **options):
        """Nothing is written, or left."""
        before = tree(self.base)
        with pytest.raises(error, match=words) as caught:
            self.write(*rules, to=to, **options)
        assert tree(self.base) == before
        return caught.value


def event(number, **more):
    return Event.parse("transfer", transfer(number, **more))


def tree(folder):
    return {
        path: path.is_file() and sha256(path.read_bytes()).digest()
        for path in folder.rglob("*")
        if path.name != "lock"
    }


def found_in(folder, *texts):
    """The files below a folder in which any of these stands."""
    wanted = [text.encode() if isinstance(text, str) else text for text in texts]
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and any(one in path.read_bytes() for one in wanted)
    ]


def all_fields(site, folder, chain=None):
    with site.open(folder) as ledger:
        return [logged.fields for logged in ledger.read(chain=chain)]


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path)


# A copy


def test_a_field_is_withheld_throughout_and_the_copy_verifies_whole(site):
    copy, told = site.write(PLACES)
    assert (told.chains, told.entries, told.touched, told.fields) == (2, 14, 9, {"place": 9})
    assert (told.attachments, told.absent, told.unmet, told.verdict) == (2, 0, [], Verdict.HOLDS)
    assert found_in(site.folder, PLACE)
    assert found_in(copy, PLACE, "Київ") == []
    report, source = verify_path(copy, parallel=1), verify_path(site.folder, parallel=1)
    assert report.verdict is Verdict.HOLDS
    assert [(one.chain, one.head, one.root, one.size) for one in report.chains] == [
        (one.chain, one.head, one.root, one.size) for one in source.chains
    ]
    assert sum(one.withheld for one in report.chains) == 9
    for before, after in zip(all_fields(site, site.folder), all_fields(site, copy), strict=True):
        assert after == {name: value for name, value in before.items() if name != "place"}


def test_the_master_salt_of_a_body_in_part_is_nowhere(site):
    with site.open() as ledger:
        bodies = [record.body for record in ledger.engine.read(site.chain)]
    copy, _ = site.write(PLACES)
    assert found_in(copy, *(body[3:35] for body in bodies[1:9])) == []
    assert found_in(copy, bodies[0][3:35]), "of an entry that is shown whole it stays"


def test_the_copy_is_a_ledger_of_its_chains_and_nothing_else(site):
    copy, _ = site.write(PLACES)
    home, made = site.chain_folder(), site.chain_folder(copy)
    assert sorted(path.name for path in copy.iterdir()) == ["blobs", "chains", "ledger.toml"]
    assert {path.name for path in made.iterdir()} == {
        "checkpoints",
        *(path.name for path in home.glob("*.seg")),
    }
    # Checkpoints, and nothing else that lies with them.
    assert [path.name for path in (made / "checkpoints").iterdir()] == [
        path.name for path in checkpoint_files(home / "checkpoints")
    ]
    told = read_ledger_file(copy)
    assert (told.chain, told.key) == (site.chain, None)


def test_the_copy_can_be_looked_at_like_any_ledger(site, monkeypatch):
    monkeypatch.setenv("CHAINLOG_HOME", str(site.base / "elsewhere"))
    copy, _ = site.write(PLACES, Rule(fields=("note",)))

    def run(*args):
        done = CliRunner().invoke(
            cli, ["--ledger", str(copy), *args], standalone_mode=False, catch_exceptions=False
        )
        assert not done.return_value
        return done.stdout

    assert "withheld" in run("show", site.entries[1].id.hex())
    assert len(run("log", "--json").splitlines()) == 12
    assert run("verify").startswith("holds")
    exported = [json.loads(line) for line in run("export", "jsonl").splitlines()]
    assert exported[2]["withheld"] == ["note", "place"]
    assert found_in(site.base / "elsewhere", PLACE) == []
    with Ledger.open(copy) as ledger, Items.of(ledger) as items:
        assert items.notices == []


def test_elements_are_withheld_one_by_one(site):
    copy, told = site.write(Rule(fields=("attachments/1",)))
    assert (told.touched, told.fields) == (1, {"attachments": 1})
    assert all_fields(site, copy)[10]["attachments"][1] is None
    assert all_fields(site, copy)[10]["attachments"][0]["sha256"] == sha256(PHOTO).digest()


def test_only_files_that_a_shown_field_names_are_copied(site):
    copy, told = site.write(
        Rule(fields=("attachments",)), entries={site.entries[8].id, site.entries[9].id}
    )
    assert (told.touched, told.attachments) == (2, 1)
    blobs = copy / "blobs"
    assert not blob_path(blobs, sha256(PHOTO).digest()).exists()
    assert blob_path(blobs, sha256(PAPER).digest()).read_bytes() == PAPER
    assert found_in(copy, PHOTO, sha256(PHOTO).digest()) == []
    copy, told = site.write(Rule(fields=("attachments",)), to="none")
    assert told.attachments == 0
    assert not (copy / "blobs").exists()


def test_a_file_that_a_replacement_names_is_copied(site):
    digest = sha256(PHOTO).digest()
    told = {
        "kind": "transfer",
        **transfer(3, attachments=[{"sha256": digest, "size": 1, "type": "a/b"}]),
    }
    fields = {
        "entry": site.entries[1].id,
        "reason": "wrong_data",
        "event_time": "2023-03-01T08:00:00Z",
        "replacement": told,
    }
    with site.open(signer=OWNER) as ledger:
        entry = ledger.append(Event.parse("correct", fields))
    rule = Rule(fields=("attachments",), kinds=("transfer",))
    hidden = {entry.id, *(one.id for one in site.entries[8:])}
    _, told = site.write(rule, entries=hidden - {entry.id})
    assert told.attachments == 1
    _, told = site.write(rule, entries=hidden, to="without")
    assert told.attachments == 0


def test_by_item_by_chain_and_by_entry(site):
    copy, told = site.write(Rule(items=("1ABC2/M777/SN-3",)))
    assert (told.touched, told.fields) == (1, {"lines": 1})
    assert found_in(copy, "SN-3") == []
    assert all_fields(site, copy)[4]["lines"] == [None]
    copy, told = site.write(Rule(items=("SN-3",), fields=("place", "note")), to="narrow")
    assert (told.touched, told.fields) == (1, {"place": 1, "note": 1})
    copy, told = site.write(PLACES, chains={site.other.chain}, to="chain")
    assert (told.touched, told.chains) == (1, 2)
    assert all("place" not in fields for fields in all_fields(site, copy, site.other.chain))
    assert found_in(site.chain_folder(copy), PLACE)
    copy, told = site.write(PLACES, entries={site.entries[0].id, site.entries[3].id}, to="entry")
    assert (told.touched, told.fields) == (2, {"place": 2})


def test_what_governs_stays_readable(site):
    copy, told = site.write(Rule(fields=("site", "holders", "keys", "origin", "place")))
    assert told.fields == {"site": 2, "holders": 4, "keys": 0, "origin": 0, "place": 9}
    assert found_in(copy, "holder 0") == []
    assert verify_path(copy, parallel=1).verdict is Verdict.HOLDS
    with site.open(copy) as ledger:
        assert set(ledger.roster().keys) == {OWNER.key_id, CLERK.key_id}


def test_what_was_in_part_stays_so_and_more_can_be_withheld_of_a_copy(site):
    first, _ = site.write(PLACES)
    with site.open(first) as ledger:
        told = write_withheld(ledger, site.base / "second", [Rule(fields=("note",))], parallel=1)
    assert told.fields == {"note": 9}
    assert found_in(site.base / "second", PLACE, "note 1") == []
    with (
        site.open(first) as ledger,
        pytest.raises(StoreError, match="nothing in this ledger") as caught,
    ):
        write_withheld(ledger, site.base / "third", [PLACES], parallel=1)
    assert "place" in caught.value.hint
    assert not (site.base / "third").exists()


def test_erased_bodies_stay_erased_and_vanished_ones_are_what_they_were(site):
    with site.open(signer=OWNER) as ledger:
        erase(ledger, [site.entries[1].id], "x")
    copy, told = site.write(PLACES)
    assert told.verdict is Verdict.HOLDS
    assert all_fields(site, copy)[2] is None
    with site.open() as ledger:
        ledger.engine.replace(site.chain, ledger.engine.prepare(site.chain), {4: b""})
    copy, told = site.write(PLACES, to="gap")
    assert told.verdict is Verdict.CANNOT_TELL
    report = verify_path(copy, parallel=1)
    assert [(one.index, one.code) for one in report.missing] == [(4, "body-absent")]


def test_an_empty_folder_will_do_and_what_is_appended_meanwhile_is_left_out(site, monkeypatch):
    target = site.base / "empty"
    target.mkdir()
    real = withholding.verify_chains
    calls = []

    def verifying(chains, shelf, **options):
        report = real(chains, shelf, **options)
        if not calls:
            with site.open(signer=CLERK) as ledger:
                ledger.append(event(99, place=PLACE))
        calls.append(shelf)
        return report

    monkeypatch.setattr(withholding, "verify_chains", verifying)
    _, told = site.write(PLACES, to=target)
    assert (told.entries, told.verdict) == (14, Verdict.HOLDS)


def test_progress_is_counted(site):
    seen = []
    site.write(PLACES, progress=seen.append)
    assert sum(seen) == 3 * 14


# What cannot be guessed


def test_ten_possible_values_cannot_be_told_apart():
    """The digest of a value with few possible ones does not give it away.

    Its salt is not there, and no other fits.
    """
    values = [f"{n}0" for n in range(10)]
    fields = {**transfer(1), "quantity": values[7], "reason": "x"}
    full, commitment = commit(fields, sha256(b"a secret").digest())
    partial = msgpack.unpackb(withhold(full, commitment, ["quantity"]))
    [digest] = [slot[1] for slot in partial if slot[0] == "quantity"]
    shown = [slot[1] for slot in partial if len(slot) == 3]
    assert len(shown) == len(partial) - 1
    known = [b"", *shown, digest, commitment, *(sha256(salt).digest()[:16] for salt in shown)]
    guesses = {
        sha256(b"\x02" + salt + canonical.pack(value)).digest()
        for salt in known
        for value in values
    }
    assert digest not in guesses
    # It is the salt alone that keeps it: with it, one guess in ten fits.
    salt, slots = msgpack.unpackb(full)
    at = [path for path, _ in slots].index("quantity")
    own = shake_256(salt).digest(16 * len(slots))[16 * at : 16 * at + 16]
    assert [
        value
        for value in values
        if sha256(b"\x02" + own + canonical.pack(value)).digest() == digest
    ] == [values[7]]
    assert own not in withhold(full, commitment, ["quantity"])
    assert salt not in withhold(full, commitment, ["quantity"])


# What is not written


def test_where_nothing_is_meant_there_is_no_copy(site):
    assert (
        "document"
        in site.refuses(StoreError, "nothing in this ledger", Rule(fields=("document",))).hint
    )
    assert (
        "nobody"
        in site.refuses(
            StoreError, "nothing in this ledger", Rule(items=("SN-1",), parties=("nobody",))
        ).hint
    )
    site.refuses(
        StoreError,
        "nothing was to be withheld in entry",
        PLACES,
        entries={site.entries[1].id, site.entries[9].id},
    )
    site.refuses(StoreError, "nothing in this ledger", PLACES, chains=set())
    _, told = site.write(PLACES, Rule(fields=("document",), items=("SN-404",)))
    assert told.unmet == ["document", "SN-404"]


def test_where_a_copy_may_not_go(site, tmp_path):
    full = tmp_path / "full"
    full.mkdir()
    (full / "file").write_text("x")
    (tmp_path / "link").symlink_to(site.folder)
    (tmp_path / "round").symlink_to(tmp_path / "round")
    for to, words in [
        (full, "is not an empty folder"),
        (full / "file", "is not an empty folder"),
        (site.folder, "within the ledger"),
        (site.folder / "chains" / "copy", "within the ledger"),
        (tmp_path / "link" / "copy", "within the ledger"),
        (tmp_path / "no" / "copy", "is no folder"),
        (tmp_path / "round", "is not an empty folder|cannot be written"),
        (tmp_path / "a\0b", "cannot be written"),
    ]:
        site.refuses(StoreError, words, PLACES, to=to)


@pytest.mark.parametrize("fresh", [True, False])
@pytest.mark.parametrize(
    "name", ["write_all", "sync_data", "sync_folder", "put_new", "make_folder"]
)
def test_a_full_disk_leaves_nothing(site, monkeypatch, name, fresh):
    target = site.base / "copy"
    if not fresh:
        target.mkdir()
    real, last = getattr(durable, name), [0]

    def failing(*given):
        last[0] += 1
        if last[0] == count:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(*given)

    monkeypatch.setattr(durable, name, failing)
    for count in range(1, 12):
        last[0] = 0
        with suppress(StoreError):
            site.write(PLACES, to=f"try {count}")
        if last[0] < count:
            assert verify_path(site.base / f"try {count}", parallel=1).verdict is Verdict.HOLDS
            break
        assert not (site.base / f"try {count}").exists()
    count = 1
    last[0] = 0
    site.refuses(StoreError, "No space left|could not be kept", PLACES, to=target)


@pytest.mark.parametrize("index", [0, 5, 11])
def test_a_source_that_is_damaged_is_not_copied(site, index):
    path = max(path for path in site.chain_folder().glob("*.seg") if int(path.stem) <= index)
    entry = [None, *site.entries][index]
    raw = entry.raw if entry is not None else path.read_bytes()[2:200]
    data = path.read_bytes()
    for spoilt in (
        data.replace(raw, raw[:60] + b"\xff" + raw[61:]),
        data.replace(raw, bytes(len(raw))),
    ):
        path.write_bytes(spoilt)
        site.refuses(StoreError, "does not hold|holds no entry", PLACES)


def test_a_body_that_does_not_match_is_not_copied(site):
    """Links alone do not show it; whether the body is one to be withheld in, or not."""
    path = min(site.chain_folder().glob("*.seg"))
    data = path.read_bytes()
    path.write_bytes(data.replace("Київ".encode(), "Кипр".encode()))
    site.refuses(StoreError, "the body is not the one", PLACES)
    site.refuses(
        StoreError, "the copy does not hold", Rule(fields=("note",)), entries={site.entries[8].id}
    )


def test_a_chain_that_ends_early_while_it_is_read_is_not_copied(site, monkeypatch):
    with site.open() as ledger:
        real = ledger.engine.read
        monkeypatch.setattr(
            ledger.engine, "read", lambda chain, start, stop: real(chain, start, stop - 1)
        )
        with pytest.raises(StoreError, match="not the chains"):
            write_withheld(ledger, site.base / "copy", [PLACES], parallel=1)
        monkeypatch.setattr(
            ledger.engine, "read", lambda *_: (_ for _ in ()).throw(DamagedError("bad"))
        )
        with pytest.raises(DamagedError):
            write_withheld(ledger, site.base / "copy", [PLACES], parallel=1)
    assert not (site.base / "copy").exists()


def test_a_file_of_other_content_is_not_copied(site):
    blob_path(site.folder / "blobs", sha256(PAPER).digest()).write_bytes(b"other")
    site.refuses(StoreError, "has other content", PLACES)
    blob_path(site.folder / "blobs", sha256(PAPER).digest()).unlink()
    _, told = site.write(PLACES)
    assert (told.attachments, told.absent) == (1, 2)


def test_a_copy_of_which_less_can_be_told_is_not_left(site, monkeypatch):
    """As if what is written were not what is read.

    The verifier, not the writer, has the last word.
    """
    monkeypatch.setattr(withholding, "withhold", lambda *_: b"")
    site.refuses(StoreError, "cannot be told what can of the ledger", PLACES)
    monkeypatch.setattr(withholding, "withhold", lambda data, *_: data[:-1] + bytes([data[-1] ^ 1]))
    site.refuses(StoreError, "the copy does not hold|is not", PLACES)


def test_an_empty_ledger_is_not_copied(site):
    for path in (site.folder / "chains").rglob("*.seg"):
        path.unlink()
    site.refuses(StoreError, "holds no entry|does not hold", PLACES)


@pytest.mark.parametrize("at", [1, 14, 15, 20, 27, 28, 29, 42])
def test_interrupted_nothing_is_left(site, at):
    """While the source is looked at, while the copy is written, while it is verified."""
    seen = [0]

    def interrupt(more):
        seen[0] += more
        if seen[0] >= at:
            raise KeyboardInterrupt("stopped")

    site.refuses(KeyboardInterrupt, "stopped", PLACES, progress=interrupt)


# The command


@pytest.fixture
def run(site, monkeypatch):
    monkeypatch.setenv("CHAINLOG_HOME", str(site.marks.parent))

    def call(*args):
        done = CliRunner().invoke(
            cli, ["--ledger", str(site.folder), "withhold", *map(str, args)], standalone_mode=False
        )
        if done.exception is not None:
            raise done.exception
        assert not done.return_value
        return done

    return call


def test_the_command(run, site):
    done = run(site.base / "copy", "--field", "place", "--field", "document", "--workers", 1)
    assert "withheld 9 fields in 9 of 14 entries: document 0, place 9" in done.stdout
    assert "verified: holds" in done.stdout
    assert "document was met with nowhere" in done.stderr
    assert found_in(site.base / "copy", PLACE) == []


def test_the_command_as_json_with_rules_items_chains_and_entries(run, site):
    rules = site.base / "rules.toml"
    rules.write_text(
        '[[rules]]\nkinds = ["transfer"]\nfields = ["note"]\nparties = ["Порт"]\n', encoding="utf-8"
    )
    told = json.loads(
        run(
            site.base / "copy",
            "--rule",
            rules,
            "--item",
            "SN-3",
            "--chain",
            site.chain.hex()[:12],
            "--json",
        ).stdout
    )
    assert told == {
        "to": str(site.base / "copy"),
        "verdict": "holds",
        "chains": 2,
        "entries": 14,
        "touched": 9,
        "fields": {"note": 9, "lines": 1},
        "attachments": {"copied": 2, "absent": 0},
        "unmet": [],
    }
    told = json.loads(
        run(
            site.base / "one", "--field", "note", "--entry", site.entries[8].id.hex()[:12], "--json"
        ).stdout
    )
    assert told["touched"] == 1
    assert found_in(site.base / "one", PERSON) == []


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ((), "say what to withhold"),
        (("--entry", "12345678"), "say what to withhold"),
        (("--field", "plase"), "--field: 'plase' is no field"),
        (("--item", "a/b"), "--item: 'a/b' is no item"),
    ],
)
def test_what_the_command_does_not_take(run, site, args, words):
    with pytest.raises(Exception, match=words) as caught:
        run(site.base / "copy", *args)
    assert type(caught.value).__name__ == "UsageError"
    assert not (site.base / "copy").exists()


def test_what_cannot_be_read_is_an_error_of_ours(run, site):
    with pytest.raises(NoEntryError):
        run(site.base / "copy", "--field", "place", "--entry", "f" * 12)
    path = site.base / "rules.toml"
    for data, words in (
        (b"\xff", "not UTF-8"),
        (b"[[rules]]\nfields = ['keys']\nkinds = ['chain.open']", "may not be withheld"),
    ):
        path.write_bytes(data)
        with pytest.raises(SettingsError, match=words):
            run(site.base / "copy", "--rule", path)
    assert not (site.base / "copy").exists()
