"""The chains that a ledger holds, its own and others, to look at and to verify."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from chainlog.errors import NoChainError, NoEntryError, StoreError, UnreadableError
from chainlog.format.opened import Logged, read_logged
from chainlog.ledger.rosters import entry_at, linked, roster_at
from chainlog.ledger.sources import verify_chains
from chainlog.store.engine import EMPTY, Head, check_whole
from chainlog.store.tree import Tree
from chainlog.verifier.report import Level
from chainlog.verifier.run import FAULT_LIMIT, Known, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chainlog.events.roster import Roster
    from chainlog.ledger.marks import Marks
    from chainlog.store.open import Store
    from chainlog.store.shelf import Conflict
    from chainlog.verifier.report import Report
    from chainlog.verifier.trust import Trust

PREFIX_LEAST: Final = 8
_BRING_BACK: Final = "bring back a whole copy: its folder below chains/"


class HeldChains:
    """What a store holds, as the ledger of one chain looks at it. Nothing here writes."""

    engine: Store
    chain: bytes
    marks: Marks | None

    def read(
        self, start: int = 0, stop: int | None = None, chain: bytes | None = None
    ) -> Iterator[Logged]:
        """The entries from index `start` to before `stop`.

        They are of this ledger's own chain unless another is named.
        """
        for record in self.engine.read(chain or self.chain, start, stop):
            yield read_logged(record)

    def read_linked(
        self, start: int = 0, stop: int | None = None, chain: bytes | None = None
    ) -> Iterator[Logged]:
        """The same for whoever shows them: each leads to a signature. Raises DamagedError.

        What was given before one that does not is right.
        """
        for record in linked(self.engine, chain or self.chain, start, stop):
            yield read_logged(record)

    def entry(self, index: int, chain: bytes | None = None) -> Logged:
        """One entry by its index. Raises NoEntryError."""
        return entry_at(self.engine, chain or self.chain, index)

    def find(self, reference: str) -> tuple[bytes, int]:
        """The chain and index of the entry that an id, or a unique prefix of one, names.

        A prefix has 8 characters or more. Raises NoEntryError.

        Entries go by document number too: that is for the item index to say
        (`index.find_entry`).
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
            raise NoEntryError(
                "more than one id begins with {text}", text=text, hint="give more of it"
            )
        if not found:
            raise NoEntryError(
                "no entry with the id {text!r}",
                text=text,
                hint="ids go by at least 8 of their first characters",
            )
        return found[0]

    def roster_at(self, size: int, chain: bytes | None = None) -> Roster:
        """Who may sign after the first `size` entries, at least one, of a chain.

        Raises UncertainError, RosterError, NoEntryError.
        """
        return roster_at(self.engine, chain or self.chain, size)

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

    def check_whole(self, chain: bytes) -> None:
        """Raises UnreadableError where something that cannot be read follows the last entry."""
        check_whole(self.engine, chain)

    def readable(self, chain: bytes) -> Head:
        """The head of a chain that can be read from its first entry on.

        Raises UnreadableError, also where nothing of it is held.
        """
        try:
            head = self.engine.head(chain)
            if head.size == 0:
                check_whole(self.engine, chain)
            self.entry(0, chain)
        except UnreadableError:
            raise
        except StoreError as error:
            raise UnreadableError(
                "of chain {chain}… not one entry can be read: {why}",
                chain=chain.hex()[:16],
                why=error.message,
                hint=_BRING_BACK,
            ) from None
        return head

    def tree(self, chain: bytes | None = None) -> Tree:
        """The stored tree of a chain, of this ledger's own unless another is named.

        Whoever uses it checks it. Raises NoChainError.
        """
        engine, told = self.engine, chain or self.chain

        def anew(start: int, stop: int) -> bytes:
            return b"".join([one.parsed.id for one in engine.read(told, start, stop)])

        return Tree(engine.cells(told), partial(engine.ids, told), engine.head(told).size, anew)

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
