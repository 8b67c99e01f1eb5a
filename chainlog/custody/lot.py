"""How much of a lot, or of a currency, is where.

Double-entry over its history, in exact decimals (docs/audit.md).

Every act moves a quantity from one account to another, so that at all times, for each unit of
issue::

    in = on hand + in transit + expended + lost + destroyed

`in` is what was registered and what *appeared*: received beyond what was sent. An account that
falls below zero, a count that is not the balance, a quantity that is none: each is a `Break`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from chainlog.custody import breaks
from chainlog.custody.act import EXACT, ZERO, Act, Touch, format_decimal, plus, total
from chainlog.custody.breaks import Break
from chainlog.custody.order import Order, belongs
from chainlog.events.roster import WITHHELD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chainlog.events.facts import Step
    from chainlog.events.phrase import Phrase


@dataclass(slots=True)
class Balance:
    """One lot in one unit of issue.

    `transit`: what is on its way, by the dispatch that sent it; `gone`: expended, lost, destroyed.
    """

    unit: str
    registered: Decimal = ZERO
    appeared: Decimal = ZERO
    on_hand: dict[str, Decimal] = field(default_factory=dict)
    transit: dict[bytes, tuple[Act, Decimal]] = field(default_factory=dict)
    gone: dict[str, Decimal] = field(
        default_factory=lambda: dict.fromkeys(("expended", "lost", "destroyed"), ZERO)
    )
    # The latest count at each holder: what was counted, and what the balance was then.
    counts: dict[str, tuple[Act, Decimal, Decimal]] = field(default_factory=dict)

    @property
    def came_in(self) -> Decimal:
        """All that there is, or was."""
        return plus(self.registered, self.appeared)

    @property
    def accounted(self) -> Decimal:
        """On hand, in transit, expended, lost and destroyed, together."""
        return total(
            (
                *self.on_hand.values(),
                *(left for _, left in self.transit.values()),
                *self.gone.values(),
            )
        )


@dataclass(slots=True)
class LotState:
    """A lot or money, as of its last act: one balance for each unit.

    `since`: the last act at each holder, by unit and holder.
    """

    key: str
    balances: dict[str, Balance] = field(default_factory=dict)
    since: dict[tuple[str, str], Act] = field(default_factory=dict)
    type: str = ""
    monitoring: str = ""
    # What a unit is worth: of the latest line that says so, the amount for so many.
    worth: tuple[dict[str, str], Decimal] | None = None
    breaks: list[Break] = field(default_factory=list)
    last: Act | None = None


def fold_lot(key: str, touches: Iterable[Touch]) -> LotState:
    """The state of a lot, or of money, after all that was said of it.

    The order in which `touches` are given makes no difference.
    """
    held = list(touches)
    fold = _LotFold(LotState(key))
    for touch in Order(touch.act for touch in held).counting(held):
        fold.take(touch)
    fold.close()
    return fold.lot


class _LotFold:
    """The fold of one lot.

    `sent`: its dispatches; `open`: those of which something is in transit, by unit and document.

    `losses`: its reports by id and unit; its initial ones by document, holder and unit too.
    """

    def __init__(self, lot: LotState) -> None:
        self.lot = lot
        self.sent: set[bytes] = set()
        self.open: dict[tuple[str, str], dict[bytes, Act]] = {}
        # What initial reports told that no final one has told again yet: by id or by document and
        # holder, and unit.
        self.losses: dict[tuple[bytes | str, ...], Decimal] = {}

    def take(self, touch: Touch) -> None:
        """Go on by one line of an act."""
        act, line, lot = touch.act, touch.line, self.lot
        step = _STEPS.get(act.does.step)
        if step is None or "quantity" not in line:
            return
        lot.last = act
        lot.type = line.get("type", lot.type)
        quantity = Decimal(line["quantity"])
        if quantity < 0 or (quantity == 0 and act.does.step not in {"counts", "receives"}):
            self._break(
                "LOT-NEGATIVE", act, breaks.QUANTITY(quantity=line["quantity"], unit=line["unit"])
            )
            return
        if "value" in line and quantity:
            lot.worth = line["value"], quantity
        balance = lot.balances.setdefault(line["unit"], Balance(line["unit"]))
        step(self, act, balance, quantity)

    def close(self) -> None:
        """Say which of the last counts are not the balance."""
        for balance in self.lot.balances.values():
            for holder, (act, counted, book) in balance.counts.items():
                if counted != book and holder != WITHHELD:
                    why = breaks.COUNTED(
                        counted=format_decimal(counted),
                        unit=balance.unit,
                        holder=holder,
                        book=format_decimal(book),
                    )
                    self._break("LOT-BALANCE", act, why)

    def register(self, act: Act, balance: Balance, quantity: Decimal) -> None:
        """Enters the programme."""
        self.lot.monitoring = act.text("monitoring")
        balance.registered = plus(balance.registered, quantity)
        self._put(act, balance, act.holder, quantity)

    def dispatch(self, act: Act, balance: Balance, quantity: Decimal) -> None:
        """Sent."""
        self._take(act, balance, act.giver, quantity)
        _, left = balance.transit.get(act.id, (act, ZERO))
        balance.transit[act.id] = act, plus(left, quantity)
        self.sent.add(act.id)
        self.open.setdefault((balance.unit, act.text("document")), {})[act.id] = act

    def receive(self, act: Act, balance: Balance, quantity: Decimal) -> None:
        """Arrived: out of what is in transit, oldest first; the rest appears."""
        left = quantity
        for sending in self._sendings(act, balance):
            left = EXACT.subtract(left, self._off(balance, sending, left))
        balance.appeared = plus(balance.appeared, left)
        self._put(act, balance, act.taker, quantity)

    def _sendings(self, act: Act, balance: Balance) -> list[Act]:
        """What a receipt is of, as far as it is in transit.

        The dispatch that it cites, or where that is of none of this, by document.
        """
        for cited, _ in act.cites():
            if cited in self.sent:
                return [balance.transit[cited][0]] if cited in balance.transit else []
        return [
            sending
            for sending in self.open.get((balance.unit, act.text("document")), {}).values()
            if belongs(act, sending)
        ]

    def _off(self, balance: Balance, sending: Act, most: Decimal) -> Decimal:
        """Take what was sent off what is in transit, `most` at the most; how much that was."""
        in_transit = balance.transit[sending.id][1]
        taken = min(in_transit, most)
        balance.transit[sending.id] = sending, EXACT.subtract(in_transit, taken)
        if taken == in_transit:
            del (
                balance.transit[sending.id],
                self.open[balance.unit, sending.text("document")][sending.id],
            )
        return taken

    def transfer(self, act: Act, balance: Balance, quantity: Decimal) -> None:
        """Handed over in person."""
        self._take(act, balance, act.giver, quantity)
        self._put(act, balance, act.taker, quantity)

    def count(self, act: Act, balance: Balance, quantity: Decimal) -> None:
        """Counted: by itself it moves nothing. Several lines of one inventory add up."""
        holder = act.holder
        before, counted, _ = balance.counts.get(holder, (act, ZERO, ZERO))
        counted = plus(counted, quantity) if before.id == act.id else quantity
        balance.counts[holder] = act, counted, balance.on_hand.get(holder, ZERO)
        self.lot.since[balance.unit, holder] = act

    def end(self, act: Act, balance: Balance, quantity: Decimal) -> None:
        """Used up, lost, or destroyed.

        The final report of a loss says again what the initial one said.
        """
        if act.does.step == "loses":
            quantity = EXACT.subtract(quantity, self._told_again(act, balance.unit, quantity))
            if not quantity:
                return
            quantity = EXACT.subtract(quantity, self._lose_on_the_way(act, balance, quantity))
        self._take(act, balance, act.giver, quantity)
        account = act.does.status
        assert account is not None
        balance.gone[account] = plus(balance.gone[account], quantity)

    def _told_again(self, act: Act, unit: str, quantity: Decimal) -> Decimal:
        """How much of a final report its initial one told already.

        The one that it cites, or its holder's under its document.
        """
        by_document = act.text("document"), act.giver, unit
        if act.text("report") != "final":
            for name in (
                (act.id, act.giver, unit),
                *((by_document,) if act.text("document") else ()),
            ):
                self.losses[name] = plus(self.losses.get(name, ZERO), quantity)
            return ZERO
        cited = (act.fields["initial"], act.giver, unit) if "initial" in act.fields else by_document
        name = cited if cited in self.losses else by_document
        again = min(quantity, self.losses.get(name, ZERO))
        if again:
            self.losses[name] = EXACT.subtract(self.losses[name], again)
        return again

    def _lose_on_the_way(self, act: Act, balance: Balance, quantity: Decimal) -> Decimal:
        """How much of a loss was in transit.

        What was sent under its document, or what its holder, who has no more, sent or is to get.
        """
        holder, document = act.giver, act.text("document")
        short = quantity > balance.on_hand.get(holder, ZERO)
        lost = ZERO
        for sending, _ in list(balance.transit.values()):
            ours = holder in {sending.giver, sending.taker}
            if ours and (sending.text("document") == document or short):
                lost = plus(lost, self._off(balance, sending, EXACT.subtract(quantity, lost)))
        balance.gone["lost"] = plus(balance.gone["lost"], lost)
        return lost

    def found(self, act: Act, balance: Balance, quantity: Decimal) -> None:
        """Turned up again: out of what was lost; what was not, appears."""
        back = min(quantity, balance.gone["lost"])
        balance.gone["lost"] = EXACT.subtract(balance.gone["lost"], back)
        balance.appeared = plus(balance.appeared, EXACT.subtract(quantity, back))
        self._put(act, balance, act.party, quantity)

    def _put(self, act: Act, balance: Balance, holder: str, quantity: Decimal) -> None:
        balance.on_hand[holder] = plus(balance.on_hand.get(holder, ZERO), quantity)
        self.lot.since[balance.unit, holder] = act

    def _take(self, act: Act, balance: Balance, holder: str, quantity: Decimal) -> None:
        left = EXACT.subtract(balance.on_hand.get(holder, ZERO), quantity)
        balance.on_hand[holder] = left
        self.lot.since[balance.unit, holder] = act
        if left < 0 and holder != WITHHELD:
            why = breaks.LEFT(holder=holder, quantity=format_decimal(left), unit=balance.unit)
            self._break("LOT-NEGATIVE", act, why)

    def _break(self, code: str, act: Act, why: Phrase) -> None:
        self.lot.breaks.append(Break(code, act, None, why))


# What each step does to a lot; of the others there is nothing to do.
_STEPS: Final[dict[Step, Callable[[_LotFold, Act, Balance, Decimal], None]]] = {
    "registers": _LotFold.register,
    "sends": _LotFold.dispatch,
    "receives": _LotFold.receive,
    "hands over": _LotFold.transfer,
    "counts": _LotFold.count,
    "ends": _LotFold.end,
    "loses": _LotFold.end,
    "finds": _LotFold.found,
}
