"""Erasing: a body goes for a legal reason, and the chain says so (FORMAT.md 8, `chain.erase`).

The entry and its place stay.

    told = erase(ledger, [entry.id], "art. 17 GDPR, request of 3 March")

1. Nothing is signed unless each entry is one of this ledger's own chain, was not erased before, and
   governs nothing.
2. `chain.erase` is appended, durably.
3. Files that only these bodies name are removed, where that was asked for. After the bodies nobody
   would know of them.
4. The bodies are dropped, and what the store keeps of them beside.

Whatever ends this after step 2, `carry_out` finishes: it drops every body that a `chain.erase`
names, in any chain held here. That is how an erasure reaches a mirror, too. It cannot be undone,
and a copy elsewhere keeps the body until it carries the erasure out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from chainlog.errors import (
    BodyError,
    KeyFormError,
    NoEntryError,
    RosterError,
    Sentence,
    StoreError,
    UncertainError,
    UnknownOutcomeError,
)
from chainlog.events.event import Event, is_governing
from chainlog.events.kinds import ChainErase
from chainlog.events.mentions import files_of
from chainlog.format.body import open_body
from chainlog.format.entry import ID_BYTES, entry_id
from chainlog.format.keys import signature_holds
from chainlog.ledger.rosters import linked

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from chainlog.format.entry import Entry
    from chainlog.ledger.ledger import Ledger
    from chainlog.store.shelf import Conflict

KIND: Final = "chain.erase"
# Ids looked through at once.
_BATCH: Final = 65_536
_HINT: Final = "the erasure stands; run 'chainlog erase --carry-out{options}' to finish it"


@dataclass(slots=True)
class Erased:
    """What an erasure came to. `entry`: the `chain.erase`, None of `carry_out`.

    `bodies`: how many were dropped.

    `removed`, `remaining`: digests of the files that these bodies named, those that are gone and
    those still held. `conflicts`: forks of which what is kept still holds an erased body, or, where
    that was asked for, did. `notes`: what was passed over, in words. `problems`: why a chain could
    not be written; the others were.
    """

    entry: Entry | None = None
    bodies: int = 0
    removed: list[bytes] = field(default_factory=list)
    remaining: list[bytes] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problems: list[StoreError] = field(default_factory=list)


def erase(
    ledger: Ledger,
    ids: Iterable[bytes],
    reason: str,
    note: str | None = None,
    *,
    attachments: bool = False,
    conflicts: bool = False,
) -> Erased:
    """Erase the bodies of these entries (ids) of the ledger's own chain, signed by an owner of it.

    `attachments`: files that no other held body names go too. `conflicts`: bodies kept as evidence
    of a fork go too. Raises NoEntryError, StoreError, EventError, RosterError and whatever
    `Ledger.append` does, having signed nothing; UnknownOutcomeError where the erasure stands and
    the bodies could not all be dropped.
    """
    wanted = list(dict.fromkeys(ids))
    options = " --attachments" * attachments + " --conflicts" * conflicts
    # 1. nothing is signed unless it can be done
    check_erasable(ledger, wanted, options)
    fields = {"entries": wanted, "reason": reason, **({"note": note} if note is not None else {})}
    # 2. the chain says so
    told = Erased(ledger.append(Event.parse(KIND, fields)))
    try:
        _drop(ledger, ledger.chain, wanted, told, attachments=attachments, conflicts=conflicts)
    except StoreError as error:
        raise UnknownOutcomeError(
            "the erasure is recorded, but not all of it could be carried out: {why}",
            why=error.message,
            options=options,
            hint=_HINT,
        ) from None
    return told


def check_erasable(ledger: Ledger, ids: Sequence[bytes], options: str = "") -> list[int]:
    """The indexes of these entries in the ledger's own chain.

    `options`: of the command that finishes an erasure. Raises NoEntryError, StoreError where one
    may not be erased, or was.
    """
    found = _indexes_of(ledger, ledger.chain, ids)
    for one in ids:
        name = one.hex()[:12]
        if one not in found:
            hint = "an entry is erased in its own chain, by an owner of that"
            raise NoEntryError("no entry {name} in this ledger's own chain", name=name, hint=hint)
        kind = ledger.entry(found[one]).entry.header.kind
        if is_governing(kind):
            raise StoreError(
                "entry {name} is a {kind}: without its body nobody could tell who might "
                "sign after it",
                name=name,
                kind=kind,
                hint="entries that govern a chain are never erased; 'chainlog withhold' can "
                "leave out names",
            )
    if found:
        for _ in linked(ledger.engine, ledger.chain, 0, None):
            pass  # a body is dropped from among entries that hold, or nothing is signed
        for by, named in _erasures(ledger, ledger.chain, min(found.values()) + 1, []):
            if again := [twice for twice in ids if twice in named]:
                raise StoreError(
                    "entry {again} was erased already, by entry {index}; nothing was recorded",
                    again=again[0].hex()[:12],
                    index=by.header.index,
                    options=options,
                    hint="'chainlog erase --carry-out{options}' drops what is left of it here",
                )
    return [found[one] for one in ids]


def has_erased(ledger: Ledger) -> bool:
    """Whether the ledger's own chain says of any entry that it was erased."""
    return any(KIND.encode() in record.entry for record in ledger.engine.read(ledger.chain))


def carry_out(
    ledger: Ledger,
    *,
    since: Mapping[bytes, int] | None = None,
    attachments: bool = False,
    conflicts: bool = False,
) -> Erased:
    """Drop every body still held here that its own chain says was erased.

    Doing it again is harmless.

    A `chain.erase` counts if its author signed it and might. `since`: look only in these chains,
    for such entries from an index on, as after a sync. What stands in a chain's way is among the
    `problems`. The ledger is closed at the end, to let go of the locks.
    """
    told = Erased()
    starts = dict.fromkeys(ledger.engine.chains(), 0) if since is None else since
    try:
        for chain, start in starts.items():
            try:
                ledger.check_whole(chain)
                named = {
                    one: None
                    for _, ids in _erasures(ledger, chain, max(start, 1), told.notes)
                    for one in ids
                }
                if named:
                    _drop(ledger, chain, named, told, attachments=attachments, conflicts=conflicts)
            except StoreError as error:
                told.problems.append(error)
    finally:
        ledger.close()
    gone = set(told.removed)
    told.remaining = [digest for digest in dict.fromkeys(told.remaining) if digest not in gone]
    return told


def _drop(
    ledger: Ledger,
    chain: bytes,
    ids: Collection[bytes],
    told: Erased,
    *,
    attachments: bool,
    conflicts: bool,
) -> None:
    """Drop the bodies of these entries of a chain, as far as they are held."""
    indexes, digests, entries = [], dict[bytes, None](), []
    for index in sorted(_indexes_of(ledger, chain, ids).values()):
        record = next(ledger.engine.read(chain, index, index + 1))
        entry = record.parsed
        if is_governing(entry.header.kind):
            told.notes.append(
                Sentence(
                    "entry {index} of chain {chain} is a {kind}, which is never erased: kept",
                    index=index,
                    chain=chain.hex()[:16],
                    kind=entry.header.kind,
                )
            )
            continue
        entries.append(entry.raw)
        if record.body:
            indexes.append(index)
            digests |= dict.fromkeys(files_of(record))
    # 3. files, before nobody knows of them any more
    _drop_files(ledger, chain, set(indexes), list(digests), told, remove=attachments)
    # 4. the bodies
    if indexes:
        ledger.engine.replace(chain, ledger.engine.prepare(chain), dict.fromkeys(indexes, b""))
        told.bodies += len(indexes)
    _drop_conflicts(ledger, entries, told, remove=conflicts)


def _drop_files(
    ledger: Ledger,
    chain: bytes,
    indexes: set[int],
    digests: list[bytes],
    told: Erased,
    *,
    remove: bool,
) -> None:
    held = [digest for digest in digests if ledger.holds_attachment(digest)]
    kept = _named_elsewhere(ledger, held, chain, indexes) if remove and held else set(held)
    for digest in held:
        if digest in kept:
            told.remaining.append(digest)
        else:
            ledger.engine.drop_blob(digest)
            told.removed.append(digest)


def _named_elsewhere(
    ledger: Ledger, digests: list[bytes], chain: bytes, indexes: set[int]
) -> set[bytes]:
    """Those of these digests that stand anywhere in another body that is held.

    Where they stand is not asked, to be on the safe side.
    """
    found: set[bytes] = set()
    for other in ledger.engine.chains():
        ledger.check_whole(other)
        for index, record in enumerate(ledger.engine.read(other)):
            if b"sha256" in record.body and not (other == chain and index in indexes):
                found.update(digest for digest in digests if digest in record.body)
    return found


def _drop_conflicts(ledger: Ledger, entries: list[bytes], told: Erased, *, remove: bool) -> None:
    """Find the forks that are kept with these bodies.

    They are evidence, and left as they are unless that was asked for.
    """
    for chain in ledger.engine.chains() if entries else ():
        for conflict in ledger.engine.cut_conflicts(chain, entries, remove=remove):
            if conflict not in told.conflicts:
                told.conflicts.append(conflict)


def _indexes_of(ledger: Ledger, chain: bytes, ids: Collection[bytes]) -> dict[bytes, int]:
    """Where these entries stand in a chain, as far as they do.

    Ids that are derived show where to look; the entries say what they are.
    """
    wanted, found = set(ids), dict[bytes, int]()
    size = ledger.engine.head(chain).size
    for start in range(0, size, _BATCH):
        some = ledger.engine.ids(chain, start, min(start + _BATCH, size))
        for at in range(0, len(some), ID_BYTES):
            if some[at : at + ID_BYTES] in wanted:
                index = start + at // ID_BYTES
                found |= {
                    one: index
                    for one in _ids_from(ledger, chain, index, index + 1)
                    if one in wanted
                }
    if len(found) < len(wanted):
        found |= {
            one: index
            for index, one in enumerate(_ids_from(ledger, chain, 0, size))
            if one in wanted
        }
    return found


def _ids_from(ledger: Ledger, chain: bytes, start: int, stop: int) -> Iterator[bytes]:
    for record in ledger.engine.read(chain, start, stop):
        yield entry_id(record.entry)


def _erasures(
    ledger: Ledger, chain: bytes, start: int, notes: list[str]
) -> Iterator[tuple[Entry, list[bytes]]]:
    """The erasures of a chain from an index on that count, each with the ids that it names.

    Of the others a note is taken.
    """
    for record in ledger.engine.read(chain, start):
        if KIND.encode() not in record.entry:
            continue
        entry = record.parsed
        if entry.header.kind != KIND:
            continue
        try:
            yield entry, _named_by(ledger, entry, record.body)
        except (BodyError, RosterError, UncertainError, KeyFormError, NoEntryError) as error:
            notes.append(
                Sentence(
                    "entry {index} of chain {chain} erases nothing: {why}",
                    index=entry.header.index,
                    chain=chain.hex()[:16],
                    why=error.message,
                )
            )


def _named_by(ledger: Ledger, entry: Entry, body: bytes) -> list[bytes]:
    """The ids that an erasure names.

    Raises an error of ours where its author did not sign it, or might not.
    """
    header = entry.header
    if not signature_holds(header.author, entry.signature, entry.signed):
        raise RosterError("its signature does not hold", fault="signature")
    event = ledger.roster_at(header.index, entry.chain).govern(
        header, open_body(body, header.body) if body else None
    )
    assert isinstance(event.detail, ChainErase)
    return event.detail.entries
