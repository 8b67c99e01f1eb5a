"""All that was said of one thing, what was corrected too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from chainlog.custody.item import fold_item
from chainlog.custody.lot import fold_lot
from chainlog.custody.order import Order
from chainlog.errors import NoEntryError
from chainlog.events.plain_json import to_plain
from chainlog.events.things import is_item
from chainlog.format.keys import format_key_id
from chainlog.index.holding import item_holding, lot_holdings
from chainlog.index.questions.holdings import HeldThing
from chainlog.index.questions.reply import JsonRow, for_people

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chainlog.custody.act import Act, Touch
    from chainlog.custody.state import ItemState
    from chainlog.index.inquiry import Inquiry

_KEPT_APART: Final = frozenset(
    {"event_time", "place", "document", "note", "entry_mode", "on_behalf_of"}
)


@dataclass(frozen=True, slots=True)
class TracedAnswer(JsonRow):
    """An answer to a statement; `agreed`: None where it says nothing of that."""

    entry: bytes
    kind: str
    party: str
    agreed: bool | None


@dataclass(frozen=True, slots=True)
class TracedEntry(JsonRow):
    """One entry about the thing: what it says of it, who signed it, and what became of it.

    `recorded`: its clock; `happened`: when, as it says; both in ms. `standing`: as in
    `custody/act.py`.
    """

    entry: bytes
    chain: bytes
    index: int
    recorded: int
    happened: int
    kind: str
    signer: str
    party: str
    key: str
    place: str
    document: str
    fields: dict[str, str | bool]
    says: dict[str, Any]
    standing: str
    correction: bytes | None
    answers: tuple[TracedAnswer, ...]


@dataclass(frozen=True, slots=True)
class Trace(JsonRow):
    """The history of a thing, and where it is now. `state`: that of an item, folded."""

    item: str
    as_of: int
    now: tuple[HeldThing, ...]
    history: tuple[TracedEntry, ...]
    state: ItemState | None = for_people()  # noqa: RUF009  (a field, as `field` makes one)


def trace_of(inquiry: Inquiry, item: str) -> Trace:
    """The history of a thing: MAKER/PART/SERIAL, uii:…, a bare serial, lot:…, money:…, container:….

    Raises NoEntryError.
    """
    key = inquiry.items.thing(item)
    touches = inquiry.book().history(key)
    if not touches:
        raise NoEntryError("no entry of then names {item!r}", item=item)
    state = fold_item(key, touches, inquiry.instant) if is_item(key) else None
    now = [item_holding(state)] if state is not None else lot_holdings(fold_lot(key, touches))
    history = tuple(_history(inquiry, touches))
    return Trace(key, inquiry.instant, tuple(map(HeldThing.of, now)), history, state)


def _history(inquiry: Inquiry, touches: list[Touch]) -> Iterator[TracedEntry]:
    """The entries about a thing, in order.

    Those that say something of it, then what answers each.
    """
    book = inquiry.book()
    beside: dict[bytes, list[Touch]] = {}
    for touch in touches:
        beside.setdefault(touch.act.id, []).append(touch)
    acts = Order(touch.act for touch in touches).acts
    # One answer may be to several papers of one handover: it is told below the last of them.
    last = {answer.id: act.id for act in acts for answer in act.answers}
    for act in acts:
        if act.standing == "replaced":
            yield _statement(book.written(act), {"replaced": True}, [])
        yield _statement(act, _said(beside[act.id]), act.answers)
        for answer in act.answers:
            if answer.id not in beside and last[answer.id] == act.id:
                yield _statement(answer, {"answers": act.id.hex()}, [])


def _said(touches: list[Touch]) -> dict[str, Any]:
    """What an act says beside a thing's name."""
    first = touches[0]
    if first.part == "around":
        return {"moved_in": first.line["box"]}
    if first.part == "container":
        return {"container": True}
    told: dict[str, Any] = to_plain(first.line)
    return told


def _statement(act: Act, says: dict[str, Any], answers: Iterable[Act]) -> TracedEntry:
    return TracedEntry(
        act.id,
        act.chain,
        act.index,
        act.time,
        act.happened,
        act.kind,
        act.signer.name,
        act.party,
        format_key_id(act.signer.key),
        act.text("place"),
        act.text("document"),
        {
            name: value
            for name, value in act.fields.items()
            if name not in _KEPT_APART and isinstance(value, str | bool)
        },
        says,
        act.standing,
        act.correction.id if act.correction else None,
        tuple(
            TracedAnswer(one.id, one.kind, one.party, one.fields.get("agreed")) for one in answers
        ),
    )
