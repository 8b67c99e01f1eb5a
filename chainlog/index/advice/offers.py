"""What the index can offer to a person who records.

Parties, shipments on their way, what somebody holds, serials alike.

Quick questions, each bounded: none reads all of a big ledger.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from chainlog.custody.act import HANDOVERS, PAPERS, format_decimal
from chainlog.custody.lot import fold_lot
from chainlog.events.kinds import ChainOpen, KeyGrant, SiteAdmit, kinds_that
from chainlog.events.lookalikes import looks, one_keystroke
from chainlog.events.roster import Roster
from chainlog.events.things import is_item, parse_item, serial_of
from chainlog.index.advice.spellings import mistypings, spellings
from chainlog.index.governing import governing
from chainlog.index.schema import in_sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from sqlite3 import Connection

    from chainlog.custody.act import Act
    from chainlog.events.event import Event
    from chainlog.index.holding import Holding
    from chainlog.index.index import Items

# Fields of an event that name a party.
PARTY_FIELDS: Final = ("from", "to", "holder", "owner", "on_behalf_of")
# So many of this chain's last entries say with whom it deals.
_LATEST: Final = 300
# So many shipments on their way are looked at.
_SENDINGS: Final = 200
# SQLite takes so many parameters at once in every version.
_PARAMETERS: Final = 900


@dataclass(frozen=True, slots=True)
class Bodies:
    """Whom a chain's roster names or named, and which chains it admits."""

    parties: frozenset[str]
    admits: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Sending:
    """A dispatch on its way: what it said, and the lines of it that have not arrived.

    The lines are as a receipt would list them.
    """

    act: Act
    lines: tuple[dict[str, Any], ...]


class Offers:
    """Questions to the index of a ledger, as it is caught up now."""

    items: Items
    db: Connection

    def __init__(self, items: Items) -> None:
        self.items, self.db = items, items.db

    # Parties

    @cached_property
    def bodies(self) -> dict[bytes, Bodies]:
        """What the roster of each chain held says, by the chain's id."""
        chains = self.db.execute("SELECT id FROM chain ORDER BY id").fetchall()
        return {chain: _bodies(self._governing(chain)) for (chain,) in chains}

    def _governing(self, chain: bytes) -> Iterator[tuple[str, Event]]:
        roster = Roster()
        for _, event in governing(self.db, chain, roster):
            yield roster.site, event

    def parties(self) -> list[str]:
        """The parties that are known.

        First come those with whom this chain dealt of late, most often first. Then come all others
        by name.
        """
        rows = self.db.execute(
            "SELECT e.no FROM entry e JOIN chain c ON c.no = e.chain WHERE c.id = ? ORDER "
            "BY e.idx DESC LIMIT ?",
            (self.items.ledger.chain, _LATEST),
        ).fetchall()
        book = self.items.book()
        latest = [book.original(no)[0] for (no,) in rows]
        met = Counter(
            party
            for act in latest
            if "." not in act.kind
            for name in PARTY_FIELDS
            if (party := act.text(name))
        )
        others = {party for one in self.bodies.values() for party in one.parties}
        others |= {
            row[0]
            for row in self.db.execute("SELECT DISTINCT holder FROM subject WHERE holder <> ''")
        }
        others |= {
            row[0]
            for row in self.db.execute("SELECT DISTINCT holder FROM balance WHERE holder <> ''")
        }
        return [party for party, _ in met.most_common()] + sorted(others - set(met))

    def reach(self, party: str) -> int | None:
        """Up to when (ms) the chain of a party is held: the clock of its last entry.

        None where no chain held names it.
        """
        known = [
            chain.time
            for chain in self.items.chains()
            if chain.problem is None and party in self.bodies[chain.id].parties
        ]
        return max(known, default=None)

    def keeps(self, party: str) -> bool:
        """Whether the ledger places anything with a party, or did last."""
        given = (party,)
        found = self.db.execute("SELECT 1 FROM subject WHERE holder = ? LIMIT 1", given).fetchone()
        return (
            found
            or self.db.execute("SELECT 1 FROM balance WHERE holder = ? LIMIT 1", given).fetchone()
        ) is not None

    @cached_property
    def blind(self) -> int | None:
        """The clock (ms) of the latest acceptance of what is not held here.

        The acceptance is in this ledger's own chain. The clock is None where all is held here.
        """
        row = self.db.execute(_BLIND, (self.items.ledger.chain,)).fetchone()
        return None if row is None else int(row[0])

    # Things and papers

    def length(self, key: str, most: int) -> int:
        """How many entries speak of a thing, counted up to `most`."""
        row = self.db.execute(
            "SELECT count(*) FROM (SELECT 1 FROM mention m JOIN subject s ON s.no = "
            "m.subject WHERE s.key = ? LIMIT ?)",
            (key, most),
        ).fetchone()
        return int(row[0])

    def papers(self, document: str, sent: Act | None, most: int) -> list[Act] | None:
        """The papers under a document, and the receipts that cite the dispatch `sent`.

        The papers are advices, dispatches and receipts. It is None where there are more than
        `most`. Without a document nothing is under it.
        """
        rows = self.db.execute(
            "SELECT no FROM entry WHERE document = ? AND document <> '' AND kind IN "
            f"{in_sql(PAPERS)}"
            " UNION SELECT entry FROM cite WHERE target = ? AND name = 'dispatch' LIMIT ?",
            (document, sent.id if sent is not None else b"", most + 1),
        ).fetchall()
        book = self.items.book()
        acts = [
            act
            for (no,) in rows
            if (act := book.act(no)) is not None and act.standing != "taken back"
        ]
        kept = [act for act in acts if act.kind in PAPERS]
        return kept if len(rows) <= most else None

    def holdings(self, party: str, words: str = "") -> Iterator[Holding]:
        """What a party has on hand, whose name, type or NSN has all of some words in it."""
        wanted = words.casefold().split()
        for one in self.items.views.holdings(party):
            told = f"{one.key} {one.type} {one.nsn}".casefold()
            if (
                one.status == "on hand"
                and one.quantity > 0
                and all(word in told for word in wanted)
            ):
                yield one

    def sendings(self, parties: Iterable[str]) -> list[Sending]:
        """The dispatches bound for some parties that have not wholly arrived, the oldest first."""
        takers = frozenset(parties)
        book, items = self.items.book(), self.items
        found: dict[bytes, tuple[Act, list[dict[str, Any]]]] = {}
        rows = self.db.execute(
            "SELECT DISTINCT since FROM subject WHERE holder IS NOT NULL AND status = 'in "
            "transit' LIMIT ?",
            (_SENDINGS * 50,),
        ).fetchall()
        for (sent,) in rows:
            no = book.number_of(sent)
            act = None if no is None else book.act(no)
            if act is not None and act.taker in takers and len(found) < _SENDINGS:
                # What is packed in a box that was sent is on its way too, and is on no paper.
                named = {key for key, touch in book.things(act) if touch.part == "lines"}
                left = [
                    one
                    for one in items.views.resting_on([act.id])
                    if one.status == "in transit" and one.key in named
                ]
                found[act.id] = act, [_item_line(one) for one in left]
        accounts = [f"in transit\n{party}" for party in sorted(takers)]
        marks = ", ".join("?" * len(accounts))
        lots = self.db.execute(
            "SELECT DISTINCT s.key FROM balance b JOIN subject s ON s.no = b.subject "
            f"WHERE b.account IN ({marks}) LIMIT {_SENDINGS}",
            accounts,
        ).fetchall()
        for (key,) in lots:
            for balance in fold_lot(key, book.history(key)).balances.values():
                for act, due in balance.transit.values():
                    if act.taker in takers and due > 0:
                        line = lot_line(key, format_decimal(due), balance.unit)
                        found.setdefault(act.id, (act, []))[1].append(line)
        told = [Sending(act, tuple(lines)) for act, lines in found.values() if lines]
        return sorted(told, key=lambda one: one.act.key)

    def near(
        self, key: str, *, slips: bool = True, any_known: bool = False
    ) -> tuple[str, bool] | None:
        """A known item of the same maker and part that looks like this one.

        With `slips`, a registered one that is one keystroke away.

        With `any_known` it need not be registered: where a thing should be known, one serial after
        the other is no excuse. Gives its key, and whether it merely looks alike. What is near is
        spelled out and looked up by serial, so that it takes no longer in a big ledger.
        """
        serial, kind = serial_of(key), _kind_of(key)
        spelled = {*spellings(serial), *(mistypings(serial) if slips else ())} - {serial}
        found: list[tuple[str, int]] = []
        for some in _groups(sorted(spelled)):
            marks = ", ".join("?" * len(some))
            rows = self.db.execute(
                f"SELECT no, key FROM subject WHERE serial IN ({marks})", some
            ).fetchall()
            found += [(other, no) for no, other in rows if _kind_of(other) == kind and other != key]
        alike = sorted(other for other, _ in found if looks(serial_of(other)) == looks(serial))
        slipped = sorted(
            other
            for other, no in found
            if slips
            and one_keystroke(serial_of(other), serial)
            and (any_known or self._is_registered(no))
        )
        return (alike[0], True) if alike else (slipped[0], False) if slipped else None

    def _is_registered(self, subject: int) -> bool:
        row = self.db.execute(
            "SELECT 1 FROM mention m JOIN entry e ON e.no = m.entry WHERE m.subject = ? "
            f"AND e.kind IN {in_sql(kinds_that('registers'))} LIMIT 1",
            (subject,),
        ).fetchone()
        return row is not None


_BLIND: Final = f"""
SELECT e.time FROM entry e JOIN chain c ON c.no = e.chain
WHERE c.id = ? AND e.kind IN {in_sql(kinds_that("accepts"))} AND CASE
  WHEN EXISTS (SELECT 1 FROM cite x WHERE x.entry = e.no AND x.name = 'entry')
  THEN NOT EXISTS (SELECT 1 FROM cite x JOIN entry t ON t.id = x.target
    WHERE x.entry = e.no AND x.name = 'entry')
  ELSE NOT EXISTS (SELECT 1 FROM entry t
    WHERE t.document = e.document AND t.kind IN {in_sql(HANDOVERS)})
END ORDER BY e.idx DESC LIMIT 1
"""


def lot_line(key: str, quantity: str, unit: str) -> dict[str, Any]:
    """The line of so much of a lot, or of money."""
    if key.startswith("money:"):
        return {"amount": quantity, "currency": unit}
    nsn, number = (unquote(part) for part in key.removeprefix("lot:").split("/"))
    return {"lot": {"nsn": nsn, "number": number}, "quantity": quantity, "unit": unit}


def holding_line(one: Holding, quantity: str = "") -> dict[str, Any]:
    """The line that names a holding, or so much of it."""
    return (
        _item_line(one)
        if is_item(one.key)
        else lot_line(one.key, quantity or format_decimal(one.quantity), one.unit)
    )


def _item_line(one: Holding) -> dict[str, Any]:
    # Its condition and value are for whoever looks at it to say.
    return {
        "item": parse_item(one.key),
        **{name: told for name, told in (("nsn", one.nsn), ("type", one.type)) if told},
    }


def _bodies(governing: Iterable[tuple[str, Event]]) -> Bodies:
    parties, admits = set(), []
    for site, event in governing:
        detail = event.detail
        holders = (
            list(detail.holders)
            if isinstance(detail, ChainOpen)
            else [detail.holder]
            if isinstance(detail, KeyGrant)
            else []
        )
        parties |= {site} | {holder.party for holder in holders if isinstance(holder.party, str)}
        if isinstance(detail, SiteAdmit):
            admits.append(detail.chain)
    return Bodies(frozenset(parties), tuple(admits))


def _kind_of(key: str) -> str:
    """The maker and part of an item, as in its key."""
    return "uii:" if key.startswith("uii:") else key.rpartition("/")[0]


def _groups(spelled: list[str]) -> Iterator[list[str]]:
    left = iter(spelled)
    while some := list(islice(left, _PARAMETERS)):
        yield some
