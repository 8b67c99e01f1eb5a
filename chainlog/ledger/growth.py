"""What of a chain may be signed or shown: its tree, from what was signed last, by verified bytes.

No signature over what was not just verified. Of a chain whose first `last.size` entries were
signed:

1. The stored tree has the root that was signed; where it says no, it is made anew from the records.
2. The last of those entries, and each that says who may sign, are read from the records, are shown
   to be in that tree, and hold by themselves (steps 3 to 6 of `verify`).
3. Every entry after them is verified by steps 1 to 6 as it stands in the records.
4. The root is reckoned from the ids of what was verified, and from nothing else.

So what is derived, the stored tree and the index, may say what it likes. It costs what is new, and
the logarithm of what is not.
"""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from chainlog.errors import (
    DamagedError,
    KeyFormError,
    ProofError,
    ReadOnlyError,
    RosterError,
    Sentence,
)
from chainlog.events.event import is_governing
from chainlog.format.entry import NO_ID
from chainlog.format.merkle import Frontier, verify_inclusion
from chainlog.ledger.rosters import entry_at, fold_walk, roster_at, walk_back
from chainlog.store.shelf import TAKE_ANEW
from chainlog.verifier.entry import EntryFault, Job, Outcome, check
from chainlog.verifier.report import Fault, because
from chainlog.verifier.run import Known, Missing, unknown, verify_on

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Self

    from chainlog.format.checkpoint import Checkpoint
    from chainlog.format.entry import Entry
    from chainlog.format.opened import Logged
    from chainlog.format.record import Record
    from chainlog.ledger.ledger import Ledger
    from chainlog.store.engine import Engine, Head
    from chainlog.store.tree import Tree

# Records verified together: so many, and no more bytes than this and one record.
_GROUP: Final = 1024
_GROUP_BYTES: Final = 8 * 2**20
# Where there is no mark, so many of the last entries are verified before anything is built on them.
_UNMARKED_CHECKED: Final = 256


class OtherEntriesError(ReadOnlyError):
    """What lies here does not hold, or is not what was signed: nothing is signed over it.

    `fault`: what was found of the entry at `index`; None where all hold, and another history was
    signed.
    """

    index: int
    fault: Fault | None

    code = "other-entries"

    def __init__(self, message: str, index: int, fault: Fault | None, hint: str) -> None:
        super().__init__(message, hint=hint)
        self.index, self.fault = index, fault


@dataclass(frozen=True, slots=True)
class Grown:
    """The first entries of a chain, those after a signature verified, and the tree over them all.

    `known`: with who may sign after them.
    """

    known: Known
    frontier: Frontier

    @property
    def root(self) -> bytes:
        """The root over them all."""
        return self.frontier.root()


def grown(
    ledger: Ledger, chain: bytes, last: Checkpoint | None, size: int, *, custody: bool = True
) -> Grown:
    """The first `size` entries, of which `last` was signed, and the others are verified here.

    That a key which might signed `last` is for the caller to have seen. `custody`: whether bodies
    of custody are asked for (step 6). Raises OtherEntriesError, which says the entry;
    UncertainError where nobody can tell who might sign; StoreError.
    """
    known, frontier = unknown(chain), Frontier()
    if last is not None and last.size:
        known, frontier = _signed_before(ledger, chain, last)
    for group in groups_of(_records(ledger, chain, known.size, size)):
        known, opened, fault = verify_on(known, group, custody=custody)
        if fault is not None:
            raise _not_holding(known.size, fault)
        frontier.extend([one.entry.id for one in opened])
    if known.size != size:
        raise DamagedError(
            "of {size} entries {read} could be read",
            size=size,
            read=known.size,
            hint=TAKE_ANEW,
        )
    return Grown(known, frontier)


def check_unmarked(engine: Engine, chain: bytes, head: Head, mark: Head | None) -> None:
    """What stands above the mark was not acknowledged to this user: it is verified, whole.

    Raises ReadOnlyError where it does not hold: nothing is built upon it.
    """
    start = max(1, mark.size if mark is not None else head.size - _UNMARKED_CHECKED)
    if start >= head.size:
        return
    last = entry_at(engine, chain, start - 1).entry.id
    known = Known(chain, start, last, roster_at(engine, chain, start))
    for group in groups_of(engine.read(chain, start, head.size)):
        known, _, fault = verify_on(known, group)
        if fault is not None:
            raise ReadOnlyError(
                "entry {index}, which was not acknowledged here, cannot be built upon: {why}",
                index=known.size,
                why=fault.says,
                hint="run 'chainlog verify'",
            )


class Comparison:
    """How checkpoints compare with a chain as it lies here, whoever signed them.

    `with Comparison(ledger, chain) as compared: compared.fits(told)`. Nobody is said to have signed
    other entries by a copy that does not hold: before the first no, it is looked at from the first
    entry to the last, which fixes all before it.
    """

    size: int

    def __init__(self, ledger: Ledger, chain: bytes) -> None:
        self._ledger, self._chain = ledger, chain
        self._tree = ledger.tree(chain)
        self.size = self._tree.size
        self._sound: int | OtherEntriesError | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the stored tree."""
        self._tree.close()

    def agrees(self, told: Checkpoint) -> bool:
        """The same as far as a yes goes: a no may be of a copy that does not hold."""
        return self._tree.agrees(told.size, told.root)

    def fits(self, told: Checkpoint) -> bool:
        """Whether a checkpoint is that of the first entries, of which no more are held than here.

        Raises OtherEntriesError where it is not, and one of them does not hold here; StoreError.
        """
        if self.agrees(told):
            return True
        if self._sound is None:
            self._sound = self._sound_until()
        if isinstance(self._sound, OtherEntriesError) and self._sound.index < told.size:
            raise self._sound
        return False

    def _sound_until(self) -> int | OtherEntriesError:
        """How many entries link, up to one that a key in force signed; or what does not hold."""
        ledger, chain, size = self._ledger, self._chain, self.size
        try:
            if size and _links(ledger, chain, size):
                return _known_at(ledger, chain, size).size
            return grown(ledger, chain, None, size, custody=False).known.size
        except OtherEntriesError as error:
            return error

    def has(self, index: int, told: Checkpoint) -> bool:
        """Whether the entry at an index, as it lies here, is in the tree of a checkpoint."""
        (record,) = _records(self._ledger, self._chain, index, index + 1)
        for again in (False, True):
            if again:
                self._tree.rebuild()
            with suppress(ProofError):
                proof = self._tree.inclusion(index, told.size)
                verify_inclusion(record.parsed.id, index, told.size, proof, told.root)
                return True
        return False


def groups_of(records: Iterable[Record]) -> Iterator[list[Record]]:
    """Records in groups of at most some hundreds, and of some megabytes."""
    group: list[Record] = []
    size = 0
    for record in records:
        group.append(record)
        size += len(record.body)
        if len(group) == _GROUP or size > _GROUP_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


# What was signed before


def _signed_before(ledger: Ledger, chain: bytes, last: Checkpoint) -> tuple[Known, Frontier]:
    """What is known of the entries that were signed: all that it rests on is among them."""
    with closing(ledger.tree(chain)) as tree:
        for again in (False, True):
            if again:
                tree.rebuild()
            if tree.size >= last.size and tree.root(last.size) == last.root:
                try:
                    known = _known_at(ledger, chain, last.size, partial(_included, tree, last))
                    return known, tree.frontier(last.size)
                except ProofError:
                    continue
    # Which of them is another? Where all hold, the log signed two histories.
    grown(ledger, chain, None, last.size)
    raise OtherEntriesError(
        Sentence(
            "a checkpoint of the first {size} entries was signed for this chain, and it had "
            "others then",
            size=last.size,
        ),
        last.size,
        None,
        "two histories were signed, and no entry heals it: close the chain, and begin one that "
        "continues it: init --continues",
    )


def _included(tree: Tree, last: Checkpoint, entry: Entry) -> None:
    """Raises ProofError unless an entry is in the tree of a checkpoint."""
    index = entry.header.index
    proof = tree.inclusion(index, last.size)
    verify_inclusion(entry.id, index, last.size, proof, last.root)


def _known_at(
    ledger: Ledger, chain: bytes, size: int, look: Callable[[Entry], None] = lambda _entry: None
) -> Known:
    """What is known after the first `size` entries by the last and by those that say who may sign.

    Each holds by itself, and the last was signed by a key in force; `look` looks at them, too.
    """
    walked: list[Logged] = []
    at = size - 1
    try:
        for logged in walk_back(ledger.engine, chain, size - 1):
            at = logged.entry.header.index
            look(logged.entry)
            _check_alone(chain, logged)
            walked.append(logged)
            at = logged.entry.header.roster
        at, roster, head = size - 1, fold_walk(walked), walked[0].entry
        if not is_governing(head.header.kind):
            roster.check_custody(at, head.header.author)
        return Known(chain, size, head.id, roster)
    except DamagedError as error:
        fault = Fault(chain.hex(), at, 1, "damaged", because(error.message))
    except (RosterError, KeyFormError) as error:
        code = error.fault if isinstance(error, RosterError) else error.code
        fault = Fault(chain.hex(), at, 5, code, because(error.message))
    raise _not_holding(at, fault)


def _links(ledger: Ledger, chain: bytes, size: int) -> bool:
    """Whether each of the first entries names the one before it, from the chain's own first on."""
    before = NO_ID
    for index, record in enumerate(_records(ledger, chain, 0, size)):
        entry = record.parsed
        if (entry.header.index, entry.header.prev, entry.chain) != (index, before, chain):
            return False
        before = entry.id
    return True


def _check_alone(chain: bytes, logged: Logged) -> None:
    """Steps 3 and 4 of one entry; 6 of one that governs. Raises OtherEntriesError."""
    entry, outcome = logged.entry, Outcome()
    at = entry.header.index
    check(Job(entry, b"", chain.hex()[:16]), outcome)
    if logged.problem is not None and is_governing(entry.header.kind):
        outcome.faults.append(EntryFault(at, 6, "body", because(logged.problem)))
    for kind, found in ((Fault, outcome.faults), (Missing, outcome.missing)):
        for _, step, code, says in found:
            raise _not_holding(at, kind(chain.hex(), at, step, code, says))


def _records(ledger: Ledger, chain: bytes, start: int, stop: int) -> Iterator[Record]:
    """Records as they lie. Raises OtherEntriesError for one that does not read back."""
    index = start
    try:
        for record in ledger.engine.read(chain, start, stop):
            yield record
            index += 1
    except DamagedError as error:
        fault = Fault(chain.hex(), None, 1, "damaged", because(error.message))
        raise _not_holding(index, fault) from None


def _not_holding(at: int, fault: Fault) -> OtherEntriesError:
    index = at if fault.index is None else fault.index
    message = Sentence("entry {index} does not hold: {why}", index=index, why=fault.says)
    if isinstance(fault, Missing):
        message = Sentence("entry {index} cannot be told: {why}", index=index, why=fault.says)
    return OtherEntriesError(message, index, fault, TAKE_ANEW)
