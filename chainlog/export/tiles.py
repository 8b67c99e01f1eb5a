"""A chain published as plain files (C2SP tlog-tiles).

Any web server can serve them, and any client of the format can check them.

    DIR/checkpoint                 the newest checkpoint that was published; the only file that is
                                   ever replaced
        tile/<L>/<N>[.p/<W>]       256 hashes, or the first W of them: of subtrees of 256^L entries;
                                   level 0 has the ids
        tile/entries/<N>[.p/<W>]   the entries (header || signature, never bodies) below the hashes
                                   of tile/0/<N>, each after its length in two bytes, big-endian
        .lock                      one publisher at a time

    N   in decimal, three digits an element, all but the last with an `x`: 1234067 is x001/x234/067

What is published is never rewritten, so it costs what is new. It is written beside and renamed,
made durable, and only then comes the checkpoint that needs it: a publication that was interrupted
leaves the old checkpoint, and the next one completes it. A partial tile stays until the full one is
there. Nothing is written before what is new was verified, whole, and the ids lead from the root
that was published to the root that is signed, and no tile or bundle unless its entries have these
ids: the stored tree and the index are believed in nothing.

Below the size of the published checkpoint everything is taken to be there. Remove `checkpoint` to
have all compared, and completed.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from chainlog.errors import DamagedError, LockedError, NoteError, StoreError
from chainlog.export.public_folder import ELSEWHERE, PublicFolder
from chainlog.export.tile_growth import WIDTH, TileGrowth
from chainlog.format.checkpoint import parse_checkpoint
from chainlog.format.entry import ID_BYTES, entry_id
from chainlog.format.note import parse_note
from chainlog.ledger.checkpoints import lines_of
from chainlog.ledger.growth import Comparison, grown
from chainlog.store import durable
from chainlog.store.checkpoints import read_checkpoint
from chainlog.store.lock import held

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from chainlog.format.checkpoint import Checkpoint
    from chainlog.format.note import Note
    from chainlog.ledger.ledger import Ledger
    from chainlog.store.tree import Tree

CHECKPOINT: Final = "checkpoint"
_LOCK: Final = ".lock"
_LOCK_SECONDS: Final = 3.0
_VERIFY: Final = "run 'chainlog verify'"


@dataclass(frozen=True, slots=True)
class Published:
    """What was published.

    It says the checkpoint, how many entries were there before, and how many files were written.
    """

    checkpoint: Checkpoint
    before: int
    files: int


def format_tile_path(level: int | str, index: int, width: int = WIDTH) -> str:
    """Where a tile, or with `entries` for a level a bundle, stands below DIR."""
    digits = f"{index:0{(len(str(index)) + 2) // 3 * 3}d}"
    elements = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    partial = f".p/{width}" if width < WIDTH else ""
    above = "".join(f"x{element}/" for element in elements[:-1])
    return f"tile/{level}/{above}{elements[-1]}{partial}"


def format_bundle(entries: Iterable[bytes]) -> bytes:
    """The bytes of a bundle."""
    return b"".join([len(entry).to_bytes(2) + entry for entry in entries])


def published_checkpoint(folder: Path) -> Checkpoint | None:
    """The checkpoint that was published in a folder, None where none was.

    Raises StoreError where it is none of ours.
    """
    return (found := _published(folder)) and found[1]


def _published(folder: Path) -> tuple[Note, Checkpoint] | None:
    path = folder / CHECKPOINT
    try:
        if not path.exists():
            return None
        note = parse_note(read_checkpoint(path))
        return note, parse_checkpoint(note.text)
    except NoteError as error:
        raise StoreError(
            "{path} is not the checkpoint of a chain: {why}",
            path=path,
            why=error.message,
            hint="name another folder",
        ) from None
    except OSError as error:
        raise StoreError("{path} cannot be read: {why}", path=path, why=error.strerror) from None


def publish_chain(
    ledger: Ledger,
    chain: bytes,
    note: bytes,
    folder: Path,
    *,
    progress: Callable[[int], None] | None = None,
) -> Published:
    """Publish a chain that a ledger holds, as far as the checkpoint in `note` goes.

    Raises NoteError, StoreError.

    The checkpoint must be this chain's, signed by a key that was in force at its size as `log` or
    `owner` (FORMAT.md 6). Raises also RosterError and UncertainError where the chain does not say
    who that was, LockedError, and DamagedError as `publish` does.
    """
    signed = parse_note(note)
    checkpoint = parse_checkpoint(signed.text)
    if checkpoint.chain != chain:
        raise StoreError(
            "this is a checkpoint of {origin}, not of chain {chain}",
            origin=checkpoint.origin,
            chain=chain.hex(),
            hint="name its chain with --chain",
        )
    held = ledger.held(chain).size
    if not 0 < checkpoint.size <= held:
        hint = "take them from whoever has them ('chainlog sync PATH'), or verify what is here"
        raise StoreError(
            "the checkpoint is one of {size} entries, and {held} are held here",
            size=checkpoint.size,
            held=held,
            hint=hint,
        )
    if not lines_of(ledger, chain, [signed]).is_signed(signed):
        raise StoreError(
            "no key that was in force at this checkpoint signed it for its chain",
            hint="make one with 'chainlog checkpoint'",
        )

    def entries(start: int, stop: int) -> Iterator[bytes]:
        return (record.entry for record in ledger.engine.read(chain, start, stop))

    def verified(before: Checkpoint | None) -> None:
        # What nobody who might signed was laid there by somebody: nothing of it was verified.
        there = _published(folder)
        by_log = there is not None and lines_of(ledger, chain, [there[0]]).is_signed(there[0])
        grown(ledger, chain, before if by_log else None, checkpoint.size)

    with Comparison(ledger, chain) as compared:
        compared.fits(checkpoint)  # what does not hold here is said by its entry
    with closing(ledger.tree(chain)) as tree:
        return publish(tree, entries, note, folder, verified=verified, progress=progress)


def publish(
    tree: Tree,
    entries: Callable[[int, int], Iterable[bytes]],
    note: bytes,
    folder: Path,
    *,
    verified: Callable[[Checkpoint | None], None] = lambda _before: None,
    progress: Callable[[int], None] | None = None,
) -> Published:
    """Publish the entries of `tree` as far as the checkpoint in `note` goes.

    The note's signatures are the caller's to check.

    `entries(start, stop)` reads a range of them; `verified` verifies those after what was
    published, or raises; `progress` is told how many more are done. Raises NoteError for what is no
    checkpoint, ProofError for one of more than the tree has, LockedError, StoreError; DamagedError
    where entries or ids do not fit the root.
    """
    checkpoint = parse_checkpoint(parse_note(note).text)
    with StoreError.from_os(
        "{folder} cannot be published to: {why}",
        folder=folder,
        hint="publish again once it can: what was written stays",
    ):
        durable.make_folder(folder)
        # Of two publishers at once, the one with the smaller checkpoint might come last.
        busy = LockedError(
            "another program is publishing to {folder}", folder=folder, hint="wait until it is done"
        )
        with held(folder / _LOCK, _LOCK_SECONDS, busy, "publish to a local disk, and copy it"):
            before = _published_before(folder, checkpoint)
            grown = _grown_checked(tree, before, checkpoint)
            verified(before)
            place = PublicFolder(folder)
            _put_entries(place, grown, entries, progress)
            for (level, index), hashes in grown.tiles.items():
                place.put(format_tile_path(level, index, len(hashes) // ID_BYTES), hashes)
            place.settle()
            for where, index in grown.filled():
                place.drop_partials(format_tile_path(where, index))
            place.replace(CHECKPOINT, note)
    return Published(checkpoint, 0 if before is None else before.size, place.files)


def _published_before(folder: Path, checkpoint: Checkpoint) -> Checkpoint | None:
    before = published_checkpoint(folder)
    if before is not None and before.origin != checkpoint.origin:
        raise StoreError(
            "{folder} is where {origin} is published, not {origin2}",
            folder=folder,
            origin=before.origin,
            origin2=checkpoint.origin,
            hint="name another folder",
        )
    if before is not None and before.size > checkpoint.size:
        hint = "publish a newer checkpoint; what was published is never taken back"
        raise StoreError(
            "{folder} has {size} entries already, more than the {size2} of this checkpoint",
            folder=folder,
            size=before.size,
            size2=checkpoint.size,
            hint=hint,
        )
    return before


# Entries and ids, checked against the root


def _grown_checked(tree: Tree, before: Checkpoint | None, checkpoint: Checkpoint) -> TileGrowth:
    """What grows from the published checkpoint to this one.

    Raises StoreError unless the ids lead from one to the other.
    """
    start = 0 if before is None else before.size
    grown = TileGrowth(tree, start, checkpoint.size)
    if grown.root != checkpoint.root:
        # The tree is derived, and only from it comes what is older.
        tree.rebuild()
        grown = TileGrowth(tree, start, checkpoint.size)
    if grown.root != checkpoint.root:
        raise DamagedError(
            "the root of the first {size} entries is not that of the checkpoint",
            size=checkpoint.size,
            hint=_VERIFY,
        )
    if before is not None and grown.root_before != before.root:
        raise StoreError(
            "the first {start} entries are not those that were published here",
            start=start,
            hint=ELSEWHERE,
        )
    return grown


def _put_entries(
    place: PublicFolder,
    grown: TileGrowth,
    entries: Callable[[int, int], Iterable[bytes]],
    progress: Callable[[int], None] | None,
) -> None:
    """Put bundles and tiles of level 0, read as one range.

    Each by itself would be looked up by itself.
    """
    found: Iterator[bytes] | None = None
    for index, start, stop in grown.spans():
        if found is None:
            found = iter(entries(start, grown.size))
        group = list(islice(found, stop - start))
        ids = [entry_id(entry) for entry in group]
        if len(ids) != stop - start or not grown.has(index, ids):
            raise DamagedError(
                "entries {start} to {stop} are not those of the checkpoint",
                start=start,
                stop=stop,
                hint=_VERIFY,
            )
        place.put(format_tile_path("entries", index, stop - start), format_bundle(group))
        place.put(format_tile_path(0, index, stop - start), b"".join(ids))
        if progress is not None:
            progress(stop - start)
