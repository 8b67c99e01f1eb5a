"""Who holds an item: a fold over its history (docs/audit.md 'Items, lots, money').

`fold_item` is pure and deterministic: the same touches in any order give the same state. What does
not fit is noted as a `Break` with the code of the finding that it is, at the entry where it shows,
and the fold goes on with what that entry says: people are believed, and the audit reports.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from chainlog.custody.act import DAY_MS, HANDOVERS, SIGHTINGS, Act, Touch
from chainlog.custody.order import Order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Status: TypeAlias = Literal["unknown", "on hand", "in transit", "expended", "lost", "destroyed"]
ENDED: Final = frozenset({"expended", "lost", "destroyed"})
_UNSERVICEABLE: Final = frozenset("FGH")
_ENDS: Final[dict[str, Status]] = {"expend": "expended", "loss": "lost", "destroy": "destroyed"}
_GIVES: Final = frozenset({"receive", "transfer"})
# Kinds that say what is to come, or answer what was said.
_FORETOLD: Final = frozenset({"advise", "consent", "accept"})


@dataclass(frozen=True, slots=True)
class Break:
    """Something that does not fit.

    It has the code of the finding, the act where it shows, the one that it contradicts, and how.
    """

    code: str
    act: Act
    other: Act | None
    how: str


@dataclass(slots=True)
class Custody:
    """One item, as of its last act.

    `holder`: the party; of what is in transit the sender, of what has ended the last holder.
    """

    key: str
    status: Status = "unknown"
    holder: str = ""
    bound_for: str = ""
    place: str = ""
    owner: str = ""
    monitoring: str = ""
    type: str = ""
    nsn: str = ""
    condition: str = ""
    container: str = ""
    seal: str = ""
    agreement: Literal["", "agreed", "disputed", "unsigned"] = ""
    worth: dict[str, str] | None = None
    # The entry that says where it is and who holds it.
    since: Act | None = None
    registered: Act | None = None
    ended: Act | None = None
    last: Act | None = None
    # Its first receipt by each party, in order.
    receipts: dict[str, Act] = field(default_factory=dict)
    # The latest physical sighting, and the latest sighting of any kind: physical, or declared.
    sighted: Act | None = None
    looked: Act | None = None
    # The acts that moved it in a box, without naming it.
    carried: list[Act] = field(default_factory=list)
    worths: dict[str, tuple[dict[str, str], Act]] = field(default_factory=dict)
    breaks: list[Break] = field(default_factory=list)
    typed: bool = False

    def arrival(self, in_country: frozenset[str]) -> Act | None:
        """Its first receipt in the country; where no party is listed, its first receipt."""
        return next(
            (act for party, act in self.receipts.items() if not in_country or party in in_country),
            None,
        )


def fold_item(key: str, touches: Iterable[Touch], horizon: int | None = None) -> Custody:
    """The state of one item after all that was said of it.

    `touches`: what acts say of it, and of the containers that it was packed in (`around`).
    `horizon`: sightings that claim to be later (ms) are not believed.
    """
    held = list(touches)
    own = {touch.act.id for touch in held if touch.part != "around"}
    by_act: dict[bytes, list[Touch]] = {}
    around: dict[bytes, set[str]] = {}
    for touch in held:
        by_act.setdefault(touch.act.id, []).append(touch)
        if touch.part == "around":
            around.setdefault(touch.act.id, set()).add(touch.line["box"])
    order = Order(touch.act for touch in held)
    fold = _Fold(Custody(key), order, around, own, horizon)
    for act in order.acts:
        for touch in sorted(by_act[act.id], key=lambda one: (one.part, one.at)):
            if act.standing != "taken back":
                fold.take(touch)
    return fold.state


class _Fold:
    """The fold of one item.

    `around`: the boxes that an act moves; `own`: the acts that name the item itself.
    """

    def __init__(
        self,
        state: Custody,
        order: Order,
        around: dict[bytes, set[str]],
        own: set[bytes],
        horizon: int | None,
    ) -> None:
        self.state, self.order, self.around, self.own, self.horizon = (
            state,
            order,
            around,
            own,
            horizon,
        )
        # Which box stands in which other.
        self.inside: dict[str, str] = {}
        # The act that was taken last.
        self.done = b""

    def take(self, touch: Touch) -> None:
        """Go on by one act."""
        act, state = touch.act, self.state
        if touch.part == "around" and not self._moved_along(touch):
            return
        step = _STEPS.get(act.kind)
        if step is None:
            return
        if touch.part != "container":
            # A container that is an item itself is not moved by what goes into it.
            self._describe(touch)
            # One that names the item twice, or two boxes that it is in, moves it once all the same;
            # registering twice is told.
            if self.done != act.id or act.kind == "register":
                step(self, act, touch)
            state.carried += [act] if touch.part == "around" else []
            self.done = act.id
        if act.kind not in _FORETOLD:
            state.last = act

    def _moved_along(self, touch: Touch) -> bool:
        """Whether an act that speaks of a box moves the item with it, which it does not name."""
        box = touch.line["box"]
        if touch.act.kind == "pack":
            self.inside[box] = touch.line["container"]
        elif touch.act.kind == "unpack":
            self.inside.pop(box, None)
        else:
            return touch.act.id not in self.own and box in self._boxes()
        return False

    def _boxes(self) -> set[str]:
        """The boxes that the item is in, one in the other."""
        found, box = set[str](), self.state.container
        while box and box not in found:
            found.add(box)
            box = self.inside.get(box, "")
        return found

    # What is said beside the item

    def _describe(self, touch: Touch) -> None:
        state, line, act = self.state, touch.line, touch.act
        if touch.part == "around":
            return
        # What it is, its registration says; who hands it on may fill in what that left out.
        registers = act.kind == "register" and state.registered is None
        state.type = (
            line.get("type", state.type) if registers else state.type or line.get("type", "")
        )
        state.nsn = line.get("nsn", state.nsn) if registers else state.nsn or line.get("nsn", "")
        state.typed = state.typed or act.fields.get("entry_mode") in {"manual", "paper"}
        if "value" in line and act.kind not in _FORETOLD:
            self._value(line["value"], act)
        if "condition" in line and act.kind not in _FORETOLD:
            self._condition(line["condition"], act)

    def _value(self, worth: dict[str, str], act: Act) -> None:
        known = self.state.worths.get(worth["basis"])
        if known is not None and known[0] != worth:
            how = (
                f"{known[0]['amount']} {known[0]['currency']} and {worth['amount']} "
                f"{worth['currency']} ({worth['basis']})"
            )
            self._break("VALUE-NONE", act, known[1], how)
        self.state.worths[worth["basis"]] = worth, act
        self.state.worth = worth

    def _condition(self, now: str, act: Act) -> None:
        before = self.state.condition
        explained = act.kind == "inspect" and act.text("was") == before
        if before and now < before and not explained:
            issued = (
                act.kind in {"dispatch", "transfer"}
                and before in _UNSERVICEABLE
                and now not in _UNSERVICEABLE
            )
            how = (
                f"handed on as {now}, last known as {before}"
                if issued
                else f"from {before} to {now} with no inspection of the change"
            )
            self._break("COND-ILL", act, self.state.last, how)
        self.state.condition = now

    # What happens to the item

    def register(self, act: Act, touch: Touch) -> None:
        """Enters the programme."""
        del touch
        state = self.state
        if state.registered is not None:
            # The second registration is in doubt, the first has a history.
            self._break("DUP-SERIAL", act, state.registered, "registered twice")
            state.monitoring = (
                "enhanced" if act.text("monitoring") == "enhanced" else state.monitoring
            )
            return
        state.registered = act
        state.owner, state.monitoring = act.text("owner"), act.text("monitoring")
        if state.status == "unknown":
            self._give(act, act.text("holder"), "")

    def dispatch(self, act: Act, touch: Touch) -> None:
        """Sent."""
        state = self.state
        self._leave(act, touch, act.text("from"))
        if state.status in ENDED:
            return
        state.status, state.holder, state.bound_for = "in transit", act.text("from"), act.text("to")
        state.since, state.agreement, state.place = (
            act,
            _agreement(act, act.text("to"), self.own),
            act.text("place"),
        )

    def receive(self, act: Act, touch: Touch) -> None:
        """Arrived."""
        state, taker = self.state, act.text("to")
        self._back(act)
        if touch.part != "around":
            self._sight(act)
            self._out_of_container(act, touch)
        if state.status == "on hand" and state.holder not in {act.text("from"), taker}:
            self._not_held(act, act.text("from"))
        elif state.status == "in transit" and taker not in {state.bound_for, state.holder}:
            proven = state.since is not None and self.order.follows(act, state.since)
            how = f"{taker} was not to have it: the ledger has it {where(state)}"
            self._break("CUST-NONHOLDER" if proven else "CUST-SPLIT", act, state.since, how)
        self._give(act, taker, _agreement(act, taker, self.own))
        state.receipts.setdefault(taker, act)

    def transfer(self, act: Act, touch: Touch) -> None:
        """Handed over in person."""
        self._leave(act, touch, act.text("from"))
        if self.state.status not in ENDED:
            giver, taker = act.text("from"), act.text("to")
            self._give(
                act, taker, _agreement(act, giver if act.party == taker else taker, self.own)
            )

    def inventory(self, act: Act, touch: Touch) -> None:
        """Counted."""
        del touch
        state, holder = self.state, act.text("holder")
        self._back(act)
        if state.status in {"on hand", "in transit"} and (
            state.status == "in transit" or state.holder != holder
        ):
            self._break("INV-EXTRA", act, state.since, f"the ledger has it {where(state)}")
        elif state.status == "unknown":
            self._break("INV-EXTRA", act, None, "the ledger does not place it anywhere")
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
            self._break("PACK-BROKEN", act, None, "packed into itself")
            return
        if state.container and state.container != container:
            self._break(
                "PACK-BROKEN",
                act,
                state.last,
                f"packed into {container} while in {state.container}",
            )
        state.container, state.seal = container, act.text("seal")

    def unpack(self, act: Act, touch: Touch) -> None:
        """Out of a container."""
        state, container = self.state, touch.line.get("container", "")
        self._refuse_ended(act)
        if state.container and state.container != container:
            self._break(
                "PACK-BROKEN",
                act,
                state.last,
                f"unpacked from {container} while in {state.container}",
            )
        state.container = state.seal = ""

    def end(self, act: Act, touch: Touch) -> None:
        """Used up, lost, or destroyed."""
        state = self.state
        if act.kind == "loss" and state.status == "lost" and act.text("report") == "final":
            return
        self._leave(act, touch, act.text("holder"))
        if state.status in ENDED:
            return
        state.status, state.ended, state.since, state.agreement = _ENDS[act.kind], act, act, ""
        state.holder, state.place = (
            act.text("holder") or state.holder,
            act.text("place") or state.place,
        )
        state.bound_for = ""

    def found(self, act: Act, touch: Touch) -> None:
        """Turned up again. Word of it is no sighting."""
        del touch
        state = self.state
        if state.status in {"expended", "destroyed"}:
            self._break("TERM-AFTER", act, state.ended, f"found after it was {state.status}")
            return
        if state.status in {"lost", "unknown"}:
            state.ended = None
            self._give(act, state.holder or act.party, "")

    def note(self, act: Act, touch: Touch) -> None:
        """Spoken of, and no more."""

    # What several steps do

    def _give(self, act: Act, holder: str, agreement: Any) -> None:  # noqa: ANN401  (one of the words of Custody.agreement)
        state = self.state
        state.status, state.holder, state.bound_for = "on hand", holder, ""
        state.place, state.since, state.agreement = act.text("place"), act, agreement

    def _leave(self, act: Act, touch: Touch, giver: str) -> None:
        """Out of somebody's hands, who should have had it in them."""
        state = self.state
        self._refuse_ended(act)
        if touch.part != "around":
            self._out_of_container(act, touch)
        held = (
            state.holder == giver
            if state.status == "on hand"
            else giver == state.bound_for or (act.kind == "loss" and giver == state.holder)
        )
        if state.status in {"on hand", "in transit"} and not held:
            self._not_held(act, giver)

    def _not_held(self, act: Act, giver: str) -> None:
        """Given by one who, by the order, did not have it.

        As is proven, or else in two chains of which neither is after the other.
        """
        state, since = self.state, self.state.since
        proven = since is not None and self.order.follows(act, since)
        same = state.status == "in transit" and (giver, act.text("to")) == (
            state.holder,
            state.bound_for,
        )
        same = same or (
            state.status == "on hand" and act.kind in _GIVES and act.text("to") == state.holder
        )
        if not proven and same:
            return  # two chains say the same
        self._break(
            "CUST-NONHOLDER" if proven else "CUST-SPLIT",
            act,
            since,
            f"{giver} did not have it: the ledger has it {where(state)}",
        )

    def _refuse_ended(self, act: Act) -> None:
        if self.state.status in ENDED:
            self._break(
                "TERM-AFTER", act, self.state.ended, f"{act.kind} after it was {self.state.status}"
            )

    def _back(self, act: Act) -> None:
        """Seen again after its end: it is back, and nobody said that it was found."""
        state = self.state
        if state.status in ENDED:
            self._break("RESURRECT", act, state.ended, f"{act.kind} after it was {state.status}")
            if act.kind == "receive":
                state.status, state.ended = "unknown", None

    def _out_of_container(self, act: Act, touch: Touch) -> None:
        """Moved by itself: a sealed container that did not move with it was broken."""
        state = self.state
        if (
            touch.part == "around"
            or not state.container
            or self.around.get(act.id, set()) & self._boxes()
        ):
            return
        if state.seal:
            self._break(
                "PACK-BROKEN",
                act,
                state.last,
                f"moved out of {state.container}, which was sealed with {state.seal}",
            )
        state.container = state.seal = ""

    def _sight(self, act: Act) -> None:
        state = self.state
        if self.horizon is not None and act.when > self.horizon:
            return
        if act.physical:
            if act.kind == "inventory" and state.sighted is not None:
                self._compare(act, state.sighted)
            state.sighted = _later(state.sighted, act)
        if act.physical or act.kind != "receive":
            state.looked = _later(state.looked, act)

    def _compare(self, act: Act, before: Act) -> None:
        """Whether it was seen elsewhere within a day, with no handover between."""
        since, seen_at, holder = self.state.since, seen_by(before), act.text("holder")
        moved = since is not None and self.order.place(since) > self.order.place(before)
        if seen_at and seen_at != holder and not moved and abs(act.when - before.when) < DAY_MS:
            self._break(
                "DUP-SERIAL", act, before, f"seen at {seen_at} and at {holder} within a day"
            )

    def _break(self, code: str, act: Act, other: Act | None, how: str) -> None:
        self.state.breaks.append(Break(code, act, other, how))


def seen_by(act: Act) -> str:
    """The party at which a sighting places the item; an inspection names none."""
    return act.text("to") if act.kind == "receive" else act.text("holder")


def _later(one: Act | None, other: Act) -> Act:
    """The one of two sightings that happened later, of those at one time the other."""
    return other if one is None or other.when >= one.when else one


def where(state: Custody) -> str:
    """Where an item is, in words."""
    if state.status == "in transit":
        return f"in transit from {state.holder} to {state.bound_for}"
    return f"with {state.holder}" if state.status == "on hand" else state.status


def _agreement(act: Act, other: str, own: set[bytes]) -> Literal["agreed", "disputed", "unsigned"]:
    """What the other party signed: a receipt by itself, or its answer, the last one.

    `own`: the acts that name the item.
    """
    told: Literal["agreed", "disputed", "unsigned"] = (
        "agreed" if act.kind == "receive" and act.party == other else "unsigned"
    )
    for answer in Order(act.answers).acts:
        if answer.kind == "accept" and answer.party == other and answer.standing != "taken back":
            # One that disagrees names what it did get.
            told = "agreed" if answer.fields.get("agreed") or answer.id in own else "disputed"
    return told


_STEPS: Final[dict[str, Callable[[_Fold, Act, Touch], None]]] = {
    "register": _Fold.register,
    "advise": _Fold.note,
    "dispatch": _Fold.dispatch,
    "receive": _Fold.receive,
    "transfer": _Fold.transfer,
    "inventory": _Fold.inventory,
    "inspect": _Fold.inspect,
    "pack": _Fold.pack,
    "unpack": _Fold.unpack,
    "expend": _Fold.end,
    "loss": _Fold.end,
    "destroy": _Fold.end,
    "found": _Fold.found,
    "consent": _Fold.note,
    "accept": _Fold.note,
}
assert set(_STEPS) >= SIGHTINGS | HANDOVERS
