"""A ledger: chains in one store, one of them written here.

Owns the clock, the randomness and the marks.

with Ledger.open("depot", signer=signer) as ledger:
    entry = ledger.append(Event.parse("transfer", {...}))
    print(ledger.verify().verdict)
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, Final

from chainlog.errors import BehindMarkError, NoChainError, ReadOnlyError, Sentence, StoreError
from chainlog.events.event import Event, is_governing
from chainlog.format.body import SALT_BYTES
from chainlog.ledger.begun import already_there, begin, open_chain
from chainlog.ledger.config import (
    LedgerFile,
    format_ledger_file,
    has_ledger_file,
    read_ledger_file,
)
from chainlog.ledger.copies import check_compared, settle
from chainlog.ledger.growth import check_unmarked
from chainlog.ledger.held import HeldChains
from chainlog.ledger.marks import Marks
from chainlog.ledger.own_turn import behind, check_remembered, copy_at, own_turn
from chainlog.ledger.seal import Asked, seal_event, seal_opening
from chainlog.ledger.state import State
from chainlog.ledger.stores import store_at
from chainlog.store.engine import Head
from chainlog.store.open import is_url
from chainlog.store.segment.files import chunks_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Self

    from chainlog.events.roster import Roster
    from chainlog.format.entry import Entry
    from chainlog.format.keys import Signer
    from chainlog.format.record import Record
    from chainlog.store.open import Store
    from chainlog.store.shelf import Conflict

# Entries written and synced together when many are appended.
GROUP: Final = 512


def now_ms() -> int:
    """Milliseconds since the Unix epoch, by this machine's clock."""
    return time.time_ns() // 1_000_000


@dataclass
class Ledger(HeldChains):
    """Chains in one store. `chain` is the one that is written here.

    `folder`: where its `ledger.toml` lies, None where it has none. `marks`: None where nobody could
    put back an older copy. `notices`: what a person should know, such as an odd clock.

    Several threads may use one: they write one after the other, a group of entries at a time. A
    process that was forked may read, and opens a ledger of its own to write. One that was closed
    opens anew what it is used for.
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
    _lock: RLock = field(default_factory=RLock, repr=False, compare=False)
    _process: int = field(default_factory=os.getpid, repr=False, compare=False)

    @classmethod
    def create(
        cls,
        url: str | Path,
        opening: dict[str, Any],
        signer: Signer,
        *,
        marks: Path | None = None,
        key: str | None = None,
        clock: Callable[[], int] = now_ms,
        entropy: Callable[[int], bytes] = os.urandom,
    ) -> Ledger:
        """A new ledger with a new chain, opened by the fields of a `chain.open`.

        `url`: a folder, or what `open_store` takes; there, marks are kept only where `marks` names
        their folder. Raises StoreError where there is one already.
        """
        place = None if is_url(url) else Path(url)
        if place is not None and has_ledger_file(place):
            raise already_there(place)
        entry, body = seal_opening(opening, signer, clock(), entropy(SALT_BYTES))
        format_ledger_file(LedgerFile(entry.id, key))  # what no file can hold begins nothing
        kept = None if place is None and marks is None else Marks(marks or State.of_user().marks)
        if place is not None and kept is not None:
            entry, body = begin(place, kept, entry, body)
        told = format_ledger_file(LedgerFile(entry.id, key))
        engine, lifted = store_at(url, kept)
        ledger = cls(engine, entry.id, signer, place, key, kept, clock, entropy, _lifted=lifted)
        open_chain(ledger, entry, body, told)
        return ledger

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
        kept = Marks(marks or State.of_user().marks)
        engine, lifted = store_at(place, kept)
        return cls(
            engine, told.chain, signer, place, told.key, kept, clock, entropy, _lifted=lifted
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of locks and files."""
        if os.getpid() != self._process:
            return  # they are the other process's
        with self._lock:
            self._tip = self._roster = self._extending = None
            self._lifted.clear()
            self.engine.close()

    # Its own chain

    @property
    def head(self) -> Head:
        """The head of this ledger's own chain."""
        return self._tip[0] if self._tip else self.engine.head(self.chain)

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

    @property
    def is_mine(self) -> bool:
        """Whether its user wrote in it: there is a mark of its own chain, or nobody keeps marks."""
        return self.marks is None or self.marks.has(self.chain)

    def prepare(self) -> Head:
        """Open this ledger's own chain for writing: locked, recovered, all of it durable.

        Raises ReadOnlyError, LockedError, StoreError.
        """
        with self._alone():
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
        self.prepare()
        group: list[Asked] = []
        for event in events:
            group.append(Asked(event, self._signer(), self.clock()))
            if len(group) == GROUP or is_governing(event.kind):
                yield self._append(group)
                group = []
        if group:
            yield self._append(group)

    def attach(self, source: Path, media_type: str) -> dict[str, Any]:
        """Keep a file and return what an event says of it. Raises StoreError."""
        digest, size = self.engine.put_blob(chunks_of(source))
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
        with self._alone():
            mark = self.seen(chain)
            if chain != self._extending:
                self.close()
                self._extending = chain
                if mark is not None and mark.size > expected.size:
                    self._lifted.add(chain)
                with suppress(NoChainError):
                    check_unmarked(self.engine, chain, self.engine.prepare(chain), mark)
            head = self.engine.append(
                chain, expected, [(record.entry, record.body) for record in records]
            )
            if chain == self.chain and mark is None:
                settle(self, head)
            elif self.marks is not None:
                self.marks.grow(chain, head, copy_at(self, chain))
            return head

    def keep_conflict(self, conflict: Conflict, ours: Record, theirs: Iterable[Record]) -> bool:
        """Keep both sides of a fork. Returns whether the whole of the other branch was kept.

        Raises StoreError.
        """
        return self.engine.keep_conflict(conflict, ours, theirs)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One thread writes at a time, of the process that opened the ledger."""
        if os.getpid() != self._process:
            raise ReadOnlyError(
                "this ledger was opened by another process, {process}, which goes on with it",
                process=self._process,
                hint="open it in this process: Ledger.open",
            )
        with self._lock:
            yield

    def _signer(self) -> Signer:
        if self.signer is None:
            raise ReadOnlyError(
                "the ledger was opened without a key",
                hint="name your key with --key or $CHAINLOG_KEY",
            )
        return self.signer

    def _ready(self) -> tuple[Head, int]:
        """The head to append to and the last entry's time, once the chain is open for writing."""
        self._signer()
        if self._tip is None:
            try:
                head = self.engine.prepare(self.chain)
            except BehindMarkError as error:
                raise behind(self, error) from None
            self._roster = None
            check_unmarked(self.engine, self.chain, head, self.seen(self.chain))
            check_compared(self, head)
            check_remembered(self, head)
            with own_turn(self, head) as acknowledge:
                acknowledge(head)
            self._tip = head, self.entry(head.size - 1).entry.header.time
        return self._tip

    def _append(self, asked: Sequence[Asked]) -> list[Entry]:
        """Sign and append a group of events, and only then believe it."""
        with self._alone():
            head, last_time = self._ready()
            before, roster = head, self.roster()
            entries: list[Entry] = []
            records: list[tuple[bytes, bytes]] = []
            for one in asked:
                if one.time < last_time:
                    self._notice(
                        "the clock stands before the time of the last entry; it is recorded as "
                        "it stands: check the date and time"
                    )
                salt = self.entropy(SALT_BYTES)
                entry, body, roster = seal_event(one, self.chain, head, roster, salt)
                head, last_time = Head(head.size + 1, entry.id), entry.header.time
                entries.append(entry)
                records.append((entry.raw, body))
            self._tip = self._roster = None
            with own_turn(self, before) as acknowledge:
                self.engine.append(self.chain, before, records)
                try:
                    acknowledge(head)
                except StoreError as error:
                    # Nothing more is written until it can be, so other copies wait.
                    self._notice(
                        Sentence("what was recorded is kept; but {why}", why=error.message)
                    )
                    return entries
            self._tip, self._roster = (head, last_time), roster
            return entries

    def _notice(self, text: str) -> None:
        if text not in self.notices:
            self.notices.append(text)
