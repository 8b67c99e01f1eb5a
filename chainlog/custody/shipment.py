"""What was sent and what arrived, paper by paper (docs/audit.md 'Items, lots, money').

A consignment is what goes under one document between the same two parties: advised, dispatched,
received, perhaps in parts. A receipt that cites a dispatch by id belongs to its consignment; one by
document to that between its two parties, or else to the only one with that document and one of
them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol, TypeAlias

from chainlog.custody.act import EXACT, ZERO, Act, Touch, plus
from chainlog.custody.order import belongs
from chainlog.events.things import is_item

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# How much of a thing, by key and unit; of an item 1, without a unit.
Amounts: TypeAlias = dict[tuple[str, str], Decimal]


class Papers(Protocol):
    """Where consignments are read from."""

    def papers(self) -> Iterator[list[Act]]:
        """The advices, dispatches and receipts under one document, document by document.

        One without a document is alone.
        """
        ...

    def things(self, act: Act) -> list[tuple[str, Touch]]:
        """The things that an act names."""
        ...


@dataclass(slots=True)
class Consignment:
    """One consignment.

    `sent` and `arrived`: how much of what; `advised` likewise, where it was advised.
    """

    document: str
    sender: str
    taker: str
    advices: list[Act] = field(default_factory=list)
    dispatches: list[Act] = field(default_factory=list)
    receipts: list[Act] = field(default_factory=list)
    advised: Amounts = field(default_factory=dict)
    sent: Amounts = field(default_factory=dict)
    arrived: Amounts = field(default_factory=dict)

    @property
    def due(self) -> Amounts:
        """What should arrive: what was sent, or, where no dispatch is held, what was advised."""
        return self.sent if self.dispatches else self.advised

    def differences(self) -> Amounts:
        """By how much more or less arrived than was due; nothing where it matches.

        What a paper withholds may be what is lacking: then that is no difference.
        """
        both = {**self.due, **self.arrived}
        told = {
            thing: EXACT.subtract(self.arrived.get(thing, ZERO), self.due.get(thing, ZERO))
            for thing in both
        }
        least = ZERO if _hide(self.receipts) else None
        most = ZERO if _hide(self.dispatches or self.advices) else None
        return {
            thing: much
            for thing, much in sorted(told.items())
            if much and (least is None or much > least) and (most is None or much < most)
        }

    @property
    def matches(self) -> bool | None:
        """Whether what arrived is what was due.

        None where nothing was received, or nothing sent or advised; and where nothing differs, and
        what was sent or received is in part withheld.
        """
        if not self.receipts or not (self.dispatches or self.advices):
            return None
        if self.differences():
            return False
        return None if self.hidden else True

    @property
    def hidden(self) -> bool:
        """Whether one of its papers withholds some of what it lists."""
        return _hide(self.receipts) or _hide(self.dispatches or self.advices)


def consignments(papers: Papers) -> Iterator[Consignment]:
    """Every consignment, in the order of their documents and parties.

    Only those of one document are held at a time.
    """
    for acts in papers.papers():
        known: dict[tuple[str, str], Consignment] = {}
        by_dispatch: dict[bytes, Consignment] = {}
        for act in acts:
            if act.does.step != "receives":
                one, advised = _between(known, act), act.does.step == "announces"
                (one.advices if advised else one.dispatches).append(act)
                _add(one.advised if advised else one.sent, papers.things(act))
                by_dispatch[act.id] = one
        for act in acts:
            if act.does.step == "receives":
                one = _of(act, known, by_dispatch)
                one.receipts.append(act)
                _add(one.arrived, papers.things(act))
        yield from (known[parties] for parties in sorted(known))


def _between(known: dict[tuple[str, str], Consignment], act: Act) -> Consignment:
    """The consignment between the two parties of an act, a new one if need be."""
    parties = act.giver, act.taker
    if parties not in known:
        known[parties] = Consignment(act.text("document"), *parties)
    return known[parties]


def _of(
    receipt: Act, known: dict[tuple[str, str], Consignment], by_dispatch: dict[bytes, Consignment]
) -> Consignment:
    for cited, _ in receipt.cites():
        if cited in by_dispatch:
            return by_dispatch[cited]
    if (receipt.giver, receipt.taker) not in known:
        # All acts of a consignment have the same document and parties: the first stands for them.
        sendings = (
            (one, act) for one in known.values() for act in (*one.dispatches[:1], *one.advices[:1])
        )
        near = {(one.sender, one.taker): one for one, act in sendings if belongs(receipt, act)}
        if len(near) == 1:
            return near.popitem()[1]
    return _between(known, receipt)


def _hide(papers: Iterable[Act]) -> bool:
    return any(act.hides("lines") for act in papers)


def _add(amounts: Amounts, things: Iterable[tuple[str, Touch]]) -> None:
    for key, touch in things:
        if touch.part != "lines":
            continue
        if is_item(key):
            amounts[key, ""] = Decimal(1)
        elif "quantity" in touch.line:
            thing = key, touch.line["unit"]
            # What is less than nothing is the lot's finding, and no part of a consignment.
            amounts[thing] = plus(
                amounts.get(thing, ZERO), max(ZERO, Decimal(touch.line["quantity"]))
            )


def verdict(one: Consignment) -> str:
    """How what was received compares with what was sent, in a word or two.

    It is `matches`, `differs`, `open` (no receipt), `no dispatch` (received, and neither sent nor
    advised), `advised` (no more than that), or `withheld` (nothing shows that it differs, and
    lines of it are not shown).
    """
    if one.receipts:
        unknown = "withheld" if one.hidden and (one.dispatches or one.advices) else "no dispatch"
        return {True: "matches", False: "differs", None: unknown}[one.matches]
    return "open" if one.dispatches else "advised"
