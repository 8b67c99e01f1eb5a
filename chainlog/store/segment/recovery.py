"""Recovery: what a writer does with a chain's folder before it writes, after a crash or not.

It looks at the chain's end, refuses an older or another copy, and makes durable what stands there.
The numbers are those of `writer.py`. The caller holds the lock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chainlog.errors import (
    BehindMarkError,
    BodyError,
    EntryError,
    ReadOnlyError,
    Sentence,
    VersionError,
)
from chainlog.format.body import open_body
from chainlog.format.entry import NO_ID, Entry
from chainlog.format.keys import is_reserved, signature_holds
from chainlog.format.record import Record, scan
from chainlog.store import durable
from chainlog.store.engine import EMPTY, Head
from chainlog.store.segment import rewrite as replacing
from chainlog.store.segment.files import chunks_of
from chainlog.store.segment.folder import ChainFolder, Tail
from chainlog.store.shelf import TAKE_ANEW

if TYPE_CHECKING:
    from pathlib import Path

# Where there is no index, so many of the last records below a mark, or of all where there is none,
# are checked whole.
_UNINDEXED_CHECKED: Final = 256


@dataclass(frozen=True, slots=True)
class Recovered:
    """A chain's folder once its end is known.

    `head`: after the last record that verifies. `tail`: what stood after it, and was set aside.
    `known`: so many entries were acknowledged, as a mark or the index says. `anew`: all was read,
    since a replacement that did not finish left the index in doubt. `view` is the caller's to
    close.
    """

    view: ChainFolder
    head: Head
    tail: Tail | None
    known: int
    anew: bool


def recover(folder: Path, chain: bytes, mark: Head | None, *, believed: bool = True) -> Recovered:
    """Steps 2 to 5. Raises ReadOnlyError, BehindMarkError, StoreError, OSError.

    `believed`: whether the index may be, as far as the mark goes.
    """
    # 2. drop leftovers; read the chain's end; drop from it what does not verify
    view, anew = _look(folder, chain, mark if believed else None)
    try:
        # Rows that anybody may have written are no mark where there is a better one.
        rows = view.rows if believed or mark is None else 0
        known = max(rows, mark.size if mark else 0)
        head, tail = _verifying(view, known)
        # 3. refuse, if the chain is shorter than any mark says
        _check_marks(view, head, tail, mark, rows)
        # 4. set bytes after the last record aside
        if tail is not None:
            _set_aside(view, tail, marked=known > 0)
        # 5. write records above every mark anew
        _rewrite(view, known, head, tail)
    except BaseException:
        view.close()
        raise
    return Recovered(view, head, tail, known, anew)


def _look(folder: Path, chain: bytes, mark: Head | None) -> tuple[ChainFolder, bool]:
    """The chain as it is, and whether all of it was read.

    All of it is read where a replacement that did not finish left the index in doubt. Where the
    chain then proves damaged, which is for the verifier to say, the index is believed as far as
    it goes, and stays in doubt.
    """
    doubtful = replacing.drop_leftovers(folder)
    view = ChainFolder(folder, chain, mark)
    if not doubtful:
        return view, False
    view.read_anew()
    if view.head.size >= view.rows:
        return view, True
    view.close()
    return ChainFolder(folder, chain, mark), False


def _check_marks(
    view: ChainFolder, head: Head, tail: Tail | None, mark: Head | None, rows: int
) -> None:
    """Refuse a chain that is shorter than what was acknowledged, damaged, or another."""
    if mark is not None and head.size < mark.size and tail is not None and tail.torn is None:
        raise BehindMarkError(
            "{path}, byte {start}: entry {size} does not read back: the chain ends with {size} "
            "entries, but {size2} were acknowledged here: this copy is damaged",
            path=tail.path,
            start=tail.start,
            size=head.size,
            size2=mark.size,
            hint=TAKE_ANEW,
        )
    if mark is not None and head.size < mark.size:
        raise _behind(
            Sentence(
                "{folder}: the chain ends with {size} entries, but {size2} were "
                "acknowledged here: this is an older copy",
                folder=view.folder,
                size=head.size,
                size2=mark.size,
            )
        )
    if mark is not None and mark.size and view.index.row(mark.size - 1)[1] != mark.id:
        raise _behind(
            Sentence(
                "{folder}: entry {size} is not the one that was acknowledged here: this "
                "is another copy",
                folder=view.folder,
                size=mark.size - 1,
            )
        )
    # Of a chain that is held back by no mark, what lies beside it does not hold it back either.
    if head.size < rows and mark != EMPTY:
        raise ReadOnlyError(
            "{folder}: {mark} entries were acknowledged, and entry {index} cannot be read, or does "
            "not hold",
            folder=view.folder,
            mark=rows,
            index=head.size,
            hint="run 'chainlog verify'; bring back a newer copy if this is an old one",
        )


def _behind(message: str) -> BehindMarkError:
    hint = (
        "'chainlog sync PATH' from whoever holds more of it, bring back the newer copy, or begin a "
        "new chain: 'chainlog init --continues ID'"
    )
    return BehindMarkError(message, hint=hint)


def _set_aside(view: ChainFolder, tail: Tail, *, marked: bool) -> None:
    where = Sentence("{path}, from byte {start}", path=tail.path, start=tail.start)
    if not tail.last or (not marked and tail.torn is None):
        raise ReadOnlyError(
            "{where}: what stands there is no entry of this chain; nothing was touched",
            where=where,
            hint="run 'chainlog verify'",
        )
    if _holds_more(view.chain, tail):
        raise ReadOnlyError(
            "{where}: nothing can be read there, but an entry of this chain follows; "
            "nothing was touched",
            where=where,
            hint="run 'chainlog verify', and bring back a whole copy",
        )
    folder = view.folder / "lost+found"
    number = 0
    while (aside := folder / f"{tail.path.stem}-{tail.start}-{number}").exists():
        number += 1
    durable.set_aside(tail.path, tail.start, aside)


def _holds_more(chain: bytes, tail: Tail) -> bool:
    """Whether an entry of this chain that verifies stands in these bytes.

    One that a later version may verify counts too. Only bytes after the last verifying record
    may be set aside: one that follows damage may have been acknowledged.
    """
    for found in scan(chunks_of(tail.path, tail.start), chain, tail.start):
        for record in found:
            if not isinstance(record, Record):
                continue
            try:
                entry = record.parsed
            except VersionError:
                return True
            except EntryError:
                continue
            if entry.chain == chain and (
                is_reserved(entry.header.author) or _holds(entry, record.body)
            ):
                return True
    return False


def _rewrite(view: ChainFolder, known: int, head: Head, tail: Tail | None) -> None:
    if head.size <= known:
        return
    place = view.segment_of(known)
    start = view.index.row(known)[0]
    for _, path in view.segments[place:]:
        stop = tail.start if tail is not None and tail.path == path else path.stat().st_size
        durable.rewrite(path, start, stop)
        start = 0


def sync_names(view: ChainFolder, known: int) -> None:
    """Nobody was told of the last segment, or of the chain, while there is no mark within.

    Its name may not be durable yet.
    """
    if view.segments and known <= view.segments[-1][0]:
        durable.sync_folder(view.folder)
    if known == 0:
        durable.sync_folder(view.folder.parent)
        durable.sync_folder(view.folder.parent.parent)


def _verifying(view: ChainFolder, known: int) -> tuple[Head, Tail | None]:
    """The head after the last record that verifies (steps 3, 4 and 6), and what stands after it.

    Records in the index are taken.
    """
    size = view.head.size
    start = known
    if not view.index.stored:
        # What is below a mark was checked when it was written, but whether this is still it, only
        # the index says.
        start = max(0, (min(known, size) if known else size) - _UNINDEXED_CHECKED)
    last_id = view.index.row(start - 1)[1] if 0 < start <= size else NO_ID
    for index, record in enumerate(view.read(start, size), start):
        entry = record.parsed
        if not _holds(entry, record.body):
            place = view.segment_of(index)
            return Head(index, last_id), Tail(
                view.segments[place][1], record.start, None, last=place == len(view.segments) - 1
            )
        last_id = entry.id
    return view.head, view.tail


def _holds(entry: Entry, body: bytes) -> bool:
    if not signature_holds(entry.header.author, entry.signature, entry.signed):
        return False
    try:
        return not body or open_body(body, entry.header.body) is not None
    except BodyError:
        return False
