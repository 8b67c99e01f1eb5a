"""Who holds an item: a fold over its history (docs/audit.md 'Items, lots, money').

`fold_item` is pure and deterministic: the same touches in any order give the same state. What does
not fit is noted as a `Break` with the code of the finding that it is, at the entry where it shows,
and the fold goes on with what that entry says: people are believed, and the audit reports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from chainlog.custody import breaks
from chainlog.custody.act import DAY_MS, Act, Touch
from chainlog.custody.box import Boxes
from chainlog.custody.hidden import unordered
from chainlog.custody.order import Order
from chainlog.custody.state import ENDED, ItemState, agreement, later, seen_by, whereabouts
from chainlog.events.phrase import name_kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chainlog.custody.state import Agreement
    from chainlog.events.facts import Step
    from chainlog.events.phrase import Phrase, Template

_UNSERVICEABLE: Final = frozenset("FGH")
# What says what is to come, or answers what was said: after it things are as they were.
_FORETOLD: Final = frozenset({"announces", "consents", "accepts", "tells"})


def fold_item(key: str, touches: Iterable[Touch], horizon: int | None = None) -> ItemState:
    """The state of one item after all that was said of it.

    `touches`: what acts say of it, and of the containers that it was packed in (`around`).
    `horizon`: sightings that claim to be later (ms) are not believed.
    """
    held = list(touches)
    order = Order(touch.act for touch in held)
    fold = _ItemFold(ItemState(key), order, Boxes(held), horizon)
    fold.state.unknown.order = unordered(order)
    for touch in order.counting(held):
        fold.take(touch)
    return fold.state


class _ItemFold:
    """The fold of one item."""

    def __init__(self, state: ItemState, order: Order, boxes: Boxes, horizon: int | None) -> None:
        self.state, self.order, self.boxes, self.horizon = state, order, boxes, horizon
        # The act that was taken last.
        self.done = b""

    def take(self, touch: Touch) -> None:
        """Go on by one act."""
        act, state = touch.act, self.state
        if touch.part == "unshown":
            state.unknown.take(act)
            return
        if touch.part == "around" and not self.boxes.move(touch, state.container):
            return
        step = _STEPS.get(act.does.step)
        if step is None:
            return
        state.unknown.take(act)
        if touch.part != "container":
            # A container that is an item itself is not moved by what goes into it.
            self._describe(touch)
            # One that names the item twice, or two boxes that it is in, moves it once all the same;
            # registering twice is told.
            if self.done != act.id or act.does.step == "registers":
                step(self, act, touch)
            state.carried += [act] if touch.part == "around" else []
            self.done = act.id
        if act.does.step not in _FORETOLD:
            state.last = act

    # What is said beside the item

    def _describe(self, touch: Touch) -> None:
        state, line, act = self.state, touch.line, touch.act
        if touch.part == "around":
            return
        # What it is, its registration says; who hands it on may fill in what that left out.
        registers = act.does.step == "registers" and state.registered is None
        type_, nsn = line.get("type", ""), line.get("nsn", "")
        state.type = type_ or state.type if registers else state.type or type_
        state.nsn = nsn or state.nsn if registers else state.nsn or nsn
        state.typed = state.typed or act.fields.get("entry_mode") in {"manual", "paper"}
        if act.does.step in _FORETOLD:
            return
        if "value" in line:
            self._value(line["value"], act)
        if "condition" in line:
            self._condition(line["condition"], act)

    def _value(self, worth: dict[str, str], act: Act) -> None:
        known = self.state.worths.get(worth["basis"])
        if known is not None and known[0] != worth:
            why = breaks.TWO_VALUES(
                amount=known[0]["amount"],
                currency=known[0]["currency"],
                new_amount=worth["amount"],
                new_currency=worth["currency"],
                basis=worth["basis"],
            )
            self.state.note("VALUE-NONE", act, known[1], why)
        self.state.worths[worth["basis"]] = worth, act
        self.state.worth = worth

    def _condition(self, now: str, act: Act) -> None:
        before = self.state.condition
        explained = act.does.step == "inspects" and act.text("was") == before
        if before and now and now < before and not explained:
            issued = (
                act.does.step in {"sends", "hands over"}
                and before in _UNSERVICEABLE
                and now not in _UNSERVICEABLE
            )
            template = breaks.ISSUED if issued else breaks.CHANGED
            self.state.note("COND-ILL", act, self.state.last, template(now=now, before=before))
        self.state.condition = now

    # What happens to the item

    def register(self, act: Act, touch: Touch) -> None:
        """Enters the programme."""
        del touch
        state = self.state
        if state.registered is not None:
            # The second registration is in doubt, the first has a history.
            self.state.note("DUP-SERIAL", act, state.registered, breaks.TWICE())
            if act.text("monitoring") == "enhanced":
                state.monitoring = "enhanced"
            return
        state.registered = act
        state.owner, state.monitoring = act.text("owner"), act.text("monitoring")
        if state.status == "unknown":
            self._give(act, act.holder, "")

    def dispatch(self, act: Act, touch: Touch) -> None:
        """Sent."""
        state = self.state
        self._leave(act, touch, act.giver)
        if state.status in ENDED:
            return
        state.unknown.placed(act)
        state.status, state.holder, state.bound_for = "in transit", act.giver, act.taker
        state.since, state.place = act, act.text("place")
        state.agreement = agreement(act, act.taker, self.boxes.own)

    def receive(self, act: Act, touch: Touch) -> None:
        """Arrived."""
        state, taker = self.state, act.taker
        self._back(act)
        if touch.part != "around":
            self._sight(act)
            self._out_of_container(act, touch)
        if state.status == "on hand" and state.holder not in {act.giver, taker}:
            self._not_held(act, act.giver)
        elif state.status == "in transit" and taker not in {state.bound_for, state.holder}:
            proven = state.since is not None and self.order.follows(act, state.since)
            why = breaks.NOT_FOR_TAKER(taker=taker, where=whereabouts(state))
            self.state.note("CUST-NONHOLDER" if proven else "CUST-SPLIT", act, state.since, why)
        self._give(act, taker, agreement(act, taker, self.boxes.own))
        state.receipts.setdefault(taker, act)

    def transfer(self, act: Act, touch: Touch) -> None:
        """Handed over in person."""
        self._leave(act, touch, act.giver)
        if self.state.status not in ENDED:
            other = act.giver if act.party == act.taker else act.taker
            self._give(act, act.taker, agreement(act, other, self.boxes.own))

    def inventory(self, act: Act, touch: Touch) -> None:
        """Counted."""
        del touch
        state, holder = self.state, act.holder
        self._back(act)
        if state.status in {"on hand", "in transit"} and (
            state.status == "in transit" or state.holder != holder
        ):
            why = breaks.ELSEWHERE(where=whereabouts(state))
            self.state.note("INV-EXTRA", act, state.since, why)
        elif state.status == "unknown":
            self.state.note("INV-EXTRA", act, None, breaks.NOWHERE())
        self._sight(act)

    def inspect(self, act: Act, touch: Touch) -> None:
        """Looked at."""
        del touch
        self._back(act)
        self._sight(act)
        self._condition(act.text("now"), act)

    def pack(self, act: Act, touch: Touch) -> None:
        """Into a container."""
        state, container = self.state, touch.line.get("container", "")
        self._refuse_ended(act)
        if container == state.key:
            self.state.note("PACK-BROKEN", act, None, breaks.IN_ITSELF())
            return
        self._check_box(act, breaks.IN_TWO, container)
        state.container, state.seal = container, act.text("seal")

    def unpack(self, act: Act, touch: Touch) -> None:
        """Out of a container."""
        state, container = self.state, touch.line.get("container", "")
        self._refuse_ended(act)
        self._check_box(act, breaks.OUT_OF_ANOTHER, container)
        state.container = state.seal = ""

    def _check_box(self, act: Act, template: Template, container: str) -> None:
        if self.state.container and self.state.container != container:
            why = template(container=container, other=self.state.container)
            self.state.note("PACK-BROKEN", act, self.state.last, why)

    def end(self, act: Act, touch: Touch) -> None:
        """Used up, lost, or destroyed."""
        state = self.state
        if act.does.step == "loses" and state.status == "lost" and act.text("report") == "final":
            return
        self._leave(act, touch, act.giver)
        if state.status in ENDED:
            return
        assert act.does.status is not None
        state.unknown.placed(act)
        state.status, state.ended, state.since, state.agreement = act.does.status, act, act, ""
        state.holder, state.place = act.giver or state.holder, act.text("place") or state.place
        state.bound_for = ""

    def found(self, act: Act, touch: Touch) -> None:
        """Turned up again. Word of it is no sighting."""
        del touch
        state = self.state
        if state.status in {"expended", "destroyed"}:
            why = breaks.FOUND_AFTER(status=whereabouts(state))
            self.state.note("TERM-AFTER", act, state.ended, why)
            return
        if state.status in {"lost", "unknown"}:
            state.ended = None
            self._give(act, state.holder or act.party, "")

    def note(self, act: Act, touch: Touch) -> None:
        """Spoken of, and no more."""

    # What several steps do

    def _give(self, act: Act, holder: str, signed: Agreement | Literal[""]) -> None:
        state = self.state
        state.unknown.placed(act)
        state.status, state.holder, state.bound_for = "on hand", holder, ""
        state.place, state.since, state.agreement = act.text("place"), act, signed

    def _leave(self, act: Act, touch: Touch, giver: str) -> None:
        """Out of somebody's hands, who should have had it in them."""
        state = self.state
        self._refuse_ended(act)
        if touch.part != "around":
            self._out_of_container(act, touch)
        held = (
            state.holder == giver
            if state.status == "on hand"
            else giver == state.bound_for or (act.does.step == "loses" and giver == state.holder)
        )
        if state.status in {"on hand", "in transit"} and not held:
            self._not_held(act, giver)

    def _not_held(self, act: Act, giver: str) -> None:
        """Given by one who, by the order, did not have it.

        As is proven, or else in two chains of which neither is after the other.
        """
        state, since = self.state, self.state.since
        proven = since is not None and self.order.follows(act, since)
        if state.status == "in transit":
            same = (giver, act.taker) == (state.holder, state.bound_for)
        else:
            same = act.does.step in {"receives", "hands over"} and act.taker == state.holder
        if not proven and same:
            return  # two chains say the same
        why = breaks.NOT_HELD(giver=giver, where=whereabouts(state))
        self.state.note("CUST-NONHOLDER" if proven else "CUST-SPLIT", act, since, why)

    def _refuse_ended(self, act: Act) -> None:
        if self.state.status in ENDED:
            self.state.note("TERM-AFTER", act, self.state.ended, self._after(act))

    def _back(self, act: Act) -> None:
        """Seen again after its end: it is back, and nobody said that it was found."""
        state = self.state
        if state.status in ENDED:
            self.state.note("RESURRECT", act, state.ended, self._after(act))
            if act.does.step == "receives":
                state.status, state.ended = "unknown", None

    def _out_of_container(self, act: Act, touch: Touch) -> None:
        """Moved by itself: a sealed container that did not move with it was broken."""
        state = self.state
        if touch.part == "around" or not state.container or self.boxes.moved(act, state.container):
            return
        if state.seal:
            why = breaks.OUT_OF_SEALED(container=state.container, seal=state.seal)
            self.state.note("PACK-BROKEN", act, state.last, why)
        state.container = state.seal = ""

    def _sight(self, act: Act) -> None:
        state = self.state
        if self.horizon is not None and act.when > self.horizon:
            return
        if act.physical:
            if act.does.step == "counts" and state.sighted is not None:
                self._compare(act, state.sighted)
            state.sighted = later(state.sighted, act)
        if act.physical or act.does.step != "receives":
            state.looked = later(state.looked, act)

    def _compare(self, act: Act, before: Act) -> None:
        """Whether it was seen elsewhere within a day, with no handover between."""
        since, seen_at, holder = self.state.since, seen_by(before), act.holder
        moved = since is not None and self.order.place(since) > self.order.place(before)
        if seen_at and seen_at != holder and not moved and abs(act.when - before.when) < DAY_MS:
            why = breaks.TWO_PLACES(place=seen_at, other=holder)
            self.state.note("DUP-SERIAL", act, before, why)

    def _after(self, act: Act) -> Phrase:
        return breaks.AFTER(kind=name_kind(act.kind), status=whereabouts(self.state))


# What each step does to an item; of the others there is nothing to do.
_STEPS: Final[dict[Step, Callable[[_ItemFold, Act, Touch], None]]] = {
    "registers": _ItemFold.register,
    "announces": _ItemFold.note,
    "sends": _ItemFold.dispatch,
    "receives": _ItemFold.receive,
    "hands over": _ItemFold.transfer,
    "accepts": _ItemFold.note,
    "counts": _ItemFold.inventory,
    "inspects": _ItemFold.inspect,
    "packs": _ItemFold.pack,
    "unpacks": _ItemFold.unpack,
    "ends": _ItemFold.end,
    "loses": _ItemFold.end,
    "finds": _ItemFold.found,
    "consents": _ItemFold.note,
    "tells": _ItemFold.note,
}
