"""Evidence files: how they are made from a ledger, and the command."""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import replace
from hashlib import sha256

import click
import pytest
from hypothesis import settings
from support.chains import CLERK, NEXT, OWNER, STRANGER, opening
from support.evidence import COSIGNED_AT, DEPOT, HQ, OTHER_WITNESS, WITNESS, Case, vkey_of

from chainlog.cli.check.evidence import COMMAND
from chainlog.cli.files import write_new
from chainlog.cli.report_text import format_evidence_report
from chainlog.errors import (
    ChainlogError,
    DamagedError,
    NoChainError,
    NoEntryError,
    StoreError,
)
from chainlog.events.event import Event
from chainlog.events.plain_json import from_plain
from chainlog.export.disclosure import Making, _of_others
from chainlog.export.evidence import make_evidence
from chainlog.export.words.events import format_event
from chainlog.format.body import commit, open_body
from chainlog.format.checkpoint import parse_checkpoint
from chainlog.format.evidence import parse_evidence
from chainlog.format.note import Note
from chainlog.format.policy import parse_policy
from chainlog.index.index import Items
from chainlog.index.references import find_places
from chainlog.ledger.checkpoints import keep, make_checkpoint
from chainlog.ledger.ledger import Ledger
from chainlog.store.engine import EMPTY
from chainlog.verifier.evidence import check
from chainlog.verifier.report import Verdict

QUICK = settings(max_examples=50, deadline=None)
TOLD = Case()

# From a ledger

ITEM = {"maker": "1ABC2", "part": "M777", "serial": "SN-1"}
PHOTO = b"a photograph of SN-1"


class World:
    """An authority's ledger `hq`, which holds the depot's and the brigade's chains too, and what
    each site's people say.
    """

    def __init__(self, folder):
        self.folder, self.now = folder, 1_700_000_000_000
        self.hq = self.open("hq", HQ)
        self.depot = self.open("depot", DEPOT, programme=self.hq.chain)
        self.brigade = self.open("brigade", "example.org/brigade", programme=self.hq.chain)
        self.govern("witness.admit", vkey=vkey_of(WITNESS))
        self.govern(
            "site.admit", chain=self.depot.chain, origin=DEPOT, note="as the minister asked"
        )
        self.govern("site.admit", chain=self.brigade.chain, origin="example.org/brigade")

    def open(self, name, origin, **more):
        fields = opening(
            origin=origin,
            keys=((OWNER, ["owner", "log"]), (CLERK, ["custodian"]), (STRANGER, ["inspector"])),
            **more,
        )
        fields |= {
            "site": name,
            "holders": [
                {"name": f"{who} of {name}", "party": name} for who in ("Olena", "Ivan", "Petro")
            ],
        }
        return Ledger.create(
            self.folder / name, fields, OWNER, marks=self.folder / f"{name}-marks", clock=self.clock
        )

    def clock(self):
        self.now += 1000
        return self.now

    def govern(self, kind, **fields):
        return self.hq.append(Event.parse(kind, fields))

    def say(self, ledger, kind, who=CLERK, **fields):
        ledger.signer = who
        entry = ledger.append(from_plain(kind, {"event_time": "2023-11-14T22:00:00Z", **fields}))
        ledger.signer = OWNER
        return entry

    def story(self):
        """SN-1 is registered, sent with its photograph, received and counted.

        SN-2 goes its own way.
        """
        photo = self.folder / "photo.jpg"
        photo.write_bytes(PHOTO)
        attachment = self.depot.attach(photo, "image/jpeg")
        attachment["sha256"] = attachment["sha256"].hex()
        self.lines = [{"item": ITEM}, {"item": {**ITEM, "serial": "SN-9"}}]
        self.say(
            self.hq,
            "register",
            lines=self.lines,
            owner="donor",
            holder="depot",
            monitoring="enhanced",
        )
        about = {"from": "depot", "to": "brigade", "document": "WB/1"}
        self.sent = self.say(
            self.depot,
            "dispatch",
            lines=self.lines,
            attachments=[attachment],
            note="by night",
            **about,
        )
        self.say(
            self.depot,
            "transfer",
            lines=[{"item": {**ITEM, "serial": "SN-2"}}],
            **{"from": "depot", "to": "port"},
        )
        self.taken = self.say(self.brigade, "receive", lines=self.lines, **about)
        self.say(self.brigade, "inspect", STRANGER, item=ITEM, was="A", now="B")
        wrong = self.say(
            self.brigade, "inspect", STRANGER, item={**ITEM, "serial": "SN-3"}, was="A", now="B"
        )
        self.say(self.brigade, "correct", STRANGER, entry=wrong.id.hex(), reason="did_not_happen")
        return self

    def gather(
        self, *, witnesses=(WITNESS,), time=COSIGNED_AT, checkpoints=("hq", "depot", "brigade")
    ):
        """Have every chain checkpointed and cosigned, and all of it in the authority's ledger."""
        for name in ("depot", "brigade"):
            ledger = getattr(self, name)
            known = self.hq.held(ledger.chain)
            records = list(ledger.engine.read(ledger.chain, known.size))
            if records:
                self.hq.extend(ledger.chain, known, records)
                self.hq.close()
        for name in checkpoints:
            ledger = getattr(self, name)
            note = make_checkpoint(ledger)
            told = parse_checkpoint(note.text)
            note = Note(
                note.text, (*note.signatures, *(one.cosign(told, time) for one in witnesses))
            )
            keep(self.hq, ledger.chain, note)
        return self

    def make(self, *references, between=None, **making):
        with Items.of(self.hq) as items:
            places = (
                find_places(items, references)
                if between is None
                else {(self.depot.chain, at) for at in range(between[0], between[1] + 1)}
            )
            return make_evidence(items, places, Making(**making), between)


@pytest.fixture
def world(tmp_path):
    return World(tmp_path).story()


@pytest.fixture(scope="module")
def settled(tmp_path_factory):
    """The same, checkpointed and gathered, for the tests that only look."""
    return World(tmp_path_factory.mktemp("settled")).story().gather()


def hand_over_the_seventh(world):
    world.say(
        world.depot,
        "transfer",
        lines=[{"item": {**ITEM, "serial": "SN-7"}}],
        **{"from": "depot", "to": "port"},
    )


def kinds(made):
    return sorted(one.entry.header.kind for one in made.report.shown)


def supports(made):
    return sorted(
        (one.entry.header.kind, one.withheld) for one in made.report.entries if one.support
    )


def test_an_items_history_in_all_chains(settled):
    made = settled.make("1ABC2/M777/SN-1")
    assert made.report.verdict is Verdict.HOLDS
    assert kinds(made) == ["dispatch", "inspect", "receive", "register"]
    assert check(made.data, settled.hq.chain).plain() == made.report.plain()
    assert made.report.as_of == COSIGNED_AT
    assert made.authority == settled.hq.chain
    # What was taken back is in the history of what it was about, with what took it back.
    assert kinds(settled.make("SN-3")) == ["correct", "inspect"]
    assert kinds(settled.make("SN-2")) == ["transfer"]


def test_no_more_is_shown_than_must_be(settled):
    made = settled.make(settled.sent.id.hex())
    assert kinds(made) == ["dispatch"]
    # Ivan signed; who else holds keys is withheld, and so is what is noted beside admissions, and
    # what the last entries say.
    assert {one.signer.name for one in made.report.shown} == {"Ivan of depot"}
    depot = [
        one for one in made.report.entries if one.entry.chain == settled.depot.chain and one.support
    ]
    assert [(one.entry.header.kind, one.withheld) for one in depot] == [
        ("chain.open", ("holders/0", "holders/2")),
        ("transfer", ("event_time", "from", "lines/0", "to")),
    ]
    told = dict(supports(made))
    assert told["site.admit"] == ("note",)
    first = next(one for one in made.report.entries if one.entry.chain == settled.hq.chain)
    assert first.withheld == ("holders/0", "holders/1", "holders/2")
    # The brigade is not in it, nor its admission.
    assert len(parse_evidence(made.data).chains) == 2
    assert sum(kind == "site.admit" for kind, _ in supports(made)) == 1
    for text in (b"Olena", b"Petro", b"minister", b"port", b"SN-2"):
        assert text not in made.data
    # Nothing withheld is withheld with the master salt at hand.
    for part in parse_evidence(made.data).chains:
        for one in part.entries:
            shown = next(held for held in made.report.entries if held.entry.raw == one.entry)
            assert bool(shown.withheld) == (one.body[1:3] != b"\xc4\x20")
    every = settled.make(settled.sent.id.hex(), holders=True)
    assert b"Olena" in every.data
    assert b"minister" not in every.data


def test_fields_are_withheld_by_name_and_by_element(settled):
    made = settled.make("SN-1", fields=("note", "lines/1", "document"))
    sent = next(one for one in made.report.shown if one.entry.header.kind == "dispatch")
    assert sent.withheld == ("document", "lines/1", "note")
    assert sent.fields["lines"] == [{"item": ITEM}, None]
    assert b"by night" not in made.data
    assert b"SN-9" not in made.data
    assert made.report.verdict is Verdict.HOLDS
    whole = settled.make("SN-1", fields=("lines",))
    assert next(
        one for one in whole.report.shown if one.entry.header.kind == "dispatch"
    ).withheld == ("lines/0", "lines/1")


def test_an_item_alone(settled):
    made = settled.make("SN-1", alone=frozenset({"1ABC2/M777/SN-1"}), fields=("note",))
    for kind in ("register", "dispatch", "receive"):
        one = next(one for one in made.report.shown if one.entry.header.kind == kind)
        assert one.fields["lines"] == [{"item": ITEM}, None]
    assert b"SN-9" not in made.data
    assert b"by night" not in made.data
    assert made.report.verdict is Verdict.HOLDS


def test_a_replacement_and_what_cannot_be_read_may_name_others(world):
    both = {
        "kind": "inspect",
        "event_time": "2023-11-14T22:00:00Z",
        "item": {**ITEM, "serial": "SN-7"},
        "now": "C",
    }
    seen = world.say(world.brigade, "inspect", STRANGER, item=ITEM, was="B", now="C")
    world.say(
        world.brigade,
        "correct",
        STRANGER,
        entry=seen.id.hex(),
        reason="wrong_data",
        replacement=both,
    )
    body, digest = commit(
        {"event_time": "x", "items": ["?"], "lines": [{"item": ITEM}, {"lot": 7}, 3]}, bytes(32)
    )
    assert _of_others(open_body(body, digest), frozenset({"1ABC2/M777/SN-1"})) == {
        "items/0",
        "lines/1",
        "lines/2",
    }
    made = world.gather().make("SN-1", alone=frozenset({"1ABC2/M777/SN-1"}))
    assert b"SN-7" not in made.data
    assert b"SN-7" in world.make("SN-1").data


def test_withheld_paths_are_told_in_few_words():
    assert format_event("transfer", {"lines": [None, None, {"item": ITEM}, None]}).splitlines()[
        1:
    ] == [
        "  lines: 4",
        "    - (2 withheld)",
        "    - 1ABC2/M777/SN-1",
        "    - (withheld)",
    ]


def test_a_field_that_none_has_is_not_passed_over(settled):
    with pytest.raises(StoreError, match="place"):
        settled.make("SN-1", fields=("place",))
    with pytest.raises(ChainlogError, match="no field"):
        settled.make("SN-1", fields=("nonsense",))


def test_attachments_go_along_on_request(world):
    world.gather()
    world.hq.engine.put_blob([PHOTO])
    made = world.make("SN-1", attach=True)
    assert list(made.report.attachments.values()) == [PHOTO]
    assert world.make("SN-1").report.attachments_absent == 1
    # What is withheld is not attached.
    assert world.make("SN-1", attach=True, fields=("attachments",)).report.attachments == {}
    digest = sha256(PHOTO).digest()
    path = world.hq.folder / "blobs" / digest.hex()[:2] / digest.hex()
    path.write_bytes(b"altered")
    with pytest.raises(DamagedError, match="attachment"):
        world.make("SN-1", attach=True)
    path.unlink()
    assert world.make("SN-1", attach=True).unheld == (digest,)


def test_an_attachment_of_a_replacement_goes_along(world):
    paper = b"a paper that shows what was right"
    digest, size = world.brigade.engine.put_blob([paper])
    seen = world.say(world.brigade, "inspect", STRANGER, item=ITEM, was="B", now="C")
    right = {
        "event_time": "2023-11-14T22:00:00Z",
        "item": ITEM,
        "now": "D",
        "attachments": [{"sha256": digest.hex(), "size": size, "type": "image/jpeg"}],
    }
    world.say(
        world.brigade,
        "correct",
        STRANGER,
        entry=seen.id.hex(),
        reason="wrong_data",
        replacement=right,
    )
    world.gather()
    assert digest in world.make("SN-1", attach=True).unheld
    world.hq.engine.put_blob([paper])
    assert world.make("SN-1", attach=True).report.attachments == {digest: paper}
    fields = ("replacement",)
    assert world.make("SN-1", attach=True, fields=fields).report.attachments == {}


def test_a_range_of_one_chain(settled):
    made = settled.make(between=(1, 2))
    assert (made.report.verdict, kinds(made)) == (Verdict.HOLDS, ["dispatch", "transfer"])
    assert made.report.plain()["claim"] == "range"
    assert kinds(settled.make(between=(0, 2))) == ["chain.open", "dispatch", "transfer"]


def test_the_largest_checkpoint_that_is_cosigned(world):
    world.gather()
    hand_over_the_seventh(world)
    world.gather(witnesses=(), checkpoints=("depot",))
    made = world.make(world.sent.id.hex())
    assert [
        chain.size for chain in made.report.report.chains if chain.chain == world.depot.chain.hex()
    ] == [3]
    # What it does not cover waits for a witness, or is made all the same and proves less.
    with pytest.raises(StoreError, match="cosigned") as error:
        world.make("SN-7")
    assert "checkpoint" in error.value.hint
    assert world.make("SN-7", unwitnessed=True).report.verdict is Verdict.CANNOT_TELL
    world.gather(time=COSIGNED_AT + 5, checkpoints=("depot",))
    made = world.make("SN-7")
    assert made.report.verdict is Verdict.HOLDS
    assert (made.report.as_of, made.report.shown[0].not_after) == (COSIGNED_AT, COSIGNED_AT + 5)


def test_no_checkpoint_at_all(world):
    world.gather(checkpoints=("hq",))
    with pytest.raises(StoreError, match="no checkpoint of chain"):
        world.make(world.sent.id.hex(), unwitnessed=True)


def test_a_policy_says_which_witnesses(world):
    world.gather(witnesses=(WITNESS, OTHER_WITNESS))
    policy = parse_policy(f"witness other {vkey_of(OTHER_WITNESS)}\nquorum other\n".encode())
    made = world.make("SN-1", policy=policy)
    assert {chain.cosigners for chain in made.report.report.chains} == {("witness.example/w2",)}
    # Whoever has no policy finds the admitted witness too.
    world.gather(witnesses=())
    assert world.make("SN-1", policy=parse_policy(b"quorum none\n")).report.verdict is Verdict.HOLDS


def test_a_site_that_was_not_admitted_by_then(world):
    world.gather()
    late = world.open("late", "example.org/late", programme=world.hq.chain)
    told = world.say(
        late, "transfer", lines=[{"item": {**ITEM, "serial": "SN-5"}}], **{"from": "a", "to": "b"}
    )
    world.late = late
    world.hq.extend(late.chain, EMPTY, list(late.engine.read(late.chain)))
    world.hq.close()
    world.gather(checkpoints=("late",))
    with pytest.raises(StoreError, match="did not admit"):
        world.make(told.id.hex())


def test_an_authority_that_is_not_held(world, tmp_path):
    world.gather()
    with Items.of(world.depot) as items, pytest.raises(NoChainError, match="authority"):
        make_evidence(items, {(world.depot.chain, 1)}, Making())


def test_two_programmes(world):
    other = world.open("other", "example.org/other")
    world.gather()
    world.hq.extend(other.chain, EMPTY, list(other.engine.read(other.chain)))
    world.hq.close()
    with Items.of(world.hq) as items:
        with pytest.raises(StoreError, match="more than one programme"):
            make_evidence(items, {(world.depot.chain, 1), (other.chain, 0)}, Making())
        with pytest.raises(NoEntryError):
            make_evidence(items, set(), Making())


def test_an_erased_body_goes_with_what_erased_it(world):
    world.gather()
    world.depot.append(Event.parse("chain.erase", {"entries": [world.sent.id], "reason": "by law"}))
    world.gather()
    world.hq.prepare()
    world.hq.engine.prepare(world.depot.chain)
    world.hq.engine.replace(world.depot.chain, world.hq.held(world.depot.chain), {1: b""})
    world.hq.close()
    made = world.make(world.sent.id.hex())
    assert made.report.verdict is Verdict.HOLDS
    assert [(one.entry.header.kind, one.erased) for one in made.report.shown] == [
        ("dispatch", True)
    ]


def test_an_absent_body_is_said_to_be_missing(world):
    world.gather()
    world.hq.prepare()
    world.hq.engine.prepare(world.depot.chain)
    world.hq.engine.replace(world.depot.chain, world.hq.held(world.depot.chain), {1: b""})
    world.hq.close()
    with pytest.raises(StoreError, match="body is not here"):
        world.make(world.sent.id.hex())
    assert world.make(world.sent.id.hex(), unwitnessed=True).report.verdict is Verdict.CANNOT_TELL


def test_what_a_suspension_refuses_is_not_made(world):
    world.govern("site.suspend", chain=world.depot.chain, reason="captured", size=1)
    with pytest.raises(DamagedError, match="not accepted"):
        world.gather().make(world.sent.id.hex())
    world.govern("site.admit", chain=world.depot.chain, origin=DEPOT)
    assert world.gather().make(world.sent.id.hex()).report.verdict is Verdict.HOLDS


def test_keys_granted_later_and_changes_of_power_go_along(world):
    world.depot.append(
        Event.parse(
            "key.grant", {"key": NEXT.key_id, "roles": ["custodian"], "holder": {"name": "Nina"}}
        )
    )
    world.depot.append(Event.parse("key.revoke", {"key": CLERK.key_id, "reason": "lost"}))
    later = world.say(
        world.depot, "transfer", NEXT, lines=[{"item": ITEM}], **{"from": "depot", "to": "port"}
    )
    made = world.gather().make(later.id.hex())
    assert made.report.verdict is Verdict.HOLDS
    assert [one.signer.name for one in made.report.shown] == ["Nina"]
    assert [kind for kind, _ in supports(made)].count("key.revoke") == 1
    assert b"Ivan" not in made.data


def test_names_of_entries_and_items(world):
    world.gather()
    with Items.of(world.hq) as items:
        place = (world.depot.chain, 1)
        assert find_places(items, [world.sent.id.hex()[:12]]) == {place}
        assert find_places(items, [" SN-2 "]) == {(world.depot.chain, 2)}
        # Two papers bear the number.
        with pytest.raises(NoEntryError, match="2 entries") as error:
            find_places(items, ["WB/1"])
        assert world.sent.id.hex()[:12] in error.value.hint
        for name in ("nothing", "uii:none", "1ABC2/M777/none", "lot:1/2", "deadbeef00"):
            with pytest.raises(NoEntryError, match="names"):
                find_places(items, [name])
        # An item that is named like a paper.
        world.say(
            world.depot,
            "transfer",
            lines=[{"item": {**ITEM, "serial": "K-1"}}],
            **{"from": "depot", "to": "port", "document": "K-1"},
        )
        world.gather()
        items.catch_up()
        with pytest.raises(NoEntryError, match="may mean"):
            find_places(items, ["K-1"])
        world.say(
            world.depot,
            "transfer",
            lines=[{"item": {**ITEM, "maker": "2", "serial": "SN-1"}}],
            **{"from": "depot", "to": "port"},
        )
        world.gather()
        items.catch_up()
        with pytest.raises(NoEntryError, match="2 items"):
            find_places(items, ["SN-1"])
        assert len(find_places(items, ["2/M777/SN-1", "1ABC2/M777/SN-1"])) == 5


def test_answers_by_id_and_by_document_are_part_of_a_history(world):
    agreed = world.say(world.brigade, "accept", entry=world.sent.id.hex(), agreed=True)
    world.say(world.brigade, "accept", document="WB/1", agreed=True)
    # An answer to an answer names neither the thing nor what was said of it.
    world.say(world.hq, "correct", OWNER, entry=agreed.id.hex(), reason="did_not_happen")
    told = kinds(world.gather().make("SN-1"))
    assert [told.count(kind) for kind in ("accept", "correct")] == [2, 1]


# The command


@pytest.fixture
def command(settled, tmp_path, capsysbinary, monkeypatch):
    """Run `evidence` at the authority's ledger, or without one.

    Gives the exit code, what it printed and what it said.
    """
    obj = {"ledger": str(settled.hq.folder), "key": str(settled.folder / "key.pem")}
    monkeypatch.chdir(tmp_path)

    def call(*args, ledger=True, code=0):
        given = (
            obj
            if ledger is True
            else {**obj, "ledger": str(ledger)}
            if ledger
            else {"ledger": None, "key": None}
        )
        left = COMMAND.main([str(arg) for arg in args], obj=given, standalone_mode=False)
        said = capsysbinary.readouterr()
        assert (left or 0) == code, said
        return said.out.decode(), said.err.decode()

    return call


def test_make_and_check_from_end_to_end(settled, command, tmp_path):
    settled.hq.engine.put_blob([PHOTO])
    out, err = command("make", "SN-1", "-o", "alone.evidence", "--alone", "--json")
    assert json.loads(out)["withheld"] > 3
    with pytest.raises(click.UsageError, match="--alone goes with an item"):
        command("make", settled.sent.id.hex()[:10], "-o", "none.evidence", "--alone")
    out, err = command(
        "make",
        "SN-1",
        settled.sent.id.hex()[:10],
        "-o",
        "sn-1.evidence",
        "--withhold",
        "note,lines/1",
        "--attach",
    )
    assert "4 entries" in out
    assert f"--trust {settled.hq.chain.hex()}" in err
    before = (tmp_path / "sn-1.evidence").read_bytes()
    out, _ = command(
        "check",
        "sn-1.evidence",
        "--trust",
        settled.hq.chain.hex(),
        "--attachments",
        "files",
        ledger=False,
    )
    lines = out.splitlines()
    assert re.fullmatch(r"holds, without fields of example\.org/\w+ entry \d+ and 8 more", lines[0])
    assert "others may exist" in lines[1]
    assert "as of 2023-11-14T22:21:40Z" in lines[2]
    assert "signed by: Ivan of depot, for depot, as custodian" in lines
    assert "  withheld: 2: lines/1, note" in lines
    assert "not after: 2023-11-14T22:21:40Z, by the witnesses" in lines
    assert (tmp_path / "files" / sha256(PHOTO).hexdigest()).read_bytes() == PHOTO
    _, err = command(
        "check",
        "sn-1.evidence",
        "--trust",
        settled.hq.chain.hex(),
        "--attachments",
        "files",
        ledger=False,
    )
    assert "left as it is" in err
    # Never over a file that is there.
    with pytest.raises(StoreError, match="there already"):
        command("make", "SN-1", "-o", "sn-1.evidence")
    assert (tmp_path / "sn-1.evidence").read_bytes() == before
    assert not list(tmp_path.glob(".*.new"))


def test_the_shapes_of_json(settled, command, tmp_path):
    out, _ = command("make", "SN-1", "-o", "a.evidence", "--json")
    told = json.loads(out)
    assert set(told) == {
        "file",
        "bytes",
        "trust",
        "verdict",
        "claim",
        "as_of",
        "entries",
        "withheld",
        "attachments",
    }
    assert (told["bytes"], told["entries"]) == ((tmp_path / "a.evidence").stat().st_size, 4)
    out, _ = command("check", "a.evidence", "--trust", told["trust"], "--json", ledger=False)
    shape = json.loads(out)
    assert set(shape) == {
        "verdict",
        "claim",
        "from",
        "to",
        "chain",
        "origin",
        "entries",
        "withheld",
        "attachments",
        "trust",
        "as_of",
        "chains",
        "faults",
        "missing",
        "truncated",
        "fault_count",
        "missing_count",
        "without",
        "without_count",
    }
    entry = {"id", "chain", "index", "time", "author", "kind", "event"}
    beside = {
        "withheld",
        "erased",
        "origin",
        "site",
        "signer",
        "support",
        "accepted",
        "not_after",
        "revoked",
    }
    assert {name for one in shape["entries"] for name in one} == entry | beside


def test_a_range_and_its_check(settled, command, tmp_path):
    chain = settled.depot.chain.hex()
    out, _ = command(
        "make", "--range", "1:2", "--chain", chain[:12], "-o", "a.evidence", "--show-holders"
    )
    out, _ = command("check", "a.evidence", "--trust", settled.hq.chain.hex(), ledger=False)
    assert f"proven: these are all entries from 1 to 2 of {DEPOT}, chain {chain}" in out
    assert "signed by Olena of depot" in out
    with pytest.raises(StoreError, match="3 entries"):
        command("make", "--range", "1:3", "--chain", chain[:12], "-o", "b.evidence")


def test_exit_codes_of_check(settled, command, tmp_path):
    command("make", "SN-1", "-o", "a.evidence")
    path = tmp_path / "a.evidence"
    good = path.read_bytes()
    out, _ = command(
        "check", "a.evidence", "--trust", settled.depot.chain.hex(), code=4, ledger=False
    )
    assert re.match(r"cannot tell: example\.org/depot: not-authority and 14 more\nclaimed", out)
    assert "NOT proven: " in out.splitlines()[1]
    assert "missing: " in out
    path.write_bytes(good.replace(b"SN-9", b"SN-8"))
    out, _ = command(
        "check",
        "a.evidence",
        "--trust",
        settled.hq.chain.hex(),
        "--limit",
        "1",
        "--attachments",
        "x",
        code=3,
        ledger=False,
    )
    assert re.match(r"tampered: example\.org/\w+ entry \d+: body and 8 more\n", out)
    assert "step 6 (body matches its commitment): body: " in out
    assert "and 2 more" in out
    assert not (tmp_path / "x").exists()
    path.write_bytes(b"what")
    out, _ = command("check", "a.evidence", "--trust", settled.hq.chain.hex(), code=4, ledger=False)
    assert out.startswith("cannot tell")
    assert "missing: the file: step 1 " in out
    assert "not all of it" in out
    (tmp_path / "policy").write_bytes(f"witness w {vkey_of(OTHER_WITNESS)}\nquorum w\n".encode())
    path.write_bytes(good)
    command(
        "check",
        "a.evidence",
        "--trust",
        settled.hq.chain.hex(),
        "--policy",
        "policy",
        code=4,
        ledger=False,
    )


def test_what_check_says_of_what_is_erased_refused_or_not_told(settled):
    made = settled.make("SN-1")
    first = made.report.shown[0]
    made.report.entries[:] = [
        replace(first, signer=None, fields=None, erased=True, accepted=False, not_after=None),
        replace(first, fields=None, origin="", site=""),
        replace(first, support=True, accepted=False, signer=None),
    ]
    said = "\n".join(format_evidence_report(made.report))
    for text in (
        "was erased",
        "is not here",
        "(cannot be told)",
        "NOT ACCEPTED",
        "(no witness says)",
    ):
        assert text in said


def test_check_reads_stdin(settled, command, tmp_path, monkeypatch):
    command("make", "SN-1", "-o", "a.evidence")
    with (tmp_path / "a.evidence").open("rb") as file:
        monkeypatch.setattr(sys, "stdin", type("Stdin", (), {"buffer": file}))
        out, _ = command("check", "-", "--trust", settled.hq.chain.hex(), ledger=False)
    assert out.startswith("holds")


def test_what_is_asked_for_wrongly(settled, command, tmp_path):
    for args in (
        ("make", "-o", "x"),
        ("make", "SN-1", "-o", "x", "--chain", "deadbeef00"),
        ("make", "SN-1", "-o", "x", "--range", "1:2"),
        ("make", "-o", "x", "--range", "2:1"),
        ("make", "-o", "x", "--range", "two"),
        ("make", "SN-1", "-o", "x", "--withhold", "nonsense"),
        ("make", "SN-1"),
        ("check", "x", "--trust", "deadbeef"),
        ("check", "x"),
    ):
        with pytest.raises(click.UsageError):
            command(*args)
    for args in (
        ("make", "nothing-here", "-o", "x"),
        ("make", "SN-1", "-o", "nowhere/x"),
        ("check", "nowhere", "--trust", settled.hq.chain.hex()),
    ):
        with pytest.raises(ChainlogError):
            command(*args)
    assert not (tmp_path / "x").exists()


def test_a_file_that_appears_meanwhile_and_a_file_system_without_links(
    settled, command, tmp_path, monkeypatch
):
    def refuse(*_):
        raise PermissionError(1, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    command("make", "SN-1", "-o", "a.evidence")
    assert command("check", "a.evidence", "--trust", settled.hq.chain.hex(), ledger=False)[
        0
    ].startswith("holds")
    with pytest.raises(StoreError, match="there already"):
        write_new(tmp_path / "a.evidence", b"other")
    monkeypatch.undo()
    with pytest.raises(StoreError, match="there already"):
        write_new(tmp_path / "a.evidence", b"other")
    assert (tmp_path / "a.evidence").read_bytes() != b"other"
    assert not list(tmp_path.glob(".*.new"))


def test_what_is_missing_is_warned_of(world, command):
    world.gather()
    hand_over_the_seventh(world)
    world.gather(witnesses=(), checkpoints=("depot",))
    _, err = command(
        "make", "SN-7", "-o", "a.evidence", "--unwitnessed", "--attach", ledger=world.hq.folder
    )
    assert "cannot tell" in err
    command("check", "a.evidence", "--trust", world.hq.chain.hex(), code=4, ledger=False)
    _, err = command("make", "SN-1", "-o", "b.evidence", "--attach", ledger=world.hq.folder)
    assert f"attachment {sha256(PHOTO).hexdigest()} is not held here" in err
