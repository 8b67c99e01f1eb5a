"""An event as if it were recorded already.

Its act, the things that it touches, and what is known of the ledger's reach.

Nothing is written. The act has an id of zeros but for its number among the events recorded in one
go, stands at the end of the ledger's own chain, and is signed by a person of its roster.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from chainlog.custody.act import (
    MOVES,
    PARTS,
    Act,
    ActSigner,
    Touch,
    milliseconds,
    things_in,
    without_things,
)
from chainlog.events.event import is_governing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chainlog.events.event import Event
    from chainlog.events.roster import Roster
    from chainlog.index.advice.offers import Offers
    from chainlog.index.book import Book
    from chainlog.index.index import Items

_ID_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Something that would become a finding. `code`: the finding's, empty for a mere remark.

    `key`: the sentence `foreseen.…` of whoever speaks to a person; `values`: its placeholders;
    `things`: the keys of what it is about.
    """

    code: str
    key: str
    values: dict[str, Any] = field(default_factory=dict)
    things: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Supposed:
    """An event supposed to be recorded.

    `touches`: its things, in order; `earlier`: what events before it in the same go said of each.

    `mine`: the parties whose word stands in this ledger's own chain. `named`: whether the signer is
    known by key.
    """

    book: Book
    offers: Offers
    roster: Roster
    act: Act
    touches: list[tuple[str, Touch]]
    mine: frozenset[str]
    named: bool
    earlier: dict[str, list[Touch]] = field(default_factory=dict)

    @property
    def giver(self) -> str:
        """The party that hands on, uses, loses or counts things.

        Of other kinds, the one that speaks.
        """
        return self.act.giver or self.act.holder or self.act.party

    def history(self, key: str) -> list[Touch]:
        """What is held of a thing, and what is about to be."""
        return [*self.book.history(key), *self.earlier.get(key, ())]

    def touches_of(self, key: str, history: Sequence[Touch]) -> list[Touch]:
        """What the event says of a thing by name, and by moving a box it was ever packed in."""
        own = [touch for other, touch in self.touches if other == key]
        if self.act.kind not in MOVES:
            return own
        boxes = {
            touch.line["container"]
            for touch in history
            if touch.act.does.step == "packs" and "container" in touch.line
        }
        moved = [
            (box, touch) for box, touch in self.touches if box in boxes and touch.part == "lines"
        ]
        return own + [Touch(self.act, "around", touch.at, {"box": box}) for box, touch in moved]

    def hears(self, party: str, other: str) -> bool:
        """Whether what `party` says of a thing can be judged by what is held here.

        The ledger has the thing with, or on the way to, `other`.

        The line is drawn here. A party whose word stands in this chain is judged. Any other is
        judged only where the chain of the one that has the thing is held up to the moment of the
        event, for it may have passed the thing on in entries that merely have not arrived here.
        """
        if party in self.mine or other in self.mine:
            return True
        reach = self.offers.reach(other)
        return reach is not None and reach >= self.act.when

    def can_tell(self, party: str, other: str, since: int = 0) -> bool:
        """Whether it is known here, as of `since` (ms), that `party` does not have a thing.

        The ledger has the thing with, or on the way to, `other`.

        What came to a party of this chain, it said itself; but not where it later accepted what
        others handed it, and their entries are not held.
        """
        blind = self.offers.blind
        one_of_us = party in self.mine or other in self.mine
        return self.hears(party, other) and not (one_of_us and blind is not None and blind >= since)


def suppose(
    items: Items,
    offers: Offers,
    event: Event,
    key: bytes | None,
    now: int,
    before: Sequence[Event] = (),
) -> Supposed | None:
    """The event as if it followed the chain's last entry, and the events `before` it.

    None for one that governs the chain.

    `key`: who signs; where that is not known yet, the one person in the roster who can, if there is
    but one.
    """
    if is_governing(event.kind):
        return None
    chain, roster = items.ledger.chain, items.roster(items.ledger.chain)
    signer, named = _signer(chain, roster, key)
    acts = [
        _act(one, signer, items.ledger.head.size + place, now, place)
        for place, one in enumerate((*before, event))
    ]
    earlier: dict[str, list[Touch]] = {}
    for one, act in zip(before, acts, strict=False):
        for thing, touch in touches_in(one, act):
            earlier.setdefault(thing, []).append(touch)
    act = acts[-1]
    mine = frozenset({roster.site, act.party, *(grant.party for grant in roster.keys.values())}) - {
        ""
    }
    return Supposed(items.book(), offers, roster, act, touches_in(event, act), mine, named, earlier)


def touches_in(event: Event, act: Act) -> list[tuple[str, Touch]]:
    """The things that an event names, touched by its act."""
    return [
        (key, Touch(act, part, at, line))
        for at, (key, part, line) in enumerate(things_in(event.fields))
        if part in PARTS
    ]


def _act(event: Event, signer: ActSigner, index: int, now: int, place: int) -> Act:
    happened = milliseconds(event.fields["event_time"])
    lines = sum(1 for _ in things_in(event.fields))
    return Act(
        place.to_bytes(_ID_BYTES),
        signer.chain,
        index,
        now,
        event.kind,
        happened,
        signer,
        without_things(event.fields),
        lines,
    )


def _signer(chain: bytes, roster: Roster, key: bytes | None) -> tuple[ActSigner, bool]:
    people = [one for one, grant in roster.keys.items() if grant.roles != ("log",)]
    known = key if key is not None else people[0] if len(people) == 1 else b""
    grant = roster.keys.get(known)
    programme = roster.programme or chain
    if grant is None:
        return ActSigner(chain, known, "", roster.site, (), programme), False
    return ActSigner(chain, known, grant.name, grant.party, tuple(grant.roles), programme), True
