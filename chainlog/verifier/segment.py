"""The bytes of one chain, segment by segment: read into a check, or for the roots alone."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from itertools import chain as chained
from typing import TYPE_CHECKING

from chainlog.errors import Keyed, StoreError
from chainlog.format.entry import entry_id
from chainlog.format.merkle import Frontier
from chainlog.format.record import Damage, Record, scan
from chainlog.verifier.place import where_of
from chainlog.verifier.report import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from chainlog.verifier.chain import ChainCheck

    Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Segment:
    """The bytes of one segment. `first`: the index in its name. `last`: of its chain.

    `writing`: whether a writer holds the lock.
    """

    name: str
    chunks: Iterable[bytes]
    first: int | None = None
    last: bool = True
    writing: Callable[[], bool] = lambda: False


def read(segment: Segment, check: ChainCheck, progress: Progress | None) -> None:
    """Check what one segment holds."""
    try:
        _read(segment, check, progress)
    except StoreError as error:
        # It ends this chain, and says nothing of any other.
        message = Keyed("fault.unreadable", name=segment.name, why=error.message)
        check.missing(check.index, 1, "unreadable", message)
        check.lose_track()


def _read(segment: Segment, check: ChainCheck, progress: Progress | None) -> None:
    name, opening, links = segment.name, True, check.level is Level.LINKS
    for found in scan(segment.chunks, check.chain):
        for one in found:
            if type(one) is Record:
                entry = check.place(one, name)
                if (
                    opening
                    and entry is not None
                    and segment.first is not None
                    and entry.header.index != segment.first
                ):
                    message = Keyed(
                        "fault.segment-name",
                        where=where_of(one, name),
                        first=segment.first,
                        index=entry.header.index,
                    )
                    check.fault(entry.header.index, 1, "segment-name", message)
                passed = check.records is not None and check.records.take(one.entry, one.body)
                if entry is not None and not links:
                    (check.pass_over if passed else check.judge)(
                        entry, one.body, where_of(one, name)
                    )
                opening = False
            else:
                _damage(one, segment, check)  # type: ignore[arg-type]
        check.hash()
        if progress is not None:
            progress(len(found))
    if (
        opening
        and segment.first is not None
        and not (segment.last and check.index in {segment.first, None})
    ):
        message = Keyed("fault.segment-name.empty", name=name)
        check.fault(check.index, 1, "segment-name", message)


def _damage(damage: Damage, segment: Segment, check: ChainCheck) -> None:
    where = Keyed("place.bytes", name=segment.name, start=damage.start, end=damage.end)
    if segment.last and damage.torn is not None:
        if not segment.writing():
            check.missing(check.index, 1, "torn-tail", Keyed("fault.torn-tail", where=where))
        return
    check.fault(check.index, 1, "damaged", Keyed("fault.damaged", where=where))
    check.lose_track()


def roots_at(
    segments: Iterable[Segment], chain: bytes | None, sizes: Sequence[int]
) -> dict[int, bytes]:
    """The roots over the first entries of a chain, by size; of sizes that it does not reach, none.

    Looks at nothing but the ids.
    """
    frontier, roots = Frontier(), dict[int, bytes]()
    owed = sorted(sizes, reverse=True)
    with suppress(StoreError):  # which was said when it was read first
        for found in chained.from_iterable(scan(one.chunks, chain) for one in segments):
            leaves = [entry_id(one.entry) for one in found if isinstance(one, Record)]
            while owed and owed[-1] <= frontier.size + len(leaves):
                more = owed.pop() - frontier.size
                frontier.extend(leaves[:more])
                roots[frontier.size] = frontier.root()
                leaves = leaves[more:]
            if not owed:
                return roots
            frontier.extend(leaves)
    return roots
