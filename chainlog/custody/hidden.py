"""What of an entry of custody is not shown, and what could be otherwise by it.

An act of which a deciding field is withheld, or whose body is erased, is folded as *unknown from
here*: after it nobody knows where the things are that it names, or may name, until an entry that
shows all says so (docs/audit.md 'What is withheld').
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chainlog.events.kinds import CITES, CUSTODY

if TYPE_CHECKING:
    from chainlog.custody.act import Act
    from chainlog.custody.order import Order

# The fields in which a thing may be named, or that say what an entry is put in the place of.
NAMING: Final = frozenset({"lines", "items", "item", "container", "replacement"})
PARTIES: Final = frozenset(
    name for one in CUSTODY for name in (one.does.giver, one.does.taker, one.does.holder) if name
)
# What says where a thing is, and with whom.
WHERE: Final = NAMING | PARTIES | {"report", "on_behalf_of"}
# Steps after which things may be elsewhere, or otherwise; a correction may put any in its place.
MOVING: Final = frozenset(
    {
        *("registers", "sends", "receives", "hands over", "counts", "inspects"),
        *("packs", "unpacks", "ends", "loses", "finds", "corrects"),
    }
)
# What orders the acts in the history of a thing.
ORDERING: Final = CITES | {"event_time", "document"}
# What is more to what some findings say.
_MORE: Final = {
    **dict.fromkeys(
        ("INV-INIT", "INV-ANNUAL", "INV-DECLARED", "DUP-SERIAL"),
        frozenset({"entry_mode", "attachments", "event_time"}),
    ),
    "PACK-BROKEN": frozenset({"seal"}),
    "COND-ILL": frozenset({"now", "was"}),
}
# Findings that say where a thing is: an entry that shows where it is ends what was not known.
_PLACED: Final = frozenset({"CUST-NONHOLDER", "CUST-SPLIT", "INV-EXTRA", "TERM-AFTER", "RESURRECT"})


def unordered(order: Order) -> tuple[bytes, ...]:
    """The acts by whose hidden fields all may stand in another order."""
    hiding = [act.id for act in order.acts if act.hides(*ORDERING)]
    return () if not hiding or order.proven else tuple(hiding)


def _leaving_open(act: Act) -> tuple[str, ...]:
    """The fields of an act without which nobody knows where a thing is after it."""
    does = act.does
    giver = does.giver if does.step in {"sends", "ends", "loses"} else ""
    return giver, does.taker, does.holder, "report"


class Unknown:
    """What is not known of a thing at a place in its history, by the acts that hide it.

    `now`: since it was last said where it is; `ever`: all of them; `order`: those by which acts may
    stand in another order.
    """

    def __init__(self) -> None:
        self.now: dict[bytes, Act] = {}
        self.ever: dict[bytes, Act] = {}
        self.order: tuple[bytes, ...] = ()

    def take(self, act: Act) -> None:
        """Go on by an act that names the thing, or may."""
        if act.withheld and act.does.step in MOVING:
            self.ever[act.id] = act
            if act.hides(*WHERE):
                self.now[act.id] = act

    def placed(self, act: Act) -> None:
        """Where it is was said by an act."""
        ends = () if act.does.step == "receives" else ("ends", "loses", "corrects")
        self.now = {
            entry: one
            for entry, one in self.now.items()
            if (entry == act.id and act.hides(*_leaving_open(act))) or one.does.step in ends
        }

    def explains(self, code: str) -> tuple[bytes, ...]:
        """The acts by which a finding of a code, made here, could be none."""
        if code in _PLACED:
            found = self.now
        else:
            names = WHERE | _MORE.get(code, frozenset())
            found = {entry: one for entry, one in self.ever.items() if one.hides(*names)}
        return tuple(sorted({*found, *self.order}))
