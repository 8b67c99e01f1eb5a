"""Holdings: so much of a thing in one state, and the entry and signature that it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Final

from chainlog.custody.act import ZERO, Act, ActSigner, plus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.custody.lot import LotState
    from chainlog.custody.state import ItemState

# A share of a lot's worth is a quotient: rounded, and only to the hundredth.
_ROUNDED: Final = Context(prec=150)


@dataclass(frozen=True, slots=True)
class Rest:
    """The entry that a holding rests on: who said so, when (ms, claimed), by which paper."""

    id: bytes
    kind: str
    time: int
    happened: int
    document: str
    signer: ActSigner

    @classmethod
    def on(cls, act: Act) -> Rest:
        """What rests on an act."""
        return cls(act.id, act.kind, act.time, act.happened, act.text("document"), act.signer)


@dataclass(frozen=True, slots=True)
class Holding:
    """So much of a thing in one state.

    `quantity` is 1 of an item, with no `unit`; `worth` is that of the whole, by currency.
    """

    key: str
    status: str
    holder: str
    quantity: Decimal
    unit: str = ""
    bound_for: str = ""
    place: str = ""
    type: str = ""
    nsn: str = ""
    condition: str = ""
    container: str = ""
    monitoring: str = ""
    agreement: str = ""
    worth: tuple[Decimal, str] | None = None
    since: Rest | None = None


def item_holding(state: ItemState) -> Holding:
    """The holding that an item's custody is."""
    return Holding(
        state.key,
        state.status,
        state.holder,
        Decimal(1),
        bound_for=state.bound_for,
        place=state.place,
        type=state.type,
        nsn=state.nsn,
        condition=state.condition,
        container=state.container,
        monitoring=state.monitoring,
        agreement=state.agreement,
        worth=None
        if state.worth is None
        else (Decimal(state.worth["amount"]), state.worth["currency"]),
        since=Rest.on(state.since) if state.since else None,
    )


def lot_holdings(lot: LotState) -> Iterator[Holding]:
    """What there is of a lot, by state and holder; nothing of what is nought."""
    for unit, balance in sorted(lot.balances.items()):
        parts: list[tuple[str, str, str, Decimal, Act | None]] = [
            ("on hand", holder, "", left, lot.since.get((unit, holder)))
            for holder, left in balance.on_hand.items()
        ]
        transit: dict[tuple[str, str], tuple[Decimal, Act]] = {}
        for sent, left in balance.transit.values():
            way = sent.giver, sent.taker
            transit[way] = plus(transit.get(way, (ZERO, sent))[0], left), sent
        parts += [
            ("in transit", sender, taker, left, sent)
            for (sender, taker), (left, sent) in transit.items()
        ]
        parts += [
            (account, "", "", quantity, lot.last) for account, quantity in balance.gone.items()
        ]
        for status, holder, bound_for, quantity, act in sorted(parts, key=lambda part: part[:3]):
            if quantity:
                worth = lot_worth(lot.worth, quantity)
                rest = Rest.on(act) if act is not None else None
                yield Holding(
                    lot.key,
                    status,
                    holder,
                    quantity,
                    unit,
                    bound_for,
                    type=lot.type,
                    monitoring=lot.monitoring,
                    worth=worth,
                    since=rest,
                )


def lot_worth(
    worth: tuple[dict[str, str], Decimal] | None, quantity: Decimal
) -> tuple[Decimal, str] | None:
    """What a quantity of a lot is worth, by the latest line that gave a value for so many.

    To the hundredth.
    """
    if worth is None:
        return None
    amount, of = Decimal(worth[0]["amount"]), worth[1]
    return _ROUNDED.quantize(
        _ROUNDED.divide(_ROUNDED.multiply(amount, quantity), of), Decimal("0.01")
    ), worth[0]["currency"]
