"""The shapes of hostile input: small to make, and once dear to read.

Each makes a ledger or a file in a folder, `size` says how large at n, and gives the commands that
somebody would run on it.
"""

from __future__ import annotations

from hashlib import sha256
from shutil import rmtree
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace
from support.chains import CLERK, EVENT_TIME, OWNER, Draft, opening, seal_raw, transfer
from support.evidence import part
from support.notes import ORIGIN, checkpoint, told_at

from chainlog.format.body import open_body, withhold
from chainlog.format.checkpoint import parse_checkpoint
from chainlog.format.cosignature import Ed25519Cosigner
from chainlog.format.evidence import Evidence, format_evidence
from chainlog.format.keys import Ed25519Signer
from chainlog.format.note import Note, Signature, format_note, format_vkey, parse_note
from chainlog.format.record import format_record
from chainlog.ledger.config import LedgerFile, format_ledger_file
from chainlog.ledger.signers.files import write_key
from chainlog.store.checkpoints import checkpoint_name
from chainlog.store.segment.conflicts import format_conflict
from chainlog.store.shelf import Conflict

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Shape(NamedTuple):
    """A shape: how large it is at n, and what makes it (folder, size) -> commands by label."""

    size: int
    make: Callable[[Path, int], dict[str, list[str]]]


def signer(number):
    """One of many keys."""
    return Ed25519Signer.from_seed(sha256(b"hostile %d" % number).digest())


def key_id(number):
    """Its id."""
    return signer(number).key_id


def lay(place, draft, notes=()):
    """A ledger of one chain at `place`, as it is handed over, with these checkpoints."""
    chain = place / "chains" / draft.chain.hex()
    chain.mkdir(parents=True)
    (chain / f"{0:020d}.seg").write_bytes(draft.segment())
    (place / "ledger.toml").write_bytes(format_ledger_file(LedgerFile(draft.chain, None)))
    (chain / "checkpoints").mkdir()
    for data in notes:
        name = checkpoint_name(parse_checkpoint(parse_note(data).text))
        (chain / "checkpoints" / name).write_bytes(data)


def auditor(place, draft):
    """The commands of somebody who has a ledger, `mine`, and to whom `theirs` was handed over."""
    trust = draft.chain.hex()
    mine = Draft(opening(), OWNER)
    lay(place / "mine", mine)
    (place / "home").mkdir()
    write_key(place / "home" / "key.pem", OWNER, None)
    theirs = ["--ledger", "theirs"]
    return {
        "verify": ["verify", "theirs", "--trust", trust],
        "status": [*theirs, "status"],
        "log": [*theirs, "log", "--all"],
        "show": [*theirs, "show", draft.entries[-1].id.hex()],
        "holdings": [*theirs, "holdings"],
        "audit": [*theirs, "audit"],
        "trace": [*theirs, "trace", "U0"],
        "sync": ["--ledger", "mine", "sync", "theirs"],
    }


def grants(place, size):
    """Every entry grants a key."""
    draft = granted(size)
    lay(place / "theirs", draft)
    return auditor(place, draft)


def granted(size, draft=None):
    """A chain in which every entry grants a key."""
    draft = draft or Draft()
    for number in range(size):
        fields = {
            "key": key_id(number),
            "roles": ["custodian", "log"],
            "holder": {"name": f"{number}"},
        }
        draft.add("key.grant", fields, OWNER)
    return draft


def revocations(place, size):
    """Keys are granted, and then revoked one by one."""
    draft = granted(size // 2)
    for number in range(size // 2):
        draft.add("key.revoke", {"key": key_id(number), "reason": "lost"}, OWNER)
    lay(place / "theirs", draft)
    return auditor(place, draft)


def checkpoints(place, size):
    """A checkpoint for every entry of a chain that grants keys."""
    draft = granted(size)
    notes = [checkpoint(draft, at, OWNER) for at in range(1, size + 2)]
    lay(place / "theirs", draft, notes)
    return auditor(place, draft)


def junk_lines(place, size):
    """Checkpoints, each with as many signature lines of nobody as a note may have."""
    draft = granted(8)
    for number in range(size):
        draft.add("transfer", transfer(number))
    lay(place / "theirs", draft, with_lines_of_nobody(draft, size, count=60, length=64))
    return auditor(place, draft)


def with_lines_of_nobody(draft, size, *, count, length):
    """Checkpoints of the first `size` lengths, each with so many signature lines of nobody."""
    notes = []
    for at in range(1, size + 1):
        told = told_at(draft, at)
        lines = [
            Signature(told.origin, sha256(b"%d %d" % (at, one)).digest()[:4], bytes(length))
            for one in range(count)
        ]
        note = parse_note(checkpoint(draft, at, OWNER))
        notes.append(format_note(Note(note.text, (*note.signatures, *lines))))
    return notes


def corrections(place, size):
    """Each entry corrects the one before it."""
    draft = Draft()
    last = draft.add("transfer", transfer(0))
    for number in range(size):
        fields = {"event_time": EVENT_TIME, "entry": last.id, "reason": "wrong_data"}
        replacement = {"kind": "transfer", **transfer(number)}
        last = draft.add("correct", {**fields, "replacement": replacement}, CLERK)
    lay(place / "theirs", draft)
    return auditor(place, draft)


def corrected(place, size):
    """Each entry corrects the same one."""
    draft = Draft()
    first = draft.add("transfer", transfer(0))
    for number in range(size):
        fields = {"event_time": EVENT_TIME, "entry": first.id, "reason": "wrong_data"}
        replacement = {"kind": "transfer", **transfer(number)}
        draft.add("correct", {**fields, "replacement": replacement}, CLERK)
    lay(place / "theirs", draft)
    return auditor(place, draft)


def attestations(place, size):
    """Each entry vouches for the same one."""
    draft = Draft()
    first = draft.add("transfer", transfer(0))
    for _ in range(size):
        draft.add("attest", {"event_time": EVENT_TIME, "entry": first.id}, CLERK)
    lay(place / "theirs", draft)
    return auditor(place, draft)


def wide(size):
    """A chain with a handover of as many lines as there will be words about it."""
    draft = Draft()
    lines = [{"item": {"uii": f"U{number}"}} for number in range(size)]
    first = draft.add("transfer", {**transfer(), "lines": lines})
    return draft, first


def wide_corrected(place, size):
    """A handover of many lines, which many entries take back."""
    draft, first = wide(size)
    for _ in range(size):
        fields = {"event_time": EVENT_TIME, "entry": first.id, "reason": "did_not_happen"}
        draft.add("correct", fields)
    lay(place / "theirs", draft)
    return auditor(place, draft)


def wide_chained(place, size):
    """A handover of many lines; many entries each take back the one before."""
    draft, last = wide(size)
    for _ in range(size):
        fields = {"event_time": EVENT_TIME, "entry": last.id, "reason": "did_not_happen"}
        last = draft.add("correct", fields)
    lay(place / "theirs", draft)
    return auditor(place, draft)


def wide_attested(place, size):
    """A handover of many lines, which many entries vouch for."""
    draft, first = wide(size)
    for _ in range(size):
        draft.add("attest", {"event_time": EVENT_TIME, "entry": first.id})
    lay(place / "theirs", draft)
    return auditor(place, draft)


def citations(place, size):
    """Everything that was sent is received again and again, under one document."""
    draft = Draft()
    for number in range(size // 2):
        draft.add("dispatch", {**transfer(number), "document": "WB-1"})
    for number in range(size // 2):
        draft.add("receive", {**transfer(number), "document": "WB-1"})
    lay(place / "theirs", draft)
    return auditor(place, draft)


def withheld(place, size):
    """Every entry is held with fields withheld, and another copy shows what it lacks."""
    draft = Draft()
    for number in range(size):
        draft.add("transfer", transfer(number, note="n"))
    commands = auditor(place, draft)
    lay(place / "theirs", draft)
    draft.bodies = [
        withhold(
            body, entry.header.body, {"note", "to"} & {*open_body(body, entry.header.body).paths}
        )
        for entry, body in zip(draft.entries, draft.bodies, strict=True)
    ]
    lay(place / "partial", draft)
    _mirror(place, draft)
    here = ["--ledger", "partial"]
    return {
        "sync": commands["sync"],
        "audit": [*here, "audit"],
        "reconcile": [*here, "reconcile"],
        "show": [*here, "show", draft.entries[-1].id.hex()],
    }


def mirrors(place, size):
    """The copy here is withheld throughout, or damaged in every third entry; the other is whole."""
    draft = Draft()
    for number in range(size):
        draft.add("transfer", transfer(number, note="n"))
    commands = auditor(place, draft)
    lay(place / "theirs", draft)
    lay(place / "damaged", draft)
    (path,) = (place / "damaged" / "chains").glob("*/*.seg")
    records = draft.records()
    for at in range(2, size, 3):
        records[at] = records[at][:-9] + bytes([records[at][-9] ^ 1]) + records[at][-8:]
    path.write_bytes(b"".join(records))
    draft.bodies = [
        withhold(body, entry.header.body, {"note"} & {*open_body(body, entry.header.body).paths})
        for entry, body in zip(draft.entries, draft.bodies, strict=True)
    ]
    _mirror(place, draft)
    return {
        "fuller": commands["sync"],
        "withheld": ["--ledger", "theirs", "sync", "mine"],
        "heals": ["--ledger", "damaged", "sync", "theirs"],
        "damaged": ["--ledger", "mine", "sync", "damaged"],
    }


def promised(place, size):
    """Checkpoints of a chain are kept here, one for each entry, and its entries come only now."""
    draft = granted(8)
    for number in range(size):
        draft.add("transfer", transfer(number))
    notes = [checkpoint(draft, at, OWNER) for at in range(10, size + 9)]
    commands = auditor(place, draft)
    lay(place / "theirs", draft)
    draft.entries, draft.bodies = draft.entries[:9], draft.bodies[:9]
    _mirror(place, draft, notes)
    return _only(commands, "sync")


def _mirror(place, draft, notes=()):
    """Let `mine` be a ledger of this chain, as far as it goes, with these checkpoints of it."""
    rmtree(place / "mine")
    lay(place / "mine", draft, notes)


def boxes(place, size):
    """A box in a box in a box."""
    draft = Draft()
    for number in range(size):
        inner = [f"BOX-{number - 1}"] if number else [{"uii": "ITEM"}]
        fields = {"event_time": EVENT_TIME, "container": f"BOX-{number}", "items": inner}
        draft.add("pack", fields)
    draft.add("transfer", {**transfer(), "lines": [{"item": {"uii": f"BOX-{size - 1}"}}]})
    lay(place / "theirs", draft)
    return auditor(place, draft)


def forks(place, size):
    """A fork at every entry of a chain that grants keys."""
    draft = granted(size)
    lay(place / "theirs", draft)
    folder = place / "theirs" / "chains" / draft.chain.hex() / "conflicts"
    folder.mkdir()
    for index in range(1, size):
        theirs = seal_raw(replace(draft.entries[index].header, time=1), OWNER)
        ours = draft.entries[index]
        name = format_conflict(Conflict(draft.chain, index, ours.id, theirs.id))
        records = [format_record(one.raw, draft.bodies[index]) for one in (ours, theirs)]
        (folder / name).write_bytes(b"".join(records))
    return auditor(place, draft)


def admissions(place, size):
    """An authority that admits sites and witnesses, and suspends each."""
    draft = Draft()
    for number in range(size // 4):
        site = sha256(b"site %d" % number).digest()
        witness = Ed25519Cosigner(f"w{number}.example", signer(number))
        vkey = format_vkey(witness.vkey)
        draft.add("site.admit", {"chain": site, "origin": f"example.org/{number}"}, OWNER)
        draft.add("witness.admit", {"vkey": vkey}, OWNER)
        draft.add("site.suspend", {"chain": site, "reason": "gone", "size": 1}, OWNER)
        draft.add("witness.suspend", {"vkey": vkey}, OWNER)
    lay(place / "theirs", draft, [checkpoint(draft, at, OWNER) for at in range(1, size, 8)])
    return auditor(place, draft)


def chains(place, size):
    """Very many chains of one entry, none of them admitted."""
    draft = Draft()
    lay(place / "theirs", draft)
    for number in range(size):
        other = Draft(opening(origin=f"example.org/{number}", programme=draft.chain))
        folder = place / "theirs" / "chains" / other.chain.hex()
        folder.mkdir()
        (folder / f"{0:020d}.seg").write_bytes(other.segment())
    return auditor(place, draft)


def evidence(place, size):
    """An evidence file of a chain in which every entry grants a key, and all are shown."""
    draft = granted(size)
    parts = part(draft, range(size + 1), origin=ORIGIN)
    (place / "all.evidence").write_bytes(format_evidence(Evidence((parts,))))
    return {"check": ["evidence", "check", "all.evidence", "--trust", draft.chain.hex()]}


def evidence_chains(place, size):
    """An evidence file of very many chains of one entry."""
    authority = Draft()
    parts = [part(authority, [0], origin=ORIGIN)]
    for number in range(size):
        origin = f"example.org/{number}"
        other = Draft(opening(origin=origin, programme=authority.chain))
        parts.append(part(other, [0], origin=origin))
    (place / "all.evidence").write_bytes(format_evidence(Evidence(tuple(parts))))
    return {"check": ["evidence", "check", "all.evidence", "--trust", authority.chain.hex()]}


def csv(place, size):
    """A table of many columns."""
    columns = ",".join(f"x_{number}" for number in range(size))
    cells = ",".join("1" for _ in range(size))
    (place / "many.csv").write_text(f"kind,event_time,{columns}\ntransfer,{EVENT_TIME},{cells}\n")
    commands = auditor(place, _laid(place))
    return {"import": ["--ledger", "mine", "import", "many.csv", "--dry-run"], **_only(commands)}


def _laid(place):
    draft = Draft()
    lay(place / "theirs", draft)
    return draft


def _only(commands, *names):
    return {name: commands[name] for name in names}


SHAPES = {
    "grants": Shape(200, grants),
    "revocations": Shape(200, revocations),
    "checkpoints": Shape(60, checkpoints),
    "junk_lines": Shape(16, junk_lines),
    "corrections": Shape(120, corrections),
    "corrected": Shape(120, corrected),
    "attestations": Shape(120, attestations),
    "wide_corrected": Shape(120, wide_corrected),
    "wide_chained": Shape(120, wide_chained),
    "wide_attested": Shape(120, wide_attested),
    "citations": Shape(120, citations),
    "boxes": Shape(120, boxes),
    "withheld": Shape(120, withheld),
    "mirrors": Shape(120, mirrors),
    "promised": Shape(60, promised),
    "forks": Shape(100, forks),
    "admissions": Shape(200, admissions),
    "chains": Shape(300, chains),
    "evidence": Shape(200, evidence),
    "evidence_chains": Shape(100, evidence_chains),
    "csv": Shape(1000, csv),
}
