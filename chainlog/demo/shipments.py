"""The legs of the story: what is entered, advised, sent, received, handed over and signed for.

They are told paper by paper.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from chainlog.demo.seeds import SeedItem, Share, Thing
from chainlog.demo.stock import about

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chainlog.demo.rows import Leg
    from chainlog.demo.teller import Tale, Teller

LINES_AN_EVENT = 50  # how many things one paper lists
_BETWEEN_PAPERS = timedelta(minutes=6)


@dataclass(slots=True)
class Paper:
    """One paper of a leg.

    `end`: of its steps' labels; `later`: than the leg; `odd`: it does not arrive as it was written.
    """

    leg: Leg
    end: str
    later: timedelta
    things: list[Thing]
    odd: bool = False
    missing: list[Thing] = field(default_factory=list)
    instead: list[Thing] = field(default_factory=list)

    @property
    def seen(self) -> list[Thing]:
        """What arrives."""
        seen = [
            thing for thing in self.things if isinstance(thing, Share) or thing not in self.missing
        ]
        for thing in self.missing + self.instead:
            if isinstance(thing, SeedItem):
                seen += [thing] if thing in self.instead else []
            else:
                change = -thing.quantity if thing in self.missing else thing.quantity
                seen = [
                    Share(one.lot, one.quantity + change)
                    if isinstance(one, Share) and one.lot is thing.lot
                    else one
                    for one in seen
                ]
        return seen


def leg(teller: Teller, row: Leg) -> Tale:
    """What is to go, on as many papers as it takes."""
    yield row.consented or row.advised or row.at
    if row.how == "untold":
        yield row.at
        _vanish(teller, row)
        return
    papers = _papers(_cargo(teller, row))
    odd = _odd(row, papers)
    for number, things in enumerate(papers):
        teller.held.tie(things)
        short = bool(row.short) and number == odd
        paper = Paper(
            row,
            f"{row.id}/{'short' if short else number + 1}",
            number * _BETWEEN_PAPERS,
            things,
            number == odd,
        )
        if paper.odd:
            paper.missing = _missing(row, things)
        if row.how == "register":
            teller.start(_entering(teller, paper))
        else:
            teller.start(_going(teller, paper))


def _cargo(teller: Teller, row: Leg) -> list[Thing]:
    """What a leg carries.

    Of a shipment, it is whatever is bound for the receiver or for one supplied through it.
    """
    seeds, held = teller.seeds, teller.held
    if not any(other.how == "register" and other.what == row.what for other in seeds.legs):
        return held.things(row, row.sender, row.what, row.count)
    lots = [lot for lot in seeds.lots if lot.shipment == row.what]
    if row.how == "register":
        return [
            *(item for item in seeds.items if item.shipment == row.what),
            *(Share(lot, Decimal(lot.quantity)) for lot in lots),
        ]
    shares = (Share(lot, left) for lot in lots if (left := held.stock[row.sender, lot.id]))
    found: list[Thing] = [*held.items(row, row.sender, row.what, row.count), *shares]
    return [thing for thing in found if row.to in _way(teller, about(thing).unit)]


def _way(teller: Teller, party: str) -> Iterator[str]:
    """A party, and those through which it is supplied."""
    while party:
        yield party
        party = teller.parties[party].supplied_by


def _odd(row: Leg, papers: list[list[Thing]]) -> int | None:
    """The paper that does not arrive as it was written.

    The last that lists items, or the last of all for lots alone.
    """
    if not (row.short or row.over or row.swapped):
        return None
    whole = [number for number, things in enumerate(papers) if isinstance(things[0], SeedItem)]
    if row.over and whole:
        raise row.fault("over", "more can come of a lot only")
    if not whole and row.swapped:
        raise row.fault("swapped", "a lot has no others of its kind")
    return whole[-1] if whole else len(papers) - 1


def _missing(row: Leg, things: list[Thing]) -> list[Thing]:
    """What of a paper will not arrive: its last items, or some of its last lot."""
    last = things[-1]
    if isinstance(last, SeedItem):
        name, asked = ("short", row.short) if row.short else ("swapped", str(row.swapped))
        if not asked.isdecimal() or not 0 < int(asked) < len(things):
            raise row.fault(name, f"the last paper must list more items than are {name}")
        return things[-int(asked) :]
    if not row.short:
        return []
    if not Decimal(0) < Decimal(row.short) < last.quantity:
        raise row.fault("short", "the last paper must list more of its lot than falls short")
    return [Share(last.lot, Decimal(row.short))]


def _entering(teller: Teller, paper: Paper) -> Tale:
    """Into the programme."""
    row, first, at = paper.leg, about(paper.things[0]), paper.leg.at + paper.later
    yield at
    teller.held.untie(paper.things)
    teller.held.put(paper.things, row.to)
    fields = {
        "lines": teller.held.lines(paper.things, first=True),
        "owner": teller.parties[first.owner].name,
        "holder": teller.parties[row.to].name,
        "monitoring": first.monitoring,
        "entry_mode": row.entry_mode,
        "note": row.note,
    }
    teller.say(row, row.to, at, f"register/{paper.end}", fields)


def _going(teller: Teller, paper: Paper) -> Tale:
    """From the first word of it until it has left."""
    row, later, held, parties = paper.leg, paper.later, teller.held, teller.parties
    fields = {
        "lines": held.lines(paper.things, said=row.condition),
        "from": parties[row.sender].name,
        "to": parties[row.to].name,
    }
    if row.consented and row.until:
        yield row.consented + later
        authority = teller.owner(next(site.id for site in teller.seeds.sites if site.authority))
        consent = fields | {"until": f"{row.until:%Y-%m-%d}", "entry_mode": "manual"}
        label, at = f"consent/{paper.end}", row.consented + later
        teller.say(row, authority.party, at, label, consent, who=authority)
    fields["document"] = teller.document(row, (row.advised or row.at) + later)
    if row.advised:
        yield row.advised + later
        giver = teller.signer(row, row.sender, row.advised, named=row.giver)
        advice, at = fields | {"entry_mode": "import"}, row.advised + later
        teller.say(row, row.sender, at, f"advise/{paper.end}", advice, who=giver)
    yield row.at + later
    held.untie(paper.things)
    held.take(row, paper.things, row.sender)
    _load(teller, paper)
    if row.how != "receive":
        giver = teller.signer(row, row.sender, row.at, named=row.giver)
        sent = fields | {
            "entry_mode": row.entry_mode,
            "note": row.note if row.how == "transfer" else "",
        }
        teller.say(row, row.sender, row.at + later, f"{row.how}/{paper.end}", sent, who=giver)
    yield from _coming(teller, paper, fields)


def _load(teller: Teller, paper: Paper) -> None:
    """Put on the lorry what nobody wrote down."""
    row, held, last = paper.leg, teller.held, paper.things[-1]
    if paper.odd and row.over and isinstance(last, Share):
        paper.instead = [Share(last.lot, held.amount(row, row.sender, last.lot.id, row.over))]
    if paper.odd and row.swapped:
        paper.instead = [*held.others(row, paper.things, row.sender, row.swapped)]
    held.take(row, paper.instead, row.sender)
    if paper.missing:
        held.named[row.id] = paper.missing


def _coming(teller: Teller, paper: Paper, fields: dict[str, Any]) -> Tale:
    """What the other party does: counts what was sent, and signs for what it was sent or handed."""
    row, later, held, seen = paper.leg, paper.later, teller.held, paper.seen
    as_sent = not paper.missing and not paper.instead
    arrived = {"dispatch": row.arrived, "receive": row.at}.get(row.how)
    if row.how == "transfer":
        held.put(seen, row.to)
    elif arrived:
        yield arrived + later
        held.put(seen, row.to)
        note = row.note if not as_sent or not (row.short or row.over or row.swapped) else ""
        counted = fields | {
            "lines": held.lines(seen, said=row.condition),
            "entry_mode": row.receive_mode or row.entry_mode,
            "note": note,
        }
        who = teller.signer(row, row.to, arrived + later, beside=row.sender, named=row.taker)
        teller.say(row, row.to, arrived + later, f"receive/{paper.end}", counted, who=who)
    if row.accepted:
        yield row.accepted + later
        who = teller.signer(row, row.to, row.accepted + later, beside=row.sender, named=row.taker)
        mode = "paper" if "recorder" in who.roles else "manual"
        own = [] if as_sent else held.lines(seen, said=row.condition)
        answer = {
            "document": fields["document"],
            "agreed": as_sent,
            "lines": own,
            "entry_mode": mode,
        }
        teller.say(row, row.to, row.accepted + later, f"accept/{paper.end}", answer, who=who)


def _vanish(teller: Teller, row: Leg) -> None:
    """From one to another, or to nobody knows where, and nobody wrote it down."""
    things = teller.held.things(row, row.sender, row.what, row.count)
    teller.held.take(row, things, row.sender)
    if row.to:
        teller.held.put(things, row.to)
    teller.held.named[row.id] = things


def _papers(things: Iterable[Thing]) -> list[list[Thing]]:
    """The papers that list these things.

    One type and one owner a paper, as many lines as it holds.
    """
    papers: list[list[Thing]] = []
    for _, group in itertools.groupby(things, key=_heading):
        alike = list(group)
        papers += [
            alike[start : start + LINES_AN_EVENT] for start in range(0, len(alike), LINES_AN_EVENT)
        ]
    return papers


def _heading(thing: Thing) -> tuple[str, str, str]:
    row = about(thing)
    return row.owner, row.monitoring, thing.design.id if isinstance(thing, SeedItem) else ""
