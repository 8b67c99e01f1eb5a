"""What an audit is a function of, gathered from the index.

Chains, rosters, citations of what is not held, files.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, Literal

from chainlog.audit.family import (
    AuditSource,
    ChainFacts,
    GrantFacts,
    HiddenEntry,
    RevocationFacts,
    UnreadEntry,
)
from chainlog.custody.act import end_of
from chainlog.errors import ReadOnlyError, RosterError, Sentence, StoreError, UncertainError
from chainlog.events.kinds import ChainOpen, KeyGrant, KeyRecover, KeyRevoke, SiteAdmit, names_in
from chainlog.events.programme import Programme
from chainlog.index.corrections import Rulings
from chainlog.index.entries import Entries
from chainlog.index.schema import ABSENT, UNKNOWN
from chainlog.index.witnessed import Witnessed
from chainlog.ledger.checkpoints import review

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chainlog.custody.act import Act
    from chainlog.events.event import Event
    from chainlog.format.entry import Entry
    from chainlog.index.index import IndexedChain as Held
    from chainlog.index.index import Items
    from chainlog.store.shelf import Conflict


_EVER = 2**63 - 1


def gather(
    items: Items,
    as_of: int | None,
    now: int,
    attachment: Callable[[bytes], Literal["held", "absent", "mismatch", "unreadable"]],
) -> AuditSource:
    """The source of an audit: as of an instant (ms), or of all that is held.

    In the latter case durations run to `now`.
    """
    book = items.book(as_of)
    forks = items.ledger.conflicts()
    chains = tuple(
        chain
        for row in items.chains()
        if (chain := _chain(items, row, as_of, now, forks)) is not None
    )
    return AuditSource(
        book,
        now if as_of is None else as_of,
        chains,
        attachment,
        list(_missing(items, as_of)),
        _Reused(items, as_of),
        list(_early(items, as_of)),
    )


def _chain(
    items: Items, row: Held, as_of: int | None, now: int, forks: list[Conflict]
) -> ChainFacts | None:
    """One chain as of an instant; None where it did not exist yet."""
    db = items.db
    number = db.execute("SELECT no FROM chain WHERE id = ?", (row.id,)).fetchone()[0]
    until = _EVER if as_of is None else as_of
    last = db.execute(
        "SELECT id, idx, time FROM entry WHERE chain = ? AND time <= ? ORDER BY idx DESC LIMIT 1",
        (number, until),
    ).fetchone()
    if last is None and row.problem is None:
        return None
    # A clock that is ahead keeps no chain from falling silent.
    heard = db.execute(
        "SELECT max(time) FROM entry WHERE chain = ? AND time <= ?", (number, min(until, now))
    ).fetchone()[0]
    whole = items.governing(row.id)
    told = [one for one in whole if as_of is None or one[0].header.time <= as_of]
    ahead, differs = _compared(items, row)
    return ChainFacts(
        row.id,
        row.origin,
        row.site or row.origin or row.id.hex()[:16],
        row.programme,
        last[1] + 1 if last else row.size,
        last[2] if last else 0,
        last[0] if last else row.id,
        closed=any(entry.header.kind == "chain.close" for entry, _ in told),
        problem=row.problem,
        seen=max(_seen(items, row.id), max(ahead, default=0)) if as_of is None else 0,
        differs=tuple(sorted(differs)),
        unwitnessed=tuple(_unwitnessed(items, number, row.id, as_of)),
        grants=tuple(grant for entry, event in told for grant in _grants(entry, event, row.site)),
        revocations=tuple(_revocations(told)),
        admits=tuple(
            (event.detail.chain, event.detail.origin, entry.id, entry.header.index)
            for entry, event in told
            if isinstance(event.detail, SiteAdmit)
        ),
        refuses=tuple(_refused(told)),
        forks=tuple((one.index, one.ours, one.theirs) for one in forks if one.chain == row.id),
        back=tuple(_back(items, number, as_of)),
        unread=tuple(_unread(items, number, as_of, _erased(whole))),
        hidden=tuple(_hidden(items, number, as_of, _erased(whole))),
        heard=heard,
    )


def _seen(items: Items, chain: bytes) -> int:
    """The size that a chain was known to have.

    A mark that cannot be read is said, and keeps nobody from the other findings.
    """
    try:
        seen = items.ledger.seen(chain)
    except ReadOnlyError as error:
        items.notices.append(
            Sentence(
                "{why}: whether the chain is shorter than it was cannot be told", why=error.message
            )
        )
        return 0
    return seen.size if seen is not None else 0


def _compared(items: Items, row: Held) -> tuple[set[int], set[int]]:
    """Sizes of checkpoints that the chain held is too short for, and of those it does not fit."""
    try:
        found = review(items.ledger, row.id) if row.size else []
    except (StoreError, UncertainError, RosterError) as error:
        items.notices.append(
            Sentence(
                "the checkpoints of {origin} cannot be compared with it: {why}",
                origin=row.origin or row.id.hex()[:16],
                why=error.message,
            )
        )
        return set(), set()
    return (
        {one.checkpoint.size for one in found if one.state == "ahead"},
        {one.checkpoint.size for one in found if one.state == "forked"},
    )


def _unwitnessed(
    items: Items, number: int, chain: bytes, as_of: int | None
) -> Iterator[tuple[bytes, int, int, str, str]]:
    """Entries whose clock does not fit the times at which checkpoints were cosigned.

    It stands after a checkpoint that covers them was cosigned, or before one that they follow was.
    """
    try:
        witnessed = Witnessed(items, chain)
    except (StoreError, UncertainError, RosterError):
        return  # which was said
    db, until = items.db, _EVER if as_of is None else as_of
    start = 0
    for size, one in witnessed.not_after():
        yield from (
            (entry, index, time - one.time * 1000, name, one.witness.name)
            for entry, index, time, name in db.execute(
                _CLOCKS + " AND e.time > ?", (number, start, size, until, one.time * 1000 + 999)
            )
        )
        start = size
    for first, stop, one in witnessed.not_before():
        yield from (
            (entry, index, time - one.time * 1000, name, one.witness.name)
            for entry, index, time, name in db.execute(
                _CLOCKS + " AND e.time < ?", (number, first, stop, until, one.time * 1000)
            )
        )


_CLOCKS: Final = (
    "SELECT e.id, e.idx, e.time, g.name FROM entry e JOIN signer g ON g.no = e.signer"
    " WHERE e.chain = ? AND e.idx >= ? AND e.idx < ? AND e.time <= ?"
)


def _refused(told: list[tuple[Entry, Event]]) -> Iterator[tuple[bytes, int]]:
    """The chains that an authority suspended, and did not admit again: from which index on."""
    programme = Programme()
    for entry, event in told:
        programme.take(entry.header.index, event.detail)
    for chain, standing in programme.sites.items():
        if standing.accepted is not None:
            yield chain, standing.accepted


def _grants(entry: Entry, event: Event, site: str) -> Iterator[GrantFacts]:
    detail, since = event.detail, entry.header.index + 1
    if isinstance(detail, ChainOpen):
        for one, holder in zip(detail.keys, detail.holders, strict=True):
            party = holder.party if isinstance(holder.party, str) else detail.site
            yield GrantFacts(one.key, holder.name, party, tuple(one.roles), 0, None, entry.id)
    elif isinstance(detail, KeyGrant):
        party = detail.holder.party if isinstance(detail.holder.party, str) else site
        until = end_of(detail.until) if isinstance(detail.until, str) else None
        yield GrantFacts(
            detail.key, detail.holder.name, party, tuple(detail.roles), since, until, entry.id
        )
    elif isinstance(detail, KeyRecover):
        yield GrantFacts(detail.key, "", site, ("owner",), since, None, entry.id)


def _revocations(told: list[tuple[Entry, Event]]) -> Iterator[RevocationFacts]:
    for entry, event in told:
        detail = event.detail
        if isinstance(detail, KeyRevoke):
            doubt = detail.since if isinstance(detail.since, int) else None
            yield RevocationFacts(detail.key, entry.header.index, entry.id, detail.reason, doubt)


def _back(items: Items, number: int, as_of: int | None) -> Iterator[tuple[bytes, int, int, str]]:
    rows = items.db.execute(
        "SELECT e.id, e.idx, b.time - e.time, g.name, e.time FROM entry e JOIN entry b ON "
        "b.chain = e.chain AND b.idx = e.idx - 1"
        " JOIN signer g ON g.no = e.signer WHERE e.chain = ? AND e.time < b.time ORDER BY e.idx",
        (number,),
    )
    yield from (
        (entry, index, back, name)
        for entry, index, back, name, time in rows
        if as_of is None or time <= as_of
    )


def _unread(
    items: Items, number: int, as_of: int | None, erased: set[bytes]
) -> Iterator[UnreadEntry]:
    rows = items.db.execute(
        "SELECT e.id, e.idx, e.time, e.kind, e.flags, g.name, g.party FROM entry e JOIN "
        "signer g ON g.no = e.signer"
        f" WHERE e.chain = ? AND e.flags & {ABSENT | UNKNOWN} ORDER BY e.idx",
        (number,),
    )
    for entry, index, time, kind, flags, name, party in rows:
        if (as_of is None or time <= as_of) and entry not in erased:
            yield UnreadEntry(
                entry, index, time, kind, "absent" if flags & ABSENT else "unknown", name, party
            )


def _hidden(
    items: Items, number: int, as_of: int | None, erased: set[bytes]
) -> Iterator[HiddenEntry]:
    # Of a body that is not held, no field has a name.
    rows = items.db.execute(
        "SELECT e.id, e.idx, e.time, e.kind, g.party, w.name, w.count FROM entry e JOIN signer g "
        "ON g.no = e.signer LEFT JOIN withheld w ON w.entry = e.no WHERE e.chain = ? "
        f"AND e.time <= ? AND (w.name IS NOT NULL OR e.flags & {ABSENT}) ORDER BY e.idx, w.name",
        (number, _EVER if as_of is None else as_of),
    )
    for (entry, *row), some in groupby(rows, key=lambda row: row[:5]):
        index, time, kind, party = row
        fields = tuple((name, count) for *_, name, count in some if name is not None)
        gone = entry in erased
        if gone:
            fields = fields or tuple((name, 1) for name in names_in(kind))
        if fields:
            yield HiddenEntry(entry, index, time, kind, fields, party, gone)


def _erased(whole: tuple[tuple[Entry, Event], ...]) -> set[bytes]:
    """Entries whose bodies were erased by law: that they are not held is no gap."""
    erased: set[bytes] = set()
    for _, event in whole:
        if event.kind == "chain.erase":
            erased.update(event.fields["entries"])
    return erased


def _missing(items: Items, as_of: int | None) -> Iterator[tuple[bytes, bytes, int, bytes]]:
    rows = items.db.execute(
        "SELECT c.target, n.id, e.idx, e.id, e.time FROM cite c JOIN entry e ON e.no = "
        "c.entry JOIN chain n ON n.no = e.chain"
        " WHERE NOT EXISTS (SELECT 1 FROM entry t WHERE t.id = c.target)"
    )
    yield from (
        (target, chain, index, entry)
        for target, chain, index, entry, time in rows
        if as_of is None or time <= as_of
    )


def _early(items: Items, as_of: int | None) -> Iterator[tuple[Act, Act, int]]:
    """Entries cited by one whose clock stands earlier."""
    book = items.book(as_of)
    rows = items.db.execute(
        "SELECT t.no, e.no, t.time - e.time FROM cite c JOIN entry e ON e.no = c.entry "
        "JOIN entry t ON t.id = c.target"
        " WHERE t.time > e.time AND t.chain <> e.chain"
    ).fetchall()
    for cited, citing, ahead in rows:
        one, other = book.act(cited), book.act(citing)
        if one is not None and other is not None:
            yield one, other, ahead


class _Reused:
    """Files that several entries name, with these entries; read when asked, one file at a time.

    What a correction names is named by the entry that it corrects in the end.
    """

    def __init__(self, items: Items, as_of: int | None) -> None:
        self.items, self.as_of = items, as_of

    def __iter__(self) -> Iterator[tuple[bytes, list[Act]]]:
        book = self.items.book(self.as_of)
        rulings = Rulings(Entries(self.items.db), self.as_of)
        digests: list[Any] = self.items.db.execute(
            "SELECT digest FROM attachment GROUP BY digest HAVING count(*) > 1 ORDER BY digest"
        ).fetchall()
        for (digest,) in digests:
            numbers = self.items.db.execute(
                "SELECT entry FROM attachment WHERE digest = ?", (digest,)
            ).fetchall()
            roots = {no for (one,) in numbers if (no := rulings.root(one)) is not None}
            acts = [act for no in roots if (act := book.act(no)) is not None]
            yield digest, sorted(acts, key=lambda act: (act.chain, act.index))
