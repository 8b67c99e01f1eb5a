"""The table of verbs that are struck: what each is run on, and what it came to."""

from __future__ import annotations

import json
import re
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import world
from world import PAPER, PHOTO, SECRET

from chainlog.format.checkpoint import parse_checkpoint
from chainlog.format.cosignature import cosignatures_of
from chainlog.format.keys import format_key_id
from chainlog.format.note import parse_note, parse_vkey
from chainlog.format.witness_request import AddCheckpoint, format_request
from chainlog.ledger.signers.files import read_key
from chainlog.store.segment.blobs import blob_path
from chainlog.verifier.evidence import check as check_evidence
from chainlog.verifier.report import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Verb:
    """`done` asserts, of a world and what the command said, all that it is to have done.

    `start`: the world that it is run on. `hub`: its user is the hub's. `least`: how many system
    calls are failed and how many kills there are, at least. `fresh`: run it again only where this
    does not yet say that it is done. `always`: what holds however it ended. `answers`: with which
    codes it may end, beside those of an error.
    """

    name: str
    arguments: str
    start: str
    done: Callable
    least: tuple[int, int]
    hub: bool = False
    fresh: Callable | None = None
    always: Callable | None = None
    prepare: Callable | None = None
    story: str = "command"

    def words(self, at):
        words = self.arguments.split()
        if "{spare}" in words:
            words[words.index("{spare}")] = format_key_id(_spare(at))
        return [word.replace("{disk}", str(at.disk)) for word in words]

    def home(self, at):
        return at.hub_home if self.hub else at.home


def _same_chain(at, here, there):
    """Here lies all of the site's chain that lies there, checkpoints and files too."""
    assert at.records(here, at.chain) == at.records(there, at.chain)
    ours, theirs = (
        {path.name for path in (one / "chains" / at.chain.hex()).rglob("*.checkpoint")}
        for one in (here, there)
    )
    assert theirs <= ours
    for data in (PHOTO, PAPER):
        path = blob_path(there / "blobs", sha256(data).digest())
        if path.exists():
            assert blob_path(here / "blobs", sha256(data).digest()).read_bytes() == data
    at.holds(here)


def _taken(at, _said):
    _same_chain(at, at.hub, at.site)


def _taken_erased(at, _said):
    _same_chain(at, at.hub, at.site)
    _secret_is_gone(at, at.hub, at.hub_home)


def _carried(at, _said):
    _same_chain(at, at.stick, at.site)


def _brought(at, _said):
    _same_chain(at, at.site, at.stick)


def _secret_is_gone(_at, *folders):
    for folder in folders:
        for path in folder.rglob("*"):
            assert not path.is_file() or SECRET.encode() not in path.read_bytes(), path


def _signed(at, said):
    kept = at.files(at.site / "chains" / at.chain.hex() / "checkpoints")
    size = len(at.records(at.site))
    newest = [data for name, data in kept.items() if name.startswith(f"{size:020d}-")]
    assert len(newest) == 1
    assert newest[0] in said.encode()
    seen = at.files(at.home / "checkpoints" / at.chain.hex())
    assert newest[0] in seen.values()
    at.holds(at.site)


def _printed_checkpoint_is_kept(at, said):
    """Whoever was shown a signed checkpoint, however it ended: it is kept, and no other of it."""
    if said.endswith("\n") and "\u2014" in said:
        kept = at.files(at.site / "chains" / at.chain.hex() / "checkpoints")
        assert said.encode() in kept.values()


def _erasures(at):
    with at.opened(at.site) as held:
        return [one for one in held.read() if one.entry.header.kind == "chain.erase"]


def _is_erased(at):
    return bool(_erasures(at))


def _erased(at, _said):
    assert len(_erasures(at)) == 1
    assert not blob_path(at.site / "blobs", sha256(PHOTO).digest()).exists()
    _secret_is_gone(at, at.site, at.home)
    at.holds(at.site)


def _opened(at, said):
    ledger = at.disk / "new"
    with at.opened(ledger, sign=True) as held:
        assert held.chain.hex() in said
        assert held.prepare().size == 1
        assert held.engine.shelved() == [held.chain], "more than one chain was opened"
    at.holds(ledger)


def _key_made(at, said):
    signer = read_key(at.home / "key.pem", bytes)
    assert format_key_id(signer.key_id) in said


def _roster(at):
    with at.opened(at.site) as held:
        return held.roster()


def _spare(at):
    return read_key(at.disk / "spare.pem", bytes).key_id


def _is_granted(at):
    return _spare(at) in _roster(at).keys


def _granted(at, _said):
    assert _is_granted(at)
    at.holds(at.site)


def _recovered(at, _said):
    owners = [key for key, held in _roster(at).keys.items() if "owner" in held.roles]
    assert owners == [_spare(at)]
    at.holds(at.site)


def _is_recovered(at):
    return _is_granted(at)


def _only_copy(at, _said):
    with at.opened(at.site, sign=True) as held:
        assert held.prepare().size == len(at.records(at.site))


def _imported(at, _said):
    with at.opened(at.site) as held:
        documents = [one.fields.get("document") for one in held.read()]
    assert [one for one in documents if one and one >= "D-5"] == ["D-5", "D-6", "D-7"]
    at.holds(at.site)


def _write_lines(at):
    (at.disk / "more.jsonl").write_text(world.lines_of(5, 6, 7))


def _forget_marks(at):
    """As a restored backup has it."""
    for path in (at.home / "marks").iterdir():
        path.unlink()


OLD = b"an export of yesterday\n"


def _write_old_export(at):
    (at.disk / "out.jsonl").write_bytes(OLD)


def _exported(at, _said):
    found = [json.loads(line) for line in (at.disk / "out.jsonl").read_text().splitlines()]
    assert len(found) == len(at.records(at.site))


def _old_or_new_export(at, said):
    if (at.disk / "out.jsonl").read_bytes() != OLD:
        _exported(at, said)


def _copied(at, said):
    copy = at.disk / "copy"
    assert SECRET.encode() not in b"".join(at.files(copy).values())
    assert [entry for entry, _ in at.records(copy, at.chain)] == [
        entry for entry, _ in at.records(at.site)
    ]
    at.holds(copy)


def _copy_is_none_or_whole(at, said):
    """What is no whole copy does not pass for a ledger."""
    if (at.disk / "copy" / "ledger.toml").exists():
        _copied(at, said)


def _proven(at, _said):
    report = check_evidence((at.disk / "out.evidence").read_bytes(), at.chain, None)
    assert report.verdict is Verdict.CANNOT_TELL
    assert {one.step for one in report.report.missing} == {8}, report.report.missing


def _evidence_is_there(at):
    return (at.disk / "out.evidence").exists()


def _evidence_is_none_or_whole(at, said):
    if _evidence_is_there(at):
        _proven(at, said)


def _published(at, _said):
    found = at.files(at.disk / "web")
    with at.opened(at.site) as held:
        note = parse_note(found["checkpoint"])
        told = parse_checkpoint(note.text)
        ids = held.engine.ids(at.chain, 0, told.size)
    assert found[f"tile/0/000.p/{told.size}"] == ids
    assert f"tile/entries/000.p/{told.size}" in found


def _web_is_none_or_whole(at, said):
    if (at.disk / "web" / "checkpoint").exists():
        _published(at, said)


def _witness_made(at, said):
    line = next(one for one in said.splitlines() if one.startswith("example.org/w1+"))
    found = [path.read_text().strip() for path in (at.home / "witness").glob("*/vkey")]
    assert line in found
    assert (at.disk / "w1.pem").stat().st_mode & 0o777 == 0o600


def _cosigned_sizes(at):
    """What the witness cosigned, as far as anybody can see: by size, the roots."""
    vkey = parse_vkey(next((at.home / "witness").glob("*/vkey")).read_text().strip())
    sizes = {}
    for path in at.disk.rglob("*.checkpoint"):
        note = parse_note(path.read_bytes())
        if note.by(vkey):
            assert cosignatures_of(note, [vkey])
            told = parse_checkpoint(note.text)
            sizes.setdefault(told.size, set()).add(told.root)
    return sizes


def _never_two_histories(at, said):
    """Of one size one root; and nothing was given out that the witness does not remember."""
    sizes = _cosigned_sizes(at)
    assert all(len(roots) == 1 for roots in sizes.values())
    state = [parse_checkpoint(parse_note(path.read_bytes()).text)
             for path in (at.home / "witness").glob("*/*.checkpoint")]  # fmt: skip
    remembered = max((one.size for one in state), default=0)
    assert max(sizes, default=0) <= remembered
    if "cosigned 4 entries" in said or "status 200" in said:
        assert remembered == 4


def _cosigned(at, _said):
    assert max(_cosigned_sizes(at)) == 4
    assert 4 in _ledger_sizes(at)
    at.holds(at.site)


def _write_request(at):
    """As the site's log asks for its newest checkpoint, from what the witness cosigned last."""
    with at.opened(at.site) as held, closing(held.tree()) as tree:
        proof = tuple(tree.consistency(3, 4))
    files = at.files(at.site / "chains" / at.chain.hex() / "checkpoints")
    note = parse_note(next(data for name, data in files.items() if name.startswith(f"{4:020d}-")))
    (at.disk / "request").write_bytes(format_request(AddCheckpoint(3, proof, note)))


def _answered(at, said):
    """It cosigned, or says that it had done so before."""
    assert "status 200\n" in said or "status 409\nbody 4\n" in said
    assert max(_cosigned_sizes(at)) == 4


def _ledger_sizes(at):
    vkey = parse_vkey(next((at.home / "witness").glob("*/vkey")).read_text().strip())
    folder = at.site / "chains" / at.chain.hex() / "checkpoints"
    notes = [parse_note(path.read_bytes()) for path in folder.glob("*.checkpoint")]
    return {parse_checkpoint(note.text).size for note in notes if note.by(vkey)}


def _transferred(at, _said):
    with at.opened(at.site) as held:
        assert [one.fields.get("document") for one in held.read()].count("D-9") == 1
    assert blob_path(at.site / "blobs", sha256(PAPER).digest()).read_bytes() == PAPER
    at.holds(at.site)


def _is_transferred(at):
    with at.opened(at.site) as held:
        return any(one.fields.get("document") == "D-9" for one in held.read())


def _held(at, said):
    """Four items are with the unit, whatever became of the index."""
    assert re.search(r"total +all +4", said), said


def _verified(at, said):
    assert said.startswith("holds (full)")
    noted = list((at.home / "verified").glob("*.verified"))
    assert len(noted) == 1 or "could not be remembered" in said


def _never_accused(_at, said):
    assert "tampered" not in said


VERBS = (
    Verb("sync a stick into the hub", "--ledger {disk}/hub sync {disk}/site --workers 1",
         "hub", _taken, (62, 34), hub=True),
    Verb("sync an erasure into the hub", "--ledger {disk}/hub sync {disk}/site --workers 1",
         "erased", _taken_erased, (67, 39), hub=True),
    Verb("sync onto a stick", "--ledger {disk}/stick sync {disk}/site --workers 1",
         "hub", _carried, (57, 29)),
    Verb("checkpoint", "--ledger {disk}/site checkpoint", "hub", _signed, (43, 15),
         always=_printed_checkpoint_is_kept),
    Verb("erase", "--ledger {disk}/site erase D-1 --reason art.17 --attachments --yes",
         "site", _erased, (64, 36)),
    Verb("init", "init {disk}/new --origin example.org/new --site New --holder Olena",
         "keyed", _opened, (54, 26)),
    Verb("key new", "key new --no-passphrase", "empty", _key_made, (17, 7)),
    Verb("key grant", "--ledger {disk}/site key grant {spare} --role custodian --holder Ivan --yes",
         "site", _granted, (35, 7), fresh=_is_granted),
    Verb("key recover", "--ledger {disk}/site --key {disk}/spare.pem key recover --yes",
         "site", _recovered, (35, 7), fresh=_is_recovered),
    Verb("chain only-copy", "--ledger {disk}/site chain only-copy", "site", _only_copy, (36, 7),
         prepare=_forget_marks),
    Verb("import", "--ledger {disk}/site import {disk}/more.jsonl --yes", "site",
         _imported, (35, 7),
         prepare=_write_lines),
    Verb("export", "--ledger {disk}/site export jsonl -o {disk}/out.jsonl", "site", _exported,
         (32, 4), prepare=_write_old_export, always=_old_or_new_export),
    Verb("withhold", "--ledger {disk}/site withhold {disk}/copy --field note --workers 1",
         "site", _copied, (51, 23), always=_copy_is_none_or_whole),
    Verb("evidence", "--ledger {disk}/site evidence make D-1 -o {disk}/out.evidence --unwitnessed",
         "site", _proven, (51, 23), fresh=_evidence_is_there, always=_evidence_is_none_or_whole),
    Verb("publish", "--ledger {disk}/site publish {disk}/web --yes", "site", _published, (45, 17),
         always=_web_is_none_or_whole),
    Verb("witness new", "witness new {disk}/w1.pem --name example.org/w1 --no-passphrase",
         "empty", _witness_made, (33, 13)),
    Verb("witness cosign", "--ledger {disk}/site --key {disk}/w1.pem witness cosign", "witness",
         _cosigned, (46, 18), always=_never_two_histories),
    Verb("witness answers", "{disk}/site {disk}/w1.pem {disk}/request", "witness",
         _answered, (34, 6), always=_never_two_histories, prepare=_write_request,
         story="answers"),
    Verb("transfer", "--ledger {disk}/site transfer --item 1ABC2/M777/SN-9 --from Depot --to Unit "
         "--document D-9 --attach {disk}/paper.pdf --yes", "site", _transferred, (56, 28),
         fresh=_is_transferred),
    Verb("holdings", "--ledger {disk}/site holdings", "hub", _held, (46, 18)),
    Verb("verify", "verify {disk}/site --workers 1 --resume", "hub", _verified, (36, 8),
         always=_never_accused),
)  # fmt: skip
