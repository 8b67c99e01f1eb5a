"""`chainlog trace ITEM`: all that was said of one thing, what was corrected too.

Each statement comes with its signer, paper and entry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from chainlog.cli.inquire import Inquiry, day, inquire
from chainlog.cli.options import as_of_option, json_option
from chainlog.cli.output import emit, grid
from chainlog.custody.act import ANSWERS, Act, Touch
from chainlog.custody.item import fold_item
from chainlog.custody.lot import fold_lot
from chainlog.custody.order import Order
from chainlog.custody.state import where
from chainlog.errors import NoEntryError
from chainlog.events.plain_json import to_plain
from chainlog.events.things import is_item
from chainlog.events.wording import SHORT_ID, format_time, printable
from chainlog.format.keys import format_key_id
from chainlog.index.views import item_holding, lot_holdings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@click.command()
@click.argument("item")
@as_of_option
@json_option
@click.pass_context
def trace(ctx: click.Context, item: str, as_of: str | None, *, as_json: bool) -> None:
    """Tell the whole history of ITEM: MAKER/PART/SERIAL, uii:…, a bare serial, or lot:NSN/NUMBER.

    What was corrected stays in the history, marked. JSON: {item, as_of, now: as holdings --each,
    history: [{entry, chain, index, recorded, happened, kind, signer, party, place, document, says,
    standing, correction, answers}]}.
    """
    with inquire(ctx, as_of) as inquiry:
        key = (
            item
            if item.partition(":")[0] in {"lot", "money", "container"}
            else inquiry.items.item(item)
        )
        book = inquiry.items.book(inquiry.as_of)
        touches = book.history(key)
        if not touches:
            raise NoEntryError(f"no entry held here names {item!r}")
        told = list(_history(inquiry, touches))
        if as_json:
            emit(
                {
                    "item": key,
                    "as_of": inquiry.instant,
                    "now": _now_plain(key, touches, inquiry),
                    "history": told,
                }
            )
            return
        click.echo(printable(key))
        for sentence in _now_said(key, touches, inquiry):
            click.echo(f"  {printable(sentence)}")
        rows = [_row(one) for one in told]
        click.echo(grid(("when", "recorded", "what", "by", "place", "document", "entry"), rows))


def _history(inquiry: Inquiry, touches: list[Touch]) -> Iterator[dict[str, Any]]:
    """The entries about a thing, in order.

    Those that say something of it, then what answers each.
    """
    book = inquiry.items.book(inquiry.as_of)
    beside: dict[bytes, list[Touch]] = {}
    for touch in touches:
        beside.setdefault(touch.act.id, []).append(touch)
    acts = Order(touch.act for touch in touches).acts
    # One answer may be to several papers of one handover: it is told below the last of them.
    last = {answer.id: act.id for act in acts for answer in act.answers}
    for act in acts:
        if act.standing == "replaced":
            yield _plain(book.written(act), {"replaced": True}, [])
        yield _plain(act, _said(beside[act.id]), act.answers)
        for answer in act.answers:
            if answer.id not in beside and last[answer.id] == act.id:
                yield _plain(answer, {"answers": act.id.hex()}, [])


def _said(touches: list[Touch]) -> dict[str, Any]:
    """What an act says beside a thing's name."""
    first = touches[0]
    if first.part == "around":
        return {"moved_in": first.line["box"]}
    if first.part == "container":
        return {"container": True}
    told: dict[str, Any] = to_plain(first.line)
    return told


def _plain(act: Act, says: dict[str, Any], answers: Iterable[Act]) -> dict[str, Any]:
    shown = {
        name: value
        for name, value in act.fields.items()
        if name not in _ELSEWHERE and isinstance(value, str | bool)
    }
    return {
        "entry": act.id.hex(),
        "chain": act.chain.hex(),
        "index": act.index,
        "recorded": act.time,
        "happened": act.happened,
        "kind": act.kind,
        "signer": act.signer.name,
        "party": act.party,
        "key": format_key_id(act.signer.key),
        "place": act.text("place"),
        "document": act.text("document"),
        "fields": shown,
        "says": says,
        "standing": act.standing,
        "correction": act.correction.id.hex() if act.correction else None,
        "answers": [
            {
                "entry": one.id.hex(),
                "kind": one.kind,
                "party": one.party,
                "agreed": one.fields.get("agreed"),
            }
            for one in answers
        ],
    }


_ELSEWHERE: Final = frozenset(
    {"event_time", "place", "document", "note", "entry_mode", "on_behalf_of"}
)


def _row(told: dict[str, Any]) -> tuple[str, ...]:
    fields, says = told["fields"], told["says"]
    what = told["kind"]
    if "from" in fields:
        what += f" {fields['from']} → {fields.get('to', '')}"
    elif "holder" in fields:
        what += f" {fields['holder']}"
    if told["kind"] == "inspect":
        what += f" {fields.get('was', '?')} → {fields['now']}"
    if told["kind"] in ANSWERS and "agreed" in fields:
        what += " (agreed)" if fields["agreed"] else " (NOT AGREED)"
    details = [
        f"{name} {value}"
        for name, value in says.items()
        if name in {"quantity", "unit", "condition", "moved_in"}
    ]
    what += f", {' '.join(details)}" if details else ""
    if told["standing"] == "taken back":
        what = f"[taken back] {what}"
    elif says.get("replaced"):
        what = f"[as first written] {what}"
    elif told["standing"] == "replaced":
        what = f"[corrected] {what}"
    elif "answers" in says:
        what = f"└ {what}"
    by = f"{told['signer']}, {told['party']}" if told["party"] else told["signer"]
    late = day(told["recorded"]) if day(told["recorded"]) != day(told["happened"]) else ""
    when = format_time(told["happened"])[:16].replace("T", " ")
    return when, late, what, by, told["place"], told["document"], told["entry"][:SHORT_ID]


def _now_plain(key: str, touches: list[Touch], inquiry: Inquiry) -> list[dict[str, Any]]:
    from chainlog.cli.look.holdings import plain_holding  # noqa: PLC0415  (only for programs)

    if is_item(key):
        return [plain_holding(item_holding(fold_item(key, touches, inquiry.instant)))]
    return [plain_holding(one) for one in lot_holdings(fold_lot(key, touches))]


def _now_said(key: str, touches: list[Touch], inquiry: Inquiry) -> Iterator[str]:
    if not is_item(key):
        for one in lot_holdings(fold_lot(key, touches)):
            yield f"{one.quantity:,f} {one.unit} {one.status} {one.holder}"
        return
    state = fold_item(key, touches, inquiry.instant)
    about = [
        state.type,
        f"condition {state.condition}" if state.condition else "",
        f"in {state.container}" if state.container else "",
    ]
    yield f"now: {where(state)}{f', {state.agreement}' if state.agreement else ''}"
    yield ", ".join(part for part in about if part)
    if state.since is not None:
        yield (
            f"on the signature of {state.since.signer.name}, entry "
            f"{state.since.id.hex()[:SHORT_ID]}"
        )
    for broken in state.breaks:
        yield f"{broken.code}: {broken.how}"


COMMAND: Final[click.Command] = trace
