"""The turn to write one's own chain: whether this copy is the newest that was written from here.

Two copies of a ledger under one key and one home take turns (`turns.py`). Whichever is behind is
refused, with the way to the one that is not.
"""

from __future__ import annotations

import shlex
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chainlog.errors import BehindMarkError, NoteError, Sentence, StoreError
from chainlog.format.note import parse_note
from chainlog.ledger.copies import named
from chainlog.ledger.turns import Copy, copies_of
from chainlog.store.checkpoints import checkpoint_files, read_checkpoint
from chainlog.store.segment.raw import CHAINS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chainlog.ledger.ledger import Ledger
    from chainlog.store.engine import Head

_SIZE_DIGITS: Final = 20
_HINT: Final = (
    "'chainlog sync PATH' from whoever holds more of it, bring back the newer copy, or begin a "
    "new chain: 'chainlog init --continues ID'"
)


def copy_at(ledger: Ledger, chain: bytes) -> Copy:
    """The copy of a chain that a ledger holds."""
    return Copy.at(ledger.engine.place, Path(ledger.engine.place) / CHAINS / chain.hex())


@contextmanager
def own_turn(ledger: Ledger, head: Head) -> Iterator[Callable[[Head], None]]:
    """The turn to write the own chain, which ends with `head`; gives what marks the new head.

    Raises BehindMarkError where another copy was written further; StoreError, LockedError.
    """
    marks, chain = ledger.marks, ledger.chain
    if marks is None:
        yield lambda _head: None
        return
    copy = copy_at(ledger, chain)
    with marks.turn(chain) as turn:
        mark = marks.get(chain)
        if mark is not None and not _is_within(ledger, mark, head):
            raise _lacks(ledger, mark, turn.copies)
        if turn.unfinished and not _is_same(turn.copies[0], copy):
            raise _unfinished(ledger, turn.copies[0])
        turn.begin(copy)

        def acknowledge(reached: Head) -> None:
            marks.put(chain, reached)
            # Where it fails, other copies are only compared once more.
            with suppress(StoreError):
                turn.done(copy)

        yield acknowledge


def check_newest(ledger: Ledger) -> None:
    """Raise BehindMarkError where more of the own chain was acknowledged here than is held."""
    mark = None if ledger.marks is None else ledger.marks.get(ledger.chain)
    if mark is not None and not _is_within(ledger, mark, ledger.head):
        raise _lacks(ledger, mark)


def _lacks(ledger: Ledger, mark: Head, copies: list[Copy] | None = None) -> BehindMarkError:
    error = BehindMarkError(
        "this copy, {folder}, lacks entry {index}, which was acknowledged here: it is an older "
        "copy, or another",
        index=mark.size - 1,
        folder=ledger.engine.place,
        hint=_HINT,
    )
    return behind(ledger, error, copies)


def check_remembered(ledger: Ledger, head: Head) -> None:
    """Raise BehindMarkError where a checkpoint of more entries is remembered than are held.

    A mark may be lost or put back; what was signed stays signed.
    """
    if ledger.marks is None:
        return
    memory = ledger.marks.memory(ledger.chain)
    for path in reversed(checkpoint_files(memory.folder)):
        size = int(path.name[:_SIZE_DIGITS])
        if size <= head.size:
            return
        with suppress(NoteError):
            if memory.vouches(parse_note(read_checkpoint(path))):
                message = Sentence(
                    (
                        "a checkpoint of {size} entries was signed for this chain, and {size2} "
                        "are held: this is an older copy"
                    ),
                    size=size,
                    size2=head.size,
                )
                raise behind(ledger, BehindMarkError(message, hint=_HINT))


def behind(
    ledger: Ledger, error: BehindMarkError, copies: list[Copy] | None = None
) -> BehindMarkError:
    """The error of a copy that is not the newest, with the way to the one that is, where known.

    `copies`: of the chain, where they were read already.
    """
    marks, own = ledger.marks, copy_at(ledger, ledger.chain)
    if copies is None:
        copies = [] if marks is None else copies_of(marks.state.copies(ledger.chain))[0]
    if not copies or _is_same(copies[0], own) or not _is_there(copies[0], ledger.chain):
        return error
    hint = Sentence(
        "take what is missing from the copy that was written last: chainlog {where}sync {other}",
        where=named(ledger),
        other=shlex.quote(copies[0].folder),
    )
    return BehindMarkError(error.message, hint=hint)


def unfinished_elsewhere(ledger: Ledger) -> Copy | None:
    """The other copy in which something was being written when that was interrupted, if any."""
    if ledger.marks is None:
        return None
    copies, unfinished = copies_of(ledger.marks.state.copies(ledger.chain))
    if not unfinished or _is_same(copies[0], copy_at(ledger, ledger.chain)):
        return None
    return copies[0]


def finish(ledger: Ledger, other: str | None = None) -> None:
    """What was being written when it was interrupted is known: in the copy in the folder `other`.

    Or, where None is named, it is lost: nobody holds more than this ledger. Raises StoreError.
    """
    copy = unfinished_elsewhere(ledger)
    if copy is None or ledger.marks is None:
        return
    if other is None or _is_same(copy, Copy.at(other, Path(other) / CHAINS / ledger.chain.hex())):
        with ledger.marks.turn(ledger.chain) as turn:
            turn.forget()


def _is_within(ledger: Ledger, mark: Head, head: Head) -> bool:
    """Whether the own chain, up to its head, has the entry that was acknowledged last."""
    if mark.size == 0 or mark == head:
        return True
    return mark.size < head.size and ledger.entry(mark.size - 1).entry.id == mark.id


def _is_there(copy: Copy, chain: bytes) -> bool:
    return (Path(copy.folder) / CHAINS / chain.hex()).is_dir()


def _is_same(one: Copy, other: Copy) -> bool:
    """Whether two are one copy, also where its folder was renamed."""
    return one.folder == other.folder or (one.inode != 0 and one[1:] == other[1:])


def _unfinished(ledger: Ledger, other: Copy) -> BehindMarkError:
    message = Sentence(
        "another copy of this chain, in {folder}, was being written when that was interrupted: an "
        "entry may be kept there that is not here",
        folder=other.folder,
    )
    hint = Sentence(
        "compare with it: chainlog {where}sync {other}; where it is lost, say so: chainlog "
        "{where}chain only-copy",
        where=named(ledger),
        other=shlex.quote(other.folder),
    )
    return BehindMarkError(message, hint=hint)
