"""What a kind of event says of itself: the facts that everything else reads from its class.

A kind of custody is one class in `movements.py` or `statements.py`. Beside its fields it carries
`does`, what it does to custody, and `words`, what people read of it::

    class Transfer(Custody, frozen=True, kw_only=True, rename=FROM):
        kind: ClassVar = "transfer"
        does: ClassVar = Does("hands over", giver="from", taker="to")
        words: ClassVar = Words(
            place=2,
            verb="hand over in person",
            en=("transfer", "handed over in person"),
            uk=("передача", "передано з рук у руки"),
        )
        lines: Lines
        from_: Party
        to: Party

Verb, help, custody, index, CSV, schema and wording follow from it. `kinds.check_kind` refuses a
class whose facts do not fit each other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

# What a kind does to the things that it names. The folds of custody have a function for each
# (`custody/item.py`, `custody/lot.py`).
Step: TypeAlias = Literal[
    "registers",  # they enter the programme, in the hands of a holder
    "announces",  # they are to be sent
    "sends",  # they leave a giver, and are in transit
    "receives",  # they arrive with a taker
    "hands over",  # they pass from a giver to a taker
    "accepts",  # the other party signs what an entry, or a document, says
    "counts",  # they were seen with a holder
    "inspects",  # they were looked at, and their condition was noted
    "packs",  # they go into a container
    "unpacks",  # they come out of it
    "ends",  # a giver has them no more, and nobody else has
    "loses",  # the same, in an initial report and a final one
    "finds",  # they turned up again
    "consents",  # they may leave the programme
    "tells",  # they are spoken of, and no more
    "pays",  # money is promised, moved, or spent
    "corrects",  # an entry is taken back, or replaced
    "vouches",  # a second person stands for an entry
    "answers",  # a finding was seen
    "nothing",  # no thing is touched
]
Ending: TypeAlias = Literal["expended", "lost", "destroyed"]
# How `enter` asks for a field, where its type does not say enough.
Asked: TypeAlias = Literal[
    "never",  # programs alone give it
    "needed",  # asked among what is needed, though it may be empty
    "reference",  # an earlier entry by id or document; needed
    "text",  # as it is typed
]
Pair: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Does:
    """What a kind does to custody.

    `giver`, `taker`, `holder`: the fields that name who has the things before, who has them
    afterwards, and who has them all the while. `status`: how things end. `cites`: the fields that
    name other entries, with the kinds that those must be of; none named is any. `inspector`:
    whether an inspector may sign it.
    """

    step: Step
    giver: str = ""
    taker: str = ""
    holder: str = ""
    status: Ending | None = None
    cites: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    inspector: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """What people read of a kind.

    `place`: where it stands in `enter`'s list, most used first. `verb`: what its verb does, in the
    help. `en`, `uk`: its name and its phrase. `asked`: fields that `enter` asks in a way of their
    own. `fields`, `values`: a label and a choice in English and Ukrainian, for those that the
    catalogue does not have.
    """

    place: int
    verb: str
    en: Pair
    uk: Pair
    asked: Mapping[str, Asked] = field(default_factory=dict)
    fields: Mapping[str, Pair] = field(default_factory=dict)
    values: Mapping[str, Pair] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Needs:
    """What a step needs of a class: roles named in `does`, and fields; whether it ends things."""

    roles: tuple[Literal["giver", "taker", "holder"], ...] = ()
    fields: tuple[str, ...] = ()
    ends: bool = False


_NEEDS_OF_MOVE: Final = Needs(("giver", "taker"), ("lines",))
NEEDS: Final[dict[Step, Needs]] = {
    "registers": Needs(("holder",), ("lines", "owner", "monitoring")),
    "announces": Needs(("giver", "taker"), ("lines", "document")),
    "sends": _NEEDS_OF_MOVE,
    "receives": Needs(("giver", "taker"), ("lines", "dispatch")),
    "hands over": _NEEDS_OF_MOVE,
    "accepts": Needs((), ("entry", "document", "agreed")),
    "counts": Needs(("holder",), ("lines", "complete")),
    "inspects": Needs((), ("item", "was", "now")),
    "packs": Needs((), ("container", "items", "seal")),
    "unpacks": Needs((), ("container", "items")),
    "ends": Needs(("giver",), ("lines",), ends=True),
    "loses": Needs(("giver",), ("lines", "report", "initial", "cause"), ends=True),
    "finds": Needs((), ("lines",)),
    "consents": Needs(("giver", "taker"), ("lines", "until")),
    "tells": Needs((), ("lines",)),
    "pays": Needs(("giver", "taker"), ("step", "amount", "currency", "draws_on")),
    "corrects": Needs((), ("entry", "reason", "replacement")),
    "vouches": Needs((), ("entry",)),
    "answers": Needs((), ("finding", "entries", "reason")),
    "nothing": Needs(),
}
