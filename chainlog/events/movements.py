"""The kinds of custody that tell what happens to things (docs/field.md 'Kinds of event').

A class is a kind: its docstring says what the event says, its annotations what it needs, `does` and
`words` its facts (`facts.py`). Fields that are optional have a default. The help and the schema
list the kinds in the order of the classes.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from msgspec import UNSET, UnsetType

from chainlog.events.facts import Does, Words
from chainlog.events.terms import (
    FROM,
    Code,
    Condition,
    Custody,
    Date,
    DateOrInstant,
    Id,
    Item,
    Items,
    Line,
    Lines,
    Party,
)


class Register(Custody, frozen=True, kw_only=True):
    """enters the programme"""

    kind: ClassVar[str] = "register"
    does: ClassVar[Does] = Does("registers", holder="holder")
    words: ClassVar[Words] = Words(
        place=9,
        verb="enter things into the programme",
        en=("register", "enters the programme"),
        uk=("реєстрація", "включено до програми"),
    )
    lines: Lines
    owner: Party
    holder: Party
    monitoring: Literal["enhanced", "routine"]


class Advise(Custody, frozen=True, kw_only=True, rename=FROM):
    """a shipment is coming, with its serials"""

    kind: ClassVar[str] = "advise"
    does: ClassVar[Does] = Does("announces", giver="from", taker="to")
    words: ClassVar[Words] = Words(
        place=10,
        verb="announce a shipment, with its serials",
        en=("advise", "a shipment is coming, with its serials"),
        uk=("сповіщення", "буде відправлення, із серійними номерами"),
    )
    lines: Lines
    from_: Party
    to: Party
    document: Code


class Dispatch(Custody, frozen=True, kw_only=True, rename=FROM):
    """sent; now in transit"""

    kind: ClassVar[str] = "dispatch"
    does: ClassVar[Does] = Does("sends", giver="from", taker="to")
    words: ClassVar[Words] = Words(
        place=3,
        verb="send; the things are then in transit",
        en=("dispatch", "sent; now in transit"),
        uk=("відправлення", "відправлено, у дорозі"),
    )
    lines: Lines
    from_: Party
    to: Party
    document: Code


class Receive(Custody, frozen=True, kw_only=True, rename=FROM):
    """what was observed on arrival: lines as counted, none where nothing arrived"""

    kind: ClassVar[str] = "receive"
    does: ClassVar[Does] = Does(
        "receives", giver="from", taker="to", cites={"dispatch": ("dispatch",)}
    )
    words: ClassVar[Words] = Words(
        place=1,
        verb="say what was observed on arrival",
        en=("receive", "what was observed on arrival"),
        uk=("отримання", "що фактично прибуло"),
        asked={"lines": "needed"},
    )
    lines: list[Line] = []
    from_: Party
    to: Party
    dispatch: Id | UnsetType = UNSET


class Transfer(Custody, frozen=True, kw_only=True, rename=FROM):
    """handed over in person"""

    kind: ClassVar[str] = "transfer"
    does: ClassVar[Does] = Does("hands over", giver="from", taker="to")
    words: ClassVar[Words] = Words(
        place=2,
        verb="hand over in person",
        en=("transfer", "handed over in person"),
        uk=("передача", "передано з рук у руки"),
    )
    lines: Lines
    from_: Party
    to: Party


class Accept(Custody, frozen=True, kw_only=True):
    """the other party signs what it was handed or sent; lines are its own figures"""

    kind: ClassVar[str] = "accept"
    does: ClassVar[Does] = Does("accepts", cites={"entry": ()})
    words: ClassVar[Words] = Words(
        place=4,
        verb="sign what was handed or sent to you",
        en=("accept", "you sign what you were handed or sent"),
        uk=("приймання", "ви підписуєте те, що вам передали чи надіслали"),
        asked={"entry": "never", "document": "reference"},
    )
    either: ClassVar[tuple[str, ...]] = ("entry", "document")
    entry: Id | UnsetType = UNSET
    agreed: bool
    lines: list[Line] = []

    def __post_init__(self) -> None:
        if self.entry is UNSET and self.document is UNSET:
            raise ValueError("an accept names what it accepts: by entry, or by document")


class Inventory(Custody, frozen=True, kw_only=True):
    """counted: lines are what was seen, none where nothing was"""

    kind: ClassVar[str] = "inventory"
    does: ClassVar[Does] = Does("counts", holder="holder", inspector=True)
    words: ClassVar[Words] = Words(
        place=5,
        verb="say what was counted",
        en=("inventory", "counted: what was seen"),
        uk=("інвентаризація", "пораховано: що бачили"),
        asked={"counter": "text", "lines": "needed"},
    )
    holder: Party
    counter: Party
    lines: list[Line] = []
    complete: bool


class Inspect(Custody, frozen=True, kw_only=True):
    """a condition was looked at or changed"""

    kind: ClassVar[str] = "inspect"
    does: ClassVar[Does] = Does("inspects", inspector=True)
    words: ClassVar[Words] = Words(
        place=8,
        verb="say what condition an item is in",
        en=("inspect", "a condition was looked at or changed"),
        uk=("огляд", "стан оглянуто або змінено"),
    )
    item: Item
    was: Condition | UnsetType = UNSET
    now: Condition


class Pack(Custody, frozen=True, kw_only=True):
    """into a container: an item itself, or a container's number"""

    kind: ClassVar[str] = "pack"
    does: ClassVar[Does] = Does("packs")
    words: ClassVar[Words] = Words(
        place=11,
        verb="put items into a container",
        en=("pack", "into a container"),
        uk=("пакування", "складено в контейнер"),
    )
    container: Item | Code
    items: Items
    seal: Code | UnsetType = UNSET


class Unpack(Custody, frozen=True, kw_only=True):
    """out of a container: an item itself, or a container's number"""

    kind: ClassVar[str] = "unpack"
    does: ClassVar[Does] = Does("unpacks")
    words: ClassVar[Words] = Words(
        place=12,
        verb="take items out of a container",
        en=("unpack", "out of a container"),
        uk=("розпакування", "вийнято з контейнера"),
    )
    container: Item | Code
    items: Items
    seal: Code | UnsetType = UNSET


class Expend(Custody, frozen=True, kw_only=True):
    """used up"""

    kind: ClassVar[str] = "expend"
    does: ClassVar[Does] = Does("ends", giver="holder", status="expended")
    words: ClassVar[Words] = Words(
        place=6,
        verb="say what was used up",
        en=("expend", "used up"),
        uk=("витрата", "використано"),
    )
    lines: Lines
    holder: Party
    since: DateOrInstant | UnsetType = UNSET
    until: DateOrInstant | UnsetType = UNSET
    order: Code | UnsetType = UNSET


class Loss(Custody, frozen=True, kw_only=True):
    """lost, destroyed in battle, stolen, captured"""

    kind: ClassVar[str] = "loss"
    does: ClassVar[Does] = Does(
        "loses", giver="holder", status="lost", cites={"initial": ("loss",)}
    )
    words: ClassVar[Words] = Words(
        place=7,
        verb="report what was lost, destroyed, stolen or captured",
        en=("loss", "lost, destroyed in battle, stolen, captured"),
        uk=("втрата", "загублено, знищено в бою, викрадено, захоплено"),
    )
    lines: Lines
    holder: Party
    cause: Literal["lost", "combat", "stolen", "captured"]
    lost_on: Date | UnsetType = UNSET
    discovered_on: Date | UnsetType = UNSET
    report: Literal["initial", "final"]
    initial: Id | UnsetType = UNSET


class Found(Custody, frozen=True, kw_only=True):
    """turned up again"""

    kind: ClassVar[str] = "found"
    does: ClassVar[Does] = Does("finds", cites={"loss": ("loss",)}, inspector=True)
    words: ClassVar[Words] = Words(
        place=13,
        verb="report what turned up again",
        en=("found", "turned up again"),
        uk=("знахідка", "знайшлося знову"),
    )
    lines: Lines
    loss: Id | UnsetType = UNSET


class Destroy(Custody, frozen=True, kw_only=True):
    """demilitarised or scrapped"""

    kind: ClassVar[str] = "destroy"
    does: ClassVar[Does] = Does("ends", giver="holder", status="destroyed")
    words: ClassVar[Words] = Words(
        place=14,
        verb="say what was demilitarised or scrapped",
        en=("destroy", "demilitarised or scrapped"),
        uk=("знищення", "демілітаризовано або утилізовано"),
        asked={"witnessed_by": "text"},
    )
    lines: Lines
    holder: Party
    means: Code
    witnessed_by: Party
