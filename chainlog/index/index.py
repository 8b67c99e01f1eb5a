"""The index of one ledger: opened, caught up, asked.

with Items.of(ledger) as items:
    items.views.holdings("Склад 7")
    for key, history in items.book().histories(): ...
"""

from __future__ import annotations

import json
import shlex
import sqlite3
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

from chainlog.errors import Keyed, NoEntryError, Sentence, StoreError
from chainlog.events.kinds import ChainErase
from chainlog.index.book import Book
from chainlog.index.follow import DoubtError, catch_up
from chainlog.index.governing import governing, roster_of
from chainlog.index.names import document_folded, folded, one_folded, unknown_thing
from chainlog.index.numbers import entry_numbered, say_entries
from chainlog.index.schema import discard, index_path, open_catalogue
from chainlog.index.views import Views, fold_stale

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Self

    from chainlog.events.event import Event
    from chainlog.events.roster import Roster
    from chainlog.format.entry import Entry
    from chainlog.ledger.ledger import Ledger


# What a damaged file, or what it holds, makes of a question.
_DAMAGE: Final = (sqlite3.DatabaseError, msgspec.MsgspecError)


@dataclass(frozen=True, slots=True)
class IndexedChain:
    """A chain as far as it was taken in.

    `size`: its entries that verify; `time`: the clock of the last; `ends`: why it ends there;
    `problem`: the code of that fault.
    """

    id: bytes
    size: int
    origin: str
    site: str
    programme: bytes
    time: int
    closed: int | None
    ends: Sentence | None
    problem: str | None


@dataclass
class Items:
    """The index of a ledger's entries, caught up.

    `notices`: what a person should know, such as a chain that does not verify.
    `heard`: who is told what was taken for what; nobody, and only the signed spelling is found.
    """

    ledger: Ledger
    db: sqlite3.Connection
    path: Path | None
    notices: list[str] = field(default_factory=list)
    heard: Callable[[Sentence], None] | None = None
    _governing: dict[bytes, tuple[tuple[Entry, Event], ...]] = field(default_factory=dict)
    _chains: dict[bytes, IndexedChain] | None = None

    @classmethod
    def of(cls, ledger: Ledger, progress: Callable[[int], None] | None = None) -> Items:
        """The index of a ledger, caught up with its chains.

        Kept beside its marks, or in memory where that cannot be written.
        """
        path = _place(ledger)
        notices: list[str] = []
        try:
            db = open_catalogue(path)
        except StoreError as error:
            notices.append(
                Sentence(
                    "{why}; it is made anew in memory, which takes a while each time",
                    why=error.message,
                )
            )
            path, db = None, open_catalogue(None)
        items = cls(ledger, db, path, notices)
        try:
            items.catch_up(progress)
        except BaseException:
            items.close()
            raise
        return items

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self.close()
        if isinstance(error, _DAMAGE):
            # What was asked met damage that opening did not: nobody answers by the rest of it.
            if self.path is not None:
                discard(self.path)
            raise StoreError(
                "the item index was damaged, and is removed: {error}",
                error=error,
                hint="ask again: it is made anew",
            ) from None

    def close(self) -> None:
        """Let go of the file."""
        self.db.close()

    def catch_up(self, progress: Callable[[int], None] | None = None) -> None:
        """Take in what the chains hold by now; all of it anew where the index is in doubt.

        Raises StoreError.
        """
        for again in (False, True):
            try:
                self._catch_up(progress)
                break
            except (DoubtError, *_DAMAGE) as error:
                if again or _is_busy(error):
                    raise StoreError(
                        "the item index cannot be written: {error}",
                        error=str(error) or "the chains change",
                        hint="make room, or try again",
                    ) from None
            self.db.close()
            if self.path is not None:
                discard(self.path)
            self.db = open_catalogue(self.path)
        said = [
            Sentence(
                "chain {id} ({origin}) counts up to entry {size} only: {why}",
                id=chain.id.hex()[:16],
                origin=chain.origin or "?",
                size=chain.size,
                why=chain.ends,
            )
            for chain in self.chains()
            if chain.ends is not None and chain.size
        ]
        self.notices += [one for one in (*said, *self.unreadable()) if one not in self.notices]

    def unreadable(self) -> list[Sentence]:
        """Why nothing could be taken in of a chain that should be here, a sentence each."""
        ends = {bytes(one.id): (one.size, one.ends) for one in self.chains()}
        engine = self.ledger.engine
        kept = engine.shelved() if ends or engine.chains() else [self.ledger.chain]
        lacking = [
            chain
            for chain in sorted({*ends, *kept})
            if chain not in ends and (chain == self.ledger.chain or engine.checkpoints(chain))
        ]
        told = [
            (chain, why) for chain, (size, why) in ends.items() if size == 0 and why is not None
        ]
        told += [(chain, Sentence("no segment of it is here")) for chain in lacking]
        return [
            Sentence(
                "of chain {chain}… not one entry can be read: {why}",
                chain=chain.hex()[:16],
                why=why,
            )
            for chain, why in told
        ]

    def _is_marked(self, chain: bytes) -> bool:
        """Whether the user has a mark of a chain; one that cannot be read is none."""
        try:
            mark = self.ledger.seen(chain)
        except StoreError:
            return False
        return mark is not None and mark.size > 0

    def _catch_up(self, progress: Callable[[int], None] | None) -> None:
        self._governing.clear()
        self._chains = None
        catch_up(self.db, self.ledger.engine, self._is_marked, progress)
        fold_stale(self.db, self.book())

    def book(self, as_of: int | None = None) -> Book:
        """Acts and histories as of an instant, in ms by the entries' clocks."""
        return Book(self.db, as_of)

    @property
    def views(self) -> Views:
        """Who holds what, as of all that is held."""
        return Views(self.db, self.book())

    def chains(self) -> list[IndexedChain]:
        """The chains, in the order of their ids."""
        return list(self._known_chains().values())

    def chain(self, chain: bytes) -> IndexedChain | None:
        """One chain, None where nothing of it is held."""
        return self._known_chains().get(chain)

    def _known_chains(self) -> dict[bytes, IndexedChain]:
        if self._chains is None:
            self._chains = {bytes(one.id): one for one in self._read_chains()}
        return self._chains

    def _read_chains(self) -> list[IndexedChain]:
        rows = self.db.execute(
            "SELECT id, size, origin, site, programme, time, closed, ends, problem "
            "FROM chain ORDER BY id"
        )
        told = ((*row[:7], row[7] and _words_of(json.loads(row[7])), row[8]) for row in rows)
        return [IndexedChain(*row) for row in told]

    def governing(self, chain: bytes) -> tuple[tuple[Entry, Event], ...]:
        """The governing entries of a chain, read once; none where the chain is not held."""
        if chain not in self._governing:
            self._governing[chain] = tuple(governing(self.db, chain))
        return self._governing[chain]

    def roster(self, chain: bytes) -> Roster:
        """Who may sign in a chain, after all of it that was taken in."""
        return roster_of(self.db, chain)

    def erasures(self, chain: bytes, entry_id: bytes) -> Iterator[tuple[int, str]]:
        """The entries of a chain that erased a body: the index of each, and its reason."""
        for entry, event in self.governing(chain):
            if isinstance(event.detail, ChainErase) and entry_id in event.detail.entries:
                yield entry.header.index, event.detail.reason

    def find(self, document: str, kinds: frozenset[str] | None = None) -> list[tuple[bytes, int]]:
        """The chain and index of the entries that bear a document number, of some kinds or any."""
        rows = self.db.execute(
            "SELECT c.id, e.idx, e.kind FROM entry e JOIN chain c ON c.no = e.chain WHERE "
            "e.document = ? ORDER BY c.id, e.idx",
            (document_folded(self, document),),
        )
        return [(chain, index) for chain, index, kind in rows if kinds is None or kind in kinds]

    def item(self, text: str) -> str:
        """The key of the one item that a text means: MAKER/PART/SERIAL, uii:…, or a bare serial.

        Raises NoEntryError.
        """
        found = self.views.named(text.strip()) or folded(self, text)
        if not found:
            raise unknown_thing(self, text)
        if len(found) > 1:
            raise NoEntryError(
                "{count} items have the serial {text!r}",
                count=len(found),
                text=text,
                found=", ".join(found[:5]),
                hint="name one whole: {found}",
            )
        return found[0]

    def thing(self, text: str) -> str:
        """The same, or that of lot:NSN/NUMBER, money:CURRENCY or container:NUMBER as it stands.

        Raises NoEntryError where no entry names it.
        """
        if text.partition(":")[0] not in {"lot", "money", "container"}:
            return self.item(text)
        there = self.db.execute("SELECT 1 FROM subject WHERE key = ?", (text,)).fetchone()
        return one_folded(self, text) if there is None else text


def _is_busy(error: Exception) -> bool:
    return isinstance(error, sqlite3.OperationalError) and any(
        word in str(error) for word in ("locked", "full")
    )


def find_entry(
    ledger: Ledger,
    reference: str,
    kinds: frozenset[str] | None = None,
    heard: Callable[[Sentence], None] | None = None,
) -> tuple[bytes, int]:
    """The chain and index of the entry that an id (or its beginning), a document or a number names.

    `kinds`: of which it may be, since papers share a number; `heard`: as of the index. Raises
    NoEntryError.
    """
    try:
        return ledger.find(reference)
    except NoEntryError as error:
        if error.message.startswith("more than one"):
            raise
    document = reference.strip()
    numbered = entry_numbered(ledger, document)
    with Items.of(ledger) as items:
        items.heard = heard
        found, notices = items.find(document, kinds), items.notices
    found = list(dict.fromkeys((*found, *([numbered] if numbered is not None else ()))))
    if not found:
        hint = "; ".join(["ids go by at least 8 of their first characters", *notices])
        raise NoEntryError(
            "no entry with the id or document {document!r}", document=document, hint=hint
        )
    if len(found) > 1:
        raise NoEntryError(
            "{count} entries have the document {document!r}",
            count=len(found),
            document=document,
            ids=say_entries(ledger, found),
            hint="name one by its id: {ids}",
        )
    return found[0]


def forget_items(ledger: Ledger, *, erased: bool = False) -> None:
    """Remove the index that is kept of a ledger: what it was made of is shown otherwise now.

    `erased`: something of it was erased, and stays in no index: not in one of the same chains in
    another place either. They are made anew when they are asked for. Raises StoreError.
    """
    path = _place(ledger)
    if path is None:
        return
    with StoreError.from_os(
        "the item index cannot be removed: {why}",
        hint="it may show what was erased: remove it once that can be done: rm -r {place}",
        place=shlex.quote(str(path.parent.absolute())),
    ):
        for one in path.parent.glob("*.sqlite*") if erased else [path]:
            discard(one)


def _place(ledger: Ledger) -> Path | None:
    if ledger.folder is None or ledger.marks is None:
        return None
    return index_path(ledger.marks.state.items, ledger.folder)


def _words_of(told: Any) -> Any:  # noqa: ANN401  (JSON has no better type)
    """What a fault says, from the JSON in which it is kept."""
    if not isinstance(told, dict):
        return told
    params = {name: _words_of(value) for name, value in told["params"].items()}
    return (Sentence if " " in told["key"] else Keyed)(told["key"], **params)
