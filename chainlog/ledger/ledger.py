"""A ledger: chains in one store, one of them written here.

Owns the clock, the randomness and the marks.

with Ledger.open("depot", signer=signer) as ledger:
    entry = ledger.append(Event.parse("transfer", {...}))
    print(ledger.verify().verdict)
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from chainlog.errors import (
    KeyfileError,
    KeyFormError,
    NoChainError,
    NoEntryError,
    ReadOnlyError,
    RosterError,
    StoreError,
    UncertainError,
)
from chainlog.events.event import Event, is_governing
from chainlog.events.kinds import MOVES_ROSTER
from chainlog.events.roster import Roster
from chainlog.format.body import SALT_BYTES, commit, open_body
from chainlog.format.entry import NO_ID, VERSION, Entry, Header, seal
from chainlog.format.keys import Ed25519Signer, signature_holds
from chainlog.format.opened import Logged, read_logged
from chainlog.ledger.config import NAME, LedgerFile, format_ledger_file, read_ledger_file
from chainlog.ledger.marks import Marks
from chainlog.ledger.sources import verify_chains
from chainlog.store import durable
from chainlog.store.engine import EMPTY, Head
from chainlog.store.open import open_store
from chainlog.store.tree import Tree
from chainlog.verifier.report import Level
from chainlog.verifier.run import FAULT_LIMIT, Known, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Self

    from chainlog.format.keys import Signer
    from chainlog.format.record import Record
    from chainlog.store.open import Store
    from chainlog.store.shelf import Conflict
    from chainlog.verifier.report import Report
    from chainlog.verifier.trust import Trust

# Entries written and synced together when many are appended.
GROUP: Final = 512
# Where there is no mark, so many of the last entries are looked at again before anything is built
# on them.
_UNMARKED_CHECKED: Final = 256
PREFIX_LEAST: Final = 8


def default_home() -> Path:
    """Where a user's keys and marks are kept.

    `$CHAINLOG_HOME`, or `chainlog` below the user's configuration folder.
    """
    home = os.environ.get("CHAINLOG_HOME")
    if home:
        return Path(home)
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "chainlog"


def now_ms() -> int:
    """Milliseconds since the Unix epoch, by this machine's clock."""
    return time.time_ns() // 1_000_000


@dataclass
class Ledger:
    """Chains in one store. `chain` is the one that is written here.

    `notices`: what a person should know, such as an odd clock.
    """

    engine: Store
    chain: bytes
    signer: Signer | None = None
    folder: Path | None = None
    key: str | None = None
    marks: Marks | None = None
    clock: Callable[[], int] = now_ms
    entropy: Callable[[int], bytes] = os.urandom
    notices: list[str] = field(default_factory=list)
    _tip: tuple[Head, int] | None = None
    _roster: Roster | None = None
    # The chain that takes what was written elsewhere; and chains whose mark does not keep them from
    # doing so.
    _extending: bytes | None = None
    _lifted: set[bytes] = field(default_factory=set)

    @classmethod
    def create(
        cls,
        folder: str | Path,
        opening: dict[str, Any],
        signer: Signer,
        *,
        marks: Path | None = None,
        key: str | None = None,
        clock: Callable[[], int] = now_ms,
        entropy: Callable[[int], bytes] = os.urandom,
    ) -> Ledger:
        """A new ledger with a new chain, opened by the fields of a `chain.open`.

        Raises StoreError where there is one already.
        """
        place = None if folder == "memory:" else Path(folder)
        if place is not None and (place / NAME).exists():
            raise StoreError(f"{place} is a ledger already", hint="name another folder")
        event = Event.parse("chain.open", opening)
        body, commitment = commit(event.fields, entropy(SALT_BYTES))
        entry = seal(
            Header(VERSION, NO_ID, NO_ID, 0, 0, clock(), signer.key_id, "chain.open", commitment),
            signer,
        )
        Roster().govern(entry.header, open_body(body, commitment))
        told = format_ledger_file(LedgerFile(entry.id, key))
        kept = Marks(marks or default_home() / "marks")
        engine, lifted = _engine_at("memory:" if place is None else place, kept)
        head = engine.append(entry.id, EMPTY, [(entry.raw, body)])
        if place is not None:
            kept.put(entry.id, head)
            try:
                durable.replace(place / NAME, told)
            except OSError as error:
                raise StoreError(f"{place / NAME} cannot be written: {error.strerror}") from None
        return cls(
            engine,
            entry.id,
            signer,
            place,
            key,
            kept if place is not None else None,
            clock,
            entropy,
            _lifted=lifted,
        )

    @classmethod
    def open(
        cls,
        folder: str | Path,
        signer: Signer | None = None,
        *,
        marks: Path | None = None,
        clock: Callable[[], int] = now_ms,
        entropy: Callable[[int], bytes] = os.urandom,
    ) -> Ledger:
        """The ledger in a folder; with a `signer`, to append.

        `marks`: the folder of the high-water marks. Raises NoLedgerError.
        """
        place = Path(folder)
        told = read_ledger_file(place)
        kept = Marks(marks or default_home() / "marks")
        engine, lifted = _engine_at(place, kept)
        return cls(
            engine, told.chain, signer, place, told.key, kept, clock, entropy, _lifted=lifted
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of locks and files."""
        self._tip = self._roster = self._extending = None
        self._lifted.clear()
        self.engine.close()
        if self.marks is not None:
            self.marks.close()

    # Looking

    @property
    def head(self) -> Head:
        """The head of this ledger's own chain."""
        return self._tip[0] if self._tip else self.engine.head(self.chain)

    def read(
        self, start: int = 0, stop: int | None = None, chain: bytes | None = None
    ) -> Iterator[Logged]:
        """The entries from index `start` to before `stop`.

        They are of this ledger's own chain unless another is named.
        """
        for record in self.engine.read(chain or self.chain, start, stop):
            yield read_logged(record)

    def entry(self, index: int, chain: bytes | None = None) -> Logged:
        """One entry by its index. Raises NoEntryError."""
        for logged in self.read(index, index + 1, chain):
            return logged
        raise NoEntryError(
            f"no entry {index}: the chain has {self.engine.head(chain or self.chain).size}"
        )

    def find(self, reference: str) -> tuple[bytes, int]:
        """The chain and index of the entry that an id, or a unique prefix of one, names.

        A prefix has 8 characters or more. Raises NoEntryError.

        Entries go by document number too: that is for the item index to say
        (`items.index.find_entry`).
        """
        text = reference.strip()
        found: list[tuple[bytes, int]] = []
        if len(text) >= PREFIX_LEAST and set(text.lower()) <= set("0123456789abcdef"):
            found = [
                (chain, index)
                for chain in self.engine.chains()
                for index in self.engine.find(chain, text.lower())
            ]
        if len(found) > 1:
            raise NoEntryError(f"more than one id begins with {text}", hint="give more of it")
        if not found:
            raise NoEntryError(
                f"no entry with the id {text!r}",
                hint="ids go by at least 8 of their first characters",
            )
        return found[0]

    def roster(self) -> Roster:
        """Who may sign in this ledger's own chain now. Reads only the entries that changed it.

        Raises UncertainError, RosterError.
        """
        if self._tip is None:
            return self.roster_at(
                self.head.size
            )  # another program may be writing: nothing is remembered
        if self._roster is None:
            self._roster = self.roster_at(self._tip[0].size)
        return self._roster

    def roster_at(self, size: int, chain: bytes | None = None) -> Roster:
        """Who may sign after the first `size` entries, at least one, of a chain.

        Raises UncertainError, RosterError, NoEntryError.
        """
        last = self.entry(size - 1, chain)
        steps = [last] if last.entry.header.kind in MOVES_ROSTER else []
        at = last
        while at.entry.header.index > 0:
            before = self.entry(at.entry.header.roster, chain)
            if before.entry.header.index >= at.entry.header.index:
                raise UncertainError(
                    "the roster pointers of this chain do not lead back to its beginning",
                    fault="roster-pointer",
                    hint="run 'chainlog verify'",
                )
            steps.append(before)
            at = before
        roster = Roster()
        for logged in reversed(steps):
            roster.govern(logged.entry.header, logged.body)
        return roster

    def known(self, chain: bytes, size: int | None = None) -> Known:
        """The first `size` entries of a chain, as what `verify_on` goes on from.

        They are all of them unless `size` is said.

        What is held was verified before it was stored; that it was not altered since is for
        `verify` to say. Raises UncertainError, RosterError, NoEntryError.
        """
        held = self.held(chain).size if size is None else size
        if held == 0:
            return unknown(chain)
        return Known(chain, held, self.entry(held - 1, chain).entry.id, self.roster_at(held, chain))

    def held(self, chain: bytes) -> Head:
        """The head of any chain; `EMPTY` where nothing of it is held."""
        try:
            return self.engine.head(chain)
        except NoChainError:
            return EMPTY

    def seen(self, chain: bytes) -> Head | None:
        """The high-water mark of a chain: the furthest head that was held here.

        Raises ReadOnlyError for a mark that cannot be read.
        """
        return self.marks.get(chain) if self.marks is not None else None

    def tree(self, chain: bytes | None = None) -> Tree:
        """The stored tree of a chain, of this ledger's own unless another is named.

        Whoever uses it checks it. Raises NoChainError.
        """
        chain = chain or self.chain
        return Tree(
            self.engine.cells(chain),
            lambda start, stop: self.engine.ids(chain, start, stop),
            self.engine.head(chain).size,
        )

    def conflicts(self) -> list[Conflict]:
        """Every fork ever met, in the order of chains and indexes.

        Both sides of each are kept.
        """
        return [one for chain in self.engine.chains() for one in self.engine.conflicts(chain)]

    def holds_attachment(self, digest: bytes) -> bool:
        """Whether a file is kept under this SHA-256.

        Whether it is that file, only reading it says.
        """
        return self.engine.holds_blob(digest)

    def verify(
        self,
        *,
        level: Level = Level.FULL,
        parallel: int | None = None,
        all_attachments: bool = False,
        limit: int = FAULT_LIMIT,
        trust: Trust | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> Report:
        """Verify every chain of this ledger, on all cores unless `parallel` says how many."""
        return verify_chains(
            self.engine.raw_chains(self.chain),
            self.engine,
            level=level,
            parallel=parallel,
            all_attachments=all_attachments,
            limit=limit,
            trust=trust,
            marks=self.marks,
            progress=progress,
        )

    # Writing

    def prepare(self) -> Head:
        """Open this ledger's own chain for writing: locked, recovered, all of it durable.

        Raises ReadOnlyError, LockedError, StoreError.
        """
        return self._ready()[0]

    def append(self, event: Event) -> Entry:
        """Sign and append one event; it is durable when this returns.

        Raises RosterError, ReadOnlyError, UnknownOutcomeError, ….
        """
        return self.append_many([event])[0]

    def append_many(
        self, events: Iterable[Event], progress: Callable[[int], None] | None = None
    ) -> list[Entry]:
        """Sign and append events, some hundreds at a time.

        What was appended before an error stays.
        """
        entries: list[Entry] = []
        for group in self.append_groups(events):
            entries += group
            if progress is not None:
                progress(len(group))
        return entries

    def append_groups(self, events: Iterable[Event]) -> Iterator[list[Entry]]:
        """The same for any number of events.

        Gives each group of entries once it is durable, and keeps none.
        """
        head, last_time = self._ready()
        expected, roster = head, self.roster()
        entries: list[Entry] = []
        records: list[tuple[bytes, bytes]] = []
        for event in events:
            entry, body, roster = self._seal(event, roster, head, last_time)
            head, last_time = Head(head.size + 1, entry.id), entry.header.time
            entries.append(entry)
            records.append((entry.raw, body))
            if len(records) == GROUP or is_governing(event.kind):
                expected = self._commit(expected, records, (head, last_time), roster)
                yield entries
                entries, records = [], []
        if records:
            self._commit(expected, records, (head, last_time), roster)
            yield entries

    def attach(self, source: Path, media_type: str) -> dict[str, Any]:
        """Keep a file and return what an event says of it. Raises StoreError."""
        digest, size = self.engine.put_blob(_chunks(source))
        return {"sha256": digest, "size": size, "type": media_type}

    def extend(self, chain: bytes, expected: Head, records: Sequence[Record]) -> Head:
        """Append records that were written elsewhere to any chain, also a new one.

        Durable when this returns.

        The caller has verified that they follow on `expected`: nothing is checked here. A chain
        that is behind its mark may grow this way, since no entry is made; so close the ledger
        before anything else is done with it. Raises HeadMovedError, having written nothing, where
        the head is not the expected one or, once the chain was locked, turned out to be another;
        LockedError, ReadOnlyError, UnknownOutcomeError.
        """
        mark = self.seen(chain)
        if chain != self._extending:
            self.close()
            self._extending = chain
            if mark is not None and mark.size > expected.size:
                self._lifted.add(chain)
            with suppress(NoChainError):
                self._check_unmarked(self.engine.prepare(chain), chain)
        head = self.engine.append(
            chain, expected, [(record.entry, record.body) for record in records]
        )
        if self.marks is not None and (mark is None or mark.size <= head.size):
            self.marks.put(chain, head)
        return head

    def keep_conflict(self, conflict: Conflict, ours: Record, theirs: Iterable[Record]) -> bool:
        """Keep both sides of a fork. Returns whether the whole of the other branch was kept.

        Raises StoreError.
        """
        return self.engine.keep_conflict(conflict, ours, theirs)

    def _ready(self) -> tuple[Head, int]:
        """The head to append to and the last entry's time, once the chain is open for writing."""
        if self.signer is None:
            raise ReadOnlyError(
                "the ledger was opened without a key",
                hint="name your key with --key or $CHAINLOG_KEY",
            )
        if self._tip is None:
            head = self.engine.prepare(self.chain)
            self._roster = None
            self._check_unmarked(head, self.chain)
            if self.marks is not None:
                self.marks.put(self.chain, head)
            self._tip = head, self.entry(head.size - 1).entry.header.time
        return self._tip

    def _check_unmarked(self, head: Head, chain: bytes) -> None:
        """What stands above the mark was not acknowledged to this user.

        Build on it only if its authors might sign it.
        """
        mark = self.seen(chain)
        start = max(1, mark.size if mark is not None else head.size - _UNMARKED_CHECKED)
        if start >= head.size:
            return
        roster = self.roster_at(start, chain)
        for logged in self.read(start, head.size, chain):
            header = logged.entry.header
            try:
                if is_governing(header.kind):
                    roster.govern(header, logged.body)
                else:
                    roster.check_custody(header.index, header.author)
            except (RosterError, UncertainError, KeyFormError) as error:
                message = (
                    f"entry {header.index}, which was not acknowledged here, cannot be built "
                    f"upon: {error.message}"
                )
                raise ReadOnlyError(message, hint="run 'chainlog verify'") from None

    def _commit(
        self,
        expected: Head,
        records: list[tuple[bytes, bytes]],
        tip: tuple[Head, int],
        roster: Roster,
    ) -> Head:
        """Append what was sealed, and only then believe it."""
        try:
            self.engine.append(self.chain, expected, records)
        except BaseException:
            self._tip = self._roster = None
            raise
        self._tip, self._roster = tip, roster
        if self.marks is not None:
            self.marks.put(self.chain, tip[0])
        return tip[0]

    def _seal(
        self, event: Event, roster: Roster, head: Head, last_time: int
    ) -> tuple[Entry, bytes, Roster]:
        """Sign an event as the next entry, if its signer may.

        Returns the entry, its body, and the roster after it.
        """
        assert self.signer is not None
        author, index = self.signer.key_id, head.size
        moment = self.clock()
        if moment < last_time:
            self._notice(
                "the clock stands before the time of the last entry; it is recorded as it "
                "stands: check the date and time"
            )
        body, commitment = commit(event.fields, self.entropy(SALT_BYTES))
        header = Header(
            VERSION,
            self.chain,
            head.id,
            index,
            roster.pointer,
            moment,
            author,
            event.kind,
            commitment,
        )
        if is_governing(event.kind):
            roster = roster.copy()
            roster.govern(header, open_body(body, commitment))
        else:
            roster.check_custody(index, author)
            if roster.keys[author].roles == ("log",):
                raise RosterError(
                    "this key signs checkpoints, never entries",
                    fault="log-only",
                    hint="use the key of a person",
                )
        entry = seal(header, self.signer)
        # A key in this process signs what it says it is; a card or an agent may have been swapped.
        if not isinstance(self.signer, Ed25519Signer) and not signature_holds(
            author, entry.signature, entry.signed
        ):
            raise KeyfileError(
                "the signature that came back does not hold; nothing was recorded",
                hint="is this the right card or agent?",
            )
        return entry, body, roster

    def _notice(self, text: str) -> None:
        if text not in self.notices:
            self.notices.append(text)


def _engine_at(url: str | Path, marks: Marks) -> tuple[Store, set[bytes]]:
    """The store, and the chains whose marks it is not to look at."""
    lifted: set[bytes] = set()
    return open_store(url, lambda chain: None if chain in lifted else marks.get(chain)), lifted


def _chunks(source: Path) -> Iterator[bytes]:
    try:
        with source.open("rb") as file:
            while chunk := file.read(2**20):
                yield chunk
    except OSError as error:
        raise StoreError(f"{source} cannot be read: {error.strerror}") from None
