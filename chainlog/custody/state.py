"""What is known of an item after all that was said of it, and what of that does not fit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from chainlog.custody import breaks
from chainlog.custody.hidden import Unknown
from chainlog.events.facts import Ending

if TYPE_CHECKING:
    from chainlog.custody.act import Act
    from chainlog.events.phrase import Phrase

Status: TypeAlias = Literal["unknown", "on hand", "in transit"] | Ending
Agreement: TypeAlias = Literal["agreed", "disputed", "unsigned"]
ENDED: Final = frozenset(get_args(Ending))


@dataclass(slots=True)
class ItemState:
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
    agreement: Agreement | Literal[""] = ""
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
    breaks: list[breaks.Break] = field(default_factory=list)
    typed: bool = False
    # What of it is not known, and by which acts.
    unknown: Unknown = field(default_factory=Unknown, compare=False)

    def note(self, code: str, act: Act, other: Act | None, why: Phrase) -> None:
        """Note what does not fit, and what that hangs on."""
        self.breaks.append(breaks.Break(code, act, other, why, self.unknown.explains(code)))

    def arrival(self, in_country: frozenset[str]) -> Act | None:
        """Its first receipt in the country; where no party is listed, its first receipt."""
        return next(
            (act for party, act in self.receipts.items() if not in_country or party in in_country),
            None,
        )


def seen_by(act: Act) -> str:
    """The party at which a sighting places the item; an inspection names none."""
    return act.taker or act.holder


def later(one: Act | None, other: Act) -> Act:
    """The one of two sightings that happened later, of those at one time the other."""
    return other if one is None or other.when >= one.when else one


def where(state: ItemState) -> str:
    """Where an item is, in English."""
    return whereabouts(state).say()


def whereabouts(state: ItemState) -> Phrase:
    """Where an item is, in words."""
    if state.status == "in transit":
        return breaks.IN_TRANSIT(holder=state.holder, bound_for=state.bound_for)
    if state.status == "on hand":
        return breaks.WITH(holder=state.holder)
    return breaks.STATUS[state.status]()


def agreement(act: Act, other: str, own: set[bytes]) -> Agreement:
    """What the other party signed: a receipt by itself, or its answer, the last one.

    `own`: the acts that name the item.
    """
    told: Agreement = "agreed" if act.does.step == "receives" and act.party == other else "unsigned"
    answer = act.accepted_by.get(other)
    if answer is not None:
        # One that disagrees names what it did get.
        told = "agreed" if answer.fields.get("agreed") or answer.id in own else "disputed"
    return told
